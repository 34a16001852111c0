# SPDX-License-Identifier: LGPL-2.1-or-later
"""The checks of test-keys.py: for keys that show in the daemon's behaviour only, for those that this kernel may lack,
and for what is left out."""

import json
import os
import re
import tempfile
import time

import keys_harness as harness
import keys_table as table
from keys_harness import (Files, Kernel, busctl, clean, device, ip, is_up, kind_of, manager, netdev, network, planned,
                          queue, settings, settings_write, stays, there, wait)

CHECKS = {}


def check(*keys):
    """A check that covers those keys: (file, section, key)."""
    def remember(function):
        for key in keys:
            CHECKS[key] = function
        return function
    return remember


@check(("netdev", "NetDev", "Name"))
def check_name():
    """Another name is another device; the first stays, since nothing is deleted for want of a file."""
    with Files(a_netdev=netdev("n0")) as f:
        f.applied()
        assert there("n0") and not there("n1")
        f.write("a_netdev", netdev("n1"))
        f.applied()
        assert there("n0") and there("n1")
        f.write("a_netdev", netdev("n1").replace("Name=n1\n", ""))
        f.refused("no valid Name= in [NetDev]")
        assert there("n0") and there("n1")


@check(("netdev", "NetDev", "Kind"), ("netdev", "NetDev", "Recreate"))
def check_kind():
    """Only making it anew makes a tun of a tap."""
    with Files(a_netdev=netdev("n0")) as f:
        f.applied()
        assert kind_of("n0") == "tap"
        for more in ("", "Recreate=no\n"):
            f.write("a_netdev", netdev("n0", more, "tun"))
            f.refused("exists as tap; Kind=tun is wanted")
            assert kind_of("n0") == "tap"
        f.write("a_netdev", netdev("n0", "Recreate=yes\n", "tun"))
        f.applied()
        assert kind_of("n0") == "tun"
        f.write("a_netdev", netdev("n0"))  # what was done once is not allowed for ever
        f.refused("exists as tun; Kind=tap is wanted")
        f.write("a_netdev", netdev("n0").replace("Kind=tap\n", ""))
        f.refused("no valid Kind= in [NetDev]")
        assert kind_of("n0") == "tun"


@check(*[("netdev", "Match", key) for key in table.CONDITIONS])
def check_conditions():
    """A device is made where its file's condition holds. One that holds no more leaves it: the file is as if gone."""
    devices = {f"n{i}": (key, *values) for i, (key, values) in enumerate(table.CONDITIONS.items())}

    def write(f, which):
        for name, (key, *values) in devices.items():
            f.write(f"{name}.netdev", netdev(name) if which is None else
                    f"[Match]\n{key}={values[which]}\n" + netdev(name))

    with Files() as f:
        for which, made in ((1, False), (0, True), (1, True), (None, True)):
            write(f, which)
            f.applied()
            for name, (key, *values) in devices.items():
                assert bool(there(name)) == made, f"{key}={values[which or 0]}"


def drift(f, name, repaired):
    ip("link", "set", name, "mtu", "1300")
    if repaired:
        wait("the repair", lambda: there(name)["mtu"] == 1400)
    else:
        stays("drift", lambda: there(name)["mtu"] == 1300)
        wait("word of it", lambda: device(name, "AdministrativeState") == "drifted")


@check(("netdev", "NetDev", "Enforce"), ("network", "Network", "Enforce"), ("conf", "Daemon", "Enforce"))
def check_enforce():
    with settings(""), Files(a_netdev=netdev("n0", "MTUBytes=1400\n"), a_network=network("n0")).start() as f:
        drift(f, "n0", False)
        f.reload(a_netdev=netdev("n0", "MTUBytes=1400\nEnforce=yes\n"))
        drift(f, "n0", True)
        f.reload(a_network=network("n0", "Enforce=no\n"))
        drift(f, "n0", False)
        f.reload(a_netdev=netdev("n0", "MTUBytes=1400\nEnforce=no\n"), a_network=network("n0", "Enforce=yes\n"))
        drift(f, "n0", True)
        f.reload(a_network=network("n0"))
        drift(f, "n0", False)
        settings_write("[Daemon]\nEnforce=yes\n")
        f.reload(a_netdev=netdev("n0", "MTUBytes=1400\n"))
        drift(f, "n0", True)
        settings_write("[Daemon]\nEnforce=no\n")
        f.reload()
        drift(f, "n0", False)
        settings_write("")
        f.reload()
        drift(f, "n0", False)


