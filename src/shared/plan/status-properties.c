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

/* FNV-1a: what differs hashes differently but once in 2^32 times. */
static uint32_t hash_bytes(uint32_t hash, const void *data, size_t size) {
        for (const uint8_t *byte = data; size > 0; size--)
                hash = (hash ^ *byte++) * 16777619;
        return hash;
}

/* With its end, so that lists of strings are told apart. */
static uint32_t hash_string(uint32_t hash, const char *s) {
        return hash_bytes(hash, s ?: "", strlen(s ?: "") + 1);
}

static uint32_t hash_leases(uint32_t hash, const Status *s) {
        for (size_t i = 0; i < s->n_leases; i++) {
                hash = hash_bytes(hash, &s->leases[i].pid, sizeof(uint32_t));
                hash = hash_bytes(hash, &s->leases[i].uid, sizeof(uint32_t));
                hash = hash_string(hash, s->leases[i].unit);
        }
        return hash;
}

static uint32_t hash_error(uint32_t hash, const Status *s) {
        hash = hash_bytes(hash, &s->error, sizeof(s->error));
        hash = hash_bytes(hash, &s->error_line, sizeof(s->error_line));
        hash = hash_string(hash, s->error_path);
        return hash_string(hash, s->error_text);
}

static uint32_t hash_property(const StatusProperty *p, const Status *s) {
        const void *member = (const char *) s + p->offset;
        uint32_t hash = 2166136261;

        switch (p->type) {
        case PROPERTY_STRING: return hash_string(hash, *(char *const *) member);
        case PROPERTY_STRINGS:
                for (char *const *item = *(char **const *) member; item && *item; item++)
                        hash = hash_string(hash, *item);
                return hash;
        case PROPERTY_BOOLEAN:
        case PROPERTY_INT32:
        case PROPERTY_UINT32: return hash_bytes(hash, member, sizeof(uint32_t));
        case PROPERTY_INT64: return hash_bytes(hash, member, sizeof(int64_t));
        case PROPERTY_HARDWARE_ADDRESS:
                return hash_bytes(hash, s->hardware_address, s->hardware_address_length);
        case PROPERTY_LEASES: return hash_leases(hash, s);
        case PROPERTY_ERROR: return hash_error(hash, s);
        }
        return hash;
}

void status_digest(const Status *s, StatusDigest *ret) {
        static_assert(ELEMENTSOF(status_properties) - 1 == STATUS_PROPERTIES, "one for each");

        for (size_t i = 0; i < STATUS_PROPERTIES; i++)
                ret->properties[i] = hash_property(status_properties + i, s);
}

void status_compare(const StatusDigest *a, const StatusDigest *b, const char **ret_device,
                    const char **ret_tuntap) {
        for (size_t i = 0; i < STATUS_PROPERTIES; i++) {
                if (a->properties[i] == b->properties[i])
                        continue;
                if (status_properties[i].tuntap)
                        *ret_tuntap++ = status_properties[i].name;
                else
                        *ret_device++ = status_properties[i].name;
        }
        *ret_device = *ret_tuntap = NULL;
}
