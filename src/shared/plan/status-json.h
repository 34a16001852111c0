/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A status as json-c objects. Not of the library, which is without json-c: each program compiles it in. */

#include <json-c/json.h>

#include "status.h"

/* Adds the properties of one interface under their names. What there is no memory for is null or left out.
 */
void status_add_json(const Status *s, bool tuntap, struct json_object *object);
