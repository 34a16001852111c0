#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The running daemon, over its bus: states, and how they follow files, programs and other people's hands.

Makes its own network and mount namespaces and its own dbus-daemon. The daemon's path is the only argument.
Exits 77 where it may not make namespaces or open /dev/net/tun."""

import contextlib
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

import daemon_harness
import raw_bus
from daemon_harness import (IFF_MULTI_QUEUE, IFF_NO_PI, IFF_TAP, IFF_TUN, TUNSETIFF, Daemon, Monitor, NotHere,
                            addresses, attach, busctl, changes, ip, link, may_be_others, mq, network, path, prop, state,
                            wait, wait_state)

TUNSETIFINDEX, TUNATTACHFILTER, TUNSETCARRIER = 0x400454DA, 0x401054D5, 0x400454E2


def test_states_follow_the_link():
    with Daemon({"a.netdev": mq("t0"), "a.network": network("t0", "10.0.0.1/24", "fd00::1/64")}) as d:
        wait_state("t0", "configured")
        assert prop("t0", "OperationalState") in ("routable", "degraded")
        assert prop("t0", "CarrierHeld", "TunTap") is True
        assert prop("t0", "DisabledQueues", "TunTap") == 1
        assert prop("t0", "ConfigFiles") == [d.dir + "/etc/a.netdev"]
        assert prop("t0", "NetworkFiles") == [d.dir + "/etc/a.network"]

        ip("address", "delete", "10.0.0.1/24", "dev", "t0")
        wait_state("t0", "drifted")
        assert prop("t0", "Drift") == [f"add-address 10.0.0.1/24 ({d.dir}/etc/a.network:4)"]
        d.reload()
        assert state("t0") == "configured" and addresses("t0") == ["10.0.0.1", "fd00::1"]

        index = prop("t0", "InterfaceIndex")
        ip("link", "delete", "t0")
        wait_state("t0", "missing")
        assert prop("t0", "InterfaceIndex") == 0 and prop("t0", "CarrierHeld", "TunTap") is False
        d.reload()
        assert state("t0") == "configured" and prop("t0", "InterfaceIndex") != index


def test_tree_and_introspection():
    with Daemon({"a.netdev": mq("tun-a")}):
        tree = busctl("tree", "org.netdevd1", "--list").stdout.split()
        assert "/org/netdevd1/device/tun_2da" in tree, tree
        xml = busctl("call", "org.netdevd1", "/org/netdevd1/device/tun_2da",
                     "org.freedesktop.DBus.Introspectable", "Introspect").stdout
        assert "org.netdevd1.Device" in xml and "org.netdevd1.TunTap" in xml
        out = busctl("call", "org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager", "ListDevices")
        assert [x[0] for x in json.loads(out.stdout)["data"][0]] == ["tun-a"]
        out = busctl("call", "org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager", "GetDevice", "s", "nix")
        assert out.returncode != 0 and "No .netdev file declares a device 'nix'" in out.stderr, out.stderr
        out = busctl("call", "org.netdevd1", "/org/netdevd1", "org.freedesktop.DBus.ObjectManager",
                     "GetManagedObjects")
        assert "org.netdevd1.TunTap" in json.loads(out.stdout)["data"][0]["/org/netdevd1/device/tun_2da"]


def test_consumer_is_seen_by_event():
    with Daemon({"a.netdev": mq("t0"), "a.network": network("t0", "10.0.0.1/24")}):
        wait_state("t0", "configured")
        before = changes("t0")
        delays = []
        with Monitor() as m:
            for _ in range(10):
                start = time.monotonic()
                fd = attach("t0")
                m.wait()
                delays.append(time.monotonic() - start)
                assert prop("t0", "ConsumerAttached", "TunTap") is True
                assert prop("t0", "ActiveQueues", "TunTap") == 1
                os.close(fd)
                m.wait()
                wait("no consumer", lambda: prop("t0", "ConsumerAttached", "TunTap") is False)
        assert changes("t0") == before
        print(f"  # signal after attach: median {sorted(delays)[5] * 1000:.1f} ms, most {max(delays) * 1000:.1f} ms")


def test_nothing_is_said_when_nothing_changed():
    with Daemon({"a.netdev": mq("t0"), "a.network": network("t0", "10.0.0.1/24")}) as d:
        wait_state("t0", "configured")
        time.sleep(1.5)  # the link-local address is checked for duplicates meanwhile
        with Monitor() as m:
            ip("link", "set", "t0", "txqueuelen", "400")  # an event of no consequence
            time.sleep(0.5)
            assert not m.drain()
            d.reload()
            time.sleep(0.2)
            lines = [x for x in m.drain() if "device" in x]
            assert not lines, lines


def test_conflict_is_explained_and_ends_by_itself():
    ip("link", "add", "t0", "type", "bridge")
    with Daemon({"a.netdev": mq("t0"), "b.netdev": mq("t1")}) as d:
        wait_state("t1", "configured")
        assert state("t0") == "blocked"
        _, file, line, text = prop("t0", "LastError")
        assert (file, line) == (d.dir + "/etc/a.netdev", 3) and "bridge device of this name exists" in text, text
        assert link("t0")["linkinfo"]["info_kind"] == "bridge"
        ip("link", "delete", "t0")
        wait_state("t0", "configured")


def test_queue_mode_conflict():
    ip("tuntap", "add", "t0", "mode", "tun", "user", "0")
    with Daemon({"a.netdev": mq("t0")}):
        wait_state("t0", "blocked")
        assert "exists as single-queue tun; MultiQueue=yes is wanted" in prop("t0", "LastError")[3]


def test_single_queue_waits_for_its_program():
    ip("tuntap", "add", "t0", "mode", "tun", "user", "0")
    fd = attach("t0", IFF_TUN | IFF_NO_PI)
    files = {"a.netdev": "[NetDev]\nName=t0\nKind=tun\n[Tun]\nKeepCarrier=yes\nUser=4711\n",
             "a.network": network("t0", "10.0.0.1/24")}
    with Daemon(files) as d:
        wait_state("t0", "blocked")
        assert addresses("t0") == ["10.0.0.1"]  # what needs no queue is done
        assert "a program holds the only queue" in prop("t0", "LastError")[3]
        assert "KeepCarrier=yes on a single-queue device" in d.log()
        os.close(fd)
        wait_state("t0", "configured")
        assert prop("t0", "OwnerUID", "TunTap") == 4711 and prop("t0", "CarrierHeld", "TunTap") is True
        assert link("t0")["flags"].count("LOWER_UP") == 1


def test_flags_wait_for_an_idle_device():
    ip("tuntap", "add", "t0", "mode", "tun", "multi_queue", "user", "0")
    ip("link", "set", "t0", "up")
    fd = attach("t0")
    with Daemon({"a.netdev": mq("t0", more="PacketInfo=yes\n")}) as d:
        wait_state("t0", "blocked")
        os.close(fd)
        wait("carrier off or an idle device", lambda: prop("t0", "ConsumerAttached", "TunTap") is False)
        wait_state("t0", "configured")
        assert prop("t0", "PacketInfo", "TunTap") is True, d.log()


def test_unknown_user_costs_that_device_only():
    with Daemon({"a.netdev": mq("t0", user="nosuchuser"), "b.netdev": mq("t1")}) as d:
        wait_state("t1", "configured")
        assert state("t0") == "failed" and link("t0") is None
        assert prop("t0", "LastError")[1:3] == [d.dir + "/etc/a.netdev", 7]
        assert [p[2] for p in d.problems()] == ["error"]
        d.write("a.netdev", mq("t0"))
        d.reload()
        assert state("t0") == "configured" and d.problems() == []


def test_broken_file_keeps_what_was_loaded():
    with Daemon({"a.netdev": mq("t0"), "a.network": network("t0", "10.0.0.1/24")}) as d:
        wait_state("t0", "configured")
        index = prop("t0", "InterfaceIndex")
        d.write("a.netdev", "[NetDev\nName=t0\n")
        d.write("a.network", "[Match]\nName=t0\n[Network]\nAddress=\xff\n".encode("latin-1").decode("latin-1"))
        with open(d.dir + "/etc/a.network", "wb") as f:
            f.write(b"[Match]\nName=t0\n[Network]\nDescription=\xff\n")
        d.reload()
        assert state("t0") == "configured" and prop("t0", "InterfaceIndex") == index
        assert addresses("t0") == ["10.0.0.1"]
        assert {p[0].rsplit("/", 1)[1] for p in d.problems() if p[2] == "error"} == {"a.netdev", "a.network"}


def test_unreadable_directory_is_no_wish_to_delete():
    with Daemon({"a.netdev": mq("t0")}) as d:
        wait_state("t0", "configured")
        os.rename(d.dir + "/etc", d.dir + "/saved")
        with open(d.dir + "/etc", "w", encoding="utf-8"):
            pass  # a file where the directory was
        out = busctl("call", "org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager", "Reload")
        assert out.returncode != 0 and "previous one stays" in out.stderr, out.stderr
        assert state("t0") == "configured"


def test_removed_file_leaves_an_orphan():
    with Daemon({"a.netdev": mq("t0")}) as d:
        wait_state("t0", "configured")
        d.remove("a.netdev")
        d.reload()
        assert state("t0") == "orphaned" and link("t0")
        d.write("a.netdev", mq("t0"))
        d.reload()
        assert state("t0") == "configured"
        assert prop("t0", "DisabledQueues", "TunTap") == 1
        d.remove("a.netdev")
        d.reload()
        ip("link", "delete", "t0")
        wait("the object to go", lambda: state("t0") is None)


def test_address_follows_its_file():
    with Daemon({"a.netdev": mq("t0"), "a.network": network("t0", "10.0.0.1/24", "10.0.1.1/24")}) as d:
        wait_state("t0", "configured")
        ip("address", "add", "10.9.9.9/24", "dev", "t0")
        d.write("a.network", network("t0", "10.0.1.1/24", "10.0.2.1/24"))
        d.reload()
        assert addresses("t0") == ["10.0.1.1", "10.0.2.1", "10.9.9.9"], addresses("t0")


def test_renamed_by_hand_stays_ours():
    with Daemon({"a.netdev": mq("t0")}) as d:
        wait_state("t0", "configured")
        index = prop("t0", "InterfaceIndex")
        ip("link", "set", "t0", "down")
        ip("link", "set", "t0", "name", "other")
        wait_state("t0", "drifted")
        assert prop("t0", "InterfaceIndex") == index and state("other") is None
        d.reload()
        assert link("t0")["ifindex"] == index and state("t0") == "configured"


def test_links_of_others():
    ip("tuntap", "add", "near", "mode", "tap", "user", "0")
    ip("tuntap", "add", "far", "mode", "tap", "user", "0")
    files = {"a.network": network("near lo", "10.0.0.1/24"), "b.network": network("f*", "10.0.1.1/24")}
    with Daemon(files) as d:
        wait_state("near", "configured")
        assert addresses("near") == ["10.0.0.1"] and state("far") == "unmanaged" and addresses("far") == []
        assert state("lo") is None and addresses("lo") == []
        ip("tuntap", "add", "later", "mode", "tun", "user", "0")
        wait_state("later", "unmanaged")
        d.remove("a.network")
        d.reload()
        assert state("near") == "unmanaged"


def test_carrier_left_off_is_raised():
    for kind, flag in (("tun", IFF_TUN), ("tap", IFF_TAP)):
        with Daemon({"a.netdev": mq("t0", kind), "a.network": network("t0", "10.0.0.1/24")}):
            wait_state("t0", "configured")
            fd = attach("t0", flag | IFF_NO_PI | IFF_MULTI_QUEUE)
            fcntl.ioctl(fd, TUNSETCARRIER, struct.pack("i", 0))
            wait("carrier off", lambda: prop("t0", "CarrierState") == "no-carrier")
            time.sleep(0.2)
            assert prop("t0", "CarrierState") == "no-carrier"  # the program may mean it
            os.close(fd)
            wait("carrier on again", lambda: prop("t0", "CarrierState") == "carrier")
            assert link("t0")["linkinfo"]["info_data"].get("numdisabled") == 1


def test_carrier_left_off_makes_no_noise():
    with Daemon({"a.netdev": mq("t0"), "a.network": network("t0", "10.0.0.1/24")}) as d:
        wait_state("t0", "configured")
        for _ in range(50):
            fd = attach("t0")
            fcntl.ioctl(fd, TUNSETCARRIER, struct.pack("i", 0))
            os.close(fd)
        wait("carrier on again", lambda: prop("t0", "CarrierState") == "carrier")
        assert d.log().count("Configured") == 1 and "Drifted" not in d.log(), d.log()


LEAVE_FILTER = """
import ctypes, fcntl, os, struct
fd = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(fd, {}, struct.pack("16sH22x", b"t0", {}))
code = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0xffff))
fcntl.ioctl(fd, {}, struct.pack("H6xQ", 1, ctypes.addressof(code)))
fcntl.ioctl(fd, {}, struct.pack("i", 0))
"""


def test_held_queue_is_detached_whatever_a_program_left():
    """A classic filter whose code died with its program makes attaching a queue fail, and attach it."""
    with Daemon({"a.netdev": mq("t0", "tap"), "a.network": network("t0", "10.0.0.1/24")}):
        wait_state("t0", "configured")
        flags = IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE
        subprocess.run([sys.executable, "-c",
                        LEAVE_FILTER.format(TUNSETIFF, flags, TUNATTACHFILTER, TUNSETCARRIER)], check=True)
        wait("carrier on again", lambda: prop("t0", "CarrierState") == "carrier")
        assert link("t0")["linkinfo"]["info_data"]["numqueues"] == 0
        assert link("t0")["linkinfo"]["info_data"]["numdisabled"] == 1
        assert prop("t0", "ActiveQueues", "TunTap") == 0


def test_index_of_a_deleted_device_is_nobodys():
    with Daemon({"a.netdev": mq("t0")}) as d:
        wait_state("t0", "configured")
        index = prop("t0", "InterfaceIndex")
        ip("link", "delete", "t0")
        wait_state("t0", "missing")
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(fd, TUNSETIFINDEX, struct.pack("i", index))
        fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", b"other", IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE))
        wait_state("other", "unmanaged")
        d.reload()
        assert link("other")["ifindex"] == index and state("other") == "unmanaged"
        assert state("t0") == "configured" and prop("t0", "InterfaceIndex") != index
        os.close(fd)


def test_renamed_to_a_name_that_is_declared_later():
    with Daemon({"a.netdev": mq("t1")}) as d:
        wait_state("t1", "configured")
        index = prop("t1", "InterfaceIndex")
        ip("link", "set", "t1", "down")
        ip("link", "set", "t1", "name", "t2")
        d.write("b.netdev", mq("t2"))
        d.reload()
        wait_state("t2", "configured")
        assert state("t1") == "configured" and prop("t1", "InterfaceIndex") == index


def test_orphan_that_a_network_file_names():
    with Daemon({"a.netdev": mq("t0"), "a.network": network("t0", "10.0.0.1/24")}) as d:
        wait_state("t0", "configured")
        d.remove("a.netdev")
        d.reload()
        assert state("t0") == "orphaned" and addresses("t0") == ["10.0.0.1"]


def test_all_queues_taken():
    ip("tuntap", "add", "t0", "mode", "tun", "multi_queue", "user", "0")
    fds = [attach("t0") for _ in range(256)]
    with Daemon({"a.netdev": mq("t0")}):
        wait_state("t0", "blocked")
        assert "programs hold all 256 queues" in prop("t0", "LastError")[3]
        for fd in fds:
            os.close(fd)
        wait_state("t0", "configured")


def test_names_that_are_no_text():
    name = b"x\xff\x1b"
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name, IFF_TUN | IFF_NO_PI))
    with Daemon({"a.netdev": mq("t0")}):
        wait_state("t0", "configured")
        out = busctl("call", "org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager", "ListDevices")
        assert sorted(x[0] for x in json.loads(out.stdout)["data"][0]) == ["t0", "x\\xff\\x1b"]
        out = busctl("call", "org.netdevd1", "/org/netdevd1", "org.freedesktop.DBus.ObjectManager",
                     "GetManagedObjects")
        assert out.returncode == 0, out.stderr
        os.close(fd)


def test_many_problems_do_not_break_the_connection():
    long = "y" * 20000
    with Daemon({"a.netdev": mq("t0", more=f"Bogus{long}=1\n" * 3000)}) as d:
        wait_state("t0", "configured")
        before = d.problems()
        assert 100 < len(before) < 1002 and "more problems" in before[-1][3]
        d.reload()
        assert len(d.problems()) == len(before)


def test_online_state_follows():
    with Daemon({"a.netdev": mq("t0"), "a.network": network("t0", "10.0.0.1/24")}) as d:
        wait_state("t0", "configured")
        def online():
            return json.loads(busctl("get-property", "org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager",
                                     "OnlineState").stdout)["data"]
        assert online() == "online"
        ip("link", "set", "t0", "down")
        wait("offline", lambda: online() == "offline")
        d.remove("a.netdev")
        d.reload()
        ip("link", "delete", "t0")
        wait("no state", lambda: online() == "")


def read(name):
    with open(name, encoding="utf-8") as f:
        return f.read()


def test_one_state_directory_one_netdevd():
    with Daemon({"a.netdev": mq("t0")}) as d:
        wait_state("t0", "configured")
        os.mkdir(d.dir + "/other")
        with open(d.dir + "/other/b.netdev", "w", encoding="utf-8") as f:
            f.write(mq("t1"))
        out = subprocess.run([daemon_harness.NETDEVD, f"--config-dir={d.dir}/other", f"--state-dir={d.dir}/state",
                              "--once"], capture_output=True, text=True, check=False)
        assert out.returncode == 0 and "Another netdevd works with the state directory" in out.stderr, out.stderr
        d.reload()
        with open(d.dir + "/state/links", encoding="utf-8") as f:
            assert "made t0" in f.read()
        out = subprocess.run([daemon_harness.NETDEVD, "--state-dir=", "--once"], capture_output=True, text=True,
                             check=False)
        assert out.returncode == 2 and "needs the name of a directory" in out.stderr


def test_record_once_the_other_is_gone():
    """What two of them made is in the record when the one that could not write to it has been reloaded."""
    with Daemon({"a.netdev": mq("t0")}) as other:
        wait_state("t0", "configured")
        with Daemon({"a.netdev": mq("t1")}, extra=[f"--state-dir={other.dir}/state", "--no-bus"]) as late:
            wait("t1", lambda: link("t1"))
            other.stop()
            late.process.send_signal(signal.SIGHUP)
            wait("the reload", lambda: "is ours now" in late.log())
            wait("the record", lambda: "made t1 " in read(other.dir + "/state/links"))
            assert "made t0 " in read(other.dir + "/state/links")


def test_a_warning_is_logged_once():
    single = "[NetDev]\nName=t0\nKind=tun\n[Tun]\nKeepCarrier=yes\n"
    with Daemon({"a.netdev": single, "b.netdev": "[NetDev]\nKind=tun\n"}) as d:
        wait_state("t0", "configured")
        d.reload()
        d.reload()
        assert d.log().count("netdevd holds its only queue") == 1
        assert sum("b.netdev" in line for line in d.log().splitlines()) == 3, "a file that is left out is named"
        assert [p[2] for p in d.problems()] == ["warning", "error"]
        d.rewrite("a.netdev", single + "User=0\n")
        d.rewrite("a.netdev", "\n" + single)
        assert d.log().count("netdevd holds its only queue") == 2, "another line is another one"


def test_reload_is_roots():
    if not may_be_others():
        raise NotHere("no other user can be had here")
    with Daemon({"a.netdev": mq("t0")}):
        out = busctl("call", "org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager", "Reload", user=65534)
        assert out.returncode != 0 and "Only root may reload netdevd" in out.stderr, out.stderr
        out = busctl("get-property", "org.netdevd1", path("t0"), "org.netdevd1.Device", "Name", user=65534)
        assert json.loads(out.stdout)["data"] == "t0"


def test_restart_takes_over_what_is_there():
    with Daemon({"a.netdev": mq("t0"), "a.network": network("t0", "10.0.0.1/24")}) as d:
        for sig in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
            wait_state("t0", "configured")
            index = prop("t0", "InterfaceIndex")
            fd = attach("t0")
            before = changes("t0")
            d.stop(sig)
            assert addresses("t0") == ["10.0.0.1"] and link("t0")["ifindex"] == index
            d.start()
            wait_state("t0", "configured")
            assert prop("t0", "InterfaceIndex") == index and changes("t0") == before
            assert prop("t0", "DisabledQueues", "TunTap") == 1 and prop("t0", "ActiveQueues", "TunTap") == 1
            os.close(fd)


def test_reload_in_the_middle_of_the_first_plan():
    files = {f"{i}.netdev": mq(f"t{i}") for i in range(120)}
    files["a.network"] = network("t*", "10.0.0.1/32")
    d = Daemon(files)
    d.start(wait_bus=False)
    try:
        wait("some devices", lambda: link("t50"))
        d.process.send_signal(signal.SIGHUP)
        for i in range(120):
            wait_state(f"t{i}", "configured")
        assert all(changes(f"t{i}") <= 2 for i in range(120))
        assert d.log().count("hold a queue") == 0, "a queue held before the reload was given up"
    finally:
        d.__exit__(None, None, None)


def test_service_manager_is_told():
    path = daemon_harness.TMP + "/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(path)
        notify.settimeout(20)

        def until(last):
            told = []
            while not told or last not in told[-1]:
                told.append(notify.recv(4096).decode().split("\n"))
            return told

        d = Daemon({f"{i}.netdev": mq(f"t{i}") for i in range(120)},
                   wrapper=("env", "NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=400000"))
        d.start(wait_bus=False)
        try:
            told = until("READY=1")
            assert any(line.startswith("EXTEND_TIMEOUT_USEC=") for lines in told for line in lines), told
            assert all(link(f"t{i}") for i in range(120)), "ready before all is done"
            until("WATCHDOG=1")
            d.process.send_signal(signal.SIGHUP)
            told = until("RELOADING=1")
            assert any(line.startswith("MONOTONIC_USEC=") for line in told[-1]), told
            until("READY=1")
            d.stop()
            until("STOPPING=1")
        finally:
            d.__exit__(None, None, None)


def test_bus_later_and_anew():
    daemon_harness.stop_bus()
    with contextlib.suppress(FileNotFoundError):
        os.unlink(daemon_harness.TMP + "/bus")
    d = Daemon({"a.netdev": mq("t0")})
    d.start(wait_bus=False)
    wait("the device without a bus", lambda: link("t0") and "numdisabled" in str(link("t0")))
    daemon_harness.BUS = daemon_harness.start_bus()
    wait_state("t0", "configured")
    daemon_harness.stop_bus()
    time.sleep(0.3)
    daemon_harness.BUS = daemon_harness.start_bus()
    wait_state("t0", "configured")
    d.__exit__(None, None, None)


def test_name_that_another_has():
    other = raw_bus.Connection(os.environ["DBUS_SYSTEM_BUS_ADDRESS"].removeprefix("unix:path="))
    assert other.call(*raw_bus.DBUS, "RequestName", "su", ("org.netdevd1", 4)).body == (1,)
    d = Daemon({"a.netdev": mq("t0")})
    d.start(wait_bus=False)
    wait("a word about it", lambda: "org.netdevd1: it is taken. Is" in d.log())
    time.sleep(1.5)  # it asks again after 1 and 2 s
    assert d.log().count("err: The bus does not give us") == 1, d.log()
    other.close()
    wait_state("t0", "configured")
    d.__exit__(None, None, None)


def test_name_that_the_policy_refuses():
    """As where the package's policy file came after netdevd: the bus reads its configuration anew, and gives it."""
    config = daemon_harness.TMP + "/bus.conf"
    with open(config, encoding="utf-8") as f:
        good = f.read()

    def use(text):
        with open(config, "w", encoding="utf-8") as f:
            f.write(text)
        busctl("call", *raw_bus.DBUS, "ReloadConfig")

    use(good.replace("</policy>", '<deny own="org.netdevd1"/></policy>'))
    d = Daemon({"a.netdev": mq("t0")})
    try:
        d.start(wait_bus=False)
        wait("a word about it", lambda: "Is its policy file installed?" in d.log())
    finally:
        use(good)
    wait_state("t0", "configured")
    assert d.log().count("err: The bus does not give us") == 1, d.log()
    d.__exit__(None, None, None)


def test_no_bus_is_no_error():
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"], saved = "nonsense", os.environ["DBUS_SYSTEM_BUS_ADDRESS"]
    d = Daemon({"a.netdev": mq("t0")})
    d.start(wait_bus=False)
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = saved
    wait("the device without a bus", lambda: link("t0"))
    wait("a word about the bus", lambda: "going on without it" in d.log())
    d.__exit__(None, None, None)


if __name__ == "__main__":
    daemon_harness.run(globals())
