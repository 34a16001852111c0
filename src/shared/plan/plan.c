/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The differ. Pure: no system call, no clock, no log, no allocation but the plan; a test reads the symbols
 * of this file. Equal inputs give an equal plan, and applying it gives an empty one. What is right already
 * is not touched: some of these operations make events or rewrite flags even when they change nothing. */

#include "plan.h"

#include <inttypes.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <string.h>

void plan_done(Plan *plan) {
        for (size_t i = 0; i < plan->n; i++)
                free(plan->ops[i].text);
        free(plan->ops);
        *plan = (Plan){};
}

/* Everything the planning of one device looks at. */
typedef struct Planner {
        const Want *want;
        const Link *link; /* NULL: not there; also while a link of it is to be made anew */
        bool held;
        bool in_use; /* programs are behind it */
        bool may_remove;
        PlanOptions options;
        Plan *plan;
} Planner;

static int add(const Planner *p, PlanOp op) {
        int r = ARRAY_RESERVE_ONE(p->plan->ops, p->plan->n);

        if (r < 0) {
                free(op.text);
                return r;
        }

        op.want = p->want;
        op.ifindex = p->link ? p->link->ifindex : 0;
        p->plan->ops[p->plan->n++] = op;
        return 0;
}

static _printf_(4, 5) int find(const Planner *p, PlanOpType type, const Source *source, const char *format,
                               ...) {
        PlanOp op = { .type = type, .source = source };
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&op.text, format, ap);
        va_end(ap);
        return n < 0 ? -ENOMEM : add(p, op);
}

static const Source *source_of(const Want *w, DeviceKey key) {
        /* A default is wanted by the file as a whole, and there by the line of its name. */
        return w->device->sources[key].path ? w->device->sources + key : w->device->sources + DEVICE_NAME;
}

unsigned link_consumers(const Link *link, bool held) {
        unsigned queues = link->tun.num_queues + link->tun.num_disabled_queues;

        if (!link->is_tun)
                return 0;
        if (!link->tun.multi_queue)
                return link->carrier && !held;
        return queues > held ? queues - held : 0;
}

/* Whether the record has this link under some name. */
static bool is_recorded(const Owned *owned, const Link *link) {
        for (size_t i = 0; i < owned->n; i++)
                if (owned->items[i].ifindex == link->ifindex)
                        return true;
        return false;
}

const Link *plan_find_link(const Want *want, const Snapshot *snapshot, const Owned *owned) {
        const OwnedLink *o = owned_find(owned, want->name);
        const Link *link = snapshot_by_name(snapshot, want->name);

        /* A name that was never ours, on a link that is ours under another: renamed by hand, and that one's.
         */
        if (link)
                return o || !is_recorded(owned, link) ? link : NULL;

        link = o && o->ifindex > 0 ? snapshot_by_index(snapshot, o->ifindex) : NULL;
        /* Renamed to the name of another device of the record: that one's, or two would claim it. */
        return link && link->is_tun && !owned_find(owned, link->name) ? link : NULL;
}

static const char *link_kind(const Link *link) {
        if (link->is_tun)
                return link->tun.tap ? "tap" : "tun";
        return link->kind[0] ? link->kind : "physical or virtual";
}

/* Returns 1 when the device that is there cannot become the wanted one, with the reason in the plan. */
static int check_conflict(const Planner *p) {
        const DeviceConfig *d = p->want->device;
        const Link *link = p->link;
        int r = 0;

        if (!link->is_tun)
                r = find(p, PLAN_CONFLICT, source_of(p->want, DEVICE_KIND),
                         "a %s device of this name exists and is not touched; Kind=%s is wanted: remove it "
                         "with 'ip link "
                         "delete %s', or choose another Name=",
                         link_kind(link), kind_to_string(d->kind), p->want->name);
        else if (link->tun.tap != (d->kind == KIND_TAP))
                r = find(p, PLAN_CONFLICT, source_of(p->want, DEVICE_KIND),
                         "exists as %s; Kind=%s is wanted, which needs the device to be destroyed: stop the "
                         "program behind "
                         "it and run 'ip link delete %s', then reload",
                         link_kind(link), kind_to_string(d->kind), p->want->name);
        else if (link->tun.multi_queue != d->multi_queue)
                r = find(p, PLAN_CONFLICT, source_of(p->want, DEVICE_MULTI_QUEUE),
                         "exists as %s-queue %s; MultiQueue=%s is wanted, which needs the device to be "
                         "destroyed: stop the "
                         "program behind it and run 'ip link delete %s', then reload",
                         link->tun.multi_queue ? "multi" : "single", link_kind(link),
                         d->multi_queue ? "yes" : "no", p->want->name);
        else
                return 0;

        return r < 0 ? r : 1;
}

