/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Routes, nexthops, rules and neighbours: orders, canonical forms, and messages there and back; what is
 * broken is refused. */

#include "test.h"

#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/icmpv6.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/decode.h"
#include "kernel/encode.h"
#include "kernel/rtnl.h"

typedef union Message {
        struct nlmsghdr nlh;
        uint8_t bytes[RTNL_MESSAGE_MAX];
} Message;

static void parse(uint8_t family, const char *text, uint8_t ret[static 16]) {
        memset(ret, 0, 16);
        assert_int_equal(inet_pton(family, text, ret), 1);
}

/* Each decoder, from a block of exactly the message's size: a sanitizer then sees each byte read too many.
 * The results are thrown away. */
static int decode_routes_exactly(const struct nlmsghdr *nlh) {
        Route *routes = NULL;
        size_t n = 0;
        int r;

        r = decode_routes(nlh, &routes, &n);
        routes_free(routes, n);
        return r;
}

static int decode_nexthop_exactly(const struct nlmsghdr *nlh) {
        _cleanup_(nexthop_done) NextHop n = {};

        return decode_nexthop(nlh, &n);
}

static int decode_rule_exactly(const struct nlmsghdr *nlh) {
        Rule rule;

        return decode_rule(nlh, &rule);
}

static int decode_neighbor_exactly(const struct nlmsghdr *nlh) {
        Neighbor n;

        return decode_neighbor(nlh, &n);
}

typedef int (*Decoder)(const struct nlmsghdr *nlh);

static int decode_copy(Decoder decode, const Message *m) {
        _cleanup_(freep) struct nlmsghdr *copy = malloc(m->nlh.nlmsg_len);

        assert_non_null(copy);
        memcpy(copy, m, m->nlh.nlmsg_len);
        return decode(copy);
}

/* Does an attribute end at this length, not counting its padding? Then what is left may be whole. */
static bool ends_attribute(const Message *m, size_t header, uint32_t length) {
        const struct nlattr *a;

        if (length == MNL_NLMSG_HDRLEN + MNL_ALIGN(header))
                return true;

        mnl_attr_for_each(a, &m->nlh, header) {
                size_t end = (size_t) ((const uint8_t *) a - m->bytes) + a->nla_len;

                if (length >= end && length <= (size_t) MNL_ALIGN(end))
                        return true;
        }
        return false;
}

/* A good message: cut anywhere but between two attributes it is refused, and so it is when all is cut away;
 * with any bit turned it is decoded or refused. */
static void check_broken(Decoder decode, const Message *whole, size_t header) {
        assert_int_equal(decode_copy(decode, whole), 0);

        for (uint32_t length = MNL_NLMSG_HDRLEN; length < whole->nlh.nlmsg_len; length++) {
                Message m = *whole;
                int r;

                m.nlh.nlmsg_len = length;
                r = decode_copy(decode, &m);
                assert_true(r == -EBADMSG || (r == 0 && ends_attribute(whole, header, length)));
        }

        for (uint32_t i = offsetof(struct nlmsghdr, nlmsg_type); i < whole->nlh.nlmsg_len; i++)
                for (unsigned bit = 0; bit < 8; bit++) {
                        Message m = *whole;
                        int r;

                        m.bytes[i] ^= (uint8_t) (1 << bit);
                        r = decode_copy(decode, &m);
                        assert_true(r == 0 || r == -EBADMSG);
                }
}

static Route route_to(uint8_t family, const char *destination, uint8_t length, RouteHop *hops, size_t n) {
        Route r = {
                .family = family,
                .type = RTN_UNICAST,
                .protocol = 110,
                .table = RT_TABLE_MAIN,
                .destination_length = length,
                .hops = hops,
                .n_hops = n,
        };

        parse(family, destination, r.destination);
        return r;
}

static RouteHop hop(int ifindex, uint8_t family, const char *gateway, uint16_t weight) {
        RouteHop h = { .ifindex = ifindex, .gateway_family = family, .weight = weight };

        if (gateway)
                parse(family, gateway, h.gateway);
        return h;
}

/* What is added is what is read, in one piece. */
static void check_route(const Route *route) {
        _cleanup_(freep) Route *routes = NULL;
        _cleanup_(route_done) Route copy = {};
        Message m = {};
        size_t n = 0;

        encode_add_route(&m.nlh, route);
        assert_true(m.nlh.nlmsg_len <= sizeof(m));
        assert_int_equal(m.nlh.nlmsg_type, RTM_NEWROUTE);
        assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_APPEND);
        assert_int_equal(decode_routes(&m.nlh, &routes, &n), 0);
        assert_int_equal(n, 1);
        copy = routes[0];
        assert_int_equal(route_compare(&copy, route), 0);
        check_broken(decode_routes_exactly, &m, sizeof(struct rtmsg));
}

static void test_ipv4_route(void **state _unused_) {
        RouteHop hops[] = {
                hop(7, AF_INET, "10.0.0.1", 1),
                hop(8, AF_INET6, "fe80::1", 256),
                hop(9, AF_UNSPEC, NULL, 20),
        };
        Route r = route_to(AF_INET, "192.0.2.0", 24, hops, 1);

        check_route(&r);
        r.hops = hops + 1; /* one hop with a weight, over IPv6 */
        check_route(&r);
        hops[1].weight = 1; /* RTA_VIA */
        check_route(&r);

        hops[0].on_link = true;
        r = route_to(AF_INET, "0.0.0.0", 0, hops, 3);
        check_route(&r);
        r.table = 4000000000;
        r.priority = 5;
        r.tos = 0x10;
        r.scope = RT_SCOPE_LINK;
        parse(AF_INET, "10.9.9.9", r.preferred_source);
        for (uint32_t i = RTAX_MTU; i < ITEM_METRICS_MAX; i++)
                if (i != RTAX_CC_ALGO)
                        r.metrics[i] = i * 1000;
        strcpy(r.congestion_control, "fifteen-letters");
        r.ttl_propagate = 1;
        check_route(&r);
        r.ttl_propagate = 2;
        check_route(&r);
}

