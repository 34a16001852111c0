/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rules, and the items of one device in their order; and, over all devices, what of ours belongs to no link
 * and is wanted no more. Pure. What others added is never removed, unless netdevd.conf says so. */

#include <linux/rtnetlink.h>
#include <string.h>

#include "plan-internal.h"

void *plan_duplicate(const void *from, size_t size) {
        void *to = malloc(size);

        return to ? memcpy(to, from, size) : NULL;
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
int plan_is_wanted(const Planner *p, const Route *route, const NextHop *nexthop) {
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
                        wanted = route ? plan_wants_route(&items, route)
                                       : plan_wants_nexthop(&items, nexthop);
                wanted_items_done(&items);
        }
        return r < 0 ? r : wanted;
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
        Rule *copy = plan_duplicate(rule, sizeof(Rule));

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
                r = plan_remove_routes(p, &items);
        if (r >= 0)
                r = plan_remove_nexthops(p, &items);
        if (r >= 0)
                r = plan_remove_neighbors(p, wanted);
        if (r >= 0 && wanted)
                r = plan_add_neighbors(p);
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

int plan_machine(const Wants *wants, const Snapshot *snapshot, Plan *plan) {
        Planner p = { .want = &plan_machine_want, .wants = wants, .snapshot = snapshot, .plan = plan };
        int r;

        if (!wants->complete)
                return 0;
        r = remove_rules(&p);
        if (r >= 0)
                r = plan_remove_linkless_routes(&p);
        return r < 0 ? r : plan_remove_linkless_nexthops(&p);
}
