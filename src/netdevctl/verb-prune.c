/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl prune: Manager.Prune(), and the names of what it removed. */

#include "base/escape.h"
#include "json.h"
#include "request.h"

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

const char verb_prune_help[] =
                "Removes the devices that netdevd made and that no file declares any more\n"
                "('orphaned' in the list), and prints their names. Devices that others made are\n"
                "never removed.\n\n"
                "Needs root, or the polkit action org.netdevd1.delete.";

int verb_prune(char **args, const Options *options) {
        _cleanup_(message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(request_done) Request q = {};
        int r;

        if (request_open(options, args, &q) < 0 || request_manager(&q, "Prune", NULL, &reply) < 0)
                return CTL_FAILED;
        progress_erase(&q.progress);
        r = print_names(reply, options->json);
        return r < 0 ? ctl_error(r, "cannot read the answer of netdevd") : CTL_GOOD;
}
