/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The executor over a kernel in memory. Devices come in states from which planning makes every operation
 * there is; the plan is the real one, so what is executed to the end leaves an empty plan behind. */

#include "rows.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "executor.h"
#include "fake-kernel.h"

#define DEVICES_MAX 40

/* How the kernel is when a plan is made. */
typedef enum Situation {
        MISSING,     /* create, set-mtu, set-up, add-address */
        CHANGED,     /* by hand, in every respect */
        TO_RELEASE,  /* KeepCarrier= was taken back */
        CARRIER_OFF, /* a program left it off */
        HALF_MADE,   /* delete, create, … */
        ORPHANED,    /* delete */
        UNRESOLVED,  /* a finding */
        FINE,        /* nothing to do */
} Situation;

/* A kernel, and some devices that are to be like one another. */
typedef struct Bench {
        FakeKernel kernel;
        Snapshot *have;
        Owned owned;
        AddressConfig address;
        NetworkConfig network;
        char names[DEVICES_MAX][IFNAMSIZ];
        DeviceConfig devices[DEVICES_MAX];
        Want items[DEVICES_MAX];
        Wants wants;
        WantSetting settings[2];
        size_t calls_up; /* calls of the apply function with set-up in it */
} Bench;

static void bench_init(Bench *b) {
        *b = (Bench){
                .have = snapshot_new(),
                .address = { .address = { .family = AF_INET, .bytes = { 192, 0, 2, 1 } }, .prefixlen = 24 },
                .wants = { .complete = true },
                .settings = { { .setting = SETTING_MTU, .value = 1400 },
                              { .setting = SETTING_MAC_ADDRESS, .value = 0x020000000001 } },
        };
        assert_non_null(b->have);
        b->network = (NetworkConfig){ .addresses = &b->address, .n_addresses = 1 };
        b->wants.items = b->items;
        b->kernel = (FakeKernel){ .snapshot = b->have, .owned = &b->owned };
}

static void bench_done(Bench *b) {
        fake_kernel_done(&b->kernel);
        owned_done(&b->owned);
        snapshot_free(b->have);
}

static Link *add_link(Bench *b, const char *prefix, size_t i) {
        Link *link = calloc(1, sizeof(Link));
        const DeviceConfig *d = b->devices + i;

        assert_non_null(link);
        *link = (Link){
                .ifindex = (int) i + 10,
                .kind = "tun",
                .mtu = 1400,
                .flags = IFF_UP,
                .is_tun = true,
                .address_length = 6,
                .address = { 2, 0, 0, 0, 0, 1 },
                .tun = { .tap = true,
                         .multi_queue = d->multi_queue,
                         .persist = true,
                         .owner = 1000,
                         .group = 36 },
        };
        snprintf(link->name, sizeof(link->name), "%s%02zu", prefix, i);
        assert_int_equal(snapshot_put(b->have, link), 0);
        return link;
}

static void give_address(Link *link, uint8_t last) {
        Address a = {
                .family = AF_INET,
                .prefixlen = 24,
                .protocol = NETDEVD_PROTOCOL,
                .local = { 192, 0, 2, last },
                .peer = { 192, 0, 2, last },
                .broadcast = { 192, 0, 2, 255 },
                .preferred = ADDRESS_FOREVER,
        };

        memcpy(a.label, link->name, sizeof(a.label));

        assert_int_equal(link_add_address(link, &a), 0);
}

static void own(Bench *b, size_t i, int ifindex, bool held) {
        assert_int_equal(owned_put(&b->owned, b->names[i], ifindex, true), 0);
        owned_find(&b->owned, b->names[i])->held = held;
}

static void make_changed(Bench *b, size_t i) {
        Link *link = add_link(b, "old", i);

        b->devices[i].keep_carrier = true;
        link->flags = 0;
        link->mtu = 1500;
        link->address[5] = 9;
        link->tun.pi = true;
        link->tun.persist = false;
        link->tun.owner = 7;
        link->tun.group = 8;
        give_address(link, 9);
        own(b, i, link->ifindex, false);
}

