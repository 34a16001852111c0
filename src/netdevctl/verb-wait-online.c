/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl wait-online: the daemon, and the bus, may come later than we, and be restarted meanwhile. Each
 * signal may change the answer; it is looked for once after all that came together. */

#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "client.h"
#include "online.h"
#include "options.h"
#include "watch.h"

#define DEFAULT_ADDRESS "unix:path=/run/dbus/system_bus_socket"

/* Before a bus is looked for that takes the place of one that is gone. */
#define RECONNECT_USEC 100000

typedef struct Wanted {
        char *name;
        OnlineRule rule;
} Wanted;

typedef struct Waiter {
        const Options *options;
        Wanted *wanted; /* none: all that count */
        size_t n_wanted;
        OnlineUser user;
        uint64_t end; /* CLOCK_MONOTONIC, microseconds; 0: never */
        Watch *watch;
        bool dirty;
} Waiter;

const char verb_wait_online_help[] =
                "Waits until all devices are configured that their files require for the\n"
                "machine to be online (RequiredForOnline= in [Link]), and one of them is as far\n"
                "as its file asks for; at once when none is required. With names, waits for\n"
                "each of these: until it is configured and as far as its file, or the\n"
                "operational state behind the name, asks for:\n\n"
                "    netdevctl wait-online vpn0 vm0:enslaved lab0:no-carrier:carrier\n\n"
                "States, least first: missing off no-carrier dormant degraded-carrier carrier\n"
                "degraded enslaved routable. One alone is the least that will do, two are the\n"
                "least and the most.\n\n"
                "With --openable-by= the devices named only have to be there, configured, and\n"
                "such that this user may attach to them; a state counts when it is given.\n\n"
                "Waits for netdevd itself too. The status is 1 when the time is over, and what\n"
                "is missing is printed.";

static void waiter_done(Waiter *w) {
        for (size_t i = 0; i < w->n_wanted; i++)
                free(w->wanted[i].name);
        free(w->wanted);
        online_user_done(&w->user);
        watch_free(w->watch);
}

static int parse_state(const char *word, const char *argument, OperationalState *ret) {
        *ret = operational_state_from_string(word);
        if ((int) *ret < 0)
                return usage("'%s' in '%s' is no operational state", word, argument);
        return 0;
}

/* NAME[:MIN[:MAX]] */
static int parse_wanted(Waiter *w, const char *argument) {
        OnlineRule rule = { true, _OPERATIONAL_STATE_INVALID, OPERATIONAL_ROUTABLE,
                            w->options->openable_by ? &w->user : NULL };
        _cleanup_(freep) char *copy = strdup(argument);
        char *name, *min, *max;
        int r;

        if (!copy || ARRAY_RESERVE_ONE(w->wanted, w->n_wanted) < 0)
                return -ENOMEM;
        name = strsep(&copy, ":");
        min = strsep(&copy, ":");
        max = copy;
        copy = name;

        if (!*name)
                return usage("'%s' lacks the name of a device", argument);
        r = min ? parse_state(min, argument, &rule.min) : 0;
        if (r >= 0 && max)
                r = parse_state(max, argument, &rule.max);
        if (r >= 0 && min && rule.min > rule.max)
                r = usage("'%s': %s is more than %s", argument, min, max);
        if (r < 0)
                return r;

        w->wanted[w->n_wanted++] = (Wanted){ TAKE_PTR(copy), rule };
        return 0;
}

static int find_user(Waiter *w) {
        const char *name = w->options->openable_by;
        int r;

        if (!name)
                return 0;
        if (w->n_wanted == 0)
                return usage("--openable-by= needs the name of a device");
        r = online_user_find(name, &w->user);
        if (r == -ESRCH)
                return usage("there is no user '%s'", name);
        if (r < 0)
                (void) ctl_error(r, "cannot find out who '%s' is", name);
        return r;
}

static bool is_ignored(const Waiter *w, const char *name) {
        for (char **pattern = w->options->ignore; pattern && *pattern; pattern++)
                if (fnmatch(*pattern, name, 0) == 0)
                        return true;
        return false;
}

typedef struct Count {
        size_t busy, far, online;
} Count;

static void judge(struct json_object *device, const char *name, const OnlineRule *rule, bool print,
                  Count *c) {
        _cleanup_(freep) char *missing = NULL;

        switch (online_judge(device, rule, &missing)) {
        case ONLINE_IGNORED: return;
        case ONLINE_BUSY: c->busy++; break;
        case ONLINE_SHORT: c->far++; break;
        case ONLINE_YES: c->online++; return;
        }
        if (print)
                (void) ctl_error(0, "%s: %s", name, missing ?: "it is not ready");
}

