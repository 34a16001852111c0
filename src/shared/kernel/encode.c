/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values -> rtnetlink messages: the only file that knows how one is built. Pure: each function writes one
 * message into the caller's zeroed buffer and cannot fail, for every message here is far smaller than
 * RTNL_MESSAGE_MAX.
 *
 * The header fields a request does not use stay zero: with strict checking the kernel refuses them
 * otherwise. */

#include "encode.h"

#include <assert.h>
#include <endian.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

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

void encode_set_netns(struct nlmsghdr *nlh, int ifindex, int netns_fd) {
        assert(ifindex > 0);
        assert(netns_fd >= 0);

        put_link(nlh, RTM_SETLINK, ifindex);
        mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t) netns_fd);
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

static bool wants_broadcast(const Address *a) {
        return a->family == AF_INET && a->prefixlen <= 30 &&
               memcmp(a->local, a->peer, sizeof(a->local)) == 0;
}

static void put_broadcast(struct nlmsghdr *nlh, const Address *a) {
        uint32_t local;

        memcpy(&local, a->local, sizeof(local));
        mnl_attr_put_u32(nlh, IFA_BROADCAST, local | htobe32(UINT32_MAX >> a->prefixlen));
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
        if (wants_broadcast(address))
                put_broadcast(nlh, address);
}

void encode_delete_address(struct nlmsghdr *nlh, int ifindex, const Address *address) {
        put_address(nlh, RTM_DELADDR, 0, ifindex, address);
}
