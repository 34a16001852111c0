/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One table a JSON object, of name and reader: a typing error in a case must not pass for a default. */

#include "have.h"

#include <arpa/inet.h>
#include <json-c/json.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "test.h"

#include "config/values.h"
#include "kernel/read.h"
#include "plan/setting.h"

typedef struct Field {
        const char *name;
        void (*read)(struct json_object *value, void *object, size_t offset);
        size_t offset;
} Field;

static void read_fields(struct json_object *json, const Field *fields, size_t n, void *object) {
        assert_true(json_object_is_type(json, json_type_object));

        json_object_object_foreach(json, name, value) {
                const Field *field = NULL;

                for (size_t i = 0; i < n && !field; i++)
                        if (strcmp(fields[i].name, name) == 0)
                                field = fields + i;
                if (!field)
                        fail_msg("unknown name \"%s\"", name);
                else
                        field->read(value, object, field->offset);
        }
}

static void read_bool(struct json_object *value, void *object, size_t offset) {
        assert_true(json_object_is_type(value, json_type_boolean));
        *(bool *) ((char *) object + offset) = json_object_get_boolean(value);
}

static void read_int(struct json_object *value, void *object, size_t offset) {
        assert_true(json_object_is_type(value, json_type_int));
        *(int32_t *) ((char *) object + offset) = json_object_get_int(value);
}

static void read_int64(struct json_object *value, void *object, size_t offset) {
        assert_true(json_object_is_type(value, json_type_int));
        *(int64_t *) ((char *) object + offset) = json_object_get_int64(value);
}

static void read_byte(struct json_object *value, void *object, size_t offset) {
        assert_true(json_object_is_type(value, json_type_int));
        *((uint8_t *) object + offset) = (uint8_t) json_object_get_int(value);
}

static void read_name(struct json_object *value, void *object, size_t offset) {
        const char *s = json_object_get_string(value);

        assert_true(strlen(s) < IFNAMSIZ); /* LINK_KIND_MAX is as much */
        memcpy((char *) object + offset, s, strlen(s));
}

static uint32_t flag_of(const char *word) {
        static const struct {
                const char *word;
                uint32_t flag;
        } flags[] = { { "up", IFF_UP },
                      { "noarp", IFF_NOARP },
                      { "multicast", IFF_MULTICAST },
                      { "allmulti", IFF_ALLMULTI },
                      { "promisc", IFF_PROMISC } };

        for (size_t i = 0; i < ELEMENTSOF(flags); i++)
                if (strcmp(flags[i].word, word) == 0)
                        return flags[i].flag;
        fail_msg("unknown flag \"%s\"", word);
        return 0;
}

static void read_flags(struct json_object *value, void *object, size_t offset) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
                *(uint32_t *) ((char *) object + offset) |=
                                flag_of(json_object_get_string(json_object_array_get_idx(value, i)));
}

static void read_number16(struct json_object *value, void *object, size_t offset) {
        assert_true(json_object_is_type(value, json_type_int));
        *(uint16_t *) ((char *) object + offset) = (uint16_t) json_object_get_int(value);
}

static void read_int8(struct json_object *value, void *object, size_t offset) {
        assert_true(json_object_is_type(value, json_type_int));
        *((int8_t *) object + offset) = (int8_t) json_object_get_int(value);
}

static void read_number(struct json_object *value, void *object, size_t offset) {
        assert_true(json_object_is_type(value, json_type_int));
        *(uint32_t *) ((char *) object + offset) = (uint32_t) json_object_get_int64(value);
}

static void read_pvid(struct json_object *value, void *object, size_t offset) {
        assert_in_range(json_object_get_int(value), 0, 4094);
        *(uint16_t *) ((char *) object + offset) = (uint16_t) json_object_get_int(value);
}

