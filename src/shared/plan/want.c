/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Joins what the files say about one device. Pure but for the resolver it is given. */

#include "want.h"

#include <fnmatch.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "kernel/udev.h"

/* What a build goes by. */
typedef struct Build {
        const Config *config;
        const Settings *settings;
        const Snapshot *snapshot;
        const Resolver *resolver;
} Build;

void wants_done(Wants *wants) {
        for (size_t i = 0; i < wants->n; i++) {
                free(wants->items[i].error);
                free(wants->items[i].settings);
                free(wants->items[i].own_name);
        }
        free(wants->items);
        strv_free(wants->dependencies);
        *wants = (Wants){};
}

static int compare(const void *a, const void *b) {
        return strcmp(((const Want *) a)->name, ((const Want *) b)->name);
}

static void sort(Wants *wants) {
        if (wants->n > 0)
                qsort(wants->items, wants->n, sizeof(Want), compare);
}

const Want *wants_find(const Wants *wants, const char *name) {
        Want key = { .name = name };

        return wants->n > 0 ? bsearch(&key, wants->items, wants->n, sizeof(Want), compare) : NULL;
}

/* Decimal digits only: "0x10" is no id, as in systemd. */
static bool parse_id(const char *s, int64_t *ret) {
        int64_t v = 0;

        if (!*s || strlen(s) > 10)
                return false;
        for (; *s; s++) {
                if (*s < '0' || *s > '9')
                        return false;
                v = v * 10 + (*s - '0');
        }
        if (v >= UINT32_MAX) /* (uid_t) -1 is no user */
                return false;

        *ret = v;
        return true;
}

static const char *resolve_hint(bool group, bool missing) {
        if (!missing)
                return "see nsswitch.conf(5) and the service behind it, then reload";
        return group ? "create the group with 'groupadd --system', or correct Group=, then reload"
                     : "create the user with 'useradd --system', or correct User=, then reload";
}

static int resolve(Want *w, const Resolver *resolver, bool group, Diagnostics *diag) {
        const char *name = group ? w->device->group : w->device->user, *what = group ? "group" : "user";
        const Source *source = given_source(&w->device->given, group ? DEVICE_GROUP : DEVICE_USER);
        int64_t *id = group ? &w->group : &w->owner;
        char *error;
        int r;

        if (!name || parse_id(name, id))
                return 0;

        r = (group ? resolver->group : resolver->user)(name, id, resolver->userdata);
        if (r >= 0)
                return 0;

        if (asprintf(&error,
                     r == -ESRCH ? "%s '%s' does not exist on this machine"
                                 : "%s '%s' could not be looked up",
                     what, name) < 0)
                return -ENOMEM;
        (void) diag_add(diag, SEVERITY_ERROR, source, resolve_hint(group, r == -ESRCH),
                        "%s; device %s is not made", error, w->name);

        if (w->error) { /* both are told of; the first one stands for the device */
                free(error);
                return 0;
        }
        w->error = error;
        w->error_source = source;
        return 0;
}

static int resolve_owner(Want *w, const Resolver *resolver, Diagnostics *diag) {
        const DeviceConfig *d = w->device;
        int r;

        w->owner = w->group = -1;
        r = resolve(w, resolver, false, diag);
        if (r >= 0)
                r = resolve(w, resolver, true, diag);

        /* With neither, the kernel lets every local user attach. */
        if (!d->user && !d->group && !d->allow_any_user)
                w->owner = 0;
        return r;
}

/* What a [Match] looks at, of a device that need not be there yet. */
static LinkFacts facts_of(const char *name, const DeviceConfig *device, const Snapshot *snapshot) {
        const Link *link = snapshot ? snapshot_by_name(snapshot, name) : NULL;
        LinkFacts facts = { .name = name, .driver = "tun" };
        bool tap = device ? device->kind == KIND_TAP : link && link->is_tun && link->tun.tap;

        if (device || (link && link->is_tun)) {
                facts.kind = tap ? "tap" : "tun";
                facts.type = tap ? "ether" : "none";
        }
        if (device)
                facts.mac_address = device->mac_address;
        if (!link || !link->is_tun)
                return facts;

        facts.altnames = link->altnames;
        facts.property = udev_property;
        if (link->address_length <= HWADDR_MAX) {
                facts.mac_address.length = link->address_length;
                memcpy(facts.mac_address.bytes, link->address, link->address_length);
        }
        if (link->permanent_address_length <= HWADDR_MAX) {
                facts.permanent_mac_address.length = link->permanent_address_length;
                memcpy(facts.permanent_mac_address.bytes, link->permanent_address,
                       link->permanent_address_length);
        }
        return facts;
}

