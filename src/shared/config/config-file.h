/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What loading a .netdev and a .network file have in common, and the two loaders. Internal to config/. */

#include "config.h"
#include "ini.h"
#include "keys.h"
#include "lookup.h"

/* One file of the search path with its drop-ins, read but not yet understood. */
typedef struct FileSet {
        char **paths;   /* of the files that were there, in order */
        IniFile **inis; /* one a path */
        size_t n;
} FileSet;

/* Reads the main file and its drop-ins. Returns 1; 0 when the main file vanished; or -errno when any of them
 * is refused (with a diagnostic), and then none counts. */
int file_set_read(const LookupFile *file, Diagnostics *diag, FileSet *ret);
void file_set_done(FileSet *set);

/* Called for each assignment of a section that is not ignored, in order. Returns 0 or -ENOMEM. */
typedef int (*AssignmentHandler)(const Assignment *a, const IniSection *section, void *userdata);

/* Hands every assignment of the set to the handler. Source.path points into set->paths. */
int file_set_each(const FileSet *set, Diagnostics *diag, AssignmentHandler handler, void *userdata);

/* Called for each section header of the set; line and path in the source. */
void file_set_each_section(const FileSet *set, void (*handler)(const Source *section, void *userdata),
                           void *userdata);

/* Reads an assignment into object with the key's parser; remembers where it was written. */
int key_apply(const Key *key, const Assignment *a, void *object, Source *sources);

/* Loads one file. Returns 1 and the object; 0 when the file is not for us (vanished, another kind of
 * device); -EBADMSG when it is refused, with diagnostics; or another -errno. */
int device_config_load(const LookupFile *file, Diagnostics *diag, DeviceConfig **ret);
int network_config_load(const LookupFile *file, Diagnostics *diag, NetworkConfig **ret);
