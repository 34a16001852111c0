#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The unit as it is installed: it holds no more than it needs (a user of its own, one capability, a sandbox of which
# systemd-analyze says how tight it is), and all works in it: devices before a service that is ordered after it, kernel
# settings, reloads, the bus's coming late, what an earlier netdevd left as root. It comes back however it ends. For its
# neighbours see test-neighbours.sh. Boots a real systemd (harness.sh).
#
# $BUILD_DIR: as for test-boot.sh.

set -u
# shellcheck source=test/system/harness.sh
. "$(dirname -- "$0")/harness.sh"

sys_need_build

UNIT=netdevd.service
FILES=/etc/netdevd/network # in the booted system
SCORE_MAX=1.2
MANY=1000

# declare_tun NAME USER [LINE...]: a device, and lines of its [Network] section.
declare_tun() {
        local name="$1" user="$2"
        shift 2

        printf '[NetDev]\nName=%s\nKind=tun\n[Tun]\nMultiQueue=yes\nUser=%s\nKeepCarrier=%s\n' "$name" "$user" \
                "${KEEP_CARRIER:-no}" \
                >"$ROOT$FILES/50-$name.netdev"
        printf '[Match]\nName=%s\n[Network]\n' "$name" >"$ROOT$FILES/50-$name.network"
        printf '%s\n' "$@" >>"$ROOT$FILES/50-$name.network"
}

# What it finds when it is started is in its journal.
add_consumer() {
        cat >"$ROOT/etc/systemd/system/consumer.service" <<'END_UNIT'
[Unit]
DefaultDependencies=no
After=netdevd.service

[Service]
Type=oneshot
RemainAfterExit=yes
User=netdevd-consumer
PrivateDevices=yes
CapabilityBoundingSet=
ExecStart=ip -d -o link show dev tun0
ExecStart=ip -4 -o address show dev tun0

[Install]
WantedBy=multi-user.target
END_UNIT
}

prepare() {
        DESTDIR="$ROOT" meson install -C "$BUILD_DIR" --no-rebuild || return 1
        mkdir -p "$ROOT$FILES" "$ROOT/etc/sysusers.d"
        echo "u netdevd-consumer - -" >"$ROOT/etc/sysusers.d/netdevd-test.conf"
        systemd-sysusers --root="$ROOT" || return 1
        declare_tun tun0 netdevd-consumer Address=172.31.0.1/24 IPv4ProxyARP=yes IPv6ProxyNDP=yes
        KEEP_CARRIER=yes declare_tun tun1 netdevd-consumer Address=172.31.1.1/24
        add_consumer
        systemctl --root="$ROOT" enable "$UNIT" consumer.service netdevd-wait-online@tun1.service || return 1
        systemctl --root="$ROOT" add-wants multi-user.target network-online.target
}

prepare_many() {
        local i

        prepare || return 1
        for ((i = 0; i < MANY; i++)); do
                KEEP_CARRIER=yes declare_tun "many$i" netdevd-consumer "Address=10.$((i / 250)).$((i % 250)).1/24"
        done
}

# --- what is asserted

main_pid() {
        unit_property MainPID
}

link() {
        sys_run ip -d -o link show dev "$1"
}

no_link() {
        ! link "$1"
}

index() {
        sys_run cat "/sys/class/net/$1/ifindex"
}

state() {
        sys_run busctl get-property org.netdevd1 "/org/netdevd1/device/$1" org.netdevd1.Device AdministrativeState
}

on_bus() {
        sys_run busctl status org.netdevd1
}

runs_anew() {
        local pid

        pid="$(main_pid)"
        [[ $pid -gt 0 && $pid != "$1" ]] && sys_run systemctl is-active "$UNIT"
}

# drop_in LINE...: until the next one.
drop_in() {
        mkdir -p "$ROOT/etc/systemd/system/$UNIT.d"
        printf '%s\n' "$@" >"$SYS_DIR/drop-in"
        # shellcheck disable=SC2016
        sys_run sh -c 'mkdir -p "/etc/systemd/system/$1.d" && cat >"/etc/systemd/system/$1.d/test.conf" &&
                systemctl daemon-reload' sh "$UNIT" <"$SYS_DIR/drop-in"
}

