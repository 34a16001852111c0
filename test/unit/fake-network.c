/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* In short: a value is stored where the snapshot shows it; a port joins its bridge with the bridge's
 * defaults; an address exists once; a nexthop needs carrier, and a group its members; a route needs its link
 * up, and its nexthop; the MTU of IPv6 follows that of the link; a link that goes down loses its routes,
 * nexthops, neighbours and IPv6 addresses; an IPv6 address is tentative at first. */

#include "fake-network.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"

#define MTU_MIN_IPV6 1280

static int set_mtu(const PlanOp *op, Link *link) {
        if (op->value < 68 || op->value > (link->tun.tap ? 65521 : 65535))
                return -EINVAL;
        link->mtu = (uint32_t) op->value;
        link->sysctls[SYSCTL_IPV6_MTU] = (int32_t) op->value; /* addrconf_notify */
        return 0;
}

static int set_mac(const PlanOp *op, Link *link) {
        static const uint8_t null[6];
        uint8_t mac[6];

        setting_to_mac(op->value, mac);
        if (!link->tun.tap)
                return -EOPNOTSUPP;
        if (mac[0] & 1 || memcmp(mac, null, 6) == 0)
                return -EADDRNOTAVAIL;
        memcpy(link->address, mac, 6);
        link->address_length = 6;
        return 0;
}

static int set_flag(Link *link, uint32_t flag, bool on) {
        link->flags = on ? link->flags | flag : link->flags & ~flag;
        return 0;
}

/* A VRF takes who joins or leaves down, and up again. */
static void cycle(Snapshot *s, int master, Link *link) {
        const Link *l = master > 0 ? snapshot_by_index(s, master) : NULL;

        if (!l || strcmp(l->kind, "vrf") != 0 || !(link->flags & IFF_UP))
                return;
        fake_set_down(s, link);
        fake_set_up(link);
}

static int set_master(const FakeKernel *k, const PlanOp *op, Link *link) {
        const Link *master = op->value > 0 ? snapshot_by_index(k->snapshot, (int) op->value) : NULL;
        uint16_t v;

        if (op->value > 0 && !master)
                return -ENODEV;
        cycle(k->snapshot, link->master, link);
        cycle(k->snapshot, (int) op->value, link);
        free(link->port);
        link->port = NULL;
        link->master = (int) op->value;
        if (!master || strcmp(master->kind, "bridge") != 0)
                return 0;
        if (!link->tun.tap)
                return -EINVAL;

        link->port = calloc(1, sizeof(BridgePort));
        if (!link->port)
                return -ENOMEM;
        v = master->default_pvid;
        *link->port = (BridgePort){ .has_vlans = true, .pvid = v };
        if (v > 0)
                link->port->vlans[v / 8] = link->port->untagged[v / 8] = (uint8_t) (1 << v % 8);
        link->port->values[PORT_LEARNING] = link->port->values[PORT_UNICAST_FLOOD] = 1;
        link->port->values[PORT_MULTICAST_FLOOD] = link->port->values[PORT_MULTICAST_ROUTER] = 1;
        link->port->values[PORT_PRIORITY] = 32;
        link->port->values[PORT_COST] = 100;
        return 0;
}

static int set_sysctl(const PlanOp *op, Link *link) {
        LinkSysctl s = (LinkSysctl) (op->setting - SETTING_SYSCTL_FIRST);

        if (s == SYSCTL_IPV6_MTU && (op->value < MTU_MIN_IPV6 || op->value > link->mtu))
                return -EINVAL;
        link->sysctls[s] = (int32_t) op->value;
        link->sysctls_known |= 1U << s;
        return 0;
}