static void make_held(Bench *b, size_t i, bool keep) {
        Link *link = add_link(b, "dev", i);

        b->devices[i].keep_carrier = keep;
        link->tun.num_disabled_queues = 1;
        link->carrier = !keep;
        give_address(link, 1);
        own(b, i, link->ifindex, true);
}

static void make_half(Bench *b, size_t i) {
        Link *link = add_link(b, "dev", i);

        link->tun.num_queues = 1;
        own(b, i, 0, false);
}

/* Devices are added in the order of their names. */
static void add_device(Bench *b, Situation situation) {
        size_t i = b->wants.n++;
        Want *w = b->items + i;

        assert_true(i < DEVICES_MAX);
        snprintf(b->names[i], sizeof(b->names[i]), "dev%02zu", i);
        b->devices[i] = (DeviceConfig){ .name = b->names[i], .kind = KIND_TAP, .multi_queue = true };
        *w = (Want){
                .name = b->names[i],
                .device = b->devices + i,
                .network = &b->network,
                .owner = 1000,
                .group = 36,
                .settings = b->settings,
                .n_settings = ELEMENTSOF(b->settings),
        };

        switch (situation) {
        case MISSING: break;
        case CHANGED: make_changed(b, i); break;
        case TO_RELEASE: make_held(b, i, false); break;
        case CARRIER_OFF: make_held(b, i, true); break;
        case HALF_MADE: make_half(b, i); break;
        case ORPHANED:
                w->device = NULL;
                w->remove = true;
                own(b, i, add_link(b, "dev", i)->ifindex, false);
                break;
        case UNRESOLVED: w->error = (char *) "user 'gone' does not exist"; break;
        case FINE: give_address(add_link(b, "dev", i), 1); break;
        }
}

static void compute(Bench *b, Plan *plan) {
        *plan = (Plan){};
        assert_int_equal(
                        plan_compute(&b->wants, b->have, &b->owned, (PlanOptions){ .may_hold = true }, plan),
                        0);
}

/* The executor's end of the contract: one stage a call, no more than its bound. */
static void check_batch(const Task *tasks, size_t n) {
        static const size_t bounds[_PLAN_STAGE_MAX] = {
                [PLAN_STAGE_CREATE] = 1,  [PLAN_STAGE_QUEUE] = 1, [PLAN_STAGE_LINK] = 100,
                [PLAN_STAGE_SYSCTL] = 16, [PLAN_STAGE_UP] = 100,  [PLAN_STAGE_ROUTES] = 100,
        };
        PlanStage stage = plan_op_stage(tasks[0].op);
        bool deletes = tasks[0].op->type == PLAN_DELETE;

        assert_true(n > 0 && n <= (deletes ? 24 : bounds[stage]));
        for (size_t i = 0; i < n; i++) {
                assert_int_equal(plan_op_stage(tasks[i].op), stage);
                assert_int_equal(tasks[i].op->type == PLAN_DELETE, deletes);
                assert_non_null(tasks[i].ifindex);
                assert_int_equal(tasks[i].error, 0);
                assert_null(tasks[i].text);
        }
}

static void apply(Task *tasks, size_t n, void *userdata) {
        Bench *b = userdata;

        check_batch(tasks, n);
        b->kernel.batch++;
        b->calls_up += tasks[0].op->type == PLAN_SET_UP;
        for (size_t i = 0; i < n; i++) {
                tasks[i].error = fake_kernel_apply(&b->kernel, tasks[i].op, tasks[i].ifindex);
                if (tasks[i].error < 0 && asprintf(&tasks[i].text, "call %zu", b->kernel.n_calls) < 0)
                        tasks[i].text = NULL;
        }
}

