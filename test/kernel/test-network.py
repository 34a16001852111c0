#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Routes, rules, nexthops, neighbours and bridges of the running daemon, read back from the kernel."""

import os
import time

import daemon_harness
from daemon_harness import (IFF_NO_PI, IFF_TAP, PROTOCOL, Daemon, NotHere, Settings, addresses, attach, drift,
                            has_link_type, ip, ip_batch, ip_json, line_of, link, manager, mq, network, prop, state,
                            wait, wait_state)

SINGLE = "[NetDev]\nName={0}\nKind=tap\n[Tap]\nUser=0\n"


def section(name, lines):
    return f"\n[{name}]\n" + "".join(x + "\n" for x in lines.split())


def sections(name, *items):
    return "".join(section(name, x) for x in items)


def route_of(r, fields):
    return tuple(r.get(f) for f in fields)


def routes(family, fields=("type", "dst", "table"), protocol=PROTOCOL):
    """What netdevd added, over all tables, sorted."""
    found = ip_json(family, "route", "show", "table", "all", "proto", protocol)
    return sorted((route_of(r, fields) for r in found), key=str)


def the_route(family, dst, protocol=PROTOCOL):
    found = [r for r in ip_json(family, "route", "show", "table", "all", "proto", protocol) if r["dst"] == dst]
    assert len(found) == 1, (dst, found)
    return found[0]


def rules(family):
    return [r for r in ip_json(family, "rule") if r.get("protocol") == PROTOCOL]


def settled(name="t0"):
    wait_state(name, "configured")
    assert prop(name, "Drift") == [] and manager("Diff") == [[]], manager("Diff")


ROUTES_4 = [
    ("unicast", "10.8.0.0/16", "Gateway=10.0.0.2", "main"),
    ("local", "10.9.0.1", "Type=local", "local"),
    ("broadcast", "10.9.0.2", "Type=broadcast", "local"),
    ("anycast", "10.9.0.3", "Type=anycast", "local"),
    ("multicast", "239.1.0.0/16", "Type=multicast", "main"),
    ("blackhole", "10.9.4.0/24", "Type=blackhole", "main"),
    ("unreachable", "10.9.5.0/24", "Type=unreachable", "main"),
    ("prohibit", "10.9.6.0/24", "Type=prohibit", "main"),
    ("throw", "10.9.7.0/24", "Type=throw", "main"),
]
ROUTES_6 = [
    ("unicast", "fd01::/64", "Gateway=fd00::2", "main"),
    ("local", "fd09::1", "Type=local", "local"),
    ("anycast", "fd09::3", "Type=anycast", "local"),
    ("multicast", "ff15::/64", "Type=multicast", "main"),
    ("blackhole", "fd09:4::/64", "Type=blackhole", "main"),
    ("unreachable", "fd09:5::/64", "Type=unreachable", "main"),
    ("prohibit", "fd09:6::/64", "Type=prohibit", "main"),
    ("throw", "fd09:7::/64", "Type=throw", "main"),
]


def test_route_types():
    base = network("t0", "10.0.0.1/24", "fd00::1/64")
    more = sections("Route", *(f"Destination={dst} {line}" for _, dst, line, _ in ROUTES_4 + ROUTES_6))
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": base + more}) as d:
        settled()
        for family, wanted in (("-4", ROUTES_4), ("-6", ROUTES_6)):
            have = routes(family)
            want = sorted(((kind, dst, None if table == "main" else table) for kind, dst, _, table in wanted), key=str)
            have = [(k, dst, None if table == "main" else table) for k, dst, table in have]
            assert have == want, (have, want)

        ip("route", "add", "10.77.0.0/16", "dev", "t0")
        ip("route", "add", "blackhole", "10.78.0.0/16")
        d.rewrite("a.network", base)
        settled()
        assert routes("-4") == [] and routes("-6") == [], (routes("-4"), routes("-6"))
        others = [r["dst"] for r in ip_json("route", "show", "proto", "boot")]
        assert others == ["10.77.0.0/16", "10.78.0.0/16"], others
        ip("route", "del", "blackhole", "10.78.0.0/16")


