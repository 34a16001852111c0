# SPDX-License-Identifier: LGPL-2.1-or-later
"""D-Bus by hand, for tests: connections of other users, messages that no library would send, and polkit played.

And a dbus-daemon with this machine's stock system configuration and our policy, for daemon_harness.run()."""

import array
import contextlib
import ctypes
import os
import shutil
import socket
import struct
import subprocess
import threading
import time

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
NO_REPLY, INTERACTIVE = 0x1, 0x4

SOCKET = "/run/dbus/system_bus_socket"
DBUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")

ALIGN = {"y": 1, "b": 4, "n": 2, "q": 2, "i": 4, "u": 4, "x": 8, "t": 8, "d": 8, "s": 4, "o": 4, "g": 1, "a": 4, "(": 8,
         "{": 8, "v": 1, "h": 4}
FIXED = {"y": "B", "b": "I", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d", "h": "I"}


def split(signature):
    """The first complete type, and the rest."""
    if signature[0] == "a":
        first, rest = split(signature[1:])
        return "a" + first, rest
    depth = 0
    for i, c in enumerate(signature):
        depth += (c in "({") - (c in ")}")
        if depth == 0:
            return signature[:i + 1], signature[i + 1:]
    raise ValueError(signature)


def types(signature):
    while signature:
        first, signature = split(signature)
        yield first


def pad(out, to):
    out.extend(bytes(-len(out) % to))


def put(out, kind, value):
    pad(out, ALIGN[kind[0]])
    if kind in FIXED:
        out += struct.pack("<" + FIXED[kind], value)
    elif kind in "so":
        value = value if isinstance(value, bytes) else value.encode()
        out += struct.pack("<I", len(value)) + value + b"\0"
    elif kind == "g":
        out += bytes([len(value)]) + value.encode() + b"\0"
    elif kind == "v":
        put(out, "g", value[0])
        put(out, value[0], value[1])
    elif kind[0] == "a":
        at = len(out)
        out += bytes(4)
        pad(out, ALIGN[kind[1]])
        start = len(out)
        for item in value.items() if isinstance(value, dict) else value:
            put(out, kind[1:], item)
        struct.pack_into("<I", out, at, len(out) - start)
    else:
        for k, v in zip(types(kind[1:-1]), value, strict=True):
            put(out, k, v)


class Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, form):
        size = struct.calcsize("<" + form)
        value = struct.unpack_from("<" + form, self.data, self.at)[0]
        self.at += size
        return value

    def get(self, kind):
        self.at += -self.at % ALIGN[kind[0]]
        if kind in FIXED:
            return self.take(FIXED[kind])
        if kind in "sog":
            length = self.take("B" if kind == "g" else "I")
            self.at += length + 1
            return self.data[self.at - length - 1:self.at - 1].decode()
        if kind == "v":
            return self.get(self.get("g"))
        if kind[0] == "a":
            length = self.take("I")
            self.at += -self.at % ALIGN[kind[1]]
            end, items = self.at + length, []
            while self.at < end:
                items.append(self.get(kind[1:]))
            return dict(items) if kind[1] == "{" else items
        return tuple(self.get(k) for k in types(kind[1:-1]))

    def all(self, signature):
        return tuple(self.get(k) for k in types(signature))


FIELDS = {"path": (1, "o"), "interface": (2, "s"), "member": (3, "s"), "error": (4, "s"), "reply_serial": (5, "u"),
          "destination": (6, "s"), "signature": (8, "g"), "fds": (9, "u")}
FIELD_NAMES = {**{code: name for name, (code, _) in FIELDS.items()}, 7: "sender"}


def encode(kind, serial, signature="", arguments=(), flags=0, **fields):
    """A whole message; with a body that is bytes already, whatever it is."""
    body = bytearray()
    if isinstance(arguments, bytes):
        body += arguments
    else:
        for k, v in zip(types(signature), arguments, strict=True):
            put(body, k, v)
    if signature:
        fields["signature"] = signature
    out = bytearray(struct.pack("<cBBBII", b"l", kind, flags, 1, len(body), serial))
    put(out, "a(yv)", [(FIELDS[name][0], (FIELDS[name][1], value)) for name, value in fields.items()])
    pad(out, 8)
    return bytes(out + body)


class Message:
    def __init__(self, data, fds):
        reader = Reader(data, 1)
        self.kind, self.flags = reader.take("B"), reader.take("B")
        reader.at = 8
        self.serial = reader.take("I")
        self.fields = {FIELD_NAMES[code]: value for code, value in reader.get("a(yv)") if code in FIELD_NAMES}
        reader.at += -reader.at % 8
        self.signature = self.fields.get("signature", "")
        self.body = reader.all(self.signature)
        self.fds = fds

    @property
    def error(self):
        return self.fields.get("error") if self.kind == ERROR else None

    @property
    def text(self):
        return self.body[0] if self.error and self.body else ""


