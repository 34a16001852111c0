/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The dialect, rule by rule: bytes of a file beside what is read from it. */

#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config/ini.h"

/* Expected: "[Section]@line", "Key=value@line", "warning@line", "error@line", one a line; sections with
 * their assignments come first, diagnostics last, and a rejected file has diagnostics only. */
typedef struct Row {
        const char *rule;
        const char *input;
        const char *expected;
        size_t size; /* of an input with NUL bytes; 0: up to the first one */
} Row;

#define BYTES(s, e) .input = (s), .expected = (e), .size = sizeof(s) - 1
#define BOM         "\xef\xbb\xbf"
#define X10         "xxxxxxxxxx"
#define X60         X10 X10 X10 X10 X10 X10
#define X300        X60 X60 X60 X60 X60

static const Row rows[] = {
        /* systemd-syntax.md 3: physical lines */
        { "3 line end \\n", "[A]\na=1\n", "[A]@1\na=1@2\n" },
        { "3 line end \\r", "[A]\ra=1\r", "[A]@1\na=1@2\n" },
        { "3 line end \\0", BYTES("[A]\0a=1\0", "[A]@1\na=1@2\n") },
        { "3 line end \\r\\n", "[A]\r\na=1\r\n", "[A]@1\na=1@2\n" },
        { "3 line end \\n\\r", "[A]\n\ra=1\n\r", "[A]@1\na=1@2\n" },
        { "3 line end \\n\\0", BYTES("[A]\n\0a=1\n\0", "[A]@1\na=1@2\n") },
        { "3 line end \\r\\0", BYTES("[A]\r\0a=1\r\0", "[A]@1\na=1@2\n") },
        { "3 line end \\r\\n\\0", BYTES("[A]\r\n\0a=1\r\n\0", "[A]@1\na=1@2\n") },
        { "3 line end \\n\\r\\0", BYTES("[A]\n\r\0a=1\n\r\0", "[A]@1\na=1@2\n") },
        { "3 same marker twice is an empty line: \\n", "[A]\n\na=1\n", "[A]@1\na=1@3\n" },
        { "3 same marker twice is an empty line: \\r", "[A]\r\ra=1\r", "[A]@1\na=1@3\n" },
        { "3 same marker twice is an empty line: \\0", BYTES("[A]\0\0a=1\0", "[A]@1\na=1@3\n") },
        { "3 same pair twice is an empty line", "[A]\r\n\r\na=1", "[A]@1\na=1@3\n" },
        { "3 NUL is the last marker of a line end", BYTES("[A]\0\na=1", "[A]@1\na=1@3\n") },
        { "3 mixed line ends", BYTES("[A]\ra=1\nb=2\0c=3\r\nd=4", "[A]@1\na=1@2\nb=2@3\nc=3@4\nd=4@5\n") },
        { "3 end of file ends the last line", "[A]\na=1", "[A]@1\na=1@2\n" },
        { "3 empty file", "", "" },
        { "3 only line ends", "\n\r\n\n", "" },
        { "3 NUL ends a value, it is never in one", BYTES("[A]\na=1\0b=2\n", "[A]@1\na=1@2\nb=2@3\n") },
        { "3 byte order mark is stripped", BOM "[A]\na=1\n", "[A]@1\na=1@2\n" },
        { "3 byte order mark is stripped once a file", "[A]\n" BOM "a=1\n" BOM "b=2\n",
          "[A]@1\na=1@2\n" BOM "b=2@3\n" },
        { "3 byte order mark before blanks and header", BOM "  [A]\na=1\n", "[A]@1\na=1@2\n" },
        { "3 byte order mark on an empty line", BOM "\n[A]\n", "[A]@2\n" },
        { "3 byte order mark, then a comment: none (checklist 1)", BOM "# x\n[A]\na=1\n",
          "[A]@2\na=1@3\nwarning@1\n" },
        { "3 byte order mark, then a comment with '='", BOM "; x=1\n[A]\n", "[A]@2\nwarning@1\n" },
        { "3 comment check comes before byte order mark: blanks first", " " BOM "[A]\n", "warning@1\n" },
        { "3 UTF-16 is not supported", BYTES("\xff\xfe[\0A\0]\0", "error@1\n") },
        { "3 valid UTF-8 of every length", "[A]\na=\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7\n",
          "[A]@1\na=\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7@2\n" },
        { "3 invalid UTF-8 in a value rejects the file", "[A]\na=1\nb=\xff\nc=1\n", "error@3\n" },
        { "3 invalid UTF-8 in a key rejects the file", "[A]\n\xe4=1\n", "error@2\n" },
        { "3 invalid UTF-8 in a header rejects the file", "[\xe4]\n", "error@1\n" },
        { "3 invalid UTF-8 before any header rejects the file", "\xe4\n", "error@1\n" },
        { "3 invalid UTF-8 in an [X-] section rejects the file", "[X-A]\na=\xe4\n", "error@2\n" },
        { "3 invalid UTF-8: cut character", "[A]\na=\xe2\x82\n", "error@2\n" },
        { "3 invalid UTF-8: over-long form", "[A]\na=\xc0\xaf\n", "error@2\n" },
        { "3 invalid UTF-8: over-long form of three", "[A]\na=\xe0\x80\xaf\n", "error@2\n" },
        { "3 invalid UTF-8: surrogate", "[A]\na=\xed\xa0\x80\n", "error@2\n" },
        { "3 invalid UTF-8: beyond U+10FFFF", "[A]\na=\xf4\x90\x80\x80\n", "error@2\n" },
        { "3 invalid UTF-8: non-character", "[A]\na=\xef\xbf\xbf\n", "error@2\n" },
        { "3 invalid UTF-8 in a comment is not looked at (checklist 1)", "[A]\n# \xff\n;\xc0\na=1\n",
          "[A]@1\na=1@4\n" },
        { "3 character split over a continuation is not valid", "[A]\na=\xc3\\\n\xa4\n", "error@3\n" },
        { "3 whitespace set: space, tab", " \t[A] \t\n \t a \t = \t 1 \t \n", "[A]@1\na=1@2\n" },
        { "3 whitespace set: not vertical tab", "[A]\na=\v1\v\n", "[A]@1\na=\v1\v@2\n" },
        { "3 whitespace set: not form feed", "[A]\n\fa=1\n", "[A]@1\n\fa=1@2\n" },
        { "3 whitespace set: not NBSP",
          "[A]\na=\xc2\xa0"
          "1\n",
          "[A]@1\na=\xc2\xa0"
          "1@2\n" },
        { "3 indented header and key", "\t[A]\n        a=1\n  b=2\n", "[A]@1\na=1@2\nb=2@3\n" },
        { "3 indented key after a key is no continuation", "[A]\na=1\n  b=2\n", "[A]@1\na=1@2\nb=2@3\n" },
        { "3 inner whitespace of a value is kept", "[A]\na=1 \t  2\n", "[A]@1\na=1 \t  2@2\n" },
        { "3 blank lines are ignored", "\n \t\n[A]\n\n  \na=1\n\n", "[A]@3\na=1@6\n" },

        /* 4: comments and continuation */
        { "4 comment '#'", "# x\n[A]\n#a=1\nb=2\n", "[A]@2\nb=2@4\n" },
        { "4 comment ';'", "; x\n[A]\n;a=1\nb=2\n", "[A]@2\nb=2@4\n" },
        { "4 indented comment", "[A]\n \t# a=1\n\t;b=2\n", "[A]@1\n" },
        { "4 no comment behind a value: #", "[A]\na=v # x\n", "[A]@1\na=v # x@2\n" },
        { "4 no comment behind a value: ;", "[A]\na=v ; x\n", "[A]@1\na=v ; x@2\n" },
        { "4 value that is only ' ;'", "[A]\na= ;\n", "[A]@1\na=;@2\n" },
        { "4 value that begins with #", "[A]\na=#1\n", "[A]@1\na=#1@2\n" },
        { "4 comment ending in a backslash does not go on", "[A]\n# x\\\na=1\n", "[A]@1\na=1@3\n" },
        { "4 continuation: backslash becomes one space", "[A]\na=1\\\n2\n", "[A]@1\na=1 2@3\n" },
        { "4 continuation keeps leading blanks", "[A]\na=1 \\\n   2\n", "[A]@1\na=1     2@3\n" },
        { "4 continuation of several lines", "[A]\na=1\\\n2\\\n3\nb=4\n", "[A]@1\na=1 2 3@4\nb=4@5\n" },
        { "4 continuation with CRLF", "[A]\r\na=1\\\r\n2\r\n", "[A]@1\na=1 2@3\n" },
        { "4 continuation with NUL", BYTES("[A]\0a=1\\\0"
                                           "2\0",
                                           "[A]@1\na=1 2@3\n") },
        { "4 backslash, then blanks: no continuation", "[A]\na=1\\ \nb=2\n", "[A]@1\na=1\\@2\nb=2@3\n" },
        { "4 two backslashes: no continuation (checklist 3)", "[A]\na=1\\\\\nb=2\n",
          "[A]@1\na=1\\\\@2\nb=2@3\n" },
        { "4 three backslashes: continuation (checklist 3)", "[A]\na=1\\\\\\\n2\n", "[A]@1\na=1\\\\ 2@3\n" },
        { "4 backslash inside a line is kept", "[A]\na=\\1\\2\n", "[A]@1\na=\\1\\2@2\n" },
        { "4 continued line ending in two backslashes", "[A]\na=1\\\n2\\\\\nb=3\n",
          "[A]@1\na=1 2\\\\@3\nb=3@4\n" },
        { "4 line of one backslash goes on", "[A]\n\\\na=1\n", "[A]@1\na=1@3\n" },
        { "4 comments inside a continuation are skipped", "[A]\na=1\\\n# x\n ; y\\\n#\n2\n",
          "[A]@1\na=1 2@6\n" },
        { "4 blank line inside a continuation ends it", "[A]\na=1\\\n\nb=2\n", "[A]@1\na=1@3\nb=2@4\n" },
        { "4 whitespace line inside a continuation ends it", "[A]\na=1\\\n  \nb=2\n",
          "[A]@1\na=1@3\nb=2@4\n" },
        { "4 comment, then blank line inside a continuation", "[A]\na=1\\\n#x\n\nb=2\n",
          "[A]@1\na=1@4\nb=2@5\n" },
        { "4 continuation at end of file", "[A]\na=1\\", "[A]@1\na=1@2\n" },
        { "4 continuation at end of file, after the line end", "[A]\na=1\\\n", "[A]@1\na=1@2\n" },
        { "4 comment in a continuation at end of file", "[A]\na=1\\\n# x", "[A]@1\na=1@3\n" },
        { "4 header split over lines", "[A\\\nB]\na=1\n", "[A B]@2\na=1@3\n" },
        { "4 key split over lines", "[A]\na\\\nb=1\n", "[A]@1\na b=1@3\n" },
        { "4 header continued into an assignment has text after ']'", "[A]\\\na=1\n", "error@2\n" },
        { "4 line number is that of the last physical line", "[A]\na=1\\\n2\\\n# x\n3\n",
          "[A]@1\na=1 2 3@5\n" },
        { "4 byte order mark inside a continuation", "[A]\na=1\\\n" BOM "2\n", "[A]@1\na=1 2@3\n" },
        { "4 a value may go on with what looks like a header", "[A]\na=\\\n[B]\nb=1\n",
          "[A]@1\na=[B]@3\nb=1@4\n" },

        /* 5: sections and assignments */
        { "5 header: name is not trimmed (checklist 4)", "[ NetDev ]\nName=x\n",
          "[ NetDev ]@1\nName=x@2\n" },
        { "5 header: name is all up to the last ']'", "[a]b]\nc=1\n", "[a]b]@1\nc=1@2\n" },
        { "5 header: name with '[', ';', '#', '=', ':'", "[[ ;#=:]\nc=1\n", "[[ ;#=:]@1\nc=1@2\n" },
        { "5 header: name '@'", "[@]\nc=1\n[b]\nc=2\n", "[@]@1\nc=1@2\n[b]@3\nc=2@4\n" },
        { "5 header: empty name", "[]\na=1\n", "[]@1\na=1@2\n" },
        { "5 header: name of 48 bytes", "[" X10 X10 X10 X10 "12345678]\na=1\n",
          "[" X10 X10 X10 X10 "12345678]@1\na=1@2\n" },
        { "5 header: name of 49 bytes", "[" X10 X10 X10 X10 "123456789]\na=1\n",
          "[" X10 X10 X10 X10 "123456789]@1\na=1@2\n" },
        { "5 header: name of 60 bytes", "[" X60 "]\na=1\n", "[" X60 "]@1\na=1@2\n" },
        { "5 header: name of 300 bytes", "[" X300 "]\na=1\n", "[" X300 "]@1\na=1@2\n" },
        { "5 header: UTF-8 name", "[\xc3\xa4]\na=1\n", "[\xc3\xa4]@1\na=1@2\n" },
        { "5 header: long names that begin alike", "[" X60 "a]\n1=1\n[" X60 "b]\n2=2\n",
          "[" X60 "a]@1\n1=1@2\n[" X60 "b]@3\n2=2@4\n" },
        { "5 bad header: no ']' rejects the file", "[B]\nb=1\n[A\na=1\n", "error@3\n" },
        { "5 bad header: only '['", "[\n", "error@1\n" },
        { "5 bad header: text after ']'", "[A] x\na=1\n", "error@1\n" },
        { "5 bad header: comment after ']'", "[A] # x\na=1\n", "error@1\n" },
        { "5 bad header: double quote", "[A\"]\n", "error@1\n" },
        { "5 bad header: single quote", "[A']\n", "error@1\n" },
        { "5 bad header: backslash", "[A\\x]\n", "error@1\n" },
        { "5 bad header: control character", "[A\x01]\n", "error@1\n" },
        { "5 bad header: tab", "[A\tB]\n", "error@1\n" },
        { "5 bad header: DEL", "[A\x7f]\n", "error@1\n" },
        { "5 bad header in an [X-] section", "[X-A]\n[B\n", "error@2\n" },
        { "5 what stands before a bad header is no use", "[A]\nx\na=1\n[B\n", "warning@2\nerror@4\n" },
        { "5 case of names is kept", "[netdev]\nNAME=x\n", "[netdev]@1\nNAME=x@2\n" },
        { "5 section without assignments", "[A]\n[B]\n", "[A]@1\n[B]@2\n" },
        { "5 [X-] section and X- key are kept", "[X-A]\na=1\n[B]\nX-b=2\n",
          "[X-A]@1\na=1@2\n[B]@3\nX-b=2@4\n" },
        { "5 [X-] section: line without '=' is silent", "[X-A]\nx\n[B]\nx\n",
          "[X-A]@1\n[B]@3\nwarning@4\n" },
        { "5 [X-] section: empty key is silent", "[X-A]\n=1\n", "[X-A]@1\n" },
        { "5 [x-] is no X- section", "[x-A]\nx\n", "[x-A]@1\nwarning@2\n" },
        { "5 assignment before any header", "a=1\n[A]\nb=2\n", "[A]@2\nb=2@3\nwarning@1\n" },
        { "5 no '=' before any header", "a\n[A]\n", "[A]@2\nwarning@1\n" },
        { "5 no '='", "[A]\na\nb=2\n", "[A]@1\nb=2@3\nwarning@2\n" },
        { "5 ':' is no separator", "[A]\na: 1\n", "[A]@1\nwarning@2\n" },
        { "5 empty key", "[A]\n=v\nb=2\n", "[A]@1\nb=2@3\nwarning@2\n" },
        { "5 blank key", "[A]\n  =v\n", "[A]@1\nwarning@2\n" },
        { "5 first '=' splits", "[A]\na=b=c\n", "[A]@1\na=b=c@2\n" },
        { "5 '==' begins a value", "[A]\na==\n", "[A]@1\na==@2\n" },
        { "5 empty value", "[A]\na=\nb= \t\n", "[A]@1\na=@2\nb=@3\n" },
        { "5 same key twice: both are kept in order", "[A]\na=1\na=2\n", "[A]@1\na=1@2\na=2@3\n" },
        { "5 repeated header: a section of its own", "[A]\na=1\n[A]\na=2\n",
          "[A]@1\na=1@2\n[A]@3\na=2@4\n" },
        { "5 repeated header without assignments", "[A]\n[A]\n[A]\n", "[A]@1\n[A]@2\n[A]@3\n" },
        { "5 repeated long header", "[" X60 "]\n[" X60 "]\na=1\n", "[" X60 "]@1\n[" X60 "]@2\na=1@3\n" },
        { "5 sections in between", "[A]\n[B]\nb=1\n[A]\na=1\n", "[A]@1\n[B]@2\nb=1@3\n[A]@4\na=1@5\n" },

        /* What inih would read otherwise. */
        { "inih: value with ':'", "[A]\na=1:2\n", "[A]@1\na=1:2@2\n" },
        { "inih: key with ':'", "[A]\na:b=c\n", "[A]@1\na:b=c@2\n" },
        { "inih: key with ' ;'", "[A]\na ;b=c\n", "[A]@1\na ;b=c@2\n" },
        { "inih: key with '#'", "[A]\na#b=c\n", "[A]@1\na#b=c@2\n" },
        { "inih: key with ']'", "[A]\na]=c\n", "[A]@1\na]=c@2\n" },
        { "inih: key '@'", "[A]\n@=1\nb=2\n", "[A]@1\n@=1@2\nb=2@3\n" },
        { "inih: value '@'", "[A]\na=@\n", "[A]@1\na=@@2\n" },
        { "inih: value '[x]'", "[A]\na=[x]\nb=2\n", "[A]@1\na=[x]@2\nb=2@3\n" },
        { "inih: key with blanks", "[A]\na  b = c\n", "[A]@1\na  b=c@2\n" },
        { "inih: key of 48 bytes", "[A]\n" X10 X10 X10 X10 "12345678=1\n",
          "[A]@1\n" X10 X10 X10 X10 "12345678=1@2\n" },
        { "inih: key of 49 bytes", "[A]\n" X10 X10 X10 X10 "123456789=1\n",
          "[A]@1\n" X10 X10 X10 X10 "123456789=1@2\n" },
        { "inih: key of 300 bytes", "[A]\n" X300 "=1\n", "[A]@1\n" X300 "=1@2\n" },
        { "inih: value of 300 bytes", "[A]\na=" X300 "\nb=2\n", "[A]@1\na=" X300 "@2\nb=2@3\n" },
        { "inih: indented value of a multi-line list", "[A]\na=1\n\tb\n", "[A]@1\na=1@2\nwarning@3\n" },

        /* 7 */
        { "7 quotes are not the file's business", "[A]\na=\"x y\" 'z'\n", "[A]@1\na=\"x y\" 'z'@2\n" },
        { "7 specifiers and variables are literal", "[A]\na=%i $HOME ${x}\n", "[A]@1\na=%i $HOME ${x}@2\n" },
        { "7 no includes", "[A]\n.include /etc/x\n", "[A]@1\nwarning@2\n" },
};

