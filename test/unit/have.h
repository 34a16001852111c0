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
 * persist true, everything else false, 0 or (owner, group) none; no peer; protocol 0. */
Snapshot *have_read(const char *path);
