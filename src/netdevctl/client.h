/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The daemon on the bus: org.netdevd1(5). */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "base/cleanup.h"

/* Calls a method of the manager with one string, or none when argument is NULL, and waits for as long as the
 * daemon needs. reply may be NULL. Returns 0, or prints what is wrong and what to do, and returns -errno. */
int client_call(const char *method, const char *argument, sd_bus_message **ret_reply);

/* What the daemon says of a device, if it runs: it is not started for this, and that it does not is no
 * error. */
typedef struct ClientDevice {
        bool known;        /* the daemon answered */
        char *state;       /* AdministrativeState */
        bool carrier_held; /* netdevd holds a queue of it */
        int error;         /* LastError */
        char *error_path;
        unsigned error_line;
        char *error_text;
} ClientDevice;

void client_ask_device(const char *name, ClientDevice *ret);
void client_device_done(ClientDevice *d);

static inline void bus_unrefp(sd_bus **bus) {
        (void) sd_bus_flush_close_unref(*bus);
}

static inline void message_unrefp(sd_bus_message **m) {
        (void) sd_bus_message_unref(*m);
}
