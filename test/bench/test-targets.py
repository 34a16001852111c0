#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each target is passed at its limit, missed beyond it, and not judged without its figures; on made-up figures."""

import copy
import sys

import targets


def runs(**values):
    return {"runs": [dict({"wall": 1000, "cpu": 100, "user": 1, "system": 1}, **values)] * 3}


def contestants(wall):
    """With so many milliseconds for the floor."""
    made = {"networkd": runs(wall=wall * 20)}
    for suffix in "", "-noqueue":
        made |= {key + suffix: runs(wall=wall) for key in ("netdevd", "floor")}
        made[f"floor{suffix}-again"] = runs(wall=wall)
    return made


def pings(nothing, everything):
    return {key: {"wall": 50, "cpu": 40, "ping": ms} for key, ms in (("nothing", nothing), ("everything", everything))}


GOOD = {
    "main": 1000,
    "machine": {"systemd": "systemd 999"},
    "sizes": {"100": contestants(100), "1000": contestants(1000), "4000": contestants(4000)},
    "scenes": {
        "life": {
            "devices": 1000, "rss": 6096, "peak": 7000,
            "reload": [[50, 40]] * 3,
            "busy-reloads": pings(50, 50),
            "wake-ups": {"seconds": 60, "switches": 0, "cpu": 0},
        },
        "restart": {"devices": 1000, "wall": [100] * 3, "writes": []},
        "prune": {"wall_ms": [1500] * 3, "ping_max_ms": [50] * 3, "floor_ms": [1000] * 3, "target_ms": 1500,
                  "target_ping_ms": 50},
        "events": {"event_ms": {"p50": 1, "p99": 5, "n": 100}, "mtu_ms": {"p50": 1.2, "p99": 6},
                   "target_ms": {"p50": 1, "p99": 5}},
    },
}


def size(count, key, **values):
    return ("sizes", count, key), runs(**values)


def scene(name, key, value):
    return ("scenes", name, key), value


# Which target, and what is put in the place of what is good: at its limit, and beyond it.
CASES = (
    ("cold start of 1000, default qdisc", size("1000", "netdevd", wall=1100), size("1000", "netdevd", wall=1101)),
    ("CPU time of 100, default qdisc", size("100", "netdevd", cpu=110), size("100", "netdevd", cpu=111)),
    ("cold start of 1000, noqueue", size("1000", "netdevd-noqueue", wall=1250),
     size("1000", "netdevd-noqueue", wall=1251)),
    ("1000 noqueue against systemd-networkd", size("1000", "networkd", wall=8000), size("1000", "networkd", wall=7999)),
    ("growth with the number of devices", size("4000", "netdevd", wall=4000), size("4000", "netdevd", wall=4001)),
    ("userspace CPU time a device", size("4000", "netdevd", user=159), size("4000", "netdevd", user=160)),
    ("memory (RSS), 1000 devices", scene("life", "rss", 6096), scene("life", "rss", 6097)),
    ("pruning 1000 orphans", scene("prune", "wall_ms", [1500]), scene("prune", "wall_ms", [1501])),
    ("pruning 1000 orphans", scene("prune", "ping_max_ms", [1, 50]), scene("prune", "ping_max_ms", [1, 51])),
    ("reload of 1000 with nothing to do", scene("life", "reload", [[50, 1]]), scene("life", "reload", [[51, 1]])),
    ("Ping during a reload of 1000", scene("life", "busy-reloads", pings(50, 50)),
     scene("life", "busy-reloads", pings(51, 1))),
    ("Ping during a reload of 1000", scene("life", "busy-reloads", pings(50, 50)),
     scene("life", "busy-reloads", pings(1, 51))),
    ("restart of 1000 with kept queues", scene("restart", "wall", [100]), scene("restart", "wall", [101])),
    ("restart of 1000 with kept queues", scene("restart", "writes", []), scene("restart", "writes", ["TUNSETIFF"])),
    ("kernel event to signal", scene("events", "event_ms", {"p50": 1, "p99": 5, "n": 1}),
     scene("events", "event_ms", {"p50": 1, "p99": 5.1, "n": 1})),
    ("kernel event to signal", scene("events", "event_ms", {"p50": 1, "p99": 1, "n": 1}),
     scene("events", "event_ms", {"p50": 1.1, "p99": 1.1, "n": 1})),
    ("wake-ups while idle", scene("life", "wake-ups", {"seconds": 60, "switches": 0, "cpu": 0}),
     scene("life", "wake-ups", {"seconds": 60, "switches": 1, "cpu": 0})),
)


def with_change(change):
    data = copy.deepcopy(GOOD)
    (*way, last), value = change
    place = data
    for key in way:
        place = place[key]
    place[last] = value
    return data


def words(data):
    return {v.title: v.word for v in targets.judge(data)}


def main():
    good = words(GOOD)
    assert set(good.values()) == {"pass"}, good
    assert {title for title, *_ in CASES} == set(good), "each target has its case"
    for title, at, beyond in CASES:
        assert words(with_change(at)) == good, (title, at, words(with_change(at)))
        found = words(with_change(beyond))
        assert found == good | {title: "miss"}, (title, beyond, found)

    nothing = words({"main": 1000, "machine": GOOD["machine"], "sizes": {"100": {}, "1000": {}}, "scenes": {}})
    assert nothing == dict.fromkeys(good, "not measured"), nothing
    return 0


if __name__ == "__main__":
    sys.exit(main())
