/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "manager.h"

/* Starts to follow kernel events and signals; after this sd_event_loop() does the rest. Returns 0 or -errno.
 */
int loop_start(Manager *m);
