# SPDX-License-Identifier: LGPL-2.1-or-later
"""A daemon with many devices on a bus of its own, for the measurements that ask it something meanwhile.

What uses it runs in daemon_harness.surroundings(): main() of a measurement makes them, and whoever imports one has
made them before."""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "kernel"))
import daemon_harness  # pylint: disable=wrong-import-position
import raw_bus  # pylint: disable=wrong-import-position

SERVICE = ("org.netdevd1", "/org/netdevd1")
MANAGER = (*SERVICE, "org.netdevd1.Manager")
PEER = (*SERVICE, "org.freedesktop.DBus.Peer")
DELETE_GROUP = 0x6E640000  # nobody's; one by one it would take the kernel 16 ms each


def files(count):
    """Without the 256 queueing disciplines that going up would cost, which is not what is measured with these."""
    made = {}
    for i in range(count):
        made[f"t{i}.netdev"] = daemon_harness.mq(f"t{i}")
        made[f"t{i}.network"] = daemon_harness.network(f"t{i}", f"10.{i >> 8}.{i & 255}.1/32",
                                                       more="[Link]\nQDisc=noqueue\n")
    return made


def connect():
    return raw_bus.Connection(os.environ["DBUS_SYSTEM_BUS_ADDRESS"].removeprefix("unix:path="))


def call(connection, *what):
    """The body of the answer, which must be none of an error."""
    reply = connection.call(*what)
    if reply.error:
        raise RuntimeError(f"{what}: {reply.error}: {reply.text}")
    return reply.body


def wait_states(connection, count, state):
    def reached():
        devices = call(connection, *MANAGER, "ListDevices")[0]
        return len(devices) == count and all(device[2] == state for device in devices)
    daemon_harness.wait(f"{count} devices {state}", reached, 180)


def delete(names):
    for i in range(0, len(names), 30):
        group = DELETE_GROUP + i
        lines = [f"link set {name} group {group}" for name in names[i:i + 30]] + [f"link delete group {group}"]
        subprocess.run(["ip", "-force", "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=False,
                       capture_output=True)


@contextlib.contextmanager
def running(netdevd, count):
    """The daemon and a connection, all devices configured and what the kernel tells late over."""
    daemon_harness.NETDEVD = os.path.abspath(netdevd)
    daemon = daemon_harness.Daemon(files(count), extra=("--log-level=notice",))
    try:
        daemon.start()
        with connect() as connection:
            wait_states(connection, count, "configured")
            time.sleep(2)
            yield daemon, connection
    finally:
        daemon.stop()
        delete([f"t{i}" for i in range(count)])


class Pinger:
    """Asks the daemon for nothing, again and again, while this is there; .ms: how long each answer took."""

    def __init__(self, pause=0.002):
        self.pause = pause
        self.ms = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        with connect() as connection:
            while not self.over.is_set():
                start = time.perf_counter()
                call(connection, *PEER, "Ping")
                self.ms.append((time.perf_counter() - start) * 1e3)
                time.sleep(self.pause)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *args):
        self.over.set()
        self.thread.join()


def percentiles(values):
    """Of some times: median, 99th percentile, and the most."""
    ordered = sorted(values)
    return {"p50": statistics.median(ordered), "p99": ordered[-(-len(ordered) * 99 // 100) - 1], "max": ordered[-1],
            "n": len(ordered)}


def main(description, measure, show, **defaults):
    """The command: measure(netdevd, **numbers), told as a line by show(result), or as JSON."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("netdevd", help="the daemon")
    parser.add_argument("--json", action="store_true")
    for name, value in defaults.items():
        parser.add_argument("--" + name, metavar="N", type=int, default=value)
    options = parser.parse_args()
    with daemon_harness.surroundings():
        result = measure(options.netdevd, **{name: getattr(options, name) for name in defaults})
    print(json.dumps(result) if options.json else show(result))