def test_route_attributes():
    """Metrics, tables by number and name, on-link gateways, preferred source, IPv6 gateway of an IPv4 route."""
    text = network("t0", "10.0.0.1/24", "10.0.0.9/24", "fd00::1/64") + sections(
        "Route",
        "Destination=10.1.0.0/16 Gateway=10.0.0.2 Metric=77 MTUBytes=1300 InitialCongestionWindow=20 "
        "InitialAdvertisedReceiveWindow=30 QuickAck=yes TCPAdvertisedMaximumSegmentSize=1200 HopLimit=9 "
        "FastOpenNoCookie=yes TCPRetransmissionTimeoutSec=300ms",
        "Destination=10.2.0.0/16 Gateway=192.0.2.1 GatewayOnLink=yes",
        "Destination=10.3.0.0/16 Gateway=10.0.0.2 Table=1234",
        "Destination=10.4.0.0/16 Gateway=10.0.0.2 Table=uplink",
        "Destination=10.5.0.0/16 PreferredSource=10.0.0.9",
        "Destination=10.6.0.0/16 Gateway=fd00::2",
        "Destination=10.7.0.0/16 Scope=host",
        "Gateway=10.0.0.2 Metric=500",
        "Destination=fd01::/64 Gateway=fd00::2 Metric=77 MTUBytes=1400 IPv6Preference=high",
        "Destination=fd02::/64 Gateway=fd55::1 GatewayOnLink=yes",
        "Destination=fd03::/64 Gateway=fd00::2 Table=uplink",
        "Destination=fd05::/64 PreferredSource=fd00::1",
        "Gateway=fd00::2 Metric=500",
        "Destination=10.20.0.0/16 Protocol=static")
    with Settings("[Network]\nRouteTable=uplink:4711\n"):
        with Daemon({"a.netdev": mq("t0", "tap"), "a.network": text}) as d:
            settled()
            assert d.problems() == [], d.problems()
            r = the_route("-4", "10.1.0.0/16")
            assert (r["gateway"], r["metric"], r["dev"]) == ("10.0.0.2", 77, "t0"), r
            metrics = {k: v for m in r["metrics"] for k, v in m.items()}
            wanted = {"mtu": 1300, "initcwnd": 20, "initrwnd": 30, "quickack": 1, "advmss": 1200, "hoplimit": 9,
                      "fastopen_no_cookie": 1, "rto_min": 300}
            assert metrics == wanted, metrics
            r = the_route("-4", "10.2.0.0/16")
            assert r["gateway"] == "192.0.2.1" and r["flags"] == ["onlink"], r
            assert the_route("-4", "10.3.0.0/16")["table"] == "1234"
            assert the_route("-4", "10.4.0.0/16")["table"] == "4711"
            r = the_route("-4", "10.5.0.0/16")
            assert r["prefsrc"] == "10.0.0.9" and r["scope"] == "link", r
            assert the_route("-4", "10.6.0.0/16")["via"] == {"family": "inet6", "host": "fd00::2"}
            assert the_route("-4", "10.7.0.0/16")["scope"] == "host"
            assert the_route("-4", "default")["metric"] == 500
            r = the_route("-6", "fd01::/64")
            assert (r["gateway"], r["metric"], r["pref"]) == ("fd00::2", 77, "high"), r
            assert r["metrics"] == [{"mtu": 1400}], r
            assert the_route("-6", "fd02::/64")["flags"] == ["onlink"]
            assert the_route("-6", "fd03::/64")["table"] == "4711"
            assert the_route("-6", "fd05::/64")["prefsrc"] == "fd00::1"
            assert the_route("-6", "default")["metric"] == 500
            assert the_route("-4", "10.20.0.0/16", "static")["dev"] == "t0"

            # Another metric is another route; another MTU is the same one, made anew.
            text = text.replace("Metric=77\nMTUBytes=1300", "Metric=78\nMTUBytes=1350")
            text = text.replace("MTUBytes=1400", "MTUBytes=1410")
            d.rewrite("a.network", text)
            settled()
            r = the_route("-4", "10.1.0.0/16")
            assert r["metric"] == 78 and {"mtu": 1350} in r["metrics"] or r["metrics"][0]["mtu"] == 1350, r
            assert the_route("-6", "fd01::/64")["metrics"] == [{"mtu": 1410}]


def hops(r):
    return sorted((h.get("gateway"), h["dev"], h["weight"]) for h in r["nexthops"])


