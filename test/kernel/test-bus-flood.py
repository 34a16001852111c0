#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Thousands of random and malformed calls as nobody, on every method, while polkit is absent and then answers what it
likes: the daemon answers all the time, and has nothing more afterwards than it had before.

Needs root, for it makes itself another user. $CALLS and $SEED choose others: a long run by hand is CALLS=200000
SEED=random."""

import contextlib
import os
import random
import subprocess
import threading
import time

import daemon_harness
import raw_bus
from daemon_harness import Daemon, ip_json, manager, mq, network, path, prop, wait, wait_state
from measures import Pinger, has_sanitizer, return_freed_memory, usage
from raw_bus import CALL, INTERACTIVE, NO_REPLY, Connection, Disconnected, Polkit, identity

CALLS = int(os.environ.get("CALLS") or 10000)
SEED = os.environ.get("SEED") or "1"
if SEED == "random":
    SEED = str(random.randrange(1 << 32))

PING_MS = 2000  # the longest that an answer may take
GROWTH_BYTES = 1 << 20  # of the daemon's memory, over all calls

METHODS = {
    "org.netdevd1.Manager": {
        "ListDevices": "", "GetDevice": "s", "Diff": "", "Describe": "", "Reload": "", "Reconfigure": "s",
        "Recreate": "s", "Delete": "s", "Prune": "", "OpenQueues": "sua{sv}"},
    "org.netdevd1.Device": {
        "Describe": "", "Reconfigure": "", "Up": "", "Down": "", "Delete": "", "OpenQueues": "ua{sv}"},
    "org.freedesktop.DBus.Properties": {"Get": "ss", "GetAll": "s", "Set": "ssv"},
    "org.freedesktop.DBus.Introspectable": {"Introspect": ""},
    "org.freedesktop.DBus.ObjectManager": {"GetManagedObjects": ""},
    "org.freedesktop.DBus.Peer": {"Ping": "", "GetMachineId": ""},
}
ALL = [(interface, member) for interface, members in METHODS.items() for member in members]

DEVICES = ("t0", "t1", "single0")
NAMES = (*DEVICES, "foreign0", "lo", "", "..", "/", "t0/../t1", "%s%n", "\u00e9\U0001f600", "x" * 15, "x" * 16, "t 0",
         "org.netdevd1.Device", "Name", "Leases")


def files():
    return {
        "t0.netdev": mq("t0"),
        "t0.network": network("t0", "10.0.0.1/24"),
        "t1.netdev": mq("t1", "tap", "65534"),
        "t1.network": network("t1", "10.0.1.1/24"),
        "single.netdev": "[NetDev]\nName=single0\nKind=tun\n[Tun]\nMultiQueue=no\nKeepCarrier=yes\nUser=65534\n",
        "single.network": network("single0", "10.0.2.1/24"),
    }


class Draw:
    """Random messages; the same for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def name(self):
        r = self.random
        if r.random() < 0.003:
            return chr(r.randrange(33, 127)) * r.choice((1 << 10, 1 << 16, 1 << 20, 3 << 20))
        if r.random() < 0.8:
            return r.choice(NAMES)
        return "".join(chr(r.randrange(1, 0x250)) for _ in range(r.randrange(40)))

    def signature(self, depth=0):
        r = self.random
        kind = r.choice("ybnqiuxtdsogvas(" if depth < 6 else "ybs")
        if kind == "a":
            return "a{s" + self.signature(depth + 1) + "}" if r.random() < 0.3 else "a" + self.signature(depth + 1)
        if kind == "(":
            return "(" + "".join(self.signature(depth + 1) for _ in range(r.randrange(1, 4))) + ")"
        return kind

    def value(self, kind):
        r = self.random
        if kind in "ynqiuxt":
            size = {"y": 1, "n": 2, "q": 2, "i": 4, "u": 4, "x": 8, "t": 8}[kind]
            low, high = (0, 1 << size * 8) if kind in "yqut" else (-(1 << size * 8 - 1), 1 << size * 8 - 1)
            return r.choice((low, high - 1, min(16, high - 1), min(17, high - 1), 0, 1, 2, r.randrange(low, high)))
        if kind == "b":
            return r.randrange(2)
        if kind == "d":
            return r.choice((0.0, float("nan"), float("inf"), r.random()))
        if kind == "s":
            return self.name()
        if kind == "o":
            return self.path()
        if kind == "g":
            return self.signature()
        if kind == "v":
            inner = self.signature(3)
            return inner, self.value(inner)
        if kind == "a{sv}":
            return {} if r.random() < 0.8 else {self.name(): self.value("v")}
        if kind[0] == "a":
            n = r.choice((0, 1, 2, 100)) if r.random() < 0.1 else r.randrange(3)
            return [self.value(kind[1:]) for _ in range(n)]
        return tuple(self.value(k) for k in raw_bus.types(kind[1:-1]))

    def path(self):
        return self.random.choice(("/", "/org/netdevd1", "/org/netdevd1/device", path("t0"), path("t1"),
                                   path("single0"), path("foreign0"), "/org/netdevd1/device/_zz",
                                   "/org/netdevd1/device/t0/t1", "/org/netdevd1/device/" + "x" * 300))

    def call(self, interface, member):
        """Path, interface, member, signature and arguments: mostly such as fit."""
        r = self.random
        signature = METHODS[interface][member]
        if r.random() < 0.15:
            signature = "".join(self.signature() for _ in range(r.randrange(5)))
        fits = {"org.netdevd1.Manager": "/org/netdevd1",
                "org.netdevd1.Device": path(r.choice((*DEVICES, "foreign0")))}.get(interface)
        where = fits if fits and r.random() < 0.85 else self.path()
        if r.random() < 0.03:
            member += r.choice(("s", "_", "X" * 200))
        return where, interface, member, signature, tuple(self.value(k) for k in raw_bus.types(signature))


