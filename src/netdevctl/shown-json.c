/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The keys are the names of the properties on the bus, as with Describe(). */

#include "shown.h"

static struct json_object *strings(char *const *list) {
        struct json_object *a = json_object_new_array();

        for (; a && list && *list; list++)
                (void) json_object_array_add(a, json_object_new_string(*list));
        return a;
}

static struct json_object *bytes(const uint8_t *p, size_t n) {
        struct json_object *a = json_object_new_array();

        for (size_t i = 0; a && i < n; i++)
                (void) json_object_array_add(a, json_object_new_int(p[i]));
        return a;
}

static struct json_object *error(const ShownDevice *d) {
        struct json_object *o = json_object_new_object();

        if (!o)
                return NULL;
        json_add_int(o, "Errno", d->error);
        json_add_string(o, "Path", d->error_path ?: "");
        json_add_int(o, "Line", d->error_line);
        json_add_string(o, "Text", d->error_text ?: "");
        return o;
}

static struct json_object *leases(const ShownDevice *d) {
        struct json_object *a = json_object_new_array();

        for (size_t i = 0; a && i < d->n_leases; i++) {
                struct json_object *o = json_object_new_object();

                if (!o)
                        break;
                json_add_int(o, "PID", d->leases[i].pid);
                json_add_int(o, "UID", d->leases[i].uid);
                json_add_string(o, "Unit", d->leases[i].unit ?: "");
                (void) json_object_array_add(a, o);
        }
        return a;
}

static struct json_object *value(const ShownDevice *d, const ShownField *f) {
        const void *p = (const char *) d + f->offset;

        switch (f->type) {
        case SHOWN_STRING: return json_object_new_string(*(char *const *) p ?: "");
        case SHOWN_STRINGS: return strings(*(char **const *) p);
        case SHOWN_BOOLEAN: return json_object_new_boolean(*(const bool *) p);
        case SHOWN_INT32: return json_object_new_int(*(const int32_t *) p);
        case SHOWN_UINT32: return json_object_new_int64(*(const uint32_t *) p);
        case SHOWN_INT64: return json_object_new_int64(*(const int64_t *) p);
        case SHOWN_BYTES: return bytes(d->hardware_address, d->hardware_address_length);
        case SHOWN_ERROR: return error(d);
        case SHOWN_LEASES: return leases(d);
        }
        return NULL;
}

struct json_object *shown_device_to_json(const ShownDevice *d) {
        struct json_object *o = json_object_new_object();

        for (const ShownField *f = shown_fields; o && f->property; f++)
                if (!f->tuntap || d->is_tuntap)
                        (void) json_object_object_add(o, f->property, value(d, f));
        return o;
}

static struct json_object *problems(const Shown *s) {
        struct json_object *a = json_object_new_array();

        for (size_t i = 0; a && i < s->n_problems; i++) {
                struct json_object *o = json_object_new_object();

                if (!o)
                        break;
                json_add_string(o, "path", s->problems[i].path);
                json_add_int(o, "line", s->problems[i].line);
                json_add_string(o, "severity", s->problems[i].severity);
                json_add_string(o, "text", s->problems[i].text);
                (void) json_object_array_add(a, o);
        }
        return a;
}

struct json_object *shown_to_json(const Shown *s) {
        struct json_object *o = json_object_new_object(), *devices = json_object_new_array();

        for (size_t i = 0; devices && i < s->n_devices; i++)
                (void) json_object_array_add(devices, shown_device_to_json(s->devices + i));
        if (!o) {
                (void) json_object_put(devices);
                return NULL;
        }
        json_add_string(o, "Version", s->version);
        json_add_string(o, "OperationalState", s->operational_state);
        json_add_string(o, "OnlineState", s->online_state);
        (void) json_object_object_add(o, "ConfigurationProblems", problems(s));
        (void) json_object_object_add(o, "Devices", devices);
        return o;
}
