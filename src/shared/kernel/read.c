/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kernel -> Snapshot. A snapshot is read in two dumps, links then addresses, and more where the options ask
 * for it. Each dump is whole in itself (rtnl.h starts a torn one again); between them a link may come or go,
 * so what belongs to a link that is not there is dropped: its event is on the way. */

#include "read.h"

#include <assert.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "decode.h"
#include "encode.h"
#include "read-items.h"
#include "sysctl.h"

#define ATTEMPTS_MAX 10

typedef union Request {
        struct nlmsghdr nlh;
        uint8_t bytes[RTNL_MESSAGE_MAX];
} Request;

static void clear_addresses(Link *l) {
        free(l->addresses);
        l->addresses = NULL;
        l->n_addresses = 0;
}

static void snapshot_clear(Snapshot *s) {
        for (size_t i = 0; i < s->n_links; i++)
                link_free(s->by_index[i]);
        s->n_links = 0;
}

static int on_dumped_link(const struct nlmsghdr *nlh, void *userdata) {
        Snapshot *s = userdata;
        Link *l;
        int r;

        if (nlh->nlmsg_type != RTM_NEWLINK)
                return 0;

        r = decode_link(nlh, &l);
        if (r < 0)
                return r;

        return snapshot_append(s, l);
}

static void restart_links(void *userdata) {
        snapshot_clear(userdata);
}

/* The kernel does not count a rename as a change, so a name that moved from one link to another while the
 * dump went past can be there twice without the dump being marked torn. */
static bool names_are_unique(const Snapshot *s) {
        for (size_t i = 1; i < s->n_links; i++)
                if (strcmp(s->by_name[i - 1]->name, s->by_name[i]->name) == 0 ||
                    s->by_index[i - 1]->ifindex == s->by_index[i]->ifindex)
                        return false;
        return true;
}

static int read_links(Rtnl *rtnl, Snapshot *s) {
        for (unsigned attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
                Request request = {};
                int r;

                encode_dump_links(&request.nlh);
                r = rtnl_dump(rtnl, &request.nlh, on_dumped_link, restart_links, s);
                if (r < 0)
                        return r;

                snapshot_sort(s);
                if (names_are_unique(s))
                        return 0;
                snapshot_clear(s);
        }

        return -EAGAIN;
}

/* An AF_UNSPEC dump of addresses goes through every protocol of the kernel: Phonet and MCTP have addresses
 * too. */
static bool is_internet_address(const struct nlmsghdr *nlh) {
        const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);

        return nlh->nlmsg_type == RTM_NEWADDR && mnl_nlmsg_get_payload_len(nlh) >= sizeof(*ifa) &&
               (ifa->ifa_family == AF_INET || ifa->ifa_family == AF_INET6);
}

static int on_dumped_address(const struct nlmsghdr *nlh, void *userdata) {
        Snapshot *s = userdata;
        Address a;
        int ifindex, r;
        Link *l;

        if (!is_internet_address(nlh))
                return 0;

        r = decode_address(nlh, &ifindex, &a);
        if (r < 0)
                return r;

        l = snapshot_by_index(s, ifindex);
        return l ? link_add_address(l, &a) : 0;
}

static void restart_addresses(void *userdata) {
        Snapshot *s = userdata;

        for (size_t i = 0; i < s->n_links; i++)
                clear_addresses(s->by_index[i]);
}

static int read_addresses(Rtnl *rtnl, Snapshot *s) {
        Request request = {};
        int r;

        encode_dump_addresses(&request.nlh, 0);
        r = rtnl_dump(rtnl, &request.nlh, on_dumped_address, restart_addresses, s);
        if (r < 0)
                return r;

        for (size_t i = 0; i < s->n_links; i++)
                link_sort_addresses(s->by_index[i]);
        return 0;
}

/* The VLANs of all ports of a snapshot, or of one link. */
typedef struct Vlans {
        Snapshot *snapshot;
        Link *only;
} Vlans;

static int on_dumped_vlans(const struct nlmsghdr *nlh, void *userdata) {
        Vlans *vlans = userdata;
        BridgePort port = {};
        int ifindex, r;
        Link *l;

        if (nlh->nlmsg_type != RTM_NEWLINK)
                return 0;

        r = decode_bridge_vlans(nlh, &ifindex, &port);
        if (r < 0)
                return r;

        l = vlans->only ?: snapshot_by_index(vlans->snapshot, ifindex);
        if (!l || l->ifindex != ifindex || !l->port)
                return 0; /* the bridge itself, or a link of another time */

        return decode_bridge_vlans(nlh, &ifindex, l->port);
}

