/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The table of settings: their names, which are in the record and must stay; the keys they come from; and
 * what is read of a link and printed of it. */

#include "rows.h"

#include <linux/if.h>
#include <linux/if_link.h>

#include "config/config-file.h"
#include "config/keys.h"
#include "plan/setting.h"

#define PORT(s)   (SETTING_PORT_FIRST + PORT_##s)
#define SYSCTL(s) (SETTING_SYSCTL_FIRST + SYSCTL_##s)

/* A value, how it prints, and the key it comes from (NULL: none of its own). */
typedef struct Row {
        const char *name;
        Setting setting;
        uint64_t value;
        const char *printed;
        const char *section, *key;
        bool inverted;
} Row;

static const Row rows[] = {
        { "qdisc", SETTING_QDISC, QDISC_FQ_CODEL, "fq_codel", "Link", "QDisc" },
        { "transmit-queue-length", SETTING_TX_QUEUE_LENGTH, 500, "500", "Link", "TransmitQueueLength" },
        { "link-group", SETTING_LINK_GROUP, 7, "7", "Link", "Group" },
        { "mtu", SETTING_MTU, 1400, "1400" },
        { "mac", SETTING_MAC_ADDRESS, UINT64_C(0x02005e100001), "02:00:5e:10:00:01" },
        { "arp", SETTING_ARP, 1, "yes", "Link", "ARP" },
        { "multicast", SETTING_MULTICAST, 1, "yes", "Link", "Multicast" },
        { "all-multicast", SETTING_ALL_MULTICAST, 1, "yes", "Link", "AllMulticast" },
        { "promiscuous", SETTING_PROMISCUOUS, 1, "yes", "Link", "Promiscuous" },
        { "ipv6-stable-secret", SETTING_STABLE_SECRET, 4711, "as given" },
        { "ipv6-address-generation", SETTING_ADDRESS_GENERATION, IN6_ADDR_GEN_MODE_STABLE_PRIVACY,
          "stable-privacy" },
        { "master", SETTING_MASTER, 9, "br0" },
        { "port-unicast-flood", PORT(UNICAST_FLOOD), 1, "yes", "Bridge", "UnicastFlood" },
        { "port-multicast-flood", PORT(MULTICAST_FLOOD), 1, "yes", "Bridge", "MulticastFlood" },
        { "port-multicast-to-unicast", PORT(MULTICAST_TO_UNICAST), 1, "yes", "Bridge",
          "MulticastToUnicast" },
        { "port-neighbor-suppression", PORT(NEIGHBOR_SUPPRESSION), 1, "yes", "Bridge",
          "NeighborSuppression" },
        { "port-learning", PORT(LEARNING), 1, "yes", "Bridge", "Learning" },
        { "port-hairpin", PORT(HAIRPIN), 1, "yes", "Bridge", "HairPin" },
        { "port-isolated", PORT(ISOLATED), 1, "yes", "Bridge", "Isolated" },
        { "port-bpdu-guard", PORT(GUARD), 1, "yes", "Bridge", "UseBPDU", true },
        { "port-root-block", PORT(PROTECT), 1, "yes", "Bridge", "AllowPortToBeRoot", true },
        { "port-fast-leave", PORT(FAST_LEAVE), 1, "yes", "Bridge", "FastLeave" },
        { "port-proxy-arp", PORT(PROXY_ARP), 1, "yes", "Bridge", "ProxyARP" },
        { "port-proxy-arp-wifi", PORT(PROXY_ARP_WIFI), 1, "yes", "Bridge", "ProxyARPWiFi" },
        { "port-cost", PORT(COST), 77, "77", "Bridge", "Cost" },
        { "port-priority", PORT(PRIORITY), 5, "5", "Bridge", "Priority" },
        { "port-multicast-router", PORT(MULTICAST_ROUTER), 2, "permanent", "Bridge", "MulticastRouter" },
        { "vlans", SETTING_VLANS, 10, "10" },
        { "ipv4-forwarding", SYSCTL(IPV4_FORWARDING), 1, "yes", "Network", "IPv4Forwarding" },
        { "ipv4-proxy-arp", SYSCTL(IPV4_PROXY_ARP), 1, "yes", "Network", "IPv4ProxyARP" },
        { "ipv4-proxy-arp-private-vlan", SYSCTL(IPV4_PROXY_ARP_PVLAN), 1, "yes", "Network",
          "IPv4ProxyARPPrivateVLAN" },
        { "ipv4-reverse-path-filter", SYSCTL(IPV4_RP_FILTER), 2, "loose", "Network",
          "IPv4ReversePathFilter" },
        { "ipv4-accept-local", SYSCTL(IPV4_ACCEPT_LOCAL), 1, "yes", "Network", "IPv4AcceptLocal" },
        { "ipv4-route-localnet", SYSCTL(IPV4_ROUTE_LOCALNET), 1, "yes", "Network", "IPv4RouteLocalnet" },
        { "ipv6-forwarding", SYSCTL(IPV6_FORWARDING), 1, "yes", "Network", "IPv6Forwarding" },
        { "ipv6-disable", SYSCTL(IPV6_DISABLE), 1, "yes" },
        { "ipv6-privacy-extensions", SYSCTL(IPV6_USE_TEMPADDR), UINT64_MAX, "-1", "Network",
          "IPv6PrivacyExtensions" },
        { "ipv6-dad-transmits", SYSCTL(IPV6_DAD_TRANSMITS), 3, "3", "Network",
          "IPv6DuplicateAddressDetection" },
        { "ipv6-hop-limit", SYSCTL(IPV6_HOP_LIMIT), 32, "32", "Network", "IPv6HopLimit" },
        { "ipv6-proxy-ndp", SYSCTL(IPV6_PROXY_NDP), 1, "yes", "Network", "IPv6ProxyNDP" },
        { "ipv6-mtu", SYSCTL(IPV6_MTU), 1300, "1300", "Network", "IPv6MTUBytes" },
        { "ipv6-retransmission-time", SYSCTL(IPV6_RETRANS_TIME), 2000, "2000", "Network",
          "IPv6RetransmissionTimeSec" },
        { "ip-forward", SETTING_IP_FORWARD, 1, "yes" },
        { "ipv6-forward", SETTING_IPV6_FORWARD, 1, "yes" },
        { "napi", SETTING_NAPI, 1, "yes" },
        { "napi-frags", SETTING_NAPI_FRAGS, 1, "yes" },
        { "vnet-header-bytes", SETTING_VNET_HEADER_BYTES, 12, "12" },
};

