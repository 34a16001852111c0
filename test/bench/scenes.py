# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the running daemon takes for this and that, with many devices, on a bus as a system has it: reloading, answering
meanwhile, doing nothing, being restarted. Pruning and telling of events are measured by prune.py and latency.py, which
are commands too."""

import contextlib
import fcntl
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import time

from contestants import write_files
from machine import Failed, delete_devices, verify, warm_memory
from measure import STRACE, children
from process import FDS_START, Process

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "kernel"))
import raw_bus  # pylint: disable=wrong-import-position

SERVICE, ROOT = "org.netdevd1", "/org/netdevd1"
PING_EVERY = 0.002

# What a daemon that finds everything as it should be must not do.
WRITE = re.compile(r"TUNSET\w+|TUNATTACH\w+|RTM_(NEW|DEL|SET)\w+")


@contextlib.contextmanager
def stock_bus():
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    bus = raw_bus.start_stock_bus()
    try:
        yield
    finally:
        bus.terminate()
        bus.wait()


def command(paths, directory):
    return [paths["netdevd"], f"--config-dir={directory / 'network'}", f"--state-dir={directory / 'state'}"]


@contextlib.contextmanager
def running(paths, count, plan, directory):
    """The daemon, ready and at rest, with so many noqueue devices."""
    warm_memory(64 + count)
    (directory / "network").mkdir()
    write_files(directory / "network", count, noqueue=True)
    process = Process(command(paths, directory), directory)
    try:
        process.wait_ready()
        verify(count)
        process.listen(plan.settle)
        yield process
    finally:
        process.stop()
        delete_devices(count)


def ping(connection):
    """Milliseconds to the answer."""
    start = time.monotonic()
    reply = connection.call(SERVICE, ROOT, "org.freedesktop.DBus.Peer", "Ping")
    if reply.error:
        raise Failed(f"Ping: {reply.error}")
    return (time.monotonic() - start) * 1e3


def ping_until(connection, over):
    """The slowest answer while it is not over; always at least one."""
    slowest = ping(connection)
    while not over():
        slowest = max(slowest, ping(connection))
        time.sleep(PING_EVERY)
    return slowest


def reload(process, meanwhile=None):
    """Milliseconds from SIGHUP to READY=1, and of CPU; meanwhile(over) may do something else."""
    def over():
        return select.select([process.notify], [], [], 0)[0] and "READY=1" in process.receive()

    cpu, start = process.cpu(), time.monotonic()
    signal.pidfd_send_signal(process.pidfd, signal.SIGHUP)
    other = meanwhile(over) if meanwhile else None
    if not meanwhile:
        while "READY=1" not in process.receive():
            pass
    return (time.monotonic() - start) * 1e3, (process.cpu() - cpu) * 1e3, other


def busy_reloads(process, connection, count, directory):
    """Milliseconds, of CPU, and of the slowest answer meanwhile: with nothing to do, and with every device changed."""
    def once():
        return dict(zip(("wall", "cpu", "ping"), reload(process, lambda over: ping_until(connection, over))))

    nothing = once()
    write_files(directory / "network", count, noqueue=True, link="MTUBytes=1420\n")
    return {"nothing": nothing, "everything": once()}


def wake_ups(process, plan):
    """Context switches, of which there are as many as times it woke, and milliseconds of CPU."""
    process.listen(plan.settle)
    before, cpu = process.switches(), process.cpu()
    time.sleep(plan.idle)
    return {"seconds": plan.idle, "switches": process.switches() - before, "cpu": (process.cpu() - cpu) * 1e3}


def life(paths, count, plan, directory):
    """Everything that one daemon can be asked one after the other."""
    with stock_bus(), running(paths, count, plan, directory) as process, raw_bus.Connection() as connection:
        result = {"rss": process.status("VmRSS"), "peak": process.status("VmHWM")}
        result["reload"] = [reload(process)[:2] for _ in range(plan.repeats)]
        result["wake-ups"] = wake_ups(process, plan)
        result["busy-reloads"] = busy_reloads(process, connection, count, directory)
    return result


def crowd(paths, count, plan, directory):
    """Of more devices than the targets are for, what is reported only."""
    with stock_bus(), running(paths, count, plan, directory) as process, raw_bus.Connection() as connection:
        return {"rss": process.status("VmRSS"), "busy-reloads": busy_reloads(process, connection, count, directory)}


def command_json(name, paths, count, **numbers):
    """The result of a measurement that is a command, with namespaces of its own."""
    options = [f"--{key}={value}" for key, value in numbers.items()]
    out = subprocess.run([sys.executable, HERE / name, paths["netdevd"], "--json", f"--devices={count}", *options],
                         capture_output=True, text=True, check=False)
    if out.returncode != 0:
        raise Failed(f"{name}: exit status {out.returncode}: {out.stderr[-2000:].strip()}")
    return json.loads(out.stdout)


def prune(paths, count, plan, _directory):
    return command_json("prune.py", paths, count, runs=plan.prunes)


def events(paths, count, plan, _directory):
    return command_json("latency.py", paths, count, changes=plan.events, carriers=plan.prunes)


def restart(paths, count, plan, directory):
    """The daemon ends, by turns in good order and at once, and the next one is handed the kept queues."""
    times = []
    with stock_bus(), running(paths, count, plan, directory) as process:
        # Above the numbers at which the next one gets them.
        fds = [(name, fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, FDS_START + len(process.stored)))
               for name, fd in process.stored]
        if not fds:
            raise Failed("no queue was given to the service manager")
        process.end(signal.SIGTERM)
        for i in range(plan.repeats):
            after = Process(command(paths, directory), directory, fds)
            times.append(after.wait_ready() * 1e3)
            verify(count)
            after.stop((signal.SIGTERM, signal.SIGKILL)[i % 2])
        trace = directory / "trace"
        after = Process(command(paths, directory), directory, fds, wrapper=[*STRACE, "-o", str(trace)])
        after.wait_ready()
        for pid in children(after.pid):
            os.kill(pid, signal.SIGKILL)
        after.stop(signal.SIGCONT)
        text = trace.read_text(errors="replace")
        if "ioctl(" not in text or "nlmsg_type=" not in text:
            raise Failed("strace did not see what it looked for")
        verify(count)
    return {"wall": times, "writes": [found.group() for found in WRITE.finditer(text)]}
