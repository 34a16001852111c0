/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The values of a link, the VLANs of a bridge port, and whether it is up. Pure. */

#include <fnmatch.h>
#include <inttypes.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "plan-internal.h"

static bool is_tap(const Planner *p) {
        return p->link ? p->link->tun.tap : p->want->device->kind == KIND_TAP;
}

static bool is_of_port(Setting s) {
        return s >= SETTING_PORT_FIRST && s <= SETTING_VLANS;
}

static bool is_ipv6_mtu(Setting s) {
        return s == SETTING_SYSCTL_FIRST + SYSCTL_IPV6_MTU;
}

/* What the link has now, or is sure to have once it is made. */
static bool read_now(const Planner *p, Setting s, uint64_t *ret) {
        static const Link no_link; /* these are of the namespace */

        if (s == SETTING_IP_FORWARD || s == SETTING_IPV6_FORWARD)
                return setting_read(s, &no_link, p->snapshot, ret);
        if (is_of_port(s) && p->joins)
                return false; /* what it has now is of another bridge */
        if (p->link)
                return setting_read(s, p->link, p->snapshot, ret);
        if (s == SETTING_SYSCTL_FIRST + SYSCTL_IPV6_DISABLE && p->snapshot->ipv6_disable_default <= 0) {
                *ret = 0;
                return true;
        }
        return setting_default(s, is_tap(p), ret);
}

/* What the plan makes of it, or what it is. */
static uint64_t mtu_by_then(const Planner *p) {
        uint64_t now;

        for (size_t i = p->plan->n; i-- > 0 && p->plan->ops[i].want == p->want;)
                if (p->plan->ops[i].type == PLAN_SET && p->plan->ops[i].setting == SETTING_MTU)
                        return p->plan->ops[i].value;
        return read_now(p, SETTING_MTU, &now) ? now : MTU_MIN_IPV6;
}

static bool is_of_ipv6(Setting s) {
        return s == SETTING_ADDRESS_GENERATION || s == SETTING_STABLE_SECRET ||
               (s >= SETTING_SYSCTL_FIRST + SYSCTL_IPV6_FORWARDING && s <= SETTING_SYSCTL_LAST);
}

/* Whether setting it can have a sense now. */
static bool is_settable(const Planner *p, Setting s) {
        uint64_t now;

        if (is_of_ipv6(s) && mtu_by_then(p) < MTU_MIN_IPV6)
                return false; /* the kernel takes IPv6 away */
        if (s == SETTING_MAC_ADDRESS)
                return is_tap(p) && p->link; /* a new device is made with it */
        if (s == SETTING_QDISC || setting_is_blind(s))
                return true;
        if (is_of_port(s))
                return p->joins || read_now(p, s, &now);
        return !p->link || read_now(p, s, &now);
}

/* The kernel counts this one in ticks, and rounds up. */
#define TICK_MAX_MS 10

static bool is_as_wanted(const Planner *p, Setting s, uint64_t now, uint64_t value) {
        if (s == SETTING_SYSCTL_FIRST + SYSCTL_IPV6_RETRANS_TIME)
                return now >= value && now - value < TICK_MAX_MS;
        /* A tun has no hardware address: when it comes up the kernel makes one mode of it the other. */
        if (s == SETTING_ADDRESS_GENERATION && !is_tap(p) && value == IN6_ADDR_GEN_MODE_EUI64)
                return now == IN6_ADDR_GEN_MODE_EUI64 || now == IN6_ADDR_GEN_MODE_RANDOM;
        return now == value;
}

/* As the value before: it was the MTU of the link, whatever that is later. */
#define IPV6_MTU_FOLLOWS 0

/* What the MTU of IPv6 goes back to: never more than the link's by then. */
static uint64_t ipv6_mtu_before(const Planner *p, uint64_t before) {
        uint64_t mtu = mtu_by_then(p);

        return before == IPV6_MTU_FOLLOWS || before > mtu ? mtu : before;
}

static bool was_set_before(const Plan *plan, const Want *want, Setting s) {
        for (size_t i = plan->n; i-- > 0 && plan->ops[i].want == want;)
                if (plan->ops[i].type == PLAN_SET && plan->ops[i].setting == s)
                        return true;
        return false;
}

