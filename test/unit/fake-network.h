/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The part of the fake kernel behind rtnetlink and /proc/sys: settings, bridge ports, addresses, routes and
 * the like. Each returns 0 or -errno as the kernel would. */

#include "fake-kernel.h"

int fake_set(FakeKernel *k, const PlanOp *op, Link *link);
void fake_set_up(Link *link);
void fake_set_down(Snapshot *s, Link *link);
/* What goes with a link: its routes, nexthops and neighbours. */
void fake_drop_items(Snapshot *s, int ifindex);
int fake_vlans(const PlanOp *op, Link *link);
int fake_address(const PlanOp *op, Link *link);

/* Routes, nexthops, rules, neighbours; link may be NULL for what belongs to none. */
int fake_item(FakeKernel *k, const PlanOp *op, const Link *link);
