/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test.h"

#include <arpa/inet.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "kernel/encode.h"
#include "kernel/follow.h"
#include "kernel/snapshot.h"
#include "link-message.h"

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

/* What is freed with a link and a snapshot, the sanitizer counts. */
static void test_ownership(void **state _unused_) {
        Snapshot *s = snapshot_new();
        Link *l = make(1, "lo");

        assert_int_equal(s->ip_forward, -1);
        assert_int_equal(s->ipv6_forward, -1);
        assert_int_equal(strv_append(&l->altnames, "loopback"), 0);
        l->port = calloc(1, sizeof(BridgePort));
        assert_int_equal(snapshot_put(s, l), 0);
        put(s, 1, "lo"); /* put anew, nothing of the old one stays */
        l = snapshot_by_index(s, 1);
        assert_null(l->altnames);
        assert_null(l->port);
        assert_int_equal(strv_append(&l->altnames, "loopback"), 0);

        for (int i = 0; i <= 1; i++) {
                s->routes = calloc(2, sizeof(Route));
                s->n_routes = 2;
                s->routes[1].hops = calloc(1, sizeof(RouteHop));
                s->routes[1].n_hops = 1;
                s->nexthops = calloc(1, sizeof(NextHop));
                s->n_nexthops = 1;
                s->nexthops->group = calloc(1, sizeof(NextHopGroupEntry));
                s->nexthops->n_group = 1;
                s->rules = calloc(1, sizeof(Rule));
                s->n_rules = 1;
                s->neighbors = calloc(1, sizeof(Neighbor));
                s->n_neighbors = 1;
                if (i > 0)
                        break;

                snapshot_clear_items(s);
                assert_true(!s->routes && !s->nexthops && !s->rules && !s->neighbors);
                assert_int_equal(s->n_routes + s->n_nexthops + s->n_rules + s->n_neighbors, 0);
                assert_sound(s, 1);
        }
        assert_null(snapshot_free(s));
}

static void put_port(Message *m, uint32_t cost, uint32_t master) {
        Nests n;

        mnl_attr_put_u32(&m->nlh, IFLA_MASTER, master);
        n = begin_port(m, "bridge");
        mnl_attr_put_u32(&m->nlh, IFLA_BRPORT_COST, cost);
        end_kind(m, n);
}

static void put_vlan(Message *m, uint16_t vid) {
        const struct bridge_vlan_info info = { .vid = vid };
        struct nlattr *list = mnl_attr_nest_start(&m->nlh, IFLA_AF_SPEC);

        mnl_attr_put(&m->nlh, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info);
        mnl_attr_nest_end(&m->nlh, list);
}

static void follow(Snapshot *s, const Message *m) {
        assert_int_equal(snapshot_follow(s, &m->nlh), 0);
}

/* A port's VLANs come in the bridge's events, the rest of it in its own; neither takes the other's away. */
static void test_follow_port(void **state _unused_) {
        _cleanup_(snapshot_freep) Snapshot *s = snapshot_new();
        const Address a = address(AF_INET, "10.0.0.1", 8, NULL);
        const Link *l;
        Message m;

        begin_named_link(&m, RTM_NEWLINK, AF_UNSPEC, 5, "port");
        put_port(&m, 100, 9);
        follow(s, &m);
        l = snapshot_by_index(s, 5);
        assert_false(l->port->has_vlans);
        assert_int_equal(link_add_address(snapshot_by_index(s, 5), &a), 0);

        begin_named_link(&m, RTM_NEWLINK, AF_BRIDGE, 5, "port");
        put_vlan(&m, 42);
        follow(s, &m);
        l = snapshot_by_index(s, 5);
        assert_true(l->port->has_vlans && l->port->vlans[42 / 8] == 1 << 42 % 8);
        assert_int_equal(l->port->values[PORT_COST], 100);
        assert_int_equal(l->master, 9);
        assert_int_equal(l->n_addresses, 1);

        begin_named_link(&m, RTM_NEWLINK, AF_UNSPEC, 5, "port");
        put_port(&m, 200, 9);
        follow(s, &m);
        l = snapshot_by_index(s, 5);
        assert_true(l->port->has_vlans && l->port->vlans[42 / 8] == 1 << 42 % 8);
        assert_int_equal(l->port->values[PORT_COST], 200);
        assert_int_equal(l->n_addresses, 1);

        /* In another bridge: other VLANs. */
        begin_named_link(&m, RTM_NEWLINK, AF_UNSPEC, 5, "port");
        put_port(&m, 200, 10);
        follow(s, &m);
        l = snapshot_by_index(s, 5);
        assert_false(l->port->has_vlans);
        assert_int_equal(l->port->vlans[42 / 8], 0);

        begin_named_link(&m, RTM_DELLINK, AF_BRIDGE, 5, "port");
        follow(s, &m);
        l = snapshot_by_index(s, 5);
        assert_non_null(l);
        assert_null(l->port);

        /* Of what is no port, or not there. */
        follow(s, &m);
        begin_named_link(&m, RTM_NEWLINK, AF_BRIDGE, 5, "port");
        put_vlan(&m, 42);
        follow(s, &m);
        assert_null(snapshot_by_index(s, 5)->port);
        begin_named_link(&m, RTM_NEWLINK, AF_BRIDGE, 6, "other");
        follow(s, &m);
        assert_sound(s, 1);

        begin_named_link(&m, RTM_DELLINK, AF_UNSPEC, 5, "port");
        follow(s, &m);
        assert_sound(s, 0);
}

static void follow_address(Snapshot *s, uint16_t type, const Address *a) {
        Message m = {};

        encode_add_address(&m.nlh, 5, a);
        m.nlh.nlmsg_type = type;
        follow(s, &m);
}

/* In whatever order they come and go. */
static void test_follow_addresses(void **state _unused_) {
        _cleanup_(snapshot_freep) Snapshot *s = snapshot_new();
        const size_t n = 101;
        const Link *l;
        Address a;
        char text[32];

        put(s, 5, "tun0");
        for (size_t i = 0; i < n; i++) {
                (void) snprintf(text, sizeof(text), "10.0.0.%zu", i * 37 % n + 1);
                a = address(AF_INET, text, 24, NULL);
                follow_address(s, RTM_NEWADDR, &a);
        }

        /* The last one again, and otherwise: in place of itself. */
        a.metric = 7;
        follow_address(s, RTM_NEWADDR, &a);
        a = address(AF_INET, "10.0.1.1", 24, NULL);
        follow_address(s, RTM_DELADDR, &a); /* never was there */

        l = snapshot_by_index(s, 5);
        assert_int_equal(l->n_addresses, n);
        for (size_t i = 0; i < n; i++) {
                assert_int_equal(l->addresses[i].local[3], i + 1);
                assert_int_equal(l->addresses[i].metric, i == (n - 1) * 37 % n ? 7 : 0);
        }

        for (size_t i = 0; i < n; i++) {
                (void) snprintf(text, sizeof(text), "10.0.0.%zu", i * 53 % n + 1);
                a = address(AF_INET, text, 24, NULL);
                follow_address(s, RTM_DELADDR, &a);
                assert_int_equal(l->n_addresses, n - 1 - i);
                for (size_t j = 1; j < l->n_addresses; j++)
                        assert_true(address_compare(l->addresses + j - 1, l->addresses + j) < 0);
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
                cmocka_unit_test(test_ownership),
                cmocka_unit_test(test_follow_port),
                cmocka_unit_test(test_follow_addresses),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
