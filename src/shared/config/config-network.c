/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One .network file: each assignment to the table of its section, sections that are objects one by one. */

#include <string.h>

#include "config-file.h"
#include "config-objects.h"

NetworkConfig *network_config_free(NetworkConfig *n) {
        if (!n)
                return NULL;

        free(n->file_name);
        free(n->files);
        match_done(&n->match);
        free(n->description);
        free(n->bridge);
        free(n->vrf);
        strv_free(n->bind_carrier);
        free(n->proxy_ndp_addresses);
        given_done(&n->given);
        free(n->vlans);
        for (ObjectKind kind = 0; kind < _OBJECT_KIND_MAX; kind++)
                objects_clear(n, kind);
        free(n);
        return NULL;
}

typedef struct NetworkLoad {
        ObjectContext context;
        Conditions conditions;
        const Settings *settings;
        const IniSection *section; /* the object that is being read; NULL: none */
        ObjectKind kind;
        ObjectDraft draft;
        Source header; /* of the section */
        bool broken;   /* a bad line has cost it */
} NetworkLoad;

static ObjectKind object_kind(const char *section) {
        for (ObjectKind kind = 0; kind < _OBJECT_KIND_MAX; kind++)
                if (strcmp(object_types[kind].section, section) == 0)
                        return kind;
        return _OBJECT_KIND_MAX;
}

static bool is_single(const char *section) {
        static const char *const names[] = { "Match", "Link", "Network", "Bridge", "BridgeVLAN" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strcmp(names[i], section) == 0)
                        return true;
        return false;
}

static void drop_object(NetworkLoad *load) {
        const ObjectType *type = object_types + load->kind;

        if (load->section && type->done)
                type->done(&load->draft);
        load->draft = (ObjectDraft){};
        load->section = NULL;
}

/* What stood in the last section is complete. */
static int end_object(NetworkLoad *load) {
        int r = 0;

        if (load->section && !load->broken)
                r = object_finish(&load->context, load->kind, &load->draft);
        drop_object(load);
        return r;
}

static void begin_object(NetworkLoad *load, const Assignment *a, const IniSection *section) {
        load->section = section;
        load->broken = false;
        load->header = (Source){ a->source.path, section->line, object_types[load->kind].section, NULL };

        /* Wherever the object keeps it; what is read begins with what is kept. */
        *(Source *) ((char *) &load->draft + object_types[load->kind].source) = load->header;
}

static void report_key(NetworkLoad *load, const Assignment *a) {
        bool b;

        /* To switch off what we do not do leaves nothing out. */
        if (strcmp(a->source.section, "Network") == 0 &&
            networkd_has_key(FILE_NETWORK, "Network", a->source.key) && parse_boolean(a->value, &b) >= 0 &&
            !b)
                return;

        key_report_key(FILE_NETWORK, &a->source, &load->context.left_out, a->diag);
}

static int apply_to_object(NetworkLoad *load, const Assignment *a, const IniSection *section) {
        const Key *key = key_find(object_types[load->kind].keys, section->name, a->source.key);
        Source ignored; /* the object keeps its own */
        int r;

        if (load->section && load->broken)
                return 0; /* spoken of */
        if (!key) {
                report_key(load, a);
                return 0;
        }
        if (!load->section)
                begin_object(load, a, section);

        r = key_apply(key, a, &load->draft, &ignored);
        if (r == 0 && !(key->flags & KEY_LINE_ONLY))
                load->broken = true;
        return r;
}

static int apply_to_match(NetworkLoad *load, const Assignment *a) {
        NetworkConfig *n = load->context.network;
        const Key *key = key_find(condition_keys, "Match", a->source.key);
        Source ignored;

        if (key)
                return key_apply(key, a, &load->conditions, &ignored);

        key = key_find(network_match_keys, "Match", a->source.key);
        if (key)
                return match_apply(key, a, &n->match);

        report_key(load, a);
        return 0;
}

/* A plain integer. */
static int apply_value(NetworkConfig *n, const Key *key, const Assignment *a) {
        Optional value = given_value(&n->given, key->source);
        Source source;
        int r;

        r = key_apply(key, a, &value, &source);
        if (r <= 0)
                return r;
        if (!value.set)
                source = (Source){};
        r = given_set_value(&n->given, key->source, value);
        return r < 0 ? r : given_set_source(&n->given, key->source, &source);
}

static int apply_vlans(NetworkConfig *n, const Key *key, const Assignment *a, const IniSection *section) {
        Source ignored;
        int r;

        n->vlans = n->vlans ?: calloc(1, sizeof(BridgeVlanConfig));
        if (!n->vlans)
                return -ENOMEM;

        r = key_apply(key, a, n->vlans, &ignored);
        if (r > 0 && n->vlans->given && !n->vlans->source.path)
                n->vlans->source = (Source){ a->source.path, section->line, "BridgeVLAN", NULL };
        return r;
}

