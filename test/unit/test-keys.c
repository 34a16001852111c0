/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Our tables against the names that systemd-networkd knows, and the nearest one to a typing error. */

#include "rows.h"

#include <string.h>

#include "config-text.h"
#include "config/config-file.h"

typedef struct SuggestRow {
        const char *word;
        const char *candidates[5];
        const char *expected;
} SuggestRow;

static const SuggestRow suggest_rows[] = {
        { "KeepCarier", { "KeepCarrier", "MultiQueue" }, "KeepCarrier" },
        { "MutliQueue", { "KeepCarrier", "MultiQueue" }, "MultiQueue" }, /* two neighbours swapped */
        { "PacktInfos", { "PacketInfo" }, "PacketInfo" },                /* two edits */
        { "multiqueue", { "MultiQueue" }, "MultiQueue" },                /* case is none */
        { "MULTIQUEU", { "MultiQueue" }, "MultiQueue" },
        { "Usr", { "User" }, "User" }, /* one of three */
        { "Us", { "User" }, NULL },    /* two of two */
        { "Ab", { "Ac" }, "Ac" },
        { "Abcd", { "Abxy" }, NULL },                     /* half of it */
        { "Abcdefghi", { "Abcdefxyz" }, "Abcdefxyz" },    /* three of nine */
        { "Abcdefghijklmnop", { "Abcdefghijkl" }, NULL }, /* four is too far at any length */
        { "Name", { "Nane", "Nme" }, "Nane" },            /* the first of the nearest */
        { "Nam", { "Nane", "Name" }, "Name" },            /* the nearest, though later */
        { "Group", { NULL }, NULL },
        { "1234567890123456789012345678901234567890123456789012345678901234", { "1" }, NULL },
        { "Name", { "1234567890123456789012345678901234567890123456789012345678901234", "Namen" }, "Namen" },
};

static void test_suggest(void **state) {
        const SuggestRow *row = *state;

        assert_string_equal(suggest(row->word, (char *const *) row->candidates) ?: "nothing",
                            row->expected ?: "nothing");
}

/* What systemd-networkd knows. */
static const struct {
        FileType type;
        const char *section, *key;
} networkd_names[] = {
        { FILE_NETDEV, "Match", "Host" },
        { FILE_NETDEV, "Match", "Firmware" },
        { FILE_NETDEV, "NetDev", "Name" },
        { FILE_NETDEV, "NetDev", "MTUBytes" },
        { FILE_NETDEV, "NetDev", "MACAddress" },
        { FILE_NETDEV, "Tun", "MultiQueue" },
        { FILE_NETDEV, "Tun", "KeepCarrier" },
        { FILE_NETDEV, "Tap", "VNetHeader" },
        { FILE_NETDEV, "Tap", "OneQueue" },
        { FILE_NETDEV, "Bridge", "HelloTimeSec" },
        { FILE_NETDEV, "Bridge", "DefaultPVID" },
        { FILE_NETDEV, "Bridge", "VLANProtocol" },
        { FILE_NETDEV, "Bridge", "STP" },
        { FILE_NETDEV, "Bridge", "MulticastIGMPVersion" },
        { FILE_NETDEV, "MACVTAP", "Mode" },
        { FILE_NETDEV, "MACVLAN", "BroadcastMulticastQueueLength" },
        { FILE_NETDEV, "MACVLAN", "BroadcastQueueThreshold" },
        { FILE_NETDEV, "VRF", "Table" },
        { FILE_NETDEV, "VRF", "TableId" },
        { FILE_NETWORK, "Match", "Name" },
        { FILE_NETWORK, "Match", "PermanentMACAddress" },
        { FILE_NETWORK, "Match", "Property" },
        { FILE_NETWORK, "Match", "WLANInterfaceType" },
        { FILE_NETWORK, "Link", "ARP" },
        { FILE_NETWORK, "Link", "Unmanaged" },
        { FILE_NETWORK, "Link", "ActivationPolicy" },
        { FILE_NETWORK, "Network", "DHCP" },
        { FILE_NETWORK, "Network", "ConfigureWithoutCarrier" },
        { FILE_NETWORK, "Network", "IgnoreCarrierLoss" },
        { FILE_NETWORK, "Network", "IPv6AcceptRA" },
        { FILE_NETWORK, "Network", "IPv6AcceptRouterAdvertisements" },
        { FILE_NETWORK, "Network", "UseDomains" },
        { FILE_NETWORK, "Network", "DNSSECNegativeTrustAnchors" },
        { FILE_NETWORK, "Address", "Peer" },
        { FILE_NETWORK, "Address", "DuplicateAddressDetection" },
        { FILE_NETWORK, "Address", "NFTSet" },
        { FILE_NETWORK, "Route", "Destination" },
        { FILE_NETWORK, "Route", "GatewayOnLink" },
        { FILE_NETWORK, "Route", "GatewayOnlink" },
        { FILE_NETWORK, "Route", "TCPRetransmissionTimeoutSec" },
        { FILE_NETWORK, "Route", "MultiPathRoute" },
        { FILE_NETWORK, "Route", "NextHop" },
        { FILE_NETWORK, "NextHop", "Id" },
        { FILE_NETWORK, "NextHop", "Blackhole" },
        { FILE_NETWORK, "RoutingPolicyRule", "FirewallMark" },
        { FILE_NETWORK, "RoutingPolicyRule", "SuppressInterfaceGroup" },
        { FILE_NETWORK, "RoutingPolicyRule", "L3MasterDevice" },
        { FILE_NETWORK, "Neighbor", "LinkLayerAddress" },
        { FILE_NETWORK, "IPv6AddressLabel", "Prefix" },
        { FILE_NETWORK, "Bridge", "UnicastFlood" },
        { FILE_NETWORK, "Bridge", "MulticastRouter" },
        { FILE_NETWORK, "BridgeVLAN", "EgressUntagged" },
        { FILE_NETWORK, "BridgeFDB", "AssociatedWith" },
        { FILE_NETWORK, "BridgeMDB", "MulticastGroupAddress" },
        { FILE_NETWORK, "QDisc", "Parent" },
        { FILE_NETWORK, "DHCPv4", "UseDNS" },
        { FILE_NETWORK, "IPv6SendRA", "RouterLifetimeSec" },
};

