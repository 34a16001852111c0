#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# netdevctl verify, as it is typed: on every shape of mistake in test/corpus/bad the exact lines it prints, on the
# examples not a word; then its options. Needs no privilege, no daemon and no device.
#
# A case is a directory of files as they would lie in /etc/netdevd/network, and besides:
#   expected    what is printed, run in the directory
#   setup       a shell script that makes what git cannot keep
#   strict      the status is 1 with --strict only, and 0 without
#   as-nobody   run by a user who may not read everything, where root runs the test
#   args        arguments instead of ".", one a line
#
# $NETDEVCTL: the program; $SOURCE_ROOT: the source tree. With UPDATE=1 it writes `expected` anew.

set -u
export LC_ALL=C
unset NETDEVD_COLORS NO_COLOR

: "${NETDEVCTL:?}" "${SOURCE_ROOT:?}"
CORPUS=$SOURCE_ROOT/test/corpus/bad
WORK=$(mktemp -d) || exit 1
trap 'chmod -R u+rwX "$WORK"; rm -rf "$WORK"' EXIT
chmod a+rx "$WORK"
# Others may not reach the build directory.
cp "$NETDEVCTL" "$WORK/netdevctl"
NETDEVCTL=$WORK/netdevctl
FAILED=0
RUN=0

fail() {
        FAILED=$((FAILED + 1))
        echo "FAILED: $*"
}

# is WHAT EXPECTED ACTUAL
is() {
        RUN=$((RUN + 1))
        [[ $2 == "$3" ]] || fail "$1:"$'\n'"--- expected"$'\n'"$2"$'\n'"--- actual"$'\n'"$3"
}

# run STATUS COMMAND...: its output and errors are then in $OUTPUT.
run() {
        local expected=$1 status

        shift
        RUN=$((RUN + 1))
        OUTPUT=$("$@" 2>&1)
        status=$?
        [[ $status == "$expected" ]] || fail "$*: status $status, not $expected: $OUTPUT"
}

as_nobody() {
        setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"
}

# Every line says where, what is wrong, and what to do.
lines_are_complete() {
        ! grep -vE '^[^ :]+:([0-9]+:)? (error|warning|notice): (\[[^]]*\]+( [^ ]+=)?: )?.+; .+$' <<<"$1"
}

check_case() {
        local name=$1 dir=$WORK/case command=("$NETDEVCTL" verify .) status=1 json

        chmod -R u+rwX "$dir" 2>/dev/null
        rm -rf "$dir"
        cp -r "$CORPUS/$name" "$dir"
        rm -f "$dir/expected"
        cd "$dir" || exit 1
        # Umask and checkout decide about modes otherwise.
        find . -type f -exec chmod 0644 {} + -o -type d -exec chmod 0755 {} +
        [[ ! -e setup ]] || bash -eu ./setup || fail "$name: setup failed"
        [[ ! -e args ]] || mapfile -t -O 2 command <args
        rm -f setup args
        [[ ! -e as-nobody ]] || command=(as_nobody "${command[@]}")
        [[ ! -e strict ]] || status=0

        run "$status" "${command[@]}"
        if [[ ${UPDATE:-} ]]; then
                printf '%s\n' "$OUTPUT" >"$CORPUS/$name/expected"
        fi
        is "$name" "$(cat "$CORPUS/$name/expected")" "$OUTPUT"
        [[ -n $OUTPUT ]] || fail "$name: nothing is said"
        lines_are_complete "$OUTPUT" || fail "$name: a line does not say where, what, and what to do"
        json=$("${command[@]}" --json=short 2>&1)
        is "$name: objects in the JSON" "$(wc -l <<<"$OUTPUT")" "$(grep -o '{"path":' <<<"$json" | wc -l)"
        run 1 "${command[@]}" --strict
        cd / || exit 1
}

