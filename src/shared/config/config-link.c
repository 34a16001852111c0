/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The single values of a .network file: [Link], [Network], [Bridge]; and [BridgeVLAN], whose sections make
 * one set together. Their words. What only means something together is for config-check.c. */

#include <linux/if_link.h>
#include <string.h>

#include "config-file.h"
#include "config-objects.h"
#include "words.h"

static const char *const activation_policy_table[_ACTIVATION_POLICY_MAX] = {
        [ACTIVATION_UP] = "up",         [ACTIVATION_ALWAYS_UP] = "always-up",
        [ACTIVATION_MANUAL] = "manual", [ACTIVATION_ALWAYS_DOWN] = "always-down",
        [ACTIVATION_DOWN] = "down",     [ACTIVATION_BOUND] = "bound",
};
DEFINE_STRING_TABLE(activation_policy, ActivationPolicy);

static const char *const required_family_table[_REQUIRED_FAMILY_MAX] = {
        [FAMILY_ANY] = "any",
        [FAMILY_IPV4] = "ipv4",
        [FAMILY_IPV6] = "ipv6",
        [FAMILY_BOTH] = "both",
};
DEFINE_STRING_TABLE(required_family, RequiredFamily);

static const char *const link_local_table[_LINK_LOCAL_MAX] = {
        [LINK_LOCAL_NO] = "no",
        [LINK_LOCAL_IPV4] = "ipv4",
        [LINK_LOCAL_IPV6] = "ipv6",
        [LINK_LOCAL_YES] = "yes",
};
DEFINE_STRING_TABLE(link_local, LinkLocal);

static const char *const keep_configuration_table[_KEEP_CONFIGURATION_MAX] = {
        [KEEP_NO] = "no",
        [KEEP_YES] = "yes",
        [KEEP_STATIC] = "static",
        [KEEP_DHCP] = "dhcp",
        [KEEP_DHCP_ON_STOP] = "dhcp-on-stop",
};
DEFINE_STRING_TABLE(keep_configuration, KeepConfiguration);

static const char *const qdisc_table[_QDISC_MAX] = {
        [QDISC_KERNEL] = "kernel",
        [QDISC_NOQUEUE] = "noqueue",
        [QDISC_PFIFO_FAST] = "pfifo_fast",
        [QDISC_PFIFO] = "pfifo",
        [QDISC_BFIFO] = "bfifo",
        [QDISC_PFIFO_HEAD_DROP] = "pfifo_head_drop",
        [QDISC_FQ] = "fq",
        [QDISC_FQ_CODEL] = "fq_codel",
        [QDISC_FQ_PIE] = "fq_pie",
        [QDISC_CODEL] = "codel",
        [QDISC_CAKE] = "cake",
        [QDISC_PIE] = "pie",
        [QDISC_SFQ] = "sfq",
        [QDISC_SFB] = "sfb",
        [QDISC_MQ] = "mq",
};
DEFINE_STRING_TABLE(qdisc, Qdisc);

static const char *const online_level_table[_ONLINE_LEVEL_MAX] = {
        [ONLINE_MISSING] = "missing",
        [ONLINE_OFF] = "off",
        [ONLINE_NO_CARRIER] = "no-carrier",
        [ONLINE_DORMANT] = "dormant",
        [ONLINE_DEGRADED_CARRIER] = "degraded-carrier",
        [ONLINE_CARRIER] = "carrier",
        [ONLINE_DEGRADED] = "degraded",
        [ONLINE_ENSLAVED] = "enslaved",
        [ONLINE_ROUTABLE] = "routable",
};
DEFINE_STRING_TABLE(online_level, OnlineLevel);

/* networkd's words whose numbers are the kernel's; yes and no stand for every boolean where KEY_BOOLEANS is
 * set. */
