/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What needs a queue of an existing device: its flags, owner, persistence, and the queue that is kept. Pure.
 */

#include <inttypes.h>

#include "plan-internal.h"

#define VNET_HEADER_BYTES_DEFAULT 10

static bool flags_fit(const Planner *p) {
        return p->link->tun.pi == p->want->device->packet_info &&
               p->link->tun.vnet_hdr == p->want->device->vnet_header;
}

/* A value of the queues that the kernel does not show: what was recorded counts. */
static uint64_t recorded(const Planner *p, Setting s) {
        const OwnedSetting *o = owned_setting(p->owned, s);

        return o ? o->value : 0;
}

static uint64_t wanted(const Planner *p, Setting s) {
        const WantSetting *w = want_setting(p->want, s);

        return w ? w->value : 0;
}

/* One that no file asks for any more is kept while some file could not be loaded. */
static bool is_as_recorded(const Planner *p, Setting s) {
        return recorded(p, s) == wanted(p, s) || (!want_setting(p->want, s) && !p->may_remove);
}

static bool napi_fits(const Planner *p) {
        return is_as_recorded(p, SETTING_NAPI) && is_as_recorded(p, SETTING_NAPI_FRAGS);
}

static const Source *flags_source(const Planner *p) {
        const DeviceConfig *d = p->want->device;

        if (p->link->tun.pi != d->packet_info)
                return plan_source(p->want, DEVICE_PACKET_INFO);
        return plan_source(p->want,
                           p->link->tun.vnet_hdr != d->vnet_header ? DEVICE_VNET_HEADER : DEVICE_NAPI);
}

/* PI, VNET_HDR and NAPI belong to whoever attaches first to an idle device; while any queue exists they
 * cannot change. */
static int plan_flags(const Planner *p) {
        const DeviceConfig *d = p->want->device;
        const TunInfo *tun = &p->link->tun;

        if (flags_fit(p) && napi_fits(p))
                return 0;

        if (p->in_use && flags_fit(p))
                return plan_find(p, PLAN_WAIT, flags_source(p),
                                 "a program holds the device; NAPI= has to wait until it lets go");
        if (p->in_use)
                return plan_find(p, PLAN_WAIT, flags_source(p),
                                 "a program holds the device with PacketInfo=%s, VNetHeader=%s; that they "
                                 "are "
                                 "to be %s and %s has to wait until it lets go",
                                 tun->pi ? "yes" : "no", tun->vnet_hdr ? "yes" : "no",
                                 d->packet_info ? "yes" : "no", d->vnet_header ? "yes" : "no");

        return plan_add(p, (PlanOp){ .type = PLAN_SET_FLAGS, .hold = p->held, .source = flags_source(p) });
}

/* The header size outlives every queue, and any queue can set it; a program in mid-flight would read its
 * packets wrongly. */
static int plan_vnet_header_bytes(const Planner *p) {
        uint64_t value = wanted(p, SETTING_VNET_HEADER_BYTES);

        if (is_as_recorded(p, SETTING_VNET_HEADER_BYTES))
                return 0;
        if (p->in_use)
                return plan_find(
                                p, PLAN_WAIT, plan_source(p->want, DEVICE_VNET_HEADER_BYTES),
                                "a program holds the device; VNetHeaderBytes= has to wait until it lets go");
        return plan_add(p, (PlanOp){ .type = PLAN_SET_VNET_HEADER_BYTES,
                                     .setting = SETTING_VNET_HEADER_BYTES,
                                     .value = value > 0 ? value : VNET_HEADER_BYTES_DEFAULT,
                                     .revert = value == 0,
                                     .source = plan_source(p->want, DEVICE_VNET_HEADER_BYTES) });
}

