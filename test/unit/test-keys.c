/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is known of keys that no table of ours has: systemd-networkd's names, and the nearest one to a typing
 * error. */

#include "rows.h"

#include <string.h>

#include "config/keys.h"

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

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(suggest_rows) + 8] = {
                cmocka_unit_test(test_networkd_knows),
                cmocka_unit_test(test_networkd_does_not_know),
                cmocka_unit_test(test_networkd_lists),
        };
        size_t n = 3;

        ROWS_APPEND(tests, &n, test_suggest, suggest_rows, "suggest for");
        return _cmocka_run_group_tests("keys", tests, n, NULL, NULL);
}
