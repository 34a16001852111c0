/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl reconfigure: Manager.Reconfigure() or Manager.Recreate() for each device. One that fails does
 * not keep the others from their turn. */

#include "request.h"

const char verb_reconfigure_help[] =
                "Applies the files to these devices again, and repairs what others changed on\n"
                "them. With --recreate a device that cannot become what its files ask for is\n"
                "destroyed and made again: it gets another interface index, and programs that\n"
                "have it open lose it.\n\n"
                "Needs root, or the polkit action org.netdevd1.reconfigure.";

int verb_reconfigure(char **args, const Options *options) {
        _cleanup_(request_done) Request q = {};
        int status = CTL_GOOD;

        if (request_open(options, args, &q) < 0)
                return CTL_FAILED;
        for (; *args; args++)
                if (request_manager(&q, options->recreate ? "Recreate" : "Reconfigure", *args, NULL) < 0)
                        status = CTL_FAILED;
        return status;
}
