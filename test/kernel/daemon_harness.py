# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the running daemon share: namespaces and a dbus-daemon of their own, netdevd on files of its
own, and reading back what became of them.

A test file defines functions test_*() and ends with `daemon_harness.run(globals())`. Its first argument is the
path of netdevd, the others name the tests to run. Exits 77 where it may not make namespaces or open
/dev/net/tun."""

import contextlib
import fcntl
import json
import os
import pathlib
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_TAP, IFF_NO_PI, IFF_MULTI_QUEUE = 0x1, 0x2, 0x1000, 0x100

PROTOCOL = "110"  # of what netdevd adds

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow own="*"/><allow user="*"/><allow send_destination="*"/><allow receive_sender="*"/>
</policy></busconfig>
"""

NETDEVD = None  # path
PATIENCE = int(os.environ.get("NETDEVD_TEST_PATIENCE", "1"))  # how many times longer to wait, as it is slow
TMP = None  # a directory anybody may read, gone at the end
BUS = None  # the dbus-daemon

MQ = "[NetDev]\nName={0}\nKind={1}\n[{2}]\nMultiQueue=yes\nKeepCarrier=yes\nUser={3}\n"


def mq(name, kind="tun", user="0", more=""):
    return MQ.format(name, kind, kind.capitalize(), user) + more


def network(name, *addresses, more=""):
    return f"[Match]\nName={name}\n[Network]\n" + "".join(f"Address={a}\n" for a in addresses) + more


def line_of(text, line):
    """The number of the first line of the text that is this one."""
    return text.splitlines().index(line) + 1


def attach(name, flags=IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE):
    """A program behind the device: one queue, as a descriptor."""
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    return fd


def ip(*args):
    return subprocess.run(["ip", *args], check=True, capture_output=True, text=True).stdout


def ip_json(*args):
    return json.loads(ip("-d", "-json", *args) or "[]")


def ip_batch(lines):
    out = subprocess.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n", capture_output=True, text=True,
                         check=False)
    assert out.returncode == 0, out.stderr


def link(name):
    out = subprocess.run(["ip", "-d", "-json", "addr", "show", "dev", name], capture_output=True, text=True)
    return json.loads(out.stdout)[0] if out.returncode == 0 else None


def is_up(name):
    return "UP" in link(name)["flags"]


def addresses(name):
    return sorted(a["local"] for a in link(name)["addr_info"] if a["scope"] == "global")


def changes(name):
    with open(f"/sys/class/net/{name}/carrier_changes", encoding="ascii") as f:
        return int(f.read())


def busctl(*args, user=None):
    cmd = ["busctl", "--json=short", *args]
    if user is not None:
        cmd = ["setpriv", "--reuid", str(user), "--clear-groups", *cmd]
    return subprocess.run(cmd, capture_output=True, text=True, check=False)


def manager(method, *args):
    """Calls a method that must work, and gives what it returns."""
    out = busctl("call", "org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager", method, *args)
    assert out.returncode == 0, f"{method}: {out.stderr}"
    return json.loads(out.stdout)["data"] if out.stdout.strip() else None


def path(name):
    return "/org/netdevd1/device/" + "".join(
        c if c.isalnum() and not (i == 0 and c.isdigit()) else f"_{ord(c):02x}" for i, c in enumerate(name))


def get_property(place, interface, what):
    out = busctl("get-property", "org.netdevd1", place, "org.netdevd1." + interface, what)
    return json.loads(out.stdout)["data"] if out.returncode == 0 else None


def prop(name, what, interface="Device"):
    return get_property(path(name), interface, what)


def manager_prop(what):
    return get_property("/org/netdevd1", "Manager", what)


def state(name):
    return prop(name, "AdministrativeState")


def drift(name):
    """The operations that are left, without the places they are asked for at."""
    return sorted(re.sub(r" \(/\S*:\d+\)$", "", x) for x in prop(name, "Drift"))


def wait(what, condition, timeout=20.0):
    end = time.monotonic() + timeout * PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"timed out waiting for: {what}")


def wait_state(name, wanted, timeout=10.0):
    try:
        wait(f"{name} {wanted}", lambda: state(name) == wanted, timeout)
    except AssertionError as e:
        raise AssertionError(f"{e}; it is {state(name)}, {prop(name, 'LastError')}, {prop(name, 'Drift')}") from e


