# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program under test, with us as its service manager, and what it uses."""

import os
import pathlib
import select
import signal
import socket
import time

from machine import Failed

READY_TIMEOUT = 300
FDS_START = 3

# Only the program itself knows its process id.
WITH_FDS = ["/bin/sh", "-c", 'export LISTEN_PID=$$; exec "$@"', "sh"]


class Process:
    """fds: pairs of a name and a descriptor, kept from a run before, which the program is handed."""

    def __init__(self, argv, directory, fds=(), wrapper=()):
        self.log = directory / "log"
        self.stored = []
        self.usage = None

        path = directory / "notify"
        path.unlink(missing_ok=True)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.notify.bind(str(path))
        path.chmod(0o666)  # networkd tells as its own user that it is ready

        env = dict(os.environ, NOTIFY_SOCKET=str(path))
        actions = [
            (os.POSIX_SPAWN_OPEN, 1, str(self.log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        if fds:
            env |= {"LISTEN_FDS": str(len(fds)), "LISTEN_FDNAMES": ":".join(name for name, _ in fds)}
            actions += [(os.POSIX_SPAWN_DUP2, fd, FDS_START + i) for i, (_, fd) in enumerate(fds)]
            argv = [*WITH_FDS, *argv]
        argv = [*wrapper, *argv]
        self.start = time.monotonic()
        self.pid = os.posix_spawnp(argv[0], argv, env, file_actions=actions)
        self.pidfd = os.pidfd_open(self.pid)

    def receive(self):
        """One message; stored descriptors are kept as PID 1 would, a barrier's is closed, as that answers it."""
        message, fds, _, _ = socket.recv_fds(self.notify, 65536, 253)
        lines = message.decode().split("\n")
        if "FDSTORE=1" in lines:
            name = next(line.partition("=")[2] for line in lines if line.startswith("FDNAME="))
            self.stored += [(name, fd) for fd in fds]
        else:
            for fd in fds:
                os.close(fd)
        return lines

    def ended(self):
        return Failed(f"it ended too early: {self.log.read_text()[-2000:].strip()}")

    def wait_ready(self):
        """The seconds since the start."""
        deadline = time.monotonic() + READY_TIMEOUT
        while True:
            readable, _, _ = select.select([self.notify, self.pidfd], [], [], deadline - time.monotonic())
            if self.notify in readable:
                if "READY=1" in self.receive():
                    return time.monotonic() - self.start
            elif self.pidfd in readable:
                raise self.ended()
            else:
                raise Failed(f"not ready after {READY_TIMEOUT} s")

    def listen(self, seconds):
        """To whatever else it tells us, as a service manager does all the time."""
        end = time.monotonic() + seconds
        while select.select([self.notify], [], [], max(0, end - time.monotonic()))[0]:
            self.receive()

    def cpu(self):
        """Seconds of CPU, user and system, of all threads; to the nanosecond."""
        return time.clock_gettime((~self.pid << 3) | 2)  # clock_getcpuclockid(3)

    def status(self, *keys, threads=False):
        """The sum of fields of /proc/PID/status, or over its threads."""
        total = 0
        for task in os.listdir(f"/proc/{self.pid}/task") if threads else [self.pid]:
            for line in pathlib.Path(f"/proc/{self.pid}/task/{task}/status").read_text().splitlines():
                key, _, value = line.partition(":")
                if key in keys:
                    total += int(value.split()[0])
        return total

    def switches(self):
        return self.status("voluntary_ctxt_switches", "nonvoluntary_ctxt_switches", threads=True)

    def end(self, *signals):
        """With the first signal that it heeds; its resources used are then in .usage. What it stored stays."""
        if self.usage is not None:
            return
        for sig in signals or (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(self.pidfd, sig)
            if select.select([self.pidfd], [], [], 10)[0]:
                break
        self.usage = os.wait4(self.pid, 0)[2]
        os.close(self.pidfd)
        self.notify.close()

    def stop(self, *signals):
        self.end(*signals)
        for _, fd in self.stored:
            os.close(fd)
        self.stored = []
