/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What became of the devices, told to the log when their state changes and to the bus whenever a property
 * does. */

#include "report.h"

#include "base/log.h"
#include "base/messages.h"
#include "bus/bus.h"
#include "due.h"

static void log_configured(const Device *d) {
        LogContext context = { .interface = d->name, .message_id = MESSAGE_DEVICE_CONFIGURED };

        (void) log_full(LOG_INFO, 0, &context, "Configured");
}

/* What a status has to say more of. */
static void log_status(const Device *d, AdministrativeState state, const Status *s) {
        LogContext context = { .interface = d->name };
        _cleanup_(freep) char *error = status_error(s);

        if (s->error_path && s->error_path[0]) {
                context.file = s->error_path;
                context.line = s->error_line;
        }

        switch (state) {
        case ADMINISTRATIVE_FAILED:
                context.message_id = MESSAGE_DEVICE_FAILED;
                (void) log_full(LOG_ERR, s->error, &context, "Failed: %s", error ?: "");
                break;
        case ADMINISTRATIVE_BLOCKED:
                context.message_id = MESSAGE_DEVICE_BLOCKED;
                (void) log_full(LOG_WARNING, s->error, &context, "Blocked: %s", error ?: "");
                break;
        case ADMINISTRATIVE_DRIFTED:
                context.message_id = MESSAGE_DEVICE_DRIFTED;
                (void) log_full(LOG_NOTICE, 0, &context, "Drifted; %s: %s%s",
                                due_has_repair(d) ? "put right at once" : "a reload would", s->drift[0],
                                s->drift[1] ? ", and more" : "");
                break;
        case ADMINISTRATIVE_MISSING:
                context.message_id = MESSAGE_DEVICE_MISSING;
                (void) log_full(LOG_NOTICE, 0, &context, "Its link was deleted; a reload makes it anew");
                break;
        case ADMINISTRATIVE_ORPHANED:
                context.message_id = MESSAGE_DEVICE_ORPHANED;
                (void) log_full(LOG_NOTICE, 0, &context,
                                "No file declares it any more; it stays, 'netdevctl prune' removes it");
                break;
        case ADMINISTRATIVE_CONFIGURED:
        case ADMINISTRATIVE_PENDING:
        case ADMINISTRATIVE_CONFIGURING:
        case ADMINISTRATIVE_UNMANAGED:
        case _ADMINISTRATIVE_STATE_MAX:
        case _ADMINISTRATIVE_STATE_INVALID: break;
        }
}

/* Of a thousand devices that are being configured nobody wants to hear. */
static bool is_told(AdministrativeState state) {
        return state != ADMINISTRATIVE_PENDING && state != ADMINISTRATIVE_CONFIGURING &&
               state != ADMINISTRATIVE_UNMANAGED;
}

static void update_online(Device *d, const Link *link) {
        const NetworkConfig *n = d->want ? d->want->network : NULL;

        d->required_for_online = n && n->required_for_online;
        d->online = d->required_for_online && link_is_online(link, n);
}

/* Returns whether its state is another one. */
static int log_state(const Manager *m, Device *d, const Link *link) {
        AdministrativeState state = device_administrative_state(d, link);
        _cleanup_(status_done) Status status = {};
        int r;

        if (state == d->logged_state)
                return 0;
        if (state == ADMINISTRATIVE_CONFIGURED)
                log_configured(d);
        else if (is_told(state)) {
                r = manager_device_status(m, d, &status);
                if (r < 0)
                        return r;
                log_status(d, state, &status);
        }
        d->logged_state = state;
        return 1;
}

/* What belongs to no link has no state; but what could not be done has to be said. */
static int report_machine(const Manager *m, Device *d) {
        bool failed = d->logged_state == ADMINISTRATIVE_FAILED;
        _cleanup_(status_done) Status status = {};
        int r;

        if (!d->dirty)
                return 0;
        r = manager_device_status(m, d, &status);
        if (r < 0)
                return r;

        d->logged_state = status.error != 0 ? ADMINISTRATIVE_FAILED : ADMINISTRATIVE_CONFIGURED;
        d->dirty = false;
        if (status.error != 0 && !failed)
                log_error_errno(-status.error,
                                "What belongs to no link, failed: %s; a reload tries it again",
                                status.error_text ?: "");
        return 0;
}

int report(Manager *m) {
        Device *d, *next;
        bool any = false;
        int r;

        r = report_machine(m, m->machine);
        if (r < 0)
                return r;

        HASH_ITER(hh, m->devices, d, next) {
                const Link *link;

                if (!d->dirty)
                        continue;

                link = manager_device_link(m, d);
                r = log_state(m, d, link);
                m->states_changed = r > 0 || m->states_changed;
                if (r >= 0)
                        r = bus_device_changed(m->bus, d);
                if (r < 0)
                        return r;
                update_online(d, link);
                d->dirty = false;
                any = true;
        }

        if ((any || m->summary_dirty) && manager_summarize(m))
                bus_manager_changed(m->bus);
        m->summary_dirty = false;
        return 0;
}
