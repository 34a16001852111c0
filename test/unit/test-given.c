/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What was given is found again, whatever else comes and goes. */

#include "test.h"

#include "config/given.h"

static void test_sources(void **state _unused_) {
        Given g = {};

        for (int key = 0; key < 20; key++) {
                Source source = { "file", (unsigned) key + 1, "Section", "Key" };

                assert_null(given_source(&g, key)->path);
                assert_int_equal(given_set_source(&g, key, &source), 0);
        }
        for (int key = 0; key < 20; key += 3)
                assert_int_equal(given_set_source(&g, key, &(Source){}), 0);
        assert_int_equal(given_set_source(&g, 1, &(Source){ .path = "other", .line = 7 }), 0);
        assert_int_equal(given_set_source(&g, 99, &(Source){}), 0);

        given_trim(&g);
        assert_int_equal(given_source(&g, 1)->line, 7);
        assert_string_equal(given_source(&g, 1)->path, "other");
        for (int key = 2; key < 20; key++)
                assert_int_equal(given_source(&g, key)->line, key % 3 == 0 ? 0 : key + 1);
        given_done(&g);
        assert_null(given_source(&g, 1)->path);
}

static void test_values(void **state _unused_) {
        Given g = {};

        for (int key = 0; key < 20; key++) {
                assert_false(given_value(&g, key).set);
                assert_int_equal(given_set_value(&g, key, (Optional){ true, key * 10 }), 0);
        }
        for (int key = 0; key < 20; key += 3)
                assert_int_equal(given_set_value(&g, key, (Optional){ false, 5 }), 0);
        assert_int_equal(given_set_value(&g, 1, (Optional){ true, -1 }), 0);

        given_trim(&g);
        assert_int_equal(given_value(&g, 1).value, -1);
        for (int key = 2; key < 20; key++) {
                Optional o = given_value(&g, key);

                assert_int_equal(o.set, key % 3 != 0);
                assert_int_equal(o.value, o.set ? key * 10 : 0);
        }
        given_done(&g);
}

/* Nothing given, nothing to give back. */
static void test_nothing(void **state _unused_) {
        Given g = {};

        given_trim(&g);
        assert_null(g.sources);
        assert_null(g.values);
        given_done(&g);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sources),
                cmocka_unit_test(test_values),
                cmocka_unit_test(test_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
