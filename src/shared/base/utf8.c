/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decodes one character at a time and keeps nothing. */

#include "utf8.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Bytes of the character a first byte announces; 0 when no character begins so. */
static size_t announced_length(uint8_t first) {
        if (first < 0x80)
                return 1;
        if (first >= 0xc2 && first < 0xe0) /* 0xc0 and 0xc1 would only begin over-long forms */
                return 2;
        if (first >= 0xe0 && first < 0xf0)
                return 3;
        if (first >= 0xf0 && first < 0xf5) /* 0xf5 and up are beyond U+10FFFF */
                return 4;
        return 0;
}

static bool code_point_is_valid(uint32_t c, size_t length) {
        static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };

        if (c < smallest[length] || c > 0x10ffff)
                return false;
        if (c >= 0xd800 && c <= 0xdfff) /* surrogates */
                return false;
        return !(c >= 0xfdd0 && c <= 0xfdef) && (c & 0xfffe) != 0xfffe; /* non-characters */
}

/* Length of the character at s, or 0. The terminating NUL is no continuation byte, so nothing behind it
 * is read. */
static size_t character_length(const char *s) {
        const uint8_t *u = (const uint8_t *) s;
        size_t n = announced_length(u[0]);
        uint32_t c;

        if (n <= 1)
                return n;

        c = u[0] & (0x7f >> n);
        for (size_t i = 1; i < n; i++) {
                if ((u[i] & 0xc0) != 0x80)
                        return 0;
                c = c << 6 | (u[i] & 0x3f);
        }

        return code_point_is_valid(c, n) ? n : 0;
}

const char *utf8_find_invalid(const char *s) {
        assert(s);

        while (*s) {
                size_t n = character_length(s);

                if (n == 0)
                        return s;
                s += n;
        }

        return NULL;
}

size_t utf8_prefix(const char *s, size_t max) {
        size_t n;

        assert(s);

        n = strnlen(s, max);
        if (s[n] == '\0')
                return n;

        while (n > 0 && ((uint8_t) s[n] & 0xc0) == 0x80)
                n--;
        return n;
}
