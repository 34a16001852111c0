/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What `netdevctl monitor` prints for one event. */

#include "json.h"
#include "watch.h"

/* On standard output, with the time it is now. Return 0 or -ENOMEM. */
int monitor_print_line(const WatchNews *news);
int monitor_print_json(const WatchNews *news, JsonMode mode);
