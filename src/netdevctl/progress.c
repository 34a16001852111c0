/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is shown the daemon is asked for on the same connection, and only when there is a line to show; the
 * next question waits for the answer to the one before. */

#include "progress.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "client.h"

#define FIRST_USEC (1000000ULL)
#define NEXT_USEC  (250000ULL)

#define TEXT_MAX 64 /* fits every terminal */

typedef struct Wait {
        Progress *progress;
        const char *state; /* how many devices are in it is shown; NULL: the calls are counted */
        sd_bus_slot *question;
        sd_bus_message *reply;
        char text[TEXT_MAX];
} Wait;

Progress progress_begin(size_t total) {
        const char *term = getenv("TERM");

        return (Progress){
                .enabled = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0,
                .due = now_usec() + FIRST_USEC,
                .total = total,
        };
}

void progress_erase(Progress *p) {
        if (!p->shown)
                return;
        fputs("\r\033[K", stderr);
        fflush(stderr);
        p->shown = false;
}

static void show(Progress *p, const char *text) {
        fprintf(stderr, "\r%s\033[K", text);
        fflush(stderr);
        p->shown = true;
}

static int count_devices(sd_bus_message *m, const char *state, size_t *ret_of_state, size_t *ret_all) {
        const char *name, *its, *path;
        size_t of_state = 0, all = 0;
        int32_t ifindex;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "(siso)");
        while (r >= 0 && (r = sd_bus_message_read(m, "(siso)", &name, &ifindex, &its, &path)) > 0) {
                all++;
                of_state += strcmp(its, state) == 0;
        }
        *ret_of_state = of_state;
        *ret_all = all;
        return r;
}

static int on_devices(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_) {
        size_t n, all;
        Wait *w = userdata;

        w->question = sd_bus_slot_unref(w->question);
        w->progress->due = now_usec() + NEXT_USEC;
        if (sd_bus_message_is_method_error(m, NULL) || count_devices(m, w->state, &n, &all) < 0)
                return 0;
        if (strcmp(w->state, "orphaned") == 0)
                (void) snprintf(w->text, sizeof(w->text), "%zu device%s left to remove", n,
                                n == 1 ? "" : "s");
        else
                (void) snprintf(w->text, sizeof(w->text), "%zu of %zu devices are configured", n, all);
        show(w->progress, w->text);
        return 0;
}

static int tick(Wait *w, sd_bus *bus) {
        Progress *p = w->progress;

        p->due = now_usec() + NEXT_USEC;
        if (w->state) {
                if (!p->shown)
                        show(p, "Waiting for netdevd");
                p->due = UINT64_MAX;
                return sd_bus_call_method_async(bus, &w->question, CLIENT_NAME, CLIENT_PATH,
                                                CLIENT_MANAGER_INTERFACE, "ListDevices", on_devices, w,
                                                NULL);
        }
        if (p->total > 1)
                (void) snprintf(w->text, sizeof(w->text), "%zu of %zu devices are done", p->done, p->total);
        else
                (void) snprintf(w->text, sizeof(w->text), "Waiting for netdevd");
        show(p, w->text);
        return 0;
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_) {
        ((Wait *) userdata)->reply = sd_bus_message_ref(m);
        return 0;
}

static int wait_reply(Wait *w, sd_bus *bus) {
        int r;

        while (!w->reply) {
                uint64_t now = now_usec();

                r = sd_bus_process(bus, NULL);
                if (r == 0 && now >= w->progress->due)
                        r = tick(w, bus);
                else if (r == 0)
                        r = sd_bus_wait(bus, w->progress->due == UINT64_MAX ? UINT64_MAX
                                                                            : w->progress->due - now);
                if (r < 0 && r != -EINTR)
                        return r;
        }
        return 0;
}

/* Several calls are their own measure, and one that is about a single device has none. */
static const char *state_to_count(const Progress *p, const char *method) {
        if (p->total > 1)
                return NULL;
        if (strcmp(method, "Prune") == 0)
                return "orphaned";
        if (strcmp(method, "Reload") == 0 || strcmp(method, "Reconfigure") == 0 ||
            strcmp(method, "Recreate") == 0)
                return "configured";
        return NULL;
}

int progress_call(Progress *p, sd_bus *bus, sd_bus_message *call, uint64_t usec, sd_bus_error *error,
                  sd_bus_message **ret_reply) {
        Wait w = { .progress = p, .state = state_to_count(p, sd_bus_message_get_member(call)) };
        sd_bus_slot *slot = NULL;
        int r;

        if (!p->enabled)
                return sd_bus_call(bus, call, usec, error, ret_reply);

        r = sd_bus_call_async(bus, &slot, call, on_reply, &w, usec);
        if (r >= 0)
                r = wait_reply(&w, bus);
        sd_bus_slot_unref(slot);
        sd_bus_slot_unref(w.question);
        if (r >= 0 && sd_bus_message_is_method_error(w.reply, NULL)) {
                (void) sd_bus_error_copy(error, sd_bus_message_get_error(w.reply));
                r = -sd_bus_message_get_errno(w.reply);
        }
        if (r >= 0 && ret_reply)
                *ret_reply = TAKE_PTR(w.reply);
        sd_bus_message_unref(w.reply);
        return r < 0 ? r : 0;
}
