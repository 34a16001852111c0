/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Text from elsewhere (files, file names, the kernel), made fit for a terminal, the journal and the bus. */

#include <stddef.h>

/* A copy in which control characters and bytes that are no UTF-8 stand as \xHH, so that text from a file can
 * neither drive a terminal nor break a bus message. What is longer than max bytes is cut, at a character,
 * and ends in "…". Newly allocated; NULL when out of memory. */
char *text_escape(const char *s, size_t max);
