/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The differ. Pure: no system call, no clock, no log, no allocation but the plan; a test reads the symbols
 * of this file. Equal inputs give an equal plan, and applying it gives an empty one. What is right already
 * is not touched: some of these operations make events or rewrite flags even when they change nothing. */

#include "plan-internal.h"

#include <inttypes.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <string.h>

#define RECREATE_HINT                                                                                       \
        "'netdevctl reconfigure --recreate %s' does it, or Recreate=yes; the program behind it loses it"

const Want plan_machine_want = { .name = "-", .owner = -1, .group = -1 };

void plan_op_done(PlanOp *op) {
        free(op->text);
        if (op->route)
                route_done(op->route);
        free(op->route);
        if (op->nexthop)
                nexthop_done(op->nexthop);
        free(op->nexthop);
        free(op->rule);
        free(op->neighbor);
        *op = (PlanOp){};
}

void plan_done(Plan *plan) {
        for (size_t i = 0; i < plan->n; i++)
                plan_op_done(plan->ops + i);
        free(plan->ops);
        *plan = (Plan){};
}

static void *duplicate(const void *from, size_t size) {
        void *to = malloc(size);

        return to ? memcpy(to, from, size) : NULL;
}

static int copy_owned(const PlanOp *op, PlanOp *copy) {
        if (op->text && !(copy->text = strdup(op->text)))
                return -ENOMEM;
        if (op->rule && !(copy->rule = duplicate(op->rule, sizeof(Rule))))
                return -ENOMEM;
        if (op->neighbor && !(copy->neighbor = duplicate(op->neighbor, sizeof(Neighbor))))
                return -ENOMEM;
        if (op->route &&
            (!(copy->route = calloc(1, sizeof(Route))) || route_copy(op->route, copy->route) < 0))
                return -ENOMEM;
        if (op->nexthop &&
            (!(copy->nexthop = calloc(1, sizeof(NextHop))) || nexthop_copy(op->nexthop, copy->nexthop) < 0))
                return -ENOMEM;
        return 0;
}

int plan_op_copy(const PlanOp *op, PlanOp *ret) {
        PlanOp copy = *op;
        int r;

        copy.text = NULL;
        copy.rule = NULL;
        copy.neighbor = NULL;
        copy.route = NULL;
        copy.nexthop = NULL;
        r = copy_owned(op, &copy);
        if (r < 0)
                plan_op_done(&copy);
        else
                *ret = copy;
        return r;
}

int plan_add(const Planner *p, PlanOp op) {
        int r = ARRAY_RESERVE_ONE(p->plan->ops, p->plan->n);

        if (r < 0) {
                plan_op_done(&op);
                return r;
        }

        op.want = p->want;
        op.ifindex = p->link ? p->link->ifindex : 0;
        p->plan->ops[p->plan->n++] = op;
        return 0;
}

int plan_find(const Planner *p, PlanOpType type, const Source *source, const char *format, ...) {
        PlanOp op = { .type = type, .source = source };
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&op.text, format, ap);
        va_end(ap);
        return n < 0 ? -ENOMEM : plan_add(p, op);
}

int plan_await(const Planner *p, PlanAwaits what, const Source *source, const char *format, ...) {
        PlanOp op = { .type = PLAN_WAIT, .source = source, .awaits = what };
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&op.text, format, ap);
        va_end(ap);
        return n < 0 ? -ENOMEM : plan_add(p, op);
}

const Source *plan_source(const Want *w, DeviceKey key) {
        return given_source(&w->device->given, key)->path ? given_source(&w->device->given, key)
                                                          : given_source(&w->device->given, DEVICE_NAME);
}

unsigned link_consumers(const Link *link, bool held) {
        unsigned queues = link->tun.num_queues + link->tun.num_disabled_queues;

        if (!link->is_tun)
                return 0;
        if (!link->tun.multi_queue)
                return link->carrier && !held;
        return queues > held ? queues - held : 0;
}

/* Whether the record has this link under some name. */
static bool is_recorded(const Owned *owned, const Link *link) {
        for (size_t i = 0; i < owned->n; i++)
                if (owned->items[i].ifindex == link->ifindex)
                        return true;
        return false;
}

const Link *plan_find_link(const Want *want, const Snapshot *snapshot, const Owned *owned) {
        const OwnedLink *o = owned_find(owned, want->name);
        const Link *link = snapshot_by_name(snapshot, want->name);

        /* A name that was never ours, on a link that is ours under another: renamed by hand, and that one's.
         */
        if (link)
                return o || !is_recorded(owned, link) ? link : NULL;

        link = o && o->ifindex > 0 ? snapshot_by_index(snapshot, o->ifindex) : NULL;
        /* Renamed to the name of another device of the record: that one's, or two would claim it. */
        return link && link->is_tun && !owned_find(owned, link->name) ? link : NULL;
}

static const char *link_kind(const Link *link) {
        if (link->is_tun)
                return link->tun.tap ? "tap" : "tun";
        return link->kind[0] ? link->kind : "physical or virtual";
}

