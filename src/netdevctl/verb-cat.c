/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl cat: files as they lie on the disk, read here. A file that cannot be loaded is shown all the
 * same, so what counts are the names in the directories, not what the loaders made of them. */

#include <string.h>

#include "base/escape.h"
#include "config/lookup.h"
#include "json.h"
#include "load.h"
#include "look.h"

const char verb_cat_help[] =
                "Prints the files of these devices: the .netdev and the .network file, each\n"
                "with its drop-ins, in the order in which they count, and each below a comment\n"
                "with its path. Instead of a device a file may be named: netdevd.conf, or one\n"
                "like 10-vpn0.network. Without an argument all files are printed.\n\n"
                "Reads the files itself: it needs no daemon, and finds files that cannot be\n"
                "loaded by their names.";

typedef struct Files {
        Lookup *settings, *netdevs, *networks;
        Config *config;
        Wants wants;
} Files;

static void files_done(Files *f) {
        lookup_free(f->settings);
        lookup_free(f->netdevs);
        lookup_free(f->networks);
        wants_done(&f->wants);
        config_free(f->config);
}

static int files_read(const Environment *e, const Options *options, Files *ret) {
        _cleanup_(diag_done) Diagnostics diag = {};
        const char *const *dirs = environment_dirs(e, options);
        int r = lookup_named(settings_default_dirs, "netdevd.conf", &diag, &ret->settings);

        if (r >= 0)
                r = lookup_files(dirs, ".netdev", &diag, &ret->netdevs);
        if (r >= 0)
                r = lookup_files(dirs, ".network", &diag, &ret->networks);
        if (r >= 0)
                r = config_load(dirs, e->host, e->settings, &diag, &ret->config);
        if (r >= 0)
                r = wants_build(ret->config, e->settings, NULL, &e->resolver, &diag, &ret->wants);
        return r;
}

static const LookupFile *find(const Lookup *l, const char *name) {
        for (size_t i = 0; l && name && i < l->n_files; i++)
                if (strcmp(l->files[i].name, name) == 0)
                        return l->files + i;
        return NULL;
}

static int add_paths(const LookupFile *file, char ***paths) {
        int r = 0;

        if (file && file->path)
                r = strv_append(paths, file->path);
        for (char **i = file ? file->dropins : NULL; r >= 0 && i && *i; i++)
                r = strv_append(paths, *i);
        return r;
}

static int add_all(const Lookup *l, char ***paths) {
        int r = 0;

        for (size_t i = 0; r >= 0 && l && i < l->n_files; i++)
                r = add_paths(l->files + i, paths);
        return r;
}

static void no_such(const Files *f, const char *name) {
        (void) ctl_error(0, "no file declares or names '%s', and none is called so", name);
        for (char **i = f->config->failed; i && *i; i++)
                ctl_note("netdevctl: %s could not be loaded, maybe it is there; see 'netdevctl verify'", *i);
}

/* Returns 0, -ENOENT after saying so, or -ENOMEM. */
static int add_named(const Files *f, const char *name, char ***paths) {
        const Want *want = wants_find(&f->wants, name);
        const LookupFile *file = find(f->settings, name) ?: find(f->netdevs, name) ?: find(f->networks, name);
        int r;

        if (file)
                return add_paths(file, paths);
        if (!want || (!want->device && !want->network)) {
                no_such(f, name);
                return -ENOENT;
        }
        r = add_paths(want->device ? find(f->netdevs, want->device->file_name) : NULL, paths);
        if (r >= 0 && want->network)
                r = add_paths(find(f->networks, want->network->file_name), paths);
        return r;
}

/* On a terminal nothing but text gets through; tabs are. */
static int print_escaped(char *text) {
        for (char *part, *rest = text; (part = strsep(&rest, "\t"));) {
                _cleanup_(freep) char *escaped = text_escape(part, SIZE_MAX);

                if (!escaped)
                        return -ENOMEM;
                printf("%s%s", escaped, rest ? "\t" : "");
        }
        return 0;
}

static int print_contents(FILE *file) {
        bool fancy = ctl_is_fancy(STDOUT_FILENO);
        _cleanup_(freep) char *text = NULL;
        size_t room = 0;
        ssize_t n;
        int r = 0;

        while (r >= 0 && (n = getline(&text, &room, file)) >= 0) {
                if (!fancy) {
                        (void) fwrite(text, 1, (size_t) n, stdout);
                        continue;
                }
                text[strcspn(text, "\n")] = 0;
                r = print_escaped(text);
                puts("");
        }
        return r;
}

static int print_file(const char *path, bool first) {
        _cleanup_(fclosep) FILE *file = fopen(path, "re");
        _cleanup_(freep) char *shown = text_escape(path, SIZE_MAX);
        bool fancy = ctl_is_fancy(STDOUT_FILENO);

        if (!file)
                return ctl_error(errno, "cannot read %s", path);
        printf("%s%s# %s%s\n", first ? "" : "\n", fancy ? "\033[0;34m" : "", shown ?: "",
               fancy ? LOOK_RESET : "");
        return print_contents(file) < 0 ? CTL_FAILED : CTL_GOOD;
}

/* One object a file. */
static int print_json(char *const *paths, JsonMode mode) {
        struct json_object *list = json_object_new_array();
        int status = CTL_GOOD;

        for (; list && paths && *paths; paths++) {
                _cleanup_(fclosep) FILE *file = fopen(*paths, "re");
                _cleanup_(freep) char *text = NULL, *path = text_escape(*paths, SIZE_MAX);
                struct json_object *o = json_object_new_object();
                size_t room = 0;

                if (!file)
                        status = ctl_error(errno, "cannot read %s", *paths);
                else if (getdelim(&text, &room, 0, file) < 0 && ferror(file))
                        status = ctl_error(errno, "cannot read %s", *paths);
                if (!o)
                        break;
                json_add_string(o, "Path", path);
                json_add_string(o, "Contents", file ? text ?: "" : NULL);
                (void) json_object_array_add(list, o);
        }
        return json_print(list, mode) < 0 ? CTL_FAILED : status;
}

static int print_all(char *const *paths, const Options *options) {
        int status = CTL_GOOD;

        if (options->json != JSON_OFF)
                return print_json(paths, options->json);
        for (char *const *i = paths; i && *i; i++)
                if (print_file(*i, i == paths) != CTL_GOOD)
                        status = CTL_FAILED;
        return status;
}

int verb_cat(char **args, const Options *options) {
        _cleanup_(environment_done) Environment e = {};
        _cleanup_(files_done) Files f = {};
        _cleanup_(strv_freep) char **paths = NULL;
        bool missing = false;
        int r, status;

        if (environment_read(&e) < 0)
                return CTL_FAILED;
        r = files_read(&e, options, &f);
        if (r >= 0 && !*args) {
                r = add_all(f.settings, &paths);
                if (r >= 0)
                        r = add_all(f.netdevs, &paths);
                if (r >= 0)
                        r = add_all(f.networks, &paths);
        }
        for (; r >= 0 && *args; args++) {
                r = add_named(&f, *args, &paths);
                missing = missing || r == -ENOENT;
                r = r == -ENOENT ? 0 : r;
        }
        if (r < 0)
                return ctl_error(r, "cannot find the files");

        status = print_all(paths, options);
        return missing ? CTL_FAILED : status;
}
