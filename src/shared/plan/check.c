/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which .network file is for which device, seen from both sides: devices that none fits, files that never
 * come to anything. Where a [Match] was written the Config does not keep; its file is read again for that,
 * only once there is something to say. */

#include "check.h"

#include <string.h>

#include "config/ini.h"
#include "config/keys.h"

LinkFacts check_link_facts(const char *name, const DeviceConfig *device) {
        LinkFacts facts = { .name = name, .driver = "tun" };

        if (device) {
                facts.kind = kind_to_string(device->kind);
                facts.type = device->kind == KIND_TAP ? "ether" : "none";
                facts.mac_address = device->mac_address;
        }
        return facts;
}

/* The line of [Match] Name= that has the word, or the header of [Match]; in the last file that has one. */
static Source find_match(const NetworkConfig *n, const char *word) {
        Source source = { n->files ? n->files[0] : n->file_name, 0, "Match", NULL };

        for (char **path = n->files; path && *path; path++) {
                _cleanup_(diag_done) Diagnostics ignored = {};
                _cleanup_(ini_freep) IniFile *ini = NULL;

                if (ini_read(*path, &ignored, &ini) < 0)
                        continue;
                for (size_t i = 0; i < ini->n_sections && source.line == 0; i++)
                        if (strcmp(ini->sections[i].name, "Match") == 0)
                                source = (Source){ *path, ini->sections[i].line, "Match", NULL };
                for (size_t i = 0; word && i < ini->n_assignments; i++) {
                        const IniAssignment *a = ini->assignments + i;

                        if (strcmp(ini->sections[a->section].name, "Match") == 0 &&
                            strcmp(a->key, "Name") == 0 && strstr(a->value, word))
                                source = (Source){ *path, a->line, "Match", "Name" };
                }
        }
        return source;
}

static bool some_network_failed(const Config *config) {
        for (char **f = config->failed; f && *f; f++)
                if (strlen(*f) > 8 && strcmp(*f + strlen(*f) - 8, ".network") == 0)
                        return true;
        return false;
}

/* Literal names in .network files that no file declares: links made by others, or mistyped ones. */
static int undeclared_names(const Wants *wants, char ***ret) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < wants->n; i++)
                if (!wants->items[i].device && wants->items[i].network)
                        r = strv_append(ret, wants->items[i].name);
        return r;
}

/* Where the names themselves are wrong, as check_name() and check_words() say, that explains it. */
static bool is_misspelt(const Want *w, char *const *undeclared) {
        for (; undeclared && *undeclared; undeclared++)
                if (strchr(*undeclared, ',') && strstr(*undeclared, w->name))
                        return true;
        return strpbrk(w->name, "\"'");
}

static void advise_write_network(const Want *w, const char *near, const Wants *wants, Diagnostics *diag) {
        const Want *other = near ? wants_find(wants, near) : NULL;
        _cleanup_(freep) char *hint = NULL;

        if (other ? asprintf(&hint, "%s names '%s': did you mean '%s' there?", other->network->file_name,
                             near, w->name) < 0
                  : asprintf(&hint, "write one with [Match] Name=%s", w->name) < 0)
                hint = NULL;
        diag_advise(diag, given_source(&w->device->given, DEVICE_NAME), hint,
                    "no .network file fits %s, so it stays down and gets no address", w->name);
}

static int check_devices_without_network(const Config *config, const Wants *wants, Diagnostics *diag) {
        _cleanup_(strv_freep) char **undeclared = NULL;
        int r;

        /* A file that could not be loaded may be the one. */
        if (some_network_failed(config))
                return 0;

        r = undeclared_names(wants, &undeclared);
        if (r < 0)
                return r;

        for (size_t i = 0; i < wants->n; i++) {
                const Want *w = wants->items + i;

                if (w->device && !w->network && !w->unmanaged && !is_misspelt(w, undeclared))
                        advise_write_network(w, suggest(w->name, undeclared), wants, diag);
        }
        return 0;
}

/* A glob is asked for as if it were a name: an earlier pattern that fits it fits all that it fits, as far as
 * patterns are written. So "vm*" behind "*" is shadowed, and "*" behind "vm*" is what it looks like: for the
 * rest. */
static const NetworkConfig *find_shadow(const Config *config, size_t i, const LinkFacts *facts) {
        if (!match_fits(&config->networks[i]->match, facts))
                return NULL;
        for (size_t j = 0; j < i; j++)
                if (match_fits(&config->networks[j]->match, facts))
                        return config->networks[j];
        return NULL;
}

static void advise_shadowed(const NetworkConfig *n, const NetworkConfig *winner, const char *word,
                            bool foreign, Diagnostics *diag) {
        _cleanup_(freep) char *hint = NULL;
        Source source = find_match(n, word);

        if (asprintf(&hint, "rename one of the two, or narrow the [Match] of %s", winner->file_name) < 0)
                hint = NULL;
        if (foreign && !match_names_literally(&winner->match, word))
                diag_advise(diag, &source, hint,
                            "%s comes first and fits '%s' by a pattern, so neither file is used for it: a "
                            "link "
                            "made by others is configured only where the first file that fits names it",
                            winner->file_name, word);
        else
                diag_advise(diag, &source, hint,
                            "%s comes first and fits '%s' too; this file is not used for it",
                            winner->file_name, word);
}