/* What of an existing TUN/TAP device only destroying it can change; the key that wants it otherwise, or -1.
 */
static int needs_recreation(const Planner *p) {
        const DeviceConfig *d = p->want->device;
        const TunInfo *tun = &p->link->tun;

        if (tun->tap != (d->kind == KIND_TAP))
                return DEVICE_KIND;
        if (tun->multi_queue != d->multi_queue)
                return DEVICE_MULTI_QUEUE;
        if (p->want->owner < 0 && tun->owner >= 0)
                return DEVICE_USER;
        if (p->want->group < 0 && tun->group >= 0)
                return DEVICE_GROUP;
        return -1;
}

/* Returns 1 when the device that is there cannot become the wanted one, with the reason in the plan. An
 * owner too many is no such thing: the rest of the device can still be put right (plan-queue.c). */
static int check_conflict(const Planner *p) {
        const DeviceConfig *d = p->want->device;
        const Link *link = p->link;
        int r = 0;

        if (!link->is_tun)
                r = plan_find(p, PLAN_CONFLICT, plan_source(p->want, DEVICE_KIND),
                              "a %s device of this name exists and is not touched; Kind=%s is wanted: "
                              "remove "
                              "it with 'ip link delete %s', or choose another Name=",
                              link_kind(link), kind_to_string(d->kind), p->want->name);
        else if (link->tun.tap != (d->kind == KIND_TAP))
                r = plan_find(p, PLAN_CONFLICT, plan_source(p->want, DEVICE_KIND),
                              "exists as %s; Kind=%s is wanted, which needs the device to be destroyed: "
                              "" RECREATE_HINT,
                              link_kind(link), kind_to_string(d->kind), p->want->name);
        else if (link->tun.multi_queue != d->multi_queue)
                r = plan_find(p, PLAN_CONFLICT, plan_source(p->want, DEVICE_MULTI_QUEUE),
                              "exists as %s-queue %s; MultiQueue=%s is wanted, which needs the device to be "
                              "destroyed: " RECREATE_HINT,
                              link->tun.multi_queue ? "multi" : "single", link_kind(link),
                              d->multi_queue ? "yes" : "no", p->want->name);
        else
                return 0;

        return r < 0 ? r : 1;
}

static int plan_create(const Planner *p) {
        return plan_add(p, (PlanOp){ .type = PLAN_CREATE,
                                     .hold = p->options.may_hold && p->want->device->keep_carrier,
                                     .source = plan_source(p->want, DEVICE_NAME) });
}

/* Whether a creation of ours was cut short and somebody got in: nobody was promised this device yet. Only to
 * a multi-queue device can somebody come while it is being made, and into one for all users anybody may; one
 * of another kind or queue mode was not made by us. */
static bool half_made(const Planner *p, const Owned *owned) {
        const OwnedLink *o = owned_find(owned, p->want->name);
        const TunInfo *tun = &p->link->tun;

        return o && o->ifindex == 0 && p->link->is_tun && tun->multi_queue && p->want->device->multi_queue &&
               tun->tap == (p->want->device->kind == KIND_TAP) &&
               (p->want->owner >= 0 || p->want->group >= 0) && link_consumers(p->link, false) > 0;
}

/* Whether the link has carrier, as far as ConfigureWithoutCarrier= and IgnoreCarrierLoss= ask for it. */
typedef enum CarrierNeed {
        CARRIER_FINE,    /* it does not matter, or it is there */
        CARRIER_AWAITED, /* nothing is added until it comes */
        CARRIER_LOST,    /* and what we added goes */
} CarrierNeed;

static bool is_finite(Optional time) {
        return time.set && time.value != INT64_MAX;
}

bool plan_awaits_carrier(const NetworkConfig *n) {
        Optional without = given_value(&n->given, NETWORK_CONFIGURE_WITHOUT_CARRIER);

        return (without.set && !without.value) ||
               is_finite(given_value(&n->given, NETWORK_IGNORE_CARRIER_LOSS));
}

static CarrierNeed carrier_need(const Planner *p) {
        Optional ignore = given_value(&p->want->network->given, NETWORK_IGNORE_CARRIER_LOSS);

        if (!plan_awaits_carrier(p->want->network))
                return CARRIER_FINE; /* design D9 */
        if (p->link && p->link->carrier && p->link->flags & IFF_UP)
                return CARRIER_FINE;
        if (ignore.set && !is_finite(ignore))
                return CARRIER_AWAITED;
        return p->owned && p->owned->carrier_graced ? CARRIER_AWAITED : CARRIER_LOST;
}

static const Source *carrier_source(const Want *w) {
        const Source *without = given_source(&w->network->given, NETWORK_CONFIGURE_WITHOUT_CARRIER);

        return without->path ? without : given_source(&w->network->given, NETWORK_IGNORE_CARRIER_LOSS);
}

/* Addresses and what is built on them. */
static int plan_network_items(const Planner *p, bool wanted) {
        int r = plan_addresses(p, wanted);

        return r < 0 ? r : plan_items(p, wanted);
}

