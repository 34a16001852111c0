/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [Route]: each key good, bad and reset; what excludes what; and that a bad line costs the whole section,
 * with one message. */

#include "rows.h"

#include <string.h>

#include "config-text.h"

typedef struct Row {
        const char *lines; /* the first is line 7 */
        const char *expected;
} Row;

#define HEAD    "a.network 'tun0' 192.0.2.1/24\n"
#define PROBLEM "a.network:"

#define OK(lines, text)                                                                                     \
        { lines, HEAD "  route " text "\n" }
#define BAD(lines, text)                                                                                    \
        { lines, HEAD PROBLEM text "\n" }
#define NOTED(lines, route, text)                                                                           \
        { lines, HEAD "  route " route "\n" PROBLEM text "\n" }

#define LOST         "; the whole section [Route] of line 6 is ignored; "
#define DROPPED      "6: warning: "
#define IGNORED      "; the section is ignored; "
#define DST          "Destination=10.0.0.0/8\n"
#define TO           "4 dst=10.0.0.0/8"
#define HINT_PREFIX  "write it like 192.0.2.1/24 or 2001:db8::1/64"
#define HINT_ADDRESS "write it like 192.0.2.1 or 2001:db8::1"
#define HINT_SIZE    "write bytes, for example 1420, or with suffix K (1024)"
#define HINT_HOP     "write it like 192.0.2.1@tun1 10, with a weight from 1 to 256"
#define NO_FAMILY                                                                                           \
        DROPPED "section [Route] has none of Destination=, Source=, PreferredSource= and Gateway=, so its " \
                "family is not known" IGNORED "write for example Destination=0.0.0.0/0"
#define NO_HOP(value, what) "8: warning: MultiPathRoute= '" value "' has no valid " what LOST HINT_HOP
#define NO_NUMBER(line, key, value, range)                                                                  \
        line ": warning: " key "= '" value "' is no number from " range LOST "write a number in this range"

