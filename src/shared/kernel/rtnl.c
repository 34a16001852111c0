/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The rtnetlink sockets; nobody else sends, receives or counts sequence numbers.
 *
 * A request socket is synchronous: the kernel works within sendto() and has queued its answers when that
 * returns (of a dump: the first part; reading makes the rest). So no read should ever wait; a timeout turns
 * an answer lost for whatever reason into an error instead of a hang. Every request takes fresh sequence
 * numbers, and answers with others, left over from a request given up, are skipped.
 *
 * The socket is neither connected nor bound, and each send carries the kernel's address, so that a socket
 * made in another network namespace works just as well. Only what the kernel itself sent is looked at. */

#include "rtnl.h"

#include <assert.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* Larger than any link message: the attributes without a fixed bound (alternative names) share one of 64 KiB
 * at most. */
#define DATAGRAM_MAX (128 * 1024)

/* RTNL_BATCH_MAX acks of at most some 4 KiB each, with text and, on an old kernel, a copy of the request. */
#define REQUEST_BUFFER (1024 * 1024)

/* Some 10,000 link events; memory is taken only while they wait. */
#define EVENT_BUFFER (32 * 1024 * 1024)

#define RECEIVE_TIMEOUT_SEC 5
#define DUMP_ATTEMPTS_MAX   10

struct Rtnl {
        int fd;
        uint32_t seq; /* the next one */
        _Alignas(struct nlmsghdr) uint8_t buffer[DATAGRAM_MAX];
};

struct RtnlBatch {
        size_t n;
        size_t used;
        _Alignas(struct nlmsghdr) uint8_t buffer[RTNL_BATCH_MAX * RTNL_MESSAGE_MAX];
};