# --- the tests

score_is_low() {
        local line score

        line="$(sys_run systemd-analyze security --no-pager "$1" | tail -n 1)"
        score="$(sed -nE 's/.*: ([0-9.]+) .*/\1/p' <<<"$line")"
        echo "# systemd-analyze security $1: $score" >&3
        echo "$line"
        awk -v score="${score:-10}" -v most="$SCORE_MAX" 'BEGIN { exit !(score <= most) }'
}

status() {
        # shellcheck disable=SC2016
        sys_run sh -c 'echo $(sed -nE "s/^$1:[[:space:]]*//p" "/proc/$2/status")' sh "$1" "$(main_pid)"
}

test_privilege() {
        local set

        ok "the system comes up, with nothing failed" sys_wait_running
        ok "the unit scores at most $SCORE_MAX" score_is_low "$UNIT"
        ok "no unit has a flaw" silent sys_run systemd-analyze verify "$UNIT" netdevd-nursery.socket \
                netdevd-nursery@0.service netdevd-wait-online.service netdevd-wait-online@tun0.service
        is "it runs as its own user" netdevd sys_run ps -o user= -p "$(main_pid)"
        for set in CapEff CapPrm CapInh CapAmb CapBnd; do
                is "CAP_NET_ADMIN alone: $set" 0000000000001000 status $set
        done
        is "no new privileges" 1 status NoNewPrivs
        is "and a seccomp filter" 2 status Seccomp
        is "the service manager watches it" yes watched
}

watched() {
        [[ $(unit_property WatchdogUSec) == 1min && $(unit_property WatchdogTimestampMonotonic) -gt 0 ]] && echo yes
}

read_setting() {
        sys_run cat "/proc/sys/net/$1"
}

test_device() {
        local line

        line="$(journal -u consumer.service)"
        ok "a service After= it finds its device, owned" grep -F "user netdevd-consumer" <<<"$line"
        ok "and up" grep -F ",UP" <<<"$line"
        ok "and with its address" grep -F "172.31.0.1/24" <<<"$line"
        is "it is configured" 's "configured"' state tun0
        is "kernel settings can be written, of IPv4" 1 read_setting ipv4/conf/tun0/proxy_arp
        is "and IPv6" 1 read_setting ipv6/conf/tun0/proxy_ndp
        is "but no others" "Read-only file system" other_setting
}

# took: from the start of the process until it is ready.
took() {
        local from to

        from="$(unit_property ExecMainStartTimestampMonotonic)"
        to="$(unit_property ActiveEnterTimestampMonotonic)"
        echo "$(((to - from) / 1000))"
}

test_online() {
        is "a device with its carrier kept is waited for" active sys_run systemctl is-active \
                netdevd-wait-online@tun1.service
        is "before the network counts as online" active sys_run systemctl is-active network-online.target
        sys_comment "ready $(took) ms after the start, with two devices"
}

# Of netdevd, and of the bus: who waits, waits on; who has waited, has.
test_wait_through_restarts() {
        local pid waits=netdevd-wait-online@waited0.service

        ok "a device that is not there is waited for" sys_run systemctl start --no-block "$waits"
        is "that takes its time" activating eventually_is activating "$waits"
        pid="$(main_pid)"
        sys_run systemctl kill --signal=KILL "$UNIT"
        ok "netdevd is killed meanwhile" eventually runs_anew "$pid"
        ok "it is restarted" sys_run systemctl restart "$UNIT"
        ok "the bus is restarted" sys_run systemctl restart dbus.service
        is "it is waited for all the same" activating sys_run systemctl is-active "$waits"
        sys_run sh -c "printf '[NetDev]\nName=waited0\nKind=tun\n[Tun]\nMultiQueue=yes\nKeepCarrier=yes\n' \
                >$FILES/71-waited.netdev
                printf '[Match]\nName=waited0\n[Network]\nAddress=172.31.9.1/24\n' >$FILES/71-waited.network"
        ok "it is declared" sys_run systemctl reload "$UNIT"
        is "and was waited for" active eventually_is active "$waits"
        is "those that were waited for before still are" active sys_run systemctl is-active \
                netdevd-wait-online@tun1.service
        sys_run sh -c "rm $FILES/71-waited.*; netdevctl reload && netdevctl prune"
}

