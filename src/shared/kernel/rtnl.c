/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The request socket; only the rtnl*.c files send, receive and count sequence numbers.
 *
 * A request socket is synchronous: the kernel works within sendto() and has queued its answers when that
 * returns (of a dump: the first part; reading makes the rest). So no read should ever wait; a timeout turns
 * an answer lost for whatever reason into an error instead of a hang. Every request takes fresh sequence
 * numbers, and answers with others, left over from a request given up, are skipped.
 *
 * The socket is neither connected nor bound, and each send carries the kernel's address, so that a socket
 * made in another network namespace works just as well. Only what the kernel itself sent is looked at. */

#include "rtnl-private.h"

#include <assert.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* RTNL_BATCH_MAX acks of at most some 4 KiB each, with text and, on an old kernel, a copy of the request. */
#define REQUEST_BUFFER (1024 * 1024)

#define RECEIVE_TIMEOUT_SEC 5

void rtnl_set_receive_buffer(int fd, int size) {
        if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
                (void) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/* All are refinements; a kernel without them answers too. */
static void set_netlink_options(int fd) {
        static const int options[] = { NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK };
        const int on = 1;

        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                (void) setsockopt(fd, SOL_NETLINK, options[i], &on, sizeof(on));
}

static int check_is_rtnetlink(int fd) {
        int domain, protocol;
        socklen_t size = sizeof(int);

        if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0)
                return -errno;
        if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) < 0)
                return -errno;

        return domain == AF_NETLINK && protocol == NETLINK_ROUTE ? 0 : -EPROTOTYPE;
}

int rtnl_open_fd(int fd, Rtnl **ret) {
        const struct timeval timeout = { .tv_sec = RECEIVE_TIMEOUT_SEC };
        Rtnl *rtnl;
        int r;

        assert(fd >= 0);
        assert(ret);

        r = check_is_rtnetlink(fd);
        if (r < 0)
                return r;

        if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0)
                return -errno;
        rtnl_set_receive_buffer(fd, REQUEST_BUFFER);
        set_netlink_options(fd);

        rtnl = malloc(sizeof(*rtnl)); /* not zeroed: most of the buffer is never touched */
        if (!rtnl)
                return -ENOMEM;

        rtnl->fd = fd;
        rtnl->seq = 1;
        rtnl->dump_attempts = RTNL_DUMP_ATTEMPTS;
        *ret = rtnl;
        return 0;
}

int rtnl_open(Rtnl **ret) {
        _cleanup_(close_fdp) int fd = -EBADF;
        int r;

        assert(ret);

        fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
        if (fd < 0)
                return -errno;

        r = rtnl_open_fd(fd, ret);
        if (r < 0)
                return r;

        take_fd(&fd);
        return 0;
}

Rtnl *rtnl_close(Rtnl *rtnl) {
        if (!rtnl)
                return NULL;

        safe_close(rtnl->fd);
        free(rtnl);
        return NULL;
}

int rtnl_fd(const Rtnl *rtnl) {
        assert(rtnl);

        return rtnl->fd;
}

void rtnl_set_dump_attempts(Rtnl *rtnl, unsigned n) {
        assert(rtnl);
        assert(n > 0);

        rtnl->dump_attempts = n;
}

int rtnl_send(Rtnl *rtnl, const void *data, size_t size) {
        const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
        ssize_t n;

        /* Not repeated on EINTR: some of it may have taken effect. */
        n = sendto(rtnl->fd, data, size, 0, (const struct sockaddr *) &kernel, sizeof(kernel));
        if (n < 0)
                return -errno;

        return (size_t) n == size ? 0 : -EIO;
}

ssize_t rtnl_receive(int fd, void *buffer, size_t size, int flags) {
        struct sockaddr_nl from = {};
        struct iovec iov = { .iov_base = buffer, .iov_len = size };
        struct msghdr mh = {
                .msg_name = &from,
                .msg_namelen = sizeof(from),
                .msg_iov = &iov,
                .msg_iovlen = 1,
        };
        ssize_t n;

        do
                n = recvmsg(fd, &mh, flags);
        while (n < 0 && errno == EINTR);

        if (n < 0)
                return -errno;
        if (mh.msg_namelen != sizeof(from) || from.nl_family != AF_NETLINK || from.nl_pid != 0)
                return 0;
        if (mh.msg_flags & MSG_TRUNC)
                return -EMSGSIZE;

        return n;
}

