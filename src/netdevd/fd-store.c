/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A stored shelf is a socket with one message nobody ever reads: the queues are in flight in it, and closed
 * with it. They are got back by peeking, so that the store stays whole. PID 1 has one descriptor for 200
 * queues: it compares each new one with all it has, and hands all names over in one environment string.
 *
 * Its name is "queues-SHELF-GENERATION". A shelf that changed is stored anew, under the next generation, and
 * the one before is removed after that; whoever finds both takes the newer. */

#include "fd-store.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/if.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/log.h"
#include "kernel/tuntap.h"

/* The message, so that what another version or somebody else has put there is known as such. */
static const char label[] = "netdevd queues 1";

/* PID 1 answers within a millisecond, or is not well. */
#define SETTLE_USEC (5 * 1000000ULL)

#define NAME_MAX_BYTES 64

struct FdStore {
        Queues *queues;
        bool usable;                       /* there is a service manager */
        uint64_t generations[SHELVES_MAX]; /* of what is stored of each shelf, 0: nothing */
        int answer;     /* of the service manager, which hangs up when it has done what we said before */
        uint64_t asked; /* when, CLOCK_MONOTONIC, microseconds */
        bool failed;    /* the last time, and it was said */
};

/* What is compared with. */
typedef struct World {
        const Owned *owned;
        struct stat netns;
        int socket;
} World;

/* What the service manager handed over. */
typedef struct Stored {
        int fd;
        const char *name;
        size_t shelf; /* SHELVES_MAX: it is none of ours */
        uint64_t generation;
} Stored;

FdStore *fd_store_new(Queues *queues) {
        FdStore *s = calloc(1, sizeof(FdStore));

        if (!s)
                return NULL;
        s->queues = queues;
        s->usable = getenv("NOTIFY_SOCKET") != NULL;
        s->answer = -EBADF;
        return s;
}

FdStore *fd_store_free(FdStore *s) {
        if (!s)
                return NULL;
        safe_close(s->answer);
        free(s);
        return NULL;
}

/* Storing. */

/* The sending side is closed: what is in flight stays with the other one. */
static int park(const int *queues, size_t n, int *ret_fd) {
        union {
                struct cmsghdr header;
                uint8_t space[CMSG_SPACE(SHELF_QUEUES_MAX * sizeof(int))];
        } control = {};
        struct iovec iov = { (void *) label, sizeof(label) };
        struct msghdr m = { .msg_iov = &iov,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = CMSG_SPACE(n * sizeof(int)) };
        _cleanup_(close_fdp) int near = -EBADF, far = -EBADF;
        int pair[2];

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
                return -errno;
        near = pair[0];
        far = pair[1];

        control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
                                           .cmsg_type = SCM_RIGHTS,
                                           .cmsg_len = CMSG_LEN(n * sizeof(int)) };
        memcpy(CMSG_DATA(&control.header), queues, n * sizeof(int));
        if (sendmsg(near, &m, MSG_NOSIGNAL) < 0)
                return -errno;

        *ret_fd = take_fd(&far);
        return 0;
}

static void name_shelf(size_t shelf, uint64_t generation, char ret[NAME_MAX_BYTES]) {
        (void) snprintf(ret, NAME_MAX_BYTES, "queues-%zu-%" PRIu64, shelf, generation);
}

static bool parse_name(const char *name, size_t *ret_shelf, uint64_t *ret_generation) {
        char again[NAME_MAX_BYTES];

        if (sscanf(name, "queues-%zu-%" SCNu64, ret_shelf, ret_generation) != 2 ||
            *ret_shelf >= SHELVES_MAX || *ret_generation == 0 || *ret_generation == UINT64_MAX)
                return false;
        name_shelf(*ret_shelf, *ret_generation, again);
        return strcmp(name, again) == 0;
}

/* FDPOLL=0: else the service manager would see that nobody is at the other end, and close it. */
static int store(const char *name, int fd) {
        char message[sizeof("FDSTORE=1\nFDPOLL=0\nFDNAME=") + NAME_MAX_BYTES];
        int r;

        (void) snprintf(message, sizeof(message), "FDSTORE=1\nFDPOLL=0\nFDNAME=%s", name);
        r = sd_pid_notify_with_fds(0, false, message, &fd, 1);
        return r < 0 ? r : 0;
}

static void unstore(const char *name) {
        char message[sizeof("FDSTOREREMOVE=1\nFDNAME=") + NAME_MAX_BYTES];

        (void) snprintf(message, sizeof(message), "FDSTOREREMOVE=1\nFDNAME=%s", name);
        (void) sd_notify(false, message);
}

/* The new one first: a kill in between must find a whole set. */
static int store_shelf(FdStore *s, size_t number, Shelf *shelf) {
        uint64_t before = s->generations[number];
        _cleanup_(close_fdp) int fd = -EBADF;
        int queues[SHELF_QUEUES_MAX], r = 0;
        size_t n = shelf_queues(shelf, queues);
        char name[NAME_MAX_BYTES];

        if (n > 0) {
                name_shelf(number, before + 1, name);
                r = park(queues, n, &fd);
                if (r >= 0)
                        r = store(name, fd);
                if (r < 0)
                        return r;
        }

        s->generations[number] = n > 0 ? before + 1 : 0;
        shelf->changed = false;
        if (before > 0) {
                name_shelf(number, before, name);
                unstore(name);
        }
        return 0;
}

/* See sd_notify_barrier(3), which would wait. */
static void ask_for_answer(FdStore *s) {
        int pair[2];

        s->answer = safe_close(s->answer);
        if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) < 0)
                return;
        if (sd_pid_notify_with_fds(0, false, "BARRIER=1", pair + 1, 1) > 0) {
                s->answer = pair[0];
                s->asked = now_usec();
        } else
                safe_close(pair[0]);
        safe_close(pair[1]);
}

static void report_failure(FdStore *s, int r) {
        if (r < 0 && !s->failed)
                log_warning_errno(r, "Cannot give kept queues to the service manager: %m; until that is "
                                     "possible, their carrier goes if netdevd ends; see LimitNOFILE= and "
                                     "FileDescriptorStoreMax= of netdevd.service");
        s->failed = r < 0;
}

void fd_store_sync(FdStore *s, bool all) {
        bool gave_up = false;
        Shelf *shelf;
        int r = 0;

        if (!s->usable)
                return;

        for (size_t i = 0; r >= 0 && (shelf = queues_shelf(s->queues, i)); i++) {
                if (!shelf->changed || (!all && shelf->n < SHELF_QUEUES_MAX))
                        continue;
                r = store_shelf(s, i, shelf);
                if (r >= 0 && shelf->gave_up) {
                        shelf->gave_up = false;
                        gave_up = true;
                }
        }
        if (gave_up)
                ask_for_answer(s);
        report_failure(s, r);
}

static bool gave_up_something(const FdStore *s) {
        const Shelf *shelf;

        for (size_t i = 0; (shelf = queues_shelf(s->queues, i)); i++)
                if (shelf->gave_up)
                        return true;
        return false;
}

int fd_store_settle(FdStore *s) {
        struct pollfd p;

        if (!s || !s->usable)
                return 0;
        if (gave_up_something(s))
                fd_store_sync(s, true);
        if (s->answer < 0)
                return 0;

        p = (struct pollfd){ .fd = s->answer };
        if (poll(&p, 1, 0) <= 0 && now_usec() - s->asked < SETTLE_USEC)
                return -EAGAIN;
        s->answer = safe_close(s->answer);
        return 0;
}

/* Taking over. */

/* What is in flight, without taking it away. Returns how many, or -errno; *ret_all: there are no more. */
static int peek(int fd, int ret_queues[SHELF_QUEUES_MAX], bool *ret_all) {
        union {
                struct cmsghdr header;
                uint8_t space[CMSG_SPACE(SHELF_QUEUES_MAX * sizeof(int))];
        } control = {};
        char text[sizeof(label)] = "";
        struct iovec iov = { text, sizeof(text) };
        struct msghdr m = {
                .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
        };
        ssize_t bytes = recvmsg(fd, &m, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        const struct cmsghdr *header = bytes < 0 ? NULL : CMSG_FIRSTHDR(&m);
        size_t n;

        if (bytes < 0)
                return -errno;
        if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
                return -EBADMSG;

        n = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(ret_queues, CMSG_DATA(header), n * sizeof(int));
        if (bytes != sizeof(label) || memcmp(text, label, sizeof(label)) != 0) {
                for (size_t i = 0; i < n; i++)
                        safe_close(ret_queues[i]);
                return -EBADMSG;
        }
        *ret_all = !(m.msg_flags & MSG_CTRUNC);
        return (int) n;
}

/* By index: the device may have been renamed meanwhile; most are not. */
static const OwnedLink *find_by_index(const Owned *owned, const char *name, unsigned ifindex) {
        const OwnedLink *o = owned_find(owned, name);

        if (o && o->ifindex > 0 && (unsigned) o->ifindex == ifindex)
                return o;
        for (size_t i = 0; i < owned->n; i++)
                if (owned->items[i].ifindex > 0 && (unsigned) owned->items[i].ifindex == ifindex)
                        return owned->items + i;
        return NULL;
}

/* The socket's namespace is ours. */
static unsigned index_of(int socket, const char *name) {
        struct ifreq ifr = {};

        memcpy(ifr.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
        return ioctl(socket, SIOCGIFINDEX, &ifr) < 0 ? 0 : (unsigned) ifr.ifr_ifindex;
}

/* Never by TUNSETIFF, which an attached queue answers with EEXIST. Returns NULL and the device it is of, or
 * why it is not used. */
static const char *identify(int fd, const World *w, TunQueue *ret_queue, const OwnedLink **ret) {
        const OwnedLink *o;
        struct stat st;
        unsigned ifindex;
        int r;

        if (!tuntap_is(fd))
                return "it is no queue";
        r = tuntap_get(fd, ret_queue, NULL);
        if (r < 0)
                return "its device was deleted meanwhile";
        r = tuntap_stat_netns(fd, &st, NULL);
        if (r < 0)
                return "nobody can tell which network namespace its device is in";
        if (st.st_dev != w->netns.st_dev || st.st_ino != w->netns.st_ino)
                return "its device is in another network namespace";

        ifindex = index_of(w->socket, ret_queue->name);
        o = ifindex > 0 ? find_by_index(w->owned, ret_queue->name, ifindex) : NULL;
        if (!o) { /* a creation whose end was not recorded */
                o = owned_find(w->owned, ret_queue->name);
                if (o && o->ifindex > 0)
                        return "its device is another one than the record says";
        }
        if (!o)
                return "the record does not know its device";
        *ret = o;
        return NULL;
}

static const char *take_queue(FdStore *s, int fd, const World *w, size_t shelf, TunQueue *ret_queue) {
        _cleanup_(close_fdp) int queue = fd;
        const OwnedLink *o = NULL;
        const char *why = identify(queue, w, ret_queue, &o);
        int r;

        if (why)
                return why;
        if (queues_get(s->queues, o->name) >= 0)
                return "another one of its device is kept already";

        /* Killed while it was attached to raise the carrier: it would swallow packets. */
        if (ret_queue->multi_queue && !ret_queue->detached) {
                r = tuntap_detach(queue, NULL);
                if (r < 0)
                        return "it cannot be detached";
        }

        r = queues_put_back(s->queues, o->name, take_fd(&queue), shelf);
        if (r < 0)
                return "memory is short";
        if (o->loan.set)
                queues_lend(s->queues, o->name, o->loan.uid);
        return NULL;
}

static void report_unused(const TunQueue *queue, const char *why) {
        LogContext context = { .interface = queue->name[0] ? queue->name : NULL };

        (void) log_full(LOG_NOTICE, 0, &context, "A queue that the service manager kept%s%s is closed: %s",
                        queue->name[0] ? " of " : "", queue->name, why);
}

/* Returns how many of its queues are used, or -errno when it is none of our shelves. */
static int take_shelf(FdStore *s, const Stored *stored, const World *w) {
        int queues[SHELF_QUEUES_MAX] = {}, n, used = 0;
        bool all = true;

        n = peek(stored->fd, queues, &all);
        if (n < 0)
                return n;

        for (int i = 0; i < n; i++) {
                TunQueue queue = {};
                const char *why = take_queue(s, queues[i], w, stored->shelf, &queue);

                if (why)
                        report_unused(&queue, why);
                else
                        used++;
        }
        if (!all)
                log_warning("Some queues that the service manager kept cannot be taken back: too many open "
                            "files; raise LimitNOFILE= of netdevd.service");

        s->generations[stored->shelf] = stored->generation;
        if (used < n || !all)
                queues_shelf_changed(s->queues, stored->shelf);
        return used;
}

/* The newest of its shelf; of two of one name, which is not our doing, the first. */
static bool is_newest(const Stored *stored, const Stored *all, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (all[i].shelf == stored->shelf &&
                    (all[i].generation > stored->generation ||
                     (all[i].generation == stored->generation && all + i < stored)))
                        return false;
        return true;
}

/* What is not used goes; by its name, which something that is used may have too: that is stored anew. */
static void give_up(FdStore *s, const Stored *stored, const char *why) {
        if (why)
                log_notice("A descriptor that the service manager kept as %s is closed: %s", stored->name,
                           why);
        if (stored->shelf < SHELVES_MAX && s->generations[stored->shelf] == stored->generation)
                queues_shelf_changed(s->queues, stored->shelf);
        else
                unstore(stored->name);
}

static void take_all(FdStore *s, const Stored *all, size_t n, const World *w) {
        unsigned used = 0;

        for (size_t i = 0; i < n; i++) {
                if (all[i].shelf >= SHELVES_MAX)
                        give_up(s, all + i, "netdevd does not know it");
                else if (is_newest(all + i, all, n)) {
                        int r = take_shelf(s, all + i, w);

                        if (r < 0)
                                give_up(s, all + i, "it is not what netdevd left there");
                        else
                                used += (unsigned) r;
                }
        }
        for (size_t i = 0; i < n; i++)
                if (all[i].shelf < SHELVES_MAX && !is_newest(all + i, all, n))
                        give_up(s, all + i, NULL); /* it was about to be removed */
        if (used > 0)
                log_info("%u kept queue%s came back from the service manager", used, used == 1 ? "" : "s");
}

int fd_store_take(FdStore *s, const Owned *owned, int socket) {
        World w = { .owned = owned, .socket = socket };
        _cleanup_(freep) Stored *all = NULL;
        char **names = NULL;
        int n, r = 0;

        n = sd_listen_fds_with_names(true, &names);
        if (n <= 0)
                return n;

        all = calloc((size_t) n, sizeof(Stored));
        if (!all)
                r = -ENOMEM;
        else if (stat("/proc/self/ns/net", &w.netns) < 0)
                r = -errno;

        for (int i = 0; r >= 0 && i < n; i++) {
                all[i] = (Stored){ .fd = SD_LISTEN_FDS_START + i, .name = names[i] };
                if (!parse_name(names[i], &all[i].shelf, &all[i].generation))
                        all[i].shelf = SHELVES_MAX;
        }
        if (r >= 0) {
                take_all(s, all, (size_t) n, &w);
                fd_store_sync(s, true);
                ask_for_answer(s);
        }

        for (int i = 0; i < n; i++) {
                safe_close(SD_LISTEN_FDS_START + i);
                free(names[i]);
        }
        free(names);
        return r;
}
