/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Directories become one list of names: all entries of all directories, sorted by name and then by rank
 * of the directory, of which the first of each name wins and hides the others. Only winners are looked
 * at, and what is seen decides whether they are used. This is done once for the files and once more for
 * the drop-ins of each of them. */

#include "lookup.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"

const char *const lookup_default_dirs[] = {
        "/etc/netdevd/network",
        "/run/netdevd/network",
        "/usr/local/lib/netdevd/network",
        "/usr/lib/netdevd/network",
        NULL,
};

/* One name in one directory. */
typedef struct Entry {
        char *name;
        const char *dir; /* borrowed */
        size_t rank;     /* of the directory: 0 is the highest */
} Entry;

typedef struct Listing {
        Entry *entries;
        size_t n;
        uint64_t dropin_ranks; /* bit i: the directory of this rank has a drop-in directory for some file */
} Listing;

/* A growing string list that knows its length: strv_append() would make 100,000 drop-ins cost the square. */
typedef struct Paths {
        char **items;
        size_t n;
} Paths;

static void listing_done(Listing *l) {
        for (size_t i = 0; i < l->n; i++)
                free(l->entries[i].name);
        free(l->entries);
        *l = (Listing){};
}

static void paths_done(Paths *p) {
        for (size_t i = 0; i < p->n; i++)
                free(p->items[i]);
        free(p->items);
        *p = (Paths){};
}

static int paths_consume(Paths *p, char *path) {
        if (!path || ARRAY_RESERVE_ONE(p->items, p->n) < 0) {
                free(path);
                return -ENOMEM;
        }

        p->items[p->n++] = path;
        return 0;
}

/* Ends the list with NULL and hands it over; NULL when it is empty. */
static int paths_take(Paths *p, char ***ret) {
        if (p->n > 0) {
                if (ARRAY_RESERVE_ONE(p->items, p->n) < 0)
                        return -ENOMEM;
                p->items[p->n] = NULL;
        }

        *ret = TAKE_PTR(p->items);
        p->n = 0;
        return 0;
}

static void lookup_file_done(LookupFile *f) {
        free(f->name);
        free(f->path);
        strv_free(f->dropins);
}

Lookup *lookup_free(Lookup *l) {
        if (!l)
                return NULL;

        for (size_t i = 0; i < l->n_files; i++)
                lookup_file_done(l->files + i);
        free(l->files);
        free(l);
        return NULL;
}

static char *join(const char *dir, const char *name) {
        char *path = malloc(strlen(dir) + strlen(name) + 2);

        if (path)
                (void) stpcpy(stpcpy(stpcpy(path, dir), "/"), name);
        return path;
}

/* Hidden files do not count; nor do backups (file~) and what package managers leave behind
 * (file.dpkg-old, ...), but those do not end in the suffix anyway. */
static bool name_counts(const char *name, const char *suffix) {
        size_t n = strlen(name), k = strlen(suffix);

        return name[0] != '.' && n >= k && strcmp(name + n - k, suffix) == 0;
}

/* "10-x.network.d" beside "10-x.network". */
static bool is_dropin_dir(const char *name, const char *suffix) {
        size_t n = strlen(name);

        return n > 2 && strcmp(name + n - 2, ".d") == 0 && n - 2 >= strlen(suffix) &&
               strncmp(name + n - 2 - strlen(suffix), suffix, strlen(suffix)) == 0;
}

static uint64_t rank_bit(size_t rank) {
        return rank < 63 ? 1ULL << rank : 1ULL << 63;
}

static int listing_add(Listing *l, const char *name, const char *dir, size_t rank) {
        Entry e = { .dir = dir, .rank = rank };

        if (ARRAY_RESERVE_ONE(l->entries, l->n) < 0)
                return -ENOMEM;
        e.name = strdup(name);
        if (!e.name)
                return -ENOMEM;

        l->entries[l->n++] = e;
        return 0;
}

static void closedirp(DIR **d) {
        if (*d)
                (void) closedir(*d);
}

/* Adds what counts in one directory. Returns 0, also when there is no such directory, or -errno. */
static int listing_read_dir(Listing *l, const char *dir, size_t rank, const char *suffix) {
        _cleanup_(closedirp) DIR *d = opendir(dir);
        int r = 0;

        if (!d)
                return errno == ENOENT ? 0 : -errno;

        while (r >= 0) {
                const struct dirent *de;

                errno = 0;
                de = readdir(d);
                if (!de)
                        return -errno;
                if (name_counts(de->d_name, suffix))
                        r = listing_add(l, de->d_name, dir, rank);
                if (is_dropin_dir(de->d_name, suffix))
                        l->dropin_ranks |= rank_bit(rank);
        }

        return r;
}