static int set(FakeKernel *k, const PlanOp *op, Link *link) {
        if (op->setting >= SETTING_PORT_FIRST && op->setting <= SETTING_PORT_LAST) {
                if (!link->port)
                        return -EOPNOTSUPP;
                link->port->values[op->setting - SETTING_PORT_FIRST] = (uint32_t) op->value;
                return 0;
        }
        if (op->setting >= SETTING_SYSCTL_FIRST && op->setting <= SETTING_SYSCTL_LAST)
                return set_sysctl(op, link);

        switch (op->setting) {
        case SETTING_QDISC:
                strcpy(link->qdisc, op->value == QDISC_KERNEL ? "mq" : qdisc_to_string((Qdisc) op->value));
                return 0;
        case SETTING_TX_QUEUE_LENGTH: link->tx_queue_length = (uint32_t) op->value; return 0;
        case SETTING_LINK_GROUP: link->group = (uint32_t) op->value; return 0;
        case SETTING_MTU: return set_mtu(op, link);
        case SETTING_MAC_ADDRESS: return set_mac(op, link);
        case SETTING_ARP: return set_flag(link, IFF_NOARP, !op->value);
        case SETTING_MULTICAST: return set_flag(link, IFF_MULTICAST, op->value);
        case SETTING_ALL_MULTICAST: return set_flag(link, IFF_ALLMULTI, op->value);
        case SETTING_PROMISCUOUS: return set_flag(link, IFF_PROMISC, op->value);
        case SETTING_ADDRESS_GENERATION:
                link->has_ipv6 = true;
                link->address_generation = (uint8_t) op->value;
                return 0;
        case SETTING_STABLE_SECRET: return owned_set(k->owned, op->want->name, op->setting, NULL, op->value);
        case SETTING_MASTER: return set_master(k, op, link);
        case SETTING_IP_FORWARD: k->snapshot->ip_forward = (int8_t) op->value; return 0;
        case SETTING_IPV6_FORWARD: k->snapshot->ipv6_forward = (int8_t) op->value; return 0;
        default: return -EINVAL;
        }
}

/* What netdevd records of it. */
static int record(FakeKernel *k, const PlanOp *op) {
        if (!owned_find(k->owned, op->want->name))
                return 0;
        if (!op->revert)
                return owned_set(k->owned, op->want->name, op->setting, op->has_before ? &op->before : NULL,
                                 op->value);
        owned_unset(k->owned, op->want->name, op->setting);
        return 0;
}

int fake_set(FakeKernel *k, const PlanOp *op, Link *link) {
        int r = set(k, op, link);

        return r < 0 ? r : record(k, op);
}

void fake_set_up(Link *link) {
        link->flags |= IFF_UP;
        /* A device without hardware address has no EUI-64 (addrconf_dev_config). */
        if (link->has_ipv6 && !link->tun.tap && link->carrier &&
            link->address_generation == IN6_ADDR_GEN_MODE_EUI64)
                link->address_generation = IN6_ADDR_GEN_MODE_RANDOM;
}

static void drop_routes(Snapshot *s, int ifindex) {
        size_t kept = 0;

        for (size_t i = 0; i < s->n_routes; i++)
                if (route_first_ifindex(s->routes + i) == ifindex)
                        route_done(s->routes + i);
                else
                        s->routes[kept++] = s->routes[i];
        s->n_routes = kept;
}

static void drop_nexthops(Snapshot *s, int ifindex) {
        size_t kept = 0;

        for (size_t i = 0; i < s->n_nexthops; i++)
                if (s->nexthops[i].ifindex == ifindex)
                        nexthop_done(s->nexthops + i);
                else
                        s->nexthops[kept++] = s->nexthops[i];
        s->n_nexthops = kept;
}

void fake_drop_items(Snapshot *s, int ifindex) {
        size_t kept = 0;

        drop_routes(s, ifindex);
        drop_nexthops(s, ifindex);
        for (size_t i = 0; i < s->n_neighbors; i++)
                if (s->neighbors[i].ifindex != ifindex)
                        s->neighbors[kept++] = s->neighbors[i];
        s->n_neighbors = kept;
}

void fake_set_down(Snapshot *s, Link *link) {
        size_t kept = 0;

        link->flags &= ~(uint32_t) IFF_UP;
        fake_drop_items(s, link->ifindex);
        for (size_t i = 0; i < link->n_addresses; i++)
                if (link->addresses[i].family != AF_INET6)
                        link->addresses[kept++] = link->addresses[i];
        link->n_addresses = kept;
}

int fake_vlans(const PlanOp *op, Link *link) {
        if (!link->port || op->vlan_first == 0 || op->vlan_last > 4094 || op->vlan_first > op->vlan_last)
                return -EINVAL;

        for (unsigned v = op->vlan_first; v <= op->vlan_last; v++) {
                uint8_t bit = (uint8_t) (1 << v % 8);

                link->port->vlans[v / 8] &= (uint8_t) ~bit;
                link->port->untagged[v / 8] &= (uint8_t) ~bit;
                if (link->port->pvid == v)
                        link->port->pvid = 0;
                if (op->type == PLAN_REMOVE_VLANS)
                        continue;
                link->port->vlans[v / 8] |= bit;
                if (op->untagged)
                        link->port->untagged[v / 8] |= bit;
                if (op->pvid)
                        link->port->pvid = (uint16_t) v;
        }
        return 0;
}

