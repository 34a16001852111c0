# SPDX-License-Identifier: LGPL-2.1-or-later
"""What test-property.py draws for a round: the files of some devices, and the state of the kernel they meet."""

import random

IFF_TUN, IFF_TAP, IFF_NO_PI, IFF_MULTI_QUEUE, IFF_VNET_HDR = 0x1, 0x2, 0x1000, 0x100, 0x4000

# ---- Files ----

ON = "yes no"
# [section] -> key: probability and values. Those of a tap alone begin with "tap:".
LINK = {"MTUBytes": (0.4, "576 1280 1400 1500 9000 65521"),
        "tap:MACAddress": (0.3, "02:00:00:00:0{n}:01 02:00:00:00:0{n}:02"),
        "ARP": (0.2, ON), "Multicast": (0.2, ON), "AllMulticast": (0.2, ON), "Promiscuous": (0.2, ON),
        "Group": (0.3, "0 5 77"), "QDisc": (0.4, "kernel noqueue pfifo_fast pfifo"),
        "TransmitQueueLength": (0.3, "0 100 500 1000"),
        "ActivationPolicy": (0.3, "up always-up manual down always-down")}
NETWORK = {"Bridge": (0.25, "br0 br0 br1 none-such"), "LinkLocalAddressing": (0.4, "no ipv6"),
           "IPv6LinkLocalAddressGenerationMode": (0.15, "eui64 none stable-privacy random"),
           "IPv4Forwarding": (0.12, ON), "IPv6Forwarding": (0.12, ON), "IPv4ProxyARP": (0.12, ON),
           "IPv4ProxyARPPrivateVLAN": (0.12, ON), "IPv4ReversePathFilter": (0.12, "no strict loose"),
           "IPv4AcceptLocal": (0.12, ON), "IPv4RouteLocalnet": (0.12, ON),
           "IPv6PrivacyExtensions": (0.12, "yes no prefer-public kernel"),
           "IPv6DuplicateAddressDetection": (0.12, "0 1 3"), "IPv6HopLimit": (0.12, "31 64"),
           "IPv6RetransmissionTimeSec": (0.12, "2 500ms"), "IPv6ProxyNDP": (0.12, ON), "IPv6MTUBytes": (0.12, "1280"),
           "IPForward": (0.06, "yes ipv4 ipv6 no"), "ConfigureWithoutCarrier": (0.06, ON),
           "IgnoreCarrierLoss": (0.06, ON),
           "IPv6ProxyNDPAddress": (0.1, "fd00:{n}::50 fd00:{n}::51"), "DefaultRouteOnDevice": (0.1, "yes")}
PORT = {key: (0.25, ON) for key in (
    "UnicastFlood", "MulticastFlood", "MulticastToUnicast", "NeighborSuppression", "Learning", "HairPin", "Isolated",
    "UseBPDU", "FastLeave", "AllowPortToBeRoot", "ProxyARP", "ProxyARPWiFi")}
PORT |= {"Cost": (0.25, "7 100"), "Priority": (0.25, "0 5 63"), "MulticastRouter": (0.25, "no query permanent")}
ADDRESS4 = {"Scope": (0.2, "link global"), "Broadcast": (0.2, "no 10.{n}.{i}.99"), "Label": (0.12, "{name}:{i}"),
            "RouteMetric": (0.12, "77"), "PreferredLifetime": (0.12, "0"), "AddPrefixRoute": (0.12, "no")}
ADDRESS6 = {"HomeAddress": (0.12, "yes"), "RouteMetric": (0.12, "77"), "PreferredLifetime": (0.12, "0"),
            "AddPrefixRoute": (0.12, "no"), "DuplicateAddressDetection": (0.12, "none")}
ROUTE = {"MTUBytes": (0.15, "1400"), "InitialCongestionWindow": (0.15, "7"), "HopLimit": (0.1, "31"),
         "QuickAck": (0.1, "yes")}
