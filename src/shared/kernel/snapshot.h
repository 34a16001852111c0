/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is: plain data read from rtnetlink. Links sorted by ifindex and by name, each with its addresses.
 * Nothing here talks to the kernel (read.h does). */

#include <linux/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "items.h"

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
        uint8_t scope;        /* RT_SCOPE_* */
        uint8_t protocol;     /* IFA_PROTO, 0: none or a kernel that has none (before 5.18) */
        uint32_t flags;       /* IFA_F_* */
        uint8_t local[16];    /* network order; unused bytes zero */
        uint8_t peer[16];     /* IFA_ADDRESS: equal to local without a peer */
        uint8_t broadcast[4]; /* IFA_BROADCAST; all zero: none */
        uint32_t metric;      /* IFA_RT_PRIORITY, 0: the kernel's default */
        uint32_t preferred;   /* IFA_CACHEINFO ifa_prefered in seconds, 0: deprecated; ADDRESS_FOREVER */
        char label[IFNAMSIZ]; /* IFA_LABEL, "" for IPv6 */
} Address;

#define ADDRESS_FOREVER UINT32_MAX

/* Sysctls of one link, in the order of Link.sysctls. */
typedef enum LinkSysctl {
        SYSCTL_IPV4_FORWARDING,      /* net.ipv4.conf.IF.forwarding */
        SYSCTL_IPV4_PROXY_ARP,       /* .proxy_arp */
        SYSCTL_IPV4_PROXY_ARP_PVLAN, /* .proxy_arp_pvlan */
        SYSCTL_IPV4_RP_FILTER,       /* .rp_filter */
        SYSCTL_IPV4_ACCEPT_LOCAL,    /* .accept_local */
        SYSCTL_IPV4_ROUTE_LOCALNET,  /* .route_localnet */
        SYSCTL_IPV6_FORWARDING,      /* net.ipv6.conf.IF.forwarding */
        SYSCTL_IPV6_DISABLE,         /* .disable_ipv6 */
        SYSCTL_IPV6_USE_TEMPADDR,    /* .use_tempaddr */
        SYSCTL_IPV6_DAD_TRANSMITS,   /* .dad_transmits */
        SYSCTL_IPV6_HOP_LIMIT,       /* .hop_limit */
        SYSCTL_IPV6_PROXY_NDP,       /* .proxy_ndp */
        SYSCTL_IPV6_MTU,             /* .mtu */
        SYSCTL_IPV6_RETRANS_TIME,    /* net.ipv6.neigh.IF.retrans_time_ms; rounded up to a tick */
        _LINK_SYSCTL_MAX,
} LinkSysctl;

/* Settings of a bridge port (IFLA_BRPORT_*), in the order of BridgePort.values. */
typedef enum PortSetting {
        PORT_UNICAST_FLOOD,
        PORT_MULTICAST_FLOOD,
        PORT_MULTICAST_TO_UNICAST,
        PORT_NEIGHBOR_SUPPRESSION,
        PORT_LEARNING,
        PORT_HAIRPIN, /* IFLA_BRPORT_MODE */
        PORT_ISOLATED,
        PORT_GUARD,
        PORT_PROTECT,
        PORT_FAST_LEAVE,
        PORT_PROXY_ARP,
        PORT_PROXY_ARP_WIFI,
        PORT_COST,
        PORT_PRIORITY,
        PORT_MULTICAST_ROUTER,
        _PORT_SETTING_MAX,
} PortSetting;

/* What a link that is a port of a bridge has (IFLA_INFO_SLAVE_DATA, kind "bridge"). */
typedef struct BridgePort {
        uint32_t values[_PORT_SETTING_MAX];
        /* IFLA_BRIDGE_VLAN_INFO; only where it was asked for (ReadOptions.vlans). */
        bool has_vlans;
        uint8_t vlans[512]; /* bit v of byte v/8 */
        uint8_t untagged[512];
        uint16_t pvid; /* 0: none */
} BridgePort;

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
        uint32_t group;                              /* IFLA_GROUP */
        uint32_t vrf_table;                          /* of a VRF: IFLA_VRF_TABLE */
        uint16_t default_pvid;                       /* of a bridge: what a new port gets; 0: none */
        uint8_t permanent_address[LINK_ADDRESS_MAX]; /* IFLA_PERM_ADDRESS */
        uint8_t permanent_address_length;
        char **altnames;            /* NULL-terminated; NULL: none */
        uint8_t address_generation; /* IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_* */
        bool has_ipv4, has_ipv6;    /* IFLA_AF_SPEC has them: the sysctls below count (disable_ipv6 still has
                                       them; an MTU below 1280 or a kernel without IPv6 has not) */
        int32_t sysctls[_LINK_SYSCTL_MAX];
        uint32_t sysctls_known; /* bit i: sysctls[i] was read */
        BridgePort *port;       /* NULL: no port of a bridge */
        Address *addresses;     /* sorted: family, local, prefixlen, peer */
        size_t n_addresses;
} Link;

typedef struct Snapshot {
        Link **by_index; /* owns the links */
        Link **by_name;
        size_t n_links;

        /* Each sorted by its compare function of items.h. Only those that were asked for (read.h). */
        Route *routes;
        size_t n_routes;
        NextHop *nexthops;
        size_t n_nexthops;
        Rule *rules;
        size_t n_rules;
        Neighbor *neighbors;
        size_t n_neighbors;

        int8_t ip_forward, ipv6_forward; /* net.ipv4.ip_forward, net.ipv6.conf.all.forwarding; -1: unread */
        int8_t ipv6_disable_default;     /* net.ipv6.conf.default.disable_ipv6; -1: unread */
} Snapshot;

Snapshot *snapshot_new(void);
Snapshot *snapshot_free(Snapshot *s);
DEFINE_CLEANUP(Snapshot *, snapshot_free);

/* Frees routes, nexthops, rules and neighbours: there are none afterwards. */
void snapshot_clear_items(Snapshot *s);

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
