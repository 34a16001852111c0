/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A map from device to descriptor. */

#include "queues.h"

#include <linux/if.h>
#include <string.h>
#include <uthash.h>

#include "base/cleanup.h"

typedef struct Queue {
        char device[IFNAMSIZ];
        int fd;
        int64_t lent_to; /* uid, -1: nobody */
        UT_hash_handle hh;
} Queue;

struct Queues {
        Queue *by_device;
};

Queues *queues_new(void) {
        return calloc(1, sizeof(Queues));
}

static Queue *find(const Queues *q, const char *device) {
        Queue *found;

        HASH_FIND_STR(q->by_device, device, found);
        return found;
}

static void drop(Queues *q, Queue *queue) {
        HASH_DEL(q->by_device, queue);
        safe_close(queue->fd);
        free(queue);
}

Queues *queues_free(Queues *q) {
        Queue *queue, *next;

        if (!q)
                return NULL;

        HASH_ITER(hh, q->by_device, queue, next)
                drop(q, queue);
        free(q);
        return NULL;
}

int queues_put(Queues *q, const char *device, int fd) {
        _cleanup_(close_fdp) int owned = fd;
        Queue *queue = find(q, device);

        if (!queue) {
                queue = calloc(1, sizeof(Queue));
                if (!queue)
                        return -ENOMEM;
                queue->fd = -EBADF;
                memcpy(queue->device, device, strnlen(device, IFNAMSIZ - 1));
                HASH_ADD_STR(q->by_device, device, queue);
        }

        safe_close(queue->fd);
        queue->fd = take_fd(&owned);
        queue->lent_to = -1;
        return 0;
}

int queues_get(const Queues *q, const char *device) {
        const Queue *queue = find(q, device);

        return queue ? queue->fd : -EBADF;
}

void queues_drop(Queues *q, const char *device) {
        Queue *queue = find(q, device);

        if (queue)
                drop(q, queue);
}

int64_t queues_lent_to(const Queues *q, const char *device) {
        const Queue *queue = find(q, device);

        return queue ? queue->lent_to : -1;
}

void queues_lend(Queues *q, const char *device, uint32_t uid) {
        Queue *queue = find(q, device);

        if (queue)
                queue->lent_to = uid;
}