static bool same_subnet(const uint8_t *a, const uint8_t *b, unsigned prefixlen) {
        for (unsigned i = 0; i < prefixlen; i++)
                if ((a[i / 8] ^ b[i / 8]) & 0x80 >> i % 8)
                        return false;
        return true;
}

/* What makes a second address an existing one: for IPv6 the address alone; for IPv4 also its length, and the
 * peer only as far as the length reaches (find_matching_ifa). */
static bool exists(const Address *have, const Address *added) {
        if (have->family != added->family || memcmp(have->local, added->local, sizeof(have->local)) != 0)
                return false;
        return have->family == AF_INET6 || (have->prefixlen == added->prefixlen &&
                                            same_subnet(have->peer, added->peer, have->prefixlen));
}

/* The kernel calls an IPv4 address as its link, when it is called nothing. */
static Address as_kept(const Address *a, const Link *link) {
        Address kept = *a;

        if (kept.family == AF_INET && !kept.label[0])
                memcpy(kept.label, link->name, sizeof(kept.label));
        return kept;
}

static void forget_address(Link *link, size_t i) {
        memmove(link->addresses + i, link->addresses + i + 1, (link->n_addresses - i - 1) * sizeof(Address));
        link->n_addresses--;
}

static bool is_secondary(const Address *a, const Address *primary) {
        uint32_t x, y;

        if (a->family != AF_INET || primary->family != AF_INET || primary->flags & IFA_F_SECONDARY ||
            a->prefixlen != primary->prefixlen)
                return false;
        memcpy(&x, a->peer, sizeof(x));
        memcpy(&y, primary->peer, sizeof(y));
        return a->prefixlen == 0 || ntohl(x ^ y) >> (32 - a->prefixlen) == 0;
}

/* As where promote_secondaries is off, which is the default. */
static int remove_address(const Address *address, Link *link) {
        Address gone;
        size_t i;

        for (i = 0; i < link->n_addresses; i++)
                if (address_compare(link->addresses + i, address) == 0)
                        break;
        if (i == link->n_addresses)
                return -EADDRNOTAVAIL;

        gone = link->addresses[i];
        forget_address(link, i);
        for (i = 0; i < link->n_addresses;)
                if (link->addresses[i].flags & IFA_F_SECONDARY && is_secondary(link->addresses + i, &gone))
                        forget_address(link, i);
                else
                        i++;
        return 0;
}

int fake_address(const PlanOp *op, Link *link) {
        Address a = as_kept(&op->address, link);
        int r;

        if (op->type == PLAN_REMOVE_ADDRESS)
                return remove_address(&op->address, link);

        if (a.family == AF_INET6 && link->mtu < MTU_MIN_IPV6)
                return -EINVAL;
        if (a.family == AF_INET6 && op->type == PLAN_ADD_ADDRESS && !(a.flags & IFA_F_NODAD))
                a.flags |= IFA_F_TENTATIVE;
        if (op->type == PLAN_CHANGE_ADDRESS) {
                r = remove_address(&op->address, link);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < link->n_addresses; i++)
                if (exists(link->addresses + i, &a))
                        return -EEXIST;
        for (size_t i = 0; i < link->n_addresses; i++)
                if (is_secondary(&a, link->addresses + i))
                        a.flags |= IFA_F_SECONDARY;

        r = link_add_address(link, &a);
        link_sort_addresses(link);
        return r;
}

static int compare_routes(const void *a, const void *b) {
        return route_compare(a, b);
}

static bool has_nexthop(const Snapshot *s, uint32_t id) {
        for (size_t i = 0; i < s->n_nexthops; i++)
                if (s->nexthops[i].id == id)
                        return true;
        return false;
}

static int change_route(Snapshot *s, const PlanOp *op, const Link *link) {
        Route route;
        int r;

        r = route_copy(op->route, &route);
        if (r < 0)
                return r;
        for (size_t i = 0; i < route.n_hops; i++)
                route.hops[i].ifindex = route.hops[i].ifindex ?: link->ifindex;

        for (size_t i = 0; i < s->n_routes; i++)
                if (route_compare(s->routes + i, &route) == 0) {
                        route_done(&route);
                        if (op->type == PLAN_ADD_ROUTE)
                                return -EEXIST;
                        route_done(s->routes + i);
                        memmove(s->routes + i, s->routes + i + 1, (s->n_routes - i - 1) * sizeof(Route));
                        s->n_routes--;
                        return 0;
                }
        if (op->type == PLAN_ADD_ROUTE && route.nexthop_id > 0 && !has_nexthop(s, route.nexthop_id)) {
                route_done(&route);
                return -EINVAL;
        }
        if (op->type == PLAN_REMOVE_ROUTE || (route.n_hops > 0 && !(link->flags & IFF_UP))) {
                route_done(&route);
                return op->type == PLAN_REMOVE_ROUTE ? -ESRCH : -ENETDOWN;
        }

        r = ARRAY_RESERVE_ONE(s->routes, s->n_routes);
        if (r < 0)
                return r;
        s->routes[s->n_routes++] = route;
        qsort(s->routes, s->n_routes, sizeof(Route), compare_routes);
        return 0;
}