@check(("netdev", "NetDev", "Description"), ("network", "Network", "Description"))
def check_description():
    with Files(a_netdev=netdev("n0"), a_network=network("n0")).start() as f:
        for first, second, shown in (("", "", ""), ("", "Description=the net\n", "the net"),
                                     ("", "Description=another\n", "another"),
                                     ("Description=the device\n", "", "the device"),
                                     ("Description=yet another\n", "Description=no more\n", "yet another"),
                                     ("", "", "")):
            f.reload(a_netdev=netdev("n0", first), a_network=network("n0", second))
            assert device("n0", "Description") == shown, device("n0", "Description")


@check(("netdev", "Tun", "KeepCarrier"), ("netdev", "Tap", "KeepCarrier"))
def check_keep_carrier():
    def held(name):
        return there(name)["linkinfo"]["info_data"]["numdisabled"]

    files = lambda keep: {f"{kind}.netdev": netdev("n-" + kind, "", kind, "MultiQueue=yes\n" + keep)
                          for kind in ("tun", "tap")}
    both = {f"{kind}.network": network("n-" + kind) for kind in ("tun", "tap")}
    with Files(**files(""), **both).start() as f:
        for keep, n in (("", 0), ("KeepCarrier=yes\n", 1), ("KeepCarrier=no\n", 0), ("KeepCarrier=yes\n", 1), ("", 0)):
            f.reload(**files(keep))
            for name in ("n-tun", "n-tap"):
                wait(f"{name} {keep} {n}", lambda: held(name) == n)  # pylint: disable=cell-var-from-loop
                assert ("LOWER_UP" in there(name)["flags"]) == bool(n) or n == 0, there(name)


@check(("network", "Link", "ActivationPolicy"))
def check_activation():
    """What the table does not show: who wins when others set it up or down."""
    with Files(a_netdev=netdev("n0"), a_network=network("n0", "", "ActivationPolicy=manual\n")).start() as f:
        assert not is_up("n0")
        for policy, start, after_up, after_down in (
                ("manual", False, True, False), ("always-down", False, False, False), ("down", False, True, False),
                ("always-up", True, True, True), ("up", True, True, False)):
            f.reload(a_network=network("n0", "", f"ActivationPolicy={policy}\n"))
            assert is_up("n0") == start, policy
            for way, after in (("up", after_up), ("down", after_down)):
                ip("link", "set", "n0", way)
                wait(f"{policy} after {way}", lambda: is_up("n0") == after)  # pylint: disable=cell-var-from-loop
                stays(f"{policy} after {way}", lambda: is_up("n0") == after, 0.2)  # pylint: disable=cell-var-from-loop
        f.reload(a_network=network("n0"))
        assert is_up("n0")


@check(("network", "Network", "BindCarrier"))
def check_bind_carrier():
    ip("link", "add", "other0", "type", "veth", "peer", "name", "other1")
    ip("link", "set", "other0", "up")
    with Files(a_netdev=netdev("n0"), a_network=network("n0", "BindCarrier=other0\n")).start() as f:
        assert not is_up("n0")
        ip("link", "set", "other1", "up")
        wait("up with the other", lambda: is_up("n0"))
        ip("link", "set", "other1", "down")
        wait("down with the other", lambda: not is_up("n0"))
        f.reload(a_network=network("n0", "BindCarrier=none* lo\n"))
        assert is_up("n0")  # lo has carrier
        f.reload(a_network=network("n0", "BindCarrier=none*\n"))
        assert not is_up("n0")
        f.reload(a_network=network("n0"))
        assert is_up("n0")


