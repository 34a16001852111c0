#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the service manager and whoever asks on the bus are told while many devices are made, and in the end."""

import os
import re
import signal
import subprocess
import time

import daemon_harness
from daemon_harness import ip, ip_batch, manager, manager_prop, mq, network, state, wait, wait_state
from service_manager import Managed

DEVICES = 150  # of the kernel's own queueing discipline, 256 each: some milliseconds to bring one up
GROUP = 4712
LINE = re.compile(r"(Creating|Setting up|Removing) devices: (\d+) of (\d+)( ready)?")


class Told(Managed):
    """Notes when each STATUS= came, and what the bus said of it right after."""

    def __init__(self, files):
        self.told = []  # (time, text)
        super().__init__(files)

    def handle(self, lines, fds):
        super().handle(lines, fds)
        self.told += [(time.monotonic(), x.removeprefix("STATUS=")) for x in lines if x.startswith("STATUS=")]

    def texts(self):
        self.settle()
        return [text for _, text in self.told]


def files(count):
    return {f"t{i}.netdev": mq(f"t{i}") for i in range(count)} | {
        f"t{i}.network": network(f"t{i}", f"10.0.{i}.1/32") for i in range(count)}


def delete(names):
    for i in range(0, len(names), 30):
        ip_batch([f"link set {name} group {GROUP}" for name in names[i:i + 30]])
        ip("link", "delete", "group", str(GROUP))


def check_lines(lines):
    """Each tells of more than the one before of its kind, and of as many things in all."""
    last = {}
    for line in lines:
        what, done, total, ready = LINE.fullmatch(line).groups()
        assert (what == "Setting up") == bool(ready), line
        assert int(total) == DEVICES and last.get(what, -1) <= int(done) <= DEVICES, lines
        last[what] = int(done)


def interrupt(daemon):
    """In the midst of its work, for longer than it works without a word."""
    wait("the first devices", lambda: os.path.exists("/sys/class/net/t10"))
    daemon.process.send_signal(signal.SIGSTOP)
    time.sleep(0.4)
    daemon.process.send_signal(signal.SIGCONT)


class Slow(Told):
    def start(self, wait_bus=True):
        super().start(wait_bus=False)
        interrupt(self)
        wait("the daemon to be ready", lambda: self.ready > 0)
        return self


def test_many():
    with Slow(files(DEVICES)) as d:
        d.settle()
        assert "READY=1" in [f"{k}={v}" for f in d.messages for k, v in f.items()]
        texts = d.texts()
        assert texts[-1] == f"{DEVICES} devices ready", texts
        assert len(texts) > 1, "it took its time, and nobody was told"
        check_lines(texts[:-1])
        times = [t for t, _ in d.told]
        assert all(b - a > 0.2 for a, b in zip(times[:-1], times[1:-1])), times
        assert manager_prop("Progress") == ["", 0, 0]

        # Made anew, with somebody who asks.
        names = [f"t{i}" for i in range(DEVICES)]
        delete(names)
        wait_state(names[-1], "missing")
        reload = subprocess.Popen(["busctl", "call", "org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager", "Reload"])
        seen = []
        while reload.poll() is None:
            seen.append(tuple(manager_prop("Progress")))
        assert reload.returncode == 0
        seen = [x for x in seen if x[0]]
        assert seen and {what for what, _, _ in seen} <= {"creating", "setting-up"}, seen
        assert all(a[1] <= b[1] for a, b in zip(seen, seen[1:]) if a[0] == b[0]), seen
        assert {total for _, _, total in seen} == {DEVICES}, seen
        assert manager_prop("Progress") == ["", 0, 0]

        for name in names[1:]:
            os.unlink(f"{d.dir}/etc/{name}.netdev")
        d.reload()
        wait("the orphans in words", lambda: d.texts()[-1] == f"1 device ready, {DEVICES - 1} orphaned")
        manager("Prune")
        wait("what is left, in words", lambda: d.texts()[-1] == "1 device ready")


def test_in_the_end():
    with Told({"a.netdev": mq("t0"), "a.network": network("t0"), "b.netdev": mq("t1", user="nosuch")}) as d:
        wait_state("t1", "failed")
        assert d.texts() == ["1 device ready, 1 failed"], d.texts()
        d.rewrite("b.netdev", mq("t1"))
        wait("both", lambda: d.texts()[-1] == "2 devices ready")
        assert d.texts()[1:-1] == ["Reloading"], d.texts()

        ip("link", "set", "t0", "down")
        wait("drift in words", lambda: d.texts()[-1] == "1 device ready, 1 drifted")
        manager("Reconfigure", "s", "t0")
        wait("none any more", lambda: d.texts()[-1] == "2 devices ready")

        # However often it changes.
        before = len(d.texts())
        start = time.monotonic()
        for _ in range(40):
            for way in "down", "up":
                ip("link", "set", "t0", way)
        took = time.monotonic() - start
        wait("the last word", lambda: state("t0") == "configured" and d.texts()[-1] == "2 devices ready")
        assert len(d.texts()) - before <= took * 4 + 3, (took, d.texts()[before:])

        # What is over at once, and what nobody asked for, is not told of.
        before = d.texts()
        ip("tuntap", "add", "other", "mode", "tap", "user", "0")
        manager("Reconfigure", "s", "t0")
        time.sleep(0.5)
        assert d.texts() == before, d.texts()


if __name__ == "__main__":
    daemon_harness.run(globals())
