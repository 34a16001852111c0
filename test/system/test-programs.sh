#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Real programs, as Debian ships them, on devices that netdevd made, run by users who are nobody special: wireguard-go,
# qemu with a guest, a service with PrivateDevices=yes, and clients of the bus written in Python. What counts are
# packets that came through. Boots a real systemd (harness.sh); a program that is not there is a failure.
#
# $BUILD_DIR: as for test-boot.sh.

set -u
# shellcheck source=test/system/harness.sh
. "$(dirname -- "$0")/harness.sh"

sys_need_build

LIB=/usr/local/lib/netdevd-test # in the booted system
PROGRAMS=(busybox ethtool ping python3 qemu-system-x86_64 wg wireguard-go)
# A flow stays on its queue, so that a queue nobody serves loses all of its flows: of two queues it would have none of
# these once in a billion times.
FLOWS=30

# --- the system

# unit NAME: a service from standard input, as an administrator would write it.
unit() {
        cat >"$ROOT/etc/systemd/system/$1"
}

# network_file NAME: from standard input.
network_file() {
        cat >"$ROOT/etc/netdevd/network/$1"
}

add_users() {
        local user

        for user in answer owner stranger vm vpn; do
                echo "u netdevd-$user - -"
        done >"$ROOT/etc/sysusers.d/netdevd-test.conf"
        systemd-sysusers --root="$ROOT"
}

