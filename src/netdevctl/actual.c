/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The order is the daemon's: files, then the links they may be for, then what these ask to be read. */

#include "actual.h"

#include <linux/if.h>
#include <string.h>

#include "base/lock-file.h"
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

static bool daemon_runs(const Options *options) {
        _cleanup_(freep) char *path = NULL;

        return asprintf(&path, "%s/" OWNED_LOCK, options->state_dir) >= 0 && lock_file_is_taken(path);
}

int actual_read(const Options *options, Actual *ret) {
        int r;

        *ret = (Actual){ .daemon_runs = daemon_runs(options) };
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

/* Only a daemon can keep queues. Which it holds only it knows, but not whether one is held: a detached queue
 * is counted, and the only one of a single-queue device makes the carrier. */
static bool lacks_held_queue(const Actual *a, const Want *want) {
        const Link *link = plan_find_link(want, a->snapshot, &a->owned);

        if (!a->daemon_runs)
                return false;
        if (!link)
                return true; /* it is held once it is made */
        if (link->tun.multi_queue)
                return link->tun.num_disabled_queues == 0;
        return (link->flags & IFF_UP) && !link->carrier;
}

static int plan_one(const Actual *a, const Want *want, Plan *plan) {
        PlanOptions options = { .may_hold = lacks_held_queue(a, want) };

        return plan_device(want, &a->wants, a->snapshot, &a->owned, options, plan);
}

int actual_plan(const Actual *a, const Want *want, Plan *plan) {
        int r;

        if (want)
                return plan_one(a, want, plan);

        r = plan_machine(&a->wants, a->snapshot, plan);
        for (size_t i = 0; r >= 0 && i < a->wants.n; i++)
                r = plan_one(a, a->wants.items + i, plan);
        return r;
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
