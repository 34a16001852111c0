/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The line that a diagnostic is about, with a caret under what is wrong in it. */

#include <stdio.h>

#include "base/diag.h"

/* The physical line of this number (from 1) as systemd counts them, without its end; at most 4096 bytes of
 * it. Returns 0 and an owned string; -ENOENT when the file has no such line; or another -errno. */
int source_line_read(const char *path, unsigned line, char **ret);

/* Where in the line the mistake is: the word that the text of the diagnostic quotes, else the value, the key
 * (when it is the key that is not known) or the whole line. */
void source_line_find(const Diagnostic *d, const char *line, size_t *ret_start, size_t *ret_length);

/* Prints line and caret, or nothing when the file cannot be read any more. */
void source_line_print(FILE *f, const Diagnostic *d, bool color);
