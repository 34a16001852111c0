/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl verify: the daemon's own loader and the cross checks, on whatever directory is asked for. Needs
 * no daemon and no privilege. A file is checked with all that is beside it, since that decides what it
 * means; what is not about it is left out of the list only. */

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include "config/keys.h"
#include "load.h"
#include "plan/check.h"
#include "problems.h"
#include "verify-args.h"
#include "verify-dirs.h"
#include "verify-tidy.h"

/* One set of directories, and what of it is asked for. */
typedef struct Scope {
        const char *const *dirs;
        char **names;            /* devices; or NULL */
        const VerifyFile *files; /* of dirs[0]; or NULL */
        size_t n_files;
        Config *config;
} Scope;

static bool strv_contains(char *const *list, const char *s) {
        for (; list && *list; list++)
                if (strcmp(*list, s) == 0)
                        return true;
        return false;
}

/* Whether path is the file, or one of its drop-ins. */
static bool belongs_to(const char *path, const char *file) {
        size_t n = strlen(file);

        return strncmp(path, file, n) == 0 &&
               (path[n] == 0 || strncmp(path + n, ".d/", 3) == 0 || strcmp(path + n, ".d") == 0);
}

/* Whether the text speaks of this device. */
static bool mentions(const char *text, const char *name) {
        size_t n = strlen(name);

        for (const char *s = strstr(text, name); s; s = strstr(s + 1, name))
                if ((s == text || !isalnum((unsigned char) s[-1])) && !isalnum((unsigned char) s[n]))
                        return true;
        return false;
}

static const char *base_of(const char *path) {
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

/* Whether a problem concerns a device: by its files, or because its text does. A file that could not be
 * loaded may be about any device. */
static bool concerns(const Diagnostic *d, const Config *c, const char *name) {
        const DeviceConfig *device = config_device(c, name);
        LinkFacts facts = check_link_facts(name, device);

        if (!d->path || mentions(d->text, name) || (device && strv_contains(device->files, d->path)))
                return true;
        for (size_t i = 0; i < c->n_networks; i++)
                if (strv_contains(c->networks[i]->files, d->path) &&
                    match_fits(&c->networks[i]->match, &facts))
                        return true;
        for (char **f = c->failed; f && *f; f++)
                if (strcmp(*f, base_of(d->path)) == 0)
                        return true;
        return false;
}

static bool is_asked_for(const Diagnostic *d, const Scope *s) {
        if (!s->names && !s->files)
                return true;
        for (size_t i = 0; i < s->n_files; i++)
                if (d->path && (belongs_to(d->path, s->files[i].path) || strcmp(d->path, s->dirs[0]) == 0))
                        return true;
        for (char **n = s->names; n && *n; n++)
                if (!s->config || concerns(d, s->config, *n))
                        return true;
        return false;
}

static void take(Diagnostics *to, Diagnostics *from, const Scope *s) {
        Diagnostics rest = {};

        for (size_t i = 0; i < from->n; i++)
                diag_move_one(is_asked_for(from->items + i, s) ? to : &rest, from->items + i);
        to->dropped += from->dropped;
        from->n = 0;
        diag_done(from);
        diag_done(&rest);
}

/* What is no mistake, but the answer to why nothing is said about a file that was asked for. */
static void note_unused(const VerifyFile *f, const Config *c, Diagnostics *diag) {
        const Source source = { .path = f->path };
        struct stat st;

        if (stat(f->path, &st) == 0 && (S_ISCHR(st.st_mode) || (S_ISREG(st.st_mode) && st.st_size == 0)))
                (void) diag_add(diag, SEVERITY_NOTICE, &source, NULL,
                                "is empty: it declares nothing, and hides the files of this name in "
                                "directories "
                                "further down");
        for (size_t i = 0; i < c->n_skipped; i++)
                if (strcmp(c->skipped[i].file_name, base_of(f->path)) == 0)
                        (void) diag_add(diag, SEVERITY_NOTICE, &source, NULL,
                                        "is not used on this machine: %s", c->skipped[i].text);
}

static void check_name(const char *name, const Config *c, const Wants *wants, Diagnostics *diag) {
        _cleanup_(freep) char *hint = NULL;
        const char *near = NULL;
        char **names = NULL;

        if (wants_find(wants, name))
                return;
        for (size_t i = 0; i < wants->n; i++)
                if (strv_append(&names, wants->items[i].name) < 0)
                        break;
        near = suggest(name, names);
        if (near && asprintf(&hint, "did you mean '%s'?", near) < 0)
                hint = NULL;
        if (c->failed)
                (void) diag_add(diag, SEVERITY_ERROR, NULL,
                                "correct the files that could not be loaded first",
                                "no file that could be loaded declares '%s'", name);
        else
                (void) diag_add(diag, SEVERITY_ERROR, NULL,
                                hint ?: "write a .netdev file with [NetDev] Name=", "no file declares '%s'",
                                name);
        strv_free(names);
}

/* Adds what is found to *ret. Returns 0, also when the files are bad, or -ENOMEM. */
static int check_scope(const Environment *e, Scope *s, const CheckMachine *machine, Diagnostics *ret) {
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(wants_done) Wants wants = {};
        int r;

        r = config_load(s->dirs, e->host, e->settings, &diag, &config);
        s->config = config;
        if (r >= 0) {
                r = wants_build(config, e->settings, NULL, &e->resolver, &diag, &wants);
                if (r >= 0)
                        r = config_check(config, &wants, e->settings, machine, &diag);
                if (r >= 0)
                        r = verify_dirs(s->dirs, &diag);
                for (size_t i = 0; r >= 0 && i < s->n_files; i++)
                        note_unused(s->files + i, config, &diag);
                for (char **n = s->names; r >= 0 && n && *n; n++)
                        check_name(*n, config, &wants, &diag);
        }

        take(ret, &diag, s);
        s->config = NULL;
        return r == -ENOMEM ? r : 0;
}

static int check_files_of(const Environment *e, const VerifyArgs *a, const CheckMachine *machine,
                          Diagnostics *diag) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < a->n_files; i++) {
                const char *dirs[] = { a->files[i].dir, NULL };
                Scope s = { .dirs = dirs };

                /* They are sorted, so those of one directory lie together. */
                while (i + s.n_files < a->n_files && strcmp(a->files[i + s.n_files].dir, dirs[0]) == 0)
                        s.n_files++;
                s.files = a->files + i;
                r = check_scope(e, &s, machine, diag);
                i += s.n_files - 1;
        }
        return r;
}