static void test_networkd_knows(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(networkd_names); i++) {
                assert_true(networkd_has_section(networkd_names[i].type, networkd_names[i].section));
                if (!networkd_has_key(networkd_names[i].type, networkd_names[i].section,
                                      networkd_names[i].key))
                        fail_msg("[%s] %s= is not known", networkd_names[i].section, networkd_names[i].key);
        }
}

static void test_networkd_does_not_know(void **state _unused_) {
        assert_false(networkd_has_key(FILE_NETDEV, "Tun", "AllowAnyUser")); /* ours */
        assert_false(networkd_has_key(FILE_NETDEV, "Tun", "Name"));
        assert_false(networkd_has_key(FILE_NETDEV, "Match", "Name")); /* only in .network */
        assert_false(networkd_has_key(FILE_NETDEV, "Tun", "User VNetHeader"));
        assert_false(networkd_has_key(FILE_NETDEV, "Tun", "Use"));
        assert_false(networkd_has_key(FILE_NETDEV, "Tun", ""));
        assert_false(networkd_has_key(FILE_NETDEV, "tun", "User"));
        assert_false(networkd_has_key(FILE_NETDEV, "Nothing", "User"));
        assert_false(networkd_has_key(FILE_NETWORK, "Bridge", "HelloTimeSec")); /* only in .netdev */
        assert_false(networkd_has_section(FILE_NETWORK, "Tun"));
        assert_false(networkd_has_section(FILE_NETDEV, "Network"));
        assert_true(networkd_has_section(FILE_NETWORK, "IPv6NDPProxyAddress")); /* a section without keys */
        assert_false(networkd_has_key(FILE_NETWORK, "IPv6NDPProxyAddress", ""));
}

/* The lists hold what the look-ups find, sorted as the file promises. */
static void test_networkd_lists(void **state _unused_) {
        for (FileType type = FILE_NETDEV; type <= FILE_NETWORK; type++) {
                _cleanup_(strv_freep) char **sections = NULL;

                assert_int_equal(networkd_sections(type, &sections), 0);
                for (char **s = sections; *s; s++) {
                        _cleanup_(strv_freep) char **keys = NULL;

                        assert_true(networkd_has_section(type, *s));
                        assert_true(!s[1] || strcmp(s[0], s[1]) < 0);
                        assert_int_equal(networkd_keys(type, *s, &keys), 0);
                        for (char **k = keys; k && *k; k++) {
                                assert_true(networkd_has_key(type, *s, *k));
                                assert_true(!k[1] || strcmp(k[0], k[1]) < 0);
                        }
                }
        }
}

