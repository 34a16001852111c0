/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Derivations, and one table that says which property stands where, so that comparing them cannot forget
 * one. */

#include "status.h"

#include <arpa/inet.h>
#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/array.h"
#include "base/escape.h"
#include "device.h"

/* A carrier that was left off is raised at once: no state of the device, lest programs make it flicker. What
 * is awaited is no drift. */
static bool has_drift(const Device *d) {
        for (size_t i = 0; i < d->plan.n; i++)
                if (d->plan.ops[i].type != PLAN_RAISE_CARRIER &&
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

void status_done(Status *s) {
        free(s->name);
        free(s->kind);
        free(s->description);
        free(s->administrative_state);
        free(s->operational_state);
        free(s->carrier_state);
        free(s->address_state);
        strv_free(s->addresses);
        strv_free(s->config_files);
        strv_free(s->network_files);
        strv_free(s->drift);
        free(s->error_path);
        free(s->error_text);
        for (size_t i = 0; i < s->n_leases; i++)
                free(s->leases[i].unit);
        free(s->leases);
        *s = (Status){};
}

char *status_error(const Status *s) {
        char *text = NULL;
        int n;

        if (!s->error_path || !s->error_path[0])
                n = asprintf(&text, "%s", s->error_text ?: "");
        else if (s->error_line == 0)
                n = asprintf(&text, "%s: %s", s->error_path, s->error_text ?: "");
        else
                n = asprintf(&text, "%s:%u: %s", s->error_path, s->error_line, s->error_text ?: "");
        return n < 0 ? NULL : text;
}

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

static int derive_link(const Link *link, bool held, Status *s) {
        s->ifindex = link->ifindex;
        s->mtu = link->mtu;
        s->hardware_address_length = link->address_length;
        memcpy(s->hardware_address, link->address, link->address_length);

        if (link->is_tun) {
                s->multi_queue = link->tun.multi_queue;
                s->packet_info = link->tun.pi;
                s->vnet_header = link->tun.vnet_hdr;
                s->persist = link->tun.persist;
                s->owner_uid = link->tun.owner;
                s->group_gid = link->tun.group;
                s->active_queues = link->tun.num_queues;
                s->disabled_queues = link->tun.num_disabled_queues;
                s->consumer_attached = link_consumers(link, held) > 0;
        }
        return derive_addresses(link, s);
}

/* A link whose only queue we hold has carrier by us: a lease tells of the program behind it. */
static int derive_leases(const Device *d, const Link *link, bool held, Status *s) {
        int r;

        for (const Lease *l = d->leases; l; l = l->next) {
                if (l->ifindex != link->ifindex)
                        continue;
                r = ARRAY_RESERVE_ONE(s->leases, s->n_leases);
                if (r < 0)
                        return r;
                s->leases[s->n_leases] = (StatusLease){ .pid = l->pid, .uid = l->uid };
                r = copy(&s->leases[s->n_leases].unit, l->unit);
                if (r < 0)
                        return r;
                s->n_leases++;
        }
        if (held && !link->tun.multi_queue)
                s->consumer_attached = s->n_leases > 0;
        return 0;
}

static void derive_online(const NetworkConfig *network, const Link *link, Status *s) {
        s->required_for_online = network && network->required_for_online;
        s->online_satisfied = network && link_is_online(link, network);
}

/* Without a link: as declared. */
static void derive_declared(const Want *w, Status *s) {
        s->multi_queue = w->device->multi_queue;
        s->packet_info = w->device->packet_info;
        s->vnet_header = w->device->vnet_header;
        s->owner_uid = w->owner;
        s->group_gid = w->group;
}

static const char *kind_of(const Device *d, const Link *link) {
        if (d->want && d->want->device)
                return kind_to_string(d->want->device->kind);
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

static int derive_drift(const Plan *plan, Status *s) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->n; i++) {
                _cleanup_(freep) char *detail = plan_op_detail(plan->ops + i);
                char name[PLAN_OP_NAME_MAX], *item;

                if (!detail || asprintf(&item, "%s %s", plan_op_name(plan->ops + i, name), detail) < 0)
                        return -ENOMEM;
                r = strv_consume(&s->drift, text_escape(item, PATH_MAX));
                free(item);
        }
        return r;
}

/* What it stopped at, or else what stands in its way. */
static int derive_error(const Device *d, Status *s) {
        const PlanOp *finding = NULL;
        int r;

        for (size_t i = 0; !finding && i < d->plan.n; i++)
                if (plan_op_is_finding(d->plan.ops[i].type))
                        finding = d->plan.ops + i;

        if (d->error != 0 || !finding) {
                s->error = d->error;
                s->error_line = d->error_line;
                r = copy(&s->error_path, d->error_path);
                return r < 0 ? r : copy(&s->error_text, d->error_text);
        }

        s->error = finding->type == PLAN_ERROR ? ESRCH : finding->type == PLAN_WAIT ? EBUSY : EEXIST;
        s->error_line = finding->source ? finding->source->line : 0;
        r = copy(&s->error_path, finding->source ? finding->source->path : NULL);
        return r < 0 ? r : copy(&s->error_text, finding->text);
}

int status_derive(const Device *d, const Link *link, bool held, Status *ret) {
        _cleanup_(status_done) Status s = { .owner_uid = -1, .group_gid = -1, .carrier_held = held };
        int r;

        r = copy(&s.name, d->name);
        if (r >= 0)
                r = copy(&s.kind, kind_of(d, link));
        if (r >= 0)
                r = copy(&s.description, description_of(d->want));
        if (r >= 0)
                r = copy(&s.administrative_state,
                         administrative_state_to_string(device_administrative_state(d, link)));
        if (r >= 0)
                r = copy(&s.operational_state, operational_state_to_string(link_operational_state(link)));
        if (r >= 0)
                r = copy(&s.carrier_state,
                         operational_state_to_string(link ? link_carrier_state(link) : OPERATIONAL_OFF));
        if (r >= 0)
                r = copy(&s.address_state,
                         operational_state_to_string(link ? link_address_state(link) : OPERATIONAL_OFF));
        if (r >= 0 && d->want)
                r = derive_want(d->want, &s);
        if (r >= 0)
                r = derive_drift(&d->plan, &s);
        if (r >= 0)
                r = derive_error(d, &s);
        if (r >= 0 && link)
                r = derive_link(link, held, &s);
        else if (r >= 0 && d->want && d->want->device)
                derive_declared(d->want, &s);
        if (r >= 0 && link && link->is_tun)
                r = derive_leases(d, link, held, &s);
        if (r >= 0)
                derive_online(d->want ? d->want->network : NULL, link, &s);
        if (r < 0)
                return r;

        *ret = s;
        s = (Status){};
        return 0;
}

typedef enum PropertyType {
        STRING,
        STRINGS,
        NUMBER,
        NUMBER64,
        BYTES,
        ERROR,
        LEASES
} PropertyType;

static const struct Property {
        const char *name;
        bool tuntap;
        PropertyType type;
        size_t offset;
} properties[] = {
        { "InterfaceIndex", false, NUMBER, offsetof(Status, ifindex) },
        { "Kind", false, STRING, offsetof(Status, kind) },
        { "Description", false, STRING, offsetof(Status, description) },
        { "AdministrativeState", false, STRING, offsetof(Status, administrative_state) },
        { "OperationalState", false, STRING, offsetof(Status, operational_state) },
        { "CarrierState", false, STRING, offsetof(Status, carrier_state) },
        { "AddressState", false, STRING, offsetof(Status, address_state) },
        { "MTU", false, NUMBER, offsetof(Status, mtu) },
        { "HardwareAddress", false, BYTES, 0 },
        { "Addresses", false, STRINGS, offsetof(Status, addresses) },
        { "ConfigFiles", false, STRINGS, offsetof(Status, config_files) },
        { "NetworkFiles", false, STRINGS, offsetof(Status, network_files) },
        { "Drift", false, STRINGS, offsetof(Status, drift) },
        { "LastError", false, ERROR, 0 },
        { "RequiredForOnline", false, NUMBER, offsetof(Status, required_for_online) },
        { "OnlineSatisfied", false, NUMBER, offsetof(Status, online_satisfied) },
        { "MultiQueue", true, NUMBER, offsetof(Status, multi_queue) },
        { "PacketInfo", true, NUMBER, offsetof(Status, packet_info) },
        { "VNetHeader", true, NUMBER, offsetof(Status, vnet_header) },
        { "Persist", true, NUMBER, offsetof(Status, persist) },
        { "OwnerUID", true, NUMBER64, offsetof(Status, owner_uid) },
        { "GroupGID", true, NUMBER64, offsetof(Status, group_gid) },
        { "KeepCarrier", true, NUMBER, offsetof(Status, keep_carrier) },
        { "CarrierHeld", true, NUMBER, offsetof(Status, carrier_held) },
        { "ActiveQueues", true, NUMBER, offsetof(Status, active_queues) },
        { "DisabledQueues", true, NUMBER, offsetof(Status, disabled_queues) },
        { "ConsumerAttached", true, NUMBER, offsetof(Status, consumer_attached) },
        { "Leases", true, LEASES, 0 },
};

static bool same_string(const char *a, const char *b) {
        return strcmp(a ?: "", b ?: "") == 0;
}

static bool same_leases(const Status *a, const Status *b) {
        if (a->n_leases != b->n_leases)
                return false;
        for (size_t i = 0; i < a->n_leases; i++)
                if (a->leases[i].pid != b->leases[i].pid || a->leases[i].uid != b->leases[i].uid ||
                    !same_string(a->leases[i].unit, b->leases[i].unit))
                        return false;
        return true;
}

static bool same(const struct Property *p, const Status *a, const Status *b) {
        const void *x = (const char *) a + p->offset, *y = (const char *) b + p->offset;

        switch (p->type) {
        case STRING: return same_string(*(char *const *) x, *(char *const *) y);
        case STRINGS: return strv_equal(*(char **const *) x, *(char **const *) y);
        case NUMBER: return *(const int32_t *) x == *(const int32_t *) y;
        case NUMBER64: return *(const int64_t *) x == *(const int64_t *) y;
        case BYTES:
                return a->hardware_address_length == b->hardware_address_length &&
                       memcmp(a->hardware_address, b->hardware_address, a->hardware_address_length) == 0;
        case LEASES: return same_leases(a, b);
        case ERROR:
                return a->error == b->error && a->error_line == b->error_line &&
                       same_string(a->error_path, b->error_path) &&
                       same_string(a->error_text, b->error_text);
        }
        return true;
}

void status_compare(const Status *a, const Status *b, const char **ret_device, const char **ret_tuntap) {
        static_assert(ELEMENTSOF(properties) < STATUS_PROPERTIES_MAX, "the lists have room for all");

        for (size_t i = 0; i < ELEMENTSOF(properties); i++) {
                if (same(properties + i, a, b))
                        continue;
                if (properties[i].tuntap)
                        *ret_tuntap++ = properties[i].name;
                else
                        *ret_device++ = properties[i].name;
        }
        *ret_device = *ret_tuntap = NULL;
}
