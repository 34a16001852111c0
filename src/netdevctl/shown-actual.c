/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the daemon would say if it ran and had just looked. It stopped at nothing and keeps no queue, so the
 * last error is what is in the way. */

#include <limits.h>

#include "base/escape.h"
#include "shown.h"

static int copy(char **to, const char *from) {
        *to = text_escape(from ?: "", PATH_MAX);
        return *to ? 0 : -ENOMEM;
}

static AdministrativeState state_of(const Want *w, const Link *link, const OwnedLink *owned,
                                    const Plan *plan) {
        const PlanOp *finding = status_finding(plan);

        if (owned && owned->made && !(w && w->device))
                return ADMINISTRATIVE_ORPHANED;
        if (!w || w->released || (!w->device && !w->network))
                return ADMINISTRATIVE_UNMANAGED;
        if (finding)
                return finding->type == PLAN_ERROR ? ADMINISTRATIVE_FAILED : ADMINISTRATIVE_BLOCKED;
        if (!link)
                return owned ? ADMINISTRATIVE_MISSING : ADMINISTRATIVE_PENDING;
        return plan->n > 0 ? ADMINISTRATIVE_DRIFTED : ADMINISTRATIVE_CONFIGURED;
}

/* Of w, link and owned those that there are not are NULL. */
static int add_device(const Actual *a, const Want *w, const Link *link, const OwnedLink *owned, Shown *s) {
        const char *name = w ? w->name : owned ? owned->name : link->name;
        _cleanup_(plan_done) Plan plan = {};
        StatusSource from = { .name = name, .want = w, .link = link, .plan = &plan };
        Status *d = shown_add(s);
        int r = d ? 0 : -ENOMEM;

        if (r >= 0 && w)
                r = actual_plan(a, w, &plan);
        if (r < 0)
                return r;
        from.state = state_of(w, link, owned, &plan);
        return status_derive(&from, d);
}

static int add_devices(const Actual *a, Shown *s) {
        _cleanup_(freep) bool *done = calloc(a->snapshot->n_links + 1, sizeof(bool));
        int r = done ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < a->wants.n; i++) {
                const Want *w = a->wants.items + i;
                const Link *link = plan_find_link(w, a->snapshot, &a->owned);

                for (size_t k = 0; link && k < a->snapshot->n_links; k++)
                        done[k] = done[k] || a->snapshot->by_name[k] == link;
                if (w->device || link)
                        r = add_device(a, w, link && link->is_tun ? link : NULL,
                                       owned_find(&a->owned, w->name), s);
        }
        for (size_t i = 0; r >= 0 && i < a->snapshot->n_links; i++) {
                const Link *link = a->snapshot->by_name[i];
                const OwnedLink *o = owned_find(&a->owned, link->name);

                if (!done[i] && link->is_tun)
                        r = add_device(a, NULL, link, o && o->ifindex == link->ifindex ? o : NULL, s);
        }
        return r;
}

static int add_problems(const Diagnostics *diag, Shown *s) {
        for (size_t i = 0; i < diag->n; i++) {
                const Diagnostic *d = diag->items + i;
                ShownProblem *p;

                if (ARRAY_RESERVE_ONE(s->problems, s->n_problems) < 0)
                        return -ENOMEM;
                p = s->problems + s->n_problems++;
                *p = (ShownProblem){ .line = d->line, .text = diag_message(d) };
                if (!p->text || copy(&p->path, d->path) < 0 ||
                    copy(&p->severity, severity_to_string(d->severity)) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* As the daemon sums it up. */
static int add_summary(const Actual *a, Shown *s) {
        OperationalState most = OPERATIONAL_OFF;
        unsigned online = 0, offline = 0;
        int r;

        for (size_t i = 0; i < a->snapshot->n_links; i++) {
                const Link *link = a->snapshot->by_index[i];

                if (!(link->flags & IFF_LOOPBACK) && link_operational_state(link) > most)
                        most = link_operational_state(link);
        }
        for (size_t i = 0; i < s->n_devices; i++)
                if (s->devices[i].required_for_online)
                        *(s->devices[i].online_satisfied ? &online : &offline) += 1;

        r = copy(&s->operational_state, operational_state_to_string(most));
        return r < 0 ? r
                     : copy(&s->online_state, online == 0   ? (offline > 0 ? "offline" : "")
                                              : offline > 0 ? "partial"
                                                            : "online");
}

int shown_read_actual(const Options *options, Shown *s) {
        _cleanup_(actual_done) Actual a = {};
        int r = actual_read(options, &a);

        if (r < 0)
                return r;
        ctl_note(a.daemon_runs ? "netdevctl: netdevd runs, but cannot be asked on the bus: this is what "
                                 "files "
                                 "and kernel say"
                               : "netdevctl: netdevd does not run: this is what files and kernel say");

        diag_sort(&a.diagnostics);
        r = add_devices(&a, s);
        if (r >= 0)
                r = add_problems(&a.diagnostics, s);
        if (r >= 0)
                r = add_summary(&a, s);
        if (r < 0)
                (void) ctl_error(r, "cannot compute how the devices are");
        return r;
}
