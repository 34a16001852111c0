/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* rtnetlink bytes -> plain structs. Pure. Every attribute is validated before it is read; unknown ones are
 * skipped (a newer kernel may say more than we know). rtnetlink(7), linux/if_link.h, linux/if_addr.h. */

#include <libmnl/libmnl.h>
#include <stdbool.h>

#include "snapshot.h"

/* RTM_NEWLINK or RTM_DELLINK -> a new Link without addresses. Returns 0, -EBADMSG (malformed) or -ENOMEM. */
int decode_link(const struct nlmsghdr *nlh, Link **ret);

/* RTM_NEWADDR or RTM_DELADDR -> ifindex and address. Returns 0 or -EBADMSG. */
int decode_address(const struct nlmsghdr *nlh, int *ret_ifindex, Address *ret);

/* decode-items.c. RTM_NEW* or RTM_DEL* -> one item, or for an IPv6 multipath route as many as it has hops:
 * *ret is a new array. A cached or dynamic route (RTM_F_CLONED) yields none. Return 0, -EBADMSG or -ENOMEM.
 */
int decode_routes(const struct nlmsghdr *nlh, Route **ret, size_t *ret_n);
int decode_nexthop(const struct nlmsghdr *nlh, NextHop *ret);
int decode_rule(const struct nlmsghdr *nlh, Rule *ret);
int decode_neighbor(const struct nlmsghdr *nlh, Neighbor *ret);

/* An AF_BRIDGE RTM_NEWLINK: the VLANs of a port into *port, and its settings where the message has them.
 * Returns 0, or -EBADMSG and leaves *port alone. */
int decode_bridge_vlans(const struct nlmsghdr *nlh, int *ret_ifindex, BridgePort *port);

/* What an event is about, without decoding all of it. */
typedef struct LinkEvent {
        int ifindex;
        bool deleted; /* RTM_DELLINK of the link itself: with ifi_family AF_BRIDGE it is only a port leaving
                         its bridge */
        char name[IFNAMSIZ]; /* "" in address events */
        bool is_tun;         /* kind is "tun"; false in address events */
        bool address;        /* RTM_NEWADDR, RTM_DELADDR */
        bool up, carrier;    /* of the link; false in address events */
        bool loses; /* down, without carrier, gone, or an address less: if it was not so before, routes and
                       nexthops may have gone without an event of their own */
} LinkEvent;

/* Returns 1 and fills in the event, 0 for a message of no interest, -EBADMSG. */
int decode_event(const struct nlmsghdr *nlh, LinkEvent *ret);
