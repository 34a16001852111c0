/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Cross checks: a set of files beside what is said about it, and not a word more. What verify makes of it:
 * test-verify.sh. */

#include "rows.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config-dir.h"
#include "plan/check.h"

static int resolve_any(const char *name _unused_, int64_t *ret, void *userdata _unused_) {
        *ret = 1000;
        return 0;
}

/* "== PATH" begins a file. */
static void put_files(const char *text) {
        _cleanup_(freep) char *copy = strdup(text);
        char *next;

        for (char *s = copy; s && *s; s = next) {
                char *path = s + strlen("== "), *body = strchr(path, '\n');

                *body++ = 0;
                next = strstr(body, "== ");
                if (next)
                        next[-1] = 0;
                config_dir_put(path, body);
                if (next)
                        next[-1] = '\n';
        }
}

/* "a.network:2: advice: text", one a line; what the loaders say is no part of it. */
static char *check(const Settings *settings, const CheckMachine *machine) {
        static const char *const dirs[] = { ".", NULL };
        _cleanup_(diag_done) Diagnostics ignored = {}, diag = {};
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(wants_done) Wants wants = {};
        Resolver resolver = { resolve_any, resolve_any, NULL };
        Host host = {};
        char *text = NULL;
        size_t size;
        FILE *f;

        assert_int_equal(config_load(dirs, &host, settings, &ignored, &config), 0);
        assert_int_equal(wants_build(config, settings, NULL, &resolver, &ignored, &wants), 0);
        assert_int_equal(config_check(config, &wants, settings, machine, &diag), 0);
        diag_sort(&diag);

        f = open_memstream(&text, &size);
        assert_non_null(f);
        for (size_t i = 0; i < diag.n; i++) {
                const Diagnostic *d = diag.items + i;

                assert_non_null(d->hint);
                fprintf(f, "%s:%u: %s: %s\n", strncmp(d->path, "./", 2) == 0 ? d->path + 2 : d->path,
                        d->line, d->advice ? "advice" : severity_to_string(d->severity), d->text);
        }
        assert_int_equal(fclose(f), 0);
        return text;
}

typedef struct Row {
        const char *name;
        const char *files;
        const char *expected;
} Row;

#define TUN(n)  "== " n ".netdev\n[NetDev]\nName=" n "\nKind=tun\n"
#define TAP(n)  "== " n ".netdev\n[NetDev]\nName=" n "\nKind=tap\n"
#define NET(n)  "== " n ".network\n[Match]\nName=" n "\n"
#define ADDR(a) "[Network]\nAddress=" a "\n"

