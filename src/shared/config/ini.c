/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A file becomes an IniFile in three steps. The line reader makes logical lines of bytes (ini-line.c).
 * Our inih reader function, next_line(), judges each of them: it complains, rejects the file, or hands
 * inih one short clean line. inih tells section, key and value apart and calls the handler,
 * on_assignment(), which appends to the IniFile.
 *
 * inih as packaged reads lines of at most 200 bytes, cuts section names at 49 bytes and values at " ;",
 * takes ':' for '=' and indented lines for continuations, and says nothing of a header. So what it could
 * misread it never sees: it gets "[Section]" and "Key=@" with '@' for every value, and for a section or
 * key that is not a plain short word; what '@' stands for is kept in the Parser meanwhile, since inih
 * calls the handler before it asks for the next line. After each header it gets "=@", an assignment
 * without a key, which tells the handler that a section begins. */

#include "ini.h"

#include <assert.h>
#include <errno.h>
#include <ini.h>
#include <string.h>

#include "base/array.h"
#include "base/utf8.h"
#include "ini-line.h"
#include "ini-open.h"

/* Stands for what inih is not shown. No plain word, so nothing can be taken for it. */
#define KEPT "@"

/* Longest section or key shown to inih. It cuts sections at 49 bytes. */
#define PLAIN_MAX 48

/* Bytes of a file's text in a message. */
#define EXCERPT_MAX 60

/* Longest section name copied into each diagnostic: a longer one times thousands of lines would be a lot
 * of memory. */
#define DIAGNOSTIC_SECTION_MAX 256

typedef struct Parser {
        IniLineReader lines;
        IniFile *ini;
        Diagnostics *diag;
        bool header_told; /* inih has the header; "=@" is next */
        int error;        /* of next_line() or on_assignment(), neither of which can return it */

        /* Of the line that inih has, in the line reader's buffer. */
        const char *section;
        const char *key;
        const char *value;
} Parser;

IniFile *ini_free(IniFile *ini) {
        if (!ini)
                return NULL;

        for (size_t i = 0; i < ini->n_sections; i++)
                free(ini->sections[i].name);
        free(ini->sections);
        for (size_t i = 0; i < ini->n_assignments; i++)
                free(ini->assignments[i].key);
        free(ini->assignments);
        free(ini->path);
        free(ini);
        return NULL;
}

static const char *current_section(const Parser *p) {
        return p->ini->n_sections > 0 ? p->ini->sections[p->ini->n_sections - 1].name : NULL;
}

static Source source_here(const Parser *p) {
        const char *section = current_section(p);

        if (section && strnlen(section, DIAGNOSTIC_SECTION_MAX + 1) > DIAGNOSTIC_SECTION_MAX)
                section = NULL;
        return (Source){ p->ini->path, p->lines.line, section, NULL };
}

/* A line is left out. */
static int warn(Parser *p, const char *hint, const char *text) {
        Source source = source_here(p);

        return diag_add(p->diag, SEVERITY_WARNING, &source, hint, "%s; the line is ignored", text);
}

/* The whole file is left out. line is what the text quotes, up to EXCERPT_MAX bytes. */
static int reject(Parser *p, const char *hint, const char *text, const char *line) {
        int n = (int) utf8_prefix(line, EXCERPT_MAX);
        Source source = source_here(p);

        (void) diag_add(p->diag, SEVERITY_ERROR, &source, hint, "'%.*s%s' %s; the file is not used", n, line,
                        line[n] ? "..." : "", text);
        return -EBADMSG;
}

static int reject_encoding(Parser *p, const char *line, const char *invalid) {
        Source source = source_here(p);

        (void) diag_add(p->diag, SEVERITY_ERROR, &source,
                        "save the file as UTF-8, for example with: iconv -f ISO-8859-1 -t UTF-8",
                        "byte 0x%02x, the %zuth of the line, is not valid UTF-8; the file is not used",
                        (unsigned char) *invalid, (size_t) (invalid - line) + 1);
        return -EBADMSG;
}