# eventually_is STATE UNIT: prints the state it has in the end.
eventually_is() {
        for _ in {1..100}; do
                [[ $(sys_run systemctl is-active "$2") != "$1" ]] || break
                sleep 0.1
        done
        sys_run systemctl is-active "$2"
}

test_many() {
        ok "the system comes up with $MANY devices" sys_wait_running
        sys_comment "ready $(took) ms after the start"
        is "all are there, each with a queue held" "$MANY" count_many
        is "and their service found its own" active sys_run systemctl is-active consumer.service
}

count_many() {
        sys_run ip -d -o link show type tun | grep -F ': many' | grep -cF ' numqueues 0 numdisabled 1 '
}

other_setting() {
        # shellcheck disable=SC2016
        sys_run sh -c 'nsenter -t "$1" -m sh -c "echo 1 >/proc/sys/kernel/panic" 2>&1 | sed "s/.*: //"' sh "$(main_pid)"
}

test_reload() {
        local before

        before="$(index tun0)"
        sys_run sh -c "printf '[NetDev]\nName=late0\nKind=tun\n' >$FILES/70-late.netdev"
        ok "systemctl reload works" sys_run systemctl reload "$UNIT"
        ok "and returns when all is done" link late0
        is "what was there stays" "$before" index tun0
        is "and it runs" active sys_run systemctl is-active "$UNIT"

        sys_run sh -c "printf '[NetDev]\nName=secret0\nKind=tun\n' >$FILES/80-secret.netdev
                chmod 600 $FILES/80-secret.netdev"
        sys_run systemctl reload "$UNIT"
        ok "a file it may not read is named, with who may not" \
                journal_says "80-secret.netdev: permission denied: uid $(sys_run id -u netdevd) may not read it"
        ok "its device is not made" no_link secret0
        sys_run rm "$FILES/80-secret.netdev"
        ok "and without it all is well" sys_run systemctl reload "$UNIT"
}

test_node() {
        sys_run sh -c "chmod 600 /dev/net/tun && printf '[NetDev]\nName=node0\nKind=tun\n' >$FILES/75-node.netdev"
        sys_run systemctl reload "$UNIT"
        ok "a /dev/net/tun that may not be opened is named, with mode and remedy" \
                journal_says "open /dev/net/tun: Permission denied: it has mode 0600, owner 0 and group 0"
        is "the device says so" 's "failed"' state node0
        sys_run chmod 666 /dev/net/tun
        ok "it is put right" sys_run systemctl reload "$UNIT"
        is "and the device made" 's "configured"' state node0

        sys_run sh -c "mv /dev/net/tun /dev/tun && printf '[NetDev]\nName=node1\nKind=tun\n' >$FILES/75-node.netdev"
        ok "it starts without any" sys_run systemctl restart "$UNIT"
        ok "and says what to do" journal_says "or let the container have the device; then restart netdevd"
        is "for the device it could not make" 's "failed"' state node1
        is "beside those it has no need to make" 's "configured"' state tun0
        sys_run mv /dev/tun /dev/net/tun
        ok "it is restarted" sys_run systemctl restart "$UNIT"
        is "and the device made" 's "configured"' state node1
        sys_run sh -c "rm $FILES/75-node.netdev && netdevctl reload && netdevctl prune"
}

