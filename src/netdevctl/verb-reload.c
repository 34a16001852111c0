/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl reload: Manager.Reload() on the bus. */

#include "request.h"

const char verb_reload_help[] =
                "Has netdevd load its files anew and apply them, and returns when that is done\n"
                "as far as it can be done now. Devices that are blocked or failed are no error\n"
                "of this verb: 'netdevctl list' shows them. What a reload would do is what\n"
                "'netdevctl diff' prints.\n\n"
                "Needs root, or the polkit action org.netdevd1.reload.";

int verb_reload(char **args, const Options *options) {
        _cleanup_(request_done) Request q = {};

        if (request_open(options, args, &q) < 0 || request_manager(&q, "Reload", NULL, NULL) < 0)
                return CTL_FAILED;
        return CTL_GOOD;
}