static void test_ipv6_route(void **state _unused_) {
        RouteHop hops[] = { hop(7, AF_INET6, "fe80::1", 1) };
        Route r = route_to(AF_INET6, "fd00::", 64, hops, 1);

        check_route(&r);
        hops[0].on_link = true;
        hops[0].weight = 9;
        r.preference = ICMPV6_ROUTER_PREF_LOW;
        r.priority = 1024;
        parse(AF_INET6, "fd77::", r.source);
        r.source_length = 8;
        parse(AF_INET6, "fd78::1", r.preferred_source);
        check_route(&r);
        hops[0] = hop(7, AF_UNSPEC, NULL, 1);
        check_route(&r);
}

static void test_route_without_hops(void **state _unused_) {
        static const uint8_t types[] = { RTN_BLACKHOLE, RTN_UNREACHABLE, RTN_PROHIBIT, RTN_THROW };
        Route r = route_to(AF_INET, "192.0.2.0", 24, NULL, 0);

        for (size_t i = 0; i < ELEMENTSOF(types); i++) {
                assert_true(route_type_is_reject(types[i]));
                r.type = types[i];
                check_route(&r);
        }
        assert_false(route_type_is_reject(RTN_UNICAST) || route_type_is_reject(RTN_LOCAL));

        r.type = RTN_UNICAST;
        r.nexthop_id = 5;
        check_route(&r);
}

/* The longest there may be. */
static void test_longest(void **state _unused_) {
        NextHopGroupEntry group[NEXTHOP_GROUP_MAX] = {};
        NextHop n = { .id = 1, .group = group, .n_group = ELEMENTSOF(group) };
        RouteHop hops[ROUTE_HOPS_MAX];
        Route r = route_to(AF_INET, "192.0.2.1", 32, hops, ELEMENTSOF(hops));
        Message m = {};

        for (size_t i = 0; i < ELEMENTSOF(hops); i++)
                hops[i] = hop((int) i, AF_INET6, "fe80::1", 256);
        parse(AF_INET, "10.9.9.9", r.preferred_source);
        memset(r.metrics, 0xff, sizeof(r.metrics));
        r.metrics[RTAX_UNSPEC] = r.metrics[RTAX_LOCK] = r.metrics[RTAX_CC_ALGO] = 0;
        strcpy(r.congestion_control, "fifteen-letters");
        r.ttl_propagate = 1;
        check_route(&r);
        encode_delete_route(&m.nlh, &r);
        assert_true(m.nlh.nlmsg_len <= sizeof(m));

        memset(&m, 0, sizeof(m));
        encode_add_nexthop(&m.nlh, &n);
        assert_true(m.nlh.nlmsg_len <= sizeof(m));
}

static struct rtmsg *begin_route(Message *m, uint16_t type, uint8_t family) {
        struct rtmsg *rtm;

        memset(m, 0, sizeof(*m));
        mnl_nlmsg_put_header(m);
        m->nlh.nlmsg_type = type;
        rtm = mnl_nlmsg_put_extra_header(&m->nlh, sizeof(*rtm));
        rtm->rtm_family = family;
        rtm->rtm_type = RTN_UNICAST;
        rtm->rtm_protocol = 110;
        rtm->rtm_table = RT_TABLE_MAIN;
        return rtm;
}

/* One struct rtnexthop with a gateway of the route's family. */
static void put_hop(Message *m, int ifindex, uint8_t flags, uint8_t hops, uint8_t family,
                    const char *gateway) {
        size_t start = m->nlh.nlmsg_len;
        struct rtnexthop *rtnh = mnl_nlmsg_put_extra_header(&m->nlh, sizeof(*rtnh));
        uint8_t address[16];

        rtnh->rtnh_ifindex = ifindex;
        rtnh->rtnh_flags = flags;
        rtnh->rtnh_hops = hops;
        parse(family, gateway, address);
        mnl_attr_put(&m->nlh, RTA_GATEWAY, family == AF_INET ? 4 : 16, address);
        rtnh->rtnh_len = (uint16_t) (m->nlh.nlmsg_len - start);
}

static void put_siblings(Message *m) {
        struct nlattr *nest;

        begin_route(m, RTM_NEWROUTE, AF_INET6);
        mnl_attr_put_u32(&m->nlh, RTA_PRIORITY, 1024);
        mnl_attr_put_u8(&m->nlh, RTA_PREF, ICMPV6_ROUTER_PREF_HIGH);
        nest = mnl_attr_nest_start(&m->nlh, RTA_MULTIPATH);
        put_hop(m, 7, RTNH_F_DEAD | RTNH_F_LINKDOWN | RTNH_F_ONLINK, 0, AF_INET6, "fe80::1");
        put_hop(m, 8, RTNH_F_OFFLOAD | RTNH_F_TRAP, 255, AF_INET6, "fe80::2");
        mnl_attr_nest_end(&m->nlh, nest);
}

/* As many routes as there are hops; states of now are no part of them. */
static void test_siblings(void **state _unused_) {
        RouteHop hops[] = { hop(7, AF_INET6, "fe80::1", 1), hop(8, AF_INET6, "fe80::2", 256) };
        Route *routes = NULL;
        Message m;
        size_t n;

        put_siblings(&m);
        hops[0].on_link = true;
        assert_int_equal(decode_routes(&m.nlh, &routes, &n), 0);
        assert_int_equal(n, 2);
        for (size_t i = 0; i < n; i++) {
                Route expected = route_to(AF_INET6, "::", 0, hops + i, 1);

                expected.priority = 1024;
                expected.preference = ICMPV6_ROUTER_PREF_HIGH;
                assert_int_equal(route_compare(routes + i, &expected), 0);
        }
        routes_free(routes, n);
        check_broken(decode_routes_exactly, &m, sizeof(struct rtmsg));
}

