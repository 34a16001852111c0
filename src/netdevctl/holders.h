/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which processes have a queue of a device open, as /proc tells it. Only root sees all processes; a queue
 * that is on its way in a message (as netdevd parks them) is in none. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct Holder {
        pid_t pid;
        uid_t uid;
        char comm[64];
        unsigned queues;      /* descriptors of this device; copies count too */
        bool other_namespace; /* the process is in another network namespace: its device may be another one
                               */
} Holder;

typedef struct Holders {
        Holder *items;
        size_t n;
        bool complete; /* every process could be looked into */
} Holders;

/* Returns 0 or -errno. */
int holders_find(const char *ifname, Holders *ret);
void holders_done(Holders *h);
