/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One event at a time into the snapshot. */

#include "follow.h"

#include <assert.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "decode.h"
#include "read.h"

/* A bridge's view of its port: VLANs and settings change without an event of the link itself. */
static void follow_port(Snapshot *s, const struct nlmsghdr *nlh, const LinkEvent *event) {
        Link *link = snapshot_by_index(s, event->ifindex);
        int ifindex;

        if (!link || !link->port)
                return;

        if (nlh->nlmsg_type == RTM_NEWLINK)
                (void) decode_bridge_vlans(nlh, &ifindex, link->port);
        else {
                free(link->port); /* it leaves; that it has no master any more is another event */
                link->port = NULL;
        }
}

/* What the event of a link does not tell. */
static void keep_rest(Link *link, Link *known) {
        link->addresses = TAKE_PTR(known->addresses);
        link->n_addresses = known->n_addresses;
        known->n_addresses = 0;

        /* A port of another bridge starts with other VLANs. */
        if (link->port && known->port && link->master == known->master) {
                BridgePort *port = known->port;

                memcpy(port->values, link->port->values, sizeof(port->values));
                known->port = link->port;
                link->port = port;
        }
}

static bool is_of_protocol(uint8_t protocol, const uint8_t *protocols) {
        return protocol == NETDEVD_PROTOCOL || (protocol != 0 && strchr((const char *) protocols, protocol));
}

/* A neighbour that is gone has lost the state it had: it may have been ours. */
static bool is_lasting_neighbor(const struct nlmsghdr *nlh, const struct ndmsg *ndm) {
        return nlh->nlmsg_type == RTM_DELNEIGH || ndm->ndm_state & NUD_PERMANENT ||
               ndm->ndm_flags & NTF_PROXY;
}

bool event_is_about_item(const struct nlmsghdr *nlh, const uint8_t *protocols) {
        const void *header = mnl_nlmsg_get_payload(nlh);
        size_t length = mnl_nlmsg_get_payload_len(nlh);

        switch (nlh->nlmsg_type) {
        case RTM_NEWROUTE:
        case RTM_DELROUTE:
                return length >= sizeof(struct rtmsg) &&
                       is_of_protocol(((const struct rtmsg *) header)->rtm_protocol, protocols);
        case RTM_NEWNEXTHOP:
        case RTM_DELNEXTHOP:
                return length >= sizeof(struct nhmsg) &&
                       is_of_protocol(((const struct nhmsg *) header)->nh_protocol, protocols);
        case RTM_NEWRULE:
        case RTM_DELRULE: return true;
        case RTM_NEWNEIGH:
        case RTM_DELNEIGH: return length >= sizeof(struct ndmsg) && is_lasting_neighbor(nlh, header);
        default: return false;
        }
}

static int follow_link(Snapshot *s, const struct nlmsghdr *nlh) {
        const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
        _cleanup_(link_freep) Link *link = NULL;
        LinkEvent event;
        Link *known;
        int r;

        if (decode_event(nlh, &event) <= 0)
                return 0;
        if (event.deleted) {
                snapshot_remove(s, event.ifindex);
                return 0;
        }
        if (ifi->ifi_family == AF_BRIDGE) {
                follow_port(s, nlh, &event);
                return 0;
        }

        r = decode_link(nlh, &link);
        if (r < 0)
                return r == -ENOMEM ? r : 0;

        known = snapshot_by_index(s, link->ifindex);
        if (known)
                keep_rest(link, known);
        return snapshot_put(s, TAKE_PTR(link));
}

static int compare_addresses(const void *item, const void *key) {
        return address_compare(item, key);
}

/* Where the address is, or would be. */
static size_t place_of(const Link *link, const Address *address) {
        return ARRAY_LOWER_BOUND(link->addresses, link->n_addresses, address, compare_addresses);
}

/* A link of others may get addresses by the thousand, one event each: so they are not sorted anew. */
static int follow_address(Snapshot *s, const struct nlmsghdr *nlh) {
        Address address;
        size_t i, behind;
        int ifindex, r;
        Link *link;
        bool known;

        if (decode_address(nlh, &ifindex, &address) < 0)
                return 0;
        link = snapshot_by_index(s, ifindex);
        if (!link)
                return 0;

        i = place_of(link, &address);
        behind = link->n_addresses - i;
        known = behind > 0 && address_compare(link->addresses + i, &address) == 0;

        if (nlh->nlmsg_type == RTM_DELADDR) {
                if (!known)
                        return 0;
                memmove(link->addresses + i, link->addresses + i + 1, (behind - 1) * sizeof(Address));
                link->n_addresses--;
                return 0;
        }

        if (!known) {
                r = link_add_address(link, &address);
                if (r < 0)
                        return r;
                memmove(link->addresses + i + 1, link->addresses + i, behind * sizeof(Address));
        }
        link->addresses[i] = address;
        return 0;
}

int snapshot_follow(Snapshot *s, const struct nlmsghdr *nlh) {
        assert(s);

        switch (nlh->nlmsg_type) {
        case RTM_NEWLINK:
        case RTM_DELLINK: return follow_link(s, nlh);
        case RTM_NEWADDR:
        case RTM_DELADDR: return follow_address(s, nlh);
        default: return 0;
        }
}
