#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every key that the loaders recognise: written, applied, read back from the kernel, changed, and put back.

The rows are in keys_table.py, and the checks of keys that show in the daemon's behaviour only in keys_checks.py. A key
without either fails, and so does a row or a check for no key. Makes its own network and mount namespaces; exits 77
where it may not. Arguments: keys and names of checks, to run only those."""

import os
import re
import sys
import time

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import keys_harness as harness  # noqa: E402
import keys_table as table  # noqa: E402
from keys_checks import CHECKS, run_guest_rows  # noqa: E402
from keys_harness import Files, Kernel, clean, ip, planned, run  # noqa: E402
from keys_table import ANY, IFF_NO_PI, IFF_TAP, SAME, attach  # noqa: E402


class Table:
    """All rows at once, each on its own device."""

    def __init__(self, rows):
        self.rows = rows
        self.failed = {}
        self.first = {}  # what each row showed at first, for SAME
        self.seen = {}  # and what it showed last
        self.files = Files()
        self.fds = []

    def fail(self, row, text):
        self.failed.setdefault(row, text)

    def write(self, phase):
        for row in self.rows:
            device_text, network_text = row.files(phase)
            self.files.write(f"{row.dev}.netdev", device_text)
            # These last: one that fits other devices must not come before theirs.
            self.files.write(f"{'z' if row.section == 'Match' else 'a'}-{row.dev}.network", network_text)

    def expected(self, row, phase):
        if phase == 0:
            return row.before
        if phase < 3:
            return row.values[phase][1]
        if row.why:
            return row.unlike
        return self.first[row] if row.before is SAME else row.before

    def look(self, row, kernel, phase):
        try:
            value = row.read(kernel, row)
        except Exception as e:  # pylint: disable=broad-except
            self.fail(row, f"{PHASES[phase]}: cannot be read: {type(e).__name__}: {e}")
            return
        if phase == 0:
            self.first[row] = value
        self.seen[row] = value
        expected = row.fill(self.expected(row, phase))
        if expected not in (ANY, SAME) and (str(value) if isinstance(expected, str) and isinstance(value, int) else
                                     value) != expected:
            self.fail(row, f"{PHASES[phase]}: reads {value!r}, not {expected!r}")

    def check_plan(self, ops, phase):
        """What is to change is planned before it is done; of a value, because of a line of the row's own files."""
        for row in self.rows:
            now, then = self.seen[row], row.fill(self.expected(row, phase))
            changes = then is not ANY and str(now) != str(then) and not row.says
            own = [op for op in ops if is_for(op, row) and not op["finding"]]
            if changes and not own:
                self.fail(row, f"{PHASES[phase]}: not planned")
            for op in own:
                goes = op["operation"].startswith("remove-") or op["detail"].endswith(", as it was before")
                if not (goes and op["path"] is None) and not re.search(rf"[/-]{row.dev}\.", op["path"] or ""):
                    self.fail(row, f"{PHASES[phase]}: planned, but because of {op['path']}: {op}")

    def check_messages(self, row, log, phase):
        """Nothing is said of a good value, and of one that does nothing just that."""
        said = [x for x in log.splitlines() if re.search(rf"[/-]{row.dev}\.(netdev|network):", x)]
        words = row.says if phase in (1, 2) else None
        if len(said) != bool(words) or not all(words in x for x in said):
            self.fail(row, f"{PHASES[phase]}: it should say '{words or ''}', and says {said}")

    def phase(self, phase):
        self.write(phase)
        if phase > 0:
            self.check_plan(planned(self.files)[0], phase)
        out = self.files.once()
        left = planned(self.files)[0]
        kernel = Kernel()
        for row in self.rows:
            rest = [x for x in out.stdout.splitlines() if re.search(rf"\b{row.dev}\b", x)]
            rest += [op for op in left if op["device"] == row.dev]
            if rest:
                self.fail(row, f"{PHASES[phase]}: left to do: {rest}")
            self.check_messages(row, out.stderr, phase)
            self.look(row, kernel, phase)
        assert self.failed or (out.returncode == 0 and not left), \
            f"{PHASES[phase]}: left to do: {out.stdout} {left} {out.stderr[-3000:]}"

    def prepare(self):
        for name in ("keys-br0", "keys-br1"):
            ip("link", "add", name, "type", "bridge")
            ip("link", "set", name, "up")
        self.write(0)
        self.files.once()
        for row in self.rows:
            if row.section == "Match":
                describe(row.dev)
            if row.carrier:
                self.fds.append(attach(row.dev, IFF_TAP | IFF_NO_PI))

    def run(self):
        self.prepare()
        for phase in range(4):
            start = time.monotonic()
            self.phase(phase)
            print(f"  # {len(self.rows)} rows {PHASES[phase]}: {time.monotonic() - start:.1f} s", flush=True)
        for fd in self.fds:
            os.close(fd)
        clean()


