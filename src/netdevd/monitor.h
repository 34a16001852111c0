/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Kernel events mark links dirty; reading them anew is what brings the truth. An event's own content is not
 * used: it is older than what the request socket says, and for a link that is down it misses most. */

#include "manager.h"

/* Joins the kernel's multicast groups, and marks everything: only what is read after joining is sure to be
 * followed. Not at start but after the first plan was executed: what thousands of new devices would tell us
 * we know ourselves. Does nothing the second time. Returns 0 or -errno. */
int monitor_open(Manager *m);

/* Has the kernel tell of routes, rules, nexthops and neighbours too, as far as some file asks for them. */
void monitor_join_items(Manager *m);

/* Drains the event socket into dirty marks. Returns 0 or -errno. */
int monitor_drain(Manager *m);

/* Marks one link, or all. */
void monitor_mark(Manager *m, int ifindex);
void monitor_mark_all(Manager *m);
bool monitor_is_dirty(const Manager *m);
/* Whether what the snapshot says of this link may be old. */
bool monitor_is_marked(const Manager *m, int ifindex);

/* Reads what is marked, of many links a slice. `changed` is called for every link read or gone, with the
 * name it had and has ("" when it was not there, or is not); after a whole dump once with ifindex 0. Returns
 * 0 when all was read, 1 when some is left, or -errno; on failure the marks stay. */
int monitor_refresh(Manager *m,
                    int (*changed)(Manager *m, int ifindex, const char *before, const char *after));
