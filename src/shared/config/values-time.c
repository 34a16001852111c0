/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Time spans (systemd.time(7)). */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "values.h"

#define WHITESPACE " \t\n\r"
#define DIGITS     "0123456789"

#define USEC_PER_SEC UINT64_C(1000000)
#define USEC_PER_DAY (UINT64_C(86400) * USEC_PER_SEC)

/* A month is a twelfth of 365.25 days. */
static const struct {
        const char *name;
        uint64_t usec;
} units[] = {
        { "seconds", USEC_PER_SEC },
        { "second", USEC_PER_SEC },
        { "sec", USEC_PER_SEC },
        { "s", USEC_PER_SEC },
        { "minutes", 60 * USEC_PER_SEC },
        { "minute", 60 * USEC_PER_SEC },
        { "min", 60 * USEC_PER_SEC },
        { "months", UINT64_C(2629800) * USEC_PER_SEC },
        { "month", UINT64_C(2629800) * USEC_PER_SEC },
        { "M", UINT64_C(2629800) * USEC_PER_SEC },
        { "msec", 1000 },
        { "ms", 1000 },
        { "m", 60 * USEC_PER_SEC },
        { "hours", 3600 * USEC_PER_SEC },
        { "hour", 3600 * USEC_PER_SEC },
        { "hr", 3600 * USEC_PER_SEC },
        { "h", 3600 * USEC_PER_SEC },
        { "days", USEC_PER_DAY },
        { "day", USEC_PER_DAY },
        { "d", USEC_PER_DAY },
        { "weeks", 7 * USEC_PER_DAY },
        { "week", 7 * USEC_PER_DAY },
        { "w", 7 * USEC_PER_DAY },
        { "years", UINT64_C(31557600) * USEC_PER_SEC },
        { "year", UINT64_C(31557600) * USEC_PER_SEC },
        { "y", UINT64_C(31557600) * USEC_PER_SEC },
        { "usec", 1 },
        { "us", 1 },
        { "\xc2\xb5s", 1 }, /* micro sign */
        { "\xce\xbcs", 1 }, /* Greek mu */
};

/* Skips the unit at *s; none is the second. */
static uint64_t skip_unit(const char **s) {
        for (size_t i = 0; i < ELEMENTSOF(units); i++) {
                size_t n = strlen(units[i].name);

                if (strncmp(*s, units[i].name, n) == 0) {
                        *s += n;
                        return units[i].usec;
                }
        }
        return USEC_PER_SEC;
}

/* The digits of a number, and where it ends; more than 2^64 is -ERANGE. */
static int read_integer(const char **s, uint64_t *ret) {
        uint64_t v = 0;

        for (; **s >= '0' && **s <= '9'; (*s)++)
                if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, **s - '0', &v))
                        return -ERANGE;

        *ret = v;
        return 0;
}

/* Digits behind the point, in units of usec; what is below a microsecond is cut. */
static uint64_t fraction(const char *s, size_t n, uint64_t usec) {
        uint64_t v = 0;

        for (size_t i = 0; i < n && usec > 0; i++) {
                usec /= 10;
                v += usec * (uint64_t) (s[i] - '0');
        }
        return v;
}

/* One number with its unit, added to *sum. */
static int read_term(const char **s, uint64_t *sum) {
        const char *digits, *end, *fraction_digits = "";
        size_t n_fraction = 0;
        uint64_t v, usec;
        int r;

        if (**s == '-')
                return -ERANGE;
        if (**s == '+')
                (*s)++;

        digits = *s;
        r = read_integer(s, &v);
        if (r < 0)
                return r;
        if (**s == '.') {
                fraction_digits = ++*s;
                n_fraction = strspn(fraction_digits, DIGITS);
                *s += n_fraction;
        }
        if (*s == digits || (n_fraction == 0 && digits[0] == '.'))
                return -EINVAL;

        end = *s;
        *s += strspn(*s, WHITESPACE);
        usec = skip_unit(s);
        if (*s == end && **s) /* "12.34.56", or a unit that there is not */
                return -EINVAL;

        if (__builtin_mul_overflow(v, usec, &v) ||
            __builtin_add_overflow(v, fraction(fraction_digits, n_fraction, usec), &v) ||
            __builtin_add_overflow(*sum, v, sum) || *sum == TIME_INFINITY)
                return -ERANGE;
        return 0;
}

int parse_time(const char *s, uint64_t *ret) {
        uint64_t sum = 0;
        int r;

        assert(s);
        assert(ret);

        s += strspn(s, WHITESPACE);
        if (strncmp(s, "infinity", 8) == 0 && s[8 + strspn(s + 8, WHITESPACE)] == '\0') {
                *ret = TIME_INFINITY;
                return 0;
        }

        do {
                r = read_term(&s, &sum);
                if (r < 0)
                        return r;
                s += strspn(s, WHITESPACE);
        } while (*s);

        *ret = sum;
        return 0;
}
