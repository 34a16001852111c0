#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The hostile loop (squatter.c) runs as nobody while netdevd makes 200 multiqueue devices. In the end all are
# there, owned as declared, with no queue but netdevd's, and with nothing left of a squatter who came,
# tampered and went. Twice: with all the privilege of root, and with CAP_NET_ADMIN alone, where netdevd
# cannot make itself a private network namespace. The control is naive.c, which gives its devices away nearly
# every time.

# shellcheck source=test/kernel/lib.sh
. "$(dirname -- "$0")/lib.sh"
enter "$@"
need_root
need setpriv

COUNT=200
OWNER=60001
GROUP=60002
SECONDS_MAX=180

nobody=$(id -u nobody)
nogroup=$(id -g nobody)

declare_devices() {
        local i

        for ((i = 0; i < COUNT; i++)); do
                cat >"$WORK/config/sq$i.netdev" <<END
[NetDev]
Name=sq$i
Kind=tun

[Tun]
MultiQueue=yes
KeepCarrier=yes
User=$OWNER
Group=$GROUP
END
        done
        printf '[Match]\nName=sq*\n\n[Network]\n' >"$WORK/config/sq.network"
}

# It runs with priority, so that it wins on a busy machine too.
#
# start_squatter MODE: until stop_squatter, which sets $attached, the number of queues it got.
start_squatter() {
        nice -n -20 as "$nobody" "$nogroup" squatter sq $COUNT --uevent "$1" >"$WORK/squatted" &
        squatter=$!
        PROCESSES+=("$squatter")
        sleep 0.2
        kill -0 "$squatter" 2>/dev/null || fail "the squatter does not run"
}

stop_squatter() {
        end TERM "$squatter"
        attached=$(<"$WORK/squatted")
        attached=${attached#attached }
}

delete_all() {
        local i

        for ((i = 0; i < COUNT; i++)); do
                echo "link delete sq$i"
        done | ip -force -batch - 2>/dev/null || true
        rm -rf "$WORK/state"
}

# The devices as declared, all of them and alike.
check_devices() {
        local bad wanted=" multi_queue numqueues 0 numdisabled 1 persist on user $OWNER group $GROUP "

        ip -d -o link show type tun | grep -F ': sq' >"$WORK/links" || true
        is "devices" $COUNT "$(wc -l <"$WORK/links")"
        bad=$(grep -vF "$wanted" "$WORK/links" | head -n 3 || true)
        [[ -z $bad ]] || fail "not as declared: $bad"
        bad=$(grep -vF "LOWER_UP" "$WORK/links" | head -n 3 || true)
        [[ -z $bad ]] || fail "without carrier: $bad"

        # What rtnetlink does not tell.
        traits sq $COUNT | sort | uniq -c >"$WORK/traits"
        wanted="$COUNT type 65534 header 10 le 0 offloads 0 0 carrier 1"
        is "what the devices are like" "$wanted" "$(xargs <"$WORK/traits")"
}

# situation NAME MODE [COMMAND...]: netdevd run by COMMAND against the loop.
situation() {
        local name=$1 mode=$2 started took told

        shift 2
        start_squatter "$mode"
        started=$(now)
        start_daemon $SECONDS_MAX "$@"
        took=$(($(now) - started))
        stop_squatter
        told=$(grep -c 'Another local user attached' "$LOG" || true)
        echo "$name, $mode: $COUNT devices in $took ms; the loop got $attached queues, netdevd saw $told"

        ((took <= SECONDS_MAX * 1000)) || fail "that took too long"
        ((attached > 0 && told > 0)) || fail "the loop got nothing, so this showed nothing"
        ((told <= attached)) || fail "netdevd tells of more than there was"
        check_devices
        stop_daemon
        delete_all
}

# How many of its devices naive.c loses: most, unless the machine has other things to do; then it is asked
# again.
control() {
        local started took lost=0 round

        for ((round = 0; round < 10 && lost * 2 <= COUNT; round++)); do
                start_squatter "$1"
                started=$(now)
                lost=$(naive sq $COUNT $OWNER)
                took=$(($(now) - started))
                stop_squatter
                echo "control, naive.c, $1: $lost, in $took ms; the loop got $attached queues"
                lost=${lost#squatted }
                lost=${lost% of *}
                delete_all
        done
        # A kernel that lets nobody but root attach to a device without an owner.
        ((lost > 0)) || skip "this kernel has no window for squatters"
        # Most of them on a quiet machine, fewer where the loop gets little of the processor.
        ((lost * 20 > COUNT)) || fail "the control should lose many of its devices"
}

# What the tampering leaves of naive.c's devices: else that netdevd's have none would show nothing.
control_tampering() {
        local changed=0 round

        for ((round = 0; round < 10 && changed == 0; round++)); do
                start_squatter --tamper
                naive sq $COUNT $OWNER >"$WORK/naive"
                stop_squatter
                traits sq $COUNT >"$WORK/traits"
                changed=$(grep -vcF 'type 65534 header 10 le 0 offloads 0 0 ' "$WORK/traits" || true)
                delete_all
        done
        echo "control, naive.c, --tamper: $changed of $COUNT changed for good"
        ((changed > 0)) || fail "no tampering lasted"
}

ONLY_NET_ADMIN=(setpriv "--bounding-set=-all,+net_admin" "--inh-caps=-all,+net_admin")

control --hold
control_tampering
declare_devices
situation "root" --hold
situation "root" --tamper
"${ONLY_NET_ADMIN[@]}" unshare --net true 2>/dev/null && fail "the privilege is not restricted"
situation "CAP_NET_ADMIN alone" --hold "${ONLY_NET_ADMIN[@]}"
situation "CAP_NET_ADMIN alone" --tamper "${ONLY_NET_ADMIN[@]}"
