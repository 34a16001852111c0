/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A main file and its drop-ins, read as one: all of them or none. */

#include "config-file.h"

#include <string.h>

void file_set_done(FileSet *set) {
        for (size_t i = 0; i < set->n; i++)
                ini_free(set->inis[i]);
        free(set->inis);
        free(set->paths);
        *set = (FileSet){};
}

static int read_one(FileSet *set, const char *path, Diagnostics *diag, char ***paths) {
        _cleanup_(ini_freep) IniFile *ini = NULL;
        int r;

        r = ini_read(path, diag, &ini);
        if (r < 0)
                return r;

        r = ARRAY_RESERVE_ONE(set->inis, set->n);
        if (r >= 0)
                r = strv_append(paths, path);
        if (r < 0)
                return r;

        set->inis[set->n++] = TAKE_PTR(ini);
        return 0;
}

int file_set_read(const LookupFile *file, Diagnostics *diag, FileSet *ret) {
        _cleanup_(strv_freep) char **paths = NULL;
        _cleanup_(file_set_done) FileSet set = {};
        int r;

        /* Without a path the main file is also one of the drop-ins, and counts there. */
        if (file->path) {
                r = read_one(&set, file->path, diag, &paths);
                if (r == -ENOENT)
                        return 0;
                if (r < 0)
                        return r;
        }

        for (char **d = file->dropins; d && *d; d++) {
                r = read_one(&set, *d, diag, &paths);
                if (r < 0 && r != -ENOENT)
                        return r;
        }

        set.paths = strv_pack(paths);
        if (!set.paths)
                return -ENOMEM;

        *ret = set;
        set = (FileSet){};
        return 1;
}

int file_set_each(const FileSet *set, Diagnostics *diag, AssignmentHandler handler, void *userdata) {
        int r;

        for (size_t i = 0; i < set->n; i++)
                for (size_t j = 0; j < set->inis[i]->n_assignments; j++) {
                        const IniAssignment *ia = set->inis[i]->assignments + j;
                        const IniSection *section = set->inis[i]->sections + ia->section;
                        Assignment a = {
                                .source = { set->paths[i], ia->line, section->name, ia->key },
                                .value = ia->value,
                                .diag = diag,
                        };

                        r = handler(&a, section, userdata);
                        if (r < 0)
                                return r;
                }

        return 0;
}

void file_set_each_section(const FileSet *set, void (*handler)(const Source *section, void *userdata),
                           void *userdata) {
        for (size_t i = 0; i < set->n; i++)
                for (size_t j = 0; j < set->inis[i]->n_sections; j++) {
                        const IniSection *section = set->inis[i]->sections + j;
                        Source source = { set->paths[i], section->line, section->name, NULL };

                        handler(&source, userdata);
                }
}

static int parse_condition(const Assignment *a, void *field _unused_, void *object) {
        int r = conditions_set(object, condition_type_from_string(a->key->name), a->value, &a->source,
                               a->diag);

        return r < 0 ? r : 1;
}

const Key condition_keys[] = {
        { "Match", "Host", parse_condition, 0, -1 },
        { "Match", "Virtualization", parse_condition, 0, -1 },
        { "Match", "KernelCommandLine", parse_condition, 0, -1 },
        { "Match", "KernelVersion", parse_condition, 0, -1 },
        { "Match", "Credential", parse_condition, 0, -1 },
        { "Match", "Architecture", parse_condition, 0, -1 },
        { "Match", "Firmware", parse_condition, 0, -1 },
        {},
};

int file_conditions_hold(const Conditions *conditions, const Host *host, char **ret_skipped) {
        const Condition *failed;
        char *text;

        if (conditions_hold(conditions, host, &failed))
                return 1;

        if (asprintf(&text, "%s:%u: condition %s=%s does not hold on this machine", failed->source.path,
                     failed->source.line, failed->source.key, failed->value) < 0)
                return -ENOMEM;
        *ret_skipped = text;
        return 0;
}

int key_apply(const Key *key, const Assignment *a, void *object, Source *ret_source) {
        Assignment keyed = *a;
        int r;

        keyed.key = key;
        if (key->flags & KEY_LINE_ONLY)
                keyed.object = NULL;

        r = key->parse(&keyed, (char *) object + key->offset, object);
        /* section and key are the table's own: they outlive the file. */
        if (r > 0)
                *ret_source = *a->value ? (Source){ a->source.path, a->source.line, key->section, key->name }
                                        : (Source){};
        return r;
}

const Key *const *config_key_tables(FileType type) {
        static const Key *const netdev_tables[] = { condition_keys, device_keys, NULL };
        static const Key *const network_tables[] = { condition_keys, network_match_keys, network_link_keys,
                                                     address_keys,   route_keys,         nexthop_keys,
                                                     rule_keys,      neighbor_keys,      NULL };

        return type == FILE_NETDEV ? netdev_tables : network_tables;
}
