/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One line on the terminal of standard error while the daemon works for longer than a second, erased at the
 * end. Nothing where it is no terminal. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

typedef struct Progress {
        bool enabled, shown;
        uint64_t due;       /* when the next line is (CLOCK_MONOTONIC) */
        size_t done, total; /* calls of the verb */
} Progress;

/* The verb makes so many calls. */
Progress progress_begin(size_t total);
/* Takes the line away; it comes again if there is more to wait for. */
void progress_erase(Progress *p);

/* As sd_bus_call(), with the line. */
int progress_call(Progress *p, sd_bus *bus, sd_bus_message *call, uint64_t usec, sd_bus_error *error,
                  sd_bus_message **ret_reply);
