#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each allocation of memory fails once, while netdevd starts and creates, while it reloads, and while it hands out a
queue: it does not crash; it says that there was no memory, and of which device or file, or has all done; other devices
are as wanted; the next reload, or the next start, heals; and neither a descriptor nor a block of memory is left over.

NETDEVD_TEST_SECONDS: how long each test may take (10), which is enough for some of the allocations."""

import contextlib
import mmap
import os
import struct
import sys
import time

import daemon_harness as h
import faults_harness as f

LIBRARY = os.environ["PROGRAMS"] + "/failing-malloc.so"
SECONDS = float(os.environ.get("NETDEVD_TEST_SECONDS", "10"))
STRIDE = 17  # so that each part of the way has its share

MEMORY = "memory"  # of "Cannot allocate memory" and "Out of memory"
AT_ONCE = 5.0

AFTER = {
    **f.FILES,
    "10-keep0.network": h.network("keep0", "172.30.1.7/24", more="[Link]\nMTUBytes=1300\n"),
    "20-tap0.network": h.network("tap0", "172.30.2.1/24", "172.30.2.2/24"),
    "40-new0.netdev": h.mq("new0", user="1234"),
}
REMOVING = "[Daemon]\nRemoveUndeclared=yes\n"


class Memory:
    """What failing-malloc.c counts, and which allocation it is to fail."""

    NAMES = ("done", "fail_at", "failed", "live")

    def __init__(self, run):
        self.path = run.dir + "/memory"
        with open(self.path, "w+b") as file:
            file.truncate(8 * len(self.NAMES))
            self.map = mmap.mmap(file.fileno(), 0)

    def __getattr__(self, name):
        return struct.unpack_from("Q", self.map, 8 * self.NAMES.index(name))[0]

    def fail(self, nth):
        """That one from now on."""
        struct.pack_into("Q", self.map, 8 * self.NAMES.index("failed"), 0)
        struct.pack_into("Q", self.map, 8 * self.NAMES.index("fail_at"), self.done + nth)

    def rest(self):
        """Until nothing was allocated for a moment, and then none fails."""
        before = None
        while before != self.done:
            before = self.done
            time.sleep(0.1)
        struct.pack_into("Q", self.map, 8 * self.NAMES.index("fail_at"), 0)


def start(run, nth=0):
    """Whether it comes to its end, and what it counts."""
    memory = Memory(run)
    if nth:
        memory.fail(nth)
    run.start(bus=True, LD_PRELOAD=LIBRARY, FAILING_MALLOC=memory.path)
    return run.wait_ready(AT_ONCE), memory


@contextlib.contextmanager
def running(files):
    """A daemon at rest, on the bus."""
    run = f.Run(files)
    try:
        ready, memory = start(run)
        assert ready, run.log()
        h.wait("the bus", lambda: h.manager_prop("Version"))
        yield run, memory
    finally:
        f.leave(run)


def order(n):
    return (i for first in range(STRIDE) for i in range(first + 1, n + 1, STRIDE))


def one_by_one(n, attempt):
    """attempt(i) for as many of the allocations as there is time for; it gives the outcome, or None when there were
    fewer."""
    until = time.monotonic() + SECONDS
    seen, wrong, done = {}, [], 0
    for i in order(n):
        if time.monotonic() > until:
            break
        try:
            outcome = attempt(i)
        except AssertionError as e:
            outcome = "WRONG"
            wrong.append(f"allocation {i}: {e}")
        seen[outcome or "not reached"] = seen.get(outcome or "not reached", 0) + 1
        done += 1
    print(f"    {n} allocations, {done} failed: " + ", ".join(f"{k} x{v}" for k, v in sorted(seen.items())), flush=True)
    assert done >= 10 and seen.get("not reached", 0) <= done / 5, "hardly any failed"
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong)


def test_start():
    with running(f.FILES) as (run, memory):
        memory.rest()
        allocations, wanted = memory.done, f.kernel_state()
        assert run.reload()
        descriptors = run.descriptors()

    def attempt(nth):
        run = f.Run(f.FILES)
        try:
            ready, memory = start(run, nth)
            failed = memory.failed
            outcome, _ = f.outcome_of(run, ready, MEMORY, "", wanted)
            if ready:
                assert run.reload(AT_ONCE), "it ended at the reload"
                h.wait("all as wanted", lambda: f.kernel_state() == wanted, AT_ONCE)
                h.wait("nothing to be left open", lambda: not f.surplus(run.descriptors(), descriptors), AT_ONCE)
            status = run.end()
            assert status == (0 if ready else 1), f"exit status {status}"
            assert memory.live == 0, f"{memory.live} blocks are left"
            return outcome if failed else None
        except AssertionError as e:
            raise AssertionError(f"{e}\n{run.log()}") from e
        finally:
            f.leave(run)

    one_by_one(allocations, attempt)


def outcome_of_reload(log, before, wanted):
    """What came of it; every device that no error names is as it was or as it is to be."""
    now = f.kernel_state()
    said = MEMORY in log
    if now == wanted:
        return f.SAID if said else f.UNSEEN
    assert said, f"not as wanted, and nothing said: {f.differences(now, wanted)}"
    if now == before:
        return f.NOTHING
    failed = f.failures(log)
    for name in {*before["links"], *wanted["links"]} - set(failed):
        has = now["links"].get(name)
        assert has in (before["links"].get(name), wanted["links"].get(name)), f"{name} is {has}"
    return f.DEVICE if failed else f.FILE


class Reloads:
    """One daemon, told again and again to make AFTER of FILES; a new one when it ended."""

    def __init__(self):
        self.run = None

    def begin(self):
        self.run = f.Run(f.FILES)
        ready, self.memory = start(self.run)
        assert ready, self.run.log()
        self.there_and_back()  # what is allocated once is allocated
        self.before = f.kernel_state()
        self.at_rest = self.memory.live, self.run.descriptors()

    def there_and_back(self):
        self.to(AFTER)
        self.to(f.FILES)

    def to(self, files):
        self.run.write(files)
        assert self.run.reload(AT_ONCE), "it ended"

    def is_at_rest(self):
        live, descriptors = self.at_rest
        return f.kernel_state() == self.before and self.memory.live == live and \
            not f.surplus(self.run.descriptors(), descriptors)

    def attempt(self, nth, wanted):
        if not self.run:
            self.begin()
        said_before = len(self.run.log())
        self.run.write(AFTER)
        self.memory.fail(nth)
        try:
            if not self.run.reload(AT_ONCE):
                return self.ended(wanted)
            failed = self.memory.failed
            outcome = outcome_of_reload(self.run.log()[said_before:], self.before, wanted)
            self.to(AFTER)
            h.wait("all as wanted", lambda: f.kernel_state() == wanted, AT_ONCE)
            self.to(f.FILES)
            h.wait("all as before", self.is_at_rest, AT_ONCE)
            return outcome if failed else None
        except AssertionError as e:
            live, descriptors = self.at_rest
            text = f"{e}\n{self.run.log()[said_before:]}\nblocks {self.memory.live} of {live}, " \
                f"open {f.surplus(self.run.descriptors(), descriptors) if self.run.process.poll() is None else ''}"
            self.end()
            raise AssertionError(text) from e

    def ended(self, wanted):
        """The devices stay, and the next one goes on."""
        status, there = self.run.end(), f.links()
        assert status == 1, f"exit status {status}"
        assert MEMORY in self.run.log(), "it ended without the reason"
        assert self.memory.live == 0, f"{self.memory.live} blocks are left"
        assert start(self.run)[0], "the next start ended"
        now = f.kernel_state()
        assert now == wanted, f"after the next start: {f.differences(now, wanted)}"
        for name, link in f.links().items():
            assert name not in there or there[name]["ifindex"] == link["ifindex"], f"{name} was destroyed"
        self.end()
        return "it ends"

    def end(self):
        f.leave(self.run)
        self.run = None


def test_reload():
    with h.Settings(REMOVING):
        reloads = Reloads()
        reloads.begin()
        start_of_it = reloads.memory.done
        reloads.to(AFTER)
        allocations, wanted = reloads.memory.done - start_of_it, f.kernel_state()
        reloads.end()
        try:
            one_by_one(allocations, lambda nth: reloads.attempt(nth, wanted))
        finally:
            if reloads.run:
                reloads.end()


def test_hand_out():
    with running({"10-keep0.netdev": h.mq("keep0")}) as (run, memory):
        for _ in range(3):
            assert f.ask_for_queue() == (None, "")
        memory.rest()
        before = memory.done
        assert f.ask_for_queue() == (None, "")
        memory.rest()
        allocations, descriptors = memory.done - before, run.descriptors()

        def attempt(nth):
            memory.fail(nth)
            error, said = f.ask_for_queue()
            memory.rest()
            failed = memory.failed
            assert run.process.poll() is None, f"it ended: {run.log()}"
            h.wait("the bus", lambda: h.manager_prop("Version"), AT_ONCE)
            again = f.ask_for_queue()
            assert again == (None, ""), f"then {again}"
            h.wait("what was open before", lambda: run.descriptors() == descriptors, AT_ONCE)
            if not error:
                return f.UNSEEN if failed else None
            # Where libsystemd had no memory for the call or the answer, the connection is gone.
            if error.endswith(".NoReply"):
                return "connects anew"
            assert MEMORY in said.lower(), f"{error}: {said}"
            return "the caller's error"

        one_by_one(allocations, attempt)
        assert h.link("keep0")["linkinfo"]["info_data"]["numdisabled"] == 1
        status = run.end()
        assert status == 0 and memory.live == 0, f"exit status {status}, {memory.live} blocks are left"


if __name__ == "__main__":
    sys.exit(h.run(globals()))
