#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# That a guest in which something is wrong is a test that fails, and says what was wrong: else all the others here would
# prove nothing.

set -eu -o pipefail
export LC_ALL=C

OUTPUT=$(mktemp)
trap 'rm -f "$OUTPUT"' EXIT

# run SECONDS HOW: sets STATUS.
run() {
        STATUS=0
        "${0%/*}/vm" --timeout="$1" test/vm/guest/ends.sh "$2" >"$OUTPUT" 2>&1 </dev/null || STATUS=$?
}

# ended HOW STATUS TEXT...: how it should have ended, and what must have been said.
ended() {
        local how=$1 expected=$2 text

        shift 2
        for text; do
                grep -qF -e "$text" "$OUTPUT" || STATUS="$STATUS, without '$text'"
        done
        if [[ $STATUS == "$expected" ]]; then
                echo "$how: $STATUS, as expected"
                return 0
        fi
        sed 's/^/    | /' "$OUTPUT"
        echo "FAILED: $how: exit status $STATUS, not $expected"
        exit 1
}

run 60 assertion
if [[ $STATUS -eq 77 ]]; then # there is no guest at all
        cat "$OUTPUT"
        exit 77
fi
ended assertion 1 "FAILED: owner: is 'root', not 'nobody'" "the daemon's last words" "info: tun-test: Configured"
run 60 warning
ended warning 1 "the kernel is not well"
run 60 panic
ended panic 1 "the guest has ended too early"
run 8 hang
ended hang 124 "vm: not done after 8 s"
