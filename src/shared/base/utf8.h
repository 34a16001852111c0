/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* UTF-8 as systemd checks it: shortest form only, no surrogates, nothing beyond U+10FFFF, no
 * non-characters. */

#include <stddef.h>

/* The first byte that does not begin a valid character, or NULL when all of s is valid. */
const char *utf8_find_invalid(const char *s);

/* Bytes of the longest beginning of s that has at most max bytes and cuts no character: for excerpts in
 * messages, which must stay valid to travel over the bus. s is valid. */
size_t utf8_prefix(const char *s, size_t max);
