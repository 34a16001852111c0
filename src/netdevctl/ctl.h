/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What every verb is given, and how it ends. */

#include <stdbool.h>

#include "base/array.h"
#include "base/cleanup.h"

/* Exit status (design §4). */
enum {
        CTL_GOOD = 0,
        CTL_FAILED = 1,
        CTL_USAGE = 2,
        CTL_DIFFERENT = 3, /* diff */
};

typedef enum JsonMode {
        JSON_OFF,
        JSON_SHORT,
        JSON_PRETTY,
} JsonMode;

typedef struct Options {
        char **config_dirs; /* NULL: as netdevd.conf says */
        const char *state_dir;
        JsonMode json;
        bool strict;   /* verify: any warning is a failure */
        bool recreate; /* reconfigure: what needs the device destroyed is done */
} Options;

/* A verb: arguments behind it, ending with NULL; returns the exit status. */
typedef int (*VerbFunction)(char **args, const Options *options);

int verb_diff(char **args, const Options *options);
int verb_explain(char **args, const Options *options);
int verb_prune(char **args, const Options *options);
int verb_reconfigure(char **args, const Options *options);
int verb_reload(char **args, const Options *options);
int verb_verify(char **args, const Options *options);

/* Says on standard error what went wrong, escaped; returns CTL_FAILED. error is 0 or an errno (either sign),
 * which is put behind the text. */
int ctl_error(int error, const char *format, ...) _printf_(2, 3);
/* The same without failing. */
void ctl_note(const char *format, ...) _printf_(1, 2);

/* Whether output to this stream (1 or 2) is coloured and set out for people: a terminal, unless
 * $NETDEVD_COLORS or $NO_COLOR says otherwise. */
bool ctl_is_fancy(int fd);