/* Plans, and executes with so much time a turn. Returns the number of turns. */
static size_t execute(Bench *b, uint64_t budget, Executor **ret) {
        size_t turns = 1;
        Plan plan;

        compute(b, &plan);
        assert_int_equal(executor_new(&plan, apply, b, ret), 0);
        assert_null(plan.ops); /* taken over */
        while (executor_run(*ret, budget) > 0)
                turns++;
        assert_int_equal(executor_run(*ret, budget), 0);
        return turns;
}

static const Outcome *outcome_of(const Executor *e, const char *name) {
        const Outcome *outcomes;
        size_t n;

        outcomes = executor_outcomes(e, &n);
        for (size_t i = 0; i < n; i++)
                if (strcmp(outcomes[i].want->name, name) == 0)
                        return outcomes + i;
        fail_msg("no outcome for %s", name);
        return NULL;
}

/* All is as wanted, and the outcome says so. */
static void check_success(Bench *b, const Executor *e, size_t i) {
        const Outcome *o = outcome_of(e, b->names[i]);
        _cleanup_(plan_done) Plan rest = {};

        assert_null(o->failed);
        assert_int_equal(o->error, 0);
        assert_null(o->text);
        assert_non_null(snapshot_by_name(b->have, b->names[i]));
        assert_int_equal(o->ifindex, snapshot_by_name(b->have, b->names[i])->ifindex);
        assert_int_equal(plan_device(b->items + i, &b->wants, b->have, &b->owned,
                                     (PlanOptions){ .may_hold = true }, &rest),
                         0);
        assert_int_equal(rest.n, 0);
}

static PlanStage stage_of(const FakeCall *call) {
        return plan_op_stage(&(PlanOp){ .type = call->type, .setting = call->setting });
}

/* After its first failure nothing of a later stage is done, and where operations are done one by one,
 * nothing at all. Messages of one netlink batch are on their way together (design D16). */
static void check_stopped(const Bench *b, const char *name, const Outcome *o) {
        bool failed = false;

        for (size_t i = 0; i < b->kernel.n_calls; i++) {
                const FakeCall *call = b->kernel.calls + i;
                PlanStage stage = stage_of(call);

                if (strcmp(call->device, name) != 0)
                        continue;
                if (failed) {
                        if (stage <= PLAN_STAGE_QUEUE)
                                print_error("%d after %d failed\n", call->type, o->failed->type);
                        assert_true(stage > PLAN_STAGE_QUEUE);
                        assert_int_equal(stage, plan_op_stage(o->failed));
                }
                if (!failed && call->error < 0) {
                        failed = true;
                        assert_int_equal(call->type, o->failed->type);
                        assert_int_equal(call->error, o->error);
                }
        }
        assert_true(failed);
}

static void test_stages(void **state _unused_) {
        _cleanup_(executor_freep) Executor *e = NULL;
        _cleanup_(bench_done) Bench b;
        PlanStage stage = PLAN_STAGE_CREATE;

        bench_init(&b);
        for (Situation s = MISSING; s <= HALF_MADE; s++)
                for (size_t i = 0; i < 5; i++)
                        add_device(&b, s);
        assert_int_equal(execute(&b, UINT64_MAX, &e), 2); /* when all is created, and when all is done */

        for (size_t i = 0; i < b.kernel.n_calls; i++) {
                assert_true(stage_of(b.kernel.calls + i) >= stage);
                stage = stage_of(b.kernel.calls + i);
                assert_int_equal(b.kernel.calls[i].error, 0);
        }
        assert_int_equal(stage, PLAN_STAGE_UP);
        for (size_t i = 0; i < b.wants.n; i++)
                check_success(&b, e, i);
}

/* Within a stage devices keep the order of the plan. */
static void test_order_in_stage(void **state _unused_) {
        _cleanup_(executor_freep) Executor *e = NULL;
        _cleanup_(bench_done) Bench b;

        bench_init(&b);
        for (size_t i = 0; i < 12; i++)
                add_device(&b, CHANGED);
        execute(&b, UINT64_MAX, &e);

        for (size_t i = 1; i < b.kernel.n_calls; i++) {
                const FakeCall *x = b.kernel.calls + i - 1, *y = x + 1;

                if (stage_of(x) == stage_of(y))
                        assert_true(strcmp(x->device, y->device) <= 0);
                if (strcmp(x->device, y->device) == 0)
                        assert_true(x->type < y->type || (x->type == y->type && x->setting < y->setting));
        }
}

