/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The attributes of bridge ports, with the sizes linux/if_link.h and the kernel's policy give them. */

#include "port.h"

#include <linux/if_link.h>

const PortAttribute port_attributes[_PORT_SETTING_MAX] = {
        [PORT_UNICAST_FLOOD] = { IFLA_BRPORT_UNICAST_FLOOD, 1 },
        [PORT_MULTICAST_FLOOD] = { IFLA_BRPORT_MCAST_FLOOD, 1 },
        [PORT_MULTICAST_TO_UNICAST] = { IFLA_BRPORT_MCAST_TO_UCAST, 1 },
        [PORT_NEIGHBOR_SUPPRESSION] = { IFLA_BRPORT_NEIGH_SUPPRESS, 1 },
        [PORT_LEARNING] = { IFLA_BRPORT_LEARNING, 1 },
        [PORT_HAIRPIN] = { IFLA_BRPORT_MODE, 1 },
        [PORT_ISOLATED] = { IFLA_BRPORT_ISOLATED, 1 },
        [PORT_GUARD] = { IFLA_BRPORT_GUARD, 1 },
        [PORT_PROTECT] = { IFLA_BRPORT_PROTECT, 1 },
        [PORT_FAST_LEAVE] = { IFLA_BRPORT_FAST_LEAVE, 1 },
        [PORT_PROXY_ARP] = { IFLA_BRPORT_PROXYARP, 1 },
        [PORT_PROXY_ARP_WIFI] = { IFLA_BRPORT_PROXYARP_WIFI, 1 },
        [PORT_COST] = { IFLA_BRPORT_COST, 4 },
        [PORT_PRIORITY] = { IFLA_BRPORT_PRIORITY, 2 },
        [PORT_MULTICAST_ROUTER] = { IFLA_BRPORT_MULTICAST_ROUTER, 1 },
};
