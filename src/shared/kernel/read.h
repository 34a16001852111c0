/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Fills a Snapshot from the kernel. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rtnl.h"
#include "snapshot.h"

/* RTPROT_* of routes, rules, nexthops and neighbours that netdevd adds, and IFA_PROTO of its addresses: a
 * number of ours, so that they can be told from others' (design D21). */
#define NETDEVD_PROTOCOL 0x6e

/* What to read beside links and addresses; each is one dump a family, filtered in the kernel: of a router's
 * million routes only those with our protocol, or of a link we ask for by name, are read. */
typedef struct ReadOptions {
        bool routes;              /* those with NETDEVD_PROTOCOL */
        const uint8_t *protocols; /* and those with one of these protocols, ending with 0; or NULL */
        bool nexthops, rules, neighbors;
        bool vlans;        /* of bridge ports */
        bool forwarding;   /* ip_forward, ipv6_forward */
        bool ipv6_default; /* ipv6_disable_default */
} ReadOptions;

/* All links and all addresses, two dumps, and what options (NULL: nothing) ask for. Returns 0 or -errno; a
 * torn dump yields no snapshot. */
int snapshot_read(Rtnl *rtnl, const ReadOptions *options, Snapshot **ret);

/* Reads routes, nexthops, rules and neighbours anew, all of them, as options ask for. Returns 0, or -errno
 * and leaves those of the snapshot alone. */
int snapshot_refresh_items(Rtnl *rtnl, const ReadOptions *options, Snapshot *s);

/* Reads the namespace's sysctls anew, as options ask for. No event tells of them, so this goes with every
 * refresh, once however many links it is for. */
void snapshot_refresh_switches(const ReadOptions *options, Snapshot *s);

/* Reads one link anew, with its addresses: put into the snapshot, or removed from it when the kernel has it
 * no more. Returns 0 or -errno. */
int snapshot_refresh(Rtnl *rtnl, const ReadOptions *options, Snapshot *s, int ifindex);

/* One link without its addresses, by ifindex or, when that is 0, by name. Returns 0, -ENODEV, or another
 * -errno. */
int read_link(Rtnl *rtnl, int ifindex, const char *name, Link **ret);