static void test_deletions(void **state _unused_) {
        _cleanup_(executor_freep) Executor *e = NULL;
        _cleanup_(bench_done) Bench b;
        ExecutorProgress p;
        Plan plan;

        bench_init(&b);
        for (size_t i = 0; i < 38; i++)
                add_device(&b, ORPHANED);
        add_device(&b, HALF_MADE); /* its deletion goes with the others, not its creation */
        b.kernel.fault = (FakeFault){ .type = PLAN_DELETE, .device = b.names[7], .error = -EPERM };
        compute(&b, &plan);
        assert_int_equal(executor_new(&plan, apply, &b, &e), 0);

        for (size_t i = 0; executor_run(e, 0) > 0; i++) {
                p = executor_progress(e);
                if (i < 2) {
                        assert_int_equal(p.phase, i == 0 ? EXECUTOR_REMOVING : EXECUTOR_CREATING);
                        assert_int_equal(p.done, i == 0 ? 24 : 0);
                        assert_int_equal(p.total, i == 0 ? 39 : 1);
                }
        }
        p = executor_progress(e);
        assert_int_equal(p.phase, EXECUTOR_SETTING_UP);
        assert_int_equal(p.total, 39);
        assert_int_equal(p.done, 38);

        assert_int_equal(b.kernel.calls[23].batch, b.kernel.calls[0].batch);
        assert_int_equal(b.kernel.calls[38].batch, b.kernel.calls[24].batch);
        assert_int_equal(b.kernel.calls[38].type, PLAN_DELETE);
        for (size_t i = 0; i < 38; i++) {
                assert_int_equal(outcome_of(e, b.names[i])->error, i == 7 ? -EPERM : 0);
                assert_true(!!snapshot_by_name(b.have, b.names[i]) == (i == 7));
        }
        check_success(&b, e, 38);
}

/* Of each phase the numbers only grow. */
static void test_progress(void **state _unused_) {
        static const Situation situations[] = { ORPHANED, MISSING, CHANGED };

        for (size_t s = 0; s < ELEMENTSOF(situations); s++) {
                _cleanup_(executor_freep) Executor *e = NULL;
                _cleanup_(bench_done) Bench b;
                ExecutorProgress last = {}, p;
                Plan plan;

                bench_init(&b);
                for (size_t i = 0; i < DEVICES_MAX; i++)
                        add_device(&b, situations[s]);
                compute(&b, &plan);
                assert_int_equal(executor_new(&plan, apply, &b, &e), 0);

                last = executor_progress(e);
                assert_int_equal(last.phase, s);
                assert_int_equal(last.total, DEVICES_MAX);
                assert_int_equal(last.done, 0);
                while (executor_run(e, 0) > 0) {
                        p = executor_progress(e);
                        assert_true(p.phase == last.phase ? p.done >= last.done : p.phase > last.phase);
                        assert_int_equal(p.total, DEVICES_MAX);
                        assert_true(p.done < p.total);
                        last = p;
                }
                p = executor_progress(e);
                assert_int_equal(p.phase, EXECUTOR_SETTING_UP);
                assert_int_equal(p.done, DEVICES_MAX);
        }
}

