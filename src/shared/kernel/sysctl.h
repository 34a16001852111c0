/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Files below /proc/sys/net, of the network namespace we are in. Values the kernel also shows in rtnetlink
 * are read there (decode-inet.c); writing is only possible here. */

#include <stdbool.h>
#include <stdint.h>

#include "snapshot.h"

/* "net.ipv4.conf.tun0.rp_filter", for messages, as sysctl(8) takes it (with '/' for a dot in the link's
 * name); owned, NULL when out of memory. */
char *sysctl_name(LinkSysctl sysctl, const char *ifname);

/* Each returns 0 or -errno (-ENOENT: no such link, or no IPv6 on it; -EINVAL: no name of a link, or a value
 * the kernel refuses). */
int sysctl_write(LinkSysctl sysctl, const char *ifname, int64_t value);
int sysctl_read(LinkSysctl sysctl, const char *ifname, int32_t *ret);

/* net.ipv4.ip_forward and net.ipv6.conf.all.forwarding. */
int sysctl_write_forwarding(bool ipv6, bool on);
int sysctl_read_forwarding(bool ipv6, int8_t *ret);

/* net.ipv6.conf.default.disable_ipv6: what a new link starts with. */
int sysctl_read_ipv6_disable_default(int8_t *ret);

/* net.ipv6.conf.IF.stable_secret: can be written, and read back only by root and with CAP_NET_ADMIN;
 * -ENODATA when none is set. */
int sysctl_write_stable_secret(const char *ifname, const uint8_t secret[static 16]);
int sysctl_read_stable_secret(const char *ifname, uint8_t ret[static 16]);
