/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A map from device to descriptor, and the shelves these stand on. */

#include "queues.h"

#include <assert.h>
#include <linux/if.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

typedef struct Queue {
        char device[IFNAMSIZ];
        int fd;
        int64_t lent_to; /* uid, -1: nobody */
        Shelf *shelf;    /* NULL: they are all full */
        unsigned place;
} Queue;

struct Queues {
        Queue **items; /* by device */
        size_t n;
        Shelf **shelves;
        size_t n_shelves;
};

Queues *queues_new(void) {
        return calloc(1, sizeof(Queues));
}

static int compare_device(const void *item, const void *key) {
        return strcmp((*(Queue *const *) item)->device, key);
}

/* Of the first one not before the device. */
static size_t position(const Queues *q, const char *device) {
        return ARRAY_LOWER_BOUND(q->items, q->n, device, compare_device);
}

static Queue *find(const Queues *q, const char *device) {
        size_t i = position(q, device);

        return i < q->n && strcmp(q->items[i]->device, device) == 0 ? q->items[i] : NULL;
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
        size_t i;

        close_queue(queue);
        if (queue->shelf) {
                queue->shelf->places[queue->place] = NULL;
                queue->shelf->n--;
        }
        i = position(q, queue->device);
        memmove(q->items + i, q->items + i + 1, (--q->n - i) * sizeof(Queue *));
        free(queue);
}

Queues *queues_free(Queues *q) {
        if (!q)
                return NULL;

        while (q->n > 0)
                drop(q, q->items[q->n - 1]);
        free(q->items);
        for (size_t i = 0; i < q->n_shelves; i++)
                free(q->shelves[i]);
        free(q->shelves);
        free(q);
        return NULL;
}

static Queue *add(Queues *q, const char *device) {
        size_t i = position(q, device);
        Queue *queue;

        if (ARRAY_RESERVE_ONE(q->items, q->n) < 0)
                return NULL;
        queue = calloc(1, sizeof(Queue));
        if (!queue)
                return NULL;
        queue->fd = -EBADF;
        queue->lent_to = -1;
        memcpy(queue->device, device, strnlen(device, IFNAMSIZ - 1));
        memmove(q->items + i + 1, q->items + i, (q->n++ - i) * sizeof(Queue *));
        q->items[i] = queue;
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
