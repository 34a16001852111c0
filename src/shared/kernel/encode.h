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
/* All links of a group other than 0, in one go. */
void encode_delete_group(struct nlmsghdr *nlh, uint32_t group);
void encode_set_mtu(struct nlmsghdr *nlh, int ifindex, uint32_t mtu);
void encode_set_hwaddr(struct nlmsghdr *nlh, int ifindex, const uint8_t *address, uint8_t length);
/* Sets and clears bits of ifi_flags (IFF_UP…): those in change, to their value in flags. */
void encode_set_flags(struct nlmsghdr *nlh, int ifindex, uint32_t flags, uint32_t change);
void encode_set_name(struct nlmsghdr *nlh, int ifindex, const char *name);
/* Moves the link into the namespace of netns_fd (IFLA_NET_NS_FD). */
/* Kernels before 5.13 do not know new_ifindex, and choose one. */
void encode_set_netns(struct nlmsghdr *nlh, int ifindex, int netns_fd, int new_ifindex);
/* RTM_NEWADDR with NLM_F_CREATE|NLM_F_REPLACE: local, peer (IFA_ADDRESS), flags (IFA_FLAGS), and protocol,
 * metric, preferred lifetime (valid for ever), and for IPv4 broadcast and label, each only when it is not
 * its default (0, ADDRESS_FOREVER, zeroes, ""). */
void encode_add_address(struct nlmsghdr *nlh, int ifindex, const Address *address);
void encode_delete_address(struct nlmsghdr *nlh, int ifindex, const Address *address);

void encode_set_group(struct nlmsghdr *nlh, int ifindex, uint32_t group);
void encode_set_carrier(struct nlmsghdr *nlh, int ifindex, bool on);
void encode_set_tx_queue_length(struct nlmsghdr *nlh, int ifindex, uint32_t length);
/* The master, by ifindex; 0: none. */
void encode_set_master(struct nlmsghdr *nlh, int ifindex, int master);
/* IFLA_AF_SPEC, AF_INET6, IFLA_INET6_ADDR_GEN_MODE. */
void encode_set_address_generation(struct nlmsghdr *nlh, int ifindex, uint8_t mode);
/* One setting of a bridge port: RTM_SETLINK, AF_BRIDGE, IFLA_PROTINFO. */
void encode_set_port(struct nlmsghdr *nlh, int ifindex, PortSetting setting, uint32_t value);
/* VLANs first..last of a bridge port: added (RTM_SETLINK) or removed (RTM_DELLINK), AF_BRIDGE, IFLA_AF_SPEC,
 * IFLA_BRIDGE_VLAN_INFO. pvid and untagged as BRIDGE_VLAN_INFO_*. */
void encode_bridge_vlan(struct nlmsghdr *nlh, int ifindex, bool add, uint16_t first, uint16_t last,
                        bool pvid, bool untagged);
/* The root queueing discipline, by the kernel's name for it; NULL: back to the kernel's choice
 * (RTM_DELQDISC). */
void encode_set_qdisc(struct nlmsghdr *nlh, int ifindex, const char *kind);

/* encode-items.c. Adding: RTM_NEWROUTE CREATE|APPEND, RTM_NEWNEXTHOP CREATE|REPLACE (id 0: CREATE|EXCL),
 * RTM_NEWRULE CREATE|EXCL, RTM_NEWNEIGH CREATE|REPLACE. Deleting names the whole item, so that nothing else
 * is hit. A route, nexthop or neighbour is as items.h says; hops of ifindex 0 are those of the link given.
 */
void encode_add_route(struct nlmsghdr *nlh, const Route *route);
void encode_delete_route(struct nlmsghdr *nlh, const Route *route);
void encode_add_nexthop(struct nlmsghdr *nlh, const NextHop *nexthop);
void encode_delete_nexthop(struct nlmsghdr *nlh, const NextHop *nexthop);
void encode_add_rule(struct nlmsghdr *nlh, const Rule *rule);
void encode_delete_rule(struct nlmsghdr *nlh, const Rule *rule);
void encode_add_neighbor(struct nlmsghdr *nlh, const Neighbor *neighbor);
void encode_delete_neighbor(struct nlmsghdr *nlh, const Neighbor *neighbor);

/* Dumps, filtered by protocol (0: any) where the kernel can. */
void encode_dump_routes(struct nlmsghdr *nlh, uint8_t family, uint8_t protocol);
void encode_dump_nexthops(struct nlmsghdr *nlh);
void encode_dump_rules(struct nlmsghdr *nlh, uint8_t family);
void encode_dump_neighbors(struct nlmsghdr *nlh, uint8_t family, bool proxy);
void encode_dump_bridge_vlans(struct nlmsghdr *nlh);
