/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What status shows of a device beside netdevd's own words: programs, counters, the journal. All of it is
 * this machine's. */

#include "shown.h"

/* A program that has a queue: netdevd handed it out, or /proc shows it, or both. */
typedef struct Consumer {
        uint32_t pid;
        uint32_t uid;
        bool leased;     /* netdevd gave it the queue */
        unsigned queues; /* descriptors; 0: not seen */
        char *command;   /* "" when it is gone */
        char *unit;      /* "" for none */
} Consumer;

typedef struct Consumers {
        Consumer *items;
        size_t n;
        bool complete; /* every process could be looked into */
} Consumers;

/* Returns 0 or -ENOMEM. Of another machine only what the daemon says; the daemon itself is no program. */
int consumers_find(const Status *d, const Shown *s, Consumers *ret);
void consumers_done(Consumers *c);

/* As the kernel counts: received is what programs wrote, sent what they read. */
typedef struct Traffic {
        uint64_t rx_bytes, rx_packets, rx_errors, rx_dropped;
        uint64_t tx_bytes, tx_packets, tx_errors, tx_dropped;
} Traffic;

/* Returns 0 or -errno. */
int traffic_read(const Status *d, Traffic *ret);

/* Appends the last n lines of the journal about this interface, escaped, oldest first. Returns 0 or -errno:
 * it may be that it cannot be read. */
int journal_read(const char *interface, unsigned n, char ***lines);
