/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/snapshot.h"

static Link *make(int ifindex, const char *name) {
        Link *l = calloc(1, sizeof(Link));

        assert_non_null(l);
        l->ifindex = ifindex;
        assert_true(strlen(name) < sizeof(l->name));
        strcpy(l->name, name);
        return l;
}

static void put(Snapshot *s, int ifindex, const char *name) {
        assert_int_equal(snapshot_put(s, make(ifindex, name)), 0);
}

/* Sorted both ways, the same links both ways, each found by both keys. */
static void assert_sound(const Snapshot *s, size_t n) {
        assert_int_equal(s->n_links, n);

        for (size_t i = 0; i < n; i++) {
                Link *l = s->by_index[i];

                if (i > 0) {
                        assert_true(s->by_index[i - 1]->ifindex < l->ifindex);
                        assert_true(strcmp(s->by_name[i - 1]->name, s->by_name[i]->name) < 0);
                }
                assert_ptr_equal(snapshot_by_index(s, l->ifindex), l);
                assert_ptr_equal(snapshot_by_name(s, l->name), l);
        }
}

static void test_empty(void **state _unused_) {
        _cleanup_(snapshot_freep) Snapshot *s = snapshot_new();

        assert_null(snapshot_by_name(s, "lo"));
        assert_null(snapshot_by_index(s, 1));
        snapshot_remove(s, 1);
        snapshot_sort(s);
        assert_sound(s, 0);
        assert_null(snapshot_free(NULL));
        assert_null(link_free(NULL));
}

static void test_order(void **state _unused_) {
        _cleanup_(snapshot_freep) Snapshot *s = snapshot_new();

        put(s, 5, "c");
        put(s, 1, "lo");
        put(s, 9, "a");
        put(s, 7, "z");
        put(s, 3, "b");
        assert_sound(s, 5);
        assert_string_equal(s->by_name[0]->name, "a");
        assert_int_equal(s->by_index[0]->ifindex, 1);
        assert_null(snapshot_by_name(s, "bb"));
        assert_null(snapshot_by_name(s, ""));
        assert_null(snapshot_by_name(s, "a-name-longer-than-any-link-has"));
        assert_null(snapshot_by_index(s, 4));
        assert_null(snapshot_by_index(s, 10));
        assert_null(snapshot_by_index(s, 0));
}

static void test_replace(void **state _unused_) {
        _cleanup_(snapshot_freep) Snapshot *s = snapshot_new();
        Link *l;

        put(s, 1, "lo");
        put(s, 2, "tun0");
        l = make(2, "tun0");
        l->mtu = 1400;
        assert_int_equal(snapshot_put(s, l), 0);
        assert_sound(s, 2);
        assert_ptr_equal(snapshot_by_name(s, "tun0"), l);
}

static void test_rename(void **state _unused_) {
        _cleanup_(snapshot_freep) Snapshot *s = snapshot_new();

        put(s, 1, "lo");
        put(s, 2, "tun0");
        put(s, 3, "tun1");
        put(s, 2, "zzz");
        assert_sound(s, 3);
        assert_null(snapshot_by_name(s, "tun0"));
        assert_int_equal(snapshot_by_name(s, "zzz")->ifindex, 2);
}

/* Deleted and made anew under its name while nobody looked; also a swap of two names, seen one link at a
 * time. */
static void test_stale_name(void **state _unused_) {
        _cleanup_(snapshot_freep) Snapshot *s = snapshot_new();

        put(s, 2, "tun0");
        put(s, 3, "tun1");
        put(s, 8, "tun0");
        assert_sound(s, 2);
        assert_null(snapshot_by_index(s, 2));
        assert_int_equal(snapshot_by_name(s, "tun0")->ifindex, 8);

        put(s, 8, "tun1");
        assert_sound(s, 1);
        put(s, 3, "tun0");
        assert_sound(s, 2);
        assert_int_equal(snapshot_by_name(s, "tun1")->ifindex, 8);
}

