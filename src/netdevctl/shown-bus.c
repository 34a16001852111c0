/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One GetManagedObjects() tells of all devices; what a newer daemon says besides is skipped. */

#include <string.h>

#include "base/escape.h"
#include "client.h"
#include "shown.h"

/* A list of thousands of devices takes its time. */
#define CALL_USEC (60 * 1000000ULL)

#define TEXT_MAX 4096

/* The daemon does not know the terminal. */
static int take(char **to, const char *text) {
        free(*to);
        *to = text_escape(text, TEXT_MAX);
        return *to ? 0 : -ENOMEM;
}

static int read_string(sd_bus_message *m, char **to) {
        const char *text;
        int r = sd_bus_message_read(m, "s", &text);

        return r < 0 ? r : take(to, text);
}

static int read_strings(sd_bus_message *m, char ***to) {
        const char *text;
        int r = sd_bus_message_enter_container(m, 'a', "s");

        *to = strv_free(*to);
        while (r >= 0 && (r = sd_bus_message_read(m, "s", &text)) > 0)
                r = strv_consume(to, text_escape(text, TEXT_MAX));
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_hardware_address(sd_bus_message *m, Status *d) {
        const void *p;
        size_t n;
        int r = sd_bus_message_read_array(m, 'y', &p, &n);

        if (r < 0 || n > sizeof(d->hardware_address))
                return r < 0 ? r : -EBADMSG;
        if (n > 0)
                memcpy(d->hardware_address, p, n);
        d->hardware_address_length = (uint32_t) n;
        return 0;
}

static int read_error(sd_bus_message *m, Status *d) {
        const char *path, *text;
        int r = sd_bus_message_read(m, "(isus)", &d->error, &path, &d->error_line, &text);

        if (r >= 0)
                r = take(&d->error_path, path);
        return r < 0 ? r : take(&d->error_text, text);
}

static int read_leases(sd_bus_message *m, Status *d) {
        int r = sd_bus_message_enter_container(m, 'a', "(uus)");
        StatusLease lease = {};
        const char *unit;

        while (r >= 0 && (r = sd_bus_message_read(m, "(uus)", &lease.pid, &lease.uid, &unit)) > 0) {
                lease.unit = text_escape(unit, TEXT_MAX);
                if (!lease.unit || ARRAY_RESERVE_ONE(d->leases, d->n_leases) < 0) {
                        free(lease.unit);
                        return -ENOMEM;
                }
                d->leases[d->n_leases++] = lease;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_value(sd_bus_message *m, const StatusProperty *property, Status *d) {
        void *p = (char *) d + property->offset;

        switch (property->type) {
        case PROPERTY_STRING: return read_string(m, p);
        case PROPERTY_STRINGS: return read_strings(m, p);
        case PROPERTY_BOOLEAN: return sd_bus_message_read(m, "b", p);
        case PROPERTY_INT32: return sd_bus_message_read(m, "i", p);
        case PROPERTY_UINT32: return sd_bus_message_read(m, "u", p);
        case PROPERTY_INT64: return sd_bus_message_read(m, "x", p);
        case PROPERTY_HARDWARE_ADDRESS: return read_hardware_address(m, d);
        case PROPERTY_ERROR: return read_error(m, d);
        case PROPERTY_LEASES: return read_leases(m, d);
        }
        return -EBADMSG;
}

static const StatusProperty *find_property(const char *name, bool tuntap) {
        for (const StatusProperty *p = status_properties; p->name; p++)
                if (p->tuntap == tuntap && strcmp(p->name, name) == 0)
                        return p;
        return NULL;
}

/* One value in its variant; property NULL: skipped. */
static int read_variant(sd_bus_message *m, const StatusProperty *property, Status *d) {
        const char *contents;
        char type;
        int r;

        if (!property)
                return sd_bus_message_skip(m, "v");
        r = sd_bus_message_peek_type(m, &type, &contents);
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'v', contents);
        if (r >= 0)
                r = read_value(m, property, d);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_properties(sd_bus_message *m, bool tuntap, Status *d) {
        const char *name;
        int r = sd_bus_message_enter_container(m, 'a', "{sv}");

        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &name);
                if (r >= 0)
                        r = read_variant(m, find_property(name, tuntap), d);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_interface(sd_bus_message *m, Status *d) {
        const char *interface;
        int r = sd_bus_message_read(m, "s", &interface);

        if (r < 0)
                return r;
        if (d && strcmp(interface, CLIENT_TUNTAP_INTERFACE) == 0) {
                d->is_tuntap = true;
                return read_properties(m, true, d);
        }
        if (d && strcmp(interface, CLIENT_DEVICE_INTERFACE) == 0)
                return read_properties(m, false, d);
        return sd_bus_message_skip(m, "a{sv}");
}

static int read_object(sd_bus_message *m, Shown *s) {
        Status *d = NULL;
        const char *path;
        int r = sd_bus_message_read(m, "o", &path);

        if (r < 0)
                return r;
        if (strncmp(path, CLIENT_DEVICE_PREFIX "/", strlen(CLIENT_DEVICE_PREFIX "/")) == 0) {
                d = shown_add(s);
                if (!d)
                        return -ENOMEM;
        }

        r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
                r = read_interface(m, d);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_objects(sd_bus_message *m, Shown *s) {
        int r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");

        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
                r = read_object(m, s);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_problem(sd_bus_message *m, Shown *s) {
        const char *path, *severity, *text;
        ShownProblem *p;
        uint32_t line;
        int r = sd_bus_message_read(m, "(suss)", &path, &line, &severity, &text);

        if (r <= 0)
                return r;
        if (ARRAY_RESERVE_ONE(s->problems, s->n_problems) < 0)
                return -ENOMEM;
        p = s->problems + s->n_problems++;
        *p = (ShownProblem){ .line = line };
        r = take(&p->path, path);
        if (r >= 0)
                r = take(&p->severity, severity);
        if (r >= 0)
                r = take(&p->text, text);
        return r < 0 ? r : 1;
}

static int read_problems(sd_bus_message *m, Shown *s) {
        int r = sd_bus_message_enter_container(m, 'a', "(suss)");

        while (r >= 0 && (r = read_problem(m, s)) > 0)
                ;
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_manager_property(sd_bus_message *m, Shown *s) {
        const char *name, *contents;
        char type;
        int r = sd_bus_message_read(m, "s", &name);

        if (r >= 0)
                r = sd_bus_message_peek_type(m, &type, &contents);
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'v', contents);
        if (r < 0)
                return r;

        if (strcmp(name, "Version") == 0)
                r = read_string(m, &s->version);
        else if (strcmp(name, "OperationalState") == 0)
                r = read_string(m, &s->operational_state);
        else if (strcmp(name, "OnlineState") == 0)
                r = read_string(m, &s->online_state);
        else if (strcmp(name, "ConfigurationProblems") == 0)
                r = read_problems(m, s);
        else
                r = sd_bus_message_skip(m, contents);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_manager(sd_bus_message *m, Shown *s) {
        int r = sd_bus_message_enter_container(m, 'a', "{sv}");

        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = read_manager_property(m, s);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* A netdevd that does not run is not started to be looked at. Returns 0, SHOWN_NO_DAEMON or -errno. */
static int call(sd_bus *bus, const char *interface, const char *method, const char *argument,
                sd_bus_message **ret) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &m, CLIENT_NAME, CLIENT_PATH, interface, method);
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, false);
        if (r >= 0 && argument)
                r = sd_bus_message_append(m, "s", argument);
        if (r >= 0)
                r = sd_bus_call(bus, m, CALL_USEC, &error, ret);
        if (sd_bus_error_has_names(&error, SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                return SHOWN_NO_DAEMON;
        if (r < 0)
                client_print_error(method, r, &error);
        return r < 0 ? r : 0;
}

int shown_read_bus(const Options *options, Shown *s) {
        _cleanup_(message_unrefp) sd_bus_message *objects = NULL, *manager = NULL;
        _cleanup_(bus_unrefp) sd_bus *bus = NULL;
        int r;

        if (options->host || options->machine) {
                r = client_must_open(options, &bus);
                if (r < 0)
                        return r;
        } else if (client_open(options, &bus) < 0)
                return SHOWN_NO_DAEMON;

        r = call(bus, "org.freedesktop.DBus.Properties", "GetAll", CLIENT_MANAGER_INTERFACE, &manager);
        if (r == 0)
                r = call(bus, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, &objects);
        if (r != 0)
                return r;

        r = read_manager(manager, s);
        if (r >= 0)
                r = read_objects(objects, s);
        if (r < 0)
                (void) ctl_error(r, "cannot read the answer of netdevd");
        s->daemon = s->is_remote ? 0 : client_daemon_pid(bus);
        return r < 0 ? r : 0;
}
