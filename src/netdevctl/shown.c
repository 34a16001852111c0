/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the two sources meet, and the one table of what there is to a device. */

#include "shown.h"

#include <string.h>

#include "base/escape.h"

#define FIELD(property, type, member)                                                                       \
        { property, type, false, offsetof(ShownDevice, member) }
#define TUNTAP(property, type, member)                                                                      \
        { property, type, true, offsetof(ShownDevice, member) }

const ShownField shown_fields[] = {
        FIELD("Name", SHOWN_STRING, name),
        FIELD("InterfaceIndex", SHOWN_INT32, ifindex),
        FIELD("Kind", SHOWN_STRING, kind),
        FIELD("Description", SHOWN_STRING, description),
        FIELD("AdministrativeState", SHOWN_STRING, administrative_state),
        FIELD("OperationalState", SHOWN_STRING, operational_state),
        FIELD("CarrierState", SHOWN_STRING, carrier_state),
        FIELD("AddressState", SHOWN_STRING, address_state),
        FIELD("MTU", SHOWN_UINT32, mtu),
        FIELD("HardwareAddress", SHOWN_BYTES, hardware_address),
        FIELD("Addresses", SHOWN_STRINGS, addresses),
        FIELD("ConfigFiles", SHOWN_STRINGS, config_files),
        FIELD("NetworkFiles", SHOWN_STRINGS, network_files),
        FIELD("Drift", SHOWN_STRINGS, drift),
        FIELD("LastError", SHOWN_ERROR, error),
        FIELD("RequiredForOnline", SHOWN_BOOLEAN, required_for_online),
        FIELD("OnlineSatisfied", SHOWN_BOOLEAN, online_satisfied),
        TUNTAP("MultiQueue", SHOWN_BOOLEAN, multi_queue),
        TUNTAP("PacketInfo", SHOWN_BOOLEAN, packet_info),
        TUNTAP("VNetHeader", SHOWN_BOOLEAN, vnet_header),
        TUNTAP("Persist", SHOWN_BOOLEAN, persist),
        TUNTAP("OwnerUID", SHOWN_INT64, owner_uid),
        TUNTAP("GroupGID", SHOWN_INT64, group_gid),
        TUNTAP("KeepCarrier", SHOWN_BOOLEAN, keep_carrier),
        TUNTAP("CarrierHeld", SHOWN_BOOLEAN, carrier_held),
        TUNTAP("ActiveQueues", SHOWN_UINT32, active_queues),
        TUNTAP("DisabledQueues", SHOWN_UINT32, disabled_queues),
        TUNTAP("ConsumerAttached", SHOWN_BOOLEAN, consumer_attached),
        TUNTAP("Leases", SHOWN_LEASES, leases),
        {},
};

ShownDevice *shown_add(Shown *s) {
        ShownDevice *d;

        if (ARRAY_RESERVE_ONE(s->devices, s->n_devices) < 0)
                return NULL;
        d = s->devices + s->n_devices++;
        *d = (ShownDevice){ .owner_uid = -1, .group_gid = -1 };
        return d;
}

static void device_done(ShownDevice *d) {
        free(d->name);
        free(d->kind);
        free(d->description);
        free(d->administrative_state);
        free(d->operational_state);
        free(d->carrier_state);
        free(d->address_state);
        strv_free(d->addresses);
        strv_free(d->config_files);
        strv_free(d->network_files);
        strv_free(d->drift);
        free(d->error_path);
        free(d->error_text);
        for (size_t i = 0; i < d->n_leases; i++)
                free(d->leases[i].unit);
        free(d->leases);
}

void shown_done(Shown *s) {
        for (size_t i = 0; i < s->n_devices; i++)
                device_done(s->devices + i);
        for (size_t i = 0; i < s->n_problems; i++) {
                free(s->problems[i].path);
                free(s->problems[i].severity);
                free(s->problems[i].text);
        }
        free(s->devices);
        free(s->problems);
        free(s->version);
        free(s->operational_state);
        free(s->online_state);
        *s = (Shown){};
}

static int compare(const void *a, const void *b) {
        const ShownDevice *x = a, *y = b;

        return strverscmp(x->name, y->name);
}

static int read_source(const Options *options, Shown *s) {
        int r = shown_read_bus(options, s);

        if (r != SHOWN_NO_DAEMON)
                return r;
        if (options->host || options->machine) {
                (void) ctl_error(0, "netdevd does not run on %s", options->host ?: options->machine);
                return -ESRCH;
        }
        return shown_read_actual(options, s);
}

int shown_read(const Options *options, Shown *ret) {
        _cleanup_(shown_done) Shown s = { .is_remote = options->host || options->machine };
        int r = read_source(options, &s);

        if (r < 0)
                return r;
        for (size_t i = 0; i < s.n_devices; i++)
                if (!s.devices[i].name) {
                        (void) ctl_error(0, "netdevd tells of a device without a name");
                        return -EBADMSG;
                }
        if (s.n_devices > 0)
                qsort(s.devices, s.n_devices, sizeof(*s.devices), compare);
        *ret = s;
        s = (Shown){};
        return 0;
}

/* Names are escaped on both ways, so that is what is looked for too. */
const ShownDevice *shown_find(const Shown *s, const char *name) {
        for (size_t i = 0; i < s->n_devices; i++)
                if (strcmp(s->devices[i].name, name) == 0)
                        return s->devices + i;
        return NULL;
}
