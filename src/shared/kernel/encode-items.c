/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Routes, nexthops, policy rules and neighbours -> rtnetlink messages. Pure.
 *
 * A deletion in the kernel goes by whatever it is told, and what it is not told matches anything. So each
 * deletion here says all the kernel can compare, and where the kernel cannot be told "none", the comment
 * says how far that goes. */

#include <assert.h>
#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "encode.h"

/* The loopback link is the first in every namespace. */
#define LOOPBACK_IFINDEX 1

static size_t address_length(uint8_t family) {
        return family == AF_INET ? 4 : 16;
}

static bool is_null_address(const uint8_t address[static 16]) {
        static const uint8_t null[16];

        return memcmp(address, null, sizeof(null)) == 0;
}

static void *put_header(struct nlmsghdr *nlh, uint16_t type, uint16_t flags, size_t size) {
        assert(nlh);

        mnl_nlmsg_put_header(nlh);
        nlh->nlmsg_type = type;
        nlh->nlmsg_flags = NLM_F_REQUEST | flags;
        return mnl_nlmsg_put_extra_header(nlh, size);
}

/* The byte of the header has room for the lowest tables only. */
static uint8_t header_table(uint32_t table) {
        return table < 256 ? (uint8_t) table : RT_TABLE_UNSPEC;
}

/* RTA_GATEWAY in the route's own family, RTA_VIA in another. */
static void put_gateway(struct nlmsghdr *nlh, uint8_t family, const RouteHop *hop) {
        uint8_t buffer[sizeof(struct rtvia) + 16];
        struct rtvia via = { .rtvia_family = hop->gateway_family };
        size_t length = address_length(hop->gateway_family);

        if (hop->gateway_family == AF_UNSPEC)
                return;
        if (hop->gateway_family == family) {
                mnl_attr_put(nlh, RTA_GATEWAY, length, hop->gateway);
                return;
        }

        memcpy(buffer, &via, sizeof(via));
        memcpy(buffer + sizeof(via), hop->gateway, length);
        mnl_attr_put(nlh, RTA_VIA, sizeof(via) + length, buffer);
}

static void put_multipath(struct nlmsghdr *nlh, const Route *route) {
        struct nlattr *nest = mnl_attr_nest_start(nlh, RTA_MULTIPATH);

        for (size_t i = 0; i < route->n_hops; i++) {
                const RouteHop *hop = route->hops + i;
                size_t start = nlh->nlmsg_len;
                struct rtnexthop *rtnh = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtnh));

                rtnh->rtnh_ifindex = hop->ifindex;
                rtnh->rtnh_flags = hop->on_link ? RTNH_F_ONLINK : 0;
                rtnh->rtnh_hops = (uint8_t) (hop->weight > 0 ? hop->weight - 1 : 0);
                put_gateway(nlh, route->family, hop);
                rtnh->rtnh_len = (uint16_t) (nlh->nlmsg_len - start);
        }

        mnl_attr_nest_end(nlh, nest);
}

static void put_one_hop(struct nlmsghdr *nlh, const Route *route) {
        const RouteHop *hop = route->hops;

        if (hop->ifindex != 0)
                mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t) hop->ifindex);
        put_gateway(nlh, route->family, hop);
}

static bool has_metrics(const Route *route) {
        for (size_t i = 0; i < ITEM_METRICS_MAX; i++)
                if (route->metrics[i] != 0)
                        return true;
        return route->congestion_control[0] != '\0';
}

static void put_metrics(struct nlmsghdr *nlh, const Route *route) {
        struct nlattr *nest;

        if (!has_metrics(route))
                return;

        nest = mnl_attr_nest_start(nlh, RTA_METRICS);
        for (uint16_t i = 0; i < ITEM_METRICS_MAX; i++)
                if (route->metrics[i] != 0)
                        mnl_attr_put_u32(nlh, i, route->metrics[i]);
        if (route->congestion_control[0] != '\0')
                mnl_attr_put_strz(nlh, RTAX_CC_ALGO, route->congestion_control);
        mnl_attr_nest_end(nlh, nest);
}

