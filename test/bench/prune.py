#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long removing many orphans takes, and how long a Ping has to wait meanwhile.

    prune.py NETDEVD [--devices N] [--runs N] [--json]

Beside it stands how long `ip -batch` takes to delete the same devices in link groups of thirty, in turns with it: what
the kernel itself takes, which others on the machine that create or delete devices share a lock with.

Needs root and /dev/net/tun; works in namespaces of its own."""

import statistics
import time

import fleet

TARGET_MS = 1500  # of a thousand
TARGET_PING_MS = 50


def once(netdevd, devices):
    with fleet.running(netdevd, devices) as (daemon, connection):
        for name in fleet.files(devices):
            daemon.remove(name)
        daemon.reload()
        fleet.wait_states(connection, devices, "orphaned")
        with fleet.Pinger() as pinger:
            time.sleep(0.1)
            start = time.perf_counter()
            pruned = fleet.call(connection, *fleet.MANAGER, "Prune")[0]
            took = (time.perf_counter() - start) * 1e3
        if len(pruned) != devices:
            raise RuntimeError(f"{len(pruned)} of {devices} were pruned")
        return took, max(pinger.ms)


def floor(netdevd, devices):
    with fleet.running(netdevd, devices) as (daemon, _):
        daemon.stop()
        start = time.perf_counter()
        fleet.delete([f"t{i}" for i in range(devices)])
        return (time.perf_counter() - start) * 1e3


def measure(netdevd, devices=1000, runs=3):
    """{"devices": N, "wall_ms": [of each run], "ping_max_ms": [of each run], "floor_ms": [of each run], "target_ms": …,
    "target_ping_ms": …}"""
    results = [(*once(netdevd, devices), floor(netdevd, devices)) for _ in range(runs)]
    wall, ping, kernel = (list(x) for x in zip(*results, strict=True))
    return {"devices": devices, "wall_ms": wall, "ping_max_ms": ping, "floor_ms": kernel, "target_ms": TARGET_MS,
            "target_ping_ms": TARGET_PING_MS}


def show(result):
    def line(title, key, target):
        values = result[key]
        return f"  {title:<28}{statistics.median(values):>8.0f} ({min(values):.0f} .. {max(values):.0f}){target}"
    return "\n".join([f"pruning {result['devices']} orphans, {len(result['wall_ms'])} runs, ms: median (min .. max)",
                      line("Prune", "wall_ms", f", wanted: {result['target_ms']}"),
                      line("the longest Ping", "ping_max_ms", f", wanted: {result['target_ping_ms']}"),
                      line("ip -batch, by group", "floor_ms", "")])


if __name__ == "__main__":
    fleet.main(__doc__, measure, show, devices=1000, runs=3)
