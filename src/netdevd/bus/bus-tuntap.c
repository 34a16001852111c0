/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* org.netdevd1.TunTap, beside org.netdevd1.Device on every tun and tap. Queues are as the kernel counts
 * them. */

#include "bus.h"

static int property_leases(sd_bus *bus _unused_, const char *path _unused_, const char *interface _unused_,
                           const char *property _unused_, sd_bus_message *reply, void *userdata,
                           sd_bus_error *error _unused_) {
        const Status *s = &((Shown *) userdata)->status;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "(uus)");
        for (size_t i = 0; r >= 0 && i < s->n_leases; i++)
                r = sd_bus_message_append(reply, "(uus)", s->leases[i].pid, s->leases[i].uid,
                                          s->leases[i].unit);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

#define EMITS SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE

const sd_bus_vtable bus_tuntap_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("MultiQueue", "b", NULL, offsetof(Shown, status.multi_queue), EMITS),
        SD_BUS_PROPERTY("PacketInfo", "b", NULL, offsetof(Shown, status.packet_info), EMITS),
        SD_BUS_PROPERTY("VNetHeader", "b", NULL, offsetof(Shown, status.vnet_header), EMITS),
        SD_BUS_PROPERTY("Persist", "b", NULL, offsetof(Shown, status.persist), EMITS),
        SD_BUS_PROPERTY("OwnerUID", "x", NULL, offsetof(Shown, status.owner_uid), EMITS),
        SD_BUS_PROPERTY("GroupGID", "x", NULL, offsetof(Shown, status.group_gid), EMITS),
        SD_BUS_PROPERTY("KeepCarrier", "b", NULL, offsetof(Shown, status.keep_carrier), EMITS),
        SD_BUS_PROPERTY("CarrierHeld", "b", NULL, offsetof(Shown, status.carrier_held), EMITS),
        SD_BUS_PROPERTY("ActiveQueues", "u", NULL, offsetof(Shown, status.active_queues), EMITS),
        SD_BUS_PROPERTY("DisabledQueues", "u", NULL, offsetof(Shown, status.disabled_queues), EMITS),
        SD_BUS_PROPERTY("ConsumerAttached", "b", NULL, offsetof(Shown, status.consumer_attached), EMITS),
        SD_BUS_PROPERTY("Leases", "a(uus)", property_leases, 0, EMITS),
        SD_BUS_VTABLE_END,
};
