/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Everything the bus shows, as JSON for those who would rather parse that: the keys are the names of the
 * properties. Newly allocated; NULL when out of memory. */

#include "manager.h"

char *describe_device(const Status *s);
char *describe_manager(const Manager *m);
