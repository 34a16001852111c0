/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is wanted: plain data parsed from files. No descriptors, no uids, no kernel. Every value remembers
 * where it was written, so that whoever speaks of it later can say "tun-test.netdev:6". */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/diag.h"
#include "base/string-table.h"
#include "given.h"
#include "host.h"
#include "match.h"
#include "settings.h"
#include "values.h"

typedef enum Kind {
        KIND_TUN,
        KIND_TAP,
        _KIND_MAX,
        _KIND_INVALID = -EINVAL,
} Kind;

DECLARE_STRING_TABLE(kind, Kind);

/* Keys of a .netdev file; each has a source in DeviceConfig.given. */
typedef enum DeviceKey {
        DEVICE_NAME,
        DEVICE_KIND,
        DEVICE_DESCRIPTION,
        DEVICE_MTU,
        DEVICE_MAC_ADDRESS,
        DEVICE_RECREATE,
        DEVICE_ENFORCE,
        DEVICE_MULTI_QUEUE,
        DEVICE_PACKET_INFO,
        DEVICE_VNET_HEADER,
        DEVICE_USER,
        DEVICE_GROUP,
        DEVICE_KEEP_CARRIER,
        DEVICE_ALLOW_ANY_USER,
        DEVICE_NAPI,
        DEVICE_NAPI_FRAGS,
        DEVICE_SEND_BUFFER,
        DEVICE_VNET_HEADER_BYTES,
        _DEVICE_KEY_MAX,
} DeviceKey;

/* One .netdev file with its drop-ins. Only files whose conditions hold on this machine are loaded. */
typedef struct DeviceConfig {
        char *file_name; /* "10-x.netdev" */
        char **files;    /* paths read, in order, in one piece; Source.path points into it */
        char *name;
        Kind kind;
        char *description;
        uint64_t mtu;       /* bytes, 0: unset; a .network file's counts before it */
        HwAddr mac_address; /* length 0: unset; the same */
        bool recreate;      /* what needs the device destroyed is done */
        Optional enforce;   /* drift is repaired */
        bool multi_queue;
        bool packet_info;
        bool vnet_header;
        bool keep_carrier;
        bool allow_any_user;
        bool napi;
        bool napi_frags;
        uint64_t send_buffer;       /* bytes, of queues handed out; 0: unset */
        uint64_t vnet_header_bytes; /* 0: unset (the kernel's 10) */
        char *user;                 /* name or number, as written; NULL: none */
        char *group;
        Given given; /* by DeviceKey */
} DeviceConfig;

/* Single values of a .network file; each has a source in NetworkConfig.given. Those from NETWORK_LINK_GROUP
 * on are integers, the values there: booleans as 0 and 1, words as the enums below, times in microseconds
 * (INT64_MAX: infinity), sizes in bytes. */
