/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Orders, copies and canonical forms of what items.h describes. Pure.
 *
 * The orders compare number by number, never whole structs: padding is nobody's. */

#include "items.h"

#include <assert.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define IPV6_DEFAULT_PRIORITY 1024 /* IP6_RT_PRIO_USER of the kernel */

/* Where the kernel cuts a metric (ip_metrics_convert). */
#define METRIC_MTU_MAX       (65535 - 15)
#define METRIC_ADVMSS_MAX    (65535 - 40)
#define METRIC_HOP_LIMIT_MAX 255

static int compare_number(int64_t a, int64_t b) {
        return (a > b) - (a < b);
}

static int compare_hop(const RouteHop *a, const RouteHop *b) {
        return compare_number(a->ifindex, b->ifindex) ?:
                compare_number(a->gateway_family, b->gateway_family) ?:
                memcmp(a->gateway, b->gateway, sizeof(a->gateway)) ?:
                compare_number(a->weight, b->weight) ?:
                compare_number(a->on_link, b->on_link);
}

/* In their order, which the kernel keeps. */
static int compare_hops(const Route *a, const Route *b) {
        for (size_t i = 0; i < a->n_hops && i < b->n_hops; i++) {
                int r = compare_hop(a->hops + i, b->hops + i);

                if (r != 0)
                        return r;
        }

        return compare_number((int64_t) a->n_hops, (int64_t) b->n_hops);
}

static int compare_metrics(const Route *a, const Route *b) {
        for (size_t i = 0; i < ITEM_METRICS_MAX; i++)
                if (a->metrics[i] != b->metrics[i])
                        return compare_number(a->metrics[i], b->metrics[i]);

        return strncmp(a->congestion_control, b->congestion_control, sizeof(a->congestion_control));
}

int route_first_ifindex(const Route *r) {
        assert(r);

        return r->n_hops > 0 ? r->hops[0].ifindex : 0;
}

/* What makes two routes one and the same place in a table. */
static int compare_place(const Route *a, const Route *b) {
        return compare_number(route_first_ifindex(a), route_first_ifindex(b)) ?:
                compare_number(a->family, b->family) ?:
                compare_number(a->table, b->table) ?:
                memcmp(a->destination, b->destination, sizeof(a->destination)) ?:
                compare_number(a->destination_length, b->destination_length) ?:
                compare_number(a->priority, b->priority) ?:
                compare_number(a->tos, b->tos) ?:
                memcmp(a->source, b->source, sizeof(a->source)) ?:
                compare_number(a->source_length, b->source_length);
}

int route_compare(const Route *a, const Route *b) {
        assert(a);
        assert(b);

        return compare_place(a, b) ?:
                compare_number(a->type, b->type) ?:
                compare_number(a->protocol, b->protocol) ?:
                compare_number(a->nexthop_id, b->nexthop_id) ?:
                compare_number(a->scope, b->scope) ?:
                memcmp(a->preferred_source, b->preferred_source, sizeof(a->preferred_source)) ?:
                compare_number(a->preference, b->preference) ?:
                compare_number(a->ttl_propagate, b->ttl_propagate) ?:
                compare_hops(a, b) ?:
                compare_metrics(a, b);
}

static int compare_group(const NextHop *a, const NextHop *b) {
        for (size_t i = 0; i < a->n_group && i < b->n_group; i++) {
                int r = compare_number(a->group[i].id, b->group[i].id)
                                        ?: compare_number(a->group[i].weight, b->group[i].weight);

                if (r != 0)
                        return r;
        }

        return compare_number((int64_t) a->n_group, (int64_t) b->n_group);
}

int nexthop_compare_without_id(const NextHop *a, const NextHop *b) {
        assert(a);
        assert(b);

        return compare_number(a->family, b->family) ?:
                compare_number(a->protocol, b->protocol) ?:
                compare_number(a->ifindex, b->ifindex) ?:
                compare_number(a->gateway_family, b->gateway_family) ?:
                memcmp(a->gateway, b->gateway, sizeof(a->gateway)) ?:
                compare_number(a->on_link, b->on_link) ?:
                compare_number(a->blackhole, b->blackhole) ?:
                compare_group(a, b);
}

int nexthop_compare(const NextHop *a, const NextHop *b) {
        assert(a);
        assert(b);

        return compare_number(a->id, b->id) ?: nexthop_compare_without_id(a, b);
}

/* Whom a rule is for. */
static int compare_selector(const Rule *a, const Rule *b) {
        return memcmp(a->source, b->source, sizeof(a->source)) ?:
                compare_number(a->source_length, b->source_length) ?:
                memcmp(a->destination, b->destination, sizeof(a->destination)) ?:
                compare_number(a->destination_length, b->destination_length) ?:
                compare_number(a->invert, b->invert) ?:
                compare_number(a->tos, b->tos) ?:
                compare_number(a->fwmark, b->fwmark) ?:
                compare_number(a->fwmask, b->fwmask) ?:
                strncmp(a->iifname, b->iifname, sizeof(a->iifname)) ?:
                strncmp(a->oifname, b->oifname, sizeof(a->oifname)) ?:
                compare_number(a->ip_protocol, b->ip_protocol) ?:
                compare_number(a->sport[0], b->sport[0]) ?:
                compare_number(a->sport[1], b->sport[1]) ?:
                compare_number(a->dport[0], b->dport[0]) ?:
                compare_number(a->dport[1], b->dport[1]) ?:
                compare_number(a->uids[0], b->uids[0]) ?:
                compare_number(a->uids[1], b->uids[1]);
}

