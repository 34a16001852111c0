# SPDX-License-Identifier: LGPL-2.1-or-later
"""What was measured, for people: tables on the terminal, and docs/benchmarks.md. The JSON file has all of it."""

import statistics

from contestants import CONTESTANTS

LEAST_FOR_MEMORY = 100  # below, what else happens on the machine is more than the devices'

HEADINGS = ("", "runs", "ms (min .. max)", "x floor", "user ms", "system ms", "peak RSS kB", "kernel kB a device",
            "messages", "ioctls", "switches")

INTRODUCTION = """# Benchmarks

Written by `tools/bench --write`; `tools/bench` gives these figures of your machine. {mode}

{machine}
{notes}
## How it is measured

Everybody makes the same devices: persistent multi-queue tun devices of user and group 1000, up, with one IPv4 address,
and a queue held open for the carrier (which `ip` cannot). *netdevd* and *systemd-networkd* do it from the same files,
both without a bus; but for systemd-networkd they also say `IPv6AcceptRA=no`, as it waits twelve seconds for routers
otherwise. The *floor* is a program that makes the fewest system calls that give these devices, reads no file and checks
nothing: what netdevd takes beyond it is netdevd's own cost. Its second row is the very same program again: how far the
two differ is this machine's noise, and no ratio is better known than that. *noqueue* is with `QDisc=noqueue`, so that
the kernel does not make 256 queueing disciplines for each device; systemd-networkd has no such key.

Each run is in a network namespace of its own, after the one before is really gone. A round has each contestant once,
each round begins with another one, and what is shown are medians over the rounds. Time is from exec to when all is
configured by the program's own word: READY=1, networkd's state "configured" of all links, and for `ip` the last
address. CPU time and context switches are the program's own up to then; user and system time are means, as the kernel
tells one from the other by its clock ticks only. Memory of the kernel is what the machine has less than before, without
the program's own; below {least} devices that is noise and left out. Messages (rtnetlink requests) and ioctls are
counted in a run under strace that is not timed.
"""


def median(runs, what):
    return statistics.median(run[what] for run in runs)


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} .. {max(values):.{digits}f})"


def milliseconds(value):
    return f"{value:.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def row(contestant, count, results):
    entry = results[contestant.key]
    runs, counts = entry["runs"], entry.get("counts", {})
    walls = [run["wall"] for run in runs]
    floor = results["floor-noqueue" if contestant.noqueue else "floor"]["runs"]
    return (
        contestant.title,
        str(len(runs)),
        " ".join((milliseconds(statistics.median(walls)),
                  f"({milliseconds(min(walls))} .. {milliseconds(max(walls))})")),
        f"{statistics.median(walls) / median(floor, 'wall'):.2f}" if floor else "-",
        milliseconds(statistics.mean(run["user"] for run in runs)),
        milliseconds(statistics.mean(run["system"] for run in runs)),
        f"{median(runs, 'peak'):.0f}",
        f"{median(runs, 'kernel'):.0f}" if count >= LEAST_FOR_MEMORY else "-",
        str(counts.get("messages", "-")),
        str(counts.get("ioctls", "-")),
        f"{median(runs, 'switches'):.0f}",
    )


def rows(count, results):
    return [row(c, count, results) for c in CONTESTANTS if results.get(c.key, {}).get("runs")]


def lines(table):
    """Aligned: the first column to the left, the others to the right."""
    widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
    for line in table:
        first, *rest = (cell.rjust(width) if i else cell.ljust(width)
                        for i, (cell, width) in enumerate(zip(line, widths)))
        yield "  " + "  ".join([first, *rest])


def print_size(count, results):
    print(f"\n{count} device{'s' * (int(count) > 1)}")
    for line in lines([HEADINGS, *rows(int(count), results)]):
        print(line)


def print_verdicts(verdicts):
    print("\nTargets")
    width = max(len(v.title) for v in verdicts)
    for v in verdicts:
        print(f"  {v.word:<12}  {v.title:<{width}}  {v.limit:<24}  {v.figure}" + f"  [{v.remark}]" * bool(v.remark))
    words = [v.word for v in verdicts]
    print(f"{words.count('pass')} pass, {words.count('miss')} miss, {words.count('not measured')} not measured",
          flush=True)


def markdown_table(table):
    yield "| " + " | ".join(table[0]) + " |"
    yield "| --- |" + " ---: |" * (len(table[0]) - 1)
    for line in table[1:]:
        yield "| " + " | ".join(line) + " |"


def markdown(data, verdicts, plot):
    machine = ", ".join(f"{key} {value}" for key, value in data["machine"].items()) + "."
    notes = "".join(f"\n- {note}" for note in data["notes"]) + "\n" * bool(data["notes"])
    out = [INTRODUCTION.format(mode=data["mode"], machine=machine[0].upper() + machine[1:], notes=notes,
                               least=LEAST_FOR_MEMORY)]
    out += [f"![Time against devices]({plot})", ""] if plot else []
    out += ["## Targets", "", "Ratios are of medians of this one run.", ""]
    out += markdown_table([("target", "wanted", "measured", ""),
                           *((v.title, v.limit, v.figure + f" ({v.remark})" * bool(v.remark), v.word)
                             for v in verdicts)])
    for count in sorted(data["sizes"], key=int):
        out += ["", f"## {count} device{'s' * (int(count) > 1)}", ""]
        out += markdown_table([HEADINGS, *rows(int(count), data["sizes"][count])])
    return "\n".join(out) + "\n"
