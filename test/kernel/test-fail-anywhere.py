#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each system call netdevd makes while it starts and creates fails once, with each errno that may be: the error
names the operation and the errno and is the device's whose call it was, other devices are as wanted, no descriptor is
left over, and a reload heals it. The calls come from the trace of a clean run; one that no row speaks of is a failure.

NETDEVD_TEST_SECONDS: how long it may take (20) before calls like others that were tried already are left out."""

import errno
import os
import sys
import time

import daemon_harness as h
import faults_harness as f
from faults_harness import DEVICE, FILE, NOTHING, REFUSES, SAID, UNSEEN

SECONDS = float(os.environ.get("NETDEVD_TEST_SECONDS", "20"))

# Which call of the clean trace, what may go wrong with it, what may come of that, and what the error says; {0} is the
# first group of the pattern. The first row that matches counts. Without errnos: why it is not made to fail.
ROWS = [
    # The devices.
    (f.TUN + "(TUNSETVNETBE)", "EPERM EBADFD", DEVICE, "{0}"),
    (f.TUN + "(TUNSETQUEUE)", "EPERM EINVAL ENOMEM", DEVICE, "{0} IFF_DETACH_QUEUE"),
    (f.TUN + r"(TUN\w+|SIOCSIFHWADDR)", "EPERM EBUSY EBADFD", DEVICE, "{0}"),
    (r"^openat\(.*\"(/dev/net/tun)\"", "EACCES EPERM ENOENT ENODEV ENXIO EMFILE ENFILE ENOMEM", DEVICE, "open {0}"),
    (r"^openat\(.*/proc/sys/net/ipv4/conf/\w+/(forwarding)\", O_WRONLY", "EACCES EROFS ENOENT EMFILE ENFILE", DEVICE,
     "set-ipv4-{0}"),
    (r"^write\(\d+</proc/sys/net/ipv4/conf/\w+/(forwarding)>", "EPERM EINVAL ENOMEM", DEVICE, "set-ipv4-{0}"),
    (r"^openat\(.*/proc/sys/net/(\S+)\", O_RDONLY", "EACCES ENOENT EMFILE", UNSEEN, ""),
    (r"^read\(\d+</proc/sys/net/(\S+)>", "EIO EPERM", UNSEEN, ""),

    # The kernel's word. What is read is read again; an answer that is lost costs the device, or, where the next look
    # finds that all was done, nothing.
    (r"^sendto\(.*nlmsg_type=(RTM_GETLINK), nlmsg_flags=NLM_F_REQUEST, ", "ENOBUFS ENOMEM EPERM", (DEVICE, SAID),
     "looking at the new device"),
    (r"^sendto\(.*nlmsg_type=(RTM_GET\w+|0x12)[ ,].*NLM_F_REQUEST\|", "ENOBUFS ENOMEM EPERM", SAID, ""),
    (r"^sendto\(.*?nlmsg_type=(RTM_SETLINK).*IFLA_MTU", "ENOBUFS ENOMEM EPERM", DEVICE, "set-mtu"),
    (r"^sendto\(.*?nlmsg_type=(RTM_SETLINK|RTM_NEWADDR)", "ENOBUFS ENOMEM EPERM", DEVICE, "set-"),
    (r"^sendto\(.*?nlmsg_type=(RTM_NEWROUTE)", "ENOBUFS ENOMEM EPERM", DEVICE, "add-route"),
    # What a receive that fails would have received cannot be known, so that all of them may come to the same.
    (r"^recvmsg\(.*nlmsg_type=(\w+)", "ENOMEM ENOBUFS EINTR", (DEVICE, SAID, UNSEEN), ""),
    (r"^recvmsg\(.*msg_namelen=12.*(EAGAIN)", "ENOMEM ENOBUFS EINTR", (DEVICE, SAID, UNSEEN), ""),
    (r"^socket\(AF_(NETLINK), SOCK_RAW\|SOCK_CLOEXEC, ", "EACCES EMFILE ENFILE ENOBUFS EPROTONOSUPPORT", REFUSES, ""),
    (r"^socket\(AF_(NETLINK), SOCK_RAW\|SOCK_CLOEXEC\|SOCK_NONBLOCK", "EACCES EMFILE ENFILE ENOBUFS", SAID, ""),
    (r"^getsockopt\(.*(SO_DOMAIN|SO_PROTOCOL)", "ENOPROTOOPT", REFUSES, ""),
    (r"^getsockopt\(.*(SO_NETNS_COOKIE)", "ENOPROTOOPT", UNSEEN, ""),
    (r"^setsockopt\(.*(SO_RCVTIMEO)", "ENOPROTOOPT", REFUSES, ""),
    (r"^setsockopt\(.*(NETLINK_ADD_MEMBERSHIP)", "ENOMEM EPERM", SAID, ""),
    (r"^setsockopt\(.*(SO_RCVBUF\w*|NETLINK_\w+)", "EPERM ENOPROTOOPT", UNSEEN, ""),
    (r"^(bind)\(", "ENOMEM EPERM EADDRINUSE", SAID, ""),

    # The record. Without its lock nothing is recorded, which is said.
    (r"^mkdir\(.*(/state|/tmp\w*|netdevd-test\S*)\"", "EACCES EROFS ENOSPC", SAID, ""),
    (r"^newfstatat\(AT_FDCWD.*/(state)\", ", "EACCES EIO", (SAID, UNSEEN), ""),
    (r"^openat\(.*/state/(lock)\"", "EACCES EROFS ENOSPC EMFILE", SAID, ""),
    (r"^(flock)\(", "ENOLCK ENOMEM", SAID, ""),
    (r"^openat\(.*/state/(links\", O_RDONLY)", "EACCES EIO EMFILE", SAID, ""),
    (r"^openat\(.*/state/(links\", O_WRONLY)", "EACCES EROFS EMFILE", UNSEEN, ""),  # written whole a moment later
    (r"^write\(\d+<.*/state/(links)>", "ENOSPC EIO EINTR", UNSEEN, ""),
    (r"^openat\(.*/state/(\.links\.tmp)\"", "EACCES EROFS ENOSPC EMFILE", SAID, ""),
    (r"^(fchmod)\(", "EPERM EIO", SAID, ""),
    (r"^write\(\d+<.*/state/(\.links\.tmp)>", "ENOSPC EIO EDQUOT", SAID, ""),
    (r"^(rename)\(", "ENOSPC EIO EACCES", SAID, ""),
    (r"^(unlink)\(.*/state/", "EACCES EROFS", UNSEEN, ""),  # there is none

    # Keeping queues in the service manager.
    (r"^(socketpair)\(", "EMFILE ENFILE ENOMEM", (SAID, UNSEEN), ""),
    (r"^sendmsg\(.*(SCM_RIGHTS)", "ENOBUFS ENOMEM EPERM ETOOMANYREFS", (SAID, UNSEEN), ""),
    (r"^(?:sendto|sendmsg)\(.*(FDSTORE\w*=)", "ECONNREFUSED ENOBUFS", (SAID, UNSEEN), ""),

    # The files.
    (r"^openat\(.*/etc/(\d+-\w+\.net\w+)\"", "EACCES EIO EMFILE ENFILE", FILE, "{0}"),
    (r"^newfstatat\(\d+<.*/etc/(\d+-\w+\.net\w+)>", "EIO", (FILE, UNSEEN), "{0}"),  # and stdio's own
    (r"^read\(\d+<.*/etc/(\d+-\w+\.net\w+)>", "EIO EISDIR", FILE, "{0}"),
    (r"^newfstatat\(.*/etc/(\d+-\w+\.net\w+)\"", "EACCES EIO", UNSEEN, ""),  # it is opened all the same
    (r"^(openat|newfstatat|getdents64)\(.*/etc[\">]", "EACCES EIO ENOMEM", (NOTHING, REFUSES), ""),
    (r"^(openat|newfstatat)\(.*/netdevd/netdevd.conf", "EACCES ELOOP", UNSEEN, ""),  # they are not there

    # What is asked of the machine, for conditions in files.
    (r"^openat\(.*/(boot_id)\"", "EACCES EMFILE", REFUSES, ""),
    (r"^read\(\d+</proc/sys/kernel/random/(boot_id)>, (?:\"\w|0x\w+, 38)", "EIO", REFUSES, ""),
    (r"^(?:openat|read|access|newfstatat|readlinkat|f?statfs)\(.*?(/(?:proc|sys|run|etc|dev)/[\w./]+|/\.dockerenv)",
     "EACCES EIO", UNSEEN, ""),
    (r"^(uname|getrandom)\(", "EFAULT", UNSEEN, ""),

    # The event loop.
    (r"^(signalfd4|timerfd_create|epoll_create1|eventfd2)\(", "EMFILE ENFILE ENOMEM", REFUSES, ""),
    (r"^(epoll_ctl)\(", "ENOMEM ENOSPC", (REFUSES, SAID), ""),
    (r"^(epoll_wait|epoll_pwait2?)\(", "ENOMEM", REFUSES, ""),
    (r"^(timerfd_settime)\(", "EINVAL", (REFUSES, UNSEEN, SAID), ""),

    # Not made to fail.
    (r"^(close|exit_group|munmap|brk|mmap|mprotect|madvise|rt_sig\w+|get[pte]?[pug]?id|gete?uid|futex|fcntl)\(", "",
     "cannot fail, or is the C library's", ""),
    (r"^(ioctl)\(.*TCGETS", "", "whether the log is a terminal", ""),
    (r"^newfstatat\(\d+<.*/state/(\.links\.tmp)>", "EIO", UNSEEN, ""),  # stdio's
    (r"^write\(2<(.*/log)>", "", "the log of this test", ""),
    (r"^(?:sendto|sendmsg|socket|connect|setsockopt|getsockopt)\(.*(AF_UNIX|SO_SNDBUF|READY=1)", "",
     "the notification that this test waits for", ""),
]


def injected(path, row):
    """The row of the call that failed, which may be another than the clean run's of that number, as what the kernel
    tells comes when it comes, and a sanitizer reads its own maps in as many pieces as it needs; and whether it failed
    before all devices were made. Or None, if no call failed that can be made to."""
    with open(path, encoding="utf-8", errors="replace") as trace:
        lines = trace.read().splitlines()
    at = [i for i, line in enumerate(lines) if "(INJECTED)" in line]
    if not at:
        return None, False
    match = f.CALL.match(lines[at[0]])
    made = [i for i, line in enumerate(lines) if "TUNSETPERSIST, 0x1" in line or "TUNSETPERSIST, 1" in line]
    if match and match[1] != "recvmsg":  # whose rows look at what it gave
        row = f.row_of(f.Call(match[1], match[2], 0), ROWS)
    return row if row[1] else None, len(made) < len(f.DEVICES) or at[0] < made[-1]


def fail_at(call, name, row, clean):
    wanted, descriptors = clean
    run = f.Run(f.FILES)
    try:
        run.start(["-y", "-s", "300", "-o", run.dir + "/trace", "-e", f"trace={call.name},ioctl", "-e",
                   f"inject={call.name}:error={name}:when={call.nth}"])
        ready = run.wait_ready()
        row, creates = injected(run.dir + "/trace", row)
        if not row:
            run.end()
            return f.NOT_REACHED
        _, _, allowed, says = row
        outcome, names = f.outcome_of(run, ready, os.strerror(getattr(errno, name)), says, wanted)
        assert outcome in allowed, f"{outcome}, where {' or '.join(allowed)} was expected"
        if outcome == DEVICE and creates:
            there = names & set(f.links())
            assert not there, f"of a creation that failed there is left {there}"
        if ready:
            assert run.reload(), "it ended at the reload"
            h.wait("the device that was busy", lambda: f.kernel_state() == wanted, 15)
            # It may be at another look just now. What was missing at the start is missing later too.
            h.wait("nothing to be left open", lambda: not f.surplus(run.descriptors(), descriptors), 5)
            status = run.end()
            assert status == 0, f"exit status {status}"
        return outcome
    except AssertionError as e:
        raise AssertionError(f"{call} with {name}, {call.text[:120]}: {e}\n{run.log()}") from e
    finally:
        if run.process and run.process.poll() is None:
            run.process.kill()
            run.process.wait()
        f.delete_links()
        run.remove()


def clean_run():
    """The calls until all is done, and how it is then."""
    run = f.Run(f.FILES)
    run.start(["-y", "-s", "300", "-o", run.dir + "/trace"])
    assert run.wait_ready(), run.log()
    wanted = f.kernel_state()
    assert wanted["links"].keys() == f.DEVICES and not f.failures(run.log()), run.log()
    assert run.reload()
    descriptors = run.descriptors()
    assert run.end() == 0
    h.wait("the end of the trace", lambda: "+++ exited" in open(run.dir + "/trace", encoding="utf-8").read())
    calls = f.read_trace(run.dir + "/trace")
    f.delete_links()
    run.remove()
    calls = calls[f.first_call(calls, r"^socket\(AF_NETLINK"):f.first_call(calls, r"READY=1") + 1]
    return calls, (wanted, descriptors)


def test_another_call():
    """One read more than in the clean run: what is expected is what belongs to the call that failed."""
    f.need_strace()
    calls, clean = clean_run()
    at = f.first_call(calls, r"^read\(.*/boot_id>, \"\w")
    after = next(call for call in calls[at:] if call.name == "read" and "/boot_id>" not in call.text)
    row = f.row_of(after, ROWS)
    assert row[2] == (UNSEEN,), row
    assert fail_at(calls[at], "EACCES", row, clean) == REFUSES


def test_table():
    f.need_strace()
    calls, clean = clean_run()
    first, more, table = [], [], {}
    for call in calls:
        row = f.row_of(call, ROWS)
        if not row[1]:
            table.setdefault((row[0], "-"), {})[row[2][0]] = 0
        for name in row[1]:
            known = (row[0], name) in table
            table.setdefault((row[0], name), {})
            (more if known else first).append((call, name, row))

    end = time.monotonic() + SECONDS
    failed, done, missed = [], 0, 0
    for i, (call, name, row) in enumerate(first + more):
        if i >= len(first) and time.monotonic() > end:
            break
        try:
            for _ in range(3):
                outcome = fail_at(call, name, row, clean)
                if outcome != f.NOT_REACHED:
                    break
            missed += outcome == f.NOT_REACHED
        except AssertionError as e:
            failed.append(str(e))
            outcome = "WRONG"
        outcomes = table[(row[0], name)]
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        done += 1

    f.print_table(table)
    print(f"    {len(calls)} calls, {len(table)} rows; {done} of {len(first) + len(more)} failures tried", flush=True)
    assert missed <= done / 20, f"{missed} of {done} were not reached"
    assert not failed, f"{len(failed)} wrong:\n" + "\n".join(failed)


if __name__ == "__main__":
    sys.exit(h.run(globals()))
