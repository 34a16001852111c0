/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A name that is no file and could be none is a device; what looks like a path has to be there. */

#include "verify-args.h"

#include <string.h>
#include <sys/stat.h>

#include "config/values.h"

static bool ends_with(const char *s, const char *suffix) {
        size_t n = strlen(s), k = strlen(suffix);

        return n > k && strcmp(s + n - k, suffix) == 0;
}

static bool is_main_name(const char *name) {
        return ends_with(name, ".netdev") || ends_with(name, ".network");
}

static bool is_dropin_dir(const char *name) {
        return ends_with(name, ".netdev.d") || ends_with(name, ".network.d");
}

void verify_args_done(VerifyArgs *a) {
        strv_free(a->dirs);
        strv_free(a->names);
        strv_free(a->settings);
        for (size_t i = 0; i < a->n_files; i++) {
                free(a->files[i].dir);
                free(a->files[i].path);
        }
        free(a->files);
        *a = (VerifyArgs){};
}

/* The part of a path before its last slash: "." when there is none. */
static char *dir_of(const char *path) {
        const char *slash = strrchr(path, '/');

        if (!slash)
                return strdup(".");
        return slash == path ? strdup("/") : strndup(path, (size_t) (slash - path));
}

static const char *base_of(const char *path) {
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

static int add_file(VerifyArgs *a, const char *dir, const char *below) {
        VerifyFile f = { .dir = strdup(dir) };

        if (!f.dir || asprintf(&f.path, "%s/%s", dir, below) < 0 ||
            ARRAY_RESERVE_ONE(a->files, a->n_files) < 0) {
                free(f.dir);
                return -ENOMEM;
        }
        a->files[a->n_files++] = f;
        return 0;
}

static int add_dropin(VerifyArgs *a, const char *dir, const char *name) {
        _cleanup_(freep) char *top = dir_of(dir), *below = NULL;

        if (!top || asprintf(&below, "%s/%s", base_of(dir), name) < 0)
                return -ENOMEM;
        return add_file(a, top, below);
}

static int parse_file(VerifyArgs *a, const char *path) {
        _cleanup_(freep) char *dir = dir_of(path), *parent = NULL;
        const char *name = base_of(path);

        if (!dir)
                return -ENOMEM;
        if (is_main_name(name))
                return add_file(a, dir, name);
        if (ends_with(name, ".conf") && is_dropin_dir(base_of(dir)))
                return add_dropin(a, dir, name);
        if (strcmp(name, "netdevd.conf") == 0)
                return strv_append(&a->settings, dir);
        if (ends_with(name, ".conf") && strcmp(base_of(dir), "netdevd.conf.d") == 0) {
                parent = dir_of(dir);
                return parent ? strv_append(&a->settings, parent) : -ENOMEM;
        }

        (void) ctl_error(0, "%s is not read by netdevd: the name must end in .netdev or .network", path);
        return -EINVAL;
}

/* A drop-in directory stands for its file: so a shell's * does what is meant. */
static int parse_dir(VerifyArgs *a, const char *path) {
        _cleanup_(freep) char *copy = strdup(path), *dir = NULL;
        size_t n = strlen(path);

        if (!copy)
                return -ENOMEM;
        while (n > 1 && copy[n - 1] == '/')
                copy[--n] = 0;

        if (!is_dropin_dir(base_of(copy)))
                return strv_append(&a->dirs, copy);

        copy[n - 2] = 0;
        dir = dir_of(copy);
        return dir ? add_file(a, dir, base_of(copy)) : -ENOMEM;
}

static int parse_missing(VerifyArgs *a, const char *arg, int error) {
        struct stat st;

        if (lstat(arg, &st) == 0) /* a symlink that leads nowhere */
                return parse_file(a, arg);
        if (!strchr(arg, '/') && !is_main_name(arg) && !ends_with(arg, ".conf") && ifname_valid(arg))
                return strv_append(&a->names, arg);

        (void) ctl_error(error, "%s", arg);
        return -EINVAL;
}

static int compare(const void *a, const void *b) {
        return strcmp(((const VerifyFile *) a)->dir, ((const VerifyFile *) b)->dir);
}

int verify_args_parse(char *const *args, VerifyArgs *ret) {
        _cleanup_(verify_args_done) VerifyArgs a = {};
        int r = 0;

        for (; r >= 0 && *args; args++) {
                struct stat st;

                if (stat(*args, &st) < 0)
                        r = parse_missing(&a, *args, errno);
                else if (S_ISDIR(st.st_mode) && !is_main_name(base_of(*args)))
                        r = parse_dir(&a, *args);
                else
                        r = parse_file(&a, *args);
        }
        if (r < 0)
                return r;

        if (a.n_files > 0)
                qsort(a.files, a.n_files, sizeof(VerifyFile), compare);
        *ret = a;
        a = (VerifyArgs){};
        return 0;
}
