/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is: plain data read from rtnetlink. Links sorted by ifindex and by name, each with its addresses.
 * Nothing here talks to the kernel (read.h does). */

#include <linux/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

#define LINK_KIND_MAX    16
#define LINK_ADDRESS_MAX 32

/* IFLA_INFO_DATA of kind "tun" (linux/if_link.h, IFLA_TUN_*). */
typedef struct TunInfo {
        bool tap; /* type: IFF_TAP, else IFF_TUN */
        bool pi;
        bool vnet_hdr;
        bool persist;
        bool multi_queue;
        uint32_t num_queues;          /* attached; only multi-queue devices report the two, 0 otherwise */
        uint32_t num_disabled_queues; /* detached (TUNSETQUEUE) */
        int64_t owner;                /* uid, -1: none */
        int64_t group;                /* gid, -1: none */
} TunInfo;

typedef struct Address {
        uint8_t family; /* AF_INET, AF_INET6 */
        uint8_t prefixlen;
        uint8_t scope;     /* RT_SCOPE_* */
        uint8_t protocol;  /* IFA_PROTO, 0: none or a kernel that has none (before 5.18) */
        uint32_t flags;    /* IFA_F_* */
        uint8_t local[16]; /* network order; unused bytes zero */
        uint8_t peer[16];  /* IFA_ADDRESS: equal to local without a peer */
} Address;

typedef struct Link {
        int ifindex;
        char name[IFNAMSIZ];
        char kind[LINK_KIND_MAX]; /* IFLA_INFO_KIND, "" for none */
        uint32_t flags;           /* IFF_* of ifinfomsg */
        uint16_t arp_type;        /* ARPHRD_* */
        uint32_t mtu;
        uint32_t tx_queue_length;
        uint8_t address[LINK_ADDRESS_MAX];
        uint8_t address_length;
        uint8_t operstate; /* IF_OPER_* */
        bool carrier;      /* IFLA_CARRIER, the truth; IFF_RUNNING is not */
        uint32_t carrier_changes;
        int master; /* ifindex, 0: none */
        char qdisc[IFNAMSIZ];
        bool is_tun; /* kind is "tun" and tun is filled in */
        TunInfo tun;
        Address *addresses; /* sorted: family, local, prefixlen, peer */
        size_t n_addresses;
} Link;

typedef struct Snapshot {
        Link **by_index; /* owns the links */
        Link **by_name;
        size_t n_links;
} Snapshot;

Snapshot *snapshot_new(void);
Snapshot *snapshot_free(Snapshot *s);
DEFINE_CLEANUP(Snapshot *, snapshot_free);

Link *link_free(Link *link);
DEFINE_CLEANUP(Link *, link_free);

/* NULL when there is none. The result lives until that link is put again or removed. */
Link *snapshot_by_name(const Snapshot *s, const char *name);
Link *snapshot_by_index(const Snapshot *s, int ifindex);

/* Inserts or replaces the link with this ifindex; takes ownership of link and frees it on failure. A link
 * already there under this name with another ifindex is stale and removed. Keeps the order. Returns 0 or
 * -ENOMEM. */
int snapshot_put(Snapshot *s, Link *link);
/* Appends without sorting; snapshot_sort() must follow before any look-up. For whole dumps. */
int snapshot_append(Snapshot *s, Link *link);
void snapshot_sort(Snapshot *s);
void snapshot_remove(Snapshot *s, int ifindex);

/* Appends one address to a link (unsorted until link_sort_addresses or snapshot_sort). Returns 0 or -ENOMEM.
 */
int link_add_address(Link *link, const Address *address);
void link_sort_addresses(Link *link);
int address_compare(const Address *a, const Address *b);
