/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* rtnetlink bytes -> plain data: the only file that knows how a message is read. Pure.
 *
 * The caller vouches for one thing, that nlmsg_len bytes are there; everything inside is checked. An
 * attribute we know must have exactly the size we know, an attribute list must end where the message ends;
 * an attribute we do not know is skipped. libmnl's own iterator is not used: it rounds the end of the
 * message up by up to three bytes, and takes a broken list for its end. */

#include "decode.h"

#include <assert.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* IFLA_TUN_TYPE is IFF_TUN or IFF_TAP of linux/if_tun.h, which belongs to tuntap.c. */
#define TUN_TYPE_TUN 1
#define TUN_TYPE_TAP 2

/* A list of attributes being read. */
typedef struct Cursor {
        const uint8_t *at;
        size_t left;
} Cursor;

typedef int (*AttributeHandler)(const struct nlattr *a, void *userdata);

static size_t payload_length(const struct nlattr *a) {
        return a->nla_len - MNL_ATTR_HDRLEN;
}

/* Returns 1 and the next attribute, 0 at the end, -EBADMSG. */
static int cursor_next(Cursor *c, const struct nlattr **ret) {
        const struct nlattr *a = (const struct nlattr *) c->at;
        size_t whole;

        if (c->left == 0)
                return 0;
        if (c->left < sizeof(*a) || a->nla_len < MNL_ATTR_HDRLEN || a->nla_len > c->left)
                return -EBADMSG;

        /* Padding belongs to the list, but the last attribute may go without. */
        whole = MNL_ALIGN(a->nla_len);
        if (whole > c->left)
                whole = c->left;

        c->at += whole;
        c->left -= whole;
        *ret = a;
        return 1;
}

static int each_attribute(Cursor c, AttributeHandler handler, void *userdata) {
        const struct nlattr *a;
        int r;

        while ((r = cursor_next(&c, &a)) > 0) {
                r = handler(a, userdata);
                if (r < 0)
                        return r;
        }

        return r;
}

static int each_nested(const struct nlattr *a, AttributeHandler handler, void *userdata) {
        return each_attribute((Cursor){ mnl_attr_get_payload(a), payload_length(a) }, handler, userdata);
}

/* Everything behind the fixed header, which must be there whole. */
static int each_of_message(const struct nlmsghdr *nlh, size_t header, AttributeHandler handler,
                           void *userdata) {
        size_t offset = MNL_NLMSG_HDRLEN + MNL_ALIGN(header);
        Cursor c;

        if (nlh->nlmsg_len < offset)
                return -EBADMSG;

        c = (Cursor){ (const uint8_t *) nlh + offset, nlh->nlmsg_len - offset };
        return each_attribute(c, handler, userdata);
}

static int get_u8(const struct nlattr *a, uint8_t *ret) {
        if (payload_length(a) != sizeof(*ret))
                return -EBADMSG;

        *ret = mnl_attr_get_u8(a);
        return 0;
}

static int get_bool(const struct nlattr *a, bool *ret) {
        uint8_t v;
        int r;

        r = get_u8(a, &v);
        if (r < 0)
                return r;

        *ret = v != 0;
        return 0;
}

static int get_u32(const struct nlattr *a, uint32_t *ret) {
        if (payload_length(a) != sizeof(*ret))
                return -EBADMSG;

        *ret = mnl_attr_get_u32(a);
        return 0;
}

static int get_ifindex(const struct nlattr *a, int *ret) {
        uint32_t v;
        int r;

        r = get_u32(a, &v);
        if (r < 0)
                return r;
        if (v > INT32_MAX)
                return -EBADMSG;

        *ret = (int) v;
        return 0;
}

static int get_id(const struct nlattr *a, int64_t *ret) {
        uint32_t v;
        int r;

        r = get_u32(a, &v);
        if (r < 0)
                return r;

        *ret = v;
        return 0;
}

/* A string with its NUL, of less than size bytes. */
static int get_string(const struct nlattr *a, char *ret, size_t size) {
        const char *s = mnl_attr_get_payload(a);
        size_t length = strnlen(s, payload_length(a));

        if (length == payload_length(a) || length >= size)
                return -EBADMSG;

        memset(ret, 0, size);
        memcpy(ret, s, length);
        return 0;
}