/* What the line reader cannot read. The line it failed at is the one it was reading. */
static int reject_reading(Parser *p, int error) {
        Source source = source_here(p);

        switch (error) {
        case -ENOMEM: return error;
        case -ENOBUFS:
                (void) diag_add(p->diag, SEVERITY_ERROR, &source,
                                "split it into several lines, if it is meant to be one",
                                "the line is longer than %d bytes; the file is not used", INI_LINE_MAX);
                return -EBADMSG;
        case -EFBIG:
                (void) diag_add(p->diag, SEVERITY_ERROR, &source,
                                "split it into drop-ins, if it is a configuration file",
                                "the file is longer than %d bytes; it is not used", INI_FILE_MAX);
                return error;
        default:
                (void) diag_add(p->diag, SEVERITY_ERROR, &source, "check the disk or file system it is on",
                                "cannot be read: %s; the file is not used", strerror(-error));
                return error;
        }
}

/* Bounds what the many short lines of one file cost, as INI_FILE_MAX does for its bytes. */
static int check_entries(Parser *p) {
        Source source;

        if (p->ini->n_sections + p->ini->n_assignments < INI_ENTRIES_MAX)
                return 0;

        source = source_here(p);
        (void) diag_add(p->diag, SEVERITY_ERROR, &source,
                        "split it into drop-ins, if it is a configuration file",
                        "the file has more than %d sections and assignments; it is not used",
                        INI_ENTRIES_MAX);
        return -EFBIG;
}

static int add_section(Parser *p, const char *name) {
        IniFile *ini = p->ini;
        char *copy;
        int r;

        r = check_entries(p);
        if (r >= 0)
                r = ARRAY_RESERVE_ONE(ini->sections, ini->n_sections);
        if (r < 0)
                return r;

        copy = strdup(name);
        if (!copy)
                return -ENOMEM;

        ini->sections[ini->n_sections++] = (IniSection){ .name = copy, .line = p->lines.line };
        return 0;
}

static int add_assignment(Parser *p, const char *name, const char *text) {
        IniFile *ini = p->ini;
        char *key, *value;
        int r;

        r = check_entries(p);
        if (r >= 0)
                r = ARRAY_RESERVE_ONE(ini->assignments, ini->n_assignments);
        if (r < 0)
                return r;

        key = malloc(strlen(name) + strlen(text) + 2);
        if (!key)
                return -ENOMEM;
        value = stpcpy(key, name) + 1;
        strcpy(value, text);

        ini->assignments[ini->n_assignments++] = (IniAssignment){
                .section = ini->n_sections - 1,
                .line = p->lines.line,
                .key = key,
                .value = value,
        };
        return 0;
}

static const char *shown_or_kept(const char *shown, const char *kept) {
        return strcmp(shown, KEPT) == 0 ? kept : shown;
}

/* inih's handler. Returns 0 for an error, after which inih goes on: the next next_line() stops it. */
static int on_assignment(void *userdata, const char *section, const char *name, const char *value _unused_) {
        Parser *p = userdata;

        /* An inih built to announce headers does it so; the "=@" behind the header says the same in every
         * build. */
        if (!name)
                return 1;

        if (*name == '\0')
                p->error = add_section(p, shown_or_kept(section, p->section));
        else
                p->error = add_assignment(p, shown_or_kept(name, p->key), p->value);
        return p->error >= 0;
}

static bool is_plain_character(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
}

/* Whether inih can be shown the word as it is. */
static bool is_plain(const char *s) {
        size_t n = 0;

        while (n <= PLAIN_MAX && is_plain_character(s[n]))
                n++;
        return n > 0 && n <= PLAIN_MAX && s[n] == '\0';
}

static const char *plain_or_kept(const char *s) {
        return is_plain(s) ? s : KEPT;
}

/* Takes a line that begins with '['. Returns 1 with the line for inih, for which next_line() made sure of
 * room; or -EBADMSG. */
static int take_header(Parser *p, char *line, char *buffer) {
        size_t n = strlen(line);

        if (!strchr(line, ']'))
                return reject(p, "write a header as [NetDev]", "begins a section header but has no ']'",
                              line);
        if (line[n - 1] != ']')
                return reject(p, "move it to a line of its own; a comment, too, needs its own line",
                              "has text after the ']' of a section header", line);

        for (const char *c = line; *c; c++)
                if (*c == '"' || *c == '\'' || *c == '\\' || *c == 0x7f || (unsigned char) *c < 0x20)
                        return reject(p, "write a plain name, for example [NetDev]",
                                      "has a quote, backslash or control character in a section name", line);

        line[n - 1] = '\0';
        p->section = line + 1;
        p->header_told = true;
        (void) strcpy(stpcpy(stpcpy(buffer, "["), plain_or_kept(p->section)), "]");
        return 1;
}

