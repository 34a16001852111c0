/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The table of verbs: netdevctl(1). What a verb's --help says stands in the verb's own file. */

#include <locale.h>
#include <string.h>

#include "config/keys.h"
#include "options.h"
#include "pager.h"

#define OPTIONS_EVERYWHERE (OPTION_NO_LEGEND | OPTION_NO_PAGER | OPTION_HELP)
#define OPTIONS_FILES      (OPTION_CONFIG_DIR | OPTION_STATE_DIR)
#define OPTIONS_BUS        (OPTION_HOST | OPTION_MACHINE)

typedef struct Verb {
        const char *name;
        const char *arguments;  /* as the help shows them */
        int min_args, max_args; /* -1: any number */
        unsigned takes;         /* OPTION_*, beside those that all take */
        bool pages;             /* a pager, when the output is for people and does not fit */
        VerbFunction run;
        const char *summary; /* one line, so that the help fits 80 columns */
        const char *help;
} Verb;

/* In the order of the help: what looks, and then what asks the daemon to do something. */
static const Verb verbs[] = {
        { "list", "[NAME|GLOB...]", 0, -1, OPTIONS_FILES | OPTIONS_BUS | OPTION_JSON, false, verb_list,
          "all devices, one line each (the default)", verb_list_help },
        { "status", "[NAME|GLOB...]", 0, -1, OPTIONS_FILES | OPTIONS_BUS | OPTION_JSON, true, verb_status,
          "everything about a device, or about netdevd", verb_status_help },
        { "cat", "[NAME|FILE...]", 0, -1, OPTION_CONFIG_DIR | OPTION_JSON, true, verb_cat,
          "the files of a device, with drop-ins", verb_cat_help },
        { "verify", "[FILE|DIR|NAME...]", 0, -1, OPTION_CONFIG_DIR | OPTION_JSON | OPTION_STRICT, true,
          verb_verify, "check files; silent when all is good", verb_verify_help },
        { "diff", "[NAME...]", 0, -1, OPTIONS_FILES | OPTION_JSON, true, verb_diff,
          "what is left to do to be as the files say", verb_diff_help },
        { "explain", "NAME", 1, 1, OPTIONS_FILES, false, verb_explain,
          "everything about one device, in sentences", verb_explain_help },
        { "reload", "", 0, 0, OPTIONS_BUS, false, verb_reload, "load the files anew and apply them",
          verb_reload_help },
        { "reconfigure", "NAME...", 1, -1, OPTIONS_BUS | OPTION_RECREATE, false, verb_reconfigure,
          "apply the files to these devices", verb_reconfigure_help },
        { "up", "NAME...", 1, -1, OPTIONS_BUS, false, verb_up, "set these devices up", verb_up_help },
        { "down", "NAME...", 1, -1, OPTIONS_BUS, false, verb_down, "set these devices down",
          verb_down_help },
        { "delete", "NAME...", 1, -1, OPTIONS_BUS, false, verb_delete, "delete these devices",
          verb_delete_help },
        { "prune", "", 0, 0, OPTIONS_BUS | OPTION_JSON, false, verb_prune,
          "remove what netdevd made and no file declares", verb_prune_help },
        { "monitor", "[NAME...]", 0, -1, OPTIONS_BUS | OPTION_JSON, false, verb_monitor,
          "print what happens, a line each", verb_monitor_help },
        { "wait-online", "[NAME[:MIN]...]", 0, -1,
          OPTIONS_BUS | OPTION_TIMEOUT | OPTION_ANY | OPTION_OPENABLE_BY | OPTION_IGNORE, false,
          verb_wait_online, "wait until devices can be used", verb_wait_online_help },
        { "exec", "NAME COMMAND...", 2, -1, OPTION_QUEUES | OPTION_USER, false, verb_exec,
          "run a command with queues of a device", verb_exec_help },
};

static void print_help(void) {
        puts("netdevctl [OPTIONS...] [VERB [ARGUMENTS...]]\n\n"
             "Shows the TUN/TAP devices of netdevd, checks its files, and controls the daemon.\n\n"
             "Verbs:");
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                char left[64];

                (void) snprintf(left, sizeof(left), "%s %s", verbs[i].name, verbs[i].arguments);
                printf("  %-31s%s\n", left, verbs[i].summary);
        }
        puts("\nOptions, before or behind the verb:");
        options_print_help(UINT32_MAX);
        puts("\n'netdevctl VERB --help' tells all about a verb. See netdevctl(1).");
}

static void print_verb_help(const Verb *verb) {
        printf("netdevctl [OPTIONS...] %s %s\n\n%s\n\nOptions:\n", verb->name, verb->arguments, verb->help);
        options_print_help(verb->takes | OPTIONS_EVERYWHERE);
        puts("\nSee netdevctl(1).");
}

static const Verb *find_verb(const char *name) {
        char *names[ELEMENTSOF(verbs) + 1] = {};
        const char *near;

        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                if (strcmp(verbs[i].name, name) == 0)
                        return verbs + i;
                names[i] = (char *) verbs[i].name;
        }

        near = suggest(name, names);
        if (near)
                (void) usage("unknown verb '%s': did you mean '%s'?", name, near);
        else
                (void) usage("unknown verb '%s'", name);
        return NULL;
}

static int check_options(const Verb *verb, unsigned given) {
        const char *name = options_name_one(given & ~(verb->takes | OPTIONS_EVERYWHERE));

        return name ? usage("%s does not go with '%s'", name, verb->name) : 0;
}

static int check_arguments(const Verb *verb, size_t n) {
        if (n < (size_t) verb->min_args)
                return usage("'%s' needs %s", verb->name,
                             verb->min_args == 1 ? "the name of a device" : verb->arguments);
        if (verb->max_args >= 0 && n > (size_t) verb->max_args)
                return usage(verb->max_args == 0 ? "'%s' takes no arguments" : "'%s' takes one name",
                             verb->name);
        return 0;
}

static int run(const Verb *verb, char **args, const Options *options) {
        _cleanup_(pager_done) Pager pager = {};
        int status;

        if (verb->pages && options->json == JSON_OFF && !options->no_pager)
                pager_open(&pager);
        status = verb->run(args, options);
        if ((fflush(stdout) != 0 || ferror(stdout)) && !pager_is_open(&pager))
                return ctl_error(errno, "cannot write what there is to say");
        return status;
}

int main(int argc, char **argv) {
        _cleanup_(command_line_done) CommandLine c = {};
        const Verb *verb = verbs; /* list */

        (void) setlocale(LC_CTYPE, ""); /* how wide characters are in a table */
        if (command_line_parse(argc, argv, &c) < 0)
                return CTL_USAGE;
        if (c.given & OPTION_VERSION) {
                puts("netdevctl " NETDEVD_VERSION);
                return CTL_GOOD;
        }

        if (c.n_words > 0)
                verb = find_verb(c.words[0]);
        if (!verb)
                return CTL_USAGE;
        if (c.given & OPTION_HELP) {
                if (c.n_words > 0)
                        print_verb_help(verb);
                else
                        print_help();
                return CTL_GOOD;
        }

        if (check_options(verb, c.given) < 0 || check_arguments(verb, c.n_words > 0 ? c.n_words - 1 : 0) < 0)
                return CTL_USAGE;
        return run(verb, c.words + (c.n_words > 0), &c.options);
}
