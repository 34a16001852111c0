#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the data path carries and loses: with and without the queue that netdevd keeps, by queueing discipline.

    datapath.py NETDEVD POUR [--rounds N] [--ms N] [--json FILE]

Devices that netdevd made with KeepCarrier=yes and no, with the kernel's queueing discipline and noqueue, and a program
(test/programs/pour.c) behind each with 1, 2 and 4 queues in turns: datagrams as fast as they can be sent, datagrams at
a steady rate, and TCP streams. Then what is lost while a queue to be kept is attached to a device under load, by that
program with the same two calls, and by netdevd itself, each beside a run in which nothing is attached. Needs root and
/dev/net/tun; works in namespaces of its own."""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import time

import fleet
from fleet import daemon_harness

QUEUES = (1, 2, 4)
DEVICES = [(qdisc, kept) for qdisc in ("kernel", "noqueue") for kept in (True, False)]
STEADY = 20000  # datagrams a second: what the slowest of them carries
LOADS = {"flood": ("64", "0"), "steady": ("64", str(STEADY)), "streams": ("4", "tcp")}

WINDOW_RATE = 50000
WINDOW_MS = 4000
WINDOW_ATTACHES = 400
WINDOW_RELOADS = 60
LONG = 10000  # packets a queue has room for: a reader that comes late loses none


def device(i):
    return f"d{i}"


def files():
    made = {}
    for i, (qdisc, kept) in enumerate(DEVICES):
        name = device(i)
        made[name + ".netdev"] = daemon_harness.mq(name) if kept else not_kept(name)
        made[name + ".network"] = daemon_harness.network(name, f"10.9.{i}.1/24", more=f"[Link]\nQDisc={qdisc}\n")
    made["w0.netdev"] = not_kept("w0")
    made["w0.network"] = daemon_harness.network(
        "w0", "10.9.100.1/24", more=f"[Link]\nQDisc=noqueue\nTransmitQueueLength={LONG}\n")
    return made


def not_kept(name):
    return daemon_harness.mq(name).replace("KeepCarrier=yes\n", "")


def pour(path, name, address, queues, flows, rate, ms, attaches=0):
    return [path, name, address, str(queues), flows, rate, str(ms), str(attaches)]


def run(argv):
    return json.loads(subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout)


def lost(result):
    return result["sent"] - sum(result["received"])


def digest(result):
    """Of one run: what arrived in a second, which share was lost without a word or refused, and what it cost."""
    arrived, asked = sum(result["received"]), result["sent"] + result["refused"]
    if result["bytes"]:
        return {"mbit_s": result["bytes"] * 8e-6 / result["seconds"], "again": result["again"],
                "cpu_us_per_kb": result["cpu"] * 1e6 / (result["bytes"] / 1000)}
    return {"per_s": arrived / result["seconds"], "lost_percent": 100 * lost(result) / max(asked, 1),
            "refused_percent": 100 * result["refused"] / max(asked, 1), "cpu_us": result["cpu"] * 1e6 / max(arrived, 1)}


def measure_paths(path, rounds, ms):
    """A list of {"load", "queues", "qdisc", "kept", "runs": [digest of each]}; the runs take turns."""
    paths = [{"load": load, "queues": queues, "qdisc": qdisc, "kept": kept, "device": i, "runs": []}
             for load in LOADS for queues in QUEUES for i, (qdisc, kept) in enumerate(DEVICES)]
    for turn in range(rounds):
        for p in paths[::-1] if turn % 2 else paths:
            argv = pour(path, device(p["device"]), f"10.9.{p['device']}.2", p["queues"], *LOADS[p["load"]], ms)
            p["runs"].append(digest(run(argv)))
    return paths


def toggle(daemon, connection, name, attach):
    """netdevd attaches a queue to it and gives it up again, or is asked for as much that changes nothing of it."""
    for text in (daemon_harness.mq(name), not_kept(name)):
        daemon.write("w0.netdev", text if attach else not_kept(name))
        fleet.call(connection, *fleet.MANAGER, "Reload")
        if attach and daemon_harness.prop(name, "CarrierHeld", "TunTap") != (text != not_kept(name)):
            raise RuntimeError("no queue was kept")


def measure_window(path, daemon, connection, rounds):
    """{"flows": N, "rate": N, "program": W, "netdevd": W}, each W a list of {"attaches", "sent", "lost",
    "lost_control"}, that of the program with the microseconds of its calls."""
    window = {"flows": 64, "rate": WINDOW_RATE, "program": [], "netdevd": []}
    base = [path, "w0", "10.9.100.2", "1", "64", str(WINDOW_RATE), str(WINDOW_MS)]
    for _ in range(rounds):
        control, result = run(base), run([*base, str(WINDOW_ATTACHES)])
        window["program"].append({"attaches": WINDOW_ATTACHES, "sent": result["sent"], "lost": lost(result),
                                  "lost_control": lost(control), "seconds": result["seconds"],
                                  "attach_us": result["attach_us"], "detach_us": result["detach_us"]})
        pair = []
        for attach in False, True:
            with subprocess.Popen(base, stdout=subprocess.PIPE, text=True) as process:
                time.sleep(0.2)
                end, n = time.monotonic() + WINDOW_MS / 1e3 - 0.4, 0
                while time.monotonic() < end and n < WINDOW_RELOADS:
                    toggle(daemon, connection, "w0", attach)
                    n += 1
                pair.append((n, json.loads(process.communicate(timeout=60)[0])))
        (_, control), (n, result) = pair
        window["netdevd"].append({"attaches": n, "sent": result["sent"], "lost": lost(result),
                                  "lost_control": lost(control), "seconds": result["seconds"]})
    return window


@contextlib.contextmanager
def running(netdevd):
    daemon_harness.NETDEVD = os.path.abspath(netdevd)
    daemon = daemon_harness.Daemon(files(), extra=("--log-level=notice",))
    try:
        daemon.start()
        with fleet.connect() as connection:
            fleet.wait_states(connection, len(DEVICES) + 1, "configured")
            for i, (_, kept) in enumerate(DEVICES):
                if daemon_harness.prop(device(i), "CarrierHeld", "TunTap") != kept:
                    raise RuntimeError(f"{device(i)}: kept is not {kept}")
            yield daemon, connection
    finally:
        daemon.stop()
        daemon_harness.clean_up()


def measure(netdevd, path, rounds=5, ms=500):
    """{"kernel": version, "cpus": N, "load": of the machine before and after, "paths": see measure_paths(),
    "window": see measure_window()}"""
    load = [os.getloadavg()[0]]
    with running(netdevd) as (daemon, connection):
        paths = measure_paths(path, rounds, ms)
        window = measure_window(path, daemon, connection, rounds)
    load.append(os.getloadavg()[0])
    return {"kernel": os.uname().release, "cpus": os.cpu_count(), "load": load, "paths": paths, "window": window}


def spread(values, digits=0):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}..{max(values):.{digits}f})"


COLUMNS = {"flood": (("arrived/s", "per_s", 0), ("lost %", "lost_percent", 1), ("refused %", "refused_percent", 1),
                     ("CPU us each", "cpu_us", 2)),
           "steady": (("arrived/s", "per_s", 0), ("lost %", "lost_percent", 2), ("CPU us each", "cpu_us", 2)),
           "streams": (("Mbit/s", "mbit_s", 0), ("sent again", "again", 0), ("CPU us/kB", "cpu_us_per_kb", 2))}


def show_paths(paths):
    lines = []
    for load, columns in COLUMNS.items():
        lines.append(f"\n{load:<8}queues qdisc    kept" + "".join(f"{title:>24}" for title, _, _ in columns))
        for p in paths:
            if p["load"] == load:
                values = "".join(f"{spread([r[key] for r in p['runs']], digits):>24}" for _, key, digits in columns)
                lines.append(f"{'':<8}{p['queues']:<7}{p['qdisc']:<9}{'yes' if p['kept'] else 'no':<4}{values}")
    return lines


def ratios(paths, key, same, differs):
    """Of runs of one round that differ in one thing alone: that with its first value to that with its second."""
    found = []
    for p in paths:
        for q in paths:
            if p[differs[0]] == differs[1] and q[differs[0]] == differs[2] and all(p[x] == q[x] for x in same):
                found += [a[key] / b[key] for a, b in zip(p["runs"], q["runs"], strict=True) if key in a]
    return statistics.quantiles(found, n=4)


def show_ratios(paths):
    lines = ["\nratios of pairs of runs: median (quartiles)"]
    for title, same, differs in (("kept / not", ("load", "queues", "qdisc"), ("kept", True, False)),
                                 ("noqueue / kernel", ("load", "queues", "kept"), ("qdisc", "noqueue", "kernel"))):
        for what, key in (("datagrams/s", "per_s"), ("CPU of each", "cpu_us"), ("Mbit/s", "mbit_s"),
                          ("CPU of a kB", "cpu_us_per_kb")):
            low, middle, high = ratios(paths, key, same, differs)
            lines.append(f"  {title:<18}{what:<14}{middle:.2f} ({low:.2f}..{high:.2f})")
    return lines


def show_window(window):
    lines = [f"\nlost by attaching a queue, one queue in use, {window['flows']} flows"]
    for who in "program", "netdevd":
        runs = window[who]
        each = [(r["lost"] - r["lost_control"]) / max(r["attaches"], 1) for r in runs]
        wide = [e / (r["sent"] / r["seconds"]) * 1e6 for e, r in zip(each, runs, strict=True)]
        lines.append(f"  {who:<8}{spread([r['sent'] / r['seconds'] for r in runs])} packets/s, "
                     f"{sum(r['attaches'] for r in runs)} times: {spread(each, 3)} packets each, that is "
                     f"{spread(wide, 1)} us of the traffic; without it "
                     f"{spread([r['lost_control'] for r in runs])} a run")
    for key, title in ("attach_us", "TUNSETIFF"), ("detach_us", "TUNSETQUEUE"):
        p = fleet.percentiles([x for r in window["program"] for x in r[key]])
        lines.append(f"  {title:<12} median {p['p50']:.0f} us, p99 {p['p99']:.0f}, most {p['max']:.0f}")
    return lines


def show(result):
    load = " and ".join(f"{x:.1f}" for x in result["load"])
    return "\n".join([f"Linux {result['kernel']}, {result['cpus']} CPUs, load {load} before and after; "
                      "median (least..most)", *show_paths(result["paths"]), *show_ratios(result["paths"]),
                      *show_window(result["window"])])


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("netdevd", help="the daemon")
    parser.add_argument("pour", help="the program behind the devices")
    parser.add_argument("--rounds", metavar="N", type=int, default=5)
    parser.add_argument("--ms", metavar="N", type=int, default=500, help="that each run pours")
    parser.add_argument("--json", metavar="FILE", help="writes all figures there")
    options = parser.parse_args()
    with daemon_harness.surroundings():
        result = measure(options.netdevd, os.path.abspath(options.pour), options.rounds, options.ms)
    print(show(result))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as f:
            json.dump(result, f, indent=1)


if __name__ == "__main__":
    main()
