/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The connection. netdevd may start before the bus and outlive it: it waits for the socket, asks for its
 * name without blocking, and connects anew when the bus is gone. */

#include "bus.h"

#include <assert.h>
#include <string.h>

#include "base/log.h"
#include "bus-access.h"

#define DEFAULT_ADDRESS    "unix:path=/run/dbus/system_bus_socket"
#define RECONNECT_USEC     (1000000ULL)
#define RECONNECT_USEC_MAX (300 * 1000000ULL)

typedef struct Waiting {
        sd_bus_message *call;
        BusAnswer answer;
} Waiting;

struct Bus {
        Manager *manager;
        sd_bus *bus;
        bool named;               /* the name is ours: signals have listeners */
        bool refused;             /* it was not given to us the last time */
        uint64_t delay;           /* before the next attempt to connect */
        Shown shown;              /* what is asked for now */
        sd_bus_message *question; /* who asked for it */
        Waiting *waiting;         /* calls to answer when idle */
        size_t n_waiting;
        sd_event_source *reconnect_source;
};

static int connect_bus(Bus *b);

static void forget_question(Bus *b) {
        b->question = sd_bus_message_unref(b->question);
        b->shown.device = NULL;
        status_done(&b->shown.status);
}

static void disconnect(Bus *b) {
        b->named = false;
        for (size_t i = 0; i < b->n_waiting; i++)
                sd_bus_message_unref(b->waiting[i].call);
        free(b->waiting);
        b->waiting = NULL;
        b->n_waiting = 0;

        forget_question(b); /* it has a reference to the connection */
        if (b->bus) {
                bus_drop_requests(b->manager); /* as each of these */
                sd_bus_detach_event(b->bus);
                sd_bus_close(b->bus);
                b->bus = sd_bus_unref(b->bus);
        }
}

Bus *bus_free(Bus *b) {
        if (!b)
                return NULL;

        if (b->bus)
                (void) sd_bus_flush(b->bus);
        disconnect(b);
        sd_event_source_unref(b->reconnect_source);
        free(b);
        return NULL;
}

/* Longer each time until it works, so that a bus that is gone for good costs nothing. */
static void reconnect_later(Bus *b) {
        b->named = false;
        (void) sd_event_source_set_time_relative(b->reconnect_source, b->delay);
        (void) sd_event_source_set_enabled(b->reconnect_source, SD_EVENT_ONESHOT);
        b->delay = b->delay * 2 < RECONNECT_USEC_MAX ? b->delay * 2 : RECONNECT_USEC_MAX;
}

static int on_reconnect(sd_event_source *s _unused_, uint64_t now _unused_, void *userdata) {
        Bus *b = userdata;
        int r;

        disconnect(b);
        r = connect_bus(b);
        if (r < 0) {
                log_debug_errno(r, "Cannot connect to the system bus: %m");
                reconnect_later(b);
        }
        return 0;
}

static int on_disconnected(sd_bus_message *message _unused_, void *userdata, sd_bus_error *error _unused_) {
        Bus *b = userdata;

        log_info("The connection to the system bus is gone; waiting for it to come back");
        reconnect_later(b);
        return 0;
}

/* Remembers what can be asked for now; what was before is in *ret_before, all zero: nothing. */
static int remember(const Manager *m, Device *d, StatusDigest *ret_before) {
        _cleanup_(status_done) Status status = {};
        int r;

        r = manager_device_status(m, d, &status);
        if (r < 0)
                return r;
        *ret_before = d->told ? *d->told : (StatusDigest){};
        d->told = d->told ?: calloc(1, sizeof(StatusDigest));
        if (!d->told)
                return -ENOMEM;
        status_digest(&status, d->told);
        return 0;
}

/* Said once; then the administrator is at it, and the name is asked for again. */
static void without_name(Bus *b, const char *reason, const char *question) {
        (void) log_full(b->refused ? LOG_DEBUG : LOG_ERR, 0, NULL,
                        "The bus does not give us the name %s: %s. %s It is asked for again now and then",
                        BUS_NAME, reason, question);
        b->refused = true;
        reconnect_later(b);
}

