/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Numbers and words. Digits are read here and not by strtoull(), which knows blanks, signs and prefixes
 * of its own, other ones in each libc. Addresses and names: values-net.c. */

#include "values.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"

#define WHITESPACE " \t\n\r"

int parse_boolean(const char *s, bool *ret) {
        static const char *const words[] = { "0",     "1",    "no", "yes", "n",   "y",
                                             "false", "true", "f",  "t",   "off", "on" };

        assert(s);
        assert(ret);

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (strcasecmp(s, words[i]) == 0) {
                        *ret = i % 2 == 1;
                        return 0;
                }
        return -EINVAL;
}

static const char *skip_blanks(const char *s) {
        return s + strspn(s, WHITESPACE);
}

static unsigned digit_value(char c) {
        if (c >= '0' && c <= '9')
                return (unsigned) (c - '0');
        if (c >= 'a' && c <= 'f')
                return (unsigned) (c - 'a') + 10;
        if (c >= 'A' && c <= 'F')
                return (unsigned) (c - 'A') + 10;
        return UINT_MAX;
}

/* Skips the prefix of a number and returns its base. A lone 0 before another digit is a prefix, too. */
static unsigned skip_base(const char **s) {
        static const struct {
                char letter;
                unsigned base;
        } table[] = { { 'x', 16 }, { 'b', 2 }, { 'o', 8 } };
        const char *p = *s;

        if (p[0] != '0' || p[1] == '\0')
                return 10;

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if ((p[1] | 0x20) == table[i].letter) {
                        *s = p + 2;
                        return table[i].base;
                }

        *s = p + 1;
        return 8;
}

/* Reads one or more digits and moves *s behind them. */
static int read_digits(const char **s, unsigned base, uint64_t *ret) {
        const char *p = *s;
        bool overflow = false;
        uint64_t v = 0;

        if (digit_value(*p) >= base)
                return -EINVAL;

        for (unsigned d; (d = digit_value(*p)) < base; p++)
                overflow = __builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v) ||
                           overflow;

        *s = p;
        if (overflow)
                return -ERANGE;

        *ret = v;
        return 0;
}

int parse_u64(const char *s, uint64_t *ret) {
        unsigned base;
        uint64_t v = 0;
        int r;

        assert(s);
        assert(ret);

        s = skip_blanks(s);
        if (*s == '+')
                s++;

        base = skip_base(&s);
        r = read_digits(&s, base, &v);
        if (r == -EINVAL || *s)
                return -EINVAL;
        if (r < 0)
                return r;

        *ret = v;
        return 0;
}

static int parse_up_to(const char *s, uint64_t max, uint64_t *ret) {
        uint64_t v;
        int r;

        r = parse_u64(s, &v);
        if (r < 0)
                return r;
        if (v > max)
                return -ERANGE;

        *ret = v;
        return 0;
}

int parse_u32(const char *s, uint32_t *ret) {
        uint64_t v;
        int r;

        assert(ret);

        r = parse_up_to(s, UINT32_MAX, &v);
        if (r < 0)
                return r;

        *ret = (uint32_t) v;
        return 0;
}

int parse_u8(const char *s, uint8_t *ret) {
        uint64_t v;
        int r;

        assert(ret);

        r = parse_up_to(s, UINT8_MAX, &v);
        if (r < 0)
                return r;

        *ret = (uint8_t) v;
        return 0;
}

int parse_i32(const char *s, int32_t *ret) {
        uint64_t v;
        bool negative;
        int r;

        assert(s);
        assert(ret);

        s = skip_blanks(s);
        negative = *s == '-';
        if (negative && (s[1] == '+' || strchr(WHITESPACE, s[1])))
                return -EINVAL;

        r = parse_up_to(s + negative, (uint64_t) INT32_MAX + negative, &v);
        if (r < 0)
                return r;

        *ret = (int32_t) (negative ? -(int64_t) v : (int64_t) v);
        return 0;
}

int parse_u16_range(const char *s, uint16_t min, uint16_t max, uint16_t ret[static 2]) {
        char first[32];
        const char *dash;
        uint64_t a, b;
        size_t n;
        int r;

        assert(s);

        dash = strchr(s, '-');
        n = dash ? (size_t) (dash - s) : strlen(s);
        if (n >= sizeof(first))
                return -EINVAL;
        memcpy(first, s, n);
        first[n] = '\0';

        r = parse_up_to(first, max, &a);
        if (r < 0)
                return r;
        b = a;
        r = dash ? parse_up_to(dash + 1, max, &b) : 0;
        if (r < 0)
                return r;
        if (a > b)
                return -EINVAL;
        if (a < min)
                return -ERANGE;

        ret[0] = (uint16_t) a;
        ret[1] = (uint16_t) b;
        return 0;
}

