/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One holder at a time, seen by everybody, and gone with the holder. */

#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/lock-file.h"

static void test_one_holder(void **state _unused_) {
        char dir[] = "/tmp/netdevd-lock.XXXXXX", path[sizeof(dir) + 8], linked[sizeof(dir) + 8];
        struct stat st;
        int fd;

        assert_non_null(mkdtemp(dir));
        assert_true(snprintf(path, sizeof(path), "%s/lock", dir) > 0);
        assert_true(snprintf(linked, sizeof(linked), "%s/link", dir) > 0);
        assert_false(lock_file_is_taken(path));

        fd = lock_file_take(path);
        assert_true(fd >= 0);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(lock_file_take(path), -EWOULDBLOCK);
        assert_true(lock_file_is_taken(path));
        assert_false(lock_file_is_taken(dir));

        fd = safe_close(fd);
        assert_false(lock_file_is_taken(path));
        fd = lock_file_take(path);
        assert_true(fd >= 0);
        fd = safe_close(fd);

        assert_int_equal(symlink("lock", linked), 0);
        assert_int_equal(lock_file_take(linked), -ELOOP);

        assert_int_equal(unlink(linked), 0);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(dir), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_one_holder),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