/* What an addition and a deletion have in common: everything but the hops. */
static struct rtmsg *put_route(struct nlmsghdr *nlh, uint16_t type, uint16_t flags, const Route *route) {
        size_t length = address_length(route->family);
        struct rtmsg *rtm;

        assert(route->family == AF_INET || route->family == AF_INET6);

        rtm = put_header(nlh, type, flags, sizeof(*rtm));
        rtm->rtm_family = route->family;
        rtm->rtm_dst_len = route->destination_length;
        rtm->rtm_src_len = route->source_length;
        rtm->rtm_tos = route->tos;
        rtm->rtm_table = header_table(route->table);
        rtm->rtm_protocol = route->protocol;
        rtm->rtm_scope = route->scope;
        rtm->rtm_type = route->type;

        mnl_attr_put_u32(nlh, RTA_TABLE, route->table);
        mnl_attr_put_u32(nlh, RTA_PRIORITY, route->priority);
        if (route->destination_length > 0)
                mnl_attr_put(nlh, RTA_DST, length, route->destination);
        if (route->source_length > 0)
                mnl_attr_put(nlh, RTA_SRC, length, route->source);
        if (!is_null_address(route->preferred_source))
                mnl_attr_put(nlh, RTA_PREFSRC, length, route->preferred_source);
        put_metrics(nlh, route);
        if (route->nexthop_id != 0)
                mnl_attr_put_u32(nlh, RTA_NH_ID, route->nexthop_id);

        return rtm;
}

/* One hop goes without RTA_MULTIPATH, as the kernel shows it, but only there has a weight room: the kernel
 * keeps it for when an IPv6 route gets siblings. */
void encode_add_route(struct nlmsghdr *nlh, const Route *route) {
        struct rtmsg *rtm;

        assert(route);
        assert(route->n_hops <= ROUTE_HOPS_MAX);

        rtm = put_route(nlh, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, route);

        if (route->family == AF_INET6)
                mnl_attr_put_u8(nlh, RTA_PREF, route->preference);
        if (route->ttl_propagate != 0)
                mnl_attr_put_u8(nlh, RTA_TTL_PROPAGATE, route->ttl_propagate - 1);

        if (route->n_hops == 1 && route->hops[0].weight <= 1) {
                rtm->rtm_flags = route->hops[0].on_link ? RTNH_F_ONLINK : 0;
                put_one_hop(nlh, route);
        } else if (route->n_hops > 0)
                put_multipath(nlh, route);
}

/* IPv6 takes any route for the one meant that fits what it is told. A hop without gateway is told by the
 * null address, a rejecting one by the loopback link that the kernel gives it. */
static void put_exact_hop6(struct nlmsghdr *nlh, const Route *route) {
        static const uint8_t none[16];
        int ifindex = route_first_ifindex(route);

        if (route->nexthop_id != 0)
                return;

        if (ifindex == 0 && route->n_hops == 0)
                ifindex = LOOPBACK_IFINDEX;
        if (ifindex != 0)
                mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t) ifindex);
        mnl_attr_put(nlh, RTA_GATEWAY, sizeof(none),
                     route->n_hops > 0 && route->hops[0].gateway_family == AF_INET6 ? route->hops[0].gateway
                                                                                    : none);
}

/* IPv4 compares type, scope, protocol, preferred source, metrics and hops, but takes a priority of 0 for
 * any: the first then, which is the one of priority 0 if there is one. Of a route with more hops than a
 * message has room for, the first must do. */
static void put_exact_hops4(struct nlmsghdr *nlh, const Route *route) {
        if (route->n_hops == 1 || route->n_hops > ROUTE_HOPS_MAX)
                put_one_hop(nlh, route);
        else if (route->n_hops > 1)
                put_multipath(nlh, route);
}

void encode_delete_route(struct nlmsghdr *nlh, const Route *route) {
        assert(route);

        put_route(nlh, RTM_DELROUTE, 0, route);

        if (route->family == AF_INET6)
                put_exact_hop6(nlh, route);
        else
                put_exact_hops4(nlh, route);
}

/* The header of strict dumps: what is not a filter must be zero. */
void encode_dump_routes(struct nlmsghdr *nlh, uint8_t family, uint8_t protocol) {
        struct rtmsg *rtm;

        rtm = put_header(nlh, RTM_GETROUTE, NLM_F_DUMP, sizeof(*rtm));
        rtm->rtm_family = family;
        rtm->rtm_protocol = protocol;
}

