/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is shown the daemon is asked for on the same connection, and only when there is a line to show; the
 * next question waits for the answer to the one before. Several calls of a verb are their own measure. */

#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "client.h"

#define FIRST_USEC (1000000ULL)
#define NEXT_USEC  (250000ULL)
#define SOON_USEC  (100000ULL) /* while nothing is being done yet: somebody is asked whether we may */

#define TEXT_MAX 64 /* fits every terminal */

typedef struct Wait {
        Progress *progress;
        sd_bus_slot *question;
        sd_bus_message *reply;
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

/* One line of it; false when nothing is being done, or the daemon is too old to say. */
static bool describe(sd_bus_message *m, char *text, size_t size) {
        static const char *const titles[][3] = {
                { "removing", "Removing", "" },
                { "creating", "Creating", "" },
                { "setting-up", "Setting up", " ready" },
        };
        uint32_t done, total;
        const char *what;

        if (sd_bus_message_is_method_error(m, NULL) ||
            sd_bus_message_enter_container(m, 'v', "(suu)") <= 0 ||
            sd_bus_message_read(m, "(suu)", &what, &done, &total) <= 0)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(titles); i++)
                if (strcmp(what, titles[i][0]) == 0) {
                        (void) snprintf(text, size, "%s devices: %" PRIu32 " of %" PRIu32 "%s", titles[i][1],
                                        done, total, titles[i][2]);
                        return true;
                }
        return false;
}

static int on_progress(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_) {
        Wait *w = userdata;
        char text[TEXT_MAX];

        w->question = sd_bus_slot_unref(w->question);
        if (describe(m, text, sizeof(text))) {
                show(w->progress, text);
                w->progress->due = now_usec() + NEXT_USEC;
        } else
                w->progress->due = now_usec() + SOON_USEC;
        return 0;
}

static int tick(Wait *w, sd_bus *bus) {
        Progress *p = w->progress;
        char text[TEXT_MAX];

        p->due = now_usec() + NEXT_USEC;
        if (p->total > 1) {
                (void) snprintf(text, sizeof(text), "%zu of %zu devices are done", p->done, p->total);
                show(p, text);
                return 0;
        }
        if (!p->shown)
                show(p, "Waiting for netdevd");
        p->due = UINT64_MAX;
        return sd_bus_call_method_async(bus, &w->question, CLIENT_NAME, CLIENT_PATH,
                                        "org.freedesktop.DBus.Properties", "Get", on_progress, w, "ss",
                                        CLIENT_MANAGER_INTERFACE, "Progress");
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

int progress_call(Progress *p, sd_bus *bus, sd_bus_message *call, uint64_t usec, sd_bus_error *error,
                  sd_bus_message **ret_reply) {
        Wait w = { .progress = p };
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
