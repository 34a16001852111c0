/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Routes, nexthops, rules and neighbours as text, in the words of ip(8). Links are told by their device, so
 * that only others' are named, by index. */

#include <stdio.h>

#include "kernel/items.h"

void item_print_route(FILE *f, const Route *r);
void item_print_nexthop(FILE *f, const NextHop *n);
void item_print_rule(FILE *f, const Rule *r);
void item_print_neighbor(FILE *f, const Neighbor *n);
