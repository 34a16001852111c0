/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Derived from the link alone: nothing here is remembered. */

#include "link-state.h"

#include <assert.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

static const char *const administrative_state_table[_ADMINISTRATIVE_STATE_MAX] = {
        [ADMINISTRATIVE_PENDING] = "pending",       [ADMINISTRATIVE_CONFIGURING] = "configuring",
        [ADMINISTRATIVE_CONFIGURED] = "configured", [ADMINISTRATIVE_DRIFTED] = "drifted",
        [ADMINISTRATIVE_BLOCKED] = "blocked",       [ADMINISTRATIVE_MISSING] = "missing",
        [ADMINISTRATIVE_ORPHANED] = "orphaned",     [ADMINISTRATIVE_FAILED] = "failed",
        [ADMINISTRATIVE_UNMANAGED] = "unmanaged",
};

DEFINE_STRING_TABLE(administrative_state, AdministrativeState);

static const char *const operational_state_table[_OPERATIONAL_STATE_MAX] = {
        [OPERATIONAL_MISSING] = "missing",
        [OPERATIONAL_OFF] = "off",
        [OPERATIONAL_NO_CARRIER] = "no-carrier",
        [OPERATIONAL_DORMANT] = "dormant",
        [OPERATIONAL_DEGRADED_CARRIER] = "degraded-carrier",
        [OPERATIONAL_CARRIER] = "carrier",
        [OPERATIONAL_DEGRADED] = "degraded",
        [OPERATIONAL_ENSLAVED] = "enslaved",
        [OPERATIONAL_ROUTABLE] = "routable",
};

DEFINE_STRING_TABLE(operational_state, OperationalState);

/* IFLA_CARRIER and not IFF_RUNNING: after a loss the flags lag by up to a second. */
OperationalState link_carrier_state(const Link *link) {
        if (!(link->flags & IFF_UP))
                return OPERATIONAL_OFF;
        if (link->operstate == IF_OPER_DORMANT)
                return OPERATIONAL_DORMANT;
        if (!link->carrier)
                return OPERATIONAL_NO_CARRIER;
        return link->master > 0 ? OPERATIONAL_ENSLAVED : OPERATIONAL_CARRIER;
}

static bool address_is_ready(const Address *a) {
        return !(a->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) || a->flags & IFA_F_OPTIMISTIC;
}

/* family 0: of both. */
static OperationalState family_state(const Link *link, int family) {
        unsigned scope = RT_SCOPE_NOWHERE;

        for (size_t i = 0; i < link->n_addresses; i++)
                if ((family == 0 || link->addresses[i].family == family) &&
                    address_is_ready(link->addresses + i) && link->addresses[i].scope < scope)
                        scope = link->addresses[i].scope;

        if (scope < RT_SCOPE_SITE)
                return OPERATIONAL_ROUTABLE;
        return scope < RT_SCOPE_HOST ? OPERATIONAL_DEGRADED : OPERATIONAL_OFF;
}

OperationalState link_address_state(const Link *link) {
        return family_state(link, 0);
}

static_assert((int) OPERATIONAL_MISSING == (int) ONLINE_MISSING &&
                              (int) OPERATIONAL_ROUTABLE == (int) ONLINE_ROUTABLE,
              "RequiredForOnline= has the same words in the same order");

/* What a needed family has to have: as much as the state asked for says. */
static bool family_suffices(const Link *link, int family, OperationalState minimum) {
        OperationalState state = family_state(link, family);

        if (minimum >= OPERATIONAL_ROUTABLE)
                return state >= OPERATIONAL_ROUTABLE;
        return minimum < OPERATIONAL_DEGRADED || state >= OPERATIONAL_DEGRADED;
}

bool link_is_online(const Link *link, const NetworkConfig *network) {
        OperationalState state = link_operational_state(link),
                         minimum = (OperationalState) network->online_min;
        int64_t family = given_value(&network->given, NETWORK_REQUIRED_FAMILY).value;

        if (state < minimum || state > (OperationalState) network->online_max)
                return false;
        if (!link)
                return true; /* "missing" was asked for */
        if ((family == FAMILY_IPV4 || family == FAMILY_BOTH) && !family_suffices(link, AF_INET, minimum))
                return false;
        return (family != FAMILY_IPV6 && family != FAMILY_BOTH) || family_suffices(link, AF_INET6, minimum);
}

OperationalState link_operational_state(const Link *link) {
        OperationalState carrier, address;

        if (!link)
                return OPERATIONAL_MISSING;

        carrier = link_carrier_state(link);
        address = link_address_state(link);
        if (carrier < OPERATIONAL_DEGRADED_CARRIER || address == OPERATIONAL_OFF)
                return carrier;
        if (carrier == OPERATIONAL_ENSLAVED && address == OPERATIONAL_DEGRADED)
                return OPERATIONAL_ENSLAVED;
        return address;
}
