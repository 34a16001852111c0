#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""netdevctl where it waits for the daemon, follows it, or has it do something: monitor, wait-online, up, down,
delete, and the line that shows how far a verb is. $NETDEVCTL: the tool."""

import contextlib
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time

import daemon_harness as h
from daemon_harness import Daemon, attach, ip, is_up, link, mq, network, wait, wait_state

CTL = os.environ["NETDEVCTL"]
NOBODY = 65534
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"

# Without a kept carrier: no-carrier until a program attaches.
PLAIN = "[NetDev]\nName={0}\nKind=tun\n[Tun]\nMultiQueue=yes\n{1}"


def for_others():
    """The tool where other users may reach it: not in the build directory."""
    copy = h.TMP + "/netdevctl"
    if not os.path.exists(copy):
        shutil.copy(CTL, copy)
        os.chmod(copy, 0o755)
    return copy


def command(user):
    """The tool, run by this user."""
    return [CTL] if user is None else ["setpriv", "--reuid", str(user), "--clear-groups", for_others()]


def ctl(*args, user=None, timeout=20):
    return subprocess.run([*command(user), *args], capture_output=True, text=True, timeout=timeout, check=False,
                          stdin=subprocess.DEVNULL)


def check(out, status, *texts):
    """The status, and all that is to be said on standard error."""
    assert out.returncode == status, f"status {out.returncode}, not {status}: {out.stdout}{out.stderr}"
    for text in texts:
        assert text in out.stderr, f"'{text}' is not said: {out.stderr}"
    if status == 0:
        assert out.stderr == "", out.stderr


def check_missing(*args):
    """wait-online with these arguments times out and says these texts, the last argument."""
    *words, texts = args
    timeout = 0.2
    while True:
        out = ctl("wait-online", *words, f"--timeout={timeout}")
        # On a busy machine the daemon may not have been asked yet.
        if timeout > 5 or not re.search("netdevd did not answer|netdevd does not run", out.stderr):
            break
        timeout *= 3
    check(out, 1, "timed out after ", *texts)


class Running:
    """netdevctl in the background."""

    def __init__(self, *args):
        self.process = subprocess.Popen([CTL, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        bufsize=1, stdin=subprocess.DEVNULL)
        self.text = ""
        self.position = 0  # behind the last line that was waited for

    def __enter__(self):
        return self

    def read(self, seconds):
        if select.select([self.process.stdout], [], [], seconds)[0]:
            self.text += os.read(self.process.stdout.fileno(), 1 << 16).decode()

    def until(self, pattern, seconds=10.0):
        """Reads on until a line matches, from where the last one did."""
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self.text[self.position:], re.M)):
            assert time.monotonic() < end, f"no line is {pattern}: {self.text[self.position:]}"
            self.read(0.5)
        self.position += found.end()

    def wait_note(self):
        """That it has subscribed, when there is no daemon."""
        assert select.select([self.process.stderr], [], [], 5)[0], "it does not say that it waits"
        note = self.process.stderr.readline()
        assert "netdevd does not run; waiting for it" in note, note

    def is_waiting(self, seconds=0.4):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.process.poll() is None

    def end(self, sig=None):
        if sig:
            self.process.send_signal(sig)
        return self.process.wait(10)

    def __exit__(self, *args):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def unique_name(pid):
    """Of a process on the bus; None: it has not come."""
    def ask(*args):
        out = h.busctl("call", "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", *args)
        return json.loads(out.stdout)["data"][0] if out.returncode == 0 else None
    for name in ask("ListNames"):
        if name.startswith(":") and ask("GetConnectionUnixProcessID", "s", name) == pid:
            return name
    return None


def lie(process, device, name, value):
    """A signal that only the daemon could truly send, from somebody else."""
    out = h.busctl("--destination=" + wait("its name", lambda: unique_name(process.pid)), "emit", h.path(device),
                   "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", "org.netdevd1.Device", "1", name,
                   "s", value, "0")
    assert out.returncode == 0, out.stderr


def test_monitor():
    with Running("monitor") as m:
        m.wait_note()
        with Daemon({"a.netdev": mq("vpn0"), "a.network": network("vpn0", "192.0.2.1/24")}) as d:
            m.until(f"^{TIME} netdevd: back$")
            wait_state("vpn0", "configured")

            d.write("b.netdev", PLAIN.format("t9", ""))
            d.write("b.network", network("t9", "192.0.2.129/25"))
            d.reload()
            m.until(f"^{TIME} t9 added: ")
            m.until(f"^{TIME} t9 AdministrativeState: .* -> configured$")

            ip("addr", "add", "198.51.100.9/24", "dev", "t9")
            m.until(f"^{TIME} t9 Addresses: .*\\+198.51.100.9/24")
            ip("addr", "del", "198.51.100.9/24", "dev", "t9")
            m.until("^.* t9 Addresses: .*-198.51.100.9/24")

            fd = attach("t9")
            # What comes in one message is in the daemon's order.
            m.until("^.* t9 OperationalState: no-carrier -> (degraded|routable)$")
            m.until("^.* t9 CarrierState: no-carrier -> carrier$")
            os.close(fd)
            m.until("^.* t9 ConsumerAttached: yes -> no$")
            fd = attach("vpn0")
            m.until("^.* vpn0 ActiveQueues: 0 -> 1$")
            m.until("^.* vpn0 ConsumerAttached: no -> yes$")
            os.close(fd)
            m.until("^.* vpn0 ConsumerAttached: yes -> no$")

            ip("link", "set", "vpn0", "mtu", "1333")
            m.until("^.* vpn0 MTU: 1500 -> 1333$")
            d.write("a.network", network("vpn0", "192.0.2.1/24", more="[Link]\nMTUBytes=1400\n"))
            d.reload()
            m.until("^.* vpn0 MTU: 1333 -> 1400$")
            ip("link", "set", "vpn0", "mtu", "1300")
            m.until(r"^.* vpn0 AdministrativeState: configured -> drifted$")
            m.until(r"^.* vpn0 Drift: \+set-mtu 1400 \(/\S*/a.network:\d+\)$")

            d.write("c.netdev", "[NetDev\n")
            d.reload()
            m.until(r"^.* netdevd: ConfigurationProblems: .*\+/\S*/c.netdev:1: ")
            d.remove("c.netdev")
            d.reload()
            m.until(r"^.* netdevd: ConfigurationProblems: .*-/\S*/c.netdev:1: ")

            ip("link", "delete", "t9")
            m.until("^.* t9 AdministrativeState: .* -> missing$")
            d.remove("b.netdev")
            d.remove("b.network")
            d.reload()
            m.until("^.* t9 removed$")

            d.stop()
            m.until(f"^{TIME} netdevd: gone$")
            ip("link", "set", "vpn0", "mtu", "1290")
            ip("tuntap", "add", "others0", "mode", "tap")
            d.start()
            m.until("^.* netdevd: back$")
            m.until("^.* others0 added: unmanaged, off$")
        m.until("^.* netdevd: gone$")
        assert m.end(signal.SIGINT) == 0


def test_monitor_is_not_fooled():
    """Names of devices are others' to choose, and so is what they send."""
    evil = "a\x1b[1mb"
    with Daemon({"a.netdev": mq("vpn0"), "b.netdev": mq("vpn1")}):
        with Running("monitor", "vpn0", "--json=short") as m, Running("monitor") as all_of_it:
            for x in (m, all_of_it):
                wait("its name", lambda x=x: unique_name(x.process.pid))
            changes = iter(range(1200, 1400))

            def poke():
                ip("link", "set", "vpn0", "mtu", str(next(changes)))
                return all(select.select([x.process.stdout], [], [], 0.1)[0] for x in (m, all_of_it))

            wait("the monitors to have begun", poke)
            lie(m.process, "vpn0", "OperationalState", "a lie")
            lie(all_of_it.process, "vpn0", "OperationalState", "a lie")
            fd = attach(evil)
            all_of_it.until(r"^.* a\\x1b\[1mb added: ")
            os.close(fd)
            all_of_it.until(r"^.* a\\x1b\[1mb removed$")
            assert "lie" not in all_of_it.text

            ip("link", "set", "vpn1", "mtu", "1401")
            ip("link", "set", "vpn0", "mtu", "1402")
            m.until('"new":1402}')
            assert m.end(signal.SIGTERM) == 0
            assert all_of_it.end(signal.SIGINT) == 0
    assert "lie" not in m.text