/* The kernel allows longer names of kinds than any it has. Such a link is none we look at, but must not
 * spoil the dump. */
static int get_kind(const struct nlattr *a, char ret[static LINK_KIND_MAX]) {
        const char *s = mnl_attr_get_payload(a);
        size_t length = strnlen(s, payload_length(a));

        if (length == payload_length(a))
                return -EBADMSG;
        if (length >= LINK_KIND_MAX)
                length = LINK_KIND_MAX - 1;

        memset(ret, 0, LINK_KIND_MAX);
        memcpy(ret, s, length);
        return 0;
}

static int get_hwaddr(const struct nlattr *a, Link *l) {
        size_t length = payload_length(a);

        if (length > sizeof(l->address))
                return -EBADMSG;

        memset(l->address, 0, sizeof(l->address));
        memcpy(l->address, mnl_attr_get_payload(a), length);
        l->address_length = (uint8_t) length;
        return 0;
}

static int get_tun_type(const struct nlattr *a, bool *ret_tap) {
        uint8_t type;
        int r;

        r = get_u8(a, &type);
        if (r < 0)
                return r;
        if (type != TUN_TYPE_TUN && type != TUN_TYPE_TAP)
                return -EBADMSG;

        *ret_tap = type == TUN_TYPE_TAP;
        return 0;
}

static int on_tun_attribute(const struct nlattr *a, void *userdata) {
        TunInfo *t = userdata;

        switch (mnl_attr_get_type(a)) {
        case IFLA_TUN_OWNER: return get_id(a, &t->owner);
        case IFLA_TUN_GROUP: return get_id(a, &t->group);
        case IFLA_TUN_TYPE: return get_tun_type(a, &t->tap);
        case IFLA_TUN_PI: return get_bool(a, &t->pi);
        case IFLA_TUN_VNET_HDR: return get_bool(a, &t->vnet_hdr);
        case IFLA_TUN_PERSIST: return get_bool(a, &t->persist);
        case IFLA_TUN_MULTI_QUEUE: return get_bool(a, &t->multi_queue);
        case IFLA_TUN_NUM_QUEUES: return get_u32(a, &t->num_queues);
        case IFLA_TUN_NUM_DISABLED_QUEUES: return get_u32(a, &t->num_disabled_queues);
        default: return 0;
        }
}

/* IFLA_LINKINFO: what the data mean depends on the kind, which need not come first. */
typedef struct LinkInfo {
        char kind[LINK_KIND_MAX];
        const struct nlattr *data;
} LinkInfo;

static int on_info_attribute(const struct nlattr *a, void *userdata) {
        LinkInfo *info = userdata;

        switch (mnl_attr_get_type(a)) {
        case IFLA_INFO_KIND: return get_kind(a, info->kind);
        case IFLA_INFO_DATA: info->data = a; return 0;
        default: return 0;
        }
}

static int get_info(const struct nlattr *a, Link *l) {
        LinkInfo info = {};
        int r;

        r = each_nested(a, on_info_attribute, &info);
        if (r < 0)
                return r;

        memcpy(l->kind, info.kind, sizeof(l->kind));

        l->is_tun = strcmp(info.kind, "tun") == 0 && info.data;
        return l->is_tun ? each_nested(info.data, on_tun_attribute, &l->tun) : 0;
}

static int on_link_attribute(const struct nlattr *a, void *userdata) {
        Link *l = userdata;

        switch (mnl_attr_get_type(a)) {
        case IFLA_IFNAME: return get_string(a, l->name, sizeof(l->name));
        case IFLA_ADDRESS: return get_hwaddr(a, l);
        case IFLA_MTU: return get_u32(a, &l->mtu);
        case IFLA_TXQLEN: return get_u32(a, &l->tx_queue_length);
        case IFLA_OPERSTATE: return get_u8(a, &l->operstate);
        case IFLA_CARRIER: return get_bool(a, &l->carrier);
        case IFLA_CARRIER_CHANGES: return get_u32(a, &l->carrier_changes);
        case IFLA_MASTER: return get_ifindex(a, &l->master);
        case IFLA_QDISC: return get_string(a, l->qdisc, sizeof(l->qdisc));
        case IFLA_LINKINFO: return get_info(a, l);
        default: return 0;
        }
}

