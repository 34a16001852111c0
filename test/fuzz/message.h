/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Bytes as one netlink message, for what reads those. */

#include <libmnl/libmnl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Longer than any message the kernel sends us. */
#define MESSAGE_MAX 65536

/* What readers are promised, that nlmsg_len bytes are there, is made true here. A block of exactly that
 * size, so that one byte read too many is seen, or NULL where it cannot be one. */
static inline struct nlmsghdr *message_new(const uint8_t *data, size_t size) {
        struct nlmsghdr *nlh;

        if (size < MNL_NLMSG_HDRLEN || size > MESSAGE_MAX)
                return NULL;

        nlh = malloc(size);
        if (!nlh)
                return NULL;

        memcpy(nlh, data, size);
        nlh->nlmsg_len = (uint32_t) size;
        return nlh;
}
