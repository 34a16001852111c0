/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the kernel keeps beside links and addresses: routes, nexthops, policy rules, neighbours. Plain data,
 * in one canonical form, so that what is wanted and what is can be compared: unused bytes are zero, defaults
 * are filled in as the kernel does. */

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ITEM_METRICS_MAX 18 /* RTAX_* are below (linux/rtnetlink.h) */

/* What one message of RTNL_MESSAGE_MAX bytes has room for. The kernel may hold larger ones of others; ours
 * must not be (encode.h). */
#define ROUTE_HOPS_MAX    24
#define NEXTHOP_GROUP_MAX 100

typedef struct RouteHop {
        int ifindex;
        uint8_t gateway_family; /* AF_UNSPEC: no gateway */
        uint8_t gateway[16];
        uint16_t weight; /* 1..256 */
        bool on_link;    /* RTNH_F_ONLINK */
} RouteHop;

/* One route. An IPv6 multipath route is as many routes as it has hops (the kernel keeps it so, and adds and
 * removes each alone); an IPv4 one is one with all its hops. */
typedef struct Route {
        uint8_t family;
        uint8_t type;     /* RTN_* */
        uint8_t scope;    /* RT_SCOPE_*; IPv6: always universe */
        uint8_t protocol; /* RTPROT_* */
        uint8_t tos;
        uint32_t table;
        uint32_t priority; /* IPv6: 1024 when 0 was asked for */
        uint8_t destination[16], destination_length;
        uint8_t source[16], source_length;
        uint8_t preferred_source[16]; /* zero: none */
        uint32_t nexthop_id;          /* RTA_NH_ID, 0: none; then there are no hops */
        uint8_t preference;           /* ICMPV6_ROUTER_PREF_*; IPv4: 0 */
        uint8_t ttl_propagate;        /* RTA_TTL_PROPAGATE + 1; 0: not given */
        uint32_t metrics[ITEM_METRICS_MAX];
        char congestion_control[16];
        RouteHop *hops; /* owned; none for blackhole and friends and with nexthop_id */
        size_t n_hops;
} Route;

typedef struct NextHopGroupEntry {
        uint32_t id;
        uint16_t weight; /* 1..256 */
} NextHopGroupEntry;

typedef struct NextHop {
        uint32_t id; /* 0 in a wanted one: the kernel picks */
        uint8_t family;
        uint8_t protocol; /* RTPROT_* */
        int ifindex;      /* 0: blackhole or group */
        uint8_t gateway_family, gateway[16];
        bool on_link;
        bool blackhole;
        NextHopGroupEntry *group; /* owned; sorted by id */
        size_t n_group;
} NextHop;

typedef struct Rule {
        uint8_t family;
        uint8_t protocol; /* FRA_PROTOCOL, RTPROT_* */
        uint8_t action;   /* FR_ACT_* */
        uint8_t tos;
        uint32_t priority;
        bool has_priority; /* in a wanted one: false lets the kernel pick */
        bool invert;
        bool l3mdev;
        uint32_t table;
        uint8_t source[16], source_length, destination[16], destination_length;
        uint32_t fwmark, fwmask;
        char iifname[IFNAMSIZ], oifname[IFNAMSIZ];
        uint16_t sport[2], dport[2]; /* first and last, 0: any */
        uint8_t ip_protocol;
        uint32_t uids[2];                           /* first and last; UINT32_MAX, UINT32_MAX: any */
        int64_t suppress_prefixlen, suppress_group; /* -1: none */
} Rule;

typedef struct Neighbor {
        int ifindex;
        uint8_t family;
        uint8_t protocol; /* NDA_PROTOCOL, 0: none */
        bool proxy;       /* NTF_PROXY: an address we answer for, without link-layer address */
        bool permanent;   /* NUD_PERMANENT */
        uint8_t address[16];
        uint8_t link_layer[32], link_layer_length;
} Neighbor;

/* Orders for sorting and look-up. Routes: by the ifindex of the first hop (0: none) first, so that those of
 * a link lie together; then family, table, destination, priority, the rest. Equal means equal in everything.
 */
int route_compare(const Route *a, const Route *b);
int nexthop_compare(const NextHop *a, const NextHop *b);
int rule_compare(const Rule *a, const Rule *b);
int neighbor_compare(const Neighbor *a, const Neighbor *b);

/* Equal but for what the kernel picks when it was not asked for. */
int rule_compare_without_priority(const Rule *a, const Rule *b);
int nexthop_compare_without_id(const NextHop *a, const NextHop *b);

int route_first_ifindex(const Route *r);
/* Blackhole, unreachable, prohibit, throw. */
bool route_type_is_reject(uint8_t type);

/* Bring what was asked for into the form in which the kernel will show it: prefixes without host bits, the
 * default priority of IPv6, metrics cut to their maximum, no weight where one hop is all there is, no table
 * in a rule that looks up none. Of an IPv6 route they cannot know whether it has siblings; without, the
 * kernel shows weight 1 whatever it was. */
void route_normalize(Route *r);
void rule_normalize(Rule *r);

/* Clears all bits behind the first `length`. */
void prefix_mask(uint8_t address[static 16], uint8_t length);

void route_done(Route *r);
void nexthop_done(NextHop *n);

/* Whole arrays with what is in them; NULL is fine. */
void routes_free(Route *routes, size_t n);
void nexthops_free(NextHop *nexthops, size_t n);

/* Deep copies. Return 0 or -ENOMEM. */
int route_copy(const Route *r, Route *ret);
int nexthop_copy(const NextHop *n, NextHop *ret);
