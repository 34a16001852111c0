/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bytes as one netlink message to every decoder. What the decoders are promised, that nlmsg_len bytes are
 * there, is made true here; all else is the fuzzer's. The message is copied into a block of exactly its
 * size, so that one byte read too many is seen.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-strict-aliasing -DFUZZER -D_GNU_SOURCE \
 *             -Isrc/shared test/fuzz/fuzz-decode.c src/shared/kernel/{decode,snapshot}.c \
 *             src/shared/base/array.c -lmnl -o fuzz-decode
 *     ./fuzz-decode CORPUS test/corpus/decode
 *
 * Without -DFUZZER it runs each file named on the command line once. */

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/decode.h"

#define INPUT_MAX 65536

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

        if (size < MNL_NLMSG_HDRLEN || size > INPUT_MAX)
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

#ifndef FUZZER
static int run_file(const char *path) {
        _cleanup_(fclosep) FILE *f = fopen(path, "re");
        uint8_t bytes[INPUT_MAX];
        size_t n;

        if (!f) {
                perror(path);
                return EXIT_FAILURE;
        }

        n = fread(bytes, 1, sizeof(bytes), f);
        if (ferror(f)) {
                perror(path);
                return EXIT_FAILURE;
        }

        LLVMFuzzerTestOneInput(bytes, n);
        return EXIT_SUCCESS;
}

int main(int argc, char *argv[]) {
        int r = EXIT_SUCCESS;

        for (int i = 1; i < argc; i++)
                if (run_file(argv[i]) != EXIT_SUCCESS)
                        r = EXIT_FAILURE;
        return r;
}
#endif
