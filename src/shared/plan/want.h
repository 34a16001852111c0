/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One device as it should be: its .netdev, the .network that wins for it, and the ids behind the names.
 * Resolved before planning, since looking up a user may block and fail and a plan may not. */

#include <stdint.h>

#include "config/config.h"

/* Largest MTU of a tap (tun_net_init); a tun takes a little more. */
#define MTU_MAX_TAP 65521

typedef struct Want {
        const char *name;             /* all pointers are borrowed from the Config */
        const DeviceConfig *device;   /* NULL: made by others, and named literally by a .network file */
        const NetworkConfig *network; /* NULL: none matches */
        int64_t owner;                /* uid, -1: none */
        int64_t group;                /* gid, -1: none */
        uint32_t mtu;                 /* as it will be asked for; 0: leave */
        HwAddr mac_address;           /* length 0: leave */
        char *error;                  /* why the device cannot be made at all, or NULL; owned */
        const Source *error_source;
} Want;

typedef struct Wants {
        Want *items; /* sorted by name */
        size_t n;
        bool complete; /* every file was loaded; if not, nothing may be removed */
} Wants;

/* Name -> id. Returns 0, or -ESRCH when there is no such user or group, or another -errno when the look-up
 * failed. */
typedef struct Resolver {
        int (*user)(const char *name, int64_t *ret, void *userdata);
        int (*group)(const char *name, int64_t *ret, void *userdata);
        void *userdata;
} Resolver;

/* Joins .netdev and .network files by name and resolves owners; what is wrong goes to diag. Plain numbers
 * need no user or group of that id. Neither User= nor Group= means owner root, unless AllowAnyUser=yes
 * (design D5). The result borrows from config. Returns 0 or -ENOMEM. */
int wants_build(const Config *config, const Resolver *resolver, Diagnostics *diag, Wants *ret);
void wants_done(Wants *wants);

const Want *wants_find(const Wants *wants, const char *name);
