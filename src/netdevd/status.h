/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the bus shows of a device: derived from its plan, its last error and the snapshot, never set by hand.
 */

#include <stdint.h>

#include "base/string-table.h"
#include "kernel/snapshot.h"
#include "plan/plan.h"

typedef enum AdministrativeState {
        ADMINISTRATIVE_PENDING,     /* not looked at yet */
        ADMINISTRATIVE_CONFIGURING, /* operations are under way */
        ADMINISTRATIVE_CONFIGURED,  /* nothing is left to do */
        ADMINISTRATIVE_DRIFTED,     /* was configured; something was changed since */
        ADMINISTRATIVE_BLOCKED,     /* something is in the way; goes on by itself when it is gone */
        ADMINISTRATIVE_MISSING,     /* was there and is gone */
        ADMINISTRATIVE_ORPHANED,    /* made by netdevd, declared by no file any more */
        ADMINISTRATIVE_FAILED,      /* an operation failed; tried again at reload */
        ADMINISTRATIVE_UNMANAGED,   /* made by others, and named by no file */
        _ADMINISTRATIVE_STATE_MAX,
        _ADMINISTRATIVE_STATE_INVALID = -EINVAL,
} AdministrativeState;

DECLARE_STRING_TABLE(administrative_state, AdministrativeState);

/* networkd's words and rules; later is more. */
typedef enum OperationalState {
        OPERATIONAL_MISSING,
        OPERATIONAL_OFF,
        OPERATIONAL_NO_CARRIER,
        OPERATIONAL_DORMANT,
        OPERATIONAL_DEGRADED_CARRIER,
        OPERATIONAL_CARRIER,
        OPERATIONAL_DEGRADED,
        OPERATIONAL_ENSLAVED,
        OPERATIONAL_ROUTABLE,
        _OPERATIONAL_STATE_MAX,
        _OPERATIONAL_STATE_INVALID = -EINVAL,
} OperationalState;

DECLARE_STRING_TABLE(operational_state, OperationalState);

/* A subset of the same words, in one order with them. */
OperationalState link_carrier_state(const Link *link);
OperationalState link_address_state(const Link *link);     /* off, degraded, routable */
OperationalState link_operational_state(const Link *link); /* NULL: missing */

/* Whether a link (NULL: missing) is as far as its file asks for to count as online: RequiredForOnline= and
 * RequiredFamilyForOnline=, by networkd's rules. */
bool link_is_online(const Link *link, const NetworkConfig *network);

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
