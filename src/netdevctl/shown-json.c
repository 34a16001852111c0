/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The keys are the names of the properties on the bus, as with Describe(). */

#include "plan/status-json.h"
#include "shown.h"

struct json_object *shown_device_to_json(const Status *d) {
        struct json_object *o = json_object_new_object();

        if (!o)
                return NULL;
        status_add_json(d, false, o);
        if (d->is_tuntap)
                status_add_json(d, true, o);
        return o;
}

static struct json_object *problems(const Shown *s) {
        struct json_object *a = json_object_new_array();

        for (size_t i = 0; a && i < s->n_problems; i++) {
                struct json_object *o = json_object_new_object();

                if (!o)
                        break;
                json_add_string(o, "Path", s->problems[i].path);
                json_add_int(o, "Line", s->problems[i].line);
                json_add_string(o, "Severity", s->problems[i].severity);
                json_add_string(o, "Text", s->problems[i].text);
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
