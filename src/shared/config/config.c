/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* All files of the search path as one Config, and which .network file is for which link. */

#include "config.h"

#include <assert.h>
#include <string.h>

#include "config-file.h"
#include "network-index.h"

Config *config_free(Config *c) {
        if (!c)
                return NULL;

        for (size_t i = 0; i < c->n_devices; i++)
                device_config_free(c->devices[i]);
        free(c->devices);
        for (size_t i = 0; i < c->n_networks; i++)
                network_config_free(c->networks[i]);
        free(c->networks);
        strv_free(c->failed);
        network_index_free(c->index);
        for (size_t i = 0; i < c->n_skipped; i++) {
                free(c->skipped[i].file_name);
                free(c->skipped[i].text);
        }
        free(c->skipped);
        free(c);
        return NULL;
}

static int compare_by_name(const void *a, const void *b) {
        const DeviceConfig *x = *(DeviceConfig *const *) a, *y = *(DeviceConfig *const *) b;
        int r = strcmp(x->name, y->name);

        return r != 0 ? r : strcmp(x->file_name, y->file_name);
}

static int compare_by_file(const void *a, const void *b) {
        return strcmp((*(DeviceConfig *const *) a)->file_name, (*(DeviceConfig *const *) b)->file_name);
}

static int compare_networks(const void *a, const void *b) {
        return strcmp((*(NetworkConfig *const *) a)->file_name, (*(NetworkConfig *const *) b)->file_name);
}

/* Of several files with one Name= the first in file-name order wins, as in networkd. */
static void drop_duplicates(Config *c, Diagnostics *diag) {
        size_t kept = 0;

        if (c->n_devices == 0)
                return;

        qsort(c->devices, c->n_devices, sizeof(DeviceConfig *), compare_by_name);
        for (size_t i = 0; i < c->n_devices; i++) {
                DeviceConfig *d = c->devices[i], *winner = kept > 0 ? c->devices[kept - 1] : NULL;

                if (!winner || strcmp(winner->name, d->name) != 0) {
                        c->devices[kept++] = d;
                        continue;
                }

                (void) diag_add(diag, SEVERITY_WARNING, given_source(&d->given, DEVICE_NAME),
                                "give it another name, or remove the file",
                                "device '%s' is already declared by %s:%u; this file is ignored", d->name,
                                given_source(&winner->given, DEVICE_NAME)->path,
                                given_source(&winner->given, DEVICE_NAME)->line);
                device_config_free(d);
        }
        c->n_devices = kept;
        qsort(c->devices, c->n_devices, sizeof(DeviceConfig *), compare_by_file);
}

static int add_skipped(Config *c, const char *file_name, char *text) {
        _cleanup_(freep) char *owned = text;
        int r;

        r = ARRAY_RESERVE_ONE(c->skipped, c->n_skipped);
        if (r < 0)
                return r;

        c->skipped[c->n_skipped].file_name = strdup(file_name);
        if (!c->skipped[c->n_skipped].file_name)
                return -ENOMEM;
        c->skipped[c->n_skipped++].text = TAKE_PTR(owned);
        return 0;
}

static int add_device(Config *c, DeviceConfig *device) {
        _cleanup_(device_config_freep) DeviceConfig *d = device;
        int r;

        r = ARRAY_RESERVE_ONE(c->devices, c->n_devices);
        if (r >= 0)
                c->devices[c->n_devices++] = TAKE_PTR(d);
        return r;
}

static int add_network(Config *c, NetworkConfig *network) {
        _cleanup_(network_config_freep) NetworkConfig *n = network;
        int r;

        r = ARRAY_RESERVE_ONE(c->networks, c->n_networks);
        if (r >= 0)
                c->networks[c->n_networks++] = TAKE_PTR(n);
        return r;
}

/* There may be a hundred thousand of them. */
static int add_failed(Config *c, const char *file_name) {
        _cleanup_(freep) char *copy = strdup(file_name);
        int r = 0;

        if (c->n_failed > 0)
                r = ARRAY_RESERVE_ONE(c->failed, c->n_failed + 1); /* with the NULL at the end */
        else
                c->failed = calloc(2, sizeof(char *));
        if (r < 0 || !copy || !c->failed)
                return -ENOMEM;

        c->failed[c->n_failed++] = TAKE_PTR(copy);
        c->failed[c->n_failed] = NULL;
        return 0;
}

