/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A diagnostic has only the number of its line; the line is read again from the file. That may have changed
 * since, or be no file any more: then there is nothing to show, and no harm. */

#include "source-line.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "config/config-file.h"
#include "config/keys.h"

#define LINE_MAX_SHOWN 4096
#define INDENT         "        "
#define BLANKS         " \t"

/* Bytes shown before, in and after the place. */
#define BEFORE_MAX 120
#define PLACE_MAX  200
#define AFTER_MAX  60

static int open_file(const char *path, FILE **ret) {
        _cleanup_(close_fdp) int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        struct stat st;
        FILE *f;

        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        f = fdopen(fd, "re");
        if (!f)
                return -ENOMEM;
        (void) take_fd(&fd);
        *ret = f;
        return 0;
}

static unsigned end_marker(int c) {
        return c == '\n' ? 1 : c == '\r' ? 2 : c == '\0' ? 4 : 0;
}

/* Reads one line into buffer. A row of different markers is one end, and a NUL ends it for good, as in
 * ini-line.c. Returns whether there was one. */
static bool read_line(FILE *f, char buffer[static LINE_MAX_SHOWN + 1]) {
        unsigned seen = 0;
        size_t n = 0;
        bool any = false;
        int c;

        while ((c = getc_unlocked(f)) != EOF) {
                unsigned marker = end_marker(c);

                if (seen != 0 && (marker == 0 || (seen & (marker | 4)) != 0)) {
                        (void) ungetc(c, f);
                        break;
                }
                any = true;
                seen |= marker;
                if (marker == 0 && n < LINE_MAX_SHOWN)
                        buffer[n++] = (char) c;
        }
        buffer[n] = 0;
        return any;
}

int source_line_read(const char *path, unsigned line, char **ret) {
        _cleanup_(fclosep) FILE *f = NULL;
        char buffer[LINE_MAX_SHOWN + 1];
        int r;

        r = open_file(path, &f);
        if (r < 0)
                return r;
        assert(f);

        for (unsigned i = 0; i < line; i++)
                if (!read_line(f, buffer))
                        return ferror(f) ? -EIO : -ENOENT;
        if (line == 0)
                return -ENOENT;

        *ret = strdup(buffer);
        return *ret ? 0 : -ENOMEM;
}

static void strip(const char *line, size_t *start, size_t *end) {
        while (*start < *end && strchr(BLANKS, line[*start]))
                (*start)++;
        while (*end > *start && strchr(BLANKS, line[*end - 1]))
                (*end)--;
}

static bool is_known_key(const Diagnostic *d) {
        FileType type = strstr(d->path, ".network") ? FILE_NETWORK : FILE_NETDEV;

        if (networkd_has_key(type, d->section, d->key))
                return true;
        for (const Key *const *tables = config_key_tables(type); *tables; tables++)
                if (key_find(*tables, d->section, d->key))
                        return true;
        return false;
}

/* The first word in quotes that stands in the place; the place becomes it. */
static void narrow(const char *text, const char *line, size_t *start, size_t *end) {
        for (const char *q = strchr(text, '\''); q; q = strchr(q, '\'')) {
                const char *last = strchr(++q, '\''), *found;

                if (!last)
                        return;
                found = memmem(line + *start, *end - *start, q, (size_t) (last - q));
                if (found && last > q) {
                        *start = (size_t) (found - line);
                        *end = *start + (size_t) (last - q);
                        return;
                }
                q = last + 1;
        }
}

void source_line_find(const Diagnostic *d, const char *line, size_t *ret_start, size_t *ret_length) {
        const char *equals = strchr(line, '=');
        size_t start = 0, end = strlen(line);

        if (d->key && d->section && equals) {
                size_t key_end = (size_t) (equals - line);

                strip(line, &start, &key_end);
                if (strlen(d->key) == key_end - start &&
                    memcmp(d->key, line + start, key_end - start) == 0) {
                        if (is_known_key(d))
                                start = (size_t) (equals - line) + 1;
                        else
                                end = key_end;
                }
        }
        strip(line, &start, &end);
        narrow(d->text, line, &start, &end);

        *ret_start = start;
        *ret_length = end - start;
}

/* A part of the line, made fit for a terminal: one column a character, as far as that can be told. */
static char *part(const char *s, size_t n, size_t max) {
        _cleanup_(freep) char *copy = strndup(s, n);

        for (char *c = copy; c && *c; c++)
                if (*c == '\t')
                        *c = ' ';
        return copy ? text_escape(copy, max) : NULL;
}

static unsigned columns(const char *s) {
        unsigned n = 0;

        for (; *s; s++)
                n += ((unsigned char) *s & 0xc0) != 0x80;
        return n;
}

void source_line_print(FILE *f, const Diagnostic *d, bool color) {
        _cleanup_(freep) char *line = NULL, *before = NULL, *place = NULL, *after = NULL;
        size_t start, length;
        bool cut;

        if (!d->path || d->line == 0 || source_line_read(d->path, d->line, &line) < 0)
                return;

        source_line_find(d, line, &start, &length);
        cut = start > BEFORE_MAX;
        before = cut ? strdup("…") : part(line, start, BEFORE_MAX * 4);
        place = part(line + start, length, PLACE_MAX);
        after = part(line + start + length, strlen(line) - start - length, AFTER_MAX);
        if (!before || !place || !after)
                return;

        fprintf(f, INDENT "%s%s%s\n" INDENT "%*s%s", before, place, after, (int) columns(before), "",
                color ? "\033[0;1;32m" : "");
        fputc('^', f);
        for (unsigned i = 1; i < columns(place); i++)
                fputc('~', f);
        fprintf(f, "%s\n", color ? "\033[0m" : "");
}
