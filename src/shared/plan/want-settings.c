/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the keys of the files to the values a link is to have: which key counts, limits, and defaults that
 * follow from other keys. */

#include <linux/if_link.h>
#include <string.h>

#include "want.h"

/* Limits of the driver (tun_net_init). */
#define MTU_MIN     68
#define MTU_MAX_TUN 65535

static int compare(const void *a, const void *b) {
        const WantSetting *x = a, *y = b;

        return (x->setting > y->setting) - (x->setting < y->setting);
}

const WantSetting *want_setting(const Want *want, Setting s) {
        WantSetting key = { .setting = s };

        return want->n_settings > 0 ? bsearch(&key, want->settings, want->n_settings, sizeof(WantSetting),
                                              compare)
                                    : NULL;
}

static int add(Want *w, Setting s, uint64_t value, const Source *source) {
        int r = ARRAY_RESERVE_ONE(w->settings, w->n_settings);

        if (r < 0)
                return r;
        w->settings[w->n_settings++] = (WantSetting){ s, value, source };
        return 0;
}

static bool wants_ipv6_address(const NetworkConfig *n) {
        for (size_t i = 0; n && i < n->n_addresses; i++)
                if (n->addresses[i].address.family == AF_INET6)
                        return true;
        return false;
}

/* The .network file counts before the .netdev file. */
static int add_mtu(Want *w, Diagnostics *diag) {
        bool network = w->network && w->network->mtu > 0;
        uint64_t mtu = network ? w->network->mtu : w->device ? w->device->mtu : 0;
        uint64_t min = wants_ipv6_address(w->network) ? MTU_MIN_IPV6 : MTU_MIN;
        uint64_t max = w->device && w->device->kind == KIND_TAP ? MTU_MAX_TAP : MTU_MAX_TUN, used;
        const Source *source;

        if (mtu == 0)
                return 0;

        source = network ? given_source(&w->network->given, NETWORK_MTU)
                         : given_source(&w->device->given, DEVICE_MTU);
        used = mtu < min ? min : mtu > max ? max : mtu;
        if (mtu < min)
                (void) diag_add(diag, SEVERITY_WARNING, source, "write at least that",
                                "MTUBytes=%llu is too small for %s%s; %u is used", (unsigned long long) mtu,
                                w->name, min == MTU_MIN_IPV6 ? ", which has IPv6 addresses" : "",
                                (unsigned) used);
        if (mtu > max)
                (void) diag_add(diag, SEVERITY_WARNING, source, "write at most that",
                                "MTUBytes=%llu is too large for %s; %u is used", (unsigned long long) mtu,
                                w->name, (unsigned) used);
        return add(w, SETTING_MTU, used, source);
}

static bool mac_is_usable(const HwAddr *mac) {
        static const uint8_t null[6], broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

        return mac->length == 6 && memcmp(mac->bytes, null, 6) != 0 && memcmp(mac->bytes, broadcast, 6) != 0;
}

static int add_mac(Want *w, Diagnostics *diag) {
        bool network = w->network && w->network->mac_address.length > 0;
        const HwAddr *mac = network ? &w->network->mac_address : w->device ? &w->device->mac_address : NULL;
        const Source *source;
        uint8_t bytes[6];
        bool is_tun;

        if (!mac || mac->length == 0)
                return 0;
        is_tun = w->device && w->device->kind == KIND_TUN;

        if (network)
                source = given_source(&w->network->given, NETWORK_MAC_ADDRESS);
        else
                source = given_source(&w->device->given, DEVICE_MAC_ADDRESS);
        if (is_tun)
                return diag_add(diag, SEVERITY_WARNING, source, "remove the line, or use Kind=tap",
                                "%s is a tun and has no hardware address; MACAddress= is ignored for it",
                                w->name);
        if (!mac_is_usable(mac))
                return diag_add(diag, SEVERITY_WARNING, source,
                                "write six bytes like 02:00:5e:10:00:01, not all zero or ff",
                                "MACAddress= does not fit the Ethernet device %s; it is ignored for it",
                                w->name);

        memcpy(bytes, mac->bytes, sizeof(bytes));
        if (bytes[0] & 1) {
                bytes[0] &= 0xfe;
                (void) diag_add(diag, SEVERITY_WARNING, source, "use an even first byte",
                                "MACAddress= is a multicast address; it is used for %s without the "
                                "multicast bit",
                                w->name);
        }
        return add(w, SETTING_MAC_ADDRESS, setting_from_mac(bytes), source);
}

