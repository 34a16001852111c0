/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Why this file and not that one. */

#include <string.h>

#include "explain.h"
#include "plan/check.h"

/* Files that are not for the device are explained one by one up to here. */
#define OTHERS_MAX 20

static void say_files(char *const *files) {
        for (; files && *files; files++)
                say("    %s", *files);
}

static void explain_failed(const Subject *s, const char *suffix) {
        for (char **f = s->actual->config->failed; f && *f; f++) {
                size_t n = strlen(*f), k = strlen(suffix);

                if (n > k && strcmp(*f + n - k, suffix) == 0)
                        say("    %s could not be loaded, see 'netdevctl verify'.", *f);
        }
        for (size_t i = 0; i < s->actual->config->n_skipped; i++) {
                const SkippedFile *f = s->actual->config->skipped + i;
                size_t n = strlen(f->file_name), k = strlen(suffix);

                if (n > k && strcmp(f->file_name + n - k, suffix) == 0)
                        say("    %s is not used on this machine: %s.", f->file_name, f->text);
        }
}

void explain_declaration(const Subject *s) {
        const DeviceConfig *d = s->want ? s->want->device : NULL;

        if (d) {
                const Source *source = given_source(&d->given, DEVICE_NAME);

                say("%s is declared as a %s-queue %s in %s:%u.", s->name,
                    d->multi_queue ? "multi" : "single", kind_to_string(d->kind), source->path,
                    source->line);
                if (d->files && d->files[0] && d->files[1]) {
                        say("Read for it, in this order:");
                        say_files(d->files);
                }
                if (s->want->error)
                        say("It cannot be made: %s (%s:%u).", s->want->error, s->want->error_source->path,
                            s->want->error_source->line);
                return;
        }

        if (s->want && s->want->network)
                say("No .netdev file declares %s: others make it. It is configured because %s names it.",
                    s->name, s->want->network->file_name);
        else if (s->owned && s->owned->made)
                say("No file declares %s any more; netdevd made it once. It stays until 'netdevctl prune'.",
                    s->name);
        else
                say("No file declares or names %s, so netdevd leaves it alone.", s->name);
        explain_failed(s, ".netdev");
}

/* The key of [Match] that keeps the file from fitting. */
static const char *misfit(const Match *m, const LinkFacts *facts) {
        MatchMore all = *match_more(m);
        const struct {
                const char *key;
                Match match;
        } parts[] = {
                { "Name=", { .name = m->name } },
                { "Kind=", { .more = &(MatchMore){ .kind = all.kind } } },
                { "Type=", { .more = &(MatchMore){ .type = all.type } } },
                { "Driver=", { .more = &(MatchMore){ .driver = all.driver } } },
                { "MACAddress=", { .more = &(MatchMore){ .mac_address = all.mac_address } } },
                { "PermanentMACAddress=",
                  { .more = &(MatchMore){ .permanent_mac_address = all.permanent_mac_address } } },
                { "Path=", { .more = &(MatchMore){ .path = all.path } } },
                { "Property=", { .more = &(MatchMore){ .property = all.property } } },
        };

        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                if (!match_fits(&parts[i].match, facts))
                        return parts[i].key;
        return "WLANInterfaceType=, SSID= or BSSID=";
}

static LinkFacts facts_of(const Subject *s) {
        LinkFacts facts = check_link_facts(s->name, s->want ? s->want->device : NULL);

        if (!s->link || !s->link->is_tun)
                return facts;
        facts.kind = s->link->tun.tap ? "tap" : "tun";
        facts.type = s->link->tun.tap ? "ether" : "none";
        facts.altnames = s->link->altnames;
        if (s->link->address_length <= HWADDR_MAX) {
                facts.mac_address.length = s->link->address_length;
                memcpy(facts.mac_address.bytes, s->link->address, s->link->address_length);
        }
        return facts;
}

static void explain_others(const Subject *s, const NetworkConfig *winner) {
        const Config *c = s->actual->config;
        LinkFacts facts = facts_of(s);
        bool after = false;
        unsigned said = 0;

        for (size_t i = 0; i < c->n_networks; i++) {
                const NetworkConfig *n = c->networks[i];

                if (n == winner) {
                        after = true;
                        continue;
                }
                if (said++ >= OTHERS_MAX)
                        continue;
                if (!match_fits(&n->match, &facts))
                        say("    %s does not fit: %s in its [Match] is for other links.", n->file_name,
                            misfit(&n->match, &facts));
                else if (after)
                        say("    %s fits too, but comes later: the first one wins.", n->file_name);
                else
                        say("    %s fits by a pattern only, which is not enough for a link made by others.",
                            n->file_name);
        }
        if (said > OTHERS_MAX)
                say("    … and %u more.", said - OTHERS_MAX);
        explain_failed(s, ".network");
}

/* The file of an unmanaged device is not in the want. */
static const NetworkConfig *find_winner(const Subject *s) {
        LinkFacts facts = facts_of(s);

        if (s->want && s->want->network)
                return s->want->network;
        return s->want && s->want->unmanaged ? config_match(s->actual->config, &facts, !s->want->device)
                                             : NULL;
}

void explain_network(const Subject *s) {
        const NetworkConfig *winner = find_winner(s);

        if (winner && s->want->unmanaged)
                say("%s is for it and says Unmanaged=yes: nothing but its existence is looked after.",
                    winner->files[0]);
        else if (winner) {
                say("Its .network file is %s%s", winner->files[0], winner->files[1] ? ", with:" : ".");
                say_files(winner->files + 1);
        } else if (s->want && s->want->device)
                say("No .network file fits it: it stays down and gets no address. Write one with [Match] "
                    "Name=%s.",
                    s->name);
        else if (!s->want && s->owned && s->owned->made)
                say("To keep it and have it configured, declare it in a .netdev file again.");
        else if (!s->want && s->link && s->link->is_tun)
                say("To have it configured, write a .network file with [Match] Name=%s, without a pattern.",
                    s->name);
        explain_others(s, winner);
}
