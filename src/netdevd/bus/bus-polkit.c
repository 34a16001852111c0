/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* org.freedesktop.PolicyKit1.Authority.CheckAuthorization(). No polkit is a refusal, never a permission. */

#include <stdio.h>
#include <string.h>

#include "bus-access.h"

/* A person needs time to type a password. */
#define INTERACTIVE_USEC (120 * 1000000ULL)

#define ALLOW_USER_INTERACTION 1U

static const struct {
        const char *id, *text;
} actions[_BUS_ACTION_MAX] = {
        [BUS_ACTION_RELOAD] = { "org.netdevd1.reload", "reload netdevd" },
        [BUS_ACTION_RECONFIGURE] = { "org.netdevd1.reconfigure", "reconfigure devices" },
        [BUS_ACTION_SET_LINK] = { "org.netdevd1.set-link", "bring devices up or down" },
        [BUS_ACTION_DELETE] = { "org.netdevd1.delete", "delete devices" },
        [BUS_ACTION_OPEN_QUEUES] = { "org.netdevd1.open-queues", "open queues of devices of others" },
};

const char *bus_action_id(BusAction action) {
        return actions[action].id;
}

const char *bus_action_text(BusAction action) {
        return actions[action].text;
}

static bool is_absent(const sd_bus_error *e) {
        return sd_bus_error_has_name(e, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
               sd_bus_error_has_name(e, SD_BUS_ERROR_NAME_HAS_NO_OWNER) ||
               (e && e->name && strncmp(e->name, "org.freedesktop.DBus.Error.Spawn.", 33) == 0) ||
               (e && e->name && strncmp(e->name, "org.freedesktop.systemd1.", 25) == 0);
}

static void refuse(Request *q, const char *format, const char *argument) {
        _cleanup_(freep) char *why = NULL;

        if (asprintf(&why, format, argument) < 0)
                why = NULL;
        request_refused(q, why ?: "");
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_) {
        const sd_bus_error *e = sd_bus_message_get_error(reply);
        int allowed = false, challenge = false;
        Request *q = userdata;

        if (is_absent(e))
                refuse(q, ", and polkit, which could allow %s to others, does not run on this machine",
                       bus_action_id(q->action));
        else if (e)
                refuse(q, ", and polkit does not answer: %s", e->message ?: e->name);
        else if (sd_bus_message_enter_container(reply, 'r', "bba{ss}") < 0 ||
                 sd_bus_message_read(reply, "bb", &allowed, &challenge) < 0)
                refuse(q, ", and polkit's answer %sis not understood", "");
        else if (allowed)
                request_granted(q);
        else if (challenge)
                refuse(q,
                       ", or whom polkit allows %s: it wants a password, so call again with interactive "
                       "authorization, from a session with a polkit agent",
                       bus_action_id(q->action));
        else
                refuse(q, ", or whom polkit allows %s", bus_action_id(q->action));
        return 0;
}

int polkit_ask(Request *q, sd_bus_slot **ret_slot) {
        sd_bus *bus = sd_bus_message_get_bus(q->call);
        bool interactive = sd_bus_message_get_allow_interactive_authorization(q->call) > 0;
        sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &m, "org.freedesktop.PolicyKit1",
                                           "/org/freedesktop/PolicyKit1/Authority",
                                           "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization");
        if (r >= 0)
                r = sd_bus_message_append(m, "(sa{sv})s", "system-bus-name", 1, "name", "s",
                                          sd_bus_message_get_sender(q->call), bus_action_id(q->action));
        if (r >= 0 && q->device)
                r = sd_bus_message_append(m, "a{ss}", 1, "device", q->device);
        else if (r >= 0)
                r = sd_bus_message_append(m, "a{ss}", 0);
        if (r >= 0)
                r = sd_bus_message_append(m, "us", interactive ? ALLOW_USER_INTERACTION : 0, "");
        if (r >= 0)
                r = sd_bus_call_async(bus, ret_slot, m, on_answer, q, interactive ? INTERACTIVE_USEC : 0);
        sd_bus_message_unref(m);
        return r;
}
