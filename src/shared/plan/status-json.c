/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The keys are the names of the properties on the bus. */

#include "status-json.h"

typedef struct json_object Json;

/* Takes the value over. */
static void add(Json *o, const char *key, Json *value) {
        if (json_object_object_add(o, key, value) < 0)
                (void) json_object_put(value);
}

static Json *string(const char *text) {
        return json_object_new_string(text ?: "");
}

static Json *strings(char *const *list) {
        Json *a = json_object_new_array();

        for (; a && list && *list; list++)
                (void) json_object_array_add(a, string(*list));
        return a;
}

static Json *hardware_address(const Status *s) {
        char text[STATUS_HARDWARE_ADDRESS_MAX];

        return string(status_hardware_address(s, text));
}

static Json *error(const Status *s) {
        Json *o = json_object_new_object();

        if (!o)
                return NULL;
        add(o, "Errno", json_object_new_int(s->error));
        add(o, "Path", string(s->error_path));
        add(o, "Line", json_object_new_int64(s->error_line));
        add(o, "Text", string(s->error_text));
        return o;
}

static Json *leases(const Status *s) {
        Json *a = json_object_new_array();

        for (size_t i = 0; a && i < s->n_leases; i++) {
                Json *o = json_object_new_object();

                if (!o)
                        break;
                add(o, "PID", json_object_new_int64(s->leases[i].pid));
                add(o, "UID", json_object_new_int64(s->leases[i].uid));
                add(o, "Unit", string(s->leases[i].unit));
                (void) json_object_array_add(a, o);
        }
        return a;
}

static Json *value(const Status *s, const StatusProperty *property) {
        const void *p = (const char *) s + property->offset;

        switch (property->type) {
        case PROPERTY_STRING: return string(*(char *const *) p);
        case PROPERTY_STRINGS: return strings(*(char **const *) p);
        case PROPERTY_BOOLEAN: return json_object_new_boolean(*(const int *) p);
        case PROPERTY_INT32: return json_object_new_int(*(const int32_t *) p);
        case PROPERTY_UINT32: return json_object_new_int64(*(const uint32_t *) p);
        case PROPERTY_INT64: return json_object_new_int64(*(const int64_t *) p);
        case PROPERTY_HARDWARE_ADDRESS: return hardware_address(s);
        case PROPERTY_ERROR: return error(s);
        case PROPERTY_LEASES: return leases(s);
        }
        return NULL;
}

void status_add_json(const Status *s, bool tuntap, Json *object) {
        for (const StatusProperty *p = status_properties; p->name; p++)
                if (p->tuntap == tuntap)
                        add(object, p->name, value(s, p));
}
