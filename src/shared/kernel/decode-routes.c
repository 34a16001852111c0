/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Route messages -> Route. Pure.
 *
 * One message says where a packet goes in one of three ways: attributes of its own (one hop), RTA_MULTIPATH
 * (several), or RTA_NH_ID, beside which an older kernel and compatible settings show the resolved hops too.
 * IPv6 has RTA_MULTIPATH for what are separate routes, each added and removed alone. */

#include <assert.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "decode-attr.h"
#include "decode.h"

/* A route before its hops are sorted out. */
typedef struct RawRoute {
        Route route;
        RouteHop hop; /* RTA_OIF, RTA_GATEWAY, RTA_VIA */
        bool has_hop;
        const struct nlattr *multipath; /* into the message */
        const struct nlattr *destination, *source, *preferred_source;
} RawRoute;

/* A hop being read: RTA_GATEWAY is of the route's family, RTA_VIA says its own. */
typedef struct HopReader {
        RouteHop *hop;
        uint8_t family;
} HopReader;

static int get_gateway(const struct nlattr *a, uint8_t family, RouteHop *hop) {
        int r;

        r = attr_get_in_addr(a, family, hop->gateway);
        if (r < 0)
                return r;

        hop->gateway_family = family;
        return 0;
}

static int get_via(const struct nlattr *a, RouteHop *hop) {
        const struct rtvia *via = mnl_attr_get_payload(a);
        size_t length;

        if (attr_length(a) < sizeof(*via))
                return -EBADMSG;

        length = in_addr_length(via->rtvia_family);
        if (length == 0 || attr_length(a) != sizeof(*via) + length)
                return -EBADMSG;

        memset(hop->gateway, 0, sizeof(hop->gateway));
        memcpy(hop->gateway, via->rtvia_addr, length);
        hop->gateway_family = (uint8_t) via->rtvia_family;
        return 0;
}

static int on_hop_attribute(const struct nlattr *a, void *userdata) {
        HopReader *reader = userdata;

        switch (mnl_attr_get_type(a)) {
        case RTA_GATEWAY: return get_gateway(a, reader->family, reader->hop);
        case RTA_VIA: return get_via(a, reader->hop);
        default: return 0;
        }
}

/* One struct rtnexthop with what belongs to it, of rtnh_len bytes. */
static int get_hop(const struct rtnexthop *rtnh, uint8_t family, RouteHop *ret) {
        RouteHop hop = { .ifindex = rtnh->rtnh_ifindex };
        HopReader reader = { &hop, family };
        int r;

        if (rtnh->rtnh_ifindex < 0)
                return -EBADMSG;

        r = attr_each_in(rtnh + 1, rtnh->rtnh_len - sizeof(*rtnh), on_hop_attribute, &reader);
        if (r < 0)
                return r;

        hop.weight = (uint16_t) (rtnh->rtnh_hops + 1);
        hop.on_link = rtnh->rtnh_flags &
                      RTNH_F_ONLINK; /* the others tell of now: dead, linkdown, offloaded */
        *ret = hop;
        return 0;
}

static int append_hop(Route *route, const RouteHop *hop) {
        int r;

        r = ARRAY_RESERVE_ONE(route->hops, route->n_hops);
        if (r < 0)
                return r;

        route->hops[route->n_hops++] = *hop;
        return 0;
}

/* Appends all hops of RTA_MULTIPATH. */
static int get_hops(const struct nlattr *a, Route *route) {
        const uint8_t *at = mnl_attr_get_payload(a);
        size_t left = attr_length(a);

        while (left > 0) {
                const struct rtnexthop *rtnh = (const struct rtnexthop *) at;
                size_t whole;
                RouteHop hop;
                int r;

                if (left < sizeof(*rtnh) || rtnh->rtnh_len < sizeof(*rtnh) || rtnh->rtnh_len > left)
                        return -EBADMSG;

                r = get_hop(rtnh, route->family, &hop);
                if (r < 0)
                        return r;
                r = append_hop(route, &hop);
                if (r < 0)
                        return r;

                whole = MNL_ALIGN(rtnh->rtnh_len);
                if (whole > left)
                        whole = left;
                at += whole;
                left -= whole;
        }

        return 0;
}

static int on_metric(const struct nlattr *a, void *userdata) {
        Route *route = userdata;
        uint16_t type = mnl_attr_get_type(a);

        if (type == RTAX_CC_ALGO)
                return attr_get_string(a, route->congestion_control, sizeof(route->congestion_control));
        if (type == RTAX_UNSPEC || type == RTAX_LOCK || type >= ITEM_METRICS_MAX)
                return 0;

        return attr_get_u32(a, route->metrics + type);
}

static int get_ttl_propagate(const struct nlattr *a, Route *route) {
        bool propagate;
        int r;

        r = attr_get_bool(a, &propagate);
        if (r < 0)
                return r;

        route->ttl_propagate = propagate ? 2 : 1;
        return 0;
}