def test_monitor_json():
    with Running("monitor", "vpn0", "--json=short") as m:
        m.wait_note()
        with Daemon({"a.netdev": mq("vpn0"), "b.netdev": mq("vpn1")}):
            wait_state("vpn0", "configured")
            ip("link", "set", "vpn1", "mtu", "1401")
            ip("link", "set", "vpn0", "mtu", "1402")
            wait("the event of it", lambda: h.prop("vpn0", "MTU") == 1402)
            ip("link", "delete", "vpn0")
            time.sleep(0.3)
        assert m.end(signal.SIGINT) == 0
        lines = [json.loads(x) for x in m.process.stdout.read().splitlines()]
    for line in lines:
        assert sorted(line) == ["device", "event", "new", "old", "property", "time"], line
        assert re.fullmatch(TIME, line["time"]) and line["device"] in (None, "vpn0"), line
    assert [x["event"] for x in lines if not x["device"]] == ["back", "gone"], lines
    assert [x["time"] for x in lines] == sorted(x["time"] for x in lines)
    mtus = [x["new"] for x in lines if x["property"] == "MTU"]
    assert mtus[-2:] == [1402, 0], lines
    states = [x["new"] for x in lines if x["property"] == "AdministrativeState"]
    assert states[-1] == "missing", lines


