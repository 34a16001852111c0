/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which devices there are, and what is left to do for each: computed anew of the files, the snapshot and the
 * record whenever one of them changed. Nothing is done here. */

#include "devices.h"

#include <string.h>

#include "awaited.h"
#include "base/clock.h"
#include "broker.h"
#include "bus/bus.h"
#include "monitor.h"
#include "record.h"

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
        HASH_ADD_STR(m->devices, name, d);
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

int devices_sync(Manager *m, bool rejoined_only) {
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

int devices_look_changed(Manager *m, int ifindex, const char *before, const char *after) {
        const Link *link;
        Device *d;
        int r = 0;

        if (ifindex == 0)
                return devices_sync(m, false);

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

static bool looks_at_others(const Want *w) {
        return w && w->network && (w->master || w->network->bind_carrier || w->network->n_routes > 0);
}

static bool has_items(const Want *w) {
        const NetworkConfig *n = w ? w->network : NULL;

        return n && (n->n_routes > 0 || n->n_nexthops > 0 || n->n_rules > 0 || n->n_neighbors > 0 ||
                     n->n_proxy_ndp_addresses > 0 ||
                     given_value(&n->given, NETWORK_DEFAULT_ROUTE_ON_DEVICE).value);
}

int devices_look_again(Manager *m, bool items, bool dependents) {
        Device *d, *next;
        int r;

        r = items ? look_at_machine(m) : 0;
        HASH_ITER(hh, m->devices, d, next)
                if (r >= 0 && ((items && has_items(d->want)) || (dependents && looks_at_others(d->want))))
                        r = look(m, d);
        return r;
}

uint64_t devices_grace_end(const Manager *m) {
        const Device *d, *next;
        uint64_t first = UINT64_MAX;

        HASH_ITER(hh, m->devices, d, next)
                if (d->carrier_lost > 0 && grace_end(d) > now_usec() && grace_end(d) < first)
                        first = grace_end(d);
        return first;
}

void devices_end_grace(Manager *m) {
        Device *d, *next;

        HASH_ITER(hh, m->devices, d, next)
                if (d->carrier_lost > 0 && d->ifindex > 0)
                        monitor_mark(m, d->ifindex);
}