static int plan_create(const Planner *p) {
        return add(p, (PlanOp){
                                      .type = PLAN_CREATE,
                                      .hold = p->options.may_hold && p->want->device->keep_carrier,
                                      .source = source_of(p->want, DEVICE_NAME),
                      });
}

static bool flags_fit(const Planner *p) {
        return p->link->tun.pi == p->want->device->packet_info &&
               p->link->tun.vnet_hdr == p->want->device->vnet_header;
}

/* PI and VNET_HDR belong to whoever attaches first to an idle device; while any queue exists they cannot
 * change. */
static int plan_flags(const Planner *p) {
        const DeviceConfig *d = p->want->device;
        const TunInfo *tun = &p->link->tun;
        const Source *source = source_of(p->want, tun->pi != d->packet_info ? DEVICE_PACKET_INFO
                                                                            : DEVICE_VNET_HEADER);

        if (flags_fit(p))
                return 0;

        if (p->in_use)
                return find(p, PLAN_WAIT, source,
                            "a program holds the device with PacketInfo=%s, VNetHeader=%s; that they are to "
                            "be %s and "
                            "%s has to wait until it lets go",
                            tun->pi ? "yes" : "no", tun->vnet_hdr ? "yes" : "no",
                            d->packet_info ? "yes" : "no", d->vnet_header ? "yes" : "no");

        return add(p, (PlanOp){ .type = PLAN_SET_FLAGS, .hold = p->held, .source = source });
}

/* The kernel can set an owner but never clear one. */
static int plan_clear_owner(const Planner *p, const char *what, int64_t have, DeviceKey key) {
        return find(p, PLAN_CONFLICT, source_of(p->want, key),
                    "has %s %" PRIi64
                    ", none is wanted, and the kernel cannot clear it: stop the program behind the device "
                    "and run 'ip link delete %s', then reload",
                    what, have, p->want->name);
}

static int plan_owner(const Planner *p) {
        const Want *w = p->want;
        const TunInfo *tun = &p->link->tun;
        int r = 0;

        if (w->owner < 0 && tun->owner >= 0)
                r = plan_clear_owner(p, "owner", tun->owner, DEVICE_USER);
        else if (w->owner != tun->owner)
                r = add(p, (PlanOp){ .type = PLAN_SET_OWNER, .source = source_of(w, DEVICE_USER) });
        if (r < 0)
                return r;

        if (w->group < 0 && tun->group >= 0)
                return plan_clear_owner(p, "group", tun->group, DEVICE_GROUP);
        if (w->group != tun->group)
                return add(p, (PlanOp){ .type = PLAN_SET_GROUP, .source = source_of(w, DEVICE_GROUP) });
        return 0;
}

static int plan_persist(const Planner *p) {
        if (p->link->tun.persist)
                return 0;
        return add(p, (PlanOp){ .type = PLAN_SET_PERSIST, .source = source_of(p->want, DEVICE_NAME) });
}

static int plan_hold(const Planner *p) {
        const Source *source = source_of(p->want, DEVICE_KEEP_CARRIER);
        bool keep = p->want->device->keep_carrier;

        if (!keep && p->held)
                return add(p, (PlanOp){ .type = PLAN_RELEASE, .source = source });
        /* Not while a program's flags are the wrong ones: a queue held then would keep them when it goes. */
        if (keep && !p->held && p->options.may_hold && (flags_fit(p) || !p->in_use))
                return add(p, (PlanOp){ .type = PLAN_HOLD, .source = source });
        /* Only a holder can raise the carrier that a program left off; while one is there, it may mean it.
         * The same operation detaches the held queue, should it ever be found attached. */
        if (keep && p->held && !p->in_use && (!p->link->carrier || p->link->tun.num_queues > 0))
                return add(p, (PlanOp){ .type = PLAN_RAISE_CARRIER, .source = source });
        return 0;
}

