/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Setting up, loading, and what a reload replaces. */

#include "manager.h"

#include <inttypes.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/log.h"
#include "bus/bus.h"
#include "config/lookup.h"
#include "kernel/netns.h"
#include "monitor.h"
#include "plan/resolve.h"
#include "reconcile.h"
#include "record.h"

Manager *manager_free(Manager *m) {
        Device *d, *next;

        if (!m)
                return NULL;

        if (m->config)
                reconcile_abort(m);
        applier_done(&m->applier);
        bus_free(m->bus);
        HASH_ITER(hh, m->devices, d, next) {
                HASH_DEL(m->devices, d);
                device_free(d);
        }

        sd_event_source_unref(m->event_source);
        sd_event_source_unref(m->post_source);
        sd_event_source_unref(m->more_source);
        sd_event_source_unref(m->retry_source);
        sd_event_source_unref(m->grace_source);
        sd_event_source_unref(m->status_source);
        sd_event_unref(m->event);

        fd_store_free(m->store);
        queues_free(m->queues);
        owned_done(&m->owned);
        snapshot_free(m->snapshot);
        safe_close(m->events_fd);
        safe_close(m->state_lock);
        rtnl_close(m->rtnl);
        wants_done(&m->wants);
        config_free(m->config);
        diag_done(&m->diagnostics);
        strv_free(m->given_dirs);
        strv_free(m->pruned);
        settings_free(m->settings);
        device_free(m->machine);
        free(m->state_dir);
        free(m);
        return NULL;
}

static int open_kernel(Manager *m) {
        int r;

        r = rtnl_open(&m->rtnl);
        if (r < 0)
                return log_error_errno(r, "Cannot open an rtnetlink socket: %m");

        r = netns_identify(rtnl_fd(m->rtnl), &m->netns);
        if (r < 0)
                return log_error_errno(r, "Cannot tell which network namespace this is: %m");

        m->snapshot = snapshot_new();
        return m->snapshot ? 0 : log_oom();
}

static int open_store(Manager *m) {
        int r;

        m->store = fd_store_new(m->queues);
        if (!m->store)
                return log_oom();
        m->applier.store = m->store;

        r = fd_store_take(m->store, &m->owned, rtnl_fd(m->rtnl));
        return r < 0 ? log_error_errno(r, "Cannot take back what the service manager kept: %m") : 0;
}

int manager_new(char *const *config_dirs, const char *state_dir, bool may_hold, Manager **ret) {
        _cleanup_(manager_freep) Manager *m = calloc(1, sizeof(Manager));
        int r = 0;

        if (!m)
                return log_oom();
        m->events_fd = -EBADF;
        m->state_lock = -EBADF;
        m->applier = APPLIER_NULL;
        m->online_state = "";
        m->operational_state = OPERATIONAL_OFF;
        m->may_hold = may_hold;

        for (char *const *d = config_dirs; r >= 0 && d && *d; d++)
                r = strv_append(&m->given_dirs, *d);
        m->state_dir = strdup(state_dir);
        m->queues = queues_new();
        m->machine = device_new(plan_machine_want.name);
        if (r < 0 || !m->state_dir || !m->queues || !m->machine)
                return log_oom();
        m->machine->want = &plan_machine_want;

        r = sd_event_default(&m->event);
        if (r < 0)
                return log_error_errno(r, "Cannot make an event loop: %m");

        r = open_kernel(m);
        if (r < 0)
                return r;
        if (applier_init(&m->applier, m->rtnl, m->queues) < 0)
                return log_oom();
        m->applier.on_born = record_born;
        m->applier.userdata = m;

        record_open(m);
        r = may_hold ? open_store(m) : 0;
        if (r < 0)
                return r;
        *ret = TAKE_PTR(m);
        return 0;
}

Device *manager_device(const Manager *m, const char *name) {
        Device *d;

        HASH_FIND_STR(m->devices, name, d);
        return d;
}

Device *manager_device_by_index(const Manager *m, int ifindex) {
        Device *d, *next;

        HASH_ITER(hh, m->devices, d, next)
                if (d->ifindex == ifindex && ifindex > 0)
                        return d;
        return NULL;
}

int manager_device_status(const Manager *m, const Device *d, Status *ret) {
        const Link *link = d == m->machine ? NULL : manager_device_link(m, d);

        return device_status(d, link, queues_get(m->queues, d->name) >= 0, ret);
}

/* The most any link but the loopback has, whoever manages it: networkd's rule. */
static OperationalState machine_state(const Manager *m) {
        OperationalState most = OPERATIONAL_OFF;

        for (size_t i = 0; i < m->snapshot->n_links; i++) {
                const Link *link = m->snapshot->by_index[i];

                if (most == OPERATIONAL_ROUTABLE) /* there is no more */
                        break;
                if (!(link->flags & IFF_LOOPBACK) && link_operational_state(link) > most)
                        most = link_operational_state(link);
        }
        return most;
}

