#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The promise as a whole: a host whose files declare a tun device boots, and the device is there, owned, up, with its
# address and its carrier, before the network counts as up; the bus and the journal tell about it; a reload takes up
# what is new. Boots a real systemd (harness.sh).
#
# $BUILD_DIR: the meson build directory to install from, with the prefix /usr: the bus reads policies nowhere else. It
# need not lie inside the source tree.

set -u
# shellcheck source=test/system/harness.sh
. "$(dirname -- "$0")/harness.sh"

sys_need_build

DEVICE=(org.netdevd1 /org/netdevd1/device/tun_2dtest)

prepare() {
        local network="$ROOT/etc/netdevd/network"

        DESTDIR="$ROOT" meson install -C "$BUILD_DIR" --no-rebuild || return 1
        # As the packages do it after the files are there.
        systemd-sysusers --root="$ROOT" || return 1
        systemctl --root="$ROOT" enable netdevd.service || return 1

        mkdir -p "$network"
        cat >"$network/50-tun-test.netdev" <<'END'
[NetDev]
Name=tun-test
Kind=tun

[Tun]
MultiQueue=yes
KeepCarrier=yes
User=nobody
END
        cat >"$network/50-tun-test.network" <<'END'
[Match]
Name=tun-test

[Network]
Address=172.31.0.1/24
END
        cat >"$network/60-typo.netdev" <<'END'
[NetDev]
Name=tun-typo
Kind=tun

[Tun]
MultiQeue=yes
END

        mkdir -p "$ROOT/etc/polkit-1/rules.d"
        cat >"$ROOT/etc/polkit-1/rules.d/40-netdevd-test.rules" <<'END'
polkit.addRule(function(action, subject) {
        if (action.id == "org.netdevd1.set-link" && action.lookup("device") == "tun-test" && subject.user == "nobody")
                return polkit.Result.YES;
});
END
        chmod 755 "$ROOT/etc/polkit-1/rules.d"
}

# What the kernel says of the device, on one line.
link() {
        sys_run ip -d -o link show dev "$1"
}

link_has() {
        local word="$1"

        if [[ " $(link tun-test | tr '<>,' '   ') " != *" $word "* ]]; then
                link tun-test
                return 1
        fi
}

address() {
        sys_run sh -c "ip -4 -br address show dev tun-test | awk '{ print \$3 }'"
}

before_network_target() {
        local service target

        service="$(unit_property ActiveEnterTimestampMonotonic netdevd.service)"
        target="$(unit_property ActiveEnterTimestampMonotonic network.target)"
        echo "netdevd.service: $service, network.target: $target"
        [[ $service -gt 0 && $target -gt 0 && $service -le $target ]]
}

# journal_has MATCH... -- FIELD...: one entry that matches has all these fields.
journal_has() {
        local matches=() json

        while [[ $1 != -- ]]; do
                matches+=("$1")
                shift
        done
        shift

        json="$(sys_run journalctl -q -b -o json "${matches[@]}")"
        python3 -c '
import json, sys
for line in sys.stdin.read().splitlines():
    if line and set(sys.argv[1:]) <= set(json.loads(line)):
        break
else:
    sys.exit("no entry with " + " ".join(sys.argv[1:]))' "$@" <<<"$json"
}

state() {
        sys_run busctl get-property "${DEVICE[@]}" org.netdevd1.Device AdministrativeState
}

test_boot() {
        ok "the system comes up, with nothing failed" sys_wait_running
        is "netdevd.service is active" active sys_run systemctl is-active netdevd.service
        ok "it tells when it is ready" grep -q '^notify' <(unit_property Type netdevd.service)
        is "it may do nothing but administrate the network" cap_net_admin unit_property CapabilityBoundingSet \
                netdevd.service
        ok "it was ready before network.target" before_network_target
        ok "its unit has no flaw" silent sys_run systemd-analyze verify netdevd.service
}

test_device() {
        ok "the device is there" link tun-test
        ok "it is multiqueue" link_has multi_queue
        ok "it is persistent" link_has "persist on"
        ok "it belongs to its user" link_has "user nobody"
        ok "nobody is attached" link_has "numqueues 0"
        ok "one queue is held, detached" link_has "numdisabled 1"
        ok "it has carrier" link_has LOWER_UP
        is "it has its address" 172.31.0.1/24 address
}