static const Row rows[] = {
        { "good", TUN("a") NET("a") ADDR("192.0.2.1/24") "Gateway=192.0.2.2\n", "" },
        { "nothing at all", "== README\nx\n", "" },

        /* Devices and their files. */
        { "no .network", TUN("a"),
          "a.netdev:2: advice: no .network file fits a, so it stays down and gets no address\n" },
        { "unmanaged is meant", TUN("a") NET("a") "[Link]\nUnmanaged=yes\n", "" },
        { "the .network failed", TUN("a") "== a.network\n[Match\nName=a\n", "" },
        { "glob", TUN("vm0") "== x.network\n[Match]\nName=vm*\n", "" },
        { "kind", TUN("vm0") "== x.network\n[Match]\nKind=tun\n", "" },
        { "tap by its kind", TAP("vm0") "== x.network\n[Match]\nKind=tap\n", "" },
        { "type of the other kind", TUN("a") "== x.network\n[Match]\nType=ether\n",
          "a.netdev:2: advice: no .network file fits a, so it stays down and gets no address\n"
          "x.network:1: advice: the file has no effect, since no declared device fits, and links made by "
          "others are "
          "configured only where Name= names them\n" },
        { "quotes in a name", "== a.netdev\n[NetDev]\nName=\"a\"\nKind=tun\n" NET("\"a\""),
          "a.netdev:2: warning: the quotes are part of the name here, so the device is called \"a\"\n" },
        { "comma between names", "== x.network\n[Match]\nName=vm0,vm1\n",
          "x.network:2: warning: vm0,vm1 is taken for one name, with all that stands in it\n" },

        /* Shadows. */
        { "a fallback comes last", TUN("a") NET("a") "== z.network\n[Match]\nName=*\n", "" },
        { "a pattern before a name", TUN("b") "== a.network\n[Match]\nName=*\n" NET("b"),
          "b.network:2: advice: a.network comes first and fits 'b' too; this file is not used for it\n" },
        { "a name twice", TUN("b") "== a.network\n[Match]\nName=b\n" NET("b"),
          "b.network:2: advice: a.network comes first and fits 'b' too; this file is not used for it\n" },
        { "a pattern before a narrower one",
          TUN("vm0") "== a.network\n[Match]\nName=*\n== b.network\n[Match]\nName=vm*\n",
          "b.network:2: advice: a.network comes first and fits 'vm*' too; this file is not used for it\n" },
        { "a pattern before a wider one",
          TUN("vm0") TUN("a") "== b.network\n[Match]\nName=vm*\n== c.network\n[Match]\nName=*\n", "" },
        { "a pattern before a name of others",
          TUN("vm0") "== a.network\n[Match]\nName=vm*\n== b.network\n[Match]\nName=vm1\n",
          "b.network:2: advice: a.network comes first and fits 'vm1' by a pattern, so neither file is used "
          "for it: a "
          "link made by others is configured only where the first file that fits names it\n" },
        { "the earlier one is for another kind",
          TUN("a") "== a.network\n[Match]\nName=*\nKind=tap\n" NET("b") TAP("c"),
          "a.netdev:2: advice: no .network file fits a, so it stays down and gets no address\n" },
        { "of many words one is spoken of",
          TUN("a") TUN("b") "== a.network\n[Match]\nName=*\n== b.network\n[Match]\nName=a b\n",
          "b.network:2: advice: a.network comes first and fits 'a' too; this file is not used for it\n" },
        { "negated", TUN("a") "== a.network\n[Match]\nName=!a\n" NET("b") "== c.network\n[Match]\nName=a\n",
          "a.network:2: advice: the file has no effect, since no declared device fits, and links made by "
          "others are "
          "configured only where Name= names them\n"
          "b.network:2: advice: a.network comes first and fits 'b' by a pattern, so neither file is used "
          "for it: a "
          "link made by others is configured only where the first file that fits names it\n" },
        { "in a drop-in",
          TUN("b") "== a.network\n[Match]\nName=b\n== b.network\n[Match]\nName=c\n"
                   "== b.network.d/x.conf\n\n[Match]\nName=b\n",
          "b.network.d/x.conf:3: advice: a.network comes first and fits 'b' too; this file is not used for "
          "it\n" },

        /* Files that come to nothing. */
        { "a name of others", NET("eth0"), "" },
        { "a pattern for others", "== x.network\n[Match]\nName=eth*\n",
          "x.network:2: advice: the file has no effect, since no declared device fits, and links made by "
          "others are "
          "configured only where Name= names them\n" },
        { "what only a link tells", "== x.network\n[Match]\nMACAddress=02:00:5e:10:00:01\n", "" },

        /* Gateways. */
        { "gateway elsewhere", TUN("a") NET("a") ADDR("192.0.2.1/24") "Gateway=192.0.3.1\n",
          "a.network:5: warning: gateway 192.0.3.1 is in no subnet of the link's addresses; the kernel "
          "refuses the "
          "route\n" },
        { "gateway at the edge", TUN("a") NET("a") ADDR("192.0.2.1/25") "Gateway=192.0.2.127\n", "" },
        { "gateway beyond the edge", TUN("a") NET("a") ADDR("192.0.2.1/25") "Gateway=192.0.2.128\n",
          "a.network:5: warning: gateway 192.0.2.128 is in no subnet of the link's addresses; the kernel "
          "refuses the "
          "route\n" },
        { "gateway of the other family", TUN("a") NET("a") ADDR("192.0.2.1/24") "Gateway=2001:db8::1\n",
          "a.network:5: warning: gateway 2001:db8::1 is in no subnet of the link's addresses; the kernel "
          "refuses the "
          "route\n" },
        { "gateway link-local", TUN("a") NET("a") ADDR("192.0.2.1/24") "Gateway=fe80::1\n", "" },
        { "gateway on link",
          TUN("a") NET("a") ADDR("192.0.2.1/24") "[Route]\nGateway=192.0.3.1\nGatewayOnLink=yes\n", "" },
        { "gateway behind a route",
          TUN("a") NET("a") ADDR(
                          "192.0.2.1/24") "[Route]\nGateway=192.0.3.1\n[Route]\nDestination=192.0.3.0/24\n",
          "" },
        { "gateway is the peer",
          TUN("a") NET("a") "[Address]\nAddress=192.0.2.1/32\nPeer=192.0.3.1/"
                            "32\n[Route]\nGateway=192.0.3.1\n",
          "" },
        { "gateway of a subnet without route",
          TUN("a") NET("a") "[Address]\nAddress=192.0.2.1/"
                            "24\nAddPrefixRoute=no\n[Route]\nGateway=192.0.2.2\n",
          "a.network:6: warning: gateway 192.0.2.2 is in no subnet of the link's addresses; the kernel "
          "refuses the "
          "route\n" },
        { "gateway is the link", TUN("a") NET("a") ADDR("192.0.2.1/24") "Gateway=192.0.2.1\n",
          "a.network:5: warning: gateway 192.0.2.1 is an address of the link itself; the kernel refuses the "
          "route\n" },
        { "gateway without any address", TUN("a") NET("a") "[Network]\nGateway=192.0.2.1\n", "" },

        /* Subnets. */
        { "one subnet on two",
          TUN("a") TUN("b") NET("a") ADDR("192.0.2.1/24") NET("b") ADDR("192.0.2.200/25"),
          "b.network:4: advice: 192.0.2.200/25 of b is in the same subnet as 192.0.2.1/24 of a "
          "(./a.network:4); only one "
          "of them gets the packets of the subnet\n" },
        { "two subnets", TUN("a") TUN("b") NET("a") ADDR("192.0.2.1/25") NET("b") ADDR("192.0.2.200/25"),
          "" },
        { "host bits do not count",
          TUN("a") TUN("b") NET("a") ADDR("10.200.0.1/8") NET("b") ADDR("10.1.0.1/16"),
          "b.network:4: advice: 10.1.0.1/16 of b is in the same subnet as 10.200.0.1/8 of a "
          "(./a.network:4); only one of "
          "them gets the packets of the subnet\n" },
        { "single addresses", TUN("a") TUN("b") NET("a") ADDR("192.0.2.1/32") NET("b") ADDR("192.0.2.1/32"),
          "" },
        { "link-local", TUN("a") TUN("b") NET("a") ADDR("fe80::1/64") NET("b") ADDR("fe80::2/64"), "" },
        { "two addresses of one device", TUN("a") NET("a") ADDR("192.0.2.1/24") "Address=192.0.2.2/24\n",
          "" },
        { "one file for two", TUN("a0") TUN("a1") "== a.network\n[Match]\nName=a*\n" ADDR("192.0.2.1/24"),
          "a.network:4: advice: this file gives 192.0.2.1/24 to more than one device, a0 and a1; only one "
          "of them gets the "
          "packets of the subnet\n" },
        { "in different VRFs",
          TUN("a") TUN("b") NET("a") ADDR("192.0.2.1/24") NET("b") ADDR("192.0.2.2/24") "VRF=red\n", "" },
        { "IPv6", TUN("a") TUN("b") NET("a") ADDR("2001:db8::1/32") NET("b") ADDR("2001:db8:1::1/48"),
          "b.network:4: advice: 2001:db8:1::1/48 of b is in the same subnet as 2001:db8::1/32 of a "
          "(./a.network:4); only "
          "one of them gets the packets of the subnet\n" },

        /* Masters. */
        { "a tap in a bridge", TAP("a") NET("a") "[Network]\nBridge=br0\n", "" },
        { "a tun in a bridge", TUN("a") NET("a") "[Network]\nBridge=br0\n",
          "a.network:4: warning: a is a tun, and only Ethernet devices can be ports of a bridge\n" },
        { "a tun in a VRF", TUN("a") NET("a") "[Network]\nVRF=red\n", "" },
        { "in a declared device", TAP("a") TAP("b") NET("a") "[Network]\nBridge=b\n" NET("b"),
          "a.network:4: warning: 'b' is the tap device that b.netdev declares, and nothing can be put into "
          "it\n" },
};