static void dump_to(FILE *f, const IniFile *ini) {
        size_t j = 0;

        for (size_t i = 0; i < ini->n_sections; i++) {
                fprintf(f, "[%s]@%u\n", ini->sections[i].name, ini->sections[i].line);
                for (; j < ini->n_assignments && ini->assignments[j].section == i; j++)
                        fprintf(f, "%s=%s@%u\n", ini->assignments[j].key, ini->assignments[j].value,
                                ini->assignments[j].line);
        }
        assert_int_equal(j, ini->n_assignments);
}

static char *dump(const IniFile *ini, const Diagnostics *diag) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        if (ini)
                dump_to(f, ini);
        for (size_t i = 0; i < diag->n; i++)
                fprintf(f, "%s@%u\n", severity_to_string(diag->items[i].severity), diag->items[i].line);
        fclose(f);
        return text;
}

static int read_bytes(const void *bytes, size_t size, Diagnostics *diag, IniFile **ret) {
        _cleanup_(close_fdp) int fd = memfd_create("test", MFD_CLOEXEC);

        assert_int_equal(write(fd, bytes, size), size);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        return ini_read_fd(fd, size, "test.netdev", diag, ret);
}

static void test_row(void **state) {
        const Row *row = *state;
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;
        _cleanup_(freep) char *text = NULL;
        int r;

        r = read_bytes(row->input, row->size > 0 ? row->size : strlen(row->input), &diag, &ini);
        assert_int_equal(r, diag_any(&diag, SEVERITY_ERROR) ? -EBADMSG : 0);
        text = dump(ini, &diag);
        assert_string_equal(text, row->expected);

        for (size_t i = 0; i < diag.n; i++) {
                assert_string_equal(diag.items[i].path, "test.netdev");
                assert_non_null(diag.items[i].hint);
        }
}

