#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A kernel that lets nobody but root attach to a device without an owner (Linux 6.12.117 and others of that time): there
# is no window for squatters, and the short way is taken without asking: each device is made once, at its place.

# shellcheck source=test/vm/guest/lib.sh
. "$(dirname -- "$0")/lib.sh"
enter "$@"

COUNT=50 OWNER=60001 NOBODY=65534

# beside PREFIX COUNT COMMAND...: with a squatter. Sets $attached to the queues it got.
beside() {
        as $NOBODY $NOBODY squatter "$1" "$2" --hold >"$WORK/squatted" &
        PROCESSES+=($!)
        shift 2
        sleep 0.5
        "$@"
        end TERM "${PROCESSES[-1]}"
        attached=$(sed -n 's/^attached //p' "$WORK/squatted")
}

ip tuntap add dev ownerless mode tun multi_queue
beside ownerless 0 true
[[ $attached -eq 0 ]] || skip "on this kernel anybody may attach to a device without an owner"

beside sq $COUNT naive sq $COUNT $OWNER >"$WORK/naive"
is "devices of naive.c that the loop got" "squatted 0 of $COUNT" "$(<"$WORK/naive")"
for ((i = 0; i < COUNT; i++)); do
        ip link delete "sq$i"
        declare_device "sq$i" tun MultiQueue=yes User=$OWNER
done

beside sq $COUNT start_daemon 60
is "queues that the loop got" 0 "$attached"
is "owned devices" $COUNT "$(ip -d -o link show type tun | grep -c " persist on user $OWNER ")"
is "creations" $COUNT "$(grep -cE '^debug: sq[0-9]+: create ' "$LOG")"
! grep -e "Another local user" -e "private network namespace" "$LOG" || fail "it took the long way"
stop_daemon