def test_secondary_addresses():
    """The kernel takes them away with their primary one, unless promote_secondaries is on."""
    for promote in "0", "1":
        with Daemon({"a.netdev": mq("t0", "tap"), "a.network": network("t0", "10.0.0.1/24", "10.0.0.9/24")}) as d:
            settled()
            with open("/proc/sys/net/ipv4/conf/t0/promote_secondaries", "w", encoding="ascii") as f:
                f.write(promote)
            ip("address", "add", "10.0.0.50/24", "dev", "t0")
            d.rewrite("a.network", network("t0", "10.0.0.9/24"))
            settled()
            have = sorted(a["local"] for a in ip_json("-4", "address", "show", "dev", "t0")[0]["addr_info"])
            assert have == ["10.0.0.50", "10.0.0.9"], have
            assert "Failed" not in d.log(), d.log()


def test_multipath():
    """Over two links of ours, one of which is made after the other, and comes back after it was deleted."""
    one = network("t0", "10.0.0.1/24", "fd00::1/64") + sections(
        "Route",
        "Destination=10.8.0.0/16",
        "Destination=fd08::/64")
    one = one.replace("Destination=10.8.0.0/16\n",
                      "Destination=10.8.0.0/16\nMultiPathRoute=10.0.0.2 3\nMultiPathRoute=10.0.1.2@t1 7\n")
    one = one.replace("Destination=fd08::/64\n",
                      "Destination=fd08::/64\nMultiPathRoute=fd00::2 3\nMultiPathRoute=fd01::2@t1 7\n")
    two = network("t1", "10.0.1.1/24", "fd01::1/64")
    files = {"a.netdev": mq("t0", "tap"), "a.network": one, "b.netdev": mq("t1", "tap"), "b.network": two}

    def check():
        r = the_route("-4", "10.8.0.0/16")
        assert hops(r) == [("10.0.0.2", "t0", 3), ("10.0.1.2", "t1", 7)], r
        r = the_route("-6", "fd08::/64")
        assert hops(r) == [("fd00::2", "t0", 3), ("fd01::2", "t1", 7)], r

    with Daemon(files) as d:
        settled("t0")
        settled("t1")
        check()
        d.reload()
        settled("t0")
        check()
        d.rewrite("a.network", one.replace("10.0.1.2@t1 7", "10.0.1.2@t1 9"))
        settled("t0")
        assert hops(the_route("-4", "10.8.0.0/16")) == [("10.0.0.2", "t0", 3), ("10.0.1.2", "t1", 9)]
        d.rewrite("a.network", network("t0", "10.0.0.1/24", "fd00::1/64"))
        settled("t0")
        assert routes("-4") == [] and routes("-6") == []


def test_route_over_a_link_that_comes_later():
    text = network("t0", "10.0.0.1/24") + sections("Route", "Destination=10.8.0.0/16")
    text = text.replace("Destination=10.8.0.0/16\n",
                        "Destination=10.8.0.0/16\nMultiPathRoute=10.0.0.2\nMultiPathRoute=10.0.1.2@later\n")
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": text}) as d:
        wait_state("t0", "blocked")
        error = prop("t0", "LastError")
        assert error[1:3] == [d.dir + "/etc/a.network", line_of(text, "[Route]")], error
        assert "there is no link 'later' yet" in error[3], error
        ip("tuntap", "add", "later", "mode", "tap", "user", "0")
        fd = attach("later", IFF_TAP | IFF_NO_PI)
        ip("address", "add", "10.0.1.1/24", "dev", "later")
        ip("link", "set", "later", "up")
        # The link may come before its address: then the route fails, and a reload does it.
        wait("the link to be seen", lambda: state("t0") != "blocked")
        d.reload()
        settled("t0")
        assert hops(the_route("-4", "10.8.0.0/16")) == [("10.0.0.2", "t0", 1), ("10.0.1.2", "later", 1)]
        os.close(fd)