static int add_set(const Planner *p, Setting s, uint64_t value, const Source *source, bool revert) {
        PlanOp op = { .type = PLAN_SET, .setting = s, .value = value, .source = source, .revert = revert };

        if (s == SETTING_MASTER && revert) {
                const Link *master = value > 0 ? snapshot_by_index(p->snapshot, (int) value) : NULL;

                if (master)
                        memcpy(op.other_name, master->name, sizeof(op.other_name));
        }
        op.has_before = read_now(p, s, &op.before);
        if (is_ipv6_mtu(s) && p->link && op.before == p->link->mtu)
                op.before = IPV6_MTU_FOLLOWS;
        return plan_add(p, op);
}

static int plan_setting(const Planner *p, const WantSetting *w) {
        uint64_t value = w->value, now;
        bool known;

        /* Of a device made by others the files do not say which of the two it is. */
        if (w->setting == SETTING_MTU && is_tap(p) && value > MTU_MAX_TAP)
                value = MTU_MAX_TAP;
        if (!is_settable(p, w->setting))
                return 0;
        /* More than the MTU of the link the kernel refuses. */
        if (is_ipv6_mtu(w->setting) && value > mtu_by_then(p))
                value = mtu_by_then(p);

        if (setting_is_blind(w->setting)) {
                const OwnedSetting *o = owned_setting(p->owned, w->setting);

                return o && o->value == value ? 0 : add_set(p, w->setting, value, w->source, false);
        }

        known = read_now(p, w->setting, &now);
        /* The kernel makes the MTU of IPv6 that of the link whenever that changes. */
        if (known && is_as_wanted(p, w->setting, now, value) &&
            !(is_ipv6_mtu(w->setting) && was_set_before(p->plan, p->want, SETTING_MTU)))
                return 0;
        return add_set(p, w->setting, value, w->source, false);
}

static bool set_by_queue(Setting s) {
        return s == SETTING_NAPI || s == SETTING_NAPI_FRAGS || s == SETTING_VNET_HEADER_BYTES;
}

/* Puts back what we set and no file wants any more, if it is still as we set it. */
static int plan_revert(const Planner *p, const OwnedSetting *o) {
        uint64_t now, before = o->before;

        if (!p->may_remove || !p->link || o->setting == SETTING_IP_FORWARD ||
            o->setting == SETTING_IPV6_FORWARD || o->setting == SETTING_VLANS ||
            setting_is_blind(o->setting))
                return 0;
        if (!read_now(p, o->setting, &now) || !is_as_wanted(p, o->setting, now, o->value))
                return 0;
        if (is_of_ipv6(o->setting) && mtu_by_then(p) < MTU_MIN_IPV6)
                return 0;

        if (is_ipv6_mtu(o->setting) && o->has_before)
                before = ipv6_mtu_before(p, before);
        if (o->setting == SETTING_QDISC)
                before = QDISC_KERNEL;
        else if (!o->has_before || before == now)
                return 0;
        else if (o->setting == SETTING_MASTER && !snapshot_by_index(p->snapshot, (int) before))
                before = 0;
        return add_set(p, o->setting, before, NULL, true);
}

/* Also ours to end: with it go the settings of the port. KeepMaster= leaves it to others from now on. */
static int plan_leave(Planner *p, const OwnedSetting *o) {
        const NetworkConfig *n = p->want->network;
        size_t before = p->plan->n;
        int r;

        if (n && given_value(&n->given, NETWORK_KEEP_MASTER).value)
                return 0;
        r = plan_revert(p, o);
        p->no_port = p->plan->n > before;
        return r;
}

/* The master may be made by anybody, at any time. Whoever is to be in a VRF must not have its addresses in
 * another table meanwhile. */
static int plan_master(Planner *p, const WantSetting *w) {
        const Link *master = snapshot_by_name(p->snapshot, p->want->master);
        bool bridge = p->want->network->bridge;
        PlanAwaits what = bridge ? PLAN_AWAITS_BRIDGE : PLAN_AWAITS_VRF;
        const char *kind = bridge ? "bridge" : "vrf";
        int r;

        if (bridge && !is_tap(p))
                return plan_find(p, PLAN_CONFLICT, w->source,
                                 "%s is a tun, and only Ethernet devices can be ports of a bridge; use "
                                 "Kind=tap",
                                 p->want->name);
        if (!master) {
                p->waits = !bridge;
                p->no_port = bridge;
                return plan_await(p, what, w->source,
                                  "the %s %s does not exist yet; %s joins it as soon as somebody makes it",
                                  kind, p->want->master, p->want->name);
        }
        if (strcmp(master->kind, kind) != 0) {
                p->waits = !bridge;
                p->no_port = bridge;
                r = plan_find(p, PLAN_CONFLICT, w->source,
                              "%s is a %s device, and no %s; name one in %s=", p->want->master,
                              master->kind[0] ? master->kind : "physical", kind, bridge ? "Bridge" : "VRF");
                if (r >= 0) /* another may take its place */
                        p->plan->ops[p->plan->n - 1].awaits = what;
                return r;
        }
        if (p->link && p->link->master == master->ifindex)
                return 0;

        p->joins = true;
        return add_set(p, SETTING_MASTER, (uint64_t) master->ifindex, w->source, false);
}

