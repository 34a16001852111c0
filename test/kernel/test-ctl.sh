#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# netdevctl beside the kernel and the daemon: `diff` and `explain` without daemon and privilege, before and after the
# devices are made, and while somebody has one open; then the verbs that ask the daemon, on a bus of the test's own.
#
# $NETDEVCTL: the program.

# shellcheck source=test/kernel/lib.sh
. "$(dirname -- "$0")/lib.sh"
: "${NETDEVCTL:?}"
enter "$@"
need_root

BUS= # process id

# ctl STATUS VERB ARGUMENTS...: its output is then in $SAID, what it says on standard error in $NOTED.
ctl() {
        local expected=$1 verb=$2 status=0 dirs=(--config-dir="$WORK/config")

        shift 2
        [[ $verb == diff || $verb == explain ]] && dirs+=(--state-dir="$WORK/state")
        [[ $verb == diff || $verb == explain || $verb == verify ]] || dirs=()
        "${AS[@]}" "$WORK/programs/netdevctl" "$verb" "${dirs[@]}" "$@" >"$WORK/said" 2>"$WORK/noted" || status=$?
        SAID=$(cat "$WORK/said")
        NOTED=$(cat "$WORK/noted")
        [[ $status == "$expected" ]] || fail "netdevctl $verb $*: status $status, not $expected: $SAID $NOTED"
}

# says TEXT: the last output has it.
says() {
        [[ $SAID == *"$1"* ]] || fail "it does not say '$1': $SAID"
}

says_not() {
        [[ $SAID != *"$1"* ]] || fail "it says '$1': $SAID"
}

netdevd_once() {
        "${NETDEVD_COMMAND[@]}" --once >"$WORK/rest" 2>"$LOG" || fail "netdevd --once: $(cat "$WORK/rest")"
}

make_files() {
        printf '[NetDev]\nName=vpn0\nKind=tun\n\n[Tun]\nMultiQueue=yes\nUser=nobody\n' >"$WORK/config/10-vpn0.netdev"
        printf '[Match]\nName=vpn0\n\n[Link]\nMTUBytes=1420\n\n[Network]\nAddress=192.0.2.1/24\n' \
                >"$WORK/config/10-vpn0.network"
        printf '[NetDev]\nName=vm0\nKind=tap\n\n[Tap]\nGroup=nogroup\n' >"$WORK/config/20-vm0.netdev"
        printf '[Match]\nName=v*\n' >"$WORK/config/90-rest.network"
        chmod -R a+rX "$WORK"
}

# Nothing is there, nothing is asked for.
test_nothing() {
        ctl 0 diff
        is "the diff of nothing" "" "$SAID"
        ctl 0 diff --json=short
        is "the diff of nothing as JSON" "[]" "$SAID"
        ctl 1 explain vpn0
        is "what is not known" "netdevctl: no file declares or names 'vpn0'" "$NOTED"
        ip tuntap add dev foreign mode tap
        ctl 0 diff
        is "a device of others" "" "$SAID"
        ctl 0 explain foreign
        says "No file declares or names foreign"
        says "write a .network file with [Match] Name=foreign"
        says "every local user may attach"
        says "(EIO)"
        ip link delete foreign
        ctl 0 explain lo
        says "netdevd never touches it"
}

test_before() {
        ctl 3 diff
        says "vpn0 create multi-queue tun"
        says "vpn0 add-address 192.0.2.1/24 ($WORK/config/10-vpn0.network:8)"
        says "vm0 create single-queue tap"
        is "notes" "" "$NOTED"
        ctl 3 diff vm0
        says "vm0 create"
        says_not vpn0
        ctl 1 diff vn0
        is "a name mistyped" "netdevctl: no file declares or names 'vn0': did you mean 'vm0'?" "$NOTED"
        ctl 3 diff --json=short vpn0
        is "the JSON" "vpn0 create False False 2 10-vpn0.netdev" "$(python3 -c '
import json, os, sys
d = json.load(sys.stdin)[0]
assert sorted(d) == ["destructive", "detail", "device", "finding", "line", "operation", "path"], d
print(d["device"], d["operation"], d["destructive"], d["finding"], d["line"], os.path.basename(d["path"]))' \
                <<<"$SAID")"
        ctl 0 explain vpn0
        says "vpn0 is declared as a multi-queue tun in $WORK/config/10-vpn0.netdev:2."
        says "Its .network file is $WORK/config/10-vpn0.network."
        says "90-rest.network fits too, but comes later"
        says "It does not exist"
        says "Only user nobody (uid 65534) may attach"
        says "    create multi-queue tun"
}