/* {"port-hairpin": 1}, {"ipv4-reverse-path-filter": 2}: settings by their names. */
static void read_settings(struct json_object *value, void *object, size_t offset _unused_) {
        Link *link = object;

        json_object_object_foreach(value, name, number) {
                Setting s = setting_from_string(name);
                uint32_t v = (uint32_t) json_object_get_int64(number);

                if (s >= SETTING_PORT_FIRST && s <= SETTING_PORT_LAST) {
                        if (!link->port)
                                link->port = calloc(1, sizeof(BridgePort));
                        assert_non_null(link->port);
                        link->port->values[s - SETTING_PORT_FIRST] = v;
                } else if (s >= SETTING_SYSCTL_FIRST && s <= SETTING_SYSCTL_LAST) {
                        link->sysctls[s - SETTING_SYSCTL_FIRST] = (int32_t) v;
                        link->sysctls_known |= 1U << (s - SETTING_SYSCTL_FIRST);
                } else if (s == SETTING_ADDRESS_GENERATION) {
                        link->has_ipv6 = true;
                        link->address_generation = (uint8_t) v;
                } else
                        fail_msg("no such setting here: \"%s\"", name);
        }
}

/* "10", "20-29 untagged", "1 pvid untagged". */
static void read_vlan(BridgePort *port, const char *text) {
        bool untagged = strstr(text, " untagged"), pvid = strstr(text, " pvid");
        unsigned first, last;

        switch (sscanf(text, "%u-%u", &first, &last)) {
        case 1: last = first; break;
        case 2: break;
        default: fail_msg("no VLAN: \"%s\"", text);
        }
        assert_true(first > 0 && first <= last && last < 4095);
        for (unsigned v = first; v <= last; v++) {
                port->vlans[v / 8] |= (uint8_t) (1 << v % 8);
                if (untagged)
                        port->untagged[v / 8] |= (uint8_t) (1 << v % 8);
                if (pvid)
                        port->pvid = (uint16_t) v;
        }
}

static void read_vlans(struct json_object *value, void *object, size_t offset _unused_) {
        Link *link = object;

        if (!link->port)
                link->port = calloc(1, sizeof(BridgePort));
        assert_non_null(link->port);
        link->port->has_vlans = true;
        for (size_t i = 0; i < json_object_array_length(value); i++)
                read_vlan(link->port, json_object_get_string(json_object_array_get_idx(value, i)));
}

static void read_label(struct json_object *value, void *object, size_t offset) {
        const char *s = json_object_get_string(value);

        assert_true(strlen(s) < IFNAMSIZ);
        strcpy((char *) object + offset, s);
}

static void read_mac(struct json_object *value, void *object, size_t offset _unused_) {
        Link *link = object;
        HwAddr mac;

        assert_int_equal(parse_hwaddr(json_object_get_string(value), &mac), 0);
        memcpy(link->address, mac.bytes, mac.length);
        link->address_length = mac.length;
}

static void read_type(struct json_object *value, void *object, size_t offset) {
        const char *s = json_object_get_string(value);

        assert_true(strcmp(s, "tun") == 0 || strcmp(s, "tap") == 0);
        *(bool *) ((char *) object + offset) = strcmp(s, "tap") == 0;
}

static void read_tun(struct json_object *value, void *object, size_t offset _unused_) {
        static const Field fields[] = {
                { "type", read_type, offsetof(TunInfo, tap) },
                { "pi", read_bool, offsetof(TunInfo, pi) },
                { "vnet_hdr", read_bool, offsetof(TunInfo, vnet_hdr) },
                { "persist", read_bool, offsetof(TunInfo, persist) },
                { "multi_queue", read_bool, offsetof(TunInfo, multi_queue) },
                { "num_queues", read_int, offsetof(TunInfo, num_queues) },
                { "num_disabled_queues", read_int, offsetof(TunInfo, num_disabled_queues) },
                { "owner", read_int64, offsetof(TunInfo, owner) },
                { "group", read_int64, offsetof(TunInfo, group) },
        };
        Link *link = object;

        link->is_tun = true;
        link->tun = (TunInfo){ .persist = true, .owner = -1, .group = -1 };
        read_fields(value, fields, ELEMENTSOF(fields), &link->tun);
        link->arp_type = link->tun.tap ? ARPHRD_ETHER : ARPHRD_NONE;
}

