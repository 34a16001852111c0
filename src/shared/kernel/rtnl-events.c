/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The event socket: only ever read, and only what the kernel itself sent. */

#include <assert.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "rtnl-private.h"

/* Some 10,000 link events; memory is taken only while they wait. */
#define EVENT_BUFFER (32 * 1024 * 1024)

int rtnl_events_open(int *ret_fd) {
        const struct sockaddr_nl groups = {
                .nl_family = AF_NETLINK,
                .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
        };
        _cleanup_(close_fdp) int fd = -EBADF;

        assert(ret_fd);

        fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
        if (fd < 0)
                return -errno;

        rtnl_set_receive_buffer(fd, EVENT_BUFFER);

        if (bind(fd, (const struct sockaddr *) &groups, sizeof(groups)) < 0)
                return -errno;

        *ret_fd = take_fd(&fd);
        return 0;
}

static int set_membership(int fd, int group, bool join) {
        int option = join ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP;

        return setsockopt(fd, SOL_NETLINK, option, &group, sizeof(group)) < 0 ? -errno : 0;
}

int rtnl_events_join_items(int fd, bool routes, bool nexthops, bool rules, bool neighbors) {
        const struct {
                int group;
                bool join;
        } groups[] = {
                { RTNLGRP_IPV4_ROUTE, routes }, { RTNLGRP_IPV6_ROUTE, routes },
                { RTNLGRP_NEXTHOP, nexthops },  { RTNLGRP_IPV4_RULE, rules },
                { RTNLGRP_IPV6_RULE, rules },   { RTNLGRP_NEIGH, neighbors },
        };

        assert(fd >= 0);

        for (size_t i = 0; i < ELEMENTSOF(groups); i++) {
                int r = set_membership(fd, groups[i].group, groups[i].join);

                if (r < 0 && groups[i].join)
                        return r;
        }
        return 0;
}

static int handle_events(const void *data, ssize_t size, RtnlHandler handler, void *userdata) {
        const struct nlmsghdr *nlh = data;
        int left, r;

        for (left = (int) size; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
                if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
                        continue;
                r = handler(nlh, userdata);
                if (r < 0)
                        return r;
        }

        return 0;
}

int rtnl_events_drain(int fd, RtnlHandler handler, void *userdata) {
        _Alignas(struct nlmsghdr) uint8_t buffer[32 * 1024];
        bool lost = false;
        int r;

        assert(fd >= 0);
        assert(handler);

        for (;;) {
                ssize_t size = rtnl_receive(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

                if (size == -EAGAIN)
                        return lost;

                /* An event too large for us is as good as lost. */
                if (size == -ENOBUFS || size == -EMSGSIZE) {
                        lost = true;
                        continue;
                }
                if (size < 0)
                        return (int) size;

                r = handle_events(buffer, size, handler, userdata);
                if (r < 0)
                        return r;
        }
}
