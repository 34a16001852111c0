/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Every ioctl on /dev/net/tun (Documentation/networking/tuntap.rst, drivers/net/tun.c). A queue is a file
 * descriptor: it lives until its last copy is closed.
 *
 * Each function returns 0 or -errno and names the step that failed in *ret_step (a static string such as
 * "TUNSETOWNER"), which is left alone on success. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define TUNTAP_NODE       "/dev/net/tun"
#define TUNTAP_MAC_LENGTH 6

/* What a device is to be. */
typedef struct TunSpec {
        const char *name;
        bool tap;
        bool multi_queue;
        bool packet_info;
        bool vnet_header;
        bool napi;                  /* of the queue, though the device tells it */
        bool napi_frags;            /* of the queue; tap with napi, and init's CAP_NET_ADMIN */
        uint64_t send_buffer;       /* bytes, up to INT_MAX; 0: leave */
        uint64_t vnet_header_bytes; /* 10 or more; 0: leave */
        int64_t owner;              /* uid, -1: leave */
        int64_t group;              /* gid, -1: leave */
        bool has_mac;               /* tap only */
        uint8_t mac[TUNTAP_MAC_LENGTH];
} TunSpec;

/* What an attached or detached queue says about itself (TUNGETIFF). Whether it has PI only rtnetlink tells:
 * the bit of IFF_NO_PI is IFF_NOFILTER here. */
typedef struct TunQueue {
        char name[16];
        bool tap;
        bool multi_queue;
        bool vnet_header;
        bool napi;
        bool napi_frags;
        bool persist;
        bool detached;
} TunQueue;

/* IFF_TUN or IFF_TAP, IFF_NO_PI, IFF_VNET_HDR, IFF_MULTI_QUEUE, IFF_NAPI: what spec is to TUNSETIFF. */
unsigned tuntap_flags(const TunSpec *spec);

/* Opens /dev/net/tun, belonging to no device yet; the network namespace is fixed now, at open. */
int tuntap_open(int *ret_fd, const char **ret_step);

/* Makes the device of a fresh descriptor from tuntap_open(), or fails with -EBUSY when the name is taken:
 * TUNSETIFF with IFF_TUN_EXCL, owner, group, header size, send buffer. Not persistent yet: until
 * tuntap_set_persist() the kernel removes the device when fd closes, so every earlier return is a clean
 * roll-back. */
int tuntap_create(int fd, const TunSpec *spec, const char **ret_step);

/* Puts back to what spec says or else to the kernel's defaults whatever a queue holder may change and that
 * outlives its queue: link type, offloads, header size and endianness, send buffer, filters, steering,
 * carrier, and on a tap the MAC address (a random one when spec has none). Needs an attached queue, and
 * sense only when nobody else has one (design D6). */
int tuntap_put_back(int fd, const TunSpec *spec, const char **ret_step);

/* Attaches a queue to an existing device; on a multi-queue device detaches it in the very next call, so that
 * a program behind the device loses as little as possible. Without another queue the kernel now takes the
 * flags of spec; with one it silently keeps its own. owner, group, header size and send buffer are not
 * touched. TUNSETIFF makes what it does not find: the caller must check that the device behind the queue is
 * the one it meant (ifindex); closing the queue removes one made by accident. Errors that mean something:
 * -EBUSY a single-queue device is in use, -EINVAL another kind or queue mode, -E2BIG no queue left, -EPERM
 * not allowed. */
int tuntap_attach(const TunSpec *spec, int *ret_fd, const char **ret_step);

/* The same without detaching it: a queue for a program, which gets its share of the packets at once. */
int tuntap_attach_for_use(const TunSpec *spec, int *ret_fd, const char **ret_step);

/* Of what tuntap_put_back() does, the part that belongs to no configuration but that of the program before:
 * offloads, header size and endianness, send buffer, filters, steering, and the carrier. Before a queue is
 * handed to the next one (design D17); needs an attached queue, and that no other program has one. */
int tuntap_reset(int fd, const TunSpec *spec, const char **ret_step);

/* Removes the classic filter of a tap, by any queue of it. */
int tuntap_detach_filter(int fd, const char **ret_step);

/* Whatever a holder of the same open file may have made of it. */
int tuntap_set_nonblocking(int fd, const char **ret_step);

/* Whether the descriptor is one of /dev/net/tun at all; only then anything else here may be asked of it. */
bool tuntap_is(int fd);
int tuntap_get(int fd, TunQueue *ret, const char **ret_step);
/* The network namespace its device is in now, as stat(2) has it of /proc/PID/ns/net. Since Linux 5.2; needs
 * CAP_NET_ADMIN there. */
int tuntap_stat_netns(int fd, struct stat *ret, const char **ret_step);
int tuntap_set_owner(int fd, int64_t uid, const char **ret_step);
int tuntap_set_group(int fd, int64_t gid, const char **ret_step);
/* The size of the header before each packet with vnet_header, of the device: at least 10 (else -EINVAL). */
int tuntap_set_vnet_header_bytes(int fd, unsigned bytes, const char **ret_step);
int tuntap_get_vnet_header_bytes(int fd, unsigned *ret, const char **ret_step);
/* Of the queues attached now, one's own and others'; a later one starts without a limit. -EINVAL: 0, or more
 * than INT_MAX. */
int tuntap_set_send_buffer(int fd, uint64_t bytes, const char **ret_step);
/* The address of a tap: spec's, or a random one (locally administered, unicast). */
int tuntap_set_mac(int fd, const TunSpec *spec, const char **ret_step);
int tuntap_set_persist(int fd, bool persist, const char **ret_step);

/* Multi-queue only (-EINVAL otherwise, and when it is so already). A detached queue keeps the carrier and
 * gets no packets. */
int tuntap_detach(int fd, const char **ret_step);

/* Raises the carrier that a program left off. Only an attached queue can, so the queue of a multi-queue
 * device is attached for a moment; afterwards it is detached, whatever it was and whatever happened. */
int tuntap_raise_carrier(int fd, const char **ret_step);

/* Throws away the packets that wait in an attached queue; never blocks. */
void tuntap_drain(int fd);