static void test_batches(void **state _unused_) {
        _cleanup_(executor_freep) Executor *e = NULL;
        _cleanup_(bench_done) Bench b;
        size_t last = 0, n = 0;

        bench_init(&b);
        for (size_t i = 0; i < DEVICES_MAX; i++)
                add_device(&b, MISSING);
        execute(&b, UINT64_MAX, &e);

        /* The first two devices go alone; a kernel as quick as this one then gets more at a time. */
        assert_true(b.calls_up < DEVICES_MAX / 2);
        for (size_t i = 0; i < b.kernel.n_calls; i++) {
                const FakeCall *call = b.kernel.calls + i;

                if (call->type == PLAN_SET_UP) {
                        assert_true(last == 0 || call->batch >= last);
                        last = call->batch;
                }
                if (call->type != PLAN_ADD_ADDRESS)
                        continue;
                /* Right behind its own up. */
                assert_string_equal(b.kernel.calls[i - 1].device, call->device);
                n++;
        }
        assert_int_equal(n, DEVICES_MAX);
}

static void test_created(void **state _unused_) {
        _cleanup_(executor_freep) Executor *e = NULL;
        _cleanup_(bench_done) Bench b;
        size_t n = 0;
        Plan plan;

        bench_init(&b);
        for (size_t i = 0; i < 20; i++)
                add_device(&b, i % 2 ? MISSING : HALF_MADE);
        compute(&b, &plan);
        assert_int_equal(executor_new(&plan, apply, &b, &e), 0);

        do {
                n = 0;
                for (size_t i = 0; i < b.kernel.n_calls; i++)
                        n += b.kernel.calls[i].type == PLAN_CREATE;
                assert_int_equal(executor_created(e), n == 20);
        } while (executor_run(e, 0) > 0);
        assert_true(executor_created(e));
        for (size_t i = 0; i < b.wants.n; i++)
                assert_true(outcome_of(e, b.names[i])->created);
}

static void test_created_without_creates(void **state _unused_) {
        _cleanup_(executor_freep) Executor *e = NULL;
        _cleanup_(bench_done) Bench b;
        Plan plan;

        bench_init(&b);
        add_device(&b, TO_RELEASE);
        compute(&b, &plan);
        assert_int_equal(executor_new(&plan, apply, &b, &e), 0);
        assert_true(executor_created(e));
        assert_int_equal(executor_run(e, UINT64_MAX), 0);
        assert_false(outcome_of(e, "dev00")->created);
}

static void add_mixture(Bench *b) {
        for (size_t i = 0; i < 3; i++)
                for (Situation s = MISSING; s <= FINE; s++)
                        add_device(b, s);
}

static void check_same_outcomes(const Executor *x, const Executor *y) {
        const Outcome *a, *b;
        size_t n, m;

        a = executor_outcomes(x, &n);
        b = executor_outcomes(y, &m);
        assert_int_equal(n, m);
        for (size_t i = 0; i < n; i++) {
                assert_string_equal(a[i].want->name, b[i].want->name);
                assert_int_equal(a[i].ifindex, b[i].ifindex);
                assert_int_equal(a[i].created, b[i].created);
                assert_int_equal(a[i].error, b[i].error);
                assert_string_equal(a[i].text ?: "", b[i].text ?: "");
                assert_int_equal(!!a[i].failed, !!b[i].failed);
                if (a[i].failed)
                        assert_int_equal(a[i].failed->type, b[i].failed->type);
        }
}

/* How many are brought up at once depends on the time that takes: from then on batches are not compared. */
static void check_same_calls(const FakeKernel *a, const FakeKernel *b) {
        bool timed = false;

        assert_int_equal(a->n_calls, b->n_calls);
        for (size_t i = 0; i < a->n_calls; i++) {
                const FakeCall *x = a->calls + i, *y = b->calls + i;

                assert_string_equal(x->device, y->device);
                assert_int_equal(x->type, y->type);
                assert_int_equal(x->ifindex, y->ifindex);
                timed = timed || plan_op_stage(&(PlanOp){ .type = x->type }) >= PLAN_STAGE_UP;
                assert_true(timed || x->batch == y->batch);
                assert_int_equal(x->error, y->error);
        }
}

