/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Neighbours, nexthops, routes and rules of one device; and, over all devices, what of ours belongs to no
 * link and is wanted no more. Pure. What others added is never removed, unless netdevd.conf says so. */

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "plan-internal.h"

static void *duplicate(const void *from, size_t size) {
        void *to = malloc(size);

        return to ? memcpy(to, from, size) : NULL;
}

/* Neighbours. */

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
        Neighbor *copy = duplicate(n, sizeof(Neighbor));

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

static int remove_neighbors(const Planner *p, bool wanted) {
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

static int add_neighbors(const Planner *p) {
        const NetworkConfig *n = p->want->network;
        int ifindex = p->link ? p->link->ifindex : 0, r = 0;

        for (size_t i = 0; r >= 0 && i < n->n_neighbors; i++) {
                Neighbor want = wanted_neighbor(n->neighbors + i, ifindex);

                r = plan_neighbor(p, &want, &n->neighbors[i].source);
        }
        for (size_t i = 0; r >= 0 && i < n->n_proxy_ndp_addresses; i++) {
                Neighbor want = wanted_proxy(n->proxy_ndp_addresses + i, ifindex);

                r = plan_neighbor(p, &want, n->sources + NETWORK_PROXY_NDP_ADDRESS);
        }
        return r;
}

/* Nexthops. */

/* With its number it counts whoever added it: there can be no second one. */
static bool same_nexthop(const NextHop *have, const NextHop *want) {
        NextHop a = *have;

        if (have->protocol != NETDEVD_PROTOCOL && want->id == 0)
                return false;
        if (want->id != 0 && have->id != want->id)
                return false;
        a.protocol = want->protocol;
        return nexthop_compare_without_id(&a, want) == 0;
}

static bool id_is_taken(const Snapshot *s, uint32_t id) {
        for (size_t i = 0; i < s->n_nexthops; i++)
                if (id > 0 && s->nexthops[i].id == id && s->nexthops[i].protocol != NETDEVD_PROTOCOL)
                        return true;
        return false;
}

static const NextHop *find_nexthop(const Snapshot *s, const NextHop *want) {
        for (size_t i = 0; i < s->n_nexthops; i++)
                if (same_nexthop(s->nexthops + i, want))
                        return s->nexthops + i;
        return NULL;
}

static bool wants_nexthop(const WantedItems *items, const NextHop *have) {
        for (size_t i = 0; i < items->n_nexthops; i++)
                if (same_nexthop(have, &items->nexthops[i].nexthop) ||
                    (have->id != 0 && items->nexthops[i].nexthop.id == have->id)) /* is replaced */
                        return true;
        return false;
}

static int add_nexthop(const Planner *p, PlanOpType type, const NextHop *n, const Source *source) {
        PlanOp op = { .type = type, .nexthop = calloc(1, sizeof(NextHop)), .source = source };
        int r = op.nexthop ? nexthop_copy(n, op.nexthop) : -ENOMEM;

        if (r < 0) {
                free(op.nexthop);
                return r;
        }
        return plan_add(p, op);
}

/* The kernel takes a nexthop only on a link that is up and has carrier. */
static bool has_carrier(const Planner *p) {
        return p->link && p->link->carrier && p->link->flags & IFF_UP;
}

/* Whether the file wants a nexthop of this number, and another program has its own. */
static bool nexthop_is_anothers(const Planner *p, const WantedItems *items, uint32_t id) {
        for (size_t i = 0; i < items->n_nexthops; i++)
                if (items->nexthops[i].nexthop.id == id && id_is_taken(p->snapshot, id) &&
                    !find_nexthop(p->snapshot, &items->nexthops[i].nexthop))
                        return true;
        return false;
}

/* Whether the nexthop of a route or group is there, or added by this plan. */
static bool nexthop_will_be_there(const Planner *p, const WantedItems *items, uint32_t id) {
        if (nexthop_is_anothers(p, items, id))
                return false;
        for (size_t i = 0; i < p->snapshot->n_nexthops; i++)
                if (p->snapshot->nexthops[i].id == id)
                        return true;
        for (size_t i = p->plan->n; i-- > 0 && p->plan->ops[i].want == p->want;)
                if (p->plan->ops[i].type == PLAN_ADD_NEXTHOP && p->plan->ops[i].nexthop->id == id)
                        return true;
        return false;
}

/* The first member of a group that is missing, or 0. */
static uint32_t missing_member(const Planner *p, const WantedItems *items, const NextHop *group) {
        for (size_t i = 0; i < group->n_group; i++)
                if (!nexthop_will_be_there(p, items, group->group[i].id))
                        return group->group[i].id;
        return 0;
}

static int plan_nexthops(const Planner *p, const WantedItems *items) {
        bool lost = plan_goes_down_and_up(p);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < items->n_nexthops; i++) {
                const WantedNextHop *w = items->nexthops + i;
                uint32_t missing = missing_member(p, items, &w->nexthop);

                if (p->link && !(lost && w->nexthop.ifindex > 0) && find_nexthop(p->snapshot, &w->nexthop))
                        continue;
                if (id_is_taken(p->snapshot, w->nexthop.id))
                        r = plan_find(p, PLAN_CONFLICT, w->source,
                                      "another program has added a nexthop %u, which is not touched; choose "
                                      "another Id=",
                                      w->nexthop.id);
                else if (missing > 0)
                        r = plan_await(p, PLAN_AWAITS_NEXTHOP, w->source,
                                       "nexthop %u is not there yet; the group waits for it", missing);
                else if (w->nexthop.ifindex == 0 && (w->nexthop.blackhole || w->nexthop.n_group > 0))
                        r = add_nexthop(p, PLAN_ADD_NEXTHOP, &w->nexthop, w->source);
                else if (has_carrier(p))
                        r = add_nexthop(p, PLAN_ADD_NEXTHOP, &w->nexthop, w->source);
                else
                        r = plan_await(p, PLAN_AWAITS_NEXTHOP, w->source,
                                       "no carrier: the kernel takes a nexthop, and routes through it, only "
                                       "when "
                                       "there is one; it comes with the program behind %s",
                                       p->want->name);
        }
        return r;
}

