/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends each task to the file that knows its stage. Keeps what tasks of one device share while they run: a
 * spare queue, and the nursery. */

#include "apply.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int applier_init(Applier *a, Rtnl *rtnl, Queues *queues) {
        *a = APPLIER_NULL;
        a->batch = rtnl_batch_new();
        if (!a->batch)
                return -ENOMEM;

        a->rtnl = rtnl;
        a->queues = queues;
        return 0;
}

static void drop_spare(Applier *a) {
        a->spare = safe_close(a->spare);
        a->spare_device[0] = 0;
}

void applier_rest(Applier *a) {
        drop_spare(a);
        a->nursery = nursery_close(a->nursery);
        a->nursery_refused = false;
}

void applier_done(Applier *a) {
        applier_rest(a);
        a->batch = rtnl_batch_free(a->batch);
}

TunSpec apply_spec(const PlanOp *op) {
        const DeviceConfig *d = op->want->device;
        TunSpec spec = {
                .name = op->want->name,
                .tap = d->kind == KIND_TAP,
                .multi_queue = d->multi_queue,
                .packet_info = d->packet_info,
                .vnet_header = d->vnet_header,
                .owner = op->want->owner,
                .group = op->want->group,
                .napi = d->napi,
                .napi_frags = d->napi_frags,
                .vnet_header_bytes = d->vnet_header_bytes,
        };
        const WantSetting *mac = want_setting(op->want, SETTING_MAC_ADDRESS);

        spec.has_mac = mac != NULL;
        if (mac)
                setting_to_mac(mac->value, spec.mac);
        return spec;
}

static const char *remedy(int error, const char *step) {
        if (strncmp(step, "open ", 5) != 0)
                return error == -EPERM ? ": netdevd needs CAP_NET_ADMIN in the namespace of the device" : "";
        if (error == -EPERM)
                return ": the sandbox or the container must let netdevd have the device";
        if (error == -ENOENT || error == -ENODEV || error == -ENXIO)
                return ": load the module with 'modprobe tun', or let the container have the device; then "
                       "restart netdevd";
        return "";
}

void apply_fail(Task *task, int error, const char *step) {
        struct stat st;
        int r;

        task->error = error;
        if (error == -EACCES && strncmp(step, "open ", 5) == 0 && stat(TUNTAP_NODE, &st) >= 0)
                r = asprintf(&task->text,
                             "%s: %s: it has mode %04o, owner %u and group %u, and netdevd runs as uid %u; "
                             "let it read and write it, for example with 'chmod 666 " TUNTAP_NODE
                             "', which is the usual mode",
                             step, strerror(-error), st.st_mode & 07777, st.st_uid, st.st_gid, geteuid());
        else
                r = asprintf(&task->text, "%s: %s%s", step, strerror(-error), remedy(error, step));
        if (r < 0)
                task->text = NULL;
}

void applier_apply(Task *tasks, size_t n, void *userdata) {
        Applier *a = userdata;
        PlanStage stage;

        assert(n > 0);
        stage = plan_op_stage(tasks[0].op);

        if (stage == PLAN_STAGE_LINK || stage >= PLAN_STAGE_UP) {
                drop_spare(a); /* the queue stage is over */
                apply_link(a, tasks, n);
                return;
        }
        if (tasks[0].op->type == PLAN_DELETE) {
                apply_delete(a, tasks, n);
                return;
        }

        for (size_t i = 0; i < n; i++)
                if (stage == PLAN_STAGE_SYSCTL)
                        apply_sysctl(tasks + i);
                else if (stage == PLAN_STAGE_QUEUE)
                        apply_queue(a, tasks + i);
                else if (tasks[i].op->type == PLAN_CREATE)
                        apply_create(a, tasks + i);
                else
                        apply_link(a, tasks + i, 1);
}
