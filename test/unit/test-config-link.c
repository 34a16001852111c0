/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [Link], [Network], [Bridge] and [BridgeVLAN]: each key good, bad, empty and after an earlier value; and
 * what only means something together. */

#include "rows.h"

#include "config-text.h"
#include "config/config-file.h"

typedef struct Row {
        const char *lines; /* the first is line 3 */
        const char *expected;
} Row;

#define OK(lines, text)                                                                                     \
        { lines, "a.network 'tun0'" text "\n" }
#define BAD(lines, text, problem)                                                                           \
        { lines, "a.network 'tun0'" text "\na.network:" problem "\n" }

#define IGNORED "; the line is ignored; "
#define NO_BOOL(line, key, value)                                                                           \
        line ": warning: " key "= is '" value "', which is no boolean" IGNORED "use yes or no"
#define NO_NUMBER(line, key, value, range)                                                                  \
        line ": warning: " key "= '" value "' is no number from " range IGNORED                             \
             "write a number in this range"
#define UNKNOWN(line, key, value, words)                                                                    \
        line ": warning: " key "= '" value "' is not known" IGNORED "use " words

/* A key of three states in section `s`: the four ways to write it. */
#define TRISTATE(s, key, text)                                                                              \
        OK("[" s "]\n" key "=yes\n", text "=1"), OK("[" s "]\n" key "=Off\n", text "=0"),                   \
                        OK("[" s "]\n" key "=1\n" key "=\n", ""),                                           \
                        BAD("[" s "]\n" key "=1\n" key "=maybe\n", text "=1", NO_BOOL("5", key, "maybe"))
#define BOOLEAN(s, key, text)                                                                               \
        OK("[" s "]\n" key "=yes\n", text "=1"), OK("[" s "]\n" key "=1\n" key "=f\n", text "=0"),          \
                        BAD("[" s "]\n" key "=1\n" key "=\n", text "=1", NO_BOOL("5", key, ""))
/* A port of a bridge, for those of [Bridge]. */
#define PORT(key)                                                                                           \
        OK("[Network]\nBridge=br0\n[Bridge]\n" key "=yes\n", " bridge=br0 port " key "=1"),                 \
                        OK("[Network]\nBridge=br0\n[Bridge]\n" key "=no\n" key "=\n", " bridge=br0"),       \
                        BAD("[Network]\nBridge=br0\n[Bridge]\n" key "=2\n", " bridge=br0",                  \
                            NO_BOOL("6", key, "2"))

#define LEVELS                                                                                              \
        "use yes, no, or a state or range like carrier or degraded:routable; states are missing, off, "     \
        "no-carrier, dormant, degraded-carrier, carrier, degraded, enslaved and routable"
#define NO_LEVELS(value)                                                                                    \
        "4: warning: RequiredForOnline= '" value                                                            \
        "' is neither a boolean nor a range of states" IGNORED LEVELS

