/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The other local user, who has a queue of a device: what he may change with it, and what of that can be
 * seen. He uses bare ioctls, so that he shares no mistake with what is tested. */

#include <stdbool.h>
#include <stdint.h>

/* What outlives the queue that changed it. */
typedef struct Traits {
        unsigned arp_type;
        unsigned vnet_header_size;
        unsigned little_endian;
        unsigned send_buffer;
        unsigned checksum_offload; /* of the device, ethtool's tx-checksumming */
        unsigned segmentation_offload;
        bool carrier;
        uint8_t mac[6]; /* tap */
} Traits;

/* Attaches one queue, with the flags of linux/if_tun.h. Returns the descriptor or -errno. */
int stranger_attach(const char *name, int flags);

/* Changes everything that a queue, attached or not, lets its holder change and that can be read back. */
void stranger_tamper(int fd, const char *name);

/* Lets nothing through any more: a classic filter and a filter of addresses (tap only), and, where programs
 * may be loaded, one that drops. Returns whether that last one is there. */
bool stranger_block(int fd, bool tap);

/* What can be seen of the device, through any queue of it. */
Traits traits_read(int fd, const char *name);

/* The first trait in which the two differ, or NULL. The MAC is not compared: it is random. */
const char *traits_differ(const Traits *a, const Traits *b);
