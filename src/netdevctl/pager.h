/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Long output on a terminal goes through $NETDEVD_PAGER, $PAGER, or less. */

#include <stdbool.h>
#include <sys/types.h>

typedef struct Pager {
        pid_t pid; /* 0: none */
} Pager;

/* Standard output goes to the pager from here on, if it is a terminal and there is one; else nothing
 * changes.
 */
void pager_open(Pager *p);
bool pager_is_open(const Pager *p);
/* Waits until its user has seen enough. */
void pager_done(Pager *p);