# The guest's root is not packed: that would cost it more than it saves.
make_guest() {
        local kernel guest="$SYS_DIR/guest" library

        kernel="$("$SYS_HERE/../vm/vm" --kernel virtio_net virtio_pci)" || return 1
        mkdir -p "$guest"/{bin,dev,modules,proc}
        cp "$(type -P busybox)" "$(type -P ethtool)" "$guest/bin/" || return 1
        ln -s busybox "$guest/bin/sh"
        ldd "$(type -P ethtool)" | grep -o '/[^ ]*' | while read -r library; do
                cp -L --parents "$library" "$guest"
        done
        cp "$kernel/order" "$kernel/modules"/*.ko "$guest/modules/" || return 1
        cp "$SYS_HERE/guest-init" "$guest/init" || return 1
        cp "$kernel/vmlinuz" "$ROOT$LIB/vmlinuz" || return 1
        (cd "$guest" && find . -print0 | cpio --null --create --format=newc --owner=+0:+0 --quiet) \
                >"$ROOT$LIB/initramfs"
}

# tun_with_address NAME USER ADDRESS: several queues, and the carrier kept.
tun_with_address() {
        network_file "50-$1.netdev" <<END
[NetDev]
Name=$1
Kind=tun

[Tun]
MultiQueue=yes
KeepCarrier=yes
User=$2
END
        network_file "50-$1.network" <<END
[Match]
Name=$1

[Network]
Address=$3
END
}

add_service() {
        tun_with_address answer0 netdevd-answer 172.31.3.1/24
        unit answer.service <<END
[Unit]
After=netdevd.service

[Service]
Type=notify
User=netdevd-answer
PrivateDevices=yes
CapabilityBoundingSet=
ExecStart=netdevctl exec answer0 --queues=2 -- $LIB/answer.py {fds}

[Install]
WantedBy=multi-user.target
END
}

# wireguard_peer LETTER OWN-NUMBER OTHER-LETTER OTHER-NUMBER MULTIQUEUE: one of the two ends of a tunnel that are both
# here. What is sent from here to the other end takes the tunnel, although that is an address of our own: see
# through_tunnels.
wireguard_peer() {
        local name="wg-$1" own="172.31.5.$2" other="172.31.5.$4"

        network_file "50-$name.netdev" <<END
[NetDev]
Name=$name
Kind=tun

[Tun]
MultiQueue=$5
KeepCarrier=yes
PacketInfo=yes
User=netdevd-vpn
END
        network_file "50-$name.network" <<END
[Match]
Name=$name

[Link]
MTUBytes=1420

[Network]
Address=$own/32
IPv4AcceptLocal=yes

[Route]
Destination=$other/32
Table=10$2

[RoutingPolicyRule]
To=$other/32
IncomingInterface=lo
Table=10$2
Priority=100
END
        cat >"$ROOT/etc/wireguard-test/$name.conf" <<END
[Interface]
PrivateKey=$(cat "$SYS_DIR/$1.key")
ListenPort=5182$2

[Peer]
PublicKey=$(wg pubkey <"$SYS_DIR/$3.key")
AllowedIPs=$other/32
Endpoint=127.0.0.1:5182$4
END
}

# Debian's wireguard-go sets the MTU itself, for which it needs the capability. A queue that comes as a descriptor may
# be one of many, and the only one that netdevd holds; this has a tunnel of both.
add_wireguard() {
        mkdir -m 700 "$ROOT/etc/wireguard-test"
        wg genkey >"$SYS_DIR/a.key" || return 1
        wg genkey >"$SYS_DIR/b.key" || return 1
        wireguard_peer a 1 b 2 yes
        wireguard_peer b 2 a 1 no

        unit wireguard-go@.service <<END
[Unit]
After=netdevd.service

[Service]
Type=exec
User=netdevd-vpn
AmbientCapabilities=CAP_NET_ADMIN
CapabilityBoundingSet=CAP_NET_ADMIN
PrivateDevices=yes
RuntimeDirectory=wireguard
RuntimeDirectoryPreserve=yes
Environment=LOG_LEVEL=error
ExecStart=netdevctl exec %i -- wireguard-go -f %i
ExecStartPost=+sh -c 'until wg setconf %i /etc/wireguard-test/%i.conf 2>/dev/null; do sleep 0.1; done'
TimeoutStartSec=20
Restart=always
RestartSec=0

[Install]
WantedBy=multi-user.target
END
}

# machine_unit NAME NETDEV KERNEL-ARGUMENT [HOW...]: a virtual machine.
machine_unit() {
        local name="$1" netdev="$2" argument="$3"
        shift 3

        unit "$name.service" <<END
[Service]
Type=exec
User=netdevd-vm
CapabilityBoundingSet=
NoNewPrivileges=yes
ExecStart=$* qemu-system-x86_64 -accel tcg -cpu qemu64 -machine q35 -smp 1 -m 128 -nodefaults -no-user-config \\
        -no-reboot -display none -serial stdio -kernel $LIB/vmlinuz -initrd $LIB/initramfs \\
        -append "console=ttyS0 quiet panic=-1 mitigations=off $argument" \\
        -netdev tap,id=n0,$netdev -device virtio-net-pci,netdev=n0,mq=on,vectors=6,romfile=
END
}

add_machines() {
        local exec=(netdevctl exec vm0 --queues=2 --)

        network_file 50-vm0.netdev <<END
[NetDev]
Name=vm0
Kind=tap

[Tap]
MultiQueue=yes
KeepCarrier=yes
VNetHeader=yes
User=netdevd-vm
END
        network_file 50-vm0.network <<END
[Match]
Name=vm0

[Network]
Address=172.31.1.1/24

[Route]
Destination=172.31.2.0/24
Gateway=172.31.1.2
END
        machine_unit vm-by-name ifname=vm0,script=no,downscript=no,queues=2 queues=2
        machine_unit vm-one-queue 'fds={fds}' queues=1 "${exec[@]}"
        machine_unit vm-by-fds 'fds={fds}' queues=2 "${exec[@]}"
}

prepare() {
        DESTDIR="$ROOT" meson install -C "$BUILD_DIR" --no-rebuild || return 1
        systemd-sysusers --root="$ROOT" || return 1
        mkdir -p "$ROOT/etc/netdevd/network" "$ROOT/etc/sysusers.d" "$ROOT$LIB"
        cp "$SYS_HERE"/{answer,follow,open_queues}.py "$ROOT$LIB/" || return 1
        tun_with_address own0 netdevd-owner 172.31.4.1/24
        add_users && add_service && add_wireguard && add_machines && make_guest || return 1
        systemctl --root="$ROOT" enable netdevd.service answer.service \
                wireguard-go@wg-a.service wireguard-go@wg-b.service
}

# --- what is asserted

have() {
        type -P "$1"
}

# within SECONDS CMD...: tries until it succeeds.
within() {
        local end=$((SECONDS + $1))
        shift

        until "$@" >/dev/null 2>&1; do
                ((SECONDS < end)) || break
                sleep 0.1
        done
        "$@"
}

ping_once() {
        sys_run ping -n -c 1 -W 2 "$1"
}

# all_flows PREFIX [FIRST SECONDS]: says which of these addresses, each a flow of its own, does not answer.
all_flows() {
        # shellcheck disable=SC2016
        sys_run bash -c '
                for ((i = $2; i < $2 + $4; i++)); do
                        ping -n -c 1 -W "$3" "$1.$i" >/dev/null || echo "no answer from $1.$i" &
                done
                wait' bash "$1" "${2:-2}" "${3:-10}" "$FLOWS"
}

# property DEVICE NAME, as busctl shows it: "b true"
property() {
        local interface=org.netdevd1.TunTap

        [[ $2 != AdministrativeState ]] || interface=org.netdevd1.Device
        sys_run busctl get-property org.netdevd1 "/org/netdevd1/device/${1//-/_2d}" "$interface" "$2"
}

has() {
        local value

        value="$(property "$1" "$2")"
        [[ $value == "$3" ]] || {
                echo "$2 of $1 is $value, not $3"
                return 1
        }
}

# queues DEVICE: those in use, and those that are not (KeepCarrier='s, and what the program leaves alone).
queues() {
        sys_run ip -d -o link show dev "$1" | sed -E 's/.* numqueues ([0-9]+) numdisabled ([0-9]+).*/\1 \2/'
}

