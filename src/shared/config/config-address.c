/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [Address], and Address= of [Network]. */

#include <linux/rtnetlink.h>
#include <string.h>

#include "config-file.h"
#include "config-objects.h"

#define DETECT_IPV4 1
#define DETECT_IPV6 2

/* Address= and Peer=: the length that was read last counts for both, as in networkd. */
static int parse_prefix(const Assignment *a, int family, const char *other, AddressConfig *c, InAddr *ret) {
        uint8_t length = 0;
        bool has_length;

        if (object_prefix(a, family, other, ret, &length, &has_length) == 0)
                return 0;
        if (!has_length)
                (void) diag_add(a->diag, SEVERITY_WARNING, &a->source, "write the length, for example /24",
                                "%s= '%s' has no prefix length; /%u is used", a->source.key, a->value,
                                length);

        c->prefixlen = length;
        return 1;
}

static int parse_address(const Assignment *a, void *field _unused_, void *object) {
        AddressConfig *c = object;
        InAddr address;

        if (parse_prefix(a, c->peer.family, "Peer", c, &address) == 0)
                return 0;
        if (in_addr_is_null(&address))
                return key_refuse(a, "write the address to use",
                                  "%s= '%s' asks for an address from a pool, which is not implemented",
                                  a->source.key, a->value);

        c->address = address;
        return 1;
}

static int parse_peer(const Assignment *a, void *field _unused_, void *object) {
        AddressConfig *c = object;
        InAddr peer;

        if (parse_prefix(a, c->address.family, "Address", c, &peer) == 0)
                return 0;

        if (in_addr_is_null(&peer))
                peer = (InAddr){};
        c->peer = peer;
        return 1;
}

static int parse_broadcast(const Assignment *a, void *field _unused_, void *object) {
        AddressConfig *c = object;
        InAddr address;
        bool b;

        if (!*a->value || (parse_boolean(a->value, &b) >= 0 && b))
                c->broadcast_mode = BROADCAST_DEFAULT;
        else if (parse_boolean(a->value, &b) >= 0)
                c->broadcast_mode = BROADCAST_NO;
        else if (parse_in_addr(a->value, &address) >= 0 && address.family == AF_INET) {
                c->broadcast_mode = BROADCAST_GIVEN;
                c->broadcast = address.v4;
        } else
                return key_refuse(a, "use yes, no or an address like 192.0.2.255",
                                  "Broadcast= '%s' is neither a boolean nor an IPv4 address", a->value);
        return 1;
}

static int parse_label(const Assignment *a, void *field, void *object _unused_) {
        size_t n = strlen(a->value);

        for (const char *c = a->value; *c; c++)
                if (*c < 0x20 || *c > 0x7e)
                        n = SIZE_MAX;
        if (n >= sizeof(((AddressConfig *) NULL)->label))
                return key_refuse(a, "use 1 to 15 printable ASCII characters", "Label= '%s' is no label",
                                  a->value);

        memcpy(field, a->value, n + 1);
        return 1;
}

static int parse_preferred(const Assignment *a, void *field, void *object _unused_) {
        bool zero = strcmp(a->value, "0") == 0;

        if (!zero && *a->value && strcmp(a->value, "forever") != 0 && strcmp(a->value, "infinity") != 0)
                return key_refuse(a, "use forever, infinity or 0", "PreferredLifetime= '%s' is not known",
                                  a->value);
        *(bool *) field = zero;
        return 1;
}

static int parse_not(const Assignment *a, void *field, void *object) {
        int r = key_parse_bool(a, field, object);

        if (r > 0)
                *(bool *) field = !*(bool *) field;
        return r;
}

static int parse_detection(const Assignment *a, void *field _unused_, void *object) {
        AddressDraft *draft = object;
        int64_t bits;
        bool b;

        if (key_word(a->key, a->value, &bits) < 0) {
                if (parse_boolean(a->value, &b) < 0)
                        return key_refuse_word(a);
                bits = b ? 0 : DETECT_IPV4 | DETECT_IPV6;
                (void) diag_add(a->diag, SEVERITY_WARNING, &a->source, "use none, ipv4, ipv6 or both",
                                "DuplicateAddressDetection=%s means %s, for historical reasons", a->value,
                                b ? "none" : "both");
        }

        draft->detection = (Optional){ true, bits };
        draft->detection_source = a->source;
        return 1;
}

static const char *const detection_list[] = { "none", "ipv4", "ipv6", "both" };

