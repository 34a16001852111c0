/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which devices there are, what is left to do for each, and doing it. Events and reloads only mark; this is
 * the one place that acts. Drift is reported, not fought: a device is applied when the configuration was
 * (re)loaded, and then until it is done; what changes after that changes only its plan. */

#include "reconcile.h"

#include <string.h>

#include "awaited.h"
#include "base/clock.h"
#include "base/log.h"
#include "broker.h"
#include "bus/bus.h"
#include "due.h"
#include "monitor.h"
#include "record.h"
#include "report.h"

/* Of more devices than so many that we changed, all links are read anew: that is cheaper. */
#define MARKED_MAX 32

static bool is_finite(Optional time) {
        return time.set && time.value != INT64_MAX;
}

/* IgnoreCarrierLoss=: since when the carrier is gone, and until when that is ignored. */
static void watch_carrier(Device *d, const Link *link) {
        const NetworkConfig *n = d->want ? d->want->network : NULL;

        if (!n || !link || !is_finite(given_value(&n->given, NETWORK_IGNORE_CARRIER_LOSS)) || link->carrier)
                d->carrier_lost = 0;
        else if (d->carrier_lost == 0)
                d->carrier_lost = now_usec();
}

static uint64_t grace_end(const Device *d) {
        const NetworkConfig *n = d->want ? d->want->network : NULL;

        return n ? d->carrier_lost + (uint64_t) given_value(&n->given, NETWORK_IGNORE_CARRIER_LOSS).value
                 : 0;
}

const Link *manager_device_link(const Manager *m, const Device *d) {
        const Link *link;

        if (d->want && d->want->device)
                return plan_find_link(d->want, m->snapshot, &m->owned);
        link = snapshot_by_name(m->snapshot, d->name);
        return link && link->is_tun ? link : NULL;
}

/* Keeps the record true to what the snapshot says of the device's link. A link of another index under the
 * name is another device: what we held belonged to the one that is gone. A link that we made a moment ago
 * may not be in the snapshot yet. */
static int update_record(Manager *m, Device *d, const Link *link) {
        OwnedLink *o = owned_find(&m->owned, d->name);
        int r = 0;

        if (o && o->ifindex > 0 && (!link || link->ifindex != o->ifindex) &&
            !monitor_is_marked(m, o->ifindex)) {
                queues_drop(m->queues, d->name);
                if (link)
                        r = owned_put(&m->owned, d->name, link->ifindex, false);
                else /* whoever gets this index next is somebody else */
                        owned_remove(&m->owned, d->name);
        } else if (!o && link && link->is_tun && d->want && d->want->device)
                r = owned_put(&m->owned, d->name, link->ifindex, false);

        o = owned_find(&m->owned, d->name);
        if (o) {
                o->held = queues_get(m->queues, d->name) >= 0;
                o->lent = o->held && link && !link->tun.multi_queue && d->leases;
                owned_lend(&m->owned, d->name, queues_lent_to(m->queues, d->name),
                           d->leases ? d->leases->pid : 0);
                o->carrier_graced = d->carrier_lost > 0 && grace_end(d) > now_usec();
        }
        d->made = o && o->made;
        return r;
}

/* Whether what is left is what could not be done: it is tried again when something else is left, or when the
 * files are read anew. */
static bool is_what_failed(const Device *d) {
        _cleanup_(freep) char *text = d->error != 0 && d->last.plan ? plan_format(&d->plan) : NULL;

        return text && device_was_done(d, text);
}

static bool is_destructive(const Plan *plan) {
        for (size_t i = 0; i < plan->n; i++)
                if (plan->ops[i].destructive)
                        return true;
        return false;
}

/* Computes anew what is left to do. */
static int look(Manager *m, Device *d) {
        PlanOptions options = { .may_hold = m->may_hold, .recreate = d->recreate };
        const Link *link;
        int r;

        plan_done(&d->plan);
        link = manager_device_link(m, d);
        watch_carrier(d, link);
        /* What a program has of a link that is gone is nothing. */
        leases_forget_others(&d->leases, link ? link->ifindex : -1);
        r = update_record(m, d, link);
        if (r >= 0 && d->want)
                r = plan_device(d->want, &m->wants, m->snapshot, &m->owned, options, &d->plan);
        if (r >= 0)
                r = record_half_made(m, d, link);
        if (r < 0)
                return r;
        record_forget_settings(m, d);

        awaited_update(d, link);
        /* It went away under what was being done: it is missing, and nothing failed. */
        if (d->error == ENODEV && d->ifindex > 0 && !link)
                device_clear_error(d);
        d->ifindex = link ? link->ifindex : 0;
        d->seen = d->seen || link;
        d->looked = true;
        d->rejoined = false;
        d->dirty = true;
        /* Asked for once: what needs destroying later, while something else is awaited, was not meant. */
        d->recreate = d->recreate && is_destructive(&d->plan);
        if (awaited_is_all(d)) {
                d->pending = false;
                device_forget_rounds(d);
        }
        if (d->error != 0 &&
            (awaited_is_all(d) || (d->error != EBUSY && awaited_any(d) && !is_what_failed(d))))
                device_clear_error(d);
        return 0;
}