static int compare_entries(const void *a, const void *b) {
        const Entry *x = a, *y = b;
        int r = strcmp(x->name, y->name);

        return r != 0 ? r : (x->rank > y->rank) - (x->rank < y->rank);
}

/* Sorts, and leaves of each name the entry of the highest directory. */
static void listing_settle(Listing *l) {
        size_t kept = 0;

        if (l->n > 0)
                qsort(l->entries, l->n, sizeof(Entry), compare_entries);

        for (size_t i = 0; i < l->n; i++)
                if (kept > 0 && strcmp(l->entries[kept - 1].name, l->entries[i].name) == 0)
                        free(l->entries[i].name);
                else
                        l->entries[kept++] = l->entries[i];
        l->n = kept;
}

static void warn(Diagnostics *diag, const char *path, const char *hint, const char *text) {
        (void) diag_add(diag, SEVERITY_WARNING, &(Source){ .path = path }, hint, "%s", text);
}

/* Looks at a winner. Returns whether it is used; *ret_stat is what was seen, zeroed when nothing could
 * be. */
static bool entry_is_used(const char *path, Diagnostics *diag, struct stat *ret_stat) {
        struct stat st;

        *ret_stat = (struct stat){};
        if (stat(path, &st) < 0) {
                if (errno != ENOENT)
                        return true; /* reading it fails too, and says why */
                if (lstat(path, &st) == 0)
                        warn(diag, path,
                             "restore its target or remove it; to mask the name, point it to /dev/null",
                             "is a symlink to a file that does not exist; it is skipped");
                return false; /* else it vanished since it was listed */
        }

        if (S_ISCHR(st.st_mode) || (S_ISREG(st.st_mode) && st.st_size == 0))
                return false; /* masked */

        if (S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0)
                diag_advise(diag, &(Source){ .path = path }, "remove the permission: chmod a-x",
                            "is marked executable; it is used nevertheless");
        if (S_ISREG(st.st_mode) && (st.st_mode & 0002) != 0)
                diag_advise(diag, &(Source){ .path = path }, "remove the permission: chmod o-w",
                            "is writable by everyone; it is used nevertheless");

        *ret_stat = st;
        return true;
}

/* Lists NAME.d of the directories that have any such (ranks). *paths keeps their paths, which the listing
 * borrows; *unreadable gets those that cannot be listed. */
static int list_dropins(const char *const *dirs, uint64_t ranks, const char *name, Paths *paths,
                        Paths *unreadable, Listing *l) {
        for (size_t i = 0; dirs[i]; i++) {
                char *path;
                int r;

                if (!(ranks & rank_bit(i)))
                        continue;
                if (asprintf(&path, "%s/%s.d", dirs[i], name) < 0)
                        return -ENOMEM;
                r = paths_consume(paths, path);
                if (r < 0)
                        return r;

                r = listing_read_dir(l, path, i, ".conf");
                if (r == -ENOMEM)
                        return r;
                if (r < 0 && r != -ENOTDIR) /* a file of that name is none of ours */
                        r = paths_consume(unreadable, strdup(path));
                if (r == -ENOMEM)
                        return r;
        }

        listing_settle(l);
        return 0;
}

