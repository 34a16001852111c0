/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The line behind a diagnostic, and the place in it. */

#include "rows.h"

#include <errno.h>
#include <unistd.h>

#include "source-line.h"

static char path[] = "/tmp/test-source-line.XXXXXX";

static void put(const char *bytes, size_t n) {
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_int_equal(fwrite(bytes, 1, n, f), n);
        assert_int_equal(fclose(f), 0);
}

#define PUT(s) put(s, sizeof(s) - 1)

static void line_is(unsigned n, const char *expected) {
        _cleanup_(freep) char *line = NULL;

        assert_int_equal(source_line_read(path, n, &line), expected ? 0 : -ENOENT);
        if (expected)
                assert_string_equal(line, expected);
        else
                assert_null(line);
}

/* As the loader counts: a row of different markers is one end. */
static void test_line_ends(void **state _unused_) {
        PUT("a\nb\r\nc\r\n\0d\n\re\0f\n\ng\r\rh");
        line_is(0, NULL);
        line_is(1, "a");
        line_is(2, "b");
        line_is(3, "c");
        line_is(4, "d");
        line_is(5, "e");
        line_is(6, "f");
        line_is(7, "");
        line_is(8, "g");
        line_is(9, "");
        line_is(10, "h");
        line_is(11, NULL);
        PUT("");
        line_is(1, NULL);
        PUT("\n");
        line_is(1, "");
        line_is(2, NULL);
}

static void test_long_line(void **state _unused_) {
        _cleanup_(freep) char *text = malloc(100000), *line = NULL;

        assert_non_null(text);
        memset(text, 'x', 100000);
        text[99998] = '\n';
        text[99999] = 'y';
        put(text, 100000);
        assert_int_equal(source_line_read(path, 1, &line), 0);
        assert_int_equal(strlen(line), 4096);
        line_is(2, "y");
}

static void test_no_file(void **state _unused_) {
        char *line = NULL;

        assert_int_equal(source_line_read("/tmp", 1, &line), -EINVAL);
        assert_int_equal(source_line_read("/dev/null", 1, &line), -EINVAL);
        assert_int_equal(source_line_read("/no/such/file", 1, &line), -ENOENT);
        assert_null(line);
}

typedef struct Row {
        const char *line;
        const char *section, *key, *text;
        const char *expected; /* the place */
} Row;

static const Row rows[] = {
        { "MultiQueue=maybe", "Tun", "MultiQueue", "is no boolean", "maybe" },
        { " \tMultiQueue =  maybe  ", "Tun", "MultiQueue", "is no boolean", "maybe" },
        { "MultiQueue=", "Tun", "MultiQueue", "is no boolean", "" },
        { "Multiqueue=yes", "Tun", "Multiqueue", "unknown key", "Multiqueue" },
        { " X = y = z ", "Tun", "X", "unknown key", "X" },
        { "Kind=a=b", "NetDev", "Kind", "is not known", "a=b" },
        { "Name=eth0 /dev/x eth1", "Match", "Name", "'/dev/x' in Name= can match no interface", "/dev/x" },
        { "Name=a b", "Match", "Name", "'c' is not in it, but 'b' is", "b" },
        { "Name=a b", "Match", "Name", "it's one quote", "a b" },
        { "Name=a b", "Match", "Name", "'' is empty", "a b" },
        { " [Tunn] ", "Tunn", NULL, "unknown section [Tunn]", "[Tunn]" },
        { "  no assignment ", "Tun", NULL, "an assignment is expected", "no assignment" },
        { "a value that goes on", "Tun", "MultiQueue", "is no boolean", "a value that goes on" },
        { "Name=another key's line", "Tun", "MultiQueue", "is no boolean", "Name=another key's line" },
        { "", "Tun", "MultiQueue", "is no boolean", "" },
};

static void test_place(void **state) {
        const Row *row = *state;
        Diagnostic d = {
                .path = (char *) "10-x.netdev",
                .line = 1,
                .section = (char *) row->section,
                .key = (char *) row->key,
                .text = (char *) row->text,
        };
        size_t start, length;

        if (strcmp(row->section, "Match") == 0)
                d.path = (char *) "10-x.network";
        source_line_find(&d, row->line, &start, &length);
        assert_true(start + length <= strlen(row->line));
        assert_int_equal(length, strlen(row->expected));
        assert_memory_equal(row->line + start, row->expected, length);
}

/* What is printed has no control character, and the caret stands below the place. */
static void test_print(void **state _unused_) {
        Diagnostic d = {
                .path = path,
                .line = 2,
                .section = (char *) "NetDev",
                .key = (char *) "MTUBytes",
                .text = (char *) "is no size",
        };
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        PUT("[NetDev]\n\tMTUBytes=\x1b[31m\xc3\xa4 # \xff\n");
        source_line_print(f, &d, false);
        assert_int_equal(fclose(f), 0);
        assert_string_equal(text, "         MTUBytes=\\x1b[31m\xc3\xa4 # \\xff\n"
                                  "                  ^~~~~~~~~~~~~~~~\n");
        free(text);
}

static int make(void **state _unused_) {
        int fd = mkstemp(path);

        return fd < 0 ? -1 : close(fd);
}

static int clean(void **state _unused_) {
        return unlink(path);
}

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(rows) + 4];
        size_t n = 0;

        ROWS_APPEND(tests, &n, test_place, rows, "place in");
        tests[n++] = (struct CMUnitTest) cmocka_unit_test(test_line_ends);
        tests[n++] = (struct CMUnitTest) cmocka_unit_test(test_long_line);
        tests[n++] = (struct CMUnitTest) cmocka_unit_test(test_no_file);
        tests[n++] = (struct CMUnitTest) cmocka_unit_test(test_print);
        return _cmocka_run_group_tests("source-line", tests, n, make, clean);
}
