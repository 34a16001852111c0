/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Words with quotes. One pass over the text; each word grows in a buffer of its own, which is never longer
 * than the text it was made of. */

#include "words.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/array.h"

#define WHITESPACE " \t\n\r"

typedef enum Escapes {
        ESCAPES_NONE,    /* a backslash is an ordinary character */
        ESCAPES_C,       /* as in C; others are an error */
        ESCAPES_RELAXED, /* the next character is meant as it is; nothing is an error */
} Escapes;

/* Reads `digits` digits of this base; -EINVAL when there are fewer. */
static int read_code(const char **s, unsigned digits, unsigned base, uint32_t *ret) {
        static const char all[] = "0123456789abcdef";
        uint32_t v = 0;

        for (unsigned i = 0; i < digits; i++) {
                char c = (*s)[i];
                const char *found = c >= 'A' && c <= 'F' ? strchr(all, c | 0x20) : strchr(all, c);

                if (c == '\0' || !found || (unsigned) (found - all) >= base)
                        return -EINVAL;
                v = v * base + (uint32_t) (found - all);
        }

        *s += digits;
        *ret = v;
        return 0;
}

/* At most 4 bytes; the escape it stands for is longer. */
static char *write_utf8(char *w, uint32_t c) {
        if (c < 0x80) {
                *w++ = (char) c;
                return w;
        }
        if (c < 0x800)
                *w++ = (char) (0xc0 | c >> 6);
        else {
                if (c < 0x10000)
                        *w++ = (char) (0xe0 | c >> 12);
                else {
                        *w++ = (char) (0xf0 | c >> 18);
                        *w++ = (char) (0x80 | (c >> 12 & 0x3f));
                }
                *w++ = (char) (0x80 | (c >> 6 & 0x3f));
        }
        *w++ = (char) (0x80 | (c & 0x3f));
        return w;
}

/* \xHH and \nnn are bytes, \uHHHH and \UHHHHHHHH characters; none may be NUL. *s is behind the backslash. */
static int read_numeric_escape(const char **s, char **w) {
        unsigned digits = **s == 'x' ? 2 : **s == 'u' ? 4 : **s == 'U' ? 8 : 3;
        bool byte = digits < 4;
        uint32_t v;

        if (digits != 3)
                (*s)++;
        if (read_code(s, digits, digits == 3 ? 8 : 16, &v) < 0)
                return -EINVAL;
        if (v == 0 || v > (byte ? 0xff : 0x10ffff) || (v >= 0xd800 && v < 0xe000))
                return -EINVAL;

        if (byte)
                *(*w)++ = (char) v;
        else
                *w = write_utf8(*w, v);
        return 0;
}

static int read_escape(const char **s, Escapes escapes, char **w) {
        static const char letters[] = "abfnrtv\\\"'s", meant[] = "\a\b\f\n\r\t\v\\\"' ";
        const char *found;

        if (**s == '\0')
                return escapes == ESCAPES_RELAXED ? 0 : -EINVAL;
        if (escapes == ESCAPES_RELAXED) {
                *(*w)++ = *(*s)++;
                return 0;
        }

        found = strchr(letters, **s);
        if (!found)
                return read_numeric_escape(s, w);
        (*s)++;
        *(*w)++ = meant[found - letters];
        return 0;
}

/* Reads the word at *s, which is no blank, into w and moves *s behind it. */
static int read_word(const char **s, Escapes escapes, char *w) {
        char quote = '\0';
        int r;

        while (**s && (quote || !strchr(WHITESPACE, **s))) {
                char c = *(*s)++;

                if (c == '\\' && escapes != ESCAPES_NONE) {
                        r = read_escape(s, escapes, &w);
                        if (r < 0)
                                return r;
                } else if (quote ? c == quote : c == '"' || c == '\'')
                        quote = quote ? '\0' : c;
                else
                        *w++ = c;
        }

        *w = '\0';
        return quote && escapes != ESCAPES_RELAXED ? -EINVAL : 0;
}

/* At least as many as there are words: a quoted blank is counted as if it parted two. */
static size_t count_words(const char *s) {
        size_t n = 0;

        for (s += strspn(s, WHITESPACE); *s; s += strspn(s, WHITESPACE)) {
                s += strcspn(s, WHITESPACE);
                n++;
        }
        return n;
}

static int split(const char *s, Escapes escapes, char ***ret) {
        _cleanup_(strv_freep) char **words = NULL;
        _cleanup_(freep) char *buffer = NULL;
        size_t n = 0;
        int r = 0;

        assert(s);
        assert(ret);

        words = calloc(count_words(s) + 1, sizeof(char *));
        buffer = malloc(strlen(s) + 1);
        if (!words || !buffer)
                return -ENOMEM;

        for (s += strspn(s, WHITESPACE); *s; s += strspn(s, WHITESPACE)) {
                r = read_word(&s, escapes, buffer);
                if (r < 0)
                        break;
                words[n] = strdup(buffer);
                if (!words[n++])
                        return -ENOMEM;
        }

        *ret = n > 0 ? TAKE_PTR(words) : NULL;
        return r;
}

int split_words_quoted(const char *s, bool c_escapes, char ***ret) {
        return split(s, c_escapes ? ESCAPES_C : ESCAPES_NONE, ret);
}

int split_words_relaxed(const char *s, char ***ret) {
        return split(s, ESCAPES_RELAXED, ret);
}
