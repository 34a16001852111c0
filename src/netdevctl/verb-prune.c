/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl prune: Manager.Prune(), and the names of what it removed. */

#include "base/escape.h"
#include "client.h"
#include "json.h"

#define NAME_MAX_SHOWN 64

static int print_name(const char *name, struct json_object *list) {
        _cleanup_(freep) char *text = text_escape(name, NAME_MAX_SHOWN);

        if (!text)
                return -ENOMEM;
        if (list)
                return json_object_array_add(list, json_object_new_string(text)) < 0 ? -ENOMEM : 0;
        puts(text);
        return 0;
}

static int print_names(sd_bus_message *reply, JsonMode json) {
        _cleanup_(json_object_putp) struct json_object *list =
                        json == JSON_OFF ? NULL : json_object_new_array();
        const char *name;
        int r;

        if (json != JSON_OFF && !list)
                return -ENOMEM;

        r = sd_bus_message_enter_container(reply, 'a', "s");
        while (r >= 0 && (r = sd_bus_message_read(reply, "s", &name)) > 0)
                r = print_name(name, list);
        if (r < 0)
                return r;
        return list ? json_print(TAKE_PTR(list), json) : 0;
}

int verb_prune(char **args _unused_, const Options *options) {
        _cleanup_(message_unrefp) sd_bus_message *reply = NULL;
        int r;

        if (client_call("Prune", NULL, &reply) < 0)
                return CTL_FAILED;
        r = print_names(reply, options->json);
        return r < 0 ? ctl_error(r, "cannot read the answer of netdevd") : CTL_GOOD;
}
