#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""netdevctl exec: what the command has, and is told, and when there is none."""

import json
import os
import re
import resource
import subprocess
import sys

import queues_harness
import raw_bus
from daemon_harness import wait
from queues_harness import CONSUMER, NETDEVCTL, Program, counts, execute, leases, n_fds, ping_many, queues, running
from raw_bus import OWNER, STRANGER

# One that everybody may run: this may be one in somebody's home.
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable

SHOW = ("import os, sys, fcntl, json; print(json.dumps([os.listdir('/proc/self/fd'), {k: v for k, v in "
        "os.environ.items() if k.startswith(('LISTEN', 'WG_', 'USER', 'HOME'))}, sys.argv[1:], os.getpid(), "
        "os.getresuid(), os.getresgid(), os.getgroups(), open('/proc/self/status').read()]))")


def show(name, *args, options=(), **more):
    with execute(name, PYTHON, "-I", "-c", SHOW, *args, options=options, **more) as p:
        fds, env, argv, pid, uids, gids, groups, status = json.loads(p.end())
        # What listing the directory opens is not what we were given.
        return sorted(int(f) for f in fds)[:-1], env, argv, pid, uids, gids, groups, status


def test_exec_tells_of_the_queues():
    with running("q0"):
        fds, env, argv, pid, *_ = show("q0", "fds={fds}", "{fd0},{fd1}", "{name}", "${fd}", "{other}", queues=2)
        assert fds == [0, 1, 2, 3, 4], fds
        assert (env["LISTEN_FDS"], env["LISTEN_FDNAMES"], env["LISTEN_PID"]) == ("2", "q0:q0", str(pid))
        assert "WG_TUN_FD" not in env
        assert argv == ["fds=3:4", "3,4", "q0", "${fd}", "{other}"], argv

        fds, env, argv, *_ = show("q0", "{fd}", "{fds}")
        assert fds == [0, 1, 2, 3] and env["LISTEN_FDS"] == "1" and env["WG_TUN_FD"] == "3", (fds, env)
        assert argv == ["3", "3"]

        fds, *_ = show("q0", queues=40)
        assert fds == list(range(43)), fds
        wait("all given back", lambda: queues("q0") == (0, 1))


def test_exec_in_exec():
    """Descriptors that are there already, as of a socket unit or of another device, stay where they are."""
    with running("q0", "r0"):
        with Program(NETDEVCTL, "exec", "q0", "--queues=2", "--", NETDEVCTL, "exec", "r0", "--", PYTHON, "-I",
                     "-c", SHOW, user=OWNER) as p:
            fds, env, *_ = json.loads(p.end())
            assert sorted(int(f) for f in fds)[:-1] == [0, 1, 2, 3, 4, 5], fds
            assert env["LISTEN_FDS"] == "3" and env["LISTEN_FDNAMES"] == "q0:q0:r0", env


def test_exec_closes_the_rest():
    """Descriptors that netdevctl was started with, too."""
    with running("q0"):
        out = subprocess.run(["bash", "-c", 'exec 3</dev/null 4</dev/null 9</dev/null; exec "$@"', "-", NETDEVCTL,
                              "exec", "q0", "--", PYTHON, "-I", "-c", SHOW], capture_output=True, text=True, check=True)
        fds = sorted(int(f) for f in json.loads(out.stdout)[0])[:-1]
        assert fds == [0, 1, 2, 3], fds


def test_exec_as_user():
    """Without a capability, and with the groups of that user only."""
    with running("q0"):
        _, env, _, pid, uids, gids, groups, status = show("q0", user=0, options=[f"--user=test{OWNER}"])
        assert uids == [OWNER] * 3 and gids == [OWNER] * 3 and groups in ([], [OWNER]), (uids, gids, groups)
        for kind in ("Prm", "Eff", "Amb"):
            assert re.search(rf"^Cap{kind}:\s*0+$", status, re.M), status
        assert env["USER"] == f"test{OWNER}" and env["HOME"] == "/" and env["LISTEN_PID"] == str(pid)
        assert show("q0", user=0, options=[f"--user={OWNER}"])[4] == [OWNER] * 3


