/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names on the bus, as netdevctl knows them, and what their errors mean to whoever typed the command. */

#include "client.h"

#include <string.h>

/* What takes longer is request.c's. */
#define QUESTION_USEC (3 * 1000000ULL)

static bool is(const sd_bus_error *error, const char *name) {
        return sd_bus_error_has_name(error, name);
}

void client_print_error(const char *method, int r, const sd_bus_error *error) {
        const char *message = error->message ?: strerror(-r);

        if (is(error, SD_BUS_ERROR_SERVICE_UNKNOWN) || is(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER) ||
            (error->name && strncmp(error->name, "org.freedesktop.systemd1.", 25) == 0))
                (void) ctl_error(0,
                                 "netdevd does not run, and was not started: %s; see 'systemctl status "
                                 "netdevd.service'",
                                 message);
        else if (is(error, "org.netdevd1.NotPermitted") || is(error, SD_BUS_ERROR_ACCESS_DENIED) ||
                 is(error, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED))
                (void) ctl_error(0, "%s; run it as root", message);
        else if (is(error, SD_BUS_ERROR_UNKNOWN_METHOD))
                (void) ctl_error(0,
                                 "the netdevd that runs has no %s(); it is older than this netdevctl: "
                                 "restart "
                                 "netdevd.service",
                                 method);
        else if (is(error, SD_BUS_ERROR_NO_REPLY) || is(error, SD_BUS_ERROR_TIMEOUT) || r == -ETIMEDOUT)
                (void) ctl_error(0, "netdevd did not answer; see 'journalctl -u netdevd.service'");
        else if (r == -ENOTCONN || r == -ECONNRESET)
                (void) ctl_error(0, "the connection to the system bus broke: %s", message);
        else
                (void) ctl_error(0, "%s", message);
}

int client_open(const Options *options, sd_bus **ret) {
        if (options->host)
                return sd_bus_open_system_remote(ret, options->host);
        if (options->machine)
                return sd_bus_open_system_machine(ret, options->machine);
        return sd_bus_open_system(ret);
}

int client_must_open(const Options *options, sd_bus **ret) {
        const char *where = options->host ?: options->machine;
        int r = client_open(options, ret);

        if (r < 0 && where)
                (void) ctl_error(r, "cannot reach the system bus of %s", where);
        else if (r < 0)
                (void) ctl_error(r, "cannot reach the system bus, and so not netdevd");
        return r < 0 ? r : 0;
}

pid_t client_daemon_pid(sd_bus *bus) {
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        pid_t pid;

        if (sd_bus_get_name_creds(bus, CLIENT_NAME, SD_BUS_CREDS_PID, &creds) < 0 ||
            sd_bus_creds_get_pid(creds, &pid) < 0)
                return 0;
        return pid;
}

/* One property; the reply stands before its value. Returns 0 or -errno. */
static int ask(sd_bus *bus, const char *path, const char *interface, const char *property, const char *type,
               sd_bus_message **ret) {
        _cleanup_(message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &call, CLIENT_NAME, path, "org.freedesktop.DBus.Properties",
                                           "Get");
        if (r >= 0)
                r = sd_bus_message_set_auto_start(call, false);
        if (r >= 0)
                r = sd_bus_message_append(call, "ss", interface, property);
        if (r >= 0)
                r = sd_bus_call(bus, call, QUESTION_USEC, NULL, &reply);
        if (r >= 0)
                r = sd_bus_message_enter_container(reply, 'v', type);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(reply);
        return 0;
}

static int ask_state(sd_bus *bus, const char *path, ClientDevice *d) {
        _cleanup_(message_unrefp) sd_bus_message *m = NULL;
        const char *state;
        int r;

        r = ask(bus, path, CLIENT_DEVICE_INTERFACE, "AdministrativeState", "s", &m);
        if (r >= 0)
                r = sd_bus_message_read(m, "s", &state);
        if (r < 0)
                return r;
        d->state = strdup(state);
        return d->state ? 0 : -ENOMEM;
}

static int ask_held(sd_bus *bus, const char *path, ClientDevice *d) {
        _cleanup_(message_unrefp) sd_bus_message *m = NULL;
        int r, held = 0;

        r = ask(bus, path, CLIENT_TUNTAP_INTERFACE, "CarrierHeld", "b", &m);
        if (r >= 0)
                r = sd_bus_message_read(m, "b", &held);
        d->carrier_held = held;
        return r;
}

static int ask_error(sd_bus *bus, const char *path, ClientDevice *d) {
        _cleanup_(message_unrefp) sd_bus_message *m = NULL;
        const char *error_path, *text;
        int32_t error;
        uint32_t line;
        int r;

        r = ask(bus, path, CLIENT_DEVICE_INTERFACE, "LastError", "(isus)", &m);
        if (r >= 0)
                r = sd_bus_message_read(m, "(isus)", &error, &error_path, &line, &text);
        if (r < 0)
                return r;

        d->error = error;
        d->error_line = line;
        d->error_path = strdup(error_path);
        d->error_text = strdup(text);
        return d->error_path && d->error_text ? 0 : -ENOMEM;
}

void client_ask_device(const char *name, ClientDevice *ret) {
        _cleanup_(client_device_done) ClientDevice d = {};
        _cleanup_(bus_unrefp) sd_bus *bus = NULL;
        _cleanup_(freep) char *path = NULL;

        *ret = (ClientDevice){};
        if (sd_bus_open_system(&bus) < 0 || sd_bus_path_encode(CLIENT_DEVICE_PREFIX, name, &path) < 0)
                return;
        if (ask_state(bus, path, &d) < 0 || ask_held(bus, path, &d) < 0 || ask_error(bus, path, &d) < 0)
                return;

        d.known = true;
        *ret = d;
        d = (ClientDevice){};
}

void client_device_done(ClientDevice *d) {
        free(d->state);
        free(d->error_path);
        free(d->error_text);
        *d = (ClientDevice){};
}
