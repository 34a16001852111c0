# SPDX-License-Identifier: LGPL-2.1-or-later
"""What netdevd is to reach, and whether it did. Each target is judged from what was measured, and what could not be is
said to be so."""

import dataclasses
import statistics


class Missing(Exception):
    """What this target needs was not measured."""


@dataclasses.dataclass
class Verdict:
    title: str
    limit: str
    figure: str
    good: bool | None       # None: not measured
    remark: str = ""

    @property
    def word(self):
        return {True: "pass", False: "miss", None: "not measured"}[self.good]


class Results:
    """What was measured, as the JSON file has it."""

    def __init__(self, data):
        self.data = data
        self.main = data["main"]            # the number of devices that most targets are for: 1000
        self.small = min(100, self.main)

    def runs(self, count, key):
        runs = self.data["sizes"].get(str(count), {}).get(key, {}).get("runs")
        if not runs:
            raise Missing(f"no run of {key} with {count} devices")
        return runs

    def median(self, count, key, what):
        return statistics.median(run[what] for run in self.runs(count, key))

    def ratio(self, count, one, other, what="wall"):
        return self.median(count, one, what) / self.median(count, other, what)

    def scene(self, name):
        scene = self.data["scenes"].get(name)
        if not scene:
            raise Missing(f"nothing was measured of: {name}")
        return scene

    def counts(self):
        return sorted(int(x) for x in self.data["sizes"])


def against_floor(results, count, suffix, what):
    """The ratio, and the floor's to itself beside it."""
    floor = "floor" + suffix
    ratio = results.ratio(count, "netdevd" + suffix, floor, what)
    noise = results.ratio(count, floor + "-again", floor, what)
    return ratio, f"{ratio:.2f} (floor against floor {noise:.2f})"


def cold_start(results, count, suffix, what, limit):
    ratio, figure = against_floor(results, count, suffix, what)
    return figure, ratio <= limit


def against_networkd(results):
    ratio = results.ratio(results.main, "networkd", "netdevd-noqueue")
    return f"{ratio:.1f} x as fast as {results.data['machine']['systemd']}", ratio >= 8


def growth(results):
    """From the second largest number to the largest. What the floor's own growth differs by from run to run is no
    growth of ours."""
    small, large = results.counts()[-2:]
    figures, good = [], True
    for suffix, title in ("", "default qdisc"), ("-noqueue", "noqueue"):
        try:
            ours, floor, again = (results.median(large, key, "wall") / results.median(small, key, "wall")
                                  for key in ("netdevd" + suffix, "floor" + suffix, "floor" + suffix + "-again"))
        except Missing:
            continue
        figures.append(f"{title} {ours:.2f} x, floor {floor:.2f} x and {again:.2f} x")
        good = good and ours <= max(floor, again)
    if not figures:
        raise Missing(f"no run of both {small} and {large} devices")
    return f"{small} to {large}: " + "; ".join(figures), good


def user_time(results):
    """The mean of all runs with the largest number, as each is only a rough guess."""
    count = results.counts()[-1]
    runs = [run["user"] * 1e3 / count for key in ("netdevd", "netdevd-noqueue")
            for run in results.runs(count, key)]
    micros = statistics.mean(runs)
    return f"{micros:.1f} us ({count} devices, {len(runs)} runs)", micros <= 20


def memory(results):
    scene = results.scene("life")
    limit = 4096 + 2 * scene["devices"]
    return f"{scene['rss']} of {limit} kB, on the bus (peak {scene['peak']} kB)", scene["rss"] <= limit


def prune(results):
    scene = results.scene("prune")
    wall, ping = statistics.median(scene["wall_ms"]), max(scene["ping_max_ms"])
    kernel = statistics.median(scene["floor_ms"])
    return (f"{wall / 1e3:.2f} s, Ping {ping:.1f} ms (deleted by ip(8) in groups: {kernel / 1e3:.2f} s)",
            wall <= scene["target_ms"] and ping <= scene["target_ping_ms"])