static const Row link_rows[] = {
        OK("[Link]\nGroup=7\n", " Group=7"),
        OK("[Link]\nGroup=0\n", " Group=0"),
        OK("[Link]\nGroup=2147483647\n", " Group=2147483647"),
        OK("[Link]\nGroup=0x10\n", " Group=16"),
        OK("[Link]\nGroup=7\nGroup=\n", ""),
        BAD("[Link]\nGroup=7\nGroup=2147483648\n", " Group=7",
            NO_NUMBER("5", "Group", "2147483648", "0 to 2147483647")),
        BAD("[Link]\nGroup=-1\n", "", NO_NUMBER("4", "Group", "-1", "0 to 2147483647")),
        BAD("[Link]\nGroup=010\n", " Group=8",
            "4: warning: Group= '010' is octal, as in systemd: 8 is used; write the number without a "
            "leading "
            "0"),
        TRISTATE("Link", "ARP", " ARP"),
        TRISTATE("Link", "Multicast", " Multicast"),
        TRISTATE("Link", "AllMulticast", " AllMulticast"),
        TRISTATE("Link", "Promiscuous", " Promiscuous"),
        BOOLEAN("Link", "Unmanaged", " Unmanaged"),
        OK("[Link]\nActivationPolicy=up\n", " ActivationPolicy=0"),
        OK("[Link]\nActivationPolicy=down\nRequiredForOnline=no\n", " optional ActivationPolicy=4"),
        BAD("[Link]\nActivationPolicy=up\nActivationPolicy=UP\n", " ActivationPolicy=0",
            UNKNOWN("5", "ActivationPolicy", "UP", "up, always-up, manual, always-down, down or bound")),
        BAD("[Link]\nActivationPolicy=\n", "",
            UNKNOWN("4", "ActivationPolicy", "", "up, always-up, manual, always-down, down or bound")),
        OK("[Link]\nRequiredForOnline=no\n", " optional"),
        OK("[Link]\nRequiredForOnline=no\nRequiredForOnline=\n", ""),
        OK("[Link]\nRequiredForOnline=carrier\n", " online=carrier:routable"),
        OK("[Link]\nRequiredForOnline=carrier:\n", " online=carrier:routable"),
        OK("[Link]\nRequiredForOnline=:degraded\n", " online=missing:degraded"),
        OK("[Link]\nRequiredForOnline=no-carrier:degraded-carrier\n", " online=no-carrier:degraded-carrier"),
        OK("[Link]\nRequiredForOnline=no\nRequiredForOnline=off\n", " online=off:routable"),
        BAD("[Link]\nRequiredForOnline=carrier:off\n", "", NO_LEVELS("carrier:off")),
        BAD("[Link]\nRequiredForOnline=routabl\n", "", NO_LEVELS("routabl")),
        BAD("[Link]\nRequiredForOnline=:\n", "", NO_LEVELS(":")),
        BAD("[Link]\nRequiredForOnline=off:carrier:routable\n", "", NO_LEVELS("off:carrier:routable")),
        OK("[Link]\nRequiredFamilyForOnline=both\n", " RequiredFamilyForOnline=3"),
        BAD("[Link]\nRequiredFamilyForOnline=\n", "",
            UNKNOWN("4", "RequiredFamilyForOnline", "", "any, ipv4, ipv6 or both")),
        OK("[Link]\nQDisc=noqueue\n", " QDisc=1"),
        OK("[Link]\nQDisc=kernel\n", " QDisc=0"),
        OK("[Link]\nQDisc=mq\nQDisc=\n", ""),
        BAD("[Link]\nQDisc=htb\n", "",
            UNKNOWN("4", "QDisc", "htb",
                    "kernel, noqueue, pfifo_fast, pfifo, bfifo, pfifo_head_drop, fq, fq_codel, fq_pie, "
                    "codel, cake, pie, sfq, sfb or mq")),
        OK("[Link]\nTransmitQueueLength=1000\n", " TransmitQueueLength=1000"),
        OK("[Link]\nTransmitQueueLength=0\n", " TransmitQueueLength=0"),
        BAD("[Link]\nTransmitQueueLength=1K\n", "",
            NO_NUMBER("4", "TransmitQueueLength", "1K", "0 to 2147483647")),
        OK("[Link]\nMACAddress=192.0.2.1\n", " mac=c0000201"),
};