/* All that needs a queue of the device. The only queue of a single-queue device may be taken: then it waits.
 */
static int plan_queue(const Planner *p) {
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
                r = plan_hold(p);
        if (r < 0 || p->link->tun.multi_queue || p->held || !p->in_use)
                return r;

        for (size_t i = first; i < p->plan->n; i++)
                if (plan_op_is_finding(p->plan->ops[i].type))
                        p->plan->ops[kept++] = p->plan->ops[i];
                else
                        waits = true;
        p->plan->n = kept;

        if (!waits)
                return 0;
        return find(p, PLAN_WAIT, source_of(p->want, DEVICE_NAME),
                    "a program holds the only queue; owner, group, persistence and KeepCarrier= have to "
                    "wait until it lets "
                    "go");
}

static bool address_fits(const Address *have, const AddressConfig *want) {
        return have->family == want->address.family && have->prefixlen == want->prefixlen &&
               memcmp(have->local, want->address.bytes, sizeof(have->local)) == 0 &&
               memcmp(have->peer, have->local, sizeof(have->peer)) == 0;
}

static bool has_address(const Link *link, const AddressConfig *want) {
        for (size_t i = 0; link && i < link->n_addresses; i++)
                if (address_fits(link->addresses + i, want))
                        return true;
        return false;
}

static bool same_subnet(const uint8_t *a, const uint8_t *b, unsigned prefixlen) {
        unsigned n = prefixlen / 8, rest = prefixlen % 8;

        return memcmp(a, b, n) == 0 && (rest == 0 || (a[n] ^ b[n]) >> (8 - rest) == 0);
}

/* Whether the kernel would answer EEXIST. An IPv6 address exists once, whatever its prefix length and peer;
 * an IPv4 address once with its prefix length, and its peer counts only as far as that reaches. */
static bool is_in_the_way(const Address *have, const AddressConfig *want) {
        if (have->family != want->address.family ||
            memcmp(have->local, want->address.bytes, sizeof(have->local)) != 0)
                return false;
        return have->family == AF_INET6 ||
               (have->prefixlen == want->prefixlen && same_subnet(have->peer, have->local, have->prefixlen));
}

/* Ours and no longer wanted; or in the way of a wanted one. */
static bool must_go(const Planner *p, const Address *have) {
        const NetworkConfig *n = p->want->network;
        bool in_the_way = false;

        for (size_t i = 0; n && i < n->n_addresses; i++) {
                if (address_fits(have, n->addresses + i))
                        return false;
                in_the_way = in_the_way || is_in_the_way(have, n->addresses + i);
        }
        return in_the_way || (p->may_remove && have->protocol == NETDEVD_ADDRESS_PROTOCOL);
}

/* As networkd: an address is global unless its prefix says otherwise (RFC 3927, RFC 1122). The kernel
 * ignores it for IPv6. */
static uint8_t address_scope(const Address *a) {
        if (a->family == AF_INET && a->local[0] == 127)
                return RT_SCOPE_HOST;
        if (a->family == AF_INET && a->local[0] == 169 && a->local[1] == 254)
                return RT_SCOPE_LINK;
        return RT_SCOPE_UNIVERSE;
}

static int plan_addresses(const Planner *p) {
        const NetworkConfig *n = p->want->network;
        int r = 0;

        for (size_t i = 0; r >= 0 && p->link && i < p->link->n_addresses; i++)
                if (must_go(p, p->link->addresses + i))
                        r = add(p,
                                (PlanOp){ .type = PLAN_REMOVE_ADDRESS, .address = p->link->addresses[i] });

        for (size_t i = 0; r >= 0 && n && i < n->n_addresses; i++) {
                const AddressConfig *a = n->addresses + i;
                PlanOp op = { .type = PLAN_ADD_ADDRESS, .source = &a->source };

                if (has_address(p->link, a))
                        continue;

                op.address.family = (uint8_t) a->address.family;
                op.address.prefixlen = a->prefixlen;
                op.address.protocol = NETDEVD_ADDRESS_PROTOCOL;
                memcpy(op.address.local, a->address.bytes, sizeof(op.address.local));
                memcpy(op.address.peer, a->address.bytes, sizeof(op.address.peer));
                op.address.scope = address_scope(&op.address);
                r = add(p, op);
        }
        return r;
}

