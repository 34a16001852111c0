#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Storms: links that flap, devices and routes of others that come and go by the thousand, and events lost in them.
The daemon answers all the time, its memory is no more after the second round than after the first, and at the end it
knows what is there.

$SCALE=1 is the whole: 100,000 flaps, 10,000 devices, 200,000 routes. Figures are printed; of time only what is out of
all proportion fails."""

import contextlib
import os
import signal
import time

import daemon_harness
from daemon_harness import (Daemon, NotHere, Strace, addresses, drift, has_link_type, ip, ip_batch, ip_json, is_up,
                            manager, mq, network, state, wait, wait_state)
from measures import Pinger, cpu_seconds, has_sanitizer, lost_events, return_freed_memory, usage

SCALE = float(os.environ.get("SCALE") or 0.1)
FLAPS, DEVICES, ROUTES = (int(n * SCALE) for n in (100000, 10000, 200000))
VETHS = 10  # pairs whose links flap
AT_ONCE = 30  # links deleted at once: the kernel lets nobody else in meanwhile

PING_MS = 2000  # the longest that an answer may take
GROWTH_BYTES = 1 << 20  # of the daemon's memory, from the first round to the second

FILES = {
    "a.netdev": mq("t0", "tap", more="").replace("Kind=tap\n", "Kind=tap\nEnforce=yes\nMTUBytes=1400\n"),
    "a.network": network("t0", "10.0.0.1/24", more="[Route]\nDestination=10.8.0.0/16\nGateway=10.0.0.2\n"),
    "b.netdev": mq("t1", "tap"),
    "b.network": network("t1", "10.0.1.1/24", more="[Route]\nDestination=10.9.0.0/16\nGateway=10.0.1.2\n"),
    "c.netdev": mq("t2"),
    "c.network": network("t2", "10.0.2.1/24").replace("[Network]", "[Link]\nActivationPolicy=always-up\n[Network]"),
    # Which file is for which link has to be found anew whenever a link comes or goes.
    "z.network": "[Match]\nMACAddress=02:00:00:00:77:77\n[Network]\nAddress=10.0.3.1/24\n",
}
OURS = ("t0", "t1", "t2")


def devices():
    return [row[0] for row in manager("ListDevices")[0]]


def flaps(n):
    """Links of others, one of them a tun device, and one of ours; all are up at the end."""
    names = [f"f{i}" for i in range(VETHS)] + ["o0", "t1"]
    for i in range(n):
        for what in ("down", "up"):
            yield f"link set {names[i % len(names)]} {what}"


def others(n):
    """Four of five are TUN/TAP devices, which the daemon speaks of; each bunch is a link group."""
    for i in range(0, n, 10):
        for j in range(8):
            yield f"tuntap add dev x{i + j} mode {'tap' if j % 2 else 'tun'}"
            yield f"link set x{i + j} group {1000 + i // AT_ONCE}"
        yield f"link add x{i + 8} group {1000 + i // AT_ONCE} type veth peer name x{i + 9}"


def storm_of_flaps(_daemon):
    ip_batch(flaps(FLAPS))
    wait_state("o0", "unmanaged")
    wait_state("t1", "drifted")
    assert drift("t1") == ["add-route 10.9.0.0/16 via 10.0.1.2"], drift("t1")


def make_devices():
    ip_batch(others(DEVICES))


def delete_devices():
    for group in range(0, DEVICES, AT_ONCE):
        ip("link", "delete", "group", str(1000 + group // AT_ONCE))


def check_devices():
    n = len(OURS) + 1 + sum(i % 10 < 8 for i in range(DEVICES))
    wait(f"{n} devices", lambda: len(devices()) == n, timeout=60)
    last = f"x{(DEVICES - 1) // 10 * 10 + 7}"
    assert state(last) == "unmanaged"
    assert addresses(last) == []


def storm_of_devices(_daemon):
    make_devices()
    check_devices()
    delete_devices()
    wait("only ours", lambda: sorted(devices()) == ["o0", *OURS], timeout=60)


def storm_of_routes(_daemon):
    routes = [f"100.{64 + i // 65536}.{i // 256 % 256}.{i % 256}/32 dev f0" for i in range(ROUTES)]
    ip_batch("route add " + r for r in routes)
    ip_batch("route del " + r for r in routes)


def storm_of_lost_events(daemon):
    """All of this at once, with more events than the socket has room for while the daemon does not run."""
    pid = daemon.process.pid
    lost = lost_events(pid)
    with held(daemon):
        make_devices()
        for i in range(1000):
            if lost_events(pid) > lost:
                break
            ip_batch(f"link set x{j} mtu {1000 + i % 2}" for j in range(min(1000, DEVICES)) if j % 10 < 8)
        assert lost_events(pid) > lost, "the socket never overflows"
        ip("link", "set", "t0", "mtu", "1300")
        ip("route", "del", "10.9.0.0/16")
    wait("the MTU", lambda: ip_json("link", "show", "t0")[0]["mtu"] == 1400)
    check_devices()
    wait_state("t1", "drifted")
    delete_devices()
    wait("only ours", lambda: sorted(devices()) == ["o0", *OURS], timeout=60)


@contextlib.contextmanager
def held(daemon):
    daemon.process.send_signal(signal.SIGSTOP)
    yield
    daemon.process.send_signal(signal.SIGCONT)


STORMS = {storm_of_flaps: f"{FLAPS} flaps", storm_of_devices: f"{DEVICES} devices",
          storm_of_routes: f"{ROUTES} routes", storm_of_lost_events: "events lost"}


def run_storm(daemon, what, storm):
    used, start = cpu_seconds(daemon.process.pid), time.monotonic()
    with contextlib.nullcontext() if storm is storm_of_lost_events else Pinger() as pinger:
        storm(daemon)
    took, used = time.monotonic() - start, cpu_seconds(daemon.process.pid) - used
    print(f"  # {what}: {took:.1f} s, {used:.1f} s of CPU" + (f"; {pinger}" if pinger else ""), flush=True)
    assert not pinger or pinger.daemon.at(1) < PING_MS, "an answer took too long"


def settle(daemon):
    """As the files say, and nothing else is there."""
    daemon.reload()
    for name in OURS:
        wait_state(name, "configured")
    assert sorted(devices()) == ["o0", *OURS]
    assert manager("Diff") == [[]]
    assert all(is_up(name) and drift(name) == [] for name in OURS)
    assert [addresses(name) for name in OURS] == [["10.0.0.1"], ["10.0.1.1"], ["10.0.2.1"]]
    assert {r["dst"] for r in ip_json("route", "show", "proto", "110")} == {"10.8.0.0/16", "10.9.0.0/16"}


def test_storms():
    if not has_link_type("veth"):
        raise NotHere("this kernel makes no links of type veth")
    ip_batch(f"link add f{i} type veth peer name g{i}" for i in range(VETHS))
    ip_batch(f"link set {x}{i} up" for i in range(VETHS) for x in "fg")
    ip("tuntap", "add", "dev", "o0", "mode", "tun")
    ip("link", "set", "o0", "up")
    return_freed_memory()
    with Daemon(FILES) as daemon:
        settle(daemon)
        resident = [usage(daemon.process.pid)[1]]
        with Pinger() as pinger:
            time.sleep(1)
        print(f"  # nothing happens: {pinger}", flush=True)
        for _ in range(2):
            for storm, what in STORMS.items():
                run_storm(daemon, what, storm)
                settle(daemon)
            resident.append(usage(daemon.process.pid)[1])
        print("  # resident before and after each round: " + ", ".join(f"{x >> 10} KiB" for x in resident))
        # With a sanitizer freed memory is kept for a while; that finds leaks itself, at the end.
        assert has_sanitizer(daemon.process.pid) or resident[2] - resident[1] < GROWTH_BYTES, "it has grown"


def test_many_at_once():
    """A hundred links that changed are read one by one: to read all is in vain while more come and go, and all wait
    meanwhile."""
    with Daemon({"a.netdev": mq("t0")}) as daemon:
        wait_state("t0", "configured")
        with Strace(daemon, "sendto") as strace:
            with held(daemon):
                ip_batch(f"tuntap add dev x{i} mode tun" for i in range(100))
            wait("all of them", lambda: len(devices()) == 101)
            asked = [line for line in strace.lines() if "RTM_GETLINK" in line]
        assert state("x99") == "unmanaged"
        assert len(asked) >= 100 and not [line for line in asked if "NLM_F_DUMP" in line], asked[-3:]


if __name__ == "__main__":
    daemon_harness.run(globals())
