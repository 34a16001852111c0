/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Files, kernel and record together, read here and now without daemon and privilege: what `diff` and
 * `explain` look at. */

#include "kernel/read.h"
#include "load.h"
#include "plan/plan.h"

typedef struct Actual {
        Environment environment;
        Config *config;
        Owned owned;
        Wants wants;
        Snapshot *snapshot;
        Diagnostics diagnostics; /* of the files */
        bool daemon_runs;        /* with this record */
        uint8_t protocols[257];  /* ReadOptions' */
} Actual;

/* Returns 0, or prints what is wrong and returns -errno. */
int actual_read(const Options *options, Actual *ret);
void actual_done(Actual *a);

/* What is left to do for one device, or for all and the machine when want is NULL. */
int actual_plan(const Actual *a, const Want *want, Plan *plan);

/* The want of this name, or NULL after saying that there is none. */
const Want *actual_find(const Actual *a, const char *name);