static bool bit(const uint8_t *bits, unsigned v) {
        return bits[v / 8] & 1 << v % 8;
}

/* How a VLAN is to be on the port, or is: as one number, 0 for not at all. */
static unsigned vlan_wanted(const BridgeVlanConfig *c, unsigned v) {
        return bit(c->vlans, v) ? 1U | (unsigned) bit(c->untagged, v) << 1 | (unsigned) (c->pvid == v) << 2
                                : 0;
}

static unsigned vlan_now(const BridgePort *port, unsigned v) {
        return bit(port->vlans, v) ? 1U | (unsigned) bit(port->untagged, v) << 1 |
                                                     (unsigned) (port->pvid == v) << 2
                                   : 0;
}

static int add_vlans(const Planner *p, PlanOpType type, unsigned first, unsigned last, unsigned how,
                     const Source *source) {
        return plan_add(p, (PlanOp){ .type = type,
                                     .vlan_first = (uint16_t) first,
                                     .vlan_last = (uint16_t) last,
                                     .untagged = how & 2,
                                     .pvid = how & 4,
                                     .setting = SETTING_VLANS,
                                     .source = source });
}

/* Calls for each run of VLANs that are to be treated alike. */
static int plan_vlan_runs(const Planner *p, const BridgeVlanConfig *c, const BridgePort *now, bool removing,
                          const Source *source) {
        unsigned first = 0, how_first = 0;
        int r = 0;

        for (unsigned v = 1; r >= 0 && v <= 4095; v++) {
                unsigned want = v < 4095 ? vlan_wanted(c, v) : 0, have = v < 4095 ? vlan_now(now, v) : 0;
                unsigned how = removing ? have && !want : want != have ? want : 0;

                if (first > 0 && (how != how_first || how & 4)) {
                        r = add_vlans(p, removing ? PLAN_REMOVE_VLANS : PLAN_ADD_VLANS, first, v - 1,
                                      how_first, source);
                        first = 0;
                }
                if (how && first == 0) {
                        first = v;
                        how_first = how;
                }
        }
        return r;
}

/* What a bridge gives a new port: one VLAN, untagged, as PVID; or none. */
static BridgeVlanConfig default_vlans(const Link *bridge) {
        uint16_t v = bridge && bridge->default_pvid < 4095 ? bridge->default_pvid : 0;
        BridgeVlanConfig c = { .pvid = v };

        if (v > 0)
                c.vlans[v / 8] = c.untagged[v / 8] = (uint8_t) (1 << v % 8);
        return c;
}

/* The sections say all VLANs the port is to have. */
static int plan_vlans(const Planner *p, const BridgeVlanConfig *c, const Source *source) {
        const Link *joined = p->joins ? snapshot_by_name(p->snapshot, p->want->master) : NULL;
        BridgeVlanConfig given = default_vlans(joined);
        BridgePort fresh = { .has_vlans = true, .pvid = given.pvid };
        const BridgePort *now = p->joins ? &fresh : p->link ? p->link->port : NULL;
        int r;

        memcpy(fresh.vlans, given.vlans, sizeof(fresh.vlans));
        memcpy(fresh.untagged, given.untagged, sizeof(fresh.untagged));

        if (!now || !now->has_vlans)
                return 0;
        r = plan_vlan_runs(p, c, now, true, source);
        return r < 0 ? r : plan_vlan_runs(p, c, now, false, source);
}