/* A line of n bytes, 'x' but for the ends. */
static char *long_line(const char *begin, size_t n, const char *end) {
        char *s = malloc(n + strlen(end) + 1);

        assert_non_null(s);
        memset(s, 'x', n);
        memcpy(s, begin, strlen(begin));
        strcpy(s + n, end);
        return s;
}

static int read_long(const char *s, Diagnostics *diag, IniFile **ret) {
        _cleanup_(freep) char *all = NULL;
        int n = asprintf(&all, "[A]\n%s", s);

        assert_true(n > 0);
        return read_bytes(all, (size_t) n, diag, ret);
}

static void check_limit(const char *begin, size_t n, const char *end, int expected) {
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;
        _cleanup_(freep) char *s = long_line(begin, n, end);

        assert_int_equal(read_long(s, &diag, &ini), expected);
        assert_int_equal(diag.n, expected < 0 ? 1 : 0);
        if (expected < 0) {
                assert_int_equal(diag.items[0].severity, SEVERITY_ERROR);
                assert_true(diag.items[0].line >= 2);
                assert_null(ini);
        }
}

static void test_line_limit(void **state _unused_) {
        check_limit("a=", INI_LINE_MAX, "\n", 0);
        check_limit("a=", INI_LINE_MAX, "", 0);
        check_limit("a=", INI_LINE_MAX, "\r\n", 0);
        check_limit("a=", INI_LINE_MAX + 1, "\n", -EBADMSG);
        check_limit("a=", INI_LINE_MAX + 1, "", -EBADMSG);
        check_limit("#", INI_LINE_MAX, "\n", 0);
        check_limit("#", INI_LINE_MAX + 1, "\n", -EBADMSG);
}

