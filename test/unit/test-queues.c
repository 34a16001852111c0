/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One descriptor a device, each on a shelf of 200; what has to be given to the service manager anew. */

#include "test.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "queues.h"

static int new_queues(void **state) {
        *state = queues_new();
        return *state ? 0 : -1;
}

static int free_queues(void **state) {
        *state = queues_free(*state);
        return 0;
}

static int some_fd(void) {
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        assert_true(fd >= 0);
        return fd;
}

static bool is_open(int fd) {
        return fcntl(fd, F_GETFD) >= 0;
}

static void put(Queues *q, unsigned number) {
        char name[16];

        (void) snprintf(name, sizeof(name), "q%u", number);
        assert_int_equal(queues_put(q, name, some_fd()), 0);
}

/* As fd-store.c does when it was given away. */
static void is_stored(Shelf *shelf) {
        shelf->changed = shelf->gave_up = false;
}

static void test_one_a_device(void **state) {
        Queues *q = *state;
        int first = some_fd(), second = some_fd();

        assert_int_equal(queues_get(q, "a"), -EBADF);
        assert_int_equal(queues_put(q, "a", first), 0);
        assert_int_equal(queues_get(q, "a"), first);
        assert_int_equal(queues_lent_to(q, "a"), -1);
        queues_lend(q, "a", 0);
        assert_int_equal(queues_lent_to(q, "a"), 0);

        assert_int_equal(queues_put(q, "a", second), 0);
        assert_false(is_open(first));
        assert_int_equal(queues_get(q, "a"), second);
        assert_int_equal(queues_lent_to(q, "a"), -1);

        queues_drop(q, "a");
        queues_drop(q, "a");
        assert_false(is_open(second));
        assert_int_equal(queues_get(q, "a"), -EBADF);
}

static void test_what_changed(void **state) {
        Queues *q = *state;
        Shelf *shelf;

        assert_null(queues_shelf(q, 0));
        put(q, 0);
        put(q, 1);
        shelf = queues_shelf(q, 0);
        assert_non_null(shelf);
        assert_null(queues_shelf(q, 1));
        assert_true(shelf->changed);
        assert_false(shelf->gave_up);

        is_stored(shelf);
        queues_lend(q, "q0", 7);
        queues_drop(q, "nothing");
        assert_false(shelf->changed);

        put(q, 1); /* the one before it may be with the service manager still */
        assert_true(shelf->changed && shelf->gave_up);
        is_stored(shelf);
        queues_drop(q, "q0");
        assert_true(shelf->changed && shelf->gave_up);
        assert_int_equal(shelf->n, 1);
}

static void test_shelves(void **state) {
        int fds[SHELF_QUEUES_MAX];
        Queues *q = *state;

        for (unsigned i = 0; i < 2 * SHELF_QUEUES_MAX + 1; i++)
                put(q, i);
        assert_null(queues_shelf(q, 3));
        assert_int_equal(queues_shelf(q, 0)->n, SHELF_QUEUES_MAX);
        assert_int_equal(queues_shelf(q, 1)->n, SHELF_QUEUES_MAX);
        assert_int_equal(queues_shelf(q, 2)->n, 1);
        assert_int_equal(shelf_queues(queues_shelf(q, 2), fds), 1);
        assert_int_equal(fds[0], queues_get(q, "q400"));

        /* A gap is filled before another shelf begins. */
        for (size_t i = 0; i < 3; i++)
                is_stored(queues_shelf(q, i));
        queues_drop(q, "q250");
        put(q, 1000);
        assert_int_equal(queues_shelf(q, 1)->n, SHELF_QUEUES_MAX);
        assert_true(queues_shelf(q, 1)->changed);
        assert_false(queues_shelf(q, 0)->changed || queues_shelf(q, 2)->changed);
        assert_int_equal(shelf_queues(queues_shelf(q, 1), fds), SHELF_QUEUES_MAX);
}

/* What came back stands where it stood, and is stored as it is. */
static void test_put_back(void **state) {
        int fd = some_fd(), fds[SHELF_QUEUES_MAX];
        Queues *q = *state;

        assert_int_equal(queues_put_back(q, "b", fd, 3), 0);
        assert_int_equal(queues_get(q, "b"), fd);
        assert_int_equal(queues_lent_to(q, "b"), -1);
        for (size_t i = 0; i < 4; i++)
                assert_false(queues_shelf(q, i)->changed);
        assert_int_equal(shelf_queues(queues_shelf(q, 3), fds), 1);
        assert_int_equal(shelf_queues(queues_shelf(q, 0), fds), 0);

        queues_shelf_changed(q, 5);
        assert_true(queues_shelf(q, 5)->changed);
        assert_false(queues_shelf(q, 4)->changed);
        assert_null(queues_shelf(q, 6));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_one_a_device, new_queues, free_queues),
                cmocka_unit_test_setup_teardown(test_what_changed, new_queues, free_queues),
                cmocka_unit_test_setup_teardown(test_shelves, new_queues, free_queues),
                cmocka_unit_test_setup_teardown(test_put_back, new_queues, free_queues),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
