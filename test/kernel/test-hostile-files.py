#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What may lie about in the configuration directories, and under the name of netdevd.conf: for each, `--once` says
what is wrong with which file, makes the device of the file beside it, and takes bounded time and memory. Nothing makes
it wait."""

import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time

import daemon_harness as h

SECONDS = 30  # on a busy machine; what is seen is far below
MEGABYTES = 64 * (8 if os.environ.get("ASAN_OPTIONS") else 1)

GOOD = "[NetDev]\nName=good0\nKind=tun\n[Tun]\nMultiQueue=yes\nUser=1234\n"
BAD = "[NetDev]\nName=bad0\nKind=tun\n"


class Case:
    """One directory of files, read once."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(dir=h.TMP)
        self.etc = self.dir + "/etc"
        os.mkdir(self.etc)
        with open(self.etc + "/50-good.netdev", "w", encoding="utf-8") as f:
            f.write(GOOD)

    def run(self, name, status=1, good=True, user=None):
        """Its log; the time and memory are printed."""
        began = time.monotonic()
        with open(self.dir + "/log", "w+", encoding="utf-8") as log:
            process = subprocess.Popen(
                [*(["setpriv", "--reuid", user, "--clear-groups", "--inh-caps=+net_admin", "--ambient-caps=+net_admin"]
                   if user else []),
                 h.NETDEVD, "--once", "--no-bus", f"--config-dir={self.etc}", f"--state-dir={self.dir}/state"],
                stdout=log, stderr=log)
            pid, code, usage = wait4(process.pid)
            process.returncode = os.waitstatus_to_exitcode(code)
            assert pid == process.pid
            log.seek(0)
            text = log.read()
        seconds = time.monotonic() - began
        print(f"    {name}: {seconds:.2f} s, {usage.ru_maxrss // 1024} MiB, {len(text.splitlines())} lines said",
              flush=True)
        assert process.returncode == status, f"exit status {process.returncode}: {text[-2000:]}"
        assert seconds < SECONDS, f"it took {seconds:.1f} s"
        assert usage.ru_maxrss < MEGABYTES * 1024, f"it took {usage.ru_maxrss} KiB"
        assert bool(h.link("good0")) == good, f"good0: {text[-2000:]}"
        assert not h.link("bad0"), "a device was made from it"
        assert status == 0 or not h.link("other0"), "it was made from a file without its drop-in"
        h.clean_up()
        return text


def wait4(pid):
    """Waits, but not for ever."""
    end = time.monotonic() + 4 * SECONDS
    while time.monotonic() < end:
        result = os.wait4(pid, os.WNOHANG)
        if result[0]:
            return result
        time.sleep(0.01)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    raise AssertionError("it hangs")


def says(text, name, *words):
    """Some line names the file, and has all the words."""
    lines = [line for line in text.splitlines() if name in line]
    assert any(all(w in line for w in words) for line in lines), f"no line about {name} has {words}: {text[-3000:]}"


def make(path, what):
    if what == "directory":
        os.mkdir(path)
    elif what == "FIFO":
        os.mkfifo(path)
    elif what == "socket":
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(path)
    elif what == "character device":
        os.mknod(path, 0o20666, os.makedev(1, 5))  # zero: it never ends
    elif what == "terminal":
        os.symlink("/dev/ptmx", path)
    elif what == "symlink loop":
        os.symlink(os.path.basename(path), path)
    elif what == "symlink to a FIFO":
        os.mkfifo(path + ".target")
        os.symlink(path + ".target", path)
    elif what == "symlink to a directory":
        os.symlink(os.path.dirname(path), path)
    elif what == "symlink to endless memory":
        os.symlink("/proc/self/mem", path)
    elif what == "1 GiB":
        with open(path, "wb") as f:
            f.truncate(1 << 30)


KINDS = {
    "directory": ("is a directory, not a regular file",),
    "FIFO": ("is a FIFO, not a regular file",),
    "socket": ("is a socket, not a regular file",),
    # Any device masks a name as /dev/null does (systemd does so too), and so does what says that it is empty: they
    # are not even opened.
    "character device": (),
    "terminal": (),
    "symlink to endless memory": (),
    "symlink loop": ("Too many levels of symbolic links", "circle"),
    "symlink to a FIFO": ("is a FIFO, not a regular file",),
    "symlink to a directory": ("is a directory, not a regular file",),
    "1 GiB": ("the file has 1073741824 bytes", "it is not used"),
}