static int on_name(sd_bus_message *message, void *userdata, sd_bus_error *error _unused_) {
        Bus *b = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(message);
        StatusDigest before;
        Device *d, *next;
        uint32_t answer = 0;

        if (e && sd_bus_is_open(b->bus) <= 0)
                return 0; /* the connection ended, of which on_disconnected() is told next */
        if (e) {
                without_name(b, e->message ?: e->name, "Is its policy file installed?");
                return 0;
        }

        (void) sd_bus_message_read(message, "u", &answer);
        if (answer != 1 && answer != 4) { /* primary owner, or already so */
                without_name(b, "it is taken", "Is another netdevd running?");
                return 0;
        }

        log_debug("On the bus as %s", BUS_NAME);
        b->named = true;
        b->refused = false;
        b->delay = RECONNECT_USEC;
        /* Until now nobody could know; what changes from here on is told. */
        HASH_ITER(hh, b->manager->devices, d, next)
                (void) remember(b->manager, d, &before);
        return 0;
}

char *bus_device_path(const Device *d) {
        char *path;

        return sd_bus_path_encode(BUS_DEVICE_PREFIX, d->name, &path) < 0 ? NULL : path;
}

/* Called for each interface, asked for or not: within one question the answer is the same. */
static int show(Bus *b, Device *d) {
        sd_bus_message *question = sd_bus_get_current_message(b->bus);
        int r;

        if (question && question == b->question && d == b->shown.device)
                return 0;

        forget_question(b);
        r = manager_device_status(b->manager, d, &b->shown.status);
        if (r < 0)
                return r;
        b->shown.device = d;
        b->question = sd_bus_message_ref(question);
        return 0;
}

static int find_device(sd_bus *bus _unused_, const char *path, const char *interface _unused_,
                       void *userdata, void **ret, sd_bus_error *error _unused_) {
        _cleanup_(freep) char *name = NULL;
        Manager *m = userdata;
        Device *d;
        int r;

        r = sd_bus_path_decode(path, BUS_DEVICE_PREFIX, &name);
        if (r <= 0)
                return r;

        d = manager_device(m, name);
        if (!d)
                return 0;

        r = show(m->bus, d);
        if (r < 0)
                return r;
        *ret = &m->bus->shown;
        return 1;
}

