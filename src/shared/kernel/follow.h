/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Following links that are others' affair by the content of their events alone: no system call however much
 * they change. An event may be older than what was read meanwhile, so links we manage are read anew instead
 * (read.h). */

#include <libmnl/libmnl.h>

#include "snapshot.h"

/* Takes one RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR or RTM_DELADDR into the snapshot; ignores all else and
 * what is malformed. Returns 0 or -ENOMEM. */
int snapshot_follow(Snapshot *s, const struct nlmsghdr *nlh);
