/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The command line: options before and behind the verb, and what is no option. */

#include "ctl.h"

/* One bit each, for what a verb takes and what was given. */
enum {
        OPTION_CONFIG_DIR = 1 << 0,
        OPTION_STATE_DIR = 1 << 1,
        OPTION_JSON = 1 << 2, /* and -j */
        OPTION_HOST = 1 << 3,
        OPTION_MACHINE = 1 << 4,
        OPTION_STRICT = 1 << 5,
        OPTION_RECREATE = 1 << 6,
        OPTION_TIMEOUT = 1 << 7,
        OPTION_ANY = 1 << 8,
        OPTION_OPENABLE_BY = 1 << 9,
        OPTION_IGNORE = 1 << 10,
        OPTION_QUEUES = 1 << 11,
        OPTION_USER = 1 << 12,

        /* Every verb takes these. */
        OPTION_NO_LEGEND = 1 << 28,
        OPTION_NO_PAGER = 1 << 29,
        OPTION_VERSION = 1 << 30,
        OPTION_HELP = 1U << 31,
};

typedef struct CommandLine {
        Options options;
        char **words; /* verb and arguments, NULL-terminated; the array is owned, the strings are argv's */
        size_t n_words;
        unsigned given; /* OPTION_* */
} CommandLine;

/* Returns 0, or prints what is wrong and returns -errno. `exec NAME COMMAND...`: what follows NAME is the
 * command's own, options too. */
int command_line_parse(int argc, char **argv, CommandLine *ret);
void command_line_done(CommandLine *c);

/* Says that the command line is wrong; returns -EINVAL. */
int usage(const char *format, ...) _printf_(1, 2);

/* Prints one line for each of these options. */
void options_print_help(unsigned which);
/* The name of one that is among these, "--json="; NULL: there is none. */
const char *options_name_one(unsigned which);