static int plan_link(const Planner *p) {
        const Want *w = p->want;
        const Link *link = p->link;
        bool tap = link ? link->tun.tap : w->device->kind == KIND_TAP;
        /* Of a device made by others the files do not say which of the two it is. */
        uint32_t mtu = tap && w->mtu > MTU_MAX_TAP ? MTU_MAX_TAP : w->mtu;
        int r = 0;

        if (!w->network)
                return plan_addresses(p);

        /* A new device has the kernel's default, 1500. */
        if (mtu > 0 && mtu != (link ? link->mtu : 1500))
                r = add(p, (PlanOp){ .type = PLAN_SET_MTU,
                                     .mtu = mtu,
                                     .source = w->network->sources + NETWORK_MTU });

        /* A new device is made with its address. */
        if (r >= 0 && w->mac_address.length > 0 && tap && link &&
            (link->address_length != w->mac_address.length ||
             memcmp(link->address, w->mac_address.bytes, link->address_length) != 0))
                r = add(p, (PlanOp){ .type = PLAN_SET_MAC,
                                     .source = w->network->sources + NETWORK_MAC_ADDRESS });

        if (r >= 0 && !(link && link->flags & IFF_UP))
                r = add(p, (PlanOp){ .type = PLAN_SET_UP });

        return r < 0 ? r : plan_addresses(p);
}

/* Whether a creation of ours was cut short and somebody got in: nobody was promised this device yet. Only to
 * a multi-queue device can somebody come while it is being made, and into one for all users anybody may; one
 * of another kind or queue mode was not made by us. */
static bool half_made(const Planner *p, const Owned *owned) {
        const OwnedLink *o = owned_find(owned, p->want->name);
        const TunInfo *tun = &p->link->tun;

        return o && o->ifindex == 0 && p->link->is_tun && tun->multi_queue && p->want->device->multi_queue &&
               tun->tap == (p->want->device->kind == KIND_TAP) &&
               (p->want->owner >= 0 || p->want->group >= 0) && link_consumers(p->link, false) > 0;
}

static int plan_existing(Planner *p, const Owned *owned) {
        int r;

        if (half_made(p, owned)) {
                r = add(p, (PlanOp){ .type = PLAN_DELETE, .destructive = true });
                p->link = NULL;
                if (r >= 0)
                        r = plan_create(p);
                return r < 0 ? r : plan_link(p);
        }

        r = check_conflict(p);
        if (r != 0)
                return r < 0 ? r : 0;

        if (strcmp(p->link->name, p->want->name) != 0) {
                PlanOp op = { .type = PLAN_RENAME, .source = source_of(p->want, DEVICE_NAME) };

                memcpy(op.old_name, p->link->name, sizeof(op.old_name));
                r = add(p, op);
        }
        if (r >= 0)
                r = plan_queue(p);
        return r < 0 ? r : plan_link(p);
}

int plan_device(const Want *want, const Snapshot *snapshot, const Owned *owned, bool may_remove,
                PlanOptions options, Plan *plan) {
        const OwnedLink *o = owned_find(owned, want->name);
        Planner p = {
                .want = want,
                .link = plan_find_link(want, snapshot, owned),
                .held = o && o->held,
                .may_remove = may_remove,
                .options = options,
                .plan = plan,
        };
        int r;

        p.in_use = p.link && link_consumers(p.link, p.held) > 0;

        if (!want->device) /* made by others: only what a .network file says, and only on a TUN/TAP link */
                return p.link && p.link->is_tun ? plan_link(&p) : 0;
        if (want->error)
                return find(&p, PLAN_ERROR, want->error_source, "%s", want->error);
        if (p.link)
                return plan_existing(&p, owned);

        r = plan_create(&p);
        return r < 0 ? r : plan_link(&p);
}

int plan_compute(const Wants *wants, const Snapshot *snapshot, const Owned *owned, PlanOptions options,
                 Plan *plan) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < wants->n; i++)
                r = plan_device(wants->items + i, snapshot, owned, wants->complete, options, plan);
        return r;
}
