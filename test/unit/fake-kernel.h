/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A kernel in memory: it applies plan operations to a Snapshot and to the record of what netdevd holds,
 * refuses what the TUN/TAP driver and rtnetlink would refuse, and can be told to fail. Every operation it is
 * asked for is noted. */

#include "kernel/snapshot.h"
#include "plan/owned.h"
#include "plan/plan.h"

/* Makes one operation fail: the n-th of all, or every one of a type, on one device or any. */
typedef struct FakeFault {
        size_t nth; /* counted from 1; 0: by type */
        PlanOpType type;
        Setting setting;    /* of PLAN_SET */
        const char *device; /* NULL: any */
        int error;          /* -errno; 0: no fault */
} FakeFault;

typedef struct FakeCall {
        PlanOpType type;
        Setting setting;
        char device[IFNAMSIZ];
        int ifindex;  /* as the operation was told */
        size_t batch; /* FakeKernel.batch then */
        int error;
} FakeCall;

typedef struct FakeKernel {
        Snapshot *snapshot; /* borrowed */
        Owned *owned;       /* borrowed */
        FakeFault fault;
        size_t batch; /* set by whoever calls in batches */
        FakeCall *calls;
        size_t n_calls;
} FakeKernel;

void fake_kernel_done(FakeKernel *k);

/* Applies one operation to the link *ifindex, which creating and deleting it changes. Returns 0 or -errno as
 * the kernel would, with nothing changed then. */
int fake_kernel_apply(FakeKernel *k, const PlanOp *op, int *ifindex);
