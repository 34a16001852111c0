/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Nexthops: which of one device are missing, and wait for what; which of ours are wanted no more, also of
 * those that belong to no link. Pure. Another program's are never touched. */

#include <linux/if.h>

#include "plan-internal.h"

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

bool plan_wants_nexthop(const WantedItems *items, const NextHop *have) {
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
bool plan_nexthop_will_be_there(const Planner *p, const WantedItems *items, uint32_t id) {
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
                if (!plan_nexthop_will_be_there(p, items, group->group[i].id))
                        return group->group[i].id;
        return 0;
}

int plan_nexthops(const Planner *p, const WantedItems *items) {
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

int plan_remove_nexthops(const Planner *p, const WantedItems *items) {
        int r = 0;

        if (plan_goes_down_and_up(p))
                return 0;
        for (size_t i = 0; r >= 0 && p->link && p->may_remove && i < p->snapshot->n_nexthops; i++) {
                const NextHop *have = p->snapshot->nexthops + i;

                if (have->protocol == NETDEVD_PROTOCOL && have->ifindex == p->link->ifindex &&
                    !plan_wants_nexthop(items, have))
                        r = add_nexthop(p, PLAN_REMOVE_NEXTHOP, have, NULL);
        }
        return r;
}

int plan_remove_linkless_nexthops(const Planner *p) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < p->snapshot->n_nexthops; i++) {
                const NextHop *have = p->snapshot->nexthops + i;

                if (have->protocol != NETDEVD_PROTOCOL || have->ifindex != 0)
                        continue;
                r = plan_is_wanted(p, NULL, have);
                if (r == 0)
                        r = add_nexthop(p, PLAN_REMOVE_NEXTHOP, have, NULL);
        }
        return r < 0 ? r : 0;
}
