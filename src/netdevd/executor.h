/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Runs a plan: all devices through stage after stage, many devices a batch, a slice at a time so that the
 * event loop goes on. A device stops at its first failure; the others do not notice. What an operation does
 * is the apply function's affair (apply.c, or a fake kernel in tests). */

#include <stdint.h>

#include "plan/plan.h"

/* One operation under way. The tasks of one device share its ifindex, which creating it sets. */
typedef struct Task {
        const PlanOp *op;
        int *ifindex;
        unsigned *attempts; /* of the device, for who has to try an operation several times */
        Link **fresh;       /* out, create: the device as it was born; owned by the executor then */
        int error;  /* out: 0 or -errno; -EAGAIN of a lone operation: call again, nothing is decided */
        char *text; /* out: what failed, without the errno's own text; owned by the executor then */
} Task;

typedef void (*ExecutorApply)(Task *tasks, size_t n, void *userdata);

/* What became of one device. */
typedef struct Outcome {
        const Want *want;
        int ifindex; /* 0: unknown */
        bool created;
        Link *fresh; /* a created device as it was born, or NULL: what was there before we set anything */
        unsigned attempts;
        const PlanOp *failed; /* the operation it stopped at, or NULL */
        bool unfinished;      /* some operation of it was not come to yet */
        int error;
        char *text;
} Outcome;

typedef struct Executor Executor;

/* The executor takes the plan over; findings in it are skipped. Wants the plan points to must live as long.
 */
int executor_new(Plan *plan, ExecutorApply apply, void *userdata, Executor **ret);
Executor *executor_free(Executor *e);
DEFINE_CLEANUP(Executor *, executor_free);

/* Works for about budget_usec (at least one batch; UINT64_MAX: to the end), and not beyond the moment when
 * everything is created: then its caller can record what is ours. Returns 1 when there is more to do, 0 when
 * done. */
int executor_run(Executor *e, uint64_t budget_usec);

/* Whether every create is done; then the ownership record can be written. */
bool executor_created(const Executor *e);

/* What it is at, and how far that is: links deleted or made, or devices of which nothing is left to do. */
typedef enum ExecutorPhase {
        EXECUTOR_REMOVING,
        EXECUTOR_CREATING,
        EXECUTOR_SETTING_UP,
        _EXECUTOR_PHASE_MAX,
} ExecutorPhase;

typedef struct ExecutorProgress {
        ExecutorPhase phase;
        size_t done, total;
} ExecutorProgress;

ExecutorProgress executor_progress(const Executor *e);

/* What it executes, in the order of each device; operations of a device before Outcome.failed are done. */
const Plan *executor_plan(const Executor *e);

/* One outcome a device of the plan, in its order; final once executor_run() returned 0. */
const Outcome *executor_outcomes(const Executor *e, size_t *ret_n);