static int remove_nexthops(const Planner *p, const WantedItems *items) {
        int r = 0;

        if (plan_goes_down_and_up(p))
                return 0;
        for (size_t i = 0; r >= 0 && p->link && p->may_remove && i < p->snapshot->n_nexthops; i++) {
                const NextHop *have = p->snapshot->nexthops + i;

                if (have->protocol == NETDEVD_PROTOCOL && have->ifindex == p->link->ifindex &&
                    !wants_nexthop(items, have))
                        r = add_nexthop(p, PLAN_REMOVE_NEXTHOP, have, NULL);
        }
        return r;
}

/* Routes. */

/* The first route of the snapshot whose first hop is on this link. */
static size_t first_route(const Snapshot *s, int ifindex) {
        size_t low = 0, high = s->n_routes;

        while (low < high) {
                size_t middle = (low + high) / 2;

                if (route_first_ifindex(s->routes + middle) < ifindex)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
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

static bool wants_route(const WantedItems *items, const Route *have) {
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
                !p->want->network->values[NETWORK_KEEP_CONFIGURATION].value &&
                (have->protocol == RTPROT_BOOT || have->protocol == RTPROT_STATIC));
}

/* Whether the file may mean it: what its items are exactly takes memory to say, and thousands of files may
 * be asked about thousands of items. */
static bool may_want(const NetworkConfig *n, const Route *route, const NextHop *nexthop) {
        for (size_t i = 0; nexthop && i < n->n_nexthops; i++)
                if (n->nexthops[i].id == 0 || n->nexthops[i].id == nexthop->id)
                        return true;
        for (size_t i = 0; route && i < n->n_routes; i++)
                if (n->routes[i].family == route->family &&
                    n->routes[i].destination_length == route->destination_length &&
                    memcmp(n->routes[i].destination.bytes, route->destination,
                           route->destination_length / 8) == 0) /* a file may have bits beyond the prefix */
                        return true;
        return false;
}

/* Whether some file wants this route, or nexthop, of no link or of another device's. */
static int is_wanted(const Planner *p, const Route *route, const NextHop *nexthop) {
        int wanted = 0, r = 0;

        for (size_t i = 0; r >= 0 && !wanted && i < p->wants->n; i++) {
                const Want *w = p->wants->items + i;
                WantedItems items = {};
                const Link *link;

                if (!w->network || w == p->want || !may_want(w->network, route, nexthop))
                        continue;
                link = snapshot_by_name(p->snapshot, w->name);
                r = wanted_items_build(w, p->snapshot, link ? link->ifindex : 0, &items);
                if (r >= 0)
                        wanted = route ? wants_route(&items, route) : wants_nexthop(&items, nexthop);
                wanted_items_done(&items);
        }
        return r < 0 ? r : wanted;
}

/* A hop of MultiPathRoute= may be on a link that is another device's. */
static int remove_routes(const Planner *p, const WantedItems *items) {
        int r = 0;

        if (!p->link || !p->may_remove || plan_goes_down_and_up(p))
                return 0;
        for
                EACH_ROUTE(p->snapshot, i, p->link->ifindex) {
                        const Route *have = p->snapshot->routes + i;

                        if (r < 0 || !is_ours_to_remove(p, have) || wants_route(items, have))
                                continue;
                        r = is_wanted(p, have, NULL);
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

static int plan_routes(const Planner *p, const WantedItems *items) {
        bool lost = plan_goes_down_and_up(p);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < items->n_routes; i++) {
                const WantedRoute *w = items->routes + i;

                /* On a link that is made yet there are none; those of no link are there, or not. */
                if ((w->route.n_hops == 0 ? !(lost && w->route.nexthop_id > 0) : p->link && !lost) &&
                    has_route(p->snapshot, &w->route))
                        continue;
                if (w->route.nexthop_id > 0 && !nexthop_will_be_there(p, items, w->route.nexthop_id))
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

/* Rules. */

/* An equal rule counts whoever added it: the kernel takes no second one. */
static bool same_rule(const Rule *have, const Rule *want) {
        Rule a = *have, b = *want;

        a.protocol = b.protocol = 0;
        a.has_priority = b.has_priority = true;
        return (want->has_priority ? rule_compare(&a, &b) : rule_compare_without_priority(&a, &b)) == 0;
}

static bool has_rule(const Planner *p, const Rule *want) {
        for (size_t i = 0; i < p->snapshot->n_rules; i++)
                if (same_rule(p->snapshot->rules + i, want))
                        return true;
        for (size_t i = 0; i < p->plan->n; i++)
                if (p->plan->ops[i].type == PLAN_ADD_RULE && same_rule(p->plan->ops[i].rule, want))
                        return true;
        return false;
}

static int add_rule(const Planner *p, PlanOpType type, const Rule *rule, const Source *source) {
        Rule *copy = duplicate(rule, sizeof(Rule));

        return copy ? plan_add(p, (PlanOp){ .type = type, .rule = copy, .source = source }) : -ENOMEM;
}

static int plan_rules(const Planner *p) {
        const NetworkConfig *n = p->want->network;
        int r = 0;

        for (size_t i = 0; i < n->n_rules; i++) {
                uint8_t families[2];
                unsigned n_families = wanted_rule_families(n->rules + i, families);

                for (unsigned j = 0; r >= 0 && j < n_families; j++) {
                        Rule want = wanted_rule(n->rules + i, families[j]);

                        if (!has_rule(p, &want))
                                r = add_rule(p, PLAN_ADD_RULE, &want, &n->rules[i].source);
                }
        }
        return r;
}

int plan_items(const Planner *p, bool wanted) {
        _cleanup_(wanted_items_done) WantedItems items = {};
        bool up = wanted && plan_will_be_up(p);
        int r = 0;

        if (up)
                r = wanted_items_build(p->want, p->snapshot, p->link ? p->link->ifindex : 0, &items);
        if (r >= 0)
                r = remove_routes(p, &items);
        if (r >= 0)
                r = remove_nexthops(p, &items);
        if (r >= 0)
                r = remove_neighbors(p, wanted);
        if (r >= 0 && wanted)
                r = add_neighbors(p);
        if (r >= 0)
                r = plan_nexthops(p, &items);
        if (r >= 0)
                r = plan_routes(p, &items);
        return r < 0 || !wanted ? r : plan_rules(p);
}

/* What belongs to no link. */

static bool network_wants_rule(const NetworkConfig *n, const Rule *have) {
        for (size_t i = 0; i < n->n_rules; i++) {
                uint8_t families[2];
                unsigned n_families = wanted_rule_families(n->rules + i, families);

                for (unsigned j = 0; j < n_families; j++) {
                        Rule want = wanted_rule(n->rules + i, families[j]);

                        if (same_rule(have, &want))
                                return true;
                }
        }
        return false;
}

static bool is_wanted_rule(const Wants *wants, const Rule *have) {
        for (size_t i = 0; i < wants->n; i++)
                if (wants->items[i].network && network_wants_rule(wants->items[i].network, have))
                        return true;
        return false;
}

/* The kernel's own rules have its protocol. */
static bool is_rule_of_concern(const Wants *wants, const Rule *have) {
        return have->protocol == NETDEVD_PROTOCOL ||
               (wants->manage_foreign_rules && have->protocol != RTPROT_KERNEL);
}

static int remove_rules(const Planner *p) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < p->snapshot->n_rules; i++)
                if (is_rule_of_concern(p->wants, p->snapshot->rules + i) &&
                    !is_wanted_rule(p->wants, p->snapshot->rules + i))
                        r = add_rule(p, PLAN_REMOVE_RULE, p->snapshot->rules + i, NULL);
        return r;
}

static int remove_linkless_routes(const Planner *p) {
        int r = 0;

        for
                EACH_ROUTE(p->snapshot, i, 0) {
                        const Route *have = p->snapshot->routes + i;

                        if (r < 0 || have->protocol != NETDEVD_PROTOCOL)
                                continue;
                        r = is_wanted(p, have, NULL);
                        if (r == 0)
                                r = add_route(p, PLAN_REMOVE_ROUTE, have, NULL);
                }
        return r < 0 ? r : 0;
}

static int remove_linkless_nexthops(const Planner *p) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < p->snapshot->n_nexthops; i++) {
                const NextHop *have = p->snapshot->nexthops + i;

                if (have->protocol != NETDEVD_PROTOCOL || have->ifindex != 0)
                        continue;
                r = is_wanted(p, NULL, have);
                if (r == 0)
                        r = add_nexthop(p, PLAN_REMOVE_NEXTHOP, have, NULL);
        }
        return r < 0 ? r : 0;
}

int plan_machine(const Wants *wants, const Snapshot *snapshot, Plan *plan) {
        Planner p = { .want = &plan_machine_want, .wants = wants, .snapshot = snapshot, .plan = plan };
        int r;

        if (!wants->complete)
                return 0;
        r = remove_rules(&p);
        if (r >= 0)
                r = remove_linkless_routes(&p);
        return r < 0 ? r : remove_linkless_nexthops(&p);
}
