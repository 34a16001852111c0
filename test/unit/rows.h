/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Tables of cases: each row becomes a cmocka test of its own, named after the rule it checks, so that a failure says
 * which rule is broken. */

#include "test.h"

#include "base/cleanup.h"

/* The table as cmocka tests; a row's first member is its name. */
static inline void rows_append(struct CMUnitTest *tests, size_t *n, CMUnitTestFunction test, const void *rows,
                               size_t n_rows, size_t row_size) {
        for (size_t i = 0; i < n_rows; i++) {
                const char *row = (const char *) rows + i * row_size;

                tests[(*n)++] = (struct CMUnitTest){
                        .name = *(const char *const *) row,
                        .test_func = test,
                        .initial_state = (void *) (uintptr_t) row,
                };
        }
}

#define ROWS_APPEND(tests, n, test, rows) rows_append(tests, n, test, rows, ELEMENTSOF(rows), sizeof((rows)[0]))
