#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Every setting of [Bridge] as this older kernel has them: set, changed, and given back; also to a port that joins anew,
# and on top of what somebody else had set.

# shellcheck source=test/vm/guest/lib.sh
. "$(dirname -- "$0")/lib.sh"
enter "$@"

# What is set, how bridge(8) calls it, and what it says without netdevd, then for the first and for the second value.
# UseBPDU= and AllowPortToBeRoot= say the opposite of what the kernel calls guard and root_block. The cost follows from
# the speed, of which each kernel has its own idea for a tap.
KEYS=(
        'UnicastFlood flood true no false yes true'
        'MulticastFlood mcast_flood true no false yes true'
        'MulticastToUnicast mcast_to_unicast false yes true no false'
        'NeighborSuppression neigh_suppress false yes true no false'
        'Learning learning true no false yes true'
        'HairPin hairpin false yes true no false'
        'Isolated isolated false yes true no false'
        'UseBPDU guard false no true yes false'
        'FastLeave fastleave false yes true no false'
        'AllowPortToBeRoot root_block false no true yes false'
        'ProxyARP proxy_arp false yes true no false'
        'ProxyARPWiFi proxy_arp_wifi false yes true no false'
        'Cost cost ? 7 7 300 300'
        'Priority priority 32 5 5 63 63'
        'MulticastRouter multicast_router 1 permanent 2 no 0'
)

# lines COLUMN: "Key=value" of that column.
lines() {
        local row words

        for row in "${KEYS[@]}"; do
                read -ra words <<<"$row"
                printf '%s=%s\n' "${words[0]}" "${words[$1]}"
        done
}

# expected COLUMN and actual: "word value" of each setting, in lines.
expected() {
        local row words

        for row in "${KEYS[@]}"; do
                read -ra words <<<"$row"
                printf '%s %s\n' "${words[1]}" "${words[$1]/#\?/$COST}"
        done
}

actual() {
        local row words json

        json=$(ip -d -j link show dev tap-port)
        json=${json##*'"info_slave_data":'} # the bridge's own settings have some of the same names
        for row in "${KEYS[@]}"; do
                read -ra words <<<"$row"
                [[ $json =~ \"${words[1]}\":([^],}]*) ]] || BASH_REMATCH=('' none)
                printf '%s %s\n' "${words[1]}" "${BASH_REMATCH[1]}"
        done
}

make_bridge() {
        ip link add br-port type bridge
        ip link set br-port addrgenmode none # else it gets an address of its own, some time
        ip link set br-port up
}

# declare_it [LINE...]: of [Bridge]
declare_it() {
        declare_network tap-port '[Network]' Bridge=br-port LinkLocalAddressing=no '[Bridge]' "$@"
}

declare_column() {
        local settings

        mapfile -t settings < <(lines "$1")
        declare_it "${settings[@]}"
}

make_bridge
ip tuntap add cost-meter mode tap multi_queue
ip link set dev cost-meter master br-port up
COST=$(field cost-meter cost)
[[ $COST -gt 0 ]] || fail "a port has no cost"
ip link del cost-meter

declare_device tap-port tap MultiQueue=yes
declare_it
start_daemon 10
eventually "port settings without [Bridge]" "$(expected 2)" actual

declare_column 3
reload
eventually "port settings" "$(expected 4)" actual
reload_is_quiet
declare_column 5
reload
eventually "port settings, changed" "$(expected 6)" actual
reload_is_quiet
declare_column 3
reload
eventually "port settings, changed back" "$(expected 4)" actual
echo "${#KEYS[@]} settings set and changed"

# A port that joins anew has the kernel's own values.
ip link del br-port
make_bridge
reload
eventually "port settings with the next bridge" "$(expected 4)" actual
declare_it
reload
eventually "port settings, given back" "$(expected 2)" actual
reload_is_quiet
echo "set anew, and given back"

# What was there before comes back, and what somebody made of it since is left alone.
bridge link set dev tap-port cost 11 learning off
declare_it Cost=12 Learning=yes HairPin=yes
reload
eventually "cost" 12 field tap-port cost
bridge link set dev tap-port hairpin off
declare_it
reload
eventually "cost, given back" 11 field tap-port cost
is "learning, given back" false "$(field tap-port learning)"
is "hairpin, which somebody set" false "$(field tap-port hairpin)"
stop_daemon