static const Row rows[] = {
        OK("Destination=10.0.0.0/8\n", TO),
        OK("Destination=10.1.2.3/8\n", TO), /* host bits */
        OK("Destination=10.1.2.3\n", "4 dst=10.1.2.3/32"),
        OK("Destination=2001:db8:1:2::3/47\n", "6 dst=2001:db8::/47"),
        OK("Destination=0.0.0.0/0\n", "4"),
        OK("Destination=::/0\n", "6"),
        OK("Destination=0.0.0.0\n", "4 dst=0.0.0.0/32"),
        OK("Destination=10.0.0.0/8\nDestination=10.0.0.0/9\n", "4 dst=10.0.0.0/9"),
        OK("Destination=10.0.0.0/8\nDestination=2001:db8::/32\n", "6 dst=2001:db8::/32"),
        NOTED("Destination=10.0.0.0/020\n", "4 dst=10.0.0.0/16",
              "7: warning: the prefix length in Destination= '10.0.0.0/020' is octal, as in systemd: /16 is "
              "used; write the length without a leading 0"),
        BAD("Destination=default\nGateway=192.0.2.2\n",
            "7: warning: Destination=default is not known" LOST "write 0.0.0.0/0 or ::/0, or leave it out"),
        BAD("Destination=10.0.0.0/8\nDestination=\n",
            "8: warning: Destination= '' is no address with prefix length" LOST HINT_PREFIX),
        BAD("Destination=10.0.0.0/33\nMetric=nonsense\nType=nonsense\n", /* one message only */
            "7: warning: Destination= '10.0.0.0/33' is no address with prefix length" LOST HINT_PREFIX),

        OK(DST "Source=10.1.2.3/16\n", TO " src=10.1.0.0/16"),
        OK("Source=2001:db8::1\n", "6 src=2001:db8::1/128"),
        BAD(DST "Source=2001:db8::/32\n",
            "8: warning: Source= '2001:db8::/32' is no IPv4 address, as Destination= is" LOST
            "give both of one family"),
        OK(DST "Gateway=192.0.2.2\n", TO " gw=192.0.2.2"),
        OK("Gateway=192.0.2.2\n", "4 gw=192.0.2.2"),
        OK("Gateway=2001:db8::2\n", "6 gw=2001:db8::2"),
        OK(DST "Gateway=2001:db8::2\n", TO " gw=2001:db8::2"), /* RTA_VIA */
        OK(DST "Gateway=192.0.2.2\nGateway=\n", TO),
        OK("Gateway=0.0.0.0\n", "4"), /* on the device itself */
        OK("Gateway=::\n", "6"),
        BAD("Gateway=192.0.2.2/24\n",
            "7: warning: Gateway= '192.0.2.2/24' is no IP address" LOST HINT_ADDRESS),
        BAD("Destination=2001:db8::/32\nGateway=192.0.2.2\n",
            DROPPED "an IPv6 route cannot have an IPv4 Gateway=" IGNORED "give both of one family"),
        BAD("Gateway=_dhcp4\nMetric=nonsense\n",
            "7: notice: left out, since netdevd does no dynamic protocols: [Route] Gateway= (line 7); what "
            "needs them is for systemd-networkd"),
        BAD("Gateway=_ipv6ra\n",
            "7: notice: left out, since netdevd does no dynamic protocols: [Route] Gateway= (line 7); what "
            "needs them is for systemd-networkd"),
        BAD("Metric=5\n", NO_FAMILY),
        BAD("Gateway=192.0.2.2\nGateway=\n", NO_FAMILY),

        OK(DST "GatewayOnLink=yes\n", TO " onlink=1"),
        OK(DST "GatewayOnlink=no\n", TO " onlink=0"), /* the old name */
        BAD(DST "GatewayOnLink=\n",
            "8: warning: GatewayOnLink= is '', which is no boolean" LOST "use yes or no"),
        OK(DST "Metric=0\n", TO " metric=0"),
        OK(DST "Metric=4294967295\n", TO " metric=4294967295"),
        BAD(DST "Metric=4294967296\n", NO_NUMBER("8", "Metric", "4294967296", "0 to 4294967295")),
        BAD(DST "Metric=\n", NO_NUMBER("8", "Metric", "", "0 to 4294967295")),
        OK(DST "Scope=link\n", TO " scope=253"),
        OK(DST "Scope=host\n", TO " scope=254"),
        OK(DST "Scope=site\n", TO " scope=200"),
        OK(DST "Scope=global\n", TO " scope=0"),
        OK(DST "Scope=nowhere\n", TO " scope=255"),
        OK(DST "Scope=77\n", TO " scope=77"),
        BAD(DST "Scope=256\n", "8: warning: Scope= '256' is not known" LOST
                               "use global, site, link, host or nowhere, or a number up to 255"),
        NOTED("Destination=2001:db8::/32\nScope=link\n", "6 dst=2001:db8::/32",
              "6: warning: Scope= of the route is ignored: it is for IPv4 only; remove the line"),
        OK("Destination=2001:db8::/32\nScope=global\n", "6 dst=2001:db8::/32 scope=0"),
        OK(DST "PreferredSource=192.0.2.1\n", TO " prefsrc=192.0.2.1"),
        OK("PreferredSource=2001:db8::1\n", "6 prefsrc=2001:db8::1"),
        BAD("PreferredSource=2001:db8::1\n" DST,
            "8: warning: Destination= '10.0.0.0/8' is no IPv6 address, as PreferredSource= is" LOST
            "give both of one family"),
        BAD(DST "PreferredSource=\n", "8: warning: PreferredSource= '' is no IP address" LOST HINT_ADDRESS),
        OK(DST "Table=main\n", TO " table=254"),
        OK(DST "Table=default\n", TO " table=253"),
        OK(DST "Table=local\n", TO " table=255"),
        OK(DST "Table=vpn\n", TO " table=77"),
        OK(DST "Table=4294967295\n", TO " table=4294967295"),
        BAD(DST "Table=0\n",
            "8: warning: Table= '0' is no routing table" LOST
            "use main, default, local, a name of RouteTable= in netdevd.conf, or a number from 1 to "
            "4294967295"),
        BAD(DST "Table=lan\n",
            "8: warning: Table= 'lan' is no routing table" LOST
            "use main, default, local, a name of RouteTable= in netdevd.conf, or a number from 1 to "
            "4294967295"),
        OK(DST "Protocol=kernel\n", TO " proto=2"),
        OK(DST "Protocol=boot\n", TO " proto=3"),
        OK(DST "Protocol=static\n", TO " proto=4"),
        OK(DST "Protocol=16\n", TO " proto=16"),
        BAD(DST "Protocol=dhcp\n", "8: warning: Protocol= 'dhcp' is not known" LOST
                                   "use kernel, boot or static, or a number up to 255"),
        OK(DST "Type=unicast\n", TO " type=1"),
        OK(DST "Type=local\n", TO " type=2"),
        OK(DST "Type=broadcast\n", TO " type=3"),
        OK(DST "Type=anycast\n", TO " type=4"),
        OK(DST "Type=multicast\n", TO " type=5"),
        OK(DST "Type=blackhole\n", TO " type=6"),
        OK(DST "Type=unreachable\n", TO " type=7"),
        OK(DST "Type=prohibit\n", TO " type=8"),
        OK(DST "Type=throw\n", TO " type=9"),
        OK(DST "Type=nat\n", TO " type=10"),
        OK(DST "Type=xresolve\n", TO " type=11"),
        BAD(DST "Type=6\n",
            "8: warning: Type= '6' is not known" LOST "use unicast, local, broadcast, anycast, multicast, "
            "blackhole, unreachable, prohibit, throw, nat "
            "or xresolve"),
        OK(DST "IPv6Preference=low\n", TO " pref=3"),
        OK(DST "IPv6Preference=medium\n", TO " pref=0"),
        OK(DST "IPv6Preference=high\n", TO " pref=1"),
        BAD(DST "IPv6Preference=\n",
            "8: warning: IPv6Preference= '' is not known" LOST "use low, medium or high"),

        OK(DST "MTUBytes=1400\n", TO " mtu=1400"),
        OK(DST "MTUBytes=1400\nMTUBytes=0\n", TO),
        NOTED(DST "MTUBytes=much\n", TO, /* costs the line only */
              "8: warning: MTUBytes= 'much' is no size of 0 to 4294967295 bytes; the line is "
              "ignored; " HINT_SIZE),
        OK(DST "TCPAdvertisedMaximumSegmentSize=1K\n", TO " advmss=1024"),
        OK(DST "TCPAdvertisedMaximumSegmentSize=1K\nTCPAdvertisedMaximumSegmentSize=\n", TO),
        BAD(DST "TCPAdvertisedMaximumSegmentSize=0\n",
            "8: warning: TCPAdvertisedMaximumSegmentSize= '0' is no size of 1 to 4294967295 bytes" LOST
                            HINT_SIZE),
        OK(DST "HopLimit=255\n", TO " hoplimit=255"),
        OK(DST "HopLimit=64\nHopLimit=\n", TO),
        BAD(DST "HopLimit=0\n", NO_NUMBER("8", "HopLimit", "0", "1 to 255")),
        OK(DST "InitialCongestionWindow=1023\n", TO " initcwnd=1023"),
        NOTED(DST "InitialCongestionWindow=1024\n", TO,
              "8: warning: InitialCongestionWindow= '1024' is no number from 1 to 1023; the line is "
              "ignored; "
              "write a number in this range"),
        OK(DST "InitialAdvertisedReceiveWindow=1\n", TO " initrwnd=1"),
        NOTED(DST "InitialAdvertisedReceiveWindow=\n", TO,
              "8: warning: InitialAdvertisedReceiveWindow= '' is no number from 1 to 1023; the line is "
              "ignored; write a number in this range"),
        OK(DST "QuickAck=yes\n", TO " quickack=1"),
        OK(DST "QuickAck=yes\nQuickAck=no\n", TO),
        BAD(DST "QuickAck=\n", "8: warning: QuickAck= is '', which is no boolean" LOST "use yes or no"),
        OK(DST "FastOpenNoCookie=yes\n", TO " fastopen_no_cookie=1"),
        BAD(DST "FastOpenNoCookie=x\n",
            "8: warning: FastOpenNoCookie= is 'x', which is no boolean" LOST "use yes or no"),
        OK(DST "TTLPropagate=no\n", TO " ttl=0"),
        OK(DST "TTLPropagate=yes\n", TO " ttl=1"),
        OK(DST "TCPCongestionControlAlgorithm=bbr\n", TO " cc=bbr"),
        OK(DST "TCPCongestionControlAlgorithm=bbr\nTCPCongestionControlAlgorithm=\n", TO),
        BAD(DST "TCPCongestionControlAlgorithm=sixteen-bytes-xx\n",
            "8: warning: TCPCongestionControlAlgorithm= 'sixteen-bytes-xx' is longer than 15 bytes" LOST
            "use a name of net.ipv4.tcp_available_congestion_control"),
        OK(DST "TCPRetransmissionTimeoutSec=1.5\n", TO " rto_min=1500"),
        OK(DST "TCPRetransmissionTimeoutSec=1us\n", TO " rto_min=1"), /* rounded up */
        BAD(DST "TCPRetransmissionTimeoutSec=0\n",
            "8: warning: TCPRetransmissionTimeoutSec= '0' is no time above 0" LOST
            "write a time like 200ms"),
        BAD(DST "TCPRetransmissionTimeoutSec=infinity\n",
            "8: warning: TCPRetransmissionTimeoutSec= 'infinity' is no time above 0" LOST
            "write a time like 200ms"),

        OK(DST "MultiPathRoute=192.0.2.2\n", TO " hop=192.0.2.2*1"),
        OK(DST "MultiPathRoute=192.0.2.2@tun1 256\nMultiPathRoute=2001:db8::2@7 \t 3\n",
           TO " hop=192.0.2.2@tun1*256 hop=2001:db8::2@7*3"),
        OK(DST "MultiPathRoute=192.0.2.2\nMultiPathRoute=\nMultiPathRoute=192.0.2.3\n",
           TO " hop=192.0.2.3*1"),
        BAD(DST "MultiPathRoute=192.0.2.2 0\n", NO_HOP("192.0.2.2 0", "weight")),
        BAD(DST "MultiPathRoute=192.0.2.2 257\n", NO_HOP("192.0.2.2 257", "weight")),
        BAD(DST "MultiPathRoute=192.0.2.2@\n", NO_HOP("192.0.2.2@", "interface name")),
        BAD(DST "MultiPathRoute=192.0.2.2@0\n", NO_HOP("192.0.2.2@0", "interface name")),
        BAD(DST "MultiPathRoute=@tun1\n", NO_HOP("@tun1", "address")),
        BAD(DST "MultiPathRoute=192.0.2.2 1 2\n", NO_HOP("192.0.2.2 1 2", "form")),
        BAD("MultiPathRoute=192.0.2.2\n", NO_FAMILY),
        BAD(DST "MultiPathRoute=192.0.2.2\nGateway=192.0.2.3\n",
            DROPPED "Gateway= and MultiPathRoute= exclude each other" IGNORED "remove one of the two"),
        BAD("Destination=2001:db8::/32\nMultiPathRoute=192.0.2.2\n",
            DROPPED "an IPv6 route cannot have an IPv4 hop" IGNORED "give both of one family"),

        OK(DST "NextHop=1\n", TO " nexthop=1"),
        OK(DST "NextHop=1\nNextHop=\n", TO),
        BAD(DST "NextHop=0\n", NO_NUMBER("8", "NextHop", "0", "1 to 4294967295")),
        BAD("NextHop=1\nGateway=192.0.2.2\n",
            DROPPED "NextHop= and Gateway= exclude each other" IGNORED "remove one of the two"),
        BAD(DST "NextHop=1\nMultiPathRoute=192.0.2.2\n",
            DROPPED "NextHop= and MultiPathRoute= exclude each other" IGNORED "remove one of the two"),
        BAD(DST "Type=blackhole\nGateway=192.0.2.2\n",
            DROPPED "a route of this Type= drops packets and leads nowhere" IGNORED
                    "remove Gateway=, MultiPathRoute= and NextHop=, or Type="),
        OK(DST "Type=blackhole\nGateway=0.0.0.0\n", TO " type=6"),

        /* The section itself. */
        { "", HEAD },                       /* empty: no object */
        NOTED("Gatway=192.0.2.2\n" DST, TO, /* an unknown key costs itself */
              "7: warning: unknown key 'Gatway'; did you mean 'Gateway'?"),
        OK("X-Note=1\n" DST, TO),
        OK(DST "[Route]\nDestination=10.1.0.0/16\n", TO "\n  route 4 dst=10.1.0.0/16"),
        NOTED(DST "[Route]\nMetric=x\n[Route]\nDestination=10.1.0.0/16\n", TO "\n  route 4 dst=10.1.0.0/16",
              "9: warning: Metric= 'x' is no number from 0 to 4294967295; the whole section [Route] of line "
              "8 "
              "is ignored; write a number in this range"),
        /* A bad line, then a good one of the same key: lost all the same. */
        BAD("Destination=x\n" DST,
            "7: warning: Destination= 'x' is no address with prefix length" LOST HINT_PREFIX),
};

