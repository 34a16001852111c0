/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The driver's rules in short: only an idle device takes PI and VNET_HDR; a single-queue device has one
 * queue, which shows as its carrier; an owner cannot be cleared; carrier is raised by the first queue and
 * lost with the last. */

#include "fake-kernel.h"

#include <assert.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "fake-network.h"

#define MTU_DEFAULT 1500

void fake_kernel_done(FakeKernel *k) {
        free(k->calls);
        *k = (FakeKernel){};
}

static bool is_held(const FakeKernel *k, const char *name) {
        const OwnedLink *o = owned_find(k->owned, name);

        return o && o->held;
}

static int set_held(FakeKernel *k, const char *name, int ifindex, bool held) {
        OwnedLink *o = owned_find(k->owned, name);
        int r;

        if (!o) {
                r = owned_put(k->owned, name, ifindex, false);
                if (r < 0)
                        return r;
                o = owned_find(k->owned, name);
        }
        o->held = held;
        return 0;
}

static unsigned count_queues(const Link *link) {
        return link->tun.multi_queue ? link->tun.num_queues + link->tun.num_disabled_queues : link->carrier;
}

/* TUNSETIFF on a device that is there. */
static int attach(const FakeKernel *k, const PlanOp *op, Link *link) {
        const DeviceConfig *d = op->want->device;

        if (strcmp(link->name, op->want->name) != 0)
                return -ENODEV;
        if (!link->is_tun || link->tun.tap != (d->kind == KIND_TAP) ||
            link->tun.multi_queue != d->multi_queue)
                return -EINVAL;
        if (is_held(k, link->name) && op->type != PLAN_SET_FLAGS)
                return 0; /* no need: there is a queue */
        if (!link->tun.multi_queue && count_queues(link) > 0)
                return -EBUSY;

        if (count_queues(link) == 0) {
                link->tun.pi = d->packet_info;
                link->tun.vnet_hdr = d->vnet_header;
        }
        return 0;
}

static int hold(FakeKernel *k, Link *link) {
        if (is_held(k, link->name))
                return 0;
        if (count_queues(link) == 0)
                link->carrier = true;
        if (link->tun.multi_queue)
                link->tun.num_disabled_queues++;
        return set_held(k, link->name, link->ifindex, true);
}

/* Without its last queue a device that is not persistent goes: link is no longer valid then. */
static int let_go(FakeKernel *k, Link *link) {
        int r;

        if (!is_held(k, link->name))
                return -EBADF;
        if (link->tun.multi_queue)
                link->tun.num_disabled_queues--;
        if (!link->tun.multi_queue || count_queues(link) == 0)
                link->carrier = false;
        r = set_held(k, link->name, link->ifindex, false);
        if (r >= 0 && !link->tun.persist && count_queues(link) == 0)
                snapshot_remove(k->snapshot, link->ifindex);
        return r;
}

/* What netdevd records, since nobody can read it back. */
static int record_queue_values(FakeKernel *k, const PlanOp *op) {
        static const Setting settings[] = { SETTING_NAPI, SETTING_NAPI_FRAGS, SETTING_VNET_HEADER_BYTES };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(settings); i++) {
                const WantSetting *w = want_setting(op->want, settings[i]);

                if (op->type == PLAN_SET_FLAGS && settings[i] == SETTING_VNET_HEADER_BYTES)
                        continue;
                if (w)
                        r = owned_set(k->owned, op->want->name, settings[i], NULL, w->value);
                else
                        owned_unset(k->owned, op->want->name, settings[i]);
        }
        return r;
}

