/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Fills a Snapshot from the kernel. */

#include <stddef.h>

#include "rtnl.h"
#include "snapshot.h"

/* All links and all addresses, two dumps. Returns 0 or -errno; a torn dump yields no snapshot. */
int snapshot_read(Rtnl *rtnl, Snapshot **ret);

/* Reads one link anew, with its addresses: put into the snapshot, or removed from it when the kernel has it
 * no more. Returns 0 or -errno. */
int snapshot_refresh(Rtnl *rtnl, Snapshot *s, int ifindex);

/* One link without its addresses, by ifindex or, when that is 0, by name. Returns 0, -ENODEV, or another
 * -errno. */
int read_link(Rtnl *rtnl, int ifindex, const char *name, Link **ret);
