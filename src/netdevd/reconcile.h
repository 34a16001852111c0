/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Refresh, compute, apply, refresh, compare: one turn at a time, so that the event loop goes on. */

#include "manager.h"

/* How long one turn may work before the event loop has its turn. */
#define RECONCILE_SLICE_USEC 10000

/* One turn. Returns 1 when there is more to do at once, 0 when all that can be done now is done, or -errno.
 */
int reconcile_turn(Manager *m, uint64_t budget_usec);

/* Whether a turn would find nothing to do, without looking at any device: so it is after every message on
 * the bus that asks for nothing. */
bool reconcile_is_idle(const Manager *m);

/* Breaks off what is being done; what was reached is taken in and recorded. Before the configuration
 * changes, and at the end. */
void reconcile_abort(Manager *m);

/* Whether some device waits for a program to let go. The kernel is silent about the queues of a link that is
 * down, so somebody has to look again from time to time: reconcile_retry() marks those devices. */
bool reconcile_is_waiting(const Manager *m);
void reconcile_retry(Manager *m);
