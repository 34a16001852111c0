/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looks at names only. Copies and backups (file~, .bak, .dpkg-old) are left alone: they are not meant to
 * count. */

#include "verify-dirs.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "config/keys.h"

/* One walk over the directories. */
typedef struct Walk {
        const char *const *dirs;
        char **mains; /* names of the files that count, of all directories */
        Diagnostics *diag;
} Walk;

typedef int (*EntryHandler)(Walk *walk, const char *dir, const char *name);

static void closedirp(DIR **d) {
        if (*d)
                (void) closedir(*d);
}

static int each_entry(Walk *walk, const char *dir, EntryHandler handler) {
        _cleanup_(closedirp) DIR *d = opendir(dir);
        const struct dirent *de;
        int r = 0;

        while (d && r >= 0 && (de = readdir(d)))
                if (de->d_name[0] != '.' && de->d_name[strlen(de->d_name) - 1] != '~')
                        r = handler(walk, dir, de->d_name);
        return r;
}

static bool ends_with(const char *s, const char *suffix) {
        size_t n = strlen(s), k = strlen(suffix);

        return n > k && strcmp(s + n - k, suffix) == 0;
}

static int collect_main(Walk *walk, const char *dir _unused_, const char *name) {
        return ends_with(name, ".netdev") || ends_with(name, ".network") ? strv_append(&walk->mains, name)
                                                                         : 0;
}

/* Whether it is a file: a directory is passed over for good reason. */
static bool is_file(const char *path) {
        struct stat st;

        return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int check_dropin(Walk *walk, const char *dir, const char *name) {
        _cleanup_(freep) char *path = NULL;

        if (asprintf(&path, "%s/%s", dir, name) < 0)
                return -ENOMEM;
        if (!strchr(name, '.') || ends_with(name, ".network") || ends_with(name, ".netdev"))
                if (is_file(path))
                        (void) diag_add(walk->diag, SEVERITY_WARNING, &(Source){ .path = path },
                                        "name it *.conf",
                                        "is not read: the name of a drop-in must end in .conf");
        return 0;
}

static int check_dropin_dir(Walk *walk, const char *dir, const char *name) {
        _cleanup_(freep) char *path = NULL, *main = strndup(name, strlen(name) - 2), *hint = NULL;
        const char *near;

        if (!main || asprintf(&path, "%s/%s", dir, name) < 0)
                return -ENOMEM;

        for (char **m = walk->mains; m && *m; m++)
                if (strcmp(*m, main) == 0)
                        return each_entry(walk, path, check_dropin);

        near = suggest(main, walk->mains);
        if (near && asprintf(&hint, "did you mean %s.d?", near) < 0)
                hint = NULL;
        (void) diag_add(walk->diag, SEVERITY_WARNING, &(Source){ .path = path },
                        hint ?: "name it after the file it is for",
                        "is not read: there is no %s that these drop-ins would be for", main);
        return 0;
}

static int check_entry(Walk *walk, const char *dir, const char *name) {
        static char *const suffixes[] = { (char *) "netdev", (char *) "network", NULL };
        const char *dot = strrchr(name, '.'), *near;
        _cleanup_(freep) char *path = NULL, *hint = NULL;

        if (ends_with(name, ".netdev.d") || ends_with(name, ".network.d"))
                return check_dropin_dir(walk, dir, name);
        if (!dot || dot == name || strcmp(dot, ".netdev") == 0 || strcmp(dot, ".network") == 0)
                return 0;
        if (asprintf(&path, "%s/%s", dir, name) < 0)
                return -ENOMEM;
        if (!is_file(path))
                return 0;

        near = suggest(dot + 1, suffixes);
        if (near && asprintf(&hint, "did you mean .%s?", near) < 0)
                hint = NULL;
        if (near)
                (void) diag_add(walk->diag, SEVERITY_WARNING, &(Source){ .path = path }, hint,
                                "is not read: the name must end in .netdev or .network");
        else if (strcmp(dot, ".conf") == 0)
                diag_advise(walk->diag, &(Source){ .path = path },
                            "name it *.netdev or *.network, or put it into the drop-in directory of a file",
                            "is not read: the name must end in .netdev or .network");
        return 0;
}

int verify_dirs(const char *const *dirs, Diagnostics *diag) {
        Walk walk = { .dirs = dirs, .diag = diag };
        int r = 0;

        for (const char *const *d = dirs; r >= 0 && *d; d++)
                r = each_entry(&walk, *d, collect_main);
        for (const char *const *d = dirs; r >= 0 && *d; d++)
                r = each_entry(&walk, *d, check_entry);
        strv_free(walk.mains);
        return r;
}