def test_monitor_without_reader():
    """It ends without anything to write, as with `| head -n 1`."""
    with Daemon({"a.netdev": mq("vpn0")}):
        with Running("monitor") as m:
            wait("its name", lambda: unique_name(m.process.pid))
            read, write = os.pipe()
            other = subprocess.Popen([CTL, "monitor"], stdout=write, stderr=subprocess.PIPE, text=True)
            os.close(write)
            wait("its name", lambda: unique_name(other.pid))
            os.close(read)
            assert other.wait(5) == 0
            assert other.stderr.read() == ""
            other.stderr.close()
            assert m.end(signal.SIGINT) == 0


def test_wait_before_the_daemon():
    files = {"a.netdev": mq("vpn0"), "a.network": network("vpn0", "192.0.2.1/24")}
    with Running("wait-online", "vpn0") as named, Running("wait-online", "--timeout=1min") as all_of_them:
        assert named.is_waiting() and all_of_them.is_waiting(0)
        with Daemon(files):
            assert named.end() == 0 and all_of_them.end() == 0
    out = ctl("wait-online", "--timeout=0.3")
    check(out, 1, "timed out after 0.3 s", "netdevd does not run")


@contextlib.contextmanager
def second_bus():
    """A bus that comes when it is told to, and goes; those who are started meanwhile use it."""
    ours = os.environ["DBUS_SYSTEM_BUS_ADDRESS"]
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = ours + "2"
    running = []

    def stop():
        for bus in running:
            bus.terminate()
            bus.wait()
        running.clear()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(h.TMP + "/bus2")

    def start():
        with open(h.TMP + "/bus2.conf", "w", encoding="utf-8") as f:
            f.write(h.BUS_CONFIG.format(h.TMP + "/bus2"))
        running.append(subprocess.Popen(["dbus-daemon", f"--config-file={h.TMP}/bus2.conf", "--nofork",
                                         "--nopidfile"], stderr=subprocess.DEVNULL))
        wait("the second bus", lambda: os.path.exists(h.TMP + "/bus2"))

    try:
        yield start, stop
    finally:
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = ours
        stop()


def test_wait_before_the_bus():
    with second_bus() as (start, _), Running("wait-online", "vpn0") as waiting:
        assert waiting.is_waiting()
        start()
        assert waiting.is_waiting()
        with Daemon({"a.netdev": mq("vpn0"), "a.network": network("vpn0", "192.0.2.1/24")}):
            assert waiting.end() == 0


def test_wait_through_restarts():
    """Of the bus and of the daemon: that is no reason to give up waiting, and none to wait longer. Who watches has
    missed something, and ends."""
    with second_bus() as (start, stop):
        start()
        with Daemon() as d, Running("wait-online", "vpn0") as waiting, \
                Running("wait-online", "vpn0", "--timeout=4") as impatient:
            assert waiting.is_waiting()
            d.stop(signal.SIGKILL)
            assert waiting.is_waiting(0)
            with Running("monitor") as monitor:
                monitor.wait_note()
                stop()
                assert monitor.end() == 1
                assert "the connection to the system bus is gone" in monitor.process.stderr.read()
            assert waiting.is_waiting()
            start()
            d.start()
            assert waiting.is_waiting()
            assert impatient.end() == 1
            d.write("a.netdev", mq("vpn0"))
            d.rewrite("a.network", network("vpn0", "192.0.2.1/24"))
            assert waiting.end() == 0