def median_of(values, limit, unit="ms", more=""):
    middle = statistics.median(values)
    return f"{middle:.1f} {unit} ({min(values):.1f} .. {max(values):.1f}){more}", middle <= limit


def reload(results):
    walls, cpus = zip(*results.scene("life")["reload"])
    return median_of(walls, 50, more=f", CPU {statistics.median(cpus):.1f} ms")


def reload_ping(results):
    """Beyond the number of the target it is only reported."""
    def of(scene):
        reloads = scene["busy-reloads"]
        return f"{reloads['nothing']['ping']:.1f} ms with nothing to do, {reloads['everything']['ping']:.1f} ms with " \
               f"every device changed, in {reloads['everything']['wall'] / 1e3:.2f} s"

    life, crowd = results.scene("life"), results.data["scenes"].get("crowd")
    beyond = f"; {crowd['devices']} devices: {of(crowd)}" if crowd else ""
    return of(life) + beyond, max(x["ping"] for x in life["busy-reloads"].values()) <= 50


def restart(results):
    scene = results.scene("restart")
    figure, good = median_of(scene["wall"], 100)
    return f"{figure}, {len(scene['writes'])} writes", good and not scene["writes"]


def events(results):
    scene = results.scene("events")
    found, whole, target = scene["event_ms"], scene["mtu_ms"], scene["target_ms"]
    return (f"p50 {found['p50']:.2f} ms, p99 {found['p99']:.2f} ms of {found['n']} (from the request that made the "
            f"event {whole['p50']:.2f} and {whole['p99']:.2f} ms)", all(found[key] <= target[key] for key in target))


def wake_ups(results):
    found = results.scene("life")["wake-ups"]
    return f"{found['switches']} in {found['seconds']:.0f} s, {found['cpu']:.2f} ms of CPU", found["switches"] == 0


# Title, limit, how it is judged, and what is known of a miss.
TARGETS = (
    ("cold start of {main}, default qdisc", "<= 1.10 x floor",
     lambda r: cold_start(r, r.main, "", "wall", 1.10), ""),
    ("CPU time of {small}, default qdisc", "<= 1.10 x floor",
     lambda r: cold_start(r, r.small, "", "cpu", 1.10),
     "with so few devices the program's own start counts"),
    ("cold start of {main}, noqueue", "<= 1.25 x floor",
     lambda r: cold_start(r, r.main, "-noqueue", "wall", 1.25), ""),
    ("{main} noqueue against systemd-networkd", ">= 8 x faster", against_networkd,
     "the limit was set beside version 257, which took 9.3 s where 252 takes about 2"),
    ("growth with the number of devices", "<= the floor's", growth, ""),
    ("userspace CPU time a device", "<= 20 us", user_time,
     "told by the kernel's clock ticks, so rough"),
    ("memory (RSS), {main} devices", "<= 4 MiB + 2 KiB each", memory,
     "with one device it is 3.5 MB, nearly all of it the libraries' files; a device takes about 3 kB"),
    ("pruning {main} orphans", "<= 1.5 s, Ping <= 50 ms", prune, ""),
    ("reload of {main} with nothing to do", "<= 50 ms", reload, ""),
    ("Ping during a reload of {main}", "<= 50 ms", reload_ping,
     "files are read in one go; this comes after idling, in which a machine may drop them from its page cache"),
    ("restart of {main} with kept queues", "<= 100 ms, no write", restart, ""),
    ("kernel event to signal", "p50 <= 1 ms, p99 <= 5 ms", events, ""),
    ("wake-ups while idle", "0 but the watchdog's", wake_ups, ""),
)


def judge(data):
    """A verdict for each target."""
    results, verdicts = Results(data), []
    for title, limit, figure_of, known in TARGETS:
        title = title.format(main=results.main, small=results.small)
        try:
            figure, good = figure_of(results)
            verdicts.append(Verdict(title, limit, figure, good, "" if good else known))
        except Missing as e:
            verdicts.append(Verdict(title, limit, "-", None, str(e)))
    return verdicts
