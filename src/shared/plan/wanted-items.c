/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Routes, nexthops, rules and neighbours as the files say, in the form in which the kernel will show them:
 * defaults filled in, names of links and VRFs looked up. Pure. */

#include <assert.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "plan-internal.h"

static_assert(ROUTE_METRICS_MAX == ITEM_METRICS_MAX, "a file and the kernel have the same metrics");
static_assert(CONFIG_HOPS_MAX <= ROUTE_HOPS_MAX, "what a file may ask for fits into a message");
static_assert(CONFIG_GROUP_MAX <= NEXTHOP_GROUP_MAX, "what a file may ask for fits into a message");

void wanted_items_done(WantedItems *w) {
        for (size_t i = 0; i < w->n_routes; i++)
                route_done(&w->routes[i].route);
        for (size_t i = 0; i < w->n_nexthops; i++)
                nexthop_done(&w->nexthops[i].nexthop);
        free(w->routes);
        free(w->nexthops);
        free(w->missing);
        *w = (WantedItems){};
}

typedef struct Builder {
        const Want *want;
        const Snapshot *snapshot;
        int ifindex;
        uint32_t table; /* without Table= */
        WantedItems *items;
} Builder;

/* Without Table= a route of a link in a VRF belongs in the VRF's table. */
static uint32_t default_table(const Want *want, const Snapshot *snapshot) {
        const NetworkConfig *n = want->network;
        const Link *vrf = n->vrf && !n->bridge ? snapshot_by_name(snapshot, n->vrf) : NULL;

        return vrf && vrf->vrf_table > 0 ? vrf->vrf_table : RT_TABLE_MAIN;
}

/* networkd-route.c's rules, which are those of ip-route(8). */
static uint8_t route_scope(const RouteConfig *c, uint8_t type) {
        if (c->family != AF_INET)
                return RT_SCOPE_UNIVERSE;
        if (c->scope.set)
                return (uint8_t) c->scope.value;
        if (type == RTN_LOCAL || type == RTN_NAT)
                return RT_SCOPE_HOST;
        if (type == RTN_BROADCAST || type == RTN_ANYCAST || type == RTN_MULTICAST)
                return RT_SCOPE_LINK;
        if (type == RTN_UNICAST && c->gateway.family == AF_UNSPEC && c->n_hops == 0 && c->nexthop_id == 0)
                return RT_SCOPE_LINK;
        return RT_SCOPE_UNIVERSE;
}

static uint32_t route_table(const Builder *b, const RouteConfig *c, uint8_t type) {
        if (c->table.set)
                return (uint32_t) c->table.value;
        if (type == RTN_LOCAL || type == RTN_BROADCAST || type == RTN_ANYCAST || type == RTN_NAT)
                return RT_TABLE_LOCAL;
        return b->table;
}

static uint32_t route_priority(const RouteConfig *c) {
        uint32_t metric = c->metric.set ? (uint32_t) c->metric.value : 0;

        return metric == 0 && c->family == AF_INET6 ? 1024 : metric; /* IP6_RT_PRIO_USER */
}

static void set_plain(const Builder *b, const RouteConfig *c, Route *r) {
        r->family = (uint8_t) c->family;
        r->type = c->type ?: RTN_UNICAST;
        r->scope = route_scope(c, r->type);
        r->table = route_table(b, c, r->type);
        r->protocol = c->protocol.set ? (uint8_t) c->protocol.value : NETDEVD_PROTOCOL;
        r->priority = route_priority(c);
        memcpy(r->destination, c->destination.bytes, sizeof(r->destination));
        r->destination_length = c->destination_length;
        memcpy(r->source, c->route_source.bytes, sizeof(r->source));
        r->source_length = c->route_source_length;
        memcpy(r->preferred_source, c->preferred_source.bytes, sizeof(r->preferred_source));
        r->nexthop_id = c->nexthop_id;
        r->preference = c->preference.set ? (uint8_t) c->preference.value : 0;
        r->ttl_propagate = c->ttl_propagate.set ? (uint8_t) (c->ttl_propagate.value + 1) : 0;
        memcpy(r->metrics, c->metrics, sizeof(r->metrics));
        memcpy(r->congestion_control, c->congestion_control, sizeof(r->congestion_control));
}

static int add_hop(Route *r, RouteHop hop) {
        int q = ARRAY_RESERVE_ONE(r->hops, r->n_hops);

        if (q >= 0)
                r->hops[r->n_hops++] = hop;
        return q;
}

static void set_gateway(RouteHop *hop, const InAddr *gateway) {
        hop->gateway_family = (uint8_t) gateway->family;
        memcpy(hop->gateway, gateway->bytes, sizeof(hop->gateway));
}

/* The device itself, even by name: 0 while it is yet to be made, and its new index if it is made anew. */
static bool is_own_hop(const Builder *b, const RouteHopConfig *h) {
        return !h->ifname[0] || strcmp(h->ifname, b->want->name) == 0;
}