# What the daemon makes is what diff asks for.
test_after() {
        netdevd_once
        ctl 0 diff
        is "the diff when all is made" "" "$SAID"
        ctl 0 explain vpn0
        says "netdevd made it."
        says "It is up."
        says "    192.0.2.1/24"
        says "nothing is left to do"
        says "It has no carrier, since no program has it open"
        says_not "(EIO)"

        ip link set vpn0 mtu 1300 down
        ctl 3 diff
        is "what was changed" "vpn0 set-mtu 1420 ($WORK/config/10-vpn0.network:5)
vpn0 set-up" "$(sed -E 's/^(vpn0 set-up).*/\1/; /add-address/d' <<<"$SAID")"
        ctl 0 explain vpn0
        says "It is down."
        says "(EIO)"
        netdevd_once
        ctl 0 diff
}

# An open queue, as root sees it and as nobody.
test_holder() {
        local pid

        start holder vpn0
        pid=$!
        ctl 0 explain vpn0
        says "It has carrier"
        if [[ ${#AS[@]} == 0 ]]; then
                says "    holder (pid $pid, uid 0), 1 descriptor"
        else
                says "run this as root to see who has it open"
        fi
        ctl 0 diff
        end TERM "$pid"
}

test_conflict() {
        mkdir -p "$WORK/config/20-vm0.netdev.d"
        printf '[Tap]\nMultiQueue=yes\n' >"$WORK/config/20-vm0.netdev.d/50-queues.conf"
        chmod -R a+rX "$WORK/config"
        ctl 3 diff vm0
        says "vm0 conflict exists as single-queue tap"
        ctl 3 diff --json=short vm0
        says '"finding":true'
        ctl 0 explain vm0
        says "In the way:"
        says "$WORK/config/20-vm0.netdev.d/50-queues.conf"
        rm -r "$WORK/config/20-vm0.netdev.d"
        ctl 0 diff vm0
}

# A file that cannot be loaded: said, and the rest is still compared.
test_bad_file() {
        printf '[NetDev\n' >"$WORK/config/30-bad.netdev"
        chmod a+r "$WORK/config/30-bad.netdev"
        ctl 0 diff
        [[ $NOTED == *"30-bad.netdev:1: error:"* ]] || fail "diff says nothing of a bad file: $NOTED"
        ctl 1 verify
        rm "$WORK/config/30-bad.netdev"
}

start_bus() {
        export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$WORK/bus
        cat >"$WORK/bus.conf" <<END
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=$WORK/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow own="*"/><allow user="*"/><allow send_destination="*"/><allow receive_sender="*"/>
</policy></busconfig>
END
        dbus-daemon --config-file="$WORK/bus.conf" --nofork --nopidfile 2>/dev/null &
        BUS=$!
        PROCESSES+=("$BUS")
        until_true 10 test -S "$WORK/bus" || fail "no bus"
}

test_no_daemon() {
        ctl 1 reload
        [[ $NOTED == "netdevctl: netdevd does not run, and was not started: "* ]] || fail "$NOTED"
}

name_is_owned() {
        busctl --address="$DBUS_SYSTEM_BUS_ADDRESS" call org.netdevd1 /org/netdevd1 org.freedesktop.DBus.Peer Ping \
                >/dev/null 2>&1
}

test_daemon() {
        local before

        NETDEVD_COMMAND=("$NETDEVD" --config-dir="$WORK/config" --state-dir="$WORK/state")
        start_daemon 20
        until_true 10 name_is_owned || fail "netdevd takes no name"

        sed -i 's/1420/1400/' "$WORK/config/10-vpn0.network"
        ctl 3 diff
        ctl 0 reload
        ctl 0 diff
        is "the MTU after a reload" 1400 "$(cat /sys/class/net/vpn0/mtu)"

        ip link set vpn0 mtu 1300
        ctl 0 reconfigure vpn0 vm0
        is "the MTU after reconfigure" 1400 "$(cat /sys/class/net/vpn0/mtu)"
        ctl 1 reconfigure vpn0 nosuch
        [[ $NOTED == *nosuch* ]] || fail "an unknown device: $NOTED"

        before=$(cat /sys/class/net/vm0/ifindex)
        printf 'MultiQueue=yes\n' >>"$WORK/config/20-vm0.netdev"
        ctl 0 reload
        ctl 0 explain vm0
        says "netdevd says that it is blocked"
        says "Its last error: "
        ctl 0 reconfigure --recreate vm0
        ctl 0 diff vm0
        [[ $(cat /sys/class/net/vm0/ifindex) != "$before" ]] || fail "vm0 was not made again"

        rm "$WORK/config/20-vm0.netdev"
        ctl 0 reload
        [[ -e /sys/class/net/vm0 ]] || fail "a reload removed a device"
        ctl 0 explain vm0
        says "No file declares vm0 any more; netdevd made it once."
        says "declare it in a .netdev file again"
        ctl 0 prune --json=short
        is "what is pruned" '["vm0"]' "$SAID"
        [[ ! -e /sys/class/net/vm0 ]] || fail "vm0 is still there"
        ctl 0 prune
        is "what is pruned the second time" "" "$SAID"

        # Whether a queue is held is seen from outside, for both sorts of device.
        printf '[NetDev]\nName=keep0\nKind=tun\n\n[Tun]\nMultiQueue=yes\nKeepCarrier=yes\n' >"$WORK/config/40-keep0.netdev"
        printf '[NetDev]\nName=keep1\nKind=tap\n\n[Tap]\nKeepCarrier=yes\n' >"$WORK/config/40-keep1.netdev"
        printf '[Match]\nName=keep*\n\n[Network]\nLinkLocalAddressing=no\n' >"$WORK/config/40-keep.network"
        ctl 3 diff keep0
        says "queue held"
        ctl 0 reload
        ctl 0 diff
        is "the diff with a daemon that holds the queues" "" "$SAID"
        [[ $NOTED != *"not judged"* ]] || fail "the daemon is not seen: $NOTED"
        is "who may lock the record" 600 "$(stat -c %a "$WORK/state/lock")"
        AS=(as 65534 65534)
        ctl 0 diff
        is "the diff as nobody" "" "$SAID"
        [[ $NOTED != *"not judged"* ]] || fail "nobody does not see the daemon: $NOTED"
        AS=()

        AS=(as 65534 65534)
        ctl 1 reload
        [[ $NOTED == *"run it as root"* ]] || fail "a stranger is told: $NOTED"
        ctl 0 explain vpn0
        says "netdevd says that it is configured"
        AS=()
        stop_daemon

        ctl 0 diff
        [[ $NOTED == *"KeepCarrier= is not judged, since netdevd does not run"* ]] || fail "no note: $NOTED"
        ctl 0 diff vpn0
        [[ $NOTED != *"not judged"* ]] || fail "a note about a device without it: $NOTED"
}

cp "$NETDEVCTL" "$WORK/programs/netdevctl"
chmod a+rx "$WORK/programs/netdevctl"
make_as >"$WORK/programs/as"
need setpriv python3

AS=()
test_nothing
make_files
test_before
test_after
test_holder
test_conflict
test_bad_file
AS=(as 65534 65534)
ctl 0 diff
test_holder
AS=()
need dbus-daemon busctl
start_bus
test_no_daemon
test_daemon
echo "All is well."