static int add_qdisc(Want *w, const Settings *settings) {
        Optional o = w->network ? given_value(&w->network->given, NETWORK_QDISC) : (Optional){};

        if (o.set)
                return o.value == QDISC_KERNEL ? 0
                                               : add(w, SETTING_QDISC, (uint64_t) o.value,
                                                     given_source(&w->network->given, NETWORK_QDISC));
        if (w->device && settings && settings->default_qdisc != QDISC_KERNEL)
                return add(w, SETTING_QDISC, (uint64_t) settings->default_qdisc, NULL);
        return 0;
}

static bool is_port_setting(Setting s) {
        return (s >= SETTING_PORT_FIRST && s <= SETTING_PORT_LAST) || s == SETTING_VLANS;
}

static bool may_be_port(const NetworkConfig *n) {
        return n->bridge || given_value(&n->given, NETWORK_KEEP_MASTER).value;
}

/* Zero means "leave it" for these. */
static bool is_unset(NetworkKey key, int64_t value) {
        return value == 0 &&
               (key == NETWORK_HOP_LIMIT || key == NETWORK_PORT_COST || key == NETWORK_IPV6_MTU);
}

/* Whatever the table of settings has for a key. */
static int add_plain(Want *w) {
        const NetworkConfig *n = w->network;
        int r = 0;

        for (NetworkKey key = NETWORK_LINK_GROUP; r >= 0 && key < _NETWORK_KEY_MAX; key++) {
                Optional o = given_value(&n->given, key);
                int64_t value = o.value;
                bool inverted;
                Setting s;

                if (!o.set || key == NETWORK_QDISC || is_unset(key, value))
                        continue;
                s = setting_of_key(key, &inverted);
                if (s < 0 || (is_port_setting(s) && !may_be_port(n)))
                        continue;
                if (key == NETWORK_RETRANSMISSION_TIME)
                        value /= 1000; /* milliseconds */
                r = add(w, s, (uint64_t) (inverted ? !value : value), given_source(&n->given, key));
        }
        return r;
}

/* LinkLocalAddressing= says whether there is one, IPv6LinkLocalAddressGenerationMode= how it is made.
 * Without either the kernel's choice stays, but on a port of a bridge, which needs none (as in networkd). */
static int add_link_local(Want *w) {
        const NetworkConfig *n = w->network;
        Optional local = given_value(&n->given, NETWORK_LINK_LOCAL_ADDRESSING);
        Optional mode = given_value(&n->given, NETWORK_ADDRESS_GENERATION);
        uint64_t value = IN6_ADDR_GEN_MODE_NONE;
        const Source *source = given_source(&n->given, NETWORK_LINK_LOCAL_ADDRESSING);
        bool on = local.set ? local.value == LINK_LOCAL_IPV6 || local.value == LINK_LOCAL_YES : !n->bridge;
        int r;

        if (!local.set && !mode.set && !n->bridge && n->stable_secret.family == 0)
                return 0;

        if (on) {
                value = mode.set                  ? (uint64_t) mode.value
                        : n->stable_secret.family ? IN6_ADDR_GEN_MODE_STABLE_PRIVACY
                                                  : IN6_ADDR_GEN_MODE_EUI64;
                if (mode.set)
                        source = given_source(&n->given, NETWORK_ADDRESS_GENERATION);
                else if (!local.set)
                        source = given_source(&n->given, NETWORK_STABLE_SECRET);
        } else if (!local.set)
                source = given_source(&n->given, NETWORK_BRIDGE);

        r = add(w, SETTING_ADDRESS_GENERATION, value, source);
        if (r >= 0 && on && local.set && !wants_ipv6_address(n))
                r = add(w, SETTING_SYSCTL_FIRST + SYSCTL_IPV6_DISABLE, 0, source);
        return r;
}

/* Where IPv6 is off by default it has to be on for an IPv6 address. */
static int add_ipv6(Want *w) {
        const NetworkConfig *n = w->network;

        for (size_t i = 0; i < n->n_addresses; i++)
                if (n->addresses[i].address.family == AF_INET6)
                        return add(w, SETTING_SYSCTL_FIRST + SYSCTL_IPV6_DISABLE, 0,
                                   &n->addresses[i].source);
        return 0;
}

/* A secret cannot be read back by everybody; its halves stand for it. */
static int add_secret(Want *w) {
        const InAddr *secret = &w->network->stable_secret;
        uint64_t halves[2];

        if (secret->family != AF_INET6)
                return 0;
        memcpy(halves, secret->bytes, sizeof(halves));
        return add(w, SETTING_STABLE_SECRET, halves[0] * 31 + halves[1],
                   given_source(&w->network->given, NETWORK_STABLE_SECRET));
}

static int add_forwarding(Want *w) {
        Optional o = given_value(&w->network->given, NETWORK_IP_FORWARD);
        const Source *source = given_source(&w->network->given, NETWORK_IP_FORWARD);
        int r = 0;

        if (o.value & 1)
                r = add(w, SETTING_IP_FORWARD, 1, source);
        if (r >= 0 && o.value & 2)
                r = add(w, SETTING_IPV6_FORWARD, 1, source);
        return r;
}

