#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A reload of a thousand devices touches only those whose files ask for something, and live traffic through one of
them notices none of it."""

import os
import re
import select
import socket
import struct
import subprocess
import threading
import time

import daemon_harness
from daemon_harness import Daemon, Strace, attach, changes, ip_batch, link, manager, mq, network, state, wait

DEVICES = 1000
GROUP = 4711
WRITE = re.compile(r"RTM_(NEW|DEL|SET)\w+")


def files():
    made = {}
    for i in range(DEVICES):
        made[f"t{i}.netdev"] = mq(f"t{i}")
        made[f"t{i}.network"] = quiet(i)
    return made


def quiet(i, more=""):
    """Without the 256 queueing disciplines that going up would cost."""
    return network(f"t{i}", f"10.{i >> 8}.{i & 255}.1/32", more="[Link]\nQDisc=noqueue\n" + more)


def all_configured():
    devices = manager("ListDevices")[0]
    return len(devices) == DEVICES and all(device[2] == "configured" for device in devices)


def delete_all():
    """By link group, thirty at once: one by one it would take 16 ms each."""
    for first in range(0, DEVICES, 30):
        ip_batch([f"link set t{i} group {GROUP + first}" for i in range(first, min(first + 30, DEVICES))] +
                 [f"link delete group {GROUP + first}"])


def touches(strace):
    """The requests that change something: ioctls of tun, and rtnetlink messages."""
    return [x for x in strace.lines() if re.search(r"ioctl\(.*TUN", x) or (("sendto(" in x or "sendmsg(" in x) and
                                                                          WRITE.search(x))]


class Traffic:
    """A thousand datagrams a second into a device, and a program that counts what arrives."""

    def __init__(self, name, address):
        self.queue = attach(name)
        self.address = address
        self.sent = 0
        self.seen = set()
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.send), threading.Thread(target=self.receive)]

    def send(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            while not self.over.is_set():
                s.sendto(struct.pack("!I", self.sent), (self.address, 9))
                self.sent += 1
                time.sleep(0.001)

    def receive(self):
        while select.select([self.queue], [], [], 1 if self.over.is_set() else 5)[0]:
            packet = os.read(self.queue, 2048)
            if packet[0] >> 4 == 4 and packet[9] == socket.IPPROTO_UDP:
                self.seen.add(struct.unpack("!I", packet[28:32])[0])

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *args):
        self.over.set()
        for thread in self.threads:
            thread.join()
        os.close(self.queue)


def test_reload_touches_what_changed():
    with Daemon(files()) as d:
        wait("a thousand devices", all_configured, timeout=90)
        time.sleep(2)  # the kernel tells of carrier up to a second late

        with Strace(d, "ioctl,sendto,sendmsg") as s:
            d.reload()
        assert s.lines(), "strace saw nothing"
        assert not touches(s), touches(s)

        index = link("t7")["ifindex"]
        with Strace(d, "ioctl,sendto,sendmsg") as s:
            d.rewrite("t7.network", quiet(7, "MTUBytes=1400\n"))
        assert link("t7")["mtu"] == 1400
        assert touches(s), "the change was not seen"
        others = [x for x in touches(s) if f'"t7"' not in x and f"={index}," not in x]
        assert not others, others
        delete_all()


def test_traffic_loses_nothing():
    with Daemon(files()) as d:
        wait("a thousand devices", all_configured, timeout=90)
        subprocess.run(["ip", "route", "add", "198.51.100.0/24", "dev", "t0"], check=True)
        before = changes("t0")
        with Traffic("t0", "198.51.100.1") as t:
            wait("the first packets", lambda: len(t.seen) > 100)
            for mtu in 1400, 1380, 1360:
                d.rewrite("t7.network", quiet(7, f"MTUBytes={mtu}\n"))
                d.reload()
        print(f"  # {t.sent} datagrams through t0 while six reloads went on")
        assert len(t.seen) == t.sent, f"{t.sent - len(t.seen)} of {t.sent} were lost"
        assert changes("t0") == before and state("t0") == "configured"
        delete_all()


if __name__ == "__main__":
    daemon_harness.run(globals())
