/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The world a kernel test plays in: network, mounts and, without privilege, users of its own. */

/* To be called first in main(), before any thread. With the privilege for it the process gets new network
 * and mount namespaces and, where nodes may be made, a /dev/net/tun of its own that everybody may open (the
 * machine's own is hidden, never touched); without, it becomes root of a new user namespace too and keeps
 * the machine's node. Loopback is brought up. Returns 0, or prints the reason to stderr and returns -errno,
 * and main() returns 77. */
int test_enter_namespaces(void);

/* Prints the reason and skips the running cmocka test; does not return. */
void test_skip(const char *reason);
