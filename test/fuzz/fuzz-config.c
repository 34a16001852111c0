/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Any bytes as a .netdev and as a .network file, up to the plan: what is loaded must join, plan and print
 * without a fault, and a plan computed twice must be the same. */

#include <string.h>
#include <sys/mman.h>

#include "config/config-file.h"
#include "plan/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int resolve(const char *name, int64_t *ret, void *userdata _unused_) {
        if (strcmp(name, "root") != 0)
                return -ESRCH;
        *ret = 0;
        return 0;
}

static void check_plan(const Config *config) {
        Resolver resolver = { .user = resolve, .group = resolve };
        _cleanup_(snapshot_freep) Snapshot *snapshot = snapshot_new();
        _cleanup_(plan_done) Plan a = {}, b = {};
        _cleanup_(freep) char *first = NULL, *second = NULL;
        _cleanup_(wants_done) Wants wants = {};
        _cleanup_(diag_done) Diagnostics diag = {};
        Owned owned = {};

        if (wants_build(config, NULL, snapshot, &resolver, &diag, &wants) < 0 ||
            plan_compute(&wants, snapshot, &owned, (PlanOptions){ .may_hold = true }, &a) < 0 ||
            plan_compute(&wants, snapshot, &owned, (PlanOptions){ .may_hold = true }, &b) < 0)
                abort();
        first = plan_format(&a);
        second = plan_format(&b);
        if (strcmp(first, second) != 0)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(close_fdp) int fd = memfd_create("fuzz", MFD_CLOEXEC);
        _cleanup_(diag_done) Diagnostics diag = {};
        Host host = { .hostname = (char *) "fuzz", .kernel_release = (char *) "6.1.0" };
        LoadContext context = { .host = &host };
        DeviceConfig *device = NULL;
        NetworkConfig *network = NULL;
        Config config = { .devices = &device, .networks = &network };
        char path[64], *skipped[2] = {};

        if (fd < 0 || write(fd, data, size) != (ssize_t) size)
                abort();
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

        config.n_devices = device_config_load(&(LookupFile){ .name = (char *) "x.netdev", .path = path },
                                              &context, &diag, &device, skipped) > 0;
        config.n_networks = network_config_load(&(LookupFile){ .name = (char *) "x.network", .path = path },
                                                &context, &diag, &network, skipped + 1) > 0;
        check_plan(&config);

        device_config_free(device);
        network_config_free(network);
        free(skipped[0]);
        free(skipped[1]);
        return 0;
}
