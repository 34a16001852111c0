/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Opening what should be a configuration file, and saying well why it cannot be. Internal to ini.c. */

#include <stddef.h>

#include "base/diag.h"

/* Opens a regular file without ever blocking. *ret_size is its size, SIZE_MAX where the file system does not
 * tell (procfs says 0 of all). Returns the descriptor; -ENOENT without a diagnostic, -ENOMEM; or
 * -EISDIR, -EINVAL (a FIFO, socket or device), -EFBIG (longer than INI_FILE_MAX) or another -errno with
 * one. */
int ini_open(const char *path, Diagnostics *diag, size_t *ret_size);
