/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which .network files may be for a link of a given name. With thousands of files, each for one link, trying
 * all for each link would be what a reload is spent on: files that only list plain names are found by name.
 */

#include <stdbool.h>
#include <stddef.h>

#include "config.h"

/* Builds the index of these files, which it borrows. *ret is to be freed with network_index_free().
 * Returns 0 or -ENOMEM. */
int network_index_new(NetworkConfig *const *networks, size_t n, NetworkIndex **ret);
NetworkIndex *network_index_free(NetworkIndex *index);
DEFINE_CLEANUP(NetworkIndex *, network_index_free);

/* The first position, from `from` on, of a file whose [Match] Name= may fit `name`; SIZE_MAX: none. What
 * else [Match] asks is for the caller to test, and so are other names that a link has. */
size_t network_index_next(const NetworkIndex *index, const char *name, size_t from);