/* One batch a turn, or all in one: the same calls, the same outcome. */
static void test_resume(void **state _unused_) {
        for (size_t nth = 0; nth < 60; nth += 7) {
                _cleanup_(executor_freep) Executor *whole = NULL, *sliced = NULL;
                _cleanup_(bench_done) Bench a, b;

                bench_init(&a);
                bench_init(&b);
                add_mixture(&a);
                add_mixture(&b);
                a.kernel.fault = b.kernel.fault = (FakeFault){ .nth = nth, .error = nth > 0 ? -EPERM : 0 };

                assert_int_equal(execute(&a, UINT64_MAX, &whole), 2);
                assert_true(execute(&b, 0, &sliced) > 5);

                check_same_calls(&a.kernel, &b.kernel);
                check_same_outcomes(whole, sliced);
        }
}

static void test_findings_are_skipped(void **state _unused_) {
        _cleanup_(executor_freep) Executor *e = NULL;
        _cleanup_(bench_done) Bench b;
        const Outcome *outcomes;
        size_t n;

        bench_init(&b);
        add_device(&b, UNRESOLVED);
        add_device(&b, FINE);
        add_device(&b, UNRESOLVED);
        assert_int_equal(execute(&b, 0, &e), 1);

        assert_int_equal(b.kernel.n_calls, 0);
        assert_true(executor_created(e));
        outcomes = executor_outcomes(e, &n);
        assert_int_equal(n, 2); /* nothing was planned for the fine one */
        for (size_t i = 0; i < n; i++) {
                assert_null(outcomes[i].failed);
                assert_false(outcomes[i].created);
        }
}

static void test_empty_plan(void **state _unused_) {
        _cleanup_(executor_freep) Executor *e = NULL;
        Plan plan = {};
        size_t n = 7;

        assert_int_equal(executor_new(&plan, apply, NULL, &e), 0);
        assert_true(executor_created(e));
        assert_int_equal(executor_run(e, 0), 0);
        assert_int_equal(executor_run(e, UINT64_MAX), 0);
        executor_outcomes(e, &n);
        assert_int_equal(n, 0);
        assert_null(executor_free(NULL));
}

/* What is left of a plan that was never run is freed with it. */
static void test_freed_midway(void **state _unused_) {
        _cleanup_(executor_freep) Executor *e = NULL;
        _cleanup_(bench_done) Bench b;
        Plan plan;

        bench_init(&b);
        add_mixture(&b);
        b.kernel.fault = (FakeFault){ .nth = 1, .error = -EPERM };
        compute(&b, &plan);
        assert_int_equal(executor_new(&plan, apply, &b, &e), 0);
        assert_int_equal(executor_run(e, 0), 1);
}

/* One operation of one device fails; the situation is one in which it is planned. */
typedef struct FaultRow {
        const char *name;
        PlanOpType type;
        Situation situation;
        int error;
        Setting setting;
} FaultRow;

static const FaultRow fault_rows[] = {
        { "failing delete", PLAN_DELETE, HALF_MADE, -EPERM },
        { "failing create", PLAN_CREATE, MISSING, -EACCES },
        { "failing create after delete", PLAN_CREATE, HALF_MADE, -EBUSY },
        { "failing rename", PLAN_RENAME, CHANGED, -EBUSY },
        { "failing set-persist", PLAN_SET_PERSIST, CHANGED, -EPERM },
        { "failing set-flags", PLAN_SET_FLAGS, CHANGED, -EBUSY },
        { "failing set-owner", PLAN_SET_OWNER, CHANGED, -EINVAL },
        { "failing set-group", PLAN_SET_GROUP, CHANGED, -EINVAL },
        { "failing hold", PLAN_HOLD, CHANGED, -E2BIG },
        { "failing release", PLAN_RELEASE, TO_RELEASE, -EIO },
        { "failing raise-carrier", PLAN_RAISE_CARRIER, CARRIER_OFF, -EPERM },
        { "failing set-mtu", PLAN_SET, CHANGED, -EINVAL, SETTING_MTU },
        { "failing set-mtu of a new device", PLAN_SET, MISSING, -ENODEV, SETTING_MTU },
        { "failing set-mac", PLAN_SET, CHANGED, -EADDRNOTAVAIL, SETTING_MAC_ADDRESS },
        { "failing set-up", PLAN_SET_UP, CHANGED, -ENETDOWN },
        { "failing set-up of a new device", PLAN_SET_UP, MISSING, -ENOMEM },
        { "failing remove-address", PLAN_REMOVE_ADDRESS, CHANGED, -EPERM },
        { "failing add-address", PLAN_ADD_ADDRESS, MISSING, -EACCES },
};

