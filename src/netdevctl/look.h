/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How things look that more than one verb shows. */

#include "shown.h"

#define LOOK_BOLD  "\033[0;1m"
#define LOOK_RESET "\033[0m"

/* The escape sequence for a state, "" for none. */
const char *look_state_color(const char *administrative_state);
/* The dot before a name, or what the locale has of it. */
const char *look_glyph(void);
/* What stands for what was cut: one column. */
const char *look_ellipsis(void);
/* How many columns the text takes. */
size_t look_columns(const char *text);
/* Prints the dot in this colour and a blank, on a terminal. */
void look_print_glyph(const char *color);
/* Columns of the terminal. */
unsigned look_width(void);

/* "user", ":group" or "user:group" by name, "*" when nobody is kept out; as numbers when they are another
 * machine's. Newly allocated, NULL when out of memory. */
char *look_owner(const Status *d, bool remote);
/* "nobody (65534)"; the same. */
char *look_user(int64_t uid, bool remote);
char *look_group(int64_t gid, bool remote);

/* The strings of a list with this in between; newly allocated, NULL when out of memory. */
char *look_join(char *const *list, const char *between);

/* Marks those that one of the names is of, or the pattern of; no names: all. Says which names are of none,
 * and what may have been meant; returns whether there is no such. */
bool look_choose(const Shown *s, char **names, bool *chosen);
