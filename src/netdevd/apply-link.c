/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Operations that are one rtnetlink message each, many devices a batch. */

#include <assert.h>
#include <string.h>

#include "apply.h"
#include "kernel/encode.h"

static void encode(struct nlmsghdr *nlh, const PlanOp *op, int ifindex) {
        switch (op->type) {
        case PLAN_DELETE: encode_delete_link(nlh, ifindex); break;
        case PLAN_RENAME: encode_set_name(nlh, ifindex, op->want->name); break;
        case PLAN_SET_MTU: encode_set_mtu(nlh, ifindex, op->mtu); break;
        case PLAN_SET_MAC:
                encode_set_hwaddr(nlh, ifindex, op->want->mac_address.bytes, op->want->mac_address.length);
                break;
        case PLAN_SET_UP: encode_set_flags(nlh, ifindex, IFF_UP, IFF_UP); break;
        case PLAN_REMOVE_ADDRESS: encode_delete_address(nlh, ifindex, &op->address); break;
        case PLAN_ADD_ADDRESS: encode_add_address(nlh, ifindex, &op->address); break;

        case PLAN_ERROR:
        case PLAN_CONFLICT:
        case PLAN_WAIT:
        case PLAN_CREATE:
        case PLAN_SET_FLAGS:
        case PLAN_SET_OWNER:
        case PLAN_SET_GROUP:
        case PLAN_SET_PERSIST:
        case PLAN_HOLD:
        case PLAN_RELEASE:
        case PLAN_RAISE_CARRIER: assert(!"not a netlink operation");
        }
}

/* Already as wanted is as good as done: somebody was quicker. */
static bool is_done_already(const PlanOp *op, int error) {
        return (op->type == PLAN_ADD_ADDRESS && error == -EEXIST) ||
               (op->type == PLAN_REMOVE_ADDRESS && error == -EADDRNOTAVAIL) ||
               (op->type == PLAN_DELETE && error == -ENODEV);
}

static const char *hint(const PlanOp *op, int error) {
        if (op->type == PLAN_ADD_ADDRESS && op->address.family == AF_INET6 &&
            (error == -EACCES || error == -EPERM))
                return " (is IPv6 disabled on the device? see net.ipv6.conf.*.disable_ipv6)";
        if (op->type == PLAN_RENAME && error == -EBUSY)
                return " (kernels before 6.2 rename a link only while it is down)";
        if (error == -EPERM)
                return " (CAP_NET_ADMIN is needed)";
        return "";
}

static void take_result(Task *task, const RtnlResult *result) {
        _cleanup_(freep) char *object = NULL;

        if (result->error >= 0 || is_done_already(task->op, result->error))
                return;

        task->error = result->error;
        object = plan_op_object(task->op);
        if (asprintf(&task->text, "%s %s: %s%s%s%s", plan_op_name(task->op->type), object ?: "",
                     strerror(-result->error), result->text ? ": " : "", result->text ?: "",
                     hint(task->op, result->error)) < 0)
                task->text = NULL;
}

void apply_link(Applier *a, Task *tasks, size_t n) {
        RtnlResult results[RTNL_BATCH_MAX] = {};
        int r;

        assert(n <= RTNL_BATCH_MAX);

        for (size_t i = 0; i < n; i++) {
                encode(rtnl_batch_begin(a->batch), tasks[i].op, *tasks[i].ifindex);
                rtnl_batch_end(a->batch);
        }

        r = rtnl_batch_send(a->rtnl, a->batch, results);
        for (size_t i = 0; i < n; i++) {
                if (r < 0)
                        results[i].error = r;
                take_result(tasks + i, results + i);
                free(results[i].text);
        }
}