static const Row network_rows[] = {
        BOOLEAN("Network", "Enforce", " Enforce"),
        BOOLEAN("Network", "DefaultRouteOnDevice", " DefaultRouteOnDevice"),
        BOOLEAN("Network", "KeepMaster", " KeepMaster"),
        OK("[Network]\nBridge=br0\n", " bridge=br0"),
        OK("[Network]\nBridge=br0\nBridge=\n", ""),
        BAD("[Network]\nBridge=br0\nBridge=br/1\n", " bridge=br0",
            "5: warning: Bridge= 'br/1' (4 bytes) contains '/'" IGNORED
            "use 1 to 15 printable characters without '/', ':', '%' and blanks, not only digits"),
        OK("[Network]\nVRF=red\n", " vrf=red"),
        OK("[Network]\nLinkLocalAddressing=no\n", " LinkLocalAddressing=0"),
        OK("[Network]\nLinkLocalAddressing=ipv6\n", " LinkLocalAddressing=2"),
        BAD("[Network]\nLinkLocalAddressing=on\n", " LinkLocalAddressing=3",
            "4: notice: left out, since netdevd does no dynamic protocols: [Network] LinkLocalAddressing= "
            "(line 4); what needs them is for systemd-networkd"),
        BAD("[Network]\nLinkLocalAddressing=fallback-ipv4\n", " LinkLocalAddressing=1",
            "4: notice: left out, since netdevd does no dynamic protocols: [Network] LinkLocalAddressing= "
            "(line 4); what needs them is for systemd-networkd"),
        OK("[Network]\nLinkLocalAddressing=yes\nLinkLocalAddressing=ipv6\n", " LinkLocalAddressing=2"),
        BAD("[Network]\nLinkLocalAddressing=\n", "",
            UNKNOWN("4", "LinkLocalAddressing", "", "no, ipv4, ipv6, yes, fallback or fallback-ipv4")),
        OK("[Network]\nIPv6LinkLocalAddressGenerationMode=eui64\n", " IPv6LinkLocalAddressGenerationMode=0"),
        OK("[Network]\nIPv6LinkLocalAddressGenerationMode=none\n", " IPv6LinkLocalAddressGenerationMode=1"),
        OK("[Network]\nIPv6LinkLocalAddressGenerationMode=stable-privacy\n",
           " IPv6LinkLocalAddressGenerationMode=2"),
        OK("[Network]\nIPv6LinkLocalAddressGenerationMode=random\n",
           " IPv6LinkLocalAddressGenerationMode=3"),
        OK("[Network]\nIPv6StableSecretAddress=2001:db8::5\n", " secret=2001:db8::5"),
        OK("[Network]\nIPv6StableSecretAddress=2001:db8::5\nIPv6StableSecretAddress=\n", ""),
        BAD("[Network]\nIPv6StableSecretAddress=::\n", "",
            "4: warning: IPv6StableSecretAddress= '::' is no IPv6 address" IGNORED
            "write it like 2001:db8::1"),
        OK("[Network]\nIPForward=yes\n", " IPForward=3"),
        OK("[Network]\nIPForward=ipv4\n", " IPForward=1"),
        OK("[Network]\nIPForward=ipv6\n", " IPForward=2"),
        OK("[Network]\nIPForward=f\n", " IPForward=0"),
        OK("[Network]\nIPForward=kernel\n", " IPForward=0"),
        BAD("[Network]\nIPForward=both\n", "",
            UNKNOWN("4", "IPForward", "both", "no, ipv4, ipv6, yes or kernel")),
        TRISTATE("Network", "IPv4Forwarding", " IPv4Forwarding"),
        TRISTATE("Network", "IPv6Forwarding", " IPv6Forwarding"),
        TRISTATE("Network", "IPv4ProxyARP", " IPv4ProxyARP"),
        OK("[Network]\nProxyARP=yes\n", " IPv4ProxyARP=1"), /* the old name */
        TRISTATE("Network", "IPv4ProxyARPPrivateVLAN", " IPv4ProxyARPPrivateVLAN"),
        TRISTATE("Network", "IPv4AcceptLocal", " IPv4AcceptLocal"),
        TRISTATE("Network", "IPv4RouteLocalnet", " IPv4RouteLocalnet"),
        OK("[Network]\nIPv4ReversePathFilter=no\n", " IPv4ReversePathFilter=0"),
        OK("[Network]\nIPv4ReversePathFilter=loose\n", " IPv4ReversePathFilter=2"),
        BAD("[Network]\nIPv4ReversePathFilter=0\n", "",
            UNKNOWN("4", "IPv4ReversePathFilter", "0", "no, strict or loose")),
        OK("[Network]\nIPv6PrivacyExtensions=t\n", " IPv6PrivacyExtensions=2"),
        OK("[Network]\nIPv6PrivacyExtensions=prefer-public\n", " IPv6PrivacyExtensions=1"),
        OK("[Network]\nIPv6PrivacyExtensions=no\n", " IPv6PrivacyExtensions=0"),
        OK("[Network]\nIPv6PrivacyExtensions=yes\nIPv6PrivacyExtensions=kernel\n", ""),
        OK("[Network]\nIPv6DuplicateAddressDetection=3\n", " IPv6DuplicateAddressDetection=3"),
        OK("[Network]\nIPv6DuplicateAddressDetection=3\nIPv6DuplicateAddressDetection=-1\n", ""),
        BAD("[Network]\nIPv6DuplicateAddressDetection=yes\n", "",
            "4: warning: IPv6DuplicateAddressDetection= 'yes' is no number" IGNORED "write a number like 1"),
        OK("[Network]\nIPv6HopLimit=64\n", " IPv6HopLimit=64"),
        OK("[Network]\nIPv6HopLimit=64\nIPv6HopLimit=0\n", ""),
        BAD("[Network]\nIPv6HopLimit=256\n", "", NO_NUMBER("4", "IPv6HopLimit", "256", "0 to 255")),
        OK("[Network]\nIPv6RetransmissionTimeSec=1.5\n", " IPv6RetransmissionTimeSec=1500000"),
        OK("[Network]\nIPv6RetransmissionTimeSec=20ms\nIPv6RetransmissionTimeSec=\n", ""),
        OK("[Network]\nIPv6RetransmissionTimeSec=20ms\nIPv6RetransmissionTimeSec=infinity\n", ""),
        BAD("[Network]\nIPv6RetransmissionTimeSec=1month\n", "",
            "4: warning: IPv6RetransmissionTimeSec= '1month' is no time of 1ms to 24 days" IGNORED
            "write a time like 1s or 500ms"),
        TRISTATE("Network", "IPv6ProxyNDP", " IPv6ProxyNDP"),
        OK("[Network]\nIPv6ProxyNDPAddress=2001:db8::2\nIPv6ProxyNDPAddress=2001:db8::1\n"
           "IPv6ProxyNDPAddress=2001:db8::2\n",
           " proxy=2001:db8::1 proxy=2001:db8::2"),
        OK("[Network]\nIPv6ProxyNDPAddress=2001:db8::2\nIPv6ProxyNDPAddress=\n", ""),
        BAD("[Network]\nIPv6ProxyNDPAddress=192.0.2.1\n", "",
            "4: warning: IPv6ProxyNDPAddress= '192.0.2.1' is no IPv6 address" IGNORED
            "write it like 2001:db8::1"),
        OK("[Network]\nIPv6MTUBytes=1280\n", " IPv6MTUBytes=1280"),
        BAD("[Network]\nIPv6MTUBytes=1279\n", "",
            "4: warning: IPv6MTUBytes= '1279' is no size of 1280 to 4294967295 bytes" IGNORED
            "write bytes, for example 1420, or with suffix K (1024)"),
        OK("[Network]\nBindCarrier=eth0 \"eth 1\"\nBindCarrier=eth2\n",
           " bind='eth0' bind='eth 1' bind='eth2' ActivationPolicy=5"),
        OK("[Network]\nBindCarrier=eth0\nBindCarrier=\n", ""),
        BAD("[Network]\nBindCarrier=eth0 'eth1 eth2\n", " bind='eth0' ActivationPolicy=5",
            "4: warning: BindCarrier= 'eth0 'eth1 eth2' has a quote that is not closed; what begins with it "
            "is ignored; close the quote"),
        BOOLEAN("Network", "ConfigureWithoutCarrier", " ConfigureWithoutCarrier"),
        OK("[Network]\nIgnoreCarrierLoss=yes\n", " IgnoreCarrierLoss=forever"),
        OK("[Network]\nIgnoreCarrierLoss=infinity\n", " IgnoreCarrierLoss=forever"),
        OK("[Network]\nIgnoreCarrierLoss=no\n", " IgnoreCarrierLoss=0"),
        OK("[Network]\nIgnoreCarrierLoss=3s\n", " IgnoreCarrierLoss=3000000"),
        OK("[Network]\nIgnoreCarrierLoss=3s\nIgnoreCarrierLoss=\n", ""),
        BAD("[Network]\nIgnoreCarrierLoss=never\n", "",
            "4: warning: IgnoreCarrierLoss= 'never' is neither a boolean nor a time" IGNORED
            "use yes, no or a time like 3s"),
        OK("[Network]\nKeepConfiguration=dhcp-on-stop\n", " KeepConfiguration=4"),
        OK("[Network]\nKeepConfiguration=on\n", " KeepConfiguration=1"),
        BAD("[Network]\nKeepConfiguration=\n", "",
            UNKNOWN("4", "KeepConfiguration", "", "no, yes, static, dhcp or dhcp-on-stop")),
        OK("[Network]\nGateway=192.0.2.254\nAddress=192.0.2.1/24\n",
           " 192.0.2.1/24\n  route 4 gw=192.0.2.254"),
        OK("[Network]\nGateway=192.0.2.254\nGateway=2001:db8::fe\nAddress=192.0.2.1/24\n",
           " 192.0.2.1/24\n  route 4 gw=192.0.2.254\n  route 6 gw=2001:db8::fe"),
        BAD("[Network]\nGateway=\nAddress=192.0.2.1/24\n", " 192.0.2.1/24",
            "4: warning: Gateway= '' is no IP address" IGNORED "write it like 192.0.2.1 or 2001:db8::1"),
        BAD("[Network]\nGateway=_dhcp4\n", "",
            "4: warning: Gateway= '_dhcp4' is no IP address" IGNORED
            "write it like 192.0.2.1 or 2001:db8::1"),
};

