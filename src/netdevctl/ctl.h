/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What every verb is given, and how it ends. */

#include <stdbool.h>
#include <stdint.h>

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
        const char *host, *machine; /* whose daemon is asked; both NULL: this machine's */
        JsonMode json;
        bool no_legend;
        bool no_pager;
        bool strict;   /* verify: any warning is a failure */
        bool recreate; /* reconfigure: what needs the device destroyed is done */
        /* wait-online: */
        char **ignore;           /* names, with wildcards */
        const char *openable_by; /* NULL: nobody */
        uint64_t timeout_usec;   /* 0: none */
        bool any;                /* one device is enough */
        /* exec: */
        unsigned queues;  /* 0: not given */
        const char *user; /* NULL: the same */
} Options;

/* A verb: arguments behind it, ending with NULL; returns the exit status. Its help is what `netdevctl VERB
 * --help` prints between the usage and the options: enough to use it. */
typedef int (*VerbFunction)(char **args, const Options *options);

int verb_cat(char **args, const Options *options);
int verb_delete(char **args, const Options *options);
int verb_diff(char **args, const Options *options);
int verb_down(char **args, const Options *options);
int verb_exec(char **args, const Options *options);
int verb_explain(char **args, const Options *options);
int verb_list(char **args, const Options *options);
int verb_monitor(char **args, const Options *options);
int verb_prune(char **args, const Options *options);
int verb_reconfigure(char **args, const Options *options);
int verb_reload(char **args, const Options *options);
int verb_status(char **args, const Options *options);
int verb_up(char **args, const Options *options);
int verb_verify(char **args, const Options *options);
int verb_wait_online(char **args, const Options *options);

extern const char verb_cat_help[];
extern const char verb_delete_help[];
extern const char verb_diff_help[];
extern const char verb_down_help[];
extern const char verb_exec_help[];
extern const char verb_explain_help[];
extern const char verb_list_help[];
extern const char verb_monitor_help[];
extern const char verb_prune_help[];
extern const char verb_reconfigure_help[];
extern const char verb_reload_help[];
extern const char verb_status_help[];
extern const char verb_up_help[];
extern const char verb_verify_help[];
extern const char verb_wait_online_help[];

/* Says on standard error what went wrong, escaped; returns CTL_FAILED. error is 0 or an errno (either sign),
 * which is put behind the text. */
int ctl_error(int error, const char *format, ...) _printf_(2, 3);
/* The same without failing. */
void ctl_note(const char *format, ...) _printf_(1, 2);

/* Whether output to this stream (1 or 2) is coloured and set out for people: a terminal, unless
 * $NETDEVD_COLORS or $NO_COLOR says otherwise. */
bool ctl_is_fancy(int fd);
