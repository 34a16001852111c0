/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A device is looked up first: whoever asks for one that is not there gets the daemon's word for that, and
 * not the bus's. */

#include "request.h"

#include "agent.h"

/* A reload of thousands of devices takes its time. */
#define CALL_USEC (600 * 1000000ULL)

int request_open(const Options *options, char *const *names, Request *ret) {
        Request q = {};
        int r;

        r = client_must_open(options, &q.bus);
        if (r < 0)
                return r;

        if (!options->host && !options->machine)
                q.agent = agent_start();
        q.progress = progress_begin(strv_length(names));
        *ret = q;
        return 0;
}

void request_done(Request *q) {
        progress_erase(&q->progress);
        agent_stop(q->agent);
        bus_unrefp(&q->bus);
        *q = (Request){};
}

static int call(Request *q, const char *path, const char *interface, const char *method,
                const char *argument, sd_bus_message **ret_reply) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(q->bus, &m, CLIENT_NAME, path, interface, method);
        if (r >= 0)
                r = sd_bus_message_set_allow_interactive_authorization(m, isatty(STDIN_FILENO));
        if (r >= 0 && argument)
                r = sd_bus_message_append(m, "s", argument);
        if (r >= 0)
                r = progress_call(&q->progress, q->bus, m, CALL_USEC, &error, ret_reply);
        if (r < 0) {
                progress_erase(&q->progress);
                client_print_error(method, r, &error);
        }
        return r < 0 ? r : 0;
}

int request_manager(Request *q, const char *method, const char *argument, sd_bus_message **ret_reply) {
        int r = call(q, CLIENT_PATH, CLIENT_MANAGER_INTERFACE, method, argument, ret_reply);

        q->progress.done++;
        return r;
}

int request_device(Request *q, const char *name, const char *method) {
        _cleanup_(message_unrefp) sd_bus_message *found = NULL;
        const char *path;
        int r;

        r = call(q, CLIENT_PATH, CLIENT_MANAGER_INTERFACE, "GetDevice", name, &found);
        if (r >= 0 && sd_bus_message_read(found, "o", &path) < 0) {
                (void) ctl_error(0, "cannot read the answer of netdevd");
                r = -EBADMSG;
        }
        if (r >= 0)
                r = call(q, path, CLIENT_DEVICE_INTERFACE, method, NULL, NULL);

        q->progress.done++;
        return r;
}
