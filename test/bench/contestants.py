# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who makes the devices: what each needs to be run, and how it is told that it has made them all.

All make the same: persistent multi-queue tun devices of user and group 1000, up, with one IPv4 address, and but for
ip(8), which cannot, with a queue held open for the carrier."""

import contextlib
import dataclasses
import os
import pathlib
import select
import socket
import struct
import subprocess
import time

from machine import PREFIX, Failed, verify

NETWORKD = "/lib/systemd/systemd-networkd"
NETWORKD_FILES = pathlib.Path("/etc/systemd/network")
NETWORKD_STATES = pathlib.Path("/run/systemd/netif/links")
DONE_TIMEOUT = 300

RTMGRP_IPV4_IFADDR = 0x10
RTM_NEWADDR = 20
SO_RCVBUFFORCE = 33


def address(i):
    return f"10.{i >> 8}.{i & 255}.1/32"


def write_files(directory, count, noqueue=False, link="", network=""):
    """link, network: further lines of these sections of the .network files."""
    link = ("QDisc=noqueue\n" if noqueue else "") + link
    for i in range(count):
        name = f"{PREFIX}{i}"
        (directory / f"50-{name}.netdev").write_text(
            f"[NetDev]\nName={name}\nKind=tun\n\n"
            "[Tun]\nMultiQueue=yes\nKeepCarrier=yes\nUser=1000\nGroup=1000\n")
        (directory / f"50-{name}.network").write_text(
            f"[Match]\nName={name}\n\n" + (f"[Link]\n{link}\n" if link else "") +
            f"[Network]\nAddress={address(i)}\n{network}")


class Addresses:
    """Sees IPv4 addresses come. It is how we learn that those are done who do not say so."""

    def __init__(self, count):
        self.count = count
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        self.socket.bind((0, RTMGRP_IPV4_IFADDR))

    def wait(self, process):
        """Seconds from the start to the last address, or to when all links are up, where that is later."""
        seen, end = 0, time.monotonic() + DONE_TIMEOUT
        while seen < self.count:
            waited_for = [self.socket, process.notify, process.pidfd]
            readable = select.select(waited_for, [], [], max(0, end - time.monotonic()))[0]
            if self.socket in readable:
                seen += self.read()
            elif process.notify in readable:
                process.receive()  # it waits when nobody listens
            elif readable:
                raise process.ended()
            else:
                raise Failed(f"{seen} addresses of {self.count} after {DONE_TIMEOUT} s")
        while True:
            now = time.monotonic()
            with contextlib.suppress(Failed):
                verify(self.count, carrier=False)
                return now - process.start
            if now > end:
                raise Failed(f"not all links are up after {DONE_TIMEOUT} s")

    def read(self):
        data, at, found = self.socket.recv(1 << 18), 0, 0
        while at < len(data):
            length, kind = struct.unpack_from("<IH", data, at)
            found += kind == RTM_NEWADDR
            at += (length + 3) & ~3
        return found

    def close(self):
        self.socket.close()


def networkd_states():
    """Of each link; a file that it is just writing has another name in a moment."""
    for path in NETWORKD_STATES.glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError):
            yield path.read_text()


class Configured(Addresses):
    """For networkd, which is ready before it begins: its own word for each link, after the last address so as not to
    disturb it before."""

    def wait(self, process):
        super().wait(process)
        while sum("ADMIN_STATE=configured\n" in text for text in networkd_states()) < self.count:
            process.listen(0.02)
        return time.monotonic() - process.start


class Ready:
    """For those that tell their service manager."""

    def __init__(self, _count):
        pass

    def wait(self, process):
        return process.wait_ready()

    def close(self):
        pass


def run_netdevd(paths, directory, count, noqueue):
    network = directory / "network"
    network.mkdir()
    write_files(network, count, noqueue)
    return [paths["netdevd"], f"--config-dir={network}", f"--state-dir={directory / 'state'}", "--no-bus"]


def run_floor(paths, _directory, count, noqueue):
    return [paths["floor"], PREFIX, str(count)] + (["--noqueue"] if noqueue else [])


def make_room_for_networkd():
    """No file of this machine, and an empty /run that its user may write to."""
    for directory in ("/run", NETWORKD_FILES, "/lib/systemd/network", "/usr/lib/systemd/network"):
        if os.path.isdir(directory):
            subprocess.run(["mount", "-t", "tmpfs", "none", directory], check=True)
    for directory in ("/run/systemd", "/run/systemd/netif", NETWORKD_STATES, "/run/systemd/netif/leases"):
        os.mkdir(directory)
        subprocess.run(["chown", "systemd-network:", directory], check=True)


def make_sys_read_only():
    """Which networkd takes for a sign that there is no udev to wait for."""
    subprocess.run(["mount", "-o", "remount,bind,ro", "/sys"], check=True)


def run_networkd(_paths, _directory, count, _noqueue):
    """Without what it would wait for, twelve seconds: routers, which netdevd leaves to the kernel."""
    make_room_for_networkd()
    make_sys_read_only()
    write_files(NETWORKD_FILES, count, network="IPv6AcceptRA=no\n")
    return [NETWORKD]


def run_ip(_paths, directory, count, _noqueue):
    """Its last command never ends, so that what it used can be read."""
    batch = directory / "batch"
    lines = [f"tuntap add dev {PREFIX}{i} mode tun multi_queue user 1000 group 1000" for i in range(count)]
    for i in range(count):
        lines += [f"link set dev {PREFIX}{i} up", f"address add {address(i)} dev {PREFIX}{i}"]
    batch.write_text("\n".join([*lines, "monitor rule"]) + "\n")
    return ["ip", "-batch", str(batch)]


@dataclasses.dataclass(frozen=True)
class Contestant:
    key: str
    title: str
    command: object         # (paths, directory, count, noqueue) -> argv, having written what it needs
    noqueue: bool = False
    done: object = Ready
    carrier: bool = True
    again: str = None       # the one of whom this is another run, to see how far two runs of one program differ

    def megabytes(self, count):
        """The kernel's memory for so many, roughly: 256 queueing disciplines a device, or none."""
        return 64 + count * (1 if self.noqueue else 4)


CONTESTANTS = (
    Contestant("netdevd", "netdevd", run_netdevd),
    Contestant("floor", "floor", run_floor),
    Contestant("floor-again", "floor again", run_floor, again="floor"),
    Contestant("ip", "ip -batch", run_ip, done=Addresses, carrier=False),
    Contestant("networkd", "systemd-networkd", run_networkd, done=Configured),
    Contestant("netdevd-noqueue", "netdevd, noqueue", run_netdevd, noqueue=True),
    Contestant("floor-noqueue", "floor, noqueue", run_floor, noqueue=True),
    Contestant("floor-noqueue-again", "floor, noqueue, again", run_floor, noqueue=True, again="floor-noqueue"),
)


def present():
    """Those that can be run here."""
    return [c for c in CONTESTANTS if c.key != "networkd" or os.access(NETWORKD, os.X_OK)]
