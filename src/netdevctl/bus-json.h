/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Values from the bus as JSON, in the shape in which the daemon's Describe() has them. Text is made fit for
 * a terminal. */

#include <json-c/json.h>
#include <systemd/sd-bus.h>

#include "json.h"

/* Reads a{sv} into an object that is there: names of properties and their values. Returns 0 or -errno. */
int bus_json_read_properties(sd_bus_message *m, struct json_object *properties);

/* The name of the device at a path, newly allocated. Returns 1, 0 for the path of something else (and then
 * the name is NULL), or -errno. */
int bus_json_read_path(const char *path, char **ret);

/* Reads oa{sa{sv}}: a device and the properties of all its interfaces. Returns 1, 0 when it is something
 * else, or -errno. */
int bus_json_read_object(sd_bus_message *m, char **ret_name, struct json_object **ret);

/* Reads a{oa{sa{sv}}}: puts all devices into an object that is there, by name. Returns 0 or -errno. */
int bus_json_read_objects(sd_bus_message *m, struct json_object *devices);
