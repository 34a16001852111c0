/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Answering IPv4 pings, for the programs that play what is behind a tun. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Turns an echo request into its reply, in place; false when it is something else. */
bool echo_answer(uint8_t *p, size_t size);