def test_wait_states():
    with Daemon({"a.netdev": PLAIN.format("t0", ""), "a.network": network("t0", "192.0.2.1/24"),
                 "b.netdev": mq("vpn0"),
                 "b.network": network("vpn0", "198.51.100.1/24", more="[Link]\nRequiredForOnline=no\n")}) as d:
        wait_state("t0", "configured")
        wait_state("vpn0", "configured")

        # Named: the least, the least and the most, as the file says.
        check(ctl("wait-online", "t0:no-carrier"), 0)
        check(ctl("wait-online", "t0:no-carrier:carrier"), 0)
        check(ctl("wait-online", "vpn0", "vpn0:routable:routable", "nosuch:missing"), 0)
        check_missing("t0", ["t0: its operational state is no-carrier"])
        check_missing("t0:carrier", "vpn0", ["t0: its operational state is no-carrier, not from carrier to routable"])
        check_missing("vpn0:off:carrier", ["vpn0: its operational state is routable"])
        check_missing("nosuch", ["nosuch: there is no such device"])
        check(ctl("wait-online", "t0", "nosuch", "vpn0", "--any"), 0)
        check_missing("t0", "nosuch", "--any", ["One of them would have been enough"])

        # All: only t0 is required.
        check_missing(["t0: its operational state is no-carrier", "RequiredForOnline="])
        check(ctl("wait-online", "--ignore=t*"), 0)
        with Running("wait-online", "--timeout=0") as one, Running("wait-online", "t0:routable") as other:
            assert one.is_waiting() and other.is_waiting(0)
            lie(other.process, "t0", "OperationalState", "routable")
            assert other.is_waiting()
            fd = attach("t0")
            assert one.end() == 0 and other.end() == 0
        os.close(fd)

        # One that is online is enough when the others are configured, but not beside one that is blocked.
        d.write("b.network", network("vpn0", "198.51.100.1/24"))
        d.reload()
        check(ctl("wait-online"), 0)
        d.write("c.netdev", "[NetDev]\nName=t2\nKind=tun\n[Tun]\nUser=nosuchuser\n")
        d.write("c.network", network("t2"))
        d.reload()
        check_missing(["t2: it is failed: "])
        check(ctl("wait-online", "--any"), 0)

        # The file may ask for less, and nothing may be asked for.
        d.remove("c.netdev")
        d.remove("c.network")
        d.write("a.network", network("t0", "192.0.2.1/24", more="[Link]\nRequiredForOnline=no-carrier:routable\n"))
        d.write("b.network", network("vpn0", "198.51.100.1/24", more="[Link]\nRequiredForOnline=no\n"))
        d.reload()
        check(ctl("wait-online"), 0)
        check(ctl("wait-online", "t0"), 0)
        d.write("a.network", network("t0", "192.0.2.1/24", more="[Link]\nRequiredForOnline=no\n"))
        d.reload()
        check(ctl("wait-online"), 0)
        check_missing("--any", [])


def test_wait_usage():
    for args, text in [(["t0:nonsense"], "'nonsense' in 't0:nonsense' is no operational state"),
                       (["t0:off:off:off"], "is no operational state"),
                       (["t0:routable:off"], "routable is more than off"),
                       ([":off"], "lacks the name"),
                       (["--openable-by=nobody"], "--openable-by= needs the name of a device"),
                       (["t0", "--openable-by=nosuchuser"], "there is no user 'nosuchuser'"),
                       (["--timeout=soon"], "--timeout=soon is no time span")]:
        check(ctl("wait-online", *args), 2, text)
    for args, text in [(["up"], "'up' needs the name of a device"),
                       (["reload", "--timeout=3"], "--timeout= does not go with 'reload'"),
                       (["monitor", "--any"], "--any does not go with 'monitor'")]:
        check(ctl(*args), 2, text)


def test_wait_openable_by():
    """The kernel's rule, for an owner, a member of the group and a stranger."""
    group = h.TMP + "/group"
    shutil.copy("/etc/group", group)
    with open(group, "a", encoding="utf-8") as f:
        f.write("netdevtest:x:54242:nobody\n")
    subprocess.run(["mount", "--bind", group, "/etc/group"], check=True)
    try:
        openable_by()
    finally:
        subprocess.run(["umount", "/etc/group"], check=True)


