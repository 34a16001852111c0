/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Addresses: which are missing, which are other than wanted, and which of ours are wanted no more. Pure. An
 * address that somebody else added counts as it is, but for what the file says expressly. */

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "plan-internal.h"

/* Flags that are ours to set; the others tell how an address fares. */
#define FLAGS_WANTED                                                                                        \
        (IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN | IFA_F_NODAD)

/* As networkd: an address is global unless its prefix says otherwise (RFC 3927, RFC 1122). The kernel
 * ignores it for IPv6. */
static uint8_t default_scope(const Address *a) {
        if (a->family == AF_INET && a->local[0] == 127)
                return RT_SCOPE_HOST;
        if (a->family == AF_INET && a->local[0] == 169 && a->local[1] == 254)
                return RT_SCOPE_LINK;
        return RT_SCOPE_UNIVERSE;
}

static uint32_t wanted_flags(const AddressConfig *c) {
        return (c->home_address ? IFA_F_HOMEADDRESS : 0) |
               (c->manage_temporary_address ? IFA_F_MANAGETEMPADDR : 0) |
               (c->no_prefix_route ? IFA_F_NOPREFIXROUTE : 0) | (c->auto_join ? IFA_F_MCAUTOJOIN : 0) |
               (c->no_duplicate_detection ? IFA_F_NODAD : 0);
}

static void set_broadcast(const AddressConfig *c, Address *a) {
        uint32_t local;

        if (a->family != AF_INET || c->broadcast_mode == BROADCAST_NO)
                return;
        if (c->broadcast_mode == BROADCAST_GIVEN) {
                memcpy(a->broadcast, &c->broadcast, sizeof(a->broadcast));
                return;
        }
        if (c->peer.family != AF_UNSPEC || a->prefixlen > 30)
                return;
        memcpy(&local, a->local, sizeof(local));
        local |= htonl(UINT32_MAX >> a->prefixlen);
        memcpy(a->broadcast, &local, sizeof(a->broadcast));
}

static Address wanted_address(const AddressConfig *c) {
        Address a = {
                .family = (uint8_t) c->address.family,
                .prefixlen = c->prefixlen,
                .protocol = NETDEVD_PROTOCOL,
                .flags = wanted_flags(c),
                .metric = c->route_metric,
                .preferred = c->preferred_zero ? 0 : ADDRESS_FOREVER,
        };

        memcpy(a.local, c->address.bytes, sizeof(a.local));
        memcpy(a.peer, c->peer.family != AF_UNSPEC ? c->peer.bytes : c->address.bytes, sizeof(a.peer));
        a.scope = c->scope.set ? (uint8_t) c->scope.value : default_scope(&a);
        set_broadcast(c, &a);
        if (a.family == AF_INET)
                memcpy(a.label, c->label, sizeof(a.label));
        return a;
}

static bool is_same(const Address *a, const Address *b) {
        return a->family == b->family && a->prefixlen == b->prefixlen &&
               memcmp(a->local, b->local, sizeof(a->local)) == 0 &&
               memcmp(a->peer, b->peer, sizeof(a->peer)) == 0;
}

static bool same_subnet(const uint8_t *a, const uint8_t *b, unsigned prefixlen) {
        unsigned n = prefixlen / 8, rest = prefixlen % 8;

        return memcmp(a, b, n) == 0 && (rest == 0 || (a[n] ^ b[n]) >> (8 - rest) == 0);
}

/* Whether the kernel would answer EEXIST. An IPv6 address exists once, whatever its prefix length and peer;
 * an IPv4 address once with its prefix length, and its peer counts only as far as that reaches. */
static bool is_in_the_way(const Address *have, const Address *want) {
        if (have->family != want->family || memcmp(have->local, want->local, sizeof(have->local)) != 0)
                return false;
        return have->family == AF_INET6 ||
               (have->prefixlen == want->prefixlen && same_subnet(have->peer, want->peer, have->prefixlen));
}

static bool label_fits(const Planner *p, const Address *have, const Address *want, bool ours) {
        if (want->label[0])
                return strcmp(have->label, want->label) == 0;
        return !ours || want->family != AF_INET || !have->label[0] ||
               strcmp(have->label, p->link->name) == 0;
}

/* What only a new address can have. */
static bool is_same_kind(const Planner *p, const Address *have, const Address *want,
                         const AddressConfig *c) {
        bool ours = have->protocol == NETDEVD_PROTOCOL;

        /* The kernel takes another metric, but not that there shall be none any more. */
        if (want->family != AF_INET)
                return !ours || want->metric > 0 || have->metric == 0;
        if ((ours || c->scope.set) && have->scope != want->scope)
                return false;
        if ((ours || c->broadcast_mode != BROADCAST_DEFAULT) &&
            memcmp(have->broadcast, want->broadcast, sizeof(have->broadcast)) != 0)
                return false;
        if ((have->flags ^ want->flags) & FLAGS_WANTED &&
            (ours || want->flags & ~have->flags & FLAGS_WANTED))
                return false;
        return label_fits(p, have, want, ours);
}