static bool is_enforced(const Want *w, const Settings *settings) {
        if (w->network && given_value(&w->network->given, NETWORK_ENFORCE).set)
                return given_value(&w->network->given, NETWORK_ENFORCE).value;
        if (w->device && w->device->enforce.set)
                return w->device->enforce.value;
        return settings && settings->enforce;
}

static int set_network(Want *w, const NetworkConfig *network, const Build *b, Diagnostics *diag) {
        w->unmanaged = network && given_value(&network->given, NETWORK_UNMANAGED).value;
        w->network = w->unmanaged ? NULL : network;
        w->enforce = is_enforced(w, b->settings);
        return want_add_settings(w, b->settings, b->snapshot ? snapshot_by_name(b->snapshot, w->name) : NULL,
                                 diag);
}

static int add_declared(Wants *wants, const Build *b, Diagnostics *diag) {
        const Config *config = b->config;
        int r;

        for (size_t i = 0; i < config->n_devices; i++) {
                const DeviceConfig *d = config->devices[i];
                Want w = { .name = d->name, .device = d };

                r = ARRAY_RESERVE_ONE(wants->items, wants->n);
                if (r < 0)
                        return r;

                LinkFacts facts = facts_of(d->name, d, b->snapshot);

                r = resolve_owner(&w, b->resolver, diag);
                if (r >= 0)
                        r = set_network(&w, config_match(config, &facts, false), b, diag);
                wants->items[wants->n++] = w;
                if (r < 0)
                        return r;
        }

        sort(wants);
        return 0;
}

/* A file that names a link which is not there yet, and asks for more than its name. */
static bool may_fit_later(const NetworkConfig *n, const char *name, const Snapshot *snapshot) {
        const MatchMore *m = match_more(&n->match);

        return !(snapshot && snapshot_by_name(snapshot, name)) &&
               (m->kind.n > 0 || m->type.n > 0 || m->driver.n > 0 || match_needs_link(&n->match));
}