static bool same_file(const struct stat *a, const struct stat *b) {
        return a->st_ino != 0 && a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/* Finds the drop-ins of one file. *ret_is_main tells whether the file itself is among them. */
static int find_dropins(const char *const *dirs, uint64_t ranks, const char *name,
                        const struct stat *main_stat, Diagnostics *diag, char ***ret, bool *ret_is_main) {
        _cleanup_(listing_done) Listing l = {};
        _cleanup_(paths_done) Paths dropin_dirs = {}, used = {};
        bool is_main = false;
        int r;

        r = list_dropins(dirs, ranks, name, &dropin_dirs, &used, &l);
        for (size_t i = 0; r >= 0 && i < l.n; i++) {
                _cleanup_(freep) char *path = join(l.entries[i].dir, l.entries[i].name);
                struct stat st;

                if (!path)
                        return -ENOMEM;
                if (!entry_is_used(path, diag, &st))
                        continue;
                is_main = is_main || same_file(&st, main_stat);
                r = paths_consume(&used, TAKE_PTR(path));
        }
        if (r >= 0)
                r = paths_take(&used, ret);
        if (r < 0)
                return r;

        *ret_is_main = is_main;
        return 0;
}

/* Adds the winner e with its drop-ins, unless it is masked. */
static int add_file(Lookup *lookup, const char *const *dirs, uint64_t ranks, const Entry *e,
                    Diagnostics *diag) {
        _cleanup_(freep) char *path = join(e->dir, e->name), *name = NULL;
        char **dropins = NULL;
        struct stat st;
        bool is_main;
        int r;

        if (!path)
                return -ENOMEM;
        if (!entry_is_used(path, diag, &st))
                return 0;

        name = strdup(e->name);
        if (!name || ARRAY_RESERVE_ONE(lookup->files, lookup->n_files) < 0)
                return -ENOMEM;

        r = find_dropins(dirs, ranks, name, &st, diag, &dropins, &is_main);
        if (r < 0)
                return r;

        lookup->files[lookup->n_files++] = (LookupFile){
                .name = TAKE_PTR(name),
                .path = is_main ? NULL : TAKE_PTR(path),
                .dropins = dropins,
        };
        return 0;
}

static int refuse_dir(const char *dir, int error, Diagnostics *diag) {
        const char *hint = "check the directory and the file system it is on";

        if (error == -ENOMEM)
                return error;
        if (error == -EACCES)
                hint = "let this user list and enter it, for example with chmod a+rx";
        if (error == -ENOTDIR)
                hint = "put a directory in its place, or remove it";
        if (error == -ELOOP)
                hint = "its symlinks lead in a circle; remove it or point it to a directory";

        (void) diag_add(diag, SEVERITY_ERROR, &(Source){ .path = dir }, hint,
                        "the configuration directory cannot be listed: %s; no configuration is used",
                        strerror(-error));
        return error;
}

int lookup_files(const char *const *dirs, const char *suffix, Diagnostics *diag, Lookup **ret) {
        _cleanup_(lookup_freep) Lookup *lookup = calloc(1, sizeof(Lookup));
        _cleanup_(listing_done) Listing l = {};
        int r = 0;

        assert(dirs);
        assert(suffix);
        assert(diag);
        assert(ret);

        if (!lookup)
                return -ENOMEM;

        for (size_t i = 0; dirs[i]; i++) {
                r = listing_read_dir(&l, dirs[i], i, suffix);
                if (r < 0)
                        return refuse_dir(dirs[i], r, diag);
        }
        listing_settle(&l);

        for (size_t i = 0; r >= 0 && i < l.n; i++)
                r = add_file(lookup, dirs, l.dropin_ranks, l.entries + i, diag);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(lookup);
        return 0;
}

/* The file of the highest directory that has one, unless it is masked; then NULL and nothing in *ret_stat.
 */
static int find_named(const char *const *dirs, const char *name, Diagnostics *diag, char **ret,
                      struct stat *ret_stat) {
        *ret_stat = (struct stat){};
        *ret = NULL;

        for (size_t i = 0; dirs[i]; i++) {
                _cleanup_(freep) char *path = join(dirs[i], name);
                struct stat st;

                if (!path)
                        return -ENOMEM;
                if (lstat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR))
                        continue;
                if (entry_is_used(path, diag, ret_stat))
                        *ret = TAKE_PTR(path);
                return 0;
        }
        return 0;
}

int lookup_named(const char *const *dirs, const char *name, Diagnostics *diag, Lookup **ret) {
        _cleanup_(lookup_freep) Lookup *lookup = calloc(1, sizeof(Lookup));
        LookupFile *file;
        struct stat st;
        bool is_main;
        int r;

        assert(dirs);
        assert(name);
        assert(diag);
        assert(ret);

        if (!lookup || ARRAY_RESERVE_ONE(lookup->files, lookup->n_files) < 0)
                return -ENOMEM;
        file = lookup->files + lookup->n_files++;
        *file = (LookupFile){ .name = strdup(name) };
        if (!file->name)
                return -ENOMEM;

        r = find_named(dirs, name, diag, &file->path, &st);
        if (r >= 0)
                r = find_dropins(dirs, UINT64_MAX, name, &st, diag, &file->dropins, &is_main);
        if (r < 0)
                return r;
        if (is_main) {
                free(file->path);
                file->path = NULL;
        }

        *ret = TAKE_PTR(lookup);
        return 0;
}