/* Best effort: without the privilege the system's limit holds. */
static void set_receive_buffer(int fd, int size) {
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
        set_receive_buffer(fd, REQUEST_BUFFER);
        set_netlink_options(fd);

        rtnl = malloc(sizeof(*rtnl)); /* not zeroed: most of the buffer is never touched */
        if (!rtnl)
                return -ENOMEM;

        rtnl->fd = fd;
        rtnl->seq = 1;
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

static int send_request(Rtnl *rtnl, const void *data, size_t size) {
        const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
        ssize_t n;

        /* Not repeated on EINTR: some of it may have taken effect. */
        n = sendto(rtnl->fd, data, size, 0, (const struct sockaddr *) &kernel, sizeof(kernel));
        if (n < 0)
                return -errno;

        return (size_t) n == size ? 0 : -EIO;
}

/* One datagram. Returns its length, 0 if it did not come from the kernel, or -errno: -EAGAIN when nothing
 * came (in time), -ENOBUFS when some were lost (what is queued can still be read), -EMSGSIZE when this one
 * was too large. */
static ssize_t receive(int fd, void *buffer, size_t size, int flags) {
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

/* Looks at one message; returns true when it was the last that is needed. */
typedef bool (*MessageVisitor)(const struct nlmsghdr *nlh, void *userdata);

/* Reads one datagram and shows its messages with sequence numbers first … first + n - 1. Returns 1 when the
 * visitor is satisfied, 0 to go on, or -errno. */
static int visit_datagram(Rtnl *rtnl, int flags, uint32_t first, size_t n, MessageVisitor visit,
                          void *userdata) {
        const struct nlmsghdr *nlh = (const struct nlmsghdr *) rtnl->buffer;
        ssize_t size;
        int left;

        size = receive(rtnl->fd, rtnl->buffer, sizeof(rtnl->buffer), flags);
        if (size < 0)
                return (int) size;

        for (left = (int) size; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
                if (nlh->nlmsg_seq - first < n && visit(nlh, userdata)) /* unsigned: right across the wrap */
                        return 1;

        return 0;
}

/* The errno of NLMSG_ERROR (0: an ack) or NLMSG_DONE. */
static int message_error(const struct nlmsghdr *nlh) {
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
                        d->error = message_error(nlh);
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
        r = send_request(rtnl, request, request->nlmsg_len);
        if (r < 0)
                return r;

        do {
                r = visit_datagram(rtnl, 0, seq, 1, on_dump_message, d);
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

        for (unsigned attempt = 0; attempt < DUMP_ATTEMPTS_MAX; attempt++) {
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
                g->error = message_error(nlh);
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
        r = send_request(rtnl, request, request->nlmsg_len);
        if (r < 0)
                return r;

        do
                r = visit_datagram(rtnl, 0, seq, 1, on_reply, &g);
        while (r == 0);

        if (r < 0)
                return r == -EAGAIN ? -ETIMEDOUT : r;

        return g.error;
}

RtnlBatch *rtnl_batch_new(void) {
        RtnlBatch *b;

        b = malloc(sizeof(*b)); /* not zeroed: rtnl_batch_begin() does, message by message */
        if (!b)
                return NULL;

        b->n = b->used = 0;
        return b;
}

RtnlBatch *rtnl_batch_free(RtnlBatch *b) {
        free(b);
        return NULL;
}

struct nlmsghdr *rtnl_batch_begin(RtnlBatch *b) {
        assert(b);

        if (b->n >= RTNL_BATCH_MAX)
                return NULL;

        return memset(b->buffer + b->used, 0, RTNL_MESSAGE_MAX);
}

void rtnl_batch_end(RtnlBatch *b) {
        struct nlmsghdr *nlh;

        assert(b);
        assert(b->n < RTNL_BATCH_MAX);

        nlh = (struct nlmsghdr *) (b->buffer + b->used);
        assert(nlh->nlmsg_len >= MNL_NLMSG_HDRLEN && nlh->nlmsg_len <= RTNL_MESSAGE_MAX);

        b->used += MNL_ALIGN(nlh->nlmsg_len);
        b->n++;
}

size_t rtnl_batch_length(const RtnlBatch *b) {
        assert(b);

        return b->n;
}

/* The acks of a batch, as they come in. */
typedef struct Acks {
        uint32_t first; /* sequence number of results[0] */
        size_t missing;
        RtnlResult *results;
        bool seen[RTNL_BATCH_MAX];
} Acks;

/* Where the attributes of an ack begin: behind the copy of the request, which the kernel shortens to its
 * header for successes and, asked to (NLM_F_CAPPED), for errors. */
static size_t ack_attributes_offset(const struct nlmsghdr *nlh, const struct nlmsgerr *err) {
        size_t offset = sizeof(*err);

        if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && err->error != 0 && err->msg.nlmsg_len > sizeof(err->msg))
                offset += MNL_ALIGN((size_t) err->msg.nlmsg_len - sizeof(err->msg));

        return offset;
}

/* The extended-ack text, or NULL: it is only an explanation, so what is malformed is left out, and memory
 * running out too. */
static char *ack_text(const struct nlmsghdr *nlh) {
        const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
        size_t size = mnl_nlmsg_get_payload_len(nlh), offset;
        const struct nlattr *a;

        if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || size < sizeof(*err))
                return NULL;

        for (offset = ack_attributes_offset(nlh, err); offset + sizeof(*a) <= size;
             offset += MNL_ALIGN(a->nla_len)) {
                a = (const struct nlattr *) ((const uint8_t *) err + offset);
                if (a->nla_len < sizeof(*a) || a->nla_len > size - offset)
                        return NULL;
                if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG)
                        return strndup(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
        }

        return NULL;
}

static bool on_ack(const struct nlmsghdr *nlh, void *userdata) {
        Acks *acks = userdata;
        size_t i = nlh->nlmsg_seq - acks->first;

        if (nlh->nlmsg_type != NLMSG_ERROR || acks->seen[i])
                return false;

        acks->seen[i] = true;
        acks->results[i] = (RtnlResult){ .error = message_error(nlh), .text = ack_text(nlh) };
        return --acks->missing == 0;
}

static int read_acks(Rtnl *rtnl, size_t n, Acks *acks) {
        int flags = 0, r;

        do {
                r = visit_datagram(rtnl, flags, acks->first, n, on_ack, acks);
                if (r == -ENOBUFS) {
                        flags = MSG_DONTWAIT; /* some are lost: take what is there, and wait no more */
                        r = 0;
                }
        } while (r == 0);

        return r == -EAGAIN || r > 0 ? 0 : r;
}

/* Numbers the messages and has each acknowledged. */
static void number_messages(RtnlBatch *b, uint32_t seq) {
        struct nlmsghdr *nlh = (struct nlmsghdr *) b->buffer;
        int left = (int) b->used;

        for (size_t i = 0; i < b->n; i++, nlh = mnl_nlmsg_next(nlh, &left)) {
                nlh->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
                nlh->nlmsg_seq = seq + (uint32_t) i;
        }
}

int rtnl_batch_send(Rtnl *rtnl, RtnlBatch *b, RtnlResult *results) {
        Acks acks = { .results = results };
        size_t n, used;
        int r;

        assert(rtnl);
        assert(b);
        assert(b->n == 0 || results);

        n = acks.missing = b->n;
        used = b->used;
        acks.first = rtnl->seq;
        if (n == 0)
                return 0;

        number_messages(b, acks.first);
        rtnl->seq += (uint32_t) n;
        b->n = b->used = 0;

        for (size_t i = 0; i < n; i++)
                results[i] = (RtnlResult){ .error = -ENOBUFS };

        r = send_request(rtnl, b->buffer, used);
        if (r >= 0)
                r = read_acks(rtnl, n, &acks);
        if (r >= 0)
                return 0;

        for (size_t i = 0; i < n; i++) {
                free(results[i].text);
                results[i].text = NULL;
        }
        return r;
}

int rtnl_events_open(int *ret_fd) {
        const struct sockaddr_nl groups = {
                .nl_family = AF_NETLINK,
                .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
        };
        _cleanup_(close_fdp) int fd = -EBADF;

        assert(ret_fd);

        fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
        if (fd < 0)
                return -errno;

        set_receive_buffer(fd, EVENT_BUFFER);

        if (bind(fd, (const struct sockaddr *) &groups, sizeof(groups)) < 0)
                return -errno;

        *ret_fd = take_fd(&fd);
        return 0;
}

static int handle_events(const void *data, ssize_t size, RtnlHandler handler, void *userdata) {
        const struct nlmsghdr *nlh = data;
        int left, r;

        for (left = (int) size; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
                if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
                        continue;
                r = handler(nlh, userdata);
                if (r < 0)
                        return r;
        }

        return 0;
}

int rtnl_events_drain(int fd, RtnlHandler handler, void *userdata) {
        _Alignas(struct nlmsghdr) uint8_t buffer[32 * 1024];
        bool lost = false;
        int r;

        assert(fd >= 0);
        assert(handler);

        for (;;) {
                ssize_t size = receive(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

                if (size == -EAGAIN)
                        return lost;

                /* An event too large for us is as good as lost. */
                if (size == -ENOBUFS || size == -EMSGSIZE) {
                        lost = true;
                        continue;
                }
                if (size < 0)
                        return (int) size;

                r = handle_events(buffer, size, handler, userdata);
                if (r < 0)
                        return r;
        }
}
