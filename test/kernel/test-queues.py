#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Queues for programs that have no privilege, from OpenQueues(), as those who read them see them; who gets none; and
who has the only one of a single-queue device."""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import time

import daemon_harness
import queues_harness
from daemon_harness import (IFF_MULTI_QUEUE, IFF_NO_PI, IFF_TAP, IFF_TUN, NotHere, attach, busctl, changes, ip, link,
                            manager, prop, wait, wait_state)
from queues_harness import (CONSUMER, Program, counts, devices, execute, flood, is_attached, leases, n_fds, netdev,
                            opener, ping_many, queues, running, running_files, started)
from raw_bus import OWNER, STRANGER

SOURCE = os.environ["SOURCE_ROOT"]

SIGNALS = []  # milliseconds from each change to its signal


class Changes:
    """PropertiesChanged of the devices, each with the time it came at."""

    def __enter__(self):
        self.process = subprocess.Popen(
            ["busctl", "--json=short", "--match=type='signal',sender='org.netdevd1'", "monitor"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.rest = b""
        time.sleep(0.5)
        self.drain()
        return self

    def drain(self):
        while select.select([self.process.stdout], [], [], 0.05)[0]:
            os.read(self.process.stdout.fileno(), 1 << 20)
        self.rest = b""

    def wait(self, since, path, interface, **wanted):
        """Until all of these properties were told to be so."""
        missing = dict(wanted)
        while missing:
            assert select.select([self.process.stdout], [], [], 5)[0], f"never told: {missing}"
            self.rest += os.read(self.process.stdout.fileno(), 1 << 20)
            now = time.monotonic()
            *lines, self.rest = self.rest.split(b"\n")
            for message in map(json.loads, filter(None, lines)):
                if message.get("member") == "PropertiesChanged" and message["path"] == path:
                    about, values, _ = message["payload"]["data"]
                    if about == interface:
                        missing = {k: v for k, v in missing.items() if values.get(k, {}).get("data", v) != v
                                   or k not in values}
        SIGNALS.append((now - since) * 1000)
        assert now - since < 1, f"{wanted}: told after {now - since:.3f} s"

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


# Reading

def read_in_mode(mode):
    with running("q0"), started("q0", CONSUMER, mode) as p:
        flood(10000)
        requests, _, ms = counts(p.end())
        assert requests == 10000, requests
        assert ms < 1000, f"ending took {ms} ms"
        print(f"# {mode}: 10000 of 10000, ended in {ms} ms")


def test_edge_triggered():
    read_in_mode("edge")


def test_level_triggered():
    read_in_mode("level")


def test_poll():
    read_in_mode("poll")


def test_blocking():
    read_in_mode("blocking")


def test_close_ends_no_blocking_read():
    """The negative control of ending a reader by an eventfd."""
    with running("q0"), execute("q0", CONSUMER, "close") as p:
        assert p.line() == "the read goes on"
        p.process.wait(10)


def test_epoll_before_attaching():
    """The negative control of golang/go#30426, edge- and level-triggered."""
    for mode in ("edge", "level"):
        with running("q0"), Program(CONSUMER, "before", "q0", mode, user=OWNER) as p:
            assert p.line() == "ready 1"
            assert ping_many(3) == 0
            said = p.ask("now").split(", ")
            assert said == ["early yes", "woken 0", "poll 1"], said
            assert p.line() == "registered again: woken yes"


def test_three_queues():
    for mode in ("edge", "level", "poll", "blocking"):
        with running("q0"), started("q0", CONSUMER, mode, queues=3) as p:
            answered = ping_many(300)
            requests, each, _ = counts(p.end())
            assert answered == 300, (mode, answered, requests, each)
            assert requests == 300 and all(each), (requests, each)


def test_closing_one_of_three():
    with running("q0"), started("q0", CONSUMER, "edge", queues=3) as p:
        assert ping_many(100) == 100
        assert p.ask("close 1") == "closed 1"
        wait("two queues", lambda: queues("q0") == (2, 1))
        assert ping_many(300) == 300
        assert is_attached("q0") and changes("q0") == 0
        assert counts(p.end())[0] == 400


def test_writing():
    """On a device that is down: EIO; and it is not lost for that."""
    with running("q0"), started("q0", CONSUMER, "poll") as p:
        assert p.ask("write 0") == "write 0: OK"
        ip("link", "set", "q0", "down")
        assert p.ask("write 0") == "write 0: EIO"
        ip("link", "set", "q0", "up")
        assert p.ask("write 0") == "write 0: OK"
        p.end()


