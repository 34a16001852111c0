/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Does what a plan says, in the kernel. The only part of netdevd that changes anything there. */

#include "executor.h"
#include "fd-store.h"
#include "kernel/rtnl.h"
#include "kernel/tuntap.h"
#include "nursery.h"
#include "queues.h"

typedef struct Applier {
        Rtnl *rtnl;     /* borrowed */
        Queues *queues; /* borrowed */
        FdStore *store; /* borrowed; NULL: nobody but us has the queues */
        RtnlBatch *batch;
        Nursery *nursery;     /* opened after the first squatter, closed by applier_rest() */
        bool nursery_refused; /* this process may not have one */
        /* Told of a device that is made, owned and ours alone, before anybody else can be on it. */
        void (*on_born)(const char *name, int ifindex, void *userdata);
        void *userdata; /* of on_born */
        /* A queue of the device whose operations are under way, not kept. */
        int spare;
        char spare_device[IFNAMSIZ];
} Applier;

#define APPLIER_NULL                                                                                        \
        (Applier) {                                                                                         \
                .spare = -EBADF                                                                             \
        }

int applier_init(Applier *a, Rtnl *rtnl, Queues *queues);
void applier_done(Applier *a);

/* Gives up what was only needed while a plan ran. */
void applier_rest(Applier *a);

/* An ExecutorApply: does the tasks, all of one stage, and writes their results. userdata is the Applier. */
void applier_apply(Task *tasks, size_t n, void *userdata);

/* One queue task and one create task; deletions together; apply-link.c does the others in batches, but for
 * files (apply-sysctl.c). */
void apply_create(Applier *a, Task *task);
void apply_delete(Applier *a, Task *tasks, size_t n);
void apply_queue(Applier *a, Task *task);
void apply_link(Applier *a, Task *tasks, size_t n);
void apply_sysctl(Task *task);

/* Writes an error into the task: what was being done, the errno, and for /dev/net/tun and missing privileges
 * the remedy. */
void apply_fail(Task *task, int error, const char *step);

/* The device a plan operation is about, as /dev/net/tun is to see it. */
TunSpec apply_spec(const PlanOp *op);