static const char *const address_generation_list[] = {
        [IN6_ADDR_GEN_MODE_EUI64] = "eui64",
        [IN6_ADDR_GEN_MODE_NONE] = "none",
        [IN6_ADDR_GEN_MODE_STABLE_PRIVACY] = "stable-privacy",
        [IN6_ADDR_GEN_MODE_RANDOM] = "random",
};
static const char *const ip_forward_list[] = { "no", "ipv4", "ipv6", "yes" };
static const char *const reverse_path_filter_list[] = { "no", "strict", "loose" };
static const char *const privacy_extensions_list[] = { "no", "prefer-public", "yes" };
static const char *const multicast_router_list[] = { "no", "query", "permanent", "temporary" };

static const KeyWord link_local_words[] = {
        { "fallback", LINK_LOCAL_YES },
        { "fallback-ipv4", LINK_LOCAL_IPV4 },
        {},
};
static const KeyWord ip_forward_words[] = { { "kernel", 0 }, {} };

static OnlineLevel level_of(const char *s, size_t n) {
        for (OnlineLevel l = 0; l < _ONLINE_LEVEL_MAX; l++)
                if (strlen(online_level_table[l]) == n && memcmp(online_level_table[l], s, n) == 0)
                        return l;
        return _ONLINE_LEVEL_INVALID;
}

/* "MIN", "MIN:", ":MAX" or "MIN:MAX" */
static int read_levels(const char *s, OnlineLevel *ret_min, OnlineLevel *ret_max) {
        size_t n = strcspn(s, ":");
        OnlineLevel min = ONLINE_MISSING, max = ONLINE_ROUTABLE;

        if (!*s || strcmp(s, ":") == 0)
                return -EINVAL;
        if (n > 0)
                min = level_of(s, n);
        if (s[n] && s[n + 1])
                max = level_of(s + n + 1, strlen(s + n + 1));
        if (min < 0 || max < 0 || min > max)
                return -EINVAL;

        *ret_min = min;
        *ret_max = max;
        return 0;
}

static int parse_required(const Assignment *a, void *field _unused_, void *object) {
        NetworkConfig *n = object;
        OnlineLevel min = ONLINE_DEGRADED, max = ONLINE_ROUTABLE;
        bool required = true;

        /* "off" is a state first. */
        if (*a->value && read_levels(a->value, &min, &max) < 0 && parse_boolean(a->value, &required) < 0)
                return key_refuse(a,
                                  "use yes, no, or a state or range like carrier or degraded:routable; "
                                  "states are missing, off, no-carrier, dormant, degraded-carrier, "
                                  "carrier, degraded, enslaved and routable",
                                  "RequiredForOnline= '%s' is neither a boolean nor a range of states",
                                  a->value);

        n->required_for_online = required;
        n->online_min = min;
        n->online_max = max;
        return 1;
}

static int parse_privacy_extensions(const Assignment *a, void *field, void *object) {
        if (strcmp(a->value, "kernel") == 0) {
                *(Optional *) field = (Optional){};
                return 1;
        }
        return key_parse_optional_word(a, field, object);
}

/* Anything negative leaves it to the kernel. */
static int parse_dad_transmits(const Assignment *a, void *field, void *object _unused_) {
        int32_t v;

        if (parse_i32(a->value, &v) < 0)
                return key_refuse(a, "write a number like 1", "%s= '%s' is no number", a->source.key,
                                  a->value);
        *(Optional *) field = (Optional){ v >= 0, v >= 0 ? v : 0 };
        return 1;
}

/* The kernel keeps milliseconds in an int. */
static int parse_retransmission_time(const Assignment *a, void *field, void *object _unused_) {
        uint64_t usec = 0;

        if (*a->value && (parse_time(a->value, &usec) < 0 ||
                          (usec != TIME_INFINITY && (usec / 1000 > INT32_MAX || (usec > 0 && usec < 1000)))))
                return key_refuse(a, "write a time like 1s or 500ms",
                                  "%s= '%s' is no time of 1ms to 24 days", a->source.key, a->value);

        if (usec == TIME_INFINITY)
                usec = 0;
        *(Optional *) field = (Optional){ usec > 0, (int64_t) usec };
        return 1;
}