/* Names end up in the record: one that changed would be forgotten. */
static void test_name(void **state) {
        const Row *row = *state;

        assert_string_equal(setting_to_string(row->setting), row->name);
        assert_int_equal(setting_from_string(row->name), row->setting);
}

static const Key *find_key(const char *section, const char *name) {
        const Key *key = NULL;

        for (const Key *const *table = config_key_tables(FILE_NETWORK); *table && !key; table++)
                key = key_find(*table, section, name);
        return key;
}

/* The key is one a .network file may have, and stands for this setting; without, no key does. */
static void test_key(void **state) {
        const Row *row = *state;
        bool inverted;

        if (row->key) {
                const Key *key = find_key(row->section, row->key);

                assert_non_null(key);
                assert_int_equal(setting_of_key((NetworkKey) key->source, &inverted), row->setting);
                assert_int_equal(inverted, row->inverted);
                return;
        }
        for (NetworkKey key = 0; key < _NETWORK_KEY_MAX; key++)
                assert_int_not_equal(setting_of_key(key, &inverted), row->setting);
}

static void test_print(void **state) {
        const Row *row = *state;
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        setting_print(f, row->setting, row->value, "br0");
        assert_int_equal(fclose(f), 0);
        assert_string_equal(text, row->printed);
        free(text);
}

