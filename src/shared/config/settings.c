/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevd.conf and its drop-ins. Each file is read for itself: a mistake in one costs no other. */

#include "settings.h"

#include <assert.h>
#include <limits.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/log.h"
#include "config-file.h"
#include "ini.h"
#include "keys.h"
#include "lookup.h"
#include "words.h"

#define FILE_NAME "netdevd.conf"

/* More would only be more to list at each reload. */
#define DIRECTORIES_MAX 64
#define TABLES_MAX      4096

const char *const settings_default_dirs[] = {
        "/etc/netdevd", "/run/netdevd", "/usr/local/lib/netdevd", "/usr/lib/netdevd", NULL,
};

static const RouteTableName kernel_tables[] = {
        { (char *) "main", RT_TABLE_MAIN },
        { (char *) "default", RT_TABLE_DEFAULT },
        { (char *) "local", RT_TABLE_LOCAL },
};

static void free_tables(Settings *s) {
        for (size_t i = 0; i < s->n_tables; i++)
                free(s->tables[i].name);
        free(s->tables);
        s->tables = NULL;
        s->n_tables = 0;
}

Settings *settings_free(Settings *s) {
        if (!s)
                return NULL;

        strv_free(s->files);
        strv_free(s->directories);
        free_tables(s);
        free(s);
        return NULL;
}

static int add_directory(const Assignment *a, const char *word, Settings *s) {
        if (word[0] != '/' || strlen(word) >= PATH_MAX)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                "write full paths, for example /etc/systemd/network",
                                "'%s' in Directories= is no absolute path; the word is ignored", word);
        if (strv_length(s->directories) >= DIRECTORIES_MAX)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source, "name fewer directories",
                                "more than %d directories; '%s' is ignored", DIRECTORIES_MAX, word);
        return strv_append(&s->directories, word);
}

static int parse_directories(const Assignment *a, void *field _unused_, void *object) {
        _cleanup_(strv_freep) char **words = NULL;
        Settings *s = object;
        int r;

        if (!*a->value) {
                s->directories = strv_free(s->directories);
                return 1;
        }

        r = split_words_quoted(a->value, false, &words);
        if (r == -EINVAL)
                r = diag_add(a->diag, SEVERITY_WARNING, &a->source, "close the quote",
                             "Directories= '%s' has a quote that is not closed; the words from there on are "
                             "ignored",
                             a->value);
        for (char **w = words; r >= 0 && w && *w; w++)
                r = add_directory(a, *w, s);
        return r < 0 ? r : 1;
}

static int parse_qdisc(const Assignment *a, void *field, void *object _unused_) {
        Qdisc qdisc = qdisc_from_string(a->value);

        if (qdisc < 0)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                "use kernel, noqueue, pfifo_fast, fq_codel, fq or another one that needs no "
                                "parameters",
                                "DefaultQDisc= '%s' is no queueing discipline known here; the line is "
                                "ignored",
                                a->value);
        *(int *) field = qdisc;
        return 1;
}

static int parse_log_level(const Assignment *a, void *field, void *object _unused_) {
        int level = log_level_from_string(a->value);

        /* Above errors there is nothing to be silent for. */
        if (level < LOG_ERR)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                "use debug, info, notice, warning or err",
                                "LogLevel= '%s' is no log level; the line is ignored", a->value);
        *(int *) field = level;
        return 1;
}

static const RouteTableName *find_table(const Settings *s, const char *name, uint32_t number) {
        for (size_t i = 0; i < s->n_tables; i++)
                if ((name && strcmp(s->tables[i].name, name) == 0) || s->tables[i].number == number)
                        return s->tables + i;
        return NULL;
}

static bool is_kernel_table(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(kernel_tables); i++)
                if (strcmp(kernel_tables[i].name, name) == 0)
                        return true;
        return false;
}

static int refuse_table(const Assignment *a, const char *word, const char *hint, const char *fault) {
        return diag_add(a->diag, SEVERITY_WARNING, &a->source, hint,
                        "'%s' in RouteTable= %s; the word is ignored", word, fault);
}

static int append_table(Settings *s, const char *name, uint32_t number) {
        _cleanup_(freep) char *copy = strdup(name);

        if (!copy || ARRAY_RESERVE_ONE(s->tables, s->n_tables) < 0)
                return -ENOMEM;
        s->tables[s->n_tables++] = (RouteTableName){ TAKE_PTR(copy), number };
        return 0;
}

