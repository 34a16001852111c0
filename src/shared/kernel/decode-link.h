/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The parts of a link message that have a file of their own. Internal to the decode*.c files. Each returns 0
 * or -EBADMSG. */

#include <libmnl/libmnl.h>
#include <stdint.h>

#include "snapshot.h"

/* A link message read without memory being taken; what needs some is left in its attributes, which point
 * into the message. */
typedef struct LinkParts {
        uint8_t family;
        const struct nlattr *properties; /* IFLA_PROP_LIST */
        const struct nlattr *port;       /* IFLA_INFO_SLAVE_DATA of a bridge's port */
} LinkParts;

/* decode-link.c: fills in a zeroed Link. */
int decode_link_parts(const struct nlmsghdr *nlh, Link *link, LinkParts *ret);

/* decode-inet.c: IFLA_AF_SPEC of an AF_UNSPEC message: sysctls and address generation. */
int decode_inet(const struct nlattr *af_spec, Link *link);

/* decode-port.c: IFLA_BRPORT_* into port->values. */
int decode_port(const struct nlattr *data, BridgePort *port);
