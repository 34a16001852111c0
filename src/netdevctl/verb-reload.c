/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl reload: Manager.Reload() on the bus. */

#include "client.h"
#include "ctl.h"

int verb_reload(char **args _unused_, const Options *options _unused_) {
        return client_call("Reload", NULL, NULL) < 0 ? CTL_FAILED : CTL_GOOD;
}
