/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [Match]: what its lines mean, which links fit, and what can never fit. The links are a tun and a tap as
 * they are on a machine with udev. */

#include "rows.h"

#include <errno.h>
#include <string.h>

#include "config/config-file.h"

/* Reads "Key=value" lines as a [Match] section. */
static void parse(NetworkConfig *n, const char *text, Diagnostics *diag) {
        _cleanup_(freep) char *copy = strdup(text);
        unsigned number = 0;
        char *rest = copy;

        for (char *line; (line = strsep(&rest, "\n"));) {
                char *value = strchr(line, '=');
                Assignment a = { .diag = diag };

                assert_non_null(value);
                *value++ = '\0';
                a.value = value;
                a.source = (Source){ "x.network", ++number, "Match", line };
                a.key = key_find(network_match_keys, "Match", line);
                assert_non_null(a.key);
                assert_true(match_apply(a.key, &a, &n->match) >= 0);
        }
}

/* A udev database with one device in it. */
static char *fake_property(const char *ifname, const char *key, void *userdata) {
        const char *value = NULL;

        assert_string_equal(userdata, "userdata");
        if (strcmp(ifname, "pci0") == 0 && strcmp(key, "ID_PATH") == 0)
                value = "pci-0000:00:03.0";
        if (strcmp(key, "ID_ROLE") == 0)
                value = "front end";
        if (strcmp(key, "ID_EMPTY") == 0)
                value = "";
        return value ? strdup(value) : NULL;
}

static LinkFacts facts(const char *name) {
        static char *altnames[] = { (char *) "uplink", (char *) "a-very-long-alternative-name", NULL };
        bool tap = strncmp(name, "tap", 3) == 0;
        LinkFacts f = {
                .name = name,
                .driver = "tun",
                .type = tap ? "ether" : "none",
                .kind = tap ? "tap" : "tun",
                .property = fake_property,
                .userdata = (char *) "userdata",
        };

        if (tap)
                f.mac_address = (HwAddr){ { 2, 0, 0, 0, 0, 1 }, 6 };
        if (strcmp(name, "tun9") == 0)
                f.altnames = altnames;
        if (strcmp(name, "bare0") == 0)
                f = (LinkFacts){ .name = name };
        if (strcmp(name, "pci0") == 0) {
                f = (LinkFacts){ name,
                                 NULL,
                                 { { 2, 0, 0, 0, 0, 2 }, 6 },
                                 { { 2, 0, 0, 0, 0, 3 }, 6 },
                                 "e1000",
                                 "ether",
                                 NULL,
                                 fake_property,
                                 (char *) "userdata" };
        }
        return f;
}

typedef struct FitRow {
        const char *lines;
        const char *links;    /* those asked, with blanks between */
        const char *expected; /* those that fit */
} FitRow;

