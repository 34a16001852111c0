/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Of what is left to do, what is done now: what was asked for, what was awaited, and what is enforced; and
 * when to stop, since it has no effect. */

#include "due.h"

#include <string.h>

#include "awaited.h"
#include "base/clock.h"
#include "base/log.h"

/* The same non-empty plan so often in a row: it does not converge, and going on would be a loop. */
#define ROUNDS_MAX 3

/* Drift is left alone but where the files ask for more: a carrier that KeepCarrier= promises at all times, a
 * policy that says "always", Enforce=yes. */
static bool is_enforced(const Device *d, const PlanOp *op) {
        const NetworkConfig *n = d->want ? d->want->network : NULL;
        Optional policy;

        if (op->type == PLAN_RAISE_CARRIER || (d->want && d->want->enforce))
                return true;
        if (!n || (op->type != PLAN_SET_UP && op->type != PLAN_SET_DOWN))
                return false;
        policy = given_value(&n->given, NETWORK_ACTIVATION_POLICY);
        return (policy.set &&
                (policy.value == ACTIVATION_ALWAYS_UP || policy.value == ACTIVATION_ALWAYS_DOWN)) ||
               n->bind_carrier;
}

/* Not for repair: to be done since files were loaded, or awaited. */
static bool is_asked(const Device *d, const PlanOp *op) {
        return !plan_op_is_finding(op->type) && (d->pending || (d->error == 0 && awaited_is(d, op)));
}

static bool is_due(const Device *d, const PlanOp *op) {
        if (plan_op_is_finding(op->type))
                return false;
        return is_asked(d, op) || (d->error == 0 && !d->throttled && is_enforced(d, op));
}

static bool has_due(const Device *d) {
        for (size_t i = 0; i < d->plan.n; i++)
                if (is_due(d, d->plan.ops + i))
                        return true;
        return false;
}

static bool has_asked(const Device *d) {
        for (size_t i = 0; i < d->plan.n; i++)
                if (is_asked(d, d->plan.ops + i))
                        return true;
        return false;
}

bool due_has_repair(const Device *d) {
        for (size_t i = 0; i < d->plan.n; i++)
                if (is_due(d, d->plan.ops + i) && !is_asked(d, d->plan.ops + i))
                        return true;
        return false;
}

/* What is done, and what stands in the way of more. */
static void log_due(const Device *d) {
        LogContext context = { .interface = d->name };

        for (size_t i = 0; i < d->plan.n; i++) {
                const PlanOp *op = d->plan.ops + i;
                _cleanup_(freep) char *detail = NULL;
                char name[PLAN_OP_NAME_MAX];

                if (!plan_op_is_finding(op->type) && !is_due(d, op))
                        continue;
                detail = plan_op_detail(op);
                (void) log_full(LOG_DEBUG, 0, &context, "%s %s", plan_op_name(op, name), detail ?: "");
        }
}

/* Two who each repair what the other does would keep the machine busy for ever. */
static void throttle(Device *d) {
        LogContext context = { .interface = d->name };
        uint64_t now;

        if (!(d->want && d->want->enforce) || !due_has_repair(d))
                return;
        now = now_usec();
        if (now - d->repair_window > REPAIR_WINDOW_USEC) {
                d->repair_window = now;
                d->repairs = 0;
        }
        d->throttled = d->repairs++ >= REPAIRS_MAX;
        if (d->throttled)
                (void) log_full(LOG_NOTICE, 0, &context,
                                "Put right %d times within %llu s, and changed again: left alone for now; "
                                "see who changes it, or set Enforce=no",
                                REPAIRS_MAX, REPAIR_WINDOW_USEC / 1000000);
}

/* What is due as text: "set-mtu 1400 (/etc/...:5), set-up yes (...)". */
static char *format_due(const Device *d) {
        char *text = NULL;
        size_t size, n = 0;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;
        for (size_t i = 0; i < d->plan.n; i++) {
                const PlanOp *op = d->plan.ops + i;
                _cleanup_(freep) char *detail = NULL;
                char name[PLAN_OP_NAME_MAX];

                if (!is_due(d, op))
                        continue;
                detail = plan_op_detail(op);
                fprintf(f, "%s%s %s", n++ > 0 ? ", " : "", plan_op_name(op, name), detail ?: "");
        }
        if (fclose(f) == 0)
                return text;
        free(text);
        return NULL;
}

static void give_up(Device *d) {
        const char *other = d->by_turns ? d->before.due : NULL;
        _cleanup_(freep) char *reason = NULL;

        if (asprintf(&reason, "the same operations had to be repeated %d times without effect: %s%s%s",
                     ROUNDS_MAX, other ?: "", other ? "; and then " : "", d->last.due ?: "") < 0)
                reason = NULL;
        d->pending = false;
        device_set_error(d, -ELOOP, NULL, reason);
}

bool due_is_stuck(const Device *d) {
        return d->rounds >= ROUNDS_MAX && d->error == 0;
}

/* Counts how often the same had to be done, or by turns one of two things that undo each other. Returns
 * false when that is too often. */
static bool check_progress(Device *d) {
        uint64_t now = now_usec();
        Round round = {};

        /* What was put right, and has to be again much later, is no loop. */
        if (now - d->last_time > REPAIR_WINDOW_USEC)
                device_forget_rounds(d);
        d->last_time = now;
        /* Nearly always it is also the last round, so that its plan is not written down. */
        if (!d->tried) {
                d->tried = true;
                return true;
        }

        round.plan = plan_format(&d->plan);
        if (device_was_done(d, round.plan))
                round.due = format_due(d);
        device_add_round(d, round);
        if (d->rounds <= ROUNDS_MAX)
                return true;

        d->rounds = ROUNDS_MAX;
        /* Else a program keeps dropping the carrier: from now on it is raised now and then. */
        if (has_asked(d))
                give_up(d);
        return false;
}

/* Copies what is due of all devices into one plan; they are looked at again when it is done. */
static int collect_one(Device *d, Plan *plan) {
        int r;

        /* What was busy is tried again by the timer: an attempt makes events of its own. */
        if (d->error == EBUSY)
                return 0;
        throttle(d);
        if (!has_due(d)) {
                /* Only drift is left, so that what was done had its effect. */
                if (!d->pending && d->error == 0 && !d->throttled)
                        device_forget_rounds(d);
                return 0;
        }
        if (!check_progress(d))
                return 0;

        if (log_get_max_level() >= LOG_DEBUG)
                log_due(d);
        for (size_t i = 0; i < d->plan.n; i++) {
                if (!is_due(d, d->plan.ops + i))
                        continue;
                r = ARRAY_RESERVE_ONE(plan->ops, plan->n);
                if (r >= 0)
                        r = plan_op_copy(d->plan.ops + i, plan->ops + plan->n);
                if (r < 0)
                        return r;
                plan->n++;
        }
        d->applying = has_asked(d); /* raising the carrier is no change of state */
        device_clear_error(d);
        return 0;
}

int due_collect(Manager *m, Plan *plan) {
        Device *d, *next;
        int r;

        r = collect_one(m->machine, plan);
        HASH_ITER(hh, m->devices, d, next)
                if (r >= 0)
                        r = collect_one(d, plan);
        return r;
}