/* The kernel can set an owner but never clear one. */
static int plan_clear_owner(const Planner *p, const char *what, int64_t have, DeviceKey key) {
        return plan_find(p, PLAN_CONFLICT, plan_source(p->want, key),
                         "has %s %" PRIi64 ", none is wanted, and the kernel cannot clear it: 'netdevctl "
                         "reconfigure --recreate "
                         "%s' makes the device anew, or Recreate=yes; the program behind it loses it",
                         what, have, p->want->name);
}

static int plan_owner(const Planner *p) {
        const Want *w = p->want;
        const TunInfo *tun = &p->link->tun;
        int r = 0;

        if (w->owner < 0 && tun->owner >= 0)
                r = plan_clear_owner(p, "owner", tun->owner, DEVICE_USER);
        else if (w->owner != tun->owner)
                r = plan_add(p, (PlanOp){ .type = PLAN_SET_OWNER, .source = plan_source(w, DEVICE_USER) });
        if (r < 0)
                return r;

        if (w->group < 0 && tun->group >= 0)
                return plan_clear_owner(p, "group", tun->group, DEVICE_GROUP);
        if (w->group != tun->group)
                return plan_add(p,
                                (PlanOp){ .type = PLAN_SET_GROUP, .source = plan_source(w, DEVICE_GROUP) });
        return 0;
}

static int plan_persist(const Planner *p) {
        if (p->link->tun.persist)
                return 0;
        return plan_add(p,
                        (PlanOp){ .type = PLAN_SET_PERSIST, .source = plan_source(p->want, DEVICE_NAME) });
}

/* Only a holder can raise the carrier that a program left off, and the same detaches the held queue, should
 * it ever be found attached. A program that is still there may mean it, unless the file says otherwise; and
 * while all its queues are detached the kernel would refuse. */
static bool is_carrier_put_off(const Planner *p) {
        const TunInfo *tun = &p->link->tun;

        if (!p->in_use)
                return !p->link->carrier || tun->num_queues > 0;
        return p->want->enforce && !p->link->carrier && (tun->num_queues > 0 || !tun->multi_queue);
}

static int plan_hold(const Planner *p) {
        const Source *source = plan_source(p->want, DEVICE_KEEP_CARRIER);
        bool keep = p->want->device->keep_carrier;

        if (!keep && p->held)
                return plan_add(p, (PlanOp){ .type = PLAN_RELEASE, .source = source });
        /* Not while a program's flags are the wrong ones: a queue held then would keep them when it goes. */
        if (keep && !p->held && p->options.may_hold && (flags_fit(p) || !p->in_use))
                return plan_add(p, (PlanOp){ .type = PLAN_HOLD, .source = source });
        if (keep && p->held && is_carrier_put_off(p))
                return plan_add(p, (PlanOp){ .type = PLAN_RAISE_CARRIER,
                                             .beside_program = p->in_use,
                                             .source = source });
        return 0;
}

/* All that needs a queue of the device. The only queue of a single-queue device may be taken: then it waits.
 */
int plan_queue(const Planner *p) {
        size_t first = p->plan->n, kept = first;
        bool waits = false;
        int r;

        /* Persistent first: a held queue that is given up may be what the device lives by. */
        r = plan_persist(p);
        if (r >= 0)
                r = plan_flags(p);
        if (r >= 0)
                r = plan_owner(p);
        if (r >= 0)
                r = plan_vnet_header_bytes(p);
        if (r >= 0)
                r = plan_hold(p);
        if (r < 0 || p->link->tun.multi_queue || p->held || !p->in_use)
                return r;

        for (size_t i = first; i < p->plan->n; i++)
                if (plan_op_is_finding(p->plan->ops[i].type))
                        p->plan->ops[kept++] = p->plan->ops[i];
                else
                        waits = true; /* these own nothing */
        p->plan->n = kept;

        if (!waits)
                return 0;
        return plan_find(
                        p, PLAN_WAIT, plan_source(p->want, DEVICE_NAME),
                        "a program holds the only queue; owner, group, persistence and KeepCarrier= have to "
                        "wait until it lets "
                        "go");
}
