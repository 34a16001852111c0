/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Neighbours of one device, and proxied ones: which are missing or other than wanted, and which of ours are
 * wanted no more. Pure. */

#include <string.h>
#include <sys/socket.h>

#include "plan-internal.h"

static bool same_neighbor(const Neighbor *a, const Neighbor *b) {
        return a->ifindex == b->ifindex && a->family == b->family && a->proxy == b->proxy &&
               memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

/* A tun has no link-layer addresses: the kernel keeps an IPv6 neighbour without its, and makes every IPv4
 * one 0.0.0.0 (want-settings.c warns). */
static bool is_tun(const Planner *p) {
        return p->link ? p->link->is_tun && !p->link->tun.tap : p->want->device->kind == KIND_TUN;
}

static bool neighbor_is_as_wanted(const Planner *p, const Neighbor *have, const Neighbor *want) {
        if (have->permanent && is_tun(p))
                return true;
        return have->proxy || (have->permanent && have->link_layer_length == want->link_layer_length &&
                               memcmp(have->link_layer, want->link_layer, have->link_layer_length) == 0);
}

static const Neighbor *find_neighbor(const Planner *p, const Neighbor *want) {
        for (size_t i = 0; p->link && i < p->snapshot->n_neighbors; i++)
                if (same_neighbor(p->snapshot->neighbors + i, want))
                        return p->snapshot->neighbors + i;
        return NULL;
}

static int add_neighbor(const Planner *p, PlanOpType type, const Neighbor *n, const Source *source) {
        Neighbor *copy = plan_duplicate(n, sizeof(Neighbor));

        return copy ? plan_add(p, (PlanOp){ .type = type, .neighbor = copy, .source = source }) : -ENOMEM;
}

static int plan_neighbor(const Planner *p, const Neighbor *want, const Source *source) {
        const Neighbor *have = plan_goes_down_and_up(p) ? NULL : find_neighbor(p, want);

        if (want->family == AF_INET && !want->proxy && is_tun(p))
                return 0;
        if (have && neighbor_is_as_wanted(p, have, want))
                return 0;
        return add_neighbor(p, PLAN_ADD_NEIGHBOR, want, source);
}

static bool wants_neighbor(const Planner *p, const Neighbor *have) {
        const NetworkConfig *n = p->want->network;
        Neighbor want;

        for (size_t i = 0; n && i < n->n_neighbors; i++) {
                want = wanted_neighbor(n->neighbors + i, have->ifindex);
                if (same_neighbor(have, &want))
                        return true;
        }
        for (size_t i = 0; n && i < n->n_proxy_ndp_addresses; i++) {
                want = wanted_proxy(n->proxy_ndp_addresses + i, have->ifindex);
                if (same_neighbor(have, &want))
                        return true;
        }
        return false;
}

int plan_remove_neighbors(const Planner *p, bool wanted) {
        int r = 0;

        if (plan_goes_down_and_up(p))
                return 0;
        for (size_t i = 0; r >= 0 && p->link && p->may_remove && i < p->snapshot->n_neighbors; i++) {
                const Neighbor *have = p->snapshot->neighbors + i;

                if (have->ifindex == p->link->ifindex && have->protocol == NETDEVD_PROTOCOL &&
                    !(wanted && wants_neighbor(p, have)))
                        r = add_neighbor(p, PLAN_REMOVE_NEIGHBOR, have, NULL);
        }
        return r;
}

int plan_add_neighbors(const Planner *p) {
        const NetworkConfig *n = p->want->network;
        int ifindex = p->link ? p->link->ifindex : 0, r = 0;

        for (size_t i = 0; r >= 0 && i < n->n_neighbors; i++) {
                Neighbor want = wanted_neighbor(n->neighbors + i, ifindex);

                r = plan_neighbor(p, &want, &n->neighbors[i].source);
        }
        for (size_t i = 0; r >= 0 && i < n->n_proxy_ndp_addresses; i++) {
                Neighbor want = wanted_proxy(n->proxy_ndp_addresses + i, ifindex);

                r = plan_neighbor(p, &want, given_source(&n->given, NETWORK_PROXY_NDP_ADDRESS));
        }
        return r;
}
