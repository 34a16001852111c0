/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "manager.h"

/* Copies into one plan what is due of all devices, and of the machine. A device that makes no progress gets
 * an error instead. Returns 0 or -ENOMEM. */
int due_collect(Manager *m, Plan *plan);

/* Whether something is due, and only because of Enforce=yes and its like. */
bool due_has_repair(const Device *d);

/* Whether what is enforced was done too often of late: it is left alone until somebody looks again. */
bool due_is_stuck(const Device *d);
