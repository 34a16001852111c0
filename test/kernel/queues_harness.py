# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of queues that netdevd hands out share: devices that a user who is not root may attach to, programs
that are run as users, and what netdevd says of them. On a bus with the stock policy of this machine and ours."""

import contextlib
import os
import re
import select
import subprocess

import daemon_harness
import raw_bus
from daemon_harness import Daemon, network, prop, wait_state
from raw_bus import OWNER

NETDEVCTL = os.environ["NETDEVCTL"]
PROGRAMS = os.environ["PROGRAMS"]

CONSUMER, OPENER, FRAMER, PINGER = (f"{PROGRAMS}/{p}" for p in ("consumer", "opener", "framer", "pinger"))


def netdev(name, kind="tun", keep=True, multi=True, user=OWNER, more=""):
    """The file of a device that the owner may attach to."""
    return (f"[NetDev]\nName={name}\nKind={kind}\n[{kind.capitalize()}]\nMultiQueue={'yes' if multi else 'no'}\n"
            f"KeepCarrier={'yes' if keep else 'no'}\nUser={user}\n{more}")


def devices(*names, **options):
    """One up, with addresses 10.9.0.1/16 on the first."""
    files = {f"{n}.netdev": netdev(n, **options) for n in names}
    files |= {f"{n}.network": network(n, f"10.{9 + i}.0.1/16", more="LinkLocalAddressing=no\n")
              for i, n in enumerate(names)}
    return files


class Program:
    """One that is asked by lines on its standard input, as a user."""

    def __init__(self, *args, user=0, groups=(), env=None):
        self.process = subprocess.Popen([str(a) for a in args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, user=user, group=user or None,
                                        extra_groups=groups, env=env)

    def line(self, timeout=20.0):
        assert select.select([self.process.stdout], [], [], timeout)[0], "the program says nothing"
        text = self.process.stdout.readline()
        assert text, "the program ended: " + self.process.stderr.read()
        return text.rstrip("\n")

    def ask(self, text, timeout=20.0):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return self.line(timeout)

    def end(self):
        """Ends its input; gives the rest of what it says."""
        out, err = self.process.communicate(timeout=20)
        assert self.process.returncode == 0, (self.process.returncode, err)
        return out.strip()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()


def opener(user=OWNER, groups=()):
    return Program(OPENER, user=user, groups=groups)


def execute(name, *command, queues=1, user=OWNER, options=()):
    """The command by `netdevctl exec`."""
    return Program(NETDEVCTL, "exec", name, f"--queues={queues}", *options, "--", *command, user=user)


def started(name, *command, **options):
    """The same, once it says that it is ready."""
    p = execute(name, *command, **options)
    first = p.line()
    assert first.startswith(("ready", "spoilt")), first
    return p


def queues(name):
    return prop(name, "ActiveQueues", "TunTap"), prop(name, "DisabledQueues", "TunTap")


def leases(name):
    return [(pid, uid) for pid, uid, _ in prop(name, "Leases", "TunTap")]


def is_attached(name):
    return prop(name, "ConsumerAttached", "TunTap")


def flood(count, to="10.9.0.9"):
    out = subprocess.run(["ping", "-f", "-q", "-c", str(count), "-W", "5", to], capture_output=True, text=True,
                         check=False, timeout=60).stdout
    assert f"{count} packets transmitted, {count} received" in out, out


def ping_many(count):
    """One each to many addresses, since the kernel steers by flow; gives how many were answered."""
    out = subprocess.run([PINGER, "10.9.1.0", str(count)], capture_output=True, text=True, check=True).stdout
    return int(re.match(r"received (\d+) of", out).group(1))


def counts(text):
    """What the consumer says at its end: requests in all, and for each queue."""
    m = re.search(r"requests (\d+) in each queue:((?: \d+)*); ended in ([\d.]+) ms", text)
    assert m, text
    return int(m.group(1)), [int(x) for x in m.group(2).split()], float(m.group(3))


def n_fds(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


@contextlib.contextmanager
def running_files(files):
    with Daemon(files) as d:
        for name in files:
            if name.endswith(".netdev"):
                wait_state(name.removesuffix(".netdev"), "configured")
        yield d


def running(*names, **options):
    """netdevd with these devices, configured."""
    return running_files(devices(*names, **options))


def run(namespace):
    """Runs the functions test_* of a test file; never returns."""
    if subprocess.run(["id", "messagebus"], capture_output=True, check=False).returncode != 0 or \
            not os.path.exists("/usr/share/dbus-1/system.conf"):
        daemon_harness.skip("there is no dbus-daemon with its system configuration")
    if os.geteuid() != 0:
        daemon_harness.skip("needs root")
    # One that everybody may search: a command that is not found in another is "not permitted".
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    daemon_harness.run(namespace, raw_bus.start_stock_bus)
