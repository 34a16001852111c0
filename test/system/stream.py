#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A program behind a tun device that reads a stream of 1000 packets a second, while a service is killed again and again:
#
#     stream.py UNIT DEVICE DESTINATION KILLS            attaches by name
#     netdevctl exec DEVICE -- stream.py UNIT DEVICE DESTINATION KILLS {fds}
#
# Says on one line what that cost: packets lost, carrier changes, address changes, queues beyond those there were; and
# which queues there were after how many kills, as a comment on standard error.

import collections
import contextlib
import fcntl
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

PORT = 4711
RATE = 1000
IFF_TUN, IFF_MULTI_QUEUE, IFF_NO_PI = 0x1, 0x100, 0x1000
HEADERS = 28  # IPv4 and UDP


def attach(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    with open(f"/sys/class/net/{name}/tun_flags", encoding="ascii") as f:
        flags = IFF_TUN | IFF_NO_PI | int(f.read(), 16) & IFF_MULTI_QUEUE
    try:
        fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH22x", name.encode(), flags))
    except OSError as e:
        sys.exit(f"cannot be opened: {e.strerror}")
    return fd


def run(*args):
    return subprocess.run(args, capture_output=True, text=True, check=True).stdout.strip()


def unit(name, what):
    return run("systemctl", "show", "--value", "-p", what, name)


class Stream:
    """Numbered packets that are sent into the device, and read from its queue."""

    def __init__(self, queue, destination):
        self.queue, self.destination = queue, destination
        self.sent, self.received = 0, set()
        self.going = True
        self.threads = [threading.Thread(target=t, daemon=True) for t in (self.send, self.read)]
        for t in self.threads:
            t.start()

    def send(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            start = time.monotonic()
            while self.going:
                with contextlib.suppress(OSError):  # without an address there is no way to it: lost
                    s.sendto(struct.pack("!Q", self.sent), (self.destination, PORT))
                self.sent += 1
                time.sleep(max(0, start + self.sent / RATE - time.monotonic()))

    def read(self):
        end = None
        while end is None or time.monotonic() < end:
            if not self.going and end is None:
                end = time.monotonic() + 0.5
            if select.select([self.queue], [], [], 0.1)[0]:
                packet = os.read(self.queue, 65536)
                if packet[0] >> 4 == 4 and len(packet) == HEADERS + 8 and \
                        packet[22:24] == PORT.to_bytes(2, "big"):
                    self.received.add(struct.unpack("!Q", packet[HEADERS:])[0])

    def end(self):
        self.going = False
        for t in self.threads:
            t.join()
        return self.sent - len(self.received)


def carrier_changes(name):
    with open(f"/sys/class/net/{name}/carrier_changes", encoding="ascii") as f:
        return int(f.read())


def queues(name):
    """What the kernel says of them; of a single-queue device it says nothing."""
    return " ".join(re.findall(r"num(?:queues|disabled) \d+", run("ip", "-d", "-o", "link", "show", name)))


def kill_once(name):
    """And waits until the next one is ready. Gives how long that took."""
    pid = unit(name, "MainPID")
    start = time.monotonic()
    os.kill(int(pid), signal.SIGKILL)
    while unit(name, "MainPID") in (pid, "0") or unit(name, "ActiveState") != "active":
        if time.monotonic() - start > 20:
            sys.exit(f"{name} does not come back")
        time.sleep(0.01)
    return time.monotonic() - start


def main():
    service, name, destination, kills = *sys.argv[1:4], int(sys.argv[4])
    queue = int(sys.argv[5]) if len(sys.argv) > 5 else attach(name)
    with subprocess.Popen(["ip", "-o", "monitor", "address", "dev", name], stdout=subprocess.PIPE,
                          text=True) as monitor:
        stream = Stream(queue, destination)
        time.sleep(0.3)
        carrier, before, seen = carrier_changes(name), queues(name), collections.Counter()
        longest = 0.0
        for _ in range(kills):
            longest = max(longest, kill_once(service))
            seen[queues(name)] += 1
        lost = stream.end()
        monitor.terminate()
        changes = len(monitor.stdout.read().splitlines())
    print(f"# {stream.sent} packets during {kills} kills; back after {longest * 1000:.0f} ms at most; "
          + "; ".join(f"{what or 'a single queue'} after {n} of them" for what, n in seen.items()), file=sys.stderr)
    print(f"lost {lost}, carrier changes {carrier_changes(name) - carrier}, address changes {changes}, "
          f"other queues {kills - seen[before]}")


main()