static void read_local(struct json_object *value, void *object, size_t offset _unused_) {
        Address *a = object;
        InAddr address;
        bool has_length;

        assert_int_equal(parse_in_addr_prefix(json_object_get_string(value), &address, &a->prefixlen,
                                              &has_length),
                         0);
        assert_true(has_length);
        a->family = (uint8_t) address.family;
        memcpy(a->local, address.bytes, sizeof(a->local));
        memcpy(a->peer, address.bytes, sizeof(a->peer));
}

/* After "address", whose copy it replaces: json-c keeps the order of the file. */
static void read_peer(struct json_object *value, void *object, size_t offset _unused_) {
        Address *a = object;
        InAddr peer;

        assert_int_equal(parse_in_addr(json_object_get_string(value), &peer), 0);
        assert_int_equal(peer.family, a->family);
        memcpy(a->peer, peer.bytes, sizeof(a->peer));
}

static void read_broadcast(struct json_object *value, void *object, size_t offset _unused_) {
        InAddr broadcast;

        assert_int_equal(parse_in_addr(json_object_get_string(value), &broadcast), 0);
        memcpy(((Address *) object)->broadcast, broadcast.bytes, 4);
}

/* What the kernel and netdevd give an address that nothing more is said of. */
static void set_defaults(const Link *link, Address *a) {
        uint32_t local;

        if (a->family != AF_INET)
                return;
        if (!a->label[0])
                memcpy(a->label, link->name, sizeof(a->label));
        if (a->protocol == 0 || a->prefixlen > 30 || memcmp(a->local, a->peer, 4) != 0)
                return;
        memcpy(&local, a->local, sizeof(local));
        local |= htonl(UINT32_MAX >> a->prefixlen);
        memcpy(a->broadcast, &local, sizeof(local));
}

static void read_addresses(struct json_object *value, void *object, size_t offset _unused_) {
        static const Field fields[] = {
                { "address", read_local, 0 },
                { "peer", read_peer, 0 },
                { "protocol", read_byte, offsetof(Address, protocol) },
                { "scope", read_byte, offsetof(Address, scope) },
                { "flags", read_number, offsetof(Address, flags) },
                { "metric", read_number, offsetof(Address, metric) },
                { "preferred", read_number, offsetof(Address, preferred) },
                { "label", read_label, offsetof(Address, label) },
                { "broadcast", read_broadcast, 0 },
        };

        for (size_t i = 0; i < json_object_array_length(value); i++) {
                Address a = { .preferred = ADDRESS_FOREVER };

                read_fields(json_object_array_get_idx(value, i), fields, ELEMENTSOF(fields), &a);
                set_defaults(object, &a);
                assert_int_equal(link_add_address(object, &a), 0);
        }
}

static Link *read_one_link(struct json_object *json) {
        static const Field fields[] = {
                { "name", read_name, offsetof(Link, name) },
                { "ifindex", read_int, offsetof(Link, ifindex) },
                { "kind", read_name, offsetof(Link, kind) },
                { "flags", read_flags, offsetof(Link, flags) },
                { "mtu", read_int, offsetof(Link, mtu) },
                { "carrier", read_bool, offsetof(Link, carrier) },
                { "mac", read_mac, 0 },
                { "master", read_int, offsetof(Link, master) },
                { "group", read_number, offsetof(Link, group) },
                { "vrf_table", read_number, offsetof(Link, vrf_table) },
                { "default_pvid", read_pvid, offsetof(Link, default_pvid) },
                { "tx_queue_length", read_number, offsetof(Link, tx_queue_length) },
                { "qdisc", read_name, offsetof(Link, qdisc) },
                { "settings", read_settings, 0 },
                { "vlans", read_vlans, 0 },
                { "tun", read_tun, 0 },
                { "addresses", read_addresses, 0 },
        };
        Link *link = calloc(1, sizeof(Link));

        assert_non_null(link);
        link->mtu = 1500;
        read_fields(json, fields, ELEMENTSOF(fields), link);

        assert_true(link->name[0] && link->ifindex > 0);
        assert_int_equal(link->is_tun, strcmp(link->kind, "tun") == 0);
        return link;
}

