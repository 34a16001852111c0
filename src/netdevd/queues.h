/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The queues netdevd holds for KeepCarrier=: one descriptor a device, detached on multi-queue devices. Owns
 * the descriptors; closing one gives the carrier up. */

#include <stdbool.h>
#include <stdint.h>

typedef struct Queues Queues;

Queues *queues_new(void);
Queues *queues_free(Queues *q);

/* Takes the descriptor over, also on failure; one held before for this device is closed. Returns 0 or
 * -ENOMEM. */
int queues_put(Queues *q, const char *device, int fd);
/* The held descriptor, still owned here; -EBADF when there is none. */
int queues_get(const Queues *q, const char *device);
void queues_drop(Queues *q, const char *device);

/* To whom the held queue was lent last, -1: nobody yet. A loan cannot be taken back: children of that
 * program may keep the queue, and would share the packets of the next one. */
int64_t queues_lent_to(const Queues *q, const char *device);
void queues_lend(Queues *q, const char *device, uint32_t uid);
