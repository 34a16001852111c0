#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Hostile neighbours of the installed unit, in its sandbox: another user's loop (squatter.c) attaches to multiqueue
# devices while they are made, as it guesses their names, or hears of them on rtnetlink or by kobject uevents. In the
# end all devices are there as declared, with no queue but netdevd's and nothing left of who tampered and went, and the
# journal tells of it. Against naive.c, which creates and then owns, the same loops win: the control. Boots a real
# systemd (harness.sh).
#
# $BUILD_DIR: as for test-boot.sh.

set -u
# shellcheck source=test/system/harness.sh
. "$(dirname -- "$0")/harness.sh"

sys_need_build

UNIT=netdevd.service
FILES=/etc/netdevd/network # in the booted system
LIB=/usr/local/lib/netdevd-test
OWNER=netdevd-consumer
COUNT=300
ROUNDS_MAX=20 # a loop that gets little of a busy processor may win nothing, and the weakest wins one of 300
MESSAGE_SQUATTER=c39ba7fe327e4562baa8b7e75fd90fd6

prepare() {
        DESTDIR="$ROOT" meson install -C "$BUILD_DIR" --no-rebuild || return 1
        mkdir -p "$ROOT$FILES" "$ROOT$LIB" "$ROOT/etc/sysusers.d"
        echo "u $OWNER - -" >"$ROOT/etc/sysusers.d/netdevd-test.conf"
        systemd-sysusers --root="$ROOT" || return 1
        cp "$BUILD_DIR"/test/programs/{naive,squatter,traits} "$ROOT$LIB/" || return 1
        systemctl --root="$ROOT" enable "$UNIT"
}

declare_all() {
        local i

        for ((i = 0; i < COUNT; i++)); do
                printf '%s\n' '[NetDev]' "Name=sq$i" Kind=tun '[Tun]' MultiQueue=yes KeepCarrier=yes "User=$OWNER" \
                        >"$ROOT$FILES/sq$i.netdev"
        done
        # Up, or nobody sees the carrier; without the queues that the kernel would make, which are large.
        printf '[Match]\nName=sq*\n[Link]\nQDisc=noqueue\n' >"$ROOT$FILES/sq.network"
}

# The kernel deletes a group of links at once, and one after the other slowly.
delete_all() {
        # shellcheck disable=SC2016
        sys_run sh -c 'for i in $(seq 0 $(($1 - 1))); do echo "link set sq$i group 77"; done | ip -force -batch - &&
                ip link delete group 77' sh "$COUNT" >/dev/null 2>&1
}

# start_squatter OPTION...: until stop_squatter, which sets $attached, the number of queues it got.
start_squatter() {
        sys_run nice -n -20 setpriv --reuid=nobody --regid=nogroup --clear-groups \
                timeout 50 "$LIB/squatter" sq "$COUNT" "$@" >"$SYS_DIR/squatted" &
        squatter=$!
        eventually sys_run pgrep -x squatter >/dev/null
}

stop_squatter() {
        sys_run pkill -TERM -x squatter
        wait "$squatter"
        attached="$(sed -n 's/^attached //p' "$SYS_DIR/squatted")"
}

# How many queues the loop has of naive.c's devices, or, with --tamper, how many devices it changed for good.
control() {
        local lost

        start_squatter "$@"
        lost="$(sys_run "$LIB/naive" sq "$COUNT" 60001 | sed -n 's/^squatted \([0-9]*\) of .*/\1/p')"
        stop_squatter
        [[ $* != *--tamper* ]] || lost="$(sys_run "$LIB/traits" sq "$COUNT" | grep -cvF " $(untouched) ")"
        delete_all
        echo "${lost:-0}"
}

untouched() {
        echo "type 65534 header 10 le 0 offloads 0 0"
}

times_reported() {
        journal -u "$UNIT" MESSAGE_ID="$MESSAGE_SQUATTER" | wc -l
}

links() {
        sys_run ip -d -o link show type tun | grep -F ': sq'
}

count_as_declared() {
        links | grep -cF " multi_queue numqueues 0 numdisabled 1 persist on user $OWNER "
}

count_configured() {
        sys_run busctl call org.netdevd1 /org/netdevd1 org.netdevd1.Manager ListDevices | grep -o '"configured"' | wc -l
}

# What rtnetlink does not tell.
traits() {
        sys_run "$LIB/traits" sq "$COUNT" | sort | uniq -c | xargs
}

# The daemon's turn: $attached and $reported of it. One process that is started makes all of them.
round() {
        local before

        before="$(times_reported)"
        start_squatter "$@"
        ok "$COUNT devices are made beside 'squatter $*'" sys_run systemctl start "$UNIT"
        stop_squatter
        reported=$(($(times_reported) - before))
        is "all are there, as declared, with no foreign queue" "$COUNT" count_as_declared
        is "and so says the bus" "$COUNT" count_configured
        is "nothing is left of who came and went" "$COUNT $(untouched) carrier 1" traits
        ok "it is stopped" sys_run systemctl stop "$UNIT" # its files are not for naive.c
        delete_all
}

# situation OPTION...: a loop of this kind, first against the plain way, then against netdevd.
situation() {
        local lost=0 i

        for ((i = 0; i < ROUNDS_MAX && lost == 0; i++)); do
                lost="$(control "$@")"
        done
        ok "naive.c loses to 'squatter $*'" test "$lost" -gt 0

        attached=0
        for ((i = 0; i < ROUNDS_MAX && attached == 0; i++)); do
                round "$@"
        done
        ok "netdevd had it to do with that, too" test "$attached" -gt 0
        ok "and told so" test "$reported" -gt 0
        ok "but not of more than there was" test "$reported" -le "$attached"
        sys_comment "'squatter $*': $lost of $COUNT devices of naive.c, $attached queues of netdevd's for a moment," \
                "told $reported times"
}

nursed() {
        sys_run systemctl list-units --no-legend --plain 'netdevd-nursery@*'
}

# Where nobody but root may attach to a device without an owner, nobody is ever found on a new one, and netdevd makes
# them in one go: the way of the first attempt is the short one.
test_kernel_without_window() {
        sys_comment "this kernel has no window for squatters"
        round --uevent --hold
        is "they got nothing" "0 0" echo "$attached $reported"
        ok "no private namespace was made" never_nursed
}

never_nursed() {
        ! journal_says "netdevd-nursery@" init.scope
}

test_window() {
        situation --hold
        situation --rtnl --hold
        situation --uevent --hold
        situation --uevent --tamper
        ok "private namespaces were made for it" journal_says "netdevd-nursery@" init.scope
        is "and are gone again" "" eventually silent nursed
}

has_window() {
        local i

        for ((i = 0; i < ROUNDS_MAX; i++)); do
                [[ $(control --uevent --hold) -eq 0 ]] || return 0
        done
        return 1
}

sys_boot prepare || {
        echo "Bail out! the system could not be prepared"
        exit 1
}
ok "the system comes up, with nothing failed" sys_wait_running
sys_run systemctl stop "$UNIT"
declare_all
if has_window; then
        test_window
else
        test_kernel_without_window
fi
is "nothing failed" "" sys_run systemctl --no-legend --plain --failed list-units
done_testing || {
        sys_run journalctl -q -b -u "$UNIT" --no-hostname | grep -v ": Configured$" | tail -n 60 | sed 's/^/# /'
        exit 1
}
