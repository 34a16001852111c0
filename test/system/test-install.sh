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
                lib/netdevd/netdevd.conf \
                lib/systemd/system-preset/90-netdevd.preset \
                lib/systemd/system/netdevd-nursery.socket \
                lib/systemd/system/netdevd-nursery@.service \
                lib/systemd/system/netdevd-wait-online.service \
                lib/systemd/system/netdevd-wait-online@.service \
                lib/systemd/system/netdevd.service \
                lib/sysusers.d/netdevd.conf \
                lib/tmpfiles.d/netdevd.conf \
                lib/udev/netdevd-is-ours \
                lib/udev/rules.d/80-netdevd.rules \
                share/bash-completion/completions/netdevctl \
                share/dbus-1/system-services/org.netdevd1.service \
                share/dbus-1/system.d/org.netdevd1.conf \
                share/polkit-1/actions/org.netdevd1.policy \
                $examples/10-vpn0.netdev $examples/10-vpn0.network \
                $examples/20-vm0.netdev $examples/20-vm0.network \
                $examples/30-lab0.netdev $examples/30-lab0.network \
                $examples/30-lab0.netdev.d/50-multiqueue.conf \
                share/zsh/site-functions/_netdevctl
        [[ ! -e $BUILD_DIR/man/netdevd.8 ]] || printf '%s\n' \
                share/man/man1/netdevctl.1 \
                share/man/man5/netdevd.conf.5 \
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

        bad="$(find "$DIR/root" -type f \( -path '*bin/netdevd' -o -path '*bin/netdevctl' -o -name netdevd-is-ours \) \
                ! -perm 755 -o \
                -type f ! -perm 644 ! -perm 755 -o -perm /6002
                find "$DIR/root" -type f -perm /111 ! -name netdevd ! -name netdevctl ! -name netdevd-is-ours)"
        echo "$bad"
        [[ -z $bad ]]
}

is_filled_in() {
        grep -qx "ExecStart=$PREFIX/sbin/netdevd" "$ROOT/lib/systemd/system/netdevd.service" &&
                ! grep -nE '@[A-Z_]+@' "$ROOT/lib/systemd/system/"netdevd*
}

is_verified() {
        sed "s,^ExecStart=.*,ExecStart=$ROOT/sbin/netdevd," "$ROOT/lib/systemd/system/netdevd.service" \
                >"$DIR/netdevd.service"
        silent systemd-analyze verify --man=no "$DIR/netdevd.service"
}

waiting_is_verified() {
        local unit="$ROOT/lib/systemd/system/netdevd-wait-online" name

        grep -qx "ExecStart=$PREFIX/bin/netdevctl wait-online" "$unit.service" &&
                grep -qx "ExecStart=$PREFIX/bin/netdevctl wait-online %i" "$unit@.service" || return 1
        for name in netdevd-wait-online.service netdevd-wait-online@.service; do
                sed "s,^ExecStart=[^ ]*,ExecStart=$ROOT/bin/netdevctl," "${unit%/*}/$name" >"$DIR/$name"
                # netdevd.service is beside it.
                (cd "$DIR" && silent systemd-analyze verify --man=no "./$name") || return 1
        done
}

# A typo in a policy file stops the whole bus; ElementTree does not fetch the DTD.
is_xml() {
        python3 -c 'import sys, xml.etree.ElementTree as e; e.parse(sys.argv[1])' "$1"
}

bus_starts_what_is_there() {
        grep -qx 'SystemdService=dbus-org.netdevd1.service' "$ROOT/share/dbus-1/system-services/org.netdevd1.service" &&
                grep -qx 'Alias=dbus-org.netdevd1.service' "$ROOT/lib/systemd/system/netdevd.service"
}

# A method that the policy does not name can be called by root only, and then netdevd's own answer is never heard.
policy_names_methods() {
        local interface

        for interface in Manager Device TunTap; do
                grep -ohE 'SD_BUS_METHOD_WITH_ARGS\("[A-Za-z]+"' "$SOURCE_ROOT/src/netdevd/bus/bus-${interface,,}.c" |
                        grep -oE '[A-Za-z]+"' | sed "s/^/$interface./; s/\"//"
        done | python3 -c '
import sys, xml.etree.ElementTree as e
named = {r.get("send_interface") + "." + r.get("send_member") for r in
         e.parse(sys.argv[1]).findall("./policy[@context=\"default\"]/allow") if r.get("send_member")}
methods = {"org.netdevd1." + line.strip() for line in sys.stdin}
print(*methods ^ named)
sys.exit(len(methods) < 10 or methods != named)' "$SOURCE_ROOT/conf/org.netdevd1.conf"
}

# What the daemon asks polkit is what polkit and the reader of the manual know of.
actions_are_known() {
        local asked

        asked="$(grep -ohE '"org\.netdevd1\.[a-z-]+"' "$SOURCE_ROOT/src/netdevd/bus/bus-polkit.c" | tr -d '"' | sort -u)"
        diff <(echo "$asked") <(python3 -c '
import sys, xml.etree.ElementTree as e
print(*sorted(a.get("id") for a in e.parse(sys.argv[1]).findall("action")), sep="\n")' \
                "$SOURCE_ROOT/conf/org.netdevd1.policy") &&
                diff <(echo "$asked") <(grep -oE '^\*org\.netdevd1\.[a-z][a-z-]+\*' \
                        "$SOURCE_ROOT/man/org.netdevd1.5.scd" | tr -d '*' | sort -u)
}

udev_finds_the_program() {
        local rules="$ROOT/lib/udev/rules.d/80-netdevd.rules" program

        program="$(sed -nE 's/.*PROGRAM=="([^"]*)".*/\1/p' "$rules")"
        ! grep -n '@' "$rules" && [[ $program == "$PREFIX/lib/udev/netdevd-is-ours" ]]
}

# is_ours NAME INDEX EXPECTED: the answer of the program that udev asks, as udev asks it.
is_ours() {
        local status=0

        env -i PATH="$PATH" INTERFACE="$1" IFINDEX="$2" \
                "$ROOT/lib/udev/netdevd-is-ours" "$DIR/links" >"$DIR/said" 2>&1 || status=$?
        [[ $status -eq $3 && ! -s $DIR/said ]] && return 0
        echo "$1 with index $2: status $status, not $3; $(<"$DIR/said")"
        return 1
}

udev_is_told() {
        local bad=0

        # As the daemon writes it (src/shared/plan/owned.c).
        printf '%s\n' '# Links made by netdevd(8); rewritten by it.' 'netns 40' 'items 41' 'made vpn0 42' \
                'adopted vnet0 43' 'made half0 0' 'made -e 0' 'set vpn0 mtu 1500 44' >"$DIR/links"

        is_ours vpn0 42 0 || bad=1
        is_ours renamed0 42 0 || bad=1
        is_ours vnet0 43 0 || bad=1
        is_ours half0 77 0 || bad=1 # is being made
        is_ours -e 77 0 || bad=1

        is_ours vpn0 45 1 || bad=1 # another device of that name
        is_ours other0 4 1 || bad=1
        is_ours other0 40 1 || bad=1
        is_ours other0 41 1 || bad=1
        is_ours other0 44 1 || bad=1
        is_ours 'h.lf0' 77 1 || bad=1
        is_ours '.*' 77 1 || bad=1
        # shellcheck disable=SC2016
        is_ours '$(id)' 77 1 || bad=1
        is_ours $'\xff' 77 1 || bad=1
        is_ours half 77 1 || bad=1
        is_ours vpn0 '' 1 || bad=1
        is_ours vpn0 '.*' 1 || bad=1
        is_ours half0 0 1 || bad=1

        rm "$DIR/links"
        is_ours vpn0 42 1 || bad=1
        return $bad
}

# What is installed shows each setting, and sets none.
conf_is_comment() {
        local file="$ROOT/lib/netdevd/netdevd.conf" section key words

        grep -vE '^(#|\[|$)' "$file" && return 1
        words="$("$BUILD_DIR/test/programs/keys")" || return
        while read -r section key; do
                sed -n "/^\[$section\]/,/^\[/p" "$file" | grep -q "^#$key=" && continue
                echo "$file does not show [$section] $key="
                return 1
        done < <(sed -n 's/^conf //p' <<<"$words")
        # Without the comment signs it is a file that netdevd takes without a word.
        sed 's/^#\([A-Z][A-Za-z]*=\)/\1/' "$file" >"$DIR/netdevd.conf"
        silent "$BUILD_DIR/src/netdevctl/netdevctl" verify "$DIR/netdevd.conf"
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

# keys TYPE PAGE: every key that the loaders recognise is explained in the part of the page on its section, and what is
# explained there is one. What another page explains need only be named here, if that page says it for the same section.
keys() {
        "$BUILD_DIR/test/programs/keys" | python3 -c '
import re, sys

def read(page):
    """The text on each section, and the keys that are explained there."""
    texts, section = {}, []
    for line in open(page, encoding="utf-8"):
        if line.startswith("# "):
            section = re.findall(r"\[([A-Z]+)\]", line)
        for s in section:
            texts[s] = texts.get(s, "") + line
    heads = {s: re.findall(r"^\*[A-Za-z0-9]+=\*(?:, \*[A-Za-z0-9]+=\*)*(?: \([^()]*\))?$", t, re.M)
             for s, t in texts.items()}
    return texts, {s: {k for h in hs for k in re.findall(r"\*([A-Za-z0-9]+)=\*", h)} for s, hs in heads.items()}

kind, page, other = sys.argv[1:]
keys = {}
for line in sys.stdin:
    words = line.split()
    if words[0] == kind:
        keys.setdefault(words[1].upper(), set()).add(words[2])
texts, heads = read(page)
elsewhere = read(other)[1]

bad = [f"there is no part on [{s}]" for s in keys if s not in texts]
bad += [f"[{s}] is documented, and no file has it" for s in texts if s not in keys]
for s in keys.keys() & texts.keys():
    for k in sorted(keys[s] ^ heads[s]):
        if k not in keys[s]:
            bad.append(f"[{s}] {k}= is documented, and is no key")
        elif k not in elsewhere.get(s, ()) or f"*{k}=*" not in texts[s]:
            bad.append(f"[{s}] {k}= is not documented")
print("\n".join(bad))
sys.exit(len(keys) < 2 or bool(bad))' "$1" "$SOURCE_ROOT/man/$2.scd" "$SOURCE_ROOT/man/netdevd.netdev.5.scd"
}

# bus_names WHAT: what the vtables have of METHOD_WITH_ARGS or the like.
bus_names() {
        grep -ohE "SD_BUS_($1)\(\"[A-Za-z]+\"" "$SOURCE_ROOT"/src/netdevd/bus/*.c | grep -oE '[A-Za-z]+"' | tr -d '"' |
                sort -u
}

bus_members() {
        local properties methods errors page="$SOURCE_ROOT/man/org.netdevd1.5.scd"

        # With the type: *MTU* (*u*)
        mapfile -t properties < <(sed -nE 's/.*SD_BUS_PROPERTY\("([A-Za-z]+)", "([^"]+)",.*/\1\* (*\2\*/p' \
                "$SOURCE_ROOT"/src/netdevd/bus/*.c | sort -u)
        mapfile -t errors < <(sed -nE 's/.*BUS_NAME "(\.[A-Za-z]+)".*/*org.netdevd1\1*/p' \
                "$SOURCE_ROOT/src/netdevd/bus/bus.h")
        mapfile -t methods < <(bus_names METHOD_WITH_ARGS)
        methods=("${methods[@]/#/\*}")
        [[ ${#properties[@]} -gt 20 && ${#methods[@]} -gt 5 && ${#errors[@]} -gt 2 ]] &&
                mentions_all "$page" "${properties[@]/#/\*}" "${methods[@]/%/\*(}" "${errors[@]}"
}

# What a plan may say is part of the interface.
operations() {
        local plan="$SOURCE_ROOT/src/shared/plan" words

        mapfile -t words < <({
                sed -nE 's/^ +\[PLAN_[A-Z_]+\] = "([a-z-]+)",$/\1/p' "$plan/plan-format.c" | grep -vx set
                # The rest is never an operation of its own.
                sed -nE 's/^ +\[[A-Z_(46)]+\] = \{ "([a-z0-9-]+)", FORM_.*/set-\1/p' "$plan/setting.c" |
                        grep -vxE 'set-(vlans|napi|napi-frags)'
        } | sort -u)
        [[ ${#words[@]} -gt 70 ]] || echo "found only ${#words[@]}"
        [[ ${#words[@]} -gt 70 ]] &&
                mentions_all "$SOURCE_ROOT/man/org.netdevd1.5.scd" "${words[@]/%/\*}"
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
        ok "the units that wait have no flaw" waiting_is_verified
else
        skip "the unit has no flaw" "no systemd-analyze here"
fi
ok "the policy is XML" is_xml "$ROOT/share/dbus-1/system.d/org.netdevd1.conf"
ok "the policy names every method" policy_names_methods
ok "the actions are XML" is_xml "$ROOT/share/polkit-1/actions/org.netdevd1.policy"
ok "polkit and the manual know every action, and no other" actions_are_known
ok "the udev rules name a program that exists" udev_finds_the_program
ok "udev is told which devices are ours" udev_is_told
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
if [[ -x $BUILD_DIR/test/programs/keys ]]; then
        ok "netdevd.conf shows all settings, and sets none" conf_is_comment
        ok "every key of .netdev files is documented, and no other" keys netdev netdevd.netdev.5
        ok "every key of .network files is documented, and no other" keys network netdevd.network.5
        ok "every key of netdevd.conf is documented, and no other" keys conf netdevd.conf.5
else
        skip "every key is documented" "built without tests"
fi
ok "every member of the bus interface is documented" bus_members
ok "every operation of a plan is documented" operations

echo "1..$TESTS"
[[ $FAILED -eq 0 ]]
