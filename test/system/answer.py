#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A program behind a tun device, as somebody would write one: answers pings for all addresses there are, on the queues
# it was started with (sd_listen_fds(3)), until SIGTERM, and then says how many on each.
#
#     netdevctl exec tun0 --queues=2 -- answer.py {fds}

import os
import select
import signal
import socket
import sys

PACKET_MAX = 65536
ICMP, ECHO_REQUEST = 1, 8


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def answer_to(packet):
    """The echo reply to an IPv4 packet, or None when it is no echo request."""
    header = (packet[0] & 15) * 4
    if packet[0] >> 4 != 4 or packet[9] != ICMP or packet[header] != ECHO_REQUEST:
        return None
    icmp = bytearray(packet[header:])
    icmp[0] = 0
    icmp[2:4] = b"\0\0"
    icmp[2:4] = checksum(bytes(icmp)).to_bytes(2, "big")
    # The header's sum stays: the addresses only change places.
    return packet[:12] + packet[16:20] + packet[12:16] + packet[20:header] + bytes(icmp)


def notify(state):
    path = os.environ.get("NOTIFY_SOCKET")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.sendto(state.encode(), "\0" + path[1:] if path[0] == "@" else path)


def serve(queues):
    """Until SIGTERM. Each queue is read until it is empty, as an edge-triggered epoll wants it."""
    answered = dict.fromkeys(queues, 0)
    epoll = select.epoll()
    stop_read, stop_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    signal.set_wakeup_fd(stop_write)
    signal.signal(signal.SIGTERM, lambda *_: None)
    epoll.register(stop_read, select.EPOLLIN)
    for fd in queues:
        epoll.register(fd, select.EPOLLIN | select.EPOLLET)
    notify("READY=1")

    while True:
        for fd, _ in epoll.poll():
            if fd == stop_read:
                return answered
            while True:
                try:
                    reply = answer_to(os.read(fd, PACKET_MAX))
                except BlockingIOError:
                    break
                if reply:
                    os.write(fd, reply)
                    answered[fd] += 1


def inherited_queues(words):
    """What the environment says, which must be what stands in the arguments."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        sys.exit("LISTEN_PID is not this process")
    queues = list(range(3, 3 + int(os.environ["LISTEN_FDS"])))
    if words != [":".join(map(str, queues))]:
        sys.exit(f"the queues are {queues}, and the arguments {words}")
    return queues


if __name__ == "__main__":
    counts = serve(inherited_queues(sys.argv[1:]))
    print("answered", *counts.values(), flush=True)