TUNTAP = {"KeepCarrier": (0.3, "yes yes no"), "PacketInfo": (0.3, "yes yes no"), "VNetHeader": (0.3, "yes yes no"),
          "NAPI": (0.3, "yes yes no")}
RULE_SELECTORS = ("From=10.{n}.0.0/16", "To=fd00:{n}::/32", "FirewallMark=7/0xff", "IncomingInterface={name}",
                  "OutgoingInterface=none-such", "TypeOfService=16", "Family=both", "User=500{n}", "SourcePort=80-90",
                  "IPProtocol=tcp")


class Device:
    """Draws the files of one device; n tells its part of the address space."""

    def __init__(self, rng, n, kind=None, multi_queue=None):
        self.rng, self.n, self.name = rng, n, f"t{n}"
        self.kind = kind or rng.choice(("tun", "tap"))
        self.multi_queue = rng.random() < 0.6 if multi_queue is None else multi_queue
        self.addresses = {4: [], 6: []}  # those a gateway can be behind
        self.nexthops, self.plain_nexthops = [], []
        self.routes = set()  # no two that the kernel takes for one

    def maybe(self, p):
        return self.rng.random() < p

    def lines(self, table, i=0):
        out = []
        for key, (p, values) in table.items():
            if self.maybe(p) and (self.kind == "tap" or not key.startswith("tap:")):
                value = self.rng.choice(values.split()).format(n=self.n, i=i, name=self.name)
                out.append(f"{key.removeprefix('tap:')}={value}")
        return out

    def netdev(self):
        rng, head, lines = self.rng, [f"Name={self.name}", f"Kind={self.kind}"], self.lines(TUNTAP)
        head += self.lines({"MTUBytes": (0.1, "1280 1400 9000"), "tap:MACAddress": (0.1, "02:00:00:00:0{n}:77"),
                            "Recreate": (0.15, "yes")})
        lines.append("MultiQueue=" + ("yes" if self.multi_queue else "no"))
        lines += rng.choice(("", "User=root", "User=65534", "User=0 Group=65534", "Group=65534",
                             "AllowAnyUser=yes")).split()
        if "VNetHeader=yes" in lines and self.maybe(0.4):
            lines.append(f"VNetHeaderBytes={rng.choice((10, 12, 20))}")
        return [["NetDev", head], [self.kind.capitalize(), lines]]

    def address(self, i):
        if self.maybe(0.55):
            family, length = 4, self.rng.choice((24, 24, 25, 28, 32, 31))
            address, table = f"10.{self.n}.{i}.1", ADDRESS4
            peer = length == 24 and self.maybe(0.1)
        else:
            family, length = 6, self.rng.choice((64, 64, 48, 128))
            address, table = f"fd00:{self.n}:{i}::1", ADDRESS6
            peer = False
        lines = [f"Address={address}/{length}"] + self.lines(table, i)
        if peer:
            lines = [x for x in lines if "Broadcast" not in x] + [f"Peer=10.{self.n}.{i}.2/32"]
        if not peer and length <= (28 if family == 4 else 64) and "AddPrefixRoute=no" not in lines:
            self.addresses[family].append(address)
        return ["Address", lines]

    def gateway(self, family):
        return self.rng.choice(self.addresses[family])[:-1] + self.rng.choice("567") if self.addresses[family] else None

    def route(self):
        rng, family = self.rng, 6 if self.addresses[6] and self.maybe(0.4) else 4
        net, metric = rng.choice((1, 2, 3)), rng.choice((None, None, 5, 77))
        table = rng.choice((None, None, 100 + self.n, "local"))
        if (family, net, metric, table) in self.routes:
            return []
        self.routes.add((family, net, metric, table))
        lines = ["Destination=" + (f"172.16.{8 * self.n + net}.0/24" if family == 4 else f"fd01:{self.n}:{net}::/64")]
        gateway, other, kind = self.gateway(family), self.gateway(family), rng.random()
        if kind < 0.2:
            lines.append("Type=" + rng.choice(("blackhole", "unreachable", "prohibit", "throw")))
        elif kind < 0.55 and gateway:
            lines.append(f"Gateway={gateway}")
        elif kind < 0.7:
            lines += ["Gateway=" + ("198.51.100.9" if family == 4 else "fd09::9"), "GatewayOnLink=yes"]
        elif kind < 0.85 and gateway:
            lines.append(f"MultiPathRoute={gateway} {rng.choice((1, 3, 256))}")
            lines += [f"MultiPathRoute={other}@{self.name} {rng.choice((1, 9))}"] if other != gateway else []
        elif self.nexthops and family == 4:
            lines.append(f"NextHop={rng.choice(self.nexthops)}")
        lines += [f"Metric={metric}"] if metric else []
        lines += [f"Table={table}"] if table else []
        lines += self.lines(ROUTE)
        if self.addresses[family] and self.maybe(0.1):
            lines.append("PreferredSource=" + rng.choice(self.addresses[family]))
        return [["Route", lines]]

    def nexthop(self):
        number, gateway, what = 10 * self.n + len(self.nexthops) + 1, self.gateway(4), self.rng.random()
        lines = [f"Id={number}"]
        if what < 0.3 and gateway:
            lines.append(f"Gateway={gateway}")
            self.plain_nexthops.append(number)
        elif what < 0.5:
            lines.append("Blackhole=yes")
        elif what < 0.75 and self.plain_nexthops:
            lines.append("Group=" + " ".join(f"{x}:{self.rng.choice((1, 3))}" for x in self.plain_nexthops))
        self.nexthops.append(number)
        return ["NextHop", lines]

    def rule(self, i):
        lines = [self.rng.choice(RULE_SELECTORS).format(n=self.n, name=self.name),
                 self.rng.choice((f"Table={100 + self.n}", f"Table={100 + self.n}", "Type=prohibit", "Type=blackhole"))]
        if lines[0] == "Family=both":  # which is all there is
            lines[1] = f"Table={100 + self.n}"
        more = {"Priority": (0.8, str(1000 + 10 * self.n + i))}
        if lines[1].startswith("Table"):  # no gateway can be looked up when all but some are refused
            more |= {"InvertRule": (0.2, "yes"), "SuppressPrefixLength": (0.2, "0")}
        return ["RoutingPolicyRule", lines + self.lines(more)]

    def network(self):
        rng, network = self.rng, self.lines(NETWORK)
        if "IPv6LinkLocalAddressGenerationMode=stable-privacy" in network:
            network.append("IPv6StableSecretAddress=fd00::77")
        sections = [["Match", [f"Name={self.name}"]], ["Link", self.lines(LINK)], ["Network", network]]
        if "Bridge=" in str(network) and self.maybe(0.5):
            sections.append(["Bridge", self.lines(PORT)])
        sections += [self.address(i) for i in range(rng.choice((0, 1, 1, 2, 3, 4)))]
        sections += [self.nexthop() for _ in range(rng.choice((0, 0, 0, 1, 2, 3)))]
        for _ in range(rng.choice((0, 0, 1, 2, 4))):
            sections += self.route()
        sections += [self.rule(i) for i in range(rng.choice((0, 0, 1, 2)))]
        for i in range(rng.choice((0, 0, 0, 1, 2)) if self.kind == "tap" else 0):
            sections.append(["Neighbor", [f"Address=10.{self.n}.0.{20 + i}", f"LinkLayerAddress=02:00:00:00:99:0{i}"]])
        if "IPv6" in str(network) or self.addresses[6]:  # which does not live on less than 1280
            sections[1][1] = [x for x in sections[1][1] if x != "MTUBytes=576"]
        return sections


