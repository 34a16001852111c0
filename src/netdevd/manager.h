/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The daemon's one object: it owns everything else and knows in which order to set up and tear down. What
 * happens in between is in monitor.c (kernel events), devices.c (what is left to do) and reconcile.c (doing
 * it). */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "apply.h"
#include "base/diag.h"
#include "config/config.h"
#include "device.h"
#include "executor.h"
#include "kernel/read.h"
#include "kernel/snapshot.h"
#include "plan/owned.h"
#include "queues.h"

typedef struct Bus Bus;

/* Links to be read anew, one by one; beyond so many all are. A dump of all keeps everybody waiting while it
 * lasts, and says nothing while links come and go; so it is for want of better only. */
#define DIRTY_MAX 4096

typedef struct Manager {
        sd_event *event;

        /* Configuration. */
        char **given_dirs; /* --config-dir=, highest first; NULL: netdevd.conf or the defaults say */
        Settings *settings;
        Config *config; /* NULL until one could be loaded */
        Wants wants;
        bool prune;    /* orphans are to be removed, until that is done */
        char **pruned; /* their names */
        Diagnostics diagnostics;

        /* Kernel. */
        Rtnl *rtnl;
        int events_fd;  /* -EBADF until monitor_open() */
        uint64_t netns; /* identifies our network namespace, and the boot */
        Snapshot *snapshot;
        int dirty[DIRTY_MAX]; /* ascending */
        size_t n_dirty;
        int next_dirty; /* the lowest that was not read in the last slice */
        bool all_dirty;
        bool items_dirty;   /* routes, rules, nexthops or neighbours of ours changed */
        bool links_changed; /* a TUN/TAP link came, went, or has another name or address: [Match] may differ
                             */
        bool dependents_dirty; /* a link changed that some device looks at: its bridge, say */
        ReadOptions read_options;
        uint8_t protocols[257]; /* of read_options */
        bool much_freed;        /* a snapshot, a plan of all devices, a configuration: since the last trim */
        bool synced;            /* the kernel was read, and a first plan made of it */
        bool resting;           /* it changed while it was read, which is tried again in a moment */
        unsigned n_torn;        /* times in a row that it changed while it was read */
        bool summary_dirty;     /* a link changed that has no device, or a device is gone */

        /* What is ours. */
        char *state_dir;
        int state_lock;     /* of the state directory; -EBADF: it is somebody else's, or cannot be used */
        bool record_failed; /* it could not be written */
        Owned owned;
        Queues *queues;
        FdStore *store; /* NULL with --once */

        /* What we speak of, and do. */
        Device *devices; /* by name */
        Device *machine; /* rules and routes of no link; in no list, and not on the bus */
        Applier applier;
        Executor *executor;      /* NULL: nothing is being done */
        bool created_recorded;   /* what it made is in the record */
        bool may_hold;           /* we stay, so queues can be kept */
        bool ready;              /* the first reconcile, or that after a reload, is done */
        uint64_t asked_for_time; /* of the service manager, when last */
        uint64_t busy_since;     /* work has been going on; 0: none does */
        uint64_t told_at;        /* the service manager was told how it goes, when last */
        char told[128];          /* what */
        bool states_changed;     /* of devices, and nobody was told yet */
        bool log_level_given;    /* --log-level= counts before LogLevel= */

        /* Over all links, and over those with a .network file. */
        OperationalState operational_state;
        const char *online_state; /* "online", "partial", "offline", or "" when no file speaks of any */

        sd_event_source *event_source, *post_source, *more_source, *retry_source, *grace_source,
                        *status_source;

        Bus *bus;                  /* NULL with --no-bus */
        struct Request *requests;  /* that wait for polkit */
        sd_bus_slot *leaving_slot; /* whose caller leaves; NULL while none waits */
} Manager;

/* config_dirs may be NULL: netdevd.conf or the defaults say. may_hold: this process stays alive after
 * configuring. Takes no ownership of the strings. Returns 0 or -errno. */
int manager_new(char *const *config_dirs, const char *state_dir, bool may_hold, Manager **ret);
Manager *manager_free(Manager *m);
DEFINE_CLEANUP(Manager *, manager_free);

/* Reads the files anew and marks every device to be brought in line with them at the next turn. On failure
 * (-errno: no configuration at all) the previous configuration stays. Diagnostics are logged. */
int manager_reload(Manager *m);

/* Brings one device in line with its files, drift included; recreate: also what needs it destroyed. */
void manager_reconfigure(Manager *m, Device *d, bool recreate);

/* Has the orphans netdevd made removed, and lists them in m->pruned. -EBUSY while a file could not be
 * loaded. */
int manager_prune(Manager *m);

/* Joins files and links anew, without reading the files: which file is for which link may depend on the
 * links. Returns 0 or -ENOMEM. */
int manager_rebuild(Manager *m);

/* Works until nothing is left that can be done now; no event loop. For --once. */
int manager_run_once(Manager *m);

/* Prints, for --once, what is left to do; returns how many devices have something left. */
unsigned manager_print_rest(const Manager *m, FILE *f);

/* Derives operational_state and online_state anew; returns whether one of them changed. */
bool manager_summarize(Manager *m);

/* The device of this name or with a link of this index, or NULL. */
Device *manager_device(const Manager *m, const char *name);
Device *manager_device_by_index(const Manager *m, int ifindex);

/* Its link in the snapshot, or NULL. */
const Link *manager_device_link(const Manager *m, const Device *d);

/* Derives its status as of now. Returns 0 or -ENOMEM. */
int manager_device_status(const Manager *m, const Device *d, Status *ret);
