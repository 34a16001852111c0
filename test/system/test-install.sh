#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What `meson install` installs, and where: every file that belongs to netdevd, at its place, and in working order as
# far as that shows without a boot. Needs no root and touches nothing outside of a temporary directory.
#
# $BUILD_DIR: the meson build directory to install from; $SOURCE_ROOT: the source tree.

set -u

HERE="$(cd -- "$(dirname -- "$0")" && pwd)"
SOURCE_ROOT="${SOURCE_ROOT:-$(cd -- "$HERE/../.." && pwd)}"
if [[ -z ${BUILD_DIR:-} ]]; then
        echo "1..0 # SKIP BUILD_DIR is not set"
        exit 77
fi

DIR="$(mktemp -d "${TMPDIR:-/tmp}/netdevd-install.XXXXXX")"
trap 'rm -rf "$DIR"' EXIT
TESTS=0
FAILED=0

# ok DESCRIPTION CMD...: the command's success is the test; its output is shown when it fails.
ok() {
        local description="$1" output
        shift

        TESTS=$((TESTS + 1))
        if output="$("$@" 2>&1)"; then
                echo "ok $TESTS - $description"
        else
                FAILED=$((FAILED + 1))
                echo "not ok $TESTS - $description"
                printf '%s\n' "$* failed: $output" | sed 's/^/#   /'
        fi
}

skip() {
        TESTS=$((TESTS + 1))
        echo "ok $TESTS - $1 # SKIP $2"
}

silent() {
        local output

        output="$("$@" 2>&1)" && [[ -z $output ]] && return 0
        echo "$output"
        return 1
}

# What belongs below $prefix; the man pages only where scdoc was there to make them.
files() {
        local examples=share/doc/netdevd/examples

        printf '%s\n' \
                bin/netdevctl \
                sbin/netdevd \
                lib/systemd/system/netdevd.service \
                share/dbus-1/system-services/org.netdevd1.service \
                share/dbus-1/system.d/org.netdevd1.conf \
                $examples/10-vpn0.netdev $examples/10-vpn0.network \
                $examples/20-vm0.netdev $examples/20-vm0.network \
                $examples/30-lab0.netdev $examples/30-lab0.network \
                $examples/30-lab0.netdev.d/50-multiqueue.conf
        [[ ! -e $BUILD_DIR/man/netdevd.8 ]] || printf '%s\n' \
                share/man/man1/netdevctl.1 \
                share/man/man5/netdevd.netdev.5 \
                share/man/man5/netdevd.network.5 \
                share/man/man5/org.netdevd1.5 \
                share/man/man8/netdevd.8
}

# The value of a build option.
option() {
        meson introspect --buildoptions "$BUILD_DIR" | python3 -c '
import json, sys
print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == sys.argv[1]))' "$1"
}

# Only plans it, so that no second build is needed.
planned_for_usr() {
        meson setup --prefix=/usr -Dman="$(option man)" "$DIR/plan" "$SOURCE_ROOT" >"$DIR/plan.log" 2>&1 || {
                tail -n 5 "$DIR/plan.log"
                return 1
        }
        meson introspect --installed "$DIR/plan" |
                python3 -c 'import json, sys; print("\n".join(sorted(json.load(sys.stdin).values())))' >"$DIR/planned"
        files | sed 's,^,/usr/,' | LC_ALL=C sort | diff - <(LC_ALL=C sort "$DIR/planned")
}

install_all() {
        DESTDIR="$DIR/root" meson install -C "$BUILD_DIR" --no-rebuild
}


is_all_there() {
        diff <(files | LC_ALL=C sort) <(cd "$ROOT" && find . -type f -printf '%P\n' | LC_ALL=C sort)
}

modes_are_sane() {
        local bad

        bad="$(find "$DIR/root" \( -type f -a ! -perm 644 -a ! \( -name netdevd -a -perm 755 \) -a \
                ! \( -name netdevctl -a -perm 755 \) \) -o -perm /6002)"
        echo "$bad"
        [[ -z $bad ]]
}

is_filled_in() {
        grep -qx "ExecStart=$PREFIX/sbin/netdevd" "$ROOT/lib/systemd/system/netdevd.service" &&
                ! grep -n '@' "$ROOT/lib/systemd/system/netdevd.service"
}

is_verified() {
        sed "s,^ExecStart=.*,ExecStart=$ROOT/sbin/netdevd," "$ROOT/lib/systemd/system/netdevd.service" \
                >"$DIR/netdevd.service"
        silent systemd-analyze verify --man=no "$DIR/netdevd.service"
}

# A typo in a policy file stops the whole bus; ElementTree does not fetch the DTD.
is_xml() {
        python3 -c 'import sys, xml.etree.ElementTree as e; e.parse(sys.argv[1])' "$1"
}

bus_starts_what_is_there() {
        grep -qx 'SystemdService=dbus-org.netdevd1.service' "$ROOT/share/dbus-1/system-services/org.netdevd1.service" &&
                grep -qx 'Alias=dbus-org.netdevd1.service' "$ROOT/lib/systemd/system/netdevd.service"
}