@check(("network", "Network", "KeepMaster"))
def check_keep_master():
    """The master is left to others, whoever set it; what is set for the port is for any bridge."""
    for name in ("keys-br0", "keys-br1"):
        ip("link", "add", name, "type", "bridge")
    with Files(a_netdev=netdev("n0")) as f:
        for bridge, keep, by_hand, expected in (
                ("Bridge=keys-br0\n", "", None, "keys-br0"), ("Bridge=keys-br1\n", "yes", None, "keys-br0"),
                ("", "yes", "keys-br1", "keys-br1"), ("Bridge=keys-br0\n", "yes", "keys-br1", "keys-br1"),
                ("Bridge=keys-br0\n", "no", None, "keys-br0"), ("Bridge=keys-br1\n", "yes", None, "keys-br0"),
                ("Bridge=keys-br1\n", "", None, "keys-br1")):
            if by_hand:
                ip("link", "set", "n0", "master", by_hand)
            line = f"KeepMaster={keep}\n" if keep else ""
            f.write("a_network", network("n0", f"{bridge}{line}[Bridge]\nCost=7\n"))
            log = f.applied().stderr
            assert there("n0")["master"] == expected, f"{bridge}{line}: {there('n0')['master']}"
            assert there("n0")["linkinfo"]["info_slave_data"]["cost"] == 7, f"{bridge}{line}"
            ignored = "Bridge= is ignored, since KeepMaster=yes" in log
            assert ignored == bool(bridge and keep == "yes"), f"{bridge}{line}: {log}"


def own_addresses(name):
    return [a["local"] for a in Kernel().addresses(name) if a["scope"] == "global"]


@check(("network", "Network", "ConfigureWithoutCarrier"), ("network", "Network", "IgnoreCarrierLoss"))
def check_carrier():
    """Unlike networkd's, the default asks for no carrier (design D9)."""
    def files(more):
        return {"a_network": network("n0", "Address=10.9.0.1/24\n" + more)}

    with Files(a_netdev=netdev("n0", section="MultiQueue=yes\n"), **files("")).start() as f:
        assert own_addresses("n0")
        f.reload(**files("ConfigureWithoutCarrier=no\n"))
        wait("no address without carrier", lambda: not own_addresses("n0"))
        fd = queue("n0")
        wait("an address with carrier", lambda: own_addresses("n0"))
        os.close(fd)
        wait("no address after the loss", lambda: not own_addresses("n0"))

        f.reload(**files("ConfigureWithoutCarrier=no\nIgnoreCarrierLoss=yes\n"))
        stays("still awaiting carrier", lambda: not own_addresses("n0"), 0.2)
        fd = queue("n0")
        wait("an address with carrier", lambda: own_addresses("n0"))
        os.close(fd)
        stays("the loss is ignored", lambda: own_addresses("n0"), 1.5)  # such an event may come a second late

        f.reload(**files("ConfigureWithoutCarrier=no\nIgnoreCarrierLoss=1s\n"))
        fd = queue("n0")
        time.sleep(0.2)
        start = time.monotonic()
        os.close(fd)
        wait("no address in the end", lambda: not own_addresses("n0"))
        assert time.monotonic() - start > 0.9, "the loss was not ignored for a second"

        f.reload(**files("ConfigureWithoutCarrier=yes\n"))
        assert own_addresses("n0")
        f.reload(**files("IgnoreCarrierLoss=no\n"))
        wait("no address without carrier", lambda: not own_addresses("n0"))
        f.reload(**files(""))
        assert own_addresses("n0")


