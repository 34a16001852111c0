/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ownership record: in memory sorted by name, on disk whole or not at all. */

#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "plan/owned.h"

#define NETNS UINT64_C(4026531840)
#define HEAD  "netns 4026531840\n"

/* A state directory of its own for each test. */
static int new_dir(void **state) {
        char *dir = strdup("/tmp/test-owned.XXXXXX");

        if (!dir || !mkdtemp(dir))
                return -1;
        *state = dir;
        return 0;
}

static char *file_in(const char *dir, const char *name) {
        char *path;

        assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
        return path;
}

static int remove_dir(void **state) {
        _cleanup_(freep) char *dir = *state, *links = file_in(dir, "links");

        (void) unlink(links);
        return rmdir(dir); /* fails when a temporary file was left behind */
}

static void put_text(const char *dir, const char *text) {
        _cleanup_(freep) char *path = file_in(dir, "links");
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

/* "made a 1 mtu 1500>1400, adopted b 0, items 3": the record in one line. */
static void print_setting(FILE *f, const OwnedSetting *s) {
        fprintf(f, " %s ", setting_to_string(s->setting));
        if (s->has_before)
                fprintf(f, "%" PRIu64 ">%" PRIu64, s->before, s->value);
        else
                fprintf(f, "?>%" PRIu64, s->value);
}

static char *format(const Owned *owned) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        for (size_t i = 0; i < owned->n; i++) {
                const OwnedLink *o = owned->items + i;

                fprintf(f, "%s%s %s %d%s", i > 0 ? ", " : "", o->made ? "made" : "adopted", o->name,
                        o->ifindex, o->held ? " held" : "");
                if (o->loan.set)
                        fprintf(f, " lent %" PRIu32 " %" PRIu32, o->loan.uid, o->loan.pid);
                for (size_t j = 0; j < o->n_settings; j++)
                        print_setting(f, o->settings + j);
        }
        if (owned->items_seen)
                fprintf(f, "%sitems %u", owned->n > 0 ? ", " : "", owned->items_seen);
        fclose(f);
        return text;
}

static void check(const Owned *owned, const char *expected) {
        _cleanup_(freep) char *text = format(owned);

        assert_string_equal(text, expected);
}

static void test_in_memory(void **state _unused_) {
        _cleanup_(owned_done) Owned owned = {};

        assert_null(owned_find(&owned, "tun0"));
        assert_int_equal(owned_put(&owned, "tun1", 5, true), 0);
        assert_int_equal(owned_put(&owned, "tun0", 4, false), 0);
        assert_int_equal(owned_put(&owned, "tun2", 0, true), 0);
        assert_int_equal(owned_put(&owned, "tun10", 6, true), 0);
        check(&owned, "adopted tun0 4, made tun1 5, made tun10 6, made tun2 0");
        assert_true(owned.dirty);

        assert_int_equal(owned_find(&owned, "tun1")->ifindex, 5);
        assert_null(owned_find(&owned, "tun"));
        assert_null(owned_find(&owned, "tun3"));

        /* The same again is no change. */
        owned.dirty = false;
        assert_int_equal(owned_put(&owned, "tun1", 5, true), 0);
        assert_false(owned.dirty);
        owned_remove(&owned, "tun3");
        assert_false(owned.dirty);

        /* A change keeps what is held. */
        owned_find(&owned, "tun1")->held = true;
        assert_int_equal(owned_put(&owned, "tun1", 7, true), 0);
        assert_true(owned.dirty);
        owned.dirty = false;
        assert_int_equal(owned_put(&owned, "tun1", 7, false), 0);
        assert_true(owned.dirty);
        check(&owned, "adopted tun0 4, adopted tun1 7 held, made tun10 6, made tun2 0");

        owned.dirty = false;
        owned_remove(&owned, "tun10");
        assert_true(owned.dirty);
        owned_remove(&owned, "tun2");
        owned_remove(&owned, "tun0");
        check(&owned, "adopted tun1 7 held");
        owned_remove(&owned, "tun1");
        check(&owned, "");
}

