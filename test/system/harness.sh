# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# For tests that need a whole system: a real systemd with D-Bus, polkit and journal, booted in seconds over a throw-away
# copy of this machine's root file system, with nothing of this machine's network, devices or cgroups in reach.
#
#     . "$(dirname "$0")/harness.sh"
#     prepare() { DESTDIR="$ROOT" meson install -C "$BUILD_DIR" --no-rebuild; }
#     sys_boot prepare                 # the function sees $ROOT, before the boot
#     sys_wait_running
#     ok "the bus is there" sys_run busctl list
#     sys_stop                         # or leave it to the end of the script
#
# A test prints TAP lines through ok, is and done_testing. It exits with 77 where it may not run. To source this file
# starts the script over in a private mount namespace: no mount of the test is ever seen outside, nor outlives it.

SYS_HERE="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)"
SYS_TESTS=0
SYS_FAILED=0

sys_skip() {
        echo "1..0 # SKIP $*"
        exit 77
}

if [[ -z ${SYS_IN_NAMESPACE:-} ]]; then
        [[ $EUID -eq 0 ]] || sys_skip "needs root"
        unshare --pid --mount --net --cgroup --uts --ipc --fork true 2>/dev/null ||
                sys_skip "not allowed to make namespaces"
        [[ -x /lib/systemd/systemd ]] || sys_skip "no systemd to boot"
        SYS_IN_NAMESPACE=1 exec unshare --mount --propagation private -- "${BASH:-bash}" "$0" "$@"
fi
unset SYS_IN_NAMESPACE

# Of no use here, or at odds with a machine that has no disk, no clock and no network of its own.
SYS_MASK=(
        apt-daily-upgrade.timer
        apt-daily.timer
        console-getty.service
        fstrim.timer
        getty@tty1.service
        networkd-dispatcher.service
        serial-getty@.service
        ssh.service
        sys-fs-fuse-connections.mount
        sys-kernel-config.mount
        sys-kernel-debug.mount
        sys-kernel-tracing.mount
        systemd-binfmt.service
        systemd-boot-update.service
        systemd-firstboot.service
        systemd-homed.service
        systemd-hwdb-update.service
        systemd-logind.service
        systemd-machine-id-commit.service
        systemd-modules-load.service
        systemd-networkd.service
        systemd-networkd.socket
        systemd-pcrphase.service
        systemd-pcrphase-sysinit.service
        systemd-pstore.service
        systemd-random-seed.service
        systemd-resolved.service
        systemd-sysctl.service
        systemd-timesyncd.service
        systemd-tmpfiles-clean.timer
        systemd-udevd.service
        systemd-update-utmp.service
        systemd-update-utmp-runlevel.service
)

trap sys_stop EXIT

