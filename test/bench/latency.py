#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""From the kernel's event to the signal on the bus, with many devices there.

    latency.py NETDEVD [--devices N] [--changes N] [--carriers N] [--json]

A change is one request on a socket that is open already, of an MTU or of the carrier. Shown is the time from the event
of it, which a netlink socket here is told of when netdevd is, to the PropertiesChanged that a listener on the bus has
received (short by what it takes to wake up for the event here); the time from right before the request to that
signal, which has the kernel's own work in it; and of the same changes the time from the request to the event, which is
the kernel's own, and of a Ping right after: what no daemon could be quicker than.
Needs root and /dev/net/tun; works in namespaces of its own."""

import fcntl
import os
import select
import socket
import struct
import time

import fleet
from fleet import daemon_harness, raw_bus

TARGET_MS = {"p50": 1, "p99": 5}
TUNSETCARRIER = 0x400454E2
RTM_SETLINK, RTM_NEWLINK = 19, 16
IFLA_MTU = 4
RTMGRP_LINK = 1
WAIT = 5  # seconds


class Kernel:
    """A socket to change links with, and one that is told of it."""

    def __init__(self):
        self.requests = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self.events = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self.events.bind((0, RTMGRP_LINK))

    def set_mtu(self, ifindex, mtu):
        attribute = struct.pack("=HHI", 8, IFLA_MTU, mtu)
        body = struct.pack("=BxHiII", 0, 0, ifindex, 0, 0) + attribute
        self.requests.send(struct.pack("=IHHII", 16 + len(body), RTM_SETLINK, 1, 0, 0) + body)

    def wait_event(self, ifindex):
        while True:
            data = self.events.recv(65536)
            if struct.unpack_from("=H", data, 4)[0] == RTM_NEWLINK and struct.unpack_from("=i", data, 20)[0] == ifindex:
                return

    def drain(self):
        while select.select([self.events], [], [], 0)[0]:
            self.events.recv(65536)

    def close(self):
        self.requests.close()
        self.events.close()


def listen(path):
    listener = fleet.connect()
    rule = f"type='signal',interface='org.freedesktop.DBus.Properties',path='{path}'"
    fleet.call(listener, *raw_bus.DBUS, "AddMatch", "s", (rule,))
    return listener


def wait_property(listener, name):
    """Until a signal says that this property changed."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        message = listener.read()
        if message.kind == raw_bus.SIGNAL and name in message.body[1]:
            return
    raise RuntimeError(f"no signal told of {name}")


def ms_since(start):
    return (time.perf_counter() - start) * 1e3


def measure_mtu(connection, listener, ifindex, changes):
    """Of each change: until the kernel's event, until the signal; and of a Ping right after."""
    kernel = Kernel()
    times = []
    for i in range(changes):
        start = time.perf_counter()
        kernel.set_mtu(ifindex, 1400 + i % 2)
        kernel.wait_event(ifindex)
        event = ms_since(start)
        wait_property(listener, "MTU")
        signal = ms_since(start)
        start = time.perf_counter()
        fleet.call(connection, *fleet.PEER, "Ping")
        times.append((event, signal, ms_since(start)))
        kernel.drain()
        time.sleep(0.005)
    kernel.close()
    return zip(*times, strict=True)


def measure_carrier(name, listener, changes):
    """By a program behind the device. Only one that comes: the kernel tells of a loss up to a second late, and of what
    comes within that second too."""
    times = []
    queue = daemon_harness.attach(name)
    try:
        for _ in range(changes):
            fcntl.ioctl(queue, TUNSETCARRIER, struct.pack("i", 0))
            wait_property(listener, "CarrierState")
            time.sleep(1.2)
            start = time.perf_counter()
            fcntl.ioctl(queue, TUNSETCARRIER, struct.pack("i", 1))
            wait_property(listener, "CarrierState")
            times.append(ms_since(start))
    finally:
        os.close(queue)
    return times


def measure(netdevd, devices=1000, changes=500, carriers=5):
    """{"devices": N, "event_ms": P, "mtu_ms": P, "carrier_ms": P, "kernel_ms": P, "ping_ms": P, "target_ms": {…}},
    each P being {"p50", "p99", "max", "n"}: of the netlink event of a change of MTU to the signal, of the request for
    that change to the signal, of a carrier that comes, of the request to the event, and of a question that asks for
    nothing."""
    name = f"t{devices // 2}"
    with fleet.running(netdevd, devices) as (_, connection), listen(daemon_harness.path(name)) as listener:
        events, signals, pings = measure_mtu(connection, listener, daemon_harness.link(name)["ifindex"], changes)
        came = measure_carrier(name, listener, carriers)
    after = [signal - event for event, signal in zip(events, signals, strict=True)]
    return {"devices": devices, "event_ms": fleet.percentiles(after), "mtu_ms": fleet.percentiles(signals),
            "carrier_ms": fleet.percentiles(came), "kernel_ms": fleet.percentiles(events),
            "ping_ms": fleet.percentiles(pings), "target_ms": TARGET_MS}


def show(result):
    def line(title, key):
        p = result[key]
        return f"  {title:<28}{p['p50']:>8.2f}{p['p99']:>8.2f}{p['max']:>8.2f}{p['n']:>8}"
    target = result["target_ms"]
    return "\n".join([f"{result['devices']} devices, ms" + " " * 18 + "     p50     p99     max       n",
                      line("event to PropertiesChanged", "event_ms") + f"  wanted: {target['p50']}, {target['p99']}",
                      line("MTU to PropertiesChanged", "mtu_ms"),
                      line("carrier to PropertiesChanged", "carrier_ms"), line("MTU to a netlink event", "kernel_ms"),
                      line("Ping", "ping_ms")])


if __name__ == "__main__":
    fleet.main(__doc__, measure, show, devices=1000, changes=500, carriers=5)
