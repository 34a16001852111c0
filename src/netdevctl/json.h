/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* JSON on standard output, by json-c. */

#include <json-c/json.h>

#include "ctl.h"

/* Adds a string, or null for NULL. What cannot be added for lack of memory is left out. */
void json_add_string(struct json_object *object, const char *key, const char *value);
void json_add_int(struct json_object *object, const char *key, int64_t value);

/* Prints it and a newline, and frees it. Returns 0 or -ENOMEM. */
int json_print(struct json_object *object, JsonMode mode);

static inline void json_object_putp(struct json_object **o) {
        (void) json_object_put(*o);
}
