/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The rtnetlink sockets over libmnl: one for requests, one for events. Raw edges of libmnl (errno, sequence
 * numbers, buffer sizes) end here. */

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

typedef struct Rtnl Rtnl; /* the request socket: synchronous, the kernel answers within sendto() */

/* Opens a request socket in the caller's network namespace: extended acks, strict checks, non-dump replies
 * capped. Returns 0 or -errno. */
int rtnl_open(Rtnl **ret);
/* Takes over an open NETLINK_ROUTE socket (e.g. one of another namespace, passed by a helper). Sends with an
 * address, never connects. fd is the new Rtnl's on success and the caller's on failure. */
int rtnl_open_fd(int fd, Rtnl **ret);
Rtnl *rtnl_close(Rtnl *rtnl);
DEFINE_CLEANUP(Rtnl *, rtnl_close);
int rtnl_fd(const Rtnl *rtnl);

/* Handles one reply message. Returns 0 to go on or -errno to stop and fail the dump with. */
typedef int (*RtnlHandler)(const struct nlmsghdr *nlh, void *userdata);

/* Sends a dump request (nlmsg_flags and nlmsg_seq are set here) and hands every message to the handler. A
 * dump that was torn (NLM_F_DUMP_INTR) or overran the socket (ENOBUFS) is started again after
 * `restart(userdata)` (may be NULL) has thrown away what the handler collected; after so many torn dumps
 * -EAGAIN. Kernel errors come back as -errno. */
int rtnl_dump(Rtnl *rtnl, struct nlmsghdr *request, RtnlHandler handler, void (*restart)(void *userdata),
              void *userdata);

/* One request with one reply message (RTM_GETLINK by ifindex or name). Returns 0, or the kernel's -errno
 * (-ENODEV…). */
int rtnl_get(Rtnl *rtnl, struct nlmsghdr *request, RtnlHandler handler, void *userdata);

/* The outcome of one message of a batch. */
typedef struct RtnlResult {
        int error;  /* 0 or -errno */
        char *text; /* the kernel's extended-ack text, or NULL; owned by whoever holds the result */
} RtnlResult;

/* Acks of more messages could overrun the receive buffer and be lost. */
#define RTNL_BATCH_MAX 100

typedef struct RtnlBatch RtnlBatch;

RtnlBatch *rtnl_batch_new(void);
RtnlBatch *rtnl_batch_free(RtnlBatch *b);
DEFINE_CLEANUP(RtnlBatch *, rtnl_batch_free);

/* A zeroed header with room for one message of up to RTNL_MESSAGE_MAX bytes in the batch; encode into it,
 * then rtnl_batch_end(). NULL when the batch is full (RTNL_BATCH_MAX messages). */
#define RTNL_MESSAGE_MAX 1024
struct nlmsghdr *rtnl_batch_begin(RtnlBatch *b);
void rtnl_batch_end(RtnlBatch *b);
size_t rtnl_batch_length(const RtnlBatch *b);

/* Sends all messages of the batch in one datagram, each asking for an ack, and reads the acks, matched by
 * sequence number; then the batch is empty again. results has room for rtnl_batch_length() and is written in
 * order. A batch is no transaction: what follows a failed message still takes effect. Returns 0 when every
 * message has its result (even if all failed), or -errno when the socket itself failed; a lost ack has the
 * result -ENOBUFS. */
int rtnl_batch_send(Rtnl *rtnl, RtnlBatch *b, RtnlResult *results);

/* For a batch with a single message, which was begun and not ended: ends and sends it. Returns its result,
 * or -errno when the socket failed; *ret_text (may be NULL) is the kernel's text or NULL, and left alone
 * when the socket failed. */
int rtnl_batch_send_one(Rtnl *rtnl, RtnlBatch *b, char **ret_text);

/* How often a torn dump is read before it fails. Whoever has others waiting rather tries again later. */
#define RTNL_DUMP_ATTEMPTS 10 /* if nothing else is said */
void rtnl_set_dump_attempts(Rtnl *rtnl, unsigned n);

/* The event socket, nonblocking, with a large receive buffer, joined to RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR
 * and RTNLGRP_IPV6_IFADDR. Returns 0 or -errno. */
int rtnl_events_open(int *ret_fd);

/* Joins the groups of those that are wanted, and leaves the others': what one does not look at must cost
 * nothing, be it a router's million routes. Returns 0 or -errno. */
int rtnl_events_join_items(int fd, bool routes, bool nexthops, bool rules, bool neighbors);

/* Reads all that is there. The handler sees every RTM_* message. Returns 0; 1 when the socket overran
 * (ENOBUFS) and everything must be dumped again; or -errno. */
int rtnl_events_drain(int fd, RtnlHandler handler, void *userdata);