static void test_add_missing(void **state _unused_) {
        _cleanup_(owned_done) Owned ours = {}, theirs = {};

        assert_int_equal(owned_put(&ours, "tun1", 5, true), 0);
        assert_int_equal(owned_put(&theirs, "tun0", 4, true), 0);
        assert_int_equal(owned_set(&theirs, "tun0", SETTING_MTU, NULL, 1400), 0);
        assert_int_equal(owned_put(&theirs, "tun1", 3, false), 0);
        owned_lend(&theirs, "tun0", 1000, 7);
        owned_see_items(&theirs, OWNED_RULES);

        assert_int_equal(owned_add_missing(&ours, &theirs), 0);
        check(&ours, "made tun0 4 lent 1000 7 mtu ?>1400, made tun1 5, items 4");
}

static void test_longest_name(void **state) {
        _cleanup_(owned_done) Owned owned = {}, again = {};

        assert_int_equal(owned_put(&owned, "fifteen-bytes-x", 3, true), 0);
        assert_int_equal(owned_write(&owned, *state, NETNS), 0);
        assert_int_equal(owned_read(&again, *state, NETNS), 0);
        check(&again, "made fifteen-bytes-x 3");
}

static void test_round_trip(void **state) {
        _cleanup_(owned_done) Owned owned = {}, again = {};

        for (int i = 99; i >= 0; i--) {
                char name[IFNAMSIZ];

                snprintf(name, sizeof(name), "tun%d", i);
                assert_int_equal(owned_put(&owned, name, i, i % 3 > 0), 0);
        }
        assert_int_equal(owned_write(&owned, *state, NETNS), 0);
        assert_false(owned.dirty);

        assert_int_equal(owned_read(&again, *state, NETNS), 0);
        assert_false(again.dirty);
        assert_int_equal(again.n, owned.n);
        for (size_t i = 0; i < owned.n; i++) {
                assert_string_equal(again.items[i].name, owned.items[i].name);
                assert_int_equal(again.items[i].ifindex, owned.items[i].ifindex);
                assert_int_equal(again.items[i].made, owned.items[i].made);
        }
}

static void test_settings_in_memory(void **state _unused_) {
        static const uint64_t before = 1500, later = 1400;
        _cleanup_(owned_done) Owned owned = {};

        assert_null(owned_setting(NULL, SETTING_MTU));
        assert_int_equal(owned_put(&owned, "tun0", 4, true), 0);
        assert_null(owned_setting(owned_find(&owned, "tun0"), SETTING_MTU));

        owned.dirty = false;
        assert_int_equal(owned_set(&owned, "tun0", SETTING_MTU, &before, 1400), 0);
        assert_true(owned.dirty);
        check(&owned, "made tun0 4 mtu 1500>1400");

        /* The same again is no change; what was before us stays what it was. */
        owned.dirty = false;
        assert_int_equal(owned_set(&owned, "tun0", SETTING_MTU, &later, 1400), 0);
        assert_false(owned.dirty);
        assert_int_equal(owned_set(&owned, "tun0", SETTING_MTU, &later, 1300), 0);
        assert_true(owned.dirty);
        assert_int_equal(owned_set(&owned, "tun0", SETTING_QDISC, NULL, 2), 0);
        assert_int_equal(owned_set(&owned, "tun0", SETTING_NAPI, NULL, 1), 0);
        check(&owned, "made tun0 4 qdisc ?>2 mtu 1500>1300 napi ?>1");

        /* The same link, taken over: what was set is still set. Another link: gone with the first. */
        assert_int_equal(owned_put(&owned, "tun0", 4, false), 0);
        check(&owned, "adopted tun0 4 qdisc ?>2 mtu 1500>1300 napi ?>1");
        owned.dirty = false;
        owned_unset(&owned, "tun0", SETTING_MTU);
        assert_true(owned.dirty);
        check(&owned, "adopted tun0 4 qdisc ?>2 napi ?>1");
        owned.dirty = false;
        owned_unset(&owned, "tun0", SETTING_MTU);
        owned_unset(&owned, "tun1", SETTING_QDISC);
        assert_false(owned.dirty);
        assert_int_equal(owned_put(&owned, "tun0", 5, false), 0);
        check(&owned, "adopted tun0 5");

        owned.dirty = false;
        owned_see_items(&owned, 0);
        assert_false(owned.dirty);
        owned_see_items(&owned, OWNED_ROUTES);
        assert_true(owned.dirty);
        owned.dirty = false;
        owned_see_items(&owned, OWNED_ROUTES);
        assert_false(owned.dirty);
        owned_see_items(&owned, OWNED_RULES);
        check(&owned, "adopted tun0 5, items 5");
}