static Link *new_lo(void) {
        Link *link = calloc(1, sizeof(Link));

        assert_non_null(link);
        *link = (Link){ .ifindex = 1, .name = "lo", .arp_type = ARPHRD_LOOPBACK, .mtu = 65536 };
        return link;
}

static void read_links(struct json_object *value, void *object, size_t offset _unused_) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
                assert_int_equal(snapshot_append(object, read_one_link(json_object_array_get_idx(value, i))),
                                 0);
}

static void read_prefix(struct json_object *value, uint8_t *family, uint8_t address[static 16],
                        uint8_t *length) {
        InAddr a;
        bool has_length;

        assert_int_equal(parse_in_addr_prefix(json_object_get_string(value), &a, length, &has_length), 0);
        *family = (uint8_t) a.family;
        memcpy(address, a.bytes, 16);
}

static void read_destination(struct json_object *value, void *object, size_t offset _unused_) {
        Route *r = object;

        read_prefix(value, &r->family, r->destination, &r->destination_length);
}

static void read_via(struct json_object *value, void *object, size_t offset _unused_) {
        RouteHop *hop = object;
        uint8_t length;

        read_prefix(value, &hop->gateway_family, hop->gateway, &length);
}

static const Field hop_fields[] = {
        { "dev", read_int, offsetof(RouteHop, ifindex) },
        { "via", read_via, 0 },
        { "weight", read_number16, offsetof(RouteHop, weight) },
        { "onlink", read_bool, offsetof(RouteHop, on_link) },
};

static RouteHop *add_hop(Route *r) {
        assert_int_equal(ARRAY_RESERVE_ONE(r->hops, r->n_hops), 0);
        r->hops[r->n_hops] = (RouteHop){ .weight = 1 };
        return r->hops + r->n_hops++;
}

static void read_hops(struct json_object *value, void *object, size_t offset _unused_) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
                read_fields(json_object_array_get_idx(value, i), hop_fields, ELEMENTSOF(hop_fields),
                            add_hop(object));
}

/* What a hop has may stand in the route itself, when there is one. */
static void read_only_hop(struct json_object *value, void *object, size_t offset) {
        Route *r = object;

        hop_fields[offset].read(value, r->n_hops > 0 ? r->hops : add_hop(r), hop_fields[offset].offset);
}

static void read_source_prefix(struct json_object *value, void *object, size_t offset _unused_) {
        Route *r = object;

        read_prefix(value, &r->family, r->source, &r->source_length);
}

static void read_preferred_source(struct json_object *value, void *object, size_t offset _unused_) {
        Route *r = object;
        uint8_t length;

        read_prefix(value, &r->family, r->preferred_source, &length);
}