/* One NAME:NUMBER. */
static int add_table(const Assignment *a, const char *word, Settings *s) {
        static const char hint[] =
                        "write NAME:NUMBER, for example vpn:1000, with a number of 1 to 4294967295";
        size_t n = strcspn(word, ":");
        _cleanup_(freep) char *name = strndup(word, n);
        const RouteTableName *same;
        uint32_t number, other;

        if (!name)
                return -ENOMEM;
        if (n == 0 || !word[n] || parse_u32(word + n + 1, &number) < 0 || number == 0)
                return refuse_table(a, word, hint, "is no table with a number");
        if (is_kernel_table(name))
                return refuse_table(a, word, "use another name",
                                    "names a table that has its number from the kernel");
        if (parse_u32(name, &other) >= 0)
                return refuse_table(a, word, hint, "names a table by a number");

        same = find_table(s, name, number);
        if (same && (same->number != number || strcmp(same->name, name) != 0))
                return diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                "give each table one name and one number",
                                "'%s' in RouteTable= contradicts '%s:%u' before it; the word is ignored",
                                word, same->name, same->number);
        if (same)
                return 0;

        if (s->n_tables >= TABLES_MAX)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source, "write numbers in Table= instead",
                                "more than %d names of route tables; '%s' is ignored", TABLES_MAX, word);
        return append_table(s, name, number);
}

static int parse_tables(const Assignment *a, void *field _unused_, void *object) {
        _cleanup_(strv_freep) char **words = NULL;
        int r;

        if (!*a->value) {
                free_tables(object);
                return 1;
        }

        r = split_words(a->value, &words);
        if (r == -EINVAL)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source, "remove the backslash at the end",
                                "RouteTable= '%s' ends in a backslash; the line is ignored", a->value);
        for (char **w = words; r >= 0 && w && *w; w++)
                r = add_table(a, *w, object);
        return r < 0 ? r : 1;
}

const Key settings_keys[] = {
        { "Daemon", "Directories", parse_directories, 0, -1 },
        { "Daemon", "RemoveUndeclared", key_parse_bool, offsetof(Settings, remove_undeclared), -1 },
        { "Daemon", "Enforce", key_parse_bool, offsetof(Settings, enforce), -1 },
        { "Daemon", "DefaultQDisc", parse_qdisc, offsetof(Settings, default_qdisc), -1 },
        { "Daemon", "LogLevel", parse_log_level, offsetof(Settings, log_level), -1 },
        { "Network", "RouteTable", parse_tables, 0, -1 },
        { "Network", "ManageForeignRoutes", key_parse_bool, offsetof(Settings, manage_foreign_routes), -1 },
        { "Network", "ManageForeignRoutingPolicyRules", key_parse_bool,
          offsetof(Settings, manage_foreign_routing_policy_rules), -1 },
        {},
};

/* What networkd.conf(5) has besides, for those who bring theirs along. */
static const char *const other_sections[] = {
        "DHCP",   "DHCPPrefixDelegation", "DHCPServer",       "DHCPv4",
        "DHCPv6", "IPv6AcceptRA",         "IPv6AddressLabel", NULL,
};
static const char *const other_network_keys[] = {
        "IPv4Forwarding",        "IPv6Forwarding",    "IPv6PrivacyExtensions",
        "ManageForeignNextHops", "PersistentStorage", "SpeedMeter",
        "SpeedMeterIntervalSec", "UseDomains",        NULL,
};

static bool contains(const char *const *list, const char *word) {
        for (; *list; list++)
                if (strcmp(*list, word) == 0)
                        return true;
        return false;
}

static void report_not_implemented(const Source *source, Diagnostics *diag, const char *what) {
        (void) diag_add(diag, SEVERITY_NOTICE, source, "systemd-networkd knows it; netdevd leaves it out",
                        "%s is not implemented", what);
}

static void report_unknown(const Source *source, const char *word, char *const *candidates,
                           Diagnostics *diag) {
        const char *near = suggest(word, candidates);
        _cleanup_(freep) char *hint = NULL;

        if (near && asprintf(&hint, "did you mean '%s'?", near) < 0)
                hint = NULL;
        (void) diag_add(diag, SEVERITY_WARNING, source,
                        hint ?: "it is ignored; remove it, or name it X-… to keep it",
                        source->key ? "unknown key '%s'" : "unknown section [%s]", word);
}

static bool section_is_ours(const char *name) {
        return strcmp(name, "Daemon") == 0 || strcmp(name, "Network") == 0;
}

