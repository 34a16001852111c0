/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A private network namespace in which devices are born: nobody can attach to them before they have their
 * owner. Entered by a helper process, so that this one stays where it is; what is needed from there comes as
 * descriptors. */

#include "base/cleanup.h"
#include "kernel/rtnl.h"

typedef struct Nursery Nursery;

/* Where the service manager starts a helper for who may not make a namespace (netdevd-nursery.socket). */
#define NURSERY_SOCKET "/run/netdevd/nursery"

/* Starts the helper. Returns 0; -ENOENT or -EACCES where this process may not make a namespace (that takes
 * CAP_SYS_ADMIN) and nobody makes one for it; or another -errno. */
int nursery_open(Nursery **ret);

/* Returns 1 when it can be used, 0 when the helper is still not there after this time, or -errno. */
int nursery_wait(Nursery *n, int timeout_msec);
Nursery *nursery_close(Nursery *n);
DEFINE_CLEANUP(Nursery *, nursery_close);

/* A fresh descriptor of /dev/net/tun whose devices appear in the nursery. Returns 0 or -errno. */
int nursery_open_tun(Nursery *n, int *ret_fd);

/* An rtnetlink socket of the nursery; owned by it. */
Rtnl *nursery_rtnl(Nursery *n);

/* The helper itself, in its namespace, until the connection ends. Returns 0 or -errno. */
int nursery_serve(int connection);

/* Moves the link, which keeps its queues, owner and flags, into this process's own namespace; about 16 ms.
 * Its ifindex there is new_ifindex, where the kernel knows that. The link must be down. Returns 0 or -errno
 * (-EEXIST: the name is taken there). */
int nursery_move_out(Nursery *n, int ifindex, int new_ifindex);
