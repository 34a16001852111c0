/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* All files as one configuration: where values come from, what outlives a mistake, and which .network file
 * is for which link. What single keys mean: test-config-file.c. */

#include "rows.h"

#include <errno.h>
#include <string.h>

#include "config-dir.h"

static const NetworkConfig *match(const Config *c, const char *name, bool literal_only) {
        return config_match(c, &(LinkFacts){ .name = name }, literal_only);
}

/* Every value knows where it was written, and which of the two messages names the key. */
static void test_sources(void **state _unused_) {
        _cleanup_(config_freep) Config *c = NULL;
        _cleanup_(diag_done) Diagnostics diag = {};
        const DeviceConfig *d;
        const NetworkConfig *n;

        config_dir_put("a.netdev",
                       "[NetDev]\nName=tun0\nKind=tun\n\n[Tun]\nUser=one\nGroup=kvm\nMultiQueue=bad\n");
        config_dir_put("a.netdev.d/b.conf", "[Tun]\n\nUser=two\n");
        config_dir_put("a.network",
                       "[Match]\nName=tun0\n[Link]\nMTUBytes=1400\n[Network]\nAddress=192.0.2.1/24\n");
        c = config_dir_load(&diag);

        d = config_device(c, "tun0");
        assert_non_null(d);
        assert_string_equal(d->file_name, "a.netdev");
        assert_string_equal(d->files[0], "./a.netdev");
        assert_string_equal(d->files[1], "./a.netdev.d/b.conf");
        assert_null(d->files[2]);
        assert_string_equal(given_source(&d->given, DEVICE_NAME)->path, "./a.netdev");
        assert_int_equal(given_source(&d->given, DEVICE_NAME)->line, 2);
        assert_int_equal(given_source(&d->given, DEVICE_KIND)->line, 3);
        assert_string_equal(given_source(&d->given, DEVICE_USER)->path, "./a.netdev.d/b.conf");
        assert_int_equal(given_source(&d->given, DEVICE_USER)->line, 3);
        assert_string_equal(given_source(&d->given, DEVICE_USER)->section, "Tun");
        assert_string_equal(given_source(&d->given, DEVICE_USER)->key, "User");
        assert_int_equal(given_source(&d->given, DEVICE_GROUP)->line, 7);
        assert_null(given_source(&d->given, DEVICE_MULTI_QUEUE)->path); /* refused: a default */
        assert_null(config_device(c, "tun1"));

        n = match(c, "tun0", false);
        assert_non_null(n);
        assert_int_equal(given_source(&n->given, NETWORK_MTU)->line, 4);
        assert_string_equal(n->addresses[0].source.path, "./a.network");
        assert_int_equal(n->addresses[0].source.line, 6);

        assert_int_equal(diag.n, 1);
        assert_string_equal(diag.items[0].section, "Tun");
        assert_string_equal(diag.items[0].key, "MultiQueue");
}

static void test_too_many_addresses(void **state _unused_) {
        _cleanup_(config_freep) Config *c = NULL;
        _cleanup_(diag_done) Diagnostics diag = {};
        FILE *f = fopen("a.network", "we");

        assert_non_null(f);
        fputs("[Match]\nName=tun0\n[Network]\n", f);
        for (unsigned i = 0; i < CONFIG_ADDRESSES_MAX + 3; i++)
                fprintf(f, "Address=10.0.%u.%u/32\n", i / 256, i % 256);
        fclose(f);
        c = config_dir_load(&diag);

        assert_int_equal(c->networks[0]->n_addresses, CONFIG_ADDRESSES_MAX);
        assert_int_equal(diag.n, 1); /* said once */
        assert_string_equal(diag.items[0].text, "more than 1024 addresses; the line is ignored");
}

static void test_no_dir_is_no_configuration(void **state _unused_) {
        _cleanup_(config_freep) Config *c = NULL;
        _cleanup_(diag_done) Diagnostics diag = {};

        assert_int_equal(config_load((const char *const[]){ "./missing", NULL }, &config_dir_host, NULL,
                                     &diag, &c),
                         0);
        assert_int_equal(c->n_devices + c->n_networks, 0);
        assert_null(c->failed);

        config_dir_put("file", "x");
        c = config_free(c);
        assert_int_equal(config_load((const char *const[]){ "./file", NULL }, &config_dir_host, NULL, &diag,
                                     &c),
                         -ENOTDIR);
        assert_null(c);
        assert_true(diag_any(&diag, SEVERITY_ERROR));
}

/* config_inherit(): a mistake is no wish to delete. */

