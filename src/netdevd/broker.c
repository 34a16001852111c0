/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Three ways to a queue: a new one of a multi-queue device; the only one of a single-queue device, to keep;
 * or the only one that netdevd holds itself, lent to one process at a time. */

#include "broker.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bus/bus.h"
#include "kernel/tuntap.h"
#include "monitor.h"
#include "record.h"

typedef struct Opening {
        Manager *manager;
        Device *device;
        Link *link; /* as the kernel had it a moment ago */
        TunSpec spec;
        unsigned count;
        uint32_t uid, pid;
        int pidfd;
        int *fds;
        unsigned n; /* opened so far */
        sd_bus_error *error;
} Opening;

static void opening_done(Opening *o) {
        link_free(o->link);
        for (unsigned i = 0; i < o->n; i++)
                o->fds[i] = safe_close(o->fds[i]);
}

/* Kind and queue mode are the device's. The rest is as declared, which counts if nobody else has a queue;
 * else the kernel keeps what it has. */
static TunSpec spec_for(const Device *d, const Link *link) {
        const DeviceConfig *c = d->want ? d->want->device : NULL;

        return (TunSpec){
                .name = link->name,
                .tap = link->tun.tap,
                .multi_queue = link->tun.multi_queue,
                .packet_info = c ? c->packet_info : link->tun.pi,
                .vnet_header = c ? c->vnet_header : link->tun.vnet_hdr,
                .napi = c && c->napi,
                .napi_frags = c && c->napi_frags,
                .send_buffer = c ? c->send_buffer : 0,
                .vnet_header_bytes = c ? c->vnet_header_bytes : 0,
                .owner = -1,
                .group = -1,
        };
}

static int fail(Opening *o, int r, const char *step) {
        const char *name = o->device->name;

        if (r == -EBUSY && o->link && !o->link->tun.multi_queue)
                return sd_bus_error_setf(o->error, BUS_ERROR_BUSY,
                                         "A program holds the only queue of %s; 'netdevctl explain %s' run "
                                         "as root says "
                                         "which.",
                                         name, name);
        if (r == -E2BIG && o->link)
                return sd_bus_error_setf(o->error, BUS_ERROR_TOO_MANY_QUEUES,
                                         "%s has no %u queues left: the kernel allows 256 a device, and %u "
                                         "are taken%s.",
                                         name, o->count,
                                         o->link->tun.num_queues + o->link->tun.num_disabled_queues,
                                         queues_get(o->manager->queues, name) >= 0
                                                         ? ", one of them by netdevd for KeepCarrier="
                                                         : "");
        if (r == -ENODEV)
                return sd_bus_error_setf(o->error, BUS_ERROR_NO_SUCH_DEVICE, "%s went away meanwhile.",
                                         name);
        return sd_bus_error_setf(o->error, SD_BUS_ERROR_FAILED, "Cannot open a queue of %s: %s: %s.", name,
                                 step, strerror(-r));
}

/* A program may have left a classic filter on a tap, with which nobody can attach any more: only who has a
 * queue can remove it. */
static int attach(Opening *o, int *ret_fd, const char **ret_step) {
        int held = queues_get(o->manager->queues, o->device->name);
        int r;

        r = tuntap_attach_for_use(&o->spec, ret_fd, ret_step);
        if (r != -EBADFD || held < 0 || tuntap_detach_filter(held, NULL) < 0)
                return r;
        return tuntap_attach_for_use(&o->spec, ret_fd, ret_step);
}

/* TUNSETIFF makes what it does not find; is the device behind the name still the one that was asked for? And
 * who else has it: by now, since a program may have come by name while we opened. Nobody comes beside us to
 * a single queue. */
static int check_device(const Opening *o, bool *ret_alone) {
        bool held = queues_get(o->manager->queues, o->device->name) >= 0;
        _cleanup_(link_freep) Link *link = NULL;
        int r;

        r = read_link(o->manager->rtnl, 0, o->spec.name, &link);
        if (r < 0)
                return r;
        if (link->ifindex != o->link->ifindex)
                return -ENODEV;
        *ret_alone = !link->tun.multi_queue || link_consumers(link, held) <= o->n;
        return 0;
}

static int open_new(Opening *o) {
        const char *step = "reading the device";
        bool alone = false;
        int r = 0;

        while (r >= 0 && o->n < o->count) {
                r = attach(o, o->fds + o->n, &step);
                o->n += r >= 0;
        }
        if (r >= 0)
                r = check_device(o, &alone);
        /* Not while another program is at it: it has set up the device for itself. */
        if (r >= 0 && alone)
                r = tuntap_reset(o->fds[0], &o->spec, &step);
        else if (r >= 0 && o->spec.send_buffer > 0)
                r = tuntap_set_send_buffer(o->fds[0], o->spec.send_buffer, &step);
        return r < 0 ? fail(o, r, step) : 0;
}

/* A loan cannot be taken back, so it goes to the same user again. Root, and who runs something for the owner
 * as root, is no stranger to the owner. */
static bool may_follow(const Opening *o, int64_t before) {
        return before < 0 || before == o->uid || o->uid == 0 ||
               (before == 0 && o->link->tun.owner == o->uid);
}

