/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The common kinds of values on their way into a field: what is refused, and in which words. The grammar
 * itself is in values.c. */

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"
#include "config.h"
#include "keys.h"
#include "settings.h"
#include "values.h"

/* Bytes of a value that a message repeats; it may be a mebibyte long, and what it costs stands behind. */
#define REFUSAL_MAX 600

int key_refuse(const Assignment *a, const char *hint, const char *format, ...) {
        _cleanup_(freep) char *text = NULL;
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&text, format, ap);
        va_end(ap);
        if (n < 0) {
                text = NULL;
                a->diag->dropped++;
                return 0;
        }
        if (n > REFUSAL_MAX)
                memcpy(text + utf8_prefix(text, REFUSAL_MAX - sizeof("…")), "…", sizeof("…"));

        if (a->object)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source, hint,
                                "%s; the whole section [%s] of line %u is ignored", text, a->object->section,
                                a->object->line);
        return diag_add(a->diag, SEVERITY_WARNING, &a->source, hint, "%s; the line is ignored", text);
}

static bool may_reset(const Assignment *a) {
        return !*a->value && a->key && (a->key->flags & KEY_EMPTY_RESETS);
}

static int refuse_boolean(const Assignment *a) {
        return key_refuse(a, "use yes or no", "%s= is '%s', which is no boolean", a->source.key, a->value);
}

int key_parse_bool(const Assignment *a, void *field, void *object _unused_) {
        return parse_boolean(a->value, field) < 0 ? refuse_boolean(a) : 1;
}

int key_parse_optional_bool(const Assignment *a, void *field, void *object _unused_) {
        Optional *o = field;
        bool v;

        if (may_reset(a))
                *o = (Optional){};
        else if (parse_boolean(a->value, &v) < 0)
                return refuse_boolean(a);
        else
                *o = (Optional){ true, v };
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
                return key_refuse(a, "write a plain name or number",
                                  "%s= has quotes, backslashes or control characters", a->source.key);
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
        if (strcmp(s, "all") == 0 || strcmp(s, "default") == 0)
                return "is what the kernel calls the settings of all or of new devices";
        return "is no valid interface name";
}

static int refuse_ifname(const Assignment *a) {
        return key_refuse(
                        a,
                        "use 1 to 15 printable characters without '/', ':', '%' and blanks, not only digits",
                        "%s= '%s' (%zu bytes) %s", a->source.key, a->value, strlen(a->value),
                        ifname_fault(a->value));
}

int key_parse_ifname(const Assignment *a, void *field, void *object _unused_) {
        if (*a->value && !ifname_valid(a->value))
                return refuse_ifname(a);
        return replace_string(field, a->value);
}

int key_parse_ifname_field(const Assignment *a, void *field, void *object _unused_) {
        if (!ifname_valid(a->value))
                return refuse_ifname(a);
        (void) strcpy(field, a->value);
        return 1;
}

int key_parse_mtu(const Assignment *a, void *field, void *object _unused_) {
        uint64_t v;

        if (parse_size(a->value, &v) < 0 || v > UINT32_MAX)
                return key_refuse(a, "write bytes, for example 1420, or with suffix K (1024)",
                                  "%s= '%s' is no size", a->source.key, a->value);
        *(uint64_t *) field = v;
        return 1;
}

int key_parse_hwaddr(const Assignment *a, void *field, void *object _unused_) {
        HwAddr v = {};

        if (*a->value && parse_hwaddr(a->value, &v) < 0)
                return key_refuse(a, "write six bytes like 02:00:5e:10:00:01",
                                  "%s= '%s' is no hardware address", a->source.key, a->value);
        *(HwAddr *) field = v;
        return 1;
}

void key_warn_octal(const Assignment *a, const char *number, uint64_t value) {
        if (number_is_octal_surprise(number))
                (void) diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                "write the number without a leading 0",
                                "%s= '%.100s' is octal, as in systemd: %llu is used", a->source.key,
                                a->value, (unsigned long long) value);
}

int key_number(const Assignment *a, uint64_t min, uint64_t max, uint64_t *ret) {
        uint64_t v;

        if (parse_u64(a->value, &v) < 0 || v < min || v > max)
                return key_refuse(a, "write a number in this range",
                                  "%s= '%s' is no number from %llu to %llu", a->source.key, a->value,
                                  (unsigned long long) min, (unsigned long long) max);

        key_warn_octal(a, a->value, v);
        *ret = v;
        return 1;
}

static int read_size(const Assignment *a, uint64_t *ret) {
        uint64_t v;

        if (parse_size(a->value, &v) < 0 || v < a->key->min || v > a->key->max)
                return key_refuse(a, "write bytes, for example 1420, or with suffix K (1024)",
                                  "%s= '%s' is no size of %llu to %llu bytes", a->source.key, a->value,
                                  (unsigned long long) a->key->min, (unsigned long long) a->key->max);
        *ret = v;
        return 1;
}

