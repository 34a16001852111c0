/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One mistake, one line, at the place where it is: what the loaders say of a whole file is put where it
 * belongs, or left out when a line of the file explains it. */

#include "base/diag.h"

void verify_tidy(Diagnostics *diag);
