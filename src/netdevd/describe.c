/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A status and the manager as json-c objects. */

#include "describe.h"

#include <string.h>

#include "plan/status-json.h"
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

static Json *status_to_json(const Status *s) {
        Json *o = json_object_new_object();

        if (!o)
                return NULL;
        status_add_json(s, false, o);
        status_add_json(s, true, o);
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

char *describe_device(const Status *s) {
        _cleanup_(json_putp) Json *o = status_to_json(s);

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
        HASH_ITER(hh, m->devices, d, next) {
                _cleanup_(status_done) Status status = {};

                if (manager_device_status(m, d, &status) >= 0)
                        append(devices, status_to_json(&status));
        }
        add(o, "Devices", devices);
        return print(o);
}