static Route one_route(const Message *m) {
        _cleanup_(freep) Route *routes = NULL;
        size_t n;

        assert_int_equal(decode_routes(&m->nlh, &routes, &n), 0);
        assert_int_equal(n, 1);
        return routes[0];
}

/* The kernel shows beside a nexthop what it resolves to. */
static void test_route_by_nexthop(void **state _unused_) {
        struct rtmsg *rtm;
        Message m;
        Route r;

        rtm = begin_route(&m, RTM_DELROUTE, AF_INET);
        rtm->rtm_type = RTN_BLACKHOLE; /* of the nexthop */
        mnl_attr_put_u32(&m.nlh, RTA_OIF, 7);
        mnl_attr_put_u32(&m.nlh, RTA_NH_ID, 99);
        r = one_route(&m);
        assert_int_equal(r.type, RTN_UNICAST);
        assert_int_equal(r.nexthop_id, 99);
        assert_int_equal(r.n_hops, 0);
        assert_null(r.hops);
}

static void test_reject_has_no_hops(void **state _unused_) {
        struct rtmsg *rtm;
        Message m;
        Route r;

        rtm = begin_route(&m, RTM_NEWROUTE, AF_INET6);
        rtm->rtm_type = RTN_UNREACHABLE;
        mnl_attr_put_u32(&m.nlh, RTA_OIF, 1);
        r = one_route(&m);
        assert_int_equal(r.n_hops, 0);
        assert_int_equal(route_first_ifindex(&r), 0);
}

static void test_cached_route_is_none(void **state _unused_) {
        struct rtmsg *rtm;
        Route *routes = (Route *) 1;
        Message m;
        size_t n = 1;

        rtm = begin_route(&m, RTM_NEWROUTE, AF_INET6);
        rtm->rtm_flags = RTM_F_CLONED;
        mnl_attr_put_u32(&m.nlh, RTA_OIF, 7);
        assert_int_equal(decode_routes(&m.nlh, &routes, &n), 0);
        assert_null(routes);
        assert_int_equal(n, 0);
}

/* What a newer kernel may say, and the lock, which is no metric. */
static void test_unknown_is_skipped(void **state _unused_) {
        struct nlattr *nest;
        Message m;
        Route r;

        begin_route(&m, RTM_NEWROUTE, AF_INET);
        mnl_attr_put_u32(&m.nlh, 0x3abc, 99);
        nest = mnl_attr_nest_start(&m.nlh, RTA_METRICS);
        mnl_attr_put_u32(&m.nlh, RTAX_LOCK, 4);
        mnl_attr_put_u8(&m.nlh, ITEM_METRICS_MAX, 1);
        mnl_attr_put_u32(&m.nlh, RTAX_MTU, 1400);
        mnl_attr_nest_end(&m.nlh, nest);
        r = one_route(&m);
        for (size_t i = 0; i < ITEM_METRICS_MAX; i++)
                assert_int_equal(r.metrics[i], i == RTAX_MTU ? 1400 : 0);
        assert_int_equal(r.n_hops, 0);
}

static void assert_bad_route(const Message *m) {
        Route *routes = (Route *) 1;
        size_t n = 77;

        assert_int_equal(decode_routes(&m->nlh, &routes, &n), -EBADMSG);
        assert_ptr_equal(routes, (Route *) 1);
        assert_int_equal(n, 77);
}

static void test_malformed_routes(void **state _unused_) {
        static const uint8_t zeroes[32];
        static const struct {
                uint16_t type;
                uint16_t length;
        } rows[] = {
                { RTA_DST, 16 },      { RTA_DST, 3 },           { RTA_PREFSRC, 5 },
                { RTA_OIF, 2 },       { RTA_GATEWAY, 0 },       { RTA_GATEWAY, 16 },
                { RTA_VIA, 1 },       { RTA_VIA, 6 }, /* of family 0 */
                { RTA_TABLE, 1 },     { RTA_PRIORITY, 8 },      { RTA_METRICS, 3 },
                { RTA_NH_ID, 2 },     { RTA_PREF, 4 },          { RTA_TABLE, 0 },
                { RTA_MULTIPATH, 7 }, { RTA_TTL_PROPAGATE, 0 }, { RTA_SRC, 4 + 1 },
                { RTA_METRICS, 4 },   { RTA_MULTIPATH, 12 },    { RTA_MULTIPATH, 8 },
        };
        struct rtmsg *rtm;
        Message m;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                begin_route(&m, RTM_NEWROUTE, AF_INET);
                mnl_attr_put(&m.nlh, rows[i].type, rows[i].length, zeroes);
                assert_bad_route(&m);
        }

        begin_route(&m, RTM_NEWLINK, AF_INET);
        assert_bad_route(&m);
        begin_route(&m, RTM_NEWROUTE, AF_UNSPEC);
        assert_bad_route(&m);
        begin_route(&m, RTM_NEWROUTE, RTNL_FAMILY_IPMR);
        assert_bad_route(&m);

        rtm = begin_route(&m, RTM_NEWROUTE, AF_INET);
        rtm->rtm_dst_len = 33;
        mnl_attr_put(&m.nlh, RTA_DST, 4, zeroes);
        assert_bad_route(&m);
        rtm->rtm_dst_len = 32;
        assert_int_equal(decode_routes_exactly(&m.nlh), 0);

        rtm = begin_route(&m, RTM_NEWROUTE, AF_INET6);
        rtm->rtm_src_len = 1; /* without RTA_SRC */
        assert_bad_route(&m);
}

