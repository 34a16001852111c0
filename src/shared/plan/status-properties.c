/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One table says which property stands where, so that nothing made from it can forget one. */

#include <assert.h>
#include <string.h>

#include "status.h"

#define DEVICE(name, type, member)                                                                          \
        { name, false, PROPERTY_##type, offsetof(Status, member) }
#define TUNTAP(name, type, member)                                                                          \
        { name, true, PROPERTY_##type, offsetof(Status, member) }

const StatusProperty status_properties[] = {
        DEVICE("Name", STRING, name),
        DEVICE("InterfaceIndex", INT32, ifindex),
        DEVICE("Kind", STRING, kind),
        DEVICE("Description", STRING, description),
        DEVICE("AdministrativeState", STRING, administrative_state),
        DEVICE("OperationalState", STRING, operational_state),
        DEVICE("CarrierState", STRING, carrier_state),
        DEVICE("AddressState", STRING, address_state),
        DEVICE("MTU", UINT32, mtu),
        DEVICE("HardwareAddress", HARDWARE_ADDRESS, hardware_address),
        DEVICE("Addresses", STRINGS, addresses),
        DEVICE("ConfigFiles", STRINGS, config_files),
        DEVICE("NetworkFiles", STRINGS, network_files),
        DEVICE("Drift", STRINGS, drift),
        DEVICE("LastError", ERROR, error),
        DEVICE("RequiredForOnline", BOOLEAN, required_for_online),
        DEVICE("OnlineSatisfied", BOOLEAN, online_satisfied),
        TUNTAP("MultiQueue", BOOLEAN, multi_queue),
        TUNTAP("PacketInfo", BOOLEAN, packet_info),
        TUNTAP("VNetHeader", BOOLEAN, vnet_header),
        TUNTAP("Persist", BOOLEAN, persist),
        TUNTAP("OwnerUID", INT64, owner_uid),
        TUNTAP("GroupGID", INT64, group_gid),
        TUNTAP("KeepCarrier", BOOLEAN, keep_carrier),
        TUNTAP("CarrierHeld", BOOLEAN, carrier_held),
        TUNTAP("ActiveQueues", UINT32, active_queues),
        TUNTAP("DisabledQueues", UINT32, disabled_queues),
        TUNTAP("ConsumerAttached", BOOLEAN, consumer_attached),
        TUNTAP("Leases", LEASES, leases),
        {},
};

void status_done(Status *s) {
        free(s->name);
        free(s->kind);
        free(s->description);
        free(s->administrative_state);
        free(s->operational_state);
        free(s->carrier_state);
        free(s->address_state);
        strv_free(s->addresses);
        strv_free(s->config_files);
        strv_free(s->network_files);
        strv_free(s->drift);
        free(s->error_path);
        free(s->error_text);
        for (size_t i = 0; i < s->n_leases; i++)
                free(s->leases[i].unit);
        free(s->leases);
        *s = (Status){};
}

char *status_error(const Status *s) {
        char *text = NULL;
        int n;

        if (!s->error_path || !s->error_path[0])
                n = asprintf(&text, "%s", s->error_text ?: "");
        else if (s->error_line == 0)
                n = asprintf(&text, "%s: %s", s->error_path, s->error_text ?: "");
        else
                n = asprintf(&text, "%s:%u: %s", s->error_path, s->error_line, s->error_text ?: "");
        return n < 0 ? NULL : text;
}

const char *status_hardware_address(const Status *s, char *buffer) {
        *buffer = '\0';
        for (uint32_t i = 0; i < s->hardware_address_length; i++)
                (void) sprintf(buffer + 3 * i - (i > 0), i > 0 ? ":%02x" : "%02x", s->hardware_address[i]);
        return buffer;
}

static bool same_string(const char *a, const char *b) {
        return strcmp(a ?: "", b ?: "") == 0;
}

static bool same_leases(const Status *a, const Status *b) {
        if (a->n_leases != b->n_leases)
                return false;
        for (size_t i = 0; i < a->n_leases; i++)
                if (a->leases[i].pid != b->leases[i].pid || a->leases[i].uid != b->leases[i].uid ||
                    !same_string(a->leases[i].unit, b->leases[i].unit))
                        return false;
        return true;
}

static bool same(const StatusProperty *p, const Status *a, const Status *b) {
        const void *x = (const char *) a + p->offset, *y = (const char *) b + p->offset;

        switch (p->type) {
        case PROPERTY_STRING: return same_string(*(char *const *) x, *(char *const *) y);
        case PROPERTY_STRINGS: return strv_equal(*(char **const *) x, *(char **const *) y);
        case PROPERTY_BOOLEAN:
        case PROPERTY_INT32:
        case PROPERTY_UINT32: return *(const int32_t *) x == *(const int32_t *) y;
        case PROPERTY_INT64: return *(const int64_t *) x == *(const int64_t *) y;
        case PROPERTY_HARDWARE_ADDRESS:
                return a->hardware_address_length == b->hardware_address_length &&
                       memcmp(a->hardware_address, b->hardware_address, a->hardware_address_length) == 0;
        case PROPERTY_LEASES: return same_leases(a, b);
        case PROPERTY_ERROR:
                return a->error == b->error && a->error_line == b->error_line &&
                       same_string(a->error_path, b->error_path) &&
                       same_string(a->error_text, b->error_text);
        }
        return true;
}

void status_compare(const Status *a, const Status *b, const char **ret_device, const char **ret_tuntap) {
        static_assert(ELEMENTSOF(status_properties) < STATUS_PROPERTIES_MAX, "the lists have room for all");

        for (const StatusProperty *p = status_properties; p->name; p++) {
                if (same(p, a, b))
                        continue;
                if (p->tuntap)
                        *ret_tuntap++ = p->name;
                else
                        *ret_device++ = p->name;
        }
        *ret_device = *ret_tuntap = NULL;
}
