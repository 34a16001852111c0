/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Single values of a link that netdevd sets, compares and puts back: one table says of each how it is
 * called, where a .network file asks for it, and where the kernel shows it. A value is a number: a boolean 0
 * or 1, a hardware address its six bytes, a master its ifindex. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "config/config.h"
#include "kernel/snapshot.h"

/* In the order they are applied. */
typedef enum Setting {
        SETTING_QDISC, /* before the link goes up (design D15) */
        SETTING_TX_QUEUE_LENGTH,
        SETTING_LINK_GROUP,
        SETTING_MTU,
        SETTING_MAC_ADDRESS,
        SETTING_ARP,
        SETTING_MULTICAST,
        SETTING_ALL_MULTICAST,
        SETTING_PROMISCUOUS,
        SETTING_STABLE_SECRET, /* before the mode that uses it; cannot be read back */
        SETTING_ADDRESS_GENERATION,
        SETTING_MASTER,
        SETTING_PORT_FIRST,
        SETTING_PORT_LAST = SETTING_PORT_FIRST + _PORT_SETTING_MAX - 1,
        SETTING_VLANS, /* the port's PVID stands for all of them */
        SETTING_SYSCTL_FIRST,
        SETTING_SYSCTL_LAST = SETTING_SYSCTL_FIRST + _LINK_SYSCTL_MAX - 1,
        SETTING_IP_FORWARD, /* of the namespace, never turned off again */
        SETTING_IPV6_FORWARD,
        /* Of the queues: cannot be read back. */
        SETTING_NAPI,
        SETTING_NAPI_FRAGS,
        SETTING_VNET_HEADER_BYTES,
        _SETTING_MAX,
        _SETTING_INVALID = -EINVAL,
} Setting;

/* "mtu", "port-learning", "ipv4-reverse-path-filter": stable, they are in the record. */
const char *setting_to_string(Setting s);
Setting setting_from_string(const char *s);

/* What a .network key is called as a setting, or _SETTING_INVALID: it is none. *ret_inverted: the kernel
 * keeps the opposite. */
Setting setting_of_key(NetworkKey key, bool *ret_inverted);

/* The value a link has. False when it has none now (no port, no IPv6) or it cannot be read back. */
bool setting_read(Setting s, const Link *link, const Snapshot *snapshot, uint64_t *ret);

/* The value a link has that was just made; false when that depends on the machine. */
bool setting_default(Setting s, bool tap, uint64_t *ret);

/* Whether a value, once set, can never be read back: it counts as done once it is in the record. */
bool setting_is_blind(Setting s);

/* The value as text; a master as its name when it is known. */
void setting_print(FILE *f, Setting s, uint64_t value, const char *master);

/* A hardware address as a value, and back. */
uint64_t setting_from_mac(const uint8_t mac[static 6]);
void setting_to_mac(uint64_t value, uint8_t ret[static 6]);
