/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The ownership record: which links netdevd made or took over, by name and ifindex, kept in the state
 * directory over restarts. It is what makes "not wanted any more" and "not ours" two things. Valid for one
 * network namespace. */

#include <linux/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "setting.h"

/* A value netdevd set, and what was there before: it is put back when no file wants it any more and it is
 * still the one we set. */
typedef struct OwnedSetting {
        Setting setting;
        bool has_before; /* false: it could not be read */
        uint64_t before;
        uint64_t value;
} OwnedSetting;

/* The only queue of a device, which netdevd holds, and lent. */
typedef struct OwnedLoan {
        bool set;
        uint32_t uid;
        uint32_t pid; /* 0: that process has ended; its children may have the queue still */
} OwnedLoan;

typedef struct OwnedLink {
        char name[IFNAMSIZ]; /* as declared; a link renamed by hand stays ours by its ifindex */
        int ifindex; /* 0: creation had begun when this was written, and nothing is known of its end */
        bool made;   /* by netdevd; else it was there before us and is never removed */
        OwnedSetting *settings; /* sorted by setting */
        size_t n_settings;
        OwnedLoan loan;

        /* How things stand now; never written. */
        bool held;           /* netdevd holds a queue of it */
        bool lent;           /* and a program was handed that very queue: it is the only one */
        bool carrier_graced; /* the carrier went less than IgnoreCarrierLoss= ago: as if it were there */
        int replaced; /* ifindex 0: the link that is to be destroyed first; 0: none, or a half made one */
} OwnedLink;

/* What netdevd ever added in this namespace: only then it has to be looked for. */
typedef enum OwnedItems {
        OWNED_ROUTES = 1 << 0,
        OWNED_NEXTHOPS = 1 << 1,
        OWNED_RULES = 1 << 2,
        OWNED_NEIGHBORS = 1 << 3,
} OwnedItems;

typedef struct Owned {
        OwnedLink *items; /* sorted by name */
        size_t n;
        unsigned items_seen; /* OwnedItems */
        bool dirty;          /* differs from what was last written */
} Owned;

void owned_done(Owned *owned);
OwnedLink *owned_find(const Owned *owned, const char *name);

/* Inserts or changes the entry. Returns 0 or -ENOMEM. */
int owned_put(Owned *owned, const char *name, int ifindex, bool made);
void owned_remove(Owned *owned, const char *name);

const OwnedSetting *owned_setting(const OwnedLink *link, Setting s);
/* Records a value that is about to be set. before (NULL: unknown) counts only the first time: what was there
 * before us, not what somebody made of it since. The link must be in the record. Returns 0 or -ENOMEM. */
int owned_set(Owned *owned, const char *name, Setting s, const uint64_t *before, uint64_t value);
void owned_unset(Owned *owned, const char *name, Setting s);
/* To whom its only queue was lent last; uid -1: to nobody. Does nothing for links not in the record. */
void owned_lend(Owned *owned, const char *name, int64_t uid, uint32_t pid);
void owned_see_items(Owned *owned, unsigned items);
/* Moves the links of `from` that the record does not have into it. Returns 0 or -ENOMEM. */
int owned_add_missing(Owned *owned, Owned *from);

/* In the same directory: whoever writes the record holds its lock, see lock-file.h. */
#define OWNED_LOCK "lock"

/* Reads DIR/links. A record of another namespace counts as none, a missing file too; a malformed line costs
 * that line. Returns 0 or -errno, and then *owned is empty. */
int owned_read(Owned *owned, const char *dir, uint64_t netns);

/* Writes DIR/links by a temporary file and rename(2), so that a reader finds the old or the new one;
 * readable by all. Does nothing when nothing changed. Returns 0 or -errno. */
int owned_write(Owned *owned, const char *dir, uint64_t netns);

/* Adds to DIR/links, as it was last written, that a link is made: one line, so that many cost little.
 * Returns 0 or -errno (-ENOENT: it was never written). */
int owned_append(const char *dir, const char *name, int ifindex);