/* Before the first header. A byte order mark hides a comment sign, which is not easy to see in an editor. */
static int warn_outside(Parser *p, const char *line) {
        if (p->lines.bom_in_line && (*line == '#' || *line == ';'))
                return warn(p, "save the file without byte order mark, or leave its first line empty",
                            "behind a byte order mark a comment counts as an assignment, here outside of "
                            "any section");
        return warn(p, "write a header such as [NetDev] or [Match] above it",
                    "the assignment stands before the first section header");
}

/* Takes any other line. Returns 1 with the line for inih, or 0 when there is nothing for it. */
static int take_assignment(Parser *p, char *line, char *buffer) {
        const char *section = current_section(p);
        char *equals = strchr(line, '=');
        bool silent;

        if (!section)
                return warn_outside(p, line);

        silent = strncmp(section, "X-", 2) == 0;
        if (!equals)
                return silent ? 0
                              : warn(p, "write Key=value, or begin the line with '#' to make it a comment",
                                     "an assignment is expected here, but the line has no '='");
        if (equals == line)
                return silent ? 0
                              : warn(p, "write the name of the key before the '='",
                                     "an assignment is expected here, but there is no key before the '='");

        *equals = '\0';
        p->key = ini_strip(line);
        p->value = ini_strip(equals + 1);
        (void) strcpy(stpcpy(buffer, plain_or_kept(p->key)), "=" KEPT);
        return 1;
}

/* Takes one logical line. Returns 1 with the line for inih, 0 when there is nothing for it, or -EBADMSG. */
static int take_line(Parser *p, char *line, char *buffer) {
        const char *invalid = utf8_find_invalid(line);

        if (invalid)
                return reject_encoding(p, line, invalid);
        if (*line == '[')
                return take_header(p, line, buffer);
        return take_assignment(p, line, buffer);
}

/* inih's reader: fgets() to it. Returns NULL at the end and on error. */
static char *next_line(char *buffer, int size, void *userdata) {
        Parser *p = userdata;
        int r = 0;

        assert(size > PLAIN_MAX + 3); /* "[]" or "=@", and NUL; packaged: 200 */

        if (p->error < 0)
                return NULL;

        if (p->header_told) {
                p->header_told = false;
                return strcpy(buffer, "=" KEPT);
        }

        while (r == 0) {
                char *line;

                r = ini_line_next(&p->lines, &line);
                if (r == 0)
                        return NULL;
                r = r < 0 ? reject_reading(p, r) : take_line(p, line, buffer);
        }

        p->error = r < 0 ? r : 0;
        return r < 0 ? NULL : buffer;
}

int ini_read_fd(int fd, size_t size, const char *path, Diagnostics *diag, IniFile **ret) {
        _cleanup_(ini_freep) IniFile *ini = calloc(1, sizeof(IniFile));
        char chunk[INI_CHUNK];
        Parser p = { .lines = { .fd = fd, .size = size, .chunk = chunk }, .ini = ini, .diag = diag };
        int r;

        assert(fd >= 0);
        assert(path);
        assert(diag);
        assert(ret);

        if (!ini)
                return -ENOMEM;
        ini->path = strdup(path);
        if (!ini->path)
                return -ENOMEM;

        r = ini_parse_stream(next_line, &p, on_assignment, &p);
        ini_line_done(&p.lines);
        if (p.error < 0)
                return p.error;
        assert(r <= 0); /* a line inih did not take: we only show it well-formed ones */
        if (r < 0)
                return -ENOMEM;

        *ret = TAKE_PTR(ini);
        return 0;
}

int ini_read(const char *path, Diagnostics *diag, IniFile **ret) {
        _cleanup_(close_fdp) int fd = -EBADF;
        size_t size;

        assert(path);
        assert(diag);
        assert(ret);

        fd = ini_open(path, diag, &size);
        return fd < 0 ? fd : ini_read_fd(fd, size, path, diag, ret);
}
