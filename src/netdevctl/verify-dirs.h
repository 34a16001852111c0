/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What lies in the configuration directories and is passed over in silence, though it looks as if it were
 * meant to count. */

#include "base/diag.h"

/* Returns 0 or -ENOMEM. What cannot be listed the loader has spoken of. */
int verify_dirs(const char *const *dirs, Diagnostics *diag);