static Config *load_quietly(void) {
        _cleanup_(diag_done) Diagnostics diag = {};

        return config_dir_load(&diag);
}

static void check_inherited(Config *now, Config *before, const char *expected) {
        static const Diagnostics none;
        _cleanup_(freep) char *text = NULL;

        assert_int_equal(config_inherit(now, before), 0);
        text = config_dump(now, &none);
        assert_string_equal(text, expected);
}

static void put_good_files(void) {
        config_dir_put("10-a.netdev", "[NetDev]\nName=aaa\nKind=tun\n[Tun]\nUser=one\n");
        config_dir_put("20-b.netdev", "[NetDev]\nName=bbb\nKind=tun\n");
        config_dir_put("10-a.network", "[Match]\nName=aaa\n[Network]\nAddress=192.0.2.1/24\n");
        config_dir_put("20-b.network", "[Match]\nName=bbb\n");
}

static void test_inherit_nothing(void **state _unused_) {
        _cleanup_(config_freep) Config *before = NULL, *now = NULL;

        put_good_files();
        before = load_quietly();
        config_dir_put("10-a.netdev", "[NetDev]\nName=aaa\nKind=tun\n[Tun]\nUser=two\n");
        assert_int_equal(unlink("20-b.netdev"), 0);
        now = load_quietly();

        /* Nothing failed: what is gone is gone. */
        check_inherited(now, before,
                        "aaa tun user=two\n10-a.network 'aaa' 192.0.2.1/24\n20-b.network 'bbb'\n");
        assert_int_equal(before->n_devices, 2);
        assert_non_null(before->devices[0]);
}

static void test_inherit_device(void **state _unused_) {
        _cleanup_(config_freep) Config *before = NULL, *now = NULL;

        put_good_files();
        before = load_quietly();
        config_dir_put("10-a.netdev", "[NetDev\nName=aaa\n");
        config_dir_put("05-c.netdev", "[NetDev]\nName=ccc\nKind=tap\n");
        now = load_quietly();

        check_inherited(now, before,
                        "ccc tap\naaa tun user=one\nbbb tun\n10-a.network 'aaa' 192.0.2.1/24\n20-b.network "
                        "'bbb'\n"
                        "failed 10-a.netdev\n");
        /* It may be freed now: nothing is borrowed. */
        before = config_free(before);
        assert_string_equal(given_source(&config_device(now, "aaa")->given, DEVICE_USER)->path,
                            "./10-a.netdev");
        assert_int_equal(given_source(&config_device(now, "aaa")->given, DEVICE_USER)->line, 5);
}

static void test_inherit_network_in_its_place(void **state _unused_) {
        _cleanup_(config_freep) Config *before = NULL, *now = NULL;

        put_good_files();
        before = load_quietly();
        config_dir_put("10-a.network", "[Network]\nAddress=192.0.2.9/24\n");
        config_dir_put("15-all.network", "[Match]\nName=*\n");
        now = load_quietly();

        check_inherited(now, before,
                        "aaa tun user=one\nbbb tun\n10-a.network 'aaa' 192.0.2.1/24\n15-all.network "
                        "*\n20-b.network 'bbb'\n"
                        "failed 10-a.network\n");
        assert_string_equal(match(now, "aaa", false)->file_name, "10-a.network");
        assert_string_equal(match(now, "bbb", false)->file_name, "15-all.network");
}

static void test_inherit_twice(void **state _unused_) {
        _cleanup_(config_freep) Config *first = NULL, *second = NULL, *third = NULL;

        put_good_files();
        first = load_quietly();
        config_dir_put("10-a.netdev", "[broken\n");
        second = load_quietly();
        assert_int_equal(config_inherit(second, first), 0);
        third = load_quietly();
        check_inherited(third, second,
                        "aaa tun user=one\nbbb tun\n10-a.network 'aaa' 192.0.2.1/24\n20-b.network "
                        "'bbb'\nfailed 10-a.netdev\n");
}

/* The name went to another file meanwhile: the first in file-name order wins, as ever. */
static void test_inherit_name_taken(void **state _unused_) {
        _cleanup_(config_freep) Config *before = NULL, *now = NULL;

        put_good_files();
        before = load_quietly();
        config_dir_put("10-a.netdev", "[broken\n");
        config_dir_put("05-a.netdev", "[NetDev]\nName=aaa\nKind=tap\n");
        config_dir_put("15-b.netdev", "[NetDev]\nName=aaa\nKind=tap\n");
        now = load_quietly();

        check_inherited(now, before,
                        "aaa tap\nbbb tun\n10-a.network 'aaa' 192.0.2.1/24\n20-b.network 'bbb'\nfailed "
                        "10-a.netdev\n");
}

