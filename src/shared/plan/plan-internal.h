/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files plan*.c share. Internal to plan/. */

#include "plan.h"

/* Everything the planning of one device looks at. */
typedef struct Planner {
        const Want *want;
        const Wants *wants;
        const Snapshot *snapshot;
        const OwnedLink *owned; /* NULL: not in the record */
        const Link *link;       /* NULL: not there; also while a link of it is to be made anew */
        bool held;
        bool in_use; /* programs are behind it */
        bool may_remove;
        bool joins;   /* its master is to be set by this plan */
        bool no_port; /* it is in no bridge of ours: settings of the port are of no use */
        bool waits;   /* it must not have addresses yet */
        PlanOptions options;
        Plan *plan;
} Planner;

/* Appends an operation, whose owned parts are taken over, also on failure; or a finding. 0 or -ENOMEM. */
int plan_add(const Planner *p, PlanOp op);
int plan_find(const Planner *p, PlanOpType type, const Source *source, const char *format, ...)
                _printf_(4, 5);

/* A wait for something that comes and goes. */
int plan_await(const Planner *p, PlanAwaits what, const Source *source, const char *format, ...)
                _printf_(4, 5);

/* Where the device asks for something: a default is wanted by the file as a whole, and there by the line of
 * its name. */
const Source *plan_source(const Want *w, DeviceKey key);

/* plan-queue.c: all that needs a queue of an existing device. */
int plan_queue(const Planner *p);

/* plan-link.c: settings and VLANs; then whether it is up. */
int plan_settings(Planner *p);
int plan_up(const Planner *p);
/* Whether it will be up when the plan is done. */
bool plan_will_be_up(const Planner *p);
/* Whether the kernel takes it down and up on the way, and with that what a link loses when it goes down:
 * IPv6 addresses, neighbours, nexthops and routes. */
bool plan_goes_down_and_up(const Planner *p);

/* plan-address.c: without wanted, only those of ours go. */
int plan_addresses(const Planner *p, bool wanted);

/* plan-items.c: neighbours, nexthops, routes, rules. */
int plan_items(const Planner *p, bool wanted);
/* A copy of what has no owned parts, or NULL. */
void *plan_duplicate(const void *from, size_t size);
/* Whether some file wants this route, or nexthop, of no link or of another device's. */
int plan_is_wanted(const Planner *p, const Route *route, const NextHop *nexthop);

/* plan-neighbor.c: without wanted, all of ours go. */
int plan_remove_neighbors(const Planner *p, bool wanted);
/* Adds those that are missing, or other than wanted. */
int plan_add_neighbors(const Planner *p);

/* wanted-items.c: what the files say, as the kernel will have it. */
typedef struct WantedRoute {
        Route route;
        const Source *source;
} WantedRoute;

typedef struct WantedNextHop {
        NextHop nexthop;
        const Source *source;
} WantedNextHop;

typedef struct WantedItems {
        WantedRoute *routes;
        size_t n_routes;
        WantedNextHop *nexthops;
        size_t n_nexthops;
        char *missing; /* a link that a hop names and that is not there, or NULL */
        const Source *missing_source;
} WantedItems;

void wanted_items_done(WantedItems *w);
/* Routes and nexthops of a network file on the link of this index (0: not made yet). -ENOMEM or 0. */
int wanted_items_build(const Want *want, const Snapshot *snapshot, int ifindex, WantedItems *ret);
/* A rule of the file for one family. */
Rule wanted_rule(const RuleConfig *c, int family);
/* How many families a rule has, and which. */
unsigned wanted_rule_families(const RuleConfig *c, uint8_t ret[static 2]);
Neighbor wanted_neighbor(const NeighborConfig *c, int ifindex);
Neighbor wanted_proxy(const InAddr *address, int ifindex);

/* plan-nexthop.c: adds those that are missing. */
int plan_nexthops(const Planner *p, const WantedItems *items);
/* Removes those of ours on the link that are wanted no more. */
int plan_remove_nexthops(const Planner *p, const WantedItems *items);
/* Removes those of ours on no link that no file wants. */
int plan_remove_linkless_nexthops(const Planner *p);
/* Whether these items have it, or another of its number that replaces it. */
bool plan_wants_nexthop(const WantedItems *items, const NextHop *have);
/* Whether the nexthop of a route or group is there, or added by this plan. */
bool plan_nexthop_will_be_there(const Planner *p, const WantedItems *items, uint32_t id);

/* plan-route.c: adds those that are missing. */
int plan_routes(const Planner *p, const WantedItems *items);
/* Removes those on the link that are ours to remove and that no file wants. */
int plan_remove_routes(const Planner *p, const WantedItems *items);
/* Removes those of ours on no link that no file wants. */
int plan_remove_linkless_routes(const Planner *p);
/* Whether these items have it. */
bool plan_wants_route(const WantedItems *items, const Route *have);
