# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random files and random states of the kernel: whatever there was, afterwards nothing is left to do.

Each round, in a network namespace of its own: files drawn at random, a state made with ip(8) and programs that hold
devices, then netdevd, once or as a daemon whose files change. Then

 - nothing is left to do but findings and what would destroy a device (`netdevctl diff`), and the exit status says so;
 - a second run asks the kernel for no change;
 - what others made is still there;
 - without any .network file all of ours is gone, and the values are what they were before.

In the environment: NETDEVD and NETDEVCTL, the programs; SEED, of the first round (the next has the next number), or
"random"; ROUNDS, how many; SHRINK, for how many seconds a round that fails is made smaller before it is printed."""

import ctypes
import fcntl
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

import daemon_harness
from property_draw import Case, describe, draw, text_of

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
PROTOCOL = 110  # of what netdevd adds

NETDEVD = NETDEVCTL = None

# ---- What the kernel has ----


def ip_json(*args):
    out = subprocess.run(["ip", "-d", "-json", *args], capture_output=True, text=True, check=False).stdout
    return json.loads(out) if out.strip() else []


def dump_addresses():
    """ip(8) of Debian 12 does not show who added an address."""
    names = dict(socket.if_nameindex())
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        s.send(struct.pack("IHHII", 20, 22, 0x301, 1, 0) + bytes(4))
        out, done = [], False
        while not done:
            data = s.recv(1 << 17)
            while len(data) >= 16:
                length, kind = struct.unpack("IH", data[:6])
                if kind in (2, 3):
                    done = True
                    break
                out.append(decode_address(data[16:length], names))
                data = data[(length + 3) & ~3:]
    return [a for a in out if a]


def decode_address(data, names):
    family, length, _, scope, index = struct.unpack("BBBBI", data[:8])
    attributes, data = {}, data[8:]
    while len(data) >= 4:
        n, kind = struct.unpack("HH", data[:4])
        attributes[kind] = data[4:n]
        data = data[(n + 3) & ~3:]
    flags = struct.unpack("I", attributes[8])[0]
    if flags & 1 and family == socket.AF_INET6:
        return None  # IFA_F_TEMPORARY
    local = socket.inet_ntop(family, attributes.get(2) or attributes[1])
    if local.startswith("fe80:") and attributes.get(11, b"\2") in (b"\2", b"\3", b"\1"):
        return None  # the kernel's own
    preferred = struct.unpack("I", attributes[6][:4])[0]
    return {"dev": names.get(index), "local": local, "peer": socket.inet_ntop(family, attributes[1]), "length": length,
            "scope": scope, "broadcast": attributes.get(4, b"").hex(),
            "label": attributes.get(3, b"").rstrip(b"\0").decode(), "protocol": attributes.get(11, b"\0")[0],
            "preferred": preferred > 0,
            "metric": struct.unpack("I", attributes.get(9, bytes(4)))[0],
            # HOMEADDRESS, NODAD, MANAGETEMPADDR, NOPREFIXROUTE, MCAUTOJOIN
            "flags": flags & (0x10 | (0x02 if family == socket.AF_INET6 else 0) | 0x100 | 0x200 | 0x400)}


SYSCTLS = [f"ipv4/conf/{{}}/{n}" for n in ("forwarding", "proxy_arp", "proxy_arp_pvlan", "rp_filter", "accept_local",
                                           "route_localnet")] + \
          [f"ipv6/conf/{{}}/{n}" for n in ("forwarding", "use_tempaddr", "dad_transmits", "hop_limit", "proxy_ndp",
                                           "mtu", "disable_ipv6")] + ["ipv6/neigh/{}/retrans_time_ms"]
FLAGS = ("UP", "NOARP", "MULTICAST", "ALLMULTI", "PROMISC")


def sysctl(path):
    try:
        with open("/proc/sys/net/" + path, encoding="ascii") as f:
            return f.read().strip()
    except OSError:
        return None


def port_values(link):
    data = link.get("linkinfo", {}).get("info_slave_data", {})
    return {k: data[k] for k in ("flood", "mcast_flood", "mcast_to_unicast", "neigh_suppress", "learning", "hairpin",
                                 "isolated", "guard", "fastleave", "root_block", "proxy_arp", "proxy_arp_wifi", "cost",
                                 "priority", "multicast_router") if k in data}


def generation(link):
    """A tun has no hardware address: when it gets a carrier the kernel makes eui64 random."""
    mode = link.get("inet6_addr_gen_mode")
    return "random" if mode == "eui64" and link.get("link_type") == "none" else mode


def link_values(link):
    name, info = link["ifname"], link.get("linkinfo", {})
    tun = info.get("info_data", {})
    values = {"index": link["ifindex"], "kind": (info.get("info_kind"), tun.get("type"), tun.get("multi_queue")),
              "owner": (tun.get("user"), tun.get("group")), "framing": (tun.get("pi"), tun.get("vnet_hdr")),
              "mtu": link["mtu"], "mac": link.get("address"), "group": link.get("group"), "txqlen": link.get("txqlen"),
              "qdisc": link["qdisc"], "master": link.get("master"), "generation": generation(link),
              "carrier": "LOWER_UP" in link["flags"]}
    values.update({f: f in link["flags"] for f in FLAGS})
    values.update({"port " + k: v for k, v in port_values(link).items()})
    values.update({s: sysctl(s.format(name)) for s in SYSCTLS})
    return values


def plain(entry, without=("flags",)):
    """A row of ip -json as something that can be compared; flags tell how a route fares, but for onlink."""
    out = {k: v for k, v in entry.items() if k not in without}
    if "onlink" in entry.get("flags", ()):
        out["onlink"] = True
    for hop in out.get("nexthops", ()):
        hop["flags"] = [f for f in hop.get("flags", ()) if f == "onlink"]
    return json.dumps(out, sort_keys=True)


class State:
    """All that is compared, as dictionaries of links and sets of texts."""

    def __init__(self):
        self.links = {x["ifname"]: link_values(x) for x in ip_json("link")}
        self.addresses = {json.dumps(a, sort_keys=True) for a in dump_addresses() if a["dev"] != "lo"}
        self.routes, self.rules = set(), set()
        for family in ("-4", "-6"):
            for r in ip_json("-N", family, "route", "show", "table", "all"):
                if r.get("protocol") not in ("2", "9"):  # the kernel's, and router advertisements
                    self.routes.add(plain(r, ("flags", "cache")))
            self.rules |= {family + " " + plain(r) for r in ip_json("-N", family, "rule")}
        self.nexthops = {plain(n, ("flags", "scope")) for n in ip_json("-N", "nexthop")}
        self.neighbors = {plain(n, ("flags", "used", "confirmed", "updated", "refcnt", "probes"))
                          for n in ip_json("-N", "neigh", "show", "nud", "permanent")
                          if not n["dst"].startswith(("ff0", "224."))}
        self.neighbors |= {"proxy " + plain(n, ()) for n in ip_json("-N", "neigh", "show", "proxy")}
        self.forward = sysctl("ipv4/ip_forward"), sysctl("ipv6/conf/all/forwarding")

    def items(self):
        return {"address": self.addresses, "route": self.routes, "rule": self.rules, "nexthop": self.nexthops,
                "neighbor": self.neighbors}


def is_ours(text):
    return f'"protocol": "{PROTOCOL}"' in text or f'"protocol": {PROTOCOL}' in text


# ---- A round ----

OF_DAEMON = ("hold", "release", "raise-carrier")  # only one that stays can do these


def await_detection():
    """Waits for duplicate address detection to end where there is carrier."""
    for _ in range(60):
        links = json.loads(run("ip", "-json", "-6", "address", "show", "tentative").stdout or "[]")
        if not any("LOWER_UP" in link.get("flags", []) and link.get("addr_info") for link in links):
            return
        time.sleep(0.05)


class Failure(Exception):
    """A property that does not hold: its name, and why."""

    def __init__(self, name, text):
        super().__init__(f"{name}: {text}")
        self.name = name


def run(*args, timeout=20):
    try:
        out = subprocess.run(args, capture_output=True, text=True, check=False, timeout=timeout)
    except subprocess.TimeoutExpired as e:
        raise Failure("endless", f"{' '.join(args)} does not end: {(e.stderr or b'')[-2000:].decode()}") from e
    check_sanity(args, out.returncode, out.stdout + out.stderr)
    return out


def check_sanity(args, code, text):
    if code < 0 or code >= 128 or "Sanitizer" in text or "runtime error" in text:
        raise Failure("crash", f"{' '.join(args)}: exit status {code}\n{text[-6000:]}")


class Round:
    """One case, played in a namespace of its own."""

    def __init__(self, case, directory):
        self.case, self.dir = case, directory
        self.etc, self.state_dir = directory + "/etc", directory + "/state"
        self.fds = []
        self.log = ""

    def write(self, files):
        shutil.rmtree(self.etc, ignore_errors=True)
        os.mkdir(self.etc)
        for name, file in files.items():
            with open(f"{self.etc}/{name}", "w", encoding="utf-8") as f:
                f.write(text_of(file))

    def make_prior(self):
        for command in self.case.prior:
            if command[0] == "attach":
                try:
                    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
                    self.fds.append(fd)
                    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", command[1].encode(), int(command[2])))
                except OSError:
                    pass
            elif command[0] == "sysctl":
                try:
                    with open("/proc/sys/net/" + command[1], "w", encoding="ascii") as f:
                        f.write(command[2])
                except OSError:
                    pass
            else:
                subprocess.run(command, capture_output=True, check=False)

    def arguments(self, *more):
        return [f"--config-dir={self.etc}", f"--state-dir={self.state_dir}", *more]

    def once(self):
        out = run(NETDEVD, *self.arguments("--once", "--no-bus", "--log-level=debug"))
        self.log += out.stderr + out.stdout
        if "duplicate address detection" in out.stdout:
            # A route needs an address that was not known to be the only one yet; nobody waits with --once.
            await_detection()
            out = run(NETDEVD, *self.arguments("--once", "--no-bus", "--log-level=debug"))
            self.log += out.stderr + out.stdout
        return out

    def diff(self):
        out = run(NETDEVCTL, *self.arguments("--json=short", "diff"))
        if out.returncode not in (0, 3):
            raise Failure("diff", f"exit status {out.returncode}: {out.stderr}")
        return json.loads(out.stdout or "[]"), out.returncode

    def check_diff(self, status=None):
        """Nothing is left but what cannot be done."""
        ops, code = self.diff()
        if (code == 3) != bool(ops):
            raise Failure("status", f"diff has exit status {code} and {len(ops)} lines")
        ops = [o for o in ops if o["operation"] not in OF_DAEMON]
        left = [f"{o['device']} {o['operation']} {o['detail']}" for o in ops
                if not o["finding"] and not o["destructive"]]
        if left:
            raise Failure("left", "\n".join(left) + "\n" + self.failures())
        if status is not None and status not in (0, 1):
            raise Failure("status", f"netdevd --once has exit status {status}")
        if status == 1 and not ops and "rror" not in self.log:
            raise Failure("status", "netdevd --once has exit status 1, and there is no reason")
        if status == 0 and ops:
            raise Failure("status", f"netdevd --once has exit status 0, but: {ops}")

    def failures(self):
        return "\n".join(x for x in self.log.splitlines() if "Failed" in x or "refused" in x)

    def check_second_run(self):
        """Another run changes nothing. Not by events: addresses leave their tentative state, programs come up."""
        trace = self.dir + "/strace"
        out = subprocess.run(["strace", "-f", "-v", "-s", "256", "-e", "trace=sendto,sendmsg,ioctl,openat,write",
                              "-o", trace, NETDEVD, *self.arguments("--once", "--no-bus")], capture_output=True,
                             text=True, check=False, env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
        check_sanity(["netdevd"], out.returncode, out.stdout + out.stderr)
        with open(trace, encoding="utf-8", errors="replace") as f:
            changes = [x for line in f for x in changes_of(line)]
        if changes:
            raise Failure("second", "a second run does\n" + "\n".join(changes))

    def play_once(self):
        for n, files in enumerate(self.case.steps):
            self.write(files)
            before = State()
            self.log = ""
            status = self.once().returncode
            self.check_diff(status)
            after = State()
            self.check_foreign(before, after)
            if n == 0:
                self.first = before
        self.check_second_run()
        self.check_same(after, State())

    def settle(self):
        """The daemon has done all it can."""
        end = time.monotonic() + 8
        while True:
            self.read_log()
            try:
                self.check_diff()
                break
            except Failure as e:
                if e.name != "left" or time.monotonic() > end:
                    raise
            time.sleep(0.05)
        self.read_log()

    def read_log(self):
        with open(self.dir + "/log", encoding="utf-8") as f:
            self.log = f.read()

    def play_daemon(self):
        self.write(self.case.steps[0])
        self.first = before = State()
        with open(self.dir + "/log", "w", encoding="utf-8") as log:
            process = subprocess.Popen([NETDEVD, *self.arguments("--no-bus", "--log-level=debug")], stdout=log,
                                       stderr=log)
        try:
            daemon_harness.wait("the daemon", lambda: os.path.exists(self.state_dir))
            for n, files in enumerate(self.case.steps):
                if n > 0:
                    before = State()
                    self.write(files)
                    process.send_signal(signal.SIGHUP)
                self.settle()
                self.check_foreign(before, State())
        finally:
            process.terminate()
            code = process.wait(30)
            self.read_log()
            check_sanity(["netdevd"], code, self.log)
        if code != 0:
            raise Failure("status", f"the daemon ends with exit status {code}")

    def check_same(self, one, two):
        changed = differences(one, two)
        if changed:
            raise Failure("second", "a second run changes\n" + "\n".join(changed))

    def check_foreign(self, before, after):
        done = operations(self.log)
        gone = []
        for what, items in before.items().items():
            for item in items - after.items()[what]:
                if not is_ours(item) and not self.may_go(what, item, before, after, done):
                    gone.append(f"{what} {item}")
        for name, values in before.links.items():
            if name not in after.links and f"{name} delete" not in "\n".join(done):
                gone.append(f"link {name}")
            if name not in after.links or name.startswith("t"):
                continue
            bridge = {"mac", "mtu", "ipv6/conf/{}/mtu"} if values["kind"][0] == "bridge" else set()  # as its ports
            wrong = compare(values, after.links[name], GLOBAL_VALUES | bridge)
            if wrong:
                gone.append(f"link {name}: {wrong}")
        if gone:
            raise Failure("foreign", "\n".join(gone) + "\ndone:\n" + "\n".join(done))

    def may_go(self, what, item, before, after, done):
        """Why something of others is no longer as it was."""
        words = json.loads(item[item.index("{"):])
        if what == "nexthop" and any(f" add-nexthop id {words['id']}" in x for x in done):
            return True  # the files want the same one
        devices = [words.get("dev")] + [h.get("dev") for h in words.get("nexthops", ())]
        for dev in devices:
            was, now = before.links.get(dev), after.links.get(dev)
            if was is None:
                continue
            # A device made anew; a link that is taken down loses its routes, neighbours and IPv6 addresses.
            if now is None or now["index"] != was["index"] or (was["UP"] and not now["UP"]):
                return True
            # IPv6 does not live on a link with so small an MTU.
            if now["mtu"] < 1280 and ":" in item:
                return True
            if any(x.startswith(f"{dev} set-down") for x in done):
                return True
            if any(x.startswith(f"{dev} {op}") for x in done for op in self.takes_along(what, words)):
                return True
        return False

    @staticmethod
    def takes_along(what, words):
        """Operations that may take something of others along, or make it what the file says."""
        if what == "address":  # in the way, or the wanted one with other options
            return [f"{op} {words['local']}" for op in ("remove-address", "add-address", "change-address")]
        if what == "route":  # with the address they need
            return ["remove-address"]
        if what == "neighbor":
            # The wanted one; and flags and MAC addresses make the kernel forget them all.
            return [f"add-neighbor {words['dst']}", "set-arp", "set-mac", "remove-address"]
        if what == "nexthop":
            return ["remove-address"]
        return []

    def play_removal(self):
        """The .network files go; the devices are declared as before."""
        self.write({name: file for name, file in self.case.steps[-1].items() if name.endswith(".netdev")})
        before = State()
        self.log = ""
        status = self.once().returncode
        self.check_diff(status)
        after = State()
        self.check_foreign(before, after)
        left = [f"{what} {x}" for what, items in after.items().items() for x in items if is_ours(x)]
        if left:
            raise Failure("removal", "still there: " + "\n".join(left))
        self.check_values(before, after)

    def check_values(self, configured, after):
        wrong = []
        for name, now in after.links.items():
            if not re.fullmatch(r"t\d", name):
                continue
            was = self.first.links.get(name)
            if was is None or was["index"] != now["index"]:
                was = self.reference(now)
            ignore = set(self.not_put_back(name, was, configured.links.get(name, now)))
            changed = compare(was, now, GLOBAL_VALUES | ignore)
            if changed:
                wrong.append(f"{name}: {changed}")
        if wrong:
            raise Failure("values", "\n".join(wrong))

    def reference(self, like):
        """The values of a device that was just made."""
        _, kind, queues = like["kind"]
        name = "ref" + kind + ("m" if queues else "")
        subprocess.run(["ip", "tuntap", "add", name, "mode", kind] + (["multi_queue"] if queues else []), check=True)
        values = State().links[name]
        subprocess.run(["ip", "link", "delete", name], check=True)
        return values

    def not_put_back(self, name, was, configured):
        """Values that need not be what they were."""
        # Who made it, what the .netdev file says, and what programs do: not of the .network file. Up stays up.
        yield from ("index", "owner", "framing", "carrier", "UP")
        netdevs, networks = ("".join(text_of(files[name[1:] + kind]) for files in self.case.steps
                                     if name[1:] + kind in files) for kind in (".netdev", ".network"))
        if "\nMTUBytes" in netdevs:
            yield from ("mtu", "ipv6/conf/{}/mtu")
        elif was["mtu"] != int(was["ipv6/conf/{}/mtu"] or 0):
            yield "ipv6/conf/{}/mtu"  # the kernel sets it anew with that of the link
        if "MACAddress" in netdevs or self.first.links.get(name, {}).get("index") != configured["index"]:
            yield "mac"  # that of a new device is random
        # The root qdisc goes, and what the kernel puts there depends on whether it was ever up, and on its queues.
        if "QDisc=" in networks or was["qdisc"] == "noop":
            yield "qdisc"
        # One that was in a bridge, is put into another and then back is a new port.
        if was["master"] and "Bridge=" in networks:
            yield from (k for k in was if k.startswith("port "))
        # Global forwarding stays on (as in networkd), and sets that of each link.
        if "IPForward" in networks:
            yield from ("ipv4/conf/{}/forwarding", "ipv6/conf/{}/forwarding")
        # With so small an MTU the kernel forgets all of IPv6.
        if "MTUBytes=576" in networks:
            yield "generation"
            yield from SYSCTLS
        # A secret cannot be forgotten, and with it the mode is what the kernel makes of it.
        if "IPv6StableSecretAddress" in networks:
            yield "generation"

    def play(self):
        self.make_prior()
        if self.case.daemon:
            self.play_daemon()
        else:
            self.play_once()
        self.play_removal()


# Of links that others use too.
GLOBAL_VALUES = {"carrier", "ipv6/conf/{}/forwarding", "ipv4/conf/{}/forwarding"}


def compare(was, now, ignore):
    return {k: (was.get(k), now.get(k)) for k in was if k not in ignore and was.get(k) != now.get(k)}


def differences(one, two):
    out = []
    for what, items in one.items().items():
        out += [f"less: {what} {x}" for x in items - two.items()[what]]
        out += [f"more: {what} {x}" for x in two.items()[what] - items]
    for name in one.links.keys() | two.links.keys():
        changed = compare(one.links.get(name, {}), two.links.get(name, {}), {"carrier"})
        if changed:
            out.append(f"{name}: {changed}")
    return out


def operations(log):
    """What was done, "DEVICE OPERATION …", of a debug log."""
    verbs = "set|add|remove|change|delete|create"
    return [f"{m[1]} {m[2]}" for m in re.finditer(rf"^(?:debug: |<7>)?([\w-]+): ((?:{verbs})\S*( .*)?)$", log, re.M)]


def changes_of(line):
    """What a line of strace asks the kernel to change."""
    call = re.match(r"\d+ +(\w+)\(", line)
    if not call:
        return []
    if call[1] in ("sendto", "sendmsg"):
        return [x for x in re.findall(r"RTM_(?:NEW|SET|DEL)\w+", line)]
    if call[1] == "ioctl":
        return re.findall(r"TUNSET\w+|TUNATTACH\w+", line)
    if call[1] == "openat" and "/proc/sys/net" in line and ("O_WRONLY" in line or "O_RDWR" in line):
        return [line.strip()]
    return []


# ---- Playing ----


LIBC = ctypes.CDLL(None, use_errno=True)


def in_child(case, directory):
    """Plays a case in a namespace. Returns None, or (name, text)."""
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        result = None
        try:
            if LIBC.unshare(CLONE_NEWNET) < 0:
                raise OSError(ctypes.get_errno(), "unshare")
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            if daemon_harness.PATIENCE > 1:  # addresses would leave their tentative state between two runs
                pathlib.Path("/proc/sys/net/ipv6/conf/default/accept_dad").write_text("0", encoding="ascii")
            Round(case, directory).play()
        except Failure as e:
            result = [e.name, str(e)]
        except BaseException:  # pylint: disable=broad-except
            result = ["test", traceback.format_exc()]
        with open(directory + "/result", "w", encoding="utf-8") as f:
            json.dump(result, f)
        os._exit(0)
    os.waitpid(pid, 0)
    with open(directory + "/result", encoding="utf-8") as f:
        return json.load(f)


def is_same(one, two):
    """Whether two failures are of one cause, as far as can be told: what the kernel said last."""
    return two and one[0] == two[0] and (one[0] != "left" or one[1].split(": ")[-1] == two[1].split(": ")[-1])


def shrink(case, failure, directory, seconds):
    """A smaller case that fails in the same way."""
    end = time.monotonic() + seconds
    found = True
    while found:
        found = False
        for smaller in case.smaller():
            if time.monotonic() > end:
                return case, failure
            again = in_child(smaller, directory)
            if is_same(failure, again):
                case, failure, found = smaller, again, True
                break
    return case, failure


# What rounds have found, made small: (commands, files of each step).
FOUND = (
    # What fails is not tried for ever while something else is waited for (the gateway is nowhere near).
    ("fails", [], [{"1.netdev": [["NetDev", ["Name=t1", "Kind=tap"]]],
                    "1.network": [["Match", ["Name=t1"]], ["Network", ["Bridge=none-such", "Address=10.1.0.1/24"]],
                                  ["Route", ["Destination=172.16.0.0/24", "Gateway=192.0.2.1"]]]}]),
    # The MTU of IPv6 is at most that of the link, whoever says what that is.
    (None, [], [{"1.netdev": [["NetDev", ["Name=t1", "Kind=tap"]]],
                 "1.network": [["Match", ["Name=t1"]], ["Link", ["MTUBytes=1280"]],
                               ["Network", ["Address=10.1.0.1/24", "IPv6MTUBytes=1400"]]]},
                {"1.netdev": [["NetDev", ["Name=t1", "Kind=tap"]]],
                 "1.network": [["Match", ["Name=t1"]], ["Network", ["IPv6MTUBytes=4000"]]]}]),
    (None, ["ip tuntap add t1 mode tun", "ip link set t1 mtu 1300"],
     [{"1.network": [["Match", ["Name=t1"]], ["Network", ["IPv6MTUBytes=1400"]]]}]),
    # The metric of an IPv6 address can be changed, but not taken away.
    (None, ["ip tuntap add t1 mode tun"],
     [{"1.network": [["Match", ["Name=t1"]], ["Address", ["Address=fd00:1::1/64", "RouteMetric=77"]]]},
      {"1.network": [["Match", ["Name=t1"]], ["Address", ["Address=fd00:1::1/64"]]]}]),
    # A device made anew has another index, also where a route names it.
    (None, ["ip tuntap add t1 mode tap group 65534"],
     [{"1.netdev": [["NetDev", ["Name=t1", "Kind=tap", "Recreate=yes"]]],
       "1.network": [["Match", ["Name=t1"]], ["Address", ["Address=10.1.0.1/24"]],
                     ["Route", ["Destination=172.16.0.0/24", "MultiPathRoute=10.1.0.6 1",
                                "MultiPathRoute=10.1.0.7@t1 1"]]]}]),
    # The MTU of IPv6 goes back to what the link's is by then, which is not what it was.
    (None, ["ip tuntap add t1 mode tun"],
     [{"1.network": [["Match", ["Name=t1"]], ["Link", ["MTUBytes=1280"]]]},
      {"1.network": [["Match", ["Name=t1"]], ["Network", ["IPv6MTUBytes=1280"]]]}]),
    (None, ["ip tuntap add t1 mode tun"],
     [{"1.netdev": [["NetDev", ["Name=t1", "Kind=tun", "MTUBytes=1400"]]],
       "1.network": [["Match", ["Name=t1"]], ["Network", ["IPv6MTUBytes=1280"]]]}]),
)


def play_found(directory):
    failed = 0
    for wanted, prior, steps in FOUND:
        case = Case(False, [x.split() for x in prior], steps)
        failure = in_child(case, directory)
        if wanted == "fails" and failure and failure[0] == "left" and "Failed" in failure[1]:
            continue
        if failure or wanted:
            failed += 1
            print(f"not ok - {failure and failure[1]}\n{describe(case)}", flush=True)
    print(f"{len(FOUND) - failed} of {len(FOUND)} cases that were found before passed", flush=True)
    return failed


def main():
    global NETDEVD, NETDEVCTL
    NETDEVD, NETDEVCTL = (os.path.abspath(os.environ[x]) for x in ("NETDEVD", "NETDEVCTL"))
    daemon_harness.enter_namespaces()
    if not shutil.which("strace"):
        daemon_harness.skip("strace is not there")
    seed, rounds = os.environ.get("SEED", "1"), int(os.environ.get("ROUNDS", "20"))
    first = random.randrange(10 ** 9) if seed == "random" else int(seed)
    seconds = int(os.environ.get("SHRINK", "30"))
    start = time.monotonic()
    print(f"SEED={first} ROUNDS={rounds}", flush=True)
    with tempfile.TemporaryDirectory(prefix="netdevd-test-") as tmp:
        os.chmod(tmp, 0o755)
        failed = found = play_found(tmp + "/round")
        for n in range(first, first + rounds):
            case = draw(n)
            failure = in_child(case, tmp + "/round")
            if not failure:
                continue
            failed += 1
            if failure[0] != "test":
                case, failure = shrink(case, failure, tmp + "/round", seconds)
            print(f"not ok - SEED={n}: {failure[1]}\n{describe(case)}", flush=True)
    print(f"{rounds - failed + found} of {rounds} rounds passed ({time.monotonic() - start:.1f} s)", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