static void test_inherit_from_nothing(void **state _unused_) {
        _cleanup_(config_freep) Config *before = NULL, *now = NULL;

        before = load_quietly();
        config_dir_put("10-a.netdev", "[broken\n");
        now = load_quietly();
        check_inherited(now, before, "failed 10-a.netdev\n");
}

/* config_match(): three files, the link's name, and which file is for it. */
typedef struct MatchRow {
        const char *name;
        const char *words[3]; /* Name= of a.network, b.network, c.network */
        const char *link;
        const char *expected; /* NULL: none */
        const char *expected_literal;
} MatchRow;

static const MatchRow match_rows[] = {
        { "match: literally", { "tun0" }, "tun0", "a.network", "a.network" },
        { "match: not", { "tun0" }, "tun1", NULL, NULL },
        { "match: no prefix", { "tun" }, "tun0", NULL, NULL },
        { "match: in the right case", { "Tun0" }, "tun0", NULL, NULL },
        { "match: *", { "*" }, "tun0", "a.network", NULL },
        { "match: glob", { "t?n[0-3]" }, "tun3", "a.network", NULL },
        { "match: glob, not", { "t?n[0-3]" }, "tun4", NULL, NULL },
        { "match: glob negated set", { "tun[!0]" }, "tun1", "a.network", NULL },
        { "match: one word of several", { "tap* tun0 x" }, "tun0", "a.network", "a.network" },
        { "match: glob and literal word", { "tun* tun0" }, "tun0", "a.network", "a.network" },
        { "match: negated", { "!tun0" }, "tun0", NULL, NULL },
        { "match: only negated words match the rest", { "!tun0" }, "tun1", "a.network", NULL },
        { "match: negated list", { "!tun0 tun1" }, "tun1", NULL, NULL },
        { "match: negated glob", { "!tun*" }, "tap0", "a.network", NULL },
        { "match: first wins", { "tun*", "tun0" }, "tun0", "a.network", NULL },
        { "match: first that matches wins", { "tap*", "tun0", "*" }, "tun0", "b.network", "b.network" },
        { "match: last", { "tap*", "!tun0", "tun0" }, "tun0", "c.network", "c.network" },
        { "match: a glob between plain names", { "tun1", "t*", "tun0" }, "tun0", "b.network", NULL },
        { "match: the third glob", { "tap*", "x*", "t*" }, "tun0", "c.network", NULL },
        { "match: the first of two that list it",
          { "tun1", "tun2 tun0", "tun0" },
          "tun0",
          "b.network",
          "b.network" },
        { "match: a word with a leading blank", { "  tun0  " }, "tun0", "a.network", "a.network" },
        { "match: an escaped glob is a glob, as in systemd", { "tun\\*" }, "tun0", "a.network", NULL },
        { "match: an escaped backslash quotes", { "tun\\\\*" }, "tun*", "a.network", NULL },
        { "match: dots and slashes are no matter", { "*" }, ".x", "a.network", NULL },
};

static void test_match(void **state) {
        const MatchRow *row = *state;
        _cleanup_(config_freep) Config *c = NULL;
        const NetworkConfig *n, *literal;

        assert_int_equal(config_dir_enter(NULL), 0);
        for (size_t i = 0; i < ELEMENTSOF(row->words) && row->words[i]; i++) {
                char path[] = { (char) ('a' + i), '.', 'n', 'e', 't', 'w', 'o', 'r', 'k', 0 };
                _cleanup_(freep) char *text = NULL;

                assert_true(asprintf(&text, "[Match]\nName=%s\n", row->words[i]) > 0);
                config_dir_put(path, text);
        }
        c = load_quietly();
        assert_int_equal(config_dir_leave(NULL), 0);

        n = match(c, row->link, false);
        literal = match(c, row->link, true);
        assert_string_equal(n ? n->file_name : "none", row->expected ?: "none");
        assert_string_equal(literal ? literal->file_name : "none", row->expected_literal ?: "none");
}

/* A link may be named by another of its names, and a [Match] may ask for more than names. */
static void test_match_facts(void **state _unused_) {
        static char *altnames[] = { (char *) "uplink", NULL };
        _cleanup_(config_freep) Config *c = NULL;
        LinkFacts tun = {
                .name = "tun0", .altnames = altnames, .kind = "tun", .type = "none", .driver = "tun"
        };
        LinkFacts tap = { .name = "tap0", .kind = "tap", .type = "ether", .driver = "tun" };

        config_dir_put("a.network", "[Match]\nName=uplink\n");
        config_dir_put("b.network", "[Match]\nKind=tap\nName=t*\n");
        c = load_quietly();

        assert_string_equal(config_match(c, &tun, true)->file_name, "a.network");
        assert_string_equal(config_match(c, &tap, false)->file_name, "b.network");
        assert_null(config_match(c, &tap, true));
        assert_null(match(c, "tap0", false)); /* of no known kind */
        assert_false(config_needs_links(c));
}

