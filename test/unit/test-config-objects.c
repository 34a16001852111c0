/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [Address], [NextHop], [RoutingPolicyRule] and [Neighbor]: each key good, bad and reset, what is dropped
 * when the section is complete, and what is given twice. */

#include "rows.h"

#include <string.h>

#include "config-text.h"

typedef struct Row {
        const char *lines; /* the first is line 3 */
        const char *expected;
} Row;

#define HEAD "a.network 'tun0'"
#define OK(lines, text)                                                                                     \
        { lines, HEAD text "\n" }
#define BAD(lines, text)                                                                                    \
        { lines, HEAD "\na.network:" text "\n" }
#define NOTED(lines, objects, text)                                                                         \
        { lines, HEAD objects "\na.network:" text "\n" }

#define LOST(section) "; the whole section [" section "] of line 3 is ignored; "
#define DROPPED       "; the section is ignored; "
#define HINT_PREFIX   "write it like 192.0.2.1/24 or 2001:db8::1/64"
#define HINT_ADDRESS  "write it like 192.0.2.1 or 2001:db8::1"
#define HINT_NUMBER   "write a number in this range"
#define NO_BOOL(line, key, value, section)                                                                  \
        line ": warning: " key "= is '" value "', which is no boolean" LOST(section) "use yes or no"
#define LEFT_OUT(line, reason, items)                                                                       \
        line ": notice: left out, since netdevd does no " reason ": " items                                 \
             "; what needs them is for systemd-networkd"

#define A4 "[Address]\nAddress=192.0.2.1/24\n"
#define A6 "[Address]\nAddress=2001:db8::1/64\n"
#define R4 "\n  address 192.0.2.1/24"
#define R6 "\n  address 2001:db8::1/64"

