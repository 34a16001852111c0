/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Everything the files say, read as the daemon reads it. */

#include "ctl.h"
#include "plan/resolve.h"
#include "plan/want.h"

/* What is the same whichever directories are read. */
typedef struct Environment {
        Settings *settings;
        Host *host;
        Resolver resolver;
        ResolveCache *cache;
        Diagnostics diagnostics; /* of netdevd.conf */
} Environment;

/* Returns 0, or prints what is wrong and returns -errno. */
int environment_read(Environment *ret);
void environment_done(Environment *e);

/* The directories that count: of the command line, of netdevd.conf, or the built-in ones. */
const char *const *environment_dirs(const Environment *e, const Options *options);
