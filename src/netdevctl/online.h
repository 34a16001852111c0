/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whether a device is as far as somebody waits for, from what the daemon says of it; systemd-networkd's
 * rules, see systemd-networkd-wait-online.service(8). */

#include <json-c/json.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "plan/link-state.h"

/* Who is to attach. */
typedef struct OnlineUser {
        const char *name;
        uid_t uid;
        gid_t *groups;
        int n_groups;
} OnlineUser;

/* By name or number. Returns 0, -ESRCH, or another -errno. */
int online_user_find(const char *name, OnlineUser *ret);
void online_user_done(OnlineUser *u);

typedef struct OnlineRule {
        bool named;                /* this device is meant, whatever its file says of being required */
        OperationalState min, max; /* invalid: as the file says */
        const OnlineUser *user;    /* NULL: none */
} OnlineRule;

typedef enum OnlineVerdict {
        ONLINE_IGNORED, /* does not count */
        ONLINE_BUSY,    /* not configured, or not what a name asks for: go on waiting */
        ONLINE_SHORT,   /* configured, but not online: others may do */
        ONLINE_YES,
} OnlineVerdict;

/* device: its properties, NULL when the daemon knows of none. *ret_missing: what is missing, newly
 * allocated; NULL when nothing is, or for lack of memory. */
OnlineVerdict online_judge(struct json_object *device, const OnlineRule *rule, char **ret_missing);