static void read_routes(struct json_object *value, void *object, size_t offset _unused_) {
        static const Field fields[] = {
                { "destination", read_destination, 0 },
                { "source", read_source_prefix, 0 },
                { "src", read_preferred_source, 0 },
                { "dev", read_only_hop, 0 },
                { "via", read_only_hop, 1 },
                { "onlink", read_only_hop, 3 },
                { "hops", read_hops, 0 },
                { "nexthop", read_number, offsetof(Route, nexthop_id) },
                { "protocol", read_byte, offsetof(Route, protocol) },
                { "scope", read_byte, offsetof(Route, scope) },
                { "type", read_byte, offsetof(Route, type) },
                { "table", read_number, offsetof(Route, table) },
                { "metric", read_number, offsetof(Route, priority) },
                { "preference", read_byte, offsetof(Route, preference) },
                { "mtu", read_number, offsetof(Route, metrics) + RTAX_MTU * sizeof(uint32_t) },
        };
        Snapshot *s = object;

        for (size_t i = 0; i < json_object_array_length(value); i++) {
                Route r = { .type = RTN_UNICAST, .table = RT_TABLE_MAIN, .protocol = NETDEVD_PROTOCOL };

                read_fields(json_object_array_get_idx(value, i), fields, ELEMENTSOF(fields), &r);
                route_normalize(&r);
                assert_int_equal(ARRAY_RESERVE_ONE(s->routes, s->n_routes), 0);
                s->routes[s->n_routes++] = r;
        }
}

static void read_group(struct json_object *value, void *object, size_t offset _unused_) {
        NextHop *n = object;

        n->family = AF_UNSPEC;
        json_object_object_foreach(value, id, weight) {
                assert_int_equal(ARRAY_RESERVE_ONE(n->group, n->n_group), 0);
                n->group[n->n_group++] = (NextHopGroupEntry){ (uint32_t) atoi(id),
                                                              (uint16_t) json_object_get_int(weight) };
        }
}

static void read_nexthop_via(struct json_object *value, void *object, size_t offset _unused_) {
        NextHop *n = object;
        uint8_t length;

        read_prefix(value, &n->gateway_family, n->gateway, &length);
        n->family = n->gateway_family;
}

static void read_nexthops(struct json_object *value, void *object, size_t offset _unused_) {
        static const Field fields[] = {
                { "id", read_number, offsetof(NextHop, id) },
                { "dev", read_int, offsetof(NextHop, ifindex) },
                { "via", read_nexthop_via, 0 },
                { "onlink", read_bool, offsetof(NextHop, on_link) },
                { "blackhole", read_bool, offsetof(NextHop, blackhole) },
                { "group", read_group, 0 },
                { "protocol", read_byte, offsetof(NextHop, protocol) },
        };
        Snapshot *s = object;

        for (size_t i = 0; i < json_object_array_length(value); i++) {
                NextHop n = { .family = AF_INET, .protocol = NETDEVD_PROTOCOL };

                read_fields(json_object_array_get_idx(value, i), fields, ELEMENTSOF(fields), &n);
                assert_true(n.id > 0);
                assert_int_equal(ARRAY_RESERVE_ONE(s->nexthops, s->n_nexthops), 0);
                s->nexthops[s->n_nexthops++] = n;
        }
}

static void read_from(struct json_object *value, void *object, size_t offset _unused_) {
        Rule *r = object;

        read_prefix(value, &r->family, r->source, &r->source_length);
}

static void read_to(struct json_object *value, void *object, size_t offset _unused_) {
        Rule *r = object;

        read_prefix(value, &r->family, r->destination, &r->destination_length);
}

static void read_rules(struct json_object *value, void *object, size_t offset _unused_) {
        static const Field fields[] = {
                { "from", read_from, 0 },
                { "to", read_to, 0 },
                { "family", read_byte, offsetof(Rule, family) },
                { "action", read_byte, offsetof(Rule, action) },
                { "fwmark", read_number, offsetof(Rule, fwmark) },
                { "fwmask", read_number, offsetof(Rule, fwmask) },
                { "iif", read_name, offsetof(Rule, iifname) },
                { "oif", read_name, offsetof(Rule, oifname) },
                { "invert", read_bool, offsetof(Rule, invert) },
                { "suppress_prefixlength", read_int64, offsetof(Rule, suppress_prefixlen) },
                { "protocol", read_byte, offsetof(Rule, protocol) },
                { "table", read_number, offsetof(Rule, table) },
                { "priority", read_number, offsetof(Rule, priority) },
        };
        Snapshot *s = object;

        for (size_t i = 0; i < json_object_array_length(value); i++) {
                Rule r = { .family = AF_INET,
                           .action = FR_ACT_TO_TBL,
                           .has_priority = true,
                           .protocol = NETDEVD_PROTOCOL,
                           .uids = { UINT32_MAX, UINT32_MAX },
                           .suppress_prefixlen = -1,
                           .suppress_group = -1 };

                read_fields(json_object_array_get_idx(value, i), fields, ELEMENTSOF(fields), &r);
                assert_int_equal(ARRAY_RESERVE_ONE(s->rules, s->n_rules), 0);
                s->rules[s->n_rules++] = r;
        }
}