has_queues() {
        local value

        value="$(queues "$1")"
        [[ $value == "$2" ]] || {
                echo "$1 has the queues $value, not $2"
                return 1
        }
}

# What the end of a program must not change.
identity() {
        # shellcheck disable=SC2016
        sys_run sh -c 'cd "/sys/class/net/$0" && echo $(cat ifindex carrier carrier_changes mtu) \
                $(ip -br address show dev "$0")' "$1"
}

main_pid() {
        sys_run systemctl show --value -p MainPID "$1"
}

# privileges UNIT: the user and the capabilities of its process.
privileges() {
        # shellcheck disable=SC2016
        sys_run sh -c 'echo $(stat -c %U "/proc/$0") $(sed -n "s/CapEff://p" "/proc/$0/status")' "$(main_pid "$1")"
}

is_lessee() {
        has "$1" Leases "a(uus) 1 $(main_pid "$2") $(sys_run id -u "$3") \"$2\""
}

# kill_unit UNIT: without a chance to clean up.
kill_unit() {
        sys_run systemctl kill --signal=KILL "$1"
}

# --- the tests

test_boot() {
        local program

        for program in "${PROGRAMS[@]}"; do
                ok "there is $program" have "$program"
        done
        ok "the system comes up, with nothing failed" sys_wait_running
}

test_service() {
        ok "a service with User= and PrivateDevices=yes has its queues at boot" \
                sys_run systemctl is-active answer.service
        is "it is no more than its user" "netdevd-answer 0000000000000000" privileges answer.service
        is "it has two, beside the one that is kept" "2 1" queues answer0
        is "packets come and go on all of them" "" all_flows 172.31.3
        ok "the bus knows who has them" within 5 is_lessee answer0 answer.service netdevd-answer
        ok "an idle program takes a queue, and reads nothing" sys_run systemd-run -q --collect --unit=idle \
                --uid=netdevd-answer -p PrivateDevices=yes netdevctl exec answer0 -- sleep infinity
        ok "beside the others" within 5 has_queues answer0 "3 1"
        ok "so some packets are lost, which shows here" loses_some 172.31.3 100
        ok "it ends" sys_run systemctl stop idle.service
        ok "and gives its queue back" within 5 has_queues answer0 "2 1"
        is "and nothing is lost any more" "" all_flows 172.31.3 150
        ok "the service ends" sys_run systemctl stop answer.service
        ok "and says how many it answered, on both queues" sys_run sh -c "
                journalctl --sync
                journalctl -q -b -u answer.service -o cat | grep -E '^answered [1-9][0-9]* [1-9][0-9]*$'"
        ok "the bus knows that nobody is left" within 5 has answer0 ConsumerAttached "b false"
        ok "and that nobody has a lease" within 5 has answer0 Leases "a(uus) 0"
}