typedef enum NetworkKey {
        NETWORK_DESCRIPTION,
        NETWORK_MTU,
        NETWORK_MAC_ADDRESS,
        NETWORK_REQUIRED_FOR_ONLINE,
        NETWORK_BRIDGE,
        NETWORK_VRF,
        NETWORK_STABLE_SECRET,
        NETWORK_BIND_CARRIER,
        NETWORK_PROXY_NDP_ADDRESS,
        /* [Link] */
        NETWORK_LINK_GROUP,
        NETWORK_ARP,
        NETWORK_MULTICAST,
        NETWORK_ALL_MULTICAST,
        NETWORK_PROMISCUOUS,
        NETWORK_UNMANAGED,
        NETWORK_ACTIVATION_POLICY, /* ActivationPolicy */
        NETWORK_REQUIRED_FAMILY,   /* RequiredFamily */
        NETWORK_QDISC,             /* Qdisc */
        NETWORK_TX_QUEUE_LENGTH,
        /* [Network] */
        NETWORK_ENFORCE,
        NETWORK_DEFAULT_ROUTE_ON_DEVICE,
        NETWORK_KEEP_MASTER,
        NETWORK_LINK_LOCAL_ADDRESSING, /* LinkLocal */
        NETWORK_ADDRESS_GENERATION,    /* IN6_ADDR_GEN_MODE_* of linux/if_link.h */
        NETWORK_IP_FORWARD,            /* bits: 1 IPv4, 2 IPv6 */
        NETWORK_IPV4_FORWARDING,
        NETWORK_IPV6_FORWARDING,
        NETWORK_PROXY_ARP,
        NETWORK_PROXY_ARP_PVLAN,
        NETWORK_REVERSE_PATH_FILTER, /* 0 no, 1 strict, 2 loose */
        NETWORK_ACCEPT_LOCAL,
        NETWORK_ROUTE_LOCALNET,
        NETWORK_PRIVACY_EXTENSIONS, /* 0 no, 1 prefer-public, 2 yes; "kernel" leaves it unset */
        NETWORK_DAD_TRANSMITS,
        NETWORK_HOP_LIMIT,
        NETWORK_RETRANSMISSION_TIME,
        NETWORK_PROXY_NDP,
        NETWORK_IPV6_MTU,
        NETWORK_CONFIGURE_WITHOUT_CARRIER,
        NETWORK_IGNORE_CARRIER_LOSS, /* how long, in microseconds; 0: not at all */
        NETWORK_KEEP_CONFIGURATION,  /* KeepConfiguration */
        /* [Bridge]: as the words say; the kernel's GUARD and PROTECT are their opposites */
        NETWORK_PORT_UNICAST_FLOOD,
        NETWORK_PORT_MULTICAST_FLOOD,
        NETWORK_PORT_MULTICAST_TO_UNICAST,
        NETWORK_PORT_NEIGHBOR_SUPPRESSION,
        NETWORK_PORT_LEARNING,
        NETWORK_PORT_HAIRPIN,
        NETWORK_PORT_ISOLATED,
        NETWORK_PORT_USE_BPDU,
        NETWORK_PORT_FAST_LEAVE,
        NETWORK_PORT_ALLOW_TO_BE_ROOT,
        NETWORK_PORT_PROXY_ARP,
        NETWORK_PORT_PROXY_ARP_WIFI,
        NETWORK_PORT_COST,
        NETWORK_PORT_PRIORITY,
        NETWORK_PORT_MULTICAST_ROUTER, /* 0 no, 1 query, 2 permanent, 3 temporary */
        _NETWORK_KEY_MAX,
} NetworkKey;

typedef enum ActivationPolicy {
        ACTIVATION_UP,
        ACTIVATION_ALWAYS_UP,
        ACTIVATION_MANUAL,
        ACTIVATION_ALWAYS_DOWN,
        ACTIVATION_DOWN,
        ACTIVATION_BOUND,
        _ACTIVATION_POLICY_MAX,
        _ACTIVATION_POLICY_INVALID = -EINVAL,
} ActivationPolicy;
DECLARE_STRING_TABLE(activation_policy, ActivationPolicy);

typedef enum RequiredFamily {
        FAMILY_ANY,
        FAMILY_IPV4,
        FAMILY_IPV6,
        FAMILY_BOTH,
        _REQUIRED_FAMILY_MAX,
        _REQUIRED_FAMILY_INVALID = -EINVAL,
} RequiredFamily;
DECLARE_STRING_TABLE(required_family, RequiredFamily);

typedef enum LinkLocal {
        LINK_LOCAL_NO,
        LINK_LOCAL_IPV4, /* not implemented; said so */
        LINK_LOCAL_IPV6,
        LINK_LOCAL_YES,
        _LINK_LOCAL_MAX,
        _LINK_LOCAL_INVALID = -EINVAL,
} LinkLocal;
DECLARE_STRING_TABLE(link_local, LinkLocal);

typedef enum KeepConfiguration {
        KEEP_NO,
        KEEP_YES,
        KEEP_STATIC,
        KEEP_DHCP,
        KEEP_DHCP_ON_STOP,
        _KEEP_CONFIGURATION_MAX,
        _KEEP_CONFIGURATION_INVALID = -EINVAL,
} KeepConfiguration;
DECLARE_STRING_TABLE(keep_configuration, KeepConfiguration);

/* Root queueing disciplines that need no parameters; the words are the kernel's (IFLA_QDISC). */
typedef enum Qdisc {
        QDISC_KERNEL, /* as the kernel chooses */
        QDISC_NOQUEUE,
        QDISC_PFIFO_FAST,
        QDISC_PFIFO,
        QDISC_BFIFO,
        QDISC_PFIFO_HEAD_DROP,
        QDISC_FQ,
        QDISC_FQ_CODEL,
        QDISC_FQ_PIE,
        QDISC_CODEL,
        QDISC_CAKE,
        QDISC_PIE,
        QDISC_SFQ,
        QDISC_SFB,
        QDISC_MQ,
        _QDISC_MAX,
        _QDISC_INVALID = -EINVAL,
} Qdisc;
DECLARE_STRING_TABLE(qdisc, Qdisc);