static int load_file(Config *c, const LookupFile *file, FileType type, const LoadContext *context,
                     Diagnostics *diag) {
        DeviceConfig *device = NULL;
        NetworkConfig *network = NULL;
        char *skipped = NULL;
        int r;

        r = type == FILE_NETDEV ? device_config_load(file, context, diag, &device, &skipped)
                                : network_config_load(file, context, diag, &network, &skipped);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return add_failed(c, file->name);
        if (device)
                return add_device(c, device);
        if (network)
                return add_network(c, network);
        return skipped ? add_skipped(c, file->name, skipped) : 0;
}

static int load_type(Config *c, const char *const *dirs, FileType type, const LoadContext *context,
                     Diagnostics *diag) {
        _cleanup_(lookup_freep) Lookup *lookup = NULL;
        int r;

        r = lookup_files(dirs, type == FILE_NETDEV ? ".netdev" : ".network", diag, &lookup);
        for (size_t i = 0; r >= 0 && i < lookup->n_files; i++)
                r = load_file(c, lookup->files + i, type, context, diag);
        return r;
}

static int index_networks(Config *c) {
        c->index = network_index_free(c->index);
        return network_index_new(c->networks, c->n_networks, &c->index);
}

int config_load(const char *const *dirs, const Host *host, const Settings *settings, Diagnostics *diag,
                Config **ret) {
        _cleanup_(config_freep) Config *c = calloc(1, sizeof(Config));
        LoadContext context = { host, settings };
        int r;

        assert(dirs);
        assert(host);
        assert(ret);

        if (!c)
                return -ENOMEM;

        r = load_type(c, dirs, FILE_NETDEV, &context, diag);
        if (r >= 0)
                r = load_type(c, dirs, FILE_NETWORK, &context, diag);
        if (r < 0)
                return r;

        drop_duplicates(c, diag);
        r = index_networks(c);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

static bool has_failed(const Config *c, const char *file_name) {
        for (char **f = c->failed; f && *f; f++)
                if (strcmp(*f, file_name) == 0)
                        return true;
        return false;
}

int config_inherit(Config *config, Config *previous) {
        Diagnostics ignored = {};
        int r = 0;

        config->index = network_index_free(config->index);
        for (size_t i = 0; r >= 0 && i < previous->n_devices; i++)
                if (previous->devices[i] && has_failed(config, previous->devices[i]->file_name)) {
                        r = ARRAY_RESERVE_ONE(config->devices, config->n_devices);
                        if (r >= 0)
                                config->devices[config->n_devices++] = TAKE_PTR(previous->devices[i]);
                }

        for (size_t i = 0; r >= 0 && i < previous->n_networks; i++)
                if (previous->networks[i] && has_failed(config, previous->networks[i]->file_name)) {
                        r = ARRAY_RESERVE_ONE(config->networks, config->n_networks);
                        if (r >= 0)
                                config->networks[config->n_networks++] = TAKE_PTR(previous->networks[i]);
                }

        if (config->n_networks > 0)
                qsort(config->networks, config->n_networks, sizeof(NetworkConfig *), compare_networks);
        drop_duplicates(config, &ignored);
        diag_done(&ignored);
        return r < 0 ? r : index_networks(config);
}

const DeviceConfig *config_device(const Config *c, const char *name) {
        for (size_t i = 0; i < c->n_devices; i++)
                if (strcmp(c->devices[i]->name, name) == 0)
                        return c->devices[i];
        return NULL;
}

/* By its name, or by one of its others: those are no globs either. */
static bool names_literally(const NetworkConfig *n, const LinkFacts *link) {
        if (match_names_literally(&n->match, link->name))
                return true;
        for (char *const *name = link->altnames; name && *name; name++)
                if (match_names_literally(&n->match, *name))
                        return true;
        return false;
}

/* The next file, from *position on, that may be for the link. */
static const NetworkConfig *next_candidate(const Config *c, const LinkFacts *link, size_t *position) {
        bool has_other_names = link->altnames && link->altnames[0];
        size_t i = has_other_names || !c->index ? *position
                                                : network_index_next(c->index, link->name, *position);

        if (i >= c->n_networks)
                return NULL;
        *position = i + 1;
        return c->networks[i];
}

const NetworkConfig *config_match(const Config *c, const LinkFacts *link, bool literal_only) {
        const NetworkConfig *n;
        size_t position = 0;

        while ((n = next_candidate(c, link, &position)))
                if (match_fits(&n->match, link))
                        /* The first match wins even when it is not literal: a later file never takes the
                         * link. */
                        return literal_only && !names_literally(n, link) ? NULL : n;
        return NULL;
}

bool config_needs_links(const Config *c) {
        for (size_t i = 0; i < c->n_networks; i++)
                if (match_needs_link(&c->networks[i]->match))
                        return true;
        return false;
}
