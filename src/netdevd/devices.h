/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which devices there are, and what is left to do for each (Device.plan). Each returns 0 or -errno, after
 * which not all were looked at. */

#include "manager.h"

/* Makes the devices fit the files and the snapshot, and looks at each anew, or at those only whose files
 * were found anew. */
int devices_sync(Manager *m, bool rejoined_only);

/* For monitor_refresh(): one link was read anew, or is gone, or, with ifindex 0, all were read. before is
 * empty when it was not known, after when it is gone. */
int devices_look_changed(Manager *m, int ifindex, const char *before, const char *after);

/* Looks at devices whose own link did not change, but something they look at: routes, rules, nexthops and
 * neighbours, or other links. */
int devices_look_again(Manager *m, bool items, bool dependents);

/* When the first time ends for which some lost carrier is ignored (CLOCK_MONOTONIC, microseconds;
 * UINT64_MAX: none), and looking at those devices again. */
uint64_t devices_grace_end(const Manager *m);
void devices_end_grace(Manager *m);