def each_kind(place):
    """place gives the path to put each kind at, in the files of a case."""
    for kind, words in KINDS.items():
        case = Case()
        path = place(case)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        try:
            make(path, kind)
        except PermissionError:
            print(f"    {kind}: may not be made here", flush=True)
            continue
        try:
            text = case.run(kind, status=1 if words else 0)
            if words:
                says(text, os.path.basename(path), *words)
        finally:
            subprocess.run(["rm", "-rf", path], check=True)


def test_as_netdev():
    each_kind(lambda case: case.etc + "/10-bad.netdev")


def test_as_network():
    each_kind(lambda case: case.etc + "/10-bad.network")


def test_as_drop_in():
    def place(case):
        with open(case.etc + "/60-other.netdev", "w", encoding="utf-8") as f:
            f.write(BAD.replace("bad0", "other0"))
        return case.etc + "/60-other.netdev.d/10-bad.conf"
    each_kind(place)


def test_as_settings():
    """netdevd.conf, without which the defaults count: the devices are made."""
    each_kind(lambda case: "/run/netdevd/netdevd.conf")


def test_as_settings_drop_in():
    each_kind(lambda case: "/run/netdevd/netdevd.conf.d/10-bad.conf")


def test_as_directory():
    """In place of the configuration directory itself: no configuration is used, and it says why."""
    for kind in ("FIFO", "symlink loop", "character device", "1 GiB"):
        case = Case()
        os.rename(case.etc, case.dir + "/moved")
        try:
            make(case.etc, kind)
        except PermissionError:
            continue
        says(case.run(kind + " as the directory", good=False), case.etc, "the configuration directory cannot be listed")


def test_as_drop_in_directory():
    """A name that cannot be a directory of drop-ins is none, but a loop is said."""
    for kind in ("FIFO", "1 GiB", "character device"):
        case = Case()
        try:
            make(case.etc + "/50-good.netdev.d", kind)
        except PermissionError:
            continue
        case.run(kind + " as a directory of drop-ins", status=0)
    case = Case()
    make(case.etc + "/50-good.netdev.d", "symlink loop")
    text = case.run("symlink loop as a directory of drop-ins", good=False)
    says(text, "50-good.netdev.d", "circle")


def test_directory_loop():
    """A directory in itself is not gone into."""
    case = Case()
    os.symlink(case.etc, case.etc + "/loop")
    os.symlink(case.etc, case.etc + "/50-good.netdev.d")
    os.symlink("..", case.etc + "/up.network.d")
    case.run("a directory in itself", status=0)


def test_unreadable():
    if not h.may_be_others():
        raise h.NotHere("no other user can be made of this one")
    for name in ("10-bad.netdev", "10-bad.network"):
        case = Case()
        os.chmod(case.dir, 0o777)
        with open(f"{case.etc}/{name}", "w", encoding="utf-8") as f:
            f.write(BAD)
        os.chmod(f"{case.etc}/{name}", 0)
        os.chmod(case.etc, 0o755)
        says(case.run("unreadable " + name, user="65534"), name, "permission denied", "uid 65534", "mode 0000")


def many(case, count, name, text):
    directory = os.open(case.etc, os.O_RDONLY)
    for i in range(count):
        fd = os.open(name.format(i), os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=directory)
        if text:
            os.write(fd, text.format(i).encode())
        os.close(fd)
    os.close(directory)


def test_100000_files():
    case = Case()
    many(case, 100000, "{}.txt", "")
    case.run("100,000 files of others", status=0)
    case = Case()
    many(case, 100000, "{:06}.network", "")
    case.run("100,000 empty .network files", status=0)


def test_100000_bad_files():
    """What is said of them has an end too."""
    case = Case()
    many(case, 100000, "60-{:06}.netdev", "[NetDev]\nName=name-is-far-too-long-{}\n")
    text = case.run("100,000 bad .netdev files")
    assert len(text.splitlines()) < 5000, "it floods the log"
    assert re.search(r"\d+ more problems", text), "it does not say that there are more"


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(h.run(globals()))