/* Every row's value at once, where the kernel shows it. */
static void fill(Snapshot *snapshot, BridgePort *port, Link *link) {
        *link = (Link){
                .qdisc = "fq_codel",
                .tx_queue_length = 500,
                .group = 7,
                .mtu = 1400,
                .address = { 0x02, 0x00, 0x5e, 0x10, 0x00, 0x01 },
                .address_length = 6,
                .flags = IFF_MULTICAST | IFF_ALLMULTI | IFF_PROMISC,
                .has_ipv6 = true,
                .address_generation = IN6_ADDR_GEN_MODE_STABLE_PRIVACY,
                .master = 9,
                .sysctls_known = (1U << _LINK_SYSCTL_MAX) - 1,
                .port = port,
        };
        *port = (BridgePort){ .has_vlans = true, .pvid = 10 };
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (rows[i].setting >= SETTING_PORT_FIRST && rows[i].setting <= SETTING_PORT_LAST)
                        port->values[rows[i].setting - SETTING_PORT_FIRST] = (uint32_t) rows[i].value;
                else if (rows[i].setting >= SETTING_SYSCTL_FIRST && rows[i].setting <= SETTING_SYSCTL_LAST)
                        link->sysctls[rows[i].setting - SETTING_SYSCTL_FIRST] = (int32_t) rows[i].value;
        snapshot->ip_forward = snapshot->ipv6_forward = 1;
}

static void test_read(void **state) {
        const Row *row = *state;
        Snapshot snapshot = {};
        uint64_t value = 0;
        BridgePort port;
        Link link;

        fill(&snapshot, &port, &link);
        assert_int_equal(setting_read(row->setting, &link, &snapshot, &value),
                         !setting_is_blind(row->setting));
        if (!setting_is_blind(row->setting))
                assert_true(value == row->value);
}

/* What a link does not have is not read as 0. */
static void test_not_there(void **state _unused_) {
        static const Setting missing[] = { PORT(HAIRPIN),
                                           PORT(COST),
                                           SETTING_VLANS,
                                           SYSCTL(IPV4_RP_FILTER),
                                           SYSCTL(IPV6_DISABLE),
                                           SETTING_MAC_ADDRESS,
                                           SETTING_ADDRESS_GENERATION,
                                           SETTING_IP_FORWARD,
                                           SETTING_IPV6_FORWARD };
        Snapshot snapshot = { .ip_forward = -1, .ipv6_forward = -1 };
        BridgePort port = {};
        uint64_t value;

        for (size_t i = 0; i < ELEMENTSOF(missing); i++)
                assert_false(setting_read(missing[i], &(Link){}, &snapshot, &value));
        assert_false(setting_read(SETTING_VLANS, &(Link){ .port = &port }, &snapshot, &value));
        assert_true(setting_read(PORT(HAIRPIN), &(Link){ .port = &port }, &snapshot, &value));

        /* A discipline without a word is none of ours. */
        assert_true(setting_read(SETTING_QDISC, &(Link){ .qdisc = "netem" }, &snapshot, &value));
        assert_true(value == _QDISC_MAX);
        /* Without the flag there is ARP. */
        assert_true(setting_read(SETTING_ARP, &(Link){ .flags = IFF_NOARP }, &snapshot, &value));
        assert_true(value == 0);
}

/* The driver's: tun_net_init() of Linux. */
static void test_default(void **state _unused_) {
        static const struct {
                Setting setting;
                uint64_t tun, tap;
        } defaults[] = {
                { SETTING_LINK_GROUP, 0, 0 }, { SETTING_MTU, 1500, 1500 },     { SETTING_ARP, 0, 1 },
                { SETTING_MULTICAST, 1, 1 },  { SETTING_ALL_MULTICAST, 0, 0 }, { SETTING_PROMISCUOUS, 0, 0 },
                { SETTING_MASTER, 0, 0 },
        };
        size_t n = 0;

        for (Setting s = 0; s < _SETTING_MAX; s++) {
                uint64_t tun, tap;

                assert_int_equal(setting_default(s, false, &tun), setting_default(s, true, &tap));
                if (!setting_default(s, true, &tap))
                        continue; /* depends on the machine */
                assert_true(n < ELEMENTSOF(defaults));
                assert_int_equal(s, defaults[n].setting);
                assert_true(tun == defaults[n].tun && tap == defaults[n].tap);
                n++;
        }
        assert_int_equal(n, ELEMENTSOF(defaults));
}