static void test_joined_line_limit(void **state _unused_) {
        /* n counts up to `end`; a backslash counts as the space it becomes. */
        check_limit("a=", INI_LINE_MAX - 1, "\\\n\n", 0);
        check_limit("a=", INI_LINE_MAX, "\\\n\n", -EBADMSG); /* the physical line */
        check_limit("a=", INI_LINE_MAX - 2, "\\\nx\n", 0);
        check_limit("a=", INI_LINE_MAX - 1, "\\\nx\n", -EBADMSG);
        check_limit("a=", INI_LINE_MAX - 1, "\\\n# a comment does not count\n\n", 0);
}

static void test_long_value_is_whole(void **state _unused_) {
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;
        _cleanup_(freep) char *s = long_line("a=", INI_LINE_MAX, "\n");

        assert_int_equal(read_long(s, &diag, &ini), 0);
        assert_int_equal(ini->n_assignments, 1);
        assert_int_equal(strlen(ini->assignments[0].value), INI_LINE_MAX - 2);
        assert_int_equal(strspn(ini->assignments[0].value, "x"), INI_LINE_MAX - 2);
}

static void test_5000_assignments(void **state _unused_) {
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;
        _cleanup_(freep) char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        fprintf(f, "[Network]\n");
        for (int i = 0; i < 5000; i++)
                fprintf(f, "Address=fd00::%x/128\n", i);
        fclose(f);

        assert_int_equal(read_bytes(text, size, &diag, &ini), 0);
        assert_int_equal(ini->n_assignments, 5000);
        assert_int_equal(ini->assignments[4999].line, 5001);
        assert_string_equal(ini->assignments[4999].key, "Address");
        assert_string_equal(ini->assignments[4999].value, "fd00::1387/128");
}