static const Row address_rows[] = {
        OK(A4, " 192.0.2.1/24"),
        OK("[Address]\nAddress=192.0.2.1/24\nAddress=192.0.2.2/25\n", " 192.0.2.2/25"),
        OK("[Address]\n", ""), /* without a line there is no object, nor with an unknown one only */
        BAD("[Address]\nAdress=192.0.2.1/24\n", "4: warning: unknown key 'Adress'; did you mean 'Address'?"),
        BAD("[Address]\nLabel=x\n", "3: warning: section [Address] has no Address=" DROPPED
                                    "write Address=, for example 192.0.2.1/24"),
        NOTED("[Address]\nAddress=2001:db8::1\n", " 2001:db8::1/128",
              "4: warning: Address= '2001:db8::1' has no prefix length; /128 is used; write the length, for "
              "example /24"),
        BAD("[Address]\nAddress=192.0.2.1/24\nAddress=\nLabel=toolong-toolong-toolong\n",
            "5: warning: Address= '' is no address with prefix length" LOST("Address") HINT_PREFIX),
        BAD("[Address]\nAddress=::/64\n",
            "4: warning: Address= '::/64' asks for an address from a pool, which is not implemented" LOST(
                            "Address") "write the address to use"),

        OK(A4 "Peer=192.0.2.9/30\n", "\n  address 192.0.2.1/30 peer=192.0.2.9"), /* the last length */
        OK("[Address]\nPeer=192.0.2.9/30\nAddress=192.0.2.1/24\n",
           "\n  address 192.0.2.1/24 peer=192.0.2.9"),
        NOTED(A4 "Peer=192.0.2.9\n", "\n  address 192.0.2.1/32 peer=192.0.2.9",
              "5: warning: Peer= '192.0.2.9' has no prefix length; /32 is used; write the length, for "
              "example "
              "/24"),
        NOTED(A4 "Peer=192.0.2.9/036\n", "\n  address 192.0.2.1/30 peer=192.0.2.9",
              "5: warning: the prefix length in Peer= '192.0.2.9/036' is octal, as in systemd: /30 is used; "
              "write the length without a leading 0"),
        BAD(A4 "Peer=2001:db8::2/64\n",
            "5: warning: Peer= '2001:db8::2/64' is no IPv4 address, as Address= is" LOST(
                            "Address") "give both of one family"),
        BAD("[Address]\nPeer=2001:db8::2/64\nAddress=192.0.2.1/24\n",
            "5: warning: Address= '192.0.2.1/24' is no IPv6 address, as Peer= is" LOST(
                            "Address") "give both of one family"),

        OK(A4 "Broadcast=192.0.2.127\n", R4 " brd=192.0.2.127"),
        OK(A4 "Broadcast=no\n", R4 " brd=no"),
        OK(A4 "Broadcast=no\nBroadcast=yes\n", " 192.0.2.1/24"),
        OK(A4 "Broadcast=no\nBroadcast=\n", " 192.0.2.1/24"),
        BAD(A4 "Broadcast=2001:db8::ff\n",
            "5: warning: Broadcast= '2001:db8::ff' is neither a boolean nor an IPv4 address" LOST(
                            "Address") "use yes, no or an address like 192.0.2.255"),
#define NO_BROADCAST(why) "3: warning: Broadcast= of the address is ignored: " why "; remove the line"
        NOTED(A6 "Broadcast=192.0.2.255\n", " 2001:db8::1/64", NO_BROADCAST("IPv6 has none")),
        NOTED("[Address]\nAddress=192.0.2.1/31\nBroadcast=192.0.2.255\n", " 192.0.2.1/31",
              NO_BROADCAST("the subnet has no room for one")),
        NOTED(A4 "Peer=192.0.2.9/24\nBroadcast=192.0.2.255\n", R4 " peer=192.0.2.9",
              NO_BROADCAST("there is a peer")),
        NOTED(A4 "Broadcast=0.0.0.0\n", " 192.0.2.1/24", NO_BROADCAST("0.0.0.0 is no broadcast address")),

        OK(A4 "Label=tun0:a b\n", R4 " label=tun0:a b"),
        OK(A4 "Label=fifteen-bytes-x\n", R4 " label=fifteen-bytes-x"),
        OK(A4 "Label=x\nLabel=\n", " 192.0.2.1/24"),
        BAD(A4 "Label=sixteen-bytes-xx\n",
            "5: warning: Label= 'sixteen-bytes-xx' is no label" LOST(
                            "Address") "use 1 to 15 printable ASCII characters"),
        BAD(A4 "Label=\xc3\xa4\n", "5: warning: Label= '\xc3\xa4' is no label" LOST(
                                                   "Address") "use 1 to 15 printable ASCII characters"),
        NOTED(A6 "Label=x\n", " 2001:db8::1/64",
              "3: warning: Label= of the address is ignored: it is for IPv4 only; remove the line"),

        OK(A4 "PreferredLifetime=0\n", R4 " deprecated"),
        OK(A4 "PreferredLifetime=0\nPreferredLifetime=forever\n", " 192.0.2.1/24"),
        OK(A4 "PreferredLifetime=0\nPreferredLifetime=infinity\n", " 192.0.2.1/24"),
        OK(A4 "PreferredLifetime=0\nPreferredLifetime=\n", " 192.0.2.1/24"),
        BAD(A4 "PreferredLifetime=1h\n",
            "5: warning: PreferredLifetime= '1h' is not known" LOST("Address") "use forever, infinity or 0"),
        OK(A4 "Scope=host\n", R4 " scope=254"),
        OK(A4 "Scope=global\n", R4 " scope=0"),
        OK(A4 "Scope=0x10\n", R4 " scope=16"),
        BAD(A4 "Scope=\n",
            "5: warning: Scope= '' is not known" LOST(
                            "Address") "use global, site, link, host or nowhere, or a number up to 255"),
        OK(A4 "RouteMetric=4294967295\n", R4 " metric=4294967295"),
        BAD(A4 "RouteMetric=\n",
            "5: warning: RouteMetric= '' is no number from 0 to 4294967295" LOST("Address") HINT_NUMBER),
        OK(A6 "HomeAddress=yes\n", R6 " home"),
        BAD(A4 "HomeAddress=yes\n",
            "3: warning: HomeAddress=yes is for IPv6 addresses only" DROPPED "remove HomeAddress="),
        BAD(A6 "HomeAddress=\n", NO_BOOL("5", "HomeAddress", "", "Address")),
        OK(A6 "ManageTemporaryAddress=yes\n", R6 " mngtmp"),
        NOTED(A4 "ManageTemporaryAddress=yes\n", " 192.0.2.1/24",
              "3: warning: ManageTemporaryAddress= of the address is ignored: it is for IPv6 only; remove "
              "the "
              "line"),
        OK(A4 "AddPrefixRoute=no\n", R4 " noprefixroute"),
        OK(A4 "AddPrefixRoute=no\nAddPrefixRoute=yes\n", " 192.0.2.1/24"),
        BAD(A4 "AddPrefixRoute=x\n", NO_BOOL("5", "AddPrefixRoute", "x", "Address")),
        OK(A4 "PrefixRoute=yes\n", R4 " noprefixroute"), /* the deprecated one is the other way round */
        OK(A4 "PrefixRoute=no\n", " 192.0.2.1/24"),
        OK(A4 "AutoJoin=yes\n", R4 " autojoin"),

        OK(A6 "DuplicateAddressDetection=none\n", R6 " nodad"),
        OK(A6 "DuplicateAddressDetection=ipv6\n", " 2001:db8::1/64"),
        OK(A6 "DuplicateAddressDetection=none\nDuplicateAddressDetection=both\n", " 2001:db8::1/64"),
        NOTED(A6 "DuplicateAddressDetection=ipv4\n", R6 " nodad",
              "5: warning: DuplicateAddressDetection=ipv4 on an IPv6 address is as good as none; use none "
              "or "
              "ipv6"),
        NOTED(A6 "DuplicateAddressDetection=yes\n", R6 " nodad",
              "5: warning: DuplicateAddressDetection=yes means none, for historical reasons; use none, "
              "ipv4, "
              "ipv6 or both"),
        OK(A4 "DuplicateAddressDetection=none\n", " 192.0.2.1/24"),
        NOTED(A4 "DuplicateAddressDetection=both\n", " 192.0.2.1/24",
              LEFT_OUT("5", "dynamic protocols", "[Address] DuplicateAddressDetection= (line 5)")),
        NOTED(A4 "DuplicateAddressDetection=ipv6\n", " 192.0.2.1/24",
              "5: warning: DuplicateAddressDetection=ipv6 on an IPv4 address is as good as none; use none "
              "or "
              "ipv4"),
        BAD(A4 "DuplicateAddressDetection=\n", "5: warning: DuplicateAddressDetection= '' is not known" LOST(
                                                               "Address") "use none, ipv4, ipv6 or both"),
        NOTED(A4 "NetLabel=system_u:object_r:a_t:s0\nNFTSet=address:ip:filter:x\n", " 192.0.2.1/24",
              LEFT_OUT("5", "NetLabel and no packet filters",
                       "[Address] NetLabel= (line 5), NFTSet= (line 6)")),

        NOTED(A4 "[Network]\nAddress=192.0.2.1/24\n", " 192.0.2.1/24",
              "6: warning: the address is given twice; the earlier section is ignored; remove one of the "
              "two "
              "sections"),
        NOTED("[Network]\nAddress=192.0.2.1/24\n[Address]\nLabel=x\nAddress=192.0.2.1/24\n", R4 " label=x",
              "5: warning: the address is given twice; the earlier line is ignored; remove one of the two "
              "lines"),
        OK(A4 "Peer=198.51.100.1/24\n" A4 "Peer=198.51.101.1/24\n" A4,
           " 192.0.2.1/24" R4 " peer=198.51.100.1" R4 " peer=198.51.101.1"),
        NOTED(A4 "Peer=198.51.100.1/24\n" A4 "Peer=198.51.100.2/24\n", R4 " peer=198.51.100.2",
              "6: warning: the address is given twice; the earlier section is ignored; remove one of the "
              "two "
              "sections"),
        NOTED(A4 "Peer=192.0.2.9/24\n" A4, " 192.0.2.1/24",
              "6: warning: the address is given twice; the earlier section is ignored; remove one of the "
              "two "
              "sections"),
};

