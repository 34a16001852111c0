/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* netdevd on the system bus: connecting, also when the bus comes later or goes away; the object tree;
 * signals. Every function takes NULL for "no bus" and then does nothing: no bus is no error. Every name is
 * in this file. */

#include <systemd/sd-bus.h>

#include "manager.h"

#define BUS_NAME              "org.netdevd1"
#define BUS_ROOT              "/org/netdevd1"
#define BUS_DEVICE_PREFIX     BUS_ROOT "/device"
#define BUS_INTERFACE_MANAGER BUS_NAME ".Manager"
#define BUS_INTERFACE_DEVICE  BUS_NAME ".Device"
#define BUS_INTERFACE_TUNTAP  BUS_NAME ".TunTap"

#define BUS_ERROR_NO_SUCH_DEVICE        BUS_NAME ".NoSuchDevice"
#define BUS_ERROR_BUSY                  BUS_NAME ".Busy"
#define BUS_ERROR_CONFLICT              BUS_NAME ".Conflict"
#define BUS_ERROR_INVALID_CONFIGURATION BUS_NAME ".InvalidConfiguration"
#define BUS_ERROR_NOT_PERMITTED         BUS_NAME ".NotPermitted"
#define BUS_ERROR_TOO_MANY_QUEUES       BUS_NAME ".TooManyQueues"

/* Begins to connect to the system bus; returns before it is connected. Returns 0 or -errno. */
int bus_new(Manager *m, Bus **ret);
Bus *bus_free(Bus *b);

/* What changed; nobody is told anything before the name is ours. bus_device_changed() returns 0 or -ENOMEM.
 */
int bus_device_changed(Bus *b, Device *d);
void bus_device_removed(Bus *b, Device *d);
void bus_manager_changed(Bus *b);
void bus_problems_changed(Bus *b);

/* Nothing is left to do now: answers the calls that waited for it. */
void bus_idle(Bus *b);

/* The object path of a device (sd_bus_path_encode), to be freed; NULL when out of memory. */
char *bus_device_path(const Device *d);

/* What the functions of a device's vtables are handed: valid until the next question. */
typedef struct Shown {
        Device *device;
        Status status; /* as of now */
} Shown;

/* One file an interface. */
extern const sd_bus_vtable bus_manager_vtable[];
extern const sd_bus_vtable bus_device_vtable[];
extern const sd_bus_vtable bus_tuntap_vtable[];

/* For the vtables: keeps a call until everything is done, then has it answered; answer NULL: with nothing.
 */
typedef int (*BusAnswer)(Manager *m, sd_bus_message *call);
int bus_wait_idle(Bus *b, sd_bus_message *call, BusAnswer answer);
