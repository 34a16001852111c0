/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* OpenQueues(): the arguments, then who calls and may they (bus-access.c), then a pidfd of the caller and
 * the proof that it is the caller's, then the queues (broker.c), and in the end which unit that was. */

#include <string.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "broker.h"
#include "bus-operations.h"
#include "bus.h"
#include "monitor.h"

/* Waits for the bus to say that the caller is still there. */
typedef struct Confirmation {
        Manager *manager;
        sd_bus_message *call;
        char *device;
        uint32_t uid, pid;
        int pidfd;
        unsigned count;
} Confirmation;

static Confirmation *confirmation_free(Confirmation *c) {
        if (!c)
                return NULL;
        sd_bus_message_unref(c->call);
        safe_close(c->pidfd);
        free(c->device);
        free(c);
        return NULL;
}
DEFINE_CLEANUP(Confirmation *, confirmation_free);

static void destroy_confirmation(void *userdata) {
        confirmation_free(userdata);
}

/* "u" and "a{sv}", behind the name that the manager's method has. */
static int read_arguments(sd_bus_message *call, uint32_t *ret_count) {
        int r;

        r = sd_bus_message_rewind(call, true);
        if (r >= 0 && sd_bus_message_get_signature(call, true)[0] == 's')
                r = sd_bus_message_skip(call, "s");
        if (r >= 0)
                r = sd_bus_message_read(call, "u", ret_count);
        return r;
}

static int check_arguments(sd_bus_message *call, sd_bus_error *error) {
        const char *option;
        uint32_t count;
        int r;

        r = read_arguments(call, &count);
        if (r >= 0)
                r = sd_bus_message_enter_container(call, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_enter_container(call, 'e', "sv");
        if (r > 0 && sd_bus_message_read(call, "s", &option) >= 0)
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
                                         "The option '%s' is not known; this version knows none.", option);
        if (r < 0)
                return r;
        if (count == 0)
                return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS,
                                        "No queues were asked for; 1 is usual.");
        if (count > BROKER_QUEUES_MAX)
                return sd_bus_error_setf(error, BUS_ERROR_TOO_MANY_QUEUES,
                                         "%u queues were asked for, and one call opens at most %d; call "
                                         "again for more.",
                                         count, BROKER_QUEUES_MAX);
        return 0;
}

/* Which unit a process is of only the service manager knows; without one nobody does. */
typedef struct Naming {
        Manager *manager;
        char *device;
        uint32_t pid;
} Naming;

static void destroy_naming(void *userdata) {
        Naming *n = userdata;

        free(n->device);
        free(n);
}

static int on_unit(sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_) {
        Naming *n = userdata;
        Device *d = manager_device(n->manager, n->device);
        Lease *l = d ? leases_find(d->leases, n->pid) : NULL;
        _cleanup_(freep) char *unit = NULL;
        const char *path;

        if (!l || sd_bus_message_is_method_error(reply, NULL) ||
            sd_bus_message_read(reply, "o", &path) < 0 ||
            sd_bus_path_decode(path, "/org/freedesktop/systemd1/unit", &unit) <= 0)
                return 0;

        free(l->unit);
        l->unit = TAKE_PTR(unit);
        monitor_mark(n->manager, l->ifindex);
        return 0;
}

