/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Version order (https://uapi-group.org/specifications/specs/version_format_specification). strverscmp(3)
 * differs: it knows no "~", and takes leading zeros for fractions. */

#include "version.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* isalpha() and isdigit() ask the locale, and the program never sets one; but a plain char may be negative.
 */
static int is_letter(char c) {
        return isalpha((unsigned char) c);
}

static int is_digit(char c) {
        return isdigit((unsigned char) c);
}

/* Skips what means nothing in a version: "_", "+"… only part what is beside them. */
static const char *skip_others(const char *s) {
        while (*s && !is_letter(*s) && !is_digit(*s) && !strchr("-.~^", *s))
                s++;
        return s;
}

static int sign(long v) {
        return (v > 0) - (v < 0);
}

/* Compares the numbers both begin with, of any length, and moves behind them. None is below 0. */
static int compare_numbers(const char **a, const char **b) {
        const char *x, *y;
        size_t n, k;
        int r;

        if (!is_digit(**a) || !is_digit(**b))
                return is_digit(**a) ? 1 : -1;

        x = *a + strspn(*a, "0");
        y = *b + strspn(*b, "0");
        n = strspn(x, "0123456789");
        k = strspn(y, "0123456789");
        r = n != k ? (n > k ? 1 : -1) : sign(strncmp(x, y, n));
        *a = x + n;
        *b = y + k;
        return r;
}

static int compare_letters(const char **a, const char **b) {
        size_t n = 0, k = 0;
        int r;

        while (is_letter((*a)[n]))
                n++;
        while (is_letter((*b)[k]))
                k++;

        r = sign(strncmp(*a, *b, n < k ? n : k));
        if (r == 0)
                r = (n > k) - (n < k);
        *a += n;
        *b += k;
        return r;
}

/* Whoever has the mark is below who has not; both skip it. */
static int compare_mark(const char **a, const char **b, char mark) {
        bool x = **a == mark, y = **b == mark;

        *a += x && y;
        *b += x && y;
        return y - x;
}

/* All marks, each at most once in a round. "~" is below even the end of the text, the others above it. */
static int compare_marks(const char **a, const char **b) {
        int r = compare_mark(a, b, '~');

        if (r != 0 || !**a || !**b)
                return r != 0 ? r : (**a != '\0') - (**b != '\0');
        for (const char *mark = "-^."; r == 0 && *mark; mark++)
                r = compare_mark(a, b, *mark);
        return r;
}

int version_compare(const char *a, const char *b) {
        int r;

        assert(a);
        assert(b);

        do {
                a = skip_others(a);
                b = skip_others(b);

                r = compare_marks(&a, &b);
                if (r == 0 && (is_digit(*a) || is_digit(*b)))
                        r = compare_numbers(&a, &b);
                else if (r == 0)
                        r = compare_letters(&a, &b);
        } while (r == 0 && (*a || *b));

        return r;
}
