/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Small files of /proc and /sys: to be read in one go, of no known size, and often not there. */

#include <stdbool.h>
#include <stddef.h>

/* No more than this of any of them. */
#define SYSFILE_MAX (64 * 1024)

/* The whole file, up to max bytes (at most SYSFILE_MAX), newly allocated and ended with a NUL; ret_size (may
 * be NULL) does not count that. Returns 0 or -errno. */
int sysfile_read(const char *path, size_t max, char **ret, size_t *ret_size);

/* The first line of it, without white space at its end; NULL when there is none. Newly allocated. */
char *sysfile_line(const char *path);

bool sysfile_exists(const char *path);