static void ask_unit(const Confirmation *c) {
        Naming *n = calloc(1, sizeof(Naming));
        sd_bus_slot *slot;

        if (!n)
                return;
        n->manager = c->manager;
        n->pid = c->pid;
        n->device = strdup(c->device);
        if (!n->device ||
            sd_bus_call_method_async(sd_bus_message_get_bus(c->call), &slot, "org.freedesktop.systemd1",
                                     "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                                     "GetUnitByPID", on_unit, n, "u", n->pid) < 0) {
                destroy_naming(n);
                return;
        }
        (void) sd_bus_slot_set_destroy_callback(slot, destroy_naming);
        (void) sd_bus_slot_set_floating(slot, true);
        sd_bus_slot_unref(slot);
}

static int send_queues(sd_bus_message *call, const int *fds, unsigned n, uint32_t flags) {
        sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "h");
        for (unsigned i = 0; r >= 0 && i < n; i++)
                r = sd_bus_message_append(reply, "h", fds[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = sd_bus_message_append(reply, "u", flags);
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);
        sd_bus_message_unref(reply);
        return r;
}

static int hand_out(const Confirmation *c, Device *d, sd_bus_error *error) {
        int fds[BROKER_QUEUES_MAX], r;
        uint32_t flags;

        r = broker_open(c->manager, d, c->count, c->uid, c->pid, c->pidfd, fds, &flags, error);
        if (r < 0)
                return r;

        r = send_queues(c->call, fds, c->count, flags);
        for (unsigned i = 0; i < c->count; i++)
                safe_close(fds[i]);
        if (r >= 0 && c->pidfd >= 0)
                ask_unit(c);
        return r;
}

/* The process of that number had the connection after its pidfd was opened: so the pidfd is of that process.
 */
static int on_confirmed(sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_) {
        _cleanup_(sd_bus_error_free) sd_bus_error e = SD_BUS_ERROR_NULL;
        Confirmation *c = userdata;
        Device *d = manager_device(c->manager, c->device);
        uint32_t pid = 0;
        int r;

        if (!d)
                return bus_no_such_device(c->call, c->device);
        if (c->pid > 0 && (sd_bus_message_is_method_error(reply, NULL) ||
                           sd_bus_message_read(reply, "u", &pid) < 0 || pid != c->pid))
                return 0; /* it is gone, and so is whoever would read an answer */

        r = hand_out(c, d, &e);
        if (sd_bus_error_is_set(&e))
                return sd_bus_reply_method_error(c->call, &e);
        return r < 0 ? sd_bus_reply_method_errno(c->call, r, NULL) : 0;
}

/* Or -errno, of which -ESRCH is that there is no such process here. */
static int open_pidfd(uint32_t pid) {
        int fd;

        if (pid == 0)
                return -ESRCH;
        fd = (int) syscall(SYS_pidfd_open, (pid_t) pid, 0);
        return fd < 0 ? -errno : fd;
}

static int do_open_queues(Request *q) {
        _cleanup_(confirmation_freep) Confirmation *c = calloc(1, sizeof(Confirmation));
        sd_bus_slot *slot;
        uint32_t count;
        int r;

        if (!c)
                return -ENOMEM;
        c->pidfd = -EBADF;
        r = read_arguments(q->call, &count);
        if (r < 0)
                return r;
        c->manager = q->manager;
        c->call = sd_bus_message_ref(q->call);
        c->device = strdup(q->device);
        c->count = count;
        c->uid = q->caller.uid;
        c->pid = q->caller.pid;
        c->pidfd = open_pidfd(c->pid);
        if (!c->device)
                return -ENOMEM;

        r = sd_bus_call_method_async(sd_bus_message_get_bus(q->call), &slot, "org.freedesktop.DBus",
                                     "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                     "GetConnectionUnixProcessID", on_confirmed, c, "s",
                                     sd_bus_message_get_sender(q->call));
        if (r < 0)
                return r;
        (void) sd_bus_slot_set_destroy_callback(slot, destroy_confirmation);
        TAKE_PTR(c);
        (void) sd_bus_slot_set_floating(slot, true);
        sd_bus_slot_unref(slot);
        return 1;
}

int bus_open_queues(Manager *m, sd_bus_message *call, const char *name, sd_bus_error *error) {
        const Device *d;
        int r;

        r = check_arguments(call, error);
        if (r < 0)
                return r;
        d = manager_device(m, name);
        if (!d)
                return bus_no_such_device(call, name);
        /* Before anybody is asked for a password; and who would be its owner is not told of rights. */
        if (d->ifindex == 0)
                return sd_bus_error_setf(error, BUS_ERROR_NO_SUCH_DEVICE,
                                         "%s does not exist at the moment; 'netdevctl status %s' says why.",
                                         d->name, d->name);
        return bus_authorize(m, call, BUS_ACTION_OPEN_QUEUES, name, do_open_queues);
}

int bus_method_open_queues(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        const char *name;
        int r;

        r = sd_bus_message_read(call, "s", &name);
        return r < 0 ? r : bus_open_queues(userdata, call, name, error);
}
