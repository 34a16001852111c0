/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Messages of the kernel about a link, for tests of what reads them. */

#include "kernel/decode.h"

typedef union Message {
        struct nlmsghdr nlh;
        uint8_t bytes[4096];
} Message;

/* A new message without attributes; returns the header after the netlink one, which is all zero. */
void *begin_message(Message *m, uint16_t type, size_t header_size);

/* A link that is up, without a name, or with one. */
void begin_link(Message *m, uint16_t type, uint8_t family, int ifindex);
void begin_named_link(Message *m, uint16_t type, uint8_t family, int ifindex, const char *name);

typedef struct Nests {
        struct nlattr *info;
        struct nlattr *data;
} Nests;

/* A link of the given kind, its IFLA_INFO_DATA left open for more; and as a port of the given kind. */
Nests begin_kind(Message *m, const char *kind);
Nests begin_port(Message *m, const char *kind);
void end_kind(Message *m, Nests n);

/* What decode_link() makes of a message, which must be in order. */
Link *decoded(const Message *m);