/* networkd's keys, of sections that we have, that we leave out. */
static const char *const left_out[] = {
        "Address NFTSet",
        "Address NetLabel",
        "Bridge Locked",
        "Bridge MACAuthenticationBypass",
        "Bridge VLANTunnel",
        "Network ActiveSlave",
        "Network BatmanAdvanced",
        "Network Bond",
        "Network DHCP",
        "Network DHCPPrefixDelegation",
        "Network DHCPServer",
        "Network DHCPv6PrefixDelegation",
        "Network DNS",
        "Network DNSDefaultRoute",
        "Network DNSOverTLS",
        "Network DNSSEC",
        "Network DNSSECNegativeTrustAnchors",
        "Network Domains",
        "Network EmitLLDP",
        "Network IPMasquerade",
        "Network IPVLAN",
        "Network IPVTAP",
        "Network IPoIB",
        "Network IPv4DuplicateAddressDetectionTimeoutSec",
        "Network IPv4LL",
        "Network IPv4LLRoute",
        "Network IPv4LLStartAddress",
        "Network IPv6AcceptRA",
        "Network IPv6AcceptRouterAdvertisements",
        "Network IPv6PrefixDelegation",
        "Network IPv6SendRA",
        "Network IPv6Token",
        "Network L2TP",
        "Network LLDP",
        "Network LLMNR",
        "Network MACVLAN",
        "Network MACVTAP",
        "Network MACsec",
        "Network MPLSRouting",
        "Network MulticastDNS",
        "Network NTP",
        "Network PrimarySlave",
        "Network Tunnel",
        "Network UseDomains",
        "Network VLAN",
        "Network VXLAN",
        "Network Xfrm",
};

/* Ours, that networkd has not. */
static const char *const own[] = {
        "Link QDisc",
        "Link TransmitQueueLength",
        "NetDev Enforce",
        "NetDev Recreate",
        "Network Enforce",
        "Tap AllowAnyUser",
        "Tap NAPI",
        "Tap NAPIFrags",
        "Tap SendBufferBytes",
        "Tap VNetHeaderBytes",
        "Tun AllowAnyUser",
        "Tun NAPI",
        "Tun NAPIFrags",
        "Tun SendBufferBytes",
        "Tun VNetHeaderBytes",
};

static bool is_among(const char *const *list, size_t n, const char *section, const char *key) {
        _cleanup_(freep) char *name = NULL;

        assert_true(asprintf(&name, "%s %s", section, key) > 0);
        for (size_t i = 0; i < n; i++)
                if (strcmp(list[i], name) == 0)
                        return true;
        return false;
}

static const Key *find_in_all(FileType type, const char *section, const char *key) {
        const Key *found = NULL;

        for (const Key *const *table = config_key_tables(type); *table && !found; table++)
                found = key_find(*table, section, key);
        return found;
}

static bool have_section(FileType type, const char *section) {
        for (const Key *const *table = config_key_tables(type); *table; table++)
                for (const Key *k = *table; k->section; k++)
                        if (strcmp(k->section, section) == 0)
                                return true;
        return false;
}

/* Each name of networkd's is either read or left out on purpose. */
static void test_all_of_networkd(void **state _unused_) {
        for (FileType type = FILE_NETDEV; type <= FILE_NETWORK; type++) {
                _cleanup_(strv_freep) char **sections = NULL;

                assert_int_equal(networkd_sections(type, &sections), 0);
                for (char **s = sections; *s; s++) {
                        _cleanup_(strv_freep) char **keys = NULL;

                        /* A .netdev [Bridge] is another one. */
                        if (!have_section(type, *s))
                                continue;
                        assert_int_equal(networkd_keys(type, *s, &keys), 0);
                        for (char **k = keys; k && *k; k++)
                                if (!find_in_all(type, *s, *k) ==
                                    !is_among(left_out, ELEMENTSOF(left_out), *s, *k))
                                        fail_msg("[%s] %s= is not read or left out, or it is both", *s, *k);
                }
        }
}

