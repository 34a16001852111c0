/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevd.conf: its values, its mistakes, where it is looked for, and the names of route tables. */

#include "rows.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "config-dir.h"
#include "config/settings.h"

static const char *const dirs[] = { "./etc", "./run", "./lib", NULL };

static int enter(void **state) {
        if (config_dir_enter(state) < 0)
                return -1;
        for (size_t i = 0; dirs[i]; i++)
                if (mkdir(dirs[i], 0755) < 0)
                        return -1;
        return 0;
}

/* One line of values other than the defaults. */
static void dump_settings(FILE *f, const Settings *s) {
        for (char **d = s->directories; d && *d; d++)
                fprintf(f, "dir=%s ", *d);
        fprintf(f, "%s%s%s%s", s->remove_undeclared ? "remove " : "", s->enforce ? "enforce " : "",
                s->manage_foreign_routes ? "routes " : "",
                s->manage_foreign_routing_policy_rules ? "rules " : "");
        if (s->default_qdisc != QDISC_KERNEL)
                fprintf(f, "qdisc=%s ", qdisc_to_string((Qdisc) s->default_qdisc));
        if (s->log_level >= 0)
                fprintf(f, "log=%d ", s->log_level);
        for (size_t i = 0; i < s->n_tables; i++)
                fprintf(f, "%s:%u ", s->tables[i].name, s->tables[i].number);
}

static char *load_and_dump(void) {
        _cleanup_(settings_freep) Settings *s = NULL;
        _cleanup_(diag_done) Diagnostics diag = {};
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        assert_int_equal(settings_load(dirs, &diag, &s), 0);
        dump_settings(f, s);
        for (size_t i = 0; i < diag.n; i++) {
                _cleanup_(freep) char *message = diag_message(diag.items + i);

                fprintf(f, "\n%s:%u: %s: %s", diag.items[i].path + 2, diag.items[i].line,
                        severity_to_string(diag.items[i].severity), message);
        }
        fclose(f);
        return text;
}

static void check(const char *expected) {
        _cleanup_(freep) char *text = load_and_dump();

        assert_string_equal(text, expected);
}

typedef struct Row {
        const char *text;     /* of netdevd.conf */
        const char *expected; /* values, then messages */
} Row;

