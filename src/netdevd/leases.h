/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Who was handed queues of a device, for as long as that process runs. Its children may have the queues too,
 * and are not known here. */

#include <stdint.h>
#include <systemd/sd-event.h>

typedef struct Lease {
        uint32_t pid, uid;
        char *unit;  /* as the service manager says, "": none, or not told yet */
        int ifindex; /* of the device then */

        /* internal */
        struct Lease **list;
        int pidfd;
        sd_event_source *source;
        void (*ended)(void *userdata, int ifindex);
        void *userdata;
        struct Lease *prev, *next;
} Lease;

/* At most so many a device: each is a descriptor of ours. */
#define LEASES_MAX 256

/* Adds one to the list; a process that is there already is not added again. pidfd is duplicated. `ended` is
 * called after the process ended and its lease is gone. Returns 0, -E2BIG, or another -errno. */
int leases_add(Lease **list, sd_event *event, uint32_t pid, uint32_t uid, int pidfd, int ifindex,
               void (*ended)(void *userdata, int ifindex), void *userdata);

/* All that are not for the link of this index: they are for one that is gone. */
void leases_forget_others(Lease **list, int ifindex);
void leases_drop(Lease **list);

Lease *leases_find(Lease *list, uint32_t pid);
