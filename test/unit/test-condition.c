/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Conditions on a machine that is made up, the order of versions, and that reading the real machine gives
 * what the system calls say. */

#include "rows.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "config-dir.h"
#include "config/condition.h"
#include "config/host.h"
#include "config/version.h"

/* A container on a virtual machine with a device tree. Its folders are made in main(). */
static const Host machine = {
        .hostname = (char *) "web1.example",
        .machine_id = (char *) "0123456789abcdef0123456789abcdef",
        .kernel_release = (char *) "6.1.0-28-amd64",
        .kernel_command_line = (char *) "BOOT=x quiet root=/dev/sda1 \"opt=a b\" last\\ one 'open=c d\n",
        .architecture = (char *) "s390x",
        .virtualization = (char *) "lxc",
        .virtualization_is_container = true,
        .device_tree_compatible = (char *) "acme,board-2\nacme,board\n",
        .smbios_dir = (char *) "smbios",
        .credential_dirs = (char *[]){ (char *) "none", (char *) "plain", (char *) "encrypted", NULL },
};

/* Bare metal, of which nothing is known. */
static const Host blank = { .virtualization = (char *) "none", .uefi = true, .private_users = true };

typedef struct Row {
        const char *assignment;
        bool on_machine, on_blank;
} Row;

static const Row rows[] = {
        { "Host=web1.example", true, false },
        { "Host=WEB1.Example", true, false },
        { "Host=web?.*", true, false },
        { "Host=web1", false, false },
        { "Host=!web1", true, false },
        { "Host=!web*", false, false },
        { "Host=0123456789abcdef0123456789abcdef", true, false },
        { "Host=0123456789ABCDEF0123456789abcdef", true, false },
        { "Host=01234567-89ab-cdef-0123-456789abcdef", true, false },
        { "Host=1123456789abcdef0123456789abcdef", false, false },
        { "Host=!1123456789abcdef0123456789abcdef", true, false },
        { "Host=0123456789abcdef0123456789abcde", false, false },

        { "Virtualization=yes", true, false },
        { "Virtualization=1", true, false },
        { "Virtualization=No", false, true },
        { "Virtualization=!no", true, false },
        { "Virtualization=container", true, false },
        { "Virtualization=vm", false, false },
        { "Virtualization=!vm", true, true },
        { "Virtualization=lxc", true, false },
        { "Virtualization=docker", false, false },
        { "Virtualization=none", false, false },
        { "Virtualization=private-users", false, true },
        { "Virtualization=!private-users", true, false },

        { "KernelCommandLine=quiet", true, false },
        { "KernelCommandLine=quie", false, false },
        { "KernelCommandLine=root", true, false },
        { "KernelCommandLine=root=", false, false },
        { "KernelCommandLine=root=/dev/sda1", true, false },
        { "KernelCommandLine=root=/dev/sda", false, false },
        { "KernelCommandLine=BOOT", true, false },
        { "KernelCommandLine=boot", false, false },
        { "KernelCommandLine=opt=a b", true, false },
        { "KernelCommandLine=last one", true, false },
        { "KernelCommandLine=open", true, false },
        { "KernelCommandLine=!debug", true, false },

        { "KernelVersion=6.1*", true, false },
        { "KernelVersion=6.1", false, false },
        { "KernelVersion=*-amd64", true, false },
        { "KernelVersion=!5.*", true, false },
        { "KernelVersion=>=6.1", true, false },
        { "KernelVersion=>=6.10", false, false },
        { "KernelVersion=>6.1.0", true, false },
        { "KernelVersion=<6.1.1", true, false },
        { "KernelVersion=<=6.1", false, false },
        { "KernelVersion=>=6.1 <7", true, false },
        { "KernelVersion=>=6.1 <6.1", false, false },
        { "KernelVersion=!>=6.1 <6.1", true, false },
        { "KernelVersion=>= 6.1", true, false },
        { "KernelVersion=>= 6.1 < 7", false, false },
        { "KernelVersion=!>= 6.1 < 7", false, false },
        { "KernelVersion=\">= 6.1\" \"< 7\"", true, false },
        { "KernelVersion==6.1.0-28-amd64", true, false },
        { "KernelVersion==6.1.0", false, false },
        { "KernelVersion=!=6.1.0", true, false }, /* "!" negates "=6.1.0" */
        { "KernelVersion=!!=6.1.0", false, false },
        { "KernelVersion===6.1.0-28-amd64", true, false },
        { "KernelVersion=<>6.1", true, false },
        { "KernelVersion=$=6.*", true, false },
        { "KernelVersion==$6.*", true, false },
        { "KernelVersion=>=6 !$=*-arm64", true, false },
        { "KernelVersion=>=6 !=$*-amd64", false, false },
        { "KernelVersion=>=", false, false },
        { "KernelVersion=!>=", false, false },
        { "KernelVersion=>=6 \"<7", false, false },
        { "KernelVersion=6.1* 5*", false, false },

        { "Credential=net.key", true, false },
        { "Credential=net.sealed", true, false },
        { "Credential=net.none", false, false },
        { "Credential=!net.none", true, true },
        { "Credential=../plain/net.key", false, false },
        { "Credential=..", false, false },

        { "Architecture=s390x", true, false },
        { "Architecture=s390", false, false },
        { "Architecture=!x86-64", true, false },
        { "Architecture=S390X", false, false },

        { "Firmware=uefi", false, true },
        { "Firmware=!uefi", true, false },
        { "Firmware=device-tree", true, false },
        { "Firmware=device-tree-compatible(acme,board)", true, false },
        { "Firmware=device-tree-compatible(acme,board-2)", true, false },
        { "Firmware=device-tree-compatible(acme)", false, false },
        { "Firmware=device-tree-compatible(acme,board", false, false },
        { "Firmware=device-tree-compatible(acme,board)x", false, false },
        { "Firmware=smbios-field(sys_vendor = Acme)", false, false },
        { "Firmware=smbios-field(sys_vendor = \"Acme Ltd\")", true, false },
        { "Firmware=smbios-field(sys_vendor =$ Acme*)", true, false },
        { "Firmware=smbios-field(sys_vendor $= Acme*)", true, false },
        { "Firmware=smbios-field(sys_vendor !=$ Acme*)", false, false },
        { "Firmware=smbios-field(sys_vendor!=Other)", true, false },
        { "Firmware=smbios-field(bios_version>=2.0)", true, false },
        { "Firmware=smbios-field( bios_version < 2.9 )", false, false },
        { "Firmware=smbios-field(none = x)", false, false },
        { "Firmware=!smbios-field(none = x)", true, false },
        { "Firmware=smbios-field(../smbios/sys_vendor =$ *)", false, false },
        { "Firmware=!smbios-field(sys_vendor)", false, false },
        { "Firmware=bios", false, false },
        { "Firmware=!bios", true, true },
};

