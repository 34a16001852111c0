#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A program behind a tun device that reads a stream of 1000 packets a second, while netdevd is killed again and again:
#
#     stream.py DEVICE DESTINATION KILLS            attaches by name
#     netdevctl exec DEVICE -- stream.py DEVICE DESTINATION KILLS {fds}
#
# Says on one line what that cost: packets lost, carrier changes, address changes, queues beyond those there were.

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
    fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_MULTI_QUEUE | IFF_NO_PI))
    return fd


def run(*args):
    return subprocess.run(args, capture_output=True, text=True, check=True).stdout.strip()


def unit(what):
    return run("systemctl", "show", "--value", "-p", what, "netdevd.service")


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


def kill_once():
    """And waits until the next one is ready. Gives how long that took."""
    pid = unit("MainPID")
    start = time.monotonic()
    os.kill(int(pid), signal.SIGKILL)
    while unit("MainPID") in (pid, "0") or unit("ActiveState") != "active":
        if time.monotonic() - start > 20:
            sys.exit("netdevd does not come back")
        time.sleep(0.01)
    return time.monotonic() - start


def main():
    name, destination, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
    queue = int(sys.argv[4]) if len(sys.argv) > 4 else attach(name)
    with subprocess.Popen(["ip", "-o", "monitor", "address", "dev", name], stdout=subprocess.PIPE,
                          text=True) as monitor:
        stream = Stream(queue, destination)
        time.sleep(0.3)
        carrier, before, strange = carrier_changes(name), queues(name), 0
        longest = 0.0
        for _ in range(kills):
            longest = max(longest, kill_once())
            strange += queues(name) != before
        lost = stream.end()
        monitor.terminate()
        changes = len(monitor.stdout.read().splitlines())
    print(f"# {stream.sent} packets during {kills} kills; back after {longest * 1000:.0f} ms at most", file=sys.stderr)
    print(f"lost {lost}, carrier changes {carrier_changes(name) - carrier}, address changes {changes}, "
          f"other queues {strange}")


main()
