/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The daemon on the bus: org.netdevd1(5). */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "ctl.h"

#define CLIENT_NAME              "org.netdevd1"
#define CLIENT_PATH              "/org/netdevd1"
#define CLIENT_DEVICE_PREFIX     "/org/netdevd1/device"
#define CLIENT_MANAGER_INTERFACE "org.netdevd1.Manager"
#define CLIENT_DEVICE_INTERFACE  "org.netdevd1.Device"
#define CLIENT_TUNTAP_INTERFACE  "org.netdevd1.TunTap"

/* The system bus: of this machine, or of that which --host= or --machine= names. Returns 0 or -errno,
 * without a word. */
int client_open(const Options *options, sd_bus **ret);
/* The same, and says what is wrong. */
int client_must_open(const Options *options, sd_bus **ret);

/* The process of the daemon on this bus, 0: none, or unknown. */
pid_t client_daemon_pid(sd_bus *bus);

/* Says why a call failed and what to do: r is what sd_bus_call() returned. */
void client_print_error(const char *method, int r, const sd_bus_error *error);

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