int rtnl_visit_datagram(Rtnl *rtnl, int flags, uint32_t first, size_t n, MessageVisitor visit,
                        void *userdata) {
        const struct nlmsghdr *nlh = (const struct nlmsghdr *) rtnl->buffer;
        ssize_t size;
        int left;

        size = rtnl_receive(rtnl->fd, rtnl->buffer, sizeof(rtnl->buffer), flags);
        if (size < 0)
                return (int) size;

        for (left = (int) size; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
                if (nlh->nlmsg_seq - first < n && visit(nlh, userdata)) /* unsigned: right across the wrap */
                        return 1;

        return 0;
}

int rtnl_message_error(const struct nlmsghdr *nlh) {
        int error;

        if (mnl_nlmsg_get_payload_len(nlh) < sizeof(error))
                return nlh->nlmsg_type == NLMSG_DONE ? 0 : -EBADMSG;

        memcpy(&error, mnl_nlmsg_get_payload(nlh), sizeof(error));
        return error < 0 ? error : 0;
}

/* A dump is always read to its end, even when it is of no more use: the kernel runs one dump a socket at a
 * time. */
typedef struct Dump {
        RtnlHandler handler;
        void *userdata;
        bool torn;
        int error;
} Dump;

static bool on_dump_message(const struct nlmsghdr *nlh, void *userdata) {
        Dump *d = userdata;

        /* It may be on any message, the closing one included. */
        if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
                d->torn = true;

        switch (nlh->nlmsg_type) {
        case NLMSG_DONE:
        case NLMSG_ERROR:
                if (d->error == 0)
                        d->error = rtnl_message_error(nlh);
                return true;
        case NLMSG_OVERRUN: d->torn = true; return false;
        case NLMSG_NOOP: return false;
        default: break;
        }

        if (!d->torn && d->error == 0)
                d->error = d->handler(nlh, d->userdata);
        return false;
}

static int dump_once(Rtnl *rtnl, struct nlmsghdr *request, Dump *d) {
        uint32_t seq = rtnl->seq++;
        int r;

        request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        request->nlmsg_seq = seq;
        r = rtnl_send(rtnl, request, request->nlmsg_len);
        if (r < 0)
                return r;

        do {
                r = rtnl_visit_datagram(rtnl, 0, seq, 1, on_dump_message, d);
                if (r == -ENOBUFS) {
                        d->torn = true;
                        r = 0;
                }
        } while (r == 0);

        if (r < 0)
                return r == -EAGAIN ? -ETIMEDOUT : r;

        return d->error;
}

int rtnl_dump(Rtnl *rtnl, struct nlmsghdr *request, RtnlHandler handler, void (*restart)(void *userdata),
              void *userdata) {
        assert(rtnl);
        assert(request);
        assert(handler);

        for (unsigned attempt = 0; attempt < rtnl->dump_attempts; attempt++) {
                Dump d = { .handler = handler, .userdata = userdata };
                int r;

                if (attempt > 0 && restart)
                        restart(userdata);

                r = dump_once(rtnl, request, &d);
                if (r < 0)
                        return r;
                if (!d.torn)
                        return 0;
        }

        return -EAGAIN;
}

typedef struct Get {
        RtnlHandler handler;
        void *userdata;
        int error;
} Get;

static bool on_reply(const struct nlmsghdr *nlh, void *userdata) {
        Get *g = userdata;

        if (nlh->nlmsg_type >= NLMSG_MIN_TYPE)
                g->error = g->handler(nlh, g->userdata);
        else if (nlh->nlmsg_type == NLMSG_ERROR)
                g->error = rtnl_message_error(nlh);
        else
                return false;

        return true;
}

int rtnl_get(Rtnl *rtnl, struct nlmsghdr *request, RtnlHandler handler, void *userdata) {
        Get g = { .handler = handler, .userdata = userdata };
        uint32_t seq;
        int r;

        assert(rtnl);
        assert(request);
        assert(handler);

        seq = rtnl->seq++;
        request->nlmsg_flags = NLM_F_REQUEST;
        request->nlmsg_seq = seq;
        r = rtnl_send(rtnl, request, request->nlmsg_len);
        if (r < 0)
                return r;

        do
                r = rtnl_visit_datagram(rtnl, 0, seq, 1, on_reply, &g);
        while (r == 0);

        if (r < 0)
                return r == -EAGAIN ? -ETIMEDOUT : r;

        return g.error;
}
