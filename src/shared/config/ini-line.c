/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One buffer holds the logical line; each physical line is read to its end and then kept, cut back (a
 * comment), or joined to the next. The order of the steps is systemd's and shows in odd files: comments
 * go before the byte order mark does, so a comment behind one is none; and they go inside a continuation,
 * which then goes on. */

#include "ini-line.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ini.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* Line end markers; a set of different ones in a row ends one line. */
enum {
        END_NEWLINE = 1 << 0,
        END_RETURN = 1 << 1,
        END_NUL = 1 << 2,
};

static unsigned end_marker(int c) {
        switch (c) {
        case '\n': return END_NEWLINE;
        case '\r': return END_RETURN;
        case '\0': return END_NUL;
        default: return 0;
        }
}

/* Whether the line that ended with the markers `seen` was over before this character. NUL is always the
 * last marker: \r\n\0 is one end, \0\n are two. */
static bool line_is_over(unsigned seen, unsigned marker) {
        return seen != 0 && (marker == 0 || (seen & END_NUL) != 0 || (seen & marker) != 0);
}

/* Returns 1, or 0 at the end of the file, or -errno. A short read that comes to the file's size is the last
 * one: asking again would cost a system call for each of thousands of small files. */
static int fill(IniLineReader *r) {
        ssize_t n;

        if (r->ended)
                return 0;
        do
                n = read(r->fd, r->chunk, INI_CHUNK);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;

        r->at = 0;
        r->end = (size_t) n;
        r->n_read += (size_t) n;
        r->ended = n == 0 || (n < INI_CHUNK && r->n_read >= r->size);
        return n > 0;
}

static int make_room(IniLineReader *r, size_t n) {
        size_t room = r->room ?: 256;
        char *larger;

        while (r->length + n + 1 > room) /* one byte for the NUL */
                room *= 2;
        if (room == r->room)
                return 0;

        larger = realloc(r->text, room);
        if (!larger)
                return -ENOMEM;
        r->text = larger;
        r->room = room;
        return 0;
}

/* Appends what is there up to the next line end marker to the line that began at `start`; there is at least
 * one byte. */
static int append(IniLineReader *r, size_t start) {
        const char *from = r->chunk + r->at;
        size_t n = 1, most = r->end - r->at;

        if (most > INI_FILE_MAX - r->n_bytes)
                most = INI_FILE_MAX - r->n_bytes;
        if (most == 0)
                return -EFBIG;
        if (most > INI_LINE_MAX - (r->length - start))
                most = INI_LINE_MAX - (r->length - start);
        if (most == 0)
                return -ENOBUFS;

        while (n < most && end_marker(from[n]) == 0)
                n++;
        if (make_room(r, n) < 0)
                return -ENOMEM;
        memcpy(r->text + r->length, from, n);
        r->length += n;
        r->text[r->length] = '\0';
        r->at += n;
        r->n_bytes += n;
        return 0;
}

/* Appends one physical line. Returns 1, or 0 when the file has none left, or -errno. */
static int read_physical(IniLineReader *r) {
        size_t start = r->length;
        bool begun = false;
        unsigned seen = 0;

        for (;;) {
                int k = r->at < r->end ? 1 : fill(r);
                unsigned marker;

                if (k <= 0)
                        return k < 0 ? k : begun;
                marker = end_marker(r->chunk[r->at]);
                if (line_is_over(seen, marker))
                        return 1;

                if (!begun)
                        r->line++;
                begun = true;

                if (marker == 0) {
                        k = append(r, start);
                        if (k < 0)
                                return k;
                        continue;
                }
                if (r->n_bytes >= INI_FILE_MAX)
                        return -EFBIG;
                r->n_bytes++;
                r->at++;
                seen |= marker;
        }
}

static bool is_blank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_comment(const char *s) {
        while (is_blank(*s))
                s++;
        return *s == '#' || *s == ';';
}

static void remove_byte_order_mark(IniLineReader *r, size_t start) {
        const size_t n = strlen(BYTE_ORDER_MARK);

        if (r->bom_seen || strncmp(r->text + start, BYTE_ORDER_MARK, n) != 0)
                return;

        memmove(r->text + start, r->text + start + n, r->length - start - n + 1);
        r->length -= n;
        r->bom_seen = r->bom_in_line = true;
}

/* An odd run of backslashes at the end: the last one is not itself escaped. */
static bool is_continued(const IniLineReader *r, size_t start) {
        size_t n = r->length;

        while (n > start && r->text[n - 1] == '\\')
                n--;
        return (r->length - n) % 2 == 1;
}

/* Takes the physical line that begins at `start` into the logical one. Returns 1 when that is complete, 0
 * when it goes on, -ENOBUFS when it got too long. */
static int join(IniLineReader *r, size_t start) {
        if (is_comment(r->text + start)) {
                r->length = start;
                r->text[start] = '\0';
                return 0;
        }

        remove_byte_order_mark(r, start);
        if (r->length > INI_LINE_MAX)
                return -ENOBUFS;

        if (!is_continued(r, start))
                return 1;
        r->text[r->length - 1] = ' ';
        return 0;
}

/* Reads physical lines into r->text until they make a logical one. Returns 1; 0 at the end of the file,
 * which ends a continuation too, so there may be text then; or -errno. */
static int read_logical(IniLineReader *r) {
        r->length = 0;
        r->bom_in_line = false;

        for (;;) {
                size_t start = r->length;
                int k;

                k = read_physical(r);
                if (k <= 0 || r->length == start) /* an empty line ends a continuation */
                        return k;

                k = join(r, start);
                if (k != 0)
                        return k;
        }
}

int ini_line_next(IniLineReader *r, char **ret) {
        int more;

        assert(r);
        assert(ret);

        do {
                more = read_logical(r);
                if (more < 0)
                        return more;

                if (r->length > 0) {
                        char *line = ini_strip(r->text);

                        if (*line) {
                                *ret = line;
                                return 1;
                        }
                }
        } while (more > 0);

        return 0;
}

void ini_line_done(IniLineReader *r) {
        free(r->text);
        r->text = NULL;
        r->length = r->room = 0;
}

char *ini_strip(char *s) {
        size_t n;

        assert(s);

        while (is_blank(*s))
                s++;
        n = strlen(s);
        while (n > 0 && is_blank(s[n - 1]))
                n--;
        s[n] = '\0';
        return s;
}