static int change_nexthop(Snapshot *s, const PlanOp *op, const Link *link) {
        NextHop n;
        uint32_t last = 0;
        int r;

        for (size_t i = 0; i < s->n_nexthops; i++) {
                last = s->nexthops[i].id > last ? s->nexthops[i].id : last;
                if (op->nexthop->id > 0 && s->nexthops[i].id == op->nexthop->id) {
                        nexthop_done(s->nexthops + i);
                        memmove(s->nexthops + i, s->nexthops + i + 1,
                                (s->n_nexthops - i - 1) * sizeof(NextHop));
                        s->n_nexthops--;
                        if (op->type == PLAN_REMOVE_NEXTHOP)
                                return 0;
                        break;
                }
        }
        if (op->type == PLAN_REMOVE_NEXTHOP)
                return -ENOENT;
        for (size_t i = 0; i < op->nexthop->n_group; i++)
                if (!has_nexthop(s, op->nexthop->group[i].id))
                        return -EINVAL;

        r = nexthop_copy(op->nexthop, &n);
        if (r >= 0)
                r = ARRAY_RESERVE_ONE(s->nexthops, s->n_nexthops);
        if (r < 0)
                return r;
        n.id = n.id ?: last + 1;
        if (!n.blackhole && n.n_group == 0) {
                n.ifindex = n.ifindex ?: link->ifindex;
                if (!link->carrier)
                        return -ENETDOWN;
        }
        s->nexthops[s->n_nexthops++] = n;
        return 0;
}

/* Without a priority the kernel takes one below the first but one. */
static int change_rule(Snapshot *s, const PlanOp *op) {
        Rule rule = *op->rule;
        int r;

        for (size_t i = 0; i < s->n_rules && op->type == PLAN_REMOVE_RULE; i++)
                if (rule_compare(s->rules + i, &rule) == 0) {
                        memmove(s->rules + i, s->rules + i + 1, (s->n_rules - i - 1) * sizeof(Rule));
                        s->n_rules--;
                        return 0;
                }
        if (op->type == PLAN_REMOVE_RULE)
                return -ENOENT;

        if (!rule.has_priority) {
                rule.priority = 32765;
                for (size_t i = 0; i < s->n_rules; i++)
                        if (s->rules[i].priority > 0 && s->rules[i].priority <= rule.priority)
                                rule.priority = s->rules[i].priority - 1;
                rule.has_priority = true;
        }
        r = ARRAY_RESERVE_ONE(s->rules, s->n_rules);
        if (r >= 0)
                s->rules[s->n_rules++] = rule;
        return r;
}

static int change_neighbor(Snapshot *s, const PlanOp *op, const Link *link) {
        Neighbor n = *op->neighbor;
        int r;

        n.ifindex = n.ifindex ?: link->ifindex;
        for (size_t i = 0; i < s->n_neighbors; i++) {
                const Neighbor *have = s->neighbors + i;

                if (have->ifindex != n.ifindex || have->proxy != n.proxy || have->family != n.family ||
                    memcmp(have->address, n.address, sizeof(n.address)) != 0)
                        continue;
                memmove(s->neighbors + i, s->neighbors + i + 1, (s->n_neighbors - i - 1) * sizeof(Neighbor));
                s->n_neighbors--;
                if (op->type == PLAN_REMOVE_NEIGHBOR)
                        return 0;
                break;
        }
        if (op->type == PLAN_REMOVE_NEIGHBOR)
                return -ENOENT;

        r = ARRAY_RESERVE_ONE(s->neighbors, s->n_neighbors);
        if (r >= 0)
                s->neighbors[s->n_neighbors++] = n;
        return r;
}

int fake_item(FakeKernel *k, const PlanOp *op, const Link *link) {
        if (op->route)
                return change_route(k->snapshot, op, link);
        if (op->nexthop)
                return change_nexthop(k->snapshot, op, link);
        return op->rule ? change_rule(k->snapshot, op) : change_neighbor(k->snapshot, op, link);
}
