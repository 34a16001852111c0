#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs that set offloads, headers and filters their own way, as virtual machines do; and what the next one
finds."""

import fcntl
import os
import struct
import subprocess
import time

import queues_harness
from daemon_harness import IFF_MULTI_QUEUE, IFF_NO_PI, IFF_TAP, attach, changes, link, prop, wait
from queues_harness import FRAMER, execute, leases, running, started

TUNSETCARRIER = 0x400454E2
TUNGETSNDBUF = 0x800454D3

WHOLE, WHOLE_BEHIND_12 = "frame 14064 gso 1 1400", "frame 14066 gso 1 1400"
SEGMENT = "frame 1464 gso 0 0"
CLEAN = "q0 header 10 le 0 offloads 0 0 carrier 1 buffer 2147483647"


def vnet(**options):
    return running("q0", kind="tap", more="VNetHeader=yes\n", **options)


def frames(n, *what, count=1):
    """What a program on n queues, which first does this to the device, reads of so many large TCP segments; and how
    many each queue got."""
    with started("q0", FRAMER, "read", *what, queues=n, user=0) as p:
        subprocess.run([FRAMER, "send", "q0", str(count)], check=True)
        time.sleep(0.2)
        *read, last = p.end().splitlines()
    wait("the lease is over", lambda: leases("q0") == [])
    return read, [int(x) for x in last.removeprefix("frames of queues: ").split()]


def traits():
    with execute("q0", FRAMER, "traits", user=0) as p:
        said = p.end()
    wait("the lease is over", lambda: leases("q0") == [])
    return said


def test_segments():
    """With offloads whole, and without them in ten."""
    with vnet():
        assert frames(1, "offload", count=5)[0] == [WHOLE] * 5
        assert frames(1, count=5)[0] == [SEGMENT] * 50
        assert frames(1, "offload", "header", count=5)[0] == [WHOLE_BEHIND_12] * 5
        assert frames(1, count=5)[0] == [SEGMENT] * 50


ALL = ("offload", "header", "ebpf", "steering", "carrier")


def spoil_and_leave(*what, user=0):
    with started("q0", FRAMER, "spoil", *what, user=user) as p:
        p.kill()
    wait("the lease is over", lambda: leases("q0") == [])


def test_spoiling():
    """The control of the next test: what is left behind does harm to who has it."""
    with vnet(user=0):
        assert frames(2, "ebpf", count=20) == ([], [0, 0])
        assert frames(2, "classic", count=20) == ([], [0, 0])
        read, each = frames(2, "steering", count=20)
        assert (len(read), each) == (200, [200, 0]), each
        read, each = frames(2, count=20)
        assert (len(read), sum(each)) == (200, 200) and all(each), each


def test_next_lessee_finds_it_clean():
    """Whatever the one before left: one by one, all together, with a held queue, without, with a single one."""
    for options in ({}, {"keep": False}, {"multi": False}):
        with vnet(user=0, **options):
            for what in [[w] for w in ALL] + [["classic"], [*ALL, "classic"]]:
                if what == ["steering"] and "multi" in options:
                    continue
                assert traits() == CLEAN, (options, what)
                spoil_and_leave(*what)
                said = traits()
                assert said == CLEAN, (options, what, said)
                spoil_and_leave(*what)
                read, each = frames(1 if "multi" in options else 2, count=20)
                assert read == [SEGMENT] * 200 and all(each), (options, what, len(read), each)


def test_not_while_another_has_it():
    """Whoever is there has set the device up for itself."""
    with vnet(), started("q0", FRAMER, "spoil", "offload", "header", user=0) as first:
        with execute("q0", FRAMER, "traits", user=0) as p:
            assert p.end() == "q0 header 12 le 1 offloads 1 1 carrier 1 buffer 2147483647"
        first.end()
        wait("the lease is over", lambda: leases("q0") == [])
        assert traits() == CLEAN


def test_send_buffer():
    """Of what is handed out, in each of the three ways, and beside another program; not of what was opened by name
    since."""
    def buffer(fd):
        return struct.unpack("i", fcntl.ioctl(fd, TUNGETSNDBUF, struct.pack("i", 0)))[0]

    for options in ({}, {"keep": False}, {"multi": False}, {"multi": False, "keep": False}):
        with running("q0", kind="tap", more="VNetHeader=yes\nSendBufferBytes=1M\n", user=0, **options):
            assert traits() == CLEAN.replace("2147483647", "1048576"), options
            assert traits() == CLEAN.replace("2147483647", "1048576"), options
            if options != {}:
                continue
            fd = attach("q0", IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE | 0x4000)
            assert buffer(fd) == 2147483647
            assert traits().endswith(" buffer 1048576")
            assert buffer(fd) == 1048576
            os.close(fd)


def test_restarts_by_name():
    """1000 of a program that opens the device by name: none finds its settings changed by the end of the one
    before, while the daemon is told of each."""
    with vnet(user=0):
        start = time.monotonic()
        out = subprocess.run([FRAMER, "restart", "q0", "1000"], capture_output=True, text=True, check=True).stdout
        assert out == "restarts 1000 bad 0\n", out
        print(f"# 1000 restarts in {time.monotonic() - start:.1f} s")
        assert changes("q0") == 0


def test_carrier_left_off():
    """By somebody with a lease and by somebody who came by name, with a held queue."""
    with vnet(user=0):
        spoil_and_leave("carrier")
        wait("carrier", lambda: link("q0")["operstate"] != "DOWN" and prop("q0", "CarrierState") == "carrier")
        fd = attach("q0", IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE | 0x4000)
        fcntl.ioctl(fd, TUNSETCARRIER, struct.pack("i", 0))
        wait("no carrier", lambda: prop("q0", "CarrierState") != "carrier")
        os.close(fd)
        wait("carrier", lambda: prop("q0", "CarrierState") == "carrier")
    with vnet(multi=False, user=0):
        spoil_and_leave("carrier")
        wait("carrier", lambda: prop("q0", "CarrierState") == "carrier")


if __name__ == "__main__":
    queues_harness.run(globals())