/* "Key=value". */
static int set(Conditions *c, const char *assignment, unsigned line, Diagnostics *diag) {
        _cleanup_(freep) char *key = strndup(assignment, strcspn(assignment, "="));
        ConditionType type = condition_type_from_string(key);
        Source source = { "x.netdev", line, "read", "read" };

        assert_true(type >= 0);
        return conditions_set(c, type, strchr(assignment, '=') + 1, &source, diag);
}

static void test_hold(void **state) {
        const Row *row = *state;
        _cleanup_(diag_done) Diagnostics diag = {};
        const Condition *failed = NULL;
        Conditions c = {};

        assert_int_equal(set(&c, row->assignment, 7, &diag), 0);
        assert_true(conditions_are_given(&c));
        assert_int_equal(conditions_hold(&c, &machine, &failed), row->on_machine);
        if (!row->on_machine) {
                assert_string_equal(failed->source.path, "x.netdev");
                assert_int_equal(failed->source.line, 7);
                assert_string_equal(failed->source.section, "Match");
                assert_string_equal(failed->value, strchr(row->assignment, '=') + 1);
        }
        assert_int_equal(conditions_hold(&c, &blank, NULL), row->on_blank);
        conditions_done(&c);
}

typedef struct AdviceRow {
        const char *assignment;
        const char *text; /* NULL: none */
        const char *hint; /* NULL: any */
} AdviceRow;