check_corpus() {
        local dir name

        for dir in "$CORPUS"/*/; do
                name=$(basename "$dir")
                if [[ -e $dir/as-nobody ]] && ! as_nobody true 2>/dev/null; then
                        echo "$name: left out, only root can become nobody"
                        continue
                fi
                check_case "$name"
        done
}

check_good() {
        run 0 "$NETDEVCTL" verify --strict "$SOURCE_ROOT/conf/examples"
        is "the examples" "" "$OUTPUT"
        run 0 "$NETDEVCTL" verify --strict "$SOURCE_ROOT"/conf/examples/*.netdev "$SOURCE_ROOT"/conf/examples/*.network \
                "$SOURCE_ROOT"/conf/examples/*.d
        is "the examples, one by one" "" "$OUTPUT"
        run 0 "$NETDEVCTL" verify --config-dir="$SOURCE_ROOT/conf/examples" vpn0 vm0
        is "devices of the examples" "" "$OUTPUT"
        run 0 "$NETDEVCTL" verify --json=short "$SOURCE_ROOT/conf/examples"
        is "the examples as JSON" "[]" "$OUTPUT"
        run 0 "$NETDEVCTL" verify "$SOURCE_ROOT/test/corpus/pr30504"
}

# Three files, each with a mistake of its own.
make_files() {
        mkdir -p "$WORK/files/20-b.netdev.d"
        cd "$WORK/files" || exit 1
        printf '[NetDev]\nName=aaa\nKind=tun\n\n[Tun]\n\tMultiQueue = maybe\n' >10-a.netdev
        printf '[Match]\nName=aaa\n[Network]\nAddres=192.0.2.1/24\n' >10-a.network
        printf '[NetDev]\nName=bbb\nKind=tun\n' >20-b.netdev
        printf '[Tunn]\n' >20-b.netdev.d/50-x.conf
        printf '[Match]\nName=bbb\n' >20-b.network
}

A_NETDEV="10-a.netdev:6: error: [Tun] MultiQueue=:"
A_NETWORK="10-a.network:4: error: [Network] Addres=:"
B_DROPIN="20-b.netdev.d/50-x.conf:1: error: [Tunn]:"

# said EXPECTED...: the beginnings of the lines of $OUTPUT, in order.
said() {
        local what=$1 expected

        shift
        expected=$(printf '%s\n' "$@")
        is "$what" "$expected" "$(sed -E 's/^([^ ]+ error: \[[^]]*\]( [A-Za-z]+=)?:).*/\1/' <<<"$OUTPUT")"
}

