/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Reads what the kernel keeps beside links and addresses. */

#include "read.h"

/* Reads anew what options ask for: routes of NETDEVD_PROTOCOL and options->protocols, all nexthops, all
 * rules, and of the neighbours the permanent ones and the proxies; IPv4 and IPv6. Each is sorted. What is
 * not asked for is none then, and so is what the kernel was built without. Returns 0, or -errno and *s is as
 * it was. */
int read_items(Rtnl *rtnl, const ReadOptions *options, Snapshot *s);
