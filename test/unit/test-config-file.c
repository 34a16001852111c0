/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Each key and section of the two types of files, good and bad: what is understood, and every diagnostic
 * word for word, since it is what a user gets to see. */

#include "rows.h"

#include "config-text.h"

/* Expected: lines as config_text() makes them, with the problems below. */
typedef struct Row {
        const char *rule;
        ConfigFile files[5];
        const char *expected;
} Row;

#define DEVICE(lines)                                                                                       \
        {                                                                                                   \
                { "a.netdev", "[NetDev]\nName=tun0\nKind=tun\n" lines }                                     \
        }                                  /* lines begin with 4 */
#define TUN(lines) DEVICE("[Tun]\n" lines) /* with 5 */
#define TAP(lines)                                                                                          \
        {                                                                                                   \
                { "a.netdev", "[NetDev]\nName=tap0\nKind=tap\n[Tap]\n" lines }                              \
        }
#define NETWORK(lines)                                                                                      \
        {                                                                                                   \
                { "a.network", "[Match]\nName=tun0\n" lines }                                               \
        }                                                        /* with 3 */
#define LINK(lines)    NETWORK("[Link]\n" lines)                 /* with 4 */
#define ADDRESS(value) NETWORK("[Network]\nAddress=" value "\n") /* is 4 */

#define BAD_NAME "use 1 to 15 printable characters without '/', ':', '%' and blanks, not only digits\n"
#define NO_NAME                                                                                             \
        "a.netdev:0: error: no valid Name= in [NetDev]; no device is made from this file; write Name= "     \
        "with 1 to 15 "                                                                                     \
        "characters, for example Name=tun0\n"
#define NO_KIND                                                                                             \
        "a.netdev:0: error: no valid Kind= in [NetDev]; no device is made from this file; write Kind=tun "  \
        "or Kind=tap\n"
#define NAME_REFUSED(value, bytes, fault)                                                                   \
        "failed a.netdev\n"                                                                                 \
        "a.netdev:2: warning: Name= '" value "' (" bytes " bytes) " fault                                   \
        "; the line is ignored; " BAD_NAME NO_NAME
#define NO_BOOL(key, value)                                                                                 \
        "a.netdev:5: warning: " key "= is '" value                                                          \
        "', which is no boolean; the line is ignored; use yes or no\n"
#define UNSAFE(key)                                                                                         \
        "a.netdev:5: warning: " key                                                                         \
        "= has quotes, backslashes or control characters; the line is ignored; write a plain "              \
        "name or number\n"
#define NO_ADDRESS(value)                                                                                   \
        "a.network:4: warning: Address= '" value                                                            \
        "' is no address with prefix length; the line is ignored; write it like "                           \
        "192.0.2.1/24 or 2001:db8::1/64\n"
#define NO_SIZE(file, value)                                                                                \
        file ":4: warning: MTUBytes= '" value                                                               \
             "' is no size; the line is ignored; write bytes, for example 1420, or "                        \
             "with suffix K (1024)\n"
#define NO_MAC(value)                                                                                       \
        "a.network:4: warning: MACAddress= '" value                                                         \
        "' is no hardware address; the line is ignored; write six bytes like "                              \
        "02:00:5e:10:00:01\n"
#define NO_MATCH                                                                                            \
        "a.network:0: error: no usable [Match]; the file is ignored; write [Match] with Name=; Name=* "     \
        "matches every link\n"
#define LEFT_OUT(line, what)                                                                                \
        "a.network:" line ": notice: left out, since netdevd does " what                                    \
        "; what needs them is for systemd-networkd\n"

