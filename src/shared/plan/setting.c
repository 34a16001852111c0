/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The table of settings. Pure. */

#include "setting.h"

#include <inttypes.h>
#include <linux/if_link.h>
#include <string.h>

/* How a value is written. */
typedef enum Form {
        FORM_NUMBER,
        FORM_BOOLEAN,
        FORM_MAC,
        FORM_QDISC,
        FORM_MASTER,
        FORM_GENERATION,
        FORM_REVERSE_PATH,
        FORM_PRIVACY,
        FORM_ROUTER,
        FORM_HIDDEN,
} Form;

typedef struct SettingInfo {
        const char *name;
        Form form;
        NetworkKey key; /* 0 (a description): no key of its own */
        bool inverted;
} SettingInfo;

#define PORT(s)   (SETTING_PORT_FIRST + (s))
#define SYSCTL(s) (SETTING_SYSCTL_FIRST + (s))

static const SettingInfo table[_SETTING_MAX] = {
        [SETTING_QDISC] = { "qdisc", FORM_QDISC, NETWORK_QDISC },
        [SETTING_TX_QUEUE_LENGTH] = { "transmit-queue-length", FORM_NUMBER, NETWORK_TX_QUEUE_LENGTH },
        [SETTING_LINK_GROUP] = { "link-group", FORM_NUMBER, NETWORK_LINK_GROUP },
        [SETTING_MTU] = { "mtu", FORM_NUMBER },
        [SETTING_MAC_ADDRESS] = { "mac", FORM_MAC },
        [SETTING_ARP] = { "arp", FORM_BOOLEAN, NETWORK_ARP },
        [SETTING_MULTICAST] = { "multicast", FORM_BOOLEAN, NETWORK_MULTICAST },
        [SETTING_ALL_MULTICAST] = { "all-multicast", FORM_BOOLEAN, NETWORK_ALL_MULTICAST },
        [SETTING_PROMISCUOUS] = { "promiscuous", FORM_BOOLEAN, NETWORK_PROMISCUOUS },
        [SETTING_STABLE_SECRET] = { "ipv6-stable-secret", FORM_HIDDEN },
        [SETTING_ADDRESS_GENERATION] = { "ipv6-address-generation", FORM_GENERATION },
        [SETTING_MASTER] = { "master", FORM_MASTER },
        [PORT(PORT_UNICAST_FLOOD)] = { "port-unicast-flood", FORM_BOOLEAN, NETWORK_PORT_UNICAST_FLOOD },
        [PORT(PORT_MULTICAST_FLOOD)] = { "port-multicast-flood", FORM_BOOLEAN,
                                         NETWORK_PORT_MULTICAST_FLOOD },
        [PORT(PORT_MULTICAST_TO_UNICAST)] = { "port-multicast-to-unicast", FORM_BOOLEAN,
                                              NETWORK_PORT_MULTICAST_TO_UNICAST },
        [PORT(PORT_NEIGHBOR_SUPPRESSION)] = { "port-neighbor-suppression", FORM_BOOLEAN,
                                              NETWORK_PORT_NEIGHBOR_SUPPRESSION },
        [PORT(PORT_LEARNING)] = { "port-learning", FORM_BOOLEAN, NETWORK_PORT_LEARNING },
        [PORT(PORT_HAIRPIN)] = { "port-hairpin", FORM_BOOLEAN, NETWORK_PORT_HAIRPIN },
        [PORT(PORT_ISOLATED)] = { "port-isolated", FORM_BOOLEAN, NETWORK_PORT_ISOLATED },
        [PORT(PORT_GUARD)] = { "port-bpdu-guard", FORM_BOOLEAN, NETWORK_PORT_USE_BPDU, true },
        [PORT(PORT_PROTECT)] = { "port-root-block", FORM_BOOLEAN, NETWORK_PORT_ALLOW_TO_BE_ROOT, true },
        [PORT(PORT_FAST_LEAVE)] = { "port-fast-leave", FORM_BOOLEAN, NETWORK_PORT_FAST_LEAVE },
        [PORT(PORT_PROXY_ARP)] = { "port-proxy-arp", FORM_BOOLEAN, NETWORK_PORT_PROXY_ARP },
        [PORT(PORT_PROXY_ARP_WIFI)] = { "port-proxy-arp-wifi", FORM_BOOLEAN, NETWORK_PORT_PROXY_ARP_WIFI },
        [PORT(PORT_COST)] = { "port-cost", FORM_NUMBER, NETWORK_PORT_COST },
        [PORT(PORT_PRIORITY)] = { "port-priority", FORM_NUMBER, NETWORK_PORT_PRIORITY },
        [PORT(PORT_MULTICAST_ROUTER)] = { "port-multicast-router", FORM_ROUTER,
                                          NETWORK_PORT_MULTICAST_ROUTER },
        [SETTING_VLANS] = { "vlans", FORM_NUMBER },
        [SYSCTL(SYSCTL_IPV4_FORWARDING)] = { "ipv4-forwarding", FORM_BOOLEAN, NETWORK_IPV4_FORWARDING },
        [SYSCTL(SYSCTL_IPV4_PROXY_ARP)] = { "ipv4-proxy-arp", FORM_BOOLEAN, NETWORK_PROXY_ARP },
        [SYSCTL(SYSCTL_IPV4_PROXY_ARP_PVLAN)] = { "ipv4-proxy-arp-private-vlan", FORM_BOOLEAN,
                                                  NETWORK_PROXY_ARP_PVLAN },
        [SYSCTL(SYSCTL_IPV4_RP_FILTER)] = { "ipv4-reverse-path-filter", FORM_REVERSE_PATH,
                                            NETWORK_REVERSE_PATH_FILTER },
        [SYSCTL(SYSCTL_IPV4_ACCEPT_LOCAL)] = { "ipv4-accept-local", FORM_BOOLEAN, NETWORK_ACCEPT_LOCAL },
        [SYSCTL(SYSCTL_IPV4_ROUTE_LOCALNET)] = { "ipv4-route-localnet", FORM_BOOLEAN,
                                                 NETWORK_ROUTE_LOCALNET },
        [SYSCTL(SYSCTL_IPV6_FORWARDING)] = { "ipv6-forwarding", FORM_BOOLEAN, NETWORK_IPV6_FORWARDING },
        [SYSCTL(SYSCTL_IPV6_DISABLE)] = { "ipv6-disable", FORM_BOOLEAN },
        [SYSCTL(SYSCTL_IPV6_USE_TEMPADDR)] = { "ipv6-privacy-extensions", FORM_PRIVACY,
                                               NETWORK_PRIVACY_EXTENSIONS },
        [SYSCTL(SYSCTL_IPV6_DAD_TRANSMITS)] = { "ipv6-dad-transmits", FORM_NUMBER, NETWORK_DAD_TRANSMITS },
        [SYSCTL(SYSCTL_IPV6_HOP_LIMIT)] = { "ipv6-hop-limit", FORM_NUMBER, NETWORK_HOP_LIMIT },
        [SYSCTL(SYSCTL_IPV6_PROXY_NDP)] = { "ipv6-proxy-ndp", FORM_BOOLEAN, NETWORK_PROXY_NDP },
        [SYSCTL(SYSCTL_IPV6_MTU)] = { "ipv6-mtu", FORM_NUMBER, NETWORK_IPV6_MTU },
        [SYSCTL(SYSCTL_IPV6_RETRANS_TIME)] = { "ipv6-retransmission-time", FORM_NUMBER,
                                               NETWORK_RETRANSMISSION_TIME },
        [SETTING_IP_FORWARD] = { "ip-forward", FORM_BOOLEAN },
        [SETTING_IPV6_FORWARD] = { "ipv6-forward", FORM_BOOLEAN },
        [SETTING_NAPI] = { "napi", FORM_BOOLEAN },
        [SETTING_NAPI_FRAGS] = { "napi-frags", FORM_BOOLEAN },
        [SETTING_VNET_HEADER_BYTES] = { "vnet-header-bytes", FORM_NUMBER },
};

