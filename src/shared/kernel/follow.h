/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Following links that are others' affair by the content of their events alone: no system call however much
 * they change. An event may be older than what was read meanwhile, so links we manage are read anew instead
 * (read.h). */

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

#include "snapshot.h"

/* Whether an event tells of a route, nexthop, rule or neighbour that may be ours, or that has one of the
 * protocols (ending with 0). Looks at the header only: a router's routes may change by the thousand. */
bool event_is_about_item(const struct nlmsghdr *nlh, const uint8_t *protocols);

/* Takes one RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR or RTM_DELADDR into the snapshot; ignores all else and
 * what is malformed. Returns 0 or -ENOMEM. */
int snapshot_follow(Snapshot *s, const struct nlmsghdr *nlh);
