/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Configuration files as text, and all that was understood of them as text. */

typedef struct ConfigFile {
        const char *path; /* "a.network", "a.network.d/x.conf" */
        const char *text;
} ConfigFile;

/* Loads the files (ending with a path of NULL) on a machine of host name "box", where route table 77 is
 * named "vpn". The result is newly allocated and has one line for each
 *
 *     tun0 tun mq user=vpn                                      device
 *     a.network 'tun0' tap* mtu=1400 192.0.2.1/24 ARP=1         network, literal words of its Match in
 * quotes route 4 dst=10.0.0.0/8 gw=192.0.2.254                   object of it skipped ./a.netdev:2:
 * condition Host=x does not hold on this machine failed a.netdev a.netdev:5: warning: text; hint problem
 */
char *config_text(const ConfigFile *files);

/* The same for one file. */
char *config_text_one(const char *path, const char *text);
