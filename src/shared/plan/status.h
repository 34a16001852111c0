/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is shown of a device: derived from its want, link, plan and last error, never set by hand. Pure: the
 * daemon publishes it; netdevctl reads it back from the bus, or derives it itself where no daemon runs. */

#include <stdint.h>

#include "link-state.h"
#include "plan.h"

typedef struct StatusLease {
        uint32_t pid, uid;
        char *unit;
} StatusLease;

/* Named like the properties of org.netdevd1(5). Types as sd-bus wants them behind a vtable: booleans are
 * int. Owned; strings that were derived are never NULL, and fit to be shown. */
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

        bool is_tuntap; /* no property: the rest counts */
        int multi_queue;
        int packet_info;
        int vnet_header;
        int persist;
        int64_t owner_uid; /* -1: none */
        int64_t group_gid;
        int keep_carrier;
        int carrier_held;
        uint32_t active_queues;
        uint32_t disabled_queues;
        int consumer_attached;
        StatusLease *leases;
        size_t n_leases;
} Status;

/* What a status is derived from; all borrowed. */
typedef struct StatusSource {
        const char *name;
        const Want *want; /* NULL: no file speaks of it */
        const Link *link; /* NULL: there is none */
        const Plan *plan; /* what is left to do */
        AdministrativeState state;
        bool held; /* netdevd holds a queue of it */
        int error; /* what it stopped at; 0: nothing */
        const char *error_path;
        unsigned error_line;
        const char *error_text;
        const StatusLease *leases; /* of this link */
        size_t n_leases;
} StatusSource;

/* Of more operations that are left to do the rest is only counted ("and 44 more"): everybody may ask for
 * those of all devices at once, and a reply that is too large makes the bus disconnect the sender. */
#define STATUS_DRIFT_MAX 256

/* Returns 0 or -ENOMEM. */
int status_derive(const StatusSource *from, Status *ret);
void status_done(Status *s);

/* What stands in its way: the first finding of the plan, or NULL. */
const PlanOp *status_finding(const Plan *plan);

/* The last error as one line, "FILE:LINE: TEXT"; newly allocated, NULL when out of memory. */
char *status_error(const Status *s);

/* With colons; the buffer is what is returned. */
#define STATUS_HARDWARE_ADDRESS_MAX (LINK_ADDRESS_MAX * 3)
const char *status_hardware_address(const Status *s, char *buffer);

/* The one table of what there is to a device, which comparing, JSON and reading from the bus are made from.
 */
typedef enum PropertyType {
        PROPERTY_STRING,
        PROPERTY_STRINGS,
        PROPERTY_BOOLEAN,
        PROPERTY_INT32,
        PROPERTY_UINT32,
        PROPERTY_INT64,
        PROPERTY_HARDWARE_ADDRESS,
        PROPERTY_ERROR,
        PROPERTY_LEASES,
} PropertyType;

typedef struct StatusProperty {
        const char *name;
        bool tuntap; /* of org.netdevd1.TunTap */
        PropertyType type;
        size_t offset; /* in Status */
} StatusProperty;

extern const StatusProperty status_properties[]; /* ends with a NULL name */

/* What is left of a status to tell which of its properties changed. */
#define STATUS_PROPERTIES 29
typedef struct StatusDigest {
        uint32_t properties[STATUS_PROPERTIES];
} StatusDigest;

void status_digest(const Status *s, StatusDigest *ret);

/* The names of the properties in which two statuses differ, one NULL-terminated list an interface, of static
 * strings; each list has room for STATUS_PROPERTIES and the NULL. */
void status_compare(const StatusDigest *a, const StatusDigest *b, const char **ret_device,
                    const char **ret_tuntap);
