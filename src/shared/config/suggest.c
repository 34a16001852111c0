/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "Did you mean": the nearest name by edit distance (insert, delete, replace, swap of neighbours), ignoring
 * case. */

#include "keys.h"

#include <ctype.h>
#include <string.h>

#define WORD_MAX 64

static unsigned min3(unsigned a, unsigned b, unsigned c) {
        unsigned m = a < b ? a : b;

        return m < c ? m : c;
}

/* Optimal string alignment distance; three rows of the usual table. Both words are shorter than WORD_MAX. */
static unsigned distance(const char *a, const char *b) {
        unsigned rows[3][WORD_MAX], *before = rows[0], *previous = rows[1], *current = rows[2];
        size_t la = strlen(a), lb = strlen(b);

        for (size_t j = 0; j <= lb; j++)
                previous[j] = before[j] = (unsigned) j;

        for (size_t i = 1; i <= la; i++) {
                unsigned *spare = before;

                current[0] = (unsigned) i;
                for (size_t j = 1; j <= lb; j++) {
                        int x = tolower((unsigned char) a[i - 1]), y = tolower((unsigned char) b[j - 1]);

                        current[j] = min3(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y));
                        if (i > 1 && j > 1 && x == tolower((unsigned char) b[j - 2]) &&
                            y == tolower((unsigned char) a[i - 2]) && before[j - 2] + 1 < current[j])
                                current[j] = before[j - 2] + 1;
                }

                before = previous;
                previous = current;
                current = spare;
        }

        return previous[lb];
}

const char *suggest(const char *word, char *const *candidates) {
        const char *best = NULL;
        unsigned best_distance = 4;
        size_t length = strlen(word);

        if (length >= WORD_MAX)
                return NULL;

        for (char *const *c = candidates; c && *c; c++) {
                unsigned d;

                if (strlen(*c) >= WORD_MAX)
                        continue;

                d = distance(word, *c);
                if (d < best_distance && d * 3 <= (length > 3 ? length : 3)) {
                        best = *c;
                        best_distance = d;
                }
        }

        return best;
}
