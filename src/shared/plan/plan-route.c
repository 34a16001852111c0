/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Routes: which of one device are missing, and wait for what; which of ours are wanted no more, also of
 * those that belong to no link. Pure. What others added is never removed, unless netdevd.conf says so. */

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "plan-internal.h"

static int compare_ifindex(const void *item, const void *key) {
        int a = route_first_ifindex(item), b = *(const int *) key;

        return (a > b) - (a < b);
}

/* The first route of the snapshot whose first hop is on this link. */
static size_t first_route(const Snapshot *s, int ifindex) {
        return ARRAY_LOWER_BOUND(s->routes, s->n_routes, &ifindex, compare_ifindex);
}

#define EACH_ROUTE(s, i, link)                                                                              \
        (size_t i = first_route(s, link);                                                                   \
         i < (s)->n_routes && route_first_ifindex((s)->routes + i) == (link); i++)

static bool has_route(const Snapshot *s, const Route *want) {
        for
                EACH_ROUTE(s, i, route_first_ifindex(want))
        if (route_compare(s->routes + i, want) == 0)
                return true;
        return false;
}

bool plan_wants_route(const WantedItems *items, const Route *have) {
        for (size_t i = 0; i < items->n_routes; i++)
                if (route_compare(&items->routes[i].route, have) == 0)
                        return true;
        return false;
}

static int add_route(const Planner *p, PlanOpType type, const Route *route, const Source *source) {
        PlanOp op = { .type = type, .route = calloc(1, sizeof(Route)), .source = source };
        int r = op.route ? route_copy(route, op.route) : -ENOMEM;

        if (r < 0) {
                free(op.route);
                return r;
        }
        return plan_add(p, op);
}

/* ManageForeignRoutes=: what an administrator or another program added by hand. */
static bool is_ours_to_remove(const Planner *p, const Route *have) {
        return have->protocol == NETDEVD_PROTOCOL ||
               (p->wants->manage_foreign_routes && p->want->network &&
                !given_value(&p->want->network->given, NETWORK_KEEP_CONFIGURATION).value &&
                (have->protocol == RTPROT_BOOT || have->protocol == RTPROT_STATIC));
}

/* A hop of MultiPathRoute= may be on a link that is another device's. */
int plan_remove_routes(const Planner *p, const WantedItems *items) {
        int r = 0;

        if (!p->link || !p->may_remove || plan_goes_down_and_up(p))
                return 0;
        for
                EACH_ROUTE(p->snapshot, i, p->link->ifindex) {
                        const Route *have = p->snapshot->routes + i;

                        if (r < 0 || !is_ours_to_remove(p, have) || plan_wants_route(items, have))
                                continue;
                        r = plan_is_wanted(p, have, NULL);
                        if (r == 0)
                                r = add_route(p, PLAN_REMOVE_ROUTE, have, NULL);
                }
        return r < 0 ? r : 0;
}

/* The kernel takes an IPv6 address as preferred source only once it is known to be nobody else's. */
static bool source_is_tentative(const Planner *p, const Route *route) {
        static const uint8_t none[16];

        if (route->family != AF_INET6 || memcmp(route->preferred_source, none, sizeof(none)) == 0)
                return false;
        for (size_t i = p->plan->n; i-- > 0 && p->plan->ops[i].want == p->want;) {
                const Address *a = &p->plan->ops[i].address;

                if (p->plan->ops[i].type == PLAN_ADD_ADDRESS && a->family == AF_INET6 &&
                    memcmp(a->local, route->preferred_source, sizeof(a->local)) == 0)
                        return !(a->flags & IFA_F_NODAD);
        }
        for (size_t i = 0; p->link && i < p->link->n_addresses; i++) {
                const Address *a = p->link->addresses + i;

                if (a->family == AF_INET6 &&
                    memcmp(a->local, route->preferred_source, sizeof(a->local)) == 0)
                        return a->flags & IFA_F_TENTATIVE && !(a->flags & IFA_F_OPTIMISTIC);
        }
        return false;
}

int plan_routes(const Planner *p, const WantedItems *items) {
        bool lost = plan_goes_down_and_up(p);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < items->n_routes; i++) {
                const WantedRoute *w = items->routes + i;

                /* On a link that is made yet there are none; those of no link are there, or not. */
                if ((w->route.n_hops == 0 ? !(lost && w->route.nexthop_id > 0) : p->link && !lost) &&
                    has_route(p->snapshot, &w->route))
                        continue;
                if (w->route.nexthop_id > 0 && !plan_nexthop_will_be_there(p, items, w->route.nexthop_id))
                        r = plan_await(p, PLAN_AWAITS_NEXTHOP, w->source,
                                       "nexthop %u is not there yet; the route waits for it",
                                       w->route.nexthop_id);
                else if (source_is_tentative(p, &w->route))
                        r = plan_await(p, PLAN_AWAITS_DETECTION, w->source,
                                       "its PreferredSource= is not usable until the kernel has found that "
                                       "nobody "
                                       "else has that address (duplicate address detection, with carrier); "
                                       "the "
                                       "route waits for it");
                else
                        r = add_route(p, PLAN_ADD_ROUTE, &w->route, w->source);
        }
        if (r >= 0 && items->missing)
                r = plan_await(p, PLAN_AWAITS_LINK, items->missing_source,
                               "there is no link '%s' yet; the route waits for it", items->missing);
        return r;
}

int plan_remove_linkless_routes(const Planner *p) {
        int r = 0;

        for
                EACH_ROUTE(p->snapshot, i, 0) {
                        const Route *have = p->snapshot->routes + i;

                        if (r < 0 || have->protocol != NETDEVD_PROTOCOL)
                                continue;
                        r = plan_is_wanted(p, have, NULL);
                        if (r == 0)
                                r = add_route(p, PLAN_REMOVE_ROUTE, have, NULL);
                }
        return r < 0 ? r : 0;
}
