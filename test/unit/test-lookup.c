/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which files count: trees of files beside the list that is made of them. */

#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/array.h"
#include "config/lookup.h"

typedef struct Node {
        const char *path;
        const char *text; /* of a file; NULL: something */
        const char *link; /* target of a symlink; "=x" makes a hard link to x in the tree */
        mode_t type;      /* S_IFDIR, S_IFIFO; 0: file */
        mode_t mode;      /* 0: 0644 */
} Node;

/* Expected: "name: path", then its drop-ins, indented; then "warning path", "error path". Paths are below
 * the tree. */
typedef struct Row {
        const char *rule;
        Node nodes[8];
        const char *expected;
} Row;

#define F(p)                                                                                                \
        { .path = (p) }
#define TEXT(p, t)                                                                                          \
        { .path = (p), .text = (t) }
#define LINK(p, t)                                                                                          \
        { .path = (p), .link = (t) }
#define MODE(p, m)                                                                                          \
        { .path = (p), .mode = (m) }
#define DIRECTORY(p)                                                                                        \
        { .path = (p), .type = S_IFDIR }
#define FIFO(p)                                                                                             \
        { .path = (p), .type = S_IFIFO }

static const Row rows[] = {
        /* systemd-syntax.md 1: files */
        { "1 missing directories are silent", {}, "" },
        { "1 files of all four directories",
          { F("lib/d.netdev"), F("usr/c.netdev"), F("run/b.netdev"), F("etc/a.netdev") },
          "a.netdev: etc/a.netdev\nb.netdev: run/b.netdev\nc.netdev: usr/c.netdev\n"
          "d.netdev: lib/d.netdev\n" },
        { "1 only names ending in the suffix",
          { F("etc/a.network"), F("etc/a.link"), F("etc/a"), F("etc/a.netdev"), F("etc/netdev"),
            F("etc/a.netdev.x") },
          "a.netdev: etc/a.netdev\n" },
        { "1 suffix is case-sensitive", { F("etc/a.NETDEV"), F("etc/b.Netdev") }, "" },
        { "1 not recursive", { F("etc/sub/a.netdev") }, "" },
        { "1 hidden files are skipped", { F("etc/.a.netdev"), F("etc/.netdev") }, "" },
        { "1 backups are skipped",
          { F("etc/a.netdev~"), F("etc/a.netdev.bak"), F("etc/a.netdev.swp"), F("etc/a.netdev.old") },
          "" },
        { "1 leftovers of dpkg are skipped",
          { F("etc/a.netdev.dpkg-old"), F("etc/a.netdev.dpkg-new"), F("etc/a.netdev.dpkg-tmp"),
            F("etc/a.netdev.dpkg-dist"), F("etc/a.netdev.dpkg-bak"), F("etc/a.netdev.dpkg-backup"),
            F("etc/a.netdev.dpkg-remove") },
          "" },
        { "1 leftovers of rpm and ucf are skipped",
          { F("etc/a.netdev.rpmnew"), F("etc/a.netdev.rpmsave"), F("etc/a.netdev.rpmorig"),
            F("etc/a.netdev.ucf-new"), F("etc/a.netdev.ucf-old"), F("etc/a.netdev.ucf-dist") },
          "" },
        { "1 lost+found is skipped", { F("etc/lost+found"), DIRECTORY("run/lost+found") }, "" },
        { "1 same name: the higher directory wins",
          { F("lib/a.netdev"), F("usr/a.netdev"), F("run/a.netdev") },
          "a.netdev: run/a.netdev\n" },
        { "1 same name: /etc over /lib",
          { F("lib/a.netdev"), F("etc/a.netdev") },
          "a.netdev: etc/a.netdev\n" },
        { "1 order by name, directories do not count",
          { F("lib/10-a.netdev"), F("etc/20-b.netdev"), F("run/15-c.netdev") },
          "10-a.netdev: lib/10-a.netdev\n15-c.netdev: run/15-c.netdev\n20-b.netdev: etc/20-b.netdev\n" },
        { "1 order byte-wise (checklist 9)",
          { F("etc/9-b.netdev"), F("etc/10-a.netdev"), F("etc/a.netdev"), F("etc/A.netdev"),
            F("etc/\xc3\xa4.netdev") },
          "10-a.netdev: etc/10-a.netdev\n9-b.netdev: etc/9-b.netdev\nA.netdev: etc/A.netdev\n"
          "a.netdev: etc/a.netdev\n\xc3\xa4.netdev: etc/\xc3\xa4.netdev\n" },
        { "1 symlinks are followed", { F("x"), LINK("etc/a.netdev", "../x") }, "a.netdev: etc/a.netdev\n" },
        { "1 a directory of such a name is listed",
          { DIRECTORY("etc/a.netdev"), F("lib/a.netdev") },
          "a.netdev: etc/a.netdev\n" },
        { "1 a FIFO of such a name is listed",
          { FIFO("etc/a.netdev"), F("lib/a.netdev") },
          "a.netdev: etc/a.netdev\n" },
        { "1 mask: empty file (checklist 8)",
          { TEXT("etc/a.netdev", ""), F("lib/a.netdev"), F("lib/b.netdev") },
          "b.netdev: lib/b.netdev\n" },
        { "1 mask: symlink to /dev/null (checklist 8)",
          { LINK("run/a.netdev", "/dev/null"), F("usr/a.netdev"), F("lib/a.netdev") },
          "" },
        { "1 mask: symlink to an empty file",
          { TEXT("x", ""), LINK("etc/a.netdev", "../x"), F("lib/a.netdev") },
          "" },
        { "1 mask: symlink to another device",
          { LINK("etc/a.netdev", "/dev/zero"), F("lib/a.netdev") },
          "" },
        { "1 no mask: only a newline",
          { TEXT("etc/a.netdev", "\n"), F("lib/a.netdev") },
          "a.netdev: etc/a.netdev\n" },
        { "1 no mask: only a comment",
          { TEXT("etc/a.netdev", "# x\n"), F("lib/a.netdev") },
          "a.netdev: etc/a.netdev\n" },
        { "1 a lower empty file masks nothing",
          { F("etc/a.netdev"), TEXT("lib/a.netdev", "") },
          "a.netdev: etc/a.netdev\n" },
        { "1 dangling symlink: warning, skipped, still hides",
          { LINK("etc/a.netdev", "gone"), F("lib/a.netdev"), F("lib/b.netdev") },
          "b.netdev: lib/b.netdev\nwarning etc/a.netdev\n" },
        { "1 a hidden dangling symlink is not looked at",
          { F("etc/a.netdev"), LINK("lib/a.netdev", "gone") },
          "a.netdev: etc/a.netdev\n" },
        { "1 a symlink to itself is listed: reading says why",
          { LINK("etc/a.netdev", "a.netdev") },
          "a.netdev: etc/a.netdev\n" },
        { "1 executable: warning, used",
          { MODE("etc/a.netdev", 0755) },
          "a.netdev: etc/a.netdev\nwarning etc/a.netdev\n" },
        { "1 executable by the owner only",
          { MODE("etc/a.netdev", 0744) },
          "a.netdev: etc/a.netdev\nwarning etc/a.netdev\n" },
        { "1 world-writable: warning, used",
          { MODE("etc/a.netdev", 0666) },
          "a.netdev: etc/a.netdev\nwarning etc/a.netdev\n" },
        { "1 both: two warnings",
          { MODE("etc/a.netdev", 0777) },
          "a.netdev: etc/a.netdev\nwarning etc/a.netdev\nwarning etc/a.netdev\n" },
        { "1 group-writable, secret: no warning",
          { MODE("etc/a.netdev", 0660), MODE("etc/b.netdev", 0600) },
          "a.netdev: etc/a.netdev\nb.netdev: etc/b.netdev\n" },
        { "1 a hidden executable is not looked at",
          { F("etc/a.netdev"), MODE("lib/a.netdev", 0777) },
          "a.netdev: etc/a.netdev\n" },
        { "1 a file in place of a directory is an error",
          { F("run"), F("etc/a.netdev") },
          "-20\nerror run\n" },
        { "1 a directory that is a symlink",
          { F("x/a.netdev"), LINK("etc", "x") },
          "a.netdev: etc/a.netdev\n" },
        { "1 a dangling directory is missing",
          { LINK("etc", "gone"), F("lib/a.netdev") },
          "a.netdev: lib/a.netdev\n" },
        { "1 a directory that is a symlink to itself is an error",
          { LINK("run", "run"), F("etc/a.netdev") },
          "-40\nerror run\n" },
        { "1 a loop of directories is not walked",
          { F("etc/a.netdev"), LINK("etc/b.netdev", "."), LINK("etc/a.netdev.d", "../etc") },
          "a.netdev: etc/a.netdev\nb.netdev: etc/b.netdev\n" },

        /* 2: drop-ins */
        { "2 drop-ins of NAME.d",
          { F("etc/a.netdev"), F("etc/a.netdev.d/1.conf") },
          "a.netdev: etc/a.netdev\n  etc/a.netdev.d/1.conf\n" },
        { "2 drop-ins of all directories, wherever the file is",
          { F("usr/a.netdev"), F("etc/a.netdev.d/1.conf"), F("run/a.netdev.d/2.conf"),
            F("usr/a.netdev.d/3.conf"), F("lib/a.netdev.d/4.conf") },
          "a.netdev: usr/a.netdev\n  etc/a.netdev.d/1.conf\n  run/a.netdev.d/2.conf\n"
          "  usr/a.netdev.d/3.conf\n  lib/a.netdev.d/4.conf\n" },
        { "2 drop-ins of a .network file are not a .netdev file's",
          { F("etc/a.netdev"), F("etc/a.network.d/1.conf"), F("etc/b.netdev.d/1.conf") },
          "a.netdev: etc/a.netdev\n" },
        { "2 only *.conf",
          { F("etc/a.netdev"), F("etc/a.netdev.d/1.conf~"), F("etc/a.netdev.d/2"),
            F("etc/a.netdev.d/3.CONF"), F("etc/a.netdev.d/4.conf.bak"),
            F("etc/a.netdev.d/5.conf.dpkg-old") },
          "a.netdev: etc/a.netdev\n" },
        { "2 hidden drop-ins are skipped",
          { F("etc/a.netdev"), F("etc/a.netdev.d/.1.conf"), F("etc/a.netdev.d/.conf") },
          "a.netdev: etc/a.netdev\n" },
        { "2 same name: the higher directory wins",
          { F("etc/a.netdev"), F("lib/a.netdev.d/1.conf"), F("run/a.netdev.d/1.conf") },
          "a.netdev: etc/a.netdev\n  run/a.netdev.d/1.conf\n" },
        { "2 order by name over directories (checklist 7)",
          { F("etc/a.netdev"), F("lib/a.netdev.d/90-z.conf"), F("etc/a.netdev.d/10-a.conf"),
            F("run/a.netdev.d/50-b.conf") },
          "a.netdev: etc/a.netdev\n  etc/a.netdev.d/10-a.conf\n  run/a.netdev.d/50-b.conf\n"
          "  lib/a.netdev.d/90-z.conf\n" },
        { "2 order byte-wise",
          { F("etc/a.netdev"), F("etc/a.netdev.d/9.conf"), F("etc/a.netdev.d/10.conf") },
          "a.netdev: etc/a.netdev\n  etc/a.netdev.d/10.conf\n  etc/a.netdev.d/9.conf\n" },
        { "2 masked drop-in: empty file",
          { F("etc/a.netdev"), TEXT("etc/a.netdev.d/1.conf", ""), F("lib/a.netdev.d/1.conf"),
            F("lib/a.netdev.d/2.conf") },
          "a.netdev: etc/a.netdev\n  lib/a.netdev.d/2.conf\n" },
        { "2 masked drop-in: /dev/null",
          { F("etc/a.netdev"), LINK("run/a.netdev.d/1.conf", "/dev/null"), F("lib/a.netdev.d/1.conf") },
          "a.netdev: etc/a.netdev\n" },
        { "2 masked file: its drop-ins do not count",
          { LINK("etc/a.netdev", "/dev/null"), F("etc/a.netdev.d/1.conf") },
          "" },
        { "2 no file: its drop-ins do not count", { F("etc/a.netdev.d/1.conf") }, "" },
        { "2 file is its own drop-in by symlink: read once, there",
          { F("etc/a.netdev"), F("etc/a.netdev.d/1.conf"), LINK("etc/a.netdev.d/2.conf", "../a.netdev") },
          "a.netdev: -\n  etc/a.netdev.d/1.conf\n  etc/a.netdev.d/2.conf\n" },
        { "2 file is its own drop-in by hard link",
          { F("etc/a.netdev"), LINK("run/a.netdev.d/1.conf", "=etc/a.netdev") },
          "a.netdev: -\n  run/a.netdev.d/1.conf\n" },
        { "2 no drop-ins of a prefix, a type or a truncated name",
          { F("etc/10-a-b.netdev"), F("etc/10-.netdev.d/1.conf"), F("etc/netdev.d/1.conf"),
            F("etc/10-a-.netdev.d/1.conf"), F("etc/10-a-b.d/1.conf") },
          "10-a-b.netdev: etc/10-a-b.netdev\n" },
        { "2 dangling drop-in: warning, skipped, still hides",
          { F("etc/a.netdev"), LINK("etc/a.netdev.d/1.conf", "gone"), F("lib/a.netdev.d/1.conf") },
          "a.netdev: etc/a.netdev\nwarning etc/a.netdev.d/1.conf\n" },
        { "2 executable drop-in: warning, used",
          { F("etc/a.netdev"), MODE("etc/a.netdev.d/1.conf", 0755) },
          "a.netdev: etc/a.netdev\n  etc/a.netdev.d/1.conf\nwarning etc/a.netdev.d/1.conf\n" },
        { "2 NAME.d that is a file is none of ours",
          { F("etc/a.netdev"), F("etc/a.netdev.d"), F("lib/a.netdev.d/1.conf") },
          "a.netdev: etc/a.netdev\n  lib/a.netdev.d/1.conf\n" },
        { "2 NAME.d that cannot be listed stands for its drop-ins",
          { F("etc/a.netdev"), LINK("run/a.netdev.d", "a.netdev.d"), F("etc/b.netdev"),
            F("lib/a.netdev.d/1.conf") },
          "a.netdev: etc/a.netdev\n  run/a.netdev.d\n  lib/a.netdev.d/1.conf\nb.netdev: etc/b.netdev\n" },
        { "2 empty NAME.d", { F("etc/a.netdev"), DIRECTORY("etc/a.netdev.d") }, "a.netdev: etc/a.netdev\n" },
};

