/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One recipe for enum <-> word: a `static const char *const name_table[_TYPE_MAX]` and this macro. A failed
 * look-up is already an errno (-EINVAL, the enum's _INVALID). */

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define DEFINE_STRING_TABLE(name, type)                                                                     \
        const char *name##_to_string(type v) {                                                              \
                if ((int) v < 0 || (size_t) v >= sizeof(name##_table) / sizeof(name##_table[0]))            \
                        return NULL;                                                                        \
                return name##_table[v];                                                                     \
        }                                                                                                   \
        type name##_from_string(const char *s) {                                                            \
                for (size_t i = 0; s && i < sizeof(name##_table) / sizeof(name##_table[0]); i++)            \
                        if (name##_table[i] && strcmp(name##_table[i], s) == 0)                             \
                                return (type) i;                                                            \
                return (type) -EINVAL;                                                                      \
        }                                                                                                   \
        struct __string_table_##name##_swallows_semicolon

#define DECLARE_STRING_TABLE(name, type)                                                                    \
        const char *name##_to_string(type v);                                                               \
        type name##_from_string(const char *s)
