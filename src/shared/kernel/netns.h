/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which network namespace a socket is in. */

#include <stdint.h>

/* A number for the namespace of the socket, which is never used again in this boot nor, as far as chance
 * goes, in another: what the ownership record is bound to. Returns 0 or -errno. */
int netns_identify(int socket_fd, uint64_t *ret);