@check(("network", "Link", "RequiredForOnline"), ("network", "Link", "RequiredFamilyForOnline"))
def check_online():
    with Files(a_netdev=netdev("n0", section="MultiQueue=yes\nKeepCarrier=yes\n"),
               a_network=network("n0", "Address=10.9.0.1/24\n")).start() as f:
        wait("carrier", lambda: device("n0", "CarrierState") == "carrier")
        for line, expected in (("", "online"), ("RequiredForOnline=no\n", ""), ("RequiredForOnline=yes\n", "online"),
                               ("RequiredForOnline=carrier:degraded\n", "offline"),
                               ("RequiredForOnline=routable\n", "online"),
                               ("RequiredForOnline=off:routable\n", "online"), ("", "online"),
                               ("RequiredFamilyForOnline=ipv6\n", "offline"),
                               ("RequiredFamilyForOnline=ipv4\n", "online"),
                               ("RequiredFamilyForOnline=both\n", "offline"),
                               ("RequiredFamilyForOnline=any\n", "online"), ("", "online")):
            f.reload(a_network=network("n0", "Address=10.9.0.1/24\n", line))
            assert manager("OnlineState") == expected, f"{line}: {manager('OnlineState')}"


FORWARDING = ["/proc/sys/net/" + path for path in ("ipv4/ip_forward", "ipv6/conf/all/forwarding")]


def forwarding():
    values = []
    for path in FORWARDING:
        with open(path, encoding="ascii") as f:
            values.append(int(f.read()))
    return tuple(values)


def stop_forwarding():
    for path in FORWARDING:
        with open(path, "w", encoding="ascii") as f:
            f.write("0")


@check(("network", "Network", "IPForward"))
def check_forward():
    """Of the whole namespace; nobody knows who else relies on it, so it is never turned off again."""
    with Files(a_netdev=netdev("n0"), a_network=network("n0")) as f:
        for line, four, six in (("", 0, 0), ("no", 0, 0), ("ipv4", 1, 0), ("ipv6", 1, 1), ("no", 1, 1), ("", 1, 1)):
            f.write("a_network", network("n0", f"IPForward={line}\n" if line else ""))
            f.applied()
            assert forwarding() == (four, six), line
        stop_forwarding()
        f.write("a_network", network("n0", "IPForward=yes\n"))
        f.applied()
        assert forwarding() == (1, 1)

    # No event tells of it: it must be read again with the link, or the plan never comes to an end.
    stop_forwarding()
    with Files(a_netdev=netdev("n0"), a_network=network("n0")).start() as f:
        for mtu in ("1400", "1300"):
            f.reload(a_network=network("n0", "IPForward=yes\nIPv4ProxyARP=yes\n"))
            assert forwarding() == (1, 1)
            assert device("n0", "AdministrativeState") == "configured", f.log()[-2000:]
            stop_forwarding()
            ip("link", "set", "n0", "mtu", mtu)  # not declared, but an event
            wait("the drift", lambda: device("n0", "AdministrativeState") == "drifted")
            out = busctl("call", "org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager", "Diff")
            assert {x[1] for x in json.loads(out.stdout)["data"][0]} == {"set-ip-forward", "set-ipv6-forward"}, \
                out.stdout + out.stderr
    stop_forwarding()


def foreign_route():
    return any(r["dst"] == "10.99.0.0/24" for r in Kernel().all_routes())


@check(("conf", "Network", "ManageForeignRoutes"), ("network", "Network", "KeepConfiguration"))
def check_foreign_routes():
    files = lambda keep: {"a_network": network("n0", "Address=10.9.0.1/24\n" + keep +
                                               "[Route]\nDestination=10.98.0.0/24\n")}
    add = lambda: ip("route", "replace", "10.99.0.0/24", "dev", "n0")
    with settings(""), Files(a_netdev=netdev("n0"), **files("")) as f:
        f.applied()
        for conf, keep, stays_there in (("", "", True), ("no", "", True), ("yes", "", False), ("yes", "yes", True),
                                        ("yes", "no", False), ("yes", "static", True), ("yes", "", False),
                                        ("", "", True)):
            add()
            settings_write(f"[Network]\nManageForeignRoutes={conf}\n" if conf else "")
            for name, text in files(f"KeepConfiguration={keep}\n" if keep else "").items():
                f.write(name, text)
            f.applied()
            assert foreign_route() == stays_there, f"ManageForeignRoutes={conf} KeepConfiguration={keep}"


