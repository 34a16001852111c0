/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is known changes before it is told. */

#include "watch-state.h"

#include "json.h"

int watch_tell(WatchState *s, WatchEvent event, const char *device, struct json_object *before,
               struct json_object *after) {
        return s->callback(&(WatchNews){ event, device, NULL, before, after }, s->userdata);
}

int watch_take_properties(WatchState *s, const char *device, struct json_object *known,
                          struct json_object *values) {
        int r = 0;

        json_object_object_foreach(values, name, value) {
                _cleanup_(json_object_putp) struct json_object *before = NULL;
                struct json_object *old;

                if (json_object_object_get_ex(known, name, &old) && json_object_equal(old, value))
                        continue;
                before = json_object_get(old);
                if (json_object_object_add(known, name, json_object_get(value)) < 0)
                        return -ENOMEM;
                r = s->callback(&(WatchNews){ WATCH_CHANGED, device, name, before, value }, s->userdata);
                if (r < 0)
                        return r;
        }
        return r;
}

int watch_take_device(WatchState *s, const char *name, struct json_object *values) {
        struct json_object *known;

        if (json_object_object_get_ex(s->devices, name, &known))
                return watch_take_properties(s, name, known, values);
        if (json_object_object_add(s->devices, name, json_object_get(values)) < 0)
                return -ENOMEM;
        return watch_tell(s, WATCH_ADDED, name, NULL, values);
}

int watch_drop_device(WatchState *s, const char *name) {
        _cleanup_(json_object_putp) struct json_object *known = NULL;

        if (!json_object_object_get_ex(s->devices, name, &known))
                return 0;
        (void) json_object_get(known);
        json_object_object_del(s->devices, name);
        return watch_tell(s, WATCH_REMOVED, name, known, NULL);
}

int watch_take_all(WatchState *s, struct json_object *devices) {
        int r;

        if (!s->devices) {
                s->devices = json_object_get(devices);
                s->manager = TAKE_PTR(s->manager_read);
                return watch_tell(s, WATCH_READY, NULL, NULL, NULL);
        }

        r = watch_tell(s, WATCH_READY, NULL, NULL, NULL);
        if (r >= 0 && s->manager_read && s->manager)
                r = watch_take_properties(s, NULL, s->manager, s->manager_read);
        json_object_object_foreach(s->devices, name, value) {
                (void) value;
                if (r >= 0 && !json_object_object_get_ex(devices, name, NULL))
                        r = watch_drop_device(s, name); /* json-c has the next one already */
        }
        json_object_object_foreach(devices, found, values) {
                if (r >= 0)
                        r = watch_take_device(s, found, values);
        }
        return r;
}

void watch_state_done(WatchState *s) {
        (void) json_object_put(s->devices);
        (void) json_object_put(s->manager);
        (void) json_object_put(s->manager_read);
        *s = (WatchState){};
}
