/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The way of a request: who calls (asked of the bus), may they (root, the kernel's rule, polkit), then it is
 * run. Each step is asynchronous, and the request belongs to the step's slot. One whose caller leaves while
 * polkit is asked ends there: whoever types a password later, nobody asks for it any more. */

#include "bus-access.h"

#include <string.h>
#include <utlist.h>

#include "bus.h"
#include "monitor.h"

/* Questions that wait for polkit, of one user: each may wait for a person to type a password. */
#define WAITING_MAX 16

static Request *request_free(Request *q) {
        if (!q)
                return NULL;
        if (q->slot)
                DL_DELETE(q->manager->requests, q);
        /* Every program that leaves the bus is told of: only while that matters. */
        if (!q->manager->requests)
                q->manager->leaving_slot = sd_bus_slot_unref(q->manager->leaving_slot);
        sd_bus_message_unref(q->call);
        free(q->device);
        free(q->caller.gids);
        free(q);
        return NULL;
}
DEFINE_CLEANUP(Request *, request_free);

static void destroy_request(void *userdata) {
        request_free(userdata);
}

/* The slot lives until its answer is handled or the connection ends, and takes the request with it. */
static void hand_over(Request *q, sd_bus_slot *slot) {
        (void) sd_bus_slot_set_userdata(slot, q);
        (void) sd_bus_slot_set_destroy_callback(slot, destroy_request);
        (void) sd_bus_slot_set_floating(slot, true);
        sd_bus_slot_unref(slot);
}

void request_refused(Request *q, const char *why) {
        (void) sd_bus_reply_method_errorf(q->call, BUS_ERROR_NOT_PERMITTED, "Only root may %s%s.",
                                          bus_action_text(q->action), why);
}

void request_granted(Request *q) {
        int r = q->run(q);

        if (r < 0)
                (void) sd_bus_reply_method_errno(q->call, r, NULL);
}

static bool in_groups(const Caller *caller, int64_t gid) {
        for (size_t i = 0; i < caller->n_gids; i++)
                if (caller->gids[i] == gid)
                        return true;
        return false;
}

bool caller_may_attach(const Caller *caller, const Link *link, const Want *want) {
        if (!link || !link->is_tun)
                return false;
        if (link->tun.owner < 0 && link->tun.group < 0)
                return want && want->device && want->device->allow_any_user;
        return (link->tun.owner < 0 || link->tun.owner == caller->uid) &&
               (link->tun.group < 0 || in_groups(caller, link->tun.group));
}

/* The owner of a link that is down changes without an event, so the kernel is asked now. */
static int may_attach(const Request *q) {
        Manager *m = q->manager;
        Device *d = manager_device(m, q->device);
        int r;

        if (!d || d->ifindex == 0)
                return 0;
        monitor_mark(m, d->ifindex);
        r = snapshot_refresh(m->rtnl, &m->read_options, m->snapshot, d->ifindex);
        return r < 0 ? r : caller_may_attach(&q->caller, manager_device_link(m, d), d->want);
}

static int read_gids(sd_bus_message *reply, Caller *caller) {
        const void *gids;
        size_t size;
        int r;

        r = sd_bus_message_enter_container(reply, 'v', "au");
        if (r >= 0)
                r = sd_bus_message_read_array(reply, 'u', &gids, &size);
        if (r < 0)
                return r;

        free(caller->gids);
        caller->gids = malloc(size ?: 1);
        if (!caller->gids)
                return -ENOMEM;
        memcpy(caller->gids, gids, size);
        caller->n_gids = size / sizeof(uint32_t);
        return sd_bus_message_exit_container(reply);
}

static int read_credential(sd_bus_message *reply, Caller *caller, bool *has_uid) {
        const char *key;
        int r;

        r = sd_bus_message_read(reply, "s", &key);
        if (r < 0)
                return r;
        if (strcmp(key, "UnixUserID") == 0) {
                *has_uid = true;
                return sd_bus_message_read(reply, "v", "u", &caller->uid);
        }
        if (strcmp(key, "ProcessID") == 0)
                return sd_bus_message_read(reply, "v", "u", &caller->pid);
        if (strcmp(key, "UnixGroupIDs") == 0)
                return read_gids(reply, caller);
        return sd_bus_message_skip(reply, "v");
}

/* a{sv}; who is nobody the bus knows is nobody to us. */
static int read_credentials(sd_bus_message *reply, Caller *caller) {
        bool has_uid = false;
        int r;

        r = sd_bus_message_enter_container(reply, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(reply, 'e', "sv")) > 0) {
                r = read_credential(reply, caller, &has_uid);
                if (r >= 0)
                        r = sd_bus_message_exit_container(reply);
        }
        if (r < 0)
                return r;
        return has_uid ? 0 : -ENODATA;
}