static int apply_single(NetworkLoad *load, const Assignment *a, const IniSection *section) {
        NetworkConfig *n = load->context.network;
        const Key *key = key_find(network_link_keys, section->name, a->source.key);
        Source source;
        int r;

        if (!key) {
                report_key(load, a);
                return 0;
        }

        if (strcmp(section->name, "BridgeVLAN") == 0)
                return apply_vlans(n, key, a, section);
        if (key->source >= NETWORK_LINK_GROUP)
                return apply_value(n, key, a);

        r = key_apply(key, a, n, &source);
        if (r > 0 && key->source >= 0)
                r = given_set_source(&n->given, key->source, &source);
        return r;
}

static int apply_assignment(const Assignment *assignment, const IniSection *section, void *userdata) {
        NetworkLoad *load = userdata;
        Assignment a = *assignment;
        ObjectKind kind;
        int r;

        a.settings = load->settings;
        a.context = &load->context;

        if (load->section && load->section != section) {
                r = end_object(load);
                if (r < 0)
                        return r;
        }

        kind = object_kind(section->name);
        if (kind < _OBJECT_KIND_MAX) {
                load->kind = kind;
                a.object = &load->header;
                r = apply_to_object(load, &a, section);
        } else if (strcmp(section->name, "Match") == 0)
                r = apply_to_match(load, &a);
        else if (is_single(section->name))
                r = apply_single(load, &a, section);
        else
                r = 0; /* spoken of once, at its header */
        return r < 0 ? r : 0;
}

static void report_section(const Source *section, void *userdata) {
        NetworkLoad *load = userdata;
        Source *match = &load->context.network->match_source;

        if (!match->path && strcmp(section->section, "Match") == 0)
                *match = (Source){ section->path, section->line, "Match", NULL };
        if (!is_single(section->section) && object_kind(section->section) == _OBJECT_KIND_MAX)
                key_report_section(FILE_NETWORK, section, &load->context.left_out, load->context.diag);
}

static NetworkConfig *network_new(const char *file_name) {
        NetworkConfig *n = calloc(1, sizeof(NetworkConfig));

        if (!n)
                return NULL;

        n->required_for_online = true;
        n->online_min = ONLINE_DEGRADED;
        n->online_max = ONLINE_ROUTABLE;
        n->file_name = strdup(file_name);
        return n->file_name ? n : network_config_free(n);
}

static int read_all(NetworkLoad *load, const FileSet *set) {
        int r;

        file_set_each_section(set, report_section, load);
        r = file_set_each(set, load->context.diag, apply_assignment, load);
        if (r >= 0)
                r = end_object(load);
        drop_object(load);
        return r;
}

/* As in networkd, and unlike its man page: no [Match] means no file, not every link. */
static int refuse(const NetworkConfig *n, Diagnostics *diag) {
        Source source = { n->files ? n->files[0] : n->file_name, 0, "Match", NULL };

        (void) diag_add(diag, SEVERITY_ERROR, &source, "write [Match] with Name=; Name=* matches every link",
                        "no usable [Match]; the file is ignored");
        return -EBADMSG;
}

static int complete(NetworkLoad *load, const LoadContext *context, char **ret_skipped) {
        ObjectContext *c = &load->context;
        int r;

        if (match_is_empty(&c->network->match) && !conditions_are_given(&load->conditions))
                return refuse(c->network, c->diag);

        r = file_conditions_hold(&load->conditions, context->host, ret_skipped);
        if (r <= 0)
                return r;

        r = network_check(c);
        if (r < 0)
                return r;
        left_out_report(&c->left_out, c->diag);
        given_trim(&c->network->given);
        return 1;
}

int network_config_load(const LookupFile *file, const LoadContext *context, Diagnostics *diag,
                        NetworkConfig **ret, char **ret_skipped) {
        _cleanup_(network_config_freep) NetworkConfig *n = NULL;
        _cleanup_(file_set_done) FileSet set = {};
        NetworkLoad load = { .context.diag = diag, .settings = context->settings };
        int r;

        r = file_set_read(file, diag, &set);
        if (r <= 0)
                return r;

        n = load.context.network = network_new(file->name);
        if (!n)
                return -ENOMEM;

        r = read_all(&load, &set);
        if (r >= 0) {
                n->files = TAKE_PTR(set.paths); /* the sources point into it */
                r = complete(&load, context, ret_skipped);
        }
        conditions_done(&load.conditions);
        if (r <= 0)
                return r;

        *ret = TAKE_PTR(n);
        return 1;
}
