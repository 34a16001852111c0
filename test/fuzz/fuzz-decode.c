/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bytes as one netlink message to every decoder. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/decode.h"
#include "kernel/follow.h"
#include "message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_link(const struct nlmsghdr *nlh) {
        _cleanup_(link_freep) Link *l = NULL;

        if (decode_link(nlh, &l) < 0)
                return;

        assert(l->ifindex > 0 && l->master >= 0);
        assert(l->name[0] != '\0' && strnlen(l->name, sizeof(l->name)) < sizeof(l->name));
        assert(strnlen(l->kind, sizeof(l->kind)) < sizeof(l->kind));
        assert(strnlen(l->qdisc, sizeof(l->qdisc)) < sizeof(l->qdisc));
        assert(l->address_length <= sizeof(l->address));
        assert(!l->is_tun || strcmp(l->kind, "tun") == 0);
        assert(l->tun.owner >= -1 && l->tun.group >= -1);
        assert(!l->addresses && l->n_addresses == 0);
        assert(l->permanent_address_length <= sizeof(l->permanent_address));
        assert(l->sysctls_known >> _LINK_SYSCTL_MAX == 0);
        assert(l->has_ipv4 || l->has_ipv6 || l->sysctls_known == 0);
        for (char **name = l->altnames; name && *name; name++)
                assert(strlen(*name) < ALTIFNAMSIZ);
}

static void check_address(const struct nlmsghdr *nlh) {
        Address a;
        int ifindex;

        if (decode_address(nlh, &ifindex, &a) < 0)
                return;

        assert(ifindex > 0);
        assert(a.prefixlen <= 128);
        assert(address_compare(&a, &a) == 0);
        assert(strnlen(a.label, sizeof(a.label)) < sizeof(a.label));
}

static void check_vlans(const struct nlmsghdr *nlh) {
        BridgePort port = {};
        int ifindex;

        if (decode_bridge_vlans(nlh, &ifindex, &port) < 0)
                return;

        assert(ifindex > 0);
        assert(port.has_vlans && port.pvid < 4095);
        assert((port.vlans[0] & 1) == 0 && (port.vlans[511] & 0x80) == 0);
        for (size_t i = 0; i < sizeof(port.vlans); i++)
                assert((port.untagged[i] & ~port.vlans[i]) == 0);
}

static void check_routes(const struct nlmsghdr *nlh) {
        _cleanup_(freep) Route *routes = NULL;
        size_t n = 0;

        if (decode_routes(nlh, &routes, &n) < 0)
                return;

        for (size_t i = 0; i < n; i++) {
                Route copy = {};

                assert(route_compare(routes + i, routes + i) == 0);
                assert(routes[i].destination_length <= 128);
                if (route_copy(routes + i, &copy) >= 0)
                        assert(route_compare(routes + i, &copy) == 0);
                route_done(&copy);
                route_done(routes + i);
        }
}

static void check_nexthop(const struct nlmsghdr *nlh) {
        NextHop nexthop;

        if (decode_nexthop(nlh, &nexthop) < 0)
                return;

        assert(nexthop_compare(&nexthop, &nexthop) == 0);
        assert(nexthop.ifindex >= 0);
        nexthop_done(&nexthop);
}

static void check_rule(const struct nlmsghdr *nlh) {
        Rule rule;

        if (decode_rule(nlh, &rule) < 0)
                return;

        assert(rule_compare(&rule, &rule) == 0);
        assert(strnlen(rule.iifname, sizeof(rule.iifname)) < sizeof(rule.iifname));
        assert(strnlen(rule.oifname, sizeof(rule.oifname)) < sizeof(rule.oifname));
}

static void check_neighbor(const struct nlmsghdr *nlh) {
        Neighbor neighbor;

        if (decode_neighbor(nlh, &neighbor) < 0)
                return;

        assert(neighbor_compare(&neighbor, &neighbor) == 0);
        assert(neighbor.link_layer_length <= sizeof(neighbor.link_layer));
}

/* A port in it, for what a bridge says of one. */
static void check_follow(const struct nlmsghdr *nlh) {
        _cleanup_(snapshot_freep) Snapshot *s = snapshot_new();
        Link *l = calloc(1, sizeof(Link));

        if (!s || !l)
                return (void) link_free(l);

        l->ifindex = 1;
        strcpy(l->name, "port");
        l->port = calloc(1, sizeof(BridgePort));
        if (snapshot_put(s, l) < 0)
                return;

        if (snapshot_follow(s, nlh) < 0)
                abort();
        for (size_t i = 0; i < s->n_links; i++)
                assert(snapshot_by_index(s, s->by_index[i]->ifindex) == s->by_index[i]);
}

static void check_event(const struct nlmsghdr *nlh) {
        LinkEvent e;

        if (decode_event(nlh, &e) <= 0)
                return;

        assert(e.ifindex > 0);
        assert(strnlen(e.name, sizeof(e.name)) < sizeof(e.name));
        assert(e.address == (e.name[0] == '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) struct nlmsghdr *nlh = message_new(data, size);

        if (!nlh)
                return 0;

        check_link(nlh);
        check_address(nlh);
        check_event(nlh);
        check_vlans(nlh);
        check_routes(nlh);
        check_nexthop(nlh);
        check_rule(nlh);
        check_neighbor(nlh);
        check_follow(nlh);
        return 0;
}