# What comes from the bus

def test_descriptors():
    """Attached, nonblocking, and closed on exec as the bus library does it; with the flags of the device."""
    for kind, flags in (("tun", IFF_TUN), ("tap", IFF_TAP)):
        for header in ("no", "yes"):
            with running("q0", kind=kind, more=f"VNetHeader={header}\n"), opener() as p:
                expected = flags | IFF_NO_PI | IFF_MULTI_QUEUE | (0x4000 if header == "yes" else 0)
                assert p.ask("open q0 2") == f"opened 2 flags {expected:#x}"
                for queue in p.ask("check").rstrip("; ").split("; "):
                    # The kernel says of each that it is persistent, too.
                    m = re.fullmatch(r"q0 (0x\w+) attached cloexec nonblocking", queue)
                    assert m and int(m.group(1), 16) & ~0x800 == expected, queue


def test_signals():
    """Queue counts and ConsumerAttached follow, whoever comes and goes, and however."""
    tuntap, path = "org.netdevd1.TunTap", daemon_harness.path("q0")
    with running("q0"), Changes() as told:
        for _ in range(5):
            since = time.monotonic()
            fd = attach("q0")
            told.wait(since, path, tuntap, ActiveQueues=1, ConsumerAttached=True)
            since = time.monotonic()
            second = attach("q0")
            told.wait(since, path, tuntap, ActiveQueues=2)
            since = time.monotonic()
            os.close(second)
            told.wait(since, path, tuntap, ActiveQueues=1)
            since = time.monotonic()
            os.close(fd)
            told.wait(since, path, tuntap, ActiveQueues=0, ConsumerAttached=False)
        with opener() as p:
            since = time.monotonic()
            p.ask("open q0 3")
            told.wait(since, path, tuntap, ActiveQueues=3, ConsumerAttached=True, Leases=[[p.process.pid, OWNER, ""]])
            since = time.monotonic()
            p.kill()
            told.wait(since, path, tuntap, ActiveQueues=0, ConsumerAttached=False, Leases=[])
    SIGNALS.sort()
    print(f"# {len(SIGNALS)} changes were told of after {SIGNALS[len(SIGNALS) // 2]:.1f} ms (median), "
          f"{SIGNALS[-1]:.1f} ms (longest)")


REFUSALS = {
    # What is asked for, as whom: the error, and a part of its text.
    "open q0 0": (OWNER, "org.freedesktop.DBus.Error.InvalidArgs", "No queues"),
    "open q0 17": (OWNER, "org.netdevd1.TooManyQueues", "at most 16"),
    "open q0 4294967295": (OWNER, "org.netdevd1.TooManyQueues", "at most 16"),
    "open q0 1 fast": (OWNER, "org.freedesktop.DBus.Error.InvalidArgs", "'fast'"),
    "open single0 2": (OWNER, "org.netdevd1.TooManyQueues", "MultiQueue=yes"),
    "open kept0 2": (OWNER, "org.netdevd1.TooManyQueues", "MultiQueue=yes"),
    "open nothere 1": (OWNER, "org.netdevd1.NoSuchDevice", "'nothere'"),
    "open gone0 1": (OWNER, "org.netdevd1.NoSuchDevice", "gone0 does not exist at the moment"),
    "open q0 1": (STRANGER, "org.netdevd1.NotPermitted", "Only root may"),
    "open kept0 1": (STRANGER, "org.netdevd1.NotPermitted", "Only root may"),
    "open lo 1": (0, "org.netdevd1.NoSuchDevice", "'lo'"),
}


def test_refusals():
    """Each says why, and leaves nothing behind in the daemon."""
    files = (devices("q0") | {"single0.netdev": netdev("single0", multi=False, keep=False)} |
             {"kept0.netdev": netdev("kept0", multi=False)} | {"gone0.netdev": netdev("gone0")})
    with running_files(files) as d:
        ip("link", "delete", "gone0")
        wait_state("gone0", "missing")
        with opener() as owner, opener(STRANGER) as stranger, opener(0) as root:
            programs = {OWNER: owner, STRANGER: stranger, 0: root}
            before = n_fds(d), queues("q0")
            for _ in range(20):
                for call, (user, error, text) in REFUSALS.items():
                    said = programs[user].ask(call)
                    assert said.startswith(error + ": ") and text in said, (call, said)
            wait("no descriptors left behind", lambda: n_fds(d) == before[0])
            assert queues("q0") == before[1] and leases("q0") == [] and leases("kept0") == []


