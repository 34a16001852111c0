/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test.h"

#include <string.h>

#include "base/diag.h"

static void test_message_and_order(void **state _unused_) {
        _cleanup_(diag_done) Diagnostics d = {};
        _cleanup_(freep) char *s = NULL;

        diag_add(&d, SEVERITY_WARNING, &(Source){ "b", 3, "Tun", "User" }, "do that", "bad %d", 7);
        diag_add(&d, SEVERITY_ERROR, &(Source){ "a", 9 }, NULL, "late");
        diag_add(&d, SEVERITY_NOTICE, &(Source){ "a", 1 }, NULL, "early");
        diag_sort(&d);

        assert_int_equal(d.n, 3);
        assert_string_equal(d.items[0].text, "early");
        assert_string_equal(d.items[1].text, "late");
        assert_string_equal(d.items[2].key, "User");
        s = diag_message(d.items + 2);
        assert_string_equal(s, "bad 7; do that");
}

static void test_bounded(void **state _unused_) {
        _cleanup_(diag_done) Diagnostics d = {}, more = {};

        for (int i = 0; i < DIAGNOSTICS_MAX + 5; i++)
                diag_add(&d, SEVERITY_WARNING, NULL, NULL, "x");
        assert_int_equal(d.n, DIAGNOSTICS_MAX);
        assert_int_equal(d.dropped, 5);

        diag_add(&more, SEVERITY_ERROR, NULL, NULL, "y");
        diag_move(&d, &more);
        assert_int_equal(d.dropped, 6);
        assert_int_equal(more.n, 0);
}

static void test_escaped(void **state _unused_) {
        _cleanup_(diag_done) Diagnostics d = {};

        diag_add(&d, SEVERITY_WARNING, &(Source){ "/etc/\xff\n", 1 }, "use \t",
                 "value '\x1b[2J\xc3\xa9\xc3' %s", "\x7f");
        assert_string_equal(d.items[0].path, "/etc/\\xff\\x0a");
        assert_string_equal(d.items[0].text, "value '\\x1b[2J\xc3\xa9\\xc3' \\x7f");
        assert_string_equal(d.items[0].hint, "use \\x09");
}

/* A value may be 1 MiB long, and ten thousand of them are listed. */
static void test_cut(void **state _unused_) {
        _cleanup_(diag_done) Diagnostics d = {};
        _cleanup_(freep) char *big = calloc(1, 1000002);

        for (size_t i = 0; i < 1000000; i += 2)
                memcpy(big + i, "\xc3\xa9", 2);
        diag_add(&d, SEVERITY_WARNING, &(Source){ "x", 1, big, big }, big, "a%s", big);
        assert_true(strlen(d.items[0].text) < 1100);
        assert_true(strlen(d.items[0].section) < 300);
        assert_string_equal(d.items[0].text + strlen(d.items[0].text) - 5, "\xc3\xa9…");

        memset(big, 0xff, 1000000);
        diag_add(&d, SEVERITY_WARNING, NULL, NULL, "%s", big);
        assert_true(strlen(d.items[1].text) < 1100);
}

static void test_any(void **state _unused_) {
        _cleanup_(diag_done) Diagnostics d = {};

        diag_add(&d, SEVERITY_WARNING, NULL, NULL, "x");
        assert_false(diag_any(&d, SEVERITY_ERROR));
        assert_true(diag_any(&d, SEVERITY_WARNING));
        assert_true(diag_any(&d, SEVERITY_NOTICE));
}

static void test_words(void **state _unused_) {
        for (Severity v = 0; v < _SEVERITY_MAX; v++)
                assert_int_equal(severity_from_string(severity_to_string(v)), v);
        assert_int_equal(severity_from_string("x"), _SEVERITY_INVALID);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_message_and_order),
                cmocka_unit_test(test_bounded),
                cmocka_unit_test(test_escaped),
                cmocka_unit_test(test_cut),
                cmocka_unit_test(test_any),
                cmocka_unit_test(test_words),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