static const Row port_rows[] = {
        PORT("UnicastFlood"),
        PORT("MulticastFlood"),
        PORT("MulticastToUnicast"),
        PORT("NeighborSuppression"),
        PORT("Learning"),
        PORT("HairPin"),
        PORT("Isolated"),
        PORT("UseBPDU"),
        PORT("FastLeave"),
        PORT("AllowPortToBeRoot"),
        PORT("ProxyARP"),
        PORT("ProxyARPWiFi"),
#define B "[Network]\nBridge=br0\n[Bridge]\n"
#define V "[Network]\nBridge=br0\n[BridgeVLAN]\n"
        OK(B "Cost=100\n", " bridge=br0 port Cost=100"),
        OK(B "Cost=100\nCost=0\n", " bridge=br0"),
        BAD(B "Cost=\n", " bridge=br0", NO_NUMBER("6", "Cost", "", "0 to 4294967295")),
        OK(B "Priority=63\n", " bridge=br0 port Priority=63"),
        OK(B "Priority=0\n", " bridge=br0 port Priority=0"),
        BAD(B "Priority=64\n", " bridge=br0", NO_NUMBER("6", "Priority", "64", "0 to 63")),
        OK(B "MulticastRouter=temporary\n", " bridge=br0 port MulticastRouter=3"),
        OK(B "MulticastRouter=off\n", " bridge=br0 port MulticastRouter=0"),
        BAD(B "MulticastRouter=yes\n", " bridge=br0",
            UNKNOWN("6", "MulticastRouter", "yes", "no, query, permanent or temporary")),
        BAD(B "Learning=yes\nLocked=yes\n", " bridge=br0 port Learning=1",
            "7: notice: left out, since netdevd does no rarer bridge settings: [Bridge] Locked= (line 7); "
            "what needs them is for systemd-networkd"),

        OK(V "VLAN=10\n", " bridge=br0 vlans@5 tagged=10 untagged="),
        OK(V "VLAN=1-3\nVLAN=4094\n[BridgeVLAN]\nEgressUntagged=20-21\nPVID=7\n",
           " bridge=br0 vlans@5 tagged=1-3,7,20-21,4094 untagged=20-21 pvid=7"),
        OK(V "EgressUntagged=5\nEgressUntagged=\nVLAN=6\n", " bridge=br0 vlans@5 tagged=6 untagged="),
        OK(V "PVID=7\nPVID=no\n", " bridge=br0 vlans@5 tagged= untagged="),
        OK(V "PVID=7\nPVID=\nVLAN=1\n", " bridge=br0 vlans@5 tagged=1 untagged="),
        BAD(V "PVID=7\nPVID=4095\n", " bridge=br0 vlans@5 tagged=7 untagged= pvid=7",
            NO_NUMBER("7", "PVID", "4095", "1 to 4094")),
        BAD(V "PVID=yes\n", " bridge=br0", NO_NUMBER("6", "PVID", "yes", "1 to 4094")),
        BAD(V "VLAN=0\n", " bridge=br0",
            "6: warning: VLAN= '0' is no VLAN id or range of them" IGNORED
            "write it like 10 or 10-19, with ids from 1 to 4094"),
        BAD(V "VLAN=1\nVLAN=9-8\n", " bridge=br0 vlans@5 tagged=1 untagged=",
            "7: warning: VLAN= '9-8' is no VLAN id or range of them" IGNORED
            "write it like 10 or 10-19, with ids from 1 to 4094"),
        BAD(V "EgressUntagged=4000-4095\n", " bridge=br0",
            "6: warning: EgressUntagged= '4000-4095' is no VLAN id or range of them" IGNORED
            "write it like 10 or 10-19, with ids from 1 to 4094"),
};