/* Returns 0 when the link a hop names is not there. */
static int hop_ifindex(const Builder *b, const RouteHopConfig *h) {
        const Link *link;

        if (h->ifindex > 0)
                return h->ifindex;
        if (is_own_hop(b, h))
                return b->ifindex;
        link = snapshot_by_name(b->snapshot, h->ifname);
        return link ? link->ifindex : 0;
}

/* One wait is enough to say. */
static int miss(const Builder *b, const char *name, const Source *source) {
        if (b->items->missing)
                return 0;
        b->items->missing = strdup(name);
        b->items->missing_source = source;
        return b->items->missing ? 0 : -ENOMEM;
}

/* Returns 1, or 0 when a link is missing. */
static int set_hops(const Builder *b, const RouteConfig *c, Route *r) {
        RouteHop hop = { .ifindex = b->ifindex, .weight = 1, .on_link = c->on_link.value };
        int q = 0;

        if (route_type_is_reject(r->type) || c->nexthop_id > 0)
                return 1;
        if (c->n_hops == 0) {
                set_gateway(&hop, &c->gateway);
                q = add_hop(r, hop);
                return q < 0 ? q : 1;
        }

        for (size_t i = 0; q >= 0 && i < c->n_hops; i++) {
                const RouteHopConfig *h = c->hops + i;

                hop = (RouteHop){ .ifindex = hop_ifindex(b, h),
                                  .weight = (uint16_t) (h->weight ?: 1),
                                  .on_link = c->on_link.value };
                if (hop.ifindex == 0 && !is_own_hop(b, h)) {
                        q = miss(b, h->ifname, &c->source);
                        return q < 0 ? q : 0;
                }
                set_gateway(&hop, &h->gateway);
                q = add_hop(r, hop);
        }
        return q < 0 ? q : 1;
}

static int add_route(const Builder *b, Route *route, const Source *source) {
        int r = ARRAY_RESERVE_ONE(b->items->routes, b->items->n_routes);

        if (r < 0) {
                route_done(route);
                return r;
        }
        b->items->routes[b->items->n_routes++] = (WantedRoute){ *route, source };
        return 0;
}

/* The kernel keeps an IPv6 route of several hops as so many routes. */
static int add_hop_by_hop(const Builder *b, Route *route, const Source *source) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < route->n_hops; i++) {
                Route single = *route;

                single.hops = NULL;
                single.n_hops = 0;
                r = add_hop(&single, route->hops[i]);
                if (r >= 0)
                        r = add_route(b, &single, source);
        }
        route_done(route);
        return r;
}

static int build_route(const Builder *b, const RouteConfig *c) {
        Route route = {};
        int r;

        set_plain(b, c, &route);
        r = set_hops(b, c, &route);
        if (r <= 0) {
                route_done(&route);
                return r;
        }
        route_normalize(&route);
        if (route.family == AF_INET6 && route.n_hops > 1)
                return add_hop_by_hop(b, &route, &c->source);
        if (route.n_hops == 1)
                route.hops[0].weight = 1;
        return add_route(b, &route, &c->source);
}

static int compare_members(const void *a, const void *b) {
        const NextHopGroupEntry *x = a, *y = b;

        return (x->id > y->id) - (x->id < y->id);
}

static int set_group(const NextHopConfig *c, NextHop *n) {
        if (c->n_group == 0)
                return 0;

        n->group = calloc(c->n_group, sizeof(NextHopGroupEntry));
        if (!n->group)
                return -ENOMEM;
        n->n_group = c->n_group;
        for (size_t i = 0; i < c->n_group; i++)
                n->group[i] = (NextHopGroupEntry){ c->group[i].id, (uint16_t) (c->group[i].weight ?: 1) };
        qsort(n->group, n->n_group, sizeof(NextHopGroupEntry), compare_members);
        return 0;
}

static int build_nexthop(const Builder *b, const NextHopConfig *c) {
        NextHop n = {
                .id = c->id,
                .family = c->n_group > 0 ? AF_UNSPEC : (uint8_t) (c->family ?: AF_INET),
                .protocol = NETDEVD_PROTOCOL,
                .ifindex = c->blackhole || c->n_group > 0 ? 0 : b->ifindex,
                .gateway_family = (uint8_t) c->gateway.family,
                .on_link = c->on_link.value,
                .blackhole = c->blackhole,
        };
        int r;

        memcpy(n.gateway, c->gateway.bytes, sizeof(n.gateway));
        r = set_group(c, &n);
        if (r >= 0)
                r = ARRAY_RESERVE_ONE(b->items->nexthops, b->items->n_nexthops);
        if (r < 0) {
                nexthop_done(&n);
                return r;
        }
        b->items->nexthops[b->items->n_nexthops++] = (WantedNextHop){ n, &c->source };
        return 0;
}