#define N        "[Network]\nAddress=192.0.2.1/24\n[NextHop]\n"
#define HOP      " 192.0.2.1/24\n  nexthop "
#define HOP_LOST "; the whole section [NextHop] of line 5 is ignored; "

static const Row nexthop_rows[] = {
        OK(N "Id=1\n", HOP "4 id=1"),
        OK(N "Id=4294967295\n", HOP "4 id=4294967295"),
        OK(N "Id=1\nId=\n", HOP "4"),
        NOTED(N "Id=0\n", " 192.0.2.1/24",
              "6: warning: Id= '0' is no number from 1 to 4294967295" HOP_LOST HINT_NUMBER),
        OK(N "Gateway=192.0.2.2\n", HOP "4 gw=192.0.2.2"),
        OK(N "Gateway=2001:db8::2\n", HOP "6 gw=2001:db8::2"),
        OK(N "Gateway=2001:db8::2\nGateway=\n", HOP "4"),
        OK(N "Gateway=::\n", HOP "6"),
        NOTED(N "Gateway=_dhcp4\n", " 192.0.2.1/24",
              "6: warning: Gateway= '_dhcp4' is no IP address" HOP_LOST HINT_ADDRESS),
        OK(N "Family=ipv6\n", HOP "6"),
        OK(N "Family=ipv6\nFamily=\n", HOP "4"),
        OK(N "Family=ipv6\nGateway=2001:db8::2\n", HOP "6 gw=2001:db8::2"),
        NOTED(N "Family=ipv4\nGateway=2001:db8::2\n", " 192.0.2.1/24",
              "5: warning: Family= and Gateway= are of different families" DROPPED "remove one of the two"),
        NOTED(N "Gateway=192.0.2.2\nFamily=\n", " 192.0.2.1/24",
              "7: warning: Family= cannot be reset beside Gateway=" HOP_LOST "remove the line"),
        NOTED(N "Family=both\n", " 192.0.2.1/24",
              "6: warning: Family= 'both' is not known" HOP_LOST "use ipv4 or ipv6"),
        OK(N "Gateway=192.0.2.2\nOnLink=yes\n", HOP "4 gw=192.0.2.2 onlink=1"),
        OK(N "Gateway=192.0.2.2\nOnLink=yes\nOnLink=\n", HOP "4 gw=192.0.2.2"),
        NOTED(N "OnLink=yes\n", " 192.0.2.1/24",
              "5: warning: OnLink=yes is for a Gateway=, and there is none" DROPPED
              "write Gateway=, or remove OnLink="),
        OK(N "Blackhole=yes\n", HOP "4 blackhole"),
        OK(N "Family=ipv6\nBlackhole=yes\n", HOP "6 blackhole"),
        NOTED(N "Blackhole=\n", " 192.0.2.1/24",
              "6: warning: Blackhole= is '', which is no boolean" HOP_LOST "use yes or no"),
        NOTED(N "Blackhole=yes\nGateway=192.0.2.2\n", " 192.0.2.1/24",
              "5: warning: Blackhole=yes and Gateway= exclude each other" DROPPED "remove one of the two"),
        OK(N "Id=9\nGroup=1 2:256\nGroup=3:7\n", HOP "0 id=9 1*1 2*256 3*7"),
        OK(N "Id=9\nGroup=1\nGroup=\n", HOP "4 id=9"),
        NOTED(N "Group=1 0 2\n", HOP "0 1*1 2*1",
              "6: warning: '0' in Group= is no id of a next hop; the word is ignored; write ids as 1 or "
              "1:10, "
              "with a weight from 1 to 256"),
        NOTED(N "Group=1:257 2\n", HOP "0 2*1",
              "6: warning: '1:257' in Group= is no id of a next hop; the word is ignored; write ids as 1 or "
              "1:10, "
              "with a weight from 1 to 256"),
        NOTED(N "Group=1 1:2\n", HOP "0 1*1",
              "6: warning: id 1 is in Group= twice; the later word is ignored; write each id once"),
        NOTED(N "Group=1\nGateway=192.0.2.2\n", " 192.0.2.1/24",
              "5: warning: Group= and Gateway= exclude each other" DROPPED "remove one of the two"),
        NOTED(N "Group=1\nFamily=ipv4\n", " 192.0.2.1/24",
              "5: warning: Group= and Family= exclude each other" DROPPED "remove one of the two"),
        NOTED(N "Group=1\nBlackhole=yes\n", " 192.0.2.1/24",
              "5: warning: Group= and Blackhole=yes exclude each other" DROPPED "remove one of the two"),
        NOTED("[NextHop]\nGateway=192.0.2.2\n", "\n  nexthop 4 gw=192.0.2.2 onlink=1",
              "3: warning: the file has a Gateway= but no static address; the gateway is taken to be on the "
              "link; write OnLink=yes"),
        NOTED(N "Id=1\nGroup=2 3\n[NextHop]\nBlackhole=yes\n[NextHop]\nBlackhole=yes\n[NextHop]\nId=1\n",
              HOP "4 blackhole\n  nexthop 4 blackhole\n  nexthop 4 id=1",
              "12: warning: the next hop Id is given twice; the earlier section is ignored; remove one of "
              "the "
              "two sections"),
};

