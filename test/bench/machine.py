# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machine that measurements are made on: what it is, namespaces in which they disturb nobody, and waiting until it
is quiet.

Each run has a fresh network namespace, made empty by us before it goes (the kernel would take 16 ms a device, in the
background of the next run), and starts when a probe takes its usual time again."""

import ctypes
import fcntl
import json
import mmap
import os
import pathlib
import platform
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time

PREFIX = "bench"
GROUP = 0x6E640000      # link groups nobody else uses; ours alone are in this namespace anyway
GROUP_SIZE = 30         # the kernel holds its lock while it deletes a group

MADV_POPULATE_WRITE = 23
CLONE_NEWNS = 0x00020000
CLONE_NEWNET = 0x40000000
MS_REC = 0x4000
MS_PRIVATE = 1 << 18

libc = ctypes.CDLL(None, use_errno=True)


class Failed(Exception):
    """A measurement that came to nothing; what it says goes to the user."""


def check(result):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def mount_tun_node():
    """A /dev/net/tun that others than root may open, as on any machine; where it may not be made the machine's has to
    do."""
    if subprocess.run("mount -t tmpfs none /dev/net && mknod -m 666 /dev/net/tun c 10 200", shell=True,
                      stderr=subprocess.DEVNULL, check=False).returncode != 0:
        subprocess.run(["umount", "/dev/net"], stderr=subprocess.DEVNULL, check=False)


def enter_namespaces():
    """A network of our own, with a /sys that shows it."""
    check(libc.unshare(CLONE_NEWNET | CLONE_NEWNS))
    check(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None))
    check(libc.mount(b"sysfs", b"/sys", b"sysfs", 0, None))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def prepare():
    """Whatever is measured holds a descriptor a device, and so do we for it."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    enter_namespaces()
    mount_tun_node()


def in_fresh_namespace(job):
    """Runs job(directory) in a child with namespaces of its own; its result, or its failure, comes by pipe."""
    reader, writer = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        directory = pathlib.Path(tempfile.mkdtemp(prefix="netdevd-bench."))
        try:
            directory.chmod(0o755)
            enter_namespaces()
            answer = {"result": job(directory)}
        except (Failed, OSError, subprocess.SubprocessError) as e:
            answer = {"error": str(e)}
        finally:
            shutil.rmtree(directory)
        with os.fdopen(writer, "w") as f:
            json.dump(answer, f)
        os._exit(0)

    os.close(writer)
    with os.fdopen(reader) as f:
        data = f.read()
    os.waitpid(pid, 0)
    answer = json.loads(data) if data else {"error": "the run ended without a word"}
    if "error" in answer:
        raise Failed(answer["error"])
    return answer["result"]


def tun_probe():
    """Seconds to make and drop one device: longer while the kernel still takes down a namespace."""
    start = time.monotonic()
    fd = os.open("/dev/net/tun", os.O_RDWR)
    ifreq = struct.pack("16sh22x", b"probe", 0x1001)  # IFF_TUN|IFF_NO_PI
    try:
        fcntl.ioctl(fd, 0x400454CA, ifreq)  # TUNSETIFF
    finally:
        os.close(fd)
    return time.monotonic() - start


class Quiet:
    """Waits until the last namespace is gone, told by a probe that takes no longer than it did in the beginning. A
    machine that never becomes so again is busy with something else: then it is told how often that was."""

    def __init__(self):
        self.usual = max(tun_probe() for _ in range(10))
        self.given_up = 0

    def wait(self, seconds=5):
        calm, end = 0, time.monotonic() + seconds
        while calm < 3:
            calm = calm + 1 if tun_probe() <= self.usual * 1.5 else 0
            if time.monotonic() > end:
                self.given_up += 1
                return
            time.sleep(0.01)


def meminfo(key):
    """A line of /proc/meminfo, in kB."""
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == key:
            return int(value.split()[0])
    raise Failed(f"/proc/meminfo has no {key}")


def warm_memory(megabytes):
    """Takes and gives back what the kernel is about to need. A virtual machine that hands free pages back to its host
    otherwise pays for getting them anew, ten times what clearing them costs, and at random."""
    with mmap.mmap(-1, megabytes << 20) as memory:
        memory.madvise(MADV_POPULATE_WRITE)


def verify(count, carrier=True):
    """A program that says it is ready but has not done it all is not fast."""
    for i in range(count):
        device = pathlib.Path(f"/sys/class/net/{PREFIX}{i}")
        try:
            if int((device / "flags").read_text(), 16) & 1 == 0:
                raise Failed(f"{device.name} is not up")
            if carrier and (device / "carrier").read_text() != "1\n":
                raise Failed(f"{device.name} has no carrier")
        except FileNotFoundError:
            raise Failed(f"{device.name} is not there") from None

    output = subprocess.run(["ip", "-o", "-4", "address"], check=True, stdout=subprocess.PIPE, text=True).stdout
    n = sum(f" {PREFIX}" in line for line in output.splitlines())
    if n != count:
        raise Failed(f"{n} addresses of {count} are there")


def delete_devices(count):
    """By link group, which takes 0.1 ms a device; one by one, or with the namespace, it would take 16 ms."""
    lines = []
    for first in range(0, count, GROUP_SIZE):
        group = GROUP + first
        lines += [f"link set dev {PREFIX}{i} group {group}" for i in range(first, min(first + GROUP_SIZE, count))]
        lines += [f"link delete group {group}"]
    subprocess.run(["ip", "-force", "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=False,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def first_line(argv):
    try:
        output = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
    except OSError:
        return None
    return output.splitlines()[0].strip() if output else None


def description():
    """What figures depend on. To be asked before prepare(): a network of our own does not show the default qdisc."""
    qdisc = pathlib.Path("/proc/sys/net/core/default_qdisc")
    models = [line.partition(":")[2].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
              if line.startswith(("model name", "Model"))]
    return {
        "processor": models[0] if models else platform.machine(),
        "processors": os.cpu_count(),
        "memory": f"{meminfo('MemTotal') / (1 << 20):.1f} GiB",
        "virtualization": first_line(["systemd-detect-virt"]) or "unknown",
        "kernel": f"{os.uname().sysname} {os.uname().release}",
        "default qdisc": qdisc.read_text().strip() if qdisc.exists() else "unknown",
        "systemd": first_line(["systemctl", "--version"]) or "none",
        "iproute2": first_line(["ip", "-V"]) or "none",
        "load": f"{os.getloadavg()[0]:.2f}",
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }
