/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One pidfd a lease: readable when the process has ended, pidfd_open(2). */

#include "leases.h"

#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <utlist.h>

#include "base/cleanup.h"

static Lease *lease_free(Lease *l) {
        if (!l)
                return NULL;
        sd_event_source_unref(l->source);
        safe_close(l->pidfd);
        free(l->unit);
        free(l);
        return NULL;
}
DEFINE_CLEANUP(Lease *, lease_free);

static void drop(Lease *l) {
        DL_DELETE(*l->list, l);
        lease_free(l);
}

static int on_ended(sd_event_source *s _unused_, int fd _unused_, uint32_t events _unused_, void *userdata) {
        Lease *l = userdata;
        void (*ended)(void *, int) = l->ended;
        void *about = l->userdata;
        int ifindex = l->ifindex;

        drop(l);
        ended(about, ifindex);
        return 0;
}

Lease *leases_find(Lease *list, uint32_t pid) {
        Lease *l;

        DL_FOREACH(list, l)
                if (l->pid == pid)
                        return l;
        return NULL;
}

int leases_add(Lease **list, sd_event *event, uint32_t pid, uint32_t uid, int pidfd, int ifindex,
               void (*ended)(void *userdata, int ifindex), void *userdata) {
        _cleanup_(lease_freep) Lease *l = NULL;
        Lease *other;
        int n, r;

        if (leases_find(*list, pid))
                return 0;
        DL_COUNT(*list, other, n);
        if (n >= LEASES_MAX)
                return -E2BIG;

        l = calloc(1, sizeof(Lease));
        if (!l)
                return -ENOMEM;
        l->pidfd = fcntl(pidfd, F_DUPFD_CLOEXEC, 3);
        if (l->pidfd < 0)
                return -errno;
        l->unit = strdup("");
        if (!l->unit)
                return -ENOMEM;
        l->list = list;
        l->pid = pid;
        l->uid = uid;
        l->ifindex = ifindex;
        l->ended = ended;
        l->userdata = userdata;

        r = sd_event_add_io(event, &l->source, l->pidfd, EPOLLIN, on_ended, l);
        if (r < 0)
                return r;
        DL_APPEND(*list, l);
        TAKE_PTR(l);
        return 0;
}

void leases_forget_others(Lease **list, int ifindex) {
        Lease *l, *next;

        DL_FOREACH_SAFE(*list, l, next)
                if (l->ifindex != ifindex)
                        drop(l);
}

void leases_drop(Lease **list) {
        leases_forget_others(list, -1);
}