static int do_create(FakeKernel *k, const PlanOp *op, int *ifindex) {
        const DeviceConfig *d = op->want->device;
        int r, last = k->snapshot->n_links > 0 ? k->snapshot->by_index[k->snapshot->n_links - 1]->ifindex
                                               : 0;
        Link *link;

        if (snapshot_by_name(k->snapshot, op->want->name))
                return -EBUSY; /* IFF_TUN_EXCL */

        link = calloc(1, sizeof(Link));
        if (!link)
                return -ENOMEM;
        *link = (Link){
                .ifindex = last + 1,
                .kind = "tun",
                .mtu = MTU_DEFAULT,
                .arp_type = d->kind == KIND_TAP ? ARPHRD_ETHER : ARPHRD_NONE,
                .flags = IFF_MULTICAST | (d->kind == KIND_TAP ? IFF_BROADCAST : IFF_POINTOPOINT | IFF_NOARP),
                .is_tun = true,
                .tun = {
                        .tap = d->kind == KIND_TAP,
                        .multi_queue = d->multi_queue,
                        .pi = d->packet_info,
                        .vnet_hdr = d->vnet_header,
                        .persist = true,
                        .owner = op->want->owner,
                        .group = op->want->group,
                },
        };
        memcpy(link->name, op->want->name, strlen(op->want->name));
        if (link->tun.tap) {
                link->address_length = 6;
                memcpy(link->address, "\x02\x00\x00\x00\x00\x01", 6);
                if (want_setting(op->want, SETTING_MAC_ADDRESS))
                        setting_to_mac(want_setting(op->want, SETTING_MAC_ADDRESS)->value, link->address);
        }

        r = snapshot_put(k->snapshot, link);
        if (r >= 0)
                r = owned_put(k->owned, op->want->name, last + 1, true);
        if (r >= 0)
                r = record_queue_values(k, op);
        if (r >= 0)
                r = set_held(k, op->want->name, last + 1, false);
        if (r >= 0 && op->hold)
                r = hold(k, link);
        *ifindex = last + 1;
        return r;
}

static int do_rename(FakeKernel *k, const PlanOp *op, Link *link) {
        Link *renamed;

        if (strcmp(link->name, op->other_name) != 0)
                return -ENODEV;
        if (snapshot_by_name(k->snapshot, op->want->name))
                return -EEXIST;

        renamed = calloc(1, sizeof(Link));
        if (!renamed)
                return -ENOMEM;
        *renamed = *link;
        renamed->addresses = NULL;
        renamed->n_addresses = 0;
        renamed->port = NULL;
        renamed->altnames = NULL;
        for (size_t i = 0; i < link->n_addresses; i++)
                if (link_add_address(renamed, link->addresses + i) < 0) {
                        link_free(renamed);
                        return -ENOMEM;
                }
        renamed->port = TAKE_PTR(link->port);
        memset(renamed->name, 0, sizeof(renamed->name));
        memcpy(renamed->name, op->want->name, strlen(op->want->name));
        return snapshot_put(k->snapshot, renamed);
}

static int do_set_flags(FakeKernel *k, const PlanOp *op, Link *link) {
        const DeviceConfig *d = op->want->device;
        int r;

        if (op->hold != is_held(k, link->name))
                return -EBADF; /* the plan knows best whether one is held */
        r = op->hold ? let_go(k, link) : 0;
        if (r >= 0)
                r = snapshot_by_name(k->snapshot, op->want->name) ? attach(k, op, link) : -ENODEV;
        if (r < 0)
                return r;
        if (link->tun.pi != d->packet_info || link->tun.vnet_hdr != d->vnet_header)
                return -EBUSY;
        r = owned_find(k->owned, op->want->name) ? record_queue_values(k, op) : 0;
        return r < 0 || !op->hold ? r : hold(k, link);
}

static int do_set_id(FakeKernel *k, const PlanOp *op, Link *link, int64_t *field, int64_t id) {
        int r = attach(k, op, link);

        if (r < 0)
                return r;
        if (id < 0)
                return -EINVAL;
        *field = id;
        return 0;
}

static int do_set_persist(FakeKernel *k, const PlanOp *op, Link *link) {
        int r = attach(k, op, link);

        if (r >= 0)
                link->tun.persist = true;
        return r;
}

static int do_hold(FakeKernel *k, const PlanOp *op, Link *link) {
        const DeviceConfig *d = op->want->device;
        int r = attach(k, op, link);

        if (r < 0)
                return r;
        if (link->tun.pi != d->packet_info || link->tun.vnet_hdr != d->vnet_header)
                return -EBUSY; /* it would be held with the wrong ones */
        return hold(k, link);
}