static const Row rows[] = {
        { "", "" },
        { "[Daemon]\n", "" },
        { "[Daemon]\nRemoveUndeclared=yes\nEnforce=1\n", "remove enforce " },
        { "[Daemon]\nEnforce=yes\nEnforce=no\n", "" },
        { "[Network]\nManageForeignRoutes=yes\nManageForeignRoutingPolicyRules=on\n", "routes rules " },
        { "[Daemon]\nDefaultQDisc=fq_codel\n", "qdisc=fq_codel " },
        { "[Daemon]\nDefaultQDisc=fq_codel\nDefaultQDisc=kernel\n", "" },
        { "[Daemon]\nLogLevel=debug\n", "log=7 " },
        { "[Daemon]\nLogLevel=err\n", "log=3 " },
        { "[Daemon]\nDirectories=/a \"/b c\"\nDirectories=/d\n", "dir=/a dir=/b c dir=/d " },
        { "[Daemon]\nDirectories=/a\nDirectories=\nDirectories=/d\n", "dir=/d " },
        { "[Network]\nRouteTable=a:1 b-2:0x10\nRouteTable=c:4294967295\n", "a:1 b-2:16 c:4294967295 " },
        { "[Network]\nRouteTable=a:1\nRouteTable=\nRouteTable=b:1\n", "b:1 " },
        { "[Network]\nRouteTable=a:1 a:1\n", "a:1 " },
        { "[Network]\nRouteTable=backup:254\n", "backup:254 " },
        { "[X-Mine]\nEnforce=yes\n[Daemon]\nX-Note=1\n", "" },

        { "[Daemon]\nEnforce=maybe\n", "\netc/netdevd.conf:2: warning: Enforce= is 'maybe', which is no "
                                       "boolean; the line is ignored; use yes "
                                       "or no" },
        { "[Daemon]\nEnforce=yes\nEnforce=\n", "enforce \netc/netdevd.conf:3: warning: Enforce= is '', "
                                               "which is no boolean; the line is ignored; use yes "
                                               "or no" },
        { "[Daemon]\nDefaultQDisc=red\n",
          "\netc/netdevd.conf:2: warning: DefaultQDisc= 'red' is no queueing discipline known here; the "
          "line is "
          "ignored; use kernel, noqueue, pfifo_fast, fq_codel, fq or another one that needs no parameters" },
        { "[Daemon]\nLogLevel=crit\n",
          "\netc/netdevd.conf:2: warning: LogLevel= 'crit' is no log level; the line "
          "is ignored; use debug, info, notice, warning or err" },
        { "[Daemon]\nLogLevel=\n",
          "\netc/netdevd.conf:2: warning: LogLevel= '' is no log level; the line is "
          "ignored; use debug, info, notice, warning or err" },
        { "[Daemon]\nDirectories=/a b /c\n", "dir=/a dir=/c \netc/netdevd.conf:2: warning: 'b' in "
                                             "Directories= is no absolute path; the word is "
                                             "ignored; write full paths, for example /etc/systemd/network" },
        { "[Daemon]\nDirectories=/a \"/b\n", "dir=/a \netc/netdevd.conf:2: warning: Directories= '/a \"/b' "
                                             "has a quote that is not closed; the words "
                                             "from there on are ignored; close the quote" },
        { "[Network]\nRouteTable=main:5 a:1\n", "a:1 \netc/netdevd.conf:2: warning: 'main:5' in RouteTable= "
                                                "names a table that has its number from the "
                                                "kernel; the word is ignored; use another name" },
        { "[Network]\nRouteTable=7:5\n",
          "\netc/netdevd.conf:2: warning: '7:5' in RouteTable= names a table by a number; the word is "
          "ignored; "
          "write NAME:NUMBER, for example vpn:1000, with a number of 1 to 4294967295" },
        { "[Network]\nRouteTable=a\n",
          "\netc/netdevd.conf:2: warning: 'a' in RouteTable= is no table with a number; the word is "
          "ignored; "
          "write NAME:NUMBER, for example vpn:1000, with a number of 1 to 4294967295" },
        { "[Network]\nRouteTable=a:0\n",
          "\netc/netdevd.conf:2: warning: 'a:0' in RouteTable= is no table with a number; the word is "
          "ignored; "
          "write NAME:NUMBER, for example vpn:1000, with a number of 1 to 4294967295" },
        { "[Network]\nRouteTable=a:1 a:2 b:1\n",
          "a:1 \netc/netdevd.conf:2: warning: 'a:2' in RouteTable= contradicts 'a:1' before it; the word is "
          "ignored; give each table one name and one number\n"
          "etc/netdevd.conf:2: warning: 'b:1' in RouteTable= contradicts 'a:1' before it; the word is "
          "ignored; "
          "give each table one name and one number" },

        { "[Network]\nEnforce=yes\n",
          "\netc/netdevd.conf:2: warning: key 'Enforce' belongs in section [Daemon], "
          "not in [Network]; it is ignored; move it to section [Daemon]" },
        { "[Daemon]\nRouteTable=a:1\n", "\netc/netdevd.conf:2: warning: key 'RouteTable' belongs in section "
                                        "[Network], not in [Daemon]; it is "
                                        "ignored; move it to section [Network]" },
        { "[Daemon]\nEnforced=yes\n", "\netc/netdevd.conf:2: warning: unknown key 'Enforced'; did you mean "
                                      "'Enforce'?" },
        { "[Daemon]\nZzz=yes\n",
          "\netc/netdevd.conf:2: warning: unknown key 'Zzz'; it is ignored; remove it, or "
          "name it X-… to keep it" },
        { "[Deamon]\nEnforce=yes\n", "\netc/netdevd.conf:1: warning: unknown section [Deamon]; did you mean "
                                     "'Daemon'?" },
        { "[Network]\nSpeedMeter=yes\n[DHCPv4]\nDUIDType=link-layer\n",
          "\netc/netdevd.conf:3: notice: the section is not implemented; systemd-networkd knows it; netdevd "
          "leaves "
          "it out\netc/netdevd.conf:2: notice: the key is not implemented; systemd-networkd knows it; "
          "netdevd "
          "leaves it out" },
};