@check(("conf", "Network", "ManageForeignRoutingPolicyRules"))
def check_foreign_rules():
    def foreign():
        return any(r["priority"] == 4321 for r in Kernel().rules())

    rule = "[RoutingPolicyRule]\nPriority=99\nTable=7\nFrom=10.9.0.1\n"
    with settings(""), Files(a_netdev=netdev("n0"), a_network=network("n0", rule)) as f:
        for conf, there_still in (("", True), ("no", True), ("yes", False), ("", True)):
            if not foreign():
                ip("rule", "add", "priority", "4321", "from", "10.9.9.9", "table", "7")
            settings_write(f"[Network]\nManageForeignRoutingPolicyRules={conf}\n" if conf else "")
            f.applied()
            assert foreign() == there_still, conf
            assert any(r["priority"] == 99 for r in Kernel().rules())
            assert {0, 32766, 32767} <= {r["priority"] for r in Kernel().rules()}, "the kernel's own rules"


@check(("conf", "Network", "RouteTable"))
def check_route_table():
    """The name is good for routes and rules; of another number it is another table."""
    def tables():
        return ([r["table"] for r in Kernel().all_routes() if r["dst"] == "10.98.0.0/24"],
                [r["table"] for r in Kernel().rules() if r["priority"] == 99])

    with settings("[Network]\nRouteTable=mine:4001\n"), \
            Files(a_netdev=netdev("n0"), a_network=network(
                "n0", "[Route]\nDestination=10.98.0.0/24\nTable=mine\n"
                "[RoutingPolicyRule]\nPriority=99\nFrom=10.9.0.1\nTable=mine\n")) as f:
        f.applied()
        assert tables() == (["4001"], ["4001"]), tables()
        settings_write("[Network]\nRouteTable=other:4001 mine:4002\n")
        f.applied()
        assert tables() == (["4002"], ["4002"]), tables()
        settings_write("")
        assert "Table= 'mine' is no routing table" in f.once().stderr
        assert tables() == ([], []), tables()


@check(("conf", "Daemon", "RemoveUndeclared"))
def check_remove_undeclared():
    with settings(""), Files(a_netdev=netdev("n0")) as f:
        for conf, removed in (("", False), ("no", False), ("yes", True), ("", False)):
            f.write("a_netdev", netdev("n0"))
            f.applied()
            ip("tuntap", "add", "others", "mode", "tap")
            f.write("a_netdev", None)
            settings_write(f"[Daemon]\nRemoveUndeclared={conf}\n" if conf else "")
            f.applied()
            assert bool(there("n0")) != removed, conf
            assert there("others")
            ip("link", "delete", "others")


@check(("conf", "Daemon", "DefaultQDisc"))
def check_default_qdisc():
    with settings(""), Files(a_netdev=netdev("n0"), a_network=network("n0"), b_netdev=netdev("n1"),
                             b_network=network("n1", "", "QDisc=bfifo\n")) as f:
        f.applied()
        before = Kernel().qdisc("n0")
        for conf, expected in (("pfifo", "pfifo"), ("noqueue", "noqueue"), ("kernel", before), ("pfifo", "pfifo"),
                               ("", before)):
            settings_write(f"[Daemon]\nDefaultQDisc={conf}\n" if conf else "")
            f.applied()
            assert Kernel().qdisc("n0") == expected, f"{conf}: {Kernel().qdisc('n0')}"
            assert Kernel().qdisc("n1") == "bfifo"
        assert before not in ("pfifo", "bfifo")


