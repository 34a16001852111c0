/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Operations on an existing device that need one of its queues: the held one, or a spare one attached for
 * the moment. */

#include <assert.h>
#include <string.h>

#include "apply.h"
#include "kernel/encode.h"
#include "kernel/read.h"
#include "kernel/tuntap.h"

/* TUNSETIFF makes what it does not find: is the device behind the name the one the plan was made for? */
static int check_device(Applier *a, Task *task, const char **ret_step) {
        _cleanup_(link_freep) Link *link = NULL;
        int r;

        r = read_link(a->rtnl, 0, task->op->want->name, &link);
        if (r >= 0 && *task->ifindex > 0 && link->ifindex != *task->ifindex)
                r = -ENODEV; /* closing our queue removes it, if it was us who made it */
        if (r < 0)
                *ret_step = "attaching (the device went away meanwhile)";
        return r;
}

static int attach_spare(Applier *a, Task *task, const char **ret_step) {
        TunSpec spec = apply_spec(task->op);
        int r;

        /* The queue we gave up must be gone: it is the only one of a single-queue device, and while there is
         * one the flags stay. */
        r = fd_store_settle(a->store);
        if (r < 0)
                return r;

        a->spare = safe_close(a->spare);
        r = tuntap_attach(&spec, &a->spare, ret_step);
        if (r == -E2BIG) {
                r = -EBUSY;
                *ret_step = "TUNSETIFF (programs hold all 256 queues)";
        } else if (r == -EBUSY)
                *ret_step = "TUNSETIFF (a program holds the only queue)";
        if (r >= 0)
                r = check_device(a, task, ret_step);
        if (r < 0) {
                a->spare = safe_close(a->spare);
                return r;
        }

        memcpy(a->spare_device, task->op->want->name, strlen(task->op->want->name) + 1);
        return 0;
}

/* Some queue of the device, owned elsewhere. */
static int get_queue(Applier *a, Task *task, const char **ret_step) {
        int fd = queues_get(a->queues, task->op->want->name), r;

        if (fd >= 0)
                return fd;

        if (a->spare < 0 || strcmp(a->spare_device, task->op->want->name) != 0) {
                r = attach_spare(a, task, ret_step);
                if (r < 0)
                        return r;
        }
        return a->spare;
}

/* After every attach: what did we really get? */
static int check_flags(Applier *a, Task *task, const char **ret_step) {
        TunSpec spec = apply_spec(task->op);
        _cleanup_(link_freep) Link *link = NULL;
        int r;

        r = read_link(a->rtnl, *task->ifindex, spec.name, &link);
        if (r < 0) {
                *ret_step = "reading the flags of the device";
                return r;
        }
        if (link->tun.pi == spec.packet_info && link->tun.vnet_hdr == spec.vnet_header)
                return 0;

        *ret_step = "TUNSETIFF (another program attached first, and its PacketInfo and VNetHeader count)";
        return -EBUSY;
}

/* Only the first queue of an idle device sets its flags. */
static int set_flags(Applier *a, Task *task, const char **ret_step) {
        TunSpec spec = apply_spec(task->op);
        int r;

        queues_drop(a->queues, spec.name);
        r = attach_spare(a, task, ret_step);
        if (r >= 0)
                r = check_flags(a, task, ret_step);
        if (r >= 0 && task->op->hold)
                r = queues_put(a->queues, spec.name, take_fd(&a->spare));
        return r;
}

static int hold(Applier *a, Task *task, const char **ret_step) {
        int r;

        r = get_queue(a, task, ret_step);
        if (r < 0)
                return r;
        if (r != a->spare) /* held since set-flags */
                return 0;

        r = check_flags(a, task, ret_step);
        return r < 0 ? r : queues_put(a->queues, task->op->want->name, take_fd(&a->spare));
}

/* The kernel does it where a queue is attached, as the program's is: ours need not take packets from it. */
static int raise_beside_program(Applier *a, Task *task, const char **ret_step) {
        *ret_step = "raising the carrier";
        encode_set_carrier(rtnl_batch_begin(a->batch), *task->ifindex, true);
        return rtnl_batch_send_one(a->rtnl, a->batch, NULL);
}

static int run(Applier *a, Task *task, const char **ret_step) {
        const PlanOp *op = task->op;
        int fd;

        if (op->type == PLAN_RELEASE) {
                queues_drop(a->queues, op->want->name);
                return 0;
        }
        if (op->type == PLAN_SET_FLAGS)
                return set_flags(a, task, ret_step);
        if (op->type == PLAN_HOLD)
                return hold(a, task, ret_step);
        if (op->type == PLAN_RAISE_CARRIER && op->beside_program)
                return raise_beside_program(a, task, ret_step);

        fd = get_queue(a, task, ret_step);
        if (fd < 0)
                return fd;
        if (op->type == PLAN_SET_OWNER)
                return tuntap_set_owner(fd, op->want->owner, ret_step);
        if (op->type == PLAN_SET_GROUP)
                return tuntap_set_group(fd, op->want->group, ret_step);
        if (op->type == PLAN_SET_PERSIST)
                return tuntap_set_persist(fd, true, ret_step);
        if (op->type == PLAN_SET_VNET_HEADER_BYTES)
                return tuntap_set_vnet_header_bytes(fd, (unsigned) op->value, ret_step);

        assert(op->type == PLAN_RAISE_CARRIER);
        return tuntap_raise_carrier(fd, ret_step);
}

void apply_queue(Applier *a, Task *task) {
        const char *step = "holding a queue";
        int r;

        r = run(a, task, &step);
        if (r == -EAGAIN)
                task->error = r; /* nothing is decided */
        else if (r < 0)
                apply_fail(task, r, step);
}
