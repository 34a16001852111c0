/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One table of options, which both getopt and the helps are made from. */

#include "options.h"

#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#include "config/values.h"
#include "exec-args.h"

/* What getopt returns for a row; below are its own letters. */
#define ROW_BASE 256

/* systemd-networkd-wait-online's. */
#define WAIT_USEC (120 * 1000000ULL)

typedef struct OptionRow {
        const char *name;
        const char *argument; /* NULL: takes none */
        unsigned option;
        char letter; /* 0: none */
        const char *help;
} OptionRow;

static const OptionRow rows[] = {
        { "config-dir", "DIR", OPTION_CONFIG_DIR, 0, "read files here instead (repeatable, first wins)" },
        { "state-dir", "DIR", OPTION_STATE_DIR, 0, "the daemon's record (/run/netdevd/state)" },
        { "host", "[USER@]HOST", OPTION_HOST, 'H', "ask the netdevd of another host, by ssh" },
        { "machine", "[USER@]NAME", OPTION_MACHINE, 'M', "ask the netdevd of a local container" },
        { "json", "MODE", OPTION_JSON, 0, "print JSON: short, pretty, or off" },
        { NULL, NULL, OPTION_JSON, 'j', "print JSON: pretty on a terminal, else short" },
        { "strict", NULL, OPTION_STRICT, 0, "verify: fail on warnings too" },
        { "recreate", NULL, OPTION_RECREATE, 0, "reconfigure: destroy and make anew if needed" },
        { "timeout", "SEC", OPTION_TIMEOUT, 0, "wait-online: give up after it (120), 0: never" },
        { "any", NULL, OPTION_ANY, 0, "wait-online: one device is enough" },
        { "openable-by", "USER", OPTION_OPENABLE_BY, 0, "wait-online: until this user may attach" },
        { "ignore", "NAME", OPTION_IGNORE, 0, "wait-online: not for these (repeatable)" },
        { "queues", "N", OPTION_QUEUES, 0, "exec: with so many queues (1)" },
        { "user", "USER", OPTION_USER, 0, "exec: run the command as this user; needs root" },
        { "no-legend", NULL, OPTION_NO_LEGEND, 0, "print no headings" },
        { "no-pager", NULL, OPTION_NO_PAGER, 0, "do not start a pager" },
        { "version", NULL, OPTION_VERSION, 0, "print the version" },
        { "help", NULL, OPTION_HELP, 'h', "print this; behind a verb: all about that verb" },
};

int usage(const char *format, ...) {
        _cleanup_(freep) char *text = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        va_end(ap);
        (void) ctl_error(0, "%s; see netdevctl --help", text ?: "wrong usage");
        return -EINVAL;
}

/* Long options stand below each other, so that they are found by eye, and by scripts. */
void options_print_help(unsigned which) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const OptionRow *row = rows + i;
                char left[64];

                if (!(row->option & which))
                        continue;
                if (row->letter && row->name)
                        (void) snprintf(left, sizeof(left), "-%c, --%s%s%s", row->letter, row->name,
                                        row->argument ? "=" : "", row->argument ?: "");
                else if (row->letter)
                        (void) snprintf(left, sizeof(left), "-%c", row->letter);
                else
                        (void) snprintf(left, sizeof(left), "--%s%s%s", row->name, row->argument ? "=" : "",
                                        row->argument ?: "");
                printf("  %-28s%s\n", left, row->help);
        }
}