# loses_some PREFIX FIRST: flows that were there before know another queue, so it takes new ones.
loses_some() {
        local lost

        lost="$(all_flows "$1" "$2" 1 | grep -c '^no answer')"
        [[ $lost -gt 0 && $lost -lt $FLOWS ]] || {
                echo "$lost of $FLOWS"
                return 1
        }
}

# client USER UNIT TYPE WORD...: a client with no capabilities and without /dev/net/tun.
client() {
        local user="$1" name="$2" type="$3"
        shift 3

        sys_run systemd-run -q --collect --unit="$name" --service-type="$type" --uid="$user" -p PrivateDevices=yes \
                -p CapabilityBoundingSet= -p NoNewPrivileges=yes "$@"
}

test_open_queues() {
        ok "the owner gets queues from the bus, with no capability and no /dev/net/tun" \
                client netdevd-owner client-owner notify "$LIB/open_queues.py" own0 2
        is "as the kernel sees, too" "2 1" queues own0
        is "they read and write packets" "" all_flows 172.31.4
        ok "the bus knows who has them" within 5 is_lessee own0 client-owner.service netdevd-owner
        ok "the owner ends" sys_run systemctl stop client-owner.service
        ok "and has given them back" within 5 has_queues own0 "0 1"
        is "a stranger gets none" org.netdevd1.NotPermitted \
                client netdevd-stranger client-stranger exec --pipe --wait "$LIB/open_queues.py" own0 2
        is "not even one" "0 1" queues own0
}

# From here on our own addresses are looked up after the rules of the .network files: see wireguard_peer.
through_tunnels() {
        sys_run sh -c 'ip rule add priority 200 lookup local && ip rule delete priority 0'
}

runs_again() {
        local pid

        pid="$(main_pid "$1")"
        [[ $pid -gt 0 && $pid != "$2" ]] && sys_run systemctl is-active "$1"
}

test_wireguard() {
        local a=wireguard-go@wg-a.service b=wireguard-go@wg-b.service unit before_a before_b pid_a pid_b

        ok "own addresses lead into the tunnel" through_tunnels
        for unit in "$a" "$b"; do
                ok "$unit runs" sys_run systemctl is-active "$unit"
                is "its user, with CAP_NET_ADMIN alone" "netdevd-vpn 0000000000001000" privileges "$unit"
        done
        is "one has a queue of many" "1 1" queues wg-a
        is "one has the only queue, which netdevd holds" "b true" property wg-b CarrierHeld
        ok "the first has it from the bus" within 5 is_lessee wg-a "$a" netdevd-vpn
        ok "and so has the second" within 5 is_lessee wg-b "$b" netdevd-vpn
        ok "packets come through the tunnel" within 20 ping_once 172.31.5.2
        is "and back" 0 loss 172.31.5.1 172.31.5.2
        ok "through wireguard-go, as both say" sys_run sh -c '
                wg show wg-a transfer && wg show wg-a transfer | grep -qE "[1-9][0-9]+[[:space:]][1-9][0-9]+$" &&
                wg show wg-b transfer && wg show wg-b transfer | grep -qE "[1-9][0-9]+[[:space:]][1-9][0-9]+$"'

        before_a="$(identity wg-a)"
        before_b="$(identity wg-b)"
        pid_a="$(main_pid "$a")"
        pid_b="$(main_pid "$b")"
        ok "one is killed" kill_unit "$a"
        ok "and the other" kill_unit "$b"
        ok "the first runs again" within 20 runs_again "$a" "$pid_a"
        ok "the second runs again" within 20 runs_again "$b" "$pid_b"
        ok "packets come through the tunnel again" within 20 ping_once 172.31.5.2
        is "the first device has not noticed: addresses, carrier_changes and all" "$before_a" identity wg-a
        is "nor has the second" "$before_b" identity wg-b
        is "they are as configured" 's "configured"' property wg-a AdministrativeState
        is "both" 's "configured"' property wg-b AdministrativeState
        ok "they end" sys_run systemctl stop "$a" "$b"
}

