/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One device as it should be: its .netdev, the .network that wins for it, and the ids behind the names.
 * Resolved before planning, since looking up a user may block and fail and a plan may not. */

#include <stdint.h>

#include "config/config.h"
#include "kernel/read.h"
#include "owned.h"
#include "setting.h"

/* Largest MTU of a tap (tun_net_init); a tun takes a little more. */
#define MTU_MAX_TAP 65521

/* With less the kernel takes IPv6 away from a link. */
#define MTU_MIN_IPV6 1280

/* One value the link is to have. */
typedef struct WantSetting {
        Setting setting;
        uint64_t value;       /* of SETTING_MASTER: unknown until the master is there (Want.master) */
        const Source *source; /* borrowed */
} WantSetting;

typedef struct Want {
        const char *name;             /* borrowed from the Config, or own_name */
        char *own_name;               /* owned; of what no file speaks of */
        const DeviceConfig *device;   /* NULL: made by others, and named literally by a .network file */
        const NetworkConfig *network; /* NULL: none matches, or it says Unmanaged=yes */
        bool unmanaged;               /* a file says so */
        bool released; /* no file speaks of it any more: what was set on it is put back (made by others) */
        bool remove;   /* made by netdevd, declared by no file any more, and to go */
        int64_t owner; /* uid, -1: none */
        int64_t group; /* gid, -1: none */
        bool enforce;  /* drift is repaired at once */
        WantSetting *settings; /* owned; sorted by setting */
        size_t n_settings;
        const char *master;          /* the bridge or VRF to join, or NULL */
        const Source *master_source; /* who says so */
        char *error;                 /* why the device cannot be made at all, or NULL; owned */
        const Source *error_source;
} Want;

typedef struct Wants {
        Want *items; /* sorted by name */
        size_t n;
        bool complete;       /* every file was loaded; if not, nothing may be removed */
        bool needs_links;    /* which file is for which link depends on the links themselves */
        char **dependencies; /* sorted names of other links some want looks at: masters, BindCarrier=… */
        bool manage_foreign_routes, manage_foreign_rules; /* netdevd.conf */
} Wants;

/* The value wanted for a setting, or NULL. */
const WantSetting *want_setting(const Want *want, Setting s);

/* Name -> id. Returns 0, or -ESRCH when there is no such user or group, or another -errno when the look-up
 * failed. */
typedef struct Resolver {
        int (*user)(const char *name, int64_t *ret, void *userdata);
        int (*group)(const char *name, int64_t *ret, void *userdata);
        void *userdata;
} Resolver;

/* Joins .netdev and .network files by name and resolves owners; what is wrong goes to diag. Plain numbers
 * need no user or group of that id. Neither User= nor Group= means owner root, unless AllowAnyUser=yes
 * (design D5). settings and snapshot may be NULL: then defaults count, and no link is there. The result
 * borrows from config. Returns 0 or -ENOMEM. */
int wants_build(const Config *config, const Settings *settings, const Snapshot *snapshot,
                const Resolver *resolver, Diagnostics *diag, Wants *ret);

/* Adds what the record has and no file speaks of: links made by others are released; those netdevd made are
 * removed when remove says so, else left out. Nothing is added while some file could not be loaded. Returns
 * 0 or -ENOMEM. */
int wants_add_rest(Wants *wants, const Owned *owned, bool remove);

void wants_done(Wants *wants);

const Want *wants_find(const Wants *wants, const char *name);

/* Whether some want looks at the link of this name, which is not its own. */
bool wants_depend_on(const Wants *wants, const char *name);

/* Which parts of the kernel's state have to be read to judge these wants, and to find what was added earlier
 * (owned). protocols has room for 257 and is used by the result. */
ReadOptions wants_read_options(const Wants *wants, const Owned *owned, uint8_t *protocols);

/* want-settings.c: fills want->settings and master. link (NULL: not there) is what it is now, for warnings
 * only. Returns 0 or -ENOMEM. */
int want_add_settings(Want *want, const Settings *settings, const Link *link, Diagnostics *diag);
