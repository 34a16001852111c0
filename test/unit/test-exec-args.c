/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a command is told of its queues: placeholders in arguments, and the names of descriptors. */

#include "rows.h"

#include <errno.h>

#include "exec-args.h"

static const struct {
        const char *arg;
        unsigned first, n;
        const char *expected; /* NULL: refused, and */
        const char *problem;  /* begins so */
} rows[] = {
        { "", 3, 1, "", NULL },
        { "no braces", 3, 1, "no braces", NULL },

        { "{fds}", 3, 1, "3", NULL },
        { "{fds}", 3, 2, "3:4", NULL },
        { "{fds}", 5, 3, "5:6:7", NULL },
        { "tap,id=n0,fds={fds},vhost=off", 3, 2, "tap,id=n0,fds=3:4,vhost=off", NULL },
        { "{fds} and {fds}", 9, 2, "9:10 and 9:10", NULL },

        { "{fd}", 3, 1, "3", NULL },
        { "{fd}", 3, 2, NULL, "{fd} is for a single queue, and there are 2: use {fds}, or {fd0} to {fd1}" },
        { "{fd0}", 3, 1, "3", NULL },
        { "{fd0},{fd1}", 3, 2, "3,4", NULL },
        { "{fd1}{fd0}", 4, 2, "54", NULL },
        { "{fd255}", 3, 256, "258", NULL },
        { "{fd1}", 3, 1, NULL, "there is no {fd1}: the last of 1 is {fd0}; ask for more with --queues=" },
        { "ok {fd0} {fd2}", 3, 2, NULL, "there is no {fd2}: the last of 2 is {fd1}" },
        { "{fd256}", 3, 256, NULL, "there is no {fd256}: " },
        { "{fd4294967296}", 3, 1, NULL, "there is no {fd4294967296}: " },
        { "{fd99999999999999999999999}", 3, 256, NULL, "there is no {fd9999" },

        { "{name}", 3, 1, "vpn0", NULL },
        { "dev={name}:{fd}", 3, 1, "dev=vpn0:3", NULL },

        /* What is no placeholder is somebody else's. */
        { "{}", 3, 1, "{}", NULL },
        { "{", 3, 1, "{", NULL },
        { "}", 3, 1, "}", NULL },
        { "{fd", 3, 1, "{fd", NULL },
        { "{fd-1}", 3, 1, "{fd-1}", NULL },
        { "{fd0x1}", 3, 1, "{fd0x1}", NULL },
        { "{FD}", 3, 1, "{FD}", NULL },
        { "{ fd }", 3, 1, "{ fd }", NULL },
        { "{fdset}", 3, 1, "{fdset}", NULL },
        { "{names}", 3, 1, "{names}", NULL },
        { "{\"fds\":\"{fds}\"}", 3, 2, "{\"fds\":\"3:4\"}", NULL },
        { "{{fd}}", 3, 1, "{3}", NULL },
        { "echo ${fd} ${fd9} ${name}", 3, 1, "echo ${fd} ${fd9} ${name}", NULL },
        { "$ {fd}", 3, 1, "$ 3", NULL },
};

static void test_expand(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                ExecQueues q = { .name = "vpn0", .first = rows[i].first, .n = rows[i].n };
                char *args[] = { (char *) "first", (char *) rows[i].arg, NULL };
                _cleanup_(strv_freep) char **list = NULL;
                _cleanup_(freep) char *problem = NULL;
                int r;

                r = exec_args_expand(args, &q, &list, &problem);
                if (rows[i].expected) {
                        assert_int_equal(r, 0);
                        assert_int_equal(strv_length(list), 2);
                        assert_string_equal(list[0], "first");
                        assert_string_equal(list[1], rows[i].expected);
                        assert_null(problem);
                } else {
                        assert_int_equal(r, -EINVAL);
                        assert_null(list);
                        assert_memory_equal(problem, rows[i].problem, strlen(rows[i].problem));
                }
        }
}

static void names_are(const char *before, unsigned n_before, unsigned n, const char *expected) {
        ExecQueues q = { .name = "tap0", .first = 3 + n_before, .n = n };
        _cleanup_(freep) char *names = NULL;

        assert_int_equal(exec_args_join_names(before, n_before, &q, &names), 0);
        assert_string_equal(names, expected);
}

static void test_names(void **state _unused_) {
        names_are(NULL, 0, 1, "tap0");
        names_are(NULL, 0, 3, "tap0:tap0:tap0");
        names_are("stale", 0, 1, "tap0");
        names_are("http:dns", 2, 1, "http:dns:tap0");
        names_are("", 1, 1, ":tap0"); /* a name may be empty */
        names_are("http", 2, 1, "unknown:unknown:tap0");
        names_are(NULL, 1, 2, "unknown:tap0:tap0");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_expand),
                cmocka_unit_test(test_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
