# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the scripts here share. A script sources this file and calls `enter "$@"`: it is then run again in
# network and mount namespaces of its own, with a /dev/net/tun of its own (mode 0666; the machine's is
# hidden, never touched) and a /sys that shows its own devices. All of that is gone with the script, which
# ends what it started.
#
# $NETDEVD: the daemon. $PROGRAMS: the directory of the programs of test/programs. $SOURCE_ROOT: the source
# tree.

set -eu -o pipefail

export LC_ALL=C
WORK= # a directory of the script's own, which anybody may read; the files for netdevd are in $WORK/config
NETDEVD_COMMAND=() # the daemon with these files
DAEMON= # process id
PATIENCE=${NETDEVD_TEST_PATIENCE:-1} # how many times longer to wait
PROCESSES=() # further process ids to end

skip() {
        echo "Skipped: $*"
        exit 77
}

fail() {
        echo "FAILED: $*" >&2
        if [[ -s ${LOG:-} ]]; then
                echo "--- the daemon's last words" >&2
                grep -v '^debug' "$LOG" | tail -n 20 >&2 || true
        fi
        exit 1
}

# is WHAT EXPECTED ACTUAL
is() {
        [[ $3 == "$2" ]] || fail "$1: is '$3', not '$2'"
}

# has WHAT FILE TEXT: some line of the file has the text.
has() {
        grep -qF -e "$3" "$2" || {
                cat "$2" >&2
                fail "$1: nothing says '$3'"
        }
}

cleanup() {
        local pid

        {
                for pid in $DAEMON "${PROCESSES[@]}"; do
                        kill -KILL "$pid" || true
                done
                wait
        } 2>/dev/null
        [[ -z $WORK ]] || rm -rf "$WORK"
}

# As root of a user namespace of its own, where root of this one may not.
unshare_and_run() {
        local unshare=(unshare --net --mount --propagation private)

        if "${unshare[@]}" true 2>/dev/null; then
                exec env IN_NAMESPACES=root "${unshare[@]}" bash "$@"
        fi
        unshare+=(--user --map-root-user)
        "${unshare[@]}" true 2>/dev/null || skip "no namespace may be made here"
        exec env IN_NAMESPACES=user "${unshare[@]}" bash "$@"
}

# A node of our own may be made by real root only; else the machine's has to do.
make_tun_node() {
        mount -t tmpfs -o mode=755 tmpfs /dev/net 2>/dev/null || return 0
        mknod -m 0666 /dev/net/tun c 10 200 2>/dev/null || umount /dev/net
}

# `as UID GID COMMAND...` runs it without any privilege, and only with this group. A program and no function,
# so that in the background the process is the command and no shell before it.
make_as() {
        cat <<'END'
#!/bin/sh
uid=$1 gid=$2
shift 2
exec setpriv --reuid "$uid" --regid "$gid" --clear-groups --inh-caps=-all -- "$@"
END
}

enter() {
        local program

        : "${NETDEVD:?}" "${PROGRAMS:?}" "${SOURCE_ROOT:?}"
        [[ -n ${IN_NAMESPACES:-} ]] || unshare_and_run "$0" "$@"

        make_tun_node
        (exec 3<>/dev/net/tun) 2>/dev/null || skip "/dev/net/tun cannot be opened"
        mount -t sysfs sysfs /sys || skip "no /sys of its own"
        ip link set lo up

        WORK=$(mktemp -d)
        trap cleanup EXIT
        trap 'exit 1' INT TERM
        LOG=$WORK/log
        NETDEVD_COMMAND=("$NETDEVD" --config-dir="$WORK/config" --state-dir="$WORK/state" --no-bus)
        mkdir "$WORK/config" "$WORK/programs"
        chmod -R a+rx "$WORK"

        # Other users may not reach the build directory.
        for program in app holder naive pinger squatter traits; do
                cp "$PROGRAMS/$program" "$WORK/programs/"
        done
        make_as >"$WORK/programs/as"
        chmod a+rx "$WORK/programs/as"
        PATH=$WORK/programs:$PATH
}

# Where the script plays other users.
need_root() {
        [[ $IN_NAMESPACES == root ]] || skip "needs root, which can play other users"
}

# need PROGRAM...
need() {
        local program

        for program; do
                [[ -n $(type -P "$program") ]] || skip "$program is not there"
        done
}

# left_out FUNCTION: whether this part of the script is not for valgrind, and prints why.
left_out() {
        [[ -n ${NETDEVD_TEST_VALGRIND:-} ]] && grep "^$(basename "$0" .sh)/$1 " "$NETDEVD_TEST_VALGRIND"
}

# now: milliseconds.
now() {
        local t=$EPOCHREALTIME

        echo $((${t/./} / 1000))
}

# until_true SECONDS COMMAND...
until_true() {
        local end=$(($(now) + $1 * 1000 * PATIENCE))

        shift
        until "$@"; do
                [[ $(now) -lt $end ]] || return 1
                sleep 0.02
        done
}

# start_daemon SECONDS [COMMAND...]: in the background, run by COMMAND; back when it has done what it can,
# which may take so long. Its log is $LOG, its process $DAEMON.
start_daemon() {
        local seconds=$1

        shift
        : >"$LOG"
        "$@" "${NETDEVD_COMMAND[@]}" --log-level=debug 2>"$LOG" &
        DAEMON=$!
        until_true "$seconds" is_ready || fail "netdevd is not ready after $seconds s"
}

is_ready() {
        kill -0 "$DAEMON" 2>/dev/null || fail "netdevd has ended"
        grep -q '^debug: Ready' "$LOG"
}

stop_daemon() {
        kill -TERM "$DAEMON"
        wait "$DAEMON" || fail "netdevd exited with $?"
        DAEMON=
}

# start COMMAND...: in the background, back when it has said its first line. Its output is $OUTPUT, its
# process $!.
start() {
        OUTPUT=$WORK/output.${1##*/}
        : >"$OUTPUT"
        "$@" >"$OUTPUT" 2>&1 &
        PROCESSES+=($!)
        until_true 10 test -s "$OUTPUT" || fail "$* says nothing"
}

# end SIGNAL PID
end() {
        local i

        {
                kill "-$1" "$2"
                wait "$2" || true
        } 2>/dev/null # bash has words of its own for a killed process
        for i in "${!PROCESSES[@]}"; do
                [[ ${PROCESSES[i]} != "$2" ]] || unset "PROCESSES[$i]"
        done
}

# link NAME: what the kernel says of it, one line.
link() {
        ip -d -o link show dev "$1"
}

# carrier NAME and carrier_changes NAME
carrier() {
        cat "/sys/class/net/$1/carrier"
}

carrier_changes() {
        cat "/sys/class/net/$1/carrier_changes"
}
