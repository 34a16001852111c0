/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Arguments, and nothing else: netdevd(8). */

#include <getopt.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "bus/bus.h"
#include "loop.h"
#include "nursery.h"
#include "version.h"

typedef struct Arguments {
        char **config_dirs;
        const char *state_dir;
        bool once;
        bool no_bus;
        bool nursery;
        bool log_level_given;
} Arguments;

static void print_help(void) {
        puts("netdevd [OPTIONS...]\n\n"
             "Makes persistent TUN/TAP devices from .netdev and .network files, and keeps them.\n\n"
             "  --config-dir=DIR    read files from here instead (repeatable, highest first)\n"
             "  --state-dir=DIR     keep the record of what is ours here (/run/netdevd/state)\n"
             "  --once              apply, print what is left to do, and exit; 0 only if nothing is\n"
             "  --no-bus            stay off the system bus\n"
             "  --log-level=LEVEL   debug, info, notice, warning, err (info)\n"
             "  --version           print the version\n"
             "  -h, --help          print this\n\n"
             "See netdevd(8), netdevd.netdev(5) and netdevd.network(5).");
}

/* Returns 1 to go on, 0 to exit well, -errno for wrong usage. */
static int parse_arguments(int argc, char **argv, Arguments *a) {
        enum {
                CONFIG_DIR = 256,
                STATE_DIR,
                ONCE,
                NO_BUS,
                NURSERY,
                LOG_LEVEL,
                VERSION,
                HELP
        };
        static const struct option options[] = {
                { "config-dir", required_argument, NULL, CONFIG_DIR },
                { "state-dir", required_argument, NULL, STATE_DIR },
                { "once", no_argument, NULL, ONCE },
                { "no-bus", no_argument, NULL, NO_BUS },
                { "nursery", no_argument, NULL, NURSERY },
                { "log-level", required_argument, NULL, LOG_LEVEL },
                { "version", no_argument, NULL, VERSION },
                { "help", no_argument, NULL, HELP },
                {},
        };
        int c;

        while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0)
                switch (c) {
                case CONFIG_DIR:
                        if (strv_append(&a->config_dirs, optarg) < 0)
                                return log_oom();
                        break;
                case STATE_DIR:
                        if (!*optarg) {
                                log_error("--state-dir= needs the name of a directory");
                                return -EINVAL;
                        }
                        a->state_dir = optarg;
                        break;
                case ONCE: a->once = true; break;
                case NO_BUS: a->no_bus = true; break;
                case NURSERY: a->nursery = true; break;
                case LOG_LEVEL:
                        if (log_level_from_string(optarg) < 0) {
                                log_error("--log-level=%s is not known; use debug, info, notice, warning or "
                                          "err",
                                          optarg);
                                return -EINVAL;
                        }
                        log_set_max_level(log_level_from_string(optarg));
                        a->log_level_given = true;
                        break;
                case VERSION: puts("netdevd " NETDEVD_VERSION); return 0;
                case 'h':
                case HELP: print_help(); return 0;
                default: log_error("See netdevd --help"); return -EINVAL;
                }

        if (optind < argc) {
                log_error("netdevd takes no arguments but options, and '%s' is none; see --help",
                          argv[optind]);
                return -EINVAL;
        }
        return 1;
}

/* Exit status: 0 when the machine is as the files say and no file has an error. */
static int run_once(Manager *m) {
        unsigned left;
        int r;

        r = manager_reload(m);
        if (r < 0)
                return EXIT_FAILURE; /* it said why */

        r = manager_run_once(m);
        if (r < 0) {
                log_error_errno(r, "Cannot read what the kernel has: %m");
                return EXIT_FAILURE;
        }

        left = manager_print_rest(m, stdout);
        for (size_t i = 0; i < m->wants.n; i++)
                if (m->wants.items[i].device && m->wants.items[i].device->keep_carrier) {
                        log_notice("KeepCarrier= needs netdevd to stay; with --once the carrier goes with "
                                   "the last program");
                        break;
                }
        return left > 0 || diag_any(&m->diagnostics, SEVERITY_ERROR) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run_daemon(Manager *m, bool no_bus) {
        int r;

        r = loop_start(m);
        if (r < 0)
                return EXIT_FAILURE;

        if (!no_bus) {
                r = bus_new(m, &m->bus);
                if (r < 0)
                        log_warning_errno(r, "Cannot use the system bus: %m; going on without it");
        }

        (void) manager_reload(m); /* without a configuration it waits for a reload */
        r = sd_event_loop(m->event);
        if (r < 0)
                log_error_errno(r, "The event loop ended: %m");
        (void) sd_notify(false, "STOPPING=1");
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* For another netdevd, which may not make the network namespace that the service manager made for this one.
 */
static int run_nursery(void) {
        int r = sd_listen_fds(true);

        if (r != 1) {
                log_error("--nursery is for netdevd-nursery@.service only, which has one connection");
                return EXIT_FAILURE;
        }
        r = nursery_serve(SD_LISTEN_FDS_START);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv) {
        _cleanup_(strv_freep) char **config_dirs = NULL;
        _cleanup_(manager_freep) Manager *m = NULL;
        Arguments a = { .state_dir = "/run/netdevd/state" };
        int r;

        log_open();
        r = parse_arguments(argc, argv, &a);
        config_dirs = a.config_dirs;
        if (r <= 0)
                return r == 0 ? EXIT_SUCCESS : r == -ENOMEM ? EXIT_FAILURE : 2;

        if (a.nursery)
                return run_nursery();

        r = manager_new(config_dirs, a.state_dir, !a.once, &m);
        if (r < 0)
                return EXIT_FAILURE;
        m->log_level_given = a.log_level_given;
        return a.once ? run_once(m) : run_daemon(m, a.no_bus);
}