typedef struct Tree {
        char top[40];
        char paths[4][48];
        const char *dirs[5];
} Tree;

static const char *const dir_names[] = { "etc", "run", "usr", "lib" };

static void tree_new(Tree *t) {
        strcpy(t->top, "/tmp/test-lookup.XXXXXX");
        assert_non_null(mkdtemp(t->top));
        for (size_t i = 0; i < ELEMENTSOF(dir_names); i++) {
                snprintf(t->paths[i], sizeof(t->paths[i]), "%s/%s", t->top, dir_names[i]);
                t->dirs[i] = t->paths[i];
        }
        t->dirs[ELEMENTSOF(dir_names)] = NULL;
}

static int remove_one(const char *path, const struct stat *st _unused_, int flag _unused_,
                      struct FTW *ftw _unused_) {
        return remove(path);
}

static void tree_free(Tree *t) {
        assert_int_equal(nftw(t->top, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void make_parents(const char *top, const char *path) {
        for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
                char dir[256];

                snprintf(dir, sizeof(dir), "%s/%.*s", top, (int) (slash - path), path);
                assert_true(mkdir(dir, 0755) == 0 || errno == EEXIST);
        }
}

static void make_link(const char *top, const char *path, const char *target) {
        char from[256];

        if (target[0] != '=') {
                assert_int_equal(symlink(target, path), 0);
                return;
        }

        snprintf(from, sizeof(from), "%s/%s", top, target + 1);
        assert_int_equal(link(from, path), 0);
}

static void make_file(const char *path, const char *text, mode_t mode) {
        _cleanup_(close_fdp) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
        assert_int_equal(fchmod(fd, mode), 0);
}

static void make_node(const char *top, const Node *n) {
        char path[256];

        make_parents(top, n->path);
        snprintf(path, sizeof(path), "%s/%s", top, n->path);
        if (n->link)
                make_link(top, path, n->link);
        else if (n->type == S_IFDIR)
                assert_int_equal(mkdir(path, 0755), 0);
        else if (n->type == S_IFIFO)
                assert_int_equal(mkfifo(path, 0644), 0);
        else
                make_file(path, n->text ?: "[A]\n", n->mode ?: 0644);
}

static const char *below(const Tree *t, const char *path) {
        assert_memory_equal(path, t->top, strlen(t->top));
        return path + strlen(t->top) + 1;
}

static char *dump(const Tree *t, int result, const Lookup *l, const Diagnostics *diag) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (result < 0)
                fprintf(f, "%d\n", result);
        for (size_t i = 0; l && i < l->n_files; i++) {
                fprintf(f, "%s: %s\n", l->files[i].name,
                        l->files[i].path ? below(t, l->files[i].path) : "-");
                for (char **d = l->files[i].dropins; d && *d; d++)
                        fprintf(f, "  %s\n", below(t, *d));
        }
        for (size_t i = 0; i < diag->n; i++)
                fprintf(f, "%s %s\n", severity_to_string(diag->items[i].severity),
                        below(t, diag->items[i].path));
        fclose(f);
        return text;
}

static void test_row(void **state) {
        const Row *row = *state;
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(lookup_freep) Lookup *l = NULL;
        _cleanup_(freep) char *text = NULL;
        Tree t;
        int r;

        tree_new(&t);
        for (const Node *n = row->nodes; n < row->nodes + ELEMENTSOF(row->nodes) && n->path; n++)
                make_node(t.top, n);

        alarm(20); /* blocking is a failure, not a hanging test */
        r = lookup_files(t.dirs, ".netdev", &diag, &l);
        alarm(0);
        text = dump(&t, r, l, &diag);
        tree_free(&t);

        assert_string_equal(text, row->expected);
        for (size_t i = 0; i < diag.n; i++)
                assert_non_null(diag.items[i].hint);
}

static void test_other_suffix_and_dirs(void **state _unused_) {
        static const Node nodes[] = { F("x/a.network"), F("x/a.netdev"), F("y/a.network.d/1.conf") };
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(lookup_freep) Lookup *l = NULL;
        _cleanup_(freep) char *text = NULL;
        char x[64], y[64];
        Tree t;
        int r;

        tree_new(&t);
        for (size_t i = 0; i < ELEMENTSOF(nodes); i++)
                make_node(t.top, nodes + i);
        snprintf(x, sizeof(x), "%s/x", t.top);
        snprintf(y, sizeof(y), "%s/y", t.top);

        /* The same directory twice changes nothing. */
        r = lookup_files((const char *const[]){ x, y, x, NULL }, ".network", &diag, &l);
        text = dump(&t, r, l, &diag);
        tree_free(&t);
        assert_string_equal(text, "a.network: x/a.network\n  y/a.network.d/1.conf\n");
}

static void test_default_dirs(void **state _unused_) {
        static const char *const expected[] = { "/etc", "/run", "/usr/local/lib", "/usr/lib" };

        for (size_t i = 0; i < ELEMENTSOF(expected); i++) {
                _cleanup_(freep) char *dir = NULL;

                assert_true(asprintf(&dir, "%s/netdevd/network", expected[i]) > 0);
                assert_string_equal(lookup_default_dirs[i], dir);
        }
        assert_null(lookup_default_dirs[ELEMENTSOF(expected)]);
}

/* As a user to whom permissions apply. Returns 0, or the number of what was not as expected. */
static int list_as_nobody(const Tree *t, int expected_result, const char *expected) {
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(lookup_freep) Lookup *l = NULL;
        _cleanup_(freep) char *text = NULL;
        int r;

        if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
                return 2;
        r = lookup_files(t->dirs, ".netdev", &diag, &l);
        if (r != expected_result)
                return 3;
        text = dump(t, r, l, &diag);
        return strcmp(text, expected) == 0 ? 0 : 4;
}

static void check_without_permission(const char *path, mode_t mode, int result, const char *expected) {
        static const Node nodes[] = { F("etc/a.netdev"), F("etc/a.netdev.d/1.conf"), F("lib/b.netdev") };
        char full[64];
        int status;
        pid_t pid;
        Tree t;

        tree_new(&t);
        for (size_t i = 0; i < ELEMENTSOF(nodes); i++)
                make_node(t.top, nodes + i);
        assert_int_equal(chmod(t.top, 0755), 0);
        snprintf(full, sizeof(full), "%s/%s", t.top, path);
        assert_int_equal(chmod(full, mode), 0);

        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
                _exit(list_as_nobody(&t, result, expected));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(chmod(full, 0755), 0);
        tree_free(&t);
        assert_int_equal(status, 0);
}

static void test_unreadable_dir_is_an_error(void **state _unused_) {
        check_without_permission("etc", 0000, -EACCES, "-13\nerror etc\n");
        check_without_permission("etc", 0311, -EACCES, "-13\nerror etc\n");
}

/* Its files are listed, so that reading them fails: they are not taken for removed. And nobody knows
 * which drop-ins it has for files elsewhere. */
static void test_dir_that_cannot_be_entered(void **state _unused_) {
        check_without_permission("etc", 0444, 0,
                                 "a.netdev: etc/a.netdev\n  etc/a.netdev.d\nb.netdev: lib/b.netdev\n  "
                                 "etc/b.netdev.d\n");
}

static void test_unreadable_dropin_dir(void **state _unused_) {
        check_without_permission("etc/a.netdev.d", 0000, 0,
                                 "a.netdev: etc/a.netdev\n  etc/a.netdev.d\nb.netdev: lib/b.netdev\n");
}

static void test_unreadable_file_is_listed(void **state _unused_) {
        check_without_permission(
                        "etc/a.netdev", 0000, 0,
                        "a.netdev: etc/a.netdev\n  etc/a.netdev.d/1.conf\nb.netdev: lib/b.netdev\n");
}

#define MANY 100000

/* Fills a directory by hard links, 30,000 to a file, since some file systems allow no more. */
static void make_many(const Tree *t, const char *dir, const char *suffix) {
        char path[256], first[256];

        for (int i = 0; i < MANY; i++) {
                /* Not in the order of the names. */
                snprintf(path, sizeof(path), "%s/%s/%06d%s", t->top, dir, (int) (i * 7919LL % MANY), suffix);
                if (i % 30000 == 0) {
                        make_file(path, "[A]\n", 0644);
                        strcpy(first, path);
                } else
                        assert_int_equal(link(first, path), 0);
        }
}

static double now(void) {
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}

static void check_many(const char *dir, const char *suffix, size_t n_files, size_t n_dropins) {
        static const Node nodes[] = { F("etc/a.netdev"), DIRECTORY("etc/a.netdev.d"), DIRECTORY("lib") };
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(lookup_freep) Lookup *l = NULL;
        double begin;
        Tree t;

        tree_new(&t);
        for (size_t i = 0; i < ELEMENTSOF(nodes); i++)
                make_node(t.top, nodes + i);
        make_many(&t, dir, suffix);

        begin = now();
        assert_int_equal(lookup_files(t.dirs, ".netdev", &diag, &l), 0);
        print_message("%s: %d entries in %.2f s\n", dir, MANY, now() - begin);
        assert_true(now() - begin < 60); /* the square would take far longer, even under valgrind */
        tree_free(&t);

        assert_int_equal(l->n_files, n_files);
        assert_int_equal(strv_length(l->files[n_files - 1].dropins), n_dropins);
        for (size_t i = 1; i < n_files; i++)
                assert_true(strcmp(l->files[i - 1].name, l->files[i].name) < 0);
}

static void test_many_files(void **state _unused_) {
        check_many("lib", ".netdev", MANY + 1, 0);
}

static void test_many_dropins(void **state _unused_) {
        check_many("etc/a.netdev.d", ".conf", 1, MANY);
}

static const struct CMUnitTest single_tests[] = {
        cmocka_unit_test(test_other_suffix_and_dirs),
        cmocka_unit_test(test_default_dirs),
        cmocka_unit_test(test_unreadable_dir_is_an_error),
        cmocka_unit_test(test_dir_that_cannot_be_entered),
        cmocka_unit_test(test_unreadable_dropin_dir),
        cmocka_unit_test(test_unreadable_file_is_listed),
        cmocka_unit_test(test_many_files),
        cmocka_unit_test(test_many_dropins),
};

int main(void) {
        struct CMUnitTest tests[ELEMENTSOF(rows) + ELEMENTSOF(single_tests)];
        size_t n = 0;

        ROWS_APPEND(tests, &n, test_row, rows, NULL);
        for (size_t i = 0; i < ELEMENTSOF(single_tests); i++)
                tests[n++] = single_tests[i];

        return _cmocka_run_group_tests("lookup", tests, n, NULL, NULL);
}
