/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Cross checks: what only shows when all files are looked at together, or on the machine they are for. What
 * a single file says wrong the loaders and wants_build() have said already. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "want.h"

#define CHECK_GROUPS_MAX 64

/* What the checks need to know of the machine. All zero: nothing about it is checked. */
typedef struct CheckMachine {
        bool networkd; /* systemd-networkd is enabled, or has run since boot: it reads its directories too */
        bool has_daemon; /* there is a user netdevd, with these ids */
        uid_t uid;
        gid_t groups[CHECK_GROUPS_MAX];
        int n_groups;
} CheckMachine;

void check_machine_read(CheckMachine *ret);

/* Adds what is found to diag: warnings for what will not be as written, advice (diag.h) for what is legal
 * but hardly meant. settings may be NULL. Returns 0 or -ENOMEM. */
int config_check(const Config *config, const Wants *wants, const Settings *settings,
                 const CheckMachine *machine, Diagnostics *diag);

/* What a [Match] looks at, as far as the files tell it. device may be NULL: a link made by others. */
LinkFacts check_link_facts(const char *name, const DeviceConfig *device);

/* check-files.c: who can read the files, and who else does. */
void check_files(const Config *config, const Settings *settings, const CheckMachine *machine,
                 Diagnostics *diag);

/* check-routes.c: gateways no address leads to, and devices that claim the same subnet. */
void check_gateways(const NetworkConfig *network, Diagnostics *diag);
int check_overlaps(const Wants *wants, Diagnostics *diag);

/* Whether systemd-networkd reads the directory this file is in. */
bool check_is_networkds(const char *path);
