/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Escaping: byte by byte, leaving valid UTF-8 as it is. The room is for the worst case, or for max bytes. */

#include "escape.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "utf8.h"

/* Bytes of the next piece that stays together: a valid character, or one byte to be escaped. */
static size_t piece(const char *s) {
        char first[5] = { s[0], s[1], s[1] ? s[2] : 0, s[1] && s[2] ? s[3] : 0 };
        size_t n = 1;

        while (n < 4 && ((unsigned char) first[n] & 0xc0) == 0x80)
                n++;
        first[n] = 0;
        return utf8_find_invalid(first) ? 1 : n;
}

/* Nearly everything is: then it is its own copy. */
static bool is_plain(const char *s) {
        while (*s >= 0x20 && *s < 0x7f)
                s++;
        return !*s;
}

char *text_escape(const char *s, size_t max) {
        size_t length = strnlen(s, max), room = length * 4 < max ? length * 4 : max;
        char *text, *t;

        if (s[length] == 0 && is_plain(s))
                return strdup(s);

        text = t = malloc(room + strlen("…") + 1);
        if (!text)
                return NULL;

        while (*s) {
                size_t n = piece(s);
                bool escape = n == 1 && ((unsigned char) *s < 0x20 || (unsigned char) *s >= 0x7f);

                if ((size_t) (t - text) + (escape ? 4 : n) > max) {
                        strcpy(t, "…");
                        return text;
                }
                if (escape)
                        t += sprintf(t, "\\x%02x", (unsigned char) *s);
                else
                        t = mempcpy(t, s, n);
                s += n;
        }

        *t = 0;
        return realloc(text, (size_t) (t - text) + 1) ?: text;
}
