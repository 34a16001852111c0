/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bytes as one netlink message to the decoders of routes, nexthops, rules and neighbours; what they make of
 * it is encoded, and must decode to the same. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/decode.h"
#include "kernel/encode.h"
#include "kernel/rtnl.h"
#include "message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef union Message {
        struct nlmsghdr nlh;
        uint8_t bytes[RTNL_MESSAGE_MAX];
} Message;

/* One hop that says nothing is the same as none. */
static bool can_be_encoded(const Route *r) {
        if (r->n_hops == 1 && r->hops[0].ifindex == 0 && r->hops[0].gateway_family == AF_UNSPEC)
                return false;

        return r->n_hops <= ROUTE_HOPS_MAX;
}

static void check_route(Route *r) {
        Route *again = NULL;
        Message m = {};
        size_t n = 0;

        assert(r->family == AF_INET || r->family == AF_INET6);
        assert(r->n_hops == 0 || (r->nexthop_id == 0 && !route_type_is_reject(r->type)));
        assert((r->n_hops == 0) == !r->hops);
        assert(r->family == AF_INET || r->n_hops <= 1);
        assert(strnlen(r->congestion_control, sizeof(r->congestion_control)) <
               sizeof(r->congestion_control));
        assert(route_compare(r, r) == 0);

        route_normalize(r);
        encode_delete_route(&m.nlh, r);
        assert(m.nlh.nlmsg_len <= sizeof(m));
        if (!can_be_encoded(r))
                return;

        memset(&m, 0, sizeof(m));
        encode_add_route(&m.nlh, r);
        assert(m.nlh.nlmsg_len <= sizeof(m));
        assert(decode_routes(&m.nlh, &again, &n) == 0);
        assert(n == 1 && route_compare(r, again) == 0);
        routes_free(again, n);
}

static void check_routes(const struct nlmsghdr *nlh) {
        Route *routes;
        size_t n;

        if (decode_routes(nlh, &routes, &n) < 0)
                return;

        for (size_t i = 0; i < n; i++)
                check_route(routes + i);
        routes_free(routes, n);
}

static void check_nexthop(const struct nlmsghdr *nlh) {
        _cleanup_(nexthop_done) NextHop n = {}, again _unused_ = {};
        Message m = {};

        if (decode_nexthop(nlh, &n) < 0)
                return;

        assert(n.id != 0 && n.ifindex >= 0);
        assert((n.n_group == 0) == !n.group);
        if (n.n_group > NEXTHOP_GROUP_MAX)
                return;

        encode_add_nexthop(&m.nlh, &n);
        assert(m.nlh.nlmsg_len <= sizeof(m));
        assert(decode_nexthop(&m.nlh, &again) == 0);
        assert(nexthop_compare(&n, &again) == 0);
}

static void check_rule(const struct nlmsghdr *nlh) {
        Rule rule, again _unused_;
        Message m = {};

        if (decode_rule(nlh, &rule) < 0)
                return;

        assert(strnlen(rule.iifname, sizeof(rule.iifname)) < sizeof(rule.iifname));
        assert(strnlen(rule.oifname, sizeof(rule.oifname)) < sizeof(rule.oifname));
        encode_add_rule(&m.nlh, &rule);
        assert(m.nlh.nlmsg_len <= sizeof(m));
        assert(decode_rule(&m.nlh, &again) == 0);
        assert(rule_compare(&rule, &again) == 0);
}

static void check_neighbor(const struct nlmsghdr *nlh) {
        Neighbor n, again _unused_;
        Message m = {};

        if (decode_neighbor(nlh, &n) < 0)
                return;

        assert(n.ifindex >= 0 && n.link_layer_length <= sizeof(n.link_layer));
        if (n.proxy || !n.permanent)
                return; /* not what we add */

        encode_add_neighbor(&m.nlh, &n);
        assert(m.nlh.nlmsg_len <= sizeof(m));
        assert(decode_neighbor(&m.nlh, &again) == 0);
        assert(neighbor_compare(&n, &again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) struct nlmsghdr *nlh = message_new(data, size);

        if (!nlh)
                return 0;

        check_routes(nlh);
        check_nexthop(nlh);
        check_rule(nlh);
        check_neighbor(nlh);
        return 0;
}
