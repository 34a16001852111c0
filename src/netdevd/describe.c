/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The published status and the manager as json-c objects. */

#include "describe.h"

#include <json-c/json.h>
#include <string.h>

#include "version.h"

typedef struct json_object Json;

static void json_putp(Json **o) {
        if (*o)
                (void) json_object_put(*o);
}

/* Takes the value over. Out of memory shows in the end: a NULL is printed as null. */
static void add(Json *o, const char *key, Json *value) {
        if (json_object_object_add(o, key, value) < 0)
                (void) json_object_put(value);
}

static void append(Json *list, Json *value) {
        if (json_object_array_add(list, value) < 0)
                (void) json_object_put(value);
}

static void add_string(Json *o, const char *key, const char *value) {
        add(o, key, json_object_new_string(value ?: ""));
}

static void add_number(Json *o, const char *key, int64_t value) {
        add(o, key, json_object_new_int64(value));
}

static void add_bool(Json *o, const char *key, int value) {
        add(o, key, json_object_new_boolean(value));
}

static void add_strings(Json *o, const char *key, char *const *strings) {
        Json *list = json_object_new_array();

        for (; list && strings && *strings; strings++)
                append(list, json_object_new_string(*strings));
        add(o, key, list);
}

static void add_hardware_address(Json *o, const Status *s) {
        char text[LINK_ADDRESS_MAX * 3 + 1] = "";
        size_t n = 0;

        for (uint32_t i = 0; i < s->hardware_address_length; i++)
                n += (size_t) snprintf(text + n, sizeof(text) - n, "%s%02x", i > 0 ? ":" : "",
                                       s->hardware_address[i]);
        add_string(o, "HardwareAddress", text);
}

static void add_error(Json *o, const Status *s) {
        Json *error = json_object_new_object();

        if (!error)
                return;
        add_number(error, "Errno", s->error);
        add_string(error, "Path", s->error_path);
        add_number(error, "Line", s->error_line);
        add_string(error, "Text", s->error_text);
        add(o, "LastError", error);
}

static void add_leases(Json *o, const Status *s) {
        Json *list = json_object_new_array();

        for (size_t i = 0; list && i < s->n_leases; i++) {
                Json *lease = json_object_new_object();

                if (!lease)
                        continue;
                add_number(lease, "PID", s->leases[i].pid);
                add_number(lease, "UID", s->leases[i].uid);
                add_string(lease, "Unit", s->leases[i].unit);
                append(list, lease);
        }
        add(o, "Leases", list);
}

static Json *device_to_json(const Device *d) {
        const Status *s = &d->status;
        Json *o = json_object_new_object();

        if (!o)
                return NULL;
        add_string(o, "Name", s->name);
        add_number(o, "InterfaceIndex", s->ifindex);
        add_string(o, "Kind", s->kind);
        add_string(o, "Description", s->description);
        add_string(o, "AdministrativeState", s->administrative_state);
        add_string(o, "OperationalState", s->operational_state);
        add_string(o, "CarrierState", s->carrier_state);
        add_string(o, "AddressState", s->address_state);
        add_bool(o, "RequiredForOnline", s->required_for_online);
        add_bool(o, "OnlineSatisfied", s->online_satisfied);
        add_number(o, "MTU", s->mtu);
        add_hardware_address(o, s);
        add_strings(o, "Addresses", s->addresses);
        add_strings(o, "ConfigFiles", s->config_files);
        add_strings(o, "NetworkFiles", s->network_files);
        add_strings(o, "Drift", s->drift);
        add_error(o, s);

        add_bool(o, "MultiQueue", s->multi_queue);
        add_bool(o, "PacketInfo", s->packet_info);
        add_bool(o, "VNetHeader", s->vnet_header);
        add_bool(o, "Persist", s->persist);
        add_number(o, "OwnerUID", s->owner_uid);
        add_number(o, "GroupGID", s->group_gid);
        add_bool(o, "KeepCarrier", s->keep_carrier);
        add_bool(o, "CarrierHeld", s->carrier_held);
        add_number(o, "ActiveQueues", s->active_queues);
        add_number(o, "DisabledQueues", s->disabled_queues);
        add_bool(o, "ConsumerAttached", s->consumer_attached);
        add_leases(o, s);
        return o;
}

static void add_problems(Json *o, const Diagnostics *diagnostics) {
        Json *list = json_object_new_array();

        for (size_t i = 0; list && i < diagnostics->n; i++) {
                const Diagnostic *d = diagnostics->items + i;
                _cleanup_(freep) char *text = diag_message(d);
                Json *problem = json_object_new_object();

                if (!problem)
                        continue;
                add_string(problem, "Path", d->path);
                add_number(problem, "Line", d->line);
                add_string(problem, "Severity", severity_to_string(d->severity));
                add_string(problem, "Text", text);
                append(list, problem);
        }
        add(o, "ConfigurationProblems", list);
}

static char *print(Json *o) {
        const char *text = o ? json_object_to_json_string_ext(
                                               o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
                             : NULL;

        return text ? strdup(text) : NULL;
}

char *describe_device(const Device *d) {
        _cleanup_(json_putp) Json *o = device_to_json(d);

        return print(o);
}

char *describe_manager(const Manager *m) {
        _cleanup_(json_putp) Json *o = json_object_new_object();
        Json *devices = json_object_new_array();
        Device *d, *next;

        if (!o || !devices)
                return NULL;
        add_string(o, "Version", NETDEVD_VERSION);
        add_string(o, "OperationalState", operational_state_to_string(m->operational_state));
        add_string(o, "OnlineState", m->online_state);
        add_problems(o, &m->diagnostics);
        HASH_ITER(hh, m->devices, d, next)
                append(devices, device_to_json(d));
        add(o, "Devices", devices);
        return print(o);
}
