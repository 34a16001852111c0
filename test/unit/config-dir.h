/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A folder of configuration files, which is the current directory while a test runs; and what was understood
 * of them as text. */

#include <stdio.h>

#include "base/diag.h"
#include "config/config.h"

/* To be set-up and tear-down of a test. */
int config_dir_enter(void **state);
int config_dir_leave(void **state);

/* Writes a file, and the folder it is in. */
void config_dir_put(const char *path, const char *text);

/* The machine whose conditions hold: bare metal, x86-64, Linux 6.1, named testhost. */
extern const Host config_dir_host;

Config *config_dir_load(Diagnostics *diag);

/* "tun0 tun mq user=vpn" a device; "a.network 'tun0' tap* mtu=1400 192.0.2.1/24" a network, literal words of
 * its Match in quotes; "skipped why"; "failed a.netdev"; "a.netdev:5: warning: text; hint" a problem, and
 * "dropped 5" for those that were too many. */
char *config_dump(const Config *c, const Diagnostics *diag);

/* The same with other lines for devices and networks. */
typedef void (*DumpDevice)(FILE *f, const DeviceConfig *d);
typedef void (*DumpNetwork)(FILE *f, const NetworkConfig *n);
char *config_dump_with(const Config *c, const Diagnostics *diag, DumpDevice dump_one_device,
                       DumpNetwork dump_one_network);