/* A second hop that is broken: the first is freed. */
static void test_malformed_hops(void **state _unused_) {
        static const uint16_t lengths[] = { 0, 7, 12, 29, 65535 };
        Message m;

        for (size_t i = 0; i < ELEMENTSOF(lengths); i++) {
                const struct nlattr *a;

                put_siblings(&m);
                mnl_attr_for_each(a, &m.nlh, sizeof(struct rtmsg)) {
                        struct rtnexthop *second =
                                        (struct rtnexthop *) ((uint8_t *) mnl_attr_get_payload(a) + 28);

                        if (mnl_attr_get_type(a) == RTA_MULTIPATH)
                                second->rtnh_len = lengths[i];
                }
                assert_bad_route(&m);
        }
}

/* The attribute of this type; NULL if there is none. */
static const struct nlattr *find_attribute(const Message *m, size_t header, uint16_t type) {
        const struct nlattr *a;

        mnl_attr_for_each(a, &m->nlh, header) {
                if (mnl_attr_get_type(a) == type)
                        return a;
        }
        return NULL;
}

static const struct nlattr *route_attribute(const Message *m, uint16_t type) {
        return find_attribute(m, sizeof(struct rtmsg), type);
}

/* All that the kernel can compare is said. */
static void test_delete_ipv4_route(void **state _unused_) {
        RouteHop hops[] = { hop(7, AF_INET, "10.0.0.1", 1), hop(8, AF_UNSPEC, NULL, 3) };
        Route r = route_to(AF_INET, "192.0.2.0", 24, hops, 1), *same;
        const struct rtmsg *rtm;
        Message m = {};
        size_t n;

        r.priority = 9;
        r.scope = RT_SCOPE_SITE;
        r.tos = 8;
        r.metrics[RTAX_MTU] = 1300;
        parse(AF_INET, "10.0.0.2", r.preferred_source);
        encode_delete_route(&m.nlh, &r);
        rtm = mnl_nlmsg_get_payload(&m.nlh);
        assert_int_equal(m.nlh.nlmsg_type, RTM_DELROUTE);
        assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST);
        assert_int_equal(rtm->rtm_protocol, 110);
        assert_int_equal(rtm->rtm_scope, RT_SCOPE_SITE);
        assert_int_equal(rtm->rtm_type, RTN_UNICAST);
        assert_int_equal(rtm->rtm_flags, 0);
        assert_int_equal(decode_routes(&m.nlh, &same, &n), 0);
        assert_int_equal(route_compare(same, &r), 0);
        routes_free(same, n);

        memset(&m, 0, sizeof(m));
        r.n_hops = 2;
        encode_delete_route(&m.nlh, &r);
        assert_non_null(route_attribute(&m, RTA_MULTIPATH));
        assert_null(route_attribute(&m, RTA_OIF));
}

/* More hops than one can add are deleted by the first. */
static void test_delete_too_many_hops(void **state _unused_) {
        RouteHop hops[ROUTE_HOPS_MAX + 1];
        Route r = route_to(AF_INET, "192.0.2.0", 24, hops, ELEMENTSOF(hops));
        Message m = {};

        for (size_t i = 0; i < ELEMENTSOF(hops); i++)
                hops[i] = hop(7, AF_INET, "10.0.0.1", 1);
        encode_delete_route(&m.nlh, &r);
        assert_null(route_attribute(&m, RTA_MULTIPATH));
        assert_int_equal(mnl_attr_get_u32(route_attribute(&m, RTA_OIF)), 7);
        assert_non_null(route_attribute(&m, RTA_GATEWAY));
}

static void assert_gateway_and_link(const Message *m, const char *gateway, uint32_t ifindex) {
        const struct nlattr *a = route_attribute(m, RTA_GATEWAY);
        uint8_t expected[16];

        parse(AF_INET6, gateway, expected);
        assert_non_null(a);
        assert_int_equal(mnl_attr_get_payload_len(a), 16);
        assert_memory_equal(mnl_attr_get_payload(a), expected, 16);
        assert_int_equal(mnl_attr_get_u32(route_attribute(m, RTA_OIF)), ifindex);
}

static void test_delete_ipv6_route(void **state _unused_) {
        RouteHop h = hop(7, AF_INET6, "fe80::1", 5);
        Route r = route_to(AF_INET6, "fd00::", 64, &h, 1);
        Message m = {};

        encode_delete_route(&m.nlh, &r);
        assert_gateway_and_link(&m, "fe80::1", 7);
        assert_null(route_attribute(&m, RTA_MULTIPATH));

        memset(&m, 0, sizeof(m));
        h = hop(7, AF_UNSPEC, NULL, 1);
        encode_delete_route(&m.nlh, &r);
        assert_gateway_and_link(&m, "::", 7);

        memset(&m, 0, sizeof(m));
        r.n_hops = 0;
        r.type = RTN_BLACKHOLE;
        encode_delete_route(&m.nlh, &r);
        assert_gateway_and_link(&m, "::", 1);

        memset(&m, 0, sizeof(m));
        r.type = RTN_UNICAST;
        r.nexthop_id = 4;
        encode_delete_route(&m.nlh, &r);
        assert_null(route_attribute(&m, RTA_GATEWAY));
        assert_null(route_attribute(&m, RTA_OIF));
        assert_int_equal(mnl_attr_get_u32(route_attribute(&m, RTA_NH_ID)), 4);
}

