/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The ownership record: which links netdevd made or took over, by name and ifindex, kept in the state
 * directory over restarts. It is what makes "not wanted any more" and "not ours" two things. Valid for one
 * network namespace. */

#include <linux/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

typedef struct OwnedLink {
        char name[IFNAMSIZ]; /* as declared; a link renamed by hand stays ours by its ifindex */
        int ifindex; /* 0: creation had begun when this was written, and nothing is known of its end */
        bool made;   /* by netdevd; else it was there before us and is never removed */
        bool held;   /* netdevd holds a queue of it now; never written */
} OwnedLink;

typedef struct Owned {
        OwnedLink *items; /* sorted by name */
        size_t n;
        bool dirty; /* differs from what was last written */
} Owned;

void owned_done(Owned *owned);
OwnedLink *owned_find(const Owned *owned, const char *name);

/* Inserts or changes the entry. Returns 0 or -ENOMEM. */
int owned_put(Owned *owned, const char *name, int ifindex, bool made);
void owned_remove(Owned *owned, const char *name);

/* Reads DIR/links. A record of another namespace counts as none, a missing file too; a malformed line costs
 * that line. Returns 0 or -errno, and then *owned is empty. */
int owned_read(Owned *owned, const char *dir, uint64_t netns);

/* Writes DIR/links by a temporary file and rename(2), so that a reader finds the old or the new one;
 * readable by all. Does nothing when nothing changed. Returns 0 or -errno. */
int owned_write(Owned *owned, const char *dir, uint64_t netns);