static void test_row(void **state) {
        const Row *row = *state;
        _cleanup_(freep) char *file = NULL, *text = NULL;

        assert_true(asprintf(&file, "[Match]\nName=tun0\n[Network]\nAddress=192.0.2.1/24\n\n[Route]\n%s",
                             row->lines) > 0);
        text = config_text_one("a.network", file);
        assert_string_equal(text, row->expected);
}

#define ON_LINK                                                                                             \
        "the file has a Gateway= but no static address; the gateway is taken to be on the link; write "

/* Without any address no gateway can be reached through a subnet. */
static void test_on_link(void **state _unused_) {
        _cleanup_(freep) char *text =
                        config_text_one("a.network", "[Match]\nName=tun0\n"
                                                     "[Network]\nGateway=192.0.2.2\n"
                                                     "[Route]\nGateway=2001:db8::2\nMetric=1\n"
                                                     "[Route]\nGateway=192.0.2.3\nGatewayOnLink=no\n"
                                                     "[Route]\nDestination=10.0.0.0/8\n"
                                                     "[Address]\nAddress=nonsense\n");

        assert_string_equal(text,
                            "a.network 'tun0'\n"
                            "  route 4 gw=192.0.2.2 onlink=1\n"
                            "  route 6 gw=2001:db8::2 onlink=1 metric=1\n"
                            "  route 4 gw=192.0.2.3 onlink=0\n"
                            "  route 4 dst=10.0.0.0/8\n"
                            "a.network:14: warning: Address= 'nonsense' is no address with prefix "
                            "length; the whole section [Address] of line 13 is ignored; " HINT_PREFIX
                            "\na.network:4: warning: " ON_LINK "a section [Route] with GatewayOnLink=yes\n"
                            "a.network:5: warning: " ON_LINK "GatewayOnLink=yes\n");
}

