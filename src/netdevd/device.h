/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One device netdevd speaks of: declared, named by a .network file, once made by it, or merely there. */

#include <uthash.h>

#include "leases.h"
#include "status.h"

/* So many repairs in so long a time; then it is left alone until that time is over. */
#define REPAIRS_MAX        5
#define REPAIR_WINDOW_USEC (10 * 1000000ULL)

struct Device {
        char *name;
        const Want *want; /* borrowed; NULL: no file speaks of it */
        int ifindex;      /* of its link, 0: none */
        Plan plan;        /* what is left to do, as of the last look */
        bool looked;      /* it was looked at: the plan says something */
        bool made;        /* by netdevd, as the record says */
        bool seen;        /* its link was there once: absent now means missing */
        bool pending;     /* what is left is to be done as soon as it can be */
        bool applying;    /* an executor is at it */
        bool recreate;    /* somebody asked for it to be destroyed and made anew where that is needed */

        /* Enforce=yes: repairs in the last while, so that a fight stays a slow one. */
        uint64_t repair_window; /* its start, CLOCK_MONOTONIC, microseconds */
        unsigned repairs;
        bool throttled;

        uint64_t carrier_lost; /* when, CLOCK_MONOTONIC, microseconds; 0: it is there, or nobody asks */

        struct Lease *leases; /* who was handed queues and still runs */

        char *last_plan; /* what was done in the last round */
        unsigned rounds; /* how often in a row the same had to be done */

        /* What it stopped at; error 0: nothing. */
        int error;
        char *error_path;
        unsigned error_line;
        char *error_text;

        bool dirty;    /* the status is to be derived anew */
        Status status; /* as published */
        AdministrativeState logged_state;
        UT_hash_handle hh;
};

Device *device_new(const char *name);
Device *device_free(Device *d);
DEFINE_CLEANUP(Device *, device_free);

/* Remembers what it stopped at. Strings are copied; out of memory loses the text only. */
void device_set_error(Device *d, int error, const Source *source, const char *text);
void device_clear_error(Device *d);
void device_forget_rounds(Device *d);

/* Whether the plan has an operation to execute, or a finding of this type. */
bool device_has_work(const Device *d);
bool device_has_finding(const Device *d, PlanOpType type);
