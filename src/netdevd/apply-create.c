/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creating a device so that nobody else is ever on it (design D6). Between TUNSETIFF and TUNSETOWNER any
 * local user may attach to a multi-queue device, and a simple loop nearly always does. So: make it, own it,
 * look who is there; whoever is alone on an owned device stays alone, and only then puts back what a
 * stranger who came and left may have changed, and makes it persistent. Not alone: the device is removed,
 * and made again where nobody can see it; or, where this process may not make a namespace, under a name
 * nobody knows yet.
 *
 * A kernel that lets nobody but root attach to a device without an owner needs no telling apart: nobody is
 * found there, so that the first attempt is the only one. To ask it beforehand would take a device without
 * an owner and 10 ms to remove that, for 10 us less of each. */

#include <string.h>
#include <sys/random.h>

#include "apply.h"
#include "base/log.h"
#include "base/messages.h"
#include "kernel/encode.h"
#include "kernel/read.h"
#include "kernel/tuntap.h"

/* Enough to win against a loop that wins nine times of ten; in the nursery the first one does. */
#define ATTEMPTS_MAX 50

/* How long an attempt waits for a nursery, so that those before it is there do not all fail in an instant.
 */
#define NURSERY_WAIT_MSEC 20

/* Of those we choose; the kernel counts up from 1. */
#define IFINDEX_MIN 0x1000000

typedef struct Birth {
        TunSpec spec; /* under the name it is born with */
        char name[IFNAMSIZ];
        bool in_nursery;
        Link *link; /* as it was born; owned */
        int fd;
        int ifindex;
        int moved_to; /* its ifindex when it came out of the nursery, or 0 */
        const char *step;
} Birth;

static void birth_done(Birth *b) {
        link_free(b->link);
}

static Rtnl *birth_rtnl(Applier *a, const Birth *b) {
        return b->in_nursery ? nursery_rtnl(a->nursery) : a->rtnl;
}

/* Closing removes a device that is not persistent, but not while a stranger holds a queue, and he may have
 * made it persistent. */
static void undo(Applier *a, Birth *b) {
        b->fd = safe_close(b->fd);
        if (b->ifindex > 0) {
                encode_delete_link(rtnl_batch_begin(a->batch), b->ifindex);
                (void) rtnl_batch_send_one(birth_rtnl(a, b), a->batch, NULL);
        }
}

static int open_tun(Applier *a, Birth *b) {
        if (!b->in_nursery)
                return tuntap_open(&b->fd, &b->step);

        b->step = "opening " TUNTAP_NODE " in a private network namespace";
        return nursery_open_tun(a->nursery, &b->fd);
}

/* AllowAnyUser=yes: whoever is there may be. */
static bool is_for_all(const Birth *b) {
        return b->spec.owner < 0 && b->spec.group < 0;
}

/* Whether somebody else is, or has been, where only we may be. */
static bool is_taken(const Birth *b, const Link *link) {
        if (is_for_all(b))
                return false;
        return link->tun.owner != b->spec.owner || link->tun.group != b->spec.group ||
               (link->tun.multi_queue && link->tun.num_queues + link->tun.num_disabled_queues != 1);
}

/* Makes the device and looks who is on it. Returns 1 when that is not only us. */
static int make(Applier *a, Birth *b) {
        TunQueue queue;
        int r, q;

        r = open_tun(a, b);
        if (r >= 0)
                r = tuntap_create(b->fd, &b->spec, &b->step);
        if (r < 0 && (b->fd < 0 || tuntap_get(b->fd, &queue, NULL) < 0))
                return r;

        /* Also when only its owner could not be set: then it is there, and to be removed with whoever is on
         * it. */
        b->link = link_free(b->link);
        q = read_link(birth_rtnl(a, b), 0, b->spec.name, &b->link);
        if (q >= 0 && (!b->link->is_tun || strcmp(b->link->name, b->spec.name) != 0))
                q = -ENODEV; /* ours was renamed meanwhile */
        if (q >= 0)
                b->ifindex = b->link->ifindex;
        if (r < 0)
                return r;
        if (q < 0) {
                b->step = "looking at the new device";
                return q;
        }
        return is_taken(b, b->link);
}

static int rename_to(Applier *a, Birth *b, const char *name) {
        b->step = "renaming the new device";
        encode_set_name(rtnl_batch_begin(a->batch), b->ifindex, name);
        return rtnl_batch_send_one(a->rtnl, a->batch, NULL);
}

/* From now on its owner may use it, and a crash must not make it look half made. */
static void tell_born(Applier *a, const PlanOp *op, int ifindex) {
        if (a->on_born)
                a->on_born(op->want->name, ifindex, a->userdata);
}

/* As which the link is to come out of the nursery: beyond all the kernel hands out by itself, so that it is
 * free. */
static int choose_ifindex(void) {
        unsigned random = 0;

        (void) !getrandom(&random, sizeof(random), GRND_INSECURE);
        return (int) (IFINDEX_MIN + random % IFINDEX_MIN);
}