def openable_by():
    rules = {"own0": "User=nobody\n", "grp0": "Group=netdevtest\n", "both0": "User=nobody\nGroup=netdevtest\n",
             "and0": "User=nobody\nGroup=root\n", "root0": ""}
    with Daemon({f"{n}.netdev": PLAIN.format(n, r) for n, r in rules.items()}) as d:
        for name in rules:
            wait_state(name, "configured")
        for user, may in [("nobody", {"own0", "grp0", "both0"}), (str(NOBODY), {"own0", "grp0", "both0"}),
                          ("daemon", set()), ("4000000", set()), ("root", set(rules))]:
            for name in rules:
                if name in may:
                    check(ctl("wait-online", name, "--openable-by=" + user), 0)
                else:
                    check_missing(name, "--openable-by=" + user, [f"{name}: it belongs to "])
        check_missing("own0:carrier", "--openable-by=nobody",
                      ["own0: its operational state is off, not from carrier to routable"])
        check_missing("own0", "later0", "--openable-by=daemon", "--any",
                      ["own0: it belongs to user 65534, so that daemon may not attach",
                       "later0: there is no such device"])

        with Running("wait-online", "later0", "root0", "--openable-by=nobody") as waiting:
            assert waiting.is_waiting()
            d.write("later0.netdev", PLAIN.format("later0", "User=nobody\n"))
            d.reload()
            assert waiting.is_waiting()
            d.write("root0.netdev", PLAIN.format("root0", "User=nobody\n"))
            d.reload()
            assert waiting.end() == 0


def test_up_down_delete():
    with Daemon({"a.netdev": mq("vpn0"), "a.network": network("vpn0", "192.0.2.1/24"), "b.netdev": mq("vpn1"),
                 "c.netdev": mq("vpn2"), "c.network": network("vpn2", more="[NetDev]\n")}) as d:
        wait_state("vpn0", "configured")
        check(ctl("down", "vpn0", "vpn1"), 0)
        assert not is_up("vpn0") and not is_up("vpn1")
        check(ctl("up", "vpn0", "vpn1"), 0)
        assert is_up("vpn0") and is_up("vpn1")

        check(ctl("down", "nosuch", "vpn0"), 1, "netdevctl: No .netdev file declares a device 'nosuch'")
        assert not is_up("vpn0"), "one that fails kept another from its turn"
        check(ctl("up", "vpn0"), 0)
        assert h.addresses("vpn0") == ["192.0.2.1"]

        ip("tuntap", "add", "others0", "mode", "tap")
        wait("the device of others", lambda: h.state("others0"))
        check(ctl("delete", "others0"), 1, "netdevd did not make others0")
        check(ctl("delete", "nosuch"), 1, "'nosuch'")
        check(ctl("delete", "vpn0", "vpn1"), 0)
        assert link("vpn0") is None and link("vpn1") is None and link("others0")
        check(ctl("up", "vpn0"), 1, "vpn0 is declared but does not exist; 'netdevctl reconfigure vpn0' makes it")
        check(ctl("delete", "vpn0"), 1, "vpn0 does not exist")
        check(ctl("reconfigure", "vpn0"), 0)
        assert is_up("vpn0")

        for verb in ("up", "down", "delete", "reload", "prune"):
            names = [] if verb in ("reload", "prune") else ["vpn0"]
            check(ctl(verb, *names, user=NOBODY), 1, "run it as root")
        assert is_up("vpn0")
        d.stop()
        check(ctl("up", "vpn0"), 1, "netdevd does not run, and was not started")


def on_terminal(args, while_running, user=None, path=None, stdin_too=True):
    """What netdevctl writes on a terminal, which is its standard error; its status."""
    master, slave = pty.openpty()
    environment = dict(os.environ, TERM="xterm")
    if path:
        environment["PATH"] = path + ":" + environment["PATH"]
    process = subprocess.Popen([*command(user), *args], stdin=slave if stdin_too else subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=slave, env=environment)
    os.close(slave)
    try:
        while_running(process)
        written = b""
        while True:
            try:
                piece = os.read(master, 4096)
            except OSError:  # nobody has the other side any more
                break
            if not piece:
                break
            written += piece
        return written.decode(), process.wait(20)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def held_up(daemon, seconds):
    """The daemon does nothing for so long."""
    def hold(_process):
        time.sleep(seconds * h.PATIENCE)
        daemon.process.send_signal(signal.SIGCONT)
    daemon.process.send_signal(signal.SIGSTOP)
    return hold