const char *setting_to_string(Setting s) {
        return (int) s >= 0 && s < _SETTING_MAX ? table[s].name : NULL;
}

Setting setting_from_string(const char *s) {
        for (Setting i = 0; i < _SETTING_MAX; i++)
                if (strcmp(table[i].name, s) == 0)
                        return i;
        return _SETTING_INVALID;
}

Setting setting_of_key(NetworkKey key, bool *ret_inverted) {
        for (Setting i = 0; i < _SETTING_MAX; i++)
                if (table[i].key == key && key != NETWORK_DESCRIPTION) {
                        *ret_inverted = table[i].inverted;
                        return i;
                }
        return _SETTING_INVALID;
}

uint64_t setting_from_mac(const uint8_t mac[static 6]) {
        uint64_t v = 0;

        for (unsigned i = 0; i < 6; i++)
                v = v << 8 | mac[i];
        return v;
}

void setting_to_mac(uint64_t value, uint8_t ret[static 6]) {
        for (unsigned i = 0; i < 6; i++)
                ret[i] = (uint8_t) (value >> (40 - 8 * i));
}

/* What IFLA_QDISC says as a Qdisc. What the kernel chose by itself (mq, or a default discipline we have no
 * word for) is "kernel" only by the record; here it has its own word or none. */
static bool read_qdisc(const Link *link, uint64_t *ret) {
        Qdisc q = qdisc_from_string(link->qdisc);

        *ret = q >= 0 ? (uint64_t) q : _QDISC_MAX; /* some other */
        return true;
}

static bool read_flag(const Link *link, uint32_t flag, bool inverted, uint64_t *ret) {
        *ret = !!(link->flags & flag) != inverted;
        return true;
}

static bool read_sysctl(const Link *link, LinkSysctl sysctl, uint64_t *ret) {
        if (!(link->sysctls_known & 1U << sysctl))
                return false;
        *ret = (uint64_t) (int64_t) link->sysctls[sysctl];
        return true;
}

