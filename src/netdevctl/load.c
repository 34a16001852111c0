/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The order in which things are read: netdevd.conf and the machine first, since the files hang on both. */

#include "load.h"

#include "config/lookup.h"

int environment_read(Environment *ret) {
        Environment e = {};
        int r;

        r = settings_load(settings_default_dirs, &e.diagnostics, &e.settings);
        if (r >= 0)
                r = host_read(&e.host);
        if (r >= 0)
                r = resolver_new(&e.resolver, &e.cache);
        if (r < 0) {
                (void) ctl_error(r, "cannot read netdevd.conf or what this machine is");
                environment_done(&e);
                return r;
        }

        *ret = e;
        return 0;
}

void environment_done(Environment *e) {
        e->settings = settings_free(e->settings);
        e->host = host_free(e->host);
        e->cache = resolver_free(e->cache);
        diag_done(&e->diagnostics);
}

const char *const *environment_dirs(const Environment *e, const Options *options) {
        if (options->config_dirs)
                return (const char *const *) options->config_dirs;
        if (e->settings->directories)
                return (const char *const *) e->settings->directories;
        return lookup_default_dirs;
}