/* Every setting comes back as it was written, with the value before and without. */
static void test_settings_round_trip(void **state) {
        static const uint64_t before = UINT64_MAX;
        _cleanup_(owned_done) Owned owned = {}, again = {};
        _cleanup_(freep) char *written = NULL, *read = NULL;

        assert_int_equal(owned_put(&owned, "tun0", 4, true), 0);
        assert_int_equal(owned_put(&owned, "tun1", 5, false), 0);
        for (Setting s = 0; s < _SETTING_MAX; s++) {
                assert_int_equal(owned_set(&owned, "tun0", s, s % 2 ? &before : NULL, UINT64_MAX - s), 0);
                assert_int_equal(owned_set(&owned, "tun1", _SETTING_MAX - 1 - s, &before, s), 0);
        }
        owned_see_items(&owned, OWNED_ROUTES | OWNED_NEXTHOPS | OWNED_RULES | OWNED_NEIGHBORS);
        assert_int_equal(owned_write(&owned, *state, NETNS), 0);
        assert_int_equal(owned_read(&again, *state, NETNS), 0);
        assert_false(again.dirty);

        written = format(&owned);
        read = format(&again);
        assert_string_equal(read, written);
        assert_int_equal(owned_find(&again, "tun1")->n_settings, _SETTING_MAX);
}

static char *read_cut(const char *dir, const char *text, size_t length) {
        _cleanup_(freep) char *path = file_in(dir, "links");
        _cleanup_(owned_done) Owned owned = {};

        put_text(dir, text);
        assert_int_equal(truncate(path, (off_t) length), 0);
        assert_int_equal(owned_read(&owned, dir, NETNS), 0);
        return format(&owned);
}

/* Wherever a file was cut off, its whole lines are read and nothing else. */
static void test_torn(void **state) {
        static const char text[] =
                        HEAD "items 31\nmade a 12\nset a mtu 1500 1400\nadopted b 23\nset b master - 99\n";
        size_t whole = 0;

        for (size_t length = 1; length < sizeof(text); length++) {
                _cleanup_(freep) char *torn = read_cut(*state, text, length), *lines = NULL;

                if (text[length - 1] == '\n')
                        whole = length;
                lines = read_cut(*state, text, whole);
                assert_string_equal(torn, lines);
        }
        assert_int_equal(whole, sizeof(text) - 1);
}

/* A held queue is held by a process; the record outlives it. */
static void test_held_is_not_written(void **state) {
        _cleanup_(owned_done) Owned owned = {}, again = {};

        assert_int_equal(owned_put(&owned, "tun0", 4, true), 0);
        owned_find(&owned, "tun0")->held = true;
        assert_int_equal(owned_write(&owned, *state, NETNS), 0);
        assert_int_equal(owned_read(&again, *state, NETNS), 0);
        check(&again, "made tun0 4");
}

static void test_loan(void **state) {
        _cleanup_(owned_done) Owned owned = {}, again = {};

        owned_lend(&owned, "tun0", 1000, 77); /* nobody knows it */
        assert_false(owned.dirty);
        assert_int_equal(owned_put(&owned, "tun0", 4, true), 0);
        owned_lend(&owned, "tun0", 1000, 77);
        assert_int_equal(owned_write(&owned, *state, NETNS), 0);
        assert_int_equal(owned_read(&again, *state, NETNS), 0);
        check(&again, "made tun0 4 lent 1000 77");

        owned_lend(&owned, "tun0", 1000, 77);
        assert_false(owned.dirty);
        owned_lend(&owned, "tun0", 1000, 0);
        assert_true(owned.dirty);
        check(&owned, "made tun0 4 lent 1000 0");
        owned_lend(&owned, "tun0", -1, 77);
        check(&owned, "made tun0 4");
}