static int check_lending(Opening *o) {
        const Device *d = o->device;
        int64_t before = queues_lent_to(o->manager->queues, d->name);

        if (d->leases)
                return sd_bus_error_setf(
                                o->error, BUS_ERROR_BUSY,
                                "Process %u of user %u has the only queue of %s; it is free when that ends.",
                                d->leases->pid, d->leases->uid, d->name);
        if (!may_follow(o, before))
                return sd_bus_error_setf(
                                o->error, BUS_ERROR_BUSY,
                                "The only queue of %s was lent to user %u before, whose other processes may "
                                "still have it; only that user and root get it again.",
                                d->name, (uint32_t) before);
        if (o->pidfd < 0 && o->pidfd != -ESRCH)
                return fail(o, o->pidfd, "watching your process");
        if (o->pidfd < 0)
                return sd_bus_error_setf(
                                o->error, BUS_ERROR_CONFLICT,
                                "The only queue of %s is lent to one process at a time, and yours cannot be "
                                "watched: it is in another PID namespace. Set MultiQueue=yes for it.",
                                d->name);
        return 0;
}

/* What waits in the queue is for nobody any more. */
static int lend_held(Opening *o, int held) {
        const char *step = "duplicating the queue";
        int r;

        r = check_lending(o);
        if (r < 0)
                return r;

        r = tuntap_set_nonblocking(held, &step);
        if (r >= 0)
                r = tuntap_reset(held, &o->spec, &step);
        if (r >= 0) {
                tuntap_drain(held);
                o->fds[0] = fcntl(held, F_DUPFD_CLOEXEC, 3);
                r = o->fds[0] < 0 ? -errno : 0;
        }
        if (r < 0)
                return fail(o, r, step);
        o->n = 1;
        return 0;
}

static int open_queues(Opening *o) {
        int held = queues_get(o->manager->queues, o->device->name);

        if (o->link->tun.multi_queue)
                return open_new(o);
        if (o->count > 1)
                return sd_bus_error_setf(
                                o->error, BUS_ERROR_TOO_MANY_QUEUES,
                                "%s has a single queue, and %u were asked for; MultiQueue=yes allows more.",
                                o->device->name, o->count);
        return held >= 0 ? lend_held(o, held) : open_new(o);
}

static void on_lease_ended(void *userdata, int ifindex) {
        monitor_mark(userdata, ifindex);
}

static int add_lease(Opening *o) {
        Device *d = o->device;
        int r;

        leases_forget_others(&d->leases, o->link->ifindex);
        if (o->pidfd < 0)
                return 0;
        r = leases_add(&d->leases, o->manager->event, o->pid, o->uid, o->pidfd, o->link->ifindex,
                       on_lease_ended, o->manager);
        if (r == -E2BIG)
                return sd_bus_error_setf(o->error, BUS_ERROR_TOO_MANY_QUEUES,
                                         "%u processes have queues of %s from netdevd already.", LEASES_MAX,
                                         d->name);
        if (r < 0)
                return fail(o, r, "remembering the lease");
        if (!o->link->tun.multi_queue && queues_get(o->manager->queues, d->name) >= 0) {
                queues_lend(o->manager->queues, d->name, o->uid);
                /* Before it is handed out: after a crash it must not be lent to another one as well. */
                owned_lend(&o->manager->owned, d->name, o->uid, o->pid);
                record_write(o->manager);
        }
        return 0;
}

/* The number may be another process's by now, if it ended while we were away; then the queue is free when
 * that one ends too. */
void broker_resume(Manager *m, Device *d) {
        const OwnedLink *o = owned_find(&m->owned, d->name);
        _cleanup_(close_fdp) int pidfd = -EBADF;

        if (!o || !o->loan.set || o->loan.pid == 0 || queues_get(m->queues, d->name) < 0)
                return;

        pidfd = (int) syscall(SYS_pidfd_open, (pid_t) o->loan.pid, 0);
        if (pidfd < 0)
                return; /* it has ended */
        (void) leases_add(&d->leases, m->event, o->loan.pid, o->loan.uid, pidfd, o->ifindex, on_lease_ended,
                          m);
}

static uint32_t flags_of(const Link *link) {
        TunSpec spec = { .tap = link->tun.tap,
                         .multi_queue = link->tun.multi_queue,
                         .packet_info = link->tun.pi,
                         .vnet_header = link->tun.vnet_hdr };

        return tuntap_flags(&spec);
}

static int read_flags(Opening *o, uint32_t *ret) {
        _cleanup_(link_freep) Link *link = NULL;
        int r;

        r = read_link(o->manager->rtnl, o->link->ifindex, NULL, &link);
        if (r < 0)
                return fail(o, r, "reading the device");
        *ret = flags_of(link);
        return 0;
}

int broker_open(Manager *m, Device *d, unsigned count, uint32_t uid, uint32_t pid, int pidfd, int *ret_fds,
                uint32_t *ret_flags, sd_bus_error *error) {
        _cleanup_(opening_done) Opening o = { .manager = m,
                                              .device = d,
                                              .count = count,
                                              .uid = uid,
                                              .pid = pid,
                                              .pidfd = pidfd,
                                              .fds = ret_fds,
                                              .error = error };
        int r;

        r = d->ifindex > 0 ? read_link(m->rtnl, d->ifindex, NULL, &o.link) : -ENODEV;
        if (r < 0 && r != -ENODEV)
                return fail(&o, r, "reading the device");
        if (r < 0 || !o.link->is_tun)
                return sd_bus_error_setf(error, BUS_ERROR_NO_SUCH_DEVICE, "%s does not exist%s.", d->name,
                                         d->want && d->want->device ? " at the moment" : "");
        o.spec = spec_for(d, o.link);

        r = open_queues(&o);
        if (r >= 0)
                r = read_flags(&o, ret_flags);
        if (r >= 0)
                r = add_lease(&o);
        if (r < 0)
                return r;

        o.n = 0; /* they are the caller's now */
        monitor_mark(m, o.link->ifindex);
        return 0;
}