class Daemon:
    """netdevd on files of its own, with the log in a file."""

    def __init__(self, files=None, extra=(), wrapper=()):
        self.dir = tempfile.mkdtemp(dir=TMP)
        os.mkdir(self.dir + "/etc")
        self.process = None
        self.extra = extra
        self.wrapper = wrapper
        for name, text in (files or {}).items():
            self.write(name, text)

    def write(self, name, text):
        with open(f"{self.dir}/etc/{name}", "w", encoding="utf-8") as f:
            f.write(text)

    def remove(self, name):
        os.unlink(f"{self.dir}/etc/{name}")

    def start(self, wait_bus=True):
        with open(self.dir + "/log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, NETDEVD, f"--config-dir={self.dir}/etc", f"--state-dir={self.dir}/state",
                 "--log-level=debug", *self.extra], stderr=log, stdout=log)
        if wait_bus:
            wait("the daemon on the bus", lambda: manager_prop("Version"))
        return self

    def log(self):
        with open(self.dir + "/log", encoding="utf-8") as f:
            return f.read()

    def reload(self):
        manager("Reload")

    def rewrite(self, name, text):
        self.write(name, text)
        self.reload()

    def stop(self, sig=signal.SIGTERM):
        if self.process:
            self.process.send_signal(sig)
            code = self.process.wait(20 * PATIENCE)
            self.process = None
            log = self.log()
            assert sig != signal.SIGTERM or code == 0, f"exit status {code}: {log[-3000:]}"
            # Of a build with sanitizers; that of undefined behaviour alone goes on.
            found = re.search(r"(runtime error: |Sanitizer: ).*", log)
            assert not found, found.group(0)

    def problems(self):
        return manager_prop("ConfigurationProblems")

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, traceback):
        if kind:
            print(self.log()[-4000:], file=sys.stderr)
            self.stop(signal.SIGKILL)
        self.stop()
        clean_up()


class Monitor:
    """Signals of the daemon, with the time they came at."""

    def __enter__(self):
        self.process = subprocess.Popen(
            ["dbus-monitor", "--address", os.environ["DBUS_SYSTEM_BUS_ADDRESS"], "--profile",
             "type='signal',sender='org.netdevd1'"], stdout=subprocess.PIPE, text=True)
        time.sleep(0.3)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.drain()
        return self

    def drain(self):
        lines = []
        while line := self.process.stdout.readline():
            lines.append(line)
        return lines

    def wait(self, seconds=10.0):
        """Until a signal comes."""
        assert select.select([self.process.stdout], [], [], seconds)[0], "no signal came"
        return self.drain()

    def __exit__(self, *args):
        self.process.kill()
        self.process.wait()


class Strace:
    """What the daemon asks of the kernel while this is there; more: further arguments, to have a call fail."""

    def __init__(self, daemon, calls, *more):
        self.daemon = daemon
        self.calls = calls
        self.more = more
        self.file = daemon.dir + "/strace"

    def __enter__(self):
        if not shutil.which("strace"):
            raise NotHere("there is no strace")
        self.process = subprocess.Popen(
            ["strace", "-f", "-y", "-s", "256", "-e", "trace=" + self.calls, *self.more, "-o", self.file,
             "-p", str(self.daemon.process.pid)], stderr=subprocess.PIPE, text=True)
        assert "attached" in self.process.stderr.readline()
        return self

    def lines(self):
        with open(self.file, encoding="utf-8") as f:
            return f.read().splitlines()

    def __exit__(self, *args):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


class Settings:
    """netdevd.conf while this is there; the daemon has to be started or to reload after."""

    def __init__(self, text):
        self.text = text

    def __enter__(self):
        os.makedirs("/run/netdevd", exist_ok=True)  # our own /run
        with open("/run/netdevd/netdevd.conf", "w", encoding="utf-8") as f:
            f.write(self.text)

    def __exit__(self, *args):
        os.unlink("/run/netdevd/netdevd.conf")


def clean_up():
    """No link, rule, or route of no link that was not there at the beginning."""
    for name in ip("-o", "link").splitlines():
        name = re.match(r"\d+: ([^:@]+)", name).group(1)
        if name != "lo":
            subprocess.run(["ip", "link", "delete", name], check=False, capture_output=True)  # or with its peer
    for family in ("-4", "-6"):
        for rule in ip_json(family, "rule"):
            if rule.get("protocol") != "kernel":
                subprocess.run(["ip", family, "rule", "delete", "priority", str(rule["priority"])], check=False)
        for kind in ("blackhole", "unreachable", "prohibit", "throw"):
            subprocess.run(["ip", family, "route", "flush", "table", "all", "type", kind, "proto", PROTOCOL],
                           check=False, capture_output=True)
    subprocess.run(["ip", "nexthop", "flush"], check=False, capture_output=True)