static void test_fault(void **state) {
        const FaultRow *row = *state;
        _cleanup_(executor_freep) Executor *e = NULL;
        _cleanup_(bench_done) Bench b;
        const Outcome *o;
        int before;

        bench_init(&b);
        for (size_t i = 0; i < 3; i++)
                add_device(&b, row->situation);
        b.kernel.fault = (FakeFault){
                .type = row->type, .setting = row->setting, .device = b.names[1], .error = row->error
        };
        before = row->situation == MISSING ? 0 : 11;
        execute(&b, UINT64_MAX, &e);

        check_success(&b, e, 0);
        check_success(&b, e, 2);

        o = outcome_of(e, b.names[1]);
        assert_non_null(o->failed);
        assert_int_equal(o->failed->type, row->type);
        assert_int_equal(o->error, row->error);
        assert_memory_equal(o->text, "call ", 5);
        assert_int_equal(o->created, (row->situation == MISSING || row->situation == HALF_MADE) &&
                                                     row->type > PLAN_CREATE);
        if (row->type == PLAN_CREATE)
                assert_int_equal(o->ifindex, 0); /* there is none, or none any more */
        else if (o->created)
                assert_int_equal(o->ifindex, snapshot_by_name(b.have, b.names[1])->ifindex);
        else
                assert_int_equal(o->ifindex, before);
        check_stopped(&b, b.names[1], o);
}

/* Whatever fails, it is that device's affair alone. */
static void test_every_call_may_fail(void **state _unused_) {
        for (size_t nth = 1;; nth++) {
                _cleanup_(executor_freep) Executor *e = NULL;
                _cleanup_(bench_done) Bench b;
                const Outcome *outcomes;
                size_t n, failed = 0;

                bench_init(&b);
                add_mixture(&b);
                b.kernel.fault = (FakeFault){ .nth = nth, .error = -ENOBUFS };
                execute(&b, 0, &e);
                if (nth > b.kernel.n_calls)
                        break;

                outcomes = executor_outcomes(e, &n);
                for (size_t i = 0; i < n; i++) {
                        if (!outcomes[i].failed)
                                continue;
                        assert_string_equal(outcomes[i].want->name, b.kernel.calls[nth - 1].device);
                        assert_int_equal(outcomes[i].failed->type, b.kernel.calls[nth - 1].type);
                        assert_int_equal(outcomes[i].error, -ENOBUFS);
                        check_stopped(&b, outcomes[i].want->name, outcomes + i);
                        failed++;
                }
                assert_int_equal(failed, 1);
        }
}

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(fault_rows) + 16] = {
                cmocka_unit_test(test_stages),
                cmocka_unit_test(test_order_in_stage),
                cmocka_unit_test(test_deletions),
                cmocka_unit_test(test_progress),
                cmocka_unit_test(test_batches),
                cmocka_unit_test(test_created),
                cmocka_unit_test(test_created_without_creates),
                cmocka_unit_test(test_resume),
                cmocka_unit_test(test_findings_are_skipped),
                cmocka_unit_test(test_empty_plan),
                cmocka_unit_test(test_freed_midway),
                cmocka_unit_test(test_every_call_may_fail),
        };
        size_t n = 10;

        ROWS_APPEND(tests, &n, test_fault, fault_rows, NULL);
        return _cmocka_run_group_tests("executor", tests, n, NULL, NULL);
}
