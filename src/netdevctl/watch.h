/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the daemon says of its devices, kept up to date by its signals, whether it is there already, goes, or
 * comes back. It is never started for this, and never polled. */

#include <json-c/json.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "base/cleanup.h"

typedef struct Watch Watch;

typedef enum WatchEvent {
        WATCH_READY, /* the daemon is there, and all it says was read; what changed while it was away follows
                      */
        WATCH_GONE,  /* it is not there: at the beginning, or any more */
        WATCH_ADDED, /* a device; after has its properties */
        WATCH_REMOVED, /* before has its properties */
        WATCH_CHANGED, /* one property of a device or of the daemon */
} WatchEvent;

typedef struct WatchNews {
        WatchEvent event;
        const char *device;   /* NULL: the daemon itself */
        const char *property; /* WATCH_CHANGED */
        struct json_object *before, *after;
} WatchNews;

/* Returns 0 or -errno, which ends the event loop. What there is at the beginning is no news. */
typedef int (*WatchCallback)(const WatchNews *news, void *userdata);

/* On a bus with an event loop, which may still be connecting, and is closed with the watch. Returns 0 or
 * -errno. */
int watch_new(sd_bus *bus, WatchCallback callback, void *userdata, Watch **ret);
Watch *watch_free(Watch *w);
DEFINE_CLEANUP(Watch *, watch_free);

/* Between WATCH_READY and WATCH_GONE. */
bool watch_is_ready(const Watch *w);
/* The daemon is there, though it may not have answered yet. */
bool watch_has_daemon(const Watch *w);

/* An object with an object of properties for each device, by name; NULL before the daemon was there. It
 * belongs to the watch. */
struct json_object *watch_devices(const Watch *w);
