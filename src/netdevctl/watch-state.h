/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a watch knows, and the difference that something read makes. All return 0, or -errno of the callback.
 */

#include "watch.h"

typedef struct WatchState {
        struct json_object *devices, *manager; /* NULL: never read */
        struct json_object *manager_read;      /* read, and not taken over before the devices are read too */
        WatchCallback callback;
        void *userdata;
} WatchState;

void watch_state_done(WatchState *s);

int watch_tell(WatchState *s, WatchEvent event, const char *device, struct json_object *before,
               struct json_object *after);

/* Takes over what differs from the properties that are known, one by one. device: NULL for the daemon's. */
int watch_take_properties(WatchState *s, const char *device, struct json_object *known,
                          struct json_object *values);
/* A device as a whole, new or not. */
int watch_take_device(WatchState *s, const char *name, struct json_object *values);
int watch_drop_device(WatchState *s, const char *name);
/* Everything: what is not in it is gone. */
int watch_take_all(WatchState *s, struct json_object *devices);
