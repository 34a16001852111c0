/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What loading a .netdev and a .network file have in common, and the two loaders. Internal to config/. */

#include "condition.h"
#include "config.h"
#include "ini.h"
#include "keys.h"
#include "lookup.h"

/* One file of the search path with its drop-ins, read but not yet understood. */
typedef struct FileSet {
        char **paths;   /* of the files that were there, in order; in one piece */
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

/* Reads an assignment into object with the key's parser. Returns as the parser does: 1 and where it was
 * written, or no path when an empty value was a reset; 0 for a refused value; or -ENOMEM. */
int key_apply(const Key *key, const Assignment *a, void *object, Source *ret_source);
/* The same for a key of network_match_keys. */
int match_apply(const Key *key, const Assignment *a, Match *match);

/* What loading needs to know of the world. */
typedef struct LoadContext {
        const Host *host;
        const Settings *settings; /* NULL: the defaults */
} LoadContext;

/* Loads one file. Returns 1 and the object; 0 when the file is not for us (vanished, another kind of device,
 * or its conditions do not hold: then *ret_skipped says which, and is owned by the caller); -EBADMSG when it
 * is refused, with diagnostics; or another -errno. */
int device_config_load(const LookupFile *file, const LoadContext *context, Diagnostics *diag,
                       DeviceConfig **ret, char **ret_skipped);
int network_config_load(const LookupFile *file, const LoadContext *context, Diagnostics *diag,
                        NetworkConfig **ret, char **ret_skipped);

/* Whether the file counts on this machine: 1, 0 with the reason (newly allocated), or -ENOMEM. */
int file_conditions_hold(const Conditions *conditions, const Host *host, char **ret_skipped);

/* The keys of each part of a file; each ends with a NULL section. */
extern const Key device_keys[];        /* config-device.c */
extern const Key condition_keys[];     /* config-file.c: [Match] of both; the object is a Conditions */
extern const Key network_match_keys[]; /* config-match.c: [Match], without the conditions */
extern const Key network_link_keys[];  /* config-link.c: [Link], [Network], [Bridge] and [BridgeVLAN] */
extern const Key address_keys[];       /* config-address.c; of these the object is an ObjectDraft */
extern const Key route_keys[];         /* config-route.c */
extern const Key nexthop_keys[];       /* config-nexthop.c */
extern const Key rule_keys[];          /* config-rule.c */
extern const Key neighbor_keys[];      /* config-neighbor.c */
extern const Key settings_keys[];      /* settings.c: netdevd.conf; the object is a Settings */

/* All tables of a type of file, NULL-terminated: for whoever needs every key there is. */
const Key *const *config_key_tables(FileType type);
