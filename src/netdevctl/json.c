/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Everything json-c is asked for that more than one verb needs. */

#include "json.h"

void json_add_string(struct json_object *object, const char *key, const char *value) {
        (void) json_object_object_add(object, key, value ? json_object_new_string(value) : NULL);
}

void json_add_int(struct json_object *object, const char *key, int64_t value) {
        (void) json_object_object_add(object, key, json_object_new_int64(value));
}

int json_print(struct json_object *object, JsonMode mode) {
        int flags = JSON_C_TO_STRING_NOSLASHESCAPE;
        const char *text;

        if (mode == JSON_PRETTY)
                flags |= JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
        text = object ? json_object_to_json_string_ext(object, flags) : NULL;
        if (text)
                puts(text);
        (void) json_object_put(object);
        return text ? 0 : -ENOMEM;
}
