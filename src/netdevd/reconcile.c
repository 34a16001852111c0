/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The turns: read what is marked, look at the devices concerned, do what is due of what is left, and take in
 * what came of it. Events and reloads only mark; this is the one place that acts. Drift is reported, not
 * fought: a device is applied when the configuration was (re)loaded, and then until it is done; what changes
 * after that changes only its plan. */

#include "reconcile.h"

#include <string.h>

#include "devices.h"
#include "due.h"
#include "monitor.h"
#include "record.h"
#include "report.h"

/* Of more devices than so many that we changed, all links are read anew: that is cheaper. */
#define MARKED_MAX 32

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
                r = monitor_refresh(m, devices_look_changed);
        if (r > 0)
                return r;
        if (r >= 0 && m->links_changed && m->wants.needs_links) {
                m->links_changed = false;
                r = manager_rebuild(m);
                if (r >= 0)
                        r = devices_sync(m, true);
        } else if (r >= 0 && (items || dependents))
                r = devices_look_again(m, items, dependents);
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
