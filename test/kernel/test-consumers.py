#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a program does to the device it is behind, as its owner without any privilege, with the queue that it has: it
makes it not persistent, gives it away, puts its carrier off, and so on; and root renames it. The table on top says what
becomes of it, with and without Enforce=yes, on a device that is up and on one that is down. What is told by the kernel
is listened for beside netdevd: that has to be noticed at once, all else when the kernel next tells of the link, and by
`netdevctl diff` at any time.

Needs root, for it makes itself other users."""

import contextlib
import fcntl
import os
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass

import daemon_harness
from daemon_harness import (IFF_MULTI_QUEUE, IFF_NO_PI, IFF_TAP, IFF_TUN, Daemon, attach, changes, drift, ip, link,
                            network, prop, state, wait, wait_state)
from raw_bus import GROUP, OWNER, STRANGER, identity

TUNSETPERSIST, TUNSETOWNER, TUNSETGROUP, TUNSETCARRIER = 0x400454CB, 0x400454CC, 0x400454CE, 0x400454E2
SIOCSIFNAME, SIOCSIFHWADDR = 0x8923, 0x8924
RTM_NEWLINK, RTMGRP_LINK = 16, 1

LATE = 2.5  # seconds: on a quiet machine the kernel tells of carrier up to one late

MAC, OTHER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"


def set_mac(fd, name):
    address = bytes.fromhex(OTHER_MAC.replace(":", ""))
    fcntl.ioctl(fd, SIOCSIFHWADDR, struct.pack("16sH6s16x", name.encode(), 1, address))


def put_carrier_off(fd, _):
    fcntl.ioctl(fd, TUNSETCARRIER, struct.pack("i", 0))


def rename(_, name):
    with socket.socket() as s:
        fcntl.ioctl(s, SIOCSIFNAME, struct.pack("16s16s8x", name.encode(), ("r" + name).encode()))


def data(what):
    return lambda x: x["linkinfo"]["info_data"].get(what)


@dataclass
class Row:
    act: object  # with a queue and the name of the device
    value: object  # of the link, by which one sees it
    drift: str  # what is reported; {0} is the device
    lines: str = ""  # more of the file's [Tun] or [Tap]
    kind: str = "tun"
    as_root: bool = False  # the kernel lets no mere owner
    only_enforced: bool = False  # else it is the program's own affair, and only a property
    can_be_repaired: bool = True


# Short names: they are those of devices.
ROWS = {
    "persist": Row(lambda fd, _: fcntl.ioctl(fd, TUNSETPERSIST, 0), data("persist"), "set-persist yes"),
    "owner": Row(lambda fd, _: fcntl.ioctl(fd, TUNSETOWNER, STRANGER), data("user"), f"set-owner uid {OWNER}"),
    "group": Row(lambda fd, _: fcntl.ioctl(fd, TUNSETGROUP, STRANGER), data("group"), f"set-group gid {GROUP}",
                 lines=f"Group={GROUP}\n"),
    # The kernel can set a group, but not clear one.
    "nogrp": Row(lambda fd, _: fcntl.ioctl(fd, TUNSETGROUP, STRANGER), data("group"),
                 f"conflict has group {STRANGER}, none is wanted, and the kernel cannot clear it",
                 can_be_repaired=False),
    "mac": Row(set_mac, lambda x: x["address"], "set-mac " + MAC, kind="tap"),
    "carr": Row(put_carrier_off, lambda x: changes(x["ifname"]) % 2,  # also of a link that is down
                "raise-carrier put off by a program", only_enforced=True),
    "name": Row(rename, lambda x: x["ifname"], "rename from r{0}", as_root=True),
}


@dataclass
class Case:
    """One device."""
    name: str
    row: Row
    enforce: bool
    up: bool
    fd: int = -1
    index: int = 0
    before: object = None
    told: bool = False  # by the kernel

    def file(self, keep_carrier):
        kind = self.row.kind
        mac = f"MACAddress={MAC}\n" if kind == "tap" else ""
        return (f"[NetDev]\nName={self.name}\nKind={kind}\nEnforce={'yes' if self.enforce else 'no'}\n{mac}"
                f"[{kind.capitalize()}]\nMultiQueue=yes\nKeepCarrier={keep_carrier}\nUser={OWNER}\n{self.row.lines}")

    def link(self):
        """Whatever it is called now."""
        return link(self.name) or link("r" + self.name)

    def is_changed(self):
        return self.row.value(self.link()) != self.before

    def is_for_netdevd(self):
        return self.enforce or not self.row.only_enforced

    def wanted_drift(self):
        return self.row.drift.format(self.name)

    def has_drift(self):
        return any(x.startswith(self.wanted_drift()) for x in drift(self.name))

    def is_reported(self):
        return state(self.name) == "drifted" and self.has_drift()

    def run(self):
        """The program; it stays."""
        flags = (IFF_TAP if self.row.kind == "tap" else IFF_TUN) | IFF_NO_PI | IFF_MULTI_QUEUE
        self.index = link(self.name)["ifindex"]
        with identity(OWNER, groups=[GROUP]):
            self.fd = attach(self.name, flags)

    def act(self):
        self.before = self.row.value(self.link())
        with identity(0 if self.row.as_root else OWNER):
            self.row.act(self.fd, self.name)

    def leave(self):
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1


class Told:
    """Of which links the kernel tells while this is there."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind((0, RTMGRP_LINK))
        self.socket.setblocking(False)
        return self

    def indices(self):
        found = set()
        with contextlib.suppress(BlockingIOError):
            while True:
                message = self.socket.recv(65536)
                _, kind, _, _, _, _, _, index = struct.unpack_from("=IHHIIBxHi", message)
                if kind == RTM_NEWLINK:
                    found.add(index)
        return found

    def __exit__(self, *args):
        self.socket.close()


