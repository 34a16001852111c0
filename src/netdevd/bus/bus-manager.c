/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* org.netdevd1.Manager at /org/netdevd1. */

#include <string.h>

#include "base/escape.h"
#include "bus-access.h"
#include "bus-operations.h"
#include "bus.h"
#include "describe.h"
#include "progress.h"
#include "version.h"

static int property_version(sd_bus *bus _unused_, const char *path _unused_, const char *interface _unused_,
                            const char *property _unused_, sd_bus_message *reply, void *userdata _unused_,
                            sd_bus_error *error _unused_) {
        return sd_bus_message_append(reply, "s", NETDEVD_VERSION);
}

static int property_operational_state(sd_bus *bus _unused_, const char *path _unused_,
                                      const char *interface _unused_, const char *property _unused_,
                                      sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_) {
        return sd_bus_message_append(reply, "s",
                                     operational_state_to_string(((Manager *) userdata)->operational_state));
}

/* A reply that is too large makes the bus disconnect the sender: that is us. */
#define PROBLEMS_BYTES_MAX (256 * 1024)

static int append_problem(sd_bus_message *reply, const Diagnostic *d, size_t *bytes) {
        _cleanup_(freep) char *text = diag_message(d);

        if (!text)
                return -ENOMEM;
        *bytes += strlen(text) + strlen(d->path ?: "");
        if (*bytes > PROBLEMS_BYTES_MAX)
                return 0;
        return sd_bus_message_append(reply, "(suss)", d->path ?: "", d->line,
                                     severity_to_string(d->severity), text);
}

static int property_problems(sd_bus *bus _unused_, const char *path _unused_, const char *interface _unused_,
                             const char *property _unused_, sd_bus_message *reply, void *userdata,
                             sd_bus_error *error _unused_) {
        const Diagnostics *diag = &((Manager *) userdata)->diagnostics;
        size_t bytes = 0;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "(suss)");
        for (size_t i = 0; r >= 0 && i < diag->n; i++)
                r = append_problem(reply, diag->items + i, &bytes);
        if (r >= 0 && (bytes > PROBLEMS_BYTES_MAX || diag->dropped > 0))
                r = sd_bus_message_append(reply, "(suss)", "", 0, severity_to_string(SEVERITY_WARNING),
                                          "there are more problems than are listed here; see the log");
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int property_progress(sd_bus *bus _unused_, const char *path _unused_, const char *interface _unused_,
                             const char *property _unused_, sd_bus_message *reply, void *userdata,
                             sd_bus_error *error _unused_) {
        Progress p = progress_now(userdata);

        return sd_bus_message_append(reply, "(suu)", p.what, p.done, p.total);
}

/* What was reported last is so still, unless it is dirty. */
static AdministrativeState state_of(const Manager *m, const Device *d) {
        if (!d->dirty && d->logged_state >= 0)
                return d->logged_state;
        return device_administrative_state(d, manager_device_link(m, d));
}

static int append_device(sd_bus_message *reply, const Manager *m, const Device *d) {
        _cleanup_(freep) char *name = text_escape(d->name, IFNAMSIZ * 4);
        _cleanup_(freep) char *path = bus_device_path(d);

        if (!name || !path)
                return -ENOMEM;
        return sd_bus_message_append(reply, "(siso)", name, d->ifindex,
                                     administrative_state_to_string(state_of(m, d)), path);
}

static int method_list_devices(sd_bus_message *call, void *userdata, sd_bus_error *error _unused_) {
        sd_bus_message *reply = NULL;
        Manager *m = userdata;
        Device *d, *next;
        int r;

        r = sd_bus_message_new_method_return(call, &reply);
        if (r < 0)
                return r;

        r = sd_bus_message_open_container(reply, 'a', "(siso)");
        HASH_ITER(hh, m->devices, d, next)
                if (r >= 0)
                        r = append_device(reply, m, d);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);

        sd_bus_message_unref(reply);
        return r < 0 ? r : 1;
}

static int method_get_device(sd_bus_message *call, void *userdata, sd_bus_error *error _unused_) {
        Manager *m = userdata;
        _cleanup_(freep) char *path = NULL;
        const char *name;
        Device *d;
        int r;

        r = sd_bus_message_read(call, "s", &name);
        if (r < 0)
                return r;

        d = manager_device(m, name);
        if (!d)
                return bus_no_such_device(call, name);
        path = bus_device_path(d);
        return path ? sd_bus_reply_method_return(call, "o", path) : -ENOMEM;
}

static int do_reload(Request *q) {
        if (manager_reload(q->manager) < 0)
                return sd_bus_reply_method_errorf(
                                q->call, BUS_ERROR_INVALID_CONFIGURATION,
                                "No configuration could be loaded, and the previous one stays; "
                                "'netdevctl status' and the log say why.");
        return bus_wait_idle(q->manager->bus, q->call, NULL);
}

static int method_reload(sd_bus_message *call, void *userdata, sd_bus_error *error _unused_) {
        return bus_authorize(userdata, call, BUS_ACTION_RELOAD, NULL, do_reload);
}