def exec_fails(status, said, *args, user=OWNER):
    out = subprocess.run([NETDEVCTL, "exec", *args], capture_output=True, text=True, user=user, group=user or None,
                         extra_groups=[], stdin=subprocess.DEVNULL, check=False)
    assert out.returncode == status and said in out.stderr, (args, out.returncode, out.stderr)


def test_exec_fails():
    with running("q0") as d:
        empty = n_fds(d)
        for n in ("0", "257", "-1", "x", "4294967297"):
            exec_fails(2, f"--queues={n}: it is a number from 1 to 256", "q0", f"--queues={n}", "--", "true")
        exec_fails(2, "'exec' needs NAME COMMAND", "q0")
        exec_fails(2, "--json= does not go with 'exec'", "q0", "--json=short", "--", "true")
        exec_fails(2, "there is no {fd1}: the last of 1 is {fd0}", "q0", "--", "echo", "{fd1}")
        exec_fails(2, "{fd} is for a single queue", "q0", "--queues=2", "--", "echo", "{fd}")
        exec_fails(1, "only root may become somebody else", "q0", "--user=root", "--", "true")
        exec_fails(1, "there is no such user", "q0", "--user=no-such-user", "--", "true", user=0)
        exec_fails(1, "No .netdev file declares a device 'nothere'", "nothere", "--", "true")
        exec_fails(1, "Only root may", "q0", "--", "true", user=STRANGER)
        exec_fails(1, "netdevctl: 240 of 256 queues were opened, and are given back", "q0", "--queues=256", "--", "true")
        wait("all given back", lambda: queues("q0") == (0, 1))
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
        exec_fails(1, "200 queues need a limit of 435 open files", "q0", "--queues=200", "--", "true")
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        exec_fails(127, "cannot run no-such-command", "q0", "--", "no-such-command")
        exec_fails(126, "cannot run /etc/passwd", "q0", "--", "/etc/passwd")
        exec_fails(7, "", "q0", "--", "sh", "-c", "exit 7")
        exec_fails(7, "", "q0", "sh", "-c", "exit 7")
        wait("no leases", lambda: leases("q0") == [])
        wait("no descriptors left behind", lambda: n_fds(d) == empty)
    exec_fails(1, "netdevd does not run", "q0", "--", "true")


def test_exec_asks_polkit():
    """For who may not attach by the kernel's rule; with a password only where there is a terminal to ask for it."""
    with running("q0"), raw_bus.Polkit(lambda flags: (flags == 1, flags == 0)) as polkit:
        exec_fails(1, "it wants a password", "q0", "--", "true", user=STRANGER)
        ours, terminal = os.openpty()
        out = subprocess.run([NETDEVCTL, "exec", "q0", "--queues=2", "--", "/bin/sh", "-c", "echo $LISTEN_FDS"],
                             stdin=terminal, capture_output=True, text=True, user=STRANGER, group=STRANGER,
                             extra_groups=[], env={**os.environ, "PATH": "/nonexistent"}, check=False)  # no agent
        os.close(ours)
        os.close(terminal)
        assert (out.returncode, out.stdout) == (0, "2\n"), out
        assert [(action, flags) for _, action, _, flags in polkit.asked] == [
            ("org.netdevd1.open-queues", 0), ("org.netdevd1.open-queues", 1)], polkit.asked


def test_exec_where_there_is_no_tun():
    """No capability, and no /dev/net/tun: the queues work all the same."""
    with running("q0"):
        inside = f"mount -t tmpfs none /dev/net && exec setpriv --reuid {OWNER} --regid {OWNER} --clear-groups " \
                 f"--inh-caps=-all --bounding-set=-all --no-new-privs {NETDEVCTL} exec q0 --queues=3 -- {CONSUMER} edge"
        with Program("unshare", "--mount", "sh", "-c", inside) as p:
            assert p.line() == "ready 3"
            assert ping_many(300) == 300
            assert p.ask("write 2") == "write 2: OK"
            assert leases("q0") == [(p.process.pid, OWNER)]
            assert counts(p.end())[0] == 300


if __name__ == "__main__":
    queues_harness.run(globals())