def text_of(sections):
    return "".join(f"[{header}]\n" + "".join(line + "\n" for line in lines) for header, lines in sections)


def smaller_file(sections):
    """The file with one section or line less; never without the first section and the first line of the others."""
    for i, (header, lines) in enumerate(sections[1:], 1):
        yield sections[:i] + sections[i + 1:]
        for j in range(1, len(lines)):
            yield sections[:i] + [[header, lines[:j] + lines[j + 1:]]] + sections[i + 1:]


# ---- The state before ----

# What somebody did with a device that is there: probability and command, each of which may fail. {net} is 1, 2 or 9.
PRIOR = """
0.2 ip link set {name} mtu 1400|0.1 ip link set {name} mtu 2000|0.2 ip link set {name} txqueuelen 7
0.2 ip link set {name} group 9|0.2 ip link set {name} promisc on|0.1 ip link set {name} multicast off
0.2 ip link set {name} address 02:00:00:00:0{n}:99|0.2 ip link set {name} arp off
0.15 ip link set {name} master br0|0.15 ip link set {name} master foreign-br
0.1 ip link set {name} type bridge_slave cost 33
0.1 ip link set {name} addrgenmode none|0.1 ip link set {name} addrgenmode random
0.15 tc qdisc replace dev {name} root pfifo
0.06 sysctl ipv4/conf/{name}/rp_filter 2|0.06 sysctl ipv4/conf/{name}/proxy_arp 1
0.06 sysctl ipv6/conf/{name}/hop_limit 55
0.06 sysctl ipv6/conf/{name}/disable_ipv6 1|0.06 sysctl ipv4/conf/{name}/forwarding 1
0.06 sysctl ipv6/conf/{name}/use_tempaddr 2|0.06 sysctl ipv6/conf/{name}/mtu 1300
0.7 ip link set {name} up
0.2 ip addr add 10.{n}.0.1/24 dev {name}|0.1 ip addr add 10.{n}.1.1/28 dev {name} label {name}:x
0.2 ip addr add 10.20{n}.0.1/24 dev {name}|0.2 ip addr add fd00:{n}::1/64 dev {name}
0.1 ip addr add fd00:{n}:1::1/60 dev {name} preferred_lft 0|0.2 ip addr add fd00:20{n}::1/64 dev {name} nodad
0.15 ip route add 172.16.{net4}.0/24 dev {name} proto boot
0.15 ip route add 172.16.{net4}.0/24 dev {name} proto static metric 77
0.15 ip route add fd01:{n}:{net}::/64 dev {name} proto 77|0.1 ip route add 172.17.{n}.0/24 via 10.20{n}.0.2 proto 77
0.1 ip neigh add 10.{n}.0.20 lladdr 02:00:00:00:00:55 dev {name}
0.1 ip neigh add 10.{n}.0.99 lladdr 02:00:00:00:00:55 dev {name}
0.1 ip nexthop add id {n}1 via 10.{n}.0.5 dev {name}
"""

