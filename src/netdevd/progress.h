/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How far the work is, and how the devices are when there is none: in words for the service manager
 * ("STATUS=", which `systemctl status` shows), and as numbers for the bus. */

#include "manager.h"

/* What is being done, and of how many things how many are done. "" and zeroes while nothing is. */
typedef struct Progress {
        const char *what; /* "removing", "creating", "setting-up" */
        uint32_t done, total;
} Progress;

Progress progress_now(const Manager *m);

/* After a turn with more work to do: says how far it is, four times a second at most. */
void progress_tell(Manager *m);

/* After the last turn: says how the devices are, where that is something new, and at once or a little later;
 * ready: now, with READY=1. */
void progress_tell_end(Manager *m, bool ready);