/* The bus has the only reference to a slot that floats. */
static void drop(Request *q) {
        sd_bus_slot *slot = sd_bus_slot_ref(q->slot);

        (void) sd_bus_slot_set_floating(slot, false);
        sd_bus_slot_unref(slot);
}

void bus_drop_requests(Manager *m) {
        Request *q, *next;

        DL_FOREACH_SAFE(m->requests, q, next)
                drop(q);
}

static int on_leaving(sd_bus_message *signal, void *userdata, sd_bus_error *error _unused_) {
        Manager *m = userdata;
        Request *q, *next;
        const char *name;

        if (sd_bus_message_read(signal, "s", &name) < 0)
                return 0;
        DL_FOREACH_SAFE(m->requests, q, next)
                if (strcmp(sd_bus_message_get_sender(q->call), name) == 0)
                        drop(q);
        return 0;
}

static int watch_leaving(Manager *m, sd_bus *bus) {
        if (m->leaving_slot)
                return 0;
        return sd_bus_add_match_async(bus, &m->leaving_slot,
                                      "type='signal',sender='org.freedesktop.DBus',"
                                      "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg2=''",
                                      on_leaving, NULL, m);
}

/* Returns 1 when polkit was asked, whose answer has the request then, 0 when it is refused, or -errno. */
static int ask_polkit(Request *q) {
        sd_bus_slot *slot;
        unsigned n = 0;
        Request *other;
        int r;

        DL_FOREACH(q->manager->requests, other)
                n += other->caller.uid == q->caller.uid;
        if (n >= WAITING_MAX) {
                request_refused(q, ", and too many questions of this user wait for polkit already");
                return 0;
        }

        r = watch_leaving(q->manager, sd_bus_message_get_bus(q->call));
        if (r >= 0)
                r = polkit_ask(q, &slot);
        if (r < 0)
                return r;
        DL_APPEND(q->manager->requests, q);
        q->slot = slot;
        hand_over(q, slot);
        return 1;
}

/* Returns 1 when polkit decides, 0 when it is decided, or -errno, which the caller is to know. */
static int decide(Request *q, sd_bus_message *reply) {
        int r;

        r = sd_bus_message_is_method_error(reply, NULL) ? -EACCES : read_credentials(reply, &q->caller);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                request_refused(q, "; the bus does not say who calls");
                return 0;
        }

        r = q->caller.uid == 0;
        if (r == 0 && q->action == BUS_ACTION_OPEN_QUEUES)
                r = may_attach(q);
        if (r > 0)
                request_granted(q);
        if (r != 0)
                return r < 0 ? r : 0;

        r = ask_polkit(q);
        if (r < 0)
                request_refused(q, "; polkit cannot be asked");
        return r > 0;
}

static int on_credentials(sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_) {
        /* Taken from the slot, since it may have to wait for polkit now. */
        _cleanup_(request_freep) Request *q = userdata;
        int r;

        (void) sd_bus_slot_set_destroy_callback(sd_bus_get_current_slot(sd_bus_message_get_bus(reply)),
                                                NULL);

        r = decide(q, reply);
        if (r > 0)
                TAKE_PTR(q);
        else if (r < 0)
                (void) sd_bus_reply_method_errno(q->call, r, NULL);
        return 0;
}

int bus_authorize(Manager *m, sd_bus_message *call, BusAction action, const char *device,
                  RequestFunction run) {
        _cleanup_(request_freep) Request *q = calloc(1, sizeof(Request));
        sd_bus_slot *slot;
        int r;

        if (!q)
                return -ENOMEM;
        q->manager = m;
        q->call = sd_bus_message_ref(call);
        q->action = action;
        q->run = run;
        q->device = device ? strdup(device) : NULL;
        if (device && !q->device)
                return -ENOMEM;

        r = sd_bus_call_method_async(sd_bus_message_get_bus(call), &slot, "org.freedesktop.DBus",
                                     "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                     "GetConnectionCredentials", on_credentials, q, "s",
                                     sd_bus_message_get_sender(call));
        if (r < 0)
                return r;
        hand_over(TAKE_PTR(q), slot);
        return 1;
}