/* A device is spoken of when a .netdev file declares it, or a TUN/TAP link of its name is there. */
static bool has_reason(const Manager *m, const Device *d) {
        return (d->want && d->want->device) || manager_device_link(m, d);
}

static void remove_device(Manager *m, Device *d) {
        m->summary_dirty = true;
        m->states_changed = true;
        bus_device_removed(m->bus, d);
        HASH_DEL(m->devices, d);
        device_free(d);
}

static int add_device(Manager *m, const char *name, Device **ret) {
        Device *d = device_new(name);

        if (!d)
                return -ENOMEM;
        d->want = wants_find(&m->wants, name);
        d->pending = !!d->want;
        HASH_ADD_KEYPTR(hh, m->devices, d->name, strlen(d->name), d);
        if (!HASH_HAS(d)) {
                device_free(d);
                return -ENOMEM;
        }
        broker_resume(m, d);
        *ret = d;
        return 0;
}

/* The device whose link this is: by index first, so that one renamed by hand stays itself. */
static Device *device_of_link(const Manager *m, const Link *link) {
        Device *d = manager_device(m, link->name);

        return d ?: manager_device_by_index(m, link->ifindex);
}

static int look_by_name(Manager *m, const char *name) {
        Device *d = name[0] ? manager_device(m, name) : NULL;

        if (!d)
                return 0;
        if (!has_reason(m, d)) {
                (void) update_record(m, d, NULL);
                remove_device(m, d);
                return 0;
        }
        return look(m, d);
}

/* What the record has of devices that no file declares and that are not there. A creation that was cut short
 * must not make ours what somebody else makes under that name. */
static void forget_gone(Manager *m) {
        for (size_t i = m->owned.n; i-- > 0;) {
                const OwnedLink *o = m->owned.items + i;
                const Want *want = wants_find(&m->wants, o->name);

                if (!snapshot_by_name(m->snapshot, o->name) &&
                    (!want || (!want->device && !snapshot_by_index(m->snapshot, o->ifindex))))
                        owned_remove(&m->owned, o->name);
        }
}

static int look_at_machine(Manager *m) {
        Device *d = m->machine;
        int r;

        plan_done(&d->plan);
        r = plan_machine(&m->wants, m->snapshot, &d->plan);
        if (r < 0)
                return r;

        d->dirty = d->looked = true;
        if (d->plan.n == 0) {
                d->pending = false;
                device_forget_rounds(d);
                if (d->error != 0)
                        device_clear_error(d);
        }
        return 0;
}

/* Makes the devices fit the configuration and the snapshot, and looks at each anew, or at those only that
 * files speak of. */
