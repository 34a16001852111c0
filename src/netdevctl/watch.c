/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* First the subscriptions, then the questions, all on one connection: what the daemon sends before its
 * answer is in the answer, and is passed over; what it sends after is later. Signals count from the owner of
 * the name only, since anybody may send signals to anybody. */

#include "watch.h"

#include <string.h>

#include "bus-json.h"
#include "client.h"
#include "watch-state.h"

#define PROPERTIES     "org.freedesktop.DBus.Properties"
#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define BUS            "org.freedesktop.DBus"
#define BUS_PATH       "/org/freedesktop/DBus"
#define FROM_DAEMON    "type='signal',sender='" CLIENT_NAME "',"

/* A reload of thousands of devices may come first. */
#define ANSWER_USEC (600 * 1000000ULL)

struct Watch {
        sd_bus *bus;
        sd_event *event; /* the bus leaves it before it says that it is gone */
        char *owner;     /* its unique name; NULL: not there */
        bool ready;      /* all was read */
        sd_bus_slot *manager_slot, *devices_slot;
        WatchState state;
};

/* An error in a callback would be lost: it ends the loop. */
static int finish(Watch *w, int r) {
        if (r < 0)
                (void) sd_event_exit(w->event, r);
        return 0;
}

/* That the daemon went while it was asked is said by another signal. */
static int refuse(Watch *w, const sd_bus_error *e) {
        if (sd_bus_error_has_name(e, SD_BUS_ERROR_NO_REPLY) ||
            sd_bus_error_has_name(e, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
            sd_bus_error_has_name(e, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                return 0;
        (void) ctl_error(0, "netdevd does not say what devices there are: %s", e->message);
        return finish(w, -EACCES);
}

static int on_manager(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_) {
        Watch *w = userdata;

        if (sd_bus_message_is_method_error(m, NULL))
                return refuse(w, sd_bus_message_get_error(m));
        (void) json_object_put(w->state.manager_read);
        w->state.manager_read = json_object_new_object();
        return finish(w,
                      w->state.manager_read ? bus_json_read_properties(m, w->state.manager_read) : -ENOMEM);
}

static int on_devices(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_) {
        _cleanup_(json_object_putp) struct json_object *devices = json_object_new_object();
        Watch *w = userdata;
        int r;

        if (sd_bus_message_is_method_error(m, NULL))
                return refuse(w, sd_bus_message_get_error(m));
        r = devices ? bus_json_read_objects(m, devices) : -ENOMEM;
        w->ready = true;
        return finish(w, r < 0 ? r : watch_take_all(&w->state, devices));
}

static int ask(Watch *w, sd_bus_slot **slot, const char *interface, const char *method,
               sd_bus_message_handler_t handler) {
        _cleanup_(message_unrefp) sd_bus_message *call = NULL;
        int r;

        r = sd_bus_message_new_method_call(w->bus, &call, w->owner, CLIENT_PATH, interface, method);
        if (r >= 0 && strcmp(interface, PROPERTIES) == 0)
                r = sd_bus_message_append(call, "s", CLIENT_MANAGER_INTERFACE);
        if (r >= 0)
                r = sd_bus_call_async(w->bus, slot, call, handler, w, ANSWER_USEC);
        return r < 0 ? r : 0;
}

static int set_owner(Watch *w, const char *owner) {
        int r;

        if (w->owner && strcmp(w->owner, owner) == 0)
                return 0;

        w->manager_slot = sd_bus_slot_unref(w->manager_slot);
        w->devices_slot = sd_bus_slot_unref(w->devices_slot);
        w->ready = false;
        free(w->owner);
        w->owner = NULL;
        if (!*owner)
                return watch_tell(&w->state, WATCH_GONE, NULL, NULL, NULL);

        w->owner = strdup(owner);
        if (!w->owner)
                return -ENOMEM;
        r = ask(w, &w->manager_slot, PROPERTIES, "GetAll", on_manager);
        return r < 0 ? r : ask(w, &w->devices_slot, OBJECT_MANAGER, "GetManagedObjects", on_devices);
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_) {
        const char *owner = "";
        Watch *w = userdata;
        int r = 0;

        if (!sd_bus_message_is_method_error(m, NULL))
                r = sd_bus_message_read(m, "s", &owner);
        return finish(w, r < 0 ? r : set_owner(w, owner));
}

static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_) {
        const char *name, *before, *owner;
        int r;

        r = sd_bus_message_read(m, "sss", &name, &before, &owner);
        return finish(userdata, r < 0 ? r : set_owner(userdata, owner));
}

static bool is_news(const Watch *w, sd_bus_message *m) {
        const char *sender = sd_bus_message_get_sender(m);

        return w->owner && sender && strcmp(sender, w->owner) == 0;
}

static int on_added(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_) {
        _cleanup_(json_object_putp) struct json_object *properties = NULL;
        _cleanup_(freep) char *name = NULL;
        Watch *w = userdata;
        int r;

        if (!w->ready || !is_news(w, m))
                return 0;
        r = bus_json_read_object(m, &name, &properties);
        return finish(w, r > 0 ? watch_take_device(&w->state, name, properties) : r);
}

static int on_removed(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_) {
        _cleanup_(freep) char *name = NULL;
        Watch *w = userdata;
        const char *path;
        int r;

        if (!w->ready || !is_news(w, m))
                return 0;
        r = sd_bus_message_read(m, "o", &path);
        if (r >= 0)
                r = bus_json_read_path(path, &name);
        return finish(w, r > 0 ? watch_drop_device(&w->state, name) : r);
}

/* Of the daemon itself also between its two answers, when that is no news yet. */
static int on_changed(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_) {
        _cleanup_(json_object_putp) struct json_object *values = json_object_new_object();
        struct json_object *known = NULL;
        _cleanup_(freep) char *name = NULL;
        Watch *w = userdata;
        const char *interface;
        int r;

        if (!values || !is_news(w, m))
                return finish(w, values ? 0 : -ENOMEM);
        r = sd_bus_message_read(m, "s", &interface);
        if (r >= 0)
                r = bus_json_read_path(sd_bus_message_get_path(m), &name);
        if (r == 0 && !w->ready && w->state.manager_read)
                return finish(w, bus_json_read_properties(m, w->state.manager_read));
        if (r < 0 || !w->ready)
                return finish(w, r);

        known = name ? json_object_object_get(w->state.devices, name) : w->state.manager;
        r = bus_json_read_properties(m, values);
        return finish(w, r >= 0 && known ? watch_take_properties(&w->state, name, known, values) : r);
}

static int on_disconnected(sd_bus_message *m _unused_, void *userdata, sd_bus_error *error _unused_) {
        (void) ctl_error(0, "the connection to the system bus is gone");
        return finish(userdata, -ECONNRESET);
}

static const struct {
        const char *match;
        sd_bus_message_handler_t handler;
} subscriptions[] = {
        { "type='signal',sender='org.freedesktop.DBus.Local',interface='org.freedesktop.DBus.Local',"
          "member='Disconnected'",
          on_disconnected },
        { "type='signal',sender='" BUS "',path='" BUS_PATH "',interface='" BUS
          "',member='NameOwnerChanged',arg0='" CLIENT_NAME "'",
          on_owner_changed },
        { FROM_DAEMON "path='" CLIENT_PATH "',interface='" OBJECT_MANAGER "',member='InterfacesAdded'",
          on_added },
        { FROM_DAEMON "path='" CLIENT_PATH "',interface='" OBJECT_MANAGER "',member='InterfacesRemoved'",
          on_removed },
        { FROM_DAEMON "path_namespace='" CLIENT_PATH "',interface='" PROPERTIES
                      "',member='PropertiesChanged'",
          on_changed },
};

static int subscribe(Watch *w) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(subscriptions); i++)
                r = sd_bus_add_match_async(w->bus, NULL, subscriptions[i].match, subscriptions[i].handler,
                                           NULL, w);
        if (r >= 0)
                r = sd_bus_call_method_async(w->bus, NULL, BUS, BUS_PATH, BUS, "GetNameOwner", on_owner, w,
                                             "s", CLIENT_NAME);
        return r < 0 ? r : 0;
}

int watch_new(sd_bus *bus, WatchCallback callback, void *userdata, Watch **ret) {
        _cleanup_(watch_freep) Watch *w = calloc(1, sizeof(Watch));
        int r;

        if (!w)
                return -ENOMEM;
        w->bus = sd_bus_ref(bus);
        w->event = sd_event_ref(sd_bus_get_event(bus));
        w->state = (WatchState){ .callback = callback, .userdata = userdata };

        r = subscribe(w);
        if (r >= 0)
                *ret = TAKE_PTR(w);
        return r;
}

/* What it subscribed to floats, and goes with the connection. */
Watch *watch_free(Watch *w) {
        if (!w)
                return NULL;
        sd_bus_slot_unref(w->manager_slot);
        sd_bus_slot_unref(w->devices_slot);
        sd_bus_close(w->bus);
        sd_bus_unref(w->bus);
        sd_event_unref(w->event);
        watch_state_done(&w->state);
        free(w->owner);
        free(w);
        return NULL;
}

bool watch_is_ready(const Watch *w) {
        return w && w->ready;
}

bool watch_has_daemon(const Watch *w) {
        return w && w->owner;
}

struct json_object *watch_devices(const Watch *w) {
        return w->state.devices;
}
