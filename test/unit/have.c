/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One table a JSON object, of name and reader: a typing error in a case must not pass for a default. */

#include "have.h"

#include <json-c/json.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <string.h>

#include "test.h"

#include "config/values.h"

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

static void read_flags(struct json_object *value, void *object, size_t offset) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
                assert_string_equal(json_object_get_string(json_object_array_get_idx(value, i)), "up");
                *(uint32_t *) ((char *) object + offset) |= IFF_UP;
        }
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

static void read_addresses(struct json_object *value, void *object, size_t offset _unused_) {
        static const Field fields[] = {
                { "address", read_local, 0 },
                { "peer", read_peer, 0 },
                { "protocol", read_byte, offsetof(Address, protocol) },
        };

        for (size_t i = 0; i < json_object_array_length(value); i++) {
                Address a = {};

                read_fields(json_object_array_get_idx(value, i), fields, ELEMENTSOF(fields), &a);
                assert_int_equal(link_add_address(object, &a), 0);
        }
}

static Link *read_link(struct json_object *json) {
        static const Field fields[] = {
                { "name", read_name, offsetof(Link, name) },
                { "ifindex", read_int, offsetof(Link, ifindex) },
                { "kind", read_name, offsetof(Link, kind) },
                { "flags", read_flags, offsetof(Link, flags) },
                { "mtu", read_int, offsetof(Link, mtu) },
                { "carrier", read_bool, offsetof(Link, carrier) },
                { "mac", read_mac, 0 },
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
                assert_int_equal(snapshot_append(object, read_link(json_object_array_get_idx(value, i))), 0);
}

Snapshot *have_read(const char *path) {
        static const Field fields[] = { { "links", read_links, 0 } };
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
        return TAKE_PTR(snapshot);
}