def is_for(op, row):
    """What belongs to no link goes under the name of none; the numbers and names of a row are its own."""
    words = rf"\b({row.dev}|{row.fill('{id}')})\b"
    return op["device"] == row.dev or (op["device"] == "-" and re.search(words, op["detail"]))


PHASES = ("before", "with the first value", "with the second value", "without the key again")


def describe(name):
    """What udev would say of it. /run is our own."""
    os.makedirs("/run/udev/data", exist_ok=True)
    with open(f"/sys/class/net/{name}/ifindex", encoding="ascii") as f:
        index = int(f.read())
    with open(f"/run/udev/data/n{index}", "w", encoding="ascii") as f:
        f.write(f"I:1\nE:ID_COLOUR=red\nE:ID_PATH=virtual-{name}\n")


def proves_something(row):
    """With equal expectations a key that does nothing would pass."""
    first, second = row.values[1][1], row.values[2][1]
    assert row.says or (first != row.before and first != second), f"{row}: its values do not differ"


# Whether the table is complete, and running it all.


def recognised():
    return {tuple(x.split()) for x in run(harness.PROGRAMS + "/keys").stdout.splitlines()}


def is_complete():
    """Each key that is recognised has a row or a check, and they speak of no other."""
    keys = recognised()
    assert len(keys) > 250, "the program that lists the keys lists few"
    covered = {(r.file, r.section, r.key) for r in table.ROWS + table.GUEST} | set(CHECKS)
    missing, unknown = keys - covered, covered - keys
    for key in sorted(missing):
        print(f"not ok - {' '.join(key)}: recognised, but without a row")
    for key in sorted(unknown):
        print(f"not ok - {' '.join(key)}: a row, but for no key")
    for row in table.GUEST:
        with open(f"{harness.SOURCE_ROOT}/test/vm/guest/{row.script}", encoding="utf-8") as f:
            assert re.search(rf"\b{row.key}=", f.read()), f"{row.script} does not try {row.key}="
    for row in table.ROWS:
        proves_something(row)
    return not missing and not unknown


def run_checks(wanted):
    failed = 0
    names = {}
    for key, function in CHECKS.items():
        names.setdefault(function, []).append(" ".join(key))
    for function, keys in names.items():
        if wanted and function.__name__ not in wanted:
            continue
        name = f"{function.__name__}: {', '.join(keys) if len(keys) < 10 else f'{len(keys)} keys'}"
        start = time.monotonic()
        try:
            function()
            print(f"ok - {name} ({time.monotonic() - start:.1f} s)", flush=True)
        except Exception as e:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok - {name}: {type(e).__name__}: {e}", flush=True)
            clean()
    return failed


def run_table(wanted):
    rows = [r for r in table.ROWS if (not wanted or r.key in wanted) and
            not (r.root and os.environ["NETDEVD_TEST_INSIDE"] != "root")]
    if not rows:
        return 0
    t = Table(rows)
    t.run()
    for row, text in t.failed.items():
        print(f"not ok - {row} {text}")
    print(f"{len(rows) - len(t.failed)} of {len(rows)} rows ok", flush=True)
    return len(t.failed)


def main():
    wanted = sys.argv[1:]
    failed = 0 if is_complete() else 1
    failed += run_table(wanted) + run_guest_rows(wanted) + run_checks(wanted)
    return 1 if failed else 0


if __name__ == "__main__":
    with harness.surroundings():
        status = main()
    sys.exit(status)