#define NO_PORT                                                                                             \
        " has no effect on a link that is no port of a bridge; write Bridge= in [Network], or "             \
        "KeepMaster=yes when others set the bridge"

/* Keys that look at each other. */
static const Row check_rows[] = {
        BAD("[Network]\nBridge=br0\nVRF=red\n", " bridge=br0",
            "5: warning: VRF= is ignored, since a link has one master and Bridge= comes first; remove VRF= "
            "or "
            "Bridge="),
        BAD("[Network]\nKeepMaster=yes\nBridge=br0\n[Bridge]\nLearning=no\n",
            " KeepMaster=1 port Learning=0",
            "5: warning: Bridge= is ignored, since KeepMaster=yes; remove Bridge= or KeepMaster=yes"),
        BAD("[Network]\nVRF=red\nKeepMaster=yes\n", " KeepMaster=1",
            "4: warning: VRF= is ignored, since KeepMaster=yes; remove VRF= or KeepMaster=yes"),
        BAD("[Bridge]\nLearning=no\nIsolated=yes\n", "", "4: warning: section [Bridge]" NO_PORT),
        BAD("[Network]\nVRF=red\n[BridgeVLAN]\nVLAN=1\n", " vrf=red",
            "5: warning: section [BridgeVLAN]" NO_PORT),
        OK("[Network]\nKeepMaster=yes\n[BridgeVLAN]\nVLAN=1\n", " KeepMaster=1 vlans@5 tagged=1 untagged="),

        OK("[Link]\nActivationPolicy=bound\n[Network]\nBindCarrier=eth0\n",
           " bind='eth0' ActivationPolicy=5"),
        BAD("[Link]\nActivationPolicy=manual\n[Network]\nBindCarrier=eth0\n",
            " bind='eth0' ActivationPolicy=5",
            "4: warning: ActivationPolicy= is ignored: BindCarrier= means bound; remove the line, or "
            "BindCarrier="),
        BAD("[Link]\nActivationPolicy=bound\n", " ActivationPolicy=0",
            "4: warning: ActivationPolicy=bound means up here, since there is no BindCarrier=; write "
            "BindCarrier= in [Network]"),
        OK("[Link]\nActivationPolicy=always-up\n", " ActivationPolicy=1 IgnoreCarrierLoss=forever"),
        OK("[Link]\nActivationPolicy=always-up\n[Network]\nIgnoreCarrierLoss=yes\n",
           " ActivationPolicy=1 IgnoreCarrierLoss=forever"),
        BAD("[Link]\nActivationPolicy=always-up\n[Network]\nIgnoreCarrierLoss=3\n",
            " ActivationPolicy=1 IgnoreCarrierLoss=forever",
            "6: warning: IgnoreCarrierLoss= is taken for yes, since ActivationPolicy=always-up; write "
            "IgnoreCarrierLoss=yes, or ActivationPolicy=up"),

        OK("[Link]\nActivationPolicy=manual\n", " optional ActivationPolicy=2"),
        OK("[Link]\nActivationPolicy=down\n", " optional ActivationPolicy=4"),
        OK("[Link]\nActivationPolicy=always-down\n", " optional ActivationPolicy=3"),
        BAD("[Link]\nActivationPolicy=manual\nRequiredForOnline=yes\n", " ActivationPolicy=2",
            "5: warning: RequiredForOnline= waits for the link, but ActivationPolicy= leaves it to others "
            "to "
            "bring it up; "
            "write RequiredForOnline=no"),
        BAD("[Link]\nActivationPolicy=always-down\nRequiredForOnline=yes\n", " optional ActivationPolicy=3",
            "5: warning: RequiredForOnline= is taken for no, since ActivationPolicy=always-down; write "
            "RequiredForOnline=no"),
        OK("[Link]\nActivationPolicy=down\nRequiredForOnline=yes\nRequiredForOnline=\n",
           " optional ActivationPolicy=4"),

        BAD("[Network]\nIPv6ProxyNDP=no\nIPv6ProxyNDPAddress=2001:db8::1\n", " IPv6ProxyNDP=0",
            "5: warning: IPv6ProxyNDPAddress= is ignored, since IPv6ProxyNDP=no; write IPv6ProxyNDP=yes, or "
            "remove the addresses"),
        OK("[Network]\nIPv6ProxyNDP=yes\nIPv6ProxyNDPAddress=2001:db8::1\n",
           " proxy=2001:db8::1 IPv6ProxyNDP=1"),
};

