/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Addresses and events; with the other decode*.c files this is all that knows how a message is read. Pure.
 *
 * The caller vouches for one thing, that nlmsg_len bytes are there; everything inside is checked. An
 * attribute we know must have exactly the size we know, an attribute list must end where the message ends;
 * an attribute we do not know is skipped. */

#include "decode.h"

#include <assert.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "decode-attr.h"
#include "decode-link.h"

/* What an address message holds, before its family is known to fit. */
typedef struct RawAddress {
        const struct nlattr *local;
        const struct nlattr *address;
        const struct nlattr *broadcast;
        uint32_t flags;
        bool has_flags;
        uint8_t protocol;
        uint32_t metric;
        uint32_t preferred;
        char label[IFNAMSIZ];
} RawAddress;

static int get_preferred(const struct nlattr *a, uint32_t *ret) {
        struct ifa_cacheinfo info;

        if (attr_length(a) != sizeof(info))
                return -EBADMSG;

        memcpy(&info, mnl_attr_get_payload(a), sizeof(info));
        *ret = info.ifa_prefered;
        return 0;
}

static int on_address_attribute(const struct nlattr *a, void *userdata) {
        RawAddress *raw = userdata;

        switch (mnl_attr_get_type(a)) {
        case IFA_LOCAL: raw->local = a; return 0;
        case IFA_ADDRESS: raw->address = a; return 0;
        case IFA_BROADCAST: raw->broadcast = a; return 0;
        case IFA_LABEL: return attr_get_string(a, raw->label, sizeof(raw->label));
        case IFA_CACHEINFO: return get_preferred(a, &raw->preferred);
        case IFA_RT_PRIORITY: return attr_get_u32(a, &raw->metric);
        case IFA_FLAGS: raw->has_flags = true; return attr_get_u32(a, &raw->flags);
        case IFA_PROTO: return attr_get_u8(a, &raw->protocol);
        default: return 0;
        }
}

/* An absent attribute leaves zeroes. */
static int get_in_addr(const struct nlattr *a, uint8_t family, uint8_t ret[static 16]) {
        size_t length = family == AF_INET ? 4 : 16;

        if (!a)
                return 0;
        if (attr_length(a) != length)
                return -EBADMSG;

        memcpy(ret, mnl_attr_get_payload(a), length);
        return 0;
}

static int parse_address(const struct nlmsghdr *nlh, const struct ifaddrmsg **ret_header, RawAddress *ret) {
        const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
        RawAddress raw = { .preferred = ADDRESS_FOREVER };
        int r;

        if (nlh->nlmsg_type != RTM_NEWADDR && nlh->nlmsg_type != RTM_DELADDR)
                return -EBADMSG;

        r = attr_each_of_message(nlh, sizeof(*ifa), on_address_attribute, &raw);
        if (r < 0)
                return r;
        if (ifa->ifa_index == 0 || ifa->ifa_index > INT32_MAX)
                return -EBADMSG;

        *ret_header = ifa;
        *ret = raw;
        return 0;
}

static int take_ipv4_only(const RawAddress *raw, Address *a) {
        if (raw->broadcast) {
                if (attr_length(raw->broadcast) != sizeof(a->broadcast))
                        return -EBADMSG;
                memcpy(a->broadcast, mnl_attr_get_payload(raw->broadcast), sizeof(a->broadcast));
        }

        memcpy(a->label, raw->label, sizeof(a->label));
        return 0;
}

/* IPv4 says of an address that is valid for ever that it is preferred for ever too, but has it deprecated
 * when it is not. */
static uint32_t preferred_of(uint32_t flags, uint32_t preferred) {
        return flags & IFA_F_DEPRECATED ? 0 : preferred;
}

int decode_address(const struct nlmsghdr *nlh, int *ret_ifindex, Address *ret) {
        const struct ifaddrmsg *ifa;
        RawAddress raw;
        Address a;
        int r;

        assert(nlh);
        assert(ret_ifindex);
        assert(ret);

        r = parse_address(nlh, &ifa, &raw);
        if (r < 0)
                return r;
        if (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
                return -EBADMSG;
        if (ifa->ifa_prefixlen > (ifa->ifa_family == AF_INET ? 32 : 128) || (!raw.local && !raw.address))
                return -EBADMSG;

        a = (Address){
                .family = ifa->ifa_family,
                .prefixlen = ifa->ifa_prefixlen,
                .scope = ifa->ifa_scope,
                .protocol = raw.protocol,
                .flags = raw.has_flags ? raw.flags : ifa->ifa_flags,
                .metric = raw.metric,
        };
        a.preferred = preferred_of(a.flags, raw.preferred);

        /* IPv6 has IFA_LOCAL only with a peer. IPv4 leaves IFA_ADDRESS out when the peer is 0.0.0.0. */
        r = get_in_addr(raw.local ?: raw.address, a.family, a.local);
        if (r < 0)
                return r;
        r = get_in_addr(raw.address, a.family, a.peer);
        if (r < 0)
                return r;

        if (a.family == AF_INET)
                r = take_ipv4_only(&raw, &a);
        if (r < 0)
                return r;

        *ret_ifindex = (int) ifa->ifa_index;
        *ret = a;
        return 0;
}

static int decode_link_event(const struct nlmsghdr *nlh, LinkEvent *ret) {
        LinkParts parts;
        Link l = {};
        int r;

        r = decode_link_parts(nlh, &l, &parts);
        if (r < 0)
                return r;

        *ret = (LinkEvent){
                .ifindex = l.ifindex,
                .deleted = nlh->nlmsg_type == RTM_DELLINK && parts.family != AF_BRIDGE,
                .is_tun = strcmp(l.kind, "tun") == 0,
                .up = l.flags & IFF_UP,
                .carrier = l.carrier,
                .loses = parts.family != AF_BRIDGE &&
                         (nlh->nlmsg_type == RTM_DELLINK || !(l.flags & IFF_UP) || !l.carrier),
        };
        memcpy(ret->name, l.name, sizeof(ret->name));
        return 1;
}

static int decode_address_event(const struct nlmsghdr *nlh, LinkEvent *ret) {
        const struct ifaddrmsg *ifa;
        RawAddress raw;
        int r;

        r = parse_address(nlh, &ifa, &raw);
        if (r < 0)
                return r;

        *ret = (LinkEvent){ .ifindex = (int) ifa->ifa_index,
                            .address = true,
                            .loses = nlh->nlmsg_type == RTM_DELADDR };
        return 1;
}

int decode_event(const struct nlmsghdr *nlh, LinkEvent *ret) {
        assert(nlh);
        assert(ret);

        switch (nlh->nlmsg_type) {
        case RTM_NEWLINK:
        case RTM_DELLINK: return decode_link_event(nlh, ret);
        case RTM_NEWADDR:
        case RTM_DELADDR: return decode_address_event(nlh, ret);
        default: return 0;
        }
}
