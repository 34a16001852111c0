/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Derivations only; what there is to a status is in status-properties.c. */

#include "status.h"

#include <arpa/inet.h>
#include <limits.h>
#include <string.h>

#include "base/array.h"
#include "base/escape.h"

/* Names of links and files may be any bytes; what is no UTF-8 would break every message it is in. */
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

static int derive_addresses(const Link *link, Status *s) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < link->n_addresses; i++) {
                const Address *a = link->addresses + i;
                char text[INET6_ADDRSTRLEN], *item;

                if (!inet_ntop(a->family, a->local, text, sizeof(text)))
                        continue;
                if (asprintf(&item, "%s/%u", text, a->prefixlen) < 0)
                        return -ENOMEM;
                r = strv_consume(&s->addresses, item);
        }
        return r;
}

static int derive_link(const StatusSource *from, Status *s) {
        const Link *link = from->link;

        s->ifindex = link->ifindex;
        s->mtu = link->mtu;
        s->hardware_address_length = link->address_length;
        memcpy(s->hardware_address, link->address, link->address_length);

        if (link->is_tun) {
                s->is_tuntap = true;
                s->multi_queue = link->tun.multi_queue;
                s->packet_info = link->tun.pi;
                s->vnet_header = link->tun.vnet_hdr;
                s->persist = link->tun.persist;
                s->owner_uid = link->tun.owner;
                s->group_gid = link->tun.group;
                s->active_queues = link->tun.num_queues;
                s->disabled_queues = link->tun.num_disabled_queues;
                s->consumer_attached = link_consumers(link, from->held) > 0;
        }
        return derive_addresses(link, s);
}

/* A link whose only queue we hold has carrier by us: a lease tells of the program behind it. */
static int derive_leases(const StatusSource *from, Status *s) {
        for (size_t i = 0; i < from->n_leases; i++) {
                const StatusLease *l = from->leases + i;
                int r = ARRAY_RESERVE_ONE(s->leases, s->n_leases);

                if (r < 0)
                        return r;
                s->leases[s->n_leases] = (StatusLease){ .pid = l->pid, .uid = l->uid };
                r = copy(&s->leases[s->n_leases].unit, l->unit);
                if (r < 0)
                        return r;
                s->n_leases++;
        }
        if (from->held && !from->link->tun.multi_queue)
                s->consumer_attached = s->n_leases > 0;
        return 0;
}

static void derive_online(const NetworkConfig *network, const Link *link, Status *s) {
        s->required_for_online = network && network->required_for_online;
        s->online_satisfied = network && link_is_online(link, network);
}

/* Without a link: as declared. */
static void derive_declared(const Want *w, Status *s) {
        s->is_tuntap = true;
        s->multi_queue = w->device->multi_queue;
        s->packet_info = w->device->packet_info;
        s->vnet_header = w->device->vnet_header;
        s->owner_uid = w->owner;
        s->group_gid = w->group;
}

static const char *kind_of(const Want *w, const Link *link) {
        if (w && w->device)
                return kind_to_string(w->device->kind);
        return link && link->is_tun ? (link->tun.tap ? "tap" : "tun") : "";
}

static int derive_want(const Want *w, Status *s) {
        int r = 0;

        if (w->device) {
                s->keep_carrier = w->device->keep_carrier;
                r = copy_list(&s->config_files, w->device->files);
        }
        if (r >= 0 && w->network)
                r = copy_list(&s->network_files, w->network->files);
        return r;
}

static const char *description_of(const Want *w) {
        if (w && w->device && w->device->description)
                return w->device->description;
        return w && w->network ? w->network->description : NULL;
}

static int add_drift(const PlanOp *op, Status *s) {
        _cleanup_(freep) char *detail = plan_op_detail(op), *line = NULL;
        char name[PLAN_OP_NAME_MAX];

        if (detail && asprintf(&line, "%s %s", plan_op_name(op, name), detail) < 0)
                line = NULL;
        return line ? strv_consume(&s->drift, text_escape(line, PATH_MAX)) : -ENOMEM;
}

static int derive_drift(const Plan *plan, Status *s) {
        size_t shown = plan->n > STATUS_DRIFT_MAX ? STATUS_DRIFT_MAX : plan->n;
        char *rest = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < shown; i++)
                r = add_drift(plan->ops + i, s);
        if (r < 0 || shown == plan->n)
                return r;
        return asprintf(&rest, "and %zu more", plan->n - shown) < 0 ? -ENOMEM
                                                                    : strv_consume(&s->drift, rest);
}

const PlanOp *status_finding(const Plan *plan) {
        for (size_t i = 0; i < plan->n; i++)
                if (plan_op_is_finding(plan->ops[i].type))
                        return plan->ops + i;
        return NULL;
}

/* What it stopped at, or else what stands in its way. */
static int derive_error(const StatusSource *from, Status *s) {
        const PlanOp *finding = status_finding(from->plan);
        int r;

        if (from->error != 0 || !finding) {
                s->error = from->error;
                s->error_line = from->error_line;
                r = copy(&s->error_path, from->error_path);
                return r < 0 ? r : copy(&s->error_text, from->error_text);
        }

        s->error = finding->type == PLAN_ERROR ? ESRCH : finding->type == PLAN_WAIT ? EBUSY : EEXIST;
        s->error_line = finding->source ? finding->source->line : 0;
        r = copy(&s->error_path, finding->source ? finding->source->path : NULL);
        return r < 0 ? r : copy(&s->error_text, finding->text);
}

static int derive_states(const StatusSource *from, Status *s) {
        const Link *link = from->link;
        int r;

        r = copy(&s->administrative_state, administrative_state_to_string(from->state));
        if (r >= 0)
                r = copy(&s->operational_state, operational_state_to_string(link_operational_state(link)));
        if (r >= 0)
                r = copy(&s->carrier_state,
                         operational_state_to_string(link ? link_carrier_state(link) : OPERATIONAL_OFF));
        if (r >= 0)
                r = copy(&s->address_state,
                         operational_state_to_string(link ? link_address_state(link) : OPERATIONAL_OFF));
        return r;
}

int status_derive(const StatusSource *from, Status *ret) {
        _cleanup_(status_done) Status s = { .owner_uid = -1, .group_gid = -1, .carrier_held = from->held };
        const Link *link = from->link;
        const Want *want = from->want;
        int r;

        r = copy(&s.name, from->name);
        if (r >= 0)
                r = copy(&s.kind, kind_of(want, link));
        if (r >= 0)
                r = copy(&s.description, description_of(want));
        if (r >= 0)
                r = derive_states(from, &s);
        if (r >= 0 && want)
                r = derive_want(want, &s);
        if (r >= 0)
                r = derive_drift(from->plan, &s);
        if (r >= 0)
                r = derive_error(from, &s);
        if (r >= 0 && link)
                r = derive_link(from, &s);
        else if (r >= 0 && want && want->device)
                derive_declared(want, &s);
        if (r >= 0 && link && link->is_tun)
                r = derive_leases(from, &s);
        if (r >= 0)
                derive_online(want ? want->network : NULL, link, &s);
        if (r < 0)
                return r;

        *ret = s;
        s = (Status){};
        return 0;
}
