#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The guest is what the other scripts here need, and netdevd does the plainest thing in it.

# shellcheck source=test/vm/guest/lib.sh
. "$(dirname -- "$0")/lib.sh"
enter "$@"

echo "kernel $(uname -r)"
[[ -d /sys/class/net/lo ]] || fail "no /sys"
ip link add vrf-x type vrf table 5 || fail "no VRF"
ip link add br-x type bridge vlan_filtering 1 || fail "no VLAN filtering"
ip link add dummy-x type dummy || fail "no dummy"
for qdisc in cake codel fq fq_codel fq_pie pie sfq; do
        tc qdisc replace dev dummy-x root $qdisc || fail "no $qdisc"
done

declare_device tun-test tun MultiQueue=yes
declare_network tun-test '[Network]' LinkLocalAddressing=no Address=172.31.0.1/24
"${NETDEVD_COMMAND[@]}" --once >"$WORK/rest" 2>"$LOG" || fail "it exits with $?: $(cat "$WORK/rest")"
is "queue mode" true "$(field tun-test multi_queue)"
is "persistence" true "$(field tun-test persist)"
is "owner" root "$(field tun-test user)"
is "addresses" 172.31.0.1/24 "$(addresses tun-test)"
is "routes" 172.31.0.0/24 "$(routes 4 main tun-test)"
[[ $(ip -j link show dev tun-test) == *'"UP"'* ]] || fail "it is not up"

# A test that nothing changes is worth what it would notice.
changes_nothing "nothing" true
for change in "ip link set dev tun-test mtu 1400" "ip addr add 172.31.0.9/24 dev tun-test" \
        "tc qdisc replace dev tun-test root fq"; do
        # shellcheck disable=SC2086 # words
        if (trap - EXIT && changes_nothing "$change" $change) >/dev/null 2>&1; then
                fail "not noticed: $change"
        fi
done