static int enumerate_devices(sd_bus *bus _unused_, const char *prefix _unused_, void *userdata, char ***ret,
                             sd_bus_error *error _unused_) {
        _cleanup_(strv_freep) char **paths = NULL;
        Manager *m = userdata;
        Device *d, *next;
        size_t n = 0;

        paths = calloc(HASH_COUNT(m->devices) + 1, sizeof(char *));
        if (!paths)
                return -ENOMEM;
        HASH_ITER(hh, m->devices, d, next) {
                paths[n] = bus_device_path(d);
                if (!paths[n++])
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(paths);
        return 1;
}

static int add_objects(Bus *b) {
        Manager *m = b->manager;
        int r;

        r = sd_bus_add_object_manager(b->bus, NULL, BUS_ROOT);
        if (r >= 0)
                r = sd_bus_add_object_vtable(b->bus, NULL, BUS_ROOT, BUS_INTERFACE_MANAGER,
                                             bus_manager_vtable, m);
        if (r >= 0)
                r = sd_bus_add_fallback_vtable(b->bus, NULL, BUS_DEVICE_PREFIX, BUS_INTERFACE_DEVICE,
                                               bus_device_vtable, find_device, m);
        if (r >= 0)
                r = sd_bus_add_fallback_vtable(b->bus, NULL, BUS_DEVICE_PREFIX, BUS_INTERFACE_TUNTAP,
                                               bus_tuntap_vtable, find_device, m);
        if (r >= 0)
                r = sd_bus_add_node_enumerator(b->bus, NULL, BUS_DEVICE_PREFIX, enumerate_devices, m);
        return r;
}

/* Where memory is out libsystemd may have made a node without its child, and then aborts when it frees the
 * bus (seen with 252). Making all of them and letting them go takes that one along. */
static void forget_lone_nodes(sd_bus *bus) {
        sd_bus_slot *slot = NULL;

        (void) sd_bus_add_object_manager(bus, &slot, BUS_DEVICE_PREFIX);
        sd_bus_slot_unref(slot);
}

static int connect_bus(Bus *b) {
        const char *address = secure_getenv("DBUS_SYSTEM_BUS_ADDRESS") ?: DEFAULT_ADDRESS;
        int r;

        r = sd_bus_new(&b->bus);
        if (r >= 0)
                r = sd_bus_set_address(b->bus, address);
        if (r >= 0)
                r = sd_bus_set_bus_client(b->bus, true);
        if (r >= 0)
                r = sd_bus_set_watch_bind(b->bus, true);
        if (r >= 0)
                r = sd_bus_set_description(b->bus, "system bus");
        if (r >= 0)
                r = add_objects(b);
        if (r == -ENOMEM && b->bus)
                forget_lone_nodes(b->bus);
        if (r >= 0)
                r = sd_bus_match_signal_async(b->bus, NULL, "org.freedesktop.DBus.Local", NULL,
                                              "org.freedesktop.DBus.Local", "Disconnected", on_disconnected,
                                              NULL, b);
        if (r >= 0)
                r = sd_bus_start(b->bus);
        if (r >= 0)
                r = sd_bus_attach_event(b->bus, b->manager->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = sd_bus_request_name_async(b->bus, NULL, BUS_NAME, 0, on_name, b);
        return r;
}

int bus_new(Manager *m, Bus **ret) {
        Bus *b = calloc(1, sizeof(Bus));
        int r;

        if (!b)
                return -ENOMEM;
        b->manager = m;
        b->delay = RECONNECT_USEC;

        r = sd_event_add_time(m->event, &b->reconnect_source, CLOCK_MONOTONIC, UINT64_MAX, 0, on_reconnect,
                              b);
        if (r >= 0)
                r = sd_event_source_set_enabled(b->reconnect_source, SD_EVENT_OFF);
        if (r < 0) {
                bus_free(b);
                return r;
        }

        *ret = b;
        r = connect_bus(b);
        if (r < 0) {
                log_warning_errno(r, "Cannot connect to the system bus: %m; going on without it");
                disconnect(b);
                reconnect_later(b);
        }
        return 0;
}

/* A listener that is too slow loses signals, not we the daemon. */
static void check_sent(int r) {
        if (r < 0 && r != -ENOTCONN)
                log_debug_errno(r, "Cannot send a signal: %m");
}

int bus_device_changed(Bus *b, Device *d) {
        const char *device[STATUS_PROPERTIES + 1], *tuntap[STATUS_PROPERTIES + 1];
        bool first = !d->told;
        _cleanup_(freep) char *path = NULL;
        StatusDigest before;
        int r;

        if (!b || !b->named)
                return 0;
        path = bus_device_path(d);
        r = path ? remember(b->manager, d, &before) : -ENOMEM;
        if (r < 0)
                return r;

        if (first) {
                check_sent(sd_bus_emit_object_added(b->bus, path));
                return 0;
        }

        status_compare(&before, d->told, device, tuntap);
        if (device[0])
                check_sent(sd_bus_emit_properties_changed_strv(b->bus, path, BUS_INTERFACE_DEVICE,
                                                               (char **) device));
        if (tuntap[0])
                check_sent(sd_bus_emit_properties_changed_strv(b->bus, path, BUS_INTERFACE_TUNTAP,
                                                               (char **) tuntap));
        return 0;
}

void bus_device_removed(Bus *b, Device *d) {
        _cleanup_(freep) char *path = NULL;

        if (!b || !b->named)
                return;
        path = bus_device_path(d);
        if (path)
                check_sent(sd_bus_emit_object_removed(b->bus, path));
}

void bus_manager_changed(Bus *b) {
        if (b && b->named)
                check_sent(sd_bus_emit_properties_changed(b->bus, BUS_ROOT, BUS_INTERFACE_MANAGER,
                                                          "OperationalState", "OnlineState", NULL));
}

void bus_problems_changed(Bus *b) {
        if (b && b->named)
                check_sent(sd_bus_emit_properties_changed(b->bus, BUS_ROOT, BUS_INTERFACE_MANAGER,
                                                          "ConfigurationProblems", NULL));
}

int bus_wait_idle(Bus *b, sd_bus_message *call, BusAnswer answer) {
        int r;

        assert(b);

        r = ARRAY_RESERVE_ONE(b->waiting, b->n_waiting);
        if (r < 0)
                return r;
        b->waiting[b->n_waiting++] = (Waiting){ sd_bus_message_ref(call), answer };
        return 1;
}

void bus_idle(Bus *b) {
        for (size_t i = 0; b && i < b->n_waiting; i++) {
                const Waiting *w = b->waiting + i;

                if (!w->answer || w->answer(b->manager, w->call) < 0)
                        (void) sd_bus_reply_method_return(w->call, NULL);
                sd_bus_message_unref(w->call);
        }
        if (b)
                b->n_waiting = 0;
}