/* Of many words that one file takes, the first is spoken of. */
static void check_shadowed(const Config *config, size_t i, Diagnostics *diag) {
        const NetworkConfig *n = config->networks[i], *said = NULL;

        for (size_t k = 0; k < n->match.name.n; k++) {
                const MatchWord *word = n->match.name.items + k;
                const DeviceConfig *device = word->literal ? config_device(config, word->glob) : NULL;
                LinkFacts facts = check_link_facts(word->glob, device);
                const NetworkConfig *winner;

                if (word->negative)
                        continue;
                winner = find_shadow(config, i, &facts);
                if (winner && winner != said)
                        advise_shadowed(n, winner, word->glob, word->literal && !device, diag);
                if (winner)
                        said = winner;
        }
}

static bool fits_some(const Config *config, const NetworkConfig *n) {
        for (size_t i = 0; i < config->n_devices; i++) {
                LinkFacts facts = check_link_facts(config->devices[i]->name, config->devices[i]);

                if (match_fits(&n->match, &facts))
                        return true;
        }
        return false;
}

static bool names_some(const NetworkConfig *n) {
        for (size_t i = 0; i < n->match.name.n; i++)
                if (n->match.name.items[i].literal)
                        return true;
        return false;
}

/* In a directory of systemd-networkd's most files are for other links: there it is only mentioned. */
static void add_useless(const Source *source, const char *hint, const char *text, Diagnostics *diag) {
        if (check_is_networkds(source->path))
                (void) diag_add(diag, SEVERITY_NOTICE, source, "leave it to systemd-networkd", "%s", text);
        else
                diag_advise(diag, source, hint, "%s", text);
}

static void check_useless(const Config *config, const NetworkConfig *n, Diagnostics *diag) {
        const char *impossible = match_impossible(&n->match);
        Source source;

        if (impossible) {
                _cleanup_(freep) char *text = NULL;

                source = find_match(n, NULL);
                if (asprintf(&text, "the file has no effect, since no TUN/TAP link fits: %s", impossible) <
                    0)
                        text = NULL;
                add_useless(&source, "match by Name=, or remove the file", text ?: "no TUN/TAP link fits",
                            diag);
                return;
        }

        /* What a link that exists has, the files do not tell. */
        if (match_needs_link(&n->match) || names_some(n) || fits_some(config, n))
                return;
        source = find_match(n, n->match.name.n > 0 ? n->match.name.items[0].glob : NULL);
        add_useless(&source, "name the links in full, without a pattern, or declare them in .netdev files",
                    "the file has no effect, since no declared device fits, and links made by others are "
                    "configured only where Name= names them",
                    diag);
}

/* What is legal in a name, and was hardly meant to be part of it. */
static void check_name(const DeviceConfig *d, Diagnostics *diag) {
        if (strpbrk(d->name, "\"'"))
                (void) diag_add(diag, SEVERITY_WARNING, given_source(&d->given, DEVICE_NAME), "remove them",
                                "the quotes are part of the name here, so the device is called %s", d->name);
}

static void check_words(const Config *config, const NetworkConfig *n, Diagnostics *diag) {
        for (size_t i = 0; i < n->match.name.n; i++) {
                const MatchWord *word = n->match.name.items + i;
                Source source;

                if (!strpbrk(word->glob, ",\"'") || config_device(config, word->glob))
                        continue;
                source = find_match(n, word->glob);
                (void) diag_add(diag, SEVERITY_WARNING, &source,
                                "separate names by blanks, and write no quotes",
                                "%s is taken for one name, with all that stands in it", word->glob);
        }
}

/* Of devices of one file the first is spoken of. */
static bool said_already(const Wants *wants, size_t i, const Source *source) {
        for (size_t j = 0; j < i; j++)
                if (wants->items[j].device && wants->items[j].master_source == source)
                        return true;
        return false;
}

static void check_master(const Config *config, const Wants *wants, size_t i, Diagnostics *diag) {
        const Want *w = wants->items + i;
        const DeviceConfig *master = w->master ? config_device(config, w->master) : NULL;

        if (!w->master || !w->device || said_already(wants, i, w->master_source))
                return;

        if (master)
                (void) diag_add(diag, SEVERITY_WARNING, w->master_source,
                                "name a bridge or VRF that others make",
                                "'%s' is the %s device that %s declares, and nothing can be put into it",
                                w->master, kind_to_string(master->kind), master->file_name);
        else if (w->network->bridge && w->device->kind == KIND_TUN)
                (void) diag_add(diag, SEVERITY_WARNING, w->master_source, "use Kind=tap, or route instead",
                                "%s is a tun, and only Ethernet devices can be ports of a bridge", w->name);
}

int config_check(const Config *config, const Wants *wants, const Settings *settings,
                 const CheckMachine *machine, Diagnostics *diag) {
        int r;

        r = check_devices_without_network(config, wants, diag);
        if (r < 0)
                return r;

        for (size_t i = 0; i < config->n_devices; i++)
                check_name(config->devices[i], diag);
        for (size_t i = 0; i < config->n_networks; i++) {
                check_words(config, config->networks[i], diag);
                check_shadowed(config, i, diag);
                check_useless(config, config->networks[i], diag);
                check_gateways(config->networks[i], diag);
        }
        for (size_t i = 0; i < wants->n; i++)
                check_master(config, wants, i, diag);
        check_files(config, settings, machine, diag);
        return check_overlaps(wants, diag);
}
