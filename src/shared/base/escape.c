/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Escaping: byte by byte, leaving valid UTF-8 as it is. */

#include "escape.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "utf8.h"

char *text_escape(const char *s) {
        const char *invalid = utf8_find_invalid(s);
        char *text = malloc(strlen(s) * 4 + 1), *t = text;

        for (; text && *s; s++) {
                unsigned char c = (unsigned char) *s;

                if (c < 0x20 || c == 0x7f || s == invalid)
                        t += sprintf(t, "\\x%02x", c);
                else
                        *t++ = *s;
                if (s == invalid)
                        invalid = utf8_find_invalid(s + 1);
        }
        if (text)
                *t = 0;
        return text;
}