class Disconnected(Exception):
    """The bus has closed the connection."""


class Connection:
    """To the bus, as who the calling thread is at the moment."""

    def __init__(self, path=SOCKET, hello=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.serial = 0
        self.data = b""
        self.fds = []
        self.replies = {}
        # Without saying who we are: the bus looks.
        self.socket.sendall(b"\0AUTH EXTERNAL\r\nDATA\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n")
        while self.data.count(b"\r\n") < 3:
            self.receive()
        answers = self.data.split(b"\r\n", 3)
        assert answers[1].startswith(b"OK ") and answers[2] == b"AGREE_UNIX_FD", self.data
        self.data = answers[3]
        if hello:
            self.name = self.call(*DBUS, "Hello").body[0]

    def fileno(self):
        return self.socket.fileno()

    def receive(self):
        data, ancillary, _, _ = self.socket.recvmsg(65536, socket.CMSG_SPACE(64 * 4), socket.MSG_CMSG_CLOEXEC)
        for _, _, raw in ancillary:
            fds = array.array("i")
            fds.frombytes(raw[:len(raw) - len(raw) % fds.itemsize])
            self.fds += fds
        if not data:
            raise Disconnected
        self.data += data

    def read(self):
        """The next message."""
        while True:
            if len(self.data) >= 16:
                body, fields = struct.unpack_from("<I", self.data, 4)[0], struct.unpack_from("<I", self.data, 12)[0]
                size = 16 + fields + -fields % 8 + body
                if len(self.data) >= size:
                    message = Message(self.data[:size], [])
                    self.data = self.data[size:]
                    n = message.fields.get("fds", 0)
                    message.fds, self.fds = self.fds[:n], self.fds[n:]
                    return message
            self.receive()

    def send_bytes(self, data, fds=()):
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        sent = self.socket.sendmsg([data], ancillary)
        if sent < len(data):
            self.socket.sendall(data[sent:])

    def send(self, kind, signature="", arguments=(), flags=0, fds=(), **fields):
        self.serial += 1
        if fds:
            fields["fds"] = len(fds)
        self.send_bytes(encode(kind, self.serial, signature, arguments, flags, **fields), fds)
        return self.serial

    def begin(self, destination, path, interface, member, signature="", arguments=(), flags=0, fds=()):
        """Sends a call and does not wait; reply() does."""
        return self.send(CALL, signature, arguments, flags, fds, destination=destination, path=path,
                         interface=interface, member=member)

    def reply(self, serial):
        while serial not in self.replies:
            message = self.read()
            if message.kind in (RETURN, ERROR):
                self.replies[message.fields["reply_serial"]] = message
        return self.replies.pop(serial)

    def call(self, *args, **kwargs):
        return self.reply(self.begin(*args, **kwargs))

    def close(self):
        for message in self.replies.values():
            for fd in message.fds:
                os.close(fd)
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()


@contextlib.contextmanager
def identity(uid, gid=None, groups=()):
    """To be another user for a moment: the bus notes who connects."""
    os.setgroups(groups)
    os.setegid(uid if gid is None else gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups([])


def connect_as(uid, gid=None, groups=()):
    with identity(uid, gid, groups):
        return Connection()


def connect_in_user_namespace(uid):
    """A process that is root in a user namespace of its own, and its connection. It ends with the connection."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        status = 1
        with contextlib.suppress(Exception):
            ours.close()
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            libc = ctypes.CDLL(None, use_errno=True)
            libc.prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE, else the maps are root's
            assert libc.unshare(0x10000000) == 0, os.strerror(ctypes.get_errno())  # CLONE_NEWUSER
            for file, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {uid} 1")):
                with open("/proc/self/" + file, "w", encoding="ascii") as f:
                    f.write(text)
            assert os.getuid() == 0
            connection = Connection()
            socket.send_fds(theirs, [connection.name.encode()], [connection.fileno()])
            connection.socket.detach()
            theirs.recv(1)
            status = 0
        os._exit(status)
    theirs.close()
    name, fds, _, _ = socket.recv_fds(ours, 256, 1)
    if not fds:
        os.waitpid(pid, 0)
        raise PermissionError("no user namespace can be made")

    connection = Connection.__new__(Connection)
    connection.socket = socket.socket(fileno=fds[0])
    connection.socket.settimeout(60)
    connection.serial, connection.data, connection.fds, connection.replies = 1000, b"", [], {}
    connection.name = name.decode()
    close = connection.close

    def close_all():
        close()
        ours.close()
        os.waitpid(pid, 0)

    connection.close = close_all
    return connection


class Polkit:
    """Plays polkit, and notes what it is asked. answer: None for no answer, an error name, or a function that is
    given the flags and returns (authorized, challenge)."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []
        self.open = []
        self.lock = threading.Lock()

    def __enter__(self):
        self.connection = Connection()
        reply = self.connection.call(*DBUS, "RequestName", "su", ("org.freedesktop.PolicyKit1", 4))
        assert reply.body == (1,), reply.body
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def serve(self):
        with contextlib.suppress(Disconnected, OSError):
            self.connection.socket.settimeout(None)
            while True:
                message = self.connection.read()
                if message.kind == CALL:
                    with self.lock:
                        self.check(message)

    def check(self, message):
        assert message.fields["member"] == "CheckAuthorization" and message.signature == "(sa{sv})sa{ss}us"
        subject, action, details, flags, cancellation = message.body
        assert subject[0] == "system-bus-name" and list(subject[1]) == ["name"] and cancellation == "", message.body
        self.asked.append((subject[1]["name"], action, details, flags))
        self.open.append(message)
        if self.answer is not None:
            self.release()

    def release(self, answer=None):
        """Answers all that waits."""
        answer = answer or self.answer
        for message in self.open:
            to = {"destination": message.fields["sender"], "reply_serial": message.serial}
            if callable(answer):
                self.connection.send(RETURN, "(bba{ss})", ((*answer(message.body[3]), {}),), **to)
            else:
                self.connection.send(ERROR, "s", ("played",), error=answer, **to)
        self.open = []

    def wait(self, n):
        end = time.monotonic() + 10
        while len(self.asked) < n:
            assert time.monotonic() < end, f"polkit was asked {len(self.asked)} times, not {n}"
            time.sleep(0.01)

    def take(self, name):
        """What it was asked of a caller."""
        with self.lock:
            asked = [x for x in self.asked if x[0] == name]
            self.asked = [x for x in self.asked if x[0] != name]
        return asked

    def __exit__(self, *args):
        self.connection.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.connection.close()


# Users of our own; the bus disconnects those that /etc/passwd does not have. Which groups a connection is in is the
# kernel's word, and not in /etc/group here.
OWNER, MEMBER, STRANGER, NOBODY, GROUP = 58001, 58002, 58003, 65534, 58100


def make_users():
    for file, line in (("passwd", "test{0}:x:{0}:{0}::/:/bin/false\n"), ("group", "test{0}:x:{0}:\n")):
        with open("/etc/" + file, encoding="utf-8") as f:
            text = f.read().rstrip("\n") + "\n"
        with open("/run/" + file, "w", encoding="utf-8") as f:
            f.write(text + "".join(line.format(i) for i in (OWNER, MEMBER, STRANGER, GROUP)))
        os.chmod("/run/" + file, 0o644)
        subprocess.run(["mount", "--bind", "/run/" + file, "/etc/" + file], check=True)


# The fake is root, and polkit's own policy, where it is installed, wants another user.
POLKIT_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><policy user="root"><allow own="org.freedesktop.PolicyKit1"/>
<allow send_destination="org.freedesktop.PolicyKit1"/></policy></busconfig>
"""


def start_stock_bus():
    """In our mount namespace, with our own /run. Nothing of this machine is started through it."""
    policies = "/usr/share/dbus-1/system.d"
    ours = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../conf/org.netdevd1.conf")
    if not os.path.isdir("/run/dbus"):
        make_users()
        with open(ours, encoding="utf-8") as f:
            files = {"org.netdevd1.conf": f.read(), "zz-polkit-is-played.conf": POLKIT_CONFIG}
        for entry in os.scandir(policies):
            with open(entry.path, encoding="utf-8") as f:
                files.setdefault(entry.name, f.read())
        subprocess.run(["mount", "-t", "tmpfs", "none", policies], check=True)
        for name, text in files.items():
            with open(f"{policies}/{name}", "w", encoding="utf-8") as f:
                f.write(text)
        subprocess.run(["mount", "-t", "tmpfs", "none", "/usr/share/dbus-1/system-services"], check=True)
        os.mkdir("/run/dbus")
        shutil.chown("/run/dbus", "messagebus")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(SOCKET)
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=" + SOCKET
    bus = subprocess.Popen(["dbus-daemon", "--system", "--nofork", "--nopidfile", "--nosyslog"],
                           stderr=subprocess.DEVNULL)
    end = time.monotonic() + 10
    while True:
        try:
            Connection().close()
            return bus
        except (FileNotFoundError, ConnectionRefusedError):
            assert time.monotonic() < end and bus.poll() is None, "no dbus-daemon with the stock configuration"
            time.sleep(0.02)
