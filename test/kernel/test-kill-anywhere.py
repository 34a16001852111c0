#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""netdevd killed with SIGKILL before every system call it makes while it creates, takes over and reloads: each time
there is nothing, or a device owned as declared; the record is whole and knows it; and the next start finishes the
rest, without taking the device from a program that uses it already.

NETDEVD_TEST_SECONDS: how long each scenario may take (8) before calls that change nothing are left out."""

import contextlib
import os
import re
import signal
import sys
import time

import daemon_harness as h
import faults_harness as f

SECONDS = float(os.environ.get("NETDEVD_TEST_SECONDS", "8"))

# These change something, or are right behind one that did: never left out.
CHANGING = re.compile(r"(ioctl|sendto|rename|unlink|fchmod|mkdir|flock|clone3?|fork)\(|"
                      r"(openat|close|write)\(.*(/dev/net/tun|/state/|/proc/sys/net)")

USER = "1234"

KEPT = {
    "10-keep0.netdev": h.mq("keep0", user=USER),
    "10-keep0.network": h.network("keep0", "172.30.1.1/24", more="IPv4Forwarding=yes\n[Link]\nMTUBytes=1400\n"
                                  "[Route]\nDestination=172.30.9.0/24\n"),
}
SINGLE = {
    "10-tap0.netdev": f"[NetDev]\nName=tap0\nKind=tap\n[Tap]\nUser={USER}\nGroup=99\n",
    "10-tap0.network": h.network("tap0", "172.30.2.1/24", more="[Link]\nMTUBytes=1300\n"),
}
ADOPTED = {
    "10-there0.netdev": f"[NetDev]\nName=there0\nKind=tun\n[Tun]\nMultiQueue=yes\nUser={USER}\n",
    "10-there0.network": h.network("there0", "172.30.3.1/24", more="[Link]\nMTUBytes=1400\n"),
    "20-there1.netdev": f"[NetDev]\nName=there1\nKind=tap\n[Tap]\nUser={USER}\n",
}
NEST = {f"{i}0-nest{i}.netdev": h.mq(f"nest{i}", user=USER) for i in range(1, 3)}

MANY = {f"10-many{i}.netdev": f"[NetDev]\nName=many{i}\nKind=tun\n[Tun]\nMultiQueue=yes\nUser={USER}\n"
        for i in range(4)}
MANY["50-many.network"] = "[Match]\nName=many*\n[Link]\nMTUBytes=1400\n"

BEFORE = {
    "10-old0.netdev": h.mq("old0", user=USER),
    "10-old0.network": h.network("old0", "172.30.4.1/24", more="[Link]\nMTUBytes=1400\n"),
    "20-gone0.netdev": f"[NetDev]\nName=gone0\nKind=tun\n[Tun]\nMultiQueue=yes\nUser={USER}\n",
}
AFTER = {
    "10-old0.netdev": h.mq("old0", user="4321"),
    "10-old0.network": h.network("old0", "172.30.5.1/24", more="[Link]\nMTUBytes=1300\n"),
    "30-new0.netdev": h.mq("new0", user=USER),
    "30-new0.network": h.network("new0", "172.30.6.1/24"),
}


class Scenario:
    """What there is before, what netdevd is to make of it, and how it runs."""

    def __init__(self, files, once=False, prepare=lambda: None, programs=False, before=None, owners=(USER,), also=(),
                 **env):
        self.files = files
        self.once = once
        self.prepare = prepare
        self.programs = programs  # they attach to what is there after the kill
        self.before = before  # files it runs on before it is told to reload
        self.owners = owners
        self.also = also  # devices that were there before
        self.env = env

    def run(self, run, strace):
        """Returns whether it came to its end."""
        run.write(self.before or self.files)
        run.start(strace, once=self.once, follow=not self.env, **self.env)
        if self.once:
            return run.wait() >= 0
        if not run.wait_ready():
            return False
        if self.before:
            run.write(self.files)
            if not run.reload():
                return False
        return True


def wanted_names(files):
    return {m.group(1) for text in files.values() if (m := re.match(r"\[NetDev\]\nName=(\S+)", text))}


def check_killed(scenario, run):
    """Nothing, or a device as declared, which the record knows. Returns how many there are."""
    there = f.links()
    record = f.read_record(run.state)
    declared = wanted_names(scenario.files) | wanted_names(scenario.before or {})

    assert set(there) <= declared, f"somebody else's: {set(there) - declared}"
    for name, link in there.items():
        data = link["linkinfo"]["info_data"]
        if name in scenario.also:
            continue
        assert str(data.get("user")) in scenario.owners, f"{name} is not owned as declared: {data}"
        assert data["persist"], f"{name} is there, and goes with its last program"
        how, index, _ = record.get(name, ("nobody's", -1, {}))
        assert how == "made" and index == link["ifindex"], f"{name}, {link['ifindex']}, is {how} {index} in the record"
    assert set(scenario.also) <= set(there), "what was there is gone"
    return there


def attach_programs(scenario, there):
    return {name: h.attach(name) for name, link in there.items()
            if scenario.programs and link["linkinfo"]["info_data"]["multi_queue"]}


def without_programs(state, programs):
    for name in programs:
        for key in ("numqueues", "numdisabled"):
            state["links"][name]["kind"].pop(key)
    return state


def finish(scenario, run, expected, there, programs):
    """The next start, after which all must be as if nothing had been."""
    wanted, record_wanted = expected
    run.write(scenario.files)
    run.start(once=scenario.once)
    if scenario.once:
        status = run.wait()
        assert status == 0, f"the next start ended with {status}: {run.log()}"
    else:
        assert run.wait_ready(), f"the next start ended: {run.log()}"

    now = f.links()
    for name, link in there.items():
        if name in wanted["links"]:
            assert now[name]["ifindex"] == link["ifindex"], f"{name} was destroyed, with the program behind it"
    state = f.kernel_state()
    expect = {"links": {n: dict(x, kind=dict(x["kind"])) for n, x in wanted["links"].items()},
              "routes": wanted["routes"]}
    used = set(programs) & set(now)
    state, expect = without_programs(state, used), without_programs(expect, used)
    assert state == expect, "after the next start: " + f.differences(state, expect)
    for name in used & set(wanted["links"]):
        os.write(programs[name], b"\x45" + bytes(19))  # EIO or EBADFD, were its device gone
    status = 0 if scenario.once else run.end()
    assert status == 0, f"exit status {status}: {run.log()}"
    record = f.record_without_indexes(f.read_record(run.state))
    assert record == record_wanted, "the record: " + f.differences(record, record_wanted)


def clean_run(scenario):
    """The calls of a run nobody kills, and what comes of it."""
    scenario.prepare()
    run = f.Run(scenario.files)
    assert scenario.run(run, ["-y", "-s", "120", "-o", run.dir + "/trace"]), run.log()
    wanted = f.kernel_state()
    status = 0 if scenario.once else run.end()
    assert status == 0, f"exit status {status}: {run.log()}"
    record = f.record_without_indexes(f.read_record(run.state))
    assert wanted["links"].keys() == wanted_names(scenario.files) == record.keys(), (wanted, record)
    h.wait("the end of the trace", lambda: "+++ exited" in open(run.dir + "/trace", encoding="utf-8").read())
    calls = f.read_trace(run.dir + "/trace")
    f.delete_links()
    run.remove()
    return calls[f.first_call(calls, r"^socket\(AF_NETLINK"):], (wanted, record)


def kill_at(scenario, call, expected, programs_too):
    """Returns "nothing", "some", or None when it came to its end."""
    programs = {}
    run = f.Run(scenario.files)
    try:
        scenario.prepare()
        scenario.run(run, ["-o", "/dev/null", "-e", "trace=" + call.name, "-e",
                           f"inject={call.name}:signal=SIGKILL:when={call.nth}"])
        status = run.wait() if scenario.once else run.end()
        if status == 0:
            return None  # one call more or less: events come together, or one by one
        assert status == -signal.SIGKILL, f"it ended with {status}: {run.log()}"

        there = check_killed(scenario, run)
        if programs_too:
            programs = attach_programs(scenario, there)
        finish(scenario, run, expected, there, programs)
        return "some" if there else "nothing"
    except Exception as e:
        raise AssertionError(f"killed before {call}, {call.text[:100]}: {e}\n{run.log()}") from e
    finally:
        for fd in programs.values():
            os.close(fd)
        if run.process and run.process.poll() is None:
            run.process.kill()
            run.process.wait()
        f.delete_links()
        run.remove()


def kill_everywhere(scenario):
    f.need_strace()
    calls, expected = clean_run(scenario)
    changing = [c for c in calls if CHANGING.match(f"{c.name}({c.text}")]
    order = changing + [c for c in calls if c not in changing]
    end = time.monotonic() + SECONDS
    seen = {"nothing": 0, "some": 0, None: 0}
    done = 0
    for call in order:
        if done >= len(changing) and time.monotonic() > end:
            break
        seen[kill_at(scenario, call, expected, scenario.programs and done % 4 != 3)] += 1
        done += 1
    print(f"    {len(calls)} calls; killed before {done}: {seen['nothing']} times there was nothing, {seen['some']} "
          f"times some device; {seen[None]} times the call did not come; left out {len(calls) - done}", flush=True)
    assert seen[None] <= done // 10, "it hardly ever came to the call"
    assert seen["some"] > 10, "it was hardly ever killed with a device there"


def test_kept_tun():
    kill_everywhere(Scenario(KEPT, programs=True))


def test_single_queue_tap():
    kill_everywhere(Scenario(SINGLE, once=True))


def test_adoption():
    def prepare():
        h.ip("tuntap", "add", "there0", "mode", "tun", "multi_queue", "user", "77")
        h.ip("tuntap", "add", "there1", "mode", "tap", "user", "77")
    kill_everywhere(Scenario(ADOPTED, once=True, prepare=prepare, programs=True, also=("there0", "there1")))


def test_many_in_use():
    kill_everywhere(Scenario(MANY, once=True, programs=True))


def test_private_namespace():
    """Somebody is on the first one, which is then made where nobody sees it, by a helper that ends with netdevd."""
    kill_everywhere(Scenario(NEST, once=True, LD_PRELOAD=os.environ["PROGRAMS"] + "/squatting.so"))


@contextlib.contextmanager
def removing():
    with h.Settings("[Daemon]\nRemoveUndeclared=yes\n"):
        yield


def test_reload():
    with removing():
        kill_everywhere(Scenario(AFTER, before=BEFORE, owners=(USER, "4321"), programs=True))


if __name__ == "__main__":
    sys.exit(h.run(globals()))
