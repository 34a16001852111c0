/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One device netdevd speaks of: declared, named by a .network file, once made by it, or merely there. */

#include <linux/if.h>

#include "base/hash.h"
#include "leases.h"
#include "plan/status.h"

/* So many repairs in so long a time; then it is left alone until that time is over. */
#define REPAIRS_MAX        5
#define REPAIR_WINDOW_USEC (10 * 1000000ULL)

/* What was done at once; both owned. */
typedef struct Round {
        char *plan; /* the whole plan as text */
        char *due;  /* what of it was done; NULL at the first time */
} Round;

/* There may be ten thousand: in an order without holes. */
typedef struct Device {
        char name[IFNAMSIZ];
        const Want *want;         /* borrowed; NULL: no file speaks of it */
        Plan plan;                /* what is left to do, as of the last look */
        struct Lease *leases;     /* who was handed queues and still runs */
        int ifindex;              /* of its link, 0: none */
        uint32_t carrier_changes; /* of its link, at the last look */
        uint64_t carrier_lost;    /* when, CLOCK_MONOTONIC, microseconds; 0: it is there, or nobody asks */

        unsigned follows; /* bits of PlanAwaits: what waited for it is done when it comes, pending or not */
        bool looked;      /* it was looked at: the plan says something */
        bool rejoined;    /* its files were found anew since then */
        bool made;        /* by netdevd, as the record says */
        bool seen;        /* its link was there once: absent now means missing */
        bool pending;     /* what is left is to be done as soon as it can be */
        bool applying;    /* an executor is at it */
        bool recreate;    /* somebody asked for it to be destroyed and made anew where that is needed */

        /* Enforce=yes: repairs in the last while, so that a fight stays a slow one. */
        bool throttled;
        unsigned repairs;
        uint64_t repair_window; /* its start, CLOCK_MONOTONIC, microseconds */

        Round last, before; /* before: the last one of another plan */
        uint64_t last_time; /* of a round, CLOCK_MONOTONIC, microseconds */
        unsigned rounds;    /* how often in a row the plan was one of these two */
        bool by_turns;      /* and was both */
        bool tried;         /* there was a round: the first one, which is not remembered */

        bool dirty;                       /* its status may be another one now */
        bool required_for_online, online; /* for OnlineState, as of when it was dirty last */
        AdministrativeState logged_state;
        StatusDigest *told; /* the status that the bus was told of; NULL: of none */

        /* What it stopped at; error 0: nothing. */
        int error;
        unsigned error_line;
        char *error_path;
        char *error_text;

        UT_hash_handle hh;
} Device;

/* name: of a link, so at most IFNAMSIZ - 1 bytes. NULL when out of memory. */
Device *device_new(const char *name);
Device *device_free(Device *d);
DEFINE_CLEANUP(Device *, device_free);

/* Remembers what it stopped at. Strings are copied; out of memory loses the text only. */
void device_set_error(Device *d, int error, const Source *source, const char *text);
void device_clear_error(Device *d);
void device_forget_rounds(Device *d);

/* Whether the plan was this in one of the rounds that are remembered. */
bool device_was_done(const Device *d, const char *plan);
/* Remembers and counts one more; takes over what the round owns. */
void device_add_round(Device *d, Round round);

/* Whether the plan has an operation to execute, or a finding of this type. */
bool device_has_work(const Device *d);
bool device_has_finding(const Device *d, PlanOpType type);

/* device-status.c: link is NULL when there is none, held whether netdevd holds a queue of it. */
AdministrativeState device_administrative_state(const Device *d, const Link *link);
/* Returns 0 or -ENOMEM. */
int device_status(const Device *d, const Link *link, bool held, Status *ret);