static int parse_ignore_carrier_loss(const Assignment *a, void *field, void *object _unused_) {
        Optional v = { .set = true };
        uint64_t usec;
        bool b;

        if (!*a->value)
                v.set = false;
        else if (parse_boolean(a->value, &b) >= 0)
                v.value = b ? INT64_MAX : 0;
        else if (parse_time(a->value, &usec) >= 0)
                v.value = usec < INT64_MAX ? (int64_t) usec : INT64_MAX;
        else
                return key_refuse(a, "use yes, no or a time like 3s",
                                  "%s= '%s' is neither a boolean nor a time", a->source.key, a->value);

        *(Optional *) field = v;
        return 1;
}

static int parse_ipv6(const Assignment *a, InAddr *ret) {
        InAddr address;

        if (parse_in_addr(a->value, &address) < 0 || address.family != AF_INET6 || in_addr_is_null(&address))
                return key_refuse(a, "write it like 2001:db8::1", "%s= '%s' is no IPv6 address",
                                  a->source.key, a->value);
        *ret = address;
        return 1;
}

static int parse_stable_secret(const Assignment *a, void *field, void *object _unused_) {
        if (!*a->value) {
                *(InAddr *) field = (InAddr){};
                return 1;
        }
        return parse_ipv6(a, field);
}

static int parse_proxy_address(const Assignment *a, void *field _unused_, void *object) {
        NetworkConfig *n = object;
        InAddr address;
        int r;

        if (!*a->value) {
                free(n->proxy_ndp_addresses);
                n->proxy_ndp_addresses = NULL;
                n->n_proxy_ndp_addresses = 0;
                return 1;
        }
        if (parse_ipv6(a, &address) == 0)
                return 0;
        if (n->n_proxy_ndp_addresses >= CONFIG_ADDRESSES_MAX)
                return key_refuse(a, "spread them over several links", "more than %d addresses",
                                  CONFIG_ADDRESSES_MAX);

        r = ARRAY_RESERVE_ONE(n->proxy_ndp_addresses, n->n_proxy_ndp_addresses);
        if (r < 0)
                return r;
        n->proxy_ndp_addresses[n->n_proxy_ndp_addresses++] = address;
        return 1;
}

/* Names are not checked, as in networkd. A quote that is not closed costs the rest of its line only. */
static int parse_bind_carrier(const Assignment *a, void *field, void *object _unused_) {
        _cleanup_(strv_freep) char **words = NULL;
        char ***list = field;
        size_t n = strv_length(*list);
        int r;

        if (!*a->value) {
                *list = strv_free(*list);
                return 1;
        }

        r = split_words_quoted(a->value, false, &words);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                (void) diag_add(a->diag, SEVERITY_WARNING, &a->source, "close the quote",
                                "%s= '%.100s' has a quote that is not closed; what begins with it is "
                                "ignored",
                                a->source.key, a->value);

        for (char **w = words; w && *w; w++) {
                if (n++ >= CONFIG_ADDRESSES_MAX) {
                        (void) diag_add(a->diag, SEVERITY_WARNING, &a->source, "name fewer, or use a glob",
                                        "more than %d interfaces in %s=; those from '%s' on are ignored",
                                        CONFIG_ADDRESSES_MAX, a->source.key, *w);
                        break;
                }
                r = strv_append(list, *w);
                if (r < 0)
                        return r;
        }
        return 1;
}

static int parse_vlans(const Assignment *a, void *field, void *object) {
        BridgeVlanConfig *v = object;
        uint8_t *set = field;
        uint16_t range[2];

        if (!*a->value) {
                memset(set, 0, sizeof(v->vlans));
                return 1;
        }
        if (parse_u16_range(a->value, 1, 4094, range) < 0)
                return key_refuse(a, "write it like 10 or 10-19, with ids from 1 to 4094",
                                  "%s= '%s' is no VLAN id or range of them", a->source.key, a->value);

        for (unsigned i = range[0]; i <= range[1]; i++)
                set[i / 8] |= (uint8_t) (1 << i % 8);
        v->given = true;
        return 1;
}

