#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# QDisc= and DefaultQDisc=, of multiqueue and of single-queue devices: chosen when the device is made, changed, and given
# back, which is whatever the kernel's own default is now.

# shellcheck source=test/vm/guest/lib.sh
. "$(dirname -- "$0")/lib.sh"
enter "$@"

# declare_both [LINE...]: of [Link]
declare_both() {
        declare_network tun-multi '[Link]' "$@" '[Network]' LinkLocalAddressing=no Address=10.1.0.1/24
        declare_network tap-single '[Link]' "$@" '[Network]' LinkLocalAddressing=no Address=10.2.0.1/24
}

# both WHAT MULTI SINGLE
both() {
        eventually "$1, multiqueue" "$2" qdiscs tun-multi
        eventually "$1, single queue" "$3" qdiscs tap-single
}

# The kernel gives this to links that are brought up from now on.
kernel_default() {
        echo "$1" >/proc/sys/net/core/default_qdisc
}

remove_devices() {
        ip link del tun-multi
        ip link del tap-single
}

test_kernel_default() {
        local qdisc

        declare_both
        for qdisc in fq_codel pfifo_fast fq; do
                kernel_default $qdisc
                "${NETDEVD_COMMAND[@]}" --once >"$WORK/rest" 2>"$LOG" || fail "it exits with $?: $(cat "$WORK/rest")"
                both "$qdisc by the kernel" "mq: $qdisc" $qdisc
                [[ $qdisc == fq ]] || changes_nothing "a second time" "${NETDEVD_COMMAND[@]}" --once
                remove_devices
        done
        echo "the kernel's default is left alone"
}

test_chosen() {
        local qdisc

        kernel_default fq_codel
        for qdisc in fq_codel noqueue; do
                declare_both QDisc=$qdisc
                "${NETDEVD_COMMAND[@]}" --once >"$WORK/rest" 2>"$LOG" || fail "it exits with $?: $(cat "$WORK/rest")"
                both "QDisc=$qdisc, new" $qdisc $qdisc
                [[ $qdisc != noqueue ]] || changes_nothing "a second time" "${NETDEVD_COMMAND[@]}" --once
                remove_devices
        done
        echo "chosen for new devices"
}

test_changed() {
        local qdisc

        declare_both
        start_daemon 10
        both "before" "mq: fq_codel" fq_codel
        for qdisc in cake fq fq_codel noqueue sfq; do
                declare_both QDisc=$qdisc
                reload
                both "QDisc=$qdisc, changed" $qdisc $qdisc
        done
        reload_is_quiet
        declare_both
        reload
        both "given back" "mq: fq_codel" fq_codel
        reload_is_quiet

        # Each one given back at once, and by a netdevd that was not there when it was chosen.
        for qdisc in fq_codel noqueue; do
                declare_both QDisc=$qdisc
                reload
                both "QDisc=$qdisc" $qdisc $qdisc
                declare_both QDisc=kernel
                reload
                both "QDisc=kernel after $qdisc" "mq: fq_codel" fq_codel
        done
        declare_both QDisc=cake
        reload
        both "QDisc=cake" cake cake
        stop_daemon
        declare_both
        start_daemon 10
        both "given back by the next netdevd" "mq: fq_codel" fq_codel
        echo "changed, and given back"
}

test_default() {
        declare_settings DefaultQDisc=fq
        declare_network tap-single '[Link]' QDisc=sfq '[Network]' LinkLocalAddressing=no Address=10.2.0.1/24
        reload
        both "DefaultQDisc=fq" fq sfq
        declare_network tap-single '[Link]' QDisc=kernel '[Network]' LinkLocalAddressing=no Address=10.2.0.1/24
        reload
        both "DefaultQDisc=fq and QDisc=kernel" fq fq_codel
        declare_network tap-single '[Network]' LinkLocalAddressing=no Address=10.2.0.1/24
        declare_settings DefaultQDisc=noqueue
        reload
        both "DefaultQDisc=noqueue" noqueue noqueue
        reload_is_quiet
        rm "$SETTINGS"
        reload
        both "no more DefaultQDisc=" "mq: fq_codel" fq_codel
        stop_daemon
        echo "the default is for those that do not choose"
}

# What a choice saves is why there is the key.
measure() {
        local qdisc before i
        local -A taken

        kernel_default fq_codel
        for qdisc in mq fq_codel; do
                sync
                before=$(awk '/^MemFree/ { print $2 }' /proc/meminfo)
                for i in 1 2 3 4 5; do
                        ip tuntap add "meter$i" mode tun multi_queue
                        [[ $qdisc == mq ]] || tc qdisc replace dev "meter$i" root $qdisc
                        ip link set "meter$i" up
                done
                taken[$qdisc]=$(((before - $(awk '/^MemFree/ { print $2 }' /proc/meminfo)) / 5))
                echo "a multiqueue device with $qdisc as root takes ${taken[$qdisc]} kB"
                for i in 1 2 3 4 5; do
                        ip link del "meter$i"
                done
        done
        [[ $((3 * taken[fq_codel])) -lt ${taken[mq]} ]] || fail "one queueing discipline takes as much as 256"
}

declare_device tun-multi tun MultiQueue=yes
declare_device tap-single tap
measure
test_kernel_default
test_chosen
test_changed
test_default
