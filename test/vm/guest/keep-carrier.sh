#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What netdevd has of its own, on this second kernel: the queue that keeps the carrier is held and detached, the owner
# and the group get in and nobody else, and who waits for a new device with a queue of his own gets none.

# shellcheck source=test/vm/guest/lib.sh
. "$(dirname -- "$0")/lib.sh"
enter "$@"

NOBODY=65534 NETDEV=60002 OTHER=60001

test_held() {
        local index

        declare_device tun-keep tun MultiQueue=yes KeepCarrier=yes User=nobody Group=netdev
        declare_network tun-keep '[Network]' LinkLocalAddressing=no Address=172.31.0.1/24
        start_daemon 10
        is "attached queues" 0 "$(field tun-keep numqueues)"
        is "detached queues" 1 "$(field tun-keep numdisabled)"
        is "persistence" true "$(field tun-keep persist)"
        is "owner" nobody "$(field tun-keep user)"
        # "group" is also what the link itself is in; ip prints that first.
        [[ $(link tun-keep) == *" user nobody group netdev "* ]] || fail "$(link tun-keep)"
        is "carrier" 1 "$(carrier tun-keep)"
        is "addresses" 172.31.0.1/24 "$(addresses tun-keep)"

        if as $OTHER $OTHER app tun-keep 1 >"$WORK/refused"; then
                fail "another user gets a queue"
        fi
        has "another user" "$WORK/refused" "TUNSETIFF: EPERM"
        start as $NOBODY $NETDEV app tun-keep 2
        is "attached queues, with a program" 2 "$(field tun-keep numqueues)"
        is "detached queues, with a program" 1 "$(field tun-keep numdisabled)"
        is "answered" "received 50 of 50" "$(pinger 172.31.0.2 50)"
        end KILL $!
        is "carrier after the program" 1 "$(carrier tun-keep)"
        is "changes of the carrier" "$1" "$(carrier_changes tun-keep)"

        index=$(field tun-keep ifindex)
        stop_daemon
        eventually "carrier without netdevd" 0 carrier tun-keep
        start_daemon 10
        is "carrier with the next netdevd" 1 "$(carrier tun-keep)"
        is "ifindex with the next netdevd" "$index" "$(field tun-keep ifindex)"
        is "detached queues with the next netdevd" 1 "$(field tun-keep numdisabled)"
        reload_is_quiet
        stop_daemon
}

# In test/kernel/test-squatters.sh this is done at length, and with the control.
test_squatters() {
        local squatter i count=10 good

        rm -f "$WORK/config"/*
        for ((i = 0; i < count; i++)); do
                declare_device "squat$i" tun MultiQueue=yes
        done
        as $OTHER $OTHER squatter squat $count --hold >"$WORK/squatter" &
        squatter=$!
        PROCESSES+=("$squatter")
        sleep 0.2
        "${NETDEVD_COMMAND[@]}" --once >"$WORK/rest" 2>"$LOG" || fail "it exits with $?: $(cat "$WORK/rest")"
        good=$(ip -d -o link show | grep -cE ': squat[0-9]+: .* numqueues 0 numdisabled 0 persist on user root ')
        is "devices without a foreign queue" $count "$good"
        end TERM "$squatter"
        echo "$count devices, none with a foreign queue; the squatter: $(cat "$WORK/squatter")"
}

test_held 0
test_squatters