#define RULE      "[RoutingPolicyRule]\n"
#define RULE_LOST LOST("RoutingPolicyRule")
#define NO_TABLE                                                                                            \
        RULE_LOST "use main, default, local, a name of RouteTable= in netdevd.conf, or a number from 1 to " \
                  "4294967295"
#define NO_PORTS RULE_LOST "write it like 80 or 1024-2047"
#define NO_USER  RULE_LOST "write a user, a uid, or two uids like 1000-1999"

static const Row rule_rows[] = {
        OK(RULE "Table=7\n", "\n  rule 4 table=7"),
        OK(RULE "Table=vpn\n", "\n  rule 4 table=77"),
        BAD(RULE "Table=\n", "4: warning: Table= '' is no routing table" NO_TABLE),
        OK(RULE "From=10.1.2.3/8\n", "\n  rule 4 from=10.0.0.0/8"),
        OK(RULE "To=2001:db8::1\n", "\n  rule 6 to=2001:db8::1/128"),
        OK(RULE "From=0.0.0.0/0\nTo=10.0.0.0/8\n", "\n  rule 4 to=10.0.0.0/8"),
        BAD(RULE "From=10.0.0.0/8\nTo=2001:db8::/32\n",
            "5: warning: To= '2001:db8::/32' is no IPv4 address, as From= is" RULE_LOST
            "give both of one family"),
        BAD(RULE "From=\n", "4: warning: From= '' is no address with prefix length" RULE_LOST HINT_PREFIX),
        OK(RULE "Priority=0\n", "\n  rule 4 prio=0"),
        OK(RULE "Priority=5\nPriority=\n", "\n  rule 4"),
        BAD(RULE "Priority=-1\n",
            "4: warning: Priority= '-1' is no number from 0 to 4294967295" RULE_LOST HINT_NUMBER),
        OK(RULE "Family=ipv6\n", "\n  rule 6"),
        OK(RULE "Family=both\n", "\n  rule 0"),
        OK(RULE "Family=ipv6\nFrom=2001:db8::/32\n", "\n  rule 6 from=2001:db8::/32"),
        BAD(RULE "Family=both\nFrom=2001:db8::/32\n",
            "3: warning: Family= is not that of From= and To=" DROPPED
            "give one family, or leave Family= out"),
        BAD(RULE "Family=\n", "4: warning: Family= '' is not known" RULE_LOST "use ipv4, ipv6 or both"),
        OK(RULE "FirewallMark=7\n", "\n  rule 4 mark=0x7/0xffffffff"),
        OK(RULE "FirewallMark=0x10/0xff\n", "\n  rule 4 mark=0x10/0xff"),
        OK(RULE "FirewallMark=7\nFirewallMark=0\n", "\n  rule 4"),
        BAD(RULE "FirewallMark=7/\n",
            "4: warning: FirewallMark= '7/' is no mark" RULE_LOST "write it like 7 or 0x10/0xff"),
        BAD(RULE "FirewallMark=\n",
            "4: warning: FirewallMark= '' is no mark" RULE_LOST "write it like 7 or 0x10/0xff"),
        BAD(RULE "FirewallMark=4294967296\n",
            "4: warning: FirewallMark= '4294967296' is no mark" RULE_LOST "write it like 7 or 0x10/0xff"),
        OK(RULE "TypeOfService=16\n", "\n  rule 4 tos=16"),
        BAD(RULE "TypeOfService=256\n",
            "4: warning: TypeOfService= '256' is no number from 0 to 255" RULE_LOST HINT_NUMBER),
        OK(RULE "IncomingInterface=tun0\nOutgoingInterface=lo\n", "\n  rule 4 iif=tun0 oif=lo"),
        BAD(RULE "IncomingInterface=\n",
            "4: warning: IncomingInterface= '' (0 bytes) is no valid interface name" RULE_LOST
            "use 1 to 15 printable characters without '/', ':', '%' and blanks, not only digits"),
        OK(RULE "SourcePort=80\nDestinationPort=1024-65535\n", "\n  rule 4 sport=80-80 dport=1024-65535"),
        BAD(RULE "SourcePort=0\n", "4: warning: SourcePort= '0' is no port or range of ports" NO_PORTS),
        BAD(RULE "SourcePort=5-4\n", "4: warning: SourcePort= '5-4' is no port or range of ports" NO_PORTS),
        BAD(RULE "DestinationPort=1-65536\n",
            "4: warning: DestinationPort= '1-65536' is no port or range of ports" NO_PORTS),
        OK(RULE "IPProtocol=tcp\n", "\n  rule 4 ipproto=6"),
        OK(RULE "IPProtocol=ICMPv6\n", "\n  rule 4 ipproto=58"),
        OK(RULE "IPProtocol=47\n", "\n  rule 4 ipproto=47"),
        BAD(RULE "IPProtocol=http\n", "4: warning: IPProtocol= 'http' is no protocol" RULE_LOST
                                      "use a name like tcp, udp or icmpv6, or a number up to 255"),
        OK(RULE "InvertRule=yes\n", "\n  rule 4 not"),
        BAD(RULE "InvertRule=\n", NO_BOOL("4", "InvertRule", "", "RoutingPolicyRule")),
        OK(RULE "User=1000\n", "\n  rule 4 uids=1000-1000"),
        OK(RULE "User=1000-1999\n", "\n  rule 4 uids=1000-1999"),
        OK(RULE "User=root\n", "\n  rule 4 uids=0-0"),
        BAD(RULE "User=nobody-has-this-name\n",
            "4: warning: User= 'nobody-has-this-name' is no user that is known here" NO_USER),
        BAD(RULE "User=4294967295\n", "4: warning: User= '4294967295' is no uid or range of uids" NO_USER),
        BAD(RULE "User=5-4\n", "4: warning: User= '5-4' is no uid or range of uids" NO_USER),
        BAD(RULE "User=\n", "4: warning: User= '' is no uid or range of uids" NO_USER),
        BAD(RULE "User=-\n", "4: warning: User= '-' is no uid or range of uids" NO_USER),
        BAD(RULE "User=\"root\"\n", "4: warning: User= '\"root\"' is no user that is known here" NO_USER),
        OK(RULE "SuppressPrefixLength=0\n", "\n  rule 4 suppress_prefix=0"),
        BAD(RULE "SuppressPrefixLength=129\n",
            "4: warning: SuppressPrefixLength= '129' is no number from 0 to 128" RULE_LOST HINT_NUMBER),
        OK(RULE "SuppressInterfaceGroup=2147483647\n", "\n  rule 4 suppress_group=2147483647"),
        BAD(RULE "SuppressInterfaceGroup=\n",
            "4: warning: SuppressInterfaceGroup= '' is no number from 0 to 2147483647" RULE_LOST
                            HINT_NUMBER),
        OK(RULE "Type=blackhole\n", "\n  rule 4 action=6"),
        OK(RULE "Type=unreachable\n", "\n  rule 4 action=7"),
        OK(RULE "Type=prohibit\n", "\n  rule 4 action=8"),
        BAD(RULE "Type=table\n",
            "4: warning: Type= 'table' is not known" RULE_LOST "use blackhole, unreachable or prohibit"),
        OK(RULE "L3MasterDevice=yes\n", "\n  rule 4 l3mdev"),
        BAD(RULE "L3MasterDevice=yes\nTable=7\n",
            "3: warning: L3MasterDevice=yes and Table= exclude each other" DROPPED "remove one of the two"),
        BAD(RULE "GoTo=100\nPriority=5\n",
            "4: warning: GoTo= is not implemented" RULE_LOST "write Table= or Type="),
};

