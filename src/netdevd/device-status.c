/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a device says of itself: only the daemon knows what it is about to do, and whom it handed queues. */

#include "base/array.h"
#include "device.h"

/* A carrier that was left off is raised at once: no state of the device, lest programs that come and go make
 * it flicker. What is awaited is no drift. */
static bool has_drift(const Device *d) {
        for (size_t i = 0; i < d->plan.n; i++)
                if ((d->plan.ops[i].type != PLAN_RAISE_CARRIER || d->plan.ops[i].beside_program) &&
                    d->plan.ops[i].awaits == PLAN_AWAITS_NOTHING)
                        return true;
        return false;
}

static bool awaits_something(const Device *d) {
        for (size_t i = 0; i < d->plan.n; i++)
                if (d->plan.ops[i].awaits != PLAN_AWAITS_NOTHING)
                        return true;
        return false;
}

AdministrativeState device_administrative_state(const Device *d, const Link *link) {
        if (d->made && !(d->want && d->want->device) && !d->applying)
                return ADMINISTRATIVE_ORPHANED;
        if (!d->want || d->want->released || (!d->want->device && !d->want->network))
                return ADMINISTRATIVE_UNMANAGED;
        if (!d->looked)
                return ADMINISTRATIVE_PENDING;
        if (d->error == EBUSY)
                return ADMINISTRATIVE_BLOCKED;
        if (d->error != 0 || device_has_finding(d, PLAN_ERROR))
                return ADMINISTRATIVE_FAILED;
        if (d->applying || (d->pending && device_has_work(d)))
                return ADMINISTRATIVE_CONFIGURING;
        /* What others changed on a configured device is drift, whatever it is: nothing waits to put it
         * right. */
        if (d->pending && (device_has_finding(d, PLAN_CONFLICT) || device_has_finding(d, PLAN_WAIT)))
                return ADMINISTRATIVE_BLOCKED;
        if (!link)
                return d->seen ? ADMINISTRATIVE_MISSING : ADMINISTRATIVE_PENDING;
        if (has_drift(d))
                return ADMINISTRATIVE_DRIFTED;
        return awaits_something(d) ? ADMINISTRATIVE_BLOCKED : ADMINISTRATIVE_CONFIGURED;
}

int device_status(const Device *d, const Link *link, bool held, Status *ret) {
        StatusSource from = {
                .name = d->name,
                .want = d->want,
                .link = link,
                .plan = &d->plan,
                .state = device_administrative_state(d, link),
                .held = held,
                .error = d->error,
                .error_path = d->error_path,
                .error_line = d->error_line,
                .error_text = d->error_text,
        };
        _cleanup_(freep) StatusLease *leases = NULL;

        for (const Lease *l = d->leases; l; l = l->next) {
                if (!link || l->ifindex != link->ifindex)
                        continue;
                if (ARRAY_RESERVE_ONE(leases, from.n_leases) < 0)
                        return -ENOMEM;
                leases[from.n_leases++] = (StatusLease){ l->pid, l->uid, l->unit };
        }
        from.leases = leases;
        return status_derive(&from, ret);
}
