/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* By the signature of what comes next. Members of a structure have no names on the bus; those of
 * org.netdevd1(5) are known by its signature. */

#include "bus-json.h"

#include <string.h>

#include "base/escape.h"
#include "client.h"

#define NAME_BYTES_MAX 256

#define TEXT_MAX  4096
#define DEPTH_MAX 8

static const struct Structure {
        const char *signature;
        const char *names[5];
} structures[] = {
        { "isus", { "Errno", "Path", "Line", "Text" } },
        { "suss", { "Path", "Line", "Severity", "Text" } },
        { "uus", { "PID", "UID", "Unit" } },
};

static int read_value(sd_bus_message *m, unsigned depth, struct json_object **ret);

static int read_basic(sd_bus_message *m, char type, struct json_object **ret) {
        union {
                uint8_t y;
                int16_t n;
                uint16_t q;
                int32_t i;
                uint32_t u;
                int64_t x;
                uint64_t t;
                int b;
                double d;
                const char *s;
        } v;
        _cleanup_(freep) char *text = NULL;
        int r;

        r = sd_bus_message_read_basic(m, type, &v);
        if (r < 0)
                return r;

        switch (type) {
        case 'y': *ret = json_object_new_int(v.y); break;
        case 'n': *ret = json_object_new_int(v.n); break;
        case 'q': *ret = json_object_new_int(v.q); break;
        case 'i': *ret = json_object_new_int(v.i); break;
        case 'u': *ret = json_object_new_int64(v.u); break;
        case 'x': *ret = json_object_new_int64(v.x); break;
        case 't': *ret = json_object_new_uint64(v.t); break;
        case 'b': *ret = json_object_new_boolean(v.b); break;
        case 'd': *ret = json_object_new_double(v.d); break;
        case 's':
        case 'o':
        case 'g':
                text = text_escape(v.s, TEXT_MAX);
                *ret = text ? json_object_new_string(text) : NULL;
                break;
        default: return -EBADMSG;
        }
        return *ret ? 0 : -ENOMEM;
}

/* As everybody writes hardware addresses. */
static int read_bytes(sd_bus_message *m, struct json_object **ret) {
        char text[3 * 32] = "";
        const uint8_t *bytes;
        size_t n;
        int r;

        r = sd_bus_message_read_array(m, 'y', (const void **) &bytes, &n);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n && i < sizeof(text) / 3; i++)
                (void) snprintf(text + (i == 0 ? 0 : 3 * i - 1), 4, i == 0 ? "%02x" : ":%02x", bytes[i]);
        *ret = json_object_new_string(text);
        return *ret ? 0 : -ENOMEM;
}

static int read_array(sd_bus_message *m, unsigned depth, struct json_object **ret) {
        _cleanup_(json_object_putp) struct json_object *array = json_object_new_array();
        int r = 0;

        if (!array)
                return -ENOMEM;
        while ((r = sd_bus_message_at_end(m, false)) == 0) {
                struct json_object *item;

                r = read_value(m, depth, &item);
                if (r < 0)
                        return r;
                if (json_object_array_add(array, item) < 0)
                        return -ENOMEM;
        }
        if (r > 0)
                *ret = TAKE_PTR(array);
        return r < 0 ? r : 0;
}

static int read_named(sd_bus_message *m, unsigned depth, const char *const *names,
                      struct json_object **ret) {
        _cleanup_(json_object_putp) struct json_object *object = json_object_new_object();
        int r;

        if (!object)
                return -ENOMEM;
        for (; *names; names++) {
                struct json_object *item;

                r = read_value(m, depth, &item);
                if (r < 0)
                        return r;
                if (json_object_object_add(object, *names, item) < 0)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(object);
        return 0;
}

static int read_structure(sd_bus_message *m, const char *contents, unsigned depth,
                          struct json_object **ret) {
        for (size_t i = 0; i < ELEMENTSOF(structures); i++)
                if (strcmp(structures[i].signature, contents) == 0)
                        return read_named(m, depth, structures[i].names, ret);
        return read_array(m, depth, ret); /* of a newer daemon */
}

static int read_value(sd_bus_message *m, unsigned depth, struct json_object **ret) {
        const char *contents;
        char type;
        int r;

        r = sd_bus_message_peek_type(m, &type, &contents);
        if (r <= 0 || depth > DEPTH_MAX)
                return r < 0 ? r : -EBADMSG;
        if (!contents)
                return read_basic(m, type, ret);
        if (type == 'a' && strcmp(contents, "y") == 0)
                return read_bytes(m, ret);

        r = sd_bus_message_enter_container(m, type, contents);
        if (r < 0)
                return r;
        if (type == 'v')
                r = read_value(m, depth + 1, ret);
        else
                r = type == 'a' ? read_array(m, depth + 1, ret)
                                : read_structure(m, contents, depth + 1, ret);
        if (r < 0)
                return r;

        r = sd_bus_message_exit_container(m);
        if (r < 0)
                (void) json_object_put(*ret);
        return r < 0 ? r : 0;
}

int bus_json_read_properties(sd_bus_message *m, struct json_object *properties) {
        const char *name;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                struct json_object *value = NULL;

                r = sd_bus_message_read(m, "s", &name);
                if (r >= 0)
                        r = read_value(m, 0, &value);
                if (r >= 0)
                        r = json_object_object_add(properties, name, value) < 0 ? -ENOMEM : 0;
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int bus_json_read_path(const char *path, char **ret) {
        _cleanup_(freep) char *name = NULL;
        int r;

        *ret = NULL;
        r = sd_bus_path_decode(path, CLIENT_DEVICE_PREFIX, &name);
        if (r <= 0)
                return r;
        *ret = text_escape(name, NAME_BYTES_MAX);
        return *ret ? 1 : -ENOMEM;
}

/* a{sa{sv}}: of all its interfaces. */
static int read_interfaces(sd_bus_message *m, struct json_object *properties) {
        const char *interface;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
                r = sd_bus_message_read(m, "s", &interface);
                if (r >= 0)
                        r = bus_json_read_properties(m, properties);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int bus_json_read_object(sd_bus_message *m, char **ret_name, struct json_object **ret) {
        _cleanup_(json_object_putp) struct json_object *properties = json_object_new_object();
        _cleanup_(freep) char *name = NULL;
        const char *path;
        int r;

        if (!properties)
                return -ENOMEM;
        r = sd_bus_message_read(m, "o", &path);
        if (r >= 0)
                r = bus_json_read_path(path, &name);
        if (r >= 0)
                r = read_interfaces(m, properties);
        if (r < 0)
                return r;

        *ret_name = TAKE_PTR(name);
        *ret = TAKE_PTR(properties);
        return *ret_name != NULL;
}

int bus_json_read_objects(sd_bus_message *m, struct json_object *devices) {
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
                _cleanup_(json_object_putp) struct json_object *properties = NULL;
                _cleanup_(freep) char *name = NULL;

                r = bus_json_read_object(m, &name, &properties);
                if (r > 0 && json_object_object_add(devices, name, TAKE_PTR(properties)) < 0)
                        r = -ENOMEM;
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}
