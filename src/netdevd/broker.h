/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Hands out queues: opened, attached, O_NONBLOCK and O_CLOEXEC, in nobody's epoll, and clean of what the
 * program before left (design D7, D14, D17). Who may have them is decided before, in bus/bus-access.c. */

#include "manager.h"

/* A reply with more descriptors than the bus takes makes it disconnect the sender: that is us. */
#define BROKER_QUEUES_MAX 16

/* Opens `count` queues for a process, all or none, into ret_fds (owned by the caller), and remembers the
 * lease. pidfd may be -errno when the process cannot be watched (-ESRCH: it is in another PID namespace);
 * then a held queue is not lent. *ret_flags: IFF_TUN, IFF_TAP, IFF_NO_PI, IFF_VNET_HDR and IFF_MULTI_QUEUE,
 * as the device has them. Returns 0, or sets *error and returns -errno. */
int broker_open(Manager *m, Device *d, unsigned count, uint32_t uid, uint32_t pid, int pidfd, int *ret_fds,
                uint32_t *ret_flags, sd_bus_error *error);

/* A device we did not know yet: whoever was lent its held queue before we were restarted, and still runs,
 * has it still. */
void broker_resume(Manager *m, Device *d);