test_end() {
        local before pid i

        before="$(index tun0)"
        for i in {1..10}; do
                pid="$(main_pid)"
                sys_run systemctl kill --signal=KILL "$UNIT"
                eventually runs_anew "$pid" || break
        done
        is "killed ten times, it runs ten times anew" "10 10" echo "$i $(unit_property NRestarts)"
        is "with the device it had" "$before" index tun0
        is "configured" 's "configured"' state tun0

        ok "it is stopped" sys_run systemctl stop "$UNIT"
        is "the device stays" "$before" index tun0
        ok "and the record" sys_run test -s /run/netdevd/state/links
        ok "and the administrator's directory" sys_run test -d /run/netdevd/network
        is "a call on the bus starts it" 's "configured"' state tun0

        ok "it is disabled and stopped" sys_run systemctl disable --now "$UNIT"
        ok "then a call on the bus does not start it" not_started
        is "it stays as it is" inactive sys_run systemctl is-active "$UNIT"
        ok "it is enabled and started" sys_run systemctl enable --now "$UNIT"

        drop_in '[Service]' WatchdogSec=1 # for the next process
        ok "it is restarted" sys_run systemctl restart "$UNIT"
        sleep 2
        pid="$(main_pid)"
        is "it tells that it lives, so that it lives" active sys_run systemctl is-active "$UNIT"
        sys_run kill -STOP "$pid"
        ok "it stands still, and is replaced" eventually runs_anew "$pid"
        drop_in
        is "with the device it had" "$before" index tun0
}

not_started() {
        ! state tun0
}

owner() {
        sys_run stat -c %U "$@" | sort -u
}

# An earlier version ran as root.
test_upgrade() {
        local before

        before="$(index tun0)"
        drop_in '[Service]' User=root
        ok "it runs as root" sys_run systemctl restart "$UNIT"
        sys_run chown -R root:root /run/netdevd/state
        sys_run sh -c "printf '[NetDev]\nName=root0\nKind=tun\n' >$FILES/76-root.netdev"
        ok "and makes a device" sys_run systemctl reload "$UNIT"
        is "with a record that is root's" root owner /run/netdevd/state/links /run/netdevd/state
        drop_in
        ok "it runs as its user" sys_run systemctl restart "$UNIT"
        is "the record is its own" netdevd owner /run/netdevd/state/links /run/netdevd/state/lock /run/netdevd/state
        is "the devices are what they were" "$before" index tun0
        ok "and it knows that it made the new one" sys_run netdevctl delete root0
        ok "which is gone" no_link root0
        sys_run rm "$FILES/76-root.netdev"

        # Nor does root, by hand, leave the record such that the service could not go on with it.
        ok "it is stopped" sys_run systemctl stop "$UNIT"
        sys_run rm /run/netdevd/state/lock
        ok "root runs it once" sys_run netdevd --once
        is "the lock is the owner's of the directory" netdevd owner /run/netdevd/state/lock
        ok "it is started" sys_run systemctl start "$UNIT"
        ok "and writes its record" sys_run systemctl reload "$UNIT"
        ok "without a complaint" never_says "the state directory"
}

never_says() {
        ! journal_says "$1"
}

test_bus_later() {
        ok "the bus goes" sys_run systemctl stop dbus.socket dbus.service
        ok "it starts without" sys_run systemctl restart "$UNIT"
        is "and runs" active sys_run systemctl is-active "$UNIT"
        sys_run sh -c "printf '[NetDev]\nName=nobus0\nKind=tun\n' >$FILES/77-nobus.netdev"
        ok "it is told to reload" sys_run systemctl reload "$UNIT"
        ok "and does" eventually link nobus0
        ok "the bus comes" sys_run systemctl start dbus.socket dbus.service
        ok "and has it" eventually on_bus
        is "with all devices" 's "configured"' state nobus0
}

exec 3>&1
sys_boot prepare || {
        echo "Bail out! the system could not be prepared"
        exit 1
}
test_privilege
test_device
test_online
test_wait_through_restarts
test_reload
test_node
test_end
test_upgrade
test_bus_later
sys_boot prepare_many
test_many
done_testing || {
        sys_run journalctl -q -b --no-hostname | tail -n 100 | sed 's/^/# /'
        exit 1
}