/* DefaultRouteOnDevice=: 0.0.0.0/0 without a gateway. */
static int build_default_route(const Builder *b) {
        RouteConfig c = { .family = AF_INET,
                          .source = *given_source(&b->want->network->given,
                                                  NETWORK_DEFAULT_ROUTE_ON_DEVICE) };
        int r = build_route(b, &c);

        if (r >= 0)
                b->items->routes[b->items->n_routes - 1].source =
                                given_source(&b->want->network->given, NETWORK_DEFAULT_ROUTE_ON_DEVICE);
        return r;
}

/* What needs no gateway first: gateways are found through it. */
static int compare_reach(const void *a, const void *b) {
        const Route *x = &((const WantedRoute *) a)->route, *y = &((const WantedRoute *) b)->route;
        int gx = x->n_hops > 0 && x->hops[0].gateway_family, gy = y->n_hops > 0 && y->hops[0].gateway_family;

        if (gx != gy)
                return gx - gy;
        if (x->destination_length != y->destination_length)
                return y->destination_length - x->destination_length;
        return route_compare(x, y);
}

int wanted_items_build(const Want *want, const Snapshot *snapshot, int ifindex, WantedItems *ret) {
        _cleanup_(wanted_items_done) WantedItems items = {};
        const NetworkConfig *n = want->network;
        Builder b = { want, snapshot, ifindex, 0, &items };
        int r = 0;

        if (n->n_routes == 0 && n->n_nexthops == 0 &&
            !given_value(&n->given, NETWORK_DEFAULT_ROUTE_ON_DEVICE).value) {
                *ret = (WantedItems){};
                return 0;
        }

        b.table = default_table(want, snapshot);
        for (size_t i = 0; r >= 0 && i < n->n_nexthops; i++)
                r = build_nexthop(&b, n->nexthops + i);
        for (size_t i = 0; r >= 0 && i < n->n_routes; i++)
                r = build_route(&b, n->routes + i);
        if (r >= 0 && given_value(&n->given, NETWORK_DEFAULT_ROUTE_ON_DEVICE).value)
                r = build_default_route(&b);
        if (r < 0)
                return r;

        if (items.n_routes > 0)
                qsort(items.routes, items.n_routes, sizeof(WantedRoute), compare_reach);
        *ret = items;
        items = (WantedItems){};
        return 0;
}

unsigned wanted_rule_families(const RuleConfig *c, uint8_t ret[static 2]) {
        ret[0] = (uint8_t) (c->family ?: AF_INET);
        ret[1] = AF_INET6;
        return c->family ? 1 : 2;
}

Rule wanted_rule(const RuleConfig *c, int family) {
        Rule r = {
                .family = (uint8_t) family,
                .protocol = NETDEVD_PROTOCOL,
                .action = c->action ?: FR_ACT_TO_TBL,
                .tos = c->tos,
                .priority = c->priority.set ? (uint32_t) c->priority.value : 0,
                .has_priority = c->priority.set,
                .invert = c->invert,
                .l3mdev = c->l3mdev,
                .table = c->action || c->l3mdev ? c->table : c->table ?: RT_TABLE_MAIN,
                .source_length = c->from_length,
                .destination_length = c->to_length,
                .fwmark = c->fwmark,
                .fwmask = c->fwmask,
                .sport = { c->source_port[0], c->source_port[1] },
                .dport = { c->destination_port[0], c->destination_port[1] },
                .ip_protocol = c->ip_protocol,
                .uids = { c->has_uids ? c->uids[0] : UINT32_MAX, c->has_uids ? c->uids[1] : UINT32_MAX },
                .suppress_prefixlen = c->suppress_prefixlen.set ? c->suppress_prefixlen.value : -1,
                .suppress_group = c->suppress_group.set ? c->suppress_group.value : -1,
        };

        memcpy(r.source, c->from.bytes, sizeof(r.source));
        memcpy(r.destination, c->to.bytes, sizeof(r.destination));
        memcpy(r.iifname, c->incoming, sizeof(r.iifname));
        memcpy(r.oifname, c->outgoing, sizeof(r.oifname));
        rule_normalize(&r);
        return r;
}

Neighbor wanted_neighbor(const NeighborConfig *c, int ifindex) {
        Neighbor n = {
                .ifindex = ifindex,
                .family = (uint8_t) c->address.family,
                .protocol = NETDEVD_PROTOCOL,
                .permanent = true,
                .link_layer_length = c->link_layer.length,
        };

        memcpy(n.address, c->address.bytes, sizeof(n.address));
        memcpy(n.link_layer, c->link_layer.bytes, c->link_layer.length);
        return n;
}

Neighbor wanted_proxy(const InAddr *address, int ifindex) {
        Neighbor n = {
                .ifindex = ifindex,
                .family = (uint8_t) address->family,
                .protocol = NETDEVD_PROTOCOL,
                .proxy = true,
        };

        memcpy(n.address, address->bytes, sizeof(n.address));
        return n;
}
