/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* All files of the search path as one Config, and which .network file is for which link. */

#include "config.h"

#include <assert.h>
#include <fnmatch.h>
#include <string.h>

#include "config-file.h"

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

                (void) diag_add(diag, SEVERITY_WARNING, d->sources + DEVICE_NAME,
                                "give it another name, or remove the file",
                                "device '%s' is already declared by %s:%u; this file is ignored", d->name,
                                winner->sources[DEVICE_NAME].path, winner->sources[DEVICE_NAME].line);
                device_config_free(d);
        }
        c->n_devices = kept;
        qsort(c->devices, c->n_devices, sizeof(DeviceConfig *), compare_by_file);
}

static int add_device(Config *c, const LookupFile *file, Diagnostics *diag) {
        _cleanup_(device_config_freep) DeviceConfig *d = NULL;
        int r;

        r = device_config_load(file, diag, &d);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return strv_append(&c->failed, file->name);
        if (r == 0)
                return 0;

        r = ARRAY_RESERVE_ONE(c->devices, c->n_devices);
        if (r >= 0)
                c->devices[c->n_devices++] = TAKE_PTR(d);
        return r;
}

static int add_network(Config *c, const LookupFile *file, Diagnostics *diag) {
        _cleanup_(network_config_freep) NetworkConfig *n = NULL;
        int r;

        r = network_config_load(file, diag, &n);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return strv_append(&c->failed, file->name);
        if (r == 0)
                return 0;

        r = ARRAY_RESERVE_ONE(c->networks, c->n_networks);
        if (r >= 0)
                c->networks[c->n_networks++] = TAKE_PTR(n);
        return r;
}

static int load_type(Config *c, const char *const *dirs, const char *suffix,
                     int (*add)(Config *c, const LookupFile *file, Diagnostics *diag), Diagnostics *diag) {
        _cleanup_(lookup_freep) Lookup *lookup = NULL;
        int r;

        r = lookup_files(dirs, suffix, diag, &lookup);
        for (size_t i = 0; r >= 0 && i < lookup->n_files; i++)
                r = add(c, lookup->files + i, diag);
        return r;
}

int config_load(const char *const *dirs, Diagnostics *diag, Config **ret) {
        _cleanup_(config_freep) Config *c = calloc(1, sizeof(Config));
        int r;

        assert(dirs);
        assert(ret);

        if (!c)
                return -ENOMEM;

        r = load_type(c, dirs, ".netdev", add_device, diag);
        if (r >= 0)
                r = load_type(c, dirs, ".network", add_network, diag);
        if (r < 0)
                return r;

        drop_duplicates(c, diag);
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
        return r;
}

const DeviceConfig *config_device(const Config *c, const char *name) {
        for (size_t i = 0; i < c->n_devices; i++)
                if (strcmp(c->devices[i]->name, name) == 0)
                        return c->devices[i];
        return NULL;
}

bool network_config_matches(const NetworkConfig *n, const char *name) {
        bool positive = false, hit = false;

        if (n->match_unusable)
                return false;

        for (size_t i = 0; i < n->n_match_names; i++) {
                const MatchWord *w = n->match_names + i;
                bool fits = w->literal ? strcmp(w->glob, name) == 0 : fnmatch(w->glob, name, 0) == 0;

                if (w->negative && fits)
                        return false;
                if (!w->negative) {
                        positive = true;
                        hit = hit || fits;
                }
        }

        return hit || !positive;
}

static bool names_literally(const NetworkConfig *n, const char *name) {
        for (size_t i = 0; i < n->n_match_names; i++)
                if (n->match_names[i].literal && strcmp(n->match_names[i].glob, name) == 0)
                        return true;
        return false;
}

const NetworkConfig *config_match(const Config *c, const char *name, bool literal_only) {
        for (size_t i = 0; i < c->n_networks; i++)
                if (network_config_matches(c->networks[i], name)) {
                        /* The first match wins even when it is not literal: a later file never takes the
                         * link. */
                        if (literal_only && !names_literally(c->networks[i], name))
                                return NULL;
                        return c->networks[i];
                }
        return NULL;
}