#define P          "[Neighbor]\nAddress=192.0.2.9\n"
#define M          "LinkLayerAddress=02:00:5e:10:00:01\n"
#define MAC        " lladdr=02005e100001"
#define NEIGH_LOST LOST("Neighbor")

static const Row neighbor_rows[] = {
        OK(P M, "\n  neighbor 192.0.2.9" MAC),
        OK(P "MACAddress=02:00:5e:10:00:01\n", "\n  neighbor 192.0.2.9" MAC), /* the old name */
        OK("[Neighbor]\n" M "Address=2001:db8::9\n", "\n  neighbor 2001:db8::9" MAC),
        OK(P "LinkLayerAddress=198.51.100.1\n", "\n  neighbor 192.0.2.9 lladdr=c6336401"),
        BAD(P, "3: warning: section [Neighbor] has no LinkLayerAddress=" DROPPED "write LinkLayerAddress="),
        BAD("[Neighbor]\n" M, "3: warning: section [Neighbor] has no Address=" DROPPED "write Address="),
        BAD(P M "Address=\n", "3: warning: section [Neighbor] has no Address=" DROPPED "write Address="),
        BAD(P M "LinkLayerAddress=\n",
            "3: warning: section [Neighbor] has no LinkLayerAddress=" DROPPED "write LinkLayerAddress="),
        BAD("[Neighbor]\nAddress=192.0.2.9/24\n" M,
            "4: warning: Address= '192.0.2.9/24' is no IP address" NEIGH_LOST HINT_ADDRESS),
        BAD(P "LinkLayerAddress=02:00\n",
            "5: warning: LinkLayerAddress= '02:00' is no hardware address" NEIGH_LOST
            "write six bytes like 02:00:5e:10:00:01"),
        NOTED(P M P "LinkLayerAddress=02:00:5e:10:00:02\n", "\n  neighbor 192.0.2.9 lladdr=02005e100002",
              "6: warning: the neighbour is given twice; the earlier section is ignored; remove one of the "
              "two "
              "sections"),
        NOTED("[Neigbor]\nAddress=192.0.2.9\n", "",
              "3: warning: unknown section [Neigbor]; did you mean 'Neighbor'?"),
        NOTED("[BridgeFDB]\nMACAddress=02:00:5e:10:00:01\n[IPv6AddressLabel]\nLabel=1\n", "",
              LEFT_OUT("3", "static entries of bridges and no address labels",
                       "section [BridgeFDB] (line 3), section [IPv6AddressLabel] (line 5)")),
};