static const char *online_state(const Manager *m) {
        unsigned online = 0, offline = 0;
        Device *d, *next;

        HASH_ITER(hh, m->devices, d, next) {
                online += d->required_for_online && d->online;
                offline += d->required_for_online && !d->online;
        }

        if (online > 0)
                return offline > 0 ? "partial" : "online";
        return offline > 0 ? "offline" : "";
}

bool manager_summarize(Manager *m) {
        OperationalState operational = machine_state(m);
        const char *online = online_state(m);
        bool changed = operational != m->operational_state || strcmp(online, m->online_state) != 0;

        m->operational_state = operational;
        m->online_state = online;
        return changed;
}

/* Whose word counts: the command line's, netdevd.conf's, or ours. */
static const char *const *config_dirs(const Manager *m, const Settings *settings) {
        if (m->given_dirs)
                return (const char *const *) m->given_dirs;
        return settings->directories ? (const char *const *) settings->directories : lookup_default_dirs;
}

/* Joins the files with the links there are; problems go to diag. */
static int build_wants(const Manager *m, const Config *config, const Settings *settings, Diagnostics *diag,
                       Wants *ret) {
        _cleanup_(resolver_freep) ResolveCache *cache = NULL;
        _cleanup_(wants_done) Wants wants = {};
        Resolver resolver;
        int r;

        r = resolver_new(&resolver, &cache);
        if (r >= 0)
                r = wants_build(config, settings, m->snapshot, &resolver, diag, &wants);
        if (r >= 0)
                r = wants_add_rest(&wants, &m->owned, m->prune || settings->remove_undeclared);
        if (r < 0)
                return r;

        *ret = wants;
        wants = (Wants){};
        return 0;
}

/* Sets *gone when the previous configuration has given away what the new one cannot say. */
static int load(Manager *m, Settings **ret_settings, Config **ret_config, Wants *ret_wants,
                Diagnostics *diag, bool *gone) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(host_freep) Host *host = NULL;
        int r;

        r = settings_load(settings_default_dirs, diag, &settings);
        if (r >= 0)
                r = host_read(&host);
        if (r >= 0)
                r = config_load(config_dirs(m, settings), host, settings, diag, &config);
        if (r >= 0 && m->config) {
                *gone = !!config->failed;
                r = config_inherit(config, m->config);
        }
        if (r >= 0)
                r = build_wants(m, config, settings, diag, ret_wants);
        if (r < 0)
                return r;

        *ret_settings = TAKE_PTR(settings);
        *ret_config = TAKE_PTR(config);
        return 0;
}

static bool is_same(const Diagnostic *a, const Diagnostic *b) {
        return a->line == b->line && a->severity == b->severity &&
               strcmp(a->path ?: "", b->path ?: "") == 0 && strcmp(a->text, b->text) == 0;
}

/* What costs no file is said once, and not at each reload. */
static bool was_said(const Diagnostics *before, const Diagnostic *d) {
        for (size_t i = 0; d->severity != SEVERITY_ERROR && i < before->n; i++)
                if (is_same(before->items + i, d))
                        return true;
        return false;
}

static void log_diagnostics(const Diagnostics *diag, const Diagnostics *before) {
        for (size_t i = 0; i < diag->n; i++)
                if (!was_said(before, diag->items + i))
                        log_diagnostic(diag->items + i);
        if (diag->dropped > 0)
                log_warning("%zu more problems with the configuration are not listed", diag->dropped);
}

/* Plans point into the wants. */
static void forget_wants(Manager *m) {
        Device *d, *next;

        HASH_ITER(hh, m->devices, d, next) {
                plan_done(&d->plan);
                d->want = NULL;
        }
        plan_done(&m->machine->plan);
        wants_done(&m->wants);
}

/* Everything that points into the configuration goes with it. */
static void forget_configuration(Manager *m) {
        forget_wants(m);
        m->config = config_free(m->config);
        m->settings = settings_free(m->settings);
}

static void use_read_options(Manager *m) {
        m->read_options = wants_read_options(&m->wants, &m->owned, m->protocols);
        monitor_join_items(m);
}

