/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The event sources, and what follows from each turn: signals, timers, and telling the service manager. */

#include "loop.h"

#include <malloc.h>
#include <signal.h>
#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "bus/bus.h"
#include "devices.h"
#include "progress.h"
#include "reconcile.h"

/* While the first reconcile, or that of a reload, gets on, the service manager is to wait for this long from
 * here, which it is told this often. */
#define MORE_TIME_USEC  (30 * 1000000ULL)
#define MORE_TIME_EVERY (5 * 1000000ULL)

/* How often a device that waits for a program is looked at, while any does. */
#define RETRY_USEC (5 * 1000000ULL)

/* When what the kernel has changed while it was read: how soon it is read again, and how often that happens
 * before it is worth a word. */
#define TORN_USEC (100 * 1000ULL)
#define TORN_SAID 20

static int on_more(sd_event_source *s _unused_, void *userdata _unused_) {
        return 0; /* being awake is enough: the post source does the work */
}

static int on_grace(sd_event_source *s _unused_, uint64_t now _unused_, void *userdata) {
        devices_end_grace(userdata);
        return 0;
}

static int on_retry(sd_event_source *s _unused_, uint64_t now _unused_, void *userdata) {
        Manager *m = userdata;

        m->resting = false;
        reconcile_retry(m);
        return 0;
}

static int on_status(sd_event_source *s _unused_, uint64_t now _unused_, void *userdata) {
        if (reconcile_is_idle(userdata))
                progress_tell_end(userdata, false);
        return 0;
}

/* glibc keeps what is freed in the middle of the heap, until it is asked. */
static void give_back(Manager *m) {
        if (m->much_freed)
                (void) malloc_trim(0);
        m->much_freed = false;
}

static void be_ready(Manager *m) {
        bool was_ready = m->ready;

        m->ready = true;
        progress_tell_end(m, !was_ready);
        if (!was_ready)
                log_debug("Ready, %u devices", HASH_COUNT(m->devices));
}

static void ask_for_time(Manager *m) {
        uint64_t now;

        if (m->ready || sd_event_now(m->event, CLOCK_MONOTONIC, &now) < 0 ||
            now < m->asked_for_time + MORE_TIME_EVERY)
                return;
        m->asked_for_time = now;
        (void) sd_notifyf(false, "EXTEND_TIMEOUT_USEC=%llu", MORE_TIME_USEC);
}

static void wake_later(Manager *m, uint64_t usec) {
        (void) sd_event_source_set_time_relative(m->retry_source, usec);
        (void) sd_event_source_set_enabled(m->retry_source, SD_EVENT_ONESHOT);
}

static void arm_retry(Manager *m) {
        int enabled = SD_EVENT_OFF;

        (void) sd_event_source_get_enabled(m->retry_source, &enabled);
        if (enabled != SD_EVENT_OFF || !reconcile_is_waiting(m))
                return;
        wake_later(m, RETRY_USEC);
}

static void try_again(Manager *m, int error) {
        if (error != -EAGAIN) {
                log_error_errno(error, "Cannot read what the kernel has: %m; trying again in a second");
                wake_later(m, 1000000);
                return;
        }

        /* Every message on the bus makes a turn, and none is to wait until all was read in vain once more.
         */
        m->resting = true;
        if (++m->n_torn == TORN_SAID)
                log_warning("Links or addresses change all the time while they are read; going on when they "
                            "no longer do");
        wake_later(m, TORN_USEC);
}

/* While some device's lost carrier is ignored for a time. */
static void arm_grace(Manager *m) {
        uint64_t when = devices_grace_end(m);

        if (when == UINT64_MAX) {
                (void) sd_event_source_set_enabled(m->grace_source, SD_EVENT_OFF);
                return;
        }
        (void) sd_event_source_set_time(m->grace_source, when);
        (void) sd_event_source_set_enabled(m->grace_source, SD_EVENT_ONESHOT);
}

/* After every turn of the event loop: whatever was marked is acted upon, here and nowhere else. */
static int on_post(sd_event_source *s _unused_, void *userdata) {
        Manager *m = userdata;
        int r;

        if (m->resting)
                return 0;
        if (reconcile_is_idle(m)) {
                bus_idle(m->bus);
                return 0;
        }

        r = reconcile_turn(m, RECONCILE_SLICE_USEC);
        if (r < 0) /* not ready, and nobody is told that all is done */
                try_again(m, r);
        else
                m->n_torn = 0;
        (void) sd_event_source_set_enabled(m->more_source, r > 0 ? SD_EVENT_ONESHOT : SD_EVENT_OFF);

        if (r > 0 || m->resting) {
                ask_for_time(m);
                progress_tell(m);
        }
        if (r == 0) {
                give_back(m);
                be_ready(m);
                bus_idle(m->bus);
                arm_retry(m);
                arm_grace(m);
        }
        return 0;
}

static int on_reload_signal(sd_event_source *s _unused_, const struct signalfd_siginfo *si _unused_,
                            void *userdata) {
        log_info("Reloading");
        (void) manager_reload(userdata);
        return 0;
}

int loop_start(Manager *m) {
        sigset_t set;
        int r;

        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGTERM);
        (void) sigaddset(&set, SIGINT);
        (void) sigaddset(&set, SIGHUP);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;

        r = sd_event_add_signal(m->event, NULL, SIGTERM, NULL, NULL); /* NULL: ends the loop */
        if (r >= 0)
                r = sd_event_add_signal(m->event, NULL, SIGINT, NULL, NULL);
        if (r >= 0)
                r = sd_event_add_signal(m->event, NULL, SIGHUP, on_reload_signal, m);
        if (r >= 0)
                r = sd_event_add_defer(m->event, &m->more_source, on_more, m); /* once now: the first turn */
        if (r >= 0)
                r = sd_event_add_post(m->event, &m->post_source, on_post, m);
        if (r >= 0)
                r = sd_event_add_time(m->event, &m->retry_source, CLOCK_MONOTONIC, UINT64_MAX, 0, on_retry,
                                      m);
        if (r >= 0)
                r = sd_event_source_set_enabled(m->retry_source, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_time(m->event, &m->grace_source, CLOCK_MONOTONIC, UINT64_MAX, 0, on_grace,
                                      m);
        if (r >= 0)
                r = sd_event_source_set_enabled(m->grace_source, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_time(m->event, &m->status_source, CLOCK_MONOTONIC, UINT64_MAX, 0, on_status,
                                      m);
        if (r >= 0)
                r = sd_event_source_set_enabled(m->status_source, SD_EVENT_OFF);
        /* More work gives way to everything else that is ready. */
        if (r >= 0)
                r = sd_event_source_set_priority(m->more_source, SD_EVENT_PRIORITY_IDLE);
        /* Where the service manager wants to know that the loop goes round. */
        if (r >= 0)
                r = sd_event_set_watchdog(m->event, true);
        return r < 0 ? log_error_errno(r, "Cannot set up the event loop: %m") : 0;
}
