#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each system call netdevd makes to have a device made in a private network namespace fails once, in itself, in the
helper it forks, and in the one that the service manager starts for it: the device's error names the operation and the
errno, with nothing left over, or the device is made under a name nobody knows. As in test-fail-anywhere.py the calls
come from the trace of a clean run."""

import contextlib
import errno
import os
import socket
import subprocess
import sys
import threading

import daemon_harness as h
import faults_harness as f
from faults_harness import DEVICE, UNSEEN

SQUATTING = os.environ["PROGRAMS"] + "/squatting.so"
FILES = {f"{i}0-nest{i}.netdev": h.mq(f"nest{i}", user="1234") for i in range(1, 3)}

OPENING = "opening /dev/net/tun in a private network namespace"
MOVING = "moving the new device out of its private network namespace"

# As in test-fail-anywhere.py. What comes before there is a namespace costs nothing: another way is taken.
ROWS = [
    (r"^openat\(.*\"/proc/self/(ns/net)\"", "EACCES EMFILE ENFILE", UNSEEN, ""),
    (r"^(socketpair|clone\w*|fork)\(", "EMFILE ENOMEM EAGAIN", UNSEEN, ""),
    (r"^(socket|connect)\(", "EMFILE EACCES ECONNREFUSED EAGAIN", UNSEEN, ""),
    (r"^(fcntl)\(.*F_SETFL", "EBADF", UNSEEN, ""),
    (r"^sendto\(.*?, \"(.0)\", 1", "EPIPE ENOBUFS ENOMEM", DEVICE, OPENING),
    (r"^(recvmsg)\(\d+<socket:\[\d+\]>, .msg_name=NULL", "ECONNRESET ENOMEM EINTR", (UNSEEN, DEVICE), ""),
    (f.TUN + r"(TUN\w+)", "EPERM EBUSY EBADFD", DEVICE, "{0}"),
    # strace knows the types of messages only on sockets that it saw made: RTM_GETLINK is 0x12, RTM_SETLINK 0x13.
    (r"^sendto\(.*nlmsg_type=(0x12|RTM_GETLINK)", "ENOBUFS ENOMEM EPERM", DEVICE, "looking at the new device"),
    (r"^sendto\(.*nlmsg_type=(0x13)", "ENOBUFS ENOMEM EPERM", DEVICE, MOVING),
    (r"^recvmsg\(.*nlmsg_type=(\w+)", "ENOMEM ENOBUFS EINTR", (DEVICE, UNSEEN), ""),
    (r"^openat\(.*/state/(links)\"", "EACCES EROFS EMFILE", UNSEEN, ""),  # written whole a moment later
    (r"^write\(.*/state/(links)>", "ENOSPC EIO EINTR", UNSEEN, ""),
    (r"^(poll)\(", "ENOMEM", UNSEEN, ""),
    (r"^(getrandom)\(", "ENOSYS", UNSEEN, ""),
    (r"^(kill|wait4|getsockopt|setsockopt|close|write|gettid|epoll_wait|brk|mmap|munmap|rt_sigprocmask)\(", "",
     "as in test-fail-anywhere", ""),
]

# Of the helper alone. It tells what it could not do, or else is gone.
HELPER_ROWS = [
    (r"^(dup2|close_range|prctl)\(", "EINTR ENOMEM", UNSEEN, ""),
    (r"^(unshare)\(", "EPERM ENOSPC ENOMEM", UNSEEN, ""),
]
SERVICE_ROWS = [
    (r"^(socket)\(AF_NETLINK", "EMFILE EACCES", UNSEEN, ""),
    (r"^(sendmsg)\(.*cmsg_data=\[\d+<socket", "ENOBUFS EPIPE", UNSEEN, ""),
    (r"^openat\(.*(/dev/net/tun)", "EACCES EMFILE ENXIO", DEVICE, OPENING),
    (r"^(sendmsg)\(", "ENOBUFS EPIPE", DEVICE, OPENING),
    (r"^(read)\(", "EIO", DEVICE, OPENING),
    (r"^(close|exit_group|brk|futex|get\w+id|madvise|mmap|mprotect|munmap|sigaltstack)\(", "",
     "cannot fail, or is the sanitizers'", ""),
]
GONE = [os.strerror(errno.ECONNRESET), os.strerror(errno.EPIPE)]  # when it is sent to, or after


class Service:
    """In the place of netdevd-nursery.socket: for each connection a helper in a namespace of its own."""

    def __init__(self, *strace):
        self.strace = strace

    def __enter__(self):
        os.makedirs("/run/netdevd", exist_ok=True)  # our own /run
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with contextlib.suppress(FileNotFoundError):
            os.unlink("/run/netdevd/nursery")
        self.socket.bind("/run/netdevd/nursery")
        self.socket.listen()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                with connection:
                    subprocess.run(["unshare", "--net", *self.strace, "sh", "-c",
                                    f"LISTEN_FDS=1 LISTEN_PID=$$ exec {h.NETDEVD} --nursery 3<&0"],
                                   stdin=connection, check=False, env=f.traced_env())

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()
        os.unlink("/run/netdevd/nursery")


def began(strace, follow=False):
    run = f.Run(FILES)
    run.start(["-y", "-s", "200", "-o", run.dir + "/trace", *strace], follow=follow, LD_PRELOAD=SQUATTING)
    return run


class Births:
    """Of a device that somebody was on at first; extra: what strace is told besides."""

    def __init__(self, *extra, follow=False):
        self.extra = extra
        self.follow = follow
        run = began(extra, follow)
        try:
            assert run.wait_ready(), run.log()
            assert "Another local user attached" in run.log() and not f.failures(run.log()), run.log()
            self.wanted = f.kernel_state()
            assert self.wanted["links"].keys() == {"nest1", "nest2"}, self.wanted
            self.was_hidden = f.links()["nest1"]["ifindex"] > 0xFFFFFF
            assert run.reload()
            self.descriptors = run.descriptors()
            assert run.end() == 0
            calls = f.read_trace(run.dir + "/trace")
            first = f.first_call(calls, r"^openat\(.*/proc/self/ns/net")
            self.calls = calls[first:first + f.first_call(calls[first:], r"^write\(2<")]
        finally:
            f.leave(run)

    def fail(self, call, name, row):
        run = began([*self.extra, "-e", f"inject={call.name}:error={name}:when={call.nth}"], self.follow)
        try:
            assert run.wait_ready(), "it ended"
            return self.judge(run, row, os.strerror(getattr(errno, name)))
        except AssertionError as e:
            raise AssertionError(f"{e}\n{run.log()}") from e
        finally:
            f.leave(run)

    def judge(self, run, row, text):
        """The outcome, after which the next reload heals."""
        outcome, names = f.outcome_of(run, True, text, row[3], self.wanted)
        assert outcome in row[2], f"{outcome}, where {' or '.join(row[2])} was expected"
        assert not names & set(f.links()), f"of a creation that failed there is left {names}"
        assert run.reload(), "it ended at the reload"
        h.wait("all as wanted", lambda: f.kernel_state() == self.wanted, 5)
        h.wait("nothing to be left open", lambda: not f.surplus(run.descriptors(), self.descriptors), 5)
        status = run.end()
        assert status == 0, f"exit status {status}"
        return outcome


def test_fork():
    f.need_strace()
    births = Births()
    assert births.was_hidden, "it was not made in a namespace"
    f.each_once(births.calls, ROWS, births.fail)


def test_helper():
    f.need_strace()
    births = Births(follow=True)
    f.each_once([f.Call(name, "", 1) for name in ("dup2", "close_range", "prctl", "unshare")], HELPER_ROWS, births.fail)


# And the service is there when it is looked for, as else another way is taken meanwhile.
NO_NAMESPACE = ("-e", "inject=unshare:error=EPERM", "-e", "inject=poll:delay_enter=200000:when=1")


def test_connecting_to_the_service():
    f.need_strace()
    with Service():
        births = Births(*NO_NAMESPACE, follow=True)
        assert births.was_hidden, "it was not made in a namespace"
        calls = births.calls[:f.first_call(births.calls, f.TUN)]  # the others are as above
        f.each_once(calls, ROWS, births.fail)


def test_service():
    f.need_strace()
    trace = h.TMP + "/service"
    with Service("strace", "-y", "-s", "200", "-o", trace):
        births = Births(*NO_NAMESPACE, follow=True)
    calls = f.read_trace(trace)
    calls = calls[f.first_call(calls, r"^socket\(AF_NETLINK"):]

    def fail(call, name, row):
        run = None
        with Service("strace", "-o", "/dev/null", "-e", f"inject={call.name}:error={name}:when={call.nth}"):
            run = began(NO_NAMESPACE, follow=True)
            try:
                assert run.wait_ready(), "it ended"
                text = os.strerror(getattr(errno, name))
                if call.name != "openat":  # the only one that it can tell of
                    text = next((x for x in GONE if x in run.log()), text)
                return births.judge(run, row, text)
            except AssertionError as e:
                raise AssertionError(f"{e}\n{run.log()}") from e
            finally:
                f.leave(run)

    f.each_once(calls, SERVICE_ROWS, fail)


if __name__ == "__main__":
    sys.exit(h.run(globals()))
