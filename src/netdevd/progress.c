/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Work that is over sooner than somebody could read about it is not told of. */

#include "progress.h"

#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"

#define EVERY_USEC (250000ULL)

static const char *const phases[_EXECUTOR_PHASE_MAX] = {
        [EXECUTOR_REMOVING] = "removing",
        [EXECUTOR_CREATING] = "creating",
        [EXECUTOR_SETTING_UP] = "setting-up",
};

Progress progress_now(const Manager *m) {
        ExecutorProgress p;

        if (!m->executor)
                return (Progress){ .what = "" };
        p = executor_progress(m->executor);
        return (Progress){ phases[p.phase], (uint32_t) p.done, (uint32_t) p.total };
}

/* Who waits for READY=1 waits for long, and sd_notifyf() needs memory. */
static void tell(Manager *m, const char *prefix, const char *text) {
        char message[sizeof(m->told) + 32];

        if (!prefix[0] && strcmp(text, m->told) == 0)
                return;
        memcpy(m->told, text, strlen(text) + 1);
        m->told_at = now_usec();
        (void) snprintf(message, sizeof(message), "%sSTATUS=%s", prefix, text);
        (void) sd_notify(false, message);
}

void progress_tell(Manager *m) {
        static const char *const titles[_EXECUTOR_PHASE_MAX] = {
                [EXECUTOR_REMOVING] = "Removing",
                [EXECUTOR_CREATING] = "Creating",
                [EXECUTOR_SETTING_UP] = "Setting up",
        };
        uint64_t now = now_usec();
        ExecutorProgress p;
        char text[sizeof(m->told)];

        if (m->busy_since == 0)
                m->busy_since = now;
        if (!m->executor || now < m->busy_since + EVERY_USEC || now < m->told_at + EVERY_USEC)
                return;

        p = executor_progress(m->executor);
        (void) snprintf(text, sizeof(text), "%s devices: %zu of %zu%s", titles[p.phase], p.done, p.total,
                        p.phase == EXECUTOR_SETTING_UP ? " ready" : "");
        tell(m, "", text);
        m->states_changed = true; /* it is no more what was told */
}

/* "998 devices ready, 2 failed". Those that nobody asked netdevd for do not count. */
static void summarize(const Manager *m, char *text, size_t size) {
        static const AdministrativeState others[] = {
                ADMINISTRATIVE_FAILED,      ADMINISTRATIVE_BLOCKED, ADMINISTRATIVE_PENDING,
                ADMINISTRATIVE_CONFIGURING, ADMINISTRATIVE_DRIFTED, ADMINISTRATIVE_MISSING,
                ADMINISTRATIVE_ORPHANED,
        };
        unsigned counts[_ADMINISTRATIVE_STATE_MAX] = {}, ready;
        Device *d, *next;
        int n;

        HASH_ITER(hh, m->devices, d, next)
                if (d->logged_state >= 0)
                        counts[d->logged_state]++;
        ready = counts[ADMINISTRATIVE_CONFIGURED];
        n = snprintf(text, size, "%u device%s ready", ready, ready == 1 ? "" : "s");
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                if (counts[others[i]] > 0 && (size_t) n < size)
                        n += snprintf(text + n, size - (size_t) n, ", %u %s", counts[others[i]],
                                      administrative_state_to_string(others[i]));
}

void progress_tell_end(Manager *m, bool ready) {
        char text[sizeof(m->told)];

        m->busy_since = 0;
        if (!ready && !m->states_changed)
                return;
        if (!ready && now_usec() < m->told_at + EVERY_USEC) {
                (void) sd_event_source_set_time(m->status_source, m->told_at + EVERY_USEC);
                (void) sd_event_source_set_enabled(m->status_source, SD_EVENT_ONESHOT);
                return;
        }
        summarize(m, text, sizeof(text));
        tell(m, ready ? "READY=1\n" : "", text);
        m->states_changed = false;
}
