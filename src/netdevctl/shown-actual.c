/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the daemon would say if it ran and had just looked. It stopped at nothing and keeps no queue, so the
 * last error is what is in the way. */

#include <arpa/inet.h>
#include <limits.h>
#include <string.h>

#include "base/escape.h"
#include "plan/link-state.h"
#include "shown.h"

static int copy(char **to, const char *from) {
        *to = text_escape(from ?: "", PATH_MAX);
        return *to ? 0 : -ENOMEM;
}

static int copy_list(char ***to, char *const *from) {
        int r = 0;

        for (; r >= 0 && from && *from; from++)
                r = strv_consume(to, text_escape(*from, PATH_MAX));
        return r;
}

static int add_addresses(const Link *link, ShownDevice *d) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < link->n_addresses; i++) {
                const Address *a = link->addresses + i;
                char text[INET6_ADDRSTRLEN], *item;

                if (!inet_ntop(a->family, a->local, text, sizeof(text)))
                        continue;
                if (asprintf(&item, "%s/%u", text, a->prefixlen) < 0)
                        return -ENOMEM;
                r = strv_consume(&d->addresses, item);
        }
        return r;
}

static int add_link(const Link *link, ShownDevice *d) {
        d->ifindex = link->ifindex;
        d->mtu = link->mtu;
        d->hardware_address_length = link->address_length;
        memcpy(d->hardware_address, link->address, link->address_length);

        if (link->is_tun) {
                d->is_tuntap = true;
                d->multi_queue = link->tun.multi_queue;
                d->packet_info = link->tun.pi;
                d->vnet_header = link->tun.vnet_hdr;
                d->persist = link->tun.persist;
                d->owner_uid = link->tun.owner;
                d->group_gid = link->tun.group;
                d->active_queues = link->tun.num_queues;
                d->disabled_queues = link->tun.num_disabled_queues;
                d->consumer_attached = link_consumers(link, false) > 0;
        }
        return add_addresses(link, d);
}

static int add_states(const Link *link, ShownDevice *d) {
        int r = copy(&d->operational_state, operational_state_to_string(link_operational_state(link)));

        if (r >= 0)
                r = copy(&d->carrier_state,
                         operational_state_to_string(link ? link_carrier_state(link) : OPERATIONAL_OFF));
        if (r >= 0)
                r = copy(&d->address_state,
                         operational_state_to_string(link ? link_address_state(link) : OPERATIONAL_OFF));
        return r;
}

/* Without a link: as declared. */
static void add_declared(const Want *w, ShownDevice *d) {
        d->is_tuntap = true;
        d->multi_queue = w->device->multi_queue;
        d->packet_info = w->device->packet_info;
        d->vnet_header = w->device->vnet_header;
        d->owner_uid = w->owner;
        d->group_gid = w->group;
}

static int add_files(const Want *w, const Link *link, ShownDevice *d) {
        const char *description = w->device ? w->device->description : NULL;
        int r = 0;

        if (w->device) {
                d->keep_carrier = w->device->keep_carrier;
                r = copy_list(&d->config_files, w->device->files);
        }
        if (r >= 0 && w->network) {
                d->required_for_online = w->network->required_for_online;
                d->online_satisfied = link_is_online(link, w->network);
                r = copy_list(&d->network_files, w->network->files);
        }
        if (!description && w->network)
                description = w->network->description;
        free(d->description);
        return r < 0 ? r : copy(&d->description, description);
}

static int add_error(const PlanOp *op, ShownDevice *d) {
        int r;

        d->error = op->type == PLAN_ERROR ? ESRCH : op->type == PLAN_WAIT ? EBUSY : EEXIST;
        d->error_line = op->source ? op->source->line : 0;
        r = copy(&d->error_path, op->source ? op->source->path : NULL);
        return r < 0 ? r : copy(&d->error_text, op->text);
}

static int add_plan(const Plan *plan, ShownDevice *d) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->n; i++) {
                const PlanOp *op = plan->ops + i;
                _cleanup_(freep) char *detail = plan_op_detail(op);
                char name[PLAN_OP_NAME_MAX], *item;

                if (!detail || asprintf(&item, "%s %s", plan_op_name(op, name), detail) < 0)
                        return -ENOMEM;
                r = strv_consume(&d->drift, text_escape(item, PATH_MAX));
                free(item);
                if (r >= 0 && plan_op_is_finding(op->type) && !d->error_text)
                        r = add_error(op, d);
        }
        return r;
}

static AdministrativeState state_of(const Want *w, const Link *link, const OwnedLink *owned,
                                    const ShownDevice *d) {
        if (owned && owned->made && !(w && w->device))
                return ADMINISTRATIVE_ORPHANED;
        if (!w || w->released || (!w->device && !w->network))
                return ADMINISTRATIVE_UNMANAGED;
        if (d->error == ESRCH)
                return ADMINISTRATIVE_FAILED;
        if (d->error != 0)
                return ADMINISTRATIVE_BLOCKED;
        if (!link)
                return owned ? ADMINISTRATIVE_MISSING : ADMINISTRATIVE_PENDING;
        return d->drift ? ADMINISTRATIVE_DRIFTED : ADMINISTRATIVE_CONFIGURED;
}

static const char *kind_of(const Want *w, const Link *link) {
        if (w && w->device)
                return kind_to_string(w->device->kind);
        return link && link->is_tun ? (link->tun.tap ? "tap" : "tun") : "";
}

/* Of w, link and owned those that there are not are NULL. */
static int add_device(const Actual *a, const Want *w, const Link *link, const OwnedLink *owned, Shown *s) {
        const char *name = w ? w->name : owned ? owned->name : link->name;
        _cleanup_(plan_done) Plan plan = {};
        ShownDevice *d = shown_add(s);
        int r = d ? copy(&d->name, name) : -ENOMEM;

        if (r >= 0)
                r = copy(&d->kind, kind_of(w, link));
        if (r >= 0)
                r = add_states(link, d);
        if (r >= 0)
                r = copy(&d->description, NULL);
        if (r >= 0 && w)
                r = add_files(w, link, d);
        if (r >= 0 && w)
                r = actual_plan(a, w, &plan);
        if (r >= 0)
                r = add_plan(&plan, d);
        if (r >= 0 && link)
                r = add_link(link, d);
        else if (r >= 0 && w && w->device)
                add_declared(w, d);
        return r < 0 ? r
                     : copy(&d->administrative_state,
                            administrative_state_to_string(state_of(w, link, owned, d)));
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
