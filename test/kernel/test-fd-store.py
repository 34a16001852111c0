#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kept queues outlive the daemon, however it ends, through the service manager's fd store; and nothing else does."""

import array
import contextlib
import fcntl
import os
import random
import re
import signal
import socket
import struct
import subprocess
import time

import daemon_harness
import queues_harness
from daemon_harness import (IFF_NO_PI, IFF_TAP, attach, changes, ip, ip_batch, link, mq, network, state, wait,
                            wait_state)
from service_manager import Managed, kept

SINGLE = "[NetDev]\nName={0}\nKind={1}\n[{2}]\nKeepCarrier={3}\nUser=0\n{4}"

LABEL = b"netdevd queues 1\0"


def single(name, kind="tap", keep="yes", more=""):
    return SINGLE.format(name, kind, kind.capitalize(), keep, more)


def up(name, number=0):
    """Up, and with the cheapest queueing discipline."""
    return network(name, f"10.{number >> 8}.{number & 255}.1/32",
                   more="LinkLocalAddressing=no\nIPv6AcceptRA=no\n[Link]\nQDisc=noqueue\n")


def files(*devices):
    """Pairs of a name and the text of its .netdev file."""
    result = {}
    for i, (name, text) in enumerate(devices):
        result |= {f"{name}.netdev": text, f"{name}.network": up(name, i)}
    return result


def both():
    return files(("m0", mq("m0")), ("s0", single("s0")))


class Same:
    """Carrier, queues and link of devices are what they were, all the time."""

    def __init__(self, *names):
        self.names = names
        self.before = self.now()

    def now(self):
        return {n: (link(n)["ifindex"], changes(n), kept(n), "LOWER_UP" in link(n)["flags"]) for n in self.names}

    def check(self, what=""):
        now = self.now()
        assert now == self.before, (what, self.before, now)
        for name, (_, _, queues, carrier) in now.items():
            assert carrier and queues in ((0, 1), (1, 0), (1, None), (None, None)), (name, now)


def configured(*names):
    for name in names:
        wait_state(name, "configured")


def holds(d):
    """How often a queue was attached to be held."""
    return d.log().count(": hold a queue, for the carrier")


def reasons(d):
    return re.findall(r"A (?:queue|descriptor) that the service manager kept(?: (?:of|as) (\S+))? is closed: (.*)",
                      d.log())