/* No section is left: back to what a new port has. What a port gets that joins is not ours to put back. */
static int revert_vlans(const Planner *p) {
        BridgeVlanConfig given;

        if (!p->may_remove || !p->link || !p->link->port || p->joins)
                return 0;
        given = default_vlans(snapshot_by_index(p->snapshot, p->link->master));
        return plan_vlans(p, &given, NULL);
}

static int plan_one(Planner *p, Setting s) {
        const WantSetting *w = want_setting(p->want, s);
        const OwnedSetting *o = owned_setting(p->owned, s);

        if (set_by_queue(s) || (p->no_port && is_of_port(s)))
                return 0;
        if (w && s == SETTING_MASTER)
                return plan_master(p, w);
        if (o && s == SETTING_MASTER)
                return plan_leave(p, o);
        if (w && s == SETTING_VLANS)
                return plan_vlans(p, p->want->network->vlans, w->source);
        if (w)
                return plan_setting(p, w);
        if (!o)
                return 0;
        return s == SETTING_VLANS ? revert_vlans(p) : plan_revert(p, o);
}

int plan_settings(Planner *p) {
        bool owns = p->owned && p->owned->n_settings > 0;
        int r = 0;

        for (Setting s = 0; r >= 0 && s < _SETTING_MAX && (owns || p->want->n_settings > 0); s++)
                r = plan_one(p, s);
        return r;
}

static ActivationPolicy policy_of(const NetworkConfig *n) {
        if (given_value(&n->given, NETWORK_ACTIVATION_POLICY).set)
                return (ActivationPolicy) given_value(&n->given, NETWORK_ACTIVATION_POLICY).value;
        return n->bind_carrier ? ACTIVATION_BOUND : ACTIVATION_UP;
}

static bool some_has_carrier(const Snapshot *snapshot, char *const *globs) {
        for (char *const *g = globs; *g; g++)
                for (size_t i = 0; i < snapshot->n_links; i++)
                        if (snapshot->by_name[i]->carrier && snapshot->by_name[i]->flags & IFF_UP &&
                            fnmatch(*g, snapshot->by_name[i]->name, 0) == 0)
                                return true;
        return false;
}

/* 1 up, 0 down, -1 as it is. */
static int wanted_up(const Planner *p) {
        const NetworkConfig *n = p->want->network;

        switch (policy_of(n)) {
        case ACTIVATION_DOWN:
        case ACTIVATION_ALWAYS_DOWN: return 0;
        case ACTIVATION_MANUAL: return -1;
        case ACTIVATION_BOUND: return n->bind_carrier && some_has_carrier(p->snapshot, n->bind_carrier);
        case ACTIVATION_UP:
        case ACTIVATION_ALWAYS_UP:
        default: return 1;
        }
}

bool plan_will_be_up(const Planner *p) {
        int up = p->want->network ? wanted_up(p) : -1;

        return up < 0 ? p->link && p->link->flags & IFF_UP : up;
}

static bool is_vrf(const Planner *p, int ifindex) {
        const Link *link = ifindex > 0 ? snapshot_by_index(p->snapshot, ifindex) : NULL;

        return link && strcmp(link->kind, "vrf") == 0;
}

/* So does a VRF to whom joins it, and to whom leaves. */
bool plan_goes_down_and_up(const Planner *p) {
        if (!p->link || !(p->link->flags & IFF_UP))
                return false;
        for (size_t i = p->plan->n; i-- > 0 && p->plan->ops[i].want == p->want;)
                if (p->plan->ops[i].type == PLAN_SET && p->plan->ops[i].setting == SETTING_MASTER)
                        return is_vrf(p, p->link->master) || is_vrf(p, (int) p->plan->ops[i].value);
        return false;
}

static const Source *up_source(const NetworkConfig *n) {
        if (given_source(&n->given, NETWORK_ACTIVATION_POLICY)->path)
                return given_source(&n->given, NETWORK_ACTIVATION_POLICY);
        return given_source(&n->given, NETWORK_BIND_CARRIER)->path
                               ? given_source(&n->given, NETWORK_BIND_CARRIER)
                               : &n->match_source;
}

int plan_up(const Planner *p) {
        bool is_up = p->link && p->link->flags & IFF_UP;
        int up;

        if (!p->want->network || p->waits)
                return 0;
        up = wanted_up(p);
        if (up < 0 || up == is_up)
                return 0;
        return plan_add(p, (PlanOp){ .type = up ? PLAN_SET_UP : PLAN_SET_DOWN,
                                     .source = up_source(p->want->network) });
}
