/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* When what goes into the record of what is ours (plan/owned.h). */

#include "manager.h"

/* Locks the state directory, which is made if need be, and reads the record. What fails is logged; then
 * nothing is recorded, or what is there counts as others'. */
void record_open(Manager *m);

/* At a reload: what could not be recorded since the start can be from now on. What is written is what we
 * know, and before that what the record has of others, for who had the lock may have made more. */
void record_reopen(Manager *m);

/* Before a plan is executed. Returns 0 or -ENOMEM. */
int record_plan(Manager *m, const Plan *plan);

/* While it is executed: what an Applier tells of each device it makes. userdata is the Manager. */
void record_born(const char *name, int ifindex, void *userdata);

/* Takes in what the executor made so far, once, and writes it. */
void record_created(Manager *m);

/* Takes in all that the executor did; after record_created(). */
void record_outcomes(Manager *m);

/* After a look at a device: a creation whose end nobody saw is one that was made. Returns 0 or -ENOMEM. */
int record_half_made(Manager *m, const Device *d, const Link *link);

/* After a look at a device: drops what no file wants any more and the plan does not put back. */
void record_forget_settings(Manager *m, const Device *d);

/* Writes the record if it changed and is ours to write; a failure is logged, and it is tried again next
 * time. */
void record_write(Manager *m);