static int add_master(Want *w) {
        const NetworkConfig *n = w->network;

        if (given_value(&n->given, NETWORK_KEEP_MASTER).value || (!n->bridge && !n->vrf))
                return 0;
        w->master = n->bridge ?: n->vrf;
        w->master_source = given_source(&n->given, n->bridge ? NETWORK_BRIDGE : NETWORK_VRF);
        return add(w, SETTING_MASTER, 0, w->master_source);
}

static void warn_of_neighbors(const Want *w, Diagnostics *diag) {
        const NetworkConfig *n = w->network;

        if (!w->device || w->device->kind != KIND_TUN)
                return;
        for (size_t i = 0; i < n->n_neighbors; i++)
                if (n->neighbors[i].address.family == AF_INET)
                        (void) diag_add(diag, SEVERITY_WARNING, &n->neighbors[i].source,
                                        "remove the section, or use Kind=tap",
                                        "%s is a tun, on which the kernel keeps no IPv4 neighbours; "
                                        "[Neighbor] is "
                                        "ignored for it",
                                        w->name);
}

/* What the link will have as far as is known: of one made by others that is not there yet, nothing is. */
static uint64_t mtu_of(const Want *w, const Link *link) {
        uint64_t mtu;

        for (size_t i = 0; i < w->n_settings; i++)
                if (w->settings[i].setting == SETTING_MTU)
                        return w->settings[i].value;
        if (link)
                return link->mtu;
        return w->device && setting_default(SETTING_MTU, w->device->kind == KIND_TAP, &mtu) ? mtu
                                                                                            : UINT64_MAX;
}

/* The plan goes by the MTU of that moment. */
static void warn_of_ipv6_mtu(const Want *w, const Link *link, Diagnostics *diag) {
        Optional o = given_value(&w->network->given, NETWORK_IPV6_MTU);
        const Source *source = given_source(&w->network->given, NETWORK_IPV6_MTU);
        uint64_t mtu = mtu_of(w, link);

        if (!o.set || (uint64_t) o.value <= mtu)
                return;
        if (mtu < MTU_MIN_IPV6)
                (void) diag_add(diag, SEVERITY_WARNING, source, "set MTUBytes= to at least 1280",
                                "IPv6MTUBytes= is ignored for %s: with an MTU of %llu it has no IPv6",
                                w->name, (unsigned long long) mtu);
        else
                (void) diag_add(diag, SEVERITY_WARNING, source,
                                "write at most that, or set MTUBytes= to as much",
                                "IPv6MTUBytes=%llu is more than the MTU of %s; %llu is used",
                                (unsigned long long) o.value, w->name, (unsigned long long) mtu);
}

static int add_network(Want *w) {
        const NetworkConfig *n = w->network;
        int r;

        r = add_plain(w);
        if (r >= 0)
                r = add_secret(w);
        if (r >= 0)
                r = add_link_local(w);
        if (r >= 0)
                r = add_ipv6(w);
        if (r >= 0)
                r = add_master(w);
        if (r >= 0 && n->vlans && may_be_port(n))
                r = add(w, SETTING_VLANS, n->vlans->pvid, &n->vlans->source);
        return r < 0 ? r : add_forwarding(w);
}

static int add_queue(Want *w) {
        const DeviceConfig *d = w->device;
        int r = 0;

        if (d->napi)
                r = add(w, SETTING_NAPI, 1, given_source(&d->given, DEVICE_NAPI));
        if (r >= 0 && d->napi_frags)
                r = add(w, SETTING_NAPI_FRAGS, 1, given_source(&d->given, DEVICE_NAPI_FRAGS));
        if (r >= 0 && d->vnet_header_bytes > 0)
                r = add(w, SETTING_VNET_HEADER_BYTES, d->vnet_header_bytes,
                        given_source(&d->given, DEVICE_VNET_HEADER_BYTES));
        return r;
}

int want_add_settings(Want *want, const Settings *settings, const Link *link, Diagnostics *diag) {
        int r;

        r = add_mtu(want, diag);
        if (r >= 0)
                r = add_mac(want, diag);
        if (r >= 0)
                r = add_qdisc(want, settings);
        if (want->network) {
                warn_of_neighbors(want, diag);
                warn_of_ipv6_mtu(want, link, diag);
        }
        if (r >= 0 && want->network)
                r = add_network(want);
        if (r >= 0 && want->device)
                r = add_queue(want);
        if (r < 0)
                return r;

        if (want->n_settings > 0)
                qsort(want->settings, want->n_settings, sizeof(WantSetting), compare);
        return 0;
}
