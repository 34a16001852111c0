/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl status: the whole, or all of it about some devices (status-device.c). */

#include <inttypes.h>
#include <string.h>

#include "look.h"
#include "plan/link-state.h"
#include "status-device.h"

const char verb_status_help[] =
                "Without a name: which netdevd runs, how many devices are in which state, and\n"
                "what is wrong with its files. With names, which may be patterns like 'vm*':\n"
                "everything about these devices on one screen: state, files, who may attach,\n"
                "addresses, the carrier and who keeps it, queues, the programs that have them,\n"
                "what is left to do, the last error and what to do about it, traffic, and the\n"
                "last lines of the journal. As root it sees into all processes; else only the\n"
                "programs that netdevd handed queues to.\n\n"
                "When netdevd does not run this is computed from files and kernel, and a note\n"
                "says so.";

#define PROBLEMS_MAX 20

static void print_counts(const Shown *s) {
        bool any = false;

        printf("       Devices: %zu", s->n_devices);
        for (AdministrativeState i = 0; i < _ADMINISTRATIVE_STATE_MAX; i++) {
                const char *word = administrative_state_to_string(i);
                const char *color = ctl_is_fancy(STDOUT_FILENO) ? look_state_color(word) : "";
                unsigned n = 0;

                for (size_t k = 0; k < s->n_devices; k++)
                        n += strcmp(s->devices[k].administrative_state ?: "", word) == 0;
                if (n > 0)
                        printf("%s%u %s%s%s", any ? ", " : ": ", n, color, word, *color ? LOOK_RESET : "");
                any = any || n > 0;
        }
        puts("");
}

static void print_problems(const Shown *s) {
        if (s->n_problems == 0) {
                puts("      Problems: none in the configuration files");
                return;
        }
        printf("      Problems: %zu in the configuration files, see 'netdevctl verify'\n", s->n_problems);
        for (size_t i = 0; i < s->n_problems && i < PROBLEMS_MAX; i++) {
                const ShownProblem *p = s->problems + i;

                printf("                %s", p->path);
                if (p->line > 0)
                        printf(":%" PRIu32, p->line);
                printf(": %s: %s\n", p->severity, p->text);
        }
        if (s->n_problems > PROBLEMS_MAX)
                printf("                … and %zu more\n", s->n_problems - PROBLEMS_MAX);
}

static void print_summary(const Shown *s) {
        look_print_glyph(s->version ? "\033[0;1;32m" : "\033[0;90m");
        printf("netdevd %s\n", s->version ?: "(does not run)");
        printf("         State: %s\n", s->operational_state ?: "");
        printf("  Online state: %s\n",
               s->online_state && *s->online_state ? s->online_state : "- (no device counts)");
        print_counts(s);
        print_problems(s);
}

static int print_json(const Shown *s, const bool *chosen, JsonMode mode) {
        struct json_object *list = json_object_new_array();

        for (size_t i = 0; list && i < s->n_devices; i++)
                if (chosen[i])
                        (void) json_object_array_add(list, status_device_to_json(s->devices + i, s));
        return json_print(list, mode);
}

static int print_devices(const Shown *s, const bool *chosen) {
        bool any = false;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < s->n_devices; i++) {
                if (!chosen[i])
                        continue;
                if (any)
                        puts("");
                any = true;
                r = status_device_print(s->devices + i, s);
        }
        return r;
}

int verb_status(char **args, const Options *options) {
        _cleanup_(shown_done) Shown s = {};
        _cleanup_(freep) bool *chosen = NULL;
        bool all = true;
        int r = 0;

        if (shown_read(options, &s) < 0)
                return CTL_FAILED;
        chosen = calloc(s.n_devices + 1, sizeof(bool));
        if (!chosen)
                return ctl_error(ENOMEM, "cannot show the devices");

        if (*args)
                all = look_choose(&s, args, chosen);
        if (options->json != JSON_OFF)
                r = *args ? print_json(&s, chosen, options->json)
                          : json_print(shown_to_json(&s), options->json);
        else if (*args)
                r = print_devices(&s, chosen);
        else
                print_summary(&s);
        if (r < 0)
                return ctl_error(r, "cannot show all of it");
        return all ? CTL_GOOD : CTL_FAILED;
}
