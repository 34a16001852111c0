/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What may be found where a configuration file should be, and what ini_read() says to it. */

#include "test.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "config/ini.h"

typedef struct Tree {
        char dir[32];
        char path[64];
} Tree;

static int tree_setup(void **state) {
        Tree *t = calloc(1, sizeof(Tree));

        assert_non_null(t);
        strcpy(t->dir, "/tmp/test-ini.XXXXXX");
        assert_non_null(mkdtemp(t->dir));
        snprintf(t->path, sizeof(t->path), "%s/x.netdev", t->dir);
        *state = t;
        return 0;
}

static int tree_teardown(void **state) {
        Tree *t = *state;

        (void) remove(t->path);
        assert_int_equal(rmdir(t->dir), 0);
        free(t);
        return 0;
}

static void write_file(const char *path, const char *text) {
        _cleanup_(fclosep) FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
}

/* Expects an error whose text has `word`, and a hint. */
static void check_refused(const char *path, int error, const char *word) {
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;

        alarm(10); /* a FIFO that blocks is a failure, not a hanging test */
        assert_int_equal(ini_read(path, &diag, &ini), error);
        alarm(0);
        assert_null(ini);
        assert_int_equal(diag.n, 1);
        assert_int_equal(diag.items[0].severity, SEVERITY_ERROR);
        assert_string_equal(diag.items[0].path, path);
        assert_non_null(diag.items[0].hint);
        if (!strstr(diag.items[0].text, word))
                fail_msg("'%s' is not in '%s'", word, diag.items[0].text);
}

static void test_read_file(void **state) {
        Tree *t = *state;
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;

        write_file(t->path, "[NetDev]\nName=tap0\n");
        assert_int_equal(ini_read(t->path, &diag, &ini), 0);
        assert_int_equal(diag.n, 0);
        assert_int_equal(ini->n_assignments, 1);
        assert_string_equal(ini->assignments[0].value, "tap0");
        assert_string_equal(ini->path, t->path);
}

static void test_read_bad_file(void **state) {
        Tree *t = *state;

        write_file(t->path, "[NetDev\nName=tap0\n");
        check_refused(t->path, -EBADMSG, "no ']'");
}

static void test_read_empty_file(void **state) {
        Tree *t = *state;
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;

        write_file(t->path, "");
        assert_int_equal(ini_read(t->path, &diag, &ini), 0);
        assert_int_equal(ini->n_sections + diag.n, 0);
}

static void test_read_missing(void **state) {
        Tree *t = *state;
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;

        assert_int_equal(ini_read(t->path, &diag, &ini), -ENOENT);
        assert_int_equal(diag.n, 0);
        assert_null(ini);
}

static void test_read_fifo(void **state) {
        Tree *t = *state;

        assert_int_equal(mkfifo(t->path, 0644), 0);
        check_refused(t->path, -EINVAL, "is a FIFO, not a regular file");
}

static void test_read_directory(void **state) {
        Tree *t = *state;

        check_refused(t->dir, -EISDIR, "is a directory, not a regular file");
}

static void test_read_device(void **state _unused_) {
        check_refused("/dev/null", -EINVAL, "is a character device, not a regular file");
}

static void test_read_socket(void **state) {
        Tree *t = *state;
        struct sockaddr_un sa = { .sun_family = AF_UNIX };
        _cleanup_(close_fdp) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        strcpy(sa.sun_path, t->path);
        assert_int_equal(bind(fd, (struct sockaddr *) &sa, sizeof(sa)), 0);
        check_refused(t->path, -EINVAL, "is a socket, not a regular file");
}

static void test_read_symlink_loop(void **state) {
        Tree *t = *state;

        assert_int_equal(symlink("x.netdev", t->path), 0);
        check_refused(t->path, -ELOOP, "cannot be opened");
}

static void test_read_below_file(void **state) {
        Tree *t = *state;
        char path[80];

        write_file(t->path, "");
        snprintf(path, sizeof(path), "%s/y", t->path);
        check_refused(path, -ENOTDIR, "cannot be opened");
}

static void test_read_too_large(void **state) {
        Tree *t = *state;

        write_file(t->path, "");
        assert_int_equal(truncate(t->path, (off_t) INI_FILE_MAX + 1), 0);
        check_refused(t->path, -EFBIG, "67108865 bytes");
}

/* A sparse file is NUL bytes: empty lines. */
static void test_read_largest(void **state) {
        Tree *t = *state;
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;

        write_file(t->path, "");
        assert_int_equal(truncate(t->path, INI_FILE_MAX), 0);
        assert_int_equal(ini_read(t->path, &diag, &ini), 0);
        assert_int_equal(diag.n, 0);
}

/* As a user to whom permissions apply. Returns 0, or the number of what was not as expected. */
static int read_as_nobody(const char *path, const char *word) {
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;

        if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
                return 2;
        if (ini_read(path, &diag, &ini) != -EACCES)
                return 3;
        if (diag.n != 1 || diag.items[0].severity != SEVERITY_ERROR || !diag.items[0].hint)
                return 4;
        return strstr(diag.items[0].text, word) && strstr(diag.items[0].text, "uid ") ? 0 : 5;
}

static void check_denied(const char *path, const char *word) {
        int status;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0)
                _exit(read_as_nobody(path, word));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_read_denied(void **state) {
        Tree *t = *state;

        write_file(t->path, "[A]\n");
        assert_int_equal(chmod(t->dir, 0755), 0);
        assert_int_equal(chmod(t->path, 0000), 0);
        check_denied(t->path, "mode 0000");
        assert_int_equal(chmod(t->path, 0644), 0);
        assert_int_equal(chmod(t->dir, 0000), 0);
        check_denied(t->path, "may not enter a directory");
        assert_int_equal(chmod(t->dir, 0700), 0);
}

#define TREE_TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TREE_TEST(test_read_file),          TREE_TEST(test_read_bad_file),
                TREE_TEST(test_read_empty_file),    TREE_TEST(test_read_missing),
                TREE_TEST(test_read_fifo),          TREE_TEST(test_read_directory),
                cmocka_unit_test(test_read_device), TREE_TEST(test_read_socket),
                TREE_TEST(test_read_symlink_loop),  TREE_TEST(test_read_below_file),
                TREE_TEST(test_read_too_large),     TREE_TEST(test_read_largest),
                TREE_TEST(test_read_denied),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
