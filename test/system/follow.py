#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Follows the life of one device by netdevd's signals alone, and prints a word for each step: "appeared", "made" (it has
# an index), the administrative states, "attached" and "detached" (a program behind it), "mtu=N", "disappeared".
#
#     follow.py DEVICE

import sys

import dbus
import dbus.mainloop.glib
from gi.repository import GLib

from answer import notify

ROOT = "/org/netdevd1"
DEVICE, TUNTAP = "org.netdevd1.Device", "org.netdevd1.TunTap"


class Follower:
    def __init__(self, bus, name):
        self.loop = GLib.MainLoop()
        self.name = name
        self.path = None
        self.seen = {}
        for function, signal, interface in (
            (self.on_added, "InterfacesAdded", "org.freedesktop.DBus.ObjectManager"),
            (self.on_removed, "InterfacesRemoved", "org.freedesktop.DBus.ObjectManager"),
        ):
            bus.add_signal_receiver(function, signal, interface, "org.netdevd1", ROOT)
        bus.add_signal_receiver(
            self.on_changed,
            "PropertiesChanged",
            "org.freedesktop.DBus.Properties",
            "org.netdevd1",
            path_keyword="path",
        )

    def on_added(self, path, interfaces):
        if interfaces[DEVICE]["Name"] != self.name:
            return
        self.path = path
        print("appeared", flush=True)
        for properties in interfaces.values():
            self.take(properties)

    def on_changed(self, interface, changed, invalidated, path):
        if path != self.path:
            return
        if invalidated:
            print("invalidated", interface, *invalidated, flush=True)
        self.take(changed)

    def on_removed(self, path, interfaces):
        if path != self.path or DEVICE not in interfaces or TUNTAP not in interfaces:
            return
        print("disappeared", flush=True)
        self.loop.quit()  # that was the whole of its life

    def take(self, properties):
        """Prints what is new; one signal may carry more than one step, and a property that is not new is none."""
        for key, show in (
            ("InterfaceIndex", lambda v: "made" if v else None),
            ("MTU", lambda v: f"mtu={v}" if v else None),
            ("ConsumerAttached", lambda v: "attached" if v else "detached"),
            ("AdministrativeState", str),
        ):
            if key not in properties or properties[key] == self.seen.get(key, False):
                continue
            self.seen[key] = properties[key]
            word = show(properties[key])
            if word:
                print(word, flush=True)


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
follower = Follower(dbus.SystemBus(), sys.argv[1])
notify("READY=1")
follower.loop.run()