static void check_nexthop(const NextHop *n) {
        _cleanup_(nexthop_done) NextHop same = {};
        Message m = {};

        encode_add_nexthop(&m.nlh, n);
        assert_int_equal(m.nlh.nlmsg_type, RTM_NEWNEXTHOP);
        assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE);
        assert_int_equal(decode_nexthop(&m.nlh, &same), 0);
        assert_int_equal(nexthop_compare(&same, n), 0);
        check_broken(decode_nexthop_exactly, &m, sizeof(struct nhmsg));
}

static void test_nexthop(void **state _unused_) {
        NextHopGroupEntry group[] = { { 3, 256 }, { 8, 1 } };
        NextHop n = { .id = 1, .family = AF_INET, .protocol = 110, .ifindex = 7, .gateway_family = AF_INET };
        NextHop copy = {};
        Message m = {};

        parse(AF_INET, "10.0.0.1", n.gateway);
        n.on_link = true;
        check_nexthop(&n);
        n.family = n.gateway_family = AF_INET6;
        parse(AF_INET6, "fe80::1", n.gateway);
        check_nexthop(&n);
        n = (NextHop){ .id = UINT32_MAX, .family = AF_INET6, .blackhole = true };
        check_nexthop(&n);
        n = (NextHop){ .id = 9, .group = group, .n_group = 2 };
        check_nexthop(&n);
        assert_int_equal(nexthop_copy(&n, &copy), 0);
        assert_ptr_not_equal(copy.group, group);
        assert_int_equal(nexthop_compare(&copy, &n), 0);
        nexthop_done(&copy);
        assert_int_equal(copy.n_group, 0);

        n = (NextHop){ .family = AF_INET, .ifindex = 7 };
        encode_add_nexthop(&m.nlh, &n);
        assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
        assert_null(find_attribute(&m, sizeof(struct nhmsg), NHA_ID));
        assert_int_equal(decode_nexthop(&m.nlh, &copy), -EBADMSG); /* the kernel's always have one */
}

/* The kernel may name the members in any order, and says more beside the weight. */
static void test_nexthop_group_is_sorted(void **state _unused_) {
        const struct nexthop_grp entries[] = { { .id = 9, .weight = 1, .resvd1 = 7 },
                                               { .id = 2, .weight = 255 } };
        _cleanup_(nexthop_done) NextHop n = {};
        struct nhmsg *nhm;
        Message m = {};

        mnl_nlmsg_put_header(&m);
        m.nlh.nlmsg_type = RTM_NEWNEXTHOP;
        nhm = mnl_nlmsg_put_extra_header(&m.nlh, sizeof(*nhm));
        nhm->nh_flags = RTNH_F_DEAD;
        mnl_attr_put_u32(&m.nlh, NHA_ID, 1);
        mnl_attr_put(&m.nlh, NHA_GROUP, sizeof(entries), entries);
        assert_int_equal(decode_nexthop(&m.nlh, &n), 0);
        assert_int_equal(n.n_group, 2);
        assert_true(n.group[0].id == 2 && n.group[0].weight == 256);
        assert_true(n.group[1].id == 9 && n.group[1].weight == 2);
        assert_false(n.on_link);
}

static Rule any_rule(uint8_t family) {
        return (Rule){
                .family = family,
                .protocol = 110,
                .action = FR_ACT_TO_TBL,
                .has_priority = true,
                .table = RT_TABLE_MAIN,
                .uids = { UINT32_MAX, UINT32_MAX },
                .suppress_prefixlen = -1,
                .suppress_group = -1,
        };
}

static void check_rule(const Rule *rule) {
        Message m = {}, deletion = {};
        Rule same;

        encode_add_rule(&m.nlh, rule);
        assert_int_equal(m.nlh.nlmsg_type, RTM_NEWRULE);
        assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
        assert_int_equal(decode_rule(&m.nlh, &same), 0);
        assert_int_equal(rule_compare(&same, rule), 0);
        check_broken(decode_rule_exactly, &m, sizeof(struct fib_rule_hdr));

        encode_delete_rule(&deletion.nlh, rule);
        assert_int_equal(deletion.nlh.nlmsg_type, RTM_DELRULE);
        assert_int_equal(deletion.nlh.nlmsg_flags, NLM_F_REQUEST);
        assert_int_equal(decode_rule(&deletion.nlh, &same), 0);
        assert_int_equal(rule_compare(&same, rule), 0);
}

static void test_rule(void **state _unused_) {
        Rule rule = any_rule(AF_INET);

        check_rule(&rule);
        rule = any_rule(AF_INET6);
        rule.priority = 4000000000;
        rule.table = 4000000000;
        rule.invert = true;
        rule.tos = 4;
        parse(AF_INET6, "fd00::", rule.source);
        rule.source_length = 8;
        parse(AF_INET6, "fd01::1", rule.destination);
        rule.destination_length = 128;
        rule.fwmark = 1;
        rule.fwmask = UINT32_MAX;
        strcpy(rule.iifname, "fifteen-letters");
        strcpy(rule.oifname, "x");
        rule.sport[0] = 1;
        rule.sport[1] = 65535;
        rule.dport[0] = rule.dport[1] = 53;
        rule.ip_protocol = 17;
        rule.uids[0] = 0;
        rule.uids[1] = 5;
        rule.suppress_prefixlen = 0;
        rule.suppress_group = INT32_MAX;
        check_rule(&rule);

        rule = any_rule(AF_INET);
        rule.l3mdev = true;
        rule_normalize(&rule);
        assert_int_equal(rule.table, RT_TABLE_UNSPEC);
        check_rule(&rule);
        rule = any_rule(AF_INET);
        rule.action = FR_ACT_BLACKHOLE;
        rule_normalize(&rule);
        assert_int_equal(rule.table, RT_TABLE_UNSPEC);
        check_rule(&rule);
}