int key_parse_u8(const Assignment *a, void *field, void *object _unused_) {
        uint64_t v = 0;

        if (!may_reset(a) && key_number(a, a->key->min, a->key->max, &v) == 0)
                return 0;
        *(uint8_t *) field = (uint8_t) v;
        return 1;
}

int key_parse_u32(const Assignment *a, void *field, void *object _unused_) {
        uint64_t v = 0;

        if (!may_reset(a) && key_number(a, a->key->min, a->key->max, &v) == 0)
                return 0;
        *(uint32_t *) field = (uint32_t) v;
        return 1;
}

int key_parse_u64_size(const Assignment *a, void *field, void *object _unused_) {
        uint64_t v = 0;

        if (!may_reset(a) && read_size(a, &v) == 0)
                return 0;
        *(uint64_t *) field = v;
        return 1;
}

int key_parse_u32_size(const Assignment *a, void *field, void *object _unused_) {
        uint64_t v = 0;

        if (!may_reset(a) && read_size(a, &v) == 0)
                return 0;
        *(uint32_t *) field = (uint32_t) v;
        return 1;
}

static int set_optional(const Assignment *a, Optional *o, uint64_t v) {
        if (v == 0 && (a->key->flags & KEY_ZERO_UNSETS))
                *o = (Optional){};
        else
                *o = (Optional){ true, (int64_t) v };
        return 1;
}

int key_parse_optional_number(const Assignment *a, void *field, void *object _unused_) {
        uint64_t v = 0;

        if (may_reset(a)) {
                *(Optional *) field = (Optional){};
                return 1;
        }
        return key_number(a, a->key->min, a->key->max, &v) == 0 ? 0 : set_optional(a, field, v);
}

int key_parse_optional_size(const Assignment *a, void *field, void *object _unused_) {
        uint64_t v = 0;

        if (may_reset(a)) {
                *(Optional *) field = (Optional){};
                return 1;
        }
        return read_size(a, &v) == 0 ? 0 : set_optional(a, field, v);
}

int key_word(const Key *key, const char *value, int64_t *ret) {
        bool b;

        for (size_t i = 0; i < key->n_list; i++)
                if (strcmp(key->list[i], value) == 0) {
                        *ret = (int64_t) i;
                        return 0;
                }

        for (const KeyWord *w = key->words; w && w->word; w++)
                if (strcmp(w->word, value) == 0) {
                        *ret = w->value;
                        return 0;
                }

        /* Any way to say yes or no; the canonical one was looked for already. */
        if ((key->flags & KEY_BOOLEANS) && parse_boolean(value, &b) >= 0 &&
            strcmp(value, b ? "yes" : "no") != 0)
                return key_word(key, b ? "yes" : "no", ret);
        return -EINVAL;
}

static void write_word(FILE *f, const char *word, size_t i, size_t n) {
        fprintf(f, "%s%s", i == 0 ? "use " : i + 1 == n ? " or " : ", ", word);
}

int key_refuse_word(const Assignment *a) {
        _cleanup_(freep) char *hint = NULL;
        size_t size, n = a->key->n_list, i = 0;
        FILE *f = open_memstream(&hint, &size);

        if (!f)
                return 0;

        for (const KeyWord *w = a->key->words; w && w->word; w++)
                n++;
        for (; i < a->key->n_list; i++)
                write_word(f, a->key->list[i], i, n);
        for (const KeyWord *w = a->key->words; w && w->word; w++)
                write_word(f, w->word, i++, n);
        if (a->key->max > 0)
                fprintf(f, ", or a number up to %llu", (unsigned long long) a->key->max);
        if (fclose(f) != 0)
                return 0;

        return key_refuse(a, hint, "%s= '%s' is not known", a->source.key, a->value);
}

static int read_word(const Assignment *a, int64_t *ret) {
        uint64_t v;

        if (key_word(a->key, a->value, ret) >= 0)
                return 1;
        if (a->key->max == 0 || parse_u64(a->value, &v) < 0 || v < a->key->min || v > a->key->max)
                return key_refuse_word(a);

        key_warn_octal(a, a->value, v);
        *ret = (int64_t) v;
        return 1;
}

int key_parse_u8_word(const Assignment *a, void *field, void *object _unused_) {
        int64_t v = 0;

        if (!may_reset(a) && read_word(a, &v) == 0)
                return 0;
        *(uint8_t *) field = (uint8_t) v;
        return 1;
}

int key_parse_optional_word(const Assignment *a, void *field, void *object _unused_) {
        int64_t v;

        if (may_reset(a)) {
                *(Optional *) field = (Optional){};
                return 1;
        }
        if (read_word(a, &v) == 0)
                return 0;

        *(Optional *) field = (Optional){ true, v };
        return 1;
}

int key_parse_table(const Assignment *a, uint32_t *ret) {
        uint32_t table;

        if (settings_table(a->settings, a->value, &table) < 0)
                return key_refuse(a,
                                  "use main, default, local, a name of RouteTable= in netdevd.conf, or a "
                                  "number from 1 to 4294967295",
                                  "Table= '%s' is no routing table", a->value);

        key_warn_octal(a, a->value, table);
        *ret = table;
        return 1;
}