static void test_row(void **state) {
        const Row *row = *state;
        _cleanup_(freep) char *file = NULL, *text = NULL;

        assert_true(asprintf(&file, "[Match]\nName=tun0\n%s", row->lines) > 0);
        text = config_text_one("a.network", file);
        assert_string_equal(text, row->expected);
}

static size_t count(const char *text, const char *what) {
        size_t n = 0;

        for (; (text = strstr(text, what)); text++)
                n++;
        return n;
}

/* Many addresses of which each comes twice, and then more than there may be. */
static void test_many_addresses(void **state _unused_) {
        _cleanup_(freep) char *file = NULL, *text = NULL;
        size_t size;
        FILE *f = open_memstream(&file, &size);

        fputs("[Match]\nName=tun0\n[Network]\n", f);
        for (unsigned i = 0; i < 100000; i++)
                fprintf(f, "Address=10.0.%u.%u/24\n", i % 512 / 256, i % 256);
        assert_int_equal(fclose(f), 0);

        text = config_text_one("a.network", file);
        assert_int_equal(count(text, "/24"), 512);
        assert_int_equal(count(text, "the address is given twice"), 512);
        assert_int_equal(count(text,
                               "a.network:1028: warning: more than 1024 addresses; the line is ignored; "
                               "spread them over several links\n"),
                         1);
        assert_int_equal(count(text, "more than"), 1);
}