const Key address_keys[] = {
        { "Address", "Address", parse_address, offsetof(AddressConfig, address), -1 },
        { "Address", "Peer", parse_peer, offsetof(AddressConfig, peer), -1 },
        { "Address", "Broadcast", parse_broadcast, offsetof(AddressConfig, broadcast), -1 },
        { "Address", "Label", parse_label, offsetof(AddressConfig, label), -1 },
        { "Address", "PreferredLifetime", parse_preferred, offsetof(AddressConfig, preferred_zero), -1 },
        { "Address", "Scope", key_parse_optional_word, offsetof(AddressConfig, scope), -1,
          .words = scope_words, .max = UINT8_MAX },
        { "Address", "RouteMetric", key_parse_u32, offsetof(AddressConfig, route_metric), -1,
          .max = UINT32_MAX },
        { "Address", "HomeAddress", key_parse_bool, offsetof(AddressConfig, home_address), -1 },
        { "Address", "ManageTemporaryAddress", key_parse_bool,
          offsetof(AddressConfig, manage_temporary_address), -1 },
        { "Address", "AddPrefixRoute", parse_not, offsetof(AddressConfig, no_prefix_route), -1 },
        /* Its name says the opposite of what it does; networkd keeps it so. */
        { "Address", "PrefixRoute", key_parse_bool, offsetof(AddressConfig, no_prefix_route), -1 },
        { "Address", "AutoJoin", key_parse_bool, offsetof(AddressConfig, auto_join), -1 },
        { "Address", "DuplicateAddressDetection", parse_detection, 0, -1, KEY_LIST(detection_list) },
        {},
};

static void ignore(const ObjectContext *context, const AddressConfig *c, const char *key, const char *why) {
        (void) diag_add(context->diag, SEVERITY_WARNING, &c->source, "remove the line",
                        "%s= of the address is ignored: %s", key, why);
}

static void verify_detection(AddressDraft *draft, ObjectContext *context) {
        AddressConfig *c = &draft->config;
        bool ipv4 = c->address.family == AF_INET;
        int64_t bits = draft->detection.value;

        if (!draft->detection.set)
                return;

        if (ipv4 && (bits & DETECT_IPV4))
                left_out_add(&context->left_out, &draft->detection_source);
        else if (bits == (ipv4 ? DETECT_IPV6 : DETECT_IPV4))
                (void) diag_add(context->diag, SEVERITY_WARNING, &draft->detection_source,
                                ipv4 ? "use none or ipv4" : "use none or ipv6",
                                "DuplicateAddressDetection=%s on an IPv%d address is as good as none",
                                ipv4 ? "ipv6" : "ipv4", ipv4 ? 4 : 6);
        c->no_duplicate_detection = !ipv4 && !(bits & DETECT_IPV6);
}

static void verify_broadcast(AddressConfig *c, const ObjectContext *context) {
        const char *why = NULL;

        if (c->broadcast_mode != BROADCAST_GIVEN)
                return;

        if (c->address.family == AF_INET6)
                why = "IPv6 has none";
        else if (c->peer.family)
                why = "there is a peer";
        else if (c->prefixlen > 30)
                why = "the subnet has no room for one";
        else if (c->broadcast.s_addr == 0)
                why = "0.0.0.0 is no broadcast address";
        if (!why)
                return;

        ignore(context, c, "Broadcast", why);
        c->broadcast_mode = BROADCAST_DEFAULT;
        c->broadcast = (struct in_addr){};
}

int address_verify(ObjectDraft *draft, ObjectContext *context) {
        AddressConfig *c = &draft->address.config;

        if (!c->address.family)
                return object_refuse(context, &c->source, "write Address=, for example 192.0.2.1/24",
                                     "section [Address] has no Address=");
        if (c->home_address && c->address.family == AF_INET)
                return object_refuse(context, &c->source,
                                     "remove HomeAddress=", "HomeAddress=yes is for IPv6 addresses only");

        if (c->manage_temporary_address && c->address.family == AF_INET) {
                ignore(context, c, "ManageTemporaryAddress", "it is for IPv6 only");
                c->manage_temporary_address = false;
        }
        if (*c->label && c->address.family == AF_INET6) {
                ignore(context, c, "Label", "it is for IPv4 only");
                c->label[0] = '\0';
        }
        verify_broadcast(c, context);
        verify_detection(&draft->address, context);
        return 1;
}

static InAddr peer_of(const AddressConfig *c) {
        return c->peer.family != AF_UNSPEC ? c->peer : c->address;
}

/* An IPv4 address counts with its prefix and the subnet of its peer, which is itself if there is none; an
 * IPv6 address counts alone. */
int address_config_compare(const void *a, const void *b) {
        const AddressConfig *x = a, *y = b;
        InAddr p = peer_of(x), q = peer_of(y);
        int r = in_addr_compare(&x->address, &y->address);

        if (r != 0 || x->address.family == AF_INET6)
                return r;
        if (x->prefixlen != y->prefixlen)
                return x->prefixlen < y->prefixlen ? -1 : 1;

        in_addr_mask(&p, x->prefixlen);
        in_addr_mask(&q, y->prefixlen);
        return in_addr_compare(&p, &q);
}

int address_parse_line(const Assignment *a, void *field _unused_, void *object) {
        ObjectDraft draft = { .address.config.source = { a->source.path, a->source.line, "Network",
                                                         "Address" } };
        int r;

        /* As in version 256: all of them, those of [Address] sections too. */
        if (!*a->value) {
                objects_clear(object, OBJECT_ADDRESS);
                return 1;
        }

        if (parse_address(a, NULL, &draft.address.config) == 0)
                return 0;

        r = object_finish(a->context, OBJECT_ADDRESS, &draft);
        return r < 0 ? r : 1;
}