static const Row device_rows[] = {
        /* What makes a file no device. */
        { "no Name", { { "a.netdev", "[NetDev]\nKind=tun\n" } }, "failed a.netdev\n" NO_NAME },
        { "no Kind", { { "a.netdev", "[NetDev]\nName=tun0\n" } }, "failed a.netdev\n" NO_KIND },
        { "no Kind, and its section does not tell",
          { { "a.netdev", "[NetDev]\nName=tap0\n[Tap]\nMultiQueue=yes\n" } },
          "failed a.netdev\n" NO_KIND },
        { "neither", { { "a.netdev", "# nothing\n" } }, "failed a.netdev\n" NO_KIND },
        { "Name of 15 bytes",
          { { "a.netdev", "[NetDev]\nName=fifteen-bytes-x\nKind=tun\n" } },
          "fifteen-bytes-x tun\n" },
        { "Name of 16 bytes",
          { { "a.netdev", "[NetDev]\nName=sixteen-bytes-xx\nKind=tun\n" } },
          NAME_REFUSED("sixteen-bytes-xx", "16", "is longer than 15 bytes") },
        { "Name with a slash",
          { { "a.netdev", "[NetDev]\nName=tun/0\nKind=tun\n" } },
          NAME_REFUSED("tun/0", "5", "contains '/'") },
        { "Name with a blank",
          { { "a.netdev", "[NetDev]\nName=tun 0\nKind=tun\n" } },
          NAME_REFUSED("tun 0", "5", "contains blanks") },
        { "Name with a colon",
          { { "a.netdev", "[NetDev]\nName=tun0:1\nKind=tun\n" } },
          NAME_REFUSED("tun0:1", "6", "contains ':' or '%'") },
        { "Name with a percent sign",
          { { "a.netdev", "[NetDev]\nName=tun%d\nKind=tun\n" } },
          NAME_REFUSED("tun%d", "5", "contains ':' or '%'") },
        { "Name of digits",
          { { "a.netdev", "[NetDev]\nName=7\nKind=tun\n" } },
          NAME_REFUSED("7", "1", "is no valid interface name") },
        { "Name of two dots",
          { { "a.netdev", "[NetDev]\nName=..\nKind=tun\n" } },
          NAME_REFUSED("..", "2", "is no valid interface name") },
        { "Name of the settings of all devices",
          { { "a.netdev", "[NetDev]\nName=all\nKind=tun\n" } },
          NAME_REFUSED("all", "3", "is what the kernel calls the settings of all or of new devices") },
        { "a bad Name leaves the earlier one",
          { { "a.netdev", "[NetDev]\nName=a/b\nName=tun0\nName=c/d\nKind=tun\n" } },
          "tun0 tun\n"
          "a.netdev:2: warning: Name= 'a/b' (3 bytes) contains '/'; the line is ignored; " BAD_NAME
          "a.netdev:4: warning: Name= 'c/d' (3 bytes) contains '/'; the line is ignored; " BAD_NAME },
        { "an empty Name resets",
          { { "a.netdev", "[NetDev]\nName=tun0\nName=\nKind=tun\n" } },
          "failed a.netdev\n" NO_NAME },
        { "unknown Kind",
          { { "a.netdev", "[NetDev]\nName=tun0\nKind=Tun\n" } },
          "failed a.netdev\n"
          "a.netdev:3: warning: Kind= 'Tun' is not known; the line is ignored; use tun or tap\n" NO_KIND },
        { "empty Kind",
          { { "a.netdev", "[NetDev]\nName=tun0\nKind=\n" } },
          "failed a.netdev\na.netdev:3: warning: Kind= '' is not known; the line is ignored; use tun or "
          "tap\n" NO_KIND },
        { "Kind=bridge is networkd's",
          { { "a.netdev", "[NetDev]\nName=br0\nKind=bridge\n[Bridge]\nSTP=yes\n" } },
          "a.netdev:3: notice: Kind=bridge is not implemented; the file is left out; netdevd makes tun and "
          "tap devices; leave "
          "this one to systemd-networkd\n" },
        { "Kind=wireguard too",
          { { "a.netdev", "[NetDev]\nName=wg0\nKind=wireguard\n" } },
          "a.netdev:3: notice: Kind=wireguard is not implemented; the file is left out; netdevd makes tun "
          "and tap devices; "
          "leave this one to systemd-networkd\n" },
        { "the first valid Kind counts", DEVICE("Kind=tap\nKind=tun\nKind=x\n"),
          "tun0 tun\n"
          "a.netdev:4: warning: Kind=tap comes after Kind=tun and is ignored; a drop-in cannot change the "
          "kind\n"
          "a.netdev:6: warning: Kind= 'x' is not known; the line is ignored; use tun or tap\n" },
        { "a condition that holds", DEVICE("[Match]\nHost=b*\nKernelVersion=>=5\n"), "tun0 tun\n" },
        { "a condition that does not", DEVICE("[Match]\nHost=other\n"),
          "skipped ./a.netdev:5: condition Host=other does not hold on this machine\n" },
        { "the last of a condition counts", DEVICE("[Match]\nHost=other\nHost=box\n"), "tun0 tun\n" },
        { "a condition is reset", DEVICE("[Match]\nHost=other\nHost=\n"), "tun0 tun\n" },
        { "a skipped file is not refused",
          { { "a.netdev", "[Match]\nHost=other\n" } },
          "skipped ./a.netdev:2: condition Host=other does not hold on this machine\n" },
        { "a skipped file does not claim its name",
          { { "a.netdev", "[Match]\nHost=other\n[NetDev]\nName=tun0\nKind=tun\n" },
            { "b.netdev", "[NetDev]\nName=tun0\nKind=tun\n[Tun]\nMultiQueue=yes\n" } },
          "tun0 tun mq\nskipped ./a.netdev:2: condition Host=other does not hold on this machine\n" },
        { "a condition in a drop-in",
          { { "a.netdev", "[NetDev]\nName=tun0\nKind=tun\n" },
            { "a.netdev.d/x.conf", "[Match]\nHost=!box\n" } },
          "skipped ./a.netdev.d/x.conf:2: condition Host=!box does not hold on this machine\n" },
        { "an empty [Match] is no condition", DEVICE("[Match]\n"), "tun0 tun\n" },
        { "a typing error in [Match] is no condition", DEVICE("[Match]\nHots=a\n"),
          "tun0 tun\na.netdev:5: warning: unknown key 'Hots'; did you mean 'Host'?\n" },

        /* [NetDev] */
        { "Description", DEVICE("Description= The  tunnel # of all \n"),
          "tun0 tun desc='The  tunnel # of all'\n" },
        { "Description is reset", DEVICE("Description=x\nDescription=\n"), "tun0 tun\n" },
        { "Kind=tap", { { "a.netdev", "[NetDev]\nName=tap0\nKind=tap\n" } }, "tap0 tap\n" },
        { "MTUBytes", DEVICE("MTUBytes=9K\n"), "tun0 tun mtu=9216\n" },
        { "MTUBytes bad", DEVICE("MTUBytes=\n"), "tun0 tun\n" NO_SIZE("a.netdev", "") },
        { "MACAddress of a tap",
          { { "a.netdev", "[NetDev]\nName=tap0\nKind=tap\nMACAddress=02-00-5e-10-00-01\n" } },
          "tap0 tap mac=02005e100001\n" },
        { "MACAddress=none",
          { { "a.netdev",
              "[NetDev]\nName=tap0\nKind=tap\nMACAddress=02:00:5e:10:00:01\nMACAddress=none\n" } },
          "tap0 tap\n" },
        { "MACAddress is reset",
          { { "a.netdev", "[NetDev]\nName=tap0\nKind=tap\nMACAddress=02:00:5e:10:00:01\nMACAddress=\n" } },
          "tap0 tap\n" },
        { "MACAddress of four bytes",
          { { "a.netdev", "[NetDev]\nName=tap0\nKind=tap\nMACAddress=1:2:3:4\n" } },
          "tap0 tap\n"
          "a.netdev:4: warning: MACAddress= '1:2:3:4' is no hardware address of six bytes; the line is "
          "ignored; write six bytes like 02:00:5e:10:00:01, or none\n" },
        { "MACAddress of a tun", DEVICE("MACAddress=02:00:5e:10:00:01\n"),
          "tun0 tun\n"
          "a.netdev:4: warning: MACAddress= is ignored: a tun has no hardware address; remove the line, or "
          "use Kind=tap\n" },
        { "Recreate", DEVICE("Recreate=yes\n"), "tun0 tun recreate\n" },
        { "Recreate empty", DEVICE("Recreate=\n"),
          "tun0 tun\na.netdev:4: warning: Recreate= is '', which is no boolean; the line is ignored; use "
          "yes or no\n" },
        { "Enforce", DEVICE("Enforce=yes\n"), "tun0 tun enforce=1\n" },
        { "Enforce off is not unset", DEVICE("Enforce=no\n"), "tun0 tun enforce=0\n" },

        /* [Tun], [Tap] */
        { "MultiQueue", TUN("MultiQueue=yes\n"), "tun0 tun mq\n" },
        { "MultiQueue off", TUN("MultiQueue=yes\nMultiQueue=off\n"), "tun0 tun\n" },
        { "MultiQueue bad", TUN("MultiQueue=maybe\n"), "tun0 tun\n" NO_BOOL("MultiQueue", "maybe") },
        { "MultiQueue empty", TUN("MultiQueue=\n"), "tun0 tun\n" NO_BOOL("MultiQueue", "") },
        { "MultiQueue bad leaves the earlier one", TUN("MultiQueue=2\nMultiQueue=1\nMultiQueue=\n"),
          "tun0 tun mq\n" NO_BOOL("MultiQueue", "2") "a.netdev:7: warning: MultiQueue= is '', which is no "
                                                     "boolean; the line is ignored; use yes or no\n" },
        { "PacketInfo", TUN("PacketInfo=TRUE\n"), "tun0 tun pi\n" },
        { "PacketInfo bad", TUN("PacketInfo=yes # comment\n"),
          "tun0 tun\n" NO_BOOL("PacketInfo", "yes # comment") },
        { "VNetHeader", TUN("VNetHeader=on\n"), "tun0 tun vnet\n" },
        { "VNetHeader bad", TUN("VNetHeader=\"yes\"\n"), "tun0 tun\n" NO_BOOL("VNetHeader", "\"yes\"") },
        { "KeepCarrier", TUN("KeepCarrier=t\nMultiQueue=t\n"), "tun0 tun mq keep\n" },
        { "KeepCarrier bad", TUN("KeepCarrier=always\n"), "tun0 tun\n" NO_BOOL("KeepCarrier", "always") },
        { "KeepCarrier on a single queue", TUN("KeepCarrier=yes\n"),
          "tun0 tun keep\n"
          "a.netdev:5: warning: KeepCarrier=yes on a single-queue device: netdevd holds its only queue, and "
          "programs that open "
          "tun0 by name get \"Device or resource busy\"; set MultiQueue=yes for programs that can open it "
          "with "
          "IFF_MULTI_QUEUE\n" },
        { "AllowAnyUser", TUN("AllowAnyUser=yes\n"), "tun0 tun any\n" },
        { "AllowAnyUser bad", TUN("AllowAnyUser=vpn\n"), "tun0 tun\n" NO_BOOL("AllowAnyUser", "vpn") },
        { "AllowAnyUser with User", TUN("AllowAnyUser=yes\nUser=vpn\n"),
          "tun0 tun any user=vpn\n"
          "a.netdev:5: warning: AllowAnyUser=yes is ignored, since the device has an owner; remove either "
          "AllowAnyUser= or "
          "User= and Group=\n" },
        { "AllowAnyUser with Group", TUN("AllowAnyUser=yes\nGroup=kvm\n"),
          "tun0 tun any group=kvm\n"
          "a.netdev:5: warning: AllowAnyUser=yes is ignored, since the device has an owner; remove either "
          "AllowAnyUser= or "
          "User= and Group=\n" },
        { "User and Group", TUN("User=vpn\nGroup=36\n"), "tun0 tun user=vpn group=36\n" },
        { "User is reset", TUN("User=vpn\nGroup=kvm\nUser=\n"), "tun0 tun group=kvm\n" },
        { "User bad", TUN("User=\"vpn\"\n"), "tun0 tun\n" UNSAFE("User") },
        { "User with a backslash", TUN("User=a\\b\n"), "tun0 tun\n" UNSAFE("User") },
        { "Group bad", TUN("Group='kvm'\n"), "tun0 tun\n" UNSAFE("Group") },
        { "NAPI", TUN("NAPI=yes\n"), "tun0 tun napi\n" },
        { "NAPIFrags of a tun", TUN("NAPI=yes\nNAPIFrags=yes\n"),
          "tun0 tun napi\n"
          "a.netdev:6: warning: NAPIFrags= is for tap devices; the line is ignored; remove the line, or use "
          "Kind=tap\n" },
        { "NAPIFrags of a tap", TAP("NAPI=yes\nNAPIFrags=yes\n"), "tap0 tap napi frags\n" },
        { "NAPIFrags without NAPI", TAP("NAPIFrags=yes\n"),
          "tap0 tap\n"
          "a.netdev:5: warning: NAPIFrags=yes is ignored, since it needs NAPI=yes; write NAPI=yes, or "
          "remove "
          "the line\n" },
        { "SendBufferBytes", TUN("SendBufferBytes=1M\n"), "tun0 tun sndbuf=1048576\n" },
        { "SendBufferBytes is reset", TUN("SendBufferBytes=1M\nSendBufferBytes=\n"), "tun0 tun\n" },
        { "SendBufferBytes 0", TUN("SendBufferBytes=0\n"),
          "tun0 tun\n"
          "a.netdev:5: warning: SendBufferBytes= '0' is no size of 1 to 2147483647 bytes; the line is "
          "ignored; write bytes, for example 1420, or with suffix K (1024)\n" },
        { "VNetHeaderBytes", TUN("VNetHeader=yes\nVNetHeaderBytes=12\n"), "tun0 tun vnet vnetbytes=12\n" },
        { "VNetHeaderBytes before its key", TUN("VNetHeaderBytes=20\nVNetHeader=yes\n"),
          "tun0 tun vnet vnetbytes=20\n" },
        { "VNetHeaderBytes without header", TUN("VNetHeaderBytes=12\n"),
          "tun0 tun\n"
          "a.netdev:5: warning: VNetHeaderBytes= is ignored, since there is no header without "
          "VNetHeader=yes; write VNetHeader=yes, or remove the line\n" },
        { "VNetHeaderBytes too small", TUN("VNetHeader=yes\nVNetHeaderBytes=9\n"),
          "tun0 tun vnet\n"
          "a.netdev:6: warning: VNetHeaderBytes= '9' is no size of 10 to 256 bytes; the line is ignored; "
          "use 10, 12 (with the number of buffers) or 20 (with a hash)\n" },
        { "OneQueue does nothing", TUN("OneQueue=yes\n"),
          "tun0 tun\na.netdev:5: notice: OneQueue= no longer has any effect; remove the line\n" },
        { "the section repeated", TUN("MultiQueue=yes\n[Tun]\nPacketInfo=yes\n"), "tun0 tun mq pi\n" },

        /* Sections and keys that do not count. */
        { "[Tap] in a tun", DEVICE("[Tap]\nMultiQueue=yes\nNonsense=1\n"),
          "tun0 tun\n"
          "a.netdev:4: warning: section [Tap] does not count in a file with Kind=tun; all its keys are "
          "ignored; name the "
          "section [Tun]\n" },
        { "[Tun] in a tap",
          { { "a.netdev", "[NetDev]\nName=tap0\nKind=tap\n[Tun]\nUser=vpn\n" } },
          "tap0 tap\n"
          "a.netdev:4: warning: section [Tun] does not count in a file with Kind=tap; all its keys are "
          "ignored; name the "
          "section [Tap]\n" },
        { "typing error", TUN("KeepCarier=yes\n"),
          "tun0 tun\na.netdev:5: warning: unknown key 'KeepCarier'; did you mean 'KeepCarrier'?\n" },
        { "typing error in a key of ours", TUN("AllowAnyuser=yes\n"),
          "tun0 tun\na.netdev:5: warning: unknown key 'AllowAnyuser'; did you mean 'AllowAnyUser'?\n" },
        { "nothing near", TUN("Colour=blue\n"),
          "tun0 tun\na.netdev:5: warning: unknown key 'Colour'; it is ignored; remove it, or name it X-… to "
          "keep it\n" },
        { "key of [NetDev] in [Tun]", TUN("Description=x\n"),
          "tun0 tun\na.netdev:5: warning: unknown key 'Description'; it belongs in section [NetDev]\n" },
        { "key of [Tun] in [NetDev]", DEVICE("User=vpn\n"),
          "tun0 tun\na.netdev:4: warning: unknown key 'User'; it belongs in section [Tun] or [Tap]\n" },
        { "key in the wrong case", DEVICE("description=x\n"),
          "tun0 tun\na.netdev:4: warning: unknown key 'description'; did you mean 'Description'?\n" },
        { "unknown section", DEVICE("[Tunn]\nUser=vpn\n"),
          "tun0 tun\na.netdev:4: warning: unknown section [Tunn]; did you mean 'Tun'?\n" },
        { "unknown section, nothing near", DEVICE("[Firewall]\nPort=7\n"),
          "tun0 tun\na.netdev:4: warning: unknown section [Firewall]; it is ignored; remove it, or name it "
          "X-… to keep it\n" },
        { "section of networkd's", DEVICE("[VXLAN]\nVNI=1\n"),
          "tun0 tun\na.netdev:4: warning: section [VXLAN] does not count in a file with Kind=tun; all its "
          "keys are ignored; remove it\n" },
        { "section of a .network file", DEVICE("[Network]\nAddress=192.0.2.1/24\n"),
          "tun0 tun\na.netdev:4: warning: section [Network] belongs in a .network file, not in a .netdev "
          "file; it is "
          "ignored\n" },
        { "[Link] too", DEVICE("[Link]\nMTUBytes=1400\n"),
          "tun0 tun\na.netdev:4: warning: section [Link] belongs in a .network file, not in a .netdev file; "
          "it is ignored\n" },
        { "X- is silent", DEVICE("X-Owner=me\n[X-Ours]\nKey=1\n[Tun]\nX-Note=2\n[Match]\nX-Why=3\n"),
          "tun0 tun\n" },

        /* Files together. */
        { "devices in the order of their files",
          { { "20-a.netdev", "[NetDev]\nName=aaa\nKind=tun\n" },
            { "10-b.netdev", "[NetDev]\nName=bbb\nKind=tap\n" } },
          "bbb tap\naaa tun\n" },
        { "one Name in three files",
          { { "30-c.netdev", "[NetDev]\nName=tun0\nKind=tap\n" },
            { "10-a.netdev", "[NetDev]\nName=tun0\nKind=tun\n" },
            { "20-b.netdev", "[NetDev]\n\nName=tun0\nKind=tun\n[Tun]\nMultiQueue=yes\n" } },
          "tun0 tun\n"
          "20-b.netdev:3: warning: device 'tun0' is already declared by ./10-a.netdev:2; this file is "
          "ignored; give it another "
          "name, or remove the file\n"
          "30-c.netdev:2: warning: device 'tun0' is already declared by ./10-a.netdev:2; this file is "
          "ignored; give it another "
          "name, or remove the file\n" },
        { "drop-ins in the order of their names",
          { { "a.netdev", "[NetDev]\nName=tun0\nKind=tun\n[Tun]\nUser=one\n" },
            { "a.netdev.d/20.conf", "[Tun]\nUser=two\n" },
            { "a.netdev.d/10.conf", "[Tun]\nUser=three\nMultiQueue=yes\n" } },
          "tun0 tun mq user=two\n" },
        { "a drop-in of a device cannot change its kind",
          { { "a.netdev", "[NetDev]\nName=tun0\nKind=tun\n" },
            { "a.netdev.d/10.conf", "[NetDev]\nKind=tap\n" } },
          "tun0 tun\n"
          "a.netdev.d/10.conf:2: warning: Kind=tap comes after Kind=tun and is ignored; a drop-in cannot "
          "change the kind\n" },
        { "a broken drop-in costs its device, not the others",
          { { "a.netdev", "[NetDev]\nName=tun0\nKind=tun\n" },
            { "a.netdev.d/10.conf", "[Tun\nUser=x\n" },
            { "b.netdev", "[NetDev]\nName=tun1\nKind=tun\n" } },
          "tun1 tun\nfailed a.netdev\n"
          "a.netdev.d/10.conf:1: error: '[Tun' begins a section header but has no ']'; the file is not "
          "used; write a header "
          "as [NetDev]\n" },
};