def damaged(draw, data):
    """What the bus may not even pass on."""
    data = bytearray(data)
    for _ in range(draw.random.randrange(1, 8)):
        data[draw.random.randrange(len(data))] = draw.random.randrange(256)
    return bytes(data)


class Client:
    """The flood: runs as nobody in a process of its own, which ends with all it was given."""

    def __init__(self, seed):
        self.draw = Draw(seed)
        self.connection = None
        self.counts = {"answered": 0, "refused by the bus": 0, "not read": 0, "damaged": 0, "cut off": 0}

    def connect(self):
        if self.connection:
            self.connection.close()
        self.connection = Connection()
        self.connection.socket.settimeout(150)

    def send(self, call):
        r = self.draw.random
        flags = (r.random() < 0.1) * NO_REPLY | (r.random() < 0.3) * INTERACTIVE
        fds = [0] * r.randrange(1, 17) if r.random() < 0.02 else ()
        return self.connection.begin("org.netdevd1", *call, flags=flags, fds=fds), flags

    def batch(self, calls):
        """Sent at once, and then read."""
        serials = [self.send(c) for c in calls]
        for serial, flags in serials:
            if not flags & NO_REPLY:
                reply = self.connection.reply(serial)
                for fd in reply.fds:
                    os.close(fd)
                self.counts["answered"] += 1
                self.counts["refused by the bus"] += reply.error == "org.freedesktop.DBus.Error.AccessDenied"

    def unread(self, calls):
        """Sent at once, and gone."""
        for c in calls:
            self.send(c)
        self.counts["not read"] += len(calls)
        self.connect()

    def broken(self, call):
        where, interface, member, signature, arguments = call
        self.connection.serial += 1
        data = raw_bus.encode(CALL, self.connection.serial, signature, arguments, 0, destination="org.netdevd1",
                              path=where, interface=interface, member=member)
        if self.draw.random.random() < 0.5:
            data = data[:self.draw.random.randrange(len(data))]
            self.counts["cut off"] += 1
        else:
            data = damaged(self.draw, data)
            self.counts["damaged"] += 1
        with contextlib.suppress(OSError):
            self.connection.send_bytes(data)
        self.connect()

    def run(self, n):
        r = self.draw.random
        self.connect()
        done = 0
        while done < n:
            calls = [self.draw.call(*ALL[(done + i) % len(ALL)]) for i in range(min(r.randrange(1, 60), n - done))]
            try:
                kind = r.random()
                if kind < 0.1:
                    self.unread(calls)
                elif kind < 0.3:
                    calls = calls[:1]
                    self.broken(calls[0])
                else:
                    self.batch(calls)
            except (Disconnected, BrokenPipeError, ConnectionResetError):
                self.connect()
            done += len(calls)
        assert self.counts["answered"] > n / 2, self.counts
        return ", ".join(f"{count} {what}" for what, count in self.counts.items())