static const FitRow fit_rows[] = {
        { "Name=tun0", "tun0 tun1", "tun0" },
        { "Name=tun*", "tun0 tap0", "tun0" },
        { "Name=!tun0 tun1", "tun0 tun1 tun2", "tun2" },
        { "Name=tun*\nName=!tun1 tun2", "tun0 tun1 tun2 tap0", "tun0" },
        { "Name=!tun1\nName=tun*", "tun0 tun1 tap0", "tun0" },
        { "Name=tun0\nName=tap0", "tun0 tap0 tun1", "tun0 tap0" },
        { "Name=tun0\nName=\nName=tap0", "tun0 tap0", "tap0" },
        { "Name=\"tun0\"", "tun0", "" },
        { "Name=tun0\nKind=", "tun0", "tun0" },

        /* Alternative names: one that fits is enough, so an exclusion hardly ever works. */
        { "Name=uplink", "tun0 tun9", "tun9" },
        { "Name=a-very-*", "tun0 tun9", "tun9" },
        { "Name=!tun9", "tun0 tun9", "tun0 tun9" },
        { "Name=!uplink", "tun9", "tun9" },
        { "Name=!*", "tun9", "" },

        /* Kind: the kernel's word for both is tun. */
        { "Kind=tun", "tun0 tap0 bare0", "tun0 tap0" },
        { "Kind=tap", "tun0 tap0 bare0", "tap0" },
        { "Kind=t?[np]", "tun0 tap0", "tun0 tap0" },
        { "Kind=!tap", "tun0 tap0 bare0", "tun0 bare0" },
        { "Kind=!tun", "tun0 tap0 bare0", "bare0" },
        { "Kind=bridge", "tun0 tap0", "" },
        { "Kind=bridge \"tap\"", "tun0 tap0", "tap0" },
        { "Kind=\"\"", "tun0 tap0 bare0", "" },

        { "Type=ether", "tun0 tap0 pci0", "tap0 pci0" },
        { "Type=none", "tun0 tap0", "tun0" },
        { "Type=!ether", "tun0 tap0 bare0", "tun0 bare0" },
        { "Type=ether\nType=none", "tun0 tap0", "tun0 tap0" },
        { "Type=ether\nKind=tap", "tun0 tap0 pci0", "tap0" },
        { "Driver=tun", "tun0 tap0 pci0 bare0", "tun0 tap0" },
        { "Driver=e1000", "tun0 pci0", "pci0" },
        { "Driver=!e1000", "tun0 pci0", "tun0" },

        { "MACAddress=02:00:00:00:00:01", "tun0 tap0 bare0", "tap0" },
        { "MACAddress=02-00-00-00-00-01", "tap0", "tap0" },
        { "MACAddress=0200.0000.0001", "tap0", "tap0" },
        { "MACAddress=02:00:00:00:00:02 2:0:0:0:0:1", "tun0 tap0 pci0", "tap0 pci0" },
        { "MACAddress=02:00:00:00:00:02\nMACAddress=\nMACAddress=2:0:0:0:0:1", "tap0 pci0", "tap0" },
        { "MACAddress=192.0.2.1", "tap0", "" },
        { "PermanentMACAddress=02:00:00:00:00:03", "tap0 pci0", "pci0" },
        { "PermanentMACAddress=02:00:00:00:00:02", "pci0", "" },

        { "Path=pci-*", "tun0 pci0 bare0", "pci0" },
        { "Path=!pci-*", "tun0 pci0 bare0", "tun0 bare0" },
        { "Path=\"pci-0000:00:03.0\"", "pci0", "pci0" },

        /* Properties are ANDed, each word with its own negation. */
        { "Property=ID_PATH=pci-*", "tun0 pci0 bare0", "pci0" },
        { "Property=\"ID_ROLE=front end\"", "tun0 pci0 bare0", "tun0 pci0" },
        { "Property=ID_ROLE=front\\x20end", "tun0", "tun0" },
        { "Property=ID_ROLE=*end ID_PATH=*", "tun0 pci0", "pci0" },
        { "Property=ID_ROLE=*end\nProperty=!ID_PATH=*", "tun0 pci0", "tun0" },
        { "Property=!ID_ROLE=x ID_PATH=x", "tun0 pci0 bare0", "tun0 pci0 bare0" },
        { "Property=!ID_ROLE=x ID_PATH=pci*", "tun0 pci0", "tun0" },
        { "Property=ID_EMPTY=", "tun0", "tun0" },
        { "Property=ID_NONE=", "tun0", "" },
        { "Property=ID_ROLE=x\nProperty=", "tun0", "tun0" },

        { "SSID=home", "tun0 pci0", "" },
        { "SSID=!home", "tun0 pci0", "tun0 pci0" },
        { "BSSID=02:00:00:00:00:01", "tun0", "" },
        { "WLANInterfaceType=ap", "tun0", "" },
        { "SSID=home\nSSID=", "tun0", "tun0" },
        { "SSID=home\nBSSID=", "tun0", "" },
};

static void test_fit(void **state) {
        const FitRow *row = *state;
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(freep) char *copy = strdup(row->links);
        char fitting[256] = "", *rest = copy;
        NetworkConfig n = {};

        parse(&n, row->lines, &diag);
        for (char *name; (name = strsep(&rest, " "));) {
                LinkFacts f = facts(name);

                if (match_fits(&n.match, &f))
                        sprintf(fitting + strlen(fitting), "%s%s", *fitting ? " " : "", name);
        }
        assert_string_equal(fitting, row->expected);
        assert_int_equal(diag.n, 0);
        match_done(&n.match);
        assert_true(match_is_empty(&n.match));
}

typedef struct ImpossibleRow {
        const char *lines;
        const char *begin; /* of the reason; NULL: something can fit */
} ImpossibleRow;

