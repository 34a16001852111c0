/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The order is the daemon's: files, then the links they may be for, then what these ask to be read. */

#include "actual.h"

#include <string.h>

#include "config/keys.h"
#include "kernel/netns.h"
#include "problems.h"

/* Which links there are decides which files are for them, and that what else is to be read. */
static int read_kernel(Rtnl *rtnl, Actual *a) {
        _cleanup_(snapshot_freep) Snapshot *links = NULL;
        ReadOptions options = {};
        int r;

        r = snapshot_read(rtnl, &options, &links);
        if (r >= 0)
                r = wants_build(a->config, a->environment.settings, links, &a->environment.resolver,
                                &a->diagnostics, &a->wants);
        if (r >= 0)
                r = wants_add_rest(&a->wants, &a->owned, a->environment.settings->remove_undeclared);
        if (r < 0)
                return r;

        options = wants_read_options(&a->wants, &a->owned, a->protocols);
        return snapshot_read(rtnl, &options, &a->snapshot);
}

static int read_all(const Options *options, Actual *a) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = NULL;
        uint64_t netns;
        int r;

        r = config_load(environment_dirs(&a->environment, options), a->environment.host,
                        a->environment.settings, &a->diagnostics, &a->config);
        if (r < 0) {
                problems_print(stderr, &a->diagnostics, SEVERITY_ERROR);
                (void) ctl_error(r, "no configuration could be loaded");
                return r;
        }

        r = rtnl_open(&rtnl);
        if (r >= 0)
                r = netns_identify(rtnl_fd(rtnl), &netns);
        if (r < 0) {
                (void) ctl_error(r, "cannot ask the kernel");
                return r;
        }

        r = owned_read(&a->owned, options->state_dir, netns);
        if (r < 0)
                ctl_note("netdevctl: the record %s/links cannot be read (%s), so what netdevd made counts "
                         "as made "
                         "by others",
                         options->state_dir, strerror(-r));

        r = read_kernel(rtnl, a);
        if (r < 0)
                (void) ctl_error(r, "cannot read what the kernel has");
        return r;
}

int actual_read(const Options *options, Actual *ret) {
        int r;

        *ret = (Actual){};
        r = environment_read(&ret->environment);
        if (r >= 0)
                r = read_all(options, ret);
        if (r < 0)
                actual_done(ret);
        return r;
}

void actual_done(Actual *a) {
        snapshot_free(a->snapshot);
        wants_done(&a->wants);
        owned_done(&a->owned);
        config_free(a->config);
        environment_done(&a->environment);
        diag_done(&a->diagnostics);
        *a = (Actual){};
}

int actual_plan(const Actual *a, const Want *want, Plan *plan) {
        if (want)
                return plan_device(want, &a->wants, a->snapshot, &a->owned, (PlanOptions){}, plan);
        return plan_compute(&a->wants, a->snapshot, &a->owned, (PlanOptions){}, plan);
}

const Want *actual_find(const Actual *a, const char *name) {
        const Want *want = wants_find(&a->wants, name);
        char **names = NULL;
        const char *near;

        if (want)
                return want;

        for (size_t i = 0; i < a->wants.n; i++)
                if (strv_append(&names, a->wants.items[i].name) < 0)
                        break;
        near = suggest(name, names);
        if (near)
                (void) ctl_error(0, "no file declares or names '%s': did you mean '%s'?", name, near);
        else
                (void) ctl_error(0, "no file declares or names '%s'", name);
        strv_free(names);
        return NULL;
}
