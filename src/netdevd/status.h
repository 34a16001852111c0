/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the bus shows of a device: derived from its plan, its last error and the snapshot, never set by hand.
 */

#include <stdint.h>

#include "kernel/snapshot.h"
#include "plan/link-state.h"
#include "plan/plan.h"

typedef struct StatusLease {
        uint32_t pid, uid;
        char *unit;
} StatusLease;

/* Types as sd-bus wants them behind a vtable: booleans are int, strings never NULL. Owned. */
typedef struct Status {
        char *name;
        int32_t ifindex; /* 0: none */
        char *kind;
        char *description;
        char *administrative_state;
        char *operational_state;
        char *carrier_state;
        char *address_state;
        uint32_t mtu;
        uint8_t hardware_address[LINK_ADDRESS_MAX];
        uint32_t hardware_address_length;
        char **addresses;
        char **config_files;
        char **network_files;
        char **drift;
        int required_for_online; /* it counts for OnlineState */
        int online_satisfied;    /* it is as far as its file asks for to be online */
        int32_t error;
        char *error_path;
        uint32_t error_line;
        char *error_text;

        int multi_queue;
        int packet_info;
        int vnet_header;
        int persist;
        int64_t owner_uid;
        int64_t group_gid;
        int keep_carrier;
        int carrier_held;
        uint32_t active_queues;
        uint32_t disabled_queues;
        int consumer_attached;
        StatusLease *leases;
        size_t n_leases;
} Status;

typedef struct Device Device;

/* Derives the status of a device. link is NULL when there is none, held whether netdevd holds a queue of it.
 * Returns 0 or -ENOMEM, and then *ret is empty. */
int status_derive(const Device *d, const Link *link, bool held, Status *ret);
void status_done(Status *s);

/* The last error as one line, "FILE:LINE: TEXT"; newly allocated, NULL when out of memory. */
char *status_error(const Status *s);

AdministrativeState device_administrative_state(const Device *d, const Link *link);

/* The names of the properties in which two statuses differ, one NULL-terminated list an interface, of static
 * strings; each list has room for STATUS_PROPERTIES_MAX. */
#define STATUS_PROPERTIES_MAX 32
void status_compare(const Status *a, const Status *b, const char **ret_device, const char **ret_tuntap);