/* Each row can be found under its name, is networkd's or ours, and has what its parser needs. */
static void test_tables(void **state _unused_) {
        for (FileType type = FILE_NETDEV; type <= FILE_NETWORK; type++)
                for (const Key *const *table = config_key_tables(type); *table; table++)
                        for (const Key *k = *table; k->section; k++) {
                                assert_ptr_equal(find_in_all(type, k->section, k->name), k);
                                assert_non_null(k->parse);
                                assert_true(k->source < (type == FILE_NETDEV ? (int) _DEVICE_KEY_MAX
                                                                             : (int) _NETWORK_KEY_MAX));
                                assert_true(!k->list == (k->n_list == 0));
                                assert_true(k->min <= k->max || k->max == 0);
                                for (size_t i = 0; i < k->n_list; i++)
                                        assert_non_null(k->list[i]);
                                if (!networkd_has_key(type, k->section, k->name) ==
                                    !is_among(own, ELEMENTSOF(own), k->section, k->name))
                                        fail_msg("[%s] %s= is nobody's, or both's", k->section, k->name);
                        }
}

/* No value of the network or device is without a key. */
static void test_sources(void **state _unused_) {
        bool device[_DEVICE_KEY_MAX] = {}, network[_NETWORK_KEY_MAX] = {};

        for (const Key *k = device_keys; k->section; k++)
                if (k->source >= 0)
                        device[k->source] = true;
        for (const Key *k = network_link_keys; k->section; k++)
                if (k->source >= 0)
                        network[k->source] = true;

        for (size_t i = 0; i < _DEVICE_KEY_MAX; i++)
                assert_true(device[i]);
        for (size_t i = 0; i < _NETWORK_KEY_MAX; i++)
                assert_true(network[i]);
}

/* Whatever is written behind whatever key, it is either refused in words or understood, and a value that is
 * empty or nonsense is never a crash. */
static void test_each_key_with_odd_values(void **state _unused_) {
        static const char *const values[] = {
                "",
                "0",
                "-1",
                "yes",
                "no",
                "99999999999999999999",
                "0x7fffffff",
                "a b",
                "\"a",
                "1-2",
                "a:b:c",
                "192.0.2.1",
                "192.0.2.1/24",
                "2001:db8::1/64",
                "::",
                "@",
                "/",
                "\xc3\xa4",
                "infinity",
                "1s",
                "02:00:5e:10:00:01",
                "main",
                "none",
                "!x",
                "~",
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        };

        for (FileType type = FILE_NETDEV; type <= FILE_NETWORK; type++)
                for (const Key *const *table = config_key_tables(type); *table; table++)
                        for (const Key *k = *table; k->section; k++) {
                                _cleanup_(freep) char *file = NULL, *text = NULL;
                                size_t size;
                                FILE *f = open_memstream(&file, &size);

                                fprintf(f, type == FILE_NETWORK ? "[Match]\nName=x\n"
                                           : strcmp(k->section, "Tap") == 0
                                                           ? "[NetDev]\nName=x\nKind=tap\n"
                                                           : "[NetDev]\nName=x\nKind=tun\n");
                                for (size_t i = 0; i < ELEMENTSOF(values); i++)
                                        fprintf(f, "[%s]\n%s=%s\n", k->section, k->name, values[i]);
                                assert_int_equal(fclose(f), 0);

                                text = config_text_one(type == FILE_NETDEV ? "a.netdev" : "a.network", file);
                                assert_true(strlen(text) > 0);
                                assert_null(strstr(text, "UNSOURCED"));
                                assert_null(strstr(text, "unknown key"));
                        }
}

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(suggest_rows) + 7] = {
                cmocka_unit_test(test_networkd_knows),
                cmocka_unit_test(test_networkd_does_not_know),
                cmocka_unit_test(test_networkd_lists),
                cmocka_unit_test(test_all_of_networkd),
                cmocka_unit_test(test_tables),
                cmocka_unit_test(test_sources),
                cmocka_unit_test(test_each_key_with_odd_values),
        };
        size_t n = 7;

        ROWS_APPEND(tests, &n, test_suggest, suggest_rows, "suggest for");
        return _cmocka_run_group_tests("keys", tests, n, NULL, NULL);
}