static void test_needs_links(void **state _unused_) {
        _cleanup_(config_freep) Config *c = NULL;

        config_dir_put("a.network", "[Match]\nName=tun0\n");
        config_dir_put("b.network", "[Match]\nProperty=ID_X=y\n");
        c = load_quietly();
        assert_true(config_needs_links(c));
}

/* Conditions: a file that is not for this machine is no mistake, and leaves its place to others. */

static void test_skipped(void **state _unused_) {
        _cleanup_(config_freep) Config *c = NULL;
        _cleanup_(diag_done) Diagnostics diag = {};

        config_dir_put("10-a.netdev", "[Match]\nHost=other\n[NetDev]\nName=tun0\nKind=tap\n");
        config_dir_put("20-a.netdev", "[Match]\nHost=test*\n[NetDev]\nName=tun0\nKind=tun\n");
        config_dir_put("10-a.network", "[Match]\nName=tun0\nKernelVersion=<5\n");
        config_dir_put("20-a.network", "[Match]\nName=tun0\nKernelVersion=>=5\n");
        c = config_dir_load(&diag);

        assert_int_equal(diag.n, 0);
        assert_null(c->failed);
        assert_int_equal(c->n_devices, 1);
        assert_int_equal(c->devices[0]->kind, KIND_TUN);
        assert_string_equal(match(c, "tun0", true)->file_name, "20-a.network");

        assert_int_equal(c->n_skipped, 2);
        assert_string_equal(c->skipped[0].file_name, "10-a.netdev");
        assert_non_null(strstr(c->skipped[0].text, "./10-a.netdev:2:"));
        assert_non_null(strstr(c->skipped[0].text, "Host=other"));
        assert_string_equal(c->skipped[1].file_name, "10-a.network");
        assert_non_null(strstr(c->skipped[1].text, "KernelVersion=<5"));
}

/* It says what is wanted, so there is nothing to inherit. */
static void test_skipped_is_not_failed(void **state _unused_) {
        _cleanup_(config_freep) Config *before = NULL, *now = NULL;

        put_good_files();
        before = load_quietly();
        config_dir_put("10-a.netdev", "[Match]\nVirtualization=yes\n[NetDev]\nName=aaa\nKind=tun\n");
        now = load_quietly();
        assert_int_equal(config_inherit(now, before), 0);
        assert_null(config_device(now, "aaa"));
        assert_int_equal(now->n_skipped, 1);
}

/* Names of route tables come from netdevd.conf. */
static void test_settings_are_used(void **state _unused_) {
        _cleanup_(config_freep) Config *c = NULL;
        _cleanup_(diag_done) Diagnostics diag = {};
        RouteTableName table = { (char *) "vpn", 1000 };
        Settings settings = { .tables = &table, .n_tables = 1 };

        config_dir_put("a.network", "[Match]\nName=tun0\n[Route]\nDestination=192.0.2.0/24\nTable=vpn\n");
        assert_int_equal(config_load((const char *const[]){ ".", NULL }, &config_dir_host, &settings, &diag,
                                     &c),
                         0);
        assert_int_equal(diag.n, 0);
        assert_int_equal(c->networks[0]->n_routes, 1);
        assert_true(c->networks[0]->routes[0].table.set);
        assert_int_equal(c->networks[0]->routes[0].table.value, 1000);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, config_dir_enter, config_dir_leave)

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(match_rows) + 16] = {
                IN_DIR(test_sources),
                IN_DIR(test_too_many_addresses),
                IN_DIR(test_no_dir_is_no_configuration),
                IN_DIR(test_inherit_nothing),
                IN_DIR(test_inherit_device),
                IN_DIR(test_inherit_network_in_its_place),
                IN_DIR(test_inherit_twice),
                IN_DIR(test_inherit_name_taken),
                IN_DIR(test_inherit_from_nothing),
                IN_DIR(test_match_facts),
                IN_DIR(test_needs_links),
                IN_DIR(test_skipped),
                IN_DIR(test_skipped_is_not_failed),
                IN_DIR(test_settings_are_used),
        };
        size_t n = 14;

        ROWS_APPEND(tests, &n, test_match, match_rows, NULL);
        return _cmocka_run_group_tests("config", tests, n, NULL, NULL);
}