static void test_many_neighbors(void **state _unused_) {
        _cleanup_(freep) char *file = NULL, *text = NULL;
        size_t size;
        FILE *f = open_memstream(&file, &size);

        fputs("[Match]\nName=tun0\n", f);
        for (unsigned i = 0; i < 8192; i++)
                fprintf(f, "[Neighbor]\nAddress=10.0.0.1\nLinkLayerAddress=02:00:00:00:%x:%x\n", i / 256,
                        i % 256);
        assert_int_equal(fclose(f), 0);

        text = config_text_one("a.network", file);
        assert_int_equal(count(text, "  neighbor"), 1);
        assert_int_equal(count(text, "lladdr=020000001fff"), 1);
        assert_int_equal(count(text, "given twice"), 1000); /* as many as there may be messages */
        assert_int_equal(count(text, "dropped 7191\n"), 1);
}

static void test_many_members(void **state _unused_) {
        _cleanup_(freep) char *file = NULL, *text = NULL;
        size_t size;
        FILE *f = open_memstream(&file, &size);

        fputs("[Match]\nName=tun0\n[NextHop]\nGroup=", f);
        for (unsigned i = 1; i <= 100; i++)
                fprintf(f, "%u ", i);
        fputs("\nGroup=101 7\n", f);
        assert_int_equal(fclose(f), 0);

        text = config_text_one("a.network", file);
        assert_int_equal(count(text, "*1"), 100);
        assert_non_null(strstr(text,
                               "a.network:5: warning: more than 100 ids in Group=; '101' is ignored; use "
                               "fewer members\n"));
}

