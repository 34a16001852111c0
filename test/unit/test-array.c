/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test.h"

#include <string.h>

#include "base/array.h"

static void test_reserve_keeps_elements(void **state _unused_) {
        _cleanup_(freep) int *items = NULL;

        for (size_t n = 0; n < 1000; n++) {
                assert_int_equal(ARRAY_RESERVE_ONE(items, n), 0);
                items[n] = (int) n;
        }
        for (int i = 0; i < 1000; i++)
                assert_int_equal(items[i], i);
}

static int compare_int(const void *item, const void *key) {
        return *(const int *) item - *(const int *) key;
}

/* Of every length up to 20, every key that is there or would be between two: as a search from the front. */
static void test_lower_bound(void **state _unused_) {
        int items[20];

        for (int i = 0; i < 20; i++)
                items[i] = i / 2 * 10; /* each twice */
        for (size_t n = 0; n <= 20; n++)
                for (int key = -5; key <= 105; key += 5) {
                        size_t first = 0;

                        while (first < n && items[first] < key)
                                first++;
                        assert_int_equal(ARRAY_LOWER_BOUND(items, n, &key, compare_int), first);
                }
        assert_int_equal(ARRAY_LOWER_BOUND((int *) NULL, 0, items, compare_int), 0);
}

static void test_strv(void **state _unused_) {
        _cleanup_(strv_freep) char **a = NULL, **b = NULL;

        assert_true(strv_equal(a, b));
        assert_int_equal(strv_length(NULL), 0);
        assert_int_equal(strv_append(&a, "x"), 0);
        assert_int_equal(strv_consume(&a, strdup("y")), 0);
        assert_int_equal(strv_length(a), 2);
        assert_null(a[2]);
        assert_false(strv_equal(a, b));
        assert_int_equal(strv_append(&b, "x"), 0);
        assert_int_equal(strv_append(&b, "z"), 0);
        assert_false(strv_equal(a, b));
        assert_int_equal(strv_consume(&a, NULL), -ENOMEM);
        assert_int_equal(strv_length(a), 2);
}

static void test_strv_pack(void **state _unused_) {
        char *list[] = { (char *) "a", (char *) "", (char *) "some longer text", NULL };
        char **packed = strv_pack(list);

        assert_true(strv_equal(packed, list));
        assert_ptr_not_equal(packed[0], list[0]);
        free(packed);

        packed = strv_pack(NULL);
        assert_null(packed[0]);
        free(packed);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_reserve_keeps_elements),
                cmocka_unit_test(test_lower_bound),
                cmocka_unit_test(test_strv),
                cmocka_unit_test(test_strv_pack),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