@check(("conf", "Daemon", "Directories"))
def check_directories():
    """The command line counts before it; without either the built-in ones do."""
    dirs = [tempfile.mkdtemp(dir=harness.TMP) for _ in range(2)]
    for i, path in enumerate(dirs):
        with open(path + "/a.netdev", "w", encoding="utf-8") as f:
            f.write(netdev(f"n{i}"))
    with Files(a_netdev=netdev("n2")) as f:
        state = f.options[1]
        for conf, given, made in ((dirs[0], [], "n0"), (dirs[1], [], "n1"), (dirs[0], f.options[:1], "n2"),
                                  ("", [], "n3")):
            if not conf:
                os.makedirs("/run/netdevd/network")
                with open("/run/netdevd/network/a.netdev", "w", encoding="utf-8") as file:
                    file.write(netdev("n3"))
            with settings(f"[Daemon]\nDirectories={conf}\n" if conf else ""):
                f.options = [*given, state]
                assert not there(made)
                f.applied()
                assert there(made), f"Directories={conf}"
        os.unlink("/run/netdevd/network/a.netdev")


@check(("conf", "Daemon", "LogLevel"))
def check_log_level():
    with settings(""), Files(a_netdev=netdev("n0")) as f:
        f.applied()
        for conf, informs, debugs in (("", True, False), ("debug", True, True), ("err", False, False),
                                      ("", True, False)):
            settings_write(f"[Daemon]\nLogLevel={conf}\n" if conf else "")
            f.write("a_netdev", netdev("n0", f"MTUBytes={1300 + len(conf)}\n"))
            log = f.applied().stderr
            assert (re.search(r"\bn0: Configured", log) is not None) == informs, f"{conf}: {log}"
            assert (re.search(r"^debug: ", log, re.M) is not None) == debugs, f"{conf}: {log}"


# Keys with nothing to show: that they are read, and what is said of a bad value.


@check(("netdev", "Tun", "SendBufferBytes"), ("netdev", "Tap", "SendBufferBytes"))
def check_send_buffer():
    """Only queues that netdevd hands out have it, and only their holder can ask."""
    for kind in ("tun", "tap"):
        with Files(a_netdev=netdev("n0", "", kind, "SendBufferBytes=1M\n")) as f:
            assert "SendBufferBytes" not in f.applied().stderr
            f.write("a_netdev", netdev("n0", "", kind, "SendBufferBytes=3G\n"))
            assert "SendBufferBytes=" in f.applied().stderr
            f.write("a_netdev", netdev("n0", "", kind))
            f.applied()


@check(("network", "Match", "PermanentMACAddress"))
def check_permanent_address():
    """A tun or tap has none, so a file that asks for one fits none of them."""
    with Files(a_netdev=netdev("n0"), a_network=network("n0", "", "MTUBytes=1400\n")) as f:
        for line, mtu in (("", 1400), ("PermanentMACAddress=02:00:00:00:00:01\n", 1500), ("", 1400)):
            f.write("a_network", network("n0", "", "MTUBytes=1400\n").replace("[Link]", line + "[Link]"))
            f.applied()
            assert there("n0")["mtu"] == mtu, line


@check(("network", "Route", "TTLPropagate"))
def check_ttl_propagate():
    """The kernel keeps it for MPLS alone: the route is there, and nothing is left to do."""
    with Files(a_netdev=netdev("n0")) as f:
        for line in ("", "TTLPropagate=yes\n", "TTLPropagate=no\n", ""):
            f.write("a_network", network("n0", "Address=10.9.0.1/24\n[Route]\nDestination=10.98.0.0/24\n"
                                         "Gateway=10.9.0.2\n" + line))
            f.applied()
            assert any(r["dst"] == "10.98.0.0/24" for r in Kernel().all_routes())


# What this kernel may lack, and what is left out.