ERASED = "\r\x1b[K"


def test_progress():
    with Daemon({"a.netdev": mq("vpn0"), "b.netdev": mq("vpn1")}) as d:
        wait_state("vpn0", "configured")

        text, status = on_terminal(["reload"], lambda p: None)
        assert (text, status) == ("", 0), "a line for what is done at once"

        text, status = on_terminal(["down", "vpn0", "vpn1"], held_up(d, 1.4))
        assert status == 0 and text.startswith("\r0 of 2 devices are done") and text.endswith(ERASED), repr(text)

        text, status = on_terminal(["up", "nosuch"], held_up(d, 1.4))
        assert status == 1 and text.startswith("\rWaiting for netdevd"), repr(text)
        assert ERASED + "netdevctl: No .netdev file" in text, "the line stays before the message: " + repr(text)

        # How far it is the daemon tells while it goes on.
        for i in range(150):
            d.write(f"x{i}.netdev", mq(f"x{i}"))
            d.write(f"x{i}.network", network(f"x{i}"))
        text, status = on_terminal(["reload"], held_up(d, 1.4))
        assert status == 0 and text.startswith("\rWaiting for netdevd") and text.endswith(ERASED), repr(text)
        assert re.search(r"\r(Creating devices: \d+ of 150|Setting up devices: \d+ of 150 ready)\x1b\[K",
                         text), repr(text)
        wait_state("x99", "configured")

        for i in range(150):
            d.remove(f"x{i}.netdev")
            d.remove(f"x{i}.network")
        d.reload()
        text, status = on_terminal(["prune"], held_up(d, 1.4))
        assert status == 0 and text.endswith(ERASED), repr(text)
        assert re.match(r"\rWaiting for netdevd\x1b\[K\rRemoving devices: \d+ of 150\x1b\[K", text), repr(text)
        assert link("x7") is None and link("vpn1")

        # In a pipe: nothing.
        hold = held_up(d, 0)
        process = subprocess.Popen([CTL, "reload"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        time.sleep(1.4)
        hold(process)
        assert process.communicate() == ("", "") and process.returncode == 0


AGENT = """#!/bin/sh
echo "$@" >{0}/agent.args
echo $PPID $$ >{0}/agent.pids
eval "exec $4>&-"
exec sleep 60
"""


def test_agent():
    """Whoever may be asked for a password is, on a terminal only."""
    if not h.may_be_others():
        raise h.NotHere("other users cannot be played here")
    programs = h.TMP + "/agent"
    os.mkdir(programs)
    os.chmod(programs, 0o777)
    with open(programs + "/pkttyagent", "w", encoding="utf-8") as f:
        f.write(AGENT.format(programs))
    os.chmod(programs + "/pkttyagent", 0o755)
    with Daemon({"a.netdev": mq("vpn0")}):
        wait_state("vpn0", "configured")
        pids = []
        _, status = on_terminal(["up", "vpn0"], lambda p: pids.append(p.pid), user=NOBODY, path=programs)
        assert status == 1
        with open(programs + "/agent.args", encoding="utf-8") as f:
            args = f.read().split()
        with open(programs + "/agent.pids", encoding="utf-8") as f:
            parent, agent = f.read().split()
        assert args[:3] == ["--process", str(pids[0]), "--notify-fd"] and args[4:] == ["--fallback"], args
        assert parent == str(pids[0])
        assert not os.path.exists("/proc/" + agent), "it was left behind"

        os.unlink(programs + "/agent.args")
        for user, stdin_too in [(NOBODY, False), (None, True)]:
            on_terminal(["up", "vpn0"], lambda p: None, user=user, path=programs, stdin_too=stdin_too)
            assert not os.path.exists(programs + "/agent.args"), "it was started for nobody"
        # Without one on the machine all goes on as before.
        text, status = on_terminal(["up", "vpn0"], lambda p: None, user=NOBODY, path="/nowhere")
        assert status == 1 and "netdevctl: " in text, text


if __name__ == "__main__":
    if not shutil.which("busctl") or not shutil.which("dbus-daemon"):
        h.skip("there is no dbus-daemon or busctl")
    h.run(globals())
