/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The helper is in a network namespace of its own. It sends one rtnetlink socket, and then one descriptor of
 * /dev/net/tun for each byte it is sent. It holds nothing else, and ends with the connection. A descriptor
 * opened there works anywhere: the namespace of a tun descriptor is fixed at open(2), that of a socket at
 * socket(2).
 *
 * Where this process may make a namespace, the helper is a fork that does; else it is a service that the
 * service manager starts in one (netdevd-nursery.socket), which takes a moment that is not waited for. */

#include "nursery.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "kernel/encode.h"
#include "kernel/read.h"
#include "kernel/tuntap.h"

struct Nursery {
        pid_t helper; /* 0: a service */
        int socket;
        int home;   /* our own namespace, where the links go */
        Rtnl *rtnl; /* NULL until the helper has sent it */
};

/* Sends the descriptor, or, when it is negative, the errno it stands for. */
static int send_fd(int socket, int fd) {
        union {
                struct cmsghdr header;
                uint8_t space[CMSG_SPACE(sizeof(int))];
        } control = {};
        int error = fd < 0 ? -fd : 0;
        struct iovec iov = { &error, sizeof(error) };
        struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

        if (fd >= 0) {
                m.msg_control = &control;
                m.msg_controllen = sizeof(control);
                control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
                                                   .cmsg_type = SCM_RIGHTS,
                                                   .cmsg_len = CMSG_LEN(sizeof(int)) };
                memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
        }
        return sendmsg(socket, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int receive_fd(int socket, int *ret_fd) {
        union {
                struct cmsghdr header;
                uint8_t space[CMSG_SPACE(sizeof(int))];
        } control = {};
        int error = 0;
        struct iovec iov = { &error, sizeof(error) };
        struct msghdr m = {
                .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
        };
        ssize_t n;

        do
                n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        if (n != sizeof(error))
                return -ECONNRESET; /* the helper is gone */
        if (error != 0)
                return -error;
        if (!CMSG_FIRSTHDR(&m) || CMSG_FIRSTHDR(&m)->cmsg_type != SCM_RIGHTS)
                return -EBADMSG;

        memcpy(ret_fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(int));
        return 0;
}

/* Async-signal-safe throughout: it runs in a fork without exec. */
int nursery_serve(int connection) {
        int rtnl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
        char byte;
        int r;

        r = send_fd(connection, rtnl < 0 ? -errno : rtnl);
        safe_close(rtnl);
        while (r >= 0 && read(connection, &byte, 1) == 1) {
                _cleanup_(close_fdp) int fd = open(TUNTAP_NODE, O_RDWR | O_CLOEXEC | O_NONBLOCK);

                r = send_fd(connection, fd < 0 ? -errno : fd);
        }
        return r;
}

static _Noreturn void run_helper(int connection) {
        /* It must not keep anything of ours alive, least of all queues, nor outlive us. */
        if (dup2(connection, 3) < 0 || close_range(4, ~0U, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
                _exit(1);

        if (unshare(CLONE_NEWNET) < 0) {
                (void) send_fd(3, -errno);
                _exit(1);
        }

        _exit(nursery_serve(3) < 0);
}

static int start_helper(Nursery *n) {
        int pair[2];

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return -errno;

        n->helper = fork();
        if (n->helper == 0)
                run_helper(pair[1]);

        safe_close(pair[1]);
        n->socket = pair[0];
        return n->helper < 0 ? -errno : 0;
}

/* A full backlog is no reason to wait: EAGAIN. */
static int start_service(Nursery *n) {
        const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = NURSERY_SOCKET };

        n->socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (n->socket < 0 || connect(n->socket, (const struct sockaddr *) &address, sizeof(address)) < 0 ||
            fcntl(n->socket, F_SETFL, 0) < 0)
                return -errno;
        return 0;
}

/* The first that it sends. */
static int meet_helper(Nursery *n) {
        _cleanup_(close_fdp) int fd = -EBADF;
        int r;

        r = receive_fd(n->socket, &fd);
        if (r >= 0)
                r = rtnl_open_fd(fd, &n->rtnl);
        if (r >= 0)
                take_fd(&fd);
        return r;
}

static Nursery *stop_helper(Nursery *n) {
        n->socket = safe_close(n->socket);
        if (n->helper > 0) {
                (void) kill(n->helper, SIGKILL);
                (void) waitpid(n->helper, NULL, 0);
        }
        n->helper = 0;
        return n;
}

Nursery *nursery_close(Nursery *n) {
        if (!n)
                return NULL;

        rtnl_close(n->rtnl);
        safe_close(n->home);
        free(stop_helper(n));
        return NULL;
}

int nursery_open(Nursery **ret) {
        _cleanup_(nursery_closep) Nursery *n = malloc(sizeof(Nursery));
        int r;

        if (!n)
                return -ENOMEM;
        *n = (Nursery){ .socket = -EBADF, .home = -EBADF };

        n->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        if (n->home < 0)
                return -errno;

        r = start_helper(n);
        if (r >= 0)
                r = meet_helper(n);
        if (r == -EPERM)
                r = start_service(stop_helper(n));
        if (r < 0)
                return r;

        *ret = TAKE_PTR(n);
        return 0;
}

int nursery_wait(Nursery *n, int timeout_msec) {
        struct pollfd p = { .fd = n->socket, .events = POLLIN };
        int r;

        if (n->rtnl)
                return 1;
        r = poll(&p, 1, timeout_msec);
        if (r <= 0)
                return r < 0 && errno != EINTR ? -errno : 0;
        r = meet_helper(n);
        return r < 0 ? r : 1;
}

int nursery_open_tun(Nursery *n, int *ret_fd) {
        if (send(n->socket, "", 1, MSG_NOSIGNAL) < 0)
                return -errno;
        return receive_fd(n->socket, ret_fd);
}

Rtnl *nursery_rtnl(Nursery *n) {
        return n->rtnl;
}

int nursery_move_out(Nursery *n, int ifindex, int new_ifindex) {
        _cleanup_(rtnl_batch_freep) RtnlBatch *batch = rtnl_batch_new();
        _cleanup_(link_freep) Link *link = NULL;
        int r;

        if (!batch)
                return -ENOMEM;

        encode_set_netns(rtnl_batch_begin(batch), ifindex, n->home, new_ifindex);
        r = rtnl_batch_send_one(n->rtnl, batch, NULL);
        /* An answer that was lost says nothing: is it gone from here? */
        return r < 0 && read_link(n->rtnl, ifindex, NULL, &link) == -ENODEV ? 0 : r;
}
