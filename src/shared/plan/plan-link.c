/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The values of a link, the VLANs of a bridge port, and whether it is up. Pure. */

#include <fnmatch.h>
#include <inttypes.h>
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
        if (s == SETTING_IP_FORWARD || s == SETTING_IPV6_FORWARD)
                return setting_read(s, &(Link){}, p->snapshot, ret);
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

/* Whether setting it can have a sense now. */
static bool is_settable(const Planner *p, Setting s) {
        uint64_t now;

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

static bool is_as_wanted(Setting s, uint64_t now, uint64_t value) {
        if (s == SETTING_SYSCTL_FIRST + SYSCTL_IPV6_RETRANS_TIME)
                return now >= value && now - value < TICK_MAX_MS;
        return now == value;
}

static bool was_set_before(const Plan *plan, const Want *want, Setting s) {
        for (size_t i = plan->n; i-- > 0 && plan->ops[i].want == want;)
                if (plan->ops[i].type == PLAN_SET && plan->ops[i].setting == s)
                        return true;
        return false;
}

static int add_set(const Planner *p, Setting s, uint64_t value, const Source *source, bool revert) {
        PlanOp op = { .type = PLAN_SET, .setting = s, .value = value, .source = source, .revert = revert };

        op.has_before = read_now(p, s, &op.before);
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

        if (setting_is_blind(w->setting)) {
                const OwnedSetting *o = owned_setting(p->owned, w->setting);

                return o && o->value == value ? 0 : add_set(p, w->setting, value, w->source, false);
        }

        known = read_now(p, w->setting, &now);
        /* The kernel makes the MTU of IPv6 that of the link whenever that changes. */
        if (known && is_as_wanted(w->setting, now, value) &&
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

        if (!p->may_remove || !p->link || o->setting == SETTING_IP_FORWARD || o->setting == SETTING_IPV6_FORWARD ||
            o->setting == SETTING_VLANS || setting_is_blind(o->setting))
                return 0;
        if (!read_now(p, o->setting, &now) || !is_as_wanted(o->setting, now, o->value))
                return 0;

        if (o->setting == SETTING_QDISC)
                before = QDISC_KERNEL;
        else if (!o->has_before || before == now)
                return 0;
        else if (o->setting == SETTING_MASTER && !snapshot_by_index(p->snapshot, (int) before))
                before = 0;
        return add_set(p, o->setting, before, NULL, true);
}

/* The master may be made by anybody, at any time. Whoever is to be in a VRF must not have its addresses in
 * another table meanwhile. */
static int plan_master(Planner *p, const WantSetting *w) {
        const Link *master = snapshot_by_name(p->snapshot, p->want->master);
        const char *kind = p->want->network->bridge ? "bridge" : "vrf";

        if (!master) {
                p->waits = strcmp(kind, "vrf") == 0;
                return plan_await(p, w->source,
                                 "the %s %s does not exist yet; %s joins it as soon as somebody makes it", kind,
                                 p->want->master, p->want->name);
        }
        if (strcmp(master->kind, kind) != 0) {
                p->waits = strcmp(kind, "vrf") == 0;
                return plan_find(p, PLAN_CONFLICT, w->source, "%s is a %s device, and no %s", p->want->master,
                                 master->kind[0] ? master->kind : "physical", kind);
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
        return bit(c->vlans, v) ? 1U | (unsigned) bit(c->untagged, v) << 1 | (unsigned) (c->pvid == v) << 2 : 0;
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
                        r = add_vlans(p, removing ? PLAN_REMOVE_VLANS : PLAN_ADD_VLANS, first, v - 1, how_first,
                                      source);
                        first = 0;
                }
                if (how && first == 0) {
                        first = v;
                        how_first = how;
                }
        }
        return r;
}

/* The sections say all VLANs the port is to have. A port that joins has what the bridge gives it by default:
 * one VLAN, untagged, as PVID. */
static int plan_vlans(const Planner *p, const BridgeVlanConfig *c, const Source *source) {
        BridgePort fresh = { .has_vlans = true, .pvid = 1, .vlans = { 2 }, .untagged = { 2 } };
        const BridgePort *now = p->joins ? &fresh : p->link ? p->link->port : NULL;
        int r;

        if (!now || !now->has_vlans)
                return 0;
        r = plan_vlan_runs(p, c, now, true, source);
        return r < 0 ? r : plan_vlan_runs(p, c, now, false, source);
}

/* No section is left: back to what it was when we came. */
static int revert_vlans(const Planner *p, const OwnedSetting *o) {
        BridgeVlanConfig before = { .pvid = (uint16_t) o->before };

        if (!p->may_remove || !o->has_before || !p->link || !p->link->port || p->joins)
                return 0;
        if (o->before > 0 && o->before < 4095) {
                before.vlans[o->before / 8] = (uint8_t) (1 << o->before % 8);
                before.untagged[o->before / 8] = (uint8_t) (1 << o->before % 8);
        }
        return plan_vlans(p, &before, NULL);
}

static int plan_one(Planner *p, Setting s) {
        const WantSetting *w = want_setting(p->want, s);
        const OwnedSetting *o = owned_setting(p->owned, s);

        if (set_by_queue(s))
                return 0;
        if (w && s == SETTING_MASTER)
                return plan_master(p, w);
        if (w && s == SETTING_VLANS)
                return plan_vlans(p, &p->want->network->vlans, w->source);
        if (w)
                return plan_setting(p, w);
        if (!o)
                return 0;
        return s == SETTING_VLANS ? revert_vlans(p, o) : plan_revert(p, o);
}

int plan_settings(Planner *p) {
        bool owns = p->owned && p->owned->n_settings > 0;
        int r = 0;

        for (Setting s = 0; r >= 0 && s < _SETTING_MAX && (owns || p->want->n_settings > 0); s++)
                r = plan_one(p, s);
        return r;
}

static ActivationPolicy policy_of(const NetworkConfig *n) {
        if (n->values[NETWORK_ACTIVATION_POLICY].set)
                return (ActivationPolicy) n->values[NETWORK_ACTIVATION_POLICY].value;
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

static const Source *up_source(const NetworkConfig *n) {
        if (n->sources[NETWORK_ACTIVATION_POLICY].path)
                return n->sources + NETWORK_ACTIVATION_POLICY;
        return n->sources[NETWORK_BIND_CARRIER].path ? n->sources + NETWORK_BIND_CARRIER : &n->match_source;
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
