/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which devices there are, what is left to do for each, and doing it. Events and reloads only mark; this is
 * the one place that acts. Drift is reported, not fought: a device is applied when the configuration was
 * (re)loaded, and then until it is done; what changes after that changes only its plan. */

#include "reconcile.h"

#include <string.h>

#include "base/log.h"
#include "bus/bus.h"
#include "monitor.h"
#include "report.h"

/* The same non-empty plan so often in a row: it does not converge, and going on would be a loop. */
#define ROUNDS_MAX 3

const Link *manager_device_link(const Manager *m, const Device *d) {
        const Link *link;

        if (d->want && d->want->device)
                return plan_find_link(d->want, m->snapshot, &m->owned);
        link = snapshot_by_name(m->snapshot, d->name);
        return link && link->is_tun ? link : NULL;
}

/* Keeps the record true to what the snapshot says of the device's link. A link of another index under the
 * name is another device: what we held belonged to the one that is gone. */
static int update_record(Manager *m, Device *d, const Link *link) {
        OwnedLink *o = owned_find(&m->owned, d->name);
        int r = 0;

        if (o && o->ifindex > 0 && (!link || link->ifindex != o->ifindex)) {
                queues_drop(m->queues, d->name);
                if (link)
                        r = owned_put(&m->owned, d->name, link->ifindex, false);
                else /* whoever gets this index next is somebody else */
                        owned_remove(&m->owned, d->name);
        } else if (!o && link && link->is_tun && d->want && d->want->device)
                r = owned_put(&m->owned, d->name, link->ifindex, false);

        o = owned_find(&m->owned, d->name);
        if (o)
                o->held = queues_get(m->queues, d->name) >= 0;
        d->made = o && o->made;
        return r;
}

/* A creation whose end nobody saw (design D6: the device is owned as declared, or was not there): it is made
 * now. */
static int settle_half_made(Manager *m, Device *d, const Link *link) {
        OwnedLink *o = owned_find(&m->owned, d->name);

        if (!o || o->ifindex > 0 || !link || device_has_finding(d, PLAN_CREATE) ||
            device_has_finding(d, PLAN_CONFLICT))
                return 0; /* not there, to be made anew, or somebody else's */
        return owned_put(&m->owned, d->name, link->ifindex, true);
}

/* Computes anew what is left to do. */
static int look(Manager *m, Device *d) {
        PlanOptions options = { .may_hold = m->may_hold };
        const Link *link;
        int r;

        plan_done(&d->plan);
        link = manager_device_link(m, d);
        r = update_record(m, d, link);
        if (r >= 0 && d->want)
                r = plan_device(d->want, m->snapshot, &m->owned, m->wants.complete, options, &d->plan);
        if (r >= 0)
                r = settle_half_made(m, d, link);
        if (r < 0)
                return r;

        d->ifindex = link ? link->ifindex : 0;
        d->seen = d->seen || link;
        d->looked = true;
        d->dirty = true;
        if (d->plan.n == 0) {
                d->pending = false;
                device_forget_rounds(d);
                if (d->error != 0)
                        device_clear_error(d);
        }
        return 0;
}

/* A device is spoken of when a .netdev file declares it, or a TUN/TAP link of its name is there. */
static bool has_reason(const Manager *m, const Device *d) {
        return (d->want && d->want->device) || manager_device_link(m, d);
}