static void test_only_changes_are_written(void **state) {
        _cleanup_(freep) char *path = file_in(*state, "links");
        _cleanup_(owned_done) Owned owned = {};
        struct stat st;

        assert_int_equal(owned_write(&owned, *state, NETNS), 0);
        assert_int_equal(access(path, F_OK), -1);

        assert_int_equal(owned_put(&owned, "tun0", 4, true), 0);
        assert_int_equal(owned_write(&owned, *state, NETNS), 0);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(owned_write(&owned, *state, NETNS), 0);
        assert_int_equal(access(path, F_OK), -1);

        /* An emptied record is a change. */
        owned_remove(&owned, "tun0");
        assert_int_equal(owned_write(&owned, *state, NETNS), 0);
        assert_int_equal(stat(path, &st), 0);
}

static void test_readable_by_all(void **state) {
        _cleanup_(freep) char *path = file_in(*state, "links");
        _cleanup_(owned_done) Owned owned = {};
        mode_t before = umask(0077);
        struct stat st;
        int r;

        assert_int_equal(owned_put(&owned, "tun0", 4, true), 0);
        r = owned_write(&owned, *state, NETNS);
        umask(before);
        assert_int_equal(r, 0);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0644);
}

static void test_missing_file(void **state) {
        _cleanup_(owned_done) Owned owned = { .dirty = true };

        assert_int_equal(owned_read(&owned, *state, NETNS), 0);
        assert_int_equal(owned.n, 0);
        assert_false(owned.dirty);
        assert_int_equal(owned_read(&owned, "/nonexistent/state", NETNS), 0);
}

/* The text of a file, and what is read of it in the namespace NETNS. */
typedef struct ReadRow {
        const char *name;
        const char *text;
        const char *expected;
        bool torn; /* it is to be written anew: nothing may be added behind half a line */
} ReadRow;

