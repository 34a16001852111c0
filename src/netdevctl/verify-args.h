/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What `netdevctl verify` is asked to look at: its arguments sorted into directories, files and devices. */

#include "ctl.h"

/* A file, and the directory that makes it count. */
typedef struct VerifyFile {
        char *dir;  /* its own, or of a drop-in the one its main file is in */
        char *path; /* as diagnostics have it: the directory, a slash and what is below */
} VerifyFile;

typedef struct VerifyArgs {
        char **dirs;
        char **names;      /* of devices */
        char **settings;   /* directories of netdevd.conf files */
        VerifyFile *files; /* sorted by dir */
        size_t n_files;
} VerifyArgs;

/* Returns 0, -EINVAL after saying what is wrong, or -ENOMEM. */
int verify_args_parse(char *const *args, VerifyArgs *ret);
void verify_args_done(VerifyArgs *a);
