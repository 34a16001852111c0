/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The table that says which key is read how, and what becomes of a key that is not in it. */

#include <stddef.h>

#include "base/array.h"
#include "base/diag.h"

/* One assignment on its way into an object. */
typedef struct Assignment {
        Source source;
        const char *value;
        Diagnostics *diag;
} Assignment;

/* Reads a.value into field, which is `offset` bytes into the object. A refused value adds a diagnostic and
 * returns 0, leaving the earlier value; 1 when the field was set or reset; -ENOMEM otherwise. */
typedef int (*KeyParser)(const Assignment *a, void *field, void *object);

typedef struct Key {
        const char *section;
        const char *name;
        KeyParser parse;
        size_t offset;
        int source; /* index of the object's sources[], -1: the field keeps its own */
} Key;

/* The key of this name in a table that ends with a NULL section, or NULL. */
const Key *key_find(const Key *table, const char *section, const char *name);

/* Which files a section belongs to. */
typedef enum FileType {
        FILE_NETDEV,
        FILE_NETWORK,
} FileType;

/* Adds the diagnostic for a section or key that no table has: known to systemd-networkd but not implemented
 * here (notice), or unknown (warning, with "did you mean" when one is near). Names starting with "X-" are
 * silent. */
void key_report_section(FileType type, const Source *section, Diagnostics *diag);
void key_report_key(FileType type, const Key *table, const Source *source, Diagnostics *diag);

/* Whether systemd-networkd knows the section, or the key in it. */
int networkd_has_section(FileType type, const char *section);
int networkd_has_key(FileType type, const char *section, const char *key);
/* All of them, as owned lists (strv_free). Return 0 or -ENOMEM. */
int networkd_sections(FileType type, char ***ret);
int networkd_keys(FileType type, const char *section, char ***ret);

/* The candidate nearest to word by edit distance, at most 3 edits and a third of its length away; NULL when
 * none is. Case counts as no distance. candidates ends with NULL. */
const char *suggest(const char *word, char *const *candidates);

/* Ready-made parsers. */
int key_parse_bool(const Assignment *a, void *field, void *object);
int key_parse_string(const Assignment *a, void *field, void *object);
int key_parse_safe_string(const Assignment *a, void *field, void *object);
int key_parse_ifname(const Assignment *a, void *field, void *object);
int key_parse_mtu(const Assignment *a, void *field, void *object);
int key_parse_hwaddr(const Assignment *a, void *field, void *object);