int rule_compare_without_priority(const Rule *a, const Rule *b) {
        assert(a);
        assert(b);

        return compare_number(a->family, b->family) ?:
                compare_selector(a, b) ?:
                compare_number(a->action, b->action) ?:
                compare_number(a->table, b->table) ?:
                compare_number(a->l3mdev, b->l3mdev) ?:
                compare_number(a->suppress_prefixlen, b->suppress_prefixlen) ?:
                compare_number(a->suppress_group, b->suppress_group) ?:
                compare_number(a->protocol, b->protocol);
}

int rule_compare(const Rule *a, const Rule *b) {
        assert(a);
        assert(b);

        return compare_number(a->family, b->family) ?:
                compare_number(a->has_priority, b->has_priority) ?:
                compare_number(a->priority, b->priority) ?:
                rule_compare_without_priority(a, b);
}

int neighbor_compare(const Neighbor *a, const Neighbor *b) {
        assert(a);
        assert(b);

        return compare_number(a->ifindex, b->ifindex) ?:
                compare_number(a->family, b->family) ?:
                compare_number(a->proxy, b->proxy) ?:
                memcmp(a->address, b->address, sizeof(a->address)) ?:
                compare_number(a->link_layer_length, b->link_layer_length) ?:
                memcmp(a->link_layer, b->link_layer, sizeof(a->link_layer)) ?:
                compare_number(a->permanent, b->permanent) ?:
                compare_number(a->protocol, b->protocol);
}

bool route_type_is_reject(uint8_t type) {
        return type == RTN_BLACKHOLE || type == RTN_UNREACHABLE || type == RTN_PROHIBIT || type == RTN_THROW;
}

void prefix_mask(uint8_t address[static 16], uint8_t length) {
        for (unsigned i = 0; i < 16; i++) {
                unsigned bits = length > i * 8 ? length - i * 8 : 0;

                if (bits < 8)
                        address[i] &= (uint8_t) (0xff00 >> bits);
        }
}

static void cut_metric(Route *r, unsigned metric, uint32_t max) {
        if (r->metrics[metric] > max)
                r->metrics[metric] = max;
}

void route_normalize(Route *r) {
        assert(r);

        prefix_mask(r->destination, r->destination_length);
        prefix_mask(r->source, r->source_length);
        r->ttl_propagate = 0;

        if (r->family == AF_INET6) {
                r->scope = RT_SCOPE_UNIVERSE;
                if (r->priority == 0)
                        r->priority = IPV6_DEFAULT_PRIORITY;
        } else
                r->preference = 0;

        for (size_t i = 0; i < r->n_hops; i++)
                if (r->hops[i].weight == 0 || (r->family == AF_INET && r->n_hops == 1))
                        r->hops[i].weight = 1;

        cut_metric(r, RTAX_MTU, METRIC_MTU_MAX);
        cut_metric(r, RTAX_ADVMSS, METRIC_ADVMSS_MAX);
        cut_metric(r, RTAX_HOPLIMIT, METRIC_HOP_LIMIT_MAX);
}

void rule_normalize(Rule *r) {
        assert(r);

        prefix_mask(r->source, r->source_length);
        prefix_mask(r->destination, r->destination_length);

        if (r->action != FR_ACT_TO_TBL || r->l3mdev)
                r->table = RT_TABLE_UNSPEC;
        if (!r->has_priority)
                r->priority = 0;
}

void route_done(Route *r) {
        if (!r)
                return;

        free(r->hops);
        r->hops = NULL;
        r->n_hops = 0;
}

void nexthop_done(NextHop *n) {
        if (!n)
                return;

        free(n->group);
        n->group = NULL;
        n->n_group = 0;
}

void routes_free(Route *routes, size_t n) {
        for (size_t i = 0; i < n; i++)
                route_done(routes + i);
        free(routes);
}

void nexthops_free(NextHop *nexthops, size_t n) {
        for (size_t i = 0; i < n; i++)
                nexthop_done(nexthops + i);
        free(nexthops);
}

/* A copy of n elements; NULL for none. */
static int copy_array(const void *items, size_t n, size_t size, void *ret) {
        void *copy;

        if (n == 0) {
                *(void **) ret = NULL;
                return 0;
        }

        copy = calloc(n, size);
        if (!copy)
                return -ENOMEM;

        memcpy(copy, items, n * size);
        *(void **) ret = copy;
        return 0;
}

int route_copy(const Route *r, Route *ret) {
        Route copy;
        int k;

        assert(r);
        assert(ret);

        copy = *r;
        k = copy_array(r->hops, r->n_hops, sizeof(RouteHop), &copy.hops);
        if (k < 0)
                return k;

        *ret = copy;
        return 0;
}

int nexthop_copy(const NextHop *n, NextHop *ret) {
        NextHop copy;
        int r;

        assert(n);
        assert(ret);

        copy = *n;
        r = copy_array(n->group, n->n_group, sizeof(NextHopGroupEntry), &copy.group);
        if (r < 0)
                return r;

        *ret = copy;
        return 0;
}