def pack(*queues, label=LABEL):
    """A shelf, as the daemon makes them."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with near:
        near.sendmsg([label], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", queues))])
    return far


def unpack(fd):
    """Of a stored shelf: the devices of its queues."""
    with socket.socket(fileno=os.dup(fd)) as s:
        _, control, _, _ = s.recvmsg(256, socket.CMSG_SPACE(253 * 4), socket.MSG_PEEK)
    names = []
    for _, _, data in control:
        for queue in array.array("i", data):
            with contextlib.suppress(OSError):
                ifreq = fcntl.ioctl(queue, 0x800454D2, bytes(40))  # TUNGETIFF
                names.append(ifreq[:16].rstrip(b"\0").decode())
            os.close(queue)
    return sorted(names)


def stored(d):
    d.settle()
    with d.lock:
        return {name: unpack(fd) for name, fd in d.stored}


def stored_devices(d):
    return sorted(x for names in stored(d).values() for x in names)


# However it ends

def test_restart_and_kill():
    with Managed(both()) as d:
        configured("m0", "s0")
        assert stored_devices(d) == ["m0", "s0"]
        same = Same("m0", "s0")
        for i in range(20):
            d.restart(signal.SIGTERM if i % 4 == 0 else signal.SIGKILL)
            same.check(f"after restart {i}")
            configured("m0", "s0")
            assert daemon_harness.prop("m0", "CarrierHeld", "TunTap"), "held"
        same.check()
        assert d.log().count("2 kept queues came back") == 20, d.log()
        assert reasons(d) == [] and d.names() == ["queues-0-1"], (reasons(d), d.names())
        assert holds(d) == 0, "they were born held, and stay so"


def test_stop_and_start():
    """The service manager forgets: held anew, once."""
    with Managed(both()) as d:
        for _ in range(3):
            d.stop()
            d.settle()
            d.forget()
            d.start()
            configured("m0", "s0")
            assert kept("m0") == (0, 1), kept("m0")
            assert stored_devices(d) == ["m0", "s0"]


def test_kill_at_each_message():
    """While the stored set changes: what was held before and is wanted still is never given up."""
    with Managed(both() | files(("x0", single("x0")))) as d:
        configured("m0", "s0", "x0")
        same = Same("m0", "s0")
        for k in range(1, 9):
            keep = "no" if k % 2 else "yes"
            d.write("x0.netdev", single("x0", keep=keep))
            with d.lock:
                d.kill_at = k
            d.process.send_signal(signal.SIGHUP)
            with contextlib.suppress(AssertionError):
                wait("its end", lambda: d.process.poll() is not None, 1)
            with d.lock:
                d.kill_at = None
            d.restart()
            same.check(f"killed at message {k}")
            configured("m0", "s0", "x0")
            wanted = ["m0", "s0"] + (["x0"] if keep == "yes" else [])
            wait("the store to be right", lambda: stored_devices(d) == wanted)
            assert len(d.names()) == 1, d.names()


def test_kill_at_random():
    chance = random.Random(5)
    with Managed(both() | files(("x0", single("x0")))) as d:
        configured("m0", "s0", "x0")
        same = Same("m0", "s0")
        for i in range(20):
            d.write("x0.netdev", single("x0", keep=chance.choice(("yes", "no"))))
            d.process.send_signal(signal.SIGHUP)
            time.sleep(chance.random() * 0.02)
            d.stop(signal.SIGKILL)
            d.start(wait_bus=False)
            time.sleep(chance.random() * 0.05)
            d.restart()
            same.check(f"round {i}")
        configured("m0", "s0", "x0")
        assert len(d.names()) == 1, d.names()


def test_kill_while_created():
    """What is there is owned, held at most once, and finished by the next start."""
    chance = random.Random(7)
    names = [f"c{i}" for i in range(30)]
    for _ in range(8):
        with Managed(files(*((n, mq(n)) for n in names))) as d:
            d.stop(signal.SIGKILL)
            for n in names[:20]:
                ip("link", "delete", n)
            d.start(wait_bus=False)
            time.sleep(chance.random() * 0.03)
            d.restart()
            for n in names:
                wait_state(n, "configured")
                assert kept(n) == (0, 1), (n, kept(n))
            assert stored_devices(d) == sorted(names)
            d.stop(signal.SIGKILL)
            delete(names)


# What happened meanwhile

def test_meanwhile_deleted_renamed_replaced():
    names = ("gone", "there", "old", "again", "moved", "low", "mgone", "mold")
    texts = [(n, mq(n) if n.startswith("m") else single(n)) for n in names]
    with Managed(files(*texts)) as d:
        configured(*names)
        same = Same("there", "old", "mold")
        d.stop(signal.SIGKILL)
        ip("link", "delete", "gone")
        ip("link", "delete", "mgone")
        ip("link", "set", "old", "name", "new")
        ip("link", "set", "mold", "name", "mnew")
        ip("link", "delete", "again")
        ip("tuntap", "add", "again", "mode", "tap", "user", "0")
        ip("link", "set", "low", "down")
        with subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; read x"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as other:
            other.stdout.readline()
            ip("link", "set", "moved", "netns", str(other.pid))
            d.start()
            said = reasons(d)
            assert sorted(why for _, why in said) == [
                "its device is in another network namespace"] + 3 * ["its device was deleted meanwhile"], said
            assert ("moved", "its device is in another network namespace") in said, said
            other.stdin.close()
        # The next start makes what is not there, and gives names back; the queues are the same.
        configured(*names)
        same.check()
        assert kept("mgone") == (0, 1), kept("mgone")
        wait("all held, once", lambda: stored_devices(d) == sorted(names))
        assert holds(d) == 1, "the one that somebody else replaced"


def test_not_wanted_any_more():
    with Managed(both()) as d:
        configured("m0", "s0")
        d.stop(signal.SIGKILL)
        d.write("s0.netdev", single("s0", keep="no"))
        d.start()
        configured("s0", "m0")
        wait("s0 to be free", lambda: stored_devices(d) == ["m0"])
        os.close(attach("s0", IFF_TAP | IFF_NO_PI))  # and is nobody's
        d.remove("m0.netdev")
        d.remove("m0.network")
        d.reload()
        wait_state("m0", "orphaned")
        daemon_harness.manager("Prune")
        wait("nothing to be left", lambda: d.names() == [])
        assert link("m0") is None


# Superseded

def test_flags_change():
    """A new queue has to come in place of the old one, which must be gone before, also at the service manager."""
    with Managed(both()) as d:
        configured("m0", "s0")
        for i in range(6):
            header = "yes" if i % 2 == 0 else "no"
            d.write("m0.netdev", mq("m0", more=f"VNetHeader={header}\n"))
            d.write("s0.netdev", single("s0", more=f"VNetHeader={header}\n"))
            d.reload()
            wait("the flags", lambda: all(link(n)["linkinfo"]["info_data"]["vnet_hdr"] == (header == "yes")
                                          for n in ("m0", "s0")), 4)
            configured("m0", "s0")
            assert kept("m0") == (0, 1), kept("m0")
            assert stored_devices(d) == ["m0", "s0"] and len(d.names()) == 1
            same = Same("m0", "s0")
            d.restart()
            same.check()
        assert reasons(d) == []


# What is not ours

def test_foreign():
    with Managed(both()) as d:
        configured("m0", "s0")
        same = Same("m0", "s0")
        own = d.names()[0]
        ip("tuntap", "add", "foreign", "mode", "tun", "multi_queue", "user", "0")
        second, foreign = attach("m0"), attach("foreign")
        fresh = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        given = {
            "queues-9-9": (foreign, "it is not what netdevd left there"),
            "stored": (os.eventfd(0), "netdevd does not know it"),
            "queues-1-0": (os.dup(foreign), "netdevd does not know it"),
            "queues-2-1": (pack(second), "another one of its device is kept already"),
            "queues-3-1": (pack(foreign), "the record does not know its device"),
            "queues-4-1": (pack(fresh), "its device was deleted meanwhile"),
            "queues-5-1": (pack(os.eventfd(0)), "it is no queue"),
            "queues-6-1": (pack(foreign, label=b"netdevd queues 0\0"), "it is not what netdevd left there"),
            "queues-07-1": (pack(second), "netdevd does not know it"),
            "queues-500-1": (pack(second), "netdevd does not know it"),
            own: (pack(foreign), None),  # a second one of that name
            "queues-8-1": (socket.socketpair()[0], "it is not what netdevd left there"),
        }
        d.stop(signal.SIGKILL)
        for name, (fd, _) in given.items():
            d.keep(name, fd if isinstance(fd, int) else fd.fileno())
        for fd in [fd for fd, _ in given.values()] + [second, fresh]:
            if isinstance(fd, int):
                with contextlib.suppress(OSError):
                    os.close(fd)
            else:
                fd.close()
        d.start()
        assert sorted(why for _, why in reasons(d)) == sorted(why for _, why in given.values() if why), reasons(d)
        wait("nothing else to be kept", lambda: stored_devices(d) == ["m0", "s0"] and len(d.names()) == 1)
        wait("the second queue to be gone", lambda: kept("m0") == (0, 1))
        wait("the foreign device to be free", lambda: kept("foreign") == (0, 0))
        same.check()
        d.restart()
        same.check()
        # Without a record nothing is known to be ours.
        d.stop(signal.SIGKILL)
        os.unlink(d.dir + "/state/links")
        d.start()
        configured("m0", "s0")
        assert ("m0", "the record does not know its device") in reasons(d)
        wait("held anew, once", lambda: stored_devices(d) == ["m0", "s0"] and kept("m0") == (0, 1))


def test_two_generations():
    """Killed after a shelf was stored anew, and before the one before was removed."""
    with Managed(both()) as d:
        configured("m0", "s0")
        same = Same("m0", "s0")
        for older in ("queues-0-6", "queues-0-8"):
            d.stop(signal.SIGKILL)
            second = attach("m0")
            d.stored = [("queues-0-7" if older < "queues-0-7" else "queues-0-11", d.stored[0][1])]
            with pack(second) as shelf:
                d.keep(older, shelf.fileno())
            os.close(second)
            newer = d.names()[0]
            d.start()
            same.check(older)
            assert d.names() == [newer] and stored_devices(d) == ["m0", "s0"], (newer, stored(d))
        assert reasons(d) == [] and holds(d) == 0, reasons(d)


def test_attached_when_killed():
    """As in the moment when it raises the carrier: it would swallow packets."""
    with Managed(both()) as d:
        configured("m0")
        same = Same("m0")
        d.stop(signal.SIGKILL)
        with socket.socket(fileno=os.dup(d.stored[0][1])) as s:
            _, control, _, _ = s.recvmsg(256, socket.CMSG_SPACE(253 * 4), socket.MSG_PEEK)
        for queue in array.array("i", control[0][2]):
            with contextlib.suppress(OSError):
                fcntl.ioctl(queue, 0x400454D9, struct.pack("16sH22x", b"", 0x200))  # TUNSETQUEUE, attach
            os.close(queue)
        assert kept("m0") == (1, 0), kept("m0")
        d.start()
        same.check()
        assert "raise-carrier" not in d.log(), "it was detached later"


# Lent

def test_lent_queue():
    with Managed(files(("s0", single("s0", "tun")))) as d:
        configured("s0")
        same = Same("s0")
        with queues_harness.opener(0) as first, queues_harness.opener(0) as second:
            assert first.ask("open s0 1").startswith("opened 1 ")
            for _ in range(3):
                d.restart()
                assert queues_harness.leases("s0") == [(first.process.pid, 0)]
                assert f"lent s0 0 {first.process.pid}\n" in read(d.dir + "/state/links")
                said = second.ask("open s0 1")
                assert said.startswith("org.netdevd1.Busy: ") and str(first.process.pid) in said, said
            first.kill()
            wait("the lease is over", lambda: queues_harness.leases("s0") == [])
            assert second.ask("open s0 1").startswith("opened 1 ")
            d.stop(signal.SIGKILL)
            second.kill()
            d.start()
            assert queues_harness.leases("s0") == []
            wait("who had it last to be known", lambda: "lent s0 0 0\n" in read(d.dir + "/state/links"))
        same.check()
        # Held anew, it was never lent.
        d.stop()
        d.settle()
        d.forget()
        d.start()
        configured("s0")
        wait("a new record", lambda: "lent" not in read(d.dir + "/state/links"))


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


# Many

def many(count):
    """Single-queue taps with names as long as they can be."""
    names = [f"single{i:09}" for i in range(count)]
    everything = {}
    for name in names:
        everything[f"{name}.netdev"] = single(name)
        everything[f"{name}.network"] = network(name, more="LinkLocalAddressing=no\n[Link]\nQDisc=noqueue\n")
    with Managed(everything) as d:
        d.settle()
        shelves = -(-count // 200)
        assert len(d.names()) == shelves, (len(d.names()), shelves)
        assert stored_devices(d) == names
        same = Same(names[0], names[count // 2], names[-1])
        down = sum(changes(n) for n in names)
        for sig in (signal.SIGKILL, signal.SIGTERM):
            d.stop(sig)
            said = len(d.messages)
            start = time.monotonic()
            d.start()
            took = time.monotonic() - start
            same.check()
            assert sum(changes(n) for n in names) == down, "some lost the carrier"
            new = [m for m in d.messages[said:] if "FDSTORE" in m or "FDSTOREREMOVE" in m]
            assert new == [], new
            print(f"# {count} queues in {shelves} descriptors; ready {took:.2f} s after the start")
        assert f"{count} kept queues came back" in d.log() and reasons(d) == []

        # One less costs its shelf, not all of them.
        said = len(d.messages)
        d.write(f"{names[0]}.netdev", single(names[0], keep="no"))
        d.reload()
        wait("one to be given up", lambda: len(stored_devices(d)) == count - 1)
        new = [m for m in d.messages[said:] if "FDSTORE" in m or "FDSTOREREMOVE" in m]
        assert len(new) == 2, new
        d.stop(signal.SIGKILL)
        delete(names)


def delete(names):
    """One by one it would take the kernel 20 ms each."""
    for i in range(0, len(names), 100):
        ip_batch([f"link set {n} group 4711" for n in names[i:i + 100]])
        ip("link", "delete", "group", "4711")


def test_300():
    many(300)


def test_3000():
    many(3000)


if __name__ == "__main__":
    daemon_harness.run(globals())
