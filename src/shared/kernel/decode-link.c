/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A link message -> Link. Pure. */

#include <assert.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "decode-attr.h"
#include "decode-link.h"
#include "decode.h"

/* IFLA_TUN_TYPE is IFF_TUN or IFF_TAP of linux/if_tun.h, which belongs to tuntap.c. */
#define TUN_TYPE_TUN 1
#define TUN_TYPE_TAP 2

static int get_id(const struct nlattr *a, int64_t *ret) {
        uint32_t v;
        int r;

        r = attr_get_u32(a, &v);
        if (r < 0)
                return r;

        *ret = v;
        return 0;
}

/* The kernel allows longer names of kinds than any it has. Such a link is none we look at, but must not
 * spoil the dump. */
static int get_kind(const struct nlattr *a, char ret[static LINK_KIND_MAX]) {
        const char *s = mnl_attr_get_payload(a);
        size_t length = strnlen(s, attr_length(a));

        if (length == attr_length(a))
                return -EBADMSG;
        if (length >= LINK_KIND_MAX)
                length = LINK_KIND_MAX - 1;

        memset(ret, 0, LINK_KIND_MAX);
        memcpy(ret, s, length);
        return 0;
}

static int get_hwaddr(const struct nlattr *a, uint8_t ret[static LINK_ADDRESS_MAX], uint8_t *ret_length) {
        size_t length = attr_length(a);

        if (length > LINK_ADDRESS_MAX)
                return -EBADMSG;

        memset(ret, 0, LINK_ADDRESS_MAX);
        memcpy(ret, mnl_attr_get_payload(a), length);
        *ret_length = (uint8_t) length;
        return 0;
}

static int get_tun_type(const struct nlattr *a, bool *ret_tap) {
        uint8_t type;
        int r;

        r = attr_get_u8(a, &type);
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
        case IFLA_TUN_PI: return attr_get_bool(a, &t->pi);
        case IFLA_TUN_VNET_HDR: return attr_get_bool(a, &t->vnet_hdr);
        case IFLA_TUN_PERSIST: return attr_get_bool(a, &t->persist);
        case IFLA_TUN_MULTI_QUEUE: return attr_get_bool(a, &t->multi_queue);
        case IFLA_TUN_NUM_QUEUES: return attr_get_u32(a, &t->num_queues);
        case IFLA_TUN_NUM_DISABLED_QUEUES: return attr_get_u32(a, &t->num_disabled_queues);
        default: return 0;
        }
}

static int on_vrf_attribute(const struct nlattr *a, void *userdata) {
        Link *l = userdata;

        return mnl_attr_get_type(a) == IFLA_VRF_TABLE ? attr_get_u32(a, &l->vrf_table) : 0;
}

static int on_bridge_attribute(const struct nlattr *a, void *userdata) {
        Link *l = userdata;

        return mnl_attr_get_type(a) == IFLA_BR_VLAN_DEFAULT_PVID ? attr_get_u16(a, &l->default_pvid) : 0;
}

/* IFLA_LINKINFO: what the data mean depends on the kind, which need not come first. */
typedef struct LinkInfo {
        char kind[LINK_KIND_MAX];
        char port_kind[LINK_KIND_MAX]; /* of the master that it is a port of */
        const struct nlattr *data;
        const struct nlattr *port_data;
} LinkInfo;

static int on_info_attribute(const struct nlattr *a, void *userdata) {
        LinkInfo *info = userdata;

        switch (mnl_attr_get_type(a)) {
        case IFLA_INFO_KIND: return get_kind(a, info->kind);
        case IFLA_INFO_DATA: info->data = a; return 0;
        case IFLA_INFO_SLAVE_KIND: return get_kind(a, info->port_kind);
        case IFLA_INFO_SLAVE_DATA: info->port_data = a; return 0;
        default: return 0;
        }
}

static int get_info(const struct nlattr *a, Link *l, LinkParts *parts) {
        LinkInfo info = {};
        int r;

        r = attr_each_nested(a, on_info_attribute, &info);
        if (r < 0)
                return r;

        memcpy(l->kind, info.kind, sizeof(l->kind));
        if (strcmp(info.port_kind, "bridge") == 0)
                parts->port = info.port_data;

        l->is_tun = strcmp(info.kind, "tun") == 0 && info.data;
        if (l->is_tun)
                return attr_each_nested(info.data, on_tun_attribute, &l->tun);
        if (strcmp(info.kind, "vrf") == 0 && info.data)
                return attr_each_nested(info.data, on_vrf_attribute, l);
        if (strcmp(info.kind, "bridge") == 0 && info.data)
                return attr_each_nested(info.data, on_bridge_attribute, l);
        return 0;
}

