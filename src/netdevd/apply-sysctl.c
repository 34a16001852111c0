/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Operations that are a file below /proc/sys. */

#include <string.h>

#include "apply.h"
#include "kernel/sysctl.h"

static int write_setting(const PlanOp *op) {
        switch (op->setting) {
        case SETTING_IP_FORWARD:
        case SETTING_IPV6_FORWARD:
                return sysctl_write_forwarding(op->setting == SETTING_IPV6_FORWARD, op->value);
        case SETTING_STABLE_SECRET:
                return sysctl_write_stable_secret(op->want->name, op->want->network->stable_secret.bytes);
        default:
                return sysctl_write((LinkSysctl) (op->setting - SETTING_SYSCTL_FIRST), op->want->name,
                                    (int64_t) op->value);
        }
}

static const char *hint(int error) {
        if (error == -EROFS || error == -EACCES || error == -EPERM)
                return " (/proc/sys/net must be writable: in the unit ReadWritePaths=/proc/sys/net)";
        if (error == -ENOENT)
                return " (has the device no IPv6? see net.ipv6.conf.all.disable_ipv6, and an MTU below "
                       "1280)";
        return "";
}

void apply_sysctl(Task *task) {
        char name[PLAN_OP_NAME_MAX];
        _cleanup_(freep) char *object = NULL;
        int r;

        r = write_setting(task->op);
        if (r >= 0)
                return;

        task->error = r;
        object = plan_op_object(task->op);
        if (asprintf(&task->text, "%s %s: %s%s", plan_op_name(task->op, name), object ?: "", strerror(-r),
                     hint(r)) < 0)
                task->text = NULL;
}