/* The address may stand behind the gateway, and in another file. */
static void test_address_in_drop_in(void **state _unused_) {
        _cleanup_(freep) char *text = config_text((const ConfigFile[]){
                        { "a.network", "[Match]\nName=tun0\n[Network]\nGateway=192.0.2.2\n" },
                        { "a.network.d/x.conf", "[Address]\nAddress=192.0.2.1/24\n[Route]\n" DST },
                        {} });

        assert_string_equal(text, HEAD "  route 4 gw=192.0.2.2\n  route 4 dst=10.0.0.0/8\n");
}

/* Beyond the limit: one message, and the rest is not read in more than linear time. */
static void test_many(void **state _unused_) {
        _cleanup_(freep) char *file = NULL, *text = NULL;
        char *line;
        size_t size, n = 0;
        FILE *f = open_memstream(&file, &size);

        fputs("[Match]\nName=tun0\n[Network]\nAddress=192.0.2.1/24\n", f);
        for (unsigned i = 0; i < 20000; i++)
                fprintf(f, "[Route]\nDestination=10.%u.%u.0/24\n", i / 256, i % 256);
        assert_int_equal(fclose(f), 0);

        text = config_text_one("a.network", file);
        for (line = text; (line = strstr(line, "\n  route ")); line++)
                n++;
        assert_int_equal(n, 8192);
        line = strstr(text, "a.network:");
        assert_string_equal(line, "a.network:16389: warning: more than 8192 routes; the section is ignored; "
                                  "spread them over several links\n");
}

static void test_many_hops(void **state _unused_) {
        _cleanup_(freep) char *file = NULL, *text = NULL;
        size_t size;
        FILE *f = open_memstream(&file, &size);

        fputs("[Match]\nName=tun0\n[Network]\nAddress=192.0.2.1/24\n[Route]\n" DST, f);
        for (unsigned i = 0; i < 30; i++)
                fprintf(f, "MultiPathRoute=10.0.%u.%u\n", i / 256, i % 256);
        assert_int_equal(fclose(f), 0);

        text = config_text_one("a.network", file);
        assert_string_equal(text, HEAD "a.network:31: warning: more than 24 hops of one route; the whole "
                                       "section [Route] of line 5 is ignored; use fewer hops\n");
}

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(rows) + 4] = {
                cmocka_unit_test(test_on_link),
                cmocka_unit_test(test_address_in_drop_in),
                cmocka_unit_test(test_many),
                cmocka_unit_test(test_many_hops),
        };
        size_t n = 4;

        ROWS_APPEND(tests, &n, test_row, rows, "route");
        return _cmocka_run_group_tests("config-route", tests, n, NULL, NULL);
}