/* What can be changed in place. */
static bool is_alike(const Address *have, const Address *want) {
        bool ours = have->protocol == NETDEVD_PROTOCOL;
        uint32_t differs = (have->flags ^ want->flags) & FLAGS_WANTED;

        if ((ours || want->metric > 0) && have->metric != want->metric)
                return false;
        if ((have->preferred == 0) != (want->preferred == 0) && (ours || want->preferred == 0))
                return false;
        return want->family == AF_INET || !differs || (!ours && !(differs & want->flags));
}

static const AddressConfig *find_config(const Planner *p, const Address *have, Address *ret,
                                        bool *in_the_way) {
        const NetworkConfig *n = p->want->network;

        for (size_t i = 0; n && i < n->n_addresses; i++) {
                *ret = wanted_address(n->addresses + i);
                if (is_same(have, ret))
                        return n->addresses + i;
                *in_the_way = *in_the_way || is_in_the_way(have, ret);
        }
        return NULL;
}

/* Ours and no longer wanted; in the way of a wanted one; or to be made anew, since it cannot be changed. */
static bool must_go(const Planner *p, const Address *have, bool wanted) {
        bool in_the_way = false;
        const AddressConfig *c;
        Address want;

        c = wanted ? find_config(p, have, &want, &in_the_way) : NULL;
        if (c)
                return !is_same_kind(p, have, &want, c);
        return in_the_way || (p->may_remove && have->protocol == NETDEVD_PROTOCOL);
}

static const Address *find_address(const Planner *p, const Address *want) {
        for (size_t i = 0; p->link && i < p->link->n_addresses; i++)
                if (is_same(p->link->addresses + i, want))
                        return p->link->addresses + i;
        return NULL;
}

static bool will_be_lost(const Planner *p, const Address *a) {
        return a->family == AF_INET6 && plan_goes_down_and_up(p);
}

static bool is_primary(const Address *a) {
        return a->family == AF_INET && !(a->flags & IFA_F_SECONDARY);
}

/* Whether a primary address goes that takes this one with it: the kernel removes the secondary addresses of
 * its subnet too, unless promote_secondaries is on (ip-sysctl). If it is, adding them again changes nothing.
 */
static bool goes_with_primary(const Planner *p, const Address *a, bool wanted) {
        if (a->family != AF_INET || is_primary(a))
                return false;
        for (size_t i = 0; i < p->link->n_addresses; i++) {
                const Address *other = p->link->addresses + i;

                if (is_primary(other) && other->prefixlen == a->prefixlen &&
                    same_subnet(other->peer, a->peer, a->prefixlen) && must_go(p, other, wanted))
                        return true;
        }
        return false;
}

static int plan_address(const Planner *p, const AddressConfig *c) {
        PlanOp op = { .type = PLAN_ADD_ADDRESS, .address = wanted_address(c), .source = &c->source };
        const Address *have = will_be_lost(p, &op.address) ? NULL : find_address(p, &op.address);

        /* On a link that stays down IPv6 has no addresses. */
        if (op.address.family == AF_INET6 && !plan_will_be_up(p))
                return 0;
        if (!have || goes_with_primary(p, have, true) || !is_same_kind(p, have, &op.address, c))
                return plan_add(p, op);
        if (is_alike(have, &op.address))
                return 0;
        op.type = PLAN_CHANGE_ADDRESS;
        return plan_add(p, op);
}

static int remove_addresses(const Planner *p, bool wanted) {
        for (size_t i = 0; i < p->link->n_addresses; i++) {
                const Address *a = p->link->addresses + i;
                int r;

                if (will_be_lost(p, a) || !must_go(p, a, wanted))
                        continue;
                r = plan_add(p, (PlanOp){ .type = PLAN_REMOVE_ADDRESS, .address = *a });
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What others added stays theirs, as it was. One that has a lifetime would have none then, and its owner
 * adds it again anyway. */
static int put_back_addresses(const Planner *p, bool wanted) {
        bool in_the_way = false;
        Address want;

        for (size_t i = 0; i < p->link->n_addresses; i++) {
                const Address *a = p->link->addresses + i;
                PlanOp op = { .type = PLAN_ADD_ADDRESS, .address = *a };
                int r;

                if (!(a->flags & IFA_F_PERMANENT) || !goes_with_primary(p, a, wanted) ||
                    must_go(p, a, wanted) || (wanted && find_config(p, a, &want, &in_the_way)))
                        continue;
                op.address.flags &= FLAGS_WANTED;
                r = plan_add(p, op);
                if (r < 0)
                        return r;
        }
        return 0;
}

int plan_addresses(const Planner *p, bool wanted) {
        const NetworkConfig *n = p->want->network;
        int r = 0;

        if (p->link)
                r = remove_addresses(p, wanted);
        for (size_t i = 0; r >= 0 && wanted && n && i < n->n_addresses; i++)
                r = plan_address(p, n->addresses + i);
        if (r >= 0 && p->link)
                r = put_back_addresses(p, wanted);
        return r;
}
