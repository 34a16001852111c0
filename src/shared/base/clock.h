/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One clock for all that measures or waits: CLOCK_MONOTONIC, as sd-event and sd_notify(3) count it. */

#include <stdint.h>
#include <time.h>

#define USEC_PER_SEC 1000000ULL

/* In microseconds. It never fails: the clock is always there. */
static inline uint64_t now_usec(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * USEC_PER_SEC + (uint64_t) ts.tv_nsec / 1000;
}
