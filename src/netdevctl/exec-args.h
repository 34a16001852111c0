/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a command that is started with queues is told of them: in its arguments, and in $LISTEN_FDNAMES.
 * Pure: numbers of descriptors go in, strings come out. */

#include "base/array.h"
#include "base/cleanup.h"

/* As many as the kernel allows a device. */
#define EXEC_QUEUES_MAX 256U

typedef struct ExecQueues {
        const char *name; /* of the device */
        unsigned first;   /* number of the first descriptor; the others follow */
        unsigned n;
} ExecQueues;

/* Replaces {fds} ("3:4"), {fd} (the only one), {fd0}, {fd1}... and {name} in the arguments. Other braces
 * stay, and ${fd} is for a shell. Returns 0 and a list (strv_free); -EINVAL and what is wrong with an
 * argument, owned; or -ENOMEM. */
int exec_args_expand(char *const *args, const ExecQueues *q, char ***ret, char **ret_problem);

/* The names of n_before descriptors, as $LISTEN_FDNAMES had them (NULL or another number: they are
 * "unknown"), and then those of the queues. Returns 0 and a string, owned, or -ENOMEM. */
int exec_args_join_names(const char *before, unsigned n_before, const ExecQueues *q, char **ret);