/* Fills in a zeroed Link; allocates nothing. */
static int parse_link(const struct nlmsghdr *nlh, Link *l, uint8_t *ret_family) {
        const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
        int r;

        if (nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK)
                return -EBADMSG;

        /* The kernel leaves owner and group out when there is none. */
        l->tun = (TunInfo){ .owner = -1, .group = -1 };

        r = each_of_message(nlh, sizeof(*ifi), on_link_attribute, l);
        if (r < 0)
                return r;
        if (ifi->ifi_index <= 0 || l->name[0] == '\0')
                return -EBADMSG;

        l->ifindex = ifi->ifi_index;
        l->flags = ifi->ifi_flags;
        l->arp_type = ifi->ifi_type;
        *ret_family = ifi->ifi_family;
        return 0;
}

int decode_link(const struct nlmsghdr *nlh, Link **ret) {
        _cleanup_(link_freep) Link *l = NULL;
        uint8_t family;
        int r;

        assert(nlh);
        assert(ret);

        l = calloc(1, sizeof(Link));
        if (!l)
                return -ENOMEM;

        r = parse_link(nlh, l, &family);
        if (r < 0)
                return r;
        if (family != AF_UNSPEC)
                return -EBADMSG; /* a bridge's or IPv6's view of the link: most of it is missing */

        *ret = TAKE_PTR(l);
        return 0;
}

/* What an address message holds, before its family is known to fit. */
typedef struct RawAddress {
        const struct nlattr *local;
        const struct nlattr *address;
        uint32_t flags;
        bool has_flags;
        uint8_t protocol;
} RawAddress;

static int on_address_attribute(const struct nlattr *a, void *userdata) {
        RawAddress *raw = userdata;

        switch (mnl_attr_get_type(a)) {
        case IFA_LOCAL: raw->local = a; return 0;
        case IFA_ADDRESS: raw->address = a; return 0;
        case IFA_FLAGS: raw->has_flags = true; return get_u32(a, &raw->flags);
        case IFA_PROTO: return get_u8(a, &raw->protocol);
        default: return 0;
        }
}

/* An absent attribute leaves zeroes. */
static int get_in_addr(const struct nlattr *a, uint8_t family, uint8_t ret[static 16]) {
        size_t length = family == AF_INET ? 4 : 16;

        if (!a)
                return 0;
        if (payload_length(a) != length)
                return -EBADMSG;

        memcpy(ret, mnl_attr_get_payload(a), length);
        return 0;
}

static int parse_address(const struct nlmsghdr *nlh, const struct ifaddrmsg **ret_header, RawAddress *ret) {
        const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
        RawAddress raw = {};
        int r;

        if (nlh->nlmsg_type != RTM_NEWADDR && nlh->nlmsg_type != RTM_DELADDR)
                return -EBADMSG;

        r = each_of_message(nlh, sizeof(*ifa), on_address_attribute, &raw);
        if (r < 0)
                return r;
        if (ifa->ifa_index == 0 || ifa->ifa_index > INT32_MAX)
                return -EBADMSG;

        *ret_header = ifa;
        *ret = raw;
        return 0;
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
        };

        /* IPv6 has IFA_LOCAL only with a peer. IPv4 leaves IFA_ADDRESS out when the peer is 0.0.0.0. */
        r = get_in_addr(raw.local ?: raw.address, a.family, a.local);
        if (r < 0)
                return r;
        r = get_in_addr(raw.address, a.family, a.peer);
        if (r < 0)
                return r;

        *ret_ifindex = (int) ifa->ifa_index;
        *ret = a;
        return 0;
}

static int decode_link_event(const struct nlmsghdr *nlh, LinkEvent *ret) {
        uint8_t family;
        Link l = {};
        int r;

        r = parse_link(nlh, &l, &family);
        if (r < 0)
                return r;

        *ret = (LinkEvent){
                .ifindex = l.ifindex,
                .deleted = nlh->nlmsg_type == RTM_DELLINK && family != AF_BRIDGE,
                .is_tun = strcmp(l.kind, "tun") == 0,
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

        *ret = (LinkEvent){ .ifindex = (int) ifa->ifa_index, .address = true };
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
