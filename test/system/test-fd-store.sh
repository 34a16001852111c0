#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# netdevd is killed with SIGKILL, again and again, on a booted systemd, and the programs behind its devices do not
# notice: PID 1 keeps the queues for it. Beside it, and for comparison only, systemd-networkd with the same files. KILLS=
# and MANY= in the environment make it kill more often, and many devices.
#
# $BUILD_DIR: as for test-boot.sh.

set -u
# shellcheck source=test/system/harness.sh
. "$(dirname -- "$0")/harness.sh"

sys_need_build

KILLS="${KILLS:-20}"
MANY="${MANY:-500}"

NETDEVD=netdevd.service
NETWORKD=systemd-networkd.service

# device NAME ADDRESS [LINE...], in $NETWORK
device() {
        local network="$ROOT${NETWORK:-/etc/netdevd/network}" name="$1" address="$2"
        shift 2

        printf '%s\n' '[NetDev]' "Name=$name" Kind=tun '[Tun]' KeepCarrier=yes User=nobody "$@" \
                >"$network/$name.netdev"
        printf '%s\n' '[Match]' "Name=$name" '[Link]' QDisc=noqueue '[Network]' "Address=$address" \
                LinkLocalAddressing=no >"$network/$name.network"
}

# It would give up after five kills.
prepare_networkd() {
        local files="$ROOT/etc/systemd/network" drop_ins="$ROOT/etc/systemd/system/$NETWORKD.d"

        rm -rf "$files" "$ROOT/etc/systemd/system/$NETWORKD" "$ROOT/etc/systemd/system/${NETWORKD%.service}.socket"
        mkdir -p "$files" "$drop_ins"
        printf '%s\n' '[Unit]' StartLimitIntervalSec=0 >"$drop_ins/no-limit.conf"
        NETWORK=/etc/systemd/network device net-multi 172.31.3.1/24 MultiQueue=yes
        NETWORK=/etc/systemd/network device net-single 172.31.4.1/24
}

prepare() {
        DESTDIR="$ROOT" meson install -C "$BUILD_DIR" --no-rebuild || return 1
        systemd-sysusers --root="$ROOT" || return 1
        systemctl --root="$ROOT" enable "$NETDEVD" || return 1
        mkdir -p "$ROOT/etc/netdevd/network"
        device tun-multi 172.31.1.1/24 MultiQueue=yes
        device tun-single 172.31.2.1/24
        prepare_networkd
        install -m 755 "$SYS_HERE/stream.py" "$ROOT/usr/local/bin/stream.py"
}

# stream WHO CMD...: the stream's own line; it goes into a table too, and what else there was stands there as a comment.
stream() {
        local who="$1" line
        shift

        line="$(sys_run "$@" 2>"$SYS_DIR/stream.err")"
        sed 's/^/#   /; s/^#   # /#   /' "$SYS_DIR/stream.err" >&3
        printf '%-26s %s\n' "$who:" "${line:-$(tail -n 1 "$SYS_DIR/stream.err")}" >>"$SYS_DIR/table"
        echo "$line"
}

nothing="lost 0, carrier changes 0, address changes 0, other queues 0"

# n_stored [UNIT]
n_stored() {
        unit_property NFileDescriptorStore "$@"
}

test_kills() {
        is "the service manager has all queues in one descriptor" 1 n_stored
        is "$KILLS kills cost a program that attached by name nothing" "$nothing" \
                stream "netdevd" stream.py "$NETDEVD" tun-multi 172.31.1.2 "$KILLS"
        is "nor one that was lent the only queue" "$nothing" \
                stream "netdevd, single queue" \
                netdevctl exec tun-single -- stream.py "$NETDEVD" tun-single 172.31.2.2 "$KILLS" "{fds}"
        is "and the service manager has no more than before" 1 n_stored
        ok "one queue is held, detached" grep -q "numqueues 0 numdisabled 1" \
                <(sys_run ip -d -o link show dev tun-multi)
}

# Nothing is asserted of it but that it was there to be compared with.
show_networkd() {
        if [[ ! -x $ROOT/lib/systemd/systemd-networkd ]]; then
                sys_comment "systemd-networkd is not installed here"
                return
        fi
        ok "systemd-networkd starts" sys_run systemctl start "$NETWORKD"
        ok "and makes its device" eventually sys_run sh -c "ip -4 address show dev net-multi | grep -q 172.31.3.1"
        stream "systemd-networkd" stream.py "$NETWORKD" net-multi 172.31.3.2 "$KILLS" >/dev/null
        stream "the same, single queue" stream.py "$NETWORKD" net-single 172.31.4.2 "$KILLS" >/dev/null
        sys_comment "the service manager has $(n_stored "$NETWORKD") descriptors of systemd-networkd"
        ok "systemd-networkd stops" sys_run systemctl stop "$NETWORKD" "${NETWORKD%.service}.socket"
        sys_comment "$KILLS kills each:"
        sys_comment "$(cat "$SYS_DIR/table")"
}

