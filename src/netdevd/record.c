/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ownership record as the daemon keeps it: before anything is changed it says what will be, so that
 * whoever starts after a crash knows; afterwards it says what came of it. What it looks like is
 * plan/owned.c. */

#include "record.h"

#include <string.h>
#include <sys/stat.h>

#include "base/lock-file.h"
#include "base/log.h"

/* The directory is the daemon's own; its parent belongs to root (design D1). */
static int make_state_dir(const char *path) {
        _cleanup_(freep) char *copy = strdup(path);

        if (!copy)
                return -ENOMEM;
        for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = 0;
                if (mkdir(copy, 0755) < 0 && errno != EEXIST)
                        return -errno;
                *slash = '/';
        }
        return mkdir(copy, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* Returns 0 or -errno, -EWOULDBLOCK when another netdevd has it. */
static int lock_state_dir(Manager *m) {
        _cleanup_(freep) char *path = NULL;
        int r;

        r = make_state_dir(m->state_dir);
        if (r >= 0)
                r = asprintf(&path, "%s/" OWNED_LOCK, m->state_dir) < 0 ? -ENOMEM : lock_file_take(path);
        if (r < 0)
                return r;
        m->state_lock = r;
        return 0;
}

void record_open(Manager *m) {
        int r;

        r = lock_state_dir(m);
        if (r == -EWOULDBLOCK)
                log_warning("Another netdevd works with the state directory %s; what this one makes is not "
                            "recorded. Use --state-dir=, or reload the other one.",
                            m->state_dir);
        else if (r < 0) {
                log_warning_errno(r,
                                  "Cannot lock the state directory %s: %m; what is made is not recorded. "
                                  "Use --state-dir=, or reload when it can be.",
                                  m->state_dir);
                return;
        }

        r = owned_read(&m->owned, m->state_dir, m->netns);
        if (r < 0)
                log_warning_errno(r, "Cannot read %s/links: %m; devices that are there count as others'",
                                  m->state_dir);
}

void record_reopen(Manager *m) {
        _cleanup_(owned_done) Owned written = {};
        int r;

        if (m->state_lock >= 0 || lock_state_dir(m) < 0)
                return;

        r = owned_read(&written, m->state_dir, m->netns);
        if (r >= 0)
                r = owned_add_missing(&m->owned, &written);
        if (r < 0)
                log_warning_errno(r, "Cannot read %s/links: %m; devices that are there count as others'",
                                  m->state_dir);
        m->owned.dirty = true;
        log_info("The state directory %s is ours now; what was made until now is recorded", m->state_dir);
}

/* Only a queue can put these back, and a program may hold them all now: forgotten once that is done. */
static bool is_of_queue(Setting s) {
        return s == SETTING_NAPI || s == SETTING_NAPI_FRAGS || s == SETTING_VNET_HEADER_BYTES;
}

static bool is_about(const PlanOp *op, Setting s) {
        return (op->type == PLAN_SET || op->type == PLAN_ADD_VLANS || op->type == PLAN_REMOVE_VLANS) &&
               op->setting == s;
}

/* Of what we set and no file wants any more: what the plan does not put back is no longer as we set it. */
void record_forget_settings(Manager *m, const Device *d) {
        const OwnedLink *o = owned_find(&m->owned, d->name);

        if (!o || !d->want || !m->wants.complete || device_has_finding(d, PLAN_CONFLICT) ||
            device_has_finding(d, PLAN_ERROR))
                return;

        for (size_t i = o->n_settings; i-- > 0;) {
                Setting s = o->settings[i].setting;
                bool planned = want_setting(d->want, s) != NULL || is_of_queue(s);

                for (size_t j = 0; !planned && j < d->plan.n; j++)
                        planned = is_about(d->plan.ops + j, s);
                if (!planned)
                        owned_unset(&m->owned, d->name, s);
        }
        if (d->want->released && d->plan.n == 0)
                owned_remove(&m->owned, d->name);
}

/* A creation whose end nobody saw (design D6: the device is owned as declared, or was not there): it is made
 * now. */
int record_half_made(Manager *m, const Device *d, const Link *link) {
        const OwnedLink *o = owned_find(&m->owned, d->name);

        if (!o || o->ifindex > 0 || !link || device_has_finding(d, PLAN_CREATE) ||
            device_has_finding(d, PLAN_CONFLICT))
                return 0; /* not there, to be made anew, or somebody else's */
        return owned_put(&m->owned, d->name, link->ifindex, o->made);
}

/* Before anything is made: what is found half made at the next start was made by us. */
static int record_creation(Manager *m, const char *name) {
        OwnedLink *o = owned_find(&m->owned, name);
        int replaced = o ? o->ifindex : 0, r;

        r = owned_put(&m->owned, name, 0, replaced == 0 || o->made);
        if (r >= 0)
                owned_find(&m->owned, name)->replaced = replaced;
        return r;
}

static int record_creations(Manager *m, const Plan *plan) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->n; i++)
                if (plan->ops[i].type == PLAN_CREATE)
                        r = record_creation(m, plan->ops[i].want->name);
        return r;
}