static const Row network_rows[] = {
        /* [Match] */
        { "no [Match]",
          { { "a.network", "[Network]\nAddress=192.0.2.1/24\n" } },
          "failed a.network\n" NO_MATCH },
        { "empty [Match]", { { "a.network", "[Match]\n" } }, "failed a.network\n" NO_MATCH },
        { "Name is reset",
          { { "a.network", "[Match]\nName=tun0\nName=\n" } },
          "failed a.network\n" NO_MATCH },
        { "Name is a list over lines",
          { { "a.network", "[Match]\nName=tun0 tap*\nName=x[0-9]?\n" } },
          "a.network 'tun0' tap* x[0-9]?\n" },
        { "Name negated",
          { { "a.network", "[Match]\nName=!tun0 tap*\nName=*\n" } },
          "a.network !tun0 !tap* *\n" },
        { "a later ! is part of the name",
          { { "a.network", "[Match]\nName=tun0 !x\n" } },
          "a.network 'tun0' '!x'\n" },
        { "Name of digits",
          { { "a.network", "[Match]\nName=7 tun0\n" } },
          "a.network 'tun0'\n"
          "a.network:2: warning: '7' in Name= can match no interface; the word is ignored; write interface "
          "names or globs\n" },
        { "Name with a slash",
          { { "a.network", "[Match]\nName=tun/0\n" } },
          "failed a.network\n"
          "a.network:2: warning: 'tun/0' in Name= can match no interface; the word is ignored; write "
          "interface names or globs\n" NO_MATCH },
        { "Name over two lines",
          { { "a.network", "[Match]\nName=* \\\n tun0\n" } },
          "a.network * 'tun0'\n" },
        { "Name that ends in a backslash",
          { { "a.network", "[Match]\nName=*\nName=tun0 x\\ \n" } },
          "a.network *\n"
          "a.network:3: warning: Name= 'tun0 x\\' ends in a backslash; the line is ignored; remove the "
          "backslash at the end\n" },
        { "another key of [Match] will do", { { "a.network", "[Match]\nDriver=tun\n" } }, "a.network\n" },
        { "a condition will do", { { "a.network", "[Match]\nHost=box\n" } }, "a.network\n" },
        { "a condition that does not hold", NETWORK("Host=other\n[Bridge]\nLearning=no\n"),
          "skipped ./a.network:3: condition Host=other does not hold on this machine\n" },
        { "a condition that was reset will not do",
          { { "a.network", "[Match]\nHost=box\nHost=\n" } },
          "failed a.network\n" NO_MATCH },
        { "typing error in [Match]", NETWORK("Nmae=tap0\n"),
          "a.network 'tun0'\na.network:3: warning: unknown key 'Nmae'; did you mean 'Name'?\n" },

        /* [Link] */
        { "MTUBytes", LINK("MTUBytes=1420\n"), "a.network 'tun0' mtu=1420\n" },
        { "MTUBytes with a suffix", LINK("MTUBytes=9K\n"), "a.network 'tun0' mtu=9216\n" },
        { "MTUBytes bad", LINK("MTUBytes=1420 bytes\n"),
          "a.network 'tun0'\n" NO_SIZE("a.network", "1420 bytes") },
        { "MTUBytes lower case", LINK("MTUBytes=9k\n"), "a.network 'tun0'\n" NO_SIZE("a.network", "9k") },
        { "MTUBytes empty", LINK("MTUBytes=\n"), "a.network 'tun0'\n" NO_SIZE("a.network", "") },
        { "MTUBytes negative", LINK("MTUBytes=-1\n"), "a.network 'tun0'\n" NO_SIZE("a.network", "-1") },
        { "MTUBytes largest", LINK("MTUBytes=4294967295\n"), "a.network 'tun0' mtu=4294967295\n" },
        { "MTUBytes too large", LINK("MTUBytes=4G\n"), "a.network 'tun0'\n" NO_SIZE("a.network", "4G") },
        { "MTUBytes 0 is none", LINK("MTUBytes=1400\nMTUBytes=0\n"), "a.network 'tun0'\n" },
        { "MACAddress", LINK("MACAddress=02:00:5e:10:00:01\n"), "a.network 'tun0' mac=02005e100001\n" },
        { "MACAddress in the other ways", LINK("MACAddress=02-00-5E-10-00-01\nMACAddress=0200.5e10.2\n"),
          "a.network 'tun0' mac=02005e100002\n" },
        { "MACAddress is reset", LINK("MACAddress=02:00:5e:10:00:01\nMACAddress=\n"), "a.network 'tun0'\n" },
        { "MACAddress bad", LINK("MACAddress=02:00:5e:10:00\n"),
          "a.network 'tun0'\n" NO_MAC("02:00:5e:10:00") },
        { "MACAddress mixed", LINK("MACAddress=02:00-5e:10:00:01\n"),
          "a.network 'tun0'\n" NO_MAC("02:00-5e:10:00:01") },
        /* [Network] */
        { "Description", NETWORK("[Network]\nDescription=x y\n"), "a.network 'tun0' desc='x y'\n" },
        { "Address", ADDRESS("192.0.2.1/24"), "a.network 'tun0' 192.0.2.1/24\n" },
        { "Address, IPv6", ADDRESS("2001:DB8::1/64"), "a.network 'tun0' 2001:db8::1/64\n" },
        { "Address, several",
          NETWORK("[Network]\nAddress=192.0.2.2/24\nAddress=192.0.2.1/24\n[Network]\nAddress=::1/128\n"),
          "a.network 'tun0' 192.0.2.2/24 192.0.2.1/24 ::1/128\n" },
        { "Address, same with another length",
          NETWORK("[Network]\nAddress=192.0.2.2/24\nAddress=192.0.2.2/25\n"),
          "a.network 'tun0' 192.0.2.2/24 192.0.2.2/25\n" },
        { "Address twice",
          NETWORK("[Network]\nAddress=192.0.2.1/24\nAddress=192.0.2.2/24\nAddress=192.0.2.1/24\n"),
          "a.network 'tun0' 192.0.2.2/24 192.0.2.1/24\n"
          "a.network:6: warning: the address is given twice; the earlier line is ignored; remove one of the "
          "two lines\n" },
        { "Address twice, IPv6, whatever its length",
          NETWORK("[Network]\nAddress=2001:db8::1/64\nAddress=2001:db8::1/48\n"),
          "a.network 'tun0' 2001:db8::1/48\n"
          "a.network:5: warning: the address is given twice; the earlier line is ignored; remove one of the "
          "two lines\n" },
        { "Address without length", ADDRESS("192.0.2.1"),
          "a.network 'tun0' 192.0.2.1/32\n"
          "a.network:4: warning: Address= '192.0.2.1' has no prefix length; /32 is used; write the length, "
          "for example /24\n" },
        { "Address, octal length", ADDRESS("192.0.2.1/024"),
          "a.network 'tun0' 192.0.2.1/20\n"
          "a.network:4: warning: the prefix length in Address= '192.0.2.1/024' is octal, as in systemd: /20 "
          "is used; write the "
          "length without a leading 0\n" },
        { "Address, hexadecimal length", ADDRESS("192.0.2.1/0x18"), "a.network 'tun0' 192.0.2.1/24\n" },
        { "Address bad", ADDRESS("192.0.2/24"), "a.network 'tun0'\n" NO_ADDRESS("192.0.2/24") },
        { "Address, length too large", ADDRESS("192.0.2.1/33"),
          "a.network 'tun0'\n" NO_ADDRESS("192.0.2.1/33") },
        { "Address, IPv6, length too large", ADDRESS("2001:db8::1/129"),
          "a.network 'tun0'\n" NO_ADDRESS("2001:db8::1/129") },
        { "Address, no length after the slash", ADDRESS("192.0.2.1/"),
          "a.network 'tun0'\n" NO_ADDRESS("192.0.2.1/") },
        { "Address, netmask", ADDRESS("192.0.2.1/255.255.255.0"),
          "a.network 'tun0'\n" NO_ADDRESS("192.0.2.1/255.255.255.0") },
        { "Address, host name", ADDRESS("localhost/8"), "a.network 'tun0'\n" NO_ADDRESS("localhost/8") },
        { "Address, two in a line", ADDRESS("192.0.2.1/24 192.0.2.2/24"),
          "a.network 'tun0'\n" NO_ADDRESS("192.0.2.1/24 192.0.2.2/24") },
        { "Address, comment behind", ADDRESS("192.0.2.1/24 # x"),
          "a.network 'tun0'\n" NO_ADDRESS("192.0.2.1/24 # x") },
        { "Address empty clears all",
          NETWORK("[Network]\nAddress=192.0.2.1/24\n[Address]\nAddress=192.0.2.2/24\n[Network]\nAddress=\n"
                  "Address=192.0.2.3/24\n"),
          "a.network 'tun0' 192.0.2.3/24\n" },
        { "Address from a pool", ADDRESS("0.0.0.0/24"),
          "a.network 'tun0'\n"
          "a.network:4: warning: Address= '0.0.0.0/24' asks for an address from a pool, which is not "
          "implemented; the line is "
          "ignored; write the address to use\n" },
        { "Address from a pool, IPv6", ADDRESS("::/64"),
          "a.network 'tun0'\n"
          "a.network:4: warning: Address= '::/64' asks for an address from a pool, which is not "
          "implemented; the line is "
          "ignored; write the address to use\n" },
        { "what is left out is said once",
          NETWORK("[Network]\nDHCP=yes\nDNS=192.0.2.53\nDNS=192.0.2.54\nMACVTAP=x\n[DHCPv4]\nUseDNS=no\n"
                  "[CAKE]\nNAT=yes\n[Network]\nDNS=192.0.2.55\nDNS=192.0.2.56\nDNS=192.0.2.57\n"),
          "a.network 'tun0'\n" LEFT_OUT(
                          "4",
                          "no dynamic protocols, no name service, no devices of other kinds and no "
                          "traffic control: [Network] DHCP= (line 4), DNS= (lines 5, 6, 13, 14 and 1 "
                          "more), MACVTAP= (line 7), section [DHCPv4] (line 8), section [CAKE] (line 10)") },
        { "a notice over several files",
          { { "a.network", "[Match]\nName=tun0\n[Network]\nLLMNR=yes\n" },
            { "a.network.d/x.conf", "[Network]\nLLMNR=resolve\nMulticastDNS=yes\n" } },
          "a.network 'tun0'\n" LEFT_OUT("4", "no name service: [Network] LLMNR= (lines 4, 2 of "
                                             "./a.network.d/x.conf), MulticastDNS= (line 3 of "
                                             "./a.network.d/x.conf)") },
        { "masquerading has another remedy", NETWORK("[Network]\nIPMasquerade=ipv4\n"),
          "a.network 'tun0'\n"
          "a.network:4: notice: left out, since netdevd does no packet filters: [Network] IPMasquerade= "
          "(line 4); masquerade with nftables; what needs the rest is for systemd-networkd\n" },
        { "to switch off what there is not leaves nothing out",
          NETWORK("[Network]\nDHCP=no\nIPv6AcceptRA=off\nLLMNR=0\n"), "a.network 'tun0'\n" },
        { "section of a .netdev file", NETWORK("[Tun]\nMultiQueue=yes\n"),
          "a.network 'tun0'\na.network:3: warning: section [Tun] belongs in a .netdev file, not in a "
          ".network file; it is "
          "ignored\n" },
        { "unknown section", NETWORK("[Netwrok]\nAddress=192.0.2.1/24\n"),
          "a.network 'tun0'\na.network:3: warning: unknown section [Netwrok]; did you mean 'Network'?\n" },
        { "typing error", NETWORK("[Network]\nAdress=192.0.2.1/24\n"),
          "a.network 'tun0'\na.network:4: warning: unknown key 'Adress'; did you mean 'Address'?\n" },
        { "X- is silent", NETWORK("X-A=1\n[X-B]\nC=1\n[Link]\nX-D=1\n[Network]\nX-E=1\n"),
          "a.network 'tun0'\n" },
        { "drop-ins add and override",
          { { "a.network", "[Match]\nName=tun0\n[Link]\nMTUBytes=1400\n[Network]\nAddress=192.0.2.1/24\n" },
            { "a.network.d/x.conf",
              "[Match]\nName=tun1\n[Link]\nMTUBytes=1300\n[Network]\nAddress=192.0.2.2/24\n" } },
          "a.network 'tun0' 'tun1' 192.0.2.1/24 192.0.2.2/24 mtu=1300\n" },
        { "networks in the order of their files",
          { { "b.network", "[Match]\nName=b\n" },
            { "a.network", "[Match]\nName=a\n" },
            { "B.network", "[Match]\nName=B\n" } },
          "B.network 'B'\na.network 'a'\nb.network 'b'\n" },
        { "broken encoding", NETWORK("[Network]\nDescription=\xe4\n"),
          "failed a.network\n"
          "a.network:4: error: byte 0xe4, the 13th of the line, is not valid UTF-8; the file is not used; "
          "save the file as UTF-8, "
          "for example with: iconv -f ISO-8859-1 -t UTF-8\n" },
};

static void test_row(void **state) {
        const Row *row = *state;
        _cleanup_(freep) char *text = config_text(row->files);

        assert_string_equal(text, row->expected);
}

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(device_rows) + ELEMENTSOF(network_rows)];
        size_t n = 0;

        ROWS_APPEND(tests, &n, test_row, device_rows, NULL);
        ROWS_APPEND(tests, &n, test_row, network_rows, NULL);
        return _cmocka_run_group_tests("config-file", tests, n, NULL, NULL);
}