test_bus() {
        is "the bus says it is configured" 's "configured"' state
        is "the bus knows that the carrier is held" "b true" \
                sys_run busctl get-property "${DEVICE[@]}" org.netdevd1.TunTap CarrierHeld
        ok "any user may ask" sys_run setpriv --reuid=65534 --regid=65534 --clear-groups \
                busctl call org.netdevd1 /org/netdevd1 org.netdevd1.Manager ListDevices
}

# as_nobody DEVICE METHOD
as_nobody() {
        sys_run setpriv --reuid=65534 --regid=65534 --clear-groups busctl --allow-interactive-authorization=no \
                call org.netdevd1 "/org/netdevd1/device/$1" org.netdevd1.Device "$2"
}

# needs_password DEVICE METHOD ACTION: refused, as the action's default has it for who is not in a session.
needs_password() {
        local output

        output="$(as_nobody "$1" "$2" 2>&1)" && return 1
        echo "$output"
        [[ $output == *"or whom polkit allows org.netdevd1.$3: it wants a password"* ]]
}

# What test/kernel/test-access.py plays, once with the real one.
test_polkit() {
        if [[ ! -x $ROOT/usr/lib/polkit-1/polkitd ]]; then
                sys_comment "no polkitd here to ask"
                return
        fi
        ok "polkit's rules let one user take one device down" as_nobody tun_2dtest Down
        ok "and it is down" link_has "state DOWN"
        ok "and up" as_nobody tun_2dtest Up
        ok "and it is up" link_has UP
        is "as its files say" 's "configured"' state
        ok "but not another device" needs_password tun_2dtypo Down set-link
        ok "nor reconfigure it" needs_password tun_2dtest Reconfigure reconfigure
        ok "nor delete it" needs_password tun_2dtest Delete delete
        ok "and it is still there" link tun-test
}

test_journal() {
        sys_run journalctl --sync
        ok "the journal has the device by name" \
                journal_has _SYSTEMD_UNIT=netdevd.service INTERFACE=tun-test -- MESSAGE PRIORITY
        ok "a mistake in a file is in the journal by file and line" journal_has \
                CONFIG_FILE=/etc/netdevd/network/60-typo.netdev CONFIG_LINE=6 -- MESSAGE_ID MESSAGE
        ok "and costs the device nothing but that line" link tun-typo
}

test_reload() {
        local index

        index="$(sys_run cat /sys/class/net/tun-test/ifindex)"
        sys_run sh -c 'printf "[NetDev]\nName=tun-late\nKind=tun\n" >/etc/netdevd/network/70-late.netdev'
        ok "systemctl reload works" sys_run systemctl reload netdevd.service
        ok "and takes up a new file" eventually link tun-late
        is "and leaves what was there" "$index" sys_run cat /sys/class/net/tun-test/ifindex
}

test_restart() {
        local index

        index="$(sys_run cat /sys/class/net/tun-test/ifindex)"
        ok "systemctl restart works" sys_run systemctl restart netdevd.service
        is "and leaves the device" "$index" sys_run cat /sys/class/net/tun-test/ifindex
        is "with its address" 172.31.0.1/24 address
        ok "and holds one queue again, no more" link_has "numdisabled 1"
}

test_activation() {
        ok "systemctl stop works" sys_run systemctl stop netdevd.service
        ok "and leaves the device" link tun-test
        is "a call on the bus starts it again" 's "configured"' state
        is "as a service" active sys_run systemctl is-active netdevd.service
        ok "and the queue is held again" eventually link_has "numdisabled 1"
}

sys_boot prepare || {
        echo "Bail out! the system could not be prepared"
        exit 1
}
test_boot
test_device
test_bus
test_polkit
test_journal
test_reload
test_restart
test_activation
done_testing || {
        sys_run journalctl -q -b -u netdevd.service --no-hostname | tail -n 60 | sed 's/^/# /'
        exit 1
}