# What has nothing to do with our devices, though some of it is much like what the files want.
OTHERS = """
1 ip tuntap add other mode tap|1 ip link set other up
1 ip addr add 192.0.2.1/24 dev other|1 ip addr add fd77::1/64 dev other
0.3 ip route add 172.16.99.0/24 dev other proto static|0.3 ip route add blackhole 172.16.98.0/24
0.3 ip route add unreachable 172.16.9.0/24 proto static metric 77|0.3 ip route add fd01:1:1::/64 dev other metric 3000
0.3 ip rule add from 10.1.0.0/16 table 101 priority 1010|0.3 ip rule add from 192.0.2.0/24 table 99 priority 50
0.3 ip -6 rule add fwmark 7 table 99|0.3 ip nexthop add id 900 blackhole|0.3 ip nexthop add id 11 blackhole
0.3 ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev other|0.1 sysctl ipv4/ip_forward 1
"""


def draw_commands(rng, table, **values):
    out = []
    for entry in table.strip().replace("\n", "|").split("|"):
        p, command = entry.split(" ", 1)
        if rng.random() < float(p):
            out.append(command.format(**values).split())
    return out


def prior_device(rng, device):
    """Something of the device's name, or nothing; maybe with a program behind it."""
    name, n = device.name, device.n
    what = rng.choice(("nothing", "nothing", "fitting", "fitting", "fitting", "tuntap", "bridge", "veth"))
    if what == "nothing":
        return []
    if what in ("bridge", "veth"):
        return [["ip", "link", "add", name, "type", what]]
    kind, queues = device.kind, device.multi_queue
    if what == "tuntap":
        kind, queues = rng.choice(("tun", "tap")), rng.random() < 0.5
    framing = [x for x in ("pi", "vnet_hdr") if rng.random() < 0.2]
    owner = rng.choice(("", "user 0", "user 65534", "group 65534")).split()
    net = rng.choice((1, 2, 9))
    out = [["ip", "tuntap", "add", name, "mode", kind] + ["multi_queue"] * queues + framing + owner]
    details = draw_commands(rng, PRIOR, name=name, n=n, net=net, net4=8 * n + net)
    flags = (IFF_TUN if kind == "tun" else IFF_TAP) | (IFF_MULTI_QUEUE if queues else 0) | \
            (0 if "pi" in framing else IFF_NO_PI) | (IFF_VNET_HDR if "vnet_hdr" in framing else 0)
    program = [["attach", name, str(flags)]] if rng.random() < 0.35 else []
    return out + (program + details if rng.random() < 0.5 else details + program)


