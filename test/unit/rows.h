/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Tables of cases: each row becomes a cmocka test of its own, named after the rule it checks, so that a
 * failure says which rule is broken. */

#include <ctype.h>
#include <string.h>

#include "test.h"

#include "base/cleanup.h"

/* "size '1K'": what the row is about, and its text with control characters made visible. */
static inline const char *row_name(const char *about, const char *text) {
        char *name = NULL;
        size_t size;
        FILE *f = open_memstream(&name, &size);

        assert_non_null(f);
        fprintf(f, "%s '", about);
        for (; *text; text++)
                fprintf(f, iscntrl((unsigned char) *text) ? "\\x%02x" : "%c", (unsigned char) *text);
        fprintf(f, "'");
        fclose(f);
        return name;
}

/* Appends the rows as cmocka tests. A row's first member is its name, or, when the rows are about one
 * thing only, the text that is tested. The names made of the latter are not freed: keep the tests in
 * static memory. */
static inline void rows_append(struct CMUnitTest *tests, size_t *n, CMUnitTestFunction test,
                               const void *rows, size_t n_rows, size_t row_size, const char *about) {
        for (size_t i = 0; i < n_rows; i++) {
                const char *row = (const char *) rows + i * row_size, *name = *(const char *const *) row;

                tests[(*n)++] = (struct CMUnitTest){
                        .name = about ? row_name(about, name) : name,
                        .test_func = test,
                        .initial_state = (void *) (uintptr_t) row,
                };
        }
}

#define ROWS_APPEND(tests, n, test, rows, about)                                                            \
        rows_append(tests, n, test, rows, ELEMENTSOF(rows), sizeof((rows)[0]), about)
