#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What becomes of devices over time: drift and repair, fights, deletion, orphans, values put back, carrier and
activation."""

import errno
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import time

import daemon_harness
from daemon_harness import (IFF_NO_PI, IFF_TAP, Daemon, NotHere, Settings, Strace, addresses, attach, busctl, drift,
                            has_link_type, ip, is_up, line_of, link, manager, mq, network, prop, state, wait,
                            wait_state)

SINGLE = "[NetDev]\nName={0}\nKind=tap\n[Tap]\nUser=0\n"
ENFORCED = "[NetDev]\nName={0}\nKind=tap\nEnforce=yes\n{1}[Tap]\nMultiQueue=yes\nKeepCarrier=yes\nUser=0\n"


def need(*kinds):
    for kind in kinds:
        if not has_link_type(kind):
            raise NotHere(f"this kernel makes no links of type {kind}")


def settled(name="t0"):
    wait_state(name, "configured")
    assert prop(name, "Drift") == []


def ping():
    """Seconds the daemon takes to answer, more than the bus itself does."""
    def ask(name, path):
        start = time.monotonic()
        assert busctl("call", name, path, "org.freedesktop.DBus.Peer", "Ping").returncode == 0
        return time.monotonic() - start
    return max(ask("org.netdevd1", "/org/netdevd1") - ask("org.freedesktop.DBus", "/org/freedesktop/DBus"), 0)


# Drift.

def test_drift_is_listed_and_exactly_that_is_put_back():
    need("bridge")
    ip("link", "add", "br0", "type", "bridge")
    text = "[Match]\nName=t0\n[Link]\nMTUBytes=1400\n[Network]\nBridge=br0\nAddress=10.0.0.1/24\n" \
        "Address=10.0.1.1/24\n[Route]\nDestination=10.8.0.0/16\nGateway=10.0.1.2\n"
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": text, "b.netdev": mq("t1", "tap"),
                 "b.network": network("t1", "10.1.0.1/24")}) as d:
        settled("t0")
        settled("t1")
        ip("route", "del", "10.8.0.0/16")
        wait_state("t0", "drifted")
        assert drift("t0") == ["add-route 10.8.0.0/16 via 10.0.1.2"], drift("t0")
        ip("address", "del", "10.0.0.1/24", "dev", "t0")
        ip("link", "set", "t0", "mtu", "1500")
        ip("link", "set", "t0", "nomaster")
        ip("link", "set", "t0", "down")
        wanted = ["add-address 10.0.0.1/24", "add-route 10.8.0.0/16 via 10.0.1.2", "set-master br0", "set-mtu 1400",
                  "set-up yes"]
        wait("all to be listed", lambda: drift("t0") == wanted, timeout=3)
        where = d.dir + "/etc/a.network"
        diff = {(name, op): detail for name, op, detail in manager("Diff")[0]}
        assert sorted(diff) == [("t0", x.split()[0]) for x in wanted], diff
        assert diff["t0", "set-mtu"] == f"1400 ({where}:{line_of(text, 'MTUBytes=1400')})", diff

        with Strace(d, "sendmsg,sendto,ioctl,write,openat") as s:
            manager("Reconfigure", "s", "t0")
        settled("t0")
        changing = [x for x in s.lines() if "=RTM_NEW" in x or "=RTM_SET" in x or "=RTM_DEL" in x or "TUNSET" in x]
        others = [x for x in s.lines() if "TUNSET" in x or "/proc/sys" in x and "O_RDONLY" not in x]
        assert changing and others == [], others
        text = "\n".join(changing)
        number = prop("t1", "InterfaceIndex")
        assert '"t0"' in text and '"t1"' not in text and f"ifi_index={number}," not in text, text
        count = text.count("=RTM_NEW") + text.count("=RTM_SET") + text.count("=RTM_DEL")
        assert count == len(wanted), (count, text)
        assert addresses("t0") == ["10.0.0.1", "10.0.1.1"] and link("t0")["mtu"] == 1400 and is_up("t0")
        assert link("t0")["master"] == "br0"

        with Strace(d, "sendmsg,sendto,ioctl") as s:  # and nothing at all when nothing is to be done
            d.reload()
        changing = [x for x in s.lines() if "=RTM_NEW" in x or "=RTM_SET" in x or "=RTM_DEL" in x or "TUNSET" in x]
        assert changing == [], changing


def test_queue_mode_is_not_tried():
    ip("tuntap", "add", "t0", "mode", "tap", "user", "0")
    index = link("t0")["ifindex"]
    text = mq("t0", "tap")
    with Daemon() as d:
        wait_state("t0", "unmanaged")
        d.write("a.netdev", text)
        with Strace(d, "ioctl") as s:
            d.reload()
        assert not [x for x in s.lines() if "TUN" in x], s.lines()
        assert state("t0") == "blocked"
        error = prop("t0", "LastError")
        assert error[1:3] == [d.dir + "/etc/a.netdev", line_of(text, "MultiQueue=yes")], error
        assert "exists as single-queue tap; MultiQueue=yes is wanted" in error[3], error
        manager("Reconfigure", "s", "t0")
        assert state("t0") == "blocked" and link("t0")["ifindex"] == index
        manager("Recreate", "s", "t0")
        settled()
        assert prop("t0", "MultiQueue", "TunTap") is True and link("t0")["ifindex"] != index


def test_recreate_is_asked_for_once():
    """Also where something else keeps the device from being as its files say."""
    waits = network("t0", more="Bridge=b0\n")
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": waits}) as d:
        wait_state("t0", "blocked")
        manager("Recreate", "s", "t0")
        wait_state("t0", "blocked")
        os.kill(d.process.pid, signal.SIGSTOP)  # or it would be made again at once
        ip("link", "del", "t0")
        ip("tuntap", "add", "t0", "mode", "tap", "user", "0")
        index = link("t0")["ifindex"]
        os.kill(d.process.pid, signal.SIGCONT)
        wait("seen", lambda: prop("t0", "MultiQueue", "TunTap") is False)
        time.sleep(0.3)
        assert link("t0")["ifindex"] == index and "conflict" in str(prop("t0", "Drift")), prop("t0", "Drift")


def test_recreate_in_the_file():
    ip("tuntap", "add", "t0", "mode", "tap", "user", "0")
    with Daemon({"a.netdev": mq("t0", "tap")}) as d:
        wait_state("t0", "blocked")
        text = mq("t0", "tap").replace("Kind=tap\n", "Kind=tap\nRecreate=yes\n")
        d.rewrite("a.netdev", text)
        settled()
        index = link("t0")["ifindex"]
        d.reload()
        assert link("t0")["ifindex"] == index and prop("t0", "MultiQueue", "TunTap") is True
        d.rewrite("a.netdev", text.replace("ap", "un"))
        settled()
        assert link("t0")["linkinfo"]["info_data"]["type"] == "tun"


def test_deleted_by_hand():
    with Daemon({"a.netdev": mq("t0"), "a.network": network("t0", "10.0.0.1/24")}):
        settled()
        ip("link", "delete", "t0")
        wait_state("t0", "missing")
        time.sleep(0.3)
        assert state("t0") == "missing" and link("t0") is None
        manager("Reconfigure", "s", "t0")
        settled()
        assert addresses("t0") == ["10.0.0.1"]


def test_renamed_by_hand_and_back():
    with Daemon({"a.netdev": mq("t0"), "a.network": network("t0", "10.0.0.1/24")}) as d:
        settled()
        index = prop("t0", "InterfaceIndex")
        ip("link", "set", "t0", "down")
        ip("link", "set", "t0", "name", "other")
        wait("the rename to be listed", lambda: "rename from other" in drift("t0"), timeout=3)
        assert prop("t0", "InterfaceIndex") == index and state("other") is None
        d.reload()
        settled()
        assert link("other") is None and link("t0")["ifindex"] == index and addresses("t0") == ["10.0.0.1"]


# What is followed is no repair.

def test_awaiting_a_bridge_is_no_repair():
    """What joins with the bridge is done whenever it comes; what others change meanwhile stays drift."""
    need("bridge")
    text = network("t0", "10.0.0.1/24", more="Bridge=br0\n[Link]\nMTUBytes=1400\n[Bridge]\nCost=77\n")
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": text}):
        wait_state("t0", "blocked")
        ip("link", "set", "t0", "mtu", "1300")
        wait_state("t0", "drifted")
        for _ in range(2):
            ip("link", "add", "br0", "type", "bridge")
            wait("t0 to join", lambda: drift("t0") == ["set-mtu 1400"] and state("t0") == "drifted", timeout=3)
            assert link("t0")["master"] == "br0" and link("t0")["mtu"] == 1300
            assert link("t0")["linkinfo"]["info_slave_data"]["cost"] == 77
            ip("link", "delete", "br0")
            wait("the bridge to be missed", lambda: len(drift("t0")) == 2)
            assert state("t0") == "drifted" and link("t0")["mtu"] == 1300
        ip("link", "set", "t0", "mtu", "1400")
        wait_state("t0", "blocked")

        ip("link", "delete", "t0")
        wait_state("t0", "missing")
        ip("link", "add", "br0", "type", "bridge")
        time.sleep(0.3)
        assert state("t0") == "missing" and link("t0") is None
        manager("Reconfigure", "s", "t0")
        settled()
        assert link("t0")["master"] == "br0"


def test_awaiting_carrier_is_no_repair():
    """For next hops, and for all addresses where the file says so."""
    base = "[Link]\nMTUBytes=1400\n"
    hop = base + "[NextHop]\nId=7\nGateway=10.0.0.2\n[Route]\nDestination=10.8.0.0/16\nNextHop=7\n"
    route = base + "[Route]\nDestination=10.8.0.0/16\nGateway=10.0.0.2\n"
    for more in (hop, "ConfigureWithoutCarrier=no\n" + route, "IgnoreCarrierLoss=300ms\n" + route):
        with Daemon({"a.netdev": SINGLE.format("t0"), "a.network": network("t0", "10.0.0.1/24", more=more)}) as d:
            wait_state("t0", "blocked")
            ip("link", "set", "t0", "mtu", "1300")
            wait_state("t0", "drifted")
            for _ in range(4):  # more than the same may be done without effect
                fd = attach("t0", IFF_TAP | IFF_NO_PI)
                wait("all but the MTU", lambda: drift("t0") == ["set-mtu 1400"] and state("t0") == "drifted", timeout=3)
                assert "10.8.0.0/16" in ip("route") and addresses("t0") == ["10.0.0.1"]
                os.close(fd)
                wait("the carrier to be missed", lambda: any("no carrier" in x for x in drift("t0")), timeout=3)
                wait_state("t0", "drifted")
                assert link("t0")["mtu"] == 1300
                if more != hop:
                    wait("no address", lambda: addresses("t0") == [], timeout=3)
            fd = attach("t0", IFF_TAP | IFF_NO_PI)
            wait("all but the MTU", lambda: drift("t0") == ["set-mtu 1400"], timeout=3)
            os.kill(d.process.pid, signal.SIGSTOP)  # it sees nothing of a program that is restarted
            os.close(fd)
            fd = attach("t0", IFF_TAP | IFF_NO_PI)
            ip("link", "set", "t0", "mtu", "1301")
            os.kill(d.process.pid, signal.SIGCONT)
            wait("the MTU to be seen", lambda: prop("t0", "MTU") == 1301)
            wait("the route", lambda: drift("t0") == ["set-mtu 1400"], timeout=3)
            assert "10.8.0.0/16" in ip("route")
            ip("route", "delete", "10.8.0.0/16")  # this one nobody waits for
            wait("the route to be missed", lambda: len(drift("t0")) == 2)
            time.sleep(0.3)
            assert len(drift("t0")) == 2 and "10.8.0.0/16" not in ip("route"), drift("t0")
            os.close(fd)
            ip("link", "delete", "t0")
            wait_state("t0", "missing")
            time.sleep(0.3)
            assert state("t0") == "missing" and link("t0") is None
            manager("Reconfigure", "s", "t0")
            wait_state("t0", "blocked")


def test_awaiting_a_vrf_is_no_repair():
    need("vrf table 99")
    text = network("t0", "10.0.0.1/24", more="VRF=red\n[Link]\nMTUBytes=1400\n")
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": text}):
        wait_state("t0", "blocked")
        ip("link", "set", "t0", "mtu", "1300")
        wait_state("t0", "drifted")
        for _ in range(2):
            ip("link", "add", "red", "type", "vrf", "table", "99")
            wait("t0 to join", lambda: drift("t0") == ["set-mtu 1400"] and state("t0") == "drifted", timeout=3)
            assert addresses("t0") == ["10.0.0.1"] and link("t0")["master"] == "red" and is_up("t0")
            ip("link", "delete", "red")
            wait("no address", lambda: addresses("t0") == [], timeout=3)
            assert link("t0")["mtu"] == 1300


# What does not converge.

def test_by_turns_is_no_progress_either():
    """A tun that cannot be a port is set up as far as it can be; somebody undoes now this, now that."""
    text = network("t0", "10.0.0.1/24", more="Bridge=br0\n[Link]\nMTUBytes=1400\nGroup=5\n")
    with Daemon({"a.netdev": mq("t0"), "a.network": text}) as d:
        wait_state("t0", "blocked")
        for _ in range(6):
            for args, want in ((("mtu", "1300"), ("mtu", 1400)), (("group", "7"), ("group", "5"))):
                ip("link", "set", "t0", *args)
                wait("a repair or none", lambda w=want: link("t0")[w[0]] == w[1] or state("t0") == "failed")
        assert state("t0") == "failed", drift("t0")
        done = d.log().count("t0: set-")
        error = prop("t0", "LastError")
        assert error[0] == errno.ELOOP and "repeated 3 times without effect: set-" in error[3], error
        assert "set-mtu 1400" in error[3] and "set-link-group 5" in error[3] and "conflict" not in error[3], error
        time.sleep(0.3)
        assert d.log().count("t0: set-") == done
        d.rewrite("a.network", text.replace("Bridge=br0\n", ""))
        settled()


# Enforce=yes, and those who fight it.

def test_enforced():
    files = {"a.netdev": ENFORCED.format("t0", "MTUBytes=1400\n"), "a.network": network("t0", "10.0.0.1/24")}
    with Daemon(files):
        settled()
        ip("link", "set", "t0", "mtu", "1300")
        wait("the MTU", lambda: link("t0")["mtu"] == 1400, timeout=2)
        ip("address", "del", "10.0.0.1/24", "dev", "t0")
        wait("the address", lambda: addresses("t0") == ["10.0.0.1"], timeout=2)
        ip("link", "delete", "t0")
        wait("the device", lambda: link("t0"), timeout=2)
        settled()
        assert link("t0")["mtu"] == 1400 and addresses("t0") == ["10.0.0.1"]


FIGHT = """
import subprocess, sys, time
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    subprocess.run(sys.argv[2:], capture_output=True)
    time.sleep(0.05)