static int sync_all(Manager *m, bool rejoined_only) {
        Device *d, *next;
        int r;

        forget_gone(m);
        r = look_at_machine(m);

        for (size_t i = 0; r >= 0 && i < m->wants.n; i++)
                if (m->wants.items[i].device && !manager_device(m, m->wants.items[i].name))
                        r = add_device(m, m->wants.items[i].name, &d);

        for (size_t i = 0; r >= 0 && i < m->snapshot->n_links; i++)
                if (m->snapshot->by_name[i]->is_tun && !device_of_link(m, m->snapshot->by_name[i]))
                        r = add_device(m, m->snapshot->by_name[i]->name, &d);
        if (r < 0)
                return r;

        HASH_ITER(hh, m->devices, d, next) {
                if (rejoined_only && d->looked && !d->rejoined)
                        continue;
                r = look_by_name(m, d->name);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The device whose link it was, if anybody's: nearly always that of its name, which need not be searched. */
static Device *device_of_index(const Manager *m, int ifindex, const char *name) {
        Device *d = name[0] ? manager_device(m, name) : NULL;

        return !name[0] || (d && d->ifindex == ifindex) ? d : manager_device_by_index(m, ifindex);
}

/* One link was read anew, or is gone; before is empty when it was not known, after when it is gone. */
static int on_changed(Manager *m, int ifindex, const char *before, const char *after) {
        const Link *link;
        Device *d;
        int r = 0;

        if (ifindex == 0)
                return sync_all(m, false);

        /* Up to three devices are concerned: whose link it is by index, who has its old name, and who has
         * its new one. */
        d = device_of_index(m, ifindex, before);
        if (d && strcmp(d->name, before) != 0 && strcmp(d->name, after) != 0)
                r = look_by_name(m, d->name);
        if (r >= 0 && strcmp(before, after) != 0)
                r = look_by_name(m, before);

        link = snapshot_by_index(m->snapshot, ifindex);
        if (r >= 0 && link && link->is_tun && !device_of_link(m, link))
                r = add_device(m, link->name, &d);
        return r < 0 ? r : look_by_name(m, after);
}

/* Applying. */

static int begin(Manager *m) {
        _cleanup_(plan_done) Plan plan = {};
        int r;

        r = due_collect(m, &plan);
        if (r < 0 || plan.n == 0)
                return r;

        r = record_plan(m, &plan);
        if (r < 0)
                return r;
        record_write(m);
        m->created_recorded = false;
        return executor_new(&plan, applier_apply, &m->applier, &m->executor);
}

static void take_outcome(Manager *m, const Outcome *o) {
        Device *d = o->want == &plan_machine_want ? m->machine : manager_device(m, o->want->name);

        if (!d)
                return;

        d->applying = false;
        d->dirty = true;
        if (o->unfinished) /* it had no chance to make progress */
                device_forget_rounds(d);
        if (!o->failed)
                return;

        device_set_error(d, o->error, o->failed->source, o->text);
        /* What was tried stays known, see is_what_failed(). It was not looked at meanwhile. */
        if (!d->last.plan)
                d->last.plan = plan_format(&d->plan);
        d->rounds = 0;
        d->pending = d->pending && o->error == -EBUSY; /* somebody has it now: tried again later */
        d->recreate = d->recreate && d->pending;
}

static bool has_items_stage(const Plan *plan) {
        for (size_t i = 0; i < plan->n; i++)
                if (plan_op_stage(plan->ops + i) == PLAN_STAGE_ROUTES)
                        return true;
        return false;
}

/* Takes in what was done, and has it all read anew: a plan that was executed is no proof. */
static void finish(Manager *m) {
        const Outcome *outcomes;
        size_t n;

        record_created(m);
        outcomes = executor_outcomes(m->executor, &n);
        for (size_t i = 0; i < n; i++)
                take_outcome(m, outcomes + i);
        record_outcomes(m);
        m->items_dirty = !m->all_dirty && (m->items_dirty || has_items_stage(executor_plan(m->executor)));
        for (size_t i = 0; i < n; i++)
                if (outcomes[i].ifindex > 0 && n <= MARKED_MAX)
                        monitor_mark(m, outcomes[i].ifindex);
                else if (outcomes[i].want != &plan_machine_want)
                        monitor_mark_all(m); /* whatever came of it */

        applier_rest(&m->applier);
        m->executor = executor_free(m->executor);
}

static bool waits_for_program(const Device *d) {
        for (size_t i = 0; i < d->plan.n; i++)
                if (d->plan.ops[i].type == PLAN_WAIT && !d->plan.ops[i].awaits)
                        return true;
        return false;
}

/* Whom no event will tell of: what was busy when tried, and programs on a link that is down. */
static bool is_waiting(const Manager *m, const Device *d) {
        bool enforced = d->want && d->want->enforce;
        const Link *link;

        if (d->error == EBUSY)
                return true;
        if (!d->pending && (d->throttled || due_is_stuck(d)))
                return true;
        if (!(d->pending || enforced) || !waits_for_program(d))
                return false;
        link = manager_device_link(m, d); /* not before: this runs after every question on the bus */
        return link && !(link->flags & IFF_UP);
}

bool reconcile_is_waiting(const Manager *m) {
        const Device *d, *next;

        HASH_ITER(hh, m->devices, d, next)
                if (is_waiting(m, d))
                        return true;
        return false;
}

void reconcile_retry(Manager *m) {
        Device *d, *next;

        HASH_ITER(hh, m->devices, d, next) {
                if (!is_waiting(m, d))
                        continue;
                if (d->error == EBUSY)
                        device_clear_error(d);
                device_forget_rounds(d);
                d->throttled = false;
                if (d->ifindex > 0)
                        monitor_mark(m, d->ifindex);
                else
                        monitor_mark_all(m); /* deleted by somebody, and made again and again */
        }
}

/* After the record was written: what comes back is compared with that. */
static void store_queues(Manager *m, bool all) {
        if (m->store)
                fd_store_sync(m->store, all);
}

void reconcile_abort(Manager *m) {
        if (m->executor)
                finish(m);
        record_write(m);
        store_queues(m, true);
}

uint64_t reconcile_grace_end(const Manager *m) {
        const Device *d, *next;
        uint64_t first = UINT64_MAX;

        HASH_ITER(hh, m->devices, d, next)
                if (d->carrier_lost > 0 && grace_end(d) > now_usec() && grace_end(d) < first)
                        first = grace_end(d);
        return first;
}

void reconcile_end_grace(Manager *m) {
        Device *d, *next;

        HASH_ITER(hh, m->devices, d, next)
                if (d->carrier_lost > 0 && d->ifindex > 0)
                        monitor_mark(m, d->ifindex);
}

static bool looks_at_others(const Want *w) {
        return w && w->network && (w->master || w->network->bind_carrier || w->network->n_routes > 0);
}

static bool has_items(const Want *w) {
        const NetworkConfig *n = w ? w->network : NULL;

        return n && (n->n_routes > 0 || n->n_nexthops > 0 || n->n_rules > 0 || n->n_neighbors > 0 ||
                     n->n_proxy_ndp_addresses > 0 ||
                     given_value(&n->given, NETWORK_DEFAULT_ROUTE_ON_DEVICE).value);
}

/* Devices whose own link did not change, but something they look at. */
static int look_again(Manager *m, bool items, bool dependents) {
        Device *d, *next;
        int r;

        r = items ? look_at_machine(m) : 0;
        HASH_ITER(hh, m->devices, d, next)
                if (r >= 0 && ((items && has_items(d->want)) || (dependents && looks_at_others(d->want))))
                        r = look(m, d);
        return r;
}

/* Reads what is marked, and begins what follows from it. Returns 1 while some is left to be read: a plan
 * made of what is known to be old would do things twice. */
static int refresh_and_begin(Manager *m) {
        bool items, dependents, dirty;
        int r = 0;

        /* What was told until now, the echo of our own changes too, is in what is read now. */
        if (monitor_is_dirty(m) && monitor_drain(m) < 0)
                monitor_mark_all(m);
        items = m->items_dirty;
        dependents = m->dependents_dirty;
        dirty = monitor_is_dirty(m);
        if (dirty)
                r = monitor_refresh(m, on_changed);
        if (r > 0)
                return r;
        if (r >= 0 && m->links_changed && m->wants.needs_links) {
                m->links_changed = false;
                r = manager_rebuild(m);
                if (r >= 0)
                        r = sync_all(m, true);
        } else if (r >= 0 && (items || dependents))
                r = look_again(m, items, dependents);
        if (r >= 0)
                return begin(m);
        monitor_mark_all(m); /* what was marked is unmarked, and not looked at: all of it again */
        return r;
}

bool reconcile_is_idle(const Manager *m) {
        bool follows_events = m->events_fd >= 0 || !m->may_hold;

        return m->ready && m->synced && follows_events && !m->executor && !monitor_is_dirty(m) &&
               !m->summary_dirty && !m->record_failed && !(m->links_changed && m->wants.needs_links);
}

int reconcile_turn(Manager *m, uint64_t budget_usec) {
        bool more;
        int r = 0;

        if (!m->config)
                return 0; /* without any configuration nothing is known to be wanted, or not */

        if (m->executor) {
                if (executor_run(m->executor, budget_usec) > 0) {
                        bool created = executor_created(m->executor);

                        if (created)
                                record_created(m);
                        store_queues(m, created);
                        return 1;
                }
                finish(m);
        }

        if (m->may_hold && m->synced)
                r = monitor_open(m);
        if (r >= 0)
                r = refresh_and_begin(m);
        m->synced = m->synced || r == 0;

        /* Nothing was to be done: what was read before joining may be old already. */
        if (r == 0 && !m->executor && m->may_hold && m->events_fd < 0) {
                r = monitor_open(m);
                if (r >= 0)
                        r = refresh_and_begin(m);
        }

        record_write(m);
        store_queues(m, true);
        more = r > 0 || m->executor;
        if (r >= 0)
                r = report(m);
        if (r < 0)
                return r;

        m->prune = m->prune && more;
        return more;
}
