/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looks keys up in a table, and speaks of those that are in none. */

#include "keys.h"

#include <string.h>

#include "config-file.h"

const Key *key_find(const Key *table, const char *section, const char *name) {
        for (const Key *k = table; k->section; k++)
                if (strcmp(k->name, name) == 0 && strcmp(k->section, section) == 0)
                        return k;
        return NULL;
}

static const char *type_name(FileType type) {
        return type == FILE_NETDEV ? ".netdev" : ".network";
}

/* Whether another message would be dropped anyway: then no nearest name need be found for it, which a file
 * of a million unknown keys would feel. */
static bool is_full(Diagnostics *diag) {
        if (diag->n < DIAGNOSTICS_MAX)
                return false;

        diag->dropped++;
        return true;
}

static void add_unknown(const Source *source, const char *what, const char *near, const char *where,
                        Diagnostics *diag) {
        _cleanup_(freep) char *hint = NULL;

        if (near && asprintf(&hint, "did you mean '%s'?", near) < 0)
                hint = NULL;
        (void) diag_add(diag, SEVERITY_WARNING, source,
                        hint ?: where ?: "it is ignored; remove it, or name it X-… to keep it", "unknown %s",
                        what);
}

void key_report_section(FileType type, const Source *source, LeftOut *left_out, Diagnostics *diag) {
        FileType other = type == FILE_NETDEV ? FILE_NETWORK : FILE_NETDEV;
        _cleanup_(strv_freep) char **known = NULL;
        _cleanup_(freep) char *what = NULL;

        if (strncmp(source->section, "X-", 2) == 0)
                return;

        if (networkd_has_section(type, source->section)) {
                left_out_add(left_out, source);
                return;
        }

        if (is_full(diag))
                return;

        if (networkd_has_section(other, source->section)) {
                (void) diag_add(diag, SEVERITY_WARNING, source, NULL,
                                "section [%s] belongs in a %s file, not in a %s file; it is ignored",
                                source->section, type_name(other), type_name(type));
                return;
        }

        if (asprintf(&what, "section [%s]", source->section) < 0 || networkd_sections(type, &known) < 0)
                return;
        add_unknown(source, what, suggest(source->section, known), NULL, diag);
}

/* The names of networkd's keys of a section and of ours. */
static int known_keys(FileType type, const char *section, char ***ret) {
        _cleanup_(strv_freep) char **known = NULL;
        int r;

        r = networkd_keys(type, section, &known);
        for (const Key *const *table = config_key_tables(type); *table && r >= 0; table++)
                for (const Key *k = *table; k->section && r >= 0; k++)
                        if (strcmp(k->section, section) == 0)
                                r = strv_append(&known, k->name);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(known);
        return 0;
}

/* "it belongs in section [Tun] or [Tap]", or NULL when no section of ours has the key. */
static char *sections_with(FileType type, const char *key) {
        const char *last = NULL;
        char *hint = NULL;

        for (const Key *const *table = config_key_tables(type); *table; table++)
                for (const Key *k = *table; k->section; k++) {
                        _cleanup_(freep) char *before = NULL;

                        if (strcmp(k->name, key) != 0 || (last && strcmp(last, k->section) == 0))
                                continue;
                        before = hint;
                        if (asprintf(&hint, "%s%s[%s]", before ?: "it belongs in section ",
                                     before ? " or " : "", k->section) < 0)
                                return NULL;
                        last = k->section;
                }
        return hint;
}

void key_report_key(FileType type, const Source *source, LeftOut *left_out, Diagnostics *diag) {
        _cleanup_(strv_freep) char **known = NULL;
        _cleanup_(freep) char *what = NULL, *where = NULL;

        if (strncmp(source->key, "X-", 2) == 0)
                return;

        if (networkd_has_key(type, source->section, source->key)) {
                left_out_add(left_out, source);
                return;
        }

        if (is_full(diag) || asprintf(&what, "key '%s'", source->key) < 0 ||
            known_keys(type, source->section, &known) < 0)
                return;
        where = sections_with(type, source->key);
        add_unknown(source, what, suggest(source->key, known), where, diag);
}