static bool read_plain(uint64_t value, uint64_t *ret) {
        *ret = value;
        return true;
}

bool setting_read(Setting s, const Link *link, const Snapshot *snapshot, uint64_t *ret) {
        if (s >= SETTING_PORT_FIRST && s <= SETTING_PORT_LAST)
                return link->port && read_plain(link->port->values[s - SETTING_PORT_FIRST], ret);
        if (s >= SETTING_SYSCTL_FIRST && s <= SETTING_SYSCTL_LAST)
                return read_sysctl(link, s - SETTING_SYSCTL_FIRST, ret);

        switch (s) {
        case SETTING_QDISC: return read_qdisc(link, ret);
        case SETTING_TX_QUEUE_LENGTH: return read_plain(link->tx_queue_length, ret);
        case SETTING_LINK_GROUP: return read_plain(link->group, ret);
        case SETTING_MTU: return read_plain(link->mtu, ret);
        case SETTING_MAC_ADDRESS:
                return link->address_length == 6 && read_plain(setting_from_mac(link->address), ret);
        case SETTING_ARP: return read_flag(link, IFF_NOARP, true, ret);
        case SETTING_MULTICAST: return read_flag(link, IFF_MULTICAST, false, ret);
        case SETTING_ALL_MULTICAST: return read_flag(link, IFF_ALLMULTI, false, ret);
        case SETTING_PROMISCUOUS: return read_flag(link, IFF_PROMISC, false, ret);
        case SETTING_ADDRESS_GENERATION: return link->has_ipv6 && read_plain(link->address_generation, ret);
        case SETTING_MASTER: return read_plain((uint64_t) link->master, ret);
        case SETTING_VLANS: return link->port && link->port->has_vlans && read_plain(link->port->pvid, ret);
        case SETTING_IP_FORWARD:
                return snapshot->ip_forward >= 0 && read_plain((uint64_t) snapshot->ip_forward, ret);
        case SETTING_IPV6_FORWARD:
                return snapshot->ipv6_forward >= 0 && read_plain((uint64_t) snapshot->ipv6_forward, ret);
        default: return false;
        }
}

bool setting_default(Setting s, bool tap, uint64_t *ret) {
        switch (s) {
        case SETTING_LINK_GROUP:
        case SETTING_MASTER:
        case SETTING_ALL_MULTICAST:
        case SETTING_PROMISCUOUS: return read_plain(0, ret);
        case SETTING_MTU: return read_plain(1500, ret);
        case SETTING_ARP: return read_plain(tap, ret);
        case SETTING_MULTICAST: return read_plain(1, ret);
        default: return false;
        }
}

bool setting_is_blind(Setting s) {
        return s == SETTING_STABLE_SECRET || s == SETTING_NAPI || s == SETTING_NAPI_FRAGS ||
               s == SETTING_VNET_HEADER_BYTES;
}

static const char *generation_word(uint64_t mode) {
        static const char *const words[] = {
                [IN6_ADDR_GEN_MODE_EUI64] = "eui64",
                [IN6_ADDR_GEN_MODE_NONE] = "none",
                [IN6_ADDR_GEN_MODE_STABLE_PRIVACY] = "stable-privacy",
                [IN6_ADDR_GEN_MODE_RANDOM] = "random",
        };

        return mode < ELEMENTSOF(words) ? words[mode] : "?";
}

/* The words of the keys; what has none, as the -1 of a tun's privacy extensions, is a number. */
static void print_word(FILE *f, Form form, uint64_t value) {
        static const char *const words[][4] = {
                [FORM_REVERSE_PATH] = { "no", "strict", "loose" },
                [FORM_PRIVACY] = { "no", "prefer-public", "yes" },
                [FORM_ROUTER] = { "no", "query", "permanent", "temporary" },
        };

        if (value < ELEMENTSOF(words[form]) && words[form][value])
                fputs(words[form][value], f);
        else
                fprintf(f, "%" PRIi64, (int64_t) value);
}

void setting_print(FILE *f, Setting s, uint64_t value, const char *master) {
        uint8_t mac[6];

        switch (table[s].form) {
        case FORM_NUMBER: fprintf(f, "%" PRIi64, (int64_t) value); break; /* a sysctl may be -1 */
        case FORM_BOOLEAN: fputs(value ? "yes" : "no", f); break;
        case FORM_QDISC: fputs(value < _QDISC_MAX ? qdisc_to_string((Qdisc) value) : "other", f); break;
        case FORM_GENERATION: fputs(generation_word(value), f); break;
        case FORM_REVERSE_PATH:
        case FORM_PRIVACY:
        case FORM_ROUTER: print_word(f, table[s].form, value); break;
        case FORM_HIDDEN: fputs("as given", f); break;
        case FORM_MASTER: fputs(value == 0 ? "none" : master ?: "another", f); break;
        case FORM_MAC:
                setting_to_mac(value, mac);
                fprintf(f, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
                break;
        }
}