static void report_section(const Source *source, Diagnostics *diag) {
        static char *const ours[] = { (char *) "Daemon", (char *) "Network", NULL };

        if (section_is_ours(source->section) || strncmp(source->section, "X-", 2) == 0)
                return;
        if (contains(other_sections, source->section))
                report_not_implemented(source, diag, "the section");
        else
                report_unknown(source, source->section, ours, diag);
}

/* Keys stand in one section only; the other one is an easy mistake. */
static void report_key(const Source *source, Diagnostics *diag) {
        const char *other = strcmp(source->section, "Daemon") == 0 ? "Network" : "Daemon";
        const char *candidates[ELEMENTSOF(settings_keys)] = {};
        size_t n = 0;

        if (strncmp(source->key, "X-", 2) == 0)
                return;
        if (key_find(settings_keys, other, source->key)) {
                (void) diag_add(diag, SEVERITY_WARNING, source,
                                strcmp(other, "Daemon") == 0 ? "move it to section [Daemon]"
                                                             : "move it to section [Network]",
                                "key '%s' belongs in section [%s], not in [%s]; it is ignored", source->key,
                                other, source->section);
                return;
        }
        if (strcmp(source->section, "Network") == 0 && contains(other_network_keys, source->key)) {
                report_not_implemented(source, diag, "the key");
                return;
        }

        for (const Key *k = settings_keys; k->section; k++)
                candidates[n++] = k->name;
        report_unknown(source, source->key, (char *const *) candidates, diag);
}

static int apply(const IniFile *ini, const char *path, Diagnostics *diag, Settings *s) {
        int r = 0;

        for (size_t i = 0; i < ini->n_sections; i++)
                report_section(&(Source){ path, ini->sections[i].line, ini->sections[i].name, NULL }, diag);

        for (size_t i = 0; r >= 0 && i < ini->n_assignments; i++) {
                const IniAssignment *ia = ini->assignments + i;
                const char *section = ini->sections[ia->section].name;
                Assignment a = {
                        .source = { path, ia->line, section, ia->key },
                        .value = ia->value,
                        .diag = diag,
                };
                const Key *key;

                if (!section_is_ours(section))
                        continue; /* spoken of once, at its header */
                key = a.key = key_find(settings_keys, section, ia->key);
                if (key)
                        r = key->parse(&a, (char *) s + key->offset, s);
                else
                        report_key(&a.source, diag);
        }
        return r < 0 ? r : 0;
}

static int read_file(const char *path, Diagnostics *diag, Settings *s) {
        _cleanup_(ini_freep) IniFile *ini = NULL;
        int r;

        r = ini_read(path, diag, &ini);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return 0; /* vanished, or spoken of */

        r = strv_append(&s->files, path);
        return r < 0 ? r : apply(ini, path, diag, s);
}

int settings_load(const char *const *dirs, Diagnostics *diag, Settings **ret) {
        _cleanup_(settings_freep) Settings *s = calloc(1, sizeof(Settings));
        _cleanup_(lookup_freep) Lookup *lookup = NULL;
        int r;

        assert(dirs);
        assert(diag);
        assert(ret);

        if (!s)
                return -ENOMEM;
        s->default_qdisc = QDISC_KERNEL;
        s->log_level = -1;

        r = lookup_named(dirs, FILE_NAME, diag, &lookup);
        if (r < 0)
                return r;

        if (lookup->files[0].path)
                r = read_file(lookup->files[0].path, diag, s);
        for (char **d = lookup->files[0].dropins; r >= 0 && d && *d; d++)
                r = read_file(*d, diag, s);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

int settings_table(const Settings *settings, const char *name, uint32_t *ret) {
        uint32_t number;

        assert(name);
        assert(ret);

        for (size_t i = 0; i < ELEMENTSOF(kernel_tables); i++)
                if (strcmp(kernel_tables[i].name, name) == 0) {
                        *ret = kernel_tables[i].number;
                        return 0;
                }

        for (size_t i = 0; settings && i < settings->n_tables; i++)
                if (strcmp(settings->tables[i].name, name) == 0) {
                        *ret = settings->tables[i].number;
                        return 0;
                }

        if (parse_u32(name, &number) < 0 || number == 0)
                return -EINVAL;
        *ret = number;
        return 0;
}

const char *settings_table_name(const Settings *settings, uint32_t number) {
        const RouteTableName *table;

        for (size_t i = 0; i < ELEMENTSOF(kernel_tables); i++)
                if (kernel_tables[i].number == number)
                        return kernel_tables[i].name;

        table = settings ? find_table(settings, NULL, number) : NULL;
        return table ? table->name : NULL;
}