/* A value that is about to be set, with what is there now. Those nobody can read back are recorded once they
 * are set. What was recorded without knowing what was there is of a creation that was cut short before
 * anything was set. */
static int record_value(Manager *m, const PlanOp *op) {
        bool vlans = op->type == PLAN_ADD_VLANS || op->type == PLAN_REMOVE_VLANS;
        const OwnedSetting *known;
        int r = 0;

        if (op->revert || setting_is_blind(op->setting) || !(op->type == PLAN_SET || vlans))
                return 0;
        if (!owned_find(&m->owned, op->want->name))
                r = owned_put(&m->owned, op->want->name, op->ifindex, false);
        if (r < 0 || vlans)
                return r < 0 || !want_setting(op->want, SETTING_VLANS)
                                       ? r
                                       : owned_set(&m->owned, op->want->name, SETTING_VLANS, NULL,
                                                   want_setting(op->want, SETTING_VLANS)->value);
        known = owned_setting(owned_find(&m->owned, op->want->name), op->setting);
        if (known && !known->has_before && op->has_before)
                owned_unset(&m->owned, op->want->name, op->setting);
        return owned_set(&m->owned, op->want->name, op->setting, op->has_before ? &op->before : NULL,
                         op->value);
}

static unsigned item_kind(PlanOpType type) {
        switch (type) {
        case PLAN_ADD_ROUTE: return OWNED_ROUTES;
        case PLAN_ADD_NEXTHOP: return OWNED_NEXTHOPS;
        case PLAN_ADD_RULE: return OWNED_RULES;
        case PLAN_ADD_NEIGHBOR: return OWNED_NEIGHBORS;
        default: return 0;
        }
}

/* A device is made, and at once in others' hands; its program may not lose it should we not come to the end
 * of all creations. Only the file has to know: we do at the end. */
void record_born(const char *name, int ifindex, void *userdata) {
        const Manager *m = userdata;
        int r;

        if (m->state_lock < 0 || m->owned.dirty)
                return; /* not ours to write, or it could not be written and somebody was told */

        r = owned_append(m->state_dir, name, ifindex);
        if (r < 0)
                log_debug_errno(r, "Cannot add %s to %s/links: %m", name, m->state_dir);
}

/* Before anything is changed: whoever starts after us knows what we did, and what was there before. */
int record_plan(Manager *m, const Plan *plan) {
        int r;

        r = record_creations(m, plan);
        for (size_t i = 0; r >= 0 && i < plan->n; i++) {
                const PlanOp *op = plan->ops + i;

                owned_see_items(&m->owned, item_kind(op->type));
                r = record_value(m, op);
                /* The address outlives us on a link of others': it is to be taken away when no file wants
                 * it. */
                if (r >= 0 && op->type == PLAN_ADD_ADDRESS && !owned_find(&m->owned, op->want->name))
                        r = owned_put(&m->owned, op->want->name, op->ifindex, false);
        }
        return r;
}

void record_write(Manager *m) {
        int r;

        if (m->state_lock < 0 || !m->owned.dirty)
                return;

        r = owned_write(&m->owned, m->state_dir, m->netns);
        if (r < 0 && !m->record_failed) /* said once; tried again at every turn */
                log_warning_errno(
                                r,
                                "Cannot write %s/links: %m; until it can be, a restart would take netdevd's "
                                "devices for others'; make room there, or use --state-dir=",
                                m->state_dir);
        m->record_failed = r < 0;
}