typedef struct LinkMessage {
        Link *link;
        const struct nlattr *info, *af_spec, *properties;
} LinkMessage;

static int on_link_attribute(const struct nlattr *a, void *userdata) {
        LinkMessage *m = userdata;
        Link *l = m->link;

        switch (mnl_attr_get_type(a)) {
        case IFLA_IFNAME: return attr_get_string(a, l->name, sizeof(l->name));
        case IFLA_ADDRESS: return get_hwaddr(a, l->address, &l->address_length);
        case IFLA_PERM_ADDRESS: return get_hwaddr(a, l->permanent_address, &l->permanent_address_length);
        case IFLA_MTU: return attr_get_u32(a, &l->mtu);
        case IFLA_TXQLEN: return attr_get_u32(a, &l->tx_queue_length);
        case IFLA_OPERSTATE: return attr_get_u8(a, &l->operstate);
        case IFLA_CARRIER: return attr_get_bool(a, &l->carrier);
        case IFLA_CARRIER_CHANGES: return attr_get_u32(a, &l->carrier_changes);
        case IFLA_GROUP: return attr_get_u32(a, &l->group);
        case IFLA_MASTER: return attr_get_ifindex(a, &l->master);
        case IFLA_QDISC: return attr_get_string(a, l->qdisc, sizeof(l->qdisc));
        case IFLA_LINKINFO: m->info = a; return 0;
        case IFLA_AF_SPEC: m->af_spec = a; return 0;
        case IFLA_PROP_LIST: m->properties = a; return 0;
        default: return 0;
        }
}

int decode_link_parts(const struct nlmsghdr *nlh, Link *link, LinkParts *ret) {
        const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
        LinkMessage m = { .link = link };
        LinkParts parts = {};
        int r;

        if (nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK)
                return -EBADMSG;

        /* The kernel leaves owner and group out when there is none. */
        link->tun = (TunInfo){ .owner = -1, .group = -1 };

        r = attr_each_of_message(nlh, sizeof(*ifi), on_link_attribute, &m);
        if (r < 0)
                return r;
        if (ifi->ifi_index <= 0 || link->name[0] == '\0')
                return -EBADMSG;

        r = m.info ? get_info(m.info, link, &parts) : 0;
        /* The views of the families have their own things in it. */
        if (r >= 0 && m.af_spec && ifi->ifi_family == AF_UNSPEC)
                r = decode_inet(m.af_spec, link);
        if (r < 0)
                return r;

        link->ifindex = ifi->ifi_index;
        link->flags = ifi->ifi_flags;
        link->arp_type = ifi->ifi_type;
        parts.family = ifi->ifi_family;
        parts.properties = m.properties;
        *ret = parts;
        return 0;
}

static int on_property(const struct nlattr *a, void *userdata) {
        char name[ALTIFNAMSIZ];
        Link *l = userdata;
        int r;

        if (mnl_attr_get_type(a) != IFLA_ALT_IFNAME)
                return 0;

        r = attr_get_string(a, name, sizeof(name));
        return r < 0 ? r : strv_append(&l->altnames, name);
}

static int take_port(const struct nlattr *data, Link *l) {
        l->port = calloc(1, sizeof(BridgePort));

        return l->port ? decode_port(data, l->port) : -ENOMEM;
}

int decode_link(const struct nlmsghdr *nlh, Link **ret) {
        _cleanup_(link_freep) Link *l = NULL;
        LinkParts parts;
        int r;

        assert(nlh);
        assert(ret);

        l = calloc(1, sizeof(Link));
        if (!l)
                return -ENOMEM;

        r = decode_link_parts(nlh, l, &parts);
        if (r < 0)
                return r;
        if (parts.family != AF_UNSPEC)
                return -EBADMSG; /* a bridge's or IPv6's view of the link: most of it is missing */

        if (parts.properties)
                r = attr_each_nested(parts.properties, on_property, l);
        if (r >= 0 && parts.port)
                r = take_port(parts.port, l);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(l);
        return 0;
}
