/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What fits to be shown stays as it is, up to the last byte there is room for. */

#include <stdlib.h>

#include "test.h"

#include "base/cleanup.h"
#include "base/escape.h"

static void test_escape(void **state _unused_) {
        static const struct {
                const char *text;
                size_t max;
                const char *expected;
        } rows[] = {
                { "", 0, "" },
                { "", 5, "" },
                { "plain", 6, "plain" },
                { "plain", 5, "plain" },
                { "plain", 4, "plai…" },
                { "plain", 0, "…" },
                { "tab\there", 20, "tab\\x09here" },
                { "\x7f", 4, "\\x7f" },
                { "\x7f", 3, "…" },
                { "grün", 10, "grün" },
                { "grün", 5, "grün" },
                { "grün", 3, "gr…" },
                { "gr\xfcn", 10, "gr\\xfcn" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char *text = text_escape(rows[i].text, rows[i].max);

                assert_string_equal(text, rows[i].expected);
                free(text);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_escape),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