static void remove_device(Manager *m, Device *d) {
        m->summary_dirty = true;
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

/* What the record has of devices that no file speaks of and that are not there. */
static void forget_gone(Manager *m) {
        for (size_t i = m->owned.n; i-- > 0;)
                if (!wants_find(&m->wants, m->owned.items[i].name) &&
                    !snapshot_by_name(m->snapshot, m->owned.items[i].name))
                        owned_remove(&m->owned, m->owned.items[i].name);
}

/* Makes the devices fit the configuration and the snapshot, and looks at each anew. */
static int sync_all(Manager *m) {
        Device *d, *next;
        int r = 0;

        forget_gone(m);

        for (size_t i = 0; r >= 0 && i < m->wants.n; i++)
                if (m->wants.items[i].device && !manager_device(m, m->wants.items[i].name))
                        r = add_device(m, m->wants.items[i].name, &d);

        for (size_t i = 0; r >= 0 && i < m->snapshot->n_links; i++)
                if (m->snapshot->by_name[i]->is_tun && !device_of_link(m, m->snapshot->by_name[i]))
                        r = add_device(m, m->snapshot->by_name[i]->name, &d);
        if (r < 0)
                return r;

        HASH_ITER(hh, m->devices, d, next) {
                r = look_by_name(m, d->name);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* One link was read anew, or is gone. */
static int on_changed(Manager *m, int ifindex, const char *before, const char *after) {
        const Link *link;
        Device *d;
        int r = 0;

        if (ifindex == 0)
                return sync_all(m);

        /* Up to three devices are concerned: whose link it is by index, who has its old name, and who has
         * its new one. */
        d = manager_device_by_index(m, ifindex);
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

static void log_plan(const Device *d, const Plan *plan) {
        LogContext context = { .interface = d->name };

        for (size_t i = 0; i < plan->n; i++) {
                _cleanup_(freep) char *detail = plan_op_detail(plan->ops + i);

                (void) log_full(LOG_DEBUG, 0, &context, "%s %s", plan_op_name(plan->ops[i].type),
                                detail ?: "");
        }
}

/* Counts how often the same had to be done. Returns false when that is too often. */
static bool check_progress(Device *d) {
        _cleanup_(freep) char *text = plan_format(&d->plan), *reason = NULL;

        if (!text || !d->last_plan || strcmp(text, d->last_plan) != 0)
                device_forget_rounds(d);
        free(d->last_plan);
        d->last_plan = TAKE_PTR(text);

        if (d->rounds < ROUNDS_MAX) {
                d->rounds++;
                return true;
        }
        if (!d->pending)
                return false; /* a program keeps dropping the carrier: from now on it is raised now and then
                               */

        for (char *c = d->last_plan; c && *c; c++)
                if (*c == '\n')
                        *c = c[1] ? ',' : '\0';
        if (asprintf(&reason, "the same operations had to be repeated %d times without effect: %s",
                     ROUNDS_MAX, d->last_plan ?: "") < 0)
                reason = NULL;
        d->pending = false;
        device_set_error(d, -ELOOP, NULL, reason);
        return false;
}

/* Drift is left alone but for the carrier: that it stays on is what KeepCarrier= promises at all times. */
static bool is_due(const Device *d, const PlanOp *op) {
        return !plan_op_is_finding(op->type) &&
               (d->pending || (op->type == PLAN_RAISE_CARRIER && d->error == 0));
}

static bool has_due(const Device *d) {
        for (size_t i = 0; i < d->plan.n; i++)
                if (is_due(d, d->plan.ops + i))
                        return true;
        return false;
}

/* Copies what is due of all devices into one plan; they are looked at again when it is done. */
static int collect(Manager *m, Plan *plan) {
        Device *d, *next;
        int r;

        HASH_ITER(hh, m->devices, d, next) {
                /* What was busy is tried again by the timer: an attempt makes events of its own. */
                if (d->error == EBUSY || !has_due(d) || !check_progress(d))
                        continue;

                if (log_get_max_level() >= LOG_DEBUG)
                        log_plan(d, &d->plan);
                for (size_t i = 0; i < d->plan.n; i++) {
                        if (!is_due(d, d->plan.ops + i))
                                continue;
                        r = ARRAY_RESERVE_ONE(plan->ops, plan->n);
                        if (r < 0)
                                return r;
                        plan->ops[plan->n++] = d->plan.ops[i];
                }
                device_clear_error(d);
                d->applying = d->pending; /* raising the carrier is no change of state */
        }
        return 0;
}

/* Before anything is made: what is found half made at the next start was made by us. */
static int record_creations(Manager *m, const Plan *plan) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->n; i++)
                if (plan->ops[i].type == PLAN_CREATE)
                        r = owned_put(&m->owned, plan->ops[i].want->name, 0, true);
        return r;
}

static void write_record(Manager *m) {
        int r;

        if (m->state_lock < 0)
                return;

        r = owned_write(&m->owned, m->state_dir, m->netns);
        if (r < 0) {
                log_warning_errno(r,
                                  "Cannot write %s/links: %m; after a restart netdevd will take its devices "
                                  "for others'",
                                  m->state_dir);
                m->owned.dirty = false; /* said once, until something changes */
        }
}

static int begin(Manager *m) {
        _cleanup_(plan_done) Plan plan = {};
        int r;

        r = collect(m, &plan);
        if (r < 0 || plan.n == 0)
                return r;

        r = record_creations(m, &plan);
        if (r < 0)
                return r;
        write_record(m);
        m->created_recorded = false;
        return executor_new(&plan, applier_apply, &m->applier, &m->executor);
}

/* The record of a creation that did not come to its end goes with it. */
static void record_outcome(Manager *m, const Outcome *o) {
        OwnedLink *record = owned_find(&m->owned, o->want->name);

        if (o->created)
                (void) owned_put(&m->owned, o->want->name, o->ifindex, true);
        else if (record && record->ifindex == 0)
                owned_remove(&m->owned, o->want->name);
}

/* As soon as all that is to be made is made: from then on others may use it, and a crash must not make it
 * look half made. */
static void record_created(Manager *m) {
        const Outcome *outcomes;
        size_t n;

        if (m->created_recorded || !executor_created(m->executor))
                return;

        outcomes = executor_outcomes(m->executor, &n);
        for (size_t i = 0; i < n; i++)
                if (outcomes[i].created)
                        record_outcome(m, outcomes + i);
        write_record(m);
        m->created_recorded = true;
}

static void take_outcome(Manager *m, const Outcome *o) {
        Device *d = manager_device(m, o->want->name);

        record_outcome(m, o);
        if (!d)
                return;

        d->applying = false;
        d->dirty = true;
        if (!o->failed)
                return;

        device_set_error(d, o->error, o->failed->source, o->text);
        device_forget_rounds(d);
        d->pending = d->pending && o->error == -EBUSY; /* somebody has it now: tried again later */
}

/* Takes in what was done, and has it all read anew: a plan that was executed is no proof. */
static void finish(Manager *m) {
        const Outcome *outcomes;
        size_t n;

        outcomes = executor_outcomes(m->executor, &n);
        for (size_t i = 0; i < n; i++)
                take_outcome(m, outcomes + i);
        for (size_t i = 0; i < n; i++)
                if (outcomes[i].ifindex > 0)
                        monitor_mark(m, outcomes[i].ifindex);
                else
                        monitor_mark_all(m); /* whatever came of it */

        applier_rest(&m->applier);
        m->executor = executor_free(m->executor);
}

/* Whom no event will tell of: what was busy when tried, and programs on a link that is down. */
static bool is_waiting(const Manager *m, const Device *d) {
        const Link *link = manager_device_link(m, d);

        if (!d->pending)
                return d->rounds >= ROUNDS_MAX && d->error == 0;
        return d->error == EBUSY || (device_has_finding(d, PLAN_WAIT) && link && !(link->flags & IFF_UP));
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
                if (d->ifindex > 0)
                        monitor_mark(m, d->ifindex);
        }
}

void reconcile_abort(Manager *m) {
        if (m->executor)
                finish(m);
        write_record(m);
}

/* Reads what is marked, and begins what follows from it. */
static int refresh_and_begin(Manager *m) {
        int r = monitor_is_dirty(m) ? monitor_refresh(m, on_changed) : 0;

        return r < 0 ? r : begin(m);
}

int reconcile_turn(Manager *m, uint64_t budget_usec) {
        int r = 0;

        if (!m->config)
                return 0; /* without any configuration nothing is known to be wanted, or not */

        if (m->executor) {
                if (executor_run(m->executor, budget_usec) > 0) {
                        record_created(m);
                        return 1;
                }
                finish(m);
        }

        if (m->may_hold && m->synced)
                r = monitor_open(m);
        if (r >= 0)
                r = refresh_and_begin(m);
        m->synced = m->synced || r >= 0;

        /* Nothing was to be done: what was read before joining may be old already. */
        if (r >= 0 && !m->executor && m->may_hold && m->events_fd < 0) {
                r = monitor_open(m);
                if (r >= 0)
                        r = refresh_and_begin(m);
        }

        write_record(m);
        if (r >= 0)
                r = report(m);
        if (r < 0)
                return r;

        return !!m->executor;
}