static const ReadRow read_rows[] = {
        { "read: as written",
          "# Links made by netdevd(8); rewritten by it.\n" HEAD "made tun0 4\nadopted tun1 5\nmade tun2 0\n",
          "made tun0 4, adopted tun1 5, made tun2 0" },
        { "read: nothing", "", "" },
        { "read: another namespace", "netns 4026532000\nmade tun0 4\n", "" },
        { "read: another namespace, then this one", "netns 4026532000\nmade tun0 4\n" HEAD "made tun1 5\n",
          "" },
        { "read: this one, then another namespace", HEAD "made tun0 4\nnetns 1\nmade tun1 5\n",
          "made tun0 4" },
        { "read: no namespace", "made tun0 4\n", "" },
        { "read: before the namespace", "made tun0 4\n" HEAD "made tun1 5\n", "made tun1 5" },
        { "read: not sorted", HEAD "made b 2\nmade a 1\nmade c 3\n", "made a 1, made b 2, made c 3" },
        { "read: a name twice", HEAD "made a 1\nadopted a 2\n", "adopted a 2" },
        { "read: no newline at the end: half a number", HEAD "made a 1\nmade b 12", "made a 1", true },
        { "read: more than belongs in a line",
          HEAD
          "made a 1 2\nmade b 1x\nadopted c 3\nset c mtu 1500 1400 1\nset c mtu 1500x 1400\nitems 3 4\n",
          "adopted c 3" },
        { "read: cut off in the middle of a line", HEAD "made a 1\nmade b", "made a 1", true },
        { "read: unknown word", HEAD "found a 1\nmadeup b 2\nmade c 3\n", "made c 3" },
        { "read: no index", HEAD "made a\nmade b x\nmade c 3\n", "made c 3" },
        { "read: negative index", HEAD "made a -1\nmade c 3\n", "made c 3" },
        { "read: name too long", HEAD "made sixteen-bytes-xy 1\nmade c 3\n", "made c 3" },
        { "read: empty lines", HEAD "\n\nmade c 3\n\n", "made c 3" },
        { "read: held is no word of the file", HEAD "made a 1\nheld a\n", "made a 1" },
        { "read: a value, with and without what was before",
          HEAD "made a 1\nset a mtu 1500 1400\nset a master - 9\n", "made a 1 mtu 1500>1400 master ?>9" },
        { "read: values in another order", HEAD "made a 1\nset a master 0 9\nset a mtu 1500 1400\n",
          "made a 1 mtu 1500>1400 master 0>9" },
        { "read: a value of a sysctl and of a port",
          HEAD "adopted a 1\nset a ipv4-reverse-path-filter 0 2\nset a port-hairpin 0 1\n",
          "adopted a 1 port-hairpin 0>1 ipv4-reverse-path-filter 0>2" },
        { "read: the largest value", HEAD "made a 1\nset a ipv6-privacy-extensions 18446744073709551615 0\n",
          "made a 1 ipv6-privacy-extensions 18446744073709551615>0" },
        { "read: values of two links",
          HEAD "made a 1\nset a mtu 1500 1400\nadopted b 2\nset b mtu 9000 1300\n",
          "made a 1 mtu 1500>1400, adopted b 2 mtu 9000>1300" },
        { "read: a value twice: the first before, the last value",
          HEAD "made a 1\nset a mtu 1500 1400\nset a mtu 1400 1300\n", "made a 1 mtu 1500>1300" },
        { "read: a value of a link that is not there", HEAD "set a mtu 1500 1400\nmade a 1\nset b mtu 1 2\n",
          "made a 1" },
        { "read: values of an earlier link of the name", HEAD "made a 1\nset a mtu 1500 1400\nmade a 2\n",
          "made a 2" },
        { "read: a value of no known name", HEAD "made a 1\nset a colour 1 2\nset a MTU 1 2\n", "made a 1" },
        { "read: a value without what was before", HEAD "made a 1\nset a mtu 1400\nset a mtu\nset a\nset\n",
          "made a 1" },
        { "read: a value that is no number", HEAD "made a 1\nset a mtu x 1400\nset a master 0 x\n",
          "made a 1" },
        { "read: the link's name too long", HEAD "made a 1\nset sixteen-bytes-xy mtu 1500 1400\n",
          "made a 1" },
        { "read: what was before too long", HEAD "made a 1\nset a mtu 111111111111111111111111 1400\n",
          "made a 1" },
        { "read: a loan", HEAD "made a 1\nlent a 1000 77\nadopted b 2\nlent b 0 0\n",
          "made a 1 lent 1000 77, adopted b 2 lent 0 0" },
        { "read: two loans of one link: the last", HEAD "made a 1\nlent a 1000 77\nlent a 1001 0\n",
          "made a 1 lent 1001 0" },
        { "read: a loan of an earlier link of the name", HEAD "made a 1\nlent a 1000 77\nmade a 2\n",
          "made a 2" },
        { "read: loans that are none",
          HEAD "lent a 1 2\nmade a 1\nlent b 1 2\nlent a 1\nlent a x 2\nlent a 1 2 3\nlent a\nlent\n",
          "made a 1" },
        { "read: items", HEAD "items 5\nmade a 1\n", "made a 1, items 5" },
        { "read: items twice", HEAD "items 1\nitems 4\n", "items 5" },
        { "read: items that are no number", HEAD "items x\nitems\n", "" },
        { "read: items of another namespace", "netns 1\nitems 5\n", "" },
        { "read: values before the namespace", "made a 1\nset a mtu 1500 1400\nitems 5\n" HEAD "made a 1\n",
          "made a 1" },
        { "read: control characters", HEAD "\x01\xff\x1b[2J\nmade c 3\n", "made c 3" },
};

static void test_read(void **state) {
        const ReadRow *row = *state;
        _cleanup_(owned_done) Owned owned = {};
        void *dir = NULL;

        assert_int_equal(new_dir(&dir), 0);
        put_text(dir, row->text);
        assert_int_equal(owned_read(&owned, dir, NETNS), 0);
        assert_int_equal(owned.dirty, row->torn);
        assert_int_equal(remove_dir(&dir), 0);
        check(&owned, row->expected);
}

