# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a daemon costs while a test is hard on it: CPU, memory, descriptors, lost events, and how long it takes to
answer on the bus."""

import contextlib
import multiprocessing
import os
import time

import daemon_harness
from raw_bus import Connection

BUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId")
NETDEVD = ("org.netdevd1", "/org/netdevd1", "org.freedesktop.DBus.Peer", "Ping")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def usage(pid):
    """Descriptors, and resident bytes."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as f:
        rss = int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return len(os.listdir(f"/proc/{pid}/fd")), rss


def has_sanitizer(pid):
    with open(f"/proc/{pid}/maps", encoding="utf-8") as f:
        return "libasan" in f.read() or b"__asan_init" in open(f"/proc/{pid}/exe", "rb").read()


def return_freed_memory():
    """For daemons started from now on: freed memory goes back at once, whatever was the largest before, so that what
    is left over shows."""
    os.environ["MALLOC_MMAP_THRESHOLD_"] = os.environ["MALLOC_TRIM_THRESHOLD_"] = "65536"


def lost_events(pid):
    """How many events the kernel had no room for in a socket of this process."""
    sockets = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        target = os.readlink(f"/proc/{pid}/fd/{fd}")
        if target.startswith("socket:["):
            sockets.add(target[len("socket:["):-1])
    with open(f"/proc/{pid}/net/netlink", encoding="ascii") as f:
        rows = [x.split() for x in f.read().splitlines()[1:]]
    return sum(int(row[8]) for row in rows if row[9] in sockets)


class Answers:
    """How long the answers took, in ms."""

    def __init__(self, seconds):
        self.ms = sorted(s * 1000 for s in seconds)

    def at(self, share):
        return self.ms[int((len(self.ms) - 1) * share)]

    def __str__(self):
        return f"median {self.at(0.5):.1f}, 99 % within {self.at(0.99):.1f}, most {self.at(1):.1f} ms"


class Pinger:
    """Asks all the time, from a process of its own, whether the daemon answers; and the bus itself, which tells what
    of that is the machine's and the bus's doing."""

    def __init__(self, path=None):
        self.path = path or daemon_harness.TMP + "/bus"

    def run(self, pipe):
        took = {NETDEVD: [], BUS: []}
        with Connection(self.path) as connection:
            pipe.send("ready")
            while not pipe.poll(0.005):
                for call, seconds in took.items():
                    start = time.monotonic()
                    reply = connection.call(*call)
                    seconds.append(time.monotonic() - start)
                    assert not reply.error, reply.text()
        pipe.send((took[NETDEVD], took[BUS]))

    def __enter__(self):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=self.run, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        assert self.pipe.recv() == "ready"
        return self

    def __exit__(self, *args):
        with contextlib.suppress(BrokenPipeError):
            self.pipe.send("over")
        self.daemon, self.bus = (Answers(x) for x in self.pipe.recv())
        self.process.join()

    def __str__(self):
        return f"{len(self.daemon.ms)} pings: {self.daemon}; the bus itself: {self.bus}"