renders() {
        local warnings

        warnings="$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$1" 2>&1 >"$DIR/page")"
        echo "$warnings"
        [[ -s $DIR/page && -z $warnings ]]
}

mentions_all() {
        local page="$1" word missing=0
        shift

        for word in "$@"; do
                grep -qF -- "$word" "$page" && continue
                echo "$page says nothing of $word"
                missing=1
        done
        return $missing
}

message_ids() {
        local ids

        mapfile -t ids < <(grep -oE '"[0-9a-f]{32}"' "$SOURCE_ROOT/src/shared/base/messages.h" | tr -d '"')
        mentions_all "$SOURCE_ROOT/man/netdevd.8.scd" "${ids[@]}" &&
                diff <(printf '%s\n' "${ids[@]}" | sort -u) \
                        <(grep -oE '\*[0-9a-f]{32}\*' "$SOURCE_ROOT/man/netdevd.8.scd" | tr -d '*' | sort -u)
}

keys() {
        local words

        mapfile -t words < <(sed -nE 's/^.*\{ ("[A-Z][A-Za-z]*"|s), "([A-Za-z0-9]+)", [a-z_]+,.*$/\2/p' "$1" | sort -u)
        [[ ${#words[@]} -gt 2 ]] && mentions_all "$2" "${words[@]/%/=}"
}

bus_members() {
        local words

        mapfile -t words < <(grep -ohE 'SD_BUS_(PROPERTY|METHOD_WITH_ARGS)\("[A-Za-z]+"' "$SOURCE_ROOT"/src/netdevd/bus/*.c |
                grep -oE '[A-Za-z]+"' | tr -d '"' | sort -u)
        [[ ${#words[@]} -gt 20 ]] && mentions_all "$SOURCE_ROOT/man/org.netdevd1.5.scd" "${words[@]/#/\*}"
}

# options PROGRAM PAGE
options() {
        local words

        mapfile -t words < <("$BUILD_DIR/$1" --help | grep -oE '^  --[a-z-]+' | tr -d ' ')
        [[ ${#words[@]} -gt 5 ]] && mentions_all "$SOURCE_ROOT/man/$2.scd" "${words[@]}"
}

verbs() {
        local words

        mapfile -t words < <("$BUILD_DIR/src/netdevctl/netdevctl" --help | sed -nE 's/^  ([a-z-]+) .*/\1/p')
        [[ ${#words[@]} -gt 5 ]] && mentions_all "$SOURCE_ROOT/man/netdevctl.1.scd" "${words[@]/#/\*}"
}

# The examples are what people start from: they must load without a word. The devices cannot be made in here, where
# only root is a user; what is said about files begins with a path.
examples_are_good() {
        local log

        log="$(unshare --user --map-root-user --net -- "$BUILD_DIR/src/netdevd/netdevd" --once --state-dir="$DIR/state" \
                --config-dir="$ROOT/share/doc/netdevd/examples" 2>&1 >"$DIR/rest")"
        ! grep -E '^[a-z]+: /' <<<"$log"
}

ok "with --prefix=/usr, each file has its place" planned_for_usr
ok "it installs" install_all
PREFIX="$(option prefix)"
ROOT="$DIR/root$PREFIX"
ok "all of it, and nothing else" is_all_there
ok "with sane modes" modes_are_sane
ok "the unit starts the installed daemon" is_filled_in
if command -v systemd-analyze >/dev/null; then
        ok "the unit has no flaw" is_verified
else
        skip "the unit has no flaw" "no systemd-analyze here"
fi
ok "the policy is XML" is_xml "$ROOT/share/dbus-1/system.d/org.netdevd1.conf"
ok "activation names a unit that exists" bus_starts_what_is_there
if unshare --user --map-root-user --net true 2>/dev/null; then
        ok "the examples load without a word" examples_are_good
else
        skip "the examples load without a word" "not allowed to make namespaces"
fi

if [[ -e $BUILD_DIR/man/netdevd.8 ]] && command -v man >/dev/null; then
        for page in "$ROOT"/share/man/man?/*; do
                ok "${page##*/} renders without warnings" renders "$page"
        done
else
        skip "the man pages render without warnings" "no scdoc or no man here"
fi
ok "every message id is documented, and no other" message_ids
ok "every option of netdevd is documented" options src/netdevd/netdevd netdevd.8
ok "every option of netdevctl is documented" options src/netdevctl/netdevctl netdevctl.1
ok "every verb of netdevctl is documented" verbs
ok "every key of .netdev files is documented" \
        keys "$SOURCE_ROOT/src/shared/config/config-device.c" "$SOURCE_ROOT/man/netdevd.netdev.5.scd"
ok "every key of .network files is documented" \
        keys "$SOURCE_ROOT/src/shared/config/config-network.c" "$SOURCE_ROOT/man/netdevd.network.5.scd"
ok "every member of the bus interface is documented" bus_members

echo "1..$TESTS"
[[ $FAILED -eq 0 ]]