static int read_repeated(const char *unit, size_t n, Diagnostics *diag, IniFile **ret) {
        size_t k = strlen(unit);
        _cleanup_(freep) char *all = malloc(n * k + 4);

        assert_non_null(all);
        memcpy(all, "[A]\n", 4);
        for (size_t i = 0; i < n; i++)
                memcpy(all + 4 + i * k, unit, k);
        return read_bytes(all, n * k + 4, diag, ret);
}

static void test_entries_limit(void **state _unused_) {
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL, *none = NULL;

        assert_int_equal(read_repeated("a=\n", INI_ENTRIES_MAX - 1, &diag, &ini), 0);
        assert_int_equal(ini->n_assignments, INI_ENTRIES_MAX - 1);
        assert_int_equal(diag.n, 0);
        assert_int_equal(read_repeated("a=\n", INI_ENTRIES_MAX, &diag, &none), -EFBIG);
        assert_int_equal(read_repeated("[B]\n", INI_ENTRIES_MAX, &diag, &none), -EFBIG);
        assert_int_equal(diag.n, 2);
        assert_int_equal(diag.items[0].line, INI_ENTRIES_MAX + 1);
        assert_null(none);
}

static void test_diagnostic_says_where(void **state _unused_) {
        static const char input[] = "[NetDev]\nName\n";
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;
        _cleanup_(freep) char *message = NULL;

        assert_int_equal(read_bytes(input, strlen(input), &diag, &ini), 0);
        assert_int_equal(diag.n, 1);
        assert_string_equal(diag.items[0].section, "NetDev");
        message = diag_message(diag.items);
        assert_non_null(strstr(message, "no '='"));
        assert_non_null(strstr(message, "Key=value"));
        assert_string_equal(ini->path, "test.netdev");
}

