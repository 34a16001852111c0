/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How the settings of a bridge port are written in rtnetlink: read and written from one table. */

#include <stdint.h>

#include "snapshot.h"

typedef struct PortAttribute {
        uint16_t type; /* IFLA_BRPORT_* */
        uint8_t size;  /* of its value: 1, 2 or 4 bytes */
} PortAttribute;

extern const PortAttribute port_attributes[_PORT_SETTING_MAX];