static void test_rule_without_priority(void **state _unused_) {
        Rule wanted = any_rule(AF_INET), there = any_rule(AF_INET);
        Message m = {};

        wanted.has_priority = false;
        there.priority = 32765;
        encode_add_rule(&m.nlh, &wanted);
        assert_null(find_attribute(&m, sizeof(struct fib_rule_hdr), FRA_PRIORITY));
        assert_int_equal(rule_compare_without_priority(&wanted, &there), 0);
        assert_int_not_equal(rule_compare(&wanted, &there), 0);
        there.fwmark = 1;
        assert_int_not_equal(rule_compare_without_priority(&wanted, &there), 0);
}

static void test_malformed_rules(void **state _unused_) {
        static const struct {
                uint16_t type;
                uint16_t length;
        } rows[] = {
                { FRA_SRC, 16 },        { FRA_DST, 0 },
                { FRA_TABLE, 1 },       { FRA_IIFNAME, 16 },
                { FRA_OIFNAME, 0 },     { FRA_FWMARK, 8 },
                { FRA_UID_RANGE, 4 },   { FRA_SPORT_RANGE, 8 },
                { FRA_PROTOCOL, 2 },    { FRA_L3MDEV, 4 },
                { FRA_DPORT_RANGE, 0 }, { FRA_IP_PROTO, 4 },
                { FRA_PRIORITY, 16 },   { FRA_UID_RANGE, 12 },
                { FRA_FWMASK, 1 },      { FRA_SUPPRESS_IFGROUP, 1 },
        };
        const Rule rule = any_rule(AF_INET);
        struct fib_rule_hdr *frh;
        uint8_t letters[16];
        Message m = {};
        Rule ret;

        memset(letters, 'a', sizeof(letters));
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                memset(&m, 0, sizeof(m));
                encode_add_rule(&m.nlh, &rule);
                mnl_attr_put(&m.nlh, rows[i].type, rows[i].length, letters);
                assert_int_equal(decode_rule(&m.nlh, &ret), -EBADMSG);
        }

        memset(&m, 0, sizeof(m));
        encode_add_rule(&m.nlh, &rule);
        frh = mnl_nlmsg_get_payload(&m.nlh);
        frh->family = RTNL_FAMILY_IPMR;
        assert_int_equal(decode_rule(&m.nlh, &ret), -EBADMSG);
        frh->family = AF_INET;
        frh->src_len = 1;
        assert_int_equal(decode_rule(&m.nlh, &ret), -EBADMSG);
}

static void check_neighbor(const Neighbor *n) {
        Message m = {};
        Neighbor same;
        struct ndmsg *ndm;

        encode_add_neighbor(&m.nlh, n);
        assert_int_equal(m.nlh.nlmsg_type, RTM_NEWNEIGH);
        assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE);
        ndm = mnl_nlmsg_get_payload(&m.nlh);
        assert_int_equal(ndm->ndm_state, NUD_PERMANENT);
        if (n->proxy)
                ndm->ndm_state = NUD_NONE; /* as the kernel shows it */
        assert_int_equal(decode_neighbor(&m.nlh, &same), 0);
        assert_int_equal(neighbor_compare(&same, n), 0);
        check_broken(decode_neighbor_exactly, &m, sizeof(struct ndmsg));

        memset(&m, 0, sizeof(m));
        encode_delete_neighbor(&m.nlh, n);
        assert_int_equal(m.nlh.nlmsg_type, RTM_DELNEIGH);
        assert_int_equal(decode_neighbor(&m.nlh, &same), 0);
        assert_true(same.ifindex == n->ifindex && same.proxy == n->proxy);
        assert_memory_equal(same.address, n->address, 16);
}

static void test_neighbor(void **state _unused_) {
        Neighbor n = {
                .ifindex = 7,
                .family = AF_INET,
                .protocol = 110,
                .permanent = true,
                .link_layer = { 2, 3, 4, 5, 6, 7 },
                .link_layer_length = 6,
        };
        Message m = {};

        parse(AF_INET, "10.0.0.1", n.address);
        check_neighbor(&n);
        n = (Neighbor){ .ifindex = 7, .family = AF_INET6, .proxy = true };
        parse(AF_INET6, "fd00::1", n.address);
        check_neighbor(&n);

        /* A link-layer address that is too long, an address of the wrong family, none at all. */
        encode_add_neighbor(&m.nlh, &n);
        mnl_attr_put(&m.nlh, NDA_LLADDR, 33, m.bytes);
        assert_int_equal(decode_neighbor(&m.nlh, &n), -EBADMSG);
        memset(&m, 0, sizeof(m));
        encode_add_neighbor(&m.nlh, &n);
        ((struct ndmsg *) mnl_nlmsg_get_payload(&m.nlh))->ndm_family = AF_INET;
        assert_int_equal(decode_neighbor(&m.nlh, &n), -EBADMSG);
        m.nlh.nlmsg_len = MNL_NLMSG_HDRLEN + sizeof(struct ndmsg);
        assert_int_equal(decode_neighbor(&m.nlh, &n), -EBADMSG);
}