/* What is quoted in a message travels over the bus, so it must stay valid UTF-8. */
static void test_excerpt_cuts_no_character(void **state _unused_) {
        static const char input[] = "[" X10 X10 X10 X10 X10 "12345678\xc3\xa4 and more\n";
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;

        assert_int_equal(read_bytes(input, strlen(input), &diag, &ini), -EBADMSG);
        assert_non_null(strstr(diag.items[0].text, "12345678..."));
}

/* Pieces that end anywhere. What comes to the size is the end: asking for more would fail here. */
static void test_short_reads(void **state _unused_) {
        static const char *const pieces[] = { "[NetDev]\nNa", "me=tun0\r", "\nKind=tun" };
        _cleanup_(diag_done) Diagnostics diag = {};
        size_t size = 0;
        int fds[2];

        for (size_t i = 0; i < ELEMENTSOF(pieces); i++)
                size += strlen(pieces[i]);

        for (int known = 0; known < 2; known++) {
                _cleanup_(ini_freep) IniFile *ini = NULL;

                assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
                                 0);
                for (size_t i = 0; i < ELEMENTSOF(pieces); i++)
                        assert_int_equal(write(fds[1], pieces[i], strlen(pieces[i])), strlen(pieces[i]));
                if (!known)
                        assert_int_equal(shutdown(fds[1], SHUT_WR), 0);

                assert_int_equal(ini_read_fd(fds[0], known ? size : SIZE_MAX, "pieces", &diag, &ini), 0);
                assert_int_equal(diag.n, 0);
                assert_int_equal(ini->n_assignments, 2);
                assert_string_equal(ini->assignments[0].value, "tun0");
                assert_int_equal(ini->assignments[1].line, 3);
                assert_string_equal(ini->assignments[1].value, "tun");
                close(fds[0]);
                close(fds[1]);
        }
}