static void put_group(struct nlmsghdr *nlh, const NextHop *nexthop) {
        struct nexthop_grp entries[NEXTHOP_GROUP_MAX] = {};

        assert(nexthop->n_group <= NEXTHOP_GROUP_MAX);

        for (size_t i = 0; i < nexthop->n_group; i++) {
                entries[i].id = nexthop->group[i].id;
                entries[i].weight =
                                (uint8_t) (nexthop->group[i].weight > 0 ? nexthop->group[i].weight - 1 : 0);
        }
        mnl_attr_put(nlh, NHA_GROUP, nexthop->n_group * sizeof(entries[0]), entries);
}

void encode_add_nexthop(struct nlmsghdr *nlh, const NextHop *nexthop) {
        struct nhmsg *nhm;

        assert(nexthop);

        nhm = put_header(nlh, RTM_NEWNEXTHOP, NLM_F_CREATE | (nexthop->id != 0 ? NLM_F_REPLACE : NLM_F_EXCL),
                         sizeof(*nhm));
        nhm->nh_family = nexthop->family;
        nhm->nh_protocol = nexthop->protocol;
        nhm->nh_flags = nexthop->on_link ? RTNH_F_ONLINK : 0;

        if (nexthop->id != 0)
                mnl_attr_put_u32(nlh, NHA_ID, nexthop->id);
        if (nexthop->blackhole)
                mnl_attr_put(nlh, NHA_BLACKHOLE, 0, NULL);
        if (nexthop->ifindex != 0)
                mnl_attr_put_u32(nlh, NHA_OIF, (uint32_t) nexthop->ifindex);
        if (nexthop->gateway_family != AF_UNSPEC)
                mnl_attr_put(nlh, NHA_GATEWAY, address_length(nexthop->gateway_family), nexthop->gateway);
        if (nexthop->n_group > 0)
                put_group(nlh, nexthop);
}

void encode_delete_nexthop(struct nlmsghdr *nlh, const NextHop *nexthop) {
        assert(nexthop);
        assert(nexthop->id != 0);

        (void) put_header(nlh, RTM_DELNEXTHOP, 0, sizeof(struct nhmsg));
        mnl_attr_put_u32(nlh, NHA_ID, nexthop->id);
}

void encode_dump_nexthops(struct nlmsghdr *nlh) {
        (void) put_header(nlh, RTM_GETNEXTHOP, NLM_F_DUMP, sizeof(struct nhmsg));
}

static void put_rule_links(struct nlmsghdr *nlh, const Rule *rule) {
        if (rule->iifname[0] != '\0')
                mnl_attr_put_strz(nlh, FRA_IIFNAME, rule->iifname);
        if (rule->oifname[0] != '\0')
                mnl_attr_put_strz(nlh, FRA_OIFNAME, rule->oifname);
        if (rule->l3mdev)
                mnl_attr_put_u8(nlh, FRA_L3MDEV, 1);
}

static void put_rule_selector(struct nlmsghdr *nlh, const Rule *rule) {
        size_t length = address_length(rule->family);

        if (rule->source_length > 0)
                mnl_attr_put(nlh, FRA_SRC, length, rule->source);
        if (rule->destination_length > 0)
                mnl_attr_put(nlh, FRA_DST, length, rule->destination);
        if (rule->fwmark != 0 || rule->fwmask != 0) {
                mnl_attr_put_u32(nlh, FRA_FWMARK, rule->fwmark);
                mnl_attr_put_u32(nlh, FRA_FWMASK, rule->fwmask);
        }
        if (rule->ip_protocol != 0)
                mnl_attr_put_u8(nlh, FRA_IP_PROTO, rule->ip_protocol);
        if (rule->sport[0] != 0 || rule->sport[1] != 0)
                mnl_attr_put(nlh, FRA_SPORT_RANGE, sizeof(rule->sport), rule->sport);
        if (rule->dport[0] != 0 || rule->dport[1] != 0)
                mnl_attr_put(nlh, FRA_DPORT_RANGE, sizeof(rule->dport), rule->dport);
        if (rule->uids[0] != UINT32_MAX || rule->uids[1] != UINT32_MAX)
                mnl_attr_put(nlh, FRA_UID_RANGE, sizeof(rule->uids), rule->uids);
}

