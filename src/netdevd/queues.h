/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The queues netdevd holds for KeepCarrier=: one descriptor a device, detached on multi-queue devices. Owns
 * the descriptors; closing one gives the carrier up, unless the service manager has it too (fd-store.h): for
 * that each has its place on a shelf. */

#include <stdbool.h>
#include <stddef.h>
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

/* A shelf is what is given to the service manager as one. As many as one message to a socket takes (253),
 * and some to spare; and what FileDescriptorStoreMax= in netdevd.service leaves room for. Queues beyond all
 * shelves are held, and lost with us. */
#define SHELF_QUEUES_MAX 200
#define SHELVES_MAX      500

typedef struct Shelf {
        struct Queue *places[SHELF_QUEUES_MAX]; /* NULL: free */
        unsigned n;
        bool changed; /* since the last time it was given to the service manager */
        bool gave_up; /* one of its queues is closed here, and maybe not there */
} Shelf;

/* The shelf of this number, or NULL when there is none, and none after it. */
Shelf *queues_shelf(const Queues *q, size_t number);
/* Has it given to the service manager anew; shelves up to it are made. Out of memory does nothing. */
void queues_shelf_changed(Queues *q, size_t number);
/* Writes its queues, owned by the queues still. Returns how many. */
size_t shelf_queues(const Shelf *shelf, int ret_fds[SHELF_QUEUES_MAX]);

/* As queues_put(), onto one shelf, which has room and gets no change by it; shelves up to it are made. For
 * what the service manager has already. */
int queues_put_back(Queues *q, const char *device, int fd, size_t number);
