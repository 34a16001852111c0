/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* org.netdevd1.Device at /org/netdevd1/device/NAME. Properties are read from the status that bus.c derived
 * for this question. */

#include "bus-access.h"
#include "bus-operations.h"
#include "bus.h"
#include "describe.h"

static int property_hardware_address(sd_bus *bus _unused_, const char *path _unused_,
                                     const char *interface _unused_, const char *property _unused_,
                                     sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_) {
        const Status *s = &((Shown *) userdata)->status;

        return sd_bus_message_append_array(reply, 'y', s->hardware_address, s->hardware_address_length);
}

static int property_last_error(sd_bus *bus _unused_, const char *path _unused_,
                               const char *interface _unused_, const char *property _unused_,
                               sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_) {
        const Status *s = &((Shown *) userdata)->status;

        return sd_bus_message_append(reply, "(isus)", s->error, s->error_path ?: "", s->error_line,
                                     s->error_text ?: "");
}

/* The device is the method's; the manager is what the table was registered with. */
static Manager *manager_of(sd_bus_message *call) {
        return sd_bus_slot_get_userdata(sd_bus_get_current_slot(sd_bus_message_get_bus(call)));
}

static int method_reconfigure(sd_bus_message *call, void *userdata, sd_bus_error *error _unused_) {
        return bus_authorize(manager_of(call), call, BUS_ACTION_RECONFIGURE,
                             ((Shown *) userdata)->device->name, bus_do_reconfigure);
}

static int method_up(sd_bus_message *call, void *userdata, sd_bus_error *error _unused_) {
        return bus_authorize(manager_of(call), call, BUS_ACTION_SET_LINK, ((Shown *) userdata)->device->name,
                             bus_do_up);
}

static int method_down(sd_bus_message *call, void *userdata, sd_bus_error *error _unused_) {
        return bus_authorize(manager_of(call), call, BUS_ACTION_SET_LINK, ((Shown *) userdata)->device->name,
                             bus_do_down);
}

static int method_delete(sd_bus_message *call, void *userdata, sd_bus_error *error _unused_) {
        return bus_authorize(manager_of(call), call, BUS_ACTION_DELETE, ((Shown *) userdata)->device->name,
                             bus_do_delete);
}

static int method_open_queues(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        return bus_open_queues(manager_of(call), call, ((Shown *) userdata)->device->name, error);
}

static int method_describe(sd_bus_message *call, void *userdata, sd_bus_error *error _unused_) {
        _cleanup_(freep) char *json = describe_device(&((Shown *) userdata)->status);

        return bus_reply_json(call, json);
}

#define EMITS SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE

const sd_bus_vtable bus_device_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Name", "s", NULL, offsetof(Shown, status.name), SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("InterfaceIndex", "i", NULL, offsetof(Shown, status.ifindex), EMITS),
        SD_BUS_PROPERTY("Kind", "s", NULL, offsetof(Shown, status.kind), EMITS),
        SD_BUS_PROPERTY("Description", "s", NULL, offsetof(Shown, status.description), EMITS),
        SD_BUS_PROPERTY("AdministrativeState", "s", NULL, offsetof(Shown, status.administrative_state),
                        EMITS),
        SD_BUS_PROPERTY("OperationalState", "s", NULL, offsetof(Shown, status.operational_state), EMITS),
        SD_BUS_PROPERTY("CarrierState", "s", NULL, offsetof(Shown, status.carrier_state), EMITS),
        SD_BUS_PROPERTY("AddressState", "s", NULL, offsetof(Shown, status.address_state), EMITS),
        SD_BUS_PROPERTY("MTU", "u", NULL, offsetof(Shown, status.mtu), EMITS),
        SD_BUS_PROPERTY("HardwareAddress", "ay", property_hardware_address, 0, EMITS),
        SD_BUS_PROPERTY("Addresses", "as", NULL, offsetof(Shown, status.addresses), EMITS),
        SD_BUS_PROPERTY("ConfigFiles", "as", NULL, offsetof(Shown, status.config_files), EMITS),
        SD_BUS_PROPERTY("NetworkFiles", "as", NULL, offsetof(Shown, status.network_files), EMITS),
        SD_BUS_PROPERTY("Drift", "as", NULL, offsetof(Shown, status.drift), EMITS),
        SD_BUS_PROPERTY("LastError", "(isus)", property_last_error, 0, EMITS),
        SD_BUS_PROPERTY("RequiredForOnline", "b", NULL, offsetof(Shown, status.required_for_online), EMITS),
        SD_BUS_PROPERTY("OnlineSatisfied", "b", NULL, offsetof(Shown, status.online_satisfied), EMITS),
        SD_BUS_METHOD_WITH_ARGS("Reconfigure", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_reconfigure,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Up", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_up,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Down", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_down,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Delete", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_delete,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("OpenQueues", SD_BUS_ARGS("u", count, "a{sv}", options),
                                SD_BUS_RESULT("ah", queues, "u", flags), method_open_queues,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Describe", SD_BUS_NO_ARGS, SD_BUS_RESULT("s", json), method_describe,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};
