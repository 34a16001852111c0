/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One event at a time into the snapshot. */

#include "follow.h"

#include <assert.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "decode.h"

static int follow_link(Snapshot *s, const struct nlmsghdr *nlh) {
        _cleanup_(link_freep) Link *link = NULL;
        LinkEvent event;
        Link *known;
        int r;

        if (decode_event(nlh, &event) > 0 && event.deleted) {
                snapshot_remove(s, event.ifindex);
                return 0;
        }

        r = nlh->nlmsg_type == RTM_NEWLINK ? decode_link(nlh, &link) : -EBADMSG;
        if (r < 0)
                return r == -ENOMEM ? r : 0; /* a bridge's view of its port, or one of its leaving */

        known = snapshot_by_index(s, link->ifindex);
        if (known) {
                link->addresses = TAKE_PTR(known->addresses);
                link->n_addresses = known->n_addresses;
                known->n_addresses = 0;
        }
        return snapshot_put(s, TAKE_PTR(link));
}

static int follow_address(Snapshot *s, const struct nlmsghdr *nlh) {
        Address address;
        int ifindex, r;
        Link *link;

        if (decode_address(nlh, &ifindex, &address) < 0)
                return 0;
        link = snapshot_by_index(s, ifindex);
        if (!link)
                return 0;

        for (size_t i = 0; i < link->n_addresses; i++)
                if (address_compare(link->addresses + i, &address) == 0) {
                        memmove(link->addresses + i, link->addresses + i + 1,
                                (link->n_addresses - i - 1) * sizeof(Address));
                        link->n_addresses--;
                        break;
                }

        if (nlh->nlmsg_type == RTM_DELADDR)
                return 0;
        r = link_add_address(link, &address);
        if (r >= 0)
                link_sort_addresses(link);
        return r;
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
