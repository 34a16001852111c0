# SPDX-License-Identifier: LGPL-2.1-or-later
"""A service manager for one netdevd: it keeps the descriptors that it is given, as PID 1 does, and hands them to the
next one."""

import contextlib
import fcntl
import os
import resource
import signal
import socket
import threading

import daemon_harness
from daemon_harness import Daemon, wait

FDS_START = 3
HIGH = 2000  # what is kept stands above what a child gets

START = 'export LISTEN_PID=$$; exec "$@"'


class Process:
    """As much of subprocess.Popen as Daemon uses. That one cannot put descriptors at given numbers."""

    def __init__(self, argv, env, log, fds):
        actions = [(os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
                   (os.POSIX_SPAWN_DUP2, 1, 2)]
        actions += [(os.POSIX_SPAWN_DUP2, fd, FDS_START + i) for i, fd in enumerate(fds)]
        self.pid = os.posix_spawn("/bin/sh", ["sh", "-c", START, "sh", *argv], env, file_actions=actions)
        self.pidfd = os.pidfd_open(self.pid)
        self.lock = threading.Lock()
        self.status = None

    def send_signal(self, sig):
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, sig)

    def poll(self):
        with self.lock:
            if self.status is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                self.status = os.waitstatus_to_exitcode(status) if pid else None
            return self.status

    def wait(self, timeout):
        wait("the end of the daemon", lambda: self.poll() is not None, timeout)
        os.close(self.pidfd)
        return self.status


class Managed(Daemon):
    """netdevd with such a service manager. kill_at: it is killed when so many more messages have come from it."""

    def __init__(self, files=None, extra=()):
        super().__init__(files, extra)
        self.stored = []  # (name, fd)
        self.ready = 0
        self.messages = []
        self.kill_at = None
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.socket.bind(self.dir + "/notify")
        self.lock = threading.Lock()
        self.closed = False
        self.thread = threading.Thread(target=self.receive, daemon=True)
        self.thread.start()

    def receive(self):
        while True:
            message, fds, _, _ = socket.recv_fds(self.socket, 65536, 253)
            if not message:
                return
            with self.lock:
                self.handle(message.decode().split("\n"), fds)

    def handle(self, lines, fds):
        if self.kill_at is not None:
            self.kill_at -= 1
            if self.kill_at == 0:
                self.process.send_signal(signal.SIGKILL)
        fields = dict(line.split("=", 1) for line in lines if "=" in line)
        self.messages.append(fields)
        if fields.get("FDSTORE") == "1":
            assert fields["FDPOLL"] == "0", "a socket whose other end is closed would not be kept"
            for fd in fds:
                self.keep(fields["FDNAME"], fd)
        elif fields.get("FDSTOREREMOVE") == "1":
            for name, fd in self.stored:
                if name == fields["FDNAME"]:
                    os.close(fd)
            self.stored = [x for x in self.stored if x[0] != fields["FDNAME"]]
        self.ready += fields.get("READY") == "1"
        for fd in fds:
            os.close(fd)  # a barrier's is answered by that

    def keep(self, name, fd):
        """A copy."""
        self.stored.append((name, fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH)))

    def names(self):
        with self.lock:
            return [name for name, _ in self.stored]

    def start(self, wait_bus=True):
        ready = self.ready
        self.settle()
        with self.lock:
            env = dict(os.environ, NOTIFY_SOCKET=self.dir + "/notify")
            if self.stored:
                env |= {"LISTEN_FDS": str(len(self.stored)), "LISTEN_FDNAMES": ":".join(n for n, _ in self.stored)}
            self.process = Process(
                [daemon_harness.NETDEVD, f"--config-dir={self.dir}/etc", f"--state-dir={self.dir}/state",
                 "--log-level=debug", *self.extra], env, self.dir + "/log", [fd for _, fd in self.stored])
        if wait_bus:
            wait("the daemon to be ready", lambda: self.ready > ready or self.process.poll() is not None, 60)
        return self

    def settle(self):
        """All that was said so far is done."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.connect(self.dir + "/notify")
            r, w = os.pipe()
            socket.send_fds(s, [b"BARRIER=1"], [w])
            os.close(w)
            os.read(r, 1)
            os.close(r)

    def restart(self, sig=signal.SIGKILL):
        self.stop(sig)
        return self.start()

    def forget(self):
        """As at `systemctl stop`."""
        with self.lock:
            for _, fd in self.stored:
                os.close(fd)
            self.stored = []

    def __exit__(self, *args):
        super().__exit__(*args)
        if not self.closed:
            self.closed = True
            self.forget()
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
                s.sendto(b"", self.dir + "/notify")
            self.thread.join()
            self.socket.close()


def kept(name):
    """(queues, disabled queues) of a device, as the kernel has it."""
    data = daemon_harness.link(name)["linkinfo"]["info_data"]
    return data.get("numqueues"), data.get("numdisabled")
