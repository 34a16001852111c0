/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Growing arrays and NULL-terminated string lists. */

#include <stdbool.h>
#include <stddef.h>

#include "cleanup.h"

/* Makes room for one more element of the array at *items, which holds n; the room doubles, so that appending
 * n elements costs O(n). Returns 0 or -ENOMEM, and then *items is as it was. */
int array_reserve_one(void *items, size_t n, size_t element_size);

#define ARRAY_RESERVE_ONE(items, n) array_reserve_one(&(items), (n), sizeof((items)[0]))

/* The position of the first of n items of `size` bytes each, in order, that does not come before the key, or
 * n. compare says, as for qsort(3), how an item stands to the key, which need not be an item. */
static inline size_t array_lower_bound(const void *items, size_t n, size_t size, const void *key,
                                       int (*compare)(const void *item, const void *key)) {
        size_t low = 0, high = n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (compare((const char *) items + middle * size, key) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

#define ARRAY_LOWER_BOUND(items, n, key, compare)                                                           \
        array_lower_bound((items), (n), sizeof((items)[0]), (key), (compare))

/* String lists: NULL or an array of owned strings ending with NULL. */
char **strv_free(char **list);
DEFINE_CLEANUP(char **, strv_free);
size_t strv_length(char *const *list);
bool strv_equal(char *const *a, char *const *b);

/* Appends a copy of s (strv_append) or s itself (strv_consume, freed on failure). Returns 0 or -ENOMEM. */
int strv_append(char ***list, const char *s);
int strv_consume(char ***list, char *s);

/* A copy in one piece, to be freed with free(): less than half of the memory where there are many short
 * lists. NULL when out of memory. */
char **strv_pack(char *const *list);