# loss FROM TO: in per cent.
loss() {
        sys_run ping -n -c 20 -i 0.01 -W 5 -I "$1" "$2" | sed -nE 's/.* ([0-9.]+)% packet loss.*/\1/p'
}

# test_machine UNIT QUEUES HOW
test_machine() {
        local before

        before="$(identity vm0)"
        ok "qemu starts, $3" sys_run systemctl start "$1.service"
        is "as its user, and no more" "netdevd-vm 0000000000000000" privileges "$1.service"
        ok "the guest answers" within 60 ping_once 172.31.1.2
        is "it has its queues (and some are not used)" "$2" queues vm0
        is "packets come and go on all of them" "" all_flows 172.31.2
        ok "the bus knows that somebody is there" within 5 has vm0 ConsumerAttached "b true"
        [[ $1 == *-name ]] || ok "and who" within 5 is_lessee vm0 "$1.service" netdevd-vm
        ok "it is killed" kill_unit "$1.service"
        ok "the kept queue is left" within 5 has_queues vm0 "0 1"
        ok "the bus knows that nobody is there" within 5 has vm0 ConsumerAttached "b false"
        is "the device has not noticed" "$before" identity vm0
}

test_machines() {
        test_machine vm-by-name "2 1" "by the name of the device"
        test_machine vm-one-queue "1 2" "by two descriptors, of which the guest detaches one"
        test_machine vm-by-fds "2 1" "by two descriptors, on the same device"
}

# steps: what the follower saw, on one line.
steps() {
        # shellcheck disable=SC2016
        sys_run sh -c 'echo $(cat /run/follow.steps)'
}

saw() {
        local steps

        steps="$(steps)"
        [[ " $steps" == *" $1" ]] || {
                echo "$steps"
                return 1
        }
}

# Each step waits for the one before, so that their order is that of what was done.
test_follow() {
        local begin="appeared configuring made mtu=1400 configured"

        ok "a client follows the signals" client netdevd-stranger follow notify \
                -p StandardOutput=file:/run/follow.steps "$LIB/follow.py" life0

        sys_run sh -c 'mkdir -p /run/netdevd/network && cd /run/netdevd/network &&
                printf "[NetDev]\nName=life0\nKind=tun\n[Tun]\nMultiQueue=yes\nUser=netdevd-owner\n" >life0.netdev &&
                printf "[Match]\nName=life0\n[Link]\nMTUBytes=1400\n[Network]\nAddress=172.31.6.1/24\n" >life0.network'
        ok "it is declared" sys_run netdevctl reload
        ok "and made and configured" within 10 saw configured

        ok "a program comes" client netdevd-owner client-life notify "$LIB/open_queues.py" life0 1
        ok "and is attached" within 10 saw attached
        is "and has its packets" "" all_flows 172.31.6
        ok "it is killed" kill_unit client-life.service
        ok "and gone" within 10 saw detached

        ok "somebody changes it" sys_run ip link set life0 mtu 1300
        ok "which is seen" within 10 saw "drifted"
        ok "it is put right" sys_run netdevctl reconfigure life0
        ok "which is seen, too" within 10 saw configured

        ok "its files go" sys_run sh -c 'rm /run/netdevd/network/life0.* && netdevctl reload'
        ok "and it is an orphan" within 10 saw orphaned
        ok "it is deleted" sys_run netdevctl delete life0
        ok "and gone" within 10 saw disappeared

        is "that was its life" \
                "$begin attached detached mtu=1300 drifted configuring mtu=1400 configured orphaned disappeared" steps
}

sys_boot prepare || {
        echo "Bail out! the system could not be prepared"
        exit 1
}
test_boot
test_service
test_open_queues
test_wireguard
test_machines
test_follow
done_testing || {
        sys_run journalctl -q -b --no-hostname | tail -n 100 | sed 's/^/# /'
        exit 1
}
