/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Options and the table of verbs: netdevctl(1). */

#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#include "config/keys.h"
#include "ctl.h"

/* What only some verbs take. */
enum {
        TAKES_CONFIG_DIR = 1 << 0,
        TAKES_STATE_DIR = 1 << 1,
        TAKES_JSON = 1 << 2,
        TAKES_STRICT = 1 << 3,
        TAKES_RECREATE = 1 << 4,
};

typedef struct Verb {
        const char *name;
        int min_args, max_args; /* -1: any number */
        unsigned takes;
        VerbFunction run;
} Verb;

static const Verb verbs[] = {
        { "diff", 0, -1, TAKES_CONFIG_DIR | TAKES_STATE_DIR | TAKES_JSON, verb_diff },
        { "explain", 1, 1, TAKES_CONFIG_DIR | TAKES_STATE_DIR, verb_explain },
        { "prune", 0, 0, TAKES_JSON, verb_prune },
        { "reconfigure", 1, -1, TAKES_RECREATE, verb_reconfigure },
        { "reload", 0, 0, 0, verb_reload },
        { "verify", 0, -1, TAKES_CONFIG_DIR | TAKES_JSON | TAKES_STRICT, verb_verify },
};

static void print_help(void) {
        puts("netdevctl [OPTIONS...] VERB [ARGUMENTS...]\n\n"
             "Checks the files of netdevd, tells how the devices stand to them, and controls the daemon.\n\n"
             "Verbs that need neither daemon nor privilege:\n"
             "  verify [FILE|DIR|NAME...]   check files; silent when all is good\n"
             "  diff [NAME...]              what is left to do for the devices to be as the files say\n"
             "  explain NAME                everything about one device, in sentences\n\n"
             "Verbs that ask the daemon:\n"
             "  reload                      load the files anew and apply them\n"
             "  reconfigure NAME...         apply the files to these devices\n"
             "  prune                       remove the devices netdevd made that no file declares any "
             "more\n\n"
             "Options:\n"
             "  --config-dir=DIR    read files from here instead (repeatable, highest first)\n"
             "  --state-dir=DIR     where the daemon keeps its record (/run/netdevd/state)\n"
             "  --json=MODE         print JSON: short, pretty, or off\n"
             "  -j                  the same as --json=pretty on a terminal, else --json=short\n"
             "  --strict            verify: fail on warnings too\n"
             "  --recreate          reconfigure: destroy and make the device again where it must be\n"
             "  --no-legend         print no headings\n"
             "  --no-pager          do not start a pager\n"
             "  --version           print the version\n"
             "  -h, --help          print this\n\n"
             "See netdevctl(1).");
}

static _printf_(1, 2) int usage(const char *format, ...) {
        _cleanup_(freep) char *text = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        va_end(ap);
        (void) ctl_error(0, "%s; see netdevctl --help", text ?: "wrong usage");
        return -EINVAL;
}

static int parse_json(const char *mode, JsonMode *ret) {
        if (strcmp(mode, "short") == 0)
                *ret = JSON_SHORT;
        else if (strcmp(mode, "pretty") == 0)
                *ret = JSON_PRETTY;
        else if (strcmp(mode, "off") == 0)
                *ret = JSON_OFF;
        else
                return usage("--json=%s is not known, it is short, pretty or off", mode);
        return 0;
}

/* Returns 1 to go on, 0 to exit well, -errno for wrong usage. *ret_given: those of TAKES_… that were used.
 */
static int parse_options(int argc, char **argv, Options *o, unsigned *ret_given) {
        enum {
                CONFIG_DIR = 256,
                STATE_DIR,
                JSON,
                STRICT,
                RECREATE,
                IGNORED,
                VERSION,
                HELP
        };
        static const struct option options[] = {
                { "config-dir", required_argument, NULL, CONFIG_DIR },
                { "state-dir", required_argument, NULL, STATE_DIR },
                { "json", required_argument, NULL, JSON },
                { "strict", no_argument, NULL, STRICT },
                { "recreate", no_argument, NULL, RECREATE },
                { "no-legend", no_argument, NULL, IGNORED },
                { "no-pager", no_argument, NULL, IGNORED },
                { "version", no_argument, NULL, VERSION },
                { "help", no_argument, NULL, HELP },
                {},
        };
        int c;

        while ((c = getopt_long(argc, argv, "hj", options, NULL)) >= 0)
                switch (c) {
                case CONFIG_DIR:
                        if (!*optarg)
                                return usage("--config-dir= needs the name of a directory");
                        if (strv_append(&o->config_dirs, optarg) < 0)
                                return -ENOMEM;
                        *ret_given |= TAKES_CONFIG_DIR;
                        break;
                case STATE_DIR:
                        if (!*optarg)
                                return usage("--state-dir= needs the name of a directory");
                        o->state_dir = optarg;
                        *ret_given |= TAKES_STATE_DIR;
                        break;
                case JSON:
                        if (parse_json(optarg, &o->json) < 0)
                                return -EINVAL;
                        *ret_given |= TAKES_JSON;
                        break;
                case 'j':
                        o->json = isatty(STDOUT_FILENO) ? JSON_PRETTY : JSON_SHORT;
                        *ret_given |= TAKES_JSON;
                        break;
                case STRICT:
                        o->strict = true;
                        *ret_given |= TAKES_STRICT;
                        break;
                case RECREATE:
                        o->recreate = true;
                        *ret_given |= TAKES_RECREATE;
                        break;
                case IGNORED: break; /* nothing yet has headings or is long */
                case VERSION: puts("netdevctl " NETDEVD_VERSION); return 0;
                case 'h':
                case HELP: print_help(); return 0;
                default: return -EINVAL;
                }
        return 1;
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
        static const char *const names[] = { "--config-dir=", "--state-dir=", "--json=", "--strict",
                                             "--recreate" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (given & ~verb->takes & 1U << i)
                        return usage("%s does not go with '%s'", names[i], verb->name);
        return 0;
}

static int check_arguments(const Verb *verb, int n) {
        if (n < verb->min_args)
                return usage("'%s' needs the name of a device", verb->name);
        if (verb->max_args >= 0 && n > verb->max_args)
                return usage(verb->max_args == 0 ? "'%s' takes no arguments" : "'%s' takes one name",
                             verb->name);
        return 0;
}

static void options_done(Options *o) {
        strv_free(o->config_dirs);
}

int main(int argc, char **argv) {
        _cleanup_(options_done) Options o = { .state_dir = "/run/netdevd/state" };
        const Verb *verb;
        unsigned given = 0;
        int r, status;

        r = parse_options(argc, argv, &o, &given);
        if (r <= 0)
                return r < 0 ? CTL_USAGE : CTL_GOOD;

        if (optind >= argc) {
                (void) usage("a verb is missing");
                return CTL_USAGE;
        }
        verb = find_verb(argv[optind]);
        if (!verb || check_options(verb, given) < 0 || check_arguments(verb, argc - optind - 1) < 0)
                return CTL_USAGE;

        status = verb->run(argv + optind + 1, &o);
        if (fflush(stdout) != 0 || ferror(stdout))
                return ctl_error(errno, "cannot write what there is to say");
        return status;
}
