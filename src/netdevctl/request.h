/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a verb has the daemon do, in one call or in several: on one connection, with the line that shows how
 * far it is, and with somebody to ask for a password. */

#include "client.h"
#include "progress.h"

typedef struct Request {
        sd_bus *bus;
        pid_t agent; /* 0: none */
        Progress progress;
} Request;

/* For as many calls as there are names. Returns 0, or says what is wrong and returns -errno. */
int request_open(const Options *options, char *const *names, Request *ret);
void request_done(Request *q);

/* A method of the manager with one string, or none when argument is NULL; ret_reply may be NULL. Returns 0,
 * or says what is wrong and what to do, and returns -errno. */
int request_manager(Request *q, const char *method, const char *argument, sd_bus_message **ret_reply);
/* A method of a device, without arguments. */
int request_device(Request *q, const char *name, const char *method);