def check_guest_row(row):
    """Never applied, so that it does not matter what the kernel has: from nothing to do, to the plan of each value,
    to nothing to do."""
    def write(value):
        lines = f"{row.key}={value}\n" if value else ""
        text = network("n0", row.network) + f"[{row.section}]\n{lines}"
        f.write("a_network", text)
        return text.splitlines()

    with Files(a_netdev=netdev("n0")) as f:
        ip("link", "add", "keys-br0", "type", "bridge")
        write(None)
        f.applied()
        for value, expected in (*row.values, (None, set())):
            lines = write(value)
            ops, said = planned(f)
            found = {f"{op['operation']} {op['detail']}".split(";")[0]: op for op in ops}
            assert expected <= set(found), f"{row.key}={value}: not planned: {expected - set(found)} of {ops}"
            assert not said, f"{row.key}={value}: {said}"
            if value is None:
                assert not found, f"left to do: {ops}"
            for word in expected:
                number = found[word]["line"]
                assert lines[number - 1] in (f"{row.key}={value}", f"[{row.section}]"), f"{row.key}= in line {number}"


def run_guest_rows(wanted):
    failed = 0
    rows = [r for r in table.GUEST if not wanted or r.key in wanted]
    for row in rows:
        name = f"{row.file} [{row.section}] {row.key}={row.values[0][0]}"
        try:
            check_guest_row(row)
            print(f"ok - {name} planned; a kernel may lack {row.lacks}: test/vm/guest/{row.script} applies it",
                  flush=True)
        except Exception as e:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok - {name}: {type(e).__name__}: {e}", flush=True)
            clean()
    return failed


def left_out_rows():
    """(section, key or nothing): the reason."""
    return {tuple(word.split(".")): reason for reason, words in table.LEFT_OUT.items() for word in words.split()}


def left_out_groups():
    """Of one reason, and so many as one message has room for."""
    groups = []
    for reason in table.LEFT_OUT:
        rows = [row for row, why in left_out_rows().items() if why == reason]
        rows.sort(key=lambda row: row[0] != "Address")  # a section that is there already
        groups += [(reason, rows[i:i + 10]) for i in range(0, len(rows), 10)]
    return groups


def left_out_file(name, address, rows, times):
    """All rows, each so many times; and which is in which lines."""
    text = network(name) + f"[Address]\nAddress={address}\n"
    lines = {}
    for row in rows:
        for _ in range(times):
            if row[0] != "Address":
                text += f"[{row[0]}]\n"
            number = text.count("\n") + len(row) - 1  # the header's own, or the line below it
            text += f"{row[1]}=some\n" if row[1:] else "Some=some\n"
            lines.setdefault(row, []).append(str(number))
    return text, lines


def said_left_out(notice):
    """What a notice names, each with the numbers of its lines."""
    found, section = {}, ""
    for whole, named, key, numbers in re.findall(
            r"(?:section \[(\S+)\]|(?:\[(\S+)\] )?(\S+)=) \(lines? ([\d, ]+)\)", notice):
        section = "" if whole else named or section
        assert (whole,) not in found and (section, key) not in found, f"said twice: {whole or key}"
        found[(whole,) if whole else (section, key)] = numbers.split(", ")
    return found


@check(*[("left-out", *row) for row in left_out_rows()])
def check_left_out():
    """All of a file in one notice, however often; nothing is done for it, and nothing else is left undone."""
    groups = {f"n{i}": group for i, group in enumerate(left_out_groups())}
    with Files(**{f"{name}.netdev": netdev(name) for name in groups}) as f:
        before = None
        for times in (0, 1, 2, 0):
            lines = {}
            for i, (name, (_, rows)) in enumerate(groups.items()):
                text, lines[name] = left_out_file(name, f"10.9.{i}.1/24", rows, times)
                f.write(f"{name}.network", text)
            log = f.applied().stderr
            kernel = Kernel()
            now = [(kernel.link(name), kernel.addresses(name), kernel.routes(name)) for name in groups]
            assert now == (before or now), "something changed"
            before = now
            for name, (reason, _) in groups.items():
                said = [x for x in log.splitlines() if f"/{name}.network:" in x]
                assert len(said) == min(times, 1), f"{reason}: said {len(said)} times: {said}"
                if said:
                    assert f": left out, since netdevd does no {reason}: " in said[0], said[0]
                    assert said_left_out(said[0]) == lines[name], f"{lines[name]}: {said[0]}"