/* Operational states as RequiredForOnline= has them, in order (networkd-wait-online). */
typedef enum OnlineLevel {
        ONLINE_MISSING,
        ONLINE_OFF,
        ONLINE_NO_CARRIER,
        ONLINE_DORMANT,
        ONLINE_DEGRADED_CARRIER,
        ONLINE_CARRIER,
        ONLINE_DEGRADED,
        ONLINE_ENSLAVED,
        ONLINE_ROUTABLE,
        _ONLINE_LEVEL_MAX,
        _ONLINE_LEVEL_INVALID = -EINVAL,
} OnlineLevel;
DECLARE_STRING_TABLE(online_level, OnlineLevel);

/* [Address], or an Address= line of [Network]. Keys that are not given have their zero value. */
typedef struct AddressConfig {
        InAddr address; /* all zero: any free subnet of this prefix length */
        uint8_t prefixlen;
        InAddr peer; /* family 0: none; its length became prefixlen */
        enum {
                BROADCAST_DEFAULT, /* computed, for IPv4 without peer and a length up to 30 */
                BROADCAST_NO,
                BROADCAST_GIVEN,
        } broadcast_mode;
        struct in_addr broadcast;
        char label[16]; /* "": as the link */
        bool preferred_zero;
        Optional scope; /* RT_SCOPE_* */
        uint32_t route_metric;
        bool home_address;
        bool manage_temporary_address;
        bool no_prefix_route;
        bool auto_join;
        bool no_duplicate_detection; /* IPv6 */
        Source source;               /* the section's header, or the line */
} AddressConfig;

/* One hop of MultiPathRoute=. */
typedef struct RouteHopConfig {
        InAddr gateway;
        char ifname[16]; /* "": this link */
        int ifindex;     /* 0: by name */
        uint32_t weight; /* 1..256 */
} RouteHopConfig;

#define ROUTE_METRICS_MAX 18 /* RTAX_* of linux/rtnetlink.h are below */

/* [Route], or a Gateway= line of [Network], or DefaultRouteOnDevice=. */
typedef struct RouteConfig {
        int family;         /* AF_INET or AF_INET6, deduced from what is given */
        InAddr destination; /* family 0: the default route; host bits are zero */
        uint8_t destination_length;
        InAddr route_source; /* Source=; family 0: none */
        uint8_t route_source_length;
        InAddr gateway;   /* family 0: none */
        Optional on_link; /* GatewayOnLink= */
        Optional metric;  /* 0..UINT32_MAX */
        Optional scope;   /* RT_SCOPE_* */
        InAddr preferred_source;
        Optional table;                      /* Table= as a number */
        Optional protocol;                   /* RTPROT_* */
        uint8_t type;                        /* RTN_*; 0 is unicast */
        Optional preference;                 /* ICMPV6_ROUTER_PREF_*: low 3, medium 0, high 1 */
        uint32_t metrics[ROUTE_METRICS_MAX]; /* by RTAX_*; 0: unset; RTAX_RTO_MIN in milliseconds */
        char congestion_control[16];
        Optional ttl_propagate;
        RouteHopConfig *hops; /* MultiPathRoute= */
        size_t n_hops;
        uint32_t nexthop_id; /* NextHop=; 0: none */
        Source source;
} RouteConfig;

/* One id of [NextHop] Group=. */
typedef struct NextHopMember {
        uint32_t id;
        uint32_t weight; /* 1..256 */
} NextHopMember;

typedef struct NextHopConfig {
        uint32_t id;    /* 0: the kernel picks one */
        int family;     /* 0: that of the members of a group */
        InAddr gateway; /* family 0: none */
        Optional on_link;
        bool blackhole;
        NextHopMember *group;
        size_t n_group;
        Source source;
} NextHopConfig;

typedef struct RuleConfig {
        int family;      /* AF_INET, AF_INET6, or 0 for both: two rules */
        InAddr from, to; /* family 0: any */
        uint8_t from_length, to_length;
        uint32_t table;          /* 0: main */
        Optional priority;       /* unset: the kernel picks one */
        uint32_t fwmark, fwmask; /* mark 0: none */
        uint8_t tos;
        char incoming[16], outgoing[16];
        uint16_t source_port[2], destination_port[2]; /* first and last; 0: none */
        uint8_t ip_protocol;
        bool invert;
        bool has_uids;
        uint32_t uids[2];
        Optional suppress_prefixlen;
        Optional suppress_group;
        uint8_t action; /* FR_ACT_* of linux/fib_rules.h; 0: look the table up */
        bool l3mdev;
        Source source;
} RuleConfig;