static void test_row(void **state) {
        const Row *row = *state;

        assert_int_equal(enter(NULL), 0);
        config_dir_put("etc/netdevd.conf", row->text);
        check(row->expected);
        assert_int_equal(config_dir_leave(NULL), 0);
}

static void test_nothing(void **state _unused_) {
        _cleanup_(settings_freep) Settings *s = NULL;
        _cleanup_(diag_done) Diagnostics diag = {};

        assert_int_equal(settings_load((const char *const[]){ "./a", "./b", NULL }, &diag, &s), 0);
        assert_int_equal(diag.n, 0);
        assert_null(s->files);
        assert_null(s->directories);
        assert_int_equal(s->log_level, -1);
        assert_int_equal(s->default_qdisc, QDISC_KERNEL);
        assert_false(s->remove_undeclared || s->enforce || s->manage_foreign_routes ||
                     s->manage_foreign_routing_policy_rules);
}

/* The highest main file alone, then the drop-ins of all directories by name. */
static void test_precedence(void **state _unused_) {
        _cleanup_(settings_freep) Settings *s = NULL;
        _cleanup_(diag_done) Diagnostics diag = {};

        config_dir_put("run/netdevd.conf", "[Daemon]\nEnforce=yes\nLogLevel=info\n");
        config_dir_put("lib/netdevd.conf", "[Daemon]\nRemoveUndeclared=yes\n");
        config_dir_put("etc/other.conf", "[Daemon]\nRemoveUndeclared=yes\n");
        config_dir_put("etc/netdevd.conf.d/20-x.conf", "[Daemon]\nDefaultQDisc=noqueue\n");
        config_dir_put("lib/netdevd.conf.d/20-x.conf", "[Daemon]\nRemoveUndeclared=yes\n");
        config_dir_put("lib/netdevd.conf.d/30-y.conf", "[Daemon]\nLogLevel=debug\n");
        config_dir_put("etc/netdevd.conf.d/10-z.conf", "[Daemon]\nLogLevel=warning\n");
        config_dir_put("etc/netdevd.conf.d/README", "nonsense");
        check("enforce qdisc=noqueue log=7 ");

        assert_int_equal(settings_load(dirs, &diag, &s), 0);
        assert_int_equal(strv_length(s->files), 4);
        assert_string_equal(s->files[0], "./run/netdevd.conf");
        assert_string_equal(s->files[1], "./etc/netdevd.conf.d/10-z.conf");
        assert_string_equal(s->files[2], "./etc/netdevd.conf.d/20-x.conf");
        assert_string_equal(s->files[3], "./lib/netdevd.conf.d/30-y.conf");
}

static void test_masks(void **state _unused_) {
        config_dir_put("lib/netdevd.conf", "[Daemon]\nEnforce=yes\n");
        config_dir_put("lib/netdevd.conf.d/a.conf", "[Daemon]\nRemoveUndeclared=yes\n");
        config_dir_put("lib/netdevd.conf.d/b.conf", "[Daemon]\nLogLevel=debug\n");
        check("remove enforce log=7 ");

        assert_int_equal(symlink("/dev/null", "etc/netdevd.conf"), 0);
        check("remove log=7 ");
        config_dir_put("run/netdevd.conf.d/a.conf", "");
        check("log=7 ");
}

