/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Links and addresses -> rtnetlink messages; with encode-items.c this is all that knows how one is built.
 * Pure: each function writes one message into the caller's zeroed buffer and cannot fail, for every message
 * here is far smaller than RTNL_MESSAGE_MAX.
 *
 * The header fields a request does not use stay zero: with strict checking the kernel refuses them
 * otherwise. */

#include "encode.h"

#include <assert.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "port.h"

static struct ifinfomsg *put_link(struct nlmsghdr *nlh, uint16_t type, int ifindex) {
        struct ifinfomsg *ifi;

        assert(nlh);
        assert(ifindex >= 0);

        mnl_nlmsg_put_header(nlh);
        nlh->nlmsg_type = type;
        nlh->nlmsg_flags = NLM_F_REQUEST;

        ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
        ifi->ifi_family = AF_UNSPEC;
        ifi->ifi_index = ifindex;
        return ifi;
}

static void put_ext_mask(struct nlmsghdr *nlh) {
        mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

void encode_get_link(struct nlmsghdr *nlh, int ifindex, const char *name) {
        assert(ifindex > 0 || (name && name[0] && strlen(name) < IFNAMSIZ));

        put_link(nlh, RTM_GETLINK, ifindex);
        put_ext_mask(nlh);
        if (ifindex == 0)
                mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
}

void encode_dump_links(struct nlmsghdr *nlh) {
        put_link(nlh, RTM_GETLINK, 0);
        nlh->nlmsg_flags |= NLM_F_DUMP;
        put_ext_mask(nlh);
}

void encode_delete_link(struct nlmsghdr *nlh, int ifindex) {
        assert(ifindex > 0);

        put_link(nlh, RTM_DELLINK, ifindex);
}

void encode_delete_group(struct nlmsghdr *nlh, uint32_t group) {
        assert(group != 0); /* all that nobody put anywhere */

        put_link(nlh, RTM_DELLINK, 0);
        mnl_attr_put_u32(nlh, IFLA_GROUP, group);
}

void encode_set_mtu(struct nlmsghdr *nlh, int ifindex, uint32_t mtu) {
        assert(ifindex > 0);

        put_link(nlh, RTM_SETLINK, ifindex);
        mnl_attr_put_u32(nlh, IFLA_MTU, mtu);
}

void encode_set_hwaddr(struct nlmsghdr *nlh, int ifindex, const uint8_t *address, uint8_t length) {
        assert(ifindex > 0);
        assert(address);
        assert(length > 0 && length <= LINK_ADDRESS_MAX);

        put_link(nlh, RTM_SETLINK, ifindex);
        mnl_attr_put(nlh, IFLA_ADDRESS, length, address);
}

void encode_set_flags(struct nlmsghdr *nlh, int ifindex, uint32_t flags, uint32_t change) {
        struct ifinfomsg *ifi;

        assert(ifindex > 0);
        assert(change != 0); /* to the kernel 0 means all bits */

        ifi = put_link(nlh, RTM_SETLINK, ifindex);
        ifi->ifi_flags = flags & change;
        ifi->ifi_change = change;
}

void encode_set_name(struct nlmsghdr *nlh, int ifindex, const char *name) {
        assert(ifindex > 0);
        assert(name && name[0] && strlen(name) < IFNAMSIZ);

        put_link(nlh, RTM_SETLINK, ifindex);
        mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
}

void encode_set_netns(struct nlmsghdr *nlh, int ifindex, int netns_fd, int new_ifindex) {
        assert(ifindex > 0);
        assert(netns_fd >= 0);
        assert(new_ifindex > 0);

        put_link(nlh, RTM_SETLINK, ifindex);
        mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t) netns_fd);
        mnl_attr_put_u32(nlh, IFLA_NEW_IFINDEX, (uint32_t) new_ifindex);
}

void encode_set_group(struct nlmsghdr *nlh, int ifindex, uint32_t group) {
        assert(ifindex > 0);

        put_link(nlh, RTM_SETLINK, ifindex);
        mnl_attr_put_u32(nlh, IFLA_GROUP, group);
}