def start_bus():
    with open(TMP + "/bus.conf", "w", encoding="utf-8") as f:
        f.write(BUS_CONFIG.format(TMP + "/bus"))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(TMP + "/bus")
    bus = subprocess.Popen(["dbus-daemon", f"--config-file={TMP}/bus.conf", "--nofork", "--nopidfile"],
                           stderr=subprocess.DEVNULL)
    wait("the bus", lambda: os.path.exists(TMP + "/bus"))
    return bus


def stop_bus():
    BUS.terminate()
    BUS.wait()


def skip(reason):
    print("skipped: " + reason, file=sys.stderr)
    sys.exit(77)


def may_be_others():
    return subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", "true"], capture_output=True,
                          check=False).returncode == 0


def has_link_type(kind):
    """Whether this kernel can make links of a kind."""
    return subprocess.run(["sh", "-c", f"ip link add probe0 type {kind} && ip link delete probe0"],
                          capture_output=True, check=False).returncode == 0


def enter_namespaces():
    """This script again, in namespaces of its own, with an own /dev/net/tun where that may be made."""
    if os.environ.get("NETDEVD_TEST_INSIDE"):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        subprocess.run(["mount", "-t", "sysfs", "none", "/sys"], check=True)  # ours shows our links
        subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)  # for netdevd.conf
        if os.path.isdir("/etc/netdevd"):
            subprocess.run(["mount", "-t", "tmpfs", "none", "/etc/netdevd"], check=True)
        if subprocess.run("mount -t tmpfs none /dev/net && mknod -m 666 /dev/net/tun c 10 200", shell=True,
                          capture_output=True, check=False).returncode != 0:
            subprocess.run(["umount", "/dev/net"], capture_output=True, check=False)
        return
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    if subprocess.run(["unshare", *user, "--net", "--mount", "true"], capture_output=True, check=False).returncode:
        skip("no namespaces may be made here")
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK) and os.geteuid() != 0:
        skip("/dev/net/tun may not be opened")
    if not os.path.exists("/dev/net/tun"):
        skip("there is no /dev/net/tun")
    os.environ["NETDEVD_TEST_INSIDE"] = "user" if user else "root"
    os.execvp("unshare", ["unshare", *user, "--net", "--mount", sys.executable, *sys.argv])


class NotHere(Exception):
    """This test cannot be run on this machine."""


def left_out():
    """The functions of this file that are not for valgrind, and why."""
    if "NETDEVD_TEST_VALGRIND" not in os.environ:
        return {}
    with open(os.environ["NETDEVD_TEST_VALGRIND"], encoding="utf-8") as f:
        return dict(re.findall(rf"^{re.escape(pathlib.Path(sys.argv[0]).stem)}/(\w+) (.*)$", f.read(), re.M))


def run_tests(tests, wanted):
    failed = 0
    reasons = left_out()
    for name, test in tests:
        if wanted and name not in wanted:
            continue
        if name in reasons:
            print(f"not run - {name}: not under valgrind: {reasons[name]}", flush=True)
            continue
        start = time.monotonic()
        try:
            test()
            print(f"ok - {name} ({time.monotonic() - start:.1f} s)", flush=True)
        except NotHere as e:
            print(f"not run - {name}: {e}", flush=True)
        except Exception as e:  # pylint: disable=broad-except
            failed += 1
            places = [f.lineno for f in traceback.extract_tb(e.__traceback__)
                      if os.path.basename(f.filename) == os.path.basename(sys.argv[0])]
            print(f"not ok - {name}: {type(e).__name__}: {e} (line {places[-1] if places else '?'})", flush=True)
            clean_up()
    return 1 if failed else 0


@contextlib.contextmanager
def surroundings(start=start_bus):
    """Namespaces, TMP and the bus that start() starts, in this process or one that takes its place; gone at the end."""
    global TMP, BUS
    enter_namespaces()
    with tempfile.TemporaryDirectory(prefix="netdevd-test-") as TMP:
        os.chmod(TMP, 0o755)
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={TMP}/bus"
        BUS = start()
        try:
            yield
        finally:
            stop_bus()


def run(namespace, start=start_bus):
    """Runs the functions test_* of a test file in such surroundings; never returns."""
    global NETDEVD
    NETDEVD = os.path.abspath(sys.argv[1])
    with surroundings(start):
        status = run_tests([(n, f) for n, f in namespace.items() if n.startswith("test_")], sys.argv[2:])
    sys.exit(status)