/* What the kernel gave a new device: the plan could not know it. */
static void record_default(Manager *m, const Outcome *o, const PlanOp *op) {
        const Snapshot nothing = { .ip_forward = -1, .ipv6_forward = -1 };
        uint64_t before;

        if (op->type != PLAN_SET || op->has_before ||
            !setting_read(op->setting, o->fresh, &nothing, &before))
                return;
        owned_unset(&m->owned, op->want->name, op->setting);
        (void) owned_set(&m->owned, op->want->name, op->setting, &before, op->value);
}

static void record_queue_value(Manager *m, const Want *want, Setting s) {
        const WantSetting *w = want_setting(want, s);

        if (w)
                (void) owned_set(&m->owned, want->name, s, NULL, w->value);
        else
                owned_unset(&m->owned, want->name, s);
}

/* What is done and cannot be read back, and what was put back. */
static void record_done(Manager *m, const PlanOp *op) {
        switch (op->type) {
        case PLAN_SET_FLAGS:
                record_queue_value(m, op->want, SETTING_NAPI);
                record_queue_value(m, op->want, SETTING_NAPI_FRAGS);
                break;
        case PLAN_SET_VNET_HEADER_BYTES: record_queue_value(m, op->want, op->setting); break;
        case PLAN_SET:
                if (op->revert)
                        owned_unset(&m->owned, op->want->name, op->setting);
                else if (setting_is_blind(op->setting))
                        (void) owned_set(&m->owned, op->want->name, op->setting, NULL, op->value);
                break;
        default: break;
        }
}

/* The record of a creation that did not come to its end goes with it, unless what was to be destroyed before
 * is still there. */
static void record_end(Manager *m, const Outcome *o) {
        OwnedLink *record = owned_find(&m->owned, o->want->name);
        bool stands = o->failed ? o->failed->type == PLAN_DELETE : o->unfinished && o->ifindex > 0;

        if (o->created || !record || record->ifindex != 0)
                return;
        if (!stands)
                owned_remove(&m->owned, o->want->name);
        else if (record->replaced > 0) {
                record->n_settings = 0; /* they were to be the new one's */
                (void) owned_put(&m->owned, o->want->name, record->replaced, record->made);
        }
}

static void record_birth(Manager *m, const Outcome *o) {
        (void) owned_put(&m->owned, o->want->name, o->ifindex, true);
        record_queue_value(m, o->want, SETTING_VNET_HEADER_BYTES);
        record_queue_value(m, o->want, SETTING_NAPI);
        record_queue_value(m, o->want, SETTING_NAPI_FRAGS);
}

/* As soon as all that is to be made is made, or no more is: from then on others may use it, and a crash must
 * not make it look half made. Outcomes and operations are both in the order of devices. */
void record_created(Manager *m) {
        const Plan *plan = executor_plan(m->executor);
        const Outcome *outcomes, *o;
        size_t n;

        if (m->created_recorded)
                return;

        outcomes = executor_outcomes(m->executor, &n);
        for (size_t i = 0; i < n; i++)
                if (outcomes[i].created)
                        record_birth(m, outcomes + i);

        o = outcomes;
        for (size_t i = 0; i < plan->n; i++) {
                if (plan->ops[i].want != o->want)
                        o++;
                if (o->created && o->fresh)
                        record_default(m, o, plan->ops + i);
        }
        record_write(m);
        m->created_recorded = true;
}

/* Operations of a device before the one that failed are done; both lists are in the order of devices. */
void record_outcomes(Manager *m) {
        const Plan *plan = executor_plan(m->executor);
        const Outcome *outcomes, *o;
        bool done = true;
        size_t n;

        outcomes = o = executor_outcomes(m->executor, &n);
        for (size_t i = 0; i < n; i++)
                if (outcomes[i].want != &plan_machine_want)
                        record_end(m, outcomes + i);

        for (size_t i = 0; i < plan->n; i++) {
                const PlanOp *op = plan->ops + i;

                if (op->want != o->want) {
                        o++;
                        done = true;
                }
                done = done && op != o->failed && !o->unfinished;
                if (done && owned_find(&m->owned, op->want->name))
                        record_done(m, op);
        }
}
