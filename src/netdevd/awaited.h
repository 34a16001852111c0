/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a device goes on following once it is configured: a bridge, the carrier. All else is drift. */

#include "device.h"

/* Takes in what the device's new plan awaits, and forgets what was awaited and is done. To be called before
 * d->ifindex is that of the link. */
void awaited_update(Device *d, const Link *link);

/* Whether it is an operation that was awaited. */
bool awaited_is(const Device *d, const PlanOp *op);
bool awaited_any(const Device *d);

/* Whether only what is awaited keeps the plan from being empty; or it is. */
bool awaited_is_all(const Device *d);