static int do_raise_carrier(FakeKernel *k, Link *link) {
        if (!is_held(k, link->name))
                return -EPERM;
        link->carrier = true;
        return 0;
}

static int do_delete(FakeKernel *k, const Link *link, int *ifindex) {
        fake_drop_items(k->snapshot, link->ifindex);
        snapshot_remove(k->snapshot, link->ifindex);
        *ifindex = 0;
        return 0;
}

static int apply(FakeKernel *k, const PlanOp *op, int *ifindex) {
        Link *link = *ifindex > 0 ? snapshot_by_index(k->snapshot, *ifindex) : NULL;

        if (plan_op_stage(op) == PLAN_STAGE_ROUTES && (link || op->want == &plan_machine_want))
                return fake_item(k, op, link);
        if (!link && op->type != PLAN_CREATE)
                return -ENODEV;

        switch (op->type) {
        case PLAN_ERROR:
        case PLAN_CONFLICT:
        case PLAN_WAIT: return -EINVAL; /* nothing to execute */
        case PLAN_DELETE: return do_delete(k, link, ifindex);
        case PLAN_CREATE: return do_create(k, op, ifindex);
        case PLAN_RENAME: return do_rename(k, op, link);
        case PLAN_SET_FLAGS: return do_set_flags(k, op, link);
        case PLAN_SET_OWNER: return do_set_id(k, op, link, &link->tun.owner, op->want->owner);
        case PLAN_SET_GROUP: return do_set_id(k, op, link, &link->tun.group, op->want->group);
        case PLAN_SET_PERSIST: return do_set_persist(k, op, link);
        case PLAN_HOLD: return do_hold(k, op, link);
        case PLAN_RELEASE: return let_go(k, link);
        case PLAN_RAISE_CARRIER: return do_raise_carrier(k, link);
        case PLAN_SET_VNET_HEADER_BYTES:
                return owned_set(k->owned, op->want->name, op->setting, NULL, op->revert ? 0 : op->value);
        case PLAN_SET: return fake_set(k, op, link);
        case PLAN_REMOVE_VLANS:
        case PLAN_ADD_VLANS: return fake_vlans(op, link);
        case PLAN_SET_UP: fake_set_up(link); return 0;
        case PLAN_SET_DOWN: fake_set_down(k->snapshot, link); return 0;
        case PLAN_REMOVE_ADDRESS:
        case PLAN_ADD_ADDRESS:
        case PLAN_CHANGE_ADDRESS: return fake_address(op, link);
        case PLAN_REMOVE_RULE:
        case PLAN_REMOVE_ROUTE:
        case PLAN_REMOVE_NEXTHOP:
        case PLAN_REMOVE_NEIGHBOR:
        case PLAN_ADD_NEIGHBOR:
        case PLAN_ADD_NEXTHOP:
        case PLAN_ADD_ROUTE:
        case PLAN_ADD_RULE: return -ENODEV;
        }
        return -EINVAL;
}

static bool is_faulty(const FakeKernel *k, const PlanOp *op) {
        const FakeFault *f = &k->fault;

        if (f->error == 0)
                return false;
        if (f->nth > 0)
                return f->nth == k->n_calls;
        return f->type == op->type && (f->type != PLAN_SET || f->setting == op->setting) &&
               (!f->device || strcmp(f->device, op->want->name) == 0);
}

int fake_kernel_apply(FakeKernel *k, const PlanOp *op, int *ifindex) {
        FakeCall call = { .type = op->type, .setting = op->setting, .ifindex = *ifindex, .batch = k->batch };
        int r;

        assert(strlen(op->want->name) < sizeof(call.device));

        r = ARRAY_RESERVE_ONE(k->calls, k->n_calls);
        if (r < 0)
                return r;
        memcpy(call.device, op->want->name, strlen(op->want->name));
        k->calls[k->n_calls++] = call;

        r = is_faulty(k, op) ? k->fault.error : apply(k, op, ifindex);
        k->calls[k->n_calls - 1].error = r;
        return r;
}
