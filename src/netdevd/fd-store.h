/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The held queues, once more, at the service manager (FileDescriptorStoreMax= in systemd.service(5)): so
 * that they outlive this process however it ends, and the next one goes on with the very same queues (design
 * D8). Without a service manager nothing of this does anything. */

#include <stdbool.h>

#include "base/cleanup.h"
#include "plan/owned.h"
#include "queues.h"

typedef struct FdStore FdStore;

/* Borrows the queues. Returns NULL when out of memory. */
FdStore *fd_store_new(Queues *queues);
FdStore *fd_store_free(FdStore *s);
DEFINE_CLEANUP(FdStore *, fd_store_free);

/* At start: takes over what the service manager kept for us. What is a queue of a device that the record
 * knows goes into the queues and is used as it is; all else is closed, and removed from the store. socket:
 * some socket of our network namespace. Returns 0 or -errno. */
int fd_store_take(FdStore *s, const Owned *owned, int socket);

/* Gives the service manager what changed since: all of it, or only the shelves that are full, while more is
 * on its way. A failure is logged, and it is tried again the next time. */
void fd_store_sync(FdStore *s, bool all);

/* Before a device is attached to whose queue we gave up: returns 0 when the service manager has given it up
 * too, -EAGAIN while it has not. s may be NULL. */
int fd_store_settle(FdStore *s);