/* The same message adds a rule and deletes it. */
static void put_rule(struct nlmsghdr *nlh, uint16_t type, uint16_t flags, const Rule *rule) {
        struct fib_rule_hdr *frh;

        assert(rule);
        assert(rule->family == AF_INET || rule->family == AF_INET6);

        frh = put_header(nlh, type, flags, sizeof(*frh));
        frh->family = rule->family;
        frh->src_len = rule->source_length;
        frh->dst_len = rule->destination_length;
        frh->tos = rule->tos;
        frh->table = header_table(rule->table);
        frh->action = rule->action;
        frh->flags = rule->invert ? FIB_RULE_INVERT : 0;

        if (rule->has_priority)
                mnl_attr_put_u32(nlh, FRA_PRIORITY, rule->priority);
        if (rule->table != RT_TABLE_UNSPEC)
                mnl_attr_put_u32(nlh, FRA_TABLE, rule->table);
        mnl_attr_put_u8(nlh, FRA_PROTOCOL, rule->protocol);
        put_rule_links(nlh, rule);
        put_rule_selector(nlh, rule);
        if (rule->suppress_prefixlen >= 0)
                mnl_attr_put_u32(nlh, FRA_SUPPRESS_PREFIXLEN, (uint32_t) rule->suppress_prefixlen);
        if (rule->suppress_group >= 0)
                mnl_attr_put_u32(nlh, FRA_SUPPRESS_IFGROUP, (uint32_t) rule->suppress_group);
}

void encode_add_rule(struct nlmsghdr *nlh, const Rule *rule) {
        put_rule(nlh, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, rule);
}

/* There is no way to say that a rule has no mark, no port range and so on: of several with this priority and
 * protocol, the first goes that has what this one has. */
void encode_delete_rule(struct nlmsghdr *nlh, const Rule *rule) {
        put_rule(nlh, RTM_DELRULE, 0, rule);
}

void encode_dump_rules(struct nlmsghdr *nlh, uint8_t family) {
        struct fib_rule_hdr *frh;

        frh = put_header(nlh, RTM_GETRULE, NLM_F_DUMP, sizeof(*frh));
        frh->family = family;
}

static struct ndmsg *put_neighbor(struct nlmsghdr *nlh, uint16_t type, uint16_t flags, const Neighbor *n) {
        struct ndmsg *ndm;

        assert(n);
        assert(n->family == AF_INET || n->family == AF_INET6);

        ndm = put_header(nlh, type, flags, sizeof(*ndm));
        ndm->ndm_family = n->family;
        ndm->ndm_ifindex = n->ifindex;
        ndm->ndm_flags = n->proxy ? NTF_PROXY : 0;
        mnl_attr_put(nlh, NDA_DST, address_length(n->family), n->address);
        return ndm;
}

void encode_add_neighbor(struct nlmsghdr *nlh, const Neighbor *neighbor) {
        struct ndmsg *ndm;

        ndm = put_neighbor(nlh, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, neighbor);
        ndm->ndm_state = NUD_PERMANENT;

        if (neighbor->link_layer_length > 0 && !neighbor->proxy)
                mnl_attr_put(nlh, NDA_LLADDR, neighbor->link_layer_length, neighbor->link_layer);
        if (neighbor->protocol != 0)
                mnl_attr_put_u8(nlh, NDA_PROTOCOL, neighbor->protocol);
}

void encode_delete_neighbor(struct nlmsghdr *nlh, const Neighbor *neighbor) {
        (void) put_neighbor(nlh, RTM_DELNEIGH, 0, neighbor);
}

void encode_dump_neighbors(struct nlmsghdr *nlh, uint8_t family, bool proxy) {
        struct ndmsg *ndm;

        ndm = put_header(nlh, RTM_GETNEIGH, NLM_F_DUMP, sizeof(*ndm));
        ndm->ndm_family = family;
        ndm->ndm_flags = proxy ? NTF_PROXY : 0;
}