"""


def test_a_fight_is_a_slow_one():
    """Somebody deletes t0 and sets the MTU of t1, again and again; t2 has no part in it."""
    files = {"a.netdev": ENFORCED.format("t0", ""), "b.netdev": ENFORCED.format("t1", "MTUBytes=1400\n"),
             "c.netdev": ENFORCED.format("t2", "MTUBytes=1400\n")}
    seconds = 8
    with Daemon(files) as d:
        for name in ("t0", "t1", "t2"):
            settled(name)
        start = d.log().count("\n")
        fights = [subprocess.Popen([sys.executable, "-c", FIGHT, str(seconds), "ip", "link", *args])
                  for args in (("delete", "t0"), ("set", "t1", "mtu", "1300"))]
        pings = []
        while fights[0].poll() is None:
            pings.append(ping())
            time.sleep(0.05)
        for f in fights:
            f.wait()
        log = d.log().splitlines()[start:]
        made = sum("t0: create " in x for x in log)
        repaired = sum("t1: set-mtu " in x for x in log)
        print(f"  # {seconds} s of fights: {made} creations, {repaired} repairs; ping median "
              f"{statistics.median(pings) * 1000:.1f} ms, most {max(pings) * 1000:.1f} ms of {len(pings)}")
        assert 1 <= made <= 11 and 1 <= repaired <= 11, (made, repaired)
        assert any("t1: Put right 5 times within 10 s, and changed again: left alone" in x for x in log)
        assert not any("t2: Put right" in x for x in log)
        assert max(pings) < 1
        ip("link", "set", "t2", "mtu", "1300")
        wait("the one nobody fights about", lambda: link("t2")["mtu"] == 1400, timeout=2)
        wait_state("t0", "configured", timeout=17)
        wait_state("t1", "configured", timeout=17)
        assert link("t1")["mtu"] == 1400


# When a queue is attached: a packet that comes while it is, is lost.

def queue_calls(strace):
    """Attaching, detaching and attaching again, and bringing up, in their order."""
    words = {r"ioctl\(.*TUNSETIFF": "attach", r"ioctl\(.*TUNSETQUEUE": "detach",
             r"send\w+\(.*=RTM_(SET|NEW)LINK.*ifi_flags=IFF_UP\b": "up"}
    return [word for x in strace.lines() for pattern, word in words.items() if re.search(pattern, x)]


def traced(daemon, action):
    with Strace(daemon, "ioctl,sendto,sendmsg") as s:
        action()
    assert s.lines(), "strace saw nothing"
    return queue_calls(s)


def test_a_queue_is_attached_before_up():
    with Daemon() as d:
        d.write("a.network", network("t0"))
        assert traced(d, lambda: d.rewrite("a.netdev", mq("t0"))) == ["attach", "detach", "up"]
        settled()
        manager("Delete", "s", "t0")

        # One that is there already, and down.
        ip("tuntap", "add", "t0", "mode", "tun", "multi_queue", "user", "0")
        assert traced(d, d.reload) == ["attach", "detach", "up"]
        settled()
        assert prop("t0", "CarrierHeld", "TunTap")


def test_a_held_queue_is_not_attached_again():
    """Whatever else needs a queue; and one that is held later is attached on its own, and detached at once."""
    with Daemon({"a.netdev": mq("t0"), "a.network": network("t0")}) as d:
        settled()
        assert traced(d, d.reload) == []
        assert traced(d, lambda: manager("Reconfigure", "s", "t0")) == []
        assert traced(d, lambda: d.rewrite("a.netdev", mq("t0", user="65534"))) == []
        assert link("t0")["linkinfo"]["info_data"]["user"] in ("nobody", "65534", 65534)
        ip("link", "set", "t0", "down")
        wait_state("t0", "drifted")
        assert traced(d, lambda: manager("Reconfigure", "s", "t0")) == ["up"]

        without = mq("t0", user="65534").replace("KeepCarrier=yes\n", "")
        d.rewrite("a.netdev", without)
        assert not prop("t0", "CarrierHeld", "TunTap")
        assert traced(d, lambda: d.rewrite("a.netdev", mq("t0", user="65534"))) == ["attach", "detach"]
        settled()


# Orphans.

def test_orphans_are_pruned_when_asked():
    with Daemon({"a.netdev": mq("t0"), "b.netdev": mq("t1"), "c.netdev": mq("t2")}) as d:
        for name in ("t0", "t1", "t2"):
            settled(name)
        assert manager("Prune") == [[]]
        d.remove("a.netdev")
        d.remove("b.netdev")
        d.reload()
        assert state("t0") == state("t1") == "orphaned" and link("t0") and link("t1")
        d.stop(signal.SIGKILL)  # it is in the record
        d.start()
        wait_state("t0", "orphaned")
        assert sorted(manager("Prune")[0]) == ["t0", "t1"]
        assert link("t0") is None and link("t1") is None and state("t2") == "configured"
        assert state("t0") is None
        assert manager("Prune") == [[]]


def test_orphans_are_pruned_where_files_go_by_links():
    """With MACAddress= in a [Match] files and links are joined anew whenever links are read."""
    by_mac = "[Match]\nMACAddress=02:00:00:00:00:99\n[Link]\nGroup=7\n"
    with Daemon({"a.netdev": mq("t0"), "b.netdev": mq("t1"), "m.network": by_mac}) as d:
        settled("t0")
        d.remove("a.netdev")
        d.reload()
        assert state("t0") == "orphaned"
        assert manager("Prune") == [["t0"]]
        assert link("t0") is None and state("t1") == "configured"
        d.remove("b.netdev")
        d.reload()
        ip("tuntap", "add", "other", "mode", "tap", "user", "0")
        wait("other", lambda: state("other") == "unmanaged")
        assert state("t1") == "orphaned" and link("t1"), "pruning was asked for once"


def test_many_orphans_go_together():
    """In a link group that is theirs alone, since one by one each would take the kernel 16 ms."""
    ip("tuntap", "add", "other", "mode", "tap", "user", "0")
    ip("link", "set", "other", "group", "4711")
    names = [f"t{i}" for i in range(70)]
    with Daemon({f"{name}.netdev": mq(name) for name in names} | {"keep.netdev": mq("keep")}) as d:
        for name in names[-1], "keep":
            settled(name)
        for name in names:
            d.remove(f"{name}.netdev")
        d.reload()
        wait_state(names[-1], "orphaned")
        ip("link", "delete", names[3])
        with Strace(d, "sendto,sendmsg") as s:
            assert sorted(manager("Prune")[0]) == sorted(names[:3] + names[4:])
        deletions = [x for x in s.lines() if "=RTM_DELLINK" in x]
        assert len(deletions) == 3, deletions
        assert all("ifi_index=0," in x and "IFLA_GROUP" in x for x in deletions), deletions
        assert not any(link(name) for name in names)
        assert state("keep") == "configured" and link("other")["group"] == "4711"


def test_orphans_that_cannot_go_together_go_one_by_one():
    def prune(*more):
        """Three of them; what was sent."""
        with Daemon({f"t{i}.netdev": mq(f"t{i}") for i in range(3)}) as d:
            settled("t2")
            for i in range(3):
                d.remove(f"t{i}.netdev")
            d.reload()
            wait_state("t2", "orphaned")
            with Strace(d, "sendto", *more) as s:
                assert sorted(manager("Prune")[0]) == ["t0", "t1", "t2"]
            assert not any(link(f"t{i}") for i in range(3))
            return [x for x in s.lines() if "sendto(" in x]

    together = [n for n, x in enumerate(prune(), 1) if "=RTM_DELLINK" in x]
    assert len(together) == 1, together
    sent = prune("-e", f"inject=sendto:error=ENOMEM:when={together[0]}")
    deletions = [x for x in sent if "=RTM_DELLINK" in x]
    assert len(deletions) == 2 and "(INJECTED)" in deletions[0] and deletions[1].count("=RTM_DELLINK") == 3, deletions


def test_prune_never_takes_what_others_made():
    ip("tuntap", "add", "mine", "mode", "tap", "user", "0")  # foreign
    ip("tuntap", "add", "t0", "mode", "tap", "multi_queue", "user", "0")  # adopted
    ip("tuntap", "add", "near", "mode", "tap", "user", "0")  # configured, by name
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": network("near", "10.0.0.1/24")}) as d:
        settled("t0")
        settled("near")
        d.remove("a.netdev")
        d.remove("a.network")
        with Settings("[Daemon]\nRemoveUndeclared=yes\n"):
            d.reload()
            assert manager("Prune") == [[]]
            for name in ("mine", "t0", "near"):
                assert link(name) and state(name) == "unmanaged", (name, state(name))
        assert addresses("near") == []


def test_nothing_is_removed_while_a_file_fails():
    with Daemon({"a.netdev": mq("t0"), "b.netdev": mq("t1")}) as d, Settings("[Daemon]\nRemoveUndeclared=yes\n"):
        settled("t0")
        settled("t1")
        d.write("a.netdev", "[NetDev]\nName=t0\n")  # no Kind=
        d.remove("b.netdev")
        d.reload()
        assert link("t0") and link("t1") and state("t1") == "orphaned" and state("t0") == "configured"
        out = busctl("call", "org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager", "Prune")
        assert out.returncode != 0 and "A file could not be loaded" in out.stderr, out.stderr
        assert link("t1")
        d.write("a.netdev", mq("t0"))
        d.reload()
        assert link("t1") is None and state("t0") == "configured" and state("t1") is None


# Values that are put back.

LINK_KEYS = "[Link]\nMTUBytes=1400\nGroup=5\nTransmitQueueLength=77\nPromiscuous=yes\nAllMulticast=yes\n" \
    "MACAddress=02:00:00:00:00:77\n[Network]\nIPv4ReversePathFilter=loose\nIPv4ProxyARP=yes\nIPv6HopLimit=33\n"


def values(name):
    have = link(name)
    found = {k: have[k] for k in ("mtu", "group", "txqlen", "promiscuity", "allmulti", "address") if k in have}
    for key in ("ipv4/conf/{}/rp_filter", "ipv4/conf/{}/proxy_arp", "ipv6/conf/{}/hop_limit"):
        with open("/proc/sys/net/" + key.format(name), encoding="ascii") as f:
            found[key] = f.read().strip()
    return found


def test_values_are_put_back():
    ip("tuntap", "add", "near", "mode", "tap", "user", "0")
    ip("link", "set", "near", "mtu", "1300", "txqueuelen", "55", "group", "3")
    before = values("near")
    plain = {"a.network": network("t0"), "b.network": network("near", "10.0.0.1/24")}
    with Daemon({"a.netdev": mq("t0", "tap"), **plain}) as d:
        settled("t0")
        fresh = values("t0")
        d.write("a.network", network("t0", more=LINK_KEYS))
        d.rewrite("b.network", network("near", "10.0.0.1/24", more=LINK_KEYS.replace(":77", ":78")))
        settled("t0")
        settled("near")
        have = values("t0")
        assert (have["mtu"], have["group"], have["txqlen"], have["address"]) == (
            1400, "5", 77, "02:00:00:00:00:77"), have
        assert have["promiscuity"] == 1 and have["ipv6/conf/{}/hop_limit"] == "33", have
        assert have["ipv4/conf/{}/rp_filter"] == "2" and have["ipv4/conf/{}/proxy_arp"] == "1", have

        # Over a restart and a death; and what somebody else set meanwhile is his.
        d.stop()
        d.start()
        settled("t0")
        d.stop(signal.SIGKILL)
        ip("link", "set", "t0", "txqueuelen", "99")
        for name, text in plain.items():
            d.write(name, text)
        d.start()
        settled("t0")
        settled("near")
        have = values("t0")
        assert have["txqlen"] == 99 and {**have, "txqlen": fresh["txqlen"]} == fresh, (have, fresh)
        have = values("near")
        assert have == before, (have, before)

        # Again, now with the file for a link of others gone as a whole.
        d.rewrite("b.network", network("near", "10.0.0.1/24", more=LINK_KEYS.replace(":77", ":78")))
        settled("near")
        assert values("near") != before
        d.remove("b.network")
        d.reload()
        assert state("near") == "unmanaged" and values("near") == before and addresses("near") == []


def test_killed_at_any_time():
    """However often it dies while it works, what it set is put back when no file wants it any more."""
    ip("tuntap", "add", "near", "mode", "tap", "user", "0")
    before = values("near")
    files = {"a.netdev": mq("t0", "tap"), "a.network": network("t0", "10.0.0.1/24", more=LINK_KEYS),
             "b.network": network("near", "10.0.1.1/24", more=LINK_KEYS.replace(":77", ":78"))}
    d = Daemon(files)
    rng = random.Random(4711)
    killed = 0
    for i in range(12):
        for name in ("a.network", "b.network"):
            text = files[name]
            d.write(name, text if i % 2 == 0 else text.split("[Link]")[0])
        d.start(wait_bus=False)
        time.sleep(rng.uniform(0.004, 0.03))
        d.stop(signal.SIGKILL)
        killed += 1
    d.remove("b.network")
    d.write("a.network", network("t0"))
    with d:
        settled("t0")
        wait("near to be let go", lambda: state("near") == "unmanaged")
        have = values("t0")
        assert (have["mtu"], have["group"], have["promiscuity"], have["ipv4/conf/{}/proxy_arp"]) == (
            1500, "default", 0, "0"), have
        assert have["txqlen"] == 1000 and addresses("t0") == [], have
        assert values("near") == before and addresses("near") == [], (values("near"), before)
        assert link("t0")["linkinfo"]["info_data"]["numdisabled"] == 1


def test_a_record_that_cannot_be_written_is_tried_again():
    with Daemon() as d:
        os.mkdir(d.dir + "/state/links")  # no rename goes over it
        d.rewrite("a.netdev", mq("t0"))
        settled()
        d.reload()
        assert d.log().count("Cannot write") == 1, d.log()
        os.rmdir(d.dir + "/state/links")
        d.reload()
        with open(d.dir + "/state/links", encoding="ascii") as f:
            assert f"made t0 {link('t0')['ifindex']}" in f.read()


def test_reloaded_before_it_is_made_anew():
    """What was to be destroyed and was not is as much netdevd's own as before, whenever the reload comes."""
    multi, single = mq("t0", "tap"), SINGLE.format("t0")
    with Daemon({"a.netdev": multi}) as d:
        settled()
        for i in range(24):
            wanted = multi if link("t0")["linkinfo"]["info_data"].get("multi_queue") is False else single
            d.rewrite("a.netdev", wanted)
            wait_state("t0", "blocked")
            with subprocess.Popen(["busctl", "call", "org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager",
                                   "Recreate", "s", "t0"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as call:
                time.sleep(0.002 + i * 0.0005)
                os.kill(d.process.pid, signal.SIGHUP)
                call.wait(10)
            d.reload()
            with open(d.dir + "/state/links", encoding="ascii") as f:
                assert f"made t0 {link('t0')['ifindex']}" in f.read(), i


def test_records_that_are_stale():
    """What it says is of a device that is no more, or of another namespace."""
    plain = network("t0", "10.0.0.1/24")
    with Daemon({"a.netdev": SINGLE.format("t0"), "a.network": plain + LINK_KEYS, "b.netdev": mq("t1", "tap")}) as d:
        settled("t0")
        settled("t1")
        mtu = link("t0")["mtu"]
        d.stop(signal.SIGKILL)

        # Others made both anew, and gave one the very values that the record knows as its own.
        for name in ("t0", "t1"):
            ip("link", "delete", name)
            ip("tuntap", "add", name, "mode", "tap", "user", "0")
        ip("link", "set", "t0", "mtu", str(mtu), "group", "5", "txqueuelen", "77")
        d.write("a.network", plain)
        d.remove("b.netdev")
        d.start()
        settled("t0")
        have = values("t0")
        assert (have["mtu"], have["group"], have["txqlen"]) == (mtu, "5", 77), have
        assert state("t1") == "unmanaged" and manager("Prune") == [[]] and link("t1")

        # A device of its own, that the same record in another namespace says nothing about.
        d.rewrite("b.netdev", mq("t2", "tap"))
        settled("t2")
        d.remove("b.netdev")
        d.stop()
        d.wrapper = ("unshare", "--net", "sh", "-c", 'ip tuntap add t2 mode tap user 0; exec "$@"', "sh")
        d.start()
        wait_state("t2", "unmanaged")
        assert manager("Prune") == [[]] and state("t2") == "unmanaged"

        # One that cannot be read costs no device.
        d.stop()
        d.wrapper = ()
        for name in os.listdir(d.dir + "/state"):
            if os.path.isfile(f"{d.dir}/state/{name}"):
                with open(f"{d.dir}/state/{name}", "wb") as f:
                    f.write(b"netns 1\nmade t2\n\0\xff set\n")
        d.start()
        settled("t0")
        assert link("t2") and state("t2") == "unmanaged" and manager("Prune") == [[]]


# What waits for a program.

def test_all_waits_for_the_only_queue():
    """Owner, group and flags of a single-queue device change when the program behind it goes; the rest at once."""
    text = SINGLE.format("t0")
    with Daemon({"a.netdev": text, "a.network": network("t0", "10.0.0.1/24")}) as d:
        settled()
        fd = attach("t0", IFF_TAP | IFF_NO_PI)
        index = link("t0")["ifindex"]
        d.write("a.network", network("t0", "10.0.0.2/24", more="[Link]\nMTUBytes=1400\n"))
        text = text.replace("User=0\n", "User=4711\nGroup=4712\nVNetHeader=yes\n")
        with Strace(d, "ioctl") as s:
            d.rewrite("a.netdev", text)
        assert not [x for x in s.lines() if "TUNSET" in x and "EBUSY" not in x], s.lines()
        assert state("t0") == "blocked"
        error = prop("t0", "LastError")
        assert error[1:3] == [d.dir + "/etc/a.netdev", line_of(text, "VNetHeader=yes")], error
        assert "a program holds the device with PacketInfo=no, VNetHeader=no" in error[3], error
        assert "a program holds the only queue; owner, group" in str(drift("t0")), drift("t0")
        assert addresses("t0") == ["10.0.0.2"] and link("t0")["mtu"] == 1400
        assert prop("t0", "OwnerUID", "TunTap") == 0
        os.close(fd)
        settled()
        have = link("t0")["linkinfo"]["info_data"]
        assert (str(have["user"]), str(have["group"]), have["vnet_hdr"]) == ("4711", "4712", True), have
        assert link("t0")["ifindex"] == index


# Carrier and activation.

def test_configured_with_carrier_only():
    text = network("t0", "10.0.0.1/24", more="ConfigureWithoutCarrier=no\n")
    with Daemon({"a.netdev": SINGLE.format("t0"), "a.network": text}) as d:
        wait_state("t0", "blocked")
        error = prop("t0", "LastError")
        assert error[1:3] == [d.dir + "/etc/a.network", line_of(text, "ConfigureWithoutCarrier=no")], error
        assert "no carrier" in error[3] and addresses("t0") == [] and is_up("t0")
        for _ in range(2):
            fd = attach("t0", IFF_TAP | IFF_NO_PI)
            wait("the address", lambda: addresses("t0") == ["10.0.0.1"], timeout=2)
            wait_state("t0", "configured")
            os.close(fd)
            wait("no address", lambda: addresses("t0") == [], timeout=2)
            wait_state("t0", "blocked")


def test_carrier_loss_ignored_for_a_time():
    text = network("t0", "10.0.0.1/24", more="IgnoreCarrierLoss=2s\n")
    with Daemon({"a.netdev": SINGLE.format("t0"), "a.network": text}):
        wait("t0", lambda: state("t0") in ("configured", "blocked"))
        fd = attach("t0", IFF_TAP | IFF_NO_PI)
        wait_state("t0", "configured")
        assert addresses("t0") == ["10.0.0.1"]
        os.close(fd)
        time.sleep(1)
        assert addresses("t0") == ["10.0.0.1"]
        fd = attach("t0", IFF_TAP | IFF_NO_PI)  # back in time
        time.sleep(1.5)
        assert addresses("t0") == ["10.0.0.1"] and state("t0") == "configured"
        start = time.monotonic()
        os.close(fd)
        wait("no address", lambda: addresses("t0") == [], timeout=4)
        took = time.monotonic() - start
        assert 1.5 < took < 3.5, took


def test_carrier_loss_not_ignored():
    text = network("t0", "10.0.0.1/24", more="IgnoreCarrierLoss=no\n")
    with Daemon({"a.netdev": SINGLE.format("t0"), "a.network": text}):
        wait("t0", lambda: state("t0") in ("configured", "blocked"))
        fd = attach("t0", IFF_TAP | IFF_NO_PI)
        wait("the address", lambda: addresses("t0") == ["10.0.0.1"], timeout=2)
        os.close(fd)
        wait("no address", lambda: addresses("t0") == [], timeout=2)


def test_bound_to_the_carrier_of_others():
    need("veth")
    ip("link", "add", "up0", "type", "veth", "peer", "name", "down0")
    with Daemon({"a.netdev": mq("t0"), "a.network": network("t0", "10.0.0.1/24", more="BindCarrier=up*\n")}) as d:
        wait("t0", lambda: state("t0") == "configured")
        assert not is_up("t0")
        for _ in range(2):
            ip("link", "set", "up0", "up")
            ip("link", "set", "down0", "up")
            wait("t0 up", lambda: is_up("t0"), timeout=2)
            wait("its address", lambda: addresses("t0") == ["10.0.0.1"], timeout=2)
            ip("link", "set", "down0", "down")
            wait("t0 down", lambda: not is_up("t0"), timeout=2)
        d.rewrite("a.network", network("t0", "10.0.0.1/24", more="BindCarrier=t1\n"))
        d.write("b.netdev", mq("t1"))
        d.rewrite("b.network", network("t1"))
        wait("t0 up, bound to a device of ours", lambda: is_up("t0"), timeout=2)
        ip("link", "set", "t1", "down")
        wait("t0 down", lambda: not is_up("t0"), timeout=2)


def test_activation_policies():
    policies = ("up", "always-up", "manual", "down", "always-down")
    names = {p: f"t{i}" for i, p in enumerate(policies)}
    files = {}
    for policy, name in names.items():
        files[name + ".netdev"] = mq(name)
        files[name + ".network"] = f"[Match]\nName={name}\n[Link]\nActivationPolicy={policy}\n[Network]\n" \
            "Address=10.0.0.1/24\n"

    def up():
        return {p for p, name in names.items() if is_up(name)}

    with Daemon(files) as d:
        for name in names.values():
            settled(name)
        assert up() == {"up", "always-up"}, up()
        for policy, name in names.items():
            ip("link", "set", name, "down" if policy.endswith("up") else "up")
        wait("the policies that always hold", lambda: up() == {"always-up", "manual", "down"}, timeout=2)
        time.sleep(0.3)
        assert up() == {"always-up", "manual", "down"}, up()
        wait_state(names["up"], "drifted")
        wait_state(names["down"], "drifted")
        assert state(names["manual"]) == state(names["always-up"]) == state(names["always-down"]) == "configured"
        d.reload()
        assert up() == {"up", "always-up", "manual"}, up()


if __name__ == "__main__":
    daemon_harness.run(globals())