/* A dump begun anew tells of each port again, so nothing needs to be thrown away. */
static int read_vlans(Rtnl *rtnl, Vlans vlans) {
        Request request = {};

        encode_dump_bridge_vlans(&request.nlh);
        return rtnl_dump(rtnl, &request.nlh, on_dumped_vlans, NULL, &vlans);
}

void snapshot_refresh_switches(const ReadOptions *options, Snapshot *s) {
        assert(options);
        assert(s);

        /* What cannot be read, without IPv6, stays unread. */
        if (options->forwarding) {
                (void) sysctl_read_forwarding(false, &s->ip_forward);
                (void) sysctl_read_forwarding(true, &s->ipv6_forward);
        }
        if (options->ipv6_default)
                (void) sysctl_read_ipv6_disable_default(&s->ipv6_disable_default);
}

static int read_options(Rtnl *rtnl, const ReadOptions *options, Snapshot *s) {
        int r;

        if (options->vlans) {
                r = read_vlans(rtnl, (Vlans){ .snapshot = s });
                if (r < 0)
                        return r;
        }

        snapshot_refresh_switches(options, s);
        return read_items(rtnl, options, s);
}

int snapshot_read(Rtnl *rtnl, const ReadOptions *options, Snapshot **ret) {
        _cleanup_(snapshot_freep) Snapshot *s = NULL;
        int r;

        assert(rtnl);
        assert(ret);

        s = snapshot_new();
        if (!s)
                return -ENOMEM;

        r = read_links(rtnl, s);
        if (r < 0)
                return r;

        r = read_addresses(rtnl, s);
        if (r >= 0 && options)
                r = read_options(rtnl, options, s);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

int snapshot_refresh_items(Rtnl *rtnl, const ReadOptions *options, Snapshot *s) {
        assert(rtnl);
        assert(s);

        if (options)
                return read_items(rtnl, options, s);

        snapshot_clear_items(s);
        return 0;
}

static int on_link(const struct nlmsghdr *nlh, void *userdata) {
        Link **ret = userdata;

        return decode_link(nlh, ret);
}

int read_link(Rtnl *rtnl, int ifindex, const char *name, Link **ret) {
        Request request = {};
        Link *l = NULL;
        int r;

        assert(rtnl);
        assert(ret);

        encode_get_link(&request.nlh, ifindex, name);
        r = rtnl_get(rtnl, &request.nlh, on_link, &l);
        if (r < 0)
                return r;
        if (!l)
                return -EBADMSG; /* an ack in place of a link */

        *ret = l;
        return 0;
}

static int on_link_address(const struct nlmsghdr *nlh, void *userdata) {
        Link *l = userdata;
        Address a;
        int ifindex, r;

        if (!is_internet_address(nlh))
                return 0;

        r = decode_address(nlh, &ifindex, &a);
        if (r < 0)
                return r;

        /* A kernel without strict checking sends those of all links. */
        return ifindex == l->ifindex ? link_add_address(l, &a) : 0;
}

static void restart_link_addresses(void *userdata) {
        clear_addresses(userdata);
}

static int read_link_addresses(Rtnl *rtnl, Link *l) {
        Request request = {};
        int r;

        encode_dump_addresses(&request.nlh, l->ifindex);
        r = rtnl_dump(rtnl, &request.nlh, on_link_address, restart_link_addresses, l);
        if (r < 0)
                return r;

        link_sort_addresses(l);
        return 0;
}

int snapshot_refresh(Rtnl *rtnl, const ReadOptions *options, Snapshot *s, int ifindex) {
        _cleanup_(link_freep) Link *l = NULL;
        int r;

        assert(rtnl);
        assert(s);
        assert(ifindex > 0);

        r = read_link(rtnl, ifindex, NULL, &l);
        if (r == -ENODEV) {
                snapshot_remove(s, ifindex);
                return 0;
        }
        if (r < 0)
                return r;

        /* Gone in between: no addresses. Its RTM_DELLINK tells the rest. */
        r = read_link_addresses(rtnl, l);
        if (r < 0 && r != -ENODEV)
                return r;

        if (options && options->vlans && l->port) {
                r = read_vlans(rtnl, (Vlans){ .only = l });
                if (r < 0)
                        return r;
        }

        return snapshot_put(s, TAKE_PTR(l));
}
