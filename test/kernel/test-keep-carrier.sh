#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The scenario of systemd's pull request 30504, with its two files: a multiqueue tun keeps its carrier while
# no program is behind it, and the queue that is held for this takes no packet from the program when it is
# there. Then the control: a holder that leaves its queue attached takes a good part of them. Last, what
# KeepCarrier= means with a single queue.

# shellcheck source=test/kernel/lib.sh
. "$(dirname -- "$0")/lib.sh"
enter "$@"

DESTINATIONS=200

# ping_with QUEUES: with the program behind the device, how many of the destinations answer.
ping_with() {
        local received

        start app tun-test "$1"
        received=$(pinger 172.31.0.2 $DESTINATIONS)
        end KILL $!
        received=${received#received }
        echo "${received% of *}"
}

restart_ten_times() {
        local before i

        before=$(carrier_changes tun-test)
        for ((i = 0; i < 10; i++)); do
                start app tun-test 1
                is "carrier with the program, time $i" 1 "$(carrier tun-test)"
                end KILL $!
                is "carrier without it, time $i" 1 "$(carrier tun-test)"
        done
        sleep 1.2 # a loss may be told up to a second late
        is "carrier after ten restarts" 1 "$(carrier tun-test)"
        is "carrier_changes after ten restarts" "$before" "$(carrier_changes tun-test)"
        echo "ten restarts: carrier stays 1, carrier_changes stays $before"
}

cp "$SOURCE_ROOT"/test/corpus/pr30504/* "$WORK/config/"
start_daemon 10
is "carrier without a program" 1 "$(carrier tun-test)"
[[ $(link tun-test) == *LOWER_UP*" numqueues 0 numdisabled 1 persist on "* ]] || fail "$(link tun-test)"

for queues in 1 2 3; do
        received=$(ping_with $queues)
        echo "held by netdevd, $queues queue(s): received $received of $DESTINATIONS"
        is "pings answered with $queues queue(s)" $DESTINATIONS "$received"
done
restart_ten_times
received=$(ping_with 1)
is "pings answered after the restarts" $DESTINATIONS "$received"

# Without netdevd the carrier goes, and nothing else does.
index=$(cat /sys/class/net/tun-test/ifindex)
stop_daemon
until_true 3 test "$(carrier tun-test)" = 0 || fail "carrier stays without netdevd"
is "ifindex after netdevd" "$index" "$(cat /sys/class/net/tun-test/ifindex)"
[[ $(ip -o addr show dev tun-test) == *" 172.31.0.1/24 "* ]] || fail "the address is gone with netdevd"
[[ $(ip route show dev tun-test) == *"172.31.0.0/24 "* ]] || fail "the route is gone with netdevd"
[[ $(link tun-test) == *",UP"*" persist on "* ]] || fail "$(link tun-test)"

# The control.
start holder tun-test
holder=$!
for queues in 1 2 3; do
        sleep 4 # the kernel remembers for 3 s on which queue a flow was answered: never the holder's
        received=$(ping_with $queues)
        echo "control, held attached, $queues queue(s): received $received of $DESTINATIONS"
        percent=$((received * 100 / DESTINATIONS))
        ((queues > 1 || (percent >= 20 && percent <= 80))) ||
                fail "the control should lose about half: $received of $DESTINATIONS were answered"
        ((received < DESTINATIONS)) || fail "the control loses nothing with $queues queues"
done
end KILL $holder

# A single queue: netdevd holds the only one there is.
rm "$WORK/config"/*
cat >"$WORK/config/20-single.netdev" <<'END'
[NetDev]
Name=single
Kind=tun

[Tun]
KeepCarrier=yes
END
cat >"$WORK/config/20-single.network" <<'END'
[Match]
Name=single

[Network]
Address=172.31.1.1/24
END
start_daemon 10
is "carrier of the single queue" 1 "$(carrier single)"
for ((i = 0; i < 2; i++)); do
        app single 0 >"$WORK/refused" && fail "a program got the queue that netdevd holds"
        has "a second opener" "$WORK/refused" "TUNSETIFF: EBUSY"
done
[[ $(link single) == *LOWER_UP* ]] || fail "$(link single)"
is "how often netdevd explains this" 1 "$(grep -c 'on a single-queue device: netdevd holds its only queue' "$LOG")"
stop_daemon
until_true 3 test "$(carrier single)" = 0 || fail "carrier stays without netdevd"
[[ $(ip -o addr show dev single) == *" 172.31.1.1/24 "* ]] || fail "the address is gone with netdevd"
echo "single queue: held, a program by name gets EBUSY; the carrier goes with netdevd, the device stays"

# A device that is there already is held too, whatever its flags: TUNGETIFF has the same bit for "no filter"
# and for "no packet information", so that only rtnetlink can tell.
rm "$WORK/config"/*
cat >"$WORK/config/30-flags.netdev" <<'END'
[NetDev]
Name=flags
Kind=tun

[Tun]
MultiQueue=yes
KeepCarrier=yes
PacketInfo=yes
VNetHeader=yes
END
for ((i = 0; i < 2; i++)); do
        start_daemon 10
        [[ $(link flags) == *" pi on vnet_hdr on multi_queue numqueues 0 numdisabled 1 persist on "* ]] ||
                fail "not held, time $i: $(link flags)"
        stop_daemon
done
echo "PacketInfo=yes, VNetHeader=yes: held, also by the next netdevd"
