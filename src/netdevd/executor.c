/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The plan's operations, reordered by stage and cut into batches. Resuming is an index. */

#include "executor.h"

#include <string.h>

#include "base/clock.h"

/* Operations a call of the apply function may have. What is done by calls goes one by one: it takes up to a
 * millisecond, and a device stops at its first failure. Messages go in batches, those of bringing up
 * bounded by time: bringing a multi-queue device up makes the kernel attach 256 queueing disciplines, 0.1 to
 * 10 ms. Deletions that follow one another go together too: alone each makes the kernel wait for 16 ms.
 *
 * A device's addresses go right behind its up: the kernel's own workers want the same lock after each up,
 * and with an address in between everybody spins less for it. An up that fails is rare; addresses then do no
 * harm. */
static const size_t batch_max[_PLAN_STAGE_MAX] = {
        [PLAN_STAGE_CREATE] = 1,  [PLAN_STAGE_QUEUE] = 1, [PLAN_STAGE_LINK] = 100,
        [PLAN_STAGE_SYSCTL] = 16, [PLAN_STAGE_UP] = 100,  [PLAN_STAGE_ROUTES] = 100,
};

/* That stage begins with so many operations a batch; they double or halve by the time they took. */
#define UP_BATCH_MIN  4
#define UP_BATCH_USEC 5000

/* The kernel holds its lock for all of them, 0.2 ms each. */
#define DELETE_BATCH 24

#define BATCH_MAX 100

typedef struct Step {
        const PlanOp *op;
        size_t device; /* index into outcomes */
} Step;

struct Executor {
        Plan plan;
        Step *steps; /* by stage, then in plan order */
        size_t n_steps, next;
        size_t up_batch; /* operations a batch of the last stage */
        Outcome *outcomes;
        size_t n_outcomes;
        ExecutorApply apply;
        void *userdata;
};

Executor *executor_free(Executor *e) {
        if (!e)
                return NULL;

        for (size_t i = 0; i < e->n_outcomes; i++) {
                link_free(e->outcomes[i].fresh);
                free(e->outcomes[i].text);
        }
        free(e->outcomes);
        free(e->steps);
        plan_done(&e->plan);
        free(e);
        return NULL;
}

/* One outcome a device, each knowing where in the plan its operations begin; the plan is sorted by device.
 */
static int add_outcomes(Executor *e, size_t *device_of_op) {
        int r;

        for (size_t i = 0; i < e->plan.n; i++) {
                const PlanOp *op = e->plan.ops + i;

                if (e->n_outcomes == 0 || e->outcomes[e->n_outcomes - 1].want != op->want) {
                        r = ARRAY_RESERVE_ONE(e->outcomes, e->n_outcomes);
                        if (r < 0)
                                return r;
                        e->outcomes[e->n_outcomes++] = (Outcome){ .want = op->want, .ifindex = op->ifindex };
                }
                device_of_op[i] = e->n_outcomes - 1;
        }
        return 0;
}

int executor_new(Plan *plan, ExecutorApply apply, void *userdata, Executor **ret) {
        _cleanup_(executor_freep) Executor *e = calloc(1, sizeof(Executor));
        _cleanup_(freep) size_t *device_of_op = calloc(plan->n + 1, sizeof(size_t));
        int r;

        if (!e || !device_of_op)
                return -ENOMEM;

        e->apply = apply;
        e->userdata = userdata;
        e->plan = *plan;
        *plan = (Plan){};

        e->steps = calloc(e->plan.n + 1, sizeof(Step));
        r = e->steps ? add_outcomes(e, device_of_op) : -ENOMEM;
        if (r < 0)
                return r;

        e->up_batch = UP_BATCH_MIN;
        for (PlanStage stage = PLAN_STAGE_CREATE; stage < _PLAN_STAGE_MAX; stage++)
                for (size_t i = 0; i < e->plan.n; i++)
                        if (plan_op_stage(e->plan.ops + i) == stage)
                                e->steps[e->n_steps++] = (Step){ e->plan.ops + i, device_of_op[i] };

        *ret = TAKE_PTR(e);
        return 0;
}

/* The plan cannot know every default of a device that is not there yet. */
static bool is_born_so(const PlanOp *op, const Link *fresh) {
        const Snapshot nothing = { .ip_forward = -1, .ipv6_forward = -1 };
        uint64_t value;

        return op->type == PLAN_SET && fresh && setting_read(op->setting, fresh, &nothing, &value) &&
               value == op->value;
}

