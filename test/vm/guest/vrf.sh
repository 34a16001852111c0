#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# VRF=: the device waits for it without an address, joins when it comes, and all it has is in the VRF's table; leaves
# when the key goes. To join and to leave takes IPv6 addresses and routes from a link, which must come back.

# shellcheck source=test/vm/guest/lib.sh
. "$(dirname -- "$0")/lib.sh"
enter "$@"

ADDRESSES='10.42.0.1/24 fd42::1/64'

# declare_it [LINE]: more of [Network]
declare_it() {
        declare_network tap-vrf \
                '[Network]' LinkLocalAddressing=no Address=10.42.0.1/24 Address=fd42::1/64 "$@" \
                '[Route]' Destination=10.43.0.0/24 Gateway=10.42.0.2 \
                '[Route]' Destination=fd43::/64 Gateway=fd42::2 \
                '[Route]' Destination=10.44.0.0/24 Scope=link Table=7 \
                '[Neighbor]' Address=10.42.0.2 LinkLayerAddress=02:00:00:00:00:02
}

# all_is_in MASTER TABLE: and in no other.
all_is_in() {
        eventually "master" "$1" field tap-vrf master
        eventually "addresses" "$ADDRESSES" addresses tap-vrf
        eventually "IPv4 routes" "10.42.0.0/24 in $2, 10.43.0.0/24 in $2, 10.44.0.0/24 in 7" all_routes 4
        eventually "IPv6 routes" "fd42::/64 in $2, fd43::/64 in $2" all_routes 6
        eventually "neighbours" '10.42.0.2 lladdr 02:00:00:00:00:02 PERMANENT' neighbors
        eventually "what is left to do" 0 difference
}

# all_routes FAMILY: of the device, in all tables, as "10.42.0.0/24 in main"; link-local ones aside.
all_routes() {
        local line lines='' words

        while read -ra words; do
                line="${words[0]} in main"
                [[ " ${words[*]} " != *" table "* ]] || line="${words[0]} in $(after table "${words[@]}")"
                [[ $line == fe80:* ]] || lines+="$line"$'\n'
        done < <(ip "-$1" route show table all dev tap-vrf type unicast)
        joined "$(printf '%s' "$lines" | sort)" ', '
}

# after WORD WORDS...: what stands behind it.
after() {
        local word=$1

        shift
        while [[ $1 != "$word" ]]; do
                shift
        done
        printf '%s' "$2"
}

neighbors() {
        ip -4 neigh show dev tap-vrf nud permanent | sed 's/ proto [^ ]*//; s/ *$//'
}

declare_device tap-vrf tap MultiQueue=yes
declare_it VRF=vrf-a
start_daemon 10
is "addresses without the VRF" '' "$(addresses tap-vrf)"
is "routes without the VRF" '' "$(routes 4 main tap-vrf)"
is "master without the VRF" '' "$(field tap-vrf master)"
has "without the VRF" "$LOG" "the vrf vrf-a does not exist yet; tap-vrf joins it as soon as somebody makes it"
is "what is left to do without the VRF" 3 "$(difference)"

ip link add vrf-a type vrf table 42
all_is_in vrf-a 42
echo "it joins when the VRF comes"

reload_is_quiet
stop_daemon
changes_nothing "a restart" start_daemon 10
all_is_in vrf-a 42

# What was drift is repaired by a reload, and the table is that of the VRF there is now.
ip link del vrf-a
ip link add vrf-a type vrf table 43
reload
all_is_in vrf-a 43
echo "it joins the next one, and another table"

declare_it
reload
all_is_in '' main
reload_is_quiet
echo "it leaves"

declare_it VRF=vrf-a
reload
all_is_in vrf-a 43
echo "it joins by a reload"

# From one master to another without one in between.
ip link add vrf-b type vrf table 42
declare_it VRF=vrf-b
reload
all_is_in vrf-b 42
ip link add br-a type bridge
declare_it Bridge=br-a
reload
all_is_in br-a main
declare_it VRF=vrf-a
reload
all_is_in vrf-a 43
reload_is_quiet
echo "it goes from VRF to VRF, to a bridge, and back"

# While it is down there is nothing that the kernel could take from it, nor IPv6.
declare_network tap-vrf '[Link]' ActivationPolicy=down '[Network]' VRF=vrf-b LinkLocalAddressing=no \
        Address=10.42.0.1/24 Address=fd42::1/64
reload
eventually "master while it is down" vrf-b field tap-vrf master
eventually "addresses while it is down" 10.42.0.1/24 addresses tap-vrf
reload_is_quiet
declare_it VRF=vrf-b
reload
all_is_in vrf-b 42
declare_it VRF=vrf-a
reload
all_is_in vrf-a 43
echo "it joins while it is down"

# A master of that name is none if it is no VRF.
stop_daemon
ip link set dev tap-vrf nomaster
ip link del vrf-a
ip link add vrf-a type dummy
start_daemon 10
is "master with a dummy of the VRF's name" '' "$(field tap-vrf master)"
is "addresses with a dummy of the VRF's name" '' "$(addresses tap-vrf)"
has "with a dummy of the VRF's name" "$LOG" "vrf-a is a dummy device, and no vrf"

stop_daemon