def test_routes_lost_and_put_back():
    """Going down takes the routes along, the IPv4 ones without any event of their own."""
    text = network("t0", "10.0.0.1/24", "fd00::1/64") + sections(
        "Route", "Destination=10.8.0.0/16 Gateway=10.0.0.2", "Destination=fd08::/64 Gateway=fd00::2")
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": text}):
        settled()
        ip("link", "set", "t0", "down")
        wait_state("t0", "drifted")
        ip("link", "set", "t0", "up")
        wait("the routes to be missed", lambda: "add-route 10.8.0.0/16 via 10.0.0.2" in str(drift("t0")))
        assert "add-route fd08::/64" in str(drift("t0")), drift("t0")
        manager("Reconfigure", "s", "t0")
        settled()
        assert len(routes("-4")) == 1 and len(routes("-6")) == 1
        ip("route", "del", "10.8.0.0/16")
        wait_state("t0", "drifted")
        assert len(drift("t0")) == 1, drift("t0")


def test_routes_lost_without_an_event():
    """The kernel says nothing of an IPv4 route that goes with its link's carrier or with its source address."""
    text = network("t0", "10.0.0.1/24", "10.0.0.9/24") + sections(
        "Route", "Destination=10.8.0.0/16 Gateway=10.0.0.2", "Destination=10.9.0.0/16 PreferredSource=10.0.0.9")
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": text}):
        settled()
        ip("address", "del", "10.0.0.9/24", "dev", "t0")
        wait("both to be missed", lambda: drift("t0") == [
            "add-address 10.0.0.9/24", "add-route 10.9.0.0/16 src 10.0.0.9"])
        manager("Reconfigure", "s", "t0")
        settled()
        ip_batch(["link set t0 down", "link set t0 up"])
        wait("the routes to be missed", lambda: drift("t0") == [
            "add-route 10.8.0.0/16 via 10.0.0.2", "add-route 10.9.0.0/16 src 10.0.0.9"])
        manager("Reconfigure", "s", "t0")
        settled()
        assert len(routes("-4")) == 2


def test_multipath_over_a_device_that_is_remade():
    one = network("t0", "10.0.0.1/24") + sections("Route", "Destination=10.8.0.0/16").replace(
        "0/16\n", "0/16\nMultiPathRoute=10.0.1.2@t1\nMultiPathRoute=10.0.0.2\n")
    wanted = [("10.0.0.2", "t0", 1), ("10.0.1.2", "t1", 1)]
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": one}) as d:
        wait_state("t0", "blocked")
        d.write("b.netdev", mq("t1", "tap"))
        d.rewrite("b.network", network("t1", "10.0.1.1/24"))
        settled("t0")
        assert hops(the_route("-4", "10.8.0.0/16")) == wanted
        ip("link", "delete", "t1")
        wait_state("t1", "missing")
        wait_state("t0", "blocked")
        manager("Reconfigure", "s", "t1")
        settled("t0")
        assert hops(the_route("-4", "10.8.0.0/16")) == wanted
        d.rewrite("a.network", network("t0", "10.0.0.1/24"))
        settled("t0")
        assert routes("-4") == []


RULES = [
    ("From=10.1.0.0/16 Table=100 Priority=1001", "-4", {"src": "10.1.0.0", "srclen": 16, "table": "100"}),
    ("To=10.2.0.0/16 Table=100 Priority=1002", "-4", {"dst": "10.2.0.0", "dstlen": 16, "table": "100"}),
    ("From=fd01::/64 To=fd02::/64 Table=100 Priority=1003", "-6", {"src": "fd01::", "dst": "fd02::"}),
    ("FirewallMark=0x10/0xff Table=101 Priority=1004", "-4", {"fwmark": "0x10", "fwmask": "0xff"}),
    ("TypeOfService=16 Table=101 Priority=1005", "-4", {"tos": "0x10"}),
    ("IncomingInterface=t0 Table=101 Priority=1006", "-4", {"iif": "t0"}),
    ("OutgoingInterface=t9 Table=101 Priority=1007", "-4", {"oif": "t9"}),
    ("SourcePort=1000-2000 IPProtocol=tcp Table=101 Priority=1008", "-4",
     {"sport_start": 1000, "sport_end": 2000, "ipproto": "tcp"}),
    ("DestinationPort=53 IPProtocol=udp Table=101 Priority=1009", "-4", {"dport": 53, "ipproto": "udp"}),
    ("From=10.3.0.0/16 InvertRule=yes Table=101 Priority=1010", "-4", {"not": None, "src": "10.3.0.0"}),
    ("User=1000-1999 Table=101 Priority=1011", "-4", {"uid_start": 1000, "uid_end": 1999}),
    ("SuppressPrefixLength=0 Table=main Priority=1012", "-4", {"suppress_prefixlen": 0, "table": "main"}),
    ("SuppressInterfaceGroup=7 Table=main Priority=1013", "-4", {"suppress_ifgroup": "7"}),
    ("Type=blackhole From=10.4.0.0/16 Priority=1014", "-4", {"action": "blackhole"}),
    ("Type=unreachable From=10.4.1.0/24 Priority=1015", "-4", {"action": "unreachable"}),
    ("Type=prohibit From=fd04::/64 Priority=1016", "-6", {"action": "prohibit"}),
    ("Family=ipv6 FirewallMark=7 Table=uplink Priority=1017", "-6", {"fwmark": "0x7", "table": "4711"}),
]


