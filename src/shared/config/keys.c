/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looks keys up in a table, speaks of those that are in none, and reads the common kinds of values. */

#include "keys.h"

#include <string.h>

#include "values.h"

const Key *key_find(const Key *table, const char *section, const char *name) {
        for (const Key *k = table; k->section; k++)
                if (strcmp(k->section, section) == 0 && strcmp(k->name, name) == 0)
                        return k;
        return NULL;
}

static const char *type_name(FileType type) {
        return type == FILE_NETDEV ? ".netdev" : ".network";
}

static void add_unknown(const Source *source, const char *what, const char *near, Diagnostics *diag) {
        _cleanup_(freep) char *hint = NULL;

        if (near && asprintf(&hint, "did you mean '%s'?", near) < 0)
                hint = NULL;
        (void) diag_add(diag, SEVERITY_WARNING, source,
                        hint ?: "it is ignored; remove it, or name it X-… to keep it", "unknown %s", what);
}

void key_report_section(FileType type, const Source *source, Diagnostics *diag) {
        FileType other = type == FILE_NETDEV ? FILE_NETWORK : FILE_NETDEV;
        _cleanup_(strv_freep) char **known = NULL;
        _cleanup_(freep) char *what = NULL;

        if (strncmp(source->section, "X-", 2) == 0)
                return;

        if (networkd_has_section(type, source->section)) {
                (void) diag_add(diag, SEVERITY_NOTICE, source,
                                "systemd-networkd knows it; netdevd leaves it out",
                                "section [%s] is not implemented", source->section);
                return;
        }

        if (networkd_has_section(other, source->section)) {
                (void) diag_add(diag, SEVERITY_WARNING, source, NULL,
                                "section [%s] belongs in a %s file, not in a %s file; it is ignored",
                                source->section, type_name(other), type_name(type));
                return;
        }

        if (asprintf(&what, "section [%s]", source->section) < 0 || networkd_sections(type, &known) < 0)
                return;
        add_unknown(source, what, suggest(source->section, known), diag);
}

void key_report_key(FileType type, const Key *table, const Source *source, Diagnostics *diag) {
        _cleanup_(strv_freep) char **known = NULL;
        _cleanup_(freep) char *what = NULL;

        if (strncmp(source->key, "X-", 2) == 0)
                return;

        if (networkd_has_key(type, source->section, source->key)) {
                (void) diag_add(diag, SEVERITY_NOTICE, source,
                                "systemd-networkd knows it; netdevd leaves it out",
                                "key '%s' of section [%s] is not implemented", source->key, source->section);
                return;
        }

        if (asprintf(&what, "key '%s'", source->key) < 0 || networkd_keys(type, source->section, &known) < 0)
                return;
        for (const Key *k = table; k->section; k++)
                if (strcmp(k->section, source->section) == 0 && strv_append(&known, k->name) < 0)
                        return;
        add_unknown(source, what, suggest(source->key, known), diag);
}

int key_parse_bool(const Assignment *a, void *field, void *object _unused_) {
        if (parse_boolean(a->value, field) < 0)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source, "use yes or no",
                                "%s= is '%s', which is no boolean; the line is ignored", a->source.key,
                                a->value);
        return 1;
}

static int replace_string(char **field, const char *value) {
        char *s = NULL;

        if (*value) {
                s = strdup(value);
                if (!s)
                        return -ENOMEM;
        }

        free(*field);
        *field = s;
        return 1;
}

int key_parse_string(const Assignment *a, void *field, void *object _unused_) {
        return replace_string(field, a->value);
}

int key_parse_safe_string(const Assignment *a, void *field, void *object _unused_) {
        if (!string_is_safe(a->value))
                return diag_add(a->diag, SEVERITY_WARNING, &a->source, "write a plain name or number",
                                "%s= has quotes, backslashes or control characters; the line is ignored",
                                a->source.key);
        return replace_string(field, a->value);
}

/* Says what is wrong with a name rather than that it is. */
static const char *ifname_fault(const char *s) {
        if (strlen(s) > 15)
                return "is longer than 15 bytes";
        if (strpbrk(s, "/"))
                return "contains '/'";
        if (strpbrk(s, " \t"))
                return "contains blanks";
        if (strpbrk(s, ":%"))
                return "contains ':' or '%'";
        return "is no valid interface name";
}

int key_parse_ifname(const Assignment *a, void *field, void *object _unused_) {
        if (*a->value && !ifname_valid(a->value))
                return diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                "use 1 to 15 printable characters without '/', ':', '%' and blanks, not "
                                "only digits",
                                "%s= '%s' (%zu bytes) %s; the line is ignored", a->source.key, a->value,
                                strlen(a->value), ifname_fault(a->value));
        return replace_string(field, a->value);
}

int key_parse_mtu(const Assignment *a, void *field, void *object _unused_) {
        uint64_t v;

        if (parse_size(a->value, &v) < 0 || v > UINT32_MAX)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                "write bytes, for example 1420, or with suffix K (1024)",
                                "%s= '%s' is no size; the line is ignored", a->source.key, a->value);
        *(uint64_t *) field = v;
        return 1;
}

int key_parse_hwaddr(const Assignment *a, void *field, void *object _unused_) {
        HwAddr v = {};

        if (*a->value && parse_hwaddr(a->value, &v) < 0)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                "write six bytes like 02:00:5e:10:00:01",
                                "%s= '%s' is no hardware address; the line is ignored", a->source.key,
                                a->value);
        *(HwAddr *) field = v;
        return 1;
}