/* Whether something of it is missing: would the plan be empty with carrier? */
static int is_incomplete(const Planner *p) {
        size_t first = p->plan->n;
        int r = plan_network_items(p, true);
        bool incomplete = p->plan->n > first;

        while (p->plan->n > first)
                plan_op_done(p->plan->ops + --p->plan->n);
        return r < 0 ? r : incomplete;
}

static bool asks_for_items(const NetworkConfig *n) {
        return n->n_addresses > 0 || n->n_routes > 0 || n->n_nexthops > 0 || n->n_neighbors > 0 ||
               n->n_rules > 0 || n->n_proxy_ndp_addresses > 0 ||
               given_value(&n->given, NETWORK_DEFAULT_ROUTE_ON_DEVICE).value;
}

static int plan_network(Planner *p) {
        CarrierNeed need = p->want->network && !p->waits ? carrier_need(p) : CARRIER_FINE;
        int r = 0;

        if (need == CARRIER_AWAITED)
                r = is_incomplete(p);
        else if (need == CARRIER_LOST)
                r = asks_for_items(p->want->network);
        if (r > 0)
                r = plan_await(p, PLAN_AWAITS_CARRIER, carrier_source(p->want),
                               "no carrier; addresses and routes wait for it, as the file says");
        if (r < 0 || need == CARRIER_AWAITED)
                return r;
        return plan_network_items(p, p->want->network && need == CARRIER_FINE && !p->waits);
}

/* All but creating it and its queues. */
static int plan_link(Planner *p) {
        int r;

        r = plan_settings(p);
        if (r >= 0)
                r = plan_up(p);
        return r < 0 ? r : plan_network(p);
}

/* Destroys what is there and makes it anew. What was recorded of the old one is of no meaning for the new.
 */
static int plan_anew(Planner *p, const Source *source) {
        int r;

        r = plan_add(p, (PlanOp){ .type = PLAN_DELETE, .destructive = true, .source = source });
        p->link = NULL;
        p->owned = NULL;
        p->held = false;
        if (r >= 0)
                r = plan_create(p);
        return r < 0 ? r : plan_link(p);
}

static int plan_existing(Planner *p, const Owned *owned) {
        bool recreate = p->options.recreate || p->want->device->recreate;
        int key, r;

        if (half_made(p, owned))
                return plan_anew(p, NULL);

        key = p->link->is_tun && recreate ? needs_recreation(p) : -1;
        if (key >= 0)
                return plan_anew(p, plan_source(p->want, (DeviceKey) key));

        r = check_conflict(p);
        if (r != 0)
                return r < 0 ? r : 0;

        if (strcmp(p->link->name, p->want->name) != 0) {
                PlanOp op = { .type = PLAN_RENAME, .source = plan_source(p->want, DEVICE_NAME) };

                memcpy(op.other_name, p->link->name, sizeof(op.other_name));
                r = plan_add(p, op);
        }
        if (r >= 0)
                r = plan_queue(p);
        return r < 0 ? r : plan_link(p);
}

/* Made by others, or by us and to go. Only TUN/TAP links are ever touched. */
static int plan_undeclared(Planner *p) {
        if (!p->link || !p->link->is_tun)
                return 0;
        if (!p->want->remove)
                return plan_link(p);
        if (!p->owned || !p->owned->made || p->owned->ifindex != p->link->ifindex)
                return 0;
        return plan_add(p, (PlanOp){ .type = PLAN_DELETE, .destructive = true });
}

int plan_device(const Want *want, const Wants *wants, const Snapshot *snapshot, const Owned *owned,
                PlanOptions options, Plan *plan) {
        const OwnedLink *o = owned_find(owned, want->name);
        Planner p = {
                .want = want,
                .wants = wants,
                .snapshot = snapshot,
                .owned = o,
                .link = plan_find_link(want, snapshot, owned),
                .held = o && o->held,
                .may_remove = wants->complete,
                .options = options,
                .plan = plan,
        };
        int r;

        /* What was recorded of another link of this name says nothing of this one. */
        if (o && p.link && o->ifindex > 0 && o->ifindex != p.link->ifindex) {
                p.owned = NULL;
                p.held = false;
        }
        p.in_use = p.link && ((p.owned && p.owned->lent) || link_consumers(p.link, p.held) > 0);

        if (!want->device)
                return plan_undeclared(&p);
        if (want->error)
                return plan_find(&p, PLAN_ERROR, want->error_source, "%s", want->error);
        if (p.link)
                return plan_existing(&p, owned);

        p.owned = NULL;
        r = plan_create(&p);
        return r < 0 ? r : plan_link(&p);
}

int plan_compute(const Wants *wants, const Snapshot *snapshot, const Owned *owned, PlanOptions options,
                 Plan *plan) {
        int r;

        r = plan_machine(wants, snapshot, plan);
        for (size_t i = 0; r >= 0 && i < wants->n; i++)
                r = plan_device(wants->items + i, wants, snapshot, owned, options, plan);
        return r;
}
