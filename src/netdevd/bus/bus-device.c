/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* org.netdevd1.Device at /org/netdevd1/device/NAME. Properties are read straight from the published status.
 */

#include "bus.h"

static int property_hardware_address(sd_bus *bus _unused_, const char *path _unused_,
                                     const char *interface _unused_, const char *property _unused_,
                                     sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_) {
        const Status *s = &((Device *) userdata)->status;

        return sd_bus_message_append_array(reply, 'y', s->hardware_address, s->hardware_address_length);
}

static int property_last_error(sd_bus *bus _unused_, const char *path _unused_,
                               const char *interface _unused_, const char *property _unused_,
                               sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_) {
        const Status *s = &((Device *) userdata)->status;

        return sd_bus_message_append(reply, "(isus)", s->error, s->error_path ?: "", s->error_line,
                                     s->error_text ?: "");
}

#define EMITS SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE

const sd_bus_vtable bus_device_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Name", "s", NULL, offsetof(Device, status.name), SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("InterfaceIndex", "i", NULL, offsetof(Device, status.ifindex), EMITS),
        SD_BUS_PROPERTY("Kind", "s", NULL, offsetof(Device, status.kind), EMITS),
        SD_BUS_PROPERTY("Description", "s", NULL, offsetof(Device, status.description), EMITS),
        SD_BUS_PROPERTY("AdministrativeState", "s", NULL, offsetof(Device, status.administrative_state),
                        EMITS),
        SD_BUS_PROPERTY("OperationalState", "s", NULL, offsetof(Device, status.operational_state), EMITS),
        SD_BUS_PROPERTY("CarrierState", "s", NULL, offsetof(Device, status.carrier_state), EMITS),
        SD_BUS_PROPERTY("AddressState", "s", NULL, offsetof(Device, status.address_state), EMITS),
        SD_BUS_PROPERTY("MTU", "u", NULL, offsetof(Device, status.mtu), EMITS),
        SD_BUS_PROPERTY("HardwareAddress", "ay", property_hardware_address, 0, EMITS),
        SD_BUS_PROPERTY("Addresses", "as", NULL, offsetof(Device, status.addresses), EMITS),
        SD_BUS_PROPERTY("ConfigFiles", "as", NULL, offsetof(Device, status.config_files), EMITS),
        SD_BUS_PROPERTY("NetworkFiles", "as", NULL, offsetof(Device, status.network_files), EMITS),
        SD_BUS_PROPERTY("Drift", "as", NULL, offsetof(Device, status.drift), EMITS),
        SD_BUS_PROPERTY("LastError", "(isus)", property_last_error, 0, EMITS),
        SD_BUS_VTABLE_END,
};
