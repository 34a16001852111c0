/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which of two versions is newer, by the Version Format Specification (UAPI.10) that systemd follows: -1, 0
 * or 1. */
int version_compare(const char *a, const char *b);