static void test_row(void **state) {
        const Row *row = *state;
        CheckMachine machine = {};
        _cleanup_(freep) char *text = NULL;

        assert_int_equal(config_dir_enter(NULL), 0);
        put_files(row->files);
        text = check(NULL, &machine);
        assert_string_equal(text, row->expected);
        assert_int_equal(config_dir_leave(NULL), 0);
}

/* Modes, as a daemon sees them that owns nothing. The directory is one that netdevd.conf names. */
static void test_readable(void **state _unused_) {
        _cleanup_(freep) char *here = getcwd(NULL, 0);
        char *dirs[] = { (char *) ".", NULL };
        Settings settings = { .directories = dirs };
        CheckMachine machine = { .has_daemon = true, .uid = 4711, .groups = { 4712 }, .n_groups = 1 };
        const struct {
                mode_t mode;
                bool good;
        } modes[] = { { 0644, true }, { 0640, false }, { 0600, false }, { 0604, true } };

        put_files(TUN("a") NET("a"));
        assert_int_equal(chmod(".", 0755), 0);
        for (size_t i = 0; i < ELEMENTSOF(modes); i++) {
                _cleanup_(freep) char *text = NULL;

                assert_int_equal(chmod("a.netdev", modes[i].mode), 0);
                text = check(&settings, &machine);
                assert_string_equal(text,
                                    modes[i].good ? ""
                                                  : "a.netdev:0: warning: its mode keeps user netdevd "
                                                    "from reading the file, so the daemon will not load "
                                                    "it\n");
        }

        /* A file that the daemon is not to read. */
        settings.directories = NULL;
        assert_int_equal(chmod("a.netdev", 0600), 0);
        {
                _cleanup_(freep) char *text = check(&settings, &machine);

                assert_string_equal(text, "");
        }

        /* By its owner and its group; a directory that may not be entered. */
        settings.directories = dirs;
        {
                struct stat st;
                _cleanup_(freep) char *owner = NULL, *group = NULL, *closed = NULL;

                assert_int_equal(stat("a.netdev", &st), 0);
                machine.uid = st.st_uid == 0 ? 4711 : st.st_uid;
                if (st.st_uid != 0) {
                        owner = check(&settings, &machine);
                        assert_string_equal(owner, "");
                }
                machine.uid = 4711;
                machine.groups[0] = st.st_gid;
                assert_int_equal(chmod("a.netdev", 0640), 0);
                group = check(&settings, &machine);
                assert_string_equal(group, "");

                machine.groups[0] = 4712;
                assert_int_equal(chmod("a.netdev", 0644), 0);
                assert_int_equal(chmod(".", 0700), 0);
                closed = check(&settings, &machine);
                assert_non_null(strstr(closed, here));
                assert_non_null(strstr(closed, "a.network:0: warning"));
        }
}

static void test_networkd_dirs(void **state _unused_) {
        assert_true(check_is_networkds("/etc/systemd/network/10-x.netdev"));
        assert_true(check_is_networkds("/usr/lib/systemd/network/10-x.netdev"));
        assert_false(check_is_networkds("/etc/systemd/networks/10-x.netdev"));
        assert_false(check_is_networkds("/etc/netdevd/network/10-x.netdev"));
}

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(rows) + 2];
        size_t n = 0;

        ROWS_APPEND(tests, &n, test_row, rows, NULL);
        tests[n++] = (struct CMUnitTest) cmocka_unit_test_setup_teardown(test_readable, config_dir_enter,
                                                                         config_dir_leave);
        tests[n++] = (struct CMUnitTest) cmocka_unit_test(test_networkd_dirs);
        return _cmocka_run_group_tests("check", tests, n, NULL, NULL);
}
