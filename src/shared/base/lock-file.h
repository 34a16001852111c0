/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A file that says by its lock that a program runs. */

#include <stdbool.h>

/* Makes the file, for the owner of its directory alone, and takes its lock: were it open to others, anybody
 * could take the lock first. The lock goes with the last copy of the descriptor. Returns the descriptor,
 * -EWOULDBLOCK when another has it, or -errno. */
int lock_file_take(const char *path);

/* Whether somebody has the lock, as /proc/locks tells everyone. False also when that cannot be read, or is
 * held in another PID namespace. */
bool lock_file_is_taken(const char *path);
