#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may call what: every method of the manager and of a device, by each kind of caller, with polkit absent, willing
and not. On a dbus-daemon with this machine's stock system configuration and our policy; polkit is played, and what it
is asked is checked. What is expected stands in the tables on top.

Needs root, for it makes itself other users."""

import contextlib
import fcntl
import os
import re
import struct
import subprocess
import time

import daemon_harness
import raw_bus
from daemon_harness import Daemon, NotHere, ip, ip_json, link, manager, path, prop, wait, wait_state
from raw_bus import (GROUP, INTERACTIVE, MEMBER, NOBODY, OWNER, RETURN, STRANGER, Polkit, connect_as,
                     connect_in_user_namespace)

TUNGETIFF = 0x800454D2
IFF_TUN, IFF_NO_PI, IFF_MULTI_QUEUE = 0x1, 0x1000, 0x100

CALLERS = {
    "root": lambda: connect_as(0),
    "owner": lambda: connect_as(OWNER),
    "member": lambda: connect_as(MEMBER, groups=[7, GROUP]),  # by a supplementary group only
    "stranger": lambda: connect_as(STRANGER),
    "nobody": lambda: connect_as(NOBODY),
    "owner in the group": lambda: connect_as(OWNER, groups=[GROUP]),
    "primary member": lambda: connect_as(MEMBER, gid=GROUP),
    "nobody as root in a user namespace": lambda: connect_in_user_namespace(NOBODY),
}

# Device: what its file says of users, and who may open queues without polkit.
DEVICES = {
    "t0": (f"User={OWNER}", {"root", "owner", "owner in the group"}),
    "t1": (f"Group={GROUP}", {"root", "owner in the group", "member", "primary member"}),
    "t2": ("", {"root"}),
    "t3": (f"User={OWNER}\nGroup={GROUP}", {"root", "owner in the group"}),
    "t4": ("AllowAnyUser=yes", set(CALLERS)),
}

# Method: signature, arguments, and the action that polkit is asked for when the caller is not root. In an order in
# which each finds what it needs; after Delete the test has root make the device anew.
MANAGER = {
    "ListDevices": ("", (), None),
    "GetDevice": ("s", ("t0",), None),
    "Diff": ("", (), None),
    "Describe": ("", (), None),
    "Reload": ("", (), "org.netdevd1.reload"),
    "Reconfigure": ("s", ("t0",), "org.netdevd1.reconfigure"),
    "Recreate": ("s", ("t0",), "org.netdevd1.reconfigure"),
    "Prune": ("", (), "org.netdevd1.delete"),
    "OpenQueues": ("sua{sv}", ("t2", 2, {}), "org.netdevd1.open-queues"),
    "Delete": ("s", ("t0",), "org.netdevd1.delete"),
}
DEVICE = {
    "Describe": ("", (), None),
    "Reconfigure": ("", (), "org.netdevd1.reconfigure"),
    "Down": ("", (), "org.netdevd1.set-link"),
    "Up": ("", (), "org.netdevd1.set-link"),
    "OpenQueues": ("ua{sv}", (2, {}), "org.netdevd1.open-queues"),
    "Delete": ("", (), "org.netdevd1.delete"),
}

# Polkit: what it answers, the flags of the call, whether that permits, and what the refusal says.
POLKITS = {
    "absent": (False, 0, False, "does not run on this machine"),
    "denies": (lambda flags: (False, False), 0, False, "or whom polkit allows org.netdevd1."),
    "denies after asking": (lambda flags: (False, False), INTERACTIVE, False, "or whom polkit allows org.netdevd1."),
    "allows": (lambda flags: (True, False), 0, True, None),
    "challenges": (lambda flags: (flags == 1, flags == 0), 0, False, "call again with interactive authorization"),
    "challenges, and the user types": (lambda flags: (flags == 1, flags == 0), INTERACTIVE, True, None),
    "fails": ("org.freedesktop.PolicyKit1.Error.Failed", 0, False, "polkit does not answer: played"),
    "is silent": (None, 0, False, "polkit does not answer"),
}

SECONDS = 3  # that netdevd waits for an answer, in here


def files():
    out = {}
    for name, (rights, _) in DEVICES.items():
        out[name + ".netdev"] = f"[NetDev]\nName={name}\nKind=tun\n[Tun]\nMultiQueue=yes\n{rights}\n"
        out[name + ".network"] = f"[Match]\nName={name}\n"
    return out


def begin(connection, method, flags=0, device=None):
    """Sends the call of ("Manager" or "Device", member); the device is the one of the table unless given."""
    interface, member = method
    signature, arguments, _ = (MANAGER if interface == "Manager" else DEVICE)[member]
    if interface == "Manager":
        to = "/org/netdevd1"
        if device is not None and signature.startswith("s"):
            arguments = (device, *arguments[1:])
    else:
        to = path(device or ("t2" if member == "OpenQueues" else "t0"))
    return connection.begin("org.netdevd1", to, "org.netdevd1." + interface, member, signature, arguments, flags)


METHODS = [("Manager", m) for m in MANAGER] + [("Device", m) for m in DEVICE]


def action(method):
    return (MANAGER if method[0] == "Manager" else DEVICE)[method[1]][2]


def device_of(method):
    """That polkit is told of."""
    if method in (("Manager", "Reload"), ("Manager", "Prune")):
        return None
    return "t2" if method[1] == "OpenQueues" else "t0"


def check_queues(reply, name):
    fds, flags = reply.body
    assert fds == [0, 1] and len(reply.fds) == 2, reply.body
    assert flags == IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE, flags
    for fd in reply.fds:
        assert fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK
        ifname, = struct.unpack("16s", fcntl.ioctl(fd, TUNGETIFF, bytes(40))[:16])
        assert ifname.rstrip(b"\0") == name.encode(), ifname
        os.close(fd)


def check(what, method, reply, permitted, text):
    if permitted:
        assert reply.kind == RETURN, f"{what}: {reply.error}: {reply.text}"
        if method[1] == "OpenQueues":
            check_queues(reply, "t2")
        if method[1] == "Delete":
            assert link("t0") is None, what
            manager("Reconfigure", "s", "t0")
        return
    assert reply.error == "org.netdevd1.NotPermitted", f"{what}: {reply.error}: {reply.text} {reply.body}"
    assert text in reply.text, f"{what}: {reply.text}"
    assert not reply.fds


def check_asked(what, asked, name, methods, flags):
    expected = [(name, action(m), {"device": device_of(m)} if device_of(m) else {}, 1 if flags else 0)
                for m in methods if action(m)]
    assert asked == expected, f"{what}: polkit was asked {asked}, not {expected}"


def links():
    """What nobody may have changed: which links there are, up or down, and their queues."""
    return [(x["ifindex"], x["ifname"], sorted(x["flags"]), x.get("linkinfo", {}).get("info_data", {}))
            for x in ip_json("link")]


def call_all(caller, polkit, mode):
    """Yields once, while it waits for answers."""
    _, flags, allows, text = POLKITS[mode]
    permitted = {m: action(m) is None or caller == "root" or allows for m in METHODS}
    with contextlib.closing(CALLERS[caller]()) as connection:
        if all(permitted.values()):
            yield
            for method in METHODS:
                what = f"{caller}, polkit {mode}: {'.'.join(method)}"
                check(what, method, connection.reply(begin(connection, method, flags)), True, None)
        else:
            before = links()
            serials = [(m, begin(connection, m, flags)) for m in METHODS]
            yield
            for method, serial in serials:
                what = f"{caller}, polkit {mode}: {'.'.join(method)}"
                check(what, method, connection.reply(serial), permitted[method], text)
            assert links() == before, f"{caller}, polkit {mode}: something was changed"
        if polkit:
            check_asked(f"{caller}, polkit {mode}", polkit.take(connection.name), connection.name,
                        [] if caller == "root" else METHODS, flags)


def need_users():
    if not daemon_harness.may_be_others() or open("/proc/self/uid_map", encoding="ascii").read().split()[2] == "1":
        raise NotHere("needs to make itself other users")


@contextlib.contextmanager
def daemon(more=None):
    need_users()
    os.environ["SYSTEMD_BUS_TIMEOUT"] = str(SECONDS)
    with Daemon({**files(), **(more or {})}) as d:
        for name in DEVICES:
            wait_state(name, "configured")
        # Carrier settles.
        wait("all up", lambda: all("UP" in link(n)["flags"] for n in DEVICES))
        yield d


@contextlib.contextmanager
def polkit_that(answer):
    if answer is False:
        yield None
    else:
        with Polkit(answer) as p:
            yield p


def test_table_is_complete():
    """No method is left out above."""
    with daemon():
        for interface, to, table in (("Manager", "/org/netdevd1", MANAGER), ("Device", path("t0"), DEVICE)):
            with contextlib.closing(connect_as(NOBODY)) as c:
                xml = c.call("org.netdevd1", to, "org.freedesktop.DBus.Introspectable", "Introspect").body[0]
            part = xml[xml.index(f'<interface name="org.netdevd1.{interface}">'):]
            part = part[:part.index("</interface>")]
            assert set(re.findall(r'<method name="(\w+)"', part)) == set(table), part


def test_matrix():
    calls = 0
    with daemon():
        for mode, (answer, *_) in POLKITS.items():
            start = time.monotonic()
            with polkit_that(answer) as polkit:
                runs = [call_all(caller, polkit, mode) for caller in CALLERS]
                # Silence is waited for together, but not by root, which changes what the others look at, nor by
                # connections of one user, which has a share of its own.
                for part in [[r] for r in runs] if answer is not None else [runs[:1], runs[1:5], runs[5:]]:
                    for r in part:
                        next(r)
                    for r in part:
                        assert next(r, "end") == "end"
                assert not polkit or not polkit.asked
                calls += len(CALLERS) * len(METHODS)
            took = time.monotonic() - start
            assert answer is not None or took > SECONDS, "it did not wait for polkit"
    print(f"# {calls} calls", flush=True)


def test_open_queues():
    """As the kernel would let the caller attach, polkit is not even asked."""
    with daemon(), Polkit(lambda flags: (False, False)) as polkit:
        for name, (_, allowed) in DEVICES.items():
            for caller, connect in CALLERS.items():
                for interface in ("Manager", "Device"):
                    what = f"{caller} on {name} through {interface}"
                    with contextlib.closing(connect()) as c:
                        reply = c.reply(begin(c, (interface, "OpenQueues"), device=name))
                        if caller in allowed:
                            assert reply.kind == RETURN, f"{what}: {reply.error}: {reply.text}"
                            check_queues(reply, name)
                            assert not polkit.asked, what
                        else:
                            assert reply.error == "org.netdevd1.NotPermitted", f"{what}: {reply.error}"
                            asked = polkit.take(c.name)
                            assert asked == [(c.name, "org.netdevd1.open-queues", {"device": name}, 0)], what


def test_no_such_device():
    """Nobody is asked for a password for what does not exist."""
    with daemon(), Polkit(lambda flags: (True, False)) as polkit, contextlib.closing(connect_as(NOBODY)) as c:
        for method in METHODS:
            if method[0] == "Manager" and MANAGER[method[1]][0].startswith("s"):
                for name in ("nothere0", "", "x" * 200000, "../t0", "lo"):
                    reply = c.reply(begin(c, method, INTERACTIVE, name or b""))
                    assert reply.error == "org.netdevd1.NoSuchDevice", f"{method}({name[:20]}): {reply.error}"
        reply = c.reply(begin(c, ("Device", "Up"), device="nothere0"))
        assert reply.error == "org.freedesktop.DBus.Error.UnknownObject", reply.error
        assert not polkit.asked, polkit.asked


def test_properties_cannot_be_set():
    with daemon():
        for connect in (CALLERS["root"], CALLERS["nobody"]):
            with contextlib.closing(connect()) as c:
                reply = c.call("org.netdevd1", path("t0"), "org.freedesktop.DBus.Properties", "Set", "ssv",
                               ("org.netdevd1.Device", "MTU", ("u", 1400)))
                assert reply.error, reply.body
        assert link("t0")["mtu"] == 1500


def test_descriptors_stay_outside():
    """What a call does not need would stay open while it waits."""
    with daemon() as d, Polkit(None), contextlib.closing(connect_as(NOBODY)) as c, open("/dev/null", "rb") as null:
        before = len(os.listdir(f"/proc/{d.process.pid}/fd"))
        for _ in range(10):
            reply = c.call("org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager", "Reload",
                           fds=[null.fileno()] * 16)
            assert reply.error == "org.freedesktop.DBus.Error.AccessDenied", reply.error
        assert len(os.listdir(f"/proc/{d.process.pid}/fd")) == before


def test_device_goes_while_polkit_is_asked():
    """Then there is nothing to do it to. Once for a link of somebody else, once for a declared device."""
    methods = [m for m in METHODS if action(m) and device_of(m)]
    with daemon({"gone.netdev": "[NetDev]\nName=gone0\nKind=tun\n[Tun]\nMultiQueue=yes\n"}) as d:
        for name in ("foreign0", "gone0"):
            if name == "foreign0":
                ip("tuntap", "add", "dev", name, "mode", "tun", "multi_queue")
            wait(name + " on the bus", lambda n=name: prop(n, "InterfaceIndex"))
            with Polkit(None) as polkit, contextlib.closing(connect_as(STRANGER)) as c:
                serials = [(m, begin(c, m, INTERACTIVE, name)) for m in methods]
                polkit.wait(len(methods))
                if name == "gone0":
                    d.remove("gone.netdev")
                    d.reload()
                ip("link", "delete", name)
                wait(name + " off the bus", lambda n=name: prop(n, "Name") is None)
                polkit.release(lambda flags: (True, False))
                for method, serial in serials:
                    reply = c.reply(serial)
                    assert reply.error == "org.netdevd1.NoSuchDevice", f"{method} {name}: {reply.error} {reply.text}"
                assert link(name) is None, "it was made anew"


def test_many_wait():
    """One user has so many questions open; root and others are not kept waiting by them."""
    with daemon(), Polkit(None) as polkit, contextlib.ExitStack() as stack:
        ours = [stack.enter_context(contextlib.closing(connect_as(STRANGER))) for _ in range(4)]
        serials = [(c, begin(c, ("Manager", "Reload"), INTERACTIVE)) for c in ours for _ in range(4)]
        polkit.wait(16)
        for c in ours:
            reply = c.reply(begin(c, ("Manager", "Reload"), INTERACTIVE))
            assert reply.error == "org.netdevd1.NotPermitted" and "too many" in reply.text, reply.text
        other = stack.enter_context(contextlib.closing(connect_as(NOBODY)))
        serials.append((other, begin(other, ("Manager", "Reload"), INTERACTIVE)))
        polkit.wait(17)

        start = time.monotonic()
        manager("Reload")
        assert time.monotonic() - start < 2, "root had to wait"

        polkit.release(lambda flags: (True, False))
        for c, serial in serials:
            assert c.reply(serial).kind == RETURN
        # And there is room again.
        serial = begin(ours[0], ("Manager", "Reload"), INTERACTIVE)
        polkit.wait(18)
        polkit.release(lambda flags: (False, False))
        assert ours[0].reply(serial).error == "org.netdevd1.NotPermitted"


def left(connection):
    """Closes it, and returns when the bus has told everybody."""
    connection.close()
    with contextlib.closing(connect_as(0)) as c:
        wait("the bus to notice", lambda: c.call(*raw_bus.DBUS, "NameHasOwner", "s", (connection.name,)).body == (0,))


def test_callers_leave_while_polkit_is_asked():
    """Their places are free again, and what polkit allows after that is not done."""
    methods = [m for m in METHODS if action(m)]
    with daemon(), Polkit(None) as polkit, contextlib.closing(connect_as(NOBODY)) as stays:
        before = links()
        for n in range(1, 4):  # more than one user may have, together
            c = connect_as(STRANGER)
            for method in methods:
                begin(c, method, INTERACTIVE)
            polkit.wait(n * len(methods))
            left(c)
        serial = begin(stays, ("Device", "Down"), INTERACTIVE, "t3")
        polkit.wait(3 * len(methods) + 1)
        polkit.release(lambda flags: (True, False))
        assert stays.reply(serial).kind == RETURN
        assert [x for x in links() if x[1] != "t3"] == [x for x in before if x[1] != "t3"], "something was done"


def test_end_while_polkit_is_asked():
    """The bus goes, and comes back; the daemon goes, which a leak checker looks at."""
    with daemon() as d:
        with Polkit(None) as polkit:
            c = connect_as(STRANGER)
            begin(c, ("Manager", "Reload"), INTERACTIVE)
            polkit.wait(1)
            daemon_harness.stop_bus()
            c.close()
            daemon_harness.BUS = raw_bus.start_stock_bus()
        wait("the daemon on the bus", lambda: prop("t0", "Name") == "t0", 20)

        with Polkit(None) as polkit, contextlib.closing(connect_as(STRANGER)) as c:
            begin(c, ("Manager", "Reload"), INTERACTIVE)
            begin(c, ("Device", "OpenQueues"), INTERACTIVE)
            polkit.wait(2)
            d.stop()


if __name__ == "__main__":
    if subprocess.run(["id", "messagebus"], capture_output=True, check=False).returncode != 0 or \
            not os.path.exists("/usr/share/dbus-1/system.conf"):
        daemon_harness.skip("there is no dbus-daemon with its system configuration")
    if os.geteuid() != 0:
        daemon_harness.skip("needs root")
    daemon_harness.run(globals(), raw_bus.start_stock_bus)