/* Links made by others count only when a file names them literally (design D10). */
static int add_foreign(const Wants *declared, const Build *b, const NetworkConfig *n, Diagnostics *diag,
                       Wants *foreign) {
        int r;

        for (size_t j = 0; j < n->match.name.n; j++) {
                const MatchWord *word = n->match.name.items + j;
                Want w = { .name = word->glob, .owner = -1, .group = -1 };
                LinkFacts facts;

                if (!word->literal || wants_find(declared, w.name))
                        continue;
                facts = facts_of(w.name, NULL, b->snapshot);
                if (config_match(b->config, &facts, true) != n) {
                        foreign->needs_links = foreign->needs_links || may_fit_later(n, w.name, b->snapshot);
                        continue;
                }

                r = ARRAY_RESERVE_ONE(foreign->items, foreign->n);
                if (r < 0)
                        return r;
                r = set_network(&w, n, b, diag);
                foreign->items[foreign->n++] = w;
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Adds the foreign ones, each name once: a file may give it twice. */
static int merge(Wants *wants, Wants *foreign) {
        int r;

        if (foreign->n > 0)
                qsort(foreign->items, foreign->n, sizeof(Want), compare);
        for (size_t i = 0; i < foreign->n; i++) {
                if (i > 0 && strcmp(foreign->items[i].name, foreign->items[i - 1].name) == 0)
                        continue;
                r = ARRAY_RESERVE_ONE(wants->items, wants->n);
                if (r < 0)
                        return r;
                wants->items[wants->n++] = foreign->items[i];
                foreign->items[i].settings = NULL;
        }

        sort(wants);
        return 0;
}

static int compare_strings(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

bool wants_depend_on(const Wants *wants, const char *name) {
        if (!wants->dependencies || !name[0])
                return false;
        if (bsearch(&name, wants->dependencies, strv_length(wants->dependencies), sizeof(char *),
                    compare_strings))
                return true;
        for (char **d = wants->dependencies; *d; d++)
                if (strpbrk(*d, "*?[") && fnmatch(*d, name, 0) == 0)
                        return true;
        return false;
}

static int add_dependencies(const Want *w, char ***names) {
        const NetworkConfig *n = w->network;
        int r = 0;

        if (w->master)
                r = strv_append(names, w->master);
        for (char **b = n ? n->bind_carrier : NULL; r >= 0 && b && *b; b++)
                r = strv_append(names, *b);
        for (size_t i = 0; r >= 0 && n && i < n->n_routes; i++)
                for (size_t j = 0; r >= 0 && j < n->routes[i].n_hops; j++)
                        if (n->routes[i].hops[j].ifname[0])
                                r = strv_append(names, n->routes[i].hops[j].ifname);
        return r;
}

/* Names may be globs (BindCarrier=); each is there once. */
static int collect_dependencies(Wants *wants) {
        size_t kept = 0;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < wants->n; i++)
                r = add_dependencies(wants->items + i, &wants->dependencies);
        if (!wants->dependencies)
                return r;

        qsort(wants->dependencies, strv_length(wants->dependencies), sizeof(char *), compare_strings);
        for (char **d = wants->dependencies + 1; *d; d++) {
                if (strcmp(*d, wants->dependencies[kept]) == 0)
                        free(*d);
                else
                        wants->dependencies[++kept] = *d;
        }
        wants->dependencies[kept + 1] = NULL;
        return r;
}

int wants_build(const Config *config, const Settings *settings, const Snapshot *snapshot,
                const Resolver *resolver, Diagnostics *diag, Wants *ret) {
        _cleanup_(wants_done) Wants wants = { .complete = strv_length(config->failed) == 0 }, foreign = {};
        Build b = { config, settings, snapshot, resolver };
        int r;

        wants.manage_foreign_routes = settings && settings->manage_foreign_routes;
        wants.manage_foreign_rules = settings && settings->manage_foreign_routing_policy_rules;

        r = add_declared(&wants, &b, diag);
        for (size_t i = 0; r >= 0 && i < config->n_networks; i++)
                r = add_foreign(&wants, &b, config->networks[i], diag, &foreign);
        wants.needs_links = foreign.needs_links || config_needs_links(config);
        if (r >= 0)
                r = merge(&wants, &foreign);
        if (r >= 0)
                r = collect_dependencies(&wants);
        if (r < 0)
                return r;

        *ret = wants;
        wants = (Wants){};
        return 0;
}

int wants_add_rest(Wants *wants, const Owned *owned, bool remove) {
        size_t n = wants->n;
        int r;

        for (size_t i = 0; wants->complete && i < owned->n; i++) {
                const OwnedLink *o = owned->items + i;
                Want key = { .name = o->name }, *known;
                Want w = { .owner = -1, .group = -1 };

                known = n > 0 ? bsearch(&key, wants->items, n, sizeof(Want), compare) : NULL;
                if (known) {
                        /* A .network file that names it declares no device. */
                        known->remove = o->made && remove && !known->device;
                        continue;
                }
                w.remove = o->made && remove;
                w.released = !o->made;
                if (!w.remove && !w.released)
                        continue;

                r = ARRAY_RESERVE_ONE(wants->items, wants->n);
                if (r < 0)
                        return r;
                w.name = w.own_name = strdup(o->name);
                if (!w.name)
                        return -ENOMEM;
                wants->items[wants->n++] = w;
        }

        sort(wants);
        return 0;
}

static void add_protocol(uint8_t *protocols, size_t *n, uint8_t protocol) {
        if (protocol == NETDEVD_PROTOCOL || protocol == 0 || memchr(protocols, protocol, *n))
                return;
        protocols[(*n)++] = protocol;
        protocols[*n] = 0;
}

ReadOptions wants_read_options(const Wants *wants, const Owned *owned, uint8_t *protocols) {
        ReadOptions o = {
                .routes = owned->items_seen & OWNED_ROUTES,
                .nexthops = owned->items_seen & OWNED_NEXTHOPS,
                .rules = owned->items_seen & OWNED_RULES,
                .neighbors = owned->items_seen & OWNED_NEIGHBORS,
                .protocols = protocols,
        };
        size_t n_protocols = 0;

        protocols[0] = 0;
        for (size_t i = 0; i < wants->n; i++) {
                const NetworkConfig *n = wants->items[i].network;

                if (!n)
                        continue;
                o.routes = o.routes || n->n_routes > 0 ||
                           given_value(&n->given, NETWORK_DEFAULT_ROUTE_ON_DEVICE).value;
                o.nexthops = o.nexthops || n->n_nexthops > 0;
                o.rules = o.rules || n->n_rules > 0;
                o.neighbors = o.neighbors || n->n_neighbors > 0 || n->n_proxy_ndp_addresses > 0;
                o.vlans = o.vlans || n->vlans;
                o.forwarding = o.forwarding || given_value(&n->given, NETWORK_IP_FORWARD).set;
                o.ipv6_default = o.ipv6_default || n->n_addresses > 0 ||
                                 given_value(&n->given, NETWORK_LINK_LOCAL_ADDRESSING).set;
                for (size_t j = 0; j < n->n_routes; j++)
                        if (n->routes[j].protocol.set)
                                add_protocol(protocols, &n_protocols, (uint8_t) n->routes[j].protocol.value);
        }
        for (size_t i = 0; i < owned->n; i++)
                o.vlans = o.vlans || owned_setting(owned->items + i, SETTING_VLANS);
        if (wants->manage_foreign_routes) {
                o.routes = true;
                add_protocol(protocols, &n_protocols, RTPROT_BOOT);
                add_protocol(protocols, &n_protocols, RTPROT_STATIC);
        }
        o.rules = o.rules || wants->manage_foreign_rules;
        return o;
}
