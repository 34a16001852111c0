#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# [BridgeVLAN] on a port of a bridge that filters VLANs: set, changed, given back; also after the bridge or the port was
# away, when the kernel has forgotten all of it.

# shellcheck source=test/vm/guest/lib.sh
. "$(dirname -- "$0")/lib.sh"
enter "$@"

FIRST='10, 20, 21, 22, 23, 30 PVID Egress Untagged, 40 Egress Untagged, 41 Egress Untagged'

# declare_it [LINE...]
declare_it() {
        declare_network tap-vlan '[Network]' Bridge=br-vlan "$@"
}

declare_first() {
        declare_it '[BridgeVLAN]' VLAN=10 VLAN=20-23 '[BridgeVLAN]' PVID=30 EgressUntagged=30 EgressUntagged=40-41
}

# make_bridge DEFAULT: its default PVID, which a new port gets of itself.
make_bridge() {
        ip link add br-vlan type bridge vlan_filtering 1 vlan_default_pvid "$1"
        ip link set br-vlan addrgenmode none # else it gets an address of its own, some time
        ip link set br-vlan up
}

declare_device tap-vlan tap MultiQueue=yes
declare_first
start_daemon 10
make_bridge 0
eventually "master" br-vlan field tap-vlan master
eventually "VLANs" "$FIRST" vlans tap-vlan
is "VLANs of the bridge itself" '' "$(vlans br-vlan)"
reload_is_quiet
stop_daemon
changes_nothing "a restart" start_daemon 10
is "VLANs after a restart" "$FIRST" "$(vlans tap-vlan)"
echo "set: $FIRST"

# Each kind of change: one goes, one comes, tagged to untagged and back, another PVID.
declare_it '[BridgeVLAN]' VLAN=11 VLAN=21-23 EgressUntagged=20 PVID=40 VLAN=41 VLAN=30 EgressUntagged=40
reload
eventually "VLANs, changed" \
        '11, 20 Egress Untagged, 21, 22, 23, 30, 40 PVID Egress Untagged, 41' vlans tap-vlan
reload_is_quiet

declare_it '[BridgeVLAN]' VLAN=1-200 VLAN=4094
reload
eventually "VLANs, a long range" "$(seq -s ', ' 1 200), 4094" vlans tap-vlan

declare_it
reload
eventually "VLANs, given back" '' vlans tap-vlan
is "master" br-vlan "$(field tap-vlan master)"
echo "changed, and given back"

# The kernel forgets them with the port and with the bridge, and has its own idea of a new port.
declare_first
reload
eventually "VLANs, again" "$FIRST" vlans tap-vlan
declare_network tap-vlan
reload
eventually "master, left" '' field tap-vlan master
is "VLANs, left" '' "$(vlans tap-vlan)"
declare_first
reload
eventually "VLANs of the port that is back" "$FIRST" vlans tap-vlan
ip link del br-vlan
make_bridge 0
reload
eventually "VLANs with the next bridge" "$FIRST" vlans tap-vlan
echo "set anew after port and bridge were away"

# With a default PVID the port has VLAN 1, which the sections may not name; it comes back.
declare_it
reload
eventually "VLANs, given back to the next bridge" '' vlans tap-vlan
ip link set dev br-vlan type bridge vlan_default_pvid 1
is "VLANs with a default PVID" '1 PVID Egress Untagged' "$(vlans tap-vlan)"
declare_it '[BridgeVLAN]' VLAN=10 PVID=30 EgressUntagged=30
reload
eventually "VLANs over a default PVID" '10, 30 PVID Egress Untagged' vlans tap-vlan
reload_is_quiet
declare_it
reload
eventually "VLANs, given back to the default PVID" '1 PVID Egress Untagged' vlans tap-vlan
reload_is_quiet
echo "the default PVID goes, and comes back"

# Nothing wrong with them where the bridge does not filter.
ip link set dev br-vlan type bridge vlan_filtering 0
declare_it '[BridgeVLAN]' VLAN=10
reload
eventually "VLANs without filtering" 10 vlans tap-vlan
stop_daemon