static int parse_pvid(const Assignment *a, void *field, void *object) {
        BridgeVlanConfig *v = object;
        uint64_t id = 0;
        bool b;

        if (*a->value && (parse_boolean(a->value, &b) < 0 || b) && key_number(a, 1, 4094, &id) == 0)
                return 0;

        *(uint16_t *) field = (uint16_t) id;
        v->given = v->given || *a->value;
        return 1;
}

#define FIELD(member, key) offsetof(NetworkConfig, member), NETWORK_##key
#define VALUE(key)         0, NETWORK_##key /* the object is an Optional */
#define TRISTATE(s, n, key)                                                                                 \
        { s, n, key_parse_optional_bool, VALUE(key), KEY_EMPTY_RESETS }
#define BOOLEAN(s, n, key)                                                                                  \
        { s, n, key_parse_optional_bool, VALUE(key) }

const Key network_link_keys[] = {
        { "Link", "MTUBytes", key_parse_mtu, FIELD(mtu, MTU) },
        { "Link", "MACAddress", key_parse_hwaddr, FIELD(mac_address, MAC_ADDRESS) },
        { "Link", "Group", key_parse_optional_number, VALUE(LINK_GROUP), KEY_EMPTY_RESETS,
          .max = INT32_MAX },
        TRISTATE("Link", "ARP", ARP),
        TRISTATE("Link", "Multicast", MULTICAST),
        TRISTATE("Link", "AllMulticast", ALL_MULTICAST),
        TRISTATE("Link", "Promiscuous", PROMISCUOUS),
        BOOLEAN("Link", "Unmanaged", UNMANAGED),
        { "Link", "ActivationPolicy", key_parse_optional_word, VALUE(ACTIVATION_POLICY),
          KEY_LIST(activation_policy_table) },
        { "Link", "RequiredForOnline", parse_required, FIELD(required_for_online, REQUIRED_FOR_ONLINE) },
        { "Link", "RequiredFamilyForOnline", key_parse_optional_word, VALUE(REQUIRED_FAMILY),
          KEY_LIST(required_family_table) },
        { "Link", "QDisc", key_parse_optional_word, VALUE(QDISC), KEY_EMPTY_RESETS, KEY_LIST(qdisc_table) },
        { "Link", "TransmitQueueLength", key_parse_optional_number, VALUE(TX_QUEUE_LENGTH), KEY_EMPTY_RESETS,
          .max = INT32_MAX },

        { "Network", "Description", key_parse_string, FIELD(description, DESCRIPTION) },
        { "Network", "Address", address_parse_line, 0, -1 },
        { "Network", "Gateway", route_parse_line, 0, -1 },
        BOOLEAN("Network", "Enforce", ENFORCE),
        BOOLEAN("Network", "DefaultRouteOnDevice", DEFAULT_ROUTE_ON_DEVICE),
        { "Network", "Bridge", key_parse_ifname, FIELD(bridge, BRIDGE) },
        { "Network", "VRF", key_parse_ifname, FIELD(vrf, VRF) },
        BOOLEAN("Network", "KeepMaster", KEEP_MASTER),
        { "Network", "LinkLocalAddressing", key_parse_optional_word, VALUE(LINK_LOCAL_ADDRESSING),
          KEY_BOOLEANS, KEY_LIST(link_local_table), .words = link_local_words },
        { "Network", "IPv6LinkLocalAddressGenerationMode", key_parse_optional_word,
          VALUE(ADDRESS_GENERATION), KEY_LIST(address_generation_list) },
        { "Network", "IPv6StableSecretAddress", parse_stable_secret, FIELD(stable_secret, STABLE_SECRET) },
        { "Network", "IPForward", key_parse_optional_word, VALUE(IP_FORWARD), KEY_BOOLEANS,
          KEY_LIST(ip_forward_list), .words = ip_forward_words },
        TRISTATE("Network", "IPv4Forwarding", IPV4_FORWARDING),
        TRISTATE("Network", "IPv6Forwarding", IPV6_FORWARDING),
        TRISTATE("Network", "IPv4ProxyARP", PROXY_ARP),
        TRISTATE("Network", "ProxyARP", PROXY_ARP),
        TRISTATE("Network", "IPv4ProxyARPPrivateVLAN", PROXY_ARP_PVLAN),
        { "Network", "IPv4ReversePathFilter", key_parse_optional_word, VALUE(REVERSE_PATH_FILTER),
          KEY_LIST(reverse_path_filter_list) },
        TRISTATE("Network", "IPv4AcceptLocal", ACCEPT_LOCAL),
        TRISTATE("Network", "IPv4RouteLocalnet", ROUTE_LOCALNET),
        { "Network", "IPv6PrivacyExtensions", parse_privacy_extensions, VALUE(PRIVACY_EXTENSIONS),
          KEY_BOOLEANS, KEY_LIST(privacy_extensions_list) },
        { "Network", "IPv6DuplicateAddressDetection", parse_dad_transmits, VALUE(DAD_TRANSMITS) },
        { "Network", "IPv6HopLimit", key_parse_optional_number, VALUE(HOP_LIMIT), KEY_ZERO_UNSETS,
          .max = UINT8_MAX },
        { "Network", "IPv6RetransmissionTimeSec", parse_retransmission_time, VALUE(RETRANSMISSION_TIME) },
        TRISTATE("Network", "IPv6ProxyNDP", PROXY_NDP),
        { "Network", "IPv6ProxyNDPAddress", parse_proxy_address,
          FIELD(proxy_ndp_addresses, PROXY_NDP_ADDRESS) },
        { "Network", "IPv6MTUBytes", key_parse_optional_size, VALUE(IPV6_MTU), .min = 1280,
          .max = UINT32_MAX },
        { "Network", "BindCarrier", parse_bind_carrier, FIELD(bind_carrier, BIND_CARRIER) },
        BOOLEAN("Network", "ConfigureWithoutCarrier", CONFIGURE_WITHOUT_CARRIER),
        { "Network", "IgnoreCarrierLoss", parse_ignore_carrier_loss, VALUE(IGNORE_CARRIER_LOSS) },
        { "Network", "KeepConfiguration", key_parse_optional_word, VALUE(KEEP_CONFIGURATION), KEY_BOOLEANS,
          KEY_LIST(keep_configuration_table) },

        TRISTATE("Bridge", "UnicastFlood", PORT_UNICAST_FLOOD),
        TRISTATE("Bridge", "MulticastFlood", PORT_MULTICAST_FLOOD),
        TRISTATE("Bridge", "MulticastToUnicast", PORT_MULTICAST_TO_UNICAST),
        TRISTATE("Bridge", "NeighborSuppression", PORT_NEIGHBOR_SUPPRESSION),
        TRISTATE("Bridge", "Learning", PORT_LEARNING),
        TRISTATE("Bridge", "HairPin", PORT_HAIRPIN),
        TRISTATE("Bridge", "Isolated", PORT_ISOLATED),
        TRISTATE("Bridge", "UseBPDU", PORT_USE_BPDU),
        TRISTATE("Bridge", "FastLeave", PORT_FAST_LEAVE),
        TRISTATE("Bridge", "AllowPortToBeRoot", PORT_ALLOW_TO_BE_ROOT),
        TRISTATE("Bridge", "ProxyARP", PORT_PROXY_ARP),
        TRISTATE("Bridge", "ProxyARPWiFi", PORT_PROXY_ARP_WIFI),
        { "Bridge", "Cost", key_parse_optional_number, VALUE(PORT_COST), KEY_ZERO_UNSETS,
          .max = UINT32_MAX },
        { "Bridge", "Priority", key_parse_optional_number, VALUE(PORT_PRIORITY), .max = 63 },
        { "Bridge", "MulticastRouter", key_parse_optional_word, VALUE(PORT_MULTICAST_ROUTER), KEY_BOOLEANS,
          KEY_LIST(multicast_router_list) },

        { "BridgeVLAN", "VLAN", parse_vlans, offsetof(BridgeVlanConfig, vlans), -1 },
        { "BridgeVLAN", "EgressUntagged", parse_vlans, offsetof(BridgeVlanConfig, untagged), -1 },
        { "BridgeVLAN", "PVID", parse_pvid, offsetof(BridgeVlanConfig, pvid), -1 },
        {},
};