/* Prints what is missing if asked to. */
static bool is_done(const Waiter *w, bool print) {
        static const OnlineRule by_file = { false, _OPERATIONAL_STATE_INVALID, _OPERATIONAL_STATE_INVALID,
                                            NULL };
        struct json_object *devices = watch_devices(w->watch);
        Count c = {};

        if (!watch_is_ready(w->watch)) {
                if (print)
                        (void) ctl_error(0, "netdevd %s; see 'systemctl status netdevd.service'",
                                         watch_has_daemon(w->watch) ? "did not answer" : "does not run");
                return false;
        }

        for (size_t i = 0; i < w->n_wanted; i++) {
                const Wanted *x = w->wanted + i;

                judge(json_object_object_get(devices, x->name), x->name, &x->rule, print, &c);
        }
        if (w->n_wanted == 0) {
                json_object_object_foreach(devices, name, device) {
                        if (!is_ignored(w, name))
                                judge(device, name, &by_file, print, &c);
                }
        }

        if (w->options->any)
                return c.online > 0;
        return c.busy == 0 && (c.online > 0 || c.far == 0);
}

static int on_news(const WatchNews *news _unused_, void *userdata) {
        ((Waiter *) userdata)->dirty = true;
        return 0;
}

static int on_post(sd_event_source *s, void *userdata) {
        Waiter *w = userdata;

        if (!w->dirty)
                return 0;
        w->dirty = false;
        return is_done(w, false) ? sd_event_exit(sd_event_source_get_event(s), CTL_GOOD) : 0;
}

static int on_timeout(sd_event_source *s, uint64_t now _unused_, void *userdata) {
        const Waiter *w = userdata;

        (void) ctl_error(0, "timed out after %g s", (double) w->options->timeout_usec / 1e6);
        if (!is_done(w, true) && w->options->any)
                ctl_note("One of them would have been enough.");
        return sd_event_exit(sd_event_source_get_event(s), CTL_FAILED);
}

/* Of this machine: one that is not there yet is waited for. */
static int open_bus(const Options *options, sd_bus **ret) {
        const char *address = secure_getenv("DBUS_SYSTEM_BUS_ADDRESS") ?: DEFAULT_ADDRESS;
        _cleanup_(bus_unrefp) sd_bus *bus = NULL;
        int r;

        if (options->host || options->machine)
                return client_must_open(options, ret);

        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_address(bus, address);
        if (r >= 0)
                r = sd_bus_set_bus_client(bus, true);
        if (r >= 0)
                r = sd_bus_set_watch_bind(bus, true);
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r < 0) {
                (void) ctl_error(r, "cannot reach the system bus, and so not netdevd");
                return r;
        }
        *ret = TAKE_PTR(bus);
        return 0;
}

static int wait_online(sd_bus *bus, Waiter *w) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        int r;

        r = sd_event_new(&event);
        if (r >= 0)
                r = sd_event_add_post(event, NULL, on_post, w);
        if (r >= 0 && w->end != 0)
                r = sd_event_add_time(event, NULL, CLOCK_MONOTONIC, w->end, 0, on_timeout, w);
        if (r >= 0)
                r = sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = watch_new(bus, on_news, w, &w->watch);
        return r < 0 ? r : sd_event_loop(event);
}

/* On one connection after the other: whoever restarts the bus of this machine does not end us. */
static int wait_through(Waiter *w) {
        bool here = !w->options->host && !w->options->machine;

        for (;;) {
                _cleanup_(bus_unrefp) sd_bus *bus = NULL;
                int r;

                if (open_bus(w->options, &bus) < 0)
                        return -ECONNRESET;
                r = wait_online(bus, w);
                if ((r != -ECONNRESET && r != -ENOTCONN) || !here)
                        return r;
                w->watch = watch_free(w->watch);
                (void) usleep(RECONNECT_USEC);
        }
}

int verb_wait_online(char **args, const Options *options) {
        _cleanup_(waiter_done) Waiter w = { .options = options };
        int r = 0;

        for (; r >= 0 && *args; args++)
                r = parse_wanted(&w, *args);
        if (r >= 0)
                r = find_user(&w);
        if (r == -EINVAL)
                return CTL_USAGE;
        if (r < 0)
                return CTL_FAILED;

        w.end = options->timeout_usec != 0 ? now_usec() + options->timeout_usec : 0;
        r = wait_through(&w);
        if (r == -ECONNRESET || r == -EACCES)
                return CTL_FAILED; /* was said */
        return r < 0 ? ctl_error(r, "cannot wait for netdevd") : r;
}
