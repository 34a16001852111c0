/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bytes as one netlink message to every decoder. What the decoders are promised, that nlmsg_len bytes are
 * there, is made true here; all else is the fuzzer's. The message is copied into a block of exactly its
 * size, so that one byte read too many is seen. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/decode.h"

/* Longer than any message the kernel sends us. */
#define MESSAGE_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_link(const struct nlmsghdr *nlh) {
        _cleanup_(link_freep) Link *l = NULL;

        if (decode_link(nlh, &l) < 0)
                return;

        assert(l->ifindex > 0 && l->master >= 0);
        assert(l->name[0] != '\0' && strnlen(l->name, sizeof(l->name)) < sizeof(l->name));
        assert(strnlen(l->kind, sizeof(l->kind)) < sizeof(l->kind));
        assert(strnlen(l->qdisc, sizeof(l->qdisc)) < sizeof(l->qdisc));
        assert(l->address_length <= sizeof(l->address));
        assert(!l->is_tun || strcmp(l->kind, "tun") == 0);
        assert(l->tun.owner >= -1 && l->tun.group >= -1);
        assert(!l->addresses && l->n_addresses == 0);
}

static void check_address(const struct nlmsghdr *nlh) {
        Address a;
        int ifindex;

        if (decode_address(nlh, &ifindex, &a) < 0)
                return;

        assert(ifindex > 0);
        assert(a.prefixlen <= 128);
        assert(address_compare(&a, &a) == 0);
}

static void check_event(const struct nlmsghdr *nlh) {
        LinkEvent e;

        if (decode_event(nlh, &e) <= 0)
                return;

        assert(e.ifindex > 0);
        assert(strnlen(e.name, sizeof(e.name)) < sizeof(e.name));
        assert(e.address == (e.name[0] == '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) struct nlmsghdr *nlh = NULL;

        if (size < MNL_NLMSG_HDRLEN || size > MESSAGE_MAX)
                return 0;

        nlh = malloc(size);
        if (!nlh)
                return 0;

        memcpy(nlh, data, size);
        nlh->nlmsg_len = (uint32_t) size;
        check_link(nlh);
        check_address(nlh);
        check_event(nlh);
        return 0;
}
