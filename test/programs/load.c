/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* load DIR TIMES: reads a configuration directory as the daemon does, and prints how many milliseconds each
 * time took: the part of a reload, of verify and of diff that is spent in reading files. */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "config/config.h"
#include "config/host.h"
#include "config/settings.h"

static double now_ms(void) {
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static int load(const char *dir, const Host *host, const Settings *settings) {
        const char *const dirs[] = { dir, NULL };
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(diag_done) Diagnostics diagnostics = {};
        double begin = now_ms();
        int r;

        r = config_load(dirs, host, settings, &diagnostics, &config);
        if (r < 0)
                return r;
        printf("%.3f\n", now_ms() - begin);
        return 0;
}

int main(int argc, char *argv[]) {
        static const char *const no_dirs[] = { NULL };
        _cleanup_(host_freep) Host *host = NULL;
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(diag_done) Diagnostics diagnostics = {};
        int r;

        if (argc != 3) {
                fputs("usage: load DIR TIMES\n", stderr);
                return EXIT_FAILURE;
        }

        r = settings_load(no_dirs, &diagnostics, &settings);
        if (r >= 0)
                r = host_read(&host);
        for (int i = 0; r >= 0 && i < atoi(argv[2]); i++)
                r = load(argv[1], host, settings);
        if (r < 0)
                fprintf(stderr, "load: cannot read %s: error %d\n", argv[1], -r);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