static size_t batch_size(const Executor *e, const PlanOp *first) {
        PlanStage stage = plan_op_stage(first);

        if (first->type == PLAN_DELETE)
                return DELETE_BATCH;
        return stage == PLAN_STAGE_UP ? e->up_batch : batch_max[stage];
}

static bool go_together(const PlanOp *a, const PlanOp *b) {
        return plan_op_stage(a) == plan_op_stage(b) && (a->type == PLAN_DELETE) == (b->type == PLAN_DELETE);
}

/* The next operations that go together, of devices that have not stopped. */
static size_t next_batch(Executor *e, Task *tasks, Outcome **outcomes) {
        const PlanOp *first = e->steps[e->next].op;
        size_t n = 0, max = batch_size(e, first);

        for (; e->next < e->n_steps && n < max; e->next++) {
                const Step *s = e->steps + e->next;

                if (!go_together(first, s->op))
                        break;
                if (e->outcomes[s->device].failed || is_born_so(s->op, e->outcomes[s->device].fresh))
                        continue;

                outcomes[n] = e->outcomes + s->device;
                tasks[n] = (Task){ .op = s->op,
                                   .ifindex = &outcomes[n]->ifindex,
                                   .attempts = &outcomes[n]->attempts,
                                   .fresh = &outcomes[n]->fresh };
                n++;
        }
        return n;
}

static void take_result(Task *task, Outcome *o) {
        if (task->error < 0 && !o->failed) {
                o->failed = task->op;
                o->error = task->error;
                o->text = TAKE_PTR(task->text);
        }
        if (task->error >= 0 && task->op->type == PLAN_CREATE)
                o->created = true;
        free(task->text);
}

static void adapt(Executor *e, uint64_t usec) {
        if (usec > UP_BATCH_USEC && e->up_batch > UP_BATCH_MIN)
                e->up_batch /= 2;
        else if (usec < UP_BATCH_USEC / 2 && e->up_batch * 2 <= batch_max[PLAN_STAGE_UP])
                e->up_batch *= 2;
}

static void run_batch(Executor *e) {
        Outcome *outcomes[BATCH_MAX];
        Task tasks[BATCH_MAX];
        size_t n = next_batch(e, tasks, outcomes);
        uint64_t start;

        if (n == 0)
                return;

        start = now_usec();
        e->apply(tasks, n, e->userdata);
        if (plan_op_stage(tasks[0].op) == PLAN_STAGE_UP)
                adapt(e, now_usec() - start);
        if (n == 1 && tasks[0].error == -EAGAIN) {
                e->next--; /* the same again, after others had their turn */
                return;
        }
        for (size_t i = 0; i < n; i++)
                take_result(tasks + i, outcomes[i]);
}

int executor_run(Executor *e, uint64_t budget_usec) {
        bool created = executor_created(e);
        uint64_t start = now_usec();

        while (e->next < e->n_steps) {
                run_batch(e);
                if (now_usec() - start >= budget_usec || (!created && executor_created(e)))
                        break;
        }
        return e->next < e->n_steps;
}

bool executor_created(const Executor *e) {
        return e->next >= e->n_steps || plan_op_stage(e->steps[e->next].op) > PLAN_STAGE_CREATE;
}

static ExecutorProgress count_links(const Executor *e, PlanOpType type) {
        ExecutorProgress p = { .phase = type == PLAN_DELETE ? EXECUTOR_REMOVING : EXECUTOR_CREATING };

        for (size_t i = 0; i < e->n_steps; i++) {
                p.total += e->steps[i].op->type == type;
                p.done += i < e->next && e->steps[i].op->type == type;
        }
        return p;
}

static ExecutorProgress count_devices(const Executor *e) {
        ExecutorProgress p = { .phase = EXECUTOR_SETTING_UP };
        const Outcome *outcomes = executor_outcomes(e, &p.total);

        for (size_t i = 0; i < p.total; i++)
                p.done += !outcomes[i].unfinished && !outcomes[i].failed;
        return p;
}

ExecutorProgress executor_progress(const Executor *e) {
        PlanOpType type = e->next < e->n_steps ? e->steps[e->next].op->type : PLAN_SET_UP;

        return type == PLAN_DELETE || type == PLAN_CREATE ? count_links(e, type) : count_devices(e);
}

const Plan *executor_plan(const Executor *e) {
        return &e->plan;
}

const Outcome *executor_outcomes(const Executor *e, size_t *ret_n) {
        for (size_t i = 0; i < e->n_outcomes; i++)
                e->outcomes[i].unfinished = false;
        for (size_t i = e->next; i < e->n_steps; i++)
                e->outcomes[e->steps[i].device].unfinished = true;

        *ret_n = e->n_outcomes;
        return e->outcomes;
}
