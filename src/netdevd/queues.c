/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A map from device to descriptor, and the shelves these stand on. */

#include "queues.h"

#include <assert.h>
#include <linux/if.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"

typedef struct Queue {
        char device[IFNAMSIZ];
        int fd;
        int64_t lent_to; /* uid, -1: nobody */
        Shelf *shelf;    /* NULL: they are all full */
        unsigned place;
        UT_hash_handle hh;
} Queue;

struct Queues {
        Queue *by_device;
        Shelf **shelves;
        size_t n_shelves;
};

Queues *queues_new(void) {
        return calloc(1, sizeof(Queues));
}

static Queue *find(const Queues *q, const char *device) {
        Queue *found;

        HASH_FIND_STR(q->by_device, device, found);
        return found;
}

static int add_shelf(Queues *q) {
        int r = ARRAY_RESERVE_ONE(q->shelves, q->n_shelves);

        if (r < 0)
                return r;
        q->shelves[q->n_shelves] = calloc(1, sizeof(Shelf));
        if (!q->shelves[q->n_shelves])
                return -ENOMEM;
        q->n_shelves++;
        return 0;
}

static void put_on(Shelf *shelf, Queue *queue) {
        unsigned place = 0;

        while (shelf->places[place])
                place++;
        shelf->places[place] = queue;
        shelf->n++;
        queue->shelf = shelf;
        queue->place = place;
}

/* On the first one with room. */
static int find_place(Queues *q, Queue *queue) {
        size_t i = 0;
        int r;

        while (i < q->n_shelves && q->shelves[i]->n == SHELF_QUEUES_MAX)
                i++;
        if (i == SHELVES_MAX)
                return 0;
        r = i == q->n_shelves ? add_shelf(q) : 0;
        if (r >= 0)
                put_on(q->shelves[i], queue);
        return r;
}

static void close_queue(Queue *queue) {
        if (queue->fd < 0)
                return;
        queue->fd = safe_close(queue->fd);
        if (queue->shelf)
                queue->shelf->changed = queue->shelf->gave_up = true;
}

static void drop(Queues *q, Queue *queue) {
        close_queue(queue);
        if (queue->shelf) {
                queue->shelf->places[queue->place] = NULL;
                queue->shelf->n--;
        }
        HASH_DEL(q->by_device, queue);
        free(queue);
}

Queues *queues_free(Queues *q) {
        Queue *queue, *next;

        if (!q)
                return NULL;

        HASH_ITER(hh, q->by_device, queue, next)
                drop(q, queue);
        for (size_t i = 0; i < q->n_shelves; i++)
                free(q->shelves[i]);
        free(q->shelves);
        free(q);
        return NULL;
}

static Queue *add(Queues *q, const char *device) {
        Queue *queue = calloc(1, sizeof(Queue));

        if (!queue)
                return NULL;
        queue->fd = -EBADF;
        queue->lent_to = -1;
        memcpy(queue->device, device, strnlen(device, IFNAMSIZ - 1));
        HASH_ADD_STR(q->by_device, device, queue);
        if (!HASH_HAS(queue)) {
                free(queue);
                return NULL;
        }
        return queue;
}

int queues_put(Queues *q, const char *device, int fd) {
        _cleanup_(close_fdp) int owned = fd;
        Queue *queue = find(q, device);
        int r;

        if (!queue) {
                queue = add(q, device);
                if (!queue)
                        return -ENOMEM;
                r = find_place(q, queue);
                if (r < 0) {
                        drop(q, queue);
                        return r;
                }
        }

        close_queue(queue);
        queue->fd = take_fd(&owned);
        queue->lent_to = -1;
        if (queue->shelf)
                queue->shelf->changed = true;
        return 0;
}

static int make_shelves(Queues *q, size_t number) {
        int r = 0;

        while (r >= 0 && q->n_shelves <= number)
                r = add_shelf(q);
        return r;
}

void queues_shelf_changed(Queues *q, size_t number) {
        if (make_shelves(q, number) >= 0)
                q->shelves[number]->changed = true;
}

int queues_put_back(Queues *q, const char *device, int fd, size_t number) {
        _cleanup_(close_fdp) int owned = fd;
        Queue *queue;

        assert(!find(q, device));

        queue = make_shelves(q, number) >= 0 ? add(q, device) : NULL;
        if (!queue)
                return -ENOMEM;

        put_on(q->shelves[number], queue);
        queue->fd = take_fd(&owned);
        return 0;
}

Shelf *queues_shelf(const Queues *q, size_t number) {
        return number < q->n_shelves ? q->shelves[number] : NULL;
}

size_t shelf_queues(const Shelf *shelf, int ret_fds[SHELF_QUEUES_MAX]) {
        size_t n = 0;

        for (size_t i = 0; i < SHELF_QUEUES_MAX; i++)
                if (shelf->places[i])
                        ret_fds[n++] = shelf->places[i]->fd;
        return n;
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
