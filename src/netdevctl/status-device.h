/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* All there is to one device, on one screen or as JSON. */

#include "shown.h"

/* Returns 0 or -ENOMEM. */
int status_device_print(const Status *d, const Shown *s);
/* Its properties, with Processes and Statistics beside them. NULL when out of memory. */
struct json_object *status_device_to_json(const Status *d, const Shown *s);
