/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The devices as list and status show them, filled by the daemon if it runs, and else from files, kernel and
 * record. All text in it is fit to be shown. */

#include "actual.h"
#include "json.h"
#include "plan/status.h"

typedef struct ShownProblem {
        char *path;
        uint32_t line;
        char *severity;
        char *text;
} ShownProblem;

typedef struct Shown {
        bool is_remote; /* ids and processes are those of another machine */
        pid_t daemon;   /* its process, 0: unknown */
        char *version;  /* the daemon's; NULL: it does not run */
        char *operational_state;
        char *online_state;
        ShownProblem *problems;
        size_t n_problems;
        Status *devices; /* sorted by name, numbers in it by their value */
        size_t n_devices;
} Shown;

/* Asks the daemon; if it does not run, a note on standard error says so and all is computed here, unless
 * another machine was asked for. Returns 0, or prints what is wrong and returns -errno. */
int shown_read(const Options *options, Shown *ret);
void shown_done(Shown *s);

const Status *shown_find(const Shown *s, const char *name);

/* Makes room for one more device, which counts in n_devices already. NULL when out of memory. */
Status *shown_add(Shown *s);

/* Its properties under their names; NULL when out of memory. */
struct json_object *shown_device_to_json(const Status *d);
/* As Manager.Describe() has it. */
struct json_object *shown_to_json(const Shown *s);

/* shown-bus.c: returns 0, SHOWN_NO_DAEMON when none runs there, or prints what is wrong and returns -errno.
 */
#define SHOWN_NO_DAEMON 1
int shown_read_bus(const Options *options, Shown *s);
/* shown-actual.c: returns 0, or prints what is wrong and returns -errno. */
int shown_read_actual(const Options *options, Shown *s);
