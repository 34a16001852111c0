/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the rtnl*.c files share. */

#include <stdint.h>
#include <sys/types.h>

#include "rtnl.h"

/* Larger than any link message: the attributes without a fixed bound (alternative names) share one of 64 KiB
 * at most. */
#define DATAGRAM_MAX (128 * 1024)

struct Rtnl {
        int fd;
        uint32_t seq; /* the next one */
        unsigned dump_attempts;
        _Alignas(struct nlmsghdr) uint8_t buffer[DATAGRAM_MAX];
};

/* Best effort: without the privilege the system's limit holds. */
void rtnl_set_receive_buffer(int fd, int size);

/* To the kernel. Returns 0 or -errno. */
int rtnl_send(Rtnl *rtnl, const void *data, size_t size);

/* One datagram. Returns its length, 0 if it did not come from the kernel, or -errno: -EAGAIN when nothing
 * came (in time), -ENOBUFS when some were lost (what is queued can still be read), -EMSGSIZE when this one
 * was too large. */
ssize_t rtnl_receive(int fd, void *buffer, size_t size, int flags);

/* Looks at one message; returns true when it was the last that is needed. */
typedef bool (*MessageVisitor)(const struct nlmsghdr *nlh, void *userdata);

/* Reads one datagram and shows its messages with sequence numbers first … first + n - 1. Returns 1 when the
 * visitor is satisfied, 0 to go on, or -errno. */
int rtnl_visit_datagram(Rtnl *rtnl, int flags, uint32_t first, size_t n, MessageVisitor visit,
                        void *userdata);

/* The errno of NLMSG_ERROR (0: an ack) or NLMSG_DONE. */
int rtnl_message_error(const struct nlmsghdr *nlh);