static const AdviceRow advice_rows[] = {
        { "Architecture=x86_64", "Architecture= 'x86_64' is no architecture; the condition never holds",
          "did you mean 'x86-64'?" },
        { "Architecture=!ARM64", "Architecture= '!ARM64' is no architecture; the condition always holds",
          "did you mean 'arm64'?" },
        { "Architecture=vax", "Architecture= 'vax' is no architecture; the condition never holds", NULL },
        { "Architecture=native", NULL, NULL },
        { "Architecture=!riscv64", NULL, NULL },
        { "Virtualization=kvn",
          "Virtualization= 'kvn' is no kind of virtualization; the condition never holds",
          "did you mean 'kvm'?" },
        { "Virtualization=off", NULL, NULL },
        { "Virtualization=!vm", NULL, NULL },
        { "Virtualization=private-users", NULL, NULL },
        { "Virtualization=systemd-nspawn", NULL, NULL },
        { "Firmware=bios", "Firmware= 'bios' is no kind of firmware; the condition never holds", NULL },
        { "Firmware=smbios-field(x)",
          "Firmware= 'smbios-field(x)' is no comparison of a field; the condition never holds", NULL },
        { "Firmware=!smbios-field(= x)",
          "Firmware= '!smbios-field(= x)' is no comparison of a field; the condition never holds", NULL },
        { "Firmware=smbios-field(a = b)", NULL, NULL },
        { "Firmware=device-tree-compatible()", NULL, NULL },
        { "KernelVersion=>=6.1 <",
          "KernelVersion= '>=6.1 <' is no list of comparisons; the condition never holds", NULL },
        { "KernelVersion=!>= 6.1 < 7",
          "KernelVersion= '!>= 6.1 < 7' is no list of comparisons; the condition never holds", NULL },
        { "KernelVersion=>=99 <1", NULL, NULL },
        { "Credential=a/b", "Credential= 'a/b' can be no credential; the condition never holds", NULL },
        { "Host=anything [at all", NULL, NULL },
        { "KernelCommandLine=!!", NULL, NULL },
};

static void test_advice(void **state) {
        const AdviceRow *row = *state;
        _cleanup_(diag_done) Diagnostics diag = {};
        Conditions c = {};

        assert_int_equal(set(&c, row->assignment, 3, &diag), 0);
        assert_int_equal(diag.n, row->text ? 1 : 0);
        if (row->text) {
                assert_string_equal(diag.items[0].text, row->text);
                assert_string_equal(diag.items[0].path, "x.netdev");
                assert_int_equal(diag.items[0].line, 3);
                assert_true(diag.items[0].advice);
                assert_non_null(diag.items[0].hint);
                if (row->hint)
                        assert_string_equal(diag.items[0].hint, row->hint);
        }
        conditions_done(&c);
}

static void test_all_must_hold(void **state _unused_) {
        _cleanup_(diag_done) Diagnostics diag = {};
        const Condition *failed = NULL;
        Conditions c = {};

        assert_false(conditions_are_given(&c));
        assert_true(conditions_hold(&c, &blank, &failed));

        set(&c, "Virtualization=lxc", 1, &diag);
        set(&c, "Host=web1.example", 2, &diag);
        assert_true(conditions_hold(&c, &machine, &failed));
        assert_null(failed);

        /* Of two values of one key the last counts. */
        set(&c, "Host=web2", 3, &diag);
        assert_false(conditions_hold(&c, &machine, &failed));
        assert_string_equal(failed->value, "web2");
        assert_string_equal(failed->source.key, "Host");
        assert_int_equal(failed->source.line, 3);

        set(&c, "Host=", 4, &diag);
        assert_true(conditions_hold(&c, &machine, NULL));
        set(&c, "Virtualization=", 5, &diag);
        assert_false(conditions_are_given(&c));
        assert_int_equal(diag.n, 0);
        conditions_done(&c);
}