/* What is added counts as if it had been written, and needs a record that was. */
static void test_append(void **state) {
        _cleanup_(owned_done) Owned owned = {}, again = {};
        const uint64_t before = 1500;

        assert_int_equal(owned_append(*state, "tun0", 4), -ENOENT);
        assert_int_equal(owned_put(&owned, "tun0", 0, true), 0);
        assert_int_equal(owned_put(&owned, "tun1", 0, true), 0);
        assert_int_equal(owned_set(&owned, "tun0", SETTING_MTU, &before, 1400), 0);
        assert_int_equal(owned_write(&owned, *state, NETNS), 0);
        assert_int_equal(owned_append(*state, "tun0", 4), 0);
        assert_int_equal(owned_append(*state, "fifteen-bytes-x", 2147483647), 0);

        assert_int_equal(owned_read(&again, *state, NETNS), 0);
        check(&again, "made fifteen-bytes-x 2147483647, made tun0 4 mtu 1500>1400, made tun1 0");
        assert_false(again.dirty);
        assert_int_equal(owned_append("/nonexistent/state", "tun0", 4), -ENOENT);
}

/* Failing to write changes nothing, and is tried again with the next change or call. */
static void test_unwritable(void **state) {
        _cleanup_(owned_done) Owned owned = {};
        _cleanup_(freep) char *below = file_in(*state, "links/state");

        assert_int_equal(owned_put(&owned, "tun0", 4, true), 0);
        assert_int_equal(owned_write(&owned, "/nonexistent/state", NETNS), -ENOENT);
        assert_true(owned.dirty);

        put_text(*state, "");
        assert_int_equal(owned_write(&owned, below, NETNS), -ENOTDIR);
        assert_true(owned.dirty);

        assert_int_equal(owned_write(&owned, *state, NETNS), 0);
        assert_false(owned.dirty);
}

/* A full disk is no whole file: what was there stays. */
static void test_target_cannot_be_replaced(void **state) {
        _cleanup_(freep) char *path = file_in(*state, "links"), *temporary = file_in(*state, ".links.tmp");
        _cleanup_(owned_done) Owned owned = {};

        assert_int_equal(mkdir(path, 0755), 0); /* rename() cannot put a file there */
        assert_int_equal(owned_put(&owned, "tun0", 4, true), 0);
        assert_int_equal(owned_write(&owned, *state, NETNS), -EISDIR);
        assert_true(owned.dirty);
        assert_int_equal(access(temporary, F_OK), -1);
        assert_int_equal(rmdir(path), 0);
}

static int write_as_nobody(const char *dir) {
        _cleanup_(owned_done) Owned owned = {};

        if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
                return 2;
        if (owned_put(&owned, "tun0", 4, true) < 0 || owned_write(&owned, dir, NETNS) != -EACCES)
                return 3;
        return owned.dirty ? 0 : 4;
}