def test_rules():
    base = network("t0", "10.0.0.1/24")
    text = base + sections(
        "RoutingPolicyRule", *(x[0] for x in RULES), "Family=both Table=102 Priority=1050",
        "From=10.5.0.0/16 Table=103")
    with Settings("[Network]\nRouteTable=uplink:4711\n"):
        ip("rule", "add", "from", "10.66.0.0/16", "table", "66", "priority", "66")
        with Daemon({"a.netdev": mq("t0"), "a.network": text}) as d:
            settled()
            assert d.problems() == [], d.problems()
            have = {family: {r["priority"]: r for r in rules(family)} for family in ("-4", "-6")}
            for i, (line, family, fields) in enumerate(RULES):
                rule = have[family].pop(1001 + i, None)
                assert rule and fields.items() <= rule.items(), (line, rule)
            for family in ("-4", "-6"):
                assert have[family].pop(1050)["table"] == "102"
            left = list(have["-4"].values())
            assert len(left) == 1 and left[0]["src"] == "10.5.0.0" and left[0]["table"] == "103", left
            assert have["-6"] == {}

            # Nothing is added twice, also not the one whose number the kernel chose.
            d.reload()
            settled()
            assert len(rules("-4")) + len(rules("-6")) == len(RULES) + 3
            number = left[0]["priority"]
            ip("rule", "del", "priority", "1001")
            wait_state("t0", "drifted")
            assert drift("t0") == ["add-rule IPv4 from 10.1.0.0/16 table 100 priority 1001"], drift("t0")
            manager("Reconfigure", "s", "t0")
            settled()
            assert [r["priority"] for r in rules("-4") if r.get("src") == "10.5.0.0"] == [number]

            d.rewrite("a.network", base)
            settled()
            assert rules("-4") == [] and rules("-6") == []
            assert [r["priority"] for r in ip_json("rule") if r["priority"] == 66] == [66]


def nexthops():
    return sorted((n["id"], n.get("gateway"), n.get("dev")) for n in ip_json("nexthop"))


def test_nexthops_wait_for_carrier():
    text = network("t0", "10.0.0.1/24") + sections(
        "NextHop", "Id=7 Gateway=10.0.0.2", "Id=8 Gateway=10.0.0.3") + sections(
        "Route", "Destination=10.8.0.0/16 NextHop=7")
    with Daemon({"a.netdev": SINGLE.format("t0"), "a.network": text}) as d:
        wait_state("t0", "blocked")
        error = prop("t0", "LastError")
        assert error[1:3] == [d.dir + "/etc/a.network", line_of(text, "[NextHop]")], error
        assert "no carrier" in error[3], error
        assert nexthops() == [] and addresses("t0") == ["10.0.0.1"]

        for _ in range(3):  # a program comes, and goes
            fd = attach("t0", IFF_TAP | IFF_NO_PI)
            wait_state("t0", "configured")
            assert nexthops() == [(7, "10.0.0.2", "t0"), (8, "10.0.0.3", "t0")], nexthops()
            assert the_route("-4", "10.8.0.0/16")["nhid"] == 7
            os.close(fd)
            wait_state("t0", "blocked")

        fd = attach("t0", IFF_TAP | IFF_NO_PI)
        wait_state("t0", "configured")
        ip("nexthop", "add", "id", "99", "via", "10.0.0.9", "dev", "t0")
        d.rewrite("a.network", network("t0", "10.0.0.1/24"))
        settled()
        assert nexthops() == [(99, "10.0.0.9", "t0")] and routes("-4") == []
        os.close(fd)