static int check_settings_of(const VerifyArgs *a, Diagnostics *diag) {
        int r = 0;

        for (char **d = a->settings; r >= 0 && d && *d; d++) {
                const char *dirs[] = { *d, NULL };
                _cleanup_(settings_freep) Settings *settings = NULL;

                r = settings_load(dirs, diag, &settings);
        }
        return r;
}

/* A directory that is missing is no mistake where it may be missing, but one that was typed is. */
static void check_typed_dirs(char *const *dirs, Diagnostics *diag) {
        struct stat st;

        for (; dirs && *dirs; dirs++)
                if (stat(*dirs, &st) < 0 && errno == ENOENT)
                        (void) diag_add(diag, SEVERITY_ERROR, &(Source){ .path = *dirs },
                                        "correct --config-dir=", "there is no such directory");
}

static int check_all(Environment *e, const VerifyArgs *a, const Options *o, Diagnostics *diag) {
        const char *const *dirs = a->dirs ? (const char *const *) a->dirs : environment_dirs(e, o);
        Scope s = { .dirs = dirs, .names = a->names };
        CheckMachine machine;
        int r = 0;

        check_machine_read(&machine);
        check_typed_dirs(o->config_dirs, diag);
        if (a->dirs || a->names || (a->n_files == 0 && !a->settings))
                r = check_scope(e, &s, &machine, diag);
        if (r >= 0)
                r = check_files_of(e, a, &machine, diag);
        if (r >= 0)
                r = check_settings_of(a, diag);

        /* netdevd.conf is part of what is checked where nothing else is asked for. */
        if (!a->dirs && !o->config_dirs && a->n_files == 0 && !a->settings && !a->names)
                diag_move(diag, &e->diagnostics);
        return r;
}

static int status_of(const Diagnostics *diag, bool strict) {
        for (size_t i = 0; i < diag->n; i++)
                if (problem_severity(diag->items + i) <= (strict ? SEVERITY_WARNING : SEVERITY_ERROR))
                        return CTL_FAILED;
        return diag->dropped > 0 ? CTL_FAILED : CTL_GOOD;
}

const char verb_verify_help[] =
                "Checks files, and prints nothing when all is good: what the daemon would read,\n"
                "or what is named. A FILE is checked as if its directory were the only one, a\n"
                "DIR in place of those of the daemon; a NAME is a device. Each problem is one\n"
                "line, PATH:LINE: SEVERITY: what is wrong; what to do.\n\n"
                "Needs neither the daemon nor any privilege. Exits with 1 when there is an\n"
                "error, with --strict also when there is a warning.";

int verb_verify(char **args, const Options *options) {
        _cleanup_(environment_done) Environment e = {};
        _cleanup_(verify_args_done) VerifyArgs a = {};
        _cleanup_(diag_done) Diagnostics diag = {};
        int r;

        r = verify_args_parse(args, &a);
        if (r == -EINVAL)
                return CTL_FAILED; /* it said why */
        if (r >= 0 && environment_read(&e) < 0)
                return CTL_FAILED;
        if (r >= 0)
                r = check_all(&e, &a, options, &diag);
        verify_tidy(&diag);
        diag_sort(&diag);
        if (r >= 0 && options->json != JSON_OFF)
                r = problems_print_json(&diag, options->json);
        else if (r >= 0)
                problems_print(stdout, &diag, SEVERITY_NOTICE);
        return r < 0 ? ctl_error(r, "cannot check the files") : status_of(&diag, options->strict);
}