static void read_lladdr(struct json_object *value, void *object, size_t offset _unused_) {
        Neighbor *n = object;
        HwAddr mac;

        assert_int_equal(parse_hwaddr(json_object_get_string(value), &mac), 0);
        memcpy(n->link_layer, mac.bytes, mac.length);
        n->link_layer_length = mac.length;
}

static void read_ip(struct json_object *value, void *object, size_t offset _unused_) {
        Neighbor *n = object;
        uint8_t length;

        read_prefix(value, &n->family, n->address, &length);
}

static void read_neighbors(struct json_object *value, void *object, size_t offset _unused_) {
        static const Field fields[] = {
                { "dev", read_int, offsetof(Neighbor, ifindex) },
                { "address", read_ip, 0 },
                { "lladdr", read_lladdr, 0 },
                { "protocol", read_byte, offsetof(Neighbor, protocol) },
                { "proxy", read_bool, offsetof(Neighbor, proxy) },
                { "permanent", read_bool, offsetof(Neighbor, permanent) },
        };
        Snapshot *s = object;

        for (size_t i = 0; i < json_object_array_length(value); i++) {
                Neighbor n = { .permanent = true, .protocol = NETDEVD_PROTOCOL };

                read_fields(json_object_array_get_idx(value, i), fields, ELEMENTSOF(fields), &n);
                assert_int_equal(ARRAY_RESERVE_ONE(s->neighbors, s->n_neighbors), 0);
                s->neighbors[s->n_neighbors++] = n;
        }
}

static int compare_nexthops(const void *a, const void *b) {
        return nexthop_compare(a, b);
}

static int compare_routes(const void *a, const void *b) {
        return route_compare(a, b);
}

Snapshot *have_read(const char *path) {
        static const Field fields[] = {
                { "links", read_links, 0 },
                { "routes", read_routes, 0 },
                { "rules", read_rules, 0 },
                { "nexthops", read_nexthops, 0 },
                { "neighbors", read_neighbors, 0 },
                { "ip_forward", read_int8, offsetof(Snapshot, ip_forward) },
                { "ipv6_forward", read_int8, offsetof(Snapshot, ipv6_forward) },
                { "ipv6_disable_default", read_int8, offsetof(Snapshot, ipv6_disable_default) },
        };
        _cleanup_(snapshot_freep) Snapshot *snapshot = snapshot_new();
        struct json_object *json;

        assert_non_null(snapshot);
        assert_int_equal(snapshot_append(snapshot, new_lo()), 0);

        if (access(path, F_OK) >= 0) {
                json = json_object_from_file(path);
                if (!json)
                        fail_msg("%s: %s", path, json_util_get_last_err());
                read_fields(json, fields, ELEMENTSOF(fields), snapshot);
                json_object_put(json);
        }

        snapshot_sort(snapshot);
        if (snapshot->n_routes > 0)
                qsort(snapshot->routes, snapshot->n_routes, sizeof(Route), compare_routes);
        if (snapshot->n_nexthops > 0)
                qsort(snapshot->nexthops, snapshot->n_nexthops, sizeof(NextHop), compare_nexthops);
        return TAKE_PTR(snapshot);
}