check_arguments() {
        make_files

        run 1 "$NETDEVCTL" verify .
        said "a directory" "$A_NETDEV" "$A_NETWORK" "$B_DROPIN"
        run 1 "$NETDEVCTL" verify --config-dir=.
        said "--config-dir=" "$A_NETDEV" "$A_NETWORK" "$B_DROPIN"
        run 1 "$NETDEVCTL" verify 10-a.netdev
        said "a file" "$A_NETDEV"
        run 1 "$NETDEVCTL" verify 20-b.netdev
        said "a file with a drop-in" "$B_DROPIN"
        run 1 "$NETDEVCTL" verify 20-b.netdev.d/50-x.conf
        said "a drop-in" "$B_DROPIN"
        run 1 "$NETDEVCTL" verify 20-b.netdev.d/
        said "a drop-in directory" "$B_DROPIN"
        run 0 "$NETDEVCTL" verify 20-b.network
        said "a good file beside bad ones" ""
        run 1 "$NETDEVCTL" verify ./*
        said "all files" "$A_NETDEV" "$A_NETWORK" "$B_DROPIN"
        run 1 "$NETDEVCTL" verify --config-dir=. aaa
        said "a device" "$A_NETDEV" "$A_NETWORK"
        run 1 "$NETDEVCTL" verify "$WORK/files/10-a.netdev"
        said "a file by its full path" "$WORK/files/$A_NETDEV"

        run 1 "$NETDEVCTL" verify --config-dir=. aab
        is "an unknown device" "error: no file declares 'aab'; did you mean 'aaa'?" "$OUTPUT"
        run 1 "$NETDEVCTL" verify no-such.netdev
        is "no such file" "netdevctl: no-such.netdev: No such file or directory" "$OUTPUT"
        run 1 "$NETDEVCTL" verify --config-dir="$WORK/none"
        is "no such directory" "$WORK/none: error: there is no such directory; correct --config-dir=" "$OUTPUT"
        run 1 "$NETDEVCTL" verify /etc/passwd
        is "another file" "netdevctl: /etc/passwd is not read by netdevd: the name must end in .netdev or .network" \
                "$OUTPUT"
        : >30-masked.netdev
        run 0 "$NETDEVCTL" verify 30-masked.netdev
        [[ $OUTPUT == "30-masked.netdev: notice: is empty"* ]] || fail "a mask is not spoken of: $OUTPUT"
        printf '[Daemon]\nEnforce=perhaps\n' >netdevd.conf
        run 1 "$NETDEVCTL" verify netdevd.conf
        [[ $OUTPUT == "netdevd.conf:2: error: "* ]] || fail "netdevd.conf is not checked: $OUTPUT"
        rm netdevd.conf 30-masked.netdev
        cd / || exit 1
}

# What a terminal gets, without the colours.
check_caret() {
        cd "$WORK/files" || exit 1
        OUTPUT=$(NETDEVD_COLORS=1 "$NETDEVCTL" verify 10-a.netdev 10-a.network | sed 's/\x1b\[[0-9;]*m//g' |
                grep -v ': error: ')
        is "lines and carets" \
                "$(printf '         MultiQueue = maybe\n                      ^~~~~\n')
        Addres=192.0.2.1/24
        ^~~~~~" "$OUTPUT"
        printf '[NetDev]\nName=aaa\nKind=tun\nDescription=\xc3\xa4 \x1b[31m\nMTUBytes=\xc3\xa4\xc3\xb6\n' >10-a.netdev
        OUTPUT=$(NETDEVD_COLORS=1 "$NETDEVCTL" verify 10-a.netdev | sed 's/\x1b\[[0-9;]*m//g' | tail -n 1)
        is "a caret under two letters of four bytes" "                 ^~" "$OUTPUT"
        OUTPUT=$(NETDEVD_COLORS=0 "$NETDEVCTL" verify 10-a.netdev)
        [[ $OUTPUT != *$'\x1b'* ]] || fail "a control character gets through: $OUTPUT"
        cd / || exit 1
}

check_json() {
        cd "$WORK/files" || exit 1
        make_files
        run 1 "$NETDEVCTL" verify --json=pretty .
        is "the JSON" "10-a.netdev 6 Tun MultiQueue error True" "$(python3 -c '
import json, sys
d = json.load(sys.stdin)[0]
assert sorted(d) == ["hint", "key", "line", "path", "section", "severity", "text"], d
print(d["path"], d["line"], d["section"], d["key"], d["severity"], bool(d["text"] and d["hint"]))' <<<"$OUTPUT")"
        cd / || exit 1
}

check_usage() {
        run 2 "$NETDEVCTL" verfy
        is "an unknown verb" "netdevctl: unknown verb 'verfy': did you mean 'verify'?; see netdevctl --help" "$OUTPUT"
        run 2 "$NETDEVCTL" frobnicate
        run 2 "$NETDEVCTL" verify --json=xml .
        run 2 "$NETDEVCTL" verify --no-such-option
        run 2 "$NETDEVCTL" verify --config-dir=
        run 2 "$NETDEVCTL" verify --recreate
        is "an option of another verb" "netdevctl: --recreate does not go with 'verify'; see netdevctl --help" "$OUTPUT"
        run 2 "$NETDEVCTL" reload now
        run 2 "$NETDEVCTL" reconfigure
        run 2 "$NETDEVCTL" explain
        run 0 "$NETDEVCTL" --help
        run 0 "$NETDEVCTL" --version
        [[ $OUTPUT == "netdevctl "[0-9]* ]] || fail "--version says $OUTPUT"
}

# Where no bus is.
check_no_bus() {
        run 1 env DBUS_SYSTEM_BUS_ADDRESS=unix:path="$WORK/no-bus" "$NETDEVCTL" reload
        is "no bus" "netdevctl: cannot reach the system bus, and so not netdevd: No such file or directory" "$OUTPUT"
}

check_corpus
check_good
check_arguments
check_caret
check_json
check_usage
check_no_bus

echo "$RUN checks, $FAILED failed"
[[ $FAILED == 0 ]]
