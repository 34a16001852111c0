#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each system call netdevd makes on the bus, and for who asks it for a queue, fails once, with each errno that may be:
the caller is told the operation and the errno, or netdevd says that the bus is gone and is back on it soon; devices do
not notice, no descriptor is left over, and the next who asks has his queue. As in test-fail-anywhere.py the calls come
from the trace of a clean run, and one that no row speaks of is a failure."""

import errno
import os
import re
import sys
import time

import daemon_harness as h
import faults_harness as f
from faults_harness import SAID, UNSEEN

ERROR = "the caller's error"  # with the operation and the errno
ANEW = "connects anew"  # and says so; a call that was under way has no reply

# As in test-fail-anywhere.py.
QUEUE_ROWS = [
    (f.TUN + "(TUNSETVNETBE)", "EPERM EBADFD", ERROR, "{0}"),
    (f.TUN + "(TUNSETIFF)", "EPERM EBUSY EBADFD EINVAL", ERROR, "{0}"),
    (f.TUN + r"(TUN\w+)", "EPERM EBADFD EINVAL", ERROR, "{0}"),
    (r"^openat\(.*\"(/dev/net/tun)\"", "EACCES ENXIO EMFILE ENFILE ENOMEM", ERROR, "{0}"),
    (r"^fcntl\(.*(F_DUPFD_CLOEXEC)", "EMFILE", ERROR, ""),
    (r"^(preadv2)\(", "EIO EBADFD ENOMEM", (ERROR, UNSEEN), ""),
    (r"^(pidfd_open)\(", "EMFILE ENFILE ENOMEM ENOSYS", (ERROR, UNSEEN), ""),  # it is needed to lend, and else good
    (r"^(epoll_ctl)\(.*EPOLL_CTL_ADD", "ENOMEM ENOSPC", ERROR, ""),
    (r"^sendto\(.*nlmsg_type=(RTM_GETLINK)", "ENOBUFS ENOMEM EPERM", (ERROR, UNSEEN), ""),
    (r"^sendto\(.*nlmsg_type=(RTM_GETADDR)", "ENOBUFS ENOMEM EPERM", UNSEEN, ""),  # a look afterwards
    # Which one of its number a receive is depends on when the kernel tells what, so that all may come to the same.
    (r"^recvmsg\(.*nlmsg_type=(RTM_NEWLINK)", "ENOMEM ENOBUFS EINTR", (ERROR, ANEW, UNSEEN), ""),
    (r"^recvmsg\(.*(nlmsg_type=NLMSG_DONE|nlmsg_type=RTM_NEWADDR|MSG_DONTWAIT\) = -1 EAGAIN)", "ENOMEM ENOBUFS EINTR",
     (ERROR, ANEW, UNSEEN), ""),

    # That one had the queue is recorded before it has it.
    (r"^openat\(.*/state/(\.links\.tmp)\"", "EACCES EROFS ENOSPC EMFILE", (ERROR, UNSEEN), ""),
    (r"^(fchmod)\(", "EPERM EIO", (ERROR, UNSEEN), ""),
    (r"^write\(\d+<.*/state/(\.links\.tmp)>", "ENOSPC EIO EDQUOT", (ERROR, UNSEEN), ""),
    (r"^(rename)\(", "ENOSPC EIO EACCES", (ERROR, UNSEEN), ""),
    (r"^(unlink|newfstatat)\(", "", "in test-fail-anywhere", ""),

    (r"^(recvmsg|sendmsg)\(\d+<socket:\[\d+\]>, .msg_name=NULL", "EINTR EAGAIN ECONNRESET ENOMEM ENOBUFS",
     (ERROR, ANEW, UNSEEN), ""),
    (r"^(epoll_wait|epoll_ctl|timerfd_settime|gettid|close|brk|fcntl|futex|mmap|munmap)\(", "", "as above", ""),
]


# From socket(2) on until the name is ours.
BUS_ROWS = [
    (r"^(socket)\(", "EMFILE ENFILE ENOMEM EACCES", SAID, ""),
    (r"^(connect)\(", "ECONNREFUSED ENOENT EACCES EAGAIN EPERM", (SAID, UNSEEN), ""),
    (r"^[gs]etsockopt\(.*(SO_(?:RCVBUF|SNDBUF)\w*)", "EPERM ENOMEM", UNSEEN, ""),
    (r"^getsockopt\(.*(SO_PEER\w+)", "ENOPROTOOPT", (SAID, UNSEEN), ""),
    (r"^getsockopt\(.*(SO_ACCEPTCONN)", "ENOMEM", (SAID, UNSEEN), ""),
    (r"^(newfstatat|getsockname|fcntl)\(", "ENOMEM", (SAID, UNSEEN), ""),
    (r"^(epoll_ctl)\(.*EPOLL_CTL_ADD", "ENOMEM ENOSPC", SAID, ""),
    (r"^(epoll_ctl)\(", "ENOMEM", (SAID, ANEW, UNSEEN), ""),
    (r"^(sendmsg)\(.*AUTH", "ECONNRESET EPIPE ENOBUFS ENOMEM EINTR EAGAIN", (SAID, ANEW, UNSEEN), ""),
    (r"^(sendmsg)\(", "ECONNRESET EPIPE ENOBUFS ENOMEM EINTR EAGAIN", (ANEW, UNSEEN), ""),
    (r"^(recvmsg)\(", "ECONNRESET ENOMEM EINTR EAGAIN", (ANEW, UNSEEN), ""),
]


def on_the_bus():
    h.wait("the daemon on the bus", lambda: h.manager_prop("Version"), 5)


def outcome_of_question(error, said, text, says):
    if not error:
        return UNSEEN
    if error.endswith(".NoReply"):
        return ANEW
    assert text.lower() in said.lower() and says in said, f"{error}: {said}"
    return ERROR


class Question:
    """For a queue of a device, on one daemon."""

    def __init__(self, run, name):
        self.run = run
        self.name = name
        self.descriptors = None

    def ask(self, *arguments):
        h.wait("the end of the last lease", lambda: "anon_inode:[pidfd]" not in self.run.descriptors(), 5)
        time.sleep(0.03)  # and what follows from it
        with f.strace(self.run, *arguments):
            answer = f.ask_for_queue(self.name)
            time.sleep(0.05)  # what is done when it was answered
        with open(self.run.dir + "/trace", encoding="utf-8", errors="replace") as trace:
            return answer, trace.read()

    def clean(self):
        """The calls."""
        assert f.ask_for_queue(self.name) == (None, "")  # what is done once is done
        answer, _ = self.ask()
        assert answer == (None, ""), answer
        self.descriptors = self.run.descriptors()
        return f.read_trace(self.run.dir + "/trace")

    def fail(self, call, name, row):
        _, _, allowed, says = row
        (error, said), trace = self.ask("-e", "trace=" + call.name, "-e",
                                        f"inject={call.name}:error={name}:when={call.nth}")
        if "(INJECTED)" not in trace:
            return f.NOT_REACHED
        outcome = outcome_of_question(error, said, os.strerror(getattr(errno, name)), says)
        assert outcome in allowed, f"{outcome}, where {' or '.join(allowed)} was expected: {error} {said}"
        on_the_bus()
        again = f.ask_for_queue(self.name)
        assert again == (None, ""), f"then {again}"
        h.wait("what was open before", lambda: self.run.descriptors() == self.descriptors, 5)
        return outcome


def hand_out(name, netdev):
    f.need_strace()
    run = f.Run({f"10-{name}.netdev": netdev}).start(bus=True)
    try:
        assert run.wait_ready(), run.log()
        on_the_bus()
        question = Question(run, name)
        f.each_once(question.clean(), QUEUE_ROWS, question.fail)
        return h.link(name)["linkinfo"]["info_data"]
    finally:
        run.end()
        f.delete_links()


def test_hand_out():
    assert hand_out("keep0", h.mq("keep0"))["numdisabled"] == 1


def test_hand_out_of_the_only_queue():
    hand_out("one0", "[NetDev]\nName=one0\nKind=tap\n[Tap]\nKeepCarrier=yes\nUser=0\n")


def bus_calls(path):
    """What is done to have, and with, the first stream socket."""
    calls = f.read_trace(path)
    first = f.first_call(calls, r"^socket\(AF_UNIX, SOCK_STREAM")
    bus = re.search(r"= (\d+<socket:\[\d+\]>)|= -1", calls[first].text)[1]
    return [c for c in calls if c == calls[first] or
            bus and c.name != "close" and re.search(rf"(^|ADD, |MOD, ){re.escape(bus)}", c.text)]


def joining(*arguments):
    """netdevd while it starts, under strace."""
    run = f.Run({"10-keep0.netdev": h.mq("keep0", user="1234")})
    return run.start(["-y", "-s", "200", "-o", run.dir + "/trace", *arguments], bus=True)


def test_joining():
    f.need_strace()
    run = joining()
    try:
        assert run.wait_ready(), run.log()
        on_the_bus()
        wanted, descriptors = f.kernel_state(), run.descriptors()
        assert run.end() == 0
        calls = bus_calls(run.dir + "/trace")
        named = f.first_call(calls, r"^sendmsg\(.*RequestName") + 3  # the answers, too
    finally:
        f.leave(run)

    def fail(call, name, row):
        run = joining("-e", f"inject={call.name}:error={name}:when={call.nth}")
        try:
            assert run.wait_ready(), "it ended"
            on_the_bus()
            log = run.log()
            outcome = UNSEEN
            if "Cannot connect to the system bus" in log:
                assert os.strerror(getattr(errno, name)) in log, "it says something else"
                outcome = SAID
            elif "The connection to the system bus is gone" in log:
                outcome = ANEW
            # A connection that ends takes the question for the name along, which is no refusal.
            assert "does not give us the name" not in log, "it speaks of its name"
            assert outcome in row[2], f"{outcome}, where {' or '.join(row[2])} was expected"
            assert f.kernel_state() == wanted, f.differences(f.kernel_state(), wanted)
            h.wait("nothing to be left open", lambda: not f.surplus(run.descriptors(), descriptors), 5)
            assert run.end() == 0
            hit = any("(INJECTED)" in c.text for c in bus_calls(run.dir + "/trace"))
            return outcome if hit else f.NOT_REACHED
        except AssertionError as e:
            raise AssertionError(f"{e}\n{run.log()}") from e
        finally:
            f.leave(run)

    f.each_once(calls[:named], BUS_ROWS, fail)


if __name__ == "__main__":
    sys.exit(h.run(globals()))