typedef struct VersionRow {
        const char *a, *b;
        int expected;
} VersionRow;

static const VersionRow version_rows[] = {
        { "6.1", "6.1", 0 },
        { "6.1", "6.10", -1 },
        { "6.9", "6.10", -1 },
        { "6.01", "6.1", 0 },
        { "6.1.0", "6.1", 1 },
        { "6.1.0-rc1", "6.1.0", 1 },
        { "6.1~rc1", "6.1", -1 },
        { "6.1~rc1", "6.1~rc2", -1 },
        { "0~", "0~~", -1 }, /* each mark once in a round, as in systemd */
        { "6.1^2", "6.1", 1 },
        { "6.1^2", "6.1.1", -1 },
        { "6.1-2", "6.1.1", -1 },
        { "1.a", "1.1", -1 },
        { "1.a", "1.b", -1 },
        { "1.a", "1.A", 1 },
        { "1.ab", "1.a", 1 },
        { "1_2", "12", -1 },
        { "_1+", "1", 0 },
        { "", "0", -1 },
        { "", "", 0 },
        { "99999999999999999999999", "100000000000000000000000", -1 },
        { "6.18.44-fc-v669", "6.18.44", 1 },
};

static void test_versions(void **state) {
        const VersionRow *row = *state;

        assert_int_equal(version_compare(row->a, row->b), row->expected);
        assert_int_equal(version_compare(row->b, row->a), -row->expected);
}

/* This very machine. */
static void test_read(void **state _unused_) {
        _cleanup_(host_freep) Host *h = NULL;
        char name[256] = "";
        struct utsname u;

        assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "/one", 1), 0);
        assert_int_equal(setenv("ENCRYPTED_CREDENTIALS_DIRECTORY", "not/absolute", 1), 0);
        assert_int_equal(host_read(&h), 0);

        assert_int_equal(uname(&u), 0);
        assert_int_equal(gethostname(name, sizeof(name) - 1), 0);
        if (*name)
                assert_string_equal(h->hostname, name);
        assert_string_equal(h->kernel_release, u.release);
        assert_non_null(h->virtualization);
        if (h->machine_id)
                assert_int_equal(strlen(h->machine_id), 32);
        if (strcmp(u.machine, "x86_64") == 0)
                assert_string_equal(h->architecture, "x86-64");
        if (strcmp(u.machine, "aarch64") == 0)
                assert_string_equal(h->architecture, "arm64");
        assert_string_equal(h->credential_dirs[0], "/one");
        assert_null(h->credential_dirs[1]);
}

static int set_up(void **state) {
        if (config_dir_enter(state) < 0)
                return -1;
        config_dir_put("plain/net.key", "x");
        config_dir_put("encrypted/net.sealed", "x");
        config_dir_put("smbios/sys_vendor", "Acme Ltd \n");
        config_dir_put("smbios/bios_version", "2.10\n");
        return 0;
}

int main(void) {
        static struct CMUnitTest
                        tests[ELEMENTSOF(rows) + ELEMENTSOF(advice_rows) + ELEMENTSOF(version_rows) + 2] = {
                                cmocka_unit_test(test_all_must_hold),
                                cmocka_unit_test(test_read),
                        };
        size_t n = 2;

        ROWS_APPEND(tests, &n, test_hold, rows, "condition");
        ROWS_APPEND(tests, &n, test_advice, advice_rows, "advice");
        ROWS_APPEND(tests, &n, test_versions, version_rows, "version");
        return _cmocka_run_group_tests("condition", tests, n, set_up, config_dir_leave);
}
