/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Telling what changed, once a turn however often it did. */

#include "manager.h"

/* Derives the status of every device that is marked dirty anew, and tells the log and the bus what differs.
 * Returns 0 or -ENOMEM. */
int report(Manager *m);
