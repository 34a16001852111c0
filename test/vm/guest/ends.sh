#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Ends as it is told, for test-vm.sh: ends.sh HOW

# shellcheck source=test/vm/guest/lib.sh
. "$(dirname -- "$0")/lib.sh"
how=$1
enter "$@"

case $how in
assertion) # with a daemon, whose log is to be shown
        declare_device tun-test tun
        start_daemon 10
        is "owner" nobody "$(field tun-test user)"
        ;;
hang)
        echo "hanging"
        sleep 1000
        ;;
warning) # all is good, but for the kernel
        echo "WARNING: not a real one" >/dev/kmsg
        ;;
panic)
        echo c >/proc/sysrq-trigger
        ;;
*)
        fail "no such end"
        ;;
esac