# What is enabled on this machine is its own business: the booted system starts what its distribution always starts,
# and what the test installs.
sys_root_neutralise() {
        local unit etc="$ROOT/etc/systemd/system"

        rm -rf "$etc"/*.wants "$etc"/*.requires "$ROOT/etc/fstab" "$ROOT/var/log/journal"
        mkdir -p "$etc" "$ROOT/etc/systemd/journald.conf.d"
        ln -sfn /lib/systemd/system/multi-user.target "$etc/default.target"
        for unit in "${SYS_MASK[@]}"; do
                ln -sfn /dev/null "$etc/$unit"
        done
        echo netdevd-test >"$ROOT/etc/hostname"
        # A test logs a lot in a short time, and must find it again.
        printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nForwardToConsole=no\n' \
                >"$ROOT/etc/systemd/journald.conf.d/test.conf"
}

# sys_boot [FUNCTION]: a fresh root, FUNCTION to prepare it, boot. Returns when PID 1 is there; see sys_wait_running.
sys_boot() {
        sys_stop

        SYS_DIR="$(mktemp -d "${TMPDIR:-/tmp}/netdevd-system.XXXXXX")"
        mount -t tmpfs -o mode=755 tmpfs "$SYS_DIR"
        mkdir "$SYS_DIR/upper" "$SYS_DIR/work" "$SYS_DIR/root"
        ROOT="$SYS_DIR/root"
        mount -t overlay -o "lowerdir=/,upperdir=$SYS_DIR/upper,workdir=$SYS_DIR/work" overlay "$ROOT"
        sys_root_neutralise

        if [[ $# -gt 0 ]] && ! "$@" >"$SYS_DIR/prepare.log" 2>&1; then
                sys_comment "$* failed: $(cat "$SYS_DIR/prepare.log")"
                return 1
        fi

        # boot cleans up behind itself when it is told to end, and the death of this script, however it comes, tells it.
        setpriv --pdeathsig TERM "$SYS_HERE/boot" "$SYS_DIR" &
        SYS_BOOT_PID=$!
        for _ in {1..500}; do
                [[ ! -s $SYS_DIR/pid ]] || break
                sleep 0.01
        done
        SYS_PID="$(cat "$SYS_DIR/pid")"
}

# sys_need_build: that $BUILD_DIR can be installed from, with the prefix /usr: the bus reads policies nowhere else.
sys_need_build() {
        local prefix

        [[ -n ${BUILD_DIR:-} ]] || sys_skip "BUILD_DIR is not set"
        [[ -x $BUILD_DIR/src/netdevd/netdevd ]] || sys_skip "$BUILD_DIR has no netdevd"
        prefix="$(python3 -c '
import json, sys
print(*(o["value"] for o in json.load(sys.stdin) if o["name"] == "prefix"))' \
                <"$BUILD_DIR/meson-info/intro-buildoptions.json")"
        [[ $prefix == /usr ]] ||
                sys_skip "$BUILD_DIR has the prefix $prefix, and the bus reads policies below /usr only"
}

# sys_run CMD...: runs it in the booted system, as root, in an environment like the initial one; a minute at most.
sys_run() {
        timeout --kill-after=5 60 nsenter -t "$SYS_PID" -m -u -i -n -p -C -- \
                env -i HOME=/root LANG=C.UTF-8 SYSTEMD_PAGER= SYSTEMD_COLORS=0 \
                PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# The system is up when its bus answers and no job is left. "degraded" names the culprits and fails.
sys_wait_running() {
        local state=''

        for _ in {1..300}; do
                state="$(sys_run systemctl is-system-running 2>/dev/null)" || :
                [[ $state != running && $state != degraded ]] || break
                sleep 0.1
        done
        [[ $state == running ]] && return 0

        echo "# the system is \"$state\"" >&2
        sys_run systemctl --no-legend --plain --failed list-units >&2 || :
        sys_run systemctl --no-legend list-jobs >&2 || :
        return 1
}

# Harmless when nothing runs; the end of the script does it anyway.
sys_stop() {
        local status=$?

        if [[ -n ${SYS_BOOT_PID:-} ]]; then
                kill "$SYS_BOOT_PID" 2>/dev/null || :
                wait "$SYS_BOOT_PID" 2>/dev/null || :
        elif [[ -n ${SYS_DIR:-} ]]; then # the function that prepares it failed
                umount -l -R "$SYS_DIR"
                rmdir "$SYS_DIR"
        fi

        unset SYS_BOOT_PID SYS_PID SYS_DIR
        return "$status"
}

sys_comment() {
        local text="$*"

        echo "#   ${text//$'\n'/$'\n'#   }"
}

# ok DESCRIPTION CMD...: the command's success is the test; its output is shown when it fails.
ok() {
        local description="$1" output
        shift

        SYS_TESTS=$((SYS_TESTS + 1))
        if output="$("$@" 2>&1)"; then
                echo "ok $SYS_TESTS - $description"
        else
                SYS_FAILED=$((SYS_FAILED + 1))
                echo "not ok $SYS_TESTS - $description"
                sys_comment "$* failed: $output"
        fi
}

# is DESCRIPTION EXPECTED CMD...: the command's output is exactly this.
is() {
        local description="$1" expected="$2" output
        shift 2

        SYS_TESTS=$((SYS_TESTS + 1))
        output="$("$@" 2>&1)" || :
        if [[ $output == "$expected" ]]; then
                echo "ok $SYS_TESTS - $description"
        else
                SYS_FAILED=$((SYS_FAILED + 1))
                echo "not ok $SYS_TESTS - $description"
                sys_comment "expected: $expected"$'\n'"got: $output"
        fi
}

# eventually CMD...: tries for ten seconds.
eventually() {
        for _ in {1..100}; do
                ! "$@" >/dev/null 2>&1 || return 0
                sleep 0.1
        done
        "$@"
}

# silent CMD...: it succeeds and says nothing.
silent() {
        local output

        output="$("$@" 2>&1)" && [[ -z $output ]] && return 0
        echo "$output"
        return 1
}

# unit_property PROPERTY [UNIT]
unit_property() {
        sys_run systemctl show --value -p "$1" "${2:-netdevd.service}"
}

# journal ARGUMENT...: the messages alone.
journal() {
        sys_run journalctl --sync
        sys_run journalctl -q -b -o cat "$@"
}

# journal_says TEXT [UNIT]
journal_says() {
        journal -u "${2:-netdevd.service}" | grep -F -e "$1"
}

done_testing() {
        echo "1..$SYS_TESTS"
        [[ $SYS_FAILED -eq 0 ]]
}
