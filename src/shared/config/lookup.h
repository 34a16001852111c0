/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which files count: the search path, precedence, masking, drop-ins and order of systemd's configuration
 * files (systemd.netdev(5), conf-files.c). Lists names and paths; opens no file. */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/diag.h"

typedef struct LookupFile {
        char *name; /* "10-x.netdev" */
        char *path; /* "/etc/netdevd/network/10-x.netdev"; NULL when it is one of its own drop-ins and counts
                       there */
        char **dropins; /* paths in the order they apply, or NULL; masked ones are left out */
} LookupFile;

typedef struct Lookup {
        LookupFile *files; /* sorted by name, byte-wise; masked ones are left out */
        size_t n_files;
} Lookup;

/* /etc/netdevd/network and its three siblings, highest first, NULL-terminated. Static. */
extern const char *const lookup_default_dirs[];

/* Lists the files ending in suffix (".netdev", ".network") in dirs (NULL-terminated, highest first), each
 * with its drop-ins (NAME.d of the same directories, "*.conf"). A missing directory is silent; one that
 * cannot be read gives an error diagnostic and -EACCES or another -errno, since an unreadable directory is
 * no wish to delete what it declares. Dangling symlinks get a warning and are skipped, still hiding lower
 * ones. Executable or world-writable files get a warning and are used. What cannot be looked at for another
 * reason stays in the list, a drop-in directory that cannot be listed as if it were a drop-in: reading it
 * will say why, and costs that file only. */
int lookup_files(const char *const *dirs, const char *suffix, Diagnostics *diag, Lookup **ret);

/* The same for one file of this name, which may be missing or masked (path NULL): its drop-ins count all the
 * same, as with the settings of systemd's daemons. A directory that cannot be listed costs its drop-ins.
 * Returns 0, and a list of one file, or -ENOMEM. */
int lookup_named(const char *const *dirs, const char *name, Diagnostics *diag, Lookup **ret);

Lookup *lookup_free(Lookup *l);
DEFINE_CLEANUP(Lookup *, lookup_free);