def draw_prior(rng, devices):
    """Commands in the order they are tried in."""
    out = draw_commands(rng, "0.7 ip link add br0 type bridge|0.2 ip link add br1 type bridge|"
                             "0.2 ip link add br1 type veth|1 ip link add foreign-br type bridge")
    for device in devices:
        out += prior_device(rng, device)
    return out + draw_commands(rng, OTHERS)


class Case:
    """Everything about one round. steps: the files of the first run, and of those after it, as {name: sections}."""

    def __init__(self, daemon, prior, steps):
        self.daemon, self.prior, self.steps = daemon, prior, steps

    def smaller(self):
        """Cases with one thing less, the larger things first."""
        if len(self.steps) > 1:
            for i in range(len(self.steps)):
                yield Case(self.daemon, self.prior, self.steps[:i] + self.steps[i + 1:])
        if self.daemon:
            yield Case(False, self.prior, self.steps)
        for name in sorted({name for files in self.steps for name in files}):
            yield Case(self.daemon, self.prior, [{k: v for k, v in files.items() if k != name} for files in self.steps])
        for i in range(len(self.prior)):
            yield Case(self.daemon, self.prior[:i] + self.prior[i + 1:], self.steps)
        for n, files in enumerate(self.steps):
            for name, file in files.items():
                for less in smaller_file(file):
                    yield Case(self.daemon, self.prior, self.steps[:n] + [{**files, name: less}] + self.steps[n + 1:])


def draw(seed):
    rng = random.Random(seed)
    devices = [Device(rng, n + 1) for n in range(rng.choice((1, 1, 2, 2, 3, 4)))]
    prior = draw_prior(rng, devices)
    daemon = rng.random() < 0.3
    steps = []
    for _ in range(rng.choice((1, 1, 2, 3)) if daemon else rng.choice((1, 1, 1, 2))):
        files = {}
        for old in devices:
            new = Device(rng, old.n, old.kind, old.multi_queue)
            netdev = f"{old.n}.netdev"
            files[netdev] = steps[0][netdev] if steps and new.maybe(0.8) else new.netdev()
            if new.maybe(0.95):
                files[f"{old.n}.network"] = new.network()
        steps.append(files)
    return Case(daemon, prior, steps)


def describe(case):
    """What was there, and the files: enough to do it again by hand."""
    out = [("the daemon, reloading" if case.daemon else "netdevd --once") + ", after"]
    out += [" ".join(command) for command in case.prior]
    for n, files in enumerate(case.steps):
        out += [f"--- {n}/{name}\n{text_of(file).rstrip()}" for name, file in files.items()]
    return "\n".join("    " + x for x in "\n".join(out).splitlines())