def make_cases():
    return [Case(f"{what}{'E' if enforce else ''}{'u' if up else 'd'}", row, enforce, up)
            for what, row in ROWS.items() for enforce in (False, True) for up in (False, True)]


def ctl_diff(d, *names):
    out = subprocess.run([os.environ["NETDEVCTL"], f"--config-dir={d.dir}/etc", f"--state-dir={d.dir}/state", "diff",
                          *names], capture_output=True, text=True, check=False)
    assert out.returncode in (0, 3), out.stderr
    return out.stdout


@contextlib.contextmanager
def programs(cases, keep_carrier="yes"):
    """Each device with a program behind it, and nothing left to do or to be told."""
    files = {c.name + ".netdev": c.file(keep_carrier) for c in cases}
    files.update({c.name + ".network": network(c.name, more="" if c.up else "[Link]\nActivationPolicy=manual\n")
                  for c in cases})
    with Daemon(files) as d:
        for c in cases:
            wait_state(c.name, "configured")
            c.run()
        for c in cases:
            wait("the program of " + c.name, lambda c=c: not c.up or prop(c.name, "ConsumerAttached", "TunTap"))
        time.sleep(LATE)
        try:
            yield d
        finally:
            for c in cases:
                c.leave()


def check_untold(d, c):
    """Who reads the kernel sees it; netdevd does with the next event, which being brought up makes."""
    assert c.is_changed(), "nobody could have put it back"
    if not c.row.only_enforced:  # carriers only the daemon can keep, and netdevctl is silent about them
        assert f"{c.name} {c.wanted_drift()}" in ctl_diff(d, c.name), ctl_diff(d, c.name)
    ip("link", "set", c.name, "up")


def check(d, c):
    # Of one that is up all is told, but of its carrier when the kernel gets to it, which is busy with all links of the
    # machine.
    if not c.told and not c.up:
        check_untold(d, c)
    if not c.is_for_netdevd():
        wait("a property to tell of it", lambda: prop(c.name, "CarrierState") == "no-carrier")
        assert drift(c.name) == [] and state(c.name) == "configured" and c.is_changed()
        return
    if c.enforce and c.row.can_be_repaired:
        wait("its repair", lambda: not c.is_changed())
        wait_state(c.name, "configured")
        assert drift(c.name) == []
        assert f"{c.name}: Drifted; put right at once: {c.wanted_drift()}" in d.log()
    else:
        wait("its report", c.is_reported)
        assert c.is_changed()
        assert f"{c.name}: Drifted; a reload would: {c.wanted_drift()}" in d.log()


def test_what_programs_do():
    cases = make_cases()
    with programs(cases) as d:
        with Told() as told:
            for c in cases:
                c.act()
            time.sleep(LATE)
            indices = told.indices()
        for c in cases:
            c.told = c.index in indices
            try:
                check(d, c)
            except AssertionError as e:
                raise AssertionError(f"{c}: {e}; {state(c.name)}, {drift(c.name)}") from e
        for what, row in ROWS.items():
            told = [c.told for c in cases if c.row is row and not c.enforce]
            print(f"# {what}: the kernel tells of it down {told[0]}, up {told[1]}", flush=True)

        d.reload()
        for c in cases:
            if c.is_for_netdevd() and c.row.can_be_repaired:
                wait_state(c.name, "configured")
                assert not c.is_changed() and drift(c.name) == [], c
        assert all(link(c.name)["ifindex"] == c.index for c in cases), "one was made anew"


def test_what_an_owner_may_not():
    """Else the table would say too much of root."""
    cases = [c for c in make_cases() if c.row.as_root]
    with programs(cases):
        for c in cases:
            with identity(OWNER):
                try:
                    c.row.act(c.fd, c.name)
                    raise AssertionError(f"{c}: it may")
                except PermissionError:
                    pass


def test_unpersisted_and_left():
    """The device goes with its program: it is missing, or with Enforce=yes made anew. netdevd's own queue would keep
    it, so without KeepCarrier=."""
    cases = [c for c in make_cases() if c.row is ROWS["persist"] and not c.up]
    with programs(cases, keep_carrier="no") as d:
        for c in cases:
            c.act()
            c.leave()
            if c.enforce:
                wait("another device", lambda c=c: (link(c.name) or {"ifindex": c.index})["ifindex"] != c.index)
                wait_state(c.name, "configured")
            else:
                wait_state(c.name, "missing")
                assert link(c.name) is None and f"{c.name}: Its link was deleted" in d.log()


PUT_CARRIER_OFF = """
import fcntl, struct, sys, time
fcntl.ioctl(int(sys.argv[1]), {}, struct.pack("i", 0))
time.sleep(30)
"""


def test_only_queue_lent():
    """There is no second queue by which it could be done."""
    with Daemon({"a.netdev": "[NetDev]\nName=t0\nKind=tun\nEnforce=yes\n[Tun]\nKeepCarrier=yes\nUser=0\n",
                 "a.network": network("t0")}) as d:
        wait_state("t0", "configured")
        before = changes("t0")
        with subprocess.Popen([os.environ["NETDEVCTL"], "exec", "t0", "--", sys.executable, "-c",
                               PUT_CARRIER_OFF.format(TUNSETCARRIER), "{fds}"]) as program:
            wait("carrier off and on", lambda: changes("t0") == before + 2)
            assert program.poll() is None and prop("t0", "Leases", "TunTap") != []
            wait_state("t0", "configured")
            program.kill()
        assert "raise-carrier put off by a program" in d.log()


if __name__ == "__main__":
    if os.geteuid() != 0:
        daemon_harness.skip("needs root")
    daemon_harness.run(globals())
