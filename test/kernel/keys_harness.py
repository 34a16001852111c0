# SPDX-License-Identifier: LGPL-2.1-or-later
"""What test-keys.py is made of besides daemon_harness.py: files that netdevd is run on once or stays on, and what the
kernel has, as the tools of iproute2 tell it, asked once for all rows."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

import daemon_harness
# Also for keys_checks.py.
from daemon_harness import busctl, is_up, wait  # noqa: F401  # pylint: disable=unused-import
from daemon_harness import manager_prop as manager, prop as device  # noqa: F401  # pylint: disable=unused-import
from keys_table import IFF_MULTI_QUEUE, IFF_NO_PI, IFF_TAP, attach

NETDEVD = NETDEVCTL = PROGRAMS = SOURCE_ROOT = None  # paths
TMP = None  # a directory that is gone at the end

SANITIZER = ": runtime error: "  # what UBSan says, and goes on


def run(*args, check=True):
    return subprocess.run(args, check=check, capture_output=True, text=True)


def ip(*args, check=True):
    return run("ip", *args, check=check).stdout


def said(value):
    """As JSON of iproute2, where null means that a flag is there."""
    if isinstance(value, dict):
        return {k: True if v is None else said(v) for k, v in value.items()}
    return [said(v) for v in value] if isinstance(value, list) else value


class Kernel:
    """What the kernel has now, asked once each."""

    def __init__(self):
        self.cache = {}

    def ask(self, *args, by=None):
        """The answer of a tool; by: as lists by that word."""
        if (args, by) not in self.cache:
            answer = said(json.loads(run(*args, check=False).stdout or "[]"))
            if by:
                index = {}
                for item in answer:
                    index.setdefault(item.get(by), []).append(item)
                answer = index
            self.cache[(args, by)] = answer
        return self.cache[(args, by)]

    def link(self, name):
        return self.ask("ip", "-d", "-json", "link", "show", by="ifname").get(name, [None])[0]

    def addresses(self, name):
        found = self.ask("ip", "-d", "-json", "addr", "show", by="ifname").get(name, [])
        return found[0]["addr_info"] if found else []

    def all_routes(self):
        return [r for family in ("-4", "-6")
                for r in self.ask("ip", family, "-N", "-d", "-json", "route", "show", "table", "all")]

    def routes(self, name):
        return [r for r in self.all_routes() if r.get("dev") == name]

    def rules(self):
        return [dict(r, family=word) for family, word in (("-4", "inet"), ("-6", "inet6"))
                for r in self.ask("ip", family, "-N", "-d", "-json", "rule", "show")]

    def nexthops(self):
        families = {n["id"]: word for family, word in (("-4", "inet"), ("-6", "inet6"))
                    for n in self.ask("ip", family, "-json", "nexthop", "show")}
        return [dict(n, family=families.get(n["id"])) for n in self.ask("ip", "-json", "nexthop", "show")]

    def nexthop(self, number):
        return next((n for n in self.nexthops() if n["id"] == number), None)

    def neighbors(self, name):
        return self.ask("ip", "-json", "neigh", "show", by="dev").get(name, [])

    def proxies(self, name):
        return self.ask("ip", "-6", "-json", "neigh", "show", "proxy", by="dev").get(name, [])

    def qdisc(self, name):
        return next(q["kind"] for q in self.ask("tc", "-json", "qdisc", "show", by="dev")[name] if q.get("root"))


def stays(what, condition, seconds=0.4):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert condition(), f"does not stay: {what}"
        time.sleep(0.05)


class Files:
    """Directories for a netdevd of its own; nothing of it is left afterwards."""

    def __init__(self, **files):
        self.dir = tempfile.mkdtemp(dir=TMP)
        os.mkdir(self.dir + "/etc")
        self.options = [f"--config-dir={self.dir}/etc", f"--state-dir={self.dir}/state"]
        self.daemon = None
        for name, text in files.items():
            self.write(name, text)

    def write(self, name, text):
        """a_netdev is a.netdev; None removes it."""
        path = f"{self.dir}/etc/{name.replace('_', '.')}"
        if text is None:
            os.unlink(path)
            return
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

    def once(self):
        """Applies; returns the exit status, what is left, and the log."""
        out = run(NETDEVD, *self.options, "--no-bus", "--once", check=False)
        assert out.returncode in (0, 1), f"exit status {out.returncode}: {out.stderr}"
        assert SANITIZER not in out.stderr, out.stderr
        return out

    def applied(self):
        out = self.once()
        assert out.returncode == 0 and not out.stdout, f"left: {out.stdout} {out.stderr}"
        return out

    def refused(self, text):
        out = self.once()
        assert out.returncode != 0 and text in out.stdout + out.stderr, out.stdout + out.stderr

    def start(self):
        with open(self.dir + "/log", "a", encoding="utf-8") as log:
            self.daemon = subprocess.Popen([NETDEVD, *self.options, "--log-level=debug"], stderr=log,
                                           stdout=log)
        try:
            wait("the daemon on the bus", lambda: manager("Version"))
            wait("the daemon to be ready", lambda: "Ready" in self.log())
        except AssertionError as e:
            self.__exit__(type(e))  # nobody else would end it
            raise
        return self

    def log(self):
        with open(self.dir + "/log", encoding="utf-8") as f:
            return f.read()

    def reload(self, **files):
        for name, text in files.items():
            self.write(name, text)
        out = busctl("call", "org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager", "Reload")
        assert out.returncode == 0, out.stderr

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.daemon:
            if kind:
                print(self.log()[-3000:], file=sys.stderr)
            self.daemon.terminate()
            code = self.daemon.wait(20)
            assert kind or (code == 0 and SANITIZER not in self.log()), f"exit status {code}: {self.log()[-3000:]}"
        clean()


def clean():
    """No devices, routes or rules but those a namespace is born with."""
    names = [x["ifname"] for x in json.loads(ip("-json", "link", "show")) if x["ifname"] != "lo"]
    subprocess.run(["ip", "-force", "-batch", "-"], input="".join(f"link delete {n}\n" for n in names), text=True,
                   check=False, capture_output=True)
    for family in ("-4", "-6"):
        for r in said(json.loads(ip(family, "-N", "-json", "rule", "show"))):
            if r["priority"] not in (0, 32766, 32767):
                ip(family, "rule", "delete", "priority", str(r["priority"]))


def netdev(name, more="", kind="tap", section=""):
    return f"[NetDev]\nName={name}\nKind={kind}\n{more}[{kind.capitalize()}]\n{section}"


def network(name, more="", link_more=""):
    return f"[Match]\nName={name}\n[Link]\n{link_more}[Network]\nLinkLocalAddressing=no\n{more}"


@contextlib.contextmanager
def settings(text):
    """netdevd.conf, in a /run of our own."""
    os.makedirs("/run/netdevd", exist_ok=True)
    settings_write(text)
    try:
        yield
    finally:
        os.unlink("/run/netdevd/netdevd.conf")


def settings_write(text):
    with open("/run/netdevd/netdevd.conf", "w", encoding="utf-8") as f:
        f.write(text)


def there(name):
    return Kernel().link(name)


def kind_of(name):
    return there(name)["linkinfo"]["info_data"]["type"]


def queue(name):
    """A program behind a multiqueue tap."""
    return attach(name, IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE)


def planned(f):
    """What diff lists, and what it says beside that."""
    out = run(NETDEVCTL, *f.options, "--json=short", "diff", check=False)
    assert out.returncode in (0, 3), f"exit status {out.returncode}: {out.stderr}"
    return json.loads(out.stdout), out.stderr


@contextlib.contextmanager
def surroundings():
    """All that there is to be, in this process or one that takes its place; gone at the end."""
    global NETDEVD, NETDEVCTL, PROGRAMS, SOURCE_ROOT, TMP  # pylint: disable=global-statement
    NETDEVD, NETDEVCTL, PROGRAMS, SOURCE_ROOT = [
        os.path.abspath(os.environ[name]) for name in ("NETDEVD", "NETDEVCTL", "PROGRAMS", "SOURCE_ROOT")]
    with daemon_harness.surroundings():
        TMP = daemon_harness.TMP
        os.mkdir(TMP + "/credentials")
        with open(TMP + "/credentials/known", "w", encoding="ascii"):
            pass
        os.environ["CREDENTIALS_DIRECTORY"] = TMP + "/credentials"
        yield
