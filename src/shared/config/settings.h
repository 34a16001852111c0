/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* netdevd.conf(5) and its drop-ins: how the daemon as a whole behaves. */

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/diag.h"

typedef struct RouteTableName {
        char *name;
        uint32_t number;
} RouteTableName;

typedef struct Settings {
        char **files;                             /* paths read, in order */
        char **directories;                       /* Directories=, highest first; NULL: the built-in ones */
        bool remove_undeclared;                   /* RemoveUndeclared=, default no */
        bool enforce;                             /* Enforce=, default no */
        int default_qdisc;                        /* DefaultQDisc=, a Qdisc; default kernel */
        int log_level;                            /* LogLevel=, LOG_*; -1: unset */
        bool manage_foreign_routes;               /* ManageForeignRoutes=, default no */
        bool manage_foreign_routing_policy_rules; /* ManageForeignRoutingPolicyRules=, default no */
        RouteTableName *tables;                   /* RouteTable=NAME:NUMBER… */
        size_t n_tables;
} Settings;

/* The search path of netdevd.conf and netdevd.conf.d/: /etc/netdevd, /run/netdevd, /usr/local/lib/netdevd,
 * /usr/lib/netdevd; highest first, NULL-terminated. Static. */
extern const char *const settings_default_dirs[];

/* Reads netdevd.conf, from the highest directory that has one, and the drop-ins of all. What is wrong goes
 * to diag and costs that line. Returns 0 (also when there is no file at all) or -ENOMEM. */
int settings_load(const char *const *dirs, Diagnostics *diag, Settings **ret);
Settings *settings_free(Settings *s);
DEFINE_CLEANUP(Settings *, settings_free);

/* A table by name: "main", "default", "local", one of RouteTable=, or a number of 1 to 2^32-1. settings may
 * be NULL. Returns 0 or -EINVAL. */
int settings_table(const Settings *settings, const char *name, uint32_t *ret);

/* The name of a table, or NULL when it has none. */
const char *settings_table_name(const Settings *settings, uint32_t number);