static void test_stream_too_large(void **state _unused_) {
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;
        _cleanup_(close_fdp) int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

        assert_int_equal(ini_read_fd(fd, SIZE_MAX, "zero", &diag, &ini), -EFBIG);
        assert_int_equal(diag.n, 1);
}

static void test_stream_read_error(void **state _unused_) {
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;
        _cleanup_(close_fdp) int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

        assert_int_equal(ini_read_fd(fd, SIZE_MAX, "mem", &diag, &ini), -EIO);
        assert_int_equal(diag.n, 1);
        assert_non_null(strstr(diag.items[0].text, "cannot be read"));
}

static const struct CMUnitTest single_tests[] = {
        cmocka_unit_test(test_line_limit),
        cmocka_unit_test(test_joined_line_limit),
        cmocka_unit_test(test_long_value_is_whole),
        cmocka_unit_test(test_5000_assignments),
        cmocka_unit_test(test_entries_limit),
        cmocka_unit_test(test_diagnostic_says_where),
        cmocka_unit_test(test_excerpt_cuts_no_character),
        cmocka_unit_test(test_short_reads),
        cmocka_unit_test(test_stream_too_large),
        cmocka_unit_test(test_stream_read_error),
};

int main(void) {
        struct CMUnitTest tests[ELEMENTSOF(rows) + ELEMENTSOF(single_tests)];
        size_t n = 0;

        ROWS_APPEND(tests, &n, test_row, rows, NULL);
        for (size_t i = 0; i < ELEMENTSOF(single_tests); i++)
                tests[n++] = single_tests[i];

        return _cmocka_run_group_tests("ini", tests, n, NULL, NULL);
}
