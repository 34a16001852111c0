/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Waits that come and go (PlanOp.awaits), and the operations that each holds up. A device has a bit for each
 * kind it waited for, from the wait on until none of those operations is left. Nothing here ever makes a
 * device: one that was deleted follows nothing. */

#include "awaited.h"

#include <string.h>
#include <sys/socket.h>

static bool is_of_route(const PlanOp *op) {
        return op->type == PLAN_ADD_ROUTE || op->type == PLAN_REMOVE_ROUTE;
}

static bool is_of_address(const PlanOp *op) {
        return op->type == PLAN_ADD_ADDRESS || op->type == PLAN_CHANGE_ADDRESS ||
               op->type == PLAN_REMOVE_ADDRESS;
}

static bool is_item(const PlanOp *op) {
        return is_of_address(op) || plan_op_stage(op) == PLAN_STAGE_ROUTES;
}

static bool sets(const PlanOp *op, Setting first, Setting last) {
        return op->type == PLAN_SET && op->setting >= first && op->setting <= last;
}

static bool has_other_hop(const PlanOp *op) {
        for (size_t i = 0; i < op->route->n_hops; i++)
                if (op->route->hops[i].ifindex != op->ifindex)
                        return true;
        return false;
}

static bool has_preferred_source(const Route *route) {
        static const uint8_t none[16];

        return memcmp(route->preferred_source, none, sizeof(none)) != 0;
}

/* Whether it could not be done, or was undone, for want of that. */
static bool depends_on(const PlanOp *op, PlanAwaits what) {
        switch (what) {
        case PLAN_AWAITS_NOTHING: return false;
        case PLAN_AWAITS_BRIDGE:
                return sets(op, SETTING_MASTER, SETTING_VLANS) || op->type == PLAN_ADD_VLANS ||
                       op->type == PLAN_REMOVE_VLANS;
        case PLAN_AWAITS_VRF:
                return sets(op, SETTING_MASTER, SETTING_MASTER) || op->type == PLAN_SET_UP ||
                       op->type == PLAN_SET_DOWN || is_item(op);
        case PLAN_AWAITS_CARRIER: return is_item(op);
        case PLAN_AWAITS_NEXTHOP:
                return op->type == PLAN_ADD_NEXTHOP || (is_of_route(op) && op->route->nexthop_id > 0);
        case PLAN_AWAITS_LINK: /* the kernel may have kept what is left of the route */
                return op->type == PLAN_REMOVE_ROUTE || (op->type == PLAN_ADD_ROUTE && has_other_hop(op));
        case PLAN_AWAITS_DETECTION:
                return op->type == PLAN_ADD_ROUTE && op->route->family == AF_INET6 &&
                       has_preferred_source(op->route);
        }
        return false;
}

static unsigned bit(PlanAwaits what) {
        return what == PLAN_AWAITS_NOTHING ? 0 : 1U << what;
}

static unsigned find_followed(const PlanOp *op, unsigned follows) {
        unsigned found = 0;

        for (PlanAwaits a = 0; !plan_op_is_finding(op->type) && a < PLAN_AWAITS_KINDS; a++)
                if (follows & bit(a) && depends_on(op, a))
                        found |= bit(a);
        return found;
}

/* The carrier may have gone and come back between two looks. */
static unsigned missed(const Device *d, const Link *link) {
        if (!link || link->ifindex != d->ifindex || link->carrier_changes == d->carrier_changes)
                return 0;
        return bit(PLAN_AWAITS_NEXTHOP) |
               (d->want && d->want->network && plan_awaits_carrier(d->want->network)
                                ? bit(PLAN_AWAITS_CARRIER)
                                : 0);
}

void awaited_update(Device *d, const Link *link) {
        unsigned before = (d->pending ? 0 : d->follows) | missed(d, link), now = 0;

        d->carrier_changes = link ? link->carrier_changes : 0;
        for (size_t i = 0; link && i < d->plan.n; i++) {
                const PlanOp *op = d->plan.ops + i;

                now |= bit(op->awaits) | find_followed(op, before);
        }
        /* To be destroyed and made anew: all of it is another device's. */
        d->follows = device_has_finding(d, PLAN_CREATE) ? 0 : now;
}

bool awaited_is(const Device *d, const PlanOp *op) {
        return find_followed(op, d->follows) != 0;
}

bool awaited_any(const Device *d) {
        for (size_t i = 0; d->follows && i < d->plan.n; i++)
                if (awaited_is(d, d->plan.ops + i))
                        return true;
        return false;
}

bool awaited_is_all(const Device *d) {
        for (size_t i = 0; i < d->plan.n; i++)
                if (d->plan.ops[i].awaits == PLAN_AWAITS_NOTHING)
                        return false;
        return true;
}
