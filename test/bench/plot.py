# SPDX-License-Identifier: LGPL-2.1-or-later
"""The plot: time against number of devices, a line for each contestant, by gnuplot."""

import shutil
import statistics
import subprocess

from contestants import CONTESTANTS

HEAD = """set terminal svg size 800,500 font 'sans-serif,13' background '#ffffff'
set output '{output}'
set logscale xy
set xlabel 'devices'
set ylabel 'time until all are configured, s'
set format y '%g'
set grid
set key left top
set title '{title}'
set style data yerrorlines
"""
LINE = "'-' using 1:2:3:4 title '{}' linewidth 2 linecolor {} dashtype {} pointtype {}"
COLOURS = {"netdevd": 1, "floor": 2, "ip": 3, "networkd": 4}


def line_of(contestant, data):
    """Devices, median, least and most, in seconds."""
    lines = []
    for count in sorted(data["sizes"], key=int):
        walls = [run["wall"] / 1e3 for run in data["sizes"][count].get(contestant.key, {}).get("runs", ())]
        if walls:
            lines.append(f"{count} {statistics.median(walls):.6f} {min(walls):.6f} {max(walls):.6f}")
    return lines


def script(data, output):
    machine = data["machine"]
    lines = [(c, line_of(c, data)) for c in CONTESTANTS if not c.again]
    lines = [(c, points) for c, points in lines if points]
    styles = [LINE.format(c.title, COLOURS[c.key.partition("-")[0]], 2 if c.noqueue else 1, 6 if c.noqueue else 7)
              for c, _ in lines]
    title = f"{machine['kernel']}, {machine['processors']} processors, default qdisc {machine['default qdisc']}"
    head = HEAD.format(output=output, title=title.replace("_", "\\_").replace("'", ""))
    return head + "plot " + ", \\\n ".join(styles) + "\n" + "".join("\n".join(p) + "\ne\n" for _, p in lines)


def is_possible():
    return shutil.which("gnuplot") is not None


def draw(data, output):
    subprocess.run(["gnuplot"], input=script(data, output), text=True, check=True)
