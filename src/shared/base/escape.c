/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Escaping: byte by byte, leaving valid UTF-8 as it is. */

#include "escape.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "utf8.h"

char *text_escape(const char *s, size_t max) {
        const char *invalid = utf8_find_invalid(s), *end;
        size_t length = strnlen(s, max + 1);
        char *text, *t;

        text = t = malloc((length < max ? length : max) * 4 + strlen("…") + 1);
        if (!text)
                return NULL;

        end = s + (length <= max ? length : invalid ? max : utf8_prefix(s, max));
        for (; s < end; s++) {
                unsigned char c = (unsigned char) *s;

                if (c < 0x20 || c == 0x7f || s == invalid)
                        t += sprintf(t, "\\x%02x", c);
                else
                        *t++ = *s;
                if (s == invalid)
                        invalid = utf8_find_invalid(s + 1);
        }

        strcpy(t, length <= max ? "" : "…");
        return text;
}