void encode_set_carrier(struct nlmsghdr *nlh, int ifindex, bool on) {
        assert(ifindex > 0);

        put_link(nlh, RTM_SETLINK, ifindex);
        mnl_attr_put_u8(nlh, IFLA_CARRIER, on);
}

void encode_set_tx_queue_length(struct nlmsghdr *nlh, int ifindex, uint32_t length) {
        assert(ifindex > 0);

        put_link(nlh, RTM_SETLINK, ifindex);
        mnl_attr_put_u32(nlh, IFLA_TXQLEN, length);
}

void encode_set_master(struct nlmsghdr *nlh, int ifindex, int master) {
        assert(ifindex > 0);
        assert(master >= 0);

        put_link(nlh, RTM_SETLINK, ifindex);
        mnl_attr_put_u32(nlh, IFLA_MASTER, (uint32_t) master);
}

void encode_set_address_generation(struct nlmsghdr *nlh, int ifindex, uint8_t mode) {
        struct nlattr *families, *inet6;

        assert(ifindex > 0);

        put_link(nlh, RTM_SETLINK, ifindex);
        families = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
        inet6 = mnl_attr_nest_start(nlh, AF_INET6);
        mnl_attr_put_u8(nlh, IFLA_INET6_ADDR_GEN_MODE, mode);
        mnl_attr_nest_end(nlh, inet6);
        mnl_attr_nest_end(nlh, families);
}

/* To the bridge that the link is a port of. */
static void put_bridge(struct nlmsghdr *nlh, uint16_t type, int ifindex) {
        assert(ifindex > 0);

        put_link(nlh, type, ifindex)->ifi_family = AF_BRIDGE;
}

static void put_setting(struct nlmsghdr *nlh, const PortAttribute *attribute, uint32_t value) {
        assert(attribute->size == 4 || value >> attribute->size * 8 == 0);

        switch (attribute->size) {
        case 1: mnl_attr_put_u8(nlh, attribute->type, (uint8_t) value); break;
        case 2: mnl_attr_put_u16(nlh, attribute->type, (uint16_t) value); break;
        default: mnl_attr_put_u32(nlh, attribute->type, value); break;
        }
}

void encode_set_port(struct nlmsghdr *nlh, int ifindex, PortSetting setting, uint32_t value) {
        struct nlattr *settings;

        assert(setting < _PORT_SETTING_MAX);

        put_bridge(nlh, RTM_SETLINK, ifindex);
        settings = mnl_attr_nest_start(nlh, IFLA_PROTINFO);
        put_setting(nlh, port_attributes + setting, value);
        mnl_attr_nest_end(nlh, settings);
}

static void put_vlan(struct nlmsghdr *nlh, uint16_t flags, uint16_t vid) {
        const struct bridge_vlan_info info = { .flags = flags, .vid = vid };

        mnl_attr_put(nlh, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info);
}

void encode_bridge_vlan(struct nlmsghdr *nlh, int ifindex, bool add, uint16_t first, uint16_t last,
                        bool pvid, bool untagged) {
        uint16_t flags = (uint16_t) ((pvid ? BRIDGE_VLAN_INFO_PVID : 0) |
                                     (untagged ? BRIDGE_VLAN_INFO_UNTAGGED : 0));
        struct nlattr *vlans;

        assert(first > 0 && first <= last && last <= 4094);
        assert(!pvid || first == last); /* the kernel refuses a range */

        put_bridge(nlh, add ? RTM_SETLINK : RTM_DELLINK, ifindex);
        vlans = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
        if (first == last)
                put_vlan(nlh, flags, first);
        else {
                put_vlan(nlh, flags | BRIDGE_VLAN_INFO_RANGE_BEGIN, first);
                put_vlan(nlh, flags | BRIDGE_VLAN_INFO_RANGE_END, last);
        }
        mnl_attr_nest_end(nlh, vlans);
}

/* All bridges and ports, with their VLANs in ranges; the kernel has no filter for it. */
void encode_dump_bridge_vlans(struct nlmsghdr *nlh) {
        put_link(nlh, RTM_GETLINK, 0)->ifi_family = AF_BRIDGE;
        nlh->nlmsg_flags |= NLM_F_DUMP;
        mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN_COMPRESSED);
}