def flood(seed, n):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            with identity(65534):
                print(f"# {Client(seed).run(n)}", flush=True)
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    assert status == 0, "the flood ended early"


def settle():
    """As the files say, whatever was done before; and nobody has a queue any more."""
    manager("Reload")
    for name in DEVICES:
        wait_state(name, "configured")
        wait(f"no leases of {name}", lambda n=name: prop(n, "Leases", "TunTap") == [])


def flood_and_measure(play_polkit):
    return_freed_memory()
    with Daemon(files()) as d:
        daemon_harness.ip("tuntap", "add", "dev", "foreign0", "mode", "tun", "multi_queue")
        settle()
        with play_polkit():
            flood(f"{SEED} warm", min(CALLS, 2000))  # what is allocated once
            settle()
            before = usage(d.process.pid)
            start = time.monotonic()
            with Pinger(raw_bus.SOCKET) as pinger:
                flood(SEED, CALLS)
            took = time.monotonic() - start
            settle()
        assert d.process.poll() is None
        wait("as many descriptors as before", lambda: usage(d.process.pid)[0] <= before[0])
        after = usage(d.process.pid)
        print(f"# seed {SEED}, {CALLS} calls in {took:.1f} s: descriptors {before[0]} and {after[0]}, resident "
              f"{before[1] >> 10} and {after[1] >> 10} KiB", flush=True)
        print(f"# {pinger}", flush=True)
        assert pinger.daemon.at(1) < PING_MS, f"an answer took {pinger.daemon.at(1):.0f} ms"
        # With a sanitizer freed memory is kept for a while; that finds leaks itself, at the end.
        assert has_sanitizer(d.process.pid) or after[1] - before[1] < GROWTH_BYTES, "it has grown"
        assert {x["ifname"] for x in ip_json("link")} <= {"lo", "foreign0", *DEVICES}


@contextlib.contextmanager
def no_polkit():
    yield None


class MoodyPolkit(Polkit):
    """Now so, now so; at once, or only when it has slept."""

    def __init__(self):
        super().__init__(None)
        self.random = random.Random(SEED)
        self.over = threading.Event()
        self.sleeper = threading.Thread(target=self.wake)

    def decide(self, _flags):
        return self.random.random() < 0.5, self.random.random() < 0.5

    def check(self, message):
        super().check(message)
        if self.random.random() < 0.7:
            self.release(self.decide)

    def wake(self):
        while not self.over.wait(0.1):
            with self.lock:
                self.release(self.decide)

    def __enter__(self):
        super().__enter__()
        self.sleeper.start()
        return self

    def __exit__(self, *args):
        self.over.set()
        self.sleeper.join()
        super().__exit__(*args)


def test_flood_without_polkit():
    flood_and_measure(no_polkit)


def test_flood_with_moody_polkit():
    polkit = MoodyPolkit()
    flood_and_measure(lambda: polkit)
    actions = {action for _, action, _, _ in polkit.asked}
    assert actions == {f"org.netdevd1.{x}" for x in ("delete", "open-queues", "reconfigure", "reload", "set-link")}
    print(f"# polkit was asked {len(polkit.asked)} times", flush=True)


if __name__ == "__main__":
    if subprocess.run(["id", "messagebus"], capture_output=True, check=False).returncode != 0 or \
            not os.path.exists("/usr/share/dbus-1/system.conf"):
        daemon_harness.skip("there is no dbus-daemon with its system configuration")
    if os.geteuid() != 0:
        daemon_harness.skip("needs root")
    daemon_harness.run(globals(), raw_bus.start_stock_bus)