int manager_rebuild(Manager *m) {
        _cleanup_(diag_done) Diagnostics said_before = {};
        Device *d, *next;
        Wants wants = {};
        int r;

        r = build_wants(m, m->config, m->settings, &said_before, &wants);
        if (r < 0)
                return r;

        HASH_ITER(hh, m->devices, d, next) {
                const Want *want = wants_find(&wants, d->name);

                /* Another file is for it now, or none. */
                if (want &&
                    (!d->want || want->network != d->want->network || want->remove != d->want->remove))
                        d->pending = true;
                d->rejoined = want || d->want; /* what no file spoke of, nor does, stays as it is */
        }
        forget_wants(m);
        m->wants = wants;
        HASH_ITER(hh, m->devices, d, next)
                d->want = wants_find(&m->wants, d->name);
        m->machine->pending = true; /* rules of a file that is for no link any more go */
        use_read_options(m);
        return 0;
}

void manager_reconfigure(Manager *m, Device *d, bool recreate) {
        d->pending = !!d->want;
        d->recreate = recreate;
        d->throttled = false;
        d->repairs = 0;
        device_clear_error(d);
        device_forget_rounds(d);
        monitor_mark_all(m); /* queues and owners change without an event, and routes are nobody's */
}

int manager_prune(Manager *m) {
        int r = 0;

        if (!m->config || !m->wants.complete)
                return -EBUSY;

        reconcile_abort(m);
        m->pruned = strv_free(m->pruned);
        for (size_t i = 0; r >= 0 && i < m->owned.n; i++) {
                const Want *want = wants_find(&m->wants, m->owned.items[i].name);

                if (m->owned.items[i].made && !(want && want->device))
                        r = strv_append(&m->pruned, m->owned.items[i].name);
        }

        m->prune = r >= 0; /* what is joined anew meanwhile prunes too */
        if (r >= 0)
                r = manager_rebuild(m);
        monitor_mark_all(m);
        return r;
}

static void apply_settings(const Manager *m) {
        if (m->settings->log_level >= 0 && !m->log_level_given)
                log_set_max_level(m->settings->log_level);
}

/* As Type=notify-reload wants it, see sd_notify(3); READY=1 follows when all is as the new files say. */
static void be_reloading(Manager *m) {
        char text[80]; /* as in progress.c: sd_notifyf() needs memory */

        if (!m->ready)
                return;
        m->ready = false;
        (void) snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=Reloading",
                        now_usec());
        (void) sd_notify(false, text);
}

int manager_reload(Manager *m) {
        _cleanup_(diag_done) Diagnostics diag = {};
        Settings *settings = NULL;
        Config *config = NULL;
        Device *d, *next;
        Wants wants = {};
        bool gone = !m->config;
        int r;

        be_reloading(m);
        reconcile_abort(m); /* its operations point into what is replaced now */
        m->prune = false;   /* of what the old files said */
        record_reopen(m);

        r = load(m, &settings, &config, &wants, &diag, &gone);
        diag_sort(&diag);
        log_diagnostics(&diag, &m->diagnostics);
        diag_done(&m->diagnostics);
        diag_move(&m->diagnostics, &diag);
        bus_problems_changed(m->bus);
        if (r == -ENOMEM && gone) { /* nothing to go on with: whoever starts us anew may have more luck */
                forget_configuration(m);
                (void) sd_event_exit(m->event, r);
                return log_error_errno(r, "No configuration could be loaded: %m; ending");
        }
        if (r < 0)
                return log_error_errno(r,
                                       "No configuration could be loaded: %m; what was loaded before stays");

        forget_configuration(m);
        m->settings = settings;
        m->config = config;
        m->wants = wants;
        apply_settings(m);
        use_read_options(m);

        HASH_ITER(hh, m->devices, d, next) {
                d->want = wants_find(&m->wants, d->name);
                d->pending = !!d->want;
                d->recreate = false;
                d->repairs = 0;
                device_clear_error(d);
                device_forget_rounds(d);
        }
        m->machine->pending = true;
        device_clear_error(m->machine);
        device_forget_rounds(m->machine);

        /* A change of owner or queues of a link that is down makes no event. */
        monitor_mark_all(m);
        return 0;
}

int manager_run_once(Manager *m) {
        int r;

        do
                r = reconcile_turn(m, UINT64_MAX);
        while (r > 0);
        return r;
}

static bool print_rest_of(const Manager *m, const Device *d, FILE *f) {
        _cleanup_(status_done) Status status = {};

        if (d->error == 0 && d->plan.n == 0)
                return false;

        (void) manager_device_status(m, d, &status);
        if (d->error != 0) {
                _cleanup_(freep) char *error = status_error(&status);

                fprintf(f, "%s failed %s\n", d->name, error ?: "");
        }
        for (char **s = status.drift; s && *s; s++)
                fprintf(f, "%s %s\n", d->name, *s);
        return true;
}

unsigned manager_print_rest(const Manager *m, FILE *f) {
        unsigned n = print_rest_of(m, m->machine, f);
        Device *d, *next;

        HASH_ITER(hh, m->devices, d, next)
                n += print_rest_of(m, d, f);
        return n;
}
