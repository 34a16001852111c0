/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The table that says which key is read how, and what becomes of a key that is not in it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "base/diag.h"
#include "settings.h"

typedef struct Key Key;
typedef struct ObjectContext ObjectContext;

/* One assignment on its way into an object. */
typedef struct Assignment {
        Source source;
        const char *value;
        Diagnostics *diag;
        const Settings *settings; /* names of route tables; NULL: none */
        const Key *key;           /* the row of the table; NULL outside key_apply() */
        const Source *object;     /* the header of the section that a bad line costs; NULL: only the line */
        ObjectContext *context;   /* of the .network file; NULL in a .netdev file */
} Assignment;

/* Reads a.value into field, which is `offset` bytes into the object. A refused value adds a diagnostic and
 * returns 0, leaving the earlier value; 1 when the field was set or reset; -ENOMEM otherwise. */
typedef int (*KeyParser)(const Assignment *a, void *field, void *object);

/* A word that stands for a number. */
typedef struct KeyWord {
        const char *word;
        int64_t value;
} KeyWord;

typedef enum KeyFlags {
        KEY_EMPTY_RESETS = 1 << 0, /* else an empty value is a bad one */
        KEY_ZERO_UNSETS = 1 << 1,  /* 0 is as good as nothing (Optional) */
        KEY_BOOLEANS = 1 << 2,     /* any boolean will do for the words "yes" and "no" */
        KEY_LINE_ONLY = 1 << 3,    /* a bad value costs the line, also in a section that is an object */
} KeyFlags;

struct Key {
        const char *section;
        const char *name;
        KeyParser parse;
        size_t offset;
        int source; /* index of the object's sources[], -1: the field keeps its own */
        unsigned flags;
        uint64_t min, max;       /* of numbers and sizes; beside words, max 0: no numbers */
        const char *const *list; /* words that stand for 0, 1, 2…; there are n_list */
        size_t n_list;
        const KeyWord *words; /* words beside a number; ends with NULL */
};

/* The columns of a row whose words are an enum's table. */
#define KEY_LIST(table) .list = (table), .n_list = ELEMENTSOF(table)

/* The key of this name in a table that ends with a NULL section, or NULL. */
const Key *key_find(const Key *table, const char *section, const char *name);

/* Which files a section belongs to. */
typedef enum FileType {
        FILE_NETDEV,
        FILE_NETWORK,
} FileType;

/* What systemd-networkd knows and netdevd leaves out, of one file and its drop-ins: said once. left-out.c */
typedef struct LeftOutItem {
        const char *section, *key; /* key NULL: the whole section */
        const char *reason;
        Source sources[4];
        size_t n; /* of times, also those that sources has no room for */
} LeftOutItem;

#define LEFT_OUT_MAX 48

typedef struct LeftOut {
        LeftOutItem items[LEFT_OUT_MAX];
        size_t n;
        size_t more; /* beyond LEFT_OUT_MAX */
} LeftOut;

/* Remembers a section (source->key NULL) or a key. The strings of source must live until left_out_report().
 */
void left_out_add(LeftOut *l, const Source *source);
/* Adds one notice for all of them, or nothing. Sorts them. */
void left_out_report(LeftOut *l, Diagnostics *diag);

/* Speaks of a section or key that no table has: known to systemd-networkd but not implemented here (into
 * left_out), or unknown (warning, with "did you mean" when one is near). Names starting with "X-" are
 * silent. */
void key_report_section(FileType type, const Source *section, LeftOut *left_out, Diagnostics *diag);
void key_report_key(FileType type, const Source *source, LeftOut *left_out, Diagnostics *diag);

/* Whether systemd-networkd knows the section, or the key in it. */
int networkd_has_section(FileType type, const char *section);
int networkd_has_key(FileType type, const char *section, const char *key);
/* All of them, as owned lists (strv_free). Return 0 or -ENOMEM. */
int networkd_sections(FileType type, char ***ret);
int networkd_keys(FileType type, const char *section, char ***ret);

/* The candidate nearest to word by edit distance, at most 3 edits and a third of its length away; NULL when
 * none is. Case counts as no distance. candidates ends with NULL. */
const char *suggest(const char *word, char *const *candidates);

/* Ready-made parsers (key-parse.c). The field of those named optional_ is an Optional, of the others what
 * the name says. Numbers, sizes and times must be within key->min and key->max. */
int key_parse_bool(const Assignment *a, void *field, void *object);
int key_parse_string(const Assignment *a, void *field, void *object);
int key_parse_safe_string(const Assignment *a, void *field, void *object);
int key_parse_ifname(const Assignment *a, void *field, void *object);
/* The same into char[16]. */
int key_parse_ifname_field(const Assignment *a, void *field, void *object);
int key_parse_mtu(const Assignment *a, void *field, void *object);
int key_parse_hwaddr(const Assignment *a, void *field, void *object);
int key_parse_u8(const Assignment *a, void *field, void *object);
int key_parse_u32(const Assignment *a, void *field, void *object);
int key_parse_u64_size(const Assignment *a, void *field, void *object);
int key_parse_u32_size(const Assignment *a, void *field, void *object);
int key_parse_optional_bool(const Assignment *a, void *field, void *object);
int key_parse_optional_number(const Assignment *a, void *field, void *object);
int key_parse_optional_size(const Assignment *a, void *field, void *object);
/* One of the words, or a number up to key->max when that is not 0. */
int key_parse_u8_word(const Assignment *a, void *field, void *object);
int key_parse_optional_word(const Assignment *a, void *field, void *object);

/* What the parsers are made of. Refuses a value: "TEXT; the line is ignored", or the section when that is
 * what it costs. Returns 0 always. */
int key_refuse(const Assignment *a, const char *hint, const char *format, ...) _printf_(3, 4);
/* The number of a word: of key->list, then of key->words. Returns 0 or -EINVAL. */
int key_word(const Key *key, const char *value, int64_t *ret);
/* As key_refuse(), for a value that is none of the words (of key->list, and of key->words). */
int key_refuse_word(const Assignment *a);
/* A number from min to max. Returns 1, or 0 when it is refused. */
int key_number(const Assignment *a, uint64_t min, uint64_t max, uint64_t *ret);
/* Warns when a number has a leading 0 that makes it octal. */
void key_warn_octal(const Assignment *a, const char *number, uint64_t value);
/* Table=: a routing table by its name or number. Returns 1, or 0 when it is refused. */
int key_parse_table(const Assignment *a, uint32_t *ret);