/* Of the device that the call names first. */
static int authorize_named(Manager *m, sd_bus_message *call, BusAction action, RequestFunction run) {
        const char *name;
        int r;

        r = sd_bus_message_read(call, "s", &name);
        if (r < 0)
                return r;
        if (!manager_device(m, name)) /* nobody types a password for that */
                return bus_no_such_device(call, name);
        return bus_authorize(m, call, action, name, run);
}

static int method_reconfigure(sd_bus_message *call, void *userdata, sd_bus_error *error _unused_) {
        return authorize_named(userdata, call, BUS_ACTION_RECONFIGURE, bus_do_reconfigure);
}

static int method_recreate(sd_bus_message *call, void *userdata, sd_bus_error *error _unused_) {
        return authorize_named(userdata, call, BUS_ACTION_RECONFIGURE, bus_do_recreate);
}

static int method_delete(sd_bus_message *call, void *userdata, sd_bus_error *error _unused_) {
        return authorize_named(userdata, call, BUS_ACTION_DELETE, bus_do_delete);
}

static int answer_prune(Manager *m, sd_bus_message *call) {
        sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "s");
        for (char **name = m->pruned; r >= 0 && name && *name; name++)
                if (!snapshot_by_name(m->snapshot, *name))
                        r = sd_bus_message_append(reply, "s", *name);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);
        sd_bus_message_unref(reply);
        return r;
}

static int do_prune(Request *q) {
        int r = manager_prune(q->manager);

        if (r == -EBUSY)
                return sd_bus_reply_method_errorf(
                                q->call, BUS_ERROR_INVALID_CONFIGURATION,
                                "A file could not be loaded, so that netdevd does not know what "
                                "it declares; nothing is pruned. 'netdevctl status' says which.");
        return r < 0 ? r : bus_wait_idle(q->manager->bus, q->call, answer_prune);
}

static int method_prune(sd_bus_message *call, void *userdata, sd_bus_error *error _unused_) {
        return bus_authorize(userdata, call, BUS_ACTION_DELETE, NULL, do_prune);
}

/* A reply that is too large makes the bus disconnect the sender: that is us. */
#define DIFF_BYTES_MAX (16 * 1024 * 1024)

static int append_diff(sd_bus_message *reply, const Manager *m, const Device *d, size_t *bytes) {
        _cleanup_(status_done) Status status = {};
        int r = 0;

        if (d->plan.n > 0)
                r = manager_device_status(m, d, &status);
        for (char **line = status.drift; r >= 0 && line && *line; line++) {
                const char *space = strchr(*line, ' ');
                _cleanup_(freep) char *operation =
                                strndup(*line, space ? (size_t) (space - *line) : SIZE_MAX);

                if (!operation)
                        return -ENOMEM;
                *bytes += strlen(*line) + strlen(status.name) + 32;
                if (*bytes < DIFF_BYTES_MAX)
                        r = sd_bus_message_append(reply, "(sss)", status.name, operation,
                                                  space ? space + 1 : "");
        }
        return r;
}

static int method_diff(sd_bus_message *call, void *userdata, sd_bus_error *error _unused_) {
        sd_bus_message *reply = NULL;
        Manager *m = userdata;
        Device *d, *next;
        size_t bytes = 0;
        int r;

        r = sd_bus_message_new_method_return(call, &reply);
        if (r < 0)
                return r;

        r = sd_bus_message_open_container(reply, 'a', "(sss)");
        if (r >= 0 && m->machine)
                r = append_diff(reply, m, m->machine, &bytes);
        HASH_ITER(hh, m->devices, d, next)
                if (r >= 0)
                        r = append_diff(reply, m, d, &bytes);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);

        sd_bus_message_unref(reply);
        return r < 0 ? r : 1;
}

static int method_describe(sd_bus_message *call, void *userdata, sd_bus_error *error _unused_) {
        _cleanup_(freep) char *json = describe_manager(userdata);

        return bus_reply_json(call, json);
}

const sd_bus_vtable bus_manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Version", "s", property_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("OperationalState", "s", property_operational_state, 0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("OnlineState", "s", NULL, offsetof(Manager, online_state),
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("ConfigurationProblems", "a(suss)", property_problems, 0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Progress", "(suu)", property_progress, 0, 0),
        SD_BUS_METHOD_WITH_ARGS("ListDevices", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(siso)", devices),
                                method_list_devices, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetDevice", SD_BUS_ARGS("s", name), SD_BUS_RESULT("o", path),
                                method_get_device, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Reload", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_reload,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Reconfigure", SD_BUS_ARGS("s", name), SD_BUS_NO_RESULT, method_reconfigure,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Recreate", SD_BUS_ARGS("s", name), SD_BUS_NO_RESULT, method_recreate,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Delete", SD_BUS_ARGS("s", name), SD_BUS_NO_RESULT, method_delete,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Prune", SD_BUS_NO_ARGS, SD_BUS_RESULT("as", names), method_prune,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Diff", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(sss)", operations), method_diff,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("OpenQueues", SD_BUS_ARGS("s", name, "u", count, "a{sv}", options),
                                SD_BUS_RESULT("ah", queues, "u", flags), bus_method_open_queues,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Describe", SD_BUS_NO_ARGS, SD_BUS_RESULT("s", json), method_describe,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};