def test_single_queue_taken_by_name():
    with running("q0", multi=False, keep=False) as d, opener() as p:
        empty = n_fds(d)
        fd = attach("q0", IFF_TUN | IFF_NO_PI)
        assert p.ask("open q0 1").startswith("org.netdevd1.Busy: A program holds the only queue of q0")
        os.close(fd)
        assert p.ask("open q0 1").startswith("opened 1 ")
        assert p.ask("open q0 1").startswith("org.netdevd1.Busy: ")
        p.kill()
        wait("no descriptors left behind", lambda: n_fds(d) == empty)


def fill(program, name, count):
    for n in [16] * (count // 16) + [count % 16]:
        if n:
            said = program.ask(f"open {name} {n}")
            assert said.startswith(f"opened {n} "), said


def test_the_last_queue():
    """256, or 255 beside the one that is kept; of what does not fit nothing is left."""
    for keep, most in ((False, 256), (True, 255)):
        with running("q0", keep=keep) as d, opener() as p:
            empty = n_fds(d)
            fill(p, "q0", most - 6)
            for _ in range(10):
                said = p.ask("open q0 16")
                assert said.startswith("org.netdevd1.TooManyQueues: q0 has no 16 queues left"), said
                assert ("KeepCarrier=" in said) == keep, said
            wait("nothing but the lease", lambda: n_fds(d) == empty + 1)
            wait("the queues", lambda: queues("q0") == (most - 6, int(keep)))
            fill(p, "q0", 6)
            assert p.ask("open q0 1").startswith("org.netdevd1.TooManyQueues: ")
            assert p.ask("close") == "closed"
            wait("none", lambda: queues("q0") == (0, int(keep)))
            fill(p, "q0", 16)
            p.kill()
            wait("the lease is over", lambda: leases("q0") == [])
            wait("no descriptors left behind", lambda: n_fds(d) == empty)


def test_device_goes_while_leased():
    with running("q0") as d, opener() as p:
        empty = n_fds(d)
        fill(p, "q0", 2)
        wait("the lease", lambda: leases("q0") == [(p.process.pid, OWNER)])
        ip("link", "delete", "q0")
        wait_state("q0", "missing")
        assert p.ask("open q0 1").startswith("org.netdevd1.NoSuchDevice: ")
        manager("Reconfigure", "s", "q0")
        wait_state("q0", "configured")
        assert leases("q0") == [], "a lease of the device before"
        fill(p, "q0", 1)
        assert leases("q0") == [(p.process.pid, OWNER)]
        p.kill()
        wait("no descriptors left behind", lambda: n_fds(d) == empty)


def test_callers_that_do_not_wait():
    """Who is gone before it could be handed anything leaves nothing behind."""
    for multi in (True, False):
        with running("q0", multi=multi) as d:
            empty = n_fds(d), queues("q0")
            for _ in range(50):
                assert busctl("--expect-reply=no", "call", "org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager",
                              "OpenQueues", "sua{sv}", "q0", "1", "0", user=OWNER).returncode == 0
            wait("nothing left behind", lambda: (n_fds(d), queues("q0")) == empty and leases("q0") == [])
            with opener() as p:
                assert p.ask("open q0 1").startswith("opened 1 ")


# A single queue, held

def refused_as_busy(program, text):
    said = program.ask("open q0 1")
    assert said.startswith("org.netdevd1.Busy: ") and text in said, said


def test_one_lessee_at_a_time():
    with running("q0", multi=False) as d:
        wait("held", lambda: prop("q0", "CarrierHeld", "TunTap"))
        empty = n_fds(d)
        assert not is_attached("q0")
        with opener() as first, opener() as second, opener(0) as root, opener(STRANGER) as stranger:
            assert first.ask("open q0 1").startswith("opened 1 ")
            assert "attached cloexec nonblocking" in first.ask("check")
            wait("the lease", lambda: leases("q0") == [(first.process.pid, OWNER)] and is_attached("q0"))
            for other in (second, root, first):
                refused_as_busy(other, f"Process {first.process.pid} of user {OWNER}")
            assert stranger.ask("open q0 1").startswith("org.netdevd1.NotPermitted: ")

            # Closing is not enough: a copy may be anywhere in that process, and its children.
            assert first.ask("close") == "closed"
            refused_as_busy(second, f"Process {first.process.pid}")
            first.kill()
            wait("the lease is over", lambda: leases("q0") == [] and not is_attached("q0"))

            # What came meanwhile is for nobody.
            assert ping_many(50) == 0
            assert second.ask("open q0 1").startswith("opened 1 ")
            assert second.ask("drain") == "drained 0"
            ping_many(5)
            assert second.ask("drain") == "drained 5"
            second.kill()
            wait("the lease is over", lambda: leases("q0") == [])
            assert root.ask("open q0 1").startswith("opened 1 ")
            wait("the lease of root", lambda: leases("q0") == [(root.process.pid, 0)])
            root.kill()
            wait("the lease is over", lambda: leases("q0") == [])
            wait("no descriptors left behind", lambda: n_fds(d) == empty)
        assert changes("q0") == 0 and link("q0")["operstate"] != "DOWN"


def test_lease_of_the_device_before():
    """Deleted and made again while the first still runs, which has nothing any more."""
    with running("q0", multi=False), opener() as first, opener() as second:
        assert first.ask("open q0 1").startswith("opened 1 ")
        ip("link", "delete", "q0")
        wait_state("q0", "missing")
        manager("Reconfigure", "s", "q0")
        wait_state("q0", "configured")
        assert not is_attached("q0") and leases("q0") == []
        assert second.ask("open q0 1").startswith("opened 1 ")
        wait("the lease", lambda: leases("q0") == [(second.process.pid, OWNER)])
        refused_as_busy(first, f"Process {second.process.pid} of user {OWNER}")


def test_next_lessee_is_the_same_user():
    """A child may have kept the queue of the first, so that the packets would be shared."""
    with running("q0", multi=False) as d:
        with opener() as first, opener(STRANGER) as other, opener(0) as root:
            assert first.ask("open q0 1").startswith("opened 1 ")
            child = int(first.ask("fork").split()[1])
            first.kill()
            wait("the lease is over", lambda: leases("q0") == [])
            d.rewrite("q0.netdev", netdev("q0", multi=False, user=STRANGER))
            wait("the new owner", lambda: prop("q0", "OwnerUID", "TunTap") == STRANGER)
            refused_as_busy(other, f"was lent to user {OWNER} before")
            assert root.ask("open q0 1").startswith("opened 1 ")
            os.kill(child, signal.SIGKILL)
        assert changes("q0") == 0


def test_blocking_lessee():
    """The held queue is the same open file: the next one gets it nonblocking all the same, and netdevd, which empties
    it before, does not wait."""
    with running("q0", multi=False), started("q0", CONSUMER, "blocking") as first:
        assert ping_many(5) == 5
        first.kill()
        wait("the lease is over", lambda: leases("q0") == [])
        with opener() as second:
            start = time.monotonic()
            assert second.ask("open q0 1").startswith("opened 1 ")
            assert time.monotonic() - start < 1
            assert second.ask("check").rstrip("; ").endswith(" attached cloexec nonblocking")


def test_restarts_keep_the_carrier():
    for multi in (True, False):
        with running("q0", multi=multi):
            for _ in range(10):
                with started("q0", CONSUMER, "edge") as p:
                    assert ping_many(20) == 20
                    p.kill()
                wait("the lease is over", lambda: leases("q0") == [])
            assert changes("q0") == 0


# Go

def go_build(name):
    if not shutil.which("go"):
        raise NotHere("there is no go (golang-go)")
    out = f"{daemon_harness.TMP}/{name}"
    if not os.path.exists(out):
        env = os.environ | {"GOCACHE": daemon_harness.TMP + "/go-cache", "GO111MODULE": "off", "CGO_ENABLED": "0"}
        subprocess.run(["go", "build", "-o", out, f"{SOURCE}/test/programs/go/{name}.go"], check=True, env=env)
    return out


def test_go_attaches_late():
    """golang/go#30426: either Close() does not end Read(), or Read() never gets a packet."""
    program = go_build("attach-late")
    with running("q0"):
        with Program(program, "q0", "blocking", user=OWNER) as p:
            assert p.line() == "ready"
            ping_many(5)
            assert p.ask("now") == "packet"
            assert p.line() == "Read goes on"
        with Program(program, "q0", "polled", user=OWNER) as p:
            assert p.line() == "ready"
            ping_many(5)
            said = p.ask("now")
            print("# polled: " + said)
            assert said == "nothing" or said.endswith("not pollable"), said


def test_go_attached_first():
    program = go_build("attach-first")
    with running("q0"), execute("q0", program) as p:
        assert p.line() == "ready"
        ping_many(500)
        assert p.ask("now") == "packets 500"
        assert p.line() == "Close ended Read: true"


if __name__ == "__main__":
    queues_harness.run(globals())
