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

/* What an event is about, without decoding all of it. */
typedef struct LinkEvent {
        int ifindex;
        bool deleted; /* RTM_DELLINK of the link itself: with ifi_family AF_BRIDGE it is only a port leaving
                         its bridge */
        char name[IFNAMSIZ]; /* "" in address events */
        bool is_tun;         /* kind is "tun"; false in address events */
        bool address;        /* RTM_NEWADDR, RTM_DELADDR */
} LinkEvent;

/* Returns 1 and fills in the event, 0 for a message of no interest, -EBADMSG. */
int decode_event(const struct nlmsghdr *nlh, LinkEvent *ret);