static void test_row(void **state) {
        const Row *row = *state;
        _cleanup_(freep) char *file = NULL, *text = NULL;

        assert_true(asprintf(&file, "[Match]\nName=tun0\n%s", row->lines) > 0);
        text = config_text_one("a.network", file);
        assert_string_equal(text, row->expected);
}

/* Words and numbers go both ways, for all enums. */
#define ROUND_TRIP(name, Type, end)                                                                         \
        for (Type v = 0; v < end; v++) {                                                                    \
                assert_non_null(name##_to_string(v));                                                       \
                assert_int_equal(name##_from_string(name##_to_string(v)), v);                               \
        }                                                                                                   \
        assert_null(name##_to_string(end));                                                                 \
        assert_int_equal(name##_from_string("nonsense"), -EINVAL)

static void test_tables(void **state _unused_) {
        ROUND_TRIP(activation_policy, ActivationPolicy, _ACTIVATION_POLICY_MAX);
        ROUND_TRIP(required_family, RequiredFamily, _REQUIRED_FAMILY_MAX);
        ROUND_TRIP(link_local, LinkLocal, _LINK_LOCAL_MAX);
        ROUND_TRIP(keep_configuration, KeepConfiguration, _KEEP_CONFIGURATION_MAX);
        ROUND_TRIP(qdisc, Qdisc, _QDISC_MAX);
        ROUND_TRIP(online_level, OnlineLevel, _ONLINE_LEVEL_MAX);
        ROUND_TRIP(kind, Kind, _KIND_MAX);
}

/* "[Match]…[Network]\nKEY=" and so many times the word. */
static char *load_many(const char *key, const char *word, size_t n) {
        char *file = NULL, *text;
        size_t size;
        FILE *f = open_memstream(&file, &size);

        assert_non_null(f);
        fprintf(f, "[Match]\nName=tun0\n[Network]\n%s=", key);
        while (n-- > 0)
                fputs(word, f);
        fputs("\n", f);
        assert_int_equal(fclose(f), 0);
        text = config_text_one("a.network", file);
        free(file);
        assert_non_null(text);
        return text;
}

/* The first so many count, and the link is bound to them. */
static void test_too_many_names(void **state _unused_) {
        _cleanup_(freep) char *text = load_many("BindCarrier", "eth7 ", CONFIG_ADDRESSES_MAX + 1);

        assert_non_null(strstr(text, "'eth7' ActivationPolicy=5\n"));
        assert_non_null(strstr(text,
                               "a.network:4: warning: more than 1024 interfaces in BindCarrier=; those "
                               "from 'eth7' on are ignored; name fewer, or use a glob\n"));
}

/* A message repeats only so much of a value, and cuts no character. */
static void test_long_value(void **state _unused_) {
        _cleanup_(freep) char *odd = load_many("IPv4ProxyARP", "ä", 1000);
        _cleanup_(freep) char *even = load_many("IPv4AcceptLocal", "ä", 1000);

        assert_non_null(strstr(odd, "ä…; the line is ignored; use yes or no\n"));
        assert_null(strstr(odd, "\\x"));
        assert_non_null(strstr(even, "ä…; the line is ignored; use yes or no\n"));
        assert_null(strstr(even, "\\x"));
}

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(link_rows) + ELEMENTSOF(network_rows) +
                                       ELEMENTSOF(port_rows) + ELEMENTSOF(check_rows) + 3] = {
                cmocka_unit_test(test_tables),
                cmocka_unit_test(test_too_many_names),
                cmocka_unit_test(test_long_value),
        };
        size_t n = 3;

        ROWS_APPEND(tests, &n, test_row, link_rows, "link");
        ROWS_APPEND(tests, &n, test_row, network_rows, "network");
        ROWS_APPEND(tests, &n, test_row, port_rows, "port");
        ROWS_APPEND(tests, &n, test_row, check_rows, "check");
        return _cmocka_run_group_tests("config-link", tests, n, NULL, NULL);
}