/* Strict checking wants all else to be zero, and no attributes. */
static void test_dumps(void **state _unused_) {
        const struct rtmsg *rtm;
        const struct ndmsg *ndm;
        Message m = {};

        encode_dump_routes(&m.nlh, AF_INET6, 110);
        rtm = mnl_nlmsg_get_payload(&m.nlh);
        assert_int_equal(m.nlh.nlmsg_type, RTM_GETROUTE);
        assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
        assert_int_equal(m.nlh.nlmsg_len, MNL_NLMSG_HDRLEN + sizeof(*rtm));
        assert_memory_equal(rtm, (&(struct rtmsg){ .rtm_family = AF_INET6, .rtm_protocol = 110 }),
                            sizeof(*rtm));

        memset(&m, 0, sizeof(m));
        encode_dump_nexthops(&m.nlh);
        assert_int_equal(m.nlh.nlmsg_type, RTM_GETNEXTHOP);
        assert_int_equal(m.nlh.nlmsg_len, MNL_NLMSG_HDRLEN + sizeof(struct nhmsg));

        memset(&m, 0, sizeof(m));
        encode_dump_rules(&m.nlh, AF_INET);
        assert_int_equal(m.nlh.nlmsg_type, RTM_GETRULE);
        assert_int_equal(m.nlh.nlmsg_len, MNL_NLMSG_HDRLEN + sizeof(struct fib_rule_hdr));
        assert_int_equal(((const struct fib_rule_hdr *) mnl_nlmsg_get_payload(&m.nlh))->family, AF_INET);

        memset(&m, 0, sizeof(m));
        encode_dump_neighbors(&m.nlh, AF_INET, true);
        ndm = mnl_nlmsg_get_payload(&m.nlh);
        assert_int_equal(m.nlh.nlmsg_type, RTM_GETNEIGH);
        assert_int_equal(m.nlh.nlmsg_len, MNL_NLMSG_HDRLEN + sizeof(*ndm));
        assert_memory_equal(ndm, (&(struct ndmsg){ .ndm_family = AF_INET, .ndm_flags = NTF_PROXY }),
                            sizeof(*ndm));
}

/* First the link of the first hop, then family, table, destination, priority; each row is behind the one
 * before it. */
static void test_route_order(void **state _unused_) {
        RouteHop seven[] = { { .ifindex = 7, .weight = 1 }, { .ifindex = 1, .weight = 1 } };
        RouteHop eight = { .ifindex = 8, .weight = 1 };
        Route rows[] = {
                route_to(AF_INET6, "ffff::", 16, NULL, 0), route_to(AF_INET, "1.0.0.0", 8, seven, 1),
                route_to(AF_INET, "2.0.0.0", 8, seven, 1), route_to(AF_INET, "2.0.0.0", 9, seven, 1),
                route_to(AF_INET, "2.0.0.0", 9, seven, 1), /* priority */
                route_to(AF_INET, "2.0.0.0", 9, seven, 2), /* one hop more */
                route_to(AF_INET, "1.0.0.0", 8, seven, 1), /* table */
                route_to(AF_INET6, "::", 0, seven, 1),     route_to(AF_INET, "0.0.0.0", 0, &eight, 1),
        };

        rows[4].priority = rows[5].priority = 1;
        rows[6].table = RT_TABLE_LOCAL;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                for (size_t k = 0; k < ELEMENTSOF(rows); k++) {
                        int r = route_compare(rows + i, rows + k);

                        assert_true(i < k ? r < 0 : i > k ? r > 0 : r == 0);
                }
}

/* Each thing makes a difference. */
static void test_route_differences(void **state _unused_) {
        RouteHop h = hop(7, AF_INET, "10.0.0.1", 1), g;
        const Route a = route_to(AF_INET, "192.0.2.0", 24, &h, 1);
        Route b;

#define DIFFERS(field, value)                                                                               \
        do {                                                                                                \
                b = a;                                                                                      \
                b.field = (value);                                                                          \
                assert_true(route_compare(&a, &b) != 0 && route_compare(&b, &a) != 0);                      \
                assert_true((route_compare(&a, &b) < 0) == (route_compare(&b, &a) > 0));                    \
        } while (0)
#define HOP_DIFFERS(field, value)                                                                           \
        do {                                                                                                \
                g = h;                                                                                      \
                g.field = (value);                                                                          \
                DIFFERS(hops, &g);                                                                          \
        } while (0)

        DIFFERS(type, RTN_LOCAL);
        DIFFERS(scope, RT_SCOPE_LINK);
        DIFFERS(protocol, 4);
        DIFFERS(tos, 4);
        DIFFERS(table, 4000000000);
        DIFFERS(priority, 4000000000);
        DIFFERS(destination[3], 1);
        DIFFERS(source[3], 1);
        DIFFERS(source_length, 1);
        DIFFERS(preferred_source[0], 1);
        DIFFERS(nexthop_id, 1);
        DIFFERS(preference, 1);
        DIFFERS(ttl_propagate, 1);
        DIFFERS(metrics[ITEM_METRICS_MAX - 1], 1);
        DIFFERS(congestion_control[0], 'r');
        DIFFERS(n_hops, 0);
        HOP_DIFFERS(ifindex, 6);
        HOP_DIFFERS(gateway_family, AF_UNSPEC);
        HOP_DIFFERS(gateway[0], 11);
        HOP_DIFFERS(weight, 2);
        HOP_DIFFERS(on_link, true);
}

static void test_route_copy(void **state _unused_) {
        RouteHop hops[] = { hop(7, AF_INET, "10.0.0.1", 1), hop(8, AF_UNSPEC, NULL, 3) };
        const Route r = route_to(AF_INET, "192.0.2.0", 24, hops, 2),
                    none = route_to(AF_INET, "0.0.0.0", 0, NULL, 0);
        Route copy = {};

        assert_int_equal(route_copy(&r, &copy), 0);
        assert_ptr_not_equal(copy.hops, hops);
        assert_int_equal(route_compare(&copy, &r), 0);
        route_done(&copy);
        assert_null(copy.hops);
        assert_int_equal(copy.n_hops, 0);
        route_done(&copy); /* again is nothing */

        assert_int_equal(route_copy(&none, &copy), 0);
        assert_null(copy.hops);
        route_done(NULL);
        nexthop_done(NULL);
        routes_free(NULL, 0);
        nexthops_free(NULL, 0);
}

