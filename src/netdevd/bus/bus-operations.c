/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Each looks the device up again: while the caller was asked for a password it may have gone. */

#include "bus-operations.h"

#include <string.h>

#include "bus.h"
#include "operate.h"

int bus_no_such_device(sd_bus_message *call, const char *name) {
        return sd_bus_reply_method_errorf(
                        call, BUS_ERROR_NO_SUCH_DEVICE,
                        "No .netdev file declares a device '%s', and no TUN/TAP link of that "
                        "name exists.",
                        name);
}

/* A reply that is too large makes the bus disconnect the sender: that is us. */
#define JSON_BYTES_MAX (16 * 1024 * 1024)

int bus_reply_json(sd_bus_message *call, const char *json) {
        if (!json)
                return -ENOMEM;
        if (strlen(json) > JSON_BYTES_MAX)
                return sd_bus_reply_method_errorf(call, SD_BUS_ERROR_LIMITS_EXCEEDED,
                                                  "That is more than %d MiB; read single properties.",
                                                  JSON_BYTES_MAX >> 20);
        return sd_bus_reply_method_return(call, "s", json);
}

static int reconfigure(Request *q, bool recreate) {
        Device *d = manager_device(q->manager, q->device);

        if (!d)
                return bus_no_such_device(q->call, q->device);
        manager_reconfigure(q->manager, d, recreate);
        return bus_wait_idle(q->manager->bus, q->call, NULL);
}

int bus_do_reconfigure(Request *q) {
        return reconfigure(q, false);
}

int bus_do_recreate(Request *q) {
        return reconfigure(q, true);
}

/* Answers the call after the kernel was asked to do something: when it is done, and read anew. */
static int answer_operation(Request *q, int r, const char *what, const char *text) {
        if (r < 0)
                return sd_bus_reply_method_errorf(q->call, SD_BUS_ERROR_FAILED, "Cannot %s %s: %s%s%s.",
                                                  what, q->device, strerror(-r), text ? ": " : "",
                                                  text ?: "");
        return bus_wait_idle(q->manager->bus, q->call, NULL);
}

static int set_link(Request *q, bool up) {
        Device *d = manager_device(q->manager, q->device);
        _cleanup_(freep) char *text = NULL;

        if (!d)
                return bus_no_such_device(q->call, q->device);
        if (d->ifindex == 0)
                return sd_bus_reply_method_errorf(
                                q->call, BUS_ERROR_NO_SUCH_DEVICE,
                                "%s is declared but does not exist; 'netdevctl reconfigure %s' "
                                "makes it.",
                                d->name, d->name);
        return answer_operation(q, operate_set_up(q->manager, d, up, &text), up ? "bring up" : "take down",
                                text);
}

int bus_do_up(Request *q) {
        return set_link(q, true);
}

int bus_do_down(Request *q) {
        return set_link(q, false);
}

int bus_do_delete(Request *q) {
        Device *d = manager_device(q->manager, q->device);
        _cleanup_(freep) char *text = NULL;

        if (!d)
                return bus_no_such_device(q->call, q->device);
        if (d->ifindex == 0)
                return sd_bus_reply_method_errorf(q->call, BUS_ERROR_NO_SUCH_DEVICE, "%s does not exist.",
                                                  d->name);
        if (!d->made)
                return sd_bus_reply_method_errorf(
                                q->call, BUS_ERROR_CONFLICT,
                                "netdevd did not make %s, and deletes only what it made; 'ip link "
                                "delete %s' removes it.",
                                d->name, d->name);
        if (d->want && d->want->enforce)
                return sd_bus_reply_method_errorf(
                                q->call, BUS_ERROR_CONFLICT,
                                "Enforce=yes would bring %s back at once; remove its file and "
                                "reload first.",
                                d->name);
        return answer_operation(q, operate_delete(q->manager, d, &text), "delete", text);
}