/* With its ifindex, which the record has before anybody can see the link. */
static int move_out(Applier *a, Birth *b, const PlanOp *op) {
        int ifindex = choose_ifindex(), r;

        tell_born(a, op, ifindex);
        b->step = "moving the new device out of its private network namespace";
        r = nursery_move_out(a->nursery, b->ifindex, ifindex);
        if (r < 0)
                return r;
        b->in_nursery = false;
        b->moved_to = b->ifindex = ifindex;
        return 0;
}

/* We are alone on it and stay so. Persistent last: until then every failure removes the device. */
static int finish(Applier *a, Birth *b, const PlanOp *op) {
        const char *name = op->want->name;
        int r = 0;

        /* The only queue of a single-queue device is ours from birth on, and a device for any user is in any
         * user's hands. */
        if (b->spec.multi_queue && !is_for_all(b))
                r = tuntap_put_back(b->fd, &b->spec, &b->step);
        else if (b->spec.has_mac)
                r = tuntap_set_mac(b->fd, &b->spec, &b->step);
        if (r >= 0 && strcmp(b->spec.name, name) != 0)
                r = rename_to(a, b, name);
        if (r >= 0 && !b->in_nursery)
                tell_born(a, op, b->ifindex);
        if (r >= 0)
                r = tuntap_set_persist(b->fd, true, &b->step);
        if (r >= 0 && op->hold && b->spec.multi_queue)
                r = tuntap_detach(b->fd, &b->step);
        if (r >= 0 && b->in_nursery)
                r = move_out(a, b, op);
        return r;
}

static int settle(Applier *a, Birth *b, Task *task) {
        const char *name = task->op->want->name;
        int r;

        if (b->moved_to > 0) {
                b->step = "looking at the new device";
                b->link = link_free(b->link);
                r = read_link(a->rtnl, 0, name, &b->link);
                if (r < 0)
                        return r;
                b->ifindex = b->link->ifindex;
                if (b->ifindex != b->moved_to) /* this kernel has chosen another one */
                        tell_born(a, task->op, b->ifindex);
        }

        *task->ifindex = b->ifindex;
        if (task->fresh)
                *task->fresh = TAKE_PTR(b->link);
        if (task->op->hold) {
                b->step = "holding a queue";
                return queues_put(a->queues, name, take_fd(&b->fd));
        }
        b->fd = safe_close(b->fd);
        return 0;
}

static bool have_nursery(Applier *a) {
        int r = 0;

        if (a->nursery_refused)
                return false;
        if (!a->nursery)
                r = nursery_open(&a->nursery);
        if (r >= 0)
                r = nursery_wait(a->nursery, NURSERY_WAIT_MSEC);
        if (r >= 0)
                return r > 0;

        log_debug_errno(r, "No private network namespace to create devices in: %m");
        a->nursery = nursery_close(a->nursery);
        a->nursery_refused = true;
        return false;
}

/* The next attempt is made where nobody sees it, or, failing that, under a name of which only kernel events
 * tell. */
static void hide(Applier *a, Birth *b) {
        unsigned random;

        b->in_nursery = have_nursery(a);
        if (b->in_nursery || getrandom(&random, sizeof(random), GRND_INSECURE) != sizeof(random))
                return;

        (void) snprintf(b->name, sizeof(b->name), "netdevd%08x", random);
}

static void fail(Applier *a, Task *task, const Birth *b, int error) {
        _cleanup_(link_freep) Link *link = NULL;

        if (error == -EBUSY && read_link(a->rtnl, 0, b->spec.name, &link) >= 0) {
                task->error = error;
                if (asprintf(&task->text,
                             "%s: a %s device of this name appeared meanwhile; reload to take it over, or "
                             "remove it with 'ip link delete %s'",
                             b->step, link->kind[0] ? link->kind : "physical", b->spec.name) < 0)
                        task->text = NULL;
        } else
                apply_fail(task, error, b->step);
}

static void report_taken(const Task *task, bool made) {
        LogContext context = { .interface = task->op->want->name, .message_id = MESSAGE_SQUATTER };

        (void) log_full(LOG_NOTICE, 0, &context,
                        "Another local user attached to the device while it was being made, %u times; %s",
                        *task->attempts,
                        made ? "it was removed and made again, with nobody on it" : "giving up");
}

/* One attempt; removing a device that somebody got onto takes 16 ms, so the next one is another call's. */
void apply_create(Applier *a, Task *task) {
        _cleanup_(birth_done) Birth b = { .fd = -EBADF, .step = "" };
        int r;

        memcpy(b.name, task->op->want->name, strlen(task->op->want->name));
        if (*task->attempts > 0)
                hide(a, &b);
        b.spec = apply_spec(task->op);
        b.spec.name = b.name;

        r = make(a, &b);
        if (r == 0)
                r = finish(a, &b, task->op);
        if (r == 0)
                r = settle(a, &b, task);
        if (r != 0)
                undo(a, &b);

        if (r > 0 && ++*task->attempts < ATTEMPTS_MAX) {
                task->error = -EAGAIN;
                return;
        }
        if (*task->attempts > 0)
                report_taken(task, r == 0);
        if (r < 0)
                fail(a, task, &b, r);
        if (r > 0) {
                task->error = -EBUSY;
                if (asprintf(&task->text,
                             "another local user attached to it %u times while it was being made; find the "
                             "program, for "
                             "example with 'ps', end it, then reload",
                             *task->attempts) < 0)
                        task->text = NULL;
        }
}
