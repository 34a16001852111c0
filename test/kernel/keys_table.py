# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of every key: what to write, where the kernel shows it, and what it shows then.

A row is a key with two values. Before the first, the file is there without the key; after the second, without it
again: then the kernel must show what it showed before. {dev}, {net} and the like are the row's own (Row.fill), so that
all rows can be tried at once, each on a device of its own. Keys that no such row can show have a check in keys_checks.py.

A row that says why= need not come back to what was before; `unlike` says what it shows in the end."""

import fcntl
import os
import struct

SAME = object()  # as it was before the key was written, whatever that was
ANY = object()  # whatever the kernel picks

TUNSETIFF, TUNGETVNETHDRSZ = 0x400454CA, 0x800454D7
IFF_TUN, IFF_TAP, IFF_NO_PI, IFF_MULTI_QUEUE, IFF_VNET_HDR = 0x1, 0x2, 0x1000, 0x100, 0x4000
IFF_NAPI, IFF_NAPI_FRAGS = 0x10, 0x20


def attach(name, flags):
    """A program behind the device: one queue, as a descriptor."""
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    except OSError:
        os.close(fd)
        raise
    return fd


class Row:  # pylint: disable=too-many-instance-attributes
    """One key. A value is a pair: what is written, and what is read then."""

    def __init__(self, file, section, key, first, second, before, read, **more):
        self.file, self.section, self.key = file, section, key
        self.values = [None, first, second, None]
        self.before, self.read = before, read
        self.kind = more.pop("kind", "tap")
        self.within = more.pop("within", "")  # lines of the same section, always there
        self.instead = more.pop("instead", "")  # lines of the same section, while the key is not
        self.whole = more.pop("whole", False)  # the section goes with the key
        self.device = more.pop("device", "")  # more of the .netdev file
        self.network = more.pop("network", "")  # more of the .network file, before the section
        self.carrier = more.pop("carrier", False)  # a program is behind the device
        self.why = more.pop("why", None)  # it is not put back
        self.unlike = more.pop("unlike", None)
        self.says = more.pop("says", None)  # part of a message; the key changes nothing
        self.root = more.pop("root", False)  # needs real root
        assert not more, more
        self.n = 0
        self.dev = ""

    def place(self, n):
        self.n, self.dev = n, f"k{n}"

    def fill(self, text):
        if not isinstance(text, str):
            return text
        a, b = self.n // 250, self.n % 250
        for name, value in (("dev", self.dev), ("net", f"10.{a}.{b}"), ("net6", f"fd00:{self.n:x}::"),
                            ("dst", f"172.{16 + a}.{b}.0"), ("dst6", f"fd01:{self.n:x}::"),
                            ("n", str(self.n)), ("id", str(5000 + 10 * self.n)), ("mac", f"02:00:00:00:00:{b:02x}"),
                            ("table", str(7000 + 10 * self.n))):
            text = text.replace("{" + name + "}", value)
        return text

    def section_text(self, value):
        if value is None and self.whole:
            return ""
        line = self.instead if value is None else f"{self.key}={value[0]}\n"
        return f"[{self.section}]\n{self.within}{line}"

    def files(self, phase):
        """The two files of the row: 0 before, 1 and 2 with a value, 3 after."""
        text = self.section_text(self.values[phase])
        device = f"[NetDev]\nName={self.dev}\nKind={self.kind}\n{self.device}"
        network = "[Network]\n" + ("" if "LinkLocal" in self.key else "LinkLocalAddressing=no\n") + self.network
        match = "" if self.section == "Match" else "[Match]\nName={dev}\n"
        if self.file == "netdev":
            device += text
        else:
            network += text
        return self.fill(device), self.fill(match + network)

    def __str__(self):
        return f"{self.file} [{self.section}] {self.key}="


# Where things are read.

def link(*path):
    def read(kernel, row):
        value = kernel.link(row.dev)
        for word in path:
            value = value.get(word) if value is not None else None
        return value
    return read


def flag(name):
    return lambda kernel, row: name in kernel.link(row.dev)["flags"]


def tun(word):
    return link("linkinfo", "info_data", word)


def tun_flag(bit):
    """The flags of the driver, of which rtnetlink does not tell all."""
    def read(_, row):
        with open(f"/sys/class/net/{row.dev}/tun_flags", encoding="ascii") as f:
            return bool(int(f.read(), 16) & bit)
    return read


def header_bytes(_, row):
    fd = attach(row.dev, IFF_NO_PI | IFF_VNET_HDR | (IFF_TAP if row.kind == "tap" else IFF_TUN))
    try:
        return struct.unpack("i", fcntl.ioctl(fd, TUNGETVNETHDRSZ, struct.pack("i", 0)))[0]
    finally:
        os.close(fd)


def port(word):
    return link("linkinfo", "info_slave_data", word)


def sysctl(path):
    def read(_, row):
        try:
            with open("/proc/sys/net/" + path.format(row.dev), encoding="ascii") as f:
                return f.read().strip()
        except OSError:
            return None  # a secret that was never set
    return read


def root_qdisc(kernel, row):
    return kernel.qdisc(row.dev)


def address_word(local, word, default=None):
    def read(kernel, row):
        for a in kernel.addresses(row.dev):
            if a["local"] == row.fill(local):
                return a.get(word, default)
        return "no address"
    return read


def all_addresses(kernel, row):
    return " ".join(sorted(f"{a['local']}/{a['prefixlen']}" for a in kernel.addresses(row.dev)))


def prefix_route(kernel, row):
    return any(r["dst"] == row.fill("{net}.0/24") and r.get("protocol") == "2" for r in kernel.routes(row.dev))


def route_word(destination, word, default=None):
    def read(kernel, row):
        for r in kernel.all_routes():
            if r["dst"] == row.fill(destination):
                return r.get(word, default)
        return "no route"
    return read


def route_metric(word):
    def read(kernel, row):
        metrics = route_word("{dst}/24", "metrics")(kernel, row)
        return metrics[0].get(word) if isinstance(metrics, list) else metrics
    return read


def has_route(destination):
    return lambda kernel, row: any(r["dst"] == row.fill(destination) for r in kernel.routes(row.dev))


def default_route(kernel, row):
    for r in kernel.routes(row.dev):
        if r["dst"] == "default":
            return r.get("gateway", "on the link")
    return None


def hops(kernel, row):
    for r in kernel.all_routes():
        if r["dst"] == row.fill("{dst}/24"):
            return " ".join(f"{h.get('gateway')}*{h.get('weight', 1)}" for h in r.get("nexthops", [r]))
    return None


def nexthop(word, id_="{id}", default=None):
    def read(kernel, row):
        n = kernel.nexthop(int(row.fill(id_)))
        return n.get(word, default) if n else "no nexthop"
    return read


def group(kernel, row):
    n = kernel.nexthop(int(row.fill("{id}")))
    return " ".join(f"{m['id']}*{m.get('weight', 1)}" for m in n["group"]) if n else None


def rule(word, default=None, priority="{id}"):
    def read(kernel, row):
        for r in kernel.rules():
            if r["priority"] == int(row.fill(priority)):
                return r.get(word, default)
        return "no rule"
    return read


def rules_of(priority):
    def read(kernel, row):
        return " ".join(sorted(r["family"] for r in kernel.rules() if r["priority"] == int(row.fill(priority))))
    return read


def rule_priority(kernel, row):
    found = [r["priority"] for r in kernel.rules() if r.get("table") == row.fill("{table}")]
    return found[0] if found else None


def ports(which):
    def read(kernel, row):
        first = rule(which)(kernel, row)
        return first or f"{rule(which + '_start')(kernel, row)}-{rule(which + '_end')(kernel, row)}"
    return read


def neighbor(kernel, row):
    return " ".join(f"{n['dst']}={n.get('lladdr')}" for n in kernel.neighbors(row.dev) if "PERMANENT" in n["state"])


def proxies(kernel, row):
    return " ".join(sorted(n["dst"] for n in kernel.proxies(row.dev)))


# The rows.

ROWS = []


def row(file, section, key, first, second, before, read, **more):
    ROWS.append(Row(file, section, key, first, second, before, read, **more))


def netdev_rows():
    anew = "Recreate=yes\n"  # where the kernel cannot undo it

    row("netdev", "NetDev", "MTUBytes", ("1400", 1400), ("1300", 1300), 1500, link("mtu"))
    row("netdev", "NetDev", "MACAddress", ("02:00:00:00:77:01", "02:00:00:00:77:01"),
        ("02:00:00:00:77:02", "02:00:00:00:77:02"), SAME, link("address"))
    for section, kind, flags in (("Tun", "tun", IFF_TUN), ("Tap", "tap", IFF_TAP)):
        def of(key, first, second, before, read, **more):
            row("netdev", section, key, first, second, before, read, kind=kind, **more)

        of("MultiQueue", ("yes", True), ("no", False), False, tun("multi_queue"), device=anew)
        of("PacketInfo", ("yes", True), ("no", False), False, tun("pi"))
        of("VNetHeader", ("yes", True), ("no", False), False, tun("vnet_hdr"))
        of("User", ("54321", 54321), ("54322", 54322), "root", tun("user"))
        of("Group", ("54323", 54323), ("54324", 54324), None, tun("group"), device=anew)
        of("AllowAnyUser", ("yes", None), ("no", "root"), "root", tun("user"), device=anew)
        of("NAPI", ("yes", True), ("no", False), False, tun_flag(IFF_NAPI))
        of("VNetHeaderBytes", ("12", 12), ("20", 20), 10, header_bytes, within="VNetHeader=yes\n")
        of("OneQueue", ("yes", False), ("no", False), False, tun_flag(IFF_MULTI_QUEUE),
           says="OneQueue= no longer has any effect")
    row("netdev", "Tap", "NAPIFrags", ("yes", True), ("no", False), False, tun_flag(IFF_NAPI_FRAGS),
        within="NAPI=yes\n", root=True)
    row("netdev", "Tun", "NAPIFrags", ("yes", False), ("no", False), False, tun_flag(IFF_NAPI_FRAGS), kind="tun",
        within="NAPI=yes\n", says="NAPIFrags= is for tap devices")


def match_rows():
    """A file that fits sets the group of the link; one that does not leaves it."""
    def match(key, fits, fits_not, before=77, **more):
        more.setdefault("within", "Name={dev}\n")
        row("network", "Match", key, *[(v, 77 if v in (fits, more.get("also")) else 0)
                                       for v in more.pop("order", (fits_not, fits))], before,
            link_group, network="[Link]\nGroup=77\n", **{k: v for k, v in more.items() if k != "also"})

    match("Name", "{dev} other", "other*", 0, within="", instead="Name=none-such\n", order=("{dev} other", "other*"))
    match("MACAddress", "02:00:00:00:00:99 {mac}", "02:00:00:00:00:99", device="MACAddress={mac}\n")
    match("Driver", "tun", "e1000*")
    match("Type", "ether", "none")
    match("Kind", "tap", "bridge")
    match("Path", "virtual-{dev}", "!virtual-{dev}")  # of the device database that the test makes
    match("Property", "ID_COLOUR=r*", "ID_COLOUR=blue")
    for key in ("WLANInterfaceType", "SSID", "BSSID"):
        match(key, "!some", "some")
    for key, (holds, holds_not) in CONDITIONS.items():
        match(key, holds, holds_not)


def link_group(kernel, row_):
    group_ = kernel.link(row_.dev)["group"]
    return 0 if group_ == "default" else int(group_)


def first_word_true(path, word):
    return word if os.path.exists(path) else "!" + word


# A value that holds on this machine, and one that does not.
CONDITIONS = {
    "Host": ("*", "no-such-host"),
    "Virtualization": ("!zvm", "zvm"),
    "KernelCommandLine": ("!no.such.word", "no.such.word"),
    "KernelVersion": (">=3.0", "<3.0"),
    "Credential": ("known", "unknown"),  # in the directory that the test makes
    "Architecture": ("native", "sparc"),
    "Firmware": (first_word_true("/sys/firmware/efi", "uefi"), "device-tree-compatible(no-such-board)"),
}


def link_rows():
    def of(key, first, second, before, read, **more):
        row("network", "Link", key, first, second, before, read, **more)

    of("MTUBytes", ("1400", 1400), ("1K", 1024), 1500, link("mtu"))
    of("MACAddress", ("02:00:00:00:78:01", "02:00:00:00:78:01"), ("0200.0000.7802", "02:00:00:00:78:02"), SAME,
       link("address"))
    of("Group", ("5", 5), ("6", 6), 0, link_group)
    of("ARP", ("no", True), ("yes", False), False, flag("NOARP"))
    of("Multicast", ("no", False), ("yes", True), True, flag("MULTICAST"))
    of("AllMulticast", ("yes", True), ("no", False), False, flag("ALLMULTI"))
    of("Promiscuous", ("yes", True), ("no", False), False, flag("PROMISC"))
    of("Unmanaged", ("yes", 0), ("no", 5), 5, link_group, within="Group=5\n")
    of("ActivationPolicy", ("down", False), ("up", True), True, flag("UP"))  # and check_activation
    of("QDisc", ("pfifo", "pfifo"), ("noqueue", "noqueue"), SAME, root_qdisc)
    of("TransmitQueueLength", ("400", 400), ("300", 300), SAME, link("txqlen"))


def network_rows():
    def of(key, first, second, before, read, **more):
        row("network", "Network", key, first, second, before, read, **more)

    def ip4(key, first, second, before, name):
        of(key, first, second, before, sysctl("ipv4/conf/{}/" + name))

    def ip6(key, first, second, before, name, **more):
        of(key, first, second, before, sysctl("ipv6/" + (name if "/" in name else "conf/{}/" + name)), **more)

    of("Address", ("{net}.1/24", "{net}.1/24"), ("{net6}1/64", "{net6}1/64"), "", all_addresses)
    of("Gateway", ("{net}.2", "{net}.2"), ("{net}.3", "{net}.3"), None, default_route,
       within="Address={net}.1/24\n")
    of("DefaultRouteOnDevice", ("yes", "on the link"), ("no", None), None, default_route,
       within="Address={net}.1/24\n")
    of("Bridge", ("keys-br0", "keys-br0"), ("keys-br1", "keys-br1"), None, link("master"))
    of("LinkLocalAddressing", ("no", "none"), ("ipv6", "eui64"), "eui64", link("inet6_addr_gen_mode"))
    of("IPv6LinkLocalAddressGenerationMode", ("none", "none"), ("random", "random"), "eui64",
       link("inet6_addr_gen_mode"), within="LinkLocalAddressing=ipv6\n")
    of("IPv6StableSecretAddress", ("fd00::77", "fd00:0000:0000:0000:0000:0000:0000:0077"),
       ("fd00::78", "fd00:0000:0000:0000:0000:0000:0000:0078"), None, sysctl("ipv6/conf/{}/stable_secret"),
       why="the kernel cannot forget a secret", unlike="fd00:0000:0000:0000:0000:0000:0000:0078")

    ip4("IPv4Forwarding", ("yes", "1"), ("no", "0"), "0", "forwarding")
    ip6("IPv6Forwarding", ("yes", "1"), ("no", "0"), "0", "forwarding")
    ip4("IPv4ProxyARP", ("yes", "1"), ("no", "0"), "0", "proxy_arp")
    ip4("ProxyARP", ("yes", "1"), ("no", "0"), "0", "proxy_arp")
    ip4("IPv4ProxyARPPrivateVLAN", ("yes", "1"), ("no", "0"), "0", "proxy_arp_pvlan")
    ip4("IPv4ReversePathFilter", ("strict", "1"), ("loose", "2"), SAME, "rp_filter")
    ip4("IPv4AcceptLocal", ("yes", "1"), ("no", "0"), "0", "accept_local")
    ip4("IPv4RouteLocalnet", ("yes", "1"), ("no", "0"), "0", "route_localnet")
    ip6("IPv6PrivacyExtensions", ("prefer-public", "1"), ("yes", "2"), SAME, "use_tempaddr")
    ip6("IPv6DuplicateAddressDetection", ("3", "3"), ("0", "0"), "1", "dad_transmits")
    ip6("IPv6HopLimit", ("31", "31"), ("32", "32"), "64", "hop_limit")
    ip6("IPv6RetransmissionTimeSec", ("2", "2000"), ("500ms", "500"), "1000", "neigh/{}/retrans_time_ms")
    ip6("IPv6ProxyNDP", ("yes", "1"), ("no", "0"), "0", "proxy_ndp")
    of("IPv6ProxyNDPAddress", ("fd00::9", "fd00::9"), ("fd00::a", "fd00::a"), "", proxies)
    ip6("IPv6MTUBytes", ("1400", "1400"), ("1300", "1300"), "1500", "mtu")


def bridge_rows():
    """Port settings, each both ways; on its own device, since all ports share the bridge."""
    for key, word, first, second in (
            ("UnicastFlood", "flood", ("no", False), ("yes", True)),
            ("MulticastFlood", "mcast_flood", ("no", False), ("yes", True)),
            ("MulticastToUnicast", "mcast_to_unicast", ("yes", True), ("no", False)),
            ("NeighborSuppression", "neigh_suppress", ("yes", True), ("no", False)),
            ("Learning", "learning", ("no", False), ("yes", True)),
            ("HairPin", "hairpin", ("yes", True), ("no", False)),
            ("Isolated", "isolated", ("yes", True), ("no", False)),
            ("UseBPDU", "guard", ("no", True), ("yes", False)),
            ("FastLeave", "fastleave", ("yes", True), ("no", False)),
            ("AllowPortToBeRoot", "root_block", ("no", True), ("yes", False)),
            ("ProxyARP", "proxy_arp", ("yes", True), ("no", False)),
            ("ProxyARPWiFi", "proxy_arp_wifi", ("yes", True), ("no", False)),
            ("Cost", "cost", ("7", 7), ("300", 300)),
            ("Priority", "priority", ("5", 5), ("63", 63)),
            ("MulticastRouter", "multicast_router", ("permanent", 2), ("no", 0))):
        before = {"Cost": SAME, "Priority": 32, "MulticastRouter": 1}.get(key, second[1])
        row("network", "Bridge", key, first, second, before, port(word), network="Bridge=keys-br0\n")


def address_rows():
    def of(key, first, second, before, read, family=4, more_of="", **more):
        own = "Address={net6}1/64\n" if family == 6 else "Address={net}.1/24\n"
        more.setdefault("within", own)
        more["within"] += more_of
        row("network", "Address", key, first, second, before, read, **more)

    def word(key, name, first, second, before, family=4, default=None, **more):
        of(key, first, second, before, address_word("{net6}1" if family == 6 else "{net}.1", name, default),
           family, **more)

    of("Address", ("{net}.1/24", "{net}.1/24"), ("{net}.1/25", "{net}.1/25"), "", all_addresses, within="",
       whole=True)
    word("Peer", "address", ("{net}.9/32", "{net}.9"), ("{net}.10/32", "{net}.10"), None)
    word("Broadcast", "broadcast", ("no", None), ("{net}.99", "{net}.99"), "{net}.255")
    word("Label", "label", ("{dev}:a", "{dev}:a"), ("{dev}:b", "{dev}:b"), "{dev}")
    word("PreferredLifetime", "deprecated", ("0", True), ("forever", False), False, default=False)
    word("Scope", "scope", ("link", "link"), ("200", "site"), "global")
    word("RouteMetric", "metric", ("77", 77), ("78", 78), None)
    word("HomeAddress", "home", ("yes", True), ("no", False), False, 6, default=False)
    word("ManageTemporaryAddress", "mngtmpaddr", ("yes", True), ("no", False), False, 6, default=False)
    of("AddPrefixRoute", ("no", False), ("yes", True), True, prefix_route)
    of("PrefixRoute", ("yes", False), ("no", True), True, prefix_route)
    of("AutoJoin", ("yes", True), ("no", False), False, address_word("239.77.0.{n}", "autojoin", False),
       within="Address=239.77.0.{n}/32\n")
    word("DuplicateAddressDetection", "nodad", ("none", True), ("ipv6", False), False, 6, default=False)


def route_rows():
    own = "Address={net}.1/24\nAddress={net}.2/24\nAddress={net6}1/64\nIPv6DuplicateAddressDetection=0\n"

    def of(key, first, second, before, read, within="Destination={dst}/24\nGateway={net}.9\n", **more):
        more.setdefault("network", own)
        row("network", "Route", key, first, second, before, read, within=within, **more)

    def word(key, name, first, second, before, **more):
        of(key, first, second, before, route_word(more.pop("of", "{dst}/24"), name, more.pop("default", None)), **more)

    def metric(key, name, first, second):
        of(key, first, second, None, route_metric(name))

    of("Destination", ("{dst}/24", "{dst}/24"), ("{dst}/25", "{dst}/25"), "", destinations, within="", whole=True)
    word("Source", "from", ("{net6}/65", "{net6}/65"), ("{net6}/66", "{net6}/66"), None, of="{dst6}/64",
         within="Destination={dst6}/64\n")
    word("Gateway", "gateway", ("{net}.8", "{net}.8"), ("{net}.9", "{net}.9"), None, within="Destination={dst}/24\n")
    for key in ("GatewayOnLink", "GatewayOnlink"):
        word(key, "flags", ("yes", ["onlink"]), ("no", []), [], carrier=True)
    word("Metric", "metric", ("77", 77), ("78", 78), None)
    word("Scope", "scope", ("host", "254"), ("200", "200"), "253", within="Destination={dst}/24\n")
    word("PreferredSource", "prefsrc", ("{net}.1", "{net}.1"), ("{net}.2", "{net}.2"), None)
    word("Table", "table", ("{table}", "{table}"), ("local", "255"), "254")
    of("Protocol", ("static", "4"), ("77", "4 77"), "110", protocols,
       why="netdevd cannot tell such a route from those of others: it stays (netdevd.network(5))", unlike="110 4 77")
    word("Type", "type", ("blackhole", "6"), ("prohibit", "8"), "1", within="Destination={dst}/24\n")
    word("IPv6Preference", "pref", ("high", "high"), ("low", "low"), "medium", of="{dst6}/64",
         within="Destination={dst6}/64\n")
    metric("MTUBytes", "mtu", ("1400", 1400), ("1K", 1024))
    metric("TCPAdvertisedMaximumSegmentSize", "advmss", ("900", 900), ("800", 800))
    metric("HopLimit", "hoplimit", ("31", 31), ("32", 32))
    metric("InitialCongestionWindow", "initcwnd", ("7", 7), ("8", 8))
    metric("InitialAdvertisedReceiveWindow", "initrwnd", ("7", 7), ("8", 8))
    metric("QuickAck", "quickack", ("yes", 1), ("no", None))
    metric("FastOpenNoCookie", "fastopen_no_cookie", ("yes", 1), ("no", None))
    metric("TCPCongestionControlAlgorithm", "congestion", ("reno", "reno"), ("cubic", "cubic"))
    metric("TCPRetransmissionTimeoutSec", "rto_min", ("300ms", 300), ("1", 1000))
    of("MultiPathRoute", ("{net}.8 3\nMultiPathRoute={net}.9", "{net}.8*3 {net}.9*1"),
       ("{net}.8 1\nMultiPathRoute={net}.7 256", "{net}.8*1 {net}.7*256"), "None*1", hops,
       within="Destination={dst}/24\n")
    word("NextHop", "nhid", ("{id}", "{id}"), ("1{id}", "1{id}"), None, within="Destination={dst}/24\n", carrier=True,
         network=own + "[NextHop]\nId={id}\nGateway={net}.8\n[NextHop]\nId=1{id}\nGateway={net}.9\n")


def protocols(kernel, row_):
    return " ".join(sorted(r["protocol"] for r in kernel.all_routes() if r["dst"] == row_.fill("{dst}/24")))


def destinations(kernel, row_):
    """Of the routes of the link, those to {dst}."""
    return " ".join(r["dst"] for r in kernel.routes(row_.dev) if r["dst"].startswith(row_.fill("{dst}")))


def nexthop_rows():
    own = "Address={net}.1/24\nAddress={net6}1/64\nIPv6DuplicateAddressDetection=0\n"

    def of(key, first, second, before, read, within="Id={id}\nGateway={net}.8\n", **more):
        row("network", "NextHop", key, first, second, before, read, within=within, carrier=True,
            network=more.pop("network", own), **more)

    of("Id", ("{id}", "{id}"), ("1{id}", "1{id}"), None, nexthop_id, within="Gateway={net}.8\n", whole=True)
    of("Gateway", ("{net}.8", "{net}.8"), ("{net}.9", "{net}.9"), None, nexthop("gateway"), within="Id={id}\n")
    of("Family", ("ipv6", "inet6"), ("ipv4", "inet"), "inet", nexthop("family"), within="Id={id}\n")
    of("OnLink", ("yes", ["onlink"]), ("no", []), [], nexthop("flags"))
    of("Blackhole", ("yes", True), ("no", False), False, nexthop("blackhole", default=False), within="Id={id}\n")
    of("Group", ("1{id}:3", "1{id}*3"), ("1{id}:3 2{id}:9", "1{id}*3 2{id}*9"), None, group, within="Id={id}\n",
       whole=True, network=own + "[NextHop]\nId=1{id}\nGateway={net}.8\n[NextHop]\nId=2{id}\nGateway={net}.9\n")


def nexthop_id(kernel, row_):
    for n in kernel.nexthops():
        if n.get("gateway") == row_.fill("{net}.8"):
            return str(n["id"])
    return None


def rule_rows():
    # None may concern more than its own device, or the other rows would not find their gateways.
    only = "IncomingInterface={dev}\n"

    def of(key, first, second, before, read, within="Priority={id}\nTable={table}\n" + only, **more):
        row("network", "RoutingPolicyRule", key, first, second, before, read, within=within, **more)

    def word(key, name, first, second, before=None, **more):
        of(key, first, second, before, rule(name, more.pop("default", None)), **more)

    of("From", ("{net}.0/25", "{net}.0/25"), ("{net}.7", "{net}.7"), "all", prefix_of("src"))
    of("To", ("{net}.0/25", "{net}.0/25"), ("{net}.7", "{net}.7"), None, prefix_of("dst"))
    word("Table", "table", ("{table}", "{table}"), ("local", "255"), "254", within="Priority={id}\n" + only)
    of("Priority", ("{id}", "{id}"), ("1{id}", "1{id}"), SAME, rule_priority, within="Table={table}\n" + only,
       why="without it the kernel picks one", unlike=ANY)
    of("Family", ("ipv6", "inet6"), ("both", "inet inet6"), "inet", rules_of("{id}"))
    word("FirewallMark", "fwmark", ("7", "0x7"), ("0x10/0xff", "0x10"))
    word("TypeOfService", "tos", ("4", "0x04"), ("8", "0x08"))
    own = "Priority={id}\nTable={table}\nFrom={net}.1\n"
    word("IncomingInterface", "iif", ("{dev}", "{dev}"), ("lo", "lo"), within=own)
    word("OutgoingInterface", "oif", ("{dev}", "{dev}"), ("lo", "lo"), within=own)
    for key, name in (("SourcePort", "sport"), ("DestinationPort", "dport")):
        of(key, ("80", 80), ("90-99", "90-99"), "None-None", ports(name))
    word("IPProtocol", "ipproto", ("tcp", "ipproto-6"), ("17", "ipproto-17"))
    word("InvertRule", "not", ("yes", True), ("no", False), False, default=False,
         within=own)
    of("User", ("54321", "54321-54321"), ("54321-54399", "54321-54399"), "None-None", uids)
    word("SuppressPrefixLength", "suppress_prefixlen", ("1", 1), ("2", 2))
    word("SuppressInterfaceGroup", "suppress_ifgroup", ("5", "5"), ("6", "6"))
    word("Type", "action", ("blackhole", "6"), ("prohibit", "8"), None, within="Priority={id}\n" + only)
    word("L3MasterDevice", "l3mdev", ("yes", True), ("no", False), False, default=False,
         within="Priority={id}\n" + only)
    # What it would mean is not known, so there is no such rule.
    word("GoTo", "table", ("100", "no rule"), ("200", "no rule"), "{table}", says="GoTo= is not implemented")


def prefix_of(which):
    def read(kernel, row_):
        address, length = rule(which)(kernel, row_), rule(which + "len")(kernel, row_)
        return f"{address}/{length}" if length else address
    return read


def uids(kernel, row_):
    return f"{rule('uid_start')(kernel, row_)}-{rule('uid_end')(kernel, row_)}"


def neighbor_rows():
    mac = "02:00:00:00:79:"
    of = lambda key, first, second, **more: row("network", "Neighbor", key, first, second, "", neighbor, **more)

    of("Address", ("{net}.7", "{net}.7=" + mac + "01"), ("{net}.8", "{net}.8=" + mac + "01"), whole=True,
       within=f"LinkLayerAddress={mac}01\n", network="Address={net}.1/24\n")
    for key in ("LinkLayerAddress", "MACAddress"):
        of(key, (mac + "01", "{net}.7=" + mac + "01"), (mac + "02", "{net}.7=" + mac + "02"), whole=True,
           within="Address={net}.7\n", network="Address={net}.1/24\n")


class GuestRow:
    """A key, or a value of one, that needs what a kernel may lack. Here it is parsed and planned, both ways; a script
    of test/vm/guest applies it, on a kernel that has it. A value is a pair: what is written, and what is planned."""

    def __init__(self, section, key, script, lacks, first, second, network=""):
        self.file, self.section, self.key = "network", section, key
        self.script, self.lacks = script, lacks
        self.values = [first, second]
        self.network = network


GUEST = [
    GuestRow("Network", "VRF", "vrf.sh", "VRFs", ("keys-vrf0", {"wait the vrf keys-vrf0 does not exist yet"}),
             ("keys-vrf1", {"wait the vrf keys-vrf1 does not exist yet"})),
    *[GuestRow("BridgeVLAN", key, "bridge-vlan.sh", "VLANs of bridges", first, second, "Bridge=keys-br0\n")
      for key, first, second in (
          ("VLAN", ("10", {"add-vlans 10"}), ("20-23", {"add-vlans 20-23"})),
          ("EgressUntagged", ("10", {"add-vlans 10 untagged"}), ("20-23", {"add-vlans 20-23 untagged"})),
          ("PVID", ("30", {"add-vlans 30 pvid"}), ("40", {"add-vlans 40 pvid"})))],
    *[GuestRow("Link", "QDisc", "qdisc.sh", "all queueing disciplines", (first, {"set-qdisc " + first}),
               (second, {"set-qdisc " + second})) for first, second in (("fq_codel", "cake"), ("fq", "sfq"))],
]

# What is known of systemd-networkd and left out: a key, or a whole section, by the reason that is given for it.
LEFT_OUT = {
    "MPLS": "Network.MPLSRouting",
    "NetLabel": "Address.NetLabel",
    "address labels": "IPv6AddressLabel",
    "devices of other kinds": """
        Network.ActiveSlave Network.BatmanAdvanced Network.Bond Network.IPVLAN Network.IPVTAP Network.IPoIB
        Network.L2TP Network.MACVLAN Network.MACVTAP Network.MACsec Network.PrimarySlave Network.Tunnel Network.VLAN
        Network.VXLAN Network.Xfrm""",
    "dynamic protocols": """
        Network.DHCP Network.DHCPPrefixDelegation Network.DHCPServer Network.DHCPv6PrefixDelegation Network.EmitLLDP
        Network.IPv4DuplicateAddressDetectionTimeoutSec Network.IPv4LL Network.IPv4LLRoute Network.IPv4LLStartAddress
        Network.IPv6AcceptRA Network.IPv6AcceptRouterAdvertisements Network.IPv6PrefixDelegation Network.IPv6SendRA
        Network.IPv6Token Network.LLDP DHCP DHCPPrefixDelegation DHCPServer DHCPServerStaticLease DHCPv4 DHCPv6
        DHCPv6PrefixDelegation IPv6AcceptRA IPv6NDPProxyAddress IPv6PREF64Prefix IPv6Prefix IPv6PrefixDelegation
        IPv6RoutePrefix IPv6SendRA LLDP""",
    "name service": """
        Network.DNS Network.DNSDefaultRoute Network.DNSOverTLS Network.DNSSEC Network.DNSSECNegativeTrustAnchors
        Network.Domains Network.LLMNR Network.MulticastDNS Network.UseDomains""",
    "packet filters": "Address.NFTSet Network.IPMasquerade",
    "rarer bridge settings": "Bridge.Locked Bridge.MACAuthenticationBypass Bridge.VLANTunnel",
    "settings of hardware": "CAN IPoIB SR-IOV",
    "static entries of bridges": "BridgeFDB BridgeMDB",
    "time service": "Network.NTP",
    "traffic control": """
        BFIFO CAKE ControlledDelay DeficitRoundRobinScheduler DeficitRoundRobinSchedulerClass
        EnhancedTransmissionSelection FairQueueing FairQueueingControlledDelay FlowQueuePIE
        GenericRandomEarlyDetection HeavyHitterFilter HierarchyTokenBucket HierarchyTokenBucketClass NetworkEmulator
        PFIFO PFIFOFast PFIFOHeadDrop PIE QDisc QuickFairQueueing QuickFairQueueingClass StochasticFairBlue
        StochasticFairnessQueueing TokenBucketFilter TrafficControlQueueingDiscipline TrivialLinkEqualizer""",
}

for rows in (netdev_rows, match_rows, link_rows, network_rows, bridge_rows, address_rows, route_rows, nexthop_rows,
             rule_rows, neighbor_rows):
    rows()
for i, r_ in enumerate(ROWS):
    r_.place(i + 1)
