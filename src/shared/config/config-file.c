/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A main file and its drop-ins, read as one: all of them or none. */

#include "config-file.h"

#include <string.h>

void file_set_done(FileSet *set) {
        for (size_t i = 0; i < set->n; i++)
                ini_free(set->inis[i]);
        free(set->inis);
        set->paths = strv_free(set->paths);
        set->inis = NULL;
        set->n = 0;
}

static int read_one(FileSet *set, const char *path, Diagnostics *diag) {
        _cleanup_(ini_freep) IniFile *ini = NULL;
        int r;

        r = ini_read(path, diag, &ini);
        if (r < 0)
                return r;

        r = ARRAY_RESERVE_ONE(set->inis, set->n);
        if (r >= 0)
                r = strv_append(&set->paths, path);
        if (r < 0)
                return r;

        set->inis[set->n++] = TAKE_PTR(ini);
        return 0;
}

int file_set_read(const LookupFile *file, Diagnostics *diag, FileSet *ret) {
        _cleanup_(file_set_done) FileSet set = {};
        int r;

        /* Without a path the main file is also one of the drop-ins, and counts there. */
        if (file->path) {
                r = read_one(&set, file->path, diag);
                if (r == -ENOENT)
                        return 0;
                if (r < 0)
                        return r;
        }

        for (char **d = file->dropins; d && *d; d++) {
                r = read_one(&set, *d, diag);
                if (r < 0 && r != -ENOENT)
                        return r;
        }

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

int key_apply(const Key *key, const Assignment *a, void *object, Source *sources) {
        int r;

        r = key->parse(a, (char *) object + key->offset, object);
        if (r <= 0)
                return r;

        /* section and key are the table's own: they outlive the file. */
        if (key->source >= 0)
                sources[key->source] = (Source){ a->source.path, a->source.line, key->section, key->name };
        return 0;
}