void encode_set_qdisc(struct nlmsghdr *nlh, int ifindex, const char *kind) {
        struct tcmsg *tc;

        assert(nlh);
        assert(ifindex > 0);
        assert(!kind || (kind[0] && strlen(kind) < IFNAMSIZ));

        mnl_nlmsg_put_header(nlh);
        nlh->nlmsg_type = kind ? RTM_NEWQDISC : RTM_DELQDISC;
        nlh->nlmsg_flags = NLM_F_REQUEST | (kind ? NLM_F_CREATE | NLM_F_REPLACE : 0);

        tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));
        tc->tcm_family = AF_UNSPEC;
        tc->tcm_ifindex = ifindex;
        tc->tcm_parent = TC_H_ROOT;
        if (kind)
                mnl_attr_put_strz(nlh, TCA_KIND, kind);
}

static struct ifaddrmsg *put_address_header(struct nlmsghdr *nlh, uint16_t type, uint16_t flags,
                                            int ifindex) {
        struct ifaddrmsg *ifa;

        assert(nlh);
        assert(ifindex >= 0);

        mnl_nlmsg_put_header(nlh);
        nlh->nlmsg_type = type;
        nlh->nlmsg_flags = NLM_F_REQUEST | flags;

        ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
        ifa->ifa_index = (uint32_t) ifindex;
        return ifa;
}

void encode_dump_addresses(struct nlmsghdr *nlh, int ifindex) {
        put_address_header(nlh, RTM_GETADDR, NLM_F_DUMP, ifindex);
}

static size_t address_size(const Address *a) {
        assert(a->family == AF_INET || a->family == AF_INET6);

        return a->family == AF_INET ? 4 : 16;
}

/* What names an address, to add and to delete it. */
static void put_address(struct nlmsghdr *nlh, uint16_t type, uint16_t flags, int ifindex, const Address *a) {
        struct ifaddrmsg *ifa;

        assert(a);
        assert(ifindex > 0);

        ifa = put_address_header(nlh, type, flags, ifindex);
        ifa->ifa_family = a->family;
        ifa->ifa_prefixlen = a->prefixlen;

        mnl_attr_put(nlh, IFA_LOCAL, address_size(a), a->local);
        mnl_attr_put(nlh, IFA_ADDRESS, address_size(a), a->peer);
}

static void put_broadcast(struct nlmsghdr *nlh, const Address *a) {
        static const uint8_t none[sizeof(a->broadcast)];

        if (memcmp(a->broadcast, none, sizeof(none)) != 0)
                mnl_attr_put(nlh, IFA_BROADCAST, sizeof(a->broadcast), a->broadcast);
}

/* Without, the kernel takes both lifetimes as infinite. */
static void put_lifetime(struct nlmsghdr *nlh, const Address *a) {
        const struct ifa_cacheinfo info = { .ifa_prefered = a->preferred, .ifa_valid = ADDRESS_FOREVER };

        if (a->preferred != ADDRESS_FOREVER)
                mnl_attr_put(nlh, IFA_CACHEINFO, sizeof(info), &info);
}

void encode_add_address(struct nlmsghdr *nlh, int ifindex, const Address *address) {
        struct ifaddrmsg *ifa;

        put_address(nlh, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, ifindex, address);

        ifa = mnl_nlmsg_get_payload(nlh);
        ifa->ifa_scope = address->scope;
        ifa->ifa_flags = address->flags & 0xff; /* the rest has room in IFA_FLAGS only */

        mnl_attr_put_u32(nlh, IFA_FLAGS, address->flags);
        if (address->protocol != 0)
                mnl_attr_put_u8(nlh, IFA_PROTO, address->protocol);
        if (address->metric != 0)
                mnl_attr_put_u32(nlh, IFA_RT_PRIORITY, address->metric);
        put_lifetime(nlh, address);
        if (address->family != AF_INET)
                return;

        put_broadcast(nlh, address);
        if (address->label[0])
                mnl_attr_put_strz(nlh, IFA_LABEL, address->label);
}

void encode_delete_address(struct nlmsghdr *nlh, int ifindex, const Address *address) {
        put_address(nlh, RTM_DELADDR, 0, ifindex, address);
}