static const ImpossibleRow impossible_rows[] = {
        { "Name=*", NULL },
        { "Name=tun0 !tun0", NULL },                       /* "!" in the middle is a character of a name */
        { "Name=a-name-longer-than-fifteen-bytes", NULL }, /* an alternative name */
        { "Name=!tun0", NULL },
        { "Name=tun0\nName=!tun0", "the negated words of Name=" },
        { "Name=tun0 tun1\nName=!tun*", "the negated words of Name=" },
        { "Name=tun0 tap1\nName=!tun*", NULL },
        { "Name=tu*\nName=!tun*", NULL },
        { "Name=!*", "the negated words of Name=" },
        { "Type=ether", NULL },
        { "Type=e*", NULL },
        { "Type=bridge none", NULL },
        { "Type=!ether", NULL },
        { "Type=wlan", "Type= allows neither" },
        { "Type=!ether none", "Type= allows neither" },
        { "Kind=tun", NULL },
        { "Kind=tap", NULL },
        { "Kind=!tap", NULL },
        { "Kind=bridge", "Kind= allows neither" },
        { "Kind=!tun", "Kind= allows neither" },
        { "Kind=tap\nType=none", "Kind= and Type= contradict" },
        { "Kind=tun\nType=ether", NULL }, /* a tap is of kind tun, too */
        { "Kind=!tap\nType=ether", "Kind= and Type= contradict" },
        { "Driver=tun", NULL },
        { "Driver=!e1000", NULL },
        { "Driver=e1000 virtio*", "Driver= does not allow 'tun'" },
        { "Driver=!tun", "Driver= does not allow 'tun'" },
        { "Path=pci-*", "Path= asks for a hardware path" },
        { "Path=*", "Path= asks for a hardware path" },
        { "Path=!pci-*", NULL },
        { "MACAddress=02:00:00:00:00:01", NULL },
        { "PermanentMACAddress=02:00:00:00:00:01", "PermanentMACAddress= asks for" },
        { "Property=ID_PATH=pci", NULL },
        { "SSID=home", "it asks for a wireless link" },
        { "SSID=!home", NULL },
};

static void test_impossible(void **state) {
        const ImpossibleRow *row = *state;
        _cleanup_(diag_done) Diagnostics diag = {};
        NetworkConfig n = {};
        const char *reason;

        parse(&n, row->lines, &diag);
        reason = match_impossible(&n.match);
        if (row->begin) {
                assert_non_null(reason);
                assert_memory_equal(reason, row->begin, strlen(row->begin));
        } else
                assert_string_equal(reason ?: "possible", "possible");

        /* What is called impossible does fit none of them. */
        for (size_t i = 0; reason && i < 4; i++) {
                LinkFacts f = facts((const char *const[]){ "tun0", "tap0", "tun9", "tap1" }[i]);

                assert_false(match_fits(&n.match, &f));
        }
        match_done(&n.match);
}

typedef struct BadRow {
        const char *lines;
        const char *text;
        size_t words; /* that remain, of all keys together */
} BadRow;

static const BadRow bad_rows[] = {
        { "Name=tun0 123 tun1", "'123' in Name= can match no interface; the word is ignored", 2 },
        { "Name=a/b", "'a/b' in Name= can match no interface; the word is ignored", 0 },
        { "Name=tun0\\", "Name= 'tun0\\' ends in a backslash; the line is ignored", 0 },
        { "Kind=tun \"tap",
          "Kind= 'tun \"tap' has a quote that is not closed; the words from there on are ignored", 1 },
        { "Path=a\\", NULL, 1 },
        { "Property=ID_A=b x\\q",
          "Property= 'ID_A=b x\\q' has a quote that is not closed or an unknown escape; the words from "
          "there on "
          "are ignored",
          1 },
        { "Property=ID_A ID_B=x", "'ID_A' in Property= is no property with a value; the word is ignored",
          1 },
        { "Property=1A=x", "'1A=x' in Property= is no property with a value; the word is ignored", 0 },
        { "Property==x", "'=x' in Property= is no property with a value; the word is ignored", 0 },
        { "Property=A=\\x01", "'A=\\x01' in Property= is no property with a value; the word is ignored", 0 },
        { "MACAddress=02:00:00:00:00:01 x", "'x' in MACAddress= is no hardware address; the word is ignored",
          1 },
        { "PermanentMACAddress=!02:00:00:00:00:01",
          "'!02:00:00:00:00:01' in PermanentMACAddress= is no hardware address; the word is ignored", 0 },
        { "MACAddress=02:00:00:00:00:01\\",
          "MACAddress= '02:00:00:00:00:01\\' ends in a backslash; the line is ignored", 0 },
};

