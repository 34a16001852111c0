#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A client of OpenQueues() that has nothing: no capability, no /dev/net/tun. Answers pings on the queues it gets, as
# answer.py; when it gets none it prints the name of the error, and exits with 3.
#
#     open_queues.py DEVICE COUNT

import fcntl
import os
import sys

import dbus

from answer import serve

IFF_TUN, IFF_NO_PI, IFF_MULTI_QUEUE = 0x1, 0x1000, 0x100


def check_has_nothing():
    with open("/proc/self/status", encoding="ascii") as f:
        sets = dict(line.split() for line in f if line.startswith("Cap"))
    some = {name: value for name, value in sets.items() if int(value, 16)}
    if len(sets) != 5 or some:
        sys.exit(f"there are capabilities: {some or sets}")
    if os.path.exists("/dev/net/tun"):
        sys.exit("there is a /dev/net/tun")


def check_queue(fd):
    if not fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK:
        sys.exit("a queue is not O_NONBLOCK")


def main(device, count):
    check_has_nothing()
    manager = dbus.SystemBus().get_object("org.netdevd1", "/org/netdevd1", introspect=False)
    try:
        fds, flags = manager.OpenQueues(
            device, dbus.UInt32(count), dbus.Dictionary(signature="sv"), dbus_interface="org.netdevd1.Manager"
        )
    except dbus.DBusException as e:
        print(e.get_dbus_name(), flush=True)
        return 3

    queues = [fd.take() for fd in fds]
    for fd in queues:
        check_queue(fd)
    if len(queues) != count or flags != IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE:
        sys.exit(f"{len(queues)} queues with the flags {int(flags):#x}")
    print("answered", *serve(queues).values(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