static int on_route_attribute(const struct nlattr *a, void *userdata) {
        RawRoute *raw = userdata;
        Route *route = &raw->route;

        switch (mnl_attr_get_type(a)) {
        case RTA_DST: raw->destination = a; return 0;
        case RTA_SRC: raw->source = a; return 0;
        case RTA_PREFSRC: raw->preferred_source = a; return 0;
        case RTA_MULTIPATH: raw->multipath = a; return 0;
        case RTA_OIF: raw->has_hop = true; return attr_get_ifindex(a, &raw->hop.ifindex);
        case RTA_GATEWAY: raw->has_hop = true; return get_gateway(a, route->family, &raw->hop);
        case RTA_VIA: raw->has_hop = true; return get_via(a, &raw->hop);
        case RTA_TABLE: return attr_get_u32(a, &route->table);
        case RTA_PRIORITY: return attr_get_u32(a, &route->priority);
        case RTA_METRICS: return attr_each_nested(a, on_metric, route);
        case RTA_NH_ID: return attr_get_u32(a, &route->nexthop_id);
        case RTA_PREF: return attr_get_u8(a, &route->preference);
        case RTA_TTL_PROPAGATE: return get_ttl_propagate(a, route);
        default: return 0;
        }
}

static int get_header(const struct nlmsghdr *nlh, const struct rtmsg **ret) {
        const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);

        if (nlh->nlmsg_type != RTM_NEWROUTE && nlh->nlmsg_type != RTM_DELROUTE)
                return -EBADMSG;
        if (nlh->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(*rtm))
                return -EBADMSG;
        if (in_addr_length(rtm->rtm_family) == 0)
                return -EBADMSG;

        *ret = rtm;
        return 0;
}

static void take_header(const struct rtmsg *rtm, RawRoute *raw) {
        raw->route = (Route){
                .family = rtm->rtm_family,
                .type = rtm->rtm_type,
                .scope = rtm->rtm_scope,
                .protocol = rtm->rtm_protocol,
                .tos = rtm->rtm_tos,
                .table = rtm->rtm_table, /* RTA_TABLE knows better */
                .destination_length = rtm->rtm_dst_len,
                .source_length = rtm->rtm_src_len,
        };
        raw->hop.weight = 1;
        raw->hop.on_link = rtm->rtm_flags & RTNH_F_ONLINK;
}

static int get_addresses(RawRoute *raw) {
        Route *route = &raw->route;
        int r;

        r = attr_get_prefix(raw->destination, route->family, route->destination_length, route->destination);
        if (r < 0)
                return r;

        r = attr_get_prefix(raw->source, route->family, route->source_length, route->source);
        if (r < 0 || !raw->preferred_source)
                return r;

        return attr_get_in_addr(raw->preferred_source, route->family, route->preferred_source);
}

/* Fills in route->hops of what is otherwise read. IPv6 sends rejected packets to the loopback link, and says
 * so; a nexthop that rejects shows as a type, though the route was added with another. */
static int take_hops(RawRoute *raw) {
        Route *route = &raw->route;

        if (route->nexthop_id != 0) {
                if (route->type == RTN_BLACKHOLE)
                        route->type = RTN_UNICAST;
                return 0;
        }
        if (route_type_is_reject(route->type))
                return 0;
        if (raw->multipath)
                return get_hops(raw->multipath, route);

        return raw->has_hop ? append_hop(route, &raw->hop) : 0;
}

/* The same route with one of the hops. */
static int with_one_hop(const Route *route, size_t i, Route *ret) {
        Route one = *route;

        one.hops = NULL;
        one.n_hops = 0;
        if (append_hop(&one, route->hops + i) < 0)
                return -ENOMEM;

        *ret = one;
        return 0;
}

/* IPv6: a route for each hop. */
static int split(const Route *route, Route **ret, size_t *ret_n) {
        Route *routes;

        routes = calloc(route->n_hops, sizeof(Route));
        if (!routes)
                return -ENOMEM;

        for (size_t i = 0; i < route->n_hops; i++)
                if (with_one_hop(route, i, routes + i) < 0) {
                        routes_free(routes, i);
                        return -ENOMEM;
                }

        *ret = routes;
        *ret_n = route->n_hops;
        return 0;
}

static int move_one(Route *route, Route **ret, size_t *ret_n) {
        Route *routes;

        routes = malloc(sizeof(Route));
        if (!routes)
                return -ENOMEM;

        *routes = *route;
        *route = (Route){};
        *ret = routes;
        *ret_n = 1;
        return 0;
}

int decode_routes(const struct nlmsghdr *nlh, Route **ret, size_t *ret_n) {
        _cleanup_(route_done) Route route = {};
        const struct rtmsg *rtm;
        RawRoute raw = {};
        int r;

        assert(nlh);
        assert(ret);
        assert(ret_n);

        r = get_header(nlh, &rtm);
        if (r < 0)
                return r;

        take_header(rtm, &raw);
        r = attr_each_of_message(nlh, sizeof(*rtm), on_route_attribute, &raw);
        if (r < 0)
                return r;
        if (rtm->rtm_flags & RTM_F_CLONED) {
                *ret = NULL;
                *ret_n = 0;
                return 0;
        }

        r = get_addresses(&raw);
        if (r >= 0)
                r = take_hops(&raw);
        route = raw.route; /* with the hops, even half of them: freed in one place */
        if (r < 0)
                return r;

        return route.family == AF_INET6 && route.n_hops > 1 ? split(&route, ret, ret_n)
                                                            : move_one(&route, ret, ret_n);
}