def test_nexthop_group_and_blackhole():
    text = network("t0", "10.0.0.1/24") + sections(
        "NextHop", "Id=7 Gateway=10.0.0.2", "Id=8 Gateway=10.0.0.3", "Id=10 Blackhole=yes") + \
        "\n[NextHop]\nId=9\nGroup=7:3 8:5\n" + sections("Route", "Destination=10.8.0.0/16 NextHop=9",
                                                       "Destination=10.9.0.0/16 NextHop=10")
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": text}) as d:
        settled()
        group = [n for n in ip_json("nexthop") if n["id"] == 9]
        assert group[0]["group"] == [{"id": 7, "weight": 3}, {"id": 8, "weight": 5}], group
        assert [n["blackhole"] for n in ip_json("nexthop") if n["id"] == 10] == [None]
        assert the_route("-4", "10.8.0.0/16")["nhid"] == 9
        ip("nexthop", "del", "id", "7")
        wait_state("t0", "drifted")
        manager("Reconfigure", "s", "t0")
        settled()
        group = [n for n in ip_json("nexthop") if n["id"] == 9]
        assert group[0]["group"] == [{"id": 7, "weight": 3}, {"id": 8, "weight": 5}], group
        d.rewrite("a.network", network("t0", "10.0.0.1/24"))
        settled()
        assert nexthops() == [] and routes("-4") == []


def neighbors(*more):
    return sorted(n["dst"] for n in ip_json("neigh", "show", "dev", "t0", *more))


def test_neighbors_and_proxy_ndp():
    base = network("t0", "10.0.0.1/24", "fd00::1/64")
    proxies = "IPv6ProxyNDP=yes\nIPv6ProxyNDPAddress=fd00::50\nIPv6ProxyNDPAddress=fd00::51\n"
    text = base + proxies + sections(
        "Neighbor", "Address=10.0.0.7 LinkLayerAddress=02:00:00:00:00:07",
        "Address=fd00::7 LinkLayerAddress=02:00:00:00:00:07")
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": text}) as d:
        settled()
        assert neighbors("nud", "permanent") == ["10.0.0.7", "fd00::7"]
        assert {n["lladdr"] for n in ip_json("neigh", "show", "dev", "t0", "nud", "permanent")} == {
            "02:00:00:00:00:07"}
        assert neighbors("proxy") == ["fd00::50", "fd00::51"]
        with open("/proc/sys/net/ipv6/conf/t0/proxy_ndp", encoding="ascii") as f:
            assert f.read() == "1\n"
        ip("neigh", "change", "10.0.0.7", "lladdr", "02:00:00:00:00:99", "dev", "t0")
        wait_state("t0", "drifted")
        manager("Reconfigure", "s", "t0")
        settled()
        ip("neigh", "add", "10.0.0.8", "lladdr", "02:00:00:00:00:08", "dev", "t0")
        ip("neigh", "add", "proxy", "fd00::99", "dev", "t0")
        d.rewrite("a.network", text.replace("10.0.0.7", "10.0.0.6").replace("IPv6ProxyNDPAddress=fd00::50\n", ""))
        settled()
        assert neighbors("nud", "permanent") == ["10.0.0.6", "10.0.0.8", "fd00::7"]
        assert neighbors("proxy") == ["fd00::51", "fd00::99"]
        d.rewrite("a.network", base)
        settled()
        assert neighbors("nud", "permanent") == ["10.0.0.8"] and neighbors("proxy") == ["fd00::99"]


def bridge():
    if not has_link_type("bridge"):
        raise NotHere("this kernel makes no bridges")


def port(name):
    return link(name)["linkinfo"].get("info_slave_data", {})