bool number_is_octal_surprise(const char *s) {
        uint64_t v;

        assert(s);

        /* Up to 7 both readings agree. */
        if (parse_u64(s, &v) < 0 || v < 8)
                return false;

        s = skip_blanks(s);
        if (*s == '+')
                s++;
        return s[0] == '0' && digit_value(s[1]) < 8;
}

/* The digits behind a decimal point, in units of `factor`, cut to whole bytes. Digits beyond the 19th are
 * far below a byte. */
static uint64_t fraction_of(const char *s, uint64_t factor) {
        uint64_t v = 0, scale = 1;

        for (int n = 0; n < 19 && digit_value(s[n]) < 10; n++) {
                v = v * 10 + digit_value(s[n]);
                scale *= 10;
        }

        return (uint64_t) ((unsigned __int128) v * factor / scale);
}

/* Skips the suffix at *s and returns its factor; 0 when it is not one of those behind the one before
 * (*unit). No suffix counts as the last of them, so that a number without one ends a sum. */
static uint64_t skip_unit(const char **s, size_t *unit) {
        static const char units[] = "EPTGMKB";
        const char *found = **s ? strchr(units, **s) : NULL;
        size_t i = found ? (size_t) (found - units) : strlen(units);

        if (i < *unit)
                return 0;

        *unit = i + 1;
        if (found)
                (*s)++;
        return i >= 6 ? 1 : UINT64_C(1) << 10 * (6 - i);
}

/* Reads one number with its suffix and adds it to *sum. */
static int read_size_term(const char **s, size_t *unit, uint64_t *sum) {
        const char *fraction = "";
        uint64_t v, factor;
        int r;

        *s = skip_blanks(*s);
        if (**s == '+')
                (*s)++;
        r = read_digits(s, 10, &v);
        if (r < 0)
                return r;

        if (**s == '.') {
                fraction = ++*s;
                *s += strspn(*s, "0123456789");
        }

        *s = skip_blanks(*s);
        factor = skip_unit(s, unit);
        if (factor == 0)
                return -EINVAL;

        if (__builtin_mul_overflow(v, factor, &v) ||
            __builtin_add_overflow(v, fraction_of(fraction, factor), &v) ||
            __builtin_add_overflow(*sum, v, sum))
                return -ERANGE;
        return 0;
}

int parse_size(const char *s, uint64_t *ret) {
        uint64_t sum = 0;
        size_t unit = 0;
        int r;

        assert(s);
        assert(ret);

        do {
                r = read_size_term(&s, &unit, &sum);
                if (r < 0)
                        return r;
        } while (*s);

        *ret = sum;
        return 0;
}

bool string_is_safe(const char *s) {
        assert(s);

        for (; *s; s++)
                if ((unsigned char) *s < 0x20 || strchr("\"'\\\x7f", *s))
                        return false;
        return true;
}

/* The end of the word at s; NULL when it ends with a backslash that escapes nothing. */
static const char *word_end(const char *s) {
        while (*s && !strchr(WHITESPACE, *s)) {
                if (*s == '\\' && *++s == '\0')
                        return NULL;
                s++;
        }

        return s;
}

static char *unescape(const char *s, const char *end) {
        char *word = malloc((size_t) (end - s) + 1), *w = word;

        if (!word)
                return NULL;

        for (; s < end; s++) {
                if (*s == '\\')
                        s++;
                *w++ = *s;
        }
        *w = '\0';
        return word;
}

/* At least as many as there are words: an escaped blank is counted as if it parted two. */
static size_t count_words(const char *s) {
        size_t n = 0;

        for (s = skip_blanks(s); *s; s = skip_blanks(s + strcspn(s, WHITESPACE)))
                n++;
        return n;
}

int split_words(const char *s, char ***ret) {
        _cleanup_(strv_freep) char **words = NULL;
        size_t n = 0;

        assert(s);
        assert(ret);

        words = calloc(count_words(s) + 1, sizeof(char *));
        if (!words)
                return -ENOMEM;

        for (s = skip_blanks(s); *s; s = skip_blanks(s)) {
                const char *end = word_end(s);

                if (!end)
                        return -EINVAL;
                words[n] = unescape(s, end);
                if (!words[n++])
                        return -ENOMEM;
                s = end;
        }

        *ret = n > 0 ? TAKE_PTR(words) : NULL;
        return 0;
}