# The same queues, and not ones attached anew.
carriers() {
        sys_run sh -c 'cat /sys/class/net/*/carrier_changes | sort -n | uniq -c'
}

test_upgrade() {
        local before

        before="$(carriers)"
        ok "systemctl restart works" sys_run systemctl restart netdevd.service
        is "and costs no carrier" "$before" carriers
        sys_run sh -c 'cp /usr/sbin/netdevd /usr/sbin/netdevd.new && mv /usr/sbin/netdevd.new /usr/sbin/netdevd'
        ok "another binary takes over" sys_run systemctl restart netdevd.service
        is "without that either" "$before" carriers
        ok "systemctl daemon-reexec works" sys_run systemctl daemon-reexec
        ok "and a restart behind it" sys_run systemctl restart netdevd.service
        is "costs nothing either" "$before" carriers
        is "and all is still in one descriptor" 1 n_stored
}

queues_of() {
        sys_run ip -d -o link show dev tun-multi | grep -o -e "vnet_hdr o[nf]*" -e "numqueues [0-9]*" -e "numdisabled [0-9]*" | paste -sd ' '
}

# The flags of a device are those of its first queue: the old one has to be gone, from PID 1 too, before the new one.
test_superseded() {
        sys_run sh -c 'echo VNetHeader=yes >>/etc/netdevd/network/tun-multi.netdev'
        ok "a reload changes the flags of a held queue" sys_run systemctl reload netdevd.service
        is "by a new one in place of the old one" "vnet_hdr on numqueues 0 numdisabled 1" queues_of
        sys_run systemctl restart netdevd.service
        is "and that one is kept" "vnet_hdr on numqueues 0 numdisabled 1" queues_of
}

# Milliseconds of CPU that PID 1 had.
pid1_cpu() {
        local stat

        stat="$(sys_run cat /proc/1/stat)"
        read -ra stat <<<"${stat##*) }"
        echo $(((stat[11] + stat[12]) * 10))
}

# ready_but PID: another one is there, and ready.
ready_but() {
        local pid

        pid="$(unit_property MainPID)"
        [[ $pid != 0 && $pid != "$1" && $(unit_property ActiveState) == active ]]
}

# Kills it once; what it costs PID 1 until all is ready again goes into $COST, in milliseconds.
kill_one() {
        local pid start

        start="$(pid1_cpu)"
        pid="$(unit_property MainPID)"
        sys_run kill -KILL "$pid"
        COST=999999 # it did not come back
        ! eventually ready_but "$pid" || COST=$(($(pid1_cpu) - start))
}

less() {
        echo "$1"
        [[ $1 -lt $2 ]]
}

test_many() {
        local before i

        for ((i = 0; i < MANY; i++)); do
                device "$(printf 'single%09d' "$i")" "10.$((i >> 8)).$((i & 255)).1/32"
        done
        ok "$MANY devices with long names" sys_run systemctl reload netdevd.service
        ok "are all there" eventually sys_run sh -c "[ \"\$(ls /sys/class/net | grep -c ^single)\" = $MANY ]"
        ok "and ready" sys_run timeout 50 netdevctl wait-online --any
        is "200 to a descriptor" $(((MANY + 2 + 199) / 200)) n_stored

        before="$(carriers)"
        kill_one
        sys_comment "a kill costs PID 1 $COST ms of CPU with $MANY devices"
        ok "a kill costs PID 1 little" less "$COST" 500
        is "and nobody the carrier" "$before" carriers
        is "and they are in as many descriptors" $(((MANY + 2 + 199) / 200)) n_stored
}

exec 3>&1
sys_boot prepare || {
        echo "Bail out! the system could not be prepared"
        exit 1
}
ok "the system comes up, with nothing failed" sys_wait_running
test_kills
show_networkd
test_upgrade
test_superseded
test_many
done_testing || {
        sys_run journalctl -q -b -u netdevd.service --no-hostname | tail -n 60 | sed 's/^/# /'
        exit 1
}