static void test_bad(void **state) {
        const BadRow *row = *state;
        _cleanup_(diag_done) Diagnostics diag = {};
        NetworkConfig n = {};
        const MatchMore *m;

        parse(&n, row->lines, &diag);
        assert_int_equal(diag.n, row->text ? 1 : 0);
        if (row->text) {
                assert_string_equal(diag.items[0].text, row->text);
                assert_int_equal(diag.items[0].severity, SEVERITY_WARNING);
                assert_non_null(diag.items[0].hint);
        }
        m = match_more(&n.match);
        assert_int_equal(n.match.name.n + m->kind.n + m->path.n + m->property.n + m->mac_address.n +
                                         m->permanent_mac_address.n,
                         row->words);
        match_done(&n.match);
}

static void test_literally(void **state _unused_) {
        _cleanup_(diag_done) Diagnostics diag = {};
        NetworkConfig n = {};

        parse(&n, "Name=tun0 tun* t\\\\*x\nName=!tap0", &diag);
        assert_true(match_names_literally(&n.match, "tun0"));
        assert_false(match_names_literally(&n.match, "tun1"));
        assert_false(match_names_literally(&n.match, "tun*"));
        assert_false(match_names_literally(&n.match, "tap0"));
        assert_false(match_names_literally(&n.match, "t\\*x"));
        match_done(&n.match);
}

static void test_needs_link(void **state _unused_) {
        static const struct {
                const char *line;
                bool needs;
        } table[] = {
                { "Name=tun0", false },   { "Kind=tap", false },
                { "Type=ether", false },  { "Driver=tun", false },
                { "SSID=x", false },      { "MACAddress=02:00:00:00:00:01", true },
                { "Property=A=b", true }, { "PermanentMACAddress=02:00:00:00:00:01", true },
                { "Path=!pci", true },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(diag_done) Diagnostics diag = {};
                NetworkConfig n = {};

                assert_true(match_is_empty(&n.match));
                parse(&n, table[i].line, &diag);
                assert_false(match_is_empty(&n.match));
                assert_int_equal(match_needs_link(&n.match), table[i].needs);
                match_done(&n.match);
        }
}

/* Each word is compared with each link, so there is an end to them. */
static void test_too_many(void **state _unused_) {
        _cleanup_(diag_done) Diagnostics diag = {};
        NetworkConfig n = {};
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        fprintf(f, "Name=");
        for (unsigned i = 0; i < MATCH_WORDS_MAX + 5; i++)
                fprintf(f, "tun%u ", i);
        fprintf(f, "\nMACAddress=");
        for (unsigned i = 0; i < MATCH_WORDS_MAX + 5; i++)
                fprintf(f, "02:00:00:00:%02x:%02x ", i / 256, i % 256);
        fclose(f);

        parse(&n, text, &diag);
        free(text);
        assert_int_equal(n.match.name.n, MATCH_WORDS_MAX);
        assert_int_equal(match_more(&n.match)->mac_address.n, MATCH_WORDS_MAX);
        assert_int_equal(diag.n, 2);
        assert_string_equal(diag.items[0].text,
                            "more than 4096 words in [Match] Name=; those from 'tun4096' on are ignored");
        match_done(&n.match);
}

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(fit_rows) + ELEMENTSOF(impossible_rows) +
                                       ELEMENTSOF(bad_rows) + 3] = {
                cmocka_unit_test(test_literally),
                cmocka_unit_test(test_needs_link),
                cmocka_unit_test(test_too_many),
        };
        size_t n = 3;

        ROWS_APPEND(tests, &n, test_fit, fit_rows, "fits");
        ROWS_APPEND(tests, &n, test_impossible, impossible_rows, "impossible");
        ROWS_APPEND(tests, &n, test_bad, bad_rows, "bad");
        return _cmocka_run_group_tests("match", tests, n, NULL, NULL);
}
