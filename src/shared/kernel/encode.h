/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Plain values -> one rtnetlink message each, in the caller's buffer of at least RTNL_MESSAGE_MAX zeroed
 * bytes. Pure; flags NLM_F_REQUEST and what the request itself needs are set here, ack and sequence number
 * by the sender. */

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

#include "snapshot.h"

/* RTM_GETLINK of one link, by ifindex or, when that is 0, by name; without statistics. */
void encode_get_link(struct nlmsghdr *nlh, int ifindex, const char *name);
/* Dumps: all links (without statistics); all addresses of one link, or of all when ifindex is 0. */
void encode_dump_links(struct nlmsghdr *nlh);
void encode_dump_addresses(struct nlmsghdr *nlh, int ifindex);

void encode_delete_link(struct nlmsghdr *nlh, int ifindex);
void encode_set_mtu(struct nlmsghdr *nlh, int ifindex, uint32_t mtu);
void encode_set_hwaddr(struct nlmsghdr *nlh, int ifindex, const uint8_t *address, uint8_t length);
/* Sets and clears bits of ifi_flags (IFF_UP…): those in change, to their value in flags. */
void encode_set_flags(struct nlmsghdr *nlh, int ifindex, uint32_t flags, uint32_t change);
void encode_set_name(struct nlmsghdr *nlh, int ifindex, const char *name);
/* Moves the link into the namespace of netns_fd (IFLA_NET_NS_FD). */
void encode_set_netns(struct nlmsghdr *nlh, int ifindex, int netns_fd);
/* RTM_NEWADDR with NLM_F_CREATE|NLM_F_REPLACE: local, peer (IFA_ADDRESS), flags (IFA_FLAGS), IFA_PROTO when
 * protocol is not 0, and for IPv4 without a peer and prefixlen <= 30 the broadcast address, as networkd sets
 * it. */
void encode_add_address(struct nlmsghdr *nlh, int ifindex, const Address *address);
void encode_delete_address(struct nlmsghdr *nlh, int ifindex, const Address *address);