const char *options_name_one(unsigned which) {
        static const char *const names[] = { "--config-dir=", "--state-dir=",   "--json=",    "--host=",
                                             "--machine=",    "--strict",       "--recreate", "--timeout=",
                                             "--any",         "--openable-by=", "--ignore=",  "--queues=",
                                             "--user=" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (which & 1U << i)
                        return names[i];
        return NULL;
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

static int parse_timeout(const char *text, uint64_t *ret) {
        if (parse_time(text, ret) < 0)
                return usage("--timeout=%s is no time span; write seconds, or for example 2min", text);
        if (*ret == TIME_INFINITY)
                *ret = 0;
        return 0;
}

static int parse_queues(const char *text, unsigned *ret) {
        uint32_t n;

        if (parse_u32(text, &n) < 0 || n == 0 || n > EXEC_QUEUES_MAX)
                return usage("--queues=%s: it is a number from 1 to %u, which is all the kernel allows a "
                             "device",
                             text, EXEC_QUEUES_MAX);
        *ret = n;
        return 0;
}

static int apply(CommandLine *c, const OptionRow *row, const char *value) {
        Options *o = &c->options;

        if (value && !*value)
                return usage("--%s= needs a value", row->name);
        c->given |= row->option;

        switch (row->option) {
        case OPTION_CONFIG_DIR: return strv_append(&o->config_dirs, value);
        case OPTION_STATE_DIR: o->state_dir = value; break;
        case OPTION_HOST: o->host = value; break;
        case OPTION_MACHINE: o->machine = value; break;
        case OPTION_JSON:
                if (value)
                        return parse_json(value, &o->json);
                o->json = isatty(STDOUT_FILENO) ? JSON_PRETTY : JSON_SHORT;
                break;
        case OPTION_STRICT: o->strict = true; break;
        case OPTION_RECREATE: o->recreate = true; break;
        case OPTION_TIMEOUT: return parse_timeout(value, &o->timeout_usec);
        case OPTION_ANY: o->any = true; break;
        case OPTION_OPENABLE_BY: o->openable_by = value; break;
        case OPTION_IGNORE: return strv_append(&o->ignore, value);
        case OPTION_QUEUES: return parse_queues(value, &o->queues);
        case OPTION_USER: o->user = value; break;
        case OPTION_NO_LEGEND: o->no_legend = true; break;
        case OPTION_NO_PAGER: o->no_pager = true; break;
        default: break; /* the rest needs no more than being given */
        }
        return 0;
}

static const OptionRow *find_row(int c) {
        if (c >= ROW_BASE)
                return rows + (c - ROW_BASE);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (rows[i].letter == c)
                        return rows + i;
        return NULL;
}

/* The first character has getopt hand over each word in its turn. */
static void make_getopt(struct option *longs, char *letters) {
        *letters++ = '-';
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                int has_argument = rows[i].argument ? required_argument : no_argument;

                if (rows[i].name)
                        *longs++ = (struct option){ rows[i].name, has_argument, NULL, ROW_BASE + (int) i };
                if (!rows[i].letter)
                        continue;
                *letters++ = rows[i].letter;
                if (rows[i].argument)
                        *letters++ = ':';
        }
        *longs = (struct option){};
        *letters = 0;
}

static bool is_command_begun(const CommandLine *c) {
        return c->n_words >= 3 && strcmp(c->words[0], "exec") == 0;
}

static int parse(int argc, char **argv, CommandLine *c) {
        struct option longs[ELEMENTSOF(rows) + 1];
        char letters[2 * ELEMENTSOF(rows) + 2];
        int found, r = 0;

        make_getopt(longs, letters);
        while (!is_command_begun(c) && (found = getopt_long(argc, argv, letters, longs, NULL)) >= 0) {
                if (found == 1) {
                        c->words[c->n_words++] = optarg;
                        continue;
                }
                r = found == '?' ? -EINVAL : apply(c, find_row(found), optarg);
                if (r < 0)
                        return r;
        }
        while (optind < argc)
                c->words[c->n_words++] = argv[optind++];

        if (c->options.host && c->options.machine)
                return usage("--host= and --machine= exclude each other");
        return 0;
}

int command_line_parse(int argc, char **argv, CommandLine *ret) {
        CommandLine c = { .options = { .state_dir = "/run/netdevd/state", .timeout_usec = WAIT_USEC } };
        int r;

        c.words = calloc((size_t) argc + 1, sizeof(char *));
        r = c.words ? parse(argc, argv, &c) : -ENOMEM;
        if (r < 0)
                command_line_done(&c);
        else
                *ret = c;
        return r;
}

void command_line_done(CommandLine *c) {
        strv_free(c->options.config_dirs);
        strv_free(c->options.ignore);
        free(c->words);
        *c = (CommandLine){};
}