typedef struct NeighborConfig {
        InAddr address;
        HwAddr link_layer;
        Source source;
} NeighborConfig;

/* All [BridgeVLAN] sections of a file together: bit v of byte v/8. */
typedef struct BridgeVlanConfig {
        bool given;            /* while it is read: something but empty values was */
        uint8_t vlans[512];    /* VLAN=, EgressUntagged= and PVID= */
        uint8_t untagged[512]; /* EgressUntagged= */
        uint16_t pvid;         /* 0: none */
        Source source;         /* the first section */
} BridgeVlanConfig;

/* One .network file with its drop-ins. */
typedef struct NetworkConfig {
        char *file_name;
        char **files;
        Match match;
        Source match_source; /* the first [Match]: where the file as a whole asks for something */
        char *description;
        uint64_t mtu;             /* bytes, 0: unset */
        HwAddr mac_address;       /* length 0: unset */
        bool required_for_online; /* RequiredForOnline=, default yes */
        OnlineLevel online_min, online_max;
        char *bridge, *vrf;   /* names, or NULL */
        InAddr stable_secret; /* family 0: unset */
        char **bind_carrier;
        InAddr *proxy_ndp_addresses;
        size_t n_proxy_ndp_addresses;
        Given given;             /* by NetworkKey */
        BridgeVlanConfig *vlans; /* NULL: there is no such section */
        AddressConfig *addresses;
        size_t n_addresses;
        RouteConfig *routes;
        size_t n_routes;
        NextHopConfig *nexthops;
        size_t n_nexthops;
        RuleConfig *rules;
        size_t n_rules;
        NeighborConfig *neighbors;
        size_t n_neighbors;
} NetworkConfig;

/* A file whose conditions do not hold on this machine: no mistake, but the answer to "why is it not used?"
 */
typedef struct SkippedFile {
        char *file_name;
        char *text; /* "PATH:LINE: condition Host=web1 does not hold" */
} SkippedFile;

typedef struct NetworkIndex NetworkIndex;

typedef struct Config {
        DeviceConfig **devices; /* in file-name order; names are unique */
        size_t n_devices;
        NetworkConfig **networks; /* in file-name order */
        size_t n_networks;
        char **failed; /* names of files that could not be loaded: nothing may be pruned or removed */
        size_t n_failed;
        SkippedFile *skipped;
        size_t n_skipped;
        NetworkIndex *index; /* of networks, for config_match(); NULL: they are tried one by one */
} Config;

/* At most so many addresses in one .network file, as in networkd, and so many of each other kind. */
#define CONFIG_ADDRESSES_MAX 1024
#define CONFIG_ROUTES_MAX    8192
/* Hops of one route, members of one group: as many as kernel/items.h has room for in a message. */
#define CONFIG_HOPS_MAX  24
#define CONFIG_GROUP_MAX 100

/* Loads all .netdev and .network files of dirs (NULL-terminated, highest first). Conditions are tested
 * against host, names of route tables looked up in settings (NULL: there are none). What is wrong goes to
 * diag; a bad line costs that line, a bad file that file. Returns 0, or -errno when there is no
 * configuration at all: an unreadable directory is no wish to delete what it declares. */
int config_load(const char *const *dirs, const Host *host, const Settings *settings, Diagnostics *diag,
                Config **ret);

/* For every file that failed in `config`, takes over what `previous` had loaded from the file of that name:
 * a mistake is no wish to delete. Returns 0 or -ENOMEM (then some may not have been taken over). */
int config_inherit(Config *config, Config *previous);

Config *config_free(Config *c);
DEFINE_CLEANUP(Config *, config_free);

DeviceConfig *device_config_free(DeviceConfig *d);
DEFINE_CLEANUP(DeviceConfig *, device_config_free);
NetworkConfig *network_config_free(NetworkConfig *n);
DEFINE_CLEANUP(NetworkConfig *, network_config_free);

/* The declared device of this name, or NULL. */
const DeviceConfig *config_device(const Config *c, const char *name);

/* The first .network file, in file-name order, whose [Match] fits the link; NULL when none does. With
 * literal_only, only files that name the link without a glob count (links made by others: design D10). */
const NetworkConfig *config_match(const Config *c, const LinkFacts *link, bool literal_only);

/* Whether some [Match] asks for more than a name: then it is to be asked again when a link changes. */
bool config_needs_links(const Config *c);
