/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl up, down, delete: one call for each device. One that fails does not keep the others from their
 * turn. */

#include "request.h"

const char verb_up_help[] = "Sets the links of these devices up, and applies the files to them. The files\n"
                            "are not changed: after a restart of the machine ActivationPolicy= in [Link]\n"
                            "decides again.\n\n"
                            "Needs root, or the polkit action org.netdevd1.set-link.";

const char verb_down_help[] =
                "Sets the links of these devices down. The kernel takes their routes and IPv6\n"
                "addresses away; 'netdevctl up' and 'netdevctl reconfigure' bring back what the\n"
                "files ask for. Programs get EIO when they write.\n\n"
                "Needs root, or the polkit action org.netdevd1.set-link.";

const char verb_delete_help[] =
                "Deletes these devices, which netdevd must have made, whether or not programs\n"
                "have them open. What a file still declares is made again by the next reload or\n"
                "reconfigure; 'netdevctl prune' deletes what no file declares any more.\n\n"
                "Needs root, or the polkit action org.netdevd1.delete.";

static int for_each(char **names, const Options *options, const char *device_method,
                    const char *manager_method) {
        _cleanup_(request_done) Request q = {};
        int status = CTL_GOOD;

        if (request_open(options, names, &q) < 0)
                return CTL_FAILED;
        for (; *names; names++) {
                int r = device_method ? request_device(&q, *names, device_method)
                                      : request_manager(&q, manager_method, *names, NULL);

                if (r < 0)
                        status = CTL_FAILED;
        }
        return status;
}

int verb_up(char **args, const Options *options) {
        return for_each(args, options, "Up", NULL);
}

int verb_down(char **args, const Options *options) {
        return for_each(args, options, "Down", NULL);
}

int verb_delete(char **args, const Options *options) {
        return for_each(args, options, NULL, "Delete");
}
