/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test.h"

#include "base/cleanup.h"
#include "base/utf8.h"

static void test_find_invalid(void **state _unused_) {
        static const struct {
                const char *text;
                int at; /* of the invalid byte, -1: none */
        } rows[] = {
                { "", -1 },
                { "plain\x01\x7f", -1 },
                { "\xc2\x80\xdf\xbf", -1 },                 /* U+0080, U+07FF */
                { "\xe0\xa0\x80\xef\xbf\xbd", -1 },         /* U+0800, U+FFFD */
                { "\xed\x9f\xbf\xee\x80\x80", -1 },         /* around the surrogates */
                { "\xf0\x90\x80\x80\xf4\x8f\xbf\xbd", -1 }, /* U+10000, U+10FFFD */
                { "a\x80", 1 },
                { "a\xc3", 1 },
                { "a\xc3(", 1 },
                { "\xc1\xbf", 0 },
                { "\xe0\x9f\xbf", 0 },
                { "\xf0\x8f\xbf\xbf", 0 },
                { "\xf0\x9f\x90", 0 },
                { "\xed\xa0\x80", 0 },
                { "\xed\xbf\xbf", 0 },
                { "\xef\xb7\x90", 0 },     /* U+FDD0 */
                { "\xef\xbf\xbe", 0 },     /* U+FFFE */
                { "\xf4\x8f\xbf\xbf", 0 }, /* U+10FFFF */
                { "\xf4\x90\x80\x80", 0 },
                { "\xf5\x80\x80\x80", 0 },
                { "\xff", 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const char *invalid = utf8_find_invalid(rows[i].text);

                if (rows[i].at < 0)
                        assert_null(invalid);
                else
                        assert_ptr_equal(invalid, rows[i].text + rows[i].at);
        }
}

static void test_prefix(void **state _unused_) {
        static const char text[] = "a\xc3\xa4\xe2\x82\xac";
        static const size_t expected[] = { 0, 1, 1, 3, 3, 3, 6, 6 };

        for (size_t max = 0; max < ELEMENTSOF(expected); max++)
                assert_int_equal(utf8_prefix(text, max), expected[max]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_find_invalid),
                cmocka_unit_test(test_prefix),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