static void test_prefix_mask(void **state _unused_) {
        static const struct {
                uint8_t family;
                const char *address;
                uint8_t length;
                const char *masked;
        } rows[] = {
                { AF_INET, "255.255.255.255", 0, "0.0.0.0" },
                { AF_INET, "255.255.255.255", 1, "128.0.0.0" },
                { AF_INET, "255.255.255.255", 8, "255.0.0.0" },
                { AF_INET, "255.255.255.255", 31, "255.255.255.254" },
                { AF_INET, "1.2.3.4", 32, "1.2.3.4" },
                { AF_INET6, "fd00::1:ffff", 113, "fd00::1:8000" },
                { AF_INET6, "fd00::1", 128, "fd00::1" },
                { AF_INET6, "ffff::1", 12, "fff0::" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                uint8_t address[16], masked[16];

                parse(rows[i].family, rows[i].address, address);
                parse(rows[i].family, rows[i].masked, masked);
                prefix_mask(address, rows[i].length);
                assert_memory_equal(address, masked, 16);
        }
}

static void test_normalize(void **state _unused_) {
        RouteHop hops[] = { hop(7, AF_INET, "10.0.0.1", 5), hop(8, AF_UNSPEC, NULL, 0) };
        Route r = route_to(AF_INET, "192.0.2.77", 24, hops, 1), expected;

        r.preference = ICMPV6_ROUTER_PREF_HIGH;
        r.ttl_propagate = 2;
        r.metrics[RTAX_MTU] = 65536;
        r.metrics[RTAX_HOPLIMIT] = 256;
        route_normalize(&r);
        expected = route_to(AF_INET, "192.0.2.0", 24, hops, 1);
        expected.metrics[RTAX_MTU] = 65520;
        expected.metrics[RTAX_HOPLIMIT] = 255;
        assert_int_equal(route_compare(&r, &expected), 0);
        assert_int_equal(hops[0].weight, 1);

        hops[0].weight = 5;
        r.n_hops = 2;
        route_normalize(&r);
        assert_int_equal(hops[0].weight, 5);
        assert_int_equal(hops[1].weight, 1);

        hops[0] = hop(7, AF_INET6, "fe80::1", 5);
        r = route_to(AF_INET6, "fd00::1", 64, hops, 1);
        r.scope = RT_SCOPE_LINK;
        route_normalize(&r);
        expected = route_to(AF_INET6, "fd00::", 64, hops, 1);
        expected.priority = 1024;
        assert_int_equal(route_compare(&r, &expected), 0);
        assert_int_equal(hops[0].weight, 5); /* it may have siblings */
        r.priority = 1;
        route_normalize(&r);
        assert_int_equal(r.priority, 1);
}

static void test_other_orders(void **state _unused_) {
        NextHop a = { .id = 1, .ifindex = 9 }, b = { .id = 2, .ifindex = 8 };
        Neighbor n = { .ifindex = 1, .family = AF_INET6 }, m = { .ifindex = 2, .family = AF_INET };
        Rule first = any_rule(AF_INET), second = any_rule(AF_INET), sixth = any_rule(AF_INET6);

        assert_true(nexthop_compare(&a, &b) < 0 && nexthop_compare(&b, &a) > 0);
        assert_true(nexthop_compare_without_id(&a, &b) > 0);
        b.ifindex = 9;
        assert_int_equal(nexthop_compare_without_id(&a, &b), 0);
        b.blackhole = true;
        assert_int_not_equal(nexthop_compare_without_id(&a, &b), 0);

        assert_true(neighbor_compare(&n, &m) < 0);
        m = n;
        assert_int_equal(neighbor_compare(&n, &m), 0);
        m.proxy = true;
        assert_int_not_equal(neighbor_compare(&n, &m), 0);
        m = n;
        m.link_layer[31] = 1;
        assert_int_not_equal(neighbor_compare(&n, &m), 0);

        first.priority = 5;
        first.fwmark = 9;
        second.priority = 6;
        assert_true(rule_compare(&first, &second) < 0 && rule_compare(&second, &first) > 0);
        assert_true(rule_compare(&second, &sixth) < 0);
        second = first;
        assert_int_equal(rule_compare(&first, &second), 0);
        second.invert = true;
        assert_int_not_equal(rule_compare(&first, &second), 0);
        second = first;
        second.suppress_group = 0;
        assert_int_not_equal(rule_compare(&first, &second), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ipv4_route),
                cmocka_unit_test(test_ipv6_route),
                cmocka_unit_test(test_route_without_hops),
                cmocka_unit_test(test_longest),
                cmocka_unit_test(test_siblings),
                cmocka_unit_test(test_route_by_nexthop),
                cmocka_unit_test(test_reject_has_no_hops),
                cmocka_unit_test(test_cached_route_is_none),
                cmocka_unit_test(test_unknown_is_skipped),
                cmocka_unit_test(test_malformed_routes),
                cmocka_unit_test(test_malformed_hops),
                cmocka_unit_test(test_delete_ipv4_route),
                cmocka_unit_test(test_delete_too_many_hops),
                cmocka_unit_test(test_delete_ipv6_route),
                cmocka_unit_test(test_nexthop),
                cmocka_unit_test(test_nexthop_group_is_sorted),
                cmocka_unit_test(test_rule),
                cmocka_unit_test(test_rule_without_priority),
                cmocka_unit_test(test_malformed_rules),
                cmocka_unit_test(test_neighbor),
                cmocka_unit_test(test_dumps),
                cmocka_unit_test(test_route_order),
                cmocka_unit_test(test_route_differences),
                cmocka_unit_test(test_route_copy),
                cmocka_unit_test(test_prefix_mask),
                cmocka_unit_test(test_normalize),
                cmocka_unit_test(test_other_orders),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