/* Every line of the file is a mistake: the messages are bounded, and so is the search for what was meant. */
static void test_many_mistakes(void **state _unused_) {
        _cleanup_(freep) char *file = NULL, *text = NULL;
        size_t size;
        FILE *f = open_memstream(&file, &size);

        fputs("[Match]\nName=tun0\n[Route]\n", f);
        for (unsigned i = 0; i < 200000; i++)
                fprintf(f, "Destinatoin%u=x\n", i % 10);
        assert_int_equal(fclose(f), 0);

        text = config_text_one("a.network", file);
        assert_int_equal(count(text, "unknown key"), 1000);
        assert_int_equal(count(text, "dropped 199000\n"), 1);
}

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(address_rows) + ELEMENTSOF(nexthop_rows) +
                                       ELEMENTSOF(rule_rows) + ELEMENTSOF(neighbor_rows) + 4] = {
                cmocka_unit_test(test_many_addresses),
                cmocka_unit_test(test_many_neighbors),
                cmocka_unit_test(test_many_members),
                cmocka_unit_test(test_many_mistakes),
        };
        size_t n = 4;

        ROWS_APPEND(tests, &n, test_row, address_rows, "address");
        ROWS_APPEND(tests, &n, test_row, nexthop_rows, "nexthop");
        ROWS_APPEND(tests, &n, test_row, rule_rows, "rule");
        ROWS_APPEND(tests, &n, test_row, neighbor_rows, "neighbor");
        return _cmocka_run_group_tests("config-objects", tests, n, NULL, NULL);
}
