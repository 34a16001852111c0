/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What became of the devices, told to the log when their state changes and to the bus whenever a property
 * does. */

#include "report.h"

#include "base/log.h"
#include "base/messages.h"
#include "bus/bus.h"

static void log_state(Device *d, const Link *link) {
        LogContext context = { .interface = d->name };
        AdministrativeState state = device_administrative_state(d, link);
        _cleanup_(freep) char *error = status_error(&d->status);

        if (state == d->logged_state)
                return;
        d->logged_state = state;
        if (d->status.error_path && d->status.error_path[0]) {
                context.file = d->status.error_path;
                context.line = d->status.error_line;
        }

        switch (state) {
        case ADMINISTRATIVE_CONFIGURED:
                context.message_id = MESSAGE_DEVICE_CONFIGURED;
                (void) log_full(LOG_INFO, 0, &context, "Configured");
                break;
        case ADMINISTRATIVE_FAILED:
                context.message_id = MESSAGE_DEVICE_FAILED;
                (void) log_full(LOG_ERR, d->status.error, &context, "Failed: %s", error ?: "");
                break;
        case ADMINISTRATIVE_BLOCKED:
                context.message_id = MESSAGE_DEVICE_BLOCKED;
                (void) log_full(LOG_WARNING, d->status.error, &context, "Blocked: %s", error ?: "");
                break;
        case ADMINISTRATIVE_DRIFTED:
                context.message_id = MESSAGE_DEVICE_DRIFTED;
                (void) log_full(LOG_NOTICE, 0, &context, "Drifted; a reload would: %s%s", d->status.drift[0],
                                d->status.drift[1] ? ", and more" : "");
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
        case ADMINISTRATIVE_PENDING:
        case ADMINISTRATIVE_CONFIGURING:
        case ADMINISTRATIVE_UNMANAGED:
        case _ADMINISTRATIVE_STATE_MAX:
        case _ADMINISTRATIVE_STATE_INVALID: break;
        }
}

/* What belongs to no link has no state; but what could not be done has to be said. */
static int report_machine(Device *d) {
        bool failed = d->status.error != 0;
        Status status;
        int r;

        if (!d->dirty)
                return 0;
        r = device_status(d, NULL, false, &status);
        if (r < 0)
                return r;

        status_done(&d->status);
        d->status = status;
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

        r = report_machine(m->machine);
        if (r < 0)
                return r;

        HASH_ITER(hh, m->devices, d, next) {
                const Link *link;
                Status status, old;

                if (!d->dirty)
                        continue;

                link = manager_device_link(m, d);
                r = device_status(d, link, queues_get(m->queues, d->name) >= 0, &status);
                if (r < 0)
                        return r;

                old = d->status;
                d->status = status;
                d->dirty = false;
                log_state(d, link);
                bus_device_changed(m->bus, d, &old);
                status_done(&old);
                any = true;
        }

        if ((any || m->summary_dirty) && manager_summarize(m))
                bus_manager_changed(m->bus);
        m->summary_dirty = false;
        return 0;
}
