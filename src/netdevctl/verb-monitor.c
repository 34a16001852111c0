/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl monitor: one line for each thing that happens, as the daemon tells it. Nothing is lost in
 * between: even what changed while the daemon was away is told when it is back. */

#include <signal.h>
#include <string.h>

#include "client.h"
#include "monitor-line.h"

typedef struct Printer {
        char *const *names; /* of the devices that are meant; empty: all and the daemon */
        JsonMode json;
        bool begun; /* whether the daemon is there was said */
} Printer;

const char verb_monitor_help[] =
                "Prints a line, with its time, for each thing that happens, until it is\n"
                "interrupted: a device appears or goes, one of its properties changes (the\n"
                "names are those of org.netdevd1(5)), netdevd goes or comes back. Lists show\n"
                "what was added (+) and removed (-). With names only these devices count.\n\n"
                "    2026-03-01T08:15:00.042+01:00 vpn0 ConsumerAttached: no -> yes\n"
                "    2026-03-01T08:15:00.043+01:00 vpn0 Addresses: +192.0.2.1/24\n\n"
                "With --json each is an object: time, event (added, removed, changed, gone,\n"
                "back), device (null: netdevd itself), property, old, new. It neither starts\n"
                "netdevd nor needs any privilege.";

static bool is_meant(const Printer *p, const WatchNews *news) {
        if (!*p->names || news->event == WATCH_READY || news->event == WATCH_GONE)
                return true;
        for (char *const *name = p->names; news->device && *name; name++)
                if (strcmp(*name, news->device) == 0)
                        return true;
        return false;
}

static int on_news(const WatchNews *news, void *userdata) {
        Printer *p = userdata;
        bool begun = p->begun;
        int r;

        p->begun = true;
        if (!begun && news->event == WATCH_READY)
                return 0;
        if (!begun) {
                ctl_note("netdevd does not run; waiting for it.");
                return 0;
        }
        if (!is_meant(p, news))
                return 0;

        r = p->json == JSON_OFF ? monitor_print_line(news) : monitor_print_json(news, p->json);
        if (r >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
                r = -EPIPE;
        return r;
}

/* Whoever read us is gone, as `head` does; with nothing to write no signal would come. */
static int on_hangup(sd_event_source *s, int fd _unused_, uint32_t revents _unused_,
                     void *userdata _unused_) {
        return sd_event_exit(sd_event_source_get_event(s), CTL_GOOD);
}

static int on_signal(sd_event_source *s, const struct signalfd_siginfo *si _unused_,
                     void *userdata _unused_) {
        return sd_event_exit(sd_event_source_get_event(s), CTL_GOOD);
}

static int add_signals(sd_event *event) {
        sigset_t set;
        int r;

        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGINT);
        (void) sigaddset(&set, SIGTERM);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        r = sd_event_add_signal(event, NULL, SIGINT, on_signal, NULL);
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGTERM, on_signal, NULL);
        if (r >= 0)
                (void) sd_event_add_io(event, NULL, STDOUT_FILENO, 0, on_hangup, NULL); /* not for files */
        return r;
}

static int watch_and_print(sd_bus *bus, Printer *p) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(watch_freep) Watch *watch = NULL;
        int r;

        r = sd_event_new(&event);
        if (r >= 0)
                r = add_signals(event);
        if (r >= 0)
                r = sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = watch_new(bus, on_news, p, &watch);
        return r < 0 ? r : sd_event_loop(event);
}

int verb_monitor(char **args, const Options *options) {
        _cleanup_(bus_unrefp) sd_bus *bus = NULL;
        Printer p = { .names = args, .json = options->json };
        int r;

        if (client_must_open(options, &bus) < 0)
                return CTL_FAILED;
        r = watch_and_print(bus, &p);
        if (r == -ECONNRESET || r == -EACCES || r == -EPIPE)
                return CTL_FAILED; /* was said, or main() says it */
        return r < 0 ? ctl_error(r, "cannot follow netdevd") : r;
}
