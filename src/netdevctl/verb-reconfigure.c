/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl reconfigure: Manager.Reconfigure() or Manager.Recreate() for each device. One that fails does
 * not keep the others from their turn. */

#include "client.h"
#include "ctl.h"

int verb_reconfigure(char **args, const Options *options) {
        int status = CTL_GOOD;

        for (; *args; args++)
                if (client_call(options->recreate ? "Recreate" : "Reconfigure", *args, NULL) < 0)
                        status = CTL_FAILED;
        return status;
}
