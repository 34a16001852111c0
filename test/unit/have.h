/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Kernel states of the golden tests: have.json as a Snapshot. */

#include "kernel/snapshot.h"

/* Reads the file; one that is not there means only lo. What is not understood fails the running test.
 *
 *      { "links": [ {
 *              "name": "tun0", "ifindex": 2, "kind": "tun", "flags": [ "up" ], "mtu": 1500,
 *              "carrier": false, "mac": "02:00:5e:10:00:01",
 *              "tun": { "type": "tap", "pi": false, "vnet_hdr": false, "persist": true,
 *                       "multi_queue": false, "num_queues": 0, "num_disabled_queues": 0,
 *                       "owner": 1000, "group": 36 },
 *              "addresses": [ { "address": "192.0.2.1/24", "peer": "192.0.2.2", "protocol": 110 } ]
 *      } ] }
 *
 * name and ifindex are required; defaults: no kind, no flags, mtu 1500, no carrier, no mac; type tun,
 * persist true, everything else false, 0 or (owner, group) none; no peer; protocol 0.
 *
 * A link also has "master", "group", "vrf_table", "default_pvid" (of a bridge), "tx_queue_length", "qdisc",
 * "settings": { "port-hairpin": 1, "ipv6-mtu": 1400 } (port settings make it a port, sysctls and
 * ipv6-address-generation are as good as unread when they are not given), and "vlans": [ "1 pvid untagged",
 * "10-12" ]. Beside links there are, with netdevd's
 * protocol (110) unless "protocol" says another one, and numbers for what ip(8) has words for:
 *
 *      "routes": [ { "destination": "198.51.100.0/24", "source", "src", "dev": 2, "via": "192.0.2.2",
 *                    "onlink": true, or "hops": [ { "dev", "via", "weight", "onlink" } ], or "nexthop": 1,
 *                    "scope": 253, "type": 6, "table", "metric", "preference", "mtu" } ],
 *      "nexthops": [ { "id": 1, "dev": 2, "via", "onlink", "blackhole", "group": { "2": 10 } } ],
 *      "rules": [ { "from", "to", "family": 10, "priority", "table", "action", "fwmark", "fwmask", "iif",
 *                   "oif", "invert", "suppress_prefixlength" } ],
 *      "neighbors": [ { "dev": 2, "address", "lladdr", "proxy", "permanent" } ],
 *      "ip_forward", "ipv6_forward", "ipv6_disable_default": 0 or 1; not given: unread */
Snapshot *have_read(const char *path);