/* Drop-ins count without a main file, too. */
static void test_dropin_alone(void **state _unused_) {
        config_dir_put("run/netdevd.conf.d/a.conf", "[Daemon]\nEnforce=yes\n");
        check("enforce ");
}

static void test_main_file_is_dropin(void **state _unused_) {
        config_dir_put("etc/netdevd.conf.d/b.conf", "[Network]\nRouteTable=b:2\n");
        config_dir_put("etc/netdevd.conf.d/a.conf", "[Network]\nRouteTable=a:1\n");
        assert_int_equal(symlink("netdevd.conf.d/b.conf", "etc/netdevd.conf"), 0);
        check("a:1 b:2 ");
}

/* A file that cannot be read costs that file. */
static void test_bad_files(void **state _unused_) {
        _cleanup_(freep) char *text = NULL;

        config_dir_put("etc/netdevd.conf", "[Daemon\nEnforce=yes\n");
        config_dir_put("etc/netdevd.conf.d/a.conf", "[Daemon]\nLogLevel=debug\n");
        config_dir_put("run/netdevd.conf.d", "no directory");
        assert_int_equal(mkdir("lib/netdevd.conf.d", 0755), 0);
        assert_int_equal(mkdir("lib/netdevd.conf.d/b.conf", 0755), 0);
        text = load_and_dump();
        assert_memory_equal(text, "log=7 \n", strlen("log=7 \n"));
        assert_non_null(strstr(text, "etc/netdevd.conf:1: error: "));
        assert_non_null(strstr(text, "lib/netdevd.conf.d/b.conf:0: error: "));
}

typedef struct TableRow {
        const char *name;
        int64_t expected; /* -1: none */
} TableRow;

static const TableRow table_rows[] = {
        { "main", 254 }, { "default", 253 }, { "local", 255 },     { "vpn", 1000 },
        { "two", 2 },    { "1000", 1000 },   { "0x10", 16 },       { "4294967295", 4294967295 },
        { "0", -1 },     { "-1", -1 },       { "4294967296", -1 }, { "Main", -1 },
        { "", -1 },      { "vpn:1000", -1 }, { "unspec", -1 },
};

static const Settings table_settings = {
        .tables = (RouteTableName[]){ { (char *) "vpn", 1000 },
                                      { (char *) "two", 2 },
                                      { (char *) "mine", 254 } },
        .n_tables = 3,
};

static void test_table(void **state) {
        const TableRow *row = *state;
        uint32_t number = 77;

        assert_int_equal(settings_table(&table_settings, row->name, &number),
                         row->expected < 0 ? -EINVAL : 0);
        assert_int_equal(number, row->expected < 0 ? 77 : row->expected);
}

static void test_table_names(void **state _unused_) {
        uint32_t number;

        assert_string_equal(settings_table_name(&table_settings, 1000), "vpn");
        assert_string_equal(settings_table_name(&table_settings, 254), "main");
        assert_null(settings_table_name(&table_settings, 1001));
        assert_string_equal(settings_table_name(NULL, 255), "local");
        assert_null(settings_table_name(NULL, 1000));
        assert_int_equal(settings_table(NULL, "vpn", &number), -EINVAL);
        assert_int_equal(settings_table(NULL, "12", &number), 0);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, enter, config_dir_leave)

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(rows) + ELEMENTSOF(table_rows) + 7] = {
                IN_DIR(test_nothing),
                IN_DIR(test_precedence),
                IN_DIR(test_masks),
                IN_DIR(test_dropin_alone),
                IN_DIR(test_main_file_is_dropin),
                IN_DIR(test_bad_files),
                cmocka_unit_test(test_table_names),
        };
        size_t n = 7;

        ROWS_APPEND(tests, &n, test_row, rows, "settings");
        ROWS_APPEND(tests, &n, test_table, table_rows, "table");
        return _cmocka_run_group_tests("settings", tests, n, NULL, NULL);
}
