# SPDX-License-Identifier: LGPL-2.1-or-later
"""Running netdevd under strace, which kills it or fails a call of it: what test-kill-anywhere.py and
test-fail-anywhere.py share. Every run has files, a state directory and a notification socket of its own."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import daemon_harness as h
import raw_bus

CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)$")

FILES = {
    "10-keep0.netdev": h.mq("keep0", user="1234", more="Group=99\n"),
    "10-keep0.network": h.network("keep0", "172.30.1.1/24", more="IPv4Forwarding=yes\n[Link]\nMTUBytes=1400\n"
                                  "[Route]\nDestination=172.30.9.0/24\n"),
    "20-tap0.netdev": "[NetDev]\nName=tap0\nKind=tap\nMACAddress=02:00:00:00:00:07\n[Tap]\nUser=1234\n"
                      "VNetHeader=yes\n",
    "20-tap0.network": h.network("tap0", "172.30.2.1/24"),
    "30-plain0.netdev": "[NetDev]\nName=plain0\nKind=tun\n[Tun]\nUser=1234\n",
}

DEVICES = {"keep0", "tap0", "plain0"}

# What may come of it.
REFUSES = "does not start"  # and says why
DEVICE = "device's error"  # with the operation and the errno; of a creation nothing is left over
FILE = "file not used"
NOTHING = "no configuration"  # and says why; what was loaded before stays
SAID = "said in the log"  # all is as wanted, or becomes so by itself
UNSEEN = "all as wanted"  # a refinement, or tried again at once
NOT_REACHED = "not reached"  # the kernel was faster or slower than in the clean run, so that the call was not made

TUN = r"^ioctl\(\d+</dev/net/tun>, "

LINE = re.compile(r"(?P<how>made|adopted) (?P<name>\S{1,15}) (?P<index>\d+)\n"
                  r"|set (?P<of>\S{1,15}) (?P<key>[a-z0-9-]+) (?P<before>-|\d+) (?P<value>\d+)\n"
                  r"|items \d+\n")


def need_strace():
    if not shutil.which("strace"):
        raise h.NotHere("there is no strace")
    if subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode != 0:
        raise h.NotHere("strace may not trace here")


class Call:
    """One line of a trace, and which one of its name it is: so strace counts."""

    def __init__(self, name, text, nth):
        self.name = name
        self.text = text
        self.nth = nth

    def __str__(self):
        return f"{self.name}#{self.nth}"


def read_trace(path):
    """The calls of the first process."""
    calls, counts, first, unfinished = [], {}, None, None
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            pid = line.split()[0] if line[0].isdigit() else ""
            first = first or pid
            if pid != first:
                continue
            resumed = re.match(r"(?:\d+ +)?<\.\.\. \w+ resumed>(.*)", line)
            if resumed:
                unfinished.text = unfinished.text.replace(" <unfinished ...>", resumed[1])
            match = CALL.match(line)
            if not match:
                continue
            name = match.group(1)
            counts[name] = counts.get(name, 0) + 1
            unfinished = Call(name, match.group(2).rstrip("\n"), counts[name])
            calls.append(unfinished)
    return calls


def traced_env(**more):
    """Leaks cannot be looked for in a process that is traced; and a library may come before that of a sanitizer."""
    env = dict(os.environ, **more)
    env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0:verify_asan_link_order=0"
    return env


class Run:
    """netdevd on some files, once or as a daemon, maybe under strace."""

    def __init__(self, files, state=None):
        self.dir = tempfile.mkdtemp(dir=h.TMP)
        self.state = state or self.dir + "/state"
        self.process = None
        self.notify = None
        os.mkdir(self.dir + "/etc")
        self.write(files)

    def write(self, files):
        for name in os.listdir(self.dir + "/etc"):
            os.unlink(f"{self.dir}/etc/{name}")
        for name, text in files.items():
            with open(f"{self.dir}/etc/{name}", "w", encoding="utf-8") as f:
                f.write(text)

    def start(self, strace=(), once=False, bus=False, follow=True, **more_env):
        """strace: its arguments; it runs as a child of the daemon's, so that this process knows the daemon's id."""
        env = traced_env(**more_env)
        if self.notify:
            self.notify.close()
        self.notify = None
        if not once:
            self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.dir + "/notify")
            self.notify.bind(self.dir + "/notify")
            self.notify.settimeout(0.05)
            env["NOTIFY_SOCKET"] = self.dir + "/notify"
        command = [h.NETDEVD, f"--config-dir={self.dir}/etc", f"--state-dir={self.state}",
                   *([] if bus else ["--no-bus"]), *(["--once"] if once else [])]
        if strace:
            command = ["strace", "-D", *(["-f"] if follow else []), *strace, "--", *command]
        with open(self.dir + "/log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        return self

    def log(self):
        with open(self.dir + "/log", encoding="utf-8", errors="replace") as f:
            return f.read()

    def wait_ready(self, timeout=30.0):
        """Whether it says that it is done, or else it has ended."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            with contextlib.suppress(TimeoutError):
                if b"READY=1" in self.notify.recv(4096):
                    return True
            if self.process.poll() is not None:
                return False
        raise AssertionError(f"neither ready nor ended in {timeout} s: {self.log()[-2000:]}")

    def reload(self, timeout=30.0):
        self.process.send_signal(signal.SIGHUP)
        return self.wait_ready(timeout)

    def wait(self, timeout=30.0):
        """The exit status."""
        return self.process.wait(timeout)

    def end(self):
        """Ends it, if it has not ended, and gives its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            if self.notify:
                self.notify.close()
                self.notify = None

    def descriptors(self):
        """What it has open, without numbers that differ from run to run."""
        found = []
        for fd in os.listdir(f"/proc/{self.process.pid}/fd"):
            with contextlib.suppress(FileNotFoundError):
                target = os.readlink(f"/proc/{self.process.pid}/fd/{fd}")
                found.append(re.sub(r"\d+", "N", target.replace(self.dir, "")))
        return sorted(found)

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)


def leave(run):
    """Ends it whatever it is at, and leaves nothing of it."""
    if run.process.poll() is None:
        run.process.kill()
        run.process.wait()
    delete_links()
    run.remove()


def delete_links():
    """All at once, which takes the kernel as long as one."""
    names = links()
    if names:
        h.ip_batch([f"link set {name} group 2" for name in names] + ["link delete group 2"])


def links():
    return {x["ifname"]: x for x in h.ip_json("addr") if x["ifname"] != "lo"}


def shown(link):
    """What a link is, without what differs each time."""
    data = dict(link.get("linkinfo", {}).get("info_data", {}))
    return {
        "flags": sorted(set(link["flags"]) - {"LOWER_UP", "NO-CARRIER"}),
        "mtu": link["mtu"],
        "kind": data,
        "addresses": sorted(f"{a['local']}/{a['prefixlen']}" for a in link["addr_info"] if a["scope"] == "global"),
        "forwarding": forwarding(link["ifname"]),
    }


def forwarding(name):
    with contextlib.suppress(FileNotFoundError), \
            open(f"/proc/sys/net/ipv4/conf/{name}/forwarding", encoding="ascii") as f:
        return f.read().strip()
    return None


def kernel_state():
    """All that netdevd set."""
    routes = sorted(f"{r['dst']} dev {r.get('dev')} {r.get('protocol')}" for r in h.ip_json("-4", "route"))
    return {"links": {n: shown(x) for n, x in links().items()}, "routes": routes}


def read_record(state_dir):
    """The record, of which every line must be whole: by name (how, index, settings)."""
    try:
        with open(state_dir + "/links", encoding="utf-8") as f:
            lines = f.readlines()
    except FileNotFoundError:
        return {}
    assert len(lines) >= 2 and lines[0].startswith("#") and re.fullmatch(r"netns \d+\n", lines[1]), lines
    record = {}
    for line in lines[2:]:
        match = LINE.fullmatch(line)
        assert match, f"the record has the line {line!r}"
        if match["how"]:
            before = record.get(match["name"], (None, 0, {}))
            record[match["name"]] = (match["how"], int(match["index"]), before[2])
        elif match["of"]:
            record[match["of"]][2][match["key"]] = (match["before"], match["value"])
    return record


def record_without_indexes(record):
    return {name: (how, index > 0, settings) for name, (how, index, settings) in record.items()}


def first_call(calls, pattern):
    """Where the first call is that matches."""
    for i, call in enumerate(calls):
        if re.search(pattern, f"{call.name}({call.text}"):
            return i
    raise AssertionError(f"no call matches {pattern}")


def differences(a, b):
    return f"{json.dumps(a, sort_keys=True, default=str)}\n  instead of\n{json.dumps(b, sort_keys=True, default=str)}"


def failures(log):
    """The devices that failed or wait, and what was said of each."""
    return {m[1]: m[2] for m in re.finditer(r"^(?:err|warning): (\w+): (?:Failed|Blocked): (.*)$", log, re.M)}


def without(state, names):
    return {"links": {n: x for n, x in state["links"].items() if n not in names},
            "routes": [r for r in state["routes"] if not any(f"dev {n} " in r for n in names)]}


def outcome_of(run, ready, text, says, wanted):
    """What came of it, and what is wrong with that."""
    log = run.log()
    problems = [line for line in log.splitlines() if re.match("err|warning", line)]
    named = any(text.lower() in line.lower() and says in line for line in problems)
    state = kernel_state()
    failed = failures(log)
    if not ready:
        assert named, "it ended without the reason"
        assert not state["links"] and not state["routes"], "it ended, and left something"
        return REFUSES, set()
    if failed:
        said = " ".join(failed.values())
        assert text in said and says in said, f"the error is: {said}"
        assert without(state, failed) == without(wanted, failed), "others: " + differences(state, wanted)
        return DEVICE, set(failed)
    if not state["links"] and named:
        return NOTHING, set(wanted["links"])
    if state == wanted:
        return (SAID if named else UNSEEN), set()
    hit = re.search(r"/etc/\d+-(\w+)\.net\w+(:\d+)?: .*", "\n".join(problems))
    assert hit and named, f"not as wanted, and nothing said: {differences(state, wanted)}"
    assert without(state, [hit[1]]) == without(wanted, [hit[1]]), "others: " + differences(state, wanted)
    return FILE, {hit[1]}


def surplus(now, before):
    return [x for x in set(now) if now.count(x) > before.count(x)]


def row_of(call, rows):
    text = f"{call.name}({call.text}"
    for pattern, errnos, outcomes, says in rows:
        match = re.search(pattern, text)
        if match:
            what = re.sub(r"netdevd-test\S*|^/tmp\w*", "...", re.sub(r"/proc/\d+/", "/proc/PID/", match.group(1)))
            label = f"{call.name} {what}".replace('"', "") if what != call.name else what
            return label, errnos.split(), outcomes if isinstance(outcomes, tuple) else (outcomes,), says.format(what)
    raise AssertionError(f"no row speaks of the call {text[:300]}")


def print_table(table):
    """By what failed and how: how often that came to what."""
    for (label, name), outcomes in table.items():
        print(f"    {label:45} {name:15} " + ", ".join(f"{o} x{n}" if n > 1 else o for o, n in outcomes.items()))


def each_once(calls, rows, fail):
    """Each call with each errno, those with the same row once."""
    table, failed = {}, []
    for call in calls:
        row = row_of(call, rows)
        for name in row[1]:
            if (row[0], name) in table:
                continue
            try:
                outcome = next((o for o in (fail(call, name, row) for _ in range(3)) if o != NOT_REACHED),
                               NOT_REACHED)
            except AssertionError as e:
                failed.append(f"{call} with {name}, {call.text[:100]}: {e}")
                outcome = "WRONG"
            table[(row[0], name)] = {outcome: 1}
    print_table(table)
    print(f"    {len(calls)} calls, {len(table)} failures tried", flush=True)
    assert len(table) >= 8, "hardly anything was tried"
    assert sum(NOT_REACHED in o for o in table.values()) <= len(table) / 20, "some were not reached"
    assert not failed, f"{len(failed)} wrong:\n" + "\n".join(failed)


@contextlib.contextmanager
def strace(run, *arguments):
    """What the daemon does meanwhile is in the trace."""
    with subprocess.Popen(["strace", "-f", "-y", "-s", "200", "-o", run.dir + "/trace", *arguments, "-p",
                           str(run.process.pid)], stderr=subprocess.PIPE, text=True) as process:
        assert "attached" in process.stderr.readline()
        yield
        process.send_signal(signal.SIGINT)


def ask_for_queue(name="keep0"):
    """The error that is answered, if any, and its text. Of a process of its own, as a queue may be lent to one."""
    mine, other = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(other, json.dumps(ask_here(name)).encode())
        os._exit(0)
    os.close(other)
    with open(mine, encoding="utf-8") as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return tuple(json.loads(text))


def ask_here(name):
    with raw_bus.Connection(h.TMP + "/bus") as c:
        reply = c.call("org.netdevd1", h.path(name), "org.netdevd1.Device", "OpenQueues", "ua{sv}", (1, {}))
        for fd in reply.fds:
            os.close(fd)
        return reply.error, reply.text