static void test_names(void **state _unused_) {
        /* The table above has them all, each once and in order. */
        assert_int_equal(ELEMENTSOF(rows), _SETTING_MAX);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_int_equal(rows[i].setting, i);

        assert_true(setting_from_string("no-such-setting") < 0);
        assert_true(setting_from_string("") < 0);
        assert_true(setting_from_string("MTU") < 0);
        assert_null(setting_to_string(_SETTING_MAX));
        assert_null(setting_to_string(_SETTING_INVALID));
}

/* Keys that are no value of the link. */
static void test_other_keys(void **state _unused_) {
        static const NetworkKey keys[] = { NETWORK_DESCRIPTION, NETWORK_MTU,     NETWORK_BRIDGE,
                                           NETWORK_UNMANAGED,   NETWORK_ENFORCE, NETWORK_KEEP_MASTER };
        bool inverted;

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                assert_true(setting_of_key(keys[i], &inverted) < 0);
}

static void check_printed(Setting s, uint64_t value, const char *master, const char *expected) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        setting_print(f, s, value, master);
        assert_int_equal(fclose(f), 0);
        assert_string_equal(text, expected);
        free(text);
}

static void test_print_others(void **state _unused_) {
        check_printed(SETTING_ARP, 0, NULL, "no");
        check_printed(SETTING_MASTER, 0, "br0", "none");
        check_printed(SETTING_MASTER, 9, NULL, "another");
        check_printed(SETTING_QDISC, QDISC_KERNEL, NULL, "kernel");
        check_printed(SETTING_QDISC, _QDISC_MAX, NULL, "other");
        check_printed(SETTING_ADDRESS_GENERATION, IN6_ADDR_GEN_MODE_EUI64, NULL, "eui64");
        check_printed(SETTING_ADDRESS_GENERATION, IN6_ADDR_GEN_MODE_NONE, NULL, "none");
        check_printed(SETTING_ADDRESS_GENERATION, IN6_ADDR_GEN_MODE_RANDOM, NULL, "random");
        check_printed(SETTING_ADDRESS_GENERATION, 77, NULL, "?");
        check_printed(SYSCTL(IPV4_RP_FILTER), 0, NULL, "no");
        check_printed(SYSCTL(IPV4_RP_FILTER), 1, NULL, "strict");
        check_printed(SYSCTL(IPV4_RP_FILTER), 3, NULL, "3");
        check_printed(SYSCTL(IPV6_USE_TEMPADDR), 0, NULL, "no");
        check_printed(SYSCTL(IPV6_USE_TEMPADDR), 1, NULL, "prefer-public");
        check_printed(SYSCTL(IPV6_USE_TEMPADDR), 2, NULL, "yes");
        check_printed(PORT(MULTICAST_ROUTER), 1, NULL, "query");
        check_printed(PORT(MULTICAST_ROUTER), 3, NULL, "temporary");
        check_printed(PORT(MULTICAST_ROUTER), 4, NULL, "4");
}

static void test_mac(void **state _unused_) {
        static const uint8_t mac[6] = { 0xfe, 0x01, 0x80, 0x00, 0xff, 0x7f };
        uint8_t again[6];

        assert_true(setting_from_mac(mac) == UINT64_C(0xfe018000ff7f));
        setting_to_mac(setting_from_mac(mac), again);
        assert_memory_equal(again, mac, sizeof(mac));
}

int main(void) {
        static struct CMUnitTest tests[4 * ELEMENTSOF(rows) + 6] = {
                cmocka_unit_test(test_names),        cmocka_unit_test(test_other_keys),
                cmocka_unit_test(test_not_there),    cmocka_unit_test(test_default),
                cmocka_unit_test(test_print_others), cmocka_unit_test(test_mac),
        };
        size_t n = 6;

        ROWS_APPEND(tests, &n, test_name, rows, "name");
        ROWS_APPEND(tests, &n, test_key, rows, "key of");
        ROWS_APPEND(tests, &n, test_print, rows, "print");
        ROWS_APPEND(tests, &n, test_read, rows, "read");
        return _cmocka_run_group_tests("setting", tests, n, NULL, NULL);
}