static void test_remove(void **state _unused_) {
        _cleanup_(snapshot_freep) Snapshot *s = snapshot_new();

        for (int i = 1; i <= 9; i++)
                put(s, i, (const char[]){ (char) ('z' - i), 0 });
        snapshot_remove(s, 1);
        snapshot_remove(s, 5);
        snapshot_remove(s, 9);
        snapshot_remove(s, 9);
        snapshot_remove(s, 77);
        assert_sound(s, 6);
        for (int i = 1; i <= 9; i++)
                snapshot_remove(s, i);
        assert_sound(s, 0);
        put(s, 4, "again");
        assert_sound(s, 1);
}

static void fill(Snapshot *s, int n, int (*how)(Snapshot *, Link *)) {
        for (int i = 1; i <= n; i++) {
                char name[IFNAMSIZ];

                /* A permutation of 1 … n: 7919 is prime. */
                snprintf(name, sizeof(name), "tun%d", (int) ((long) i * 7919 % (n + 1)));
                assert_int_equal(how(s, make(i, name)), 0);
        }
}

static void test_many_put(void **state _unused_) {
        _cleanup_(snapshot_freep) Snapshot *s = snapshot_new();

        fill(s, 10000, snapshot_put);
        assert_sound(s, 10000);
        for (int i = 2; i <= 10000; i += 2)
                snapshot_remove(s, i);
        assert_sound(s, 5000);
        fill(s, 10000, snapshot_put);
        assert_sound(s, 10000);
}

static void test_many_appended(void **state _unused_) {
        _cleanup_(snapshot_freep) Snapshot *s = snapshot_new();

        fill(s, 10000, snapshot_append);
        snapshot_sort(s);
        assert_sound(s, 10000);
}

static void test_appended_backwards(void **state _unused_) {
        _cleanup_(snapshot_freep) Snapshot *s = snapshot_new();

        for (int i = 100; i > 0; i--) {
                char name[IFNAMSIZ];

                snprintf(name, sizeof(name), "tun%d", i);
                assert_int_equal(snapshot_append(s, make(i, name)), 0);
        }
        snapshot_sort(s);
        assert_sound(s, 100);
}

static Address address(uint8_t family, const char *local, uint8_t prefixlen, const char *peer) {
        Address a = { .family = family, .prefixlen = prefixlen };

        assert_int_equal(inet_pton(family, local, a.local), 1);
        assert_int_equal(inet_pton(family, peer ?: local, a.peer), 1);
        return a;
}

static void test_addresses(void **state _unused_) {
        const Address sorted[] = {
                address(AF_INET, "10.0.0.1", 8, NULL),        address(AF_INET, "10.0.0.1", 24, "10.0.0.0"),
                address(AF_INET, "10.0.0.1", 24, "10.0.0.9"), address(AF_INET, "10.0.0.2", 8, NULL),
                address(AF_INET, "200.0.0.1", 8, NULL),       address(AF_INET6, "fd00::1", 64, NULL),
                address(AF_INET6, "fd00::2", 48, NULL),
        };
        const size_t n = ELEMENTSOF(sorted);
        _cleanup_(snapshot_freep) Snapshot *s = snapshot_new();
        Link *l = make(1, "lo");

        for (size_t i = 0; i < n; i++)
                assert_int_equal(link_add_address(l, sorted + i * 3 % n), 0);
        assert_int_equal(snapshot_append(s, l), 0);
        snapshot_sort(s);

        assert_int_equal(l->n_addresses, n);
        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < n; k++) {
                        int r = address_compare(l->addresses + i, sorted + k);

                        assert_int_equal((r > 0) - (r < 0), (i > k) - (i < k));
                }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_empty),
                cmocka_unit_test(test_order),
                cmocka_unit_test(test_replace),
                cmocka_unit_test(test_rename),
                cmocka_unit_test(test_stale_name),
                cmocka_unit_test(test_remove),
                cmocka_unit_test(test_many_put),
                cmocka_unit_test(test_many_appended),
                cmocka_unit_test(test_appended_backwards),
                cmocka_unit_test(test_addresses),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
