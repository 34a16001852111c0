/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* uthash, which by itself would end the process when there is no memory for an element. Here that is left
 * out of the table, and whoever adds asks. */

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* Whether the element that was just added is in the table. */
#define HASH_HAS(element) ((element)->hh.tbl != NULL)
