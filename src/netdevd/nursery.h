/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A private network namespace in which devices are born: nobody can attach to them before they have their
 * owner. Entered by a helper process, so that this one stays where it is; what is needed from there comes as
 * descriptors. */

#include "base/cleanup.h"
#include "kernel/rtnl.h"

typedef struct Nursery Nursery;

/* Starts the helper. Returns 0; -EPERM where the process may not make a namespace (CAP_SYS_ADMIN); or
 * another -errno. */
int nursery_open(Nursery **ret);
Nursery *nursery_close(Nursery *n);
DEFINE_CLEANUP(Nursery *, nursery_close);

/* A fresh descriptor of /dev/net/tun whose devices appear in the nursery. Returns 0 or -errno. */
int nursery_open_tun(Nursery *n, int *ret_fd);

/* An rtnetlink socket of the nursery; owned by it. */
Rtnl *nursery_rtnl(Nursery *n);

/* Moves the link, which keeps its queues, owner and flags, into this process's own namespace; about 16 ms.
 * The link must be down. Returns 0 or -errno (-EEXIST: the name is taken there). */
int nursery_move_out(Nursery *n, int ifindex);
