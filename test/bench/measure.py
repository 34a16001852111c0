# SPDX-License-Identifier: LGPL-2.1-or-later
"""One run of one contestant, timed or counted, and rounds of all of them.

A timed run has nobody looking on. What it asks of the kernel is counted in a run of its own, under strace."""

import os
import re
import signal

import machine
from process import Process

# Every message of a batch, and not the first 32.
STRACE = ["strace", "-f", "-qq", "-v", "--seccomp-bpf", "-e", "signal=none", "-e", "trace=ioctl,sendto,sendmsg"]
IOCTL = re.compile(rb"^\d+ +ioctl\(", re.MULTILINE)
MESSAGE = re.compile(rb"\bnlmsg_type=")


def warm(contestant, count):
    """Right before it starts: two seconds later the free pages go back to the host again."""
    machine.warm_memory(min(contestant.megabytes(count), machine.meminfo("MemAvailable") >> 11))


def timed(contestant, paths, count, directory):
    argv = contestant.command(paths, directory, count, contestant.noqueue)
    done = contestant.done(count)
    warm(contestant, count)
    before = machine.meminfo("MemAvailable")
    process = Process(argv, directory)
    try:
        wall = done.wait(process)
        cpu = process.cpu()
        result = {
            "wall": wall * 1e3,
            "cpu": cpu * 1e3,
            "rss": process.status("VmRSS"),
            "peak": process.status("VmHWM"),
            "switches": process.switches(),
        }
        result["kernel"] = (before - machine.meminfo("MemAvailable") - result["rss"]) / count
        machine.verify(count, contestant.carrier)
    finally:
        process.stop(signal.SIGKILL)  # to end in good order would count as user time
        done.close()
        machine.delete_devices(count)
    # The kernel tells user from system time by where its clock ticks find a process: of one run that is a rough guess,
    # and the sum over many is good.
    result["user"] = min(process.usage.ru_utime, cpu) * 1e3
    result["system"] = result["cpu"] - result["user"]
    return result


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return [int(x) for x in f.read().split()]


def counted(contestant, paths, count, directory):
    argv = contestant.command(paths, directory, count, contestant.noqueue)
    done = contestant.done(count)
    warm(contestant, count)
    trace = directory / "trace"
    process = Process(argv, directory, wrapper=[*STRACE, "-o", str(trace)])
    try:
        done.wait(process)
    finally:
        for pid in children(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.stop(signal.SIGCONT, signal.SIGKILL)  # it ends when who it looks on has
        done.close()
        machine.delete_devices(count)
    text = trace.read_bytes()
    return {"messages": len(MESSAGE.findall(text)), "ioctls": len(IOCTL.findall(text))}


def run(job, contestant, paths, count):
    return machine.in_fresh_namespace(lambda directory: job(contestant, paths, count, directory))


def rounds(contestants, count, plan, once):
    """Everybody once a round, each round beginning with another one, so that a machine that warms up or tires favours
    nobody. plan: its runs() says of a contestant how many it gets, and its is_late() when no further round may begin.
    once(contestant): a run, or nothing where it failed; there is no next one then. For each key: the runs."""
    results = {c.key: [] for c in contestants}
    for i in range(max(plan.runs(c, count) for c in contestants)):
        if i > 0 and plan.is_late():
            break
        for j in range(len(contestants)):
            contestant = contestants[(i + j) % len(contestants)]
            runs = results[contestant.key]
            if len(runs) == i < plan.runs(contestant, count):
                runs += filter(None, [once(contestant)])
    return results
