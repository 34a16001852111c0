/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who is calling: asked of the bus itself (GetConnectionCredentials), never of /proc, where a user namespace
 * fakes what it likes. */

#include <string.h>

#include "bus.h"

typedef struct Question {
        Manager *manager;
        sd_bus_message *call;
        char *what;
        BusAllowed allowed;
} Question;

static Question *question_free(Question *q) {
        if (!q)
                return NULL;
        sd_bus_message_unref(q->call);
        free(q->what);
        free(q);
        return NULL;
}
DEFINE_CLEANUP(Question *, question_free);

static void destroy_question(void *userdata) {
        question_free(userdata);
}

/* a{sv} -> the value of UnixUserID. */
static int read_uid(sd_bus_message *reply, uint32_t *ret) {
        const char *key;
        int r;

        r = sd_bus_message_enter_container(reply, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(reply, 'e', "sv")) > 0) {
                r = sd_bus_message_read(reply, "s", &key);
                if (r >= 0 && strcmp(key, "UnixUserID") == 0)
                        return sd_bus_message_read(reply, "v", "u", ret);
                if (r >= 0)
                        r = sd_bus_message_skip(reply, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(reply);
        }
        return r < 0 ? r : -ENODATA;
}

static int on_credentials(sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_) {
        Question *q = userdata;
        uint32_t uid;
        int r;

        r = sd_bus_message_is_method_error(reply, NULL) ? -EACCES : read_uid(reply, &uid);
        if (r < 0 || uid != 0)
                return sd_bus_reply_method_errorf(q->call, BUS_ERROR_NOT_PERMITTED, "Only root may %s.",
                                                  q->what);

        r = q->allowed(q->manager, q->call);
        if (r < 0)
                return sd_bus_reply_method_errno(q->call, r, NULL);
        return 0;
}

int bus_require_root(Manager *m, sd_bus_message *call, const char *what, BusAllowed allowed) {
        _cleanup_(question_freep) Question *q = calloc(1, sizeof(Question));
        sd_bus_slot *slot;
        int r;

        if (!q)
                return -ENOMEM;
        q->manager = m;
        q->call = sd_bus_message_ref(call);
        q->allowed = allowed;
        q->what = strdup(what);
        if (!q->what)
                return -ENOMEM;

        r = sd_bus_call_method_async(sd_bus_message_get_bus(call), &slot, "org.freedesktop.DBus",
                                     "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                     "GetConnectionCredentials", on_credentials, q, "s",
                                     sd_bus_message_get_sender(call));
        if (r < 0)
                return r;

        /* The slot lives as long as the connection, and takes the question with it. */
        (void) sd_bus_slot_set_destroy_callback(slot, destroy_question);
        TAKE_PTR(q);
        (void) sd_bus_slot_set_floating(slot, true);
        sd_bus_slot_unref(slot);
        return 1;
}
