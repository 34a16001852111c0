/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The words for what a device is, and networkd's rules by which a link gets its. Pure: the daemon publishes
 * them, netdevctl derives them itself where no daemon runs. */

#include "base/string-table.h"
#include "config/config.h"
#include "kernel/snapshot.h"

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