def test_bridge_comes_and_goes():
    bridge()
    text = network("t0", more="Bridge=br0\n") + section(
        "Bridge", "Cost=77 Priority=5 HairPin=yes Learning=no UnicastFlood=no Isolated=yes UseBPDU=no")
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": text}) as d:
        wait_state("t0", "blocked")
        error = prop("t0", "LastError")
        assert error[1:3] == [d.dir + "/etc/a.network", line_of(text, "Bridge=br0")], error
        assert "bridge br0 does not exist yet" in error[3], error
        for _ in range(2):
            ip("link", "add", "br0", "type", "bridge")
            start = time.monotonic()
            wait("t0 to join", lambda: link("t0").get("master") == "br0")
            assert time.monotonic() - start < 1
            wait_state("t0", "configured")
            have = port("t0")
            wanted = {"cost": 77, "priority": 5, "hairpin": True, "learning": False, "flood": False,
                      "isolated": True, "guard": True}
            assert wanted.items() <= have.items(), have
            assert prop("t0", "CarrierHeld", "TunTap") is True
            ip("link", "delete", "br0")
            wait_state("t0", "blocked")
        ip("link", "add", "br0", "type", "bridge")
        wait("t0 to join", lambda: link("t0").get("master") == "br0")
        wait_state("t0", "configured")
        ip("link", "set", "dev", "t0", "type", "bridge_slave", "cost", "99")
        wait_state("t0", "drifted")
        assert drift("t0") == ["set-port-cost 77"], drift("t0")
        d.rewrite("a.network", network("t0"))
        settled()
        assert "master" not in link("t0")


def test_leaving_a_bridge_is_no_deletion():
    """RTM_DELLINK of the family AF_BRIDGE (design D17)."""
    bridge()
    ip("link", "add", "br0", "type", "bridge")
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": network("t0", "10.0.0.1/24", more="Bridge=br0\n")}) as d:
        settled()
        index = prop("t0", "InterfaceIndex")
        ip("link", "set", "t0", "nomaster")
        wait_state("t0", "drifted")
        assert drift("t0") == ["set-master br0"], drift("t0")
        assert prop("t0", "CarrierHeld", "TunTap") is True and prop("t0", "InterfaceIndex") == index
        assert link("t0")["linkinfo"]["info_data"]["numdisabled"] == 1
        manager("Reconfigure", "s", "t0")
        settled()
        assert link("t0")["master"] == "br0" and "missing" not in d.log()


def test_another_bridge():
    """From one to the other, and what is no bridge is said so."""
    bridge()
    ip("link", "add", "br0", "type", "bridge")
    ip("link", "add", "br1", "type", "bridge")
    text = network("t0", more="Bridge=br0\n") + section("Bridge", "Cost=77")
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": text, "b.netdev": mq("t1", "tap")}) as d:
        settled()
        d.rewrite("a.network", text.replace("br0", "br1"))
        settled()
        assert link("t0")["master"] == "br1" and port("t0")["cost"] == 77
        d.rewrite("a.network", text.replace("br0", "t1"))
        assert state("t0") == "blocked" and "t1 is a tun device, and no bridge" in prop("t0", "LastError")[3], prop(
            "t0", "LastError")


def test_masters_of_others_stay():
    """A tap another program put into its bridge: matched by a pattern only, or by name without Bridge=."""
    bridge()
    ip("link", "add", "virbr0", "type", "bridge")
    for name in ("vnet0", "vnet1"):
        ip("tuntap", "add", name, "mode", "tap", "user", "0")
        ip("link", "set", name, "master", "virbr0", "up")
    files = {"a.network": network("vnet1", "10.0.1.1/24"), "b.network": network("vnet*", "10.0.0.1/24")}
    with Daemon(files) as d:
        wait_state("vnet1", "configured")
        assert state("vnet0") == "unmanaged" and addresses("vnet1") == ["10.0.1.1"] and addresses("vnet0") == []
        d.reload()
        d.remove("a.network")
        d.reload()
        for name in ("vnet0", "vnet1"):
            assert link(name)["master"] == "virbr0" and state(name) == "unmanaged"
        assert addresses("vnet1") == []


def test_own_device_that_others_put_into_a_bridge():
    bridge()
    ip("link", "add", "br0", "type", "bridge")
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": network("t0", "10.0.0.1/24")}) as d:
        settled()
        ip("link", "set", "t0", "master", "br0")
        wait("the port to be seen", lambda: prop("t0", "OperationalState") == "enslaved" or
             prop("t0", "CarrierState") == "enslaved")
        assert state("t0") == "configured"
        d.reload()
        assert link("t0")["master"] == "br0" and state("t0") == "configured"


if __name__ == "__main__":
    daemon_harness.run(globals())