static void test_forbidden(void **state) {
        int status;
        pid_t pid;

        assert_int_equal(chmod(*state, 0555), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
                _exit(write_as_nobody(*state));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(chmod(*state, 0755), 0);
        assert_int_equal(status, 0);
}

/* A symlink under the temporary name is not followed: the file it names is not written. */
static void test_symlink_is_not_followed(void **state) {
        _cleanup_(freep) char *temporary = file_in(*state, ".links.tmp"),
                              *victim = file_in(*state, "victim"), *links = file_in(*state, "links");
        _cleanup_(owned_done) Owned owned = {};
        struct stat st;

        assert_int_equal(symlink(victim, temporary), 0);
        assert_int_equal(owned_put(&owned, "tun0", 4, true), 0);
        assert_int_equal(owned_write(&owned, *state, NETNS), 0);
        assert_int_equal(stat(victim, &st), -1);
        assert_int_equal(lstat(links, &st), 0);
        assert_true(S_ISREG(st.st_mode));

        assert_int_equal(unlink(links), 0);
        assert_int_equal(symlink(victim, links), 0);
        owned_done(&owned);
        assert_int_equal(owned_read(&owned, *state, NETNS), -ELOOP);
        assert_int_equal(unlink(links), 0);
}

/* Neither must wait for whoever never comes. */
static void test_fifo_does_not_block(void **state) {
        _cleanup_(freep) char *temporary = file_in(*state, ".links.tmp"), *links = file_in(*state, "links");
        _cleanup_(owned_done) Owned owned = {};

        assert_int_equal(mkfifo(links, 0600), 0);
        assert_int_equal(mkfifo(temporary, 0600), 0);
        assert_int_equal(owned_read(&owned, *state, NETNS), -EINVAL);
        assert_int_equal(owned_put(&owned, "tun0", 4, true), 0);
        assert_int_equal(owned_write(&owned, *state, NETNS), 0);
        assert_int_equal(unlink(links), 0);
}

/* Atomic: generation g has g % 40 + 1 entries, all with the ifindex g. */

#define GENERATIONS 200

static void fill(Owned *owned, int generation) {
        owned_done(owned);
        for (int i = 0; i <= generation % 40; i++) {
                char name[IFNAMSIZ];

                snprintf(name, sizeof(name), "tun%02d", i);
                assert_int_equal(owned_put(owned, name, generation, true), 0);
        }
}

/* Returns 0, or what was wrong with a file it found. */
static int read_until(const char *dir, const volatile int *stop) {
        int last = 0;

        for (size_t n = 0; !*stop || n == 0; n++) {
                _cleanup_(owned_done) Owned owned = {};

                if (owned_read(&owned, dir, NETNS) < 0)
                        return 2;
                if (owned.n == 0)
                        return 3; /* there is one from the beginning */
                if (owned.n != (size_t) owned.items[0].ifindex % 40 + 1)
                        return 4;
                for (size_t i = 1; i < owned.n; i++)
                        if (owned.items[i].ifindex != owned.items[0].ifindex)
                                return 5;
                if (owned.items[0].ifindex < last)
                        return 6; /* an old one came back */
                last = owned.items[0].ifindex;
        }
        return 0;
}

static void test_never_torn(void **state) {
        volatile int *stop =
                        mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        _cleanup_(owned_done) Owned owned = {};
        int status;
        pid_t pid;

        assert_ptr_not_equal(stop, MAP_FAILED);
        fill(&owned, 1);
        assert_int_equal(owned_write(&owned, *state, NETNS), 0);

        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
                _exit(read_until(*state, stop));

        for (int i = 2; i <= GENERATIONS; i++) {
                fill(&owned, i);
                assert_int_equal(owned_write(&owned, *state, NETNS), 0);
        }
        *stop = 1;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        assert_int_equal(munmap((void *) stop, sizeof(int)), 0);
}

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(read_rows) + 17] = {
                cmocka_unit_test(test_add_missing),
                cmocka_unit_test(test_in_memory),
                cmocka_unit_test_setup_teardown(test_longest_name, new_dir, remove_dir),
                cmocka_unit_test_setup_teardown(test_round_trip, new_dir, remove_dir),
                cmocka_unit_test(test_settings_in_memory),
                cmocka_unit_test_setup_teardown(test_settings_round_trip, new_dir, remove_dir),
                cmocka_unit_test_setup_teardown(test_torn, new_dir, remove_dir),
                cmocka_unit_test_setup_teardown(test_held_is_not_written, new_dir, remove_dir),
                cmocka_unit_test_setup_teardown(test_loan, new_dir, remove_dir),
                cmocka_unit_test_setup_teardown(test_only_changes_are_written, new_dir, remove_dir),
                cmocka_unit_test_setup_teardown(test_append, new_dir, remove_dir),
                cmocka_unit_test_setup_teardown(test_readable_by_all, new_dir, remove_dir),
                cmocka_unit_test_setup_teardown(test_missing_file, new_dir, remove_dir),
                cmocka_unit_test_setup_teardown(test_unwritable, new_dir, remove_dir),
                cmocka_unit_test_setup_teardown(test_target_cannot_be_replaced, new_dir, remove_dir),
                cmocka_unit_test_setup_teardown(test_forbidden, new_dir, remove_dir),
                cmocka_unit_test_setup_teardown(test_symlink_is_not_followed, new_dir, remove_dir),
                cmocka_unit_test_setup_teardown(test_fifo_does_not_block, new_dir, remove_dir),
                cmocka_unit_test_setup_teardown(test_never_torn, new_dir, remove_dir),
        };
        size_t n = 17;

        ROWS_APPEND(tests, &n, test_read, read_rows, NULL);
        return _cmocka_run_group_tests("owned", tests, n, NULL, NULL);
}
