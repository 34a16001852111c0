#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The Debian package, from the source tree to the purge: it builds, installs into a booted system (harness.sh) without
# enabling or starting anything, runs, is upgraded under a device that stays, is removed, and leaves nothing behind when
# it is purged but the administrator's files, the device, and a user (which policy wants to stay).
#
# $SOURCE_ROOT: the source tree; it is copied, and built without its tests. $BUILD_DIR is not used.

set -u
# shellcheck source=test/system/harness.sh
. "$(dirname -- "$0")/harness.sh"

SOURCE_ROOT="${SOURCE_ROOT:-$(cd -- "$SYS_HERE/../.." && pwd)}"
DEBS=/opt/netdevd-test # in the booted system
UNITS=(netdevd.service netdevd-wait-online.service netdevd-wait-online@tun-test.service)

for command in dh dpkg-buildpackage; do
        command -v "$command" >/dev/null || sys_skip "no $command to build the package with"
done
missing="$(cd -- "$SOURCE_ROOT" && dpkg-checkbuilddeps -P nocheck 2>&1)" || sys_skip "${missing#*: error: }"
[[ ! -e /usr/sbin/netdevd ]] || sys_skip "netdevd is installed on this machine"

# --- the packages

# build VERSION: from the tree in $BUILD, into $BUILD_TOP; what is there already is used again.
build() {
        (
                cd "$BUILD" || return 1
                rm -f debian/debhelper-build-stamp
                env -u CC -u CFLAGS -u LDFLAGS DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" \
                        dpkg-buildpackage --build=binary --no-pre-clean --unsigned-changes --unsigned-buildinfo \
                        --build-profiles=nocheck >"$BUILD_TOP/log" 2>&1 || {
                        tail -n 40 "$BUILD_TOP/log"
                        return 1
                }
        )
        [[ -s $(deb "$1") ]]
}

deb() {
        echo "$BUILD_TOP/netdevd_$1_$(dpkg --print-architecture).deb"
}

# Numbers that netdevd's --version shows as well.
next_version() {
        sed -i "1s/($VERSION)/($NEXT)/" "$BUILD/debian/changelog" &&
                sed -i "s/^\( *version : '\)$VERSION'/\1$NEXT'/" "$BUILD/meson.build" &&
                grep -q "'$NEXT'" "$BUILD/meson.build"
}

test_build() {
        BUILD_TOP="$(mktemp -d "${TMPDIR:-/tmp}/netdevd-package.XXXXXX")"
        mount -t tmpfs tmpfs "$BUILD_TOP" # goes with the namespace
        trap 'sys_stop; umount -l "$BUILD_TOP"; rmdir "$BUILD_TOP"' EXIT
        BUILD="$BUILD_TOP/netdevd"
        mkdir "$BUILD"
        tar -c -C "$SOURCE_ROOT" --exclude=./.git --exclude='./build*' --exclude='./obj-*' --exclude=./debian/netdevd \
                --exclude=./debian/.debhelper . | tar -x -C "$BUILD"
        VERSION="$(dpkg-parsechangelog -l "$BUILD/debian/changelog" -S Version)"
        NEXT="$VERSION+next"

        ok "the package builds" build "$VERSION"
        if command -v lintian >/dev/null; then
                ok "lintian has nothing against it" \
                        lintian --no-cfg --allow-root --fail-on error,warning "$(deb "$VERSION")"
        else
                sys_comment "no lintian here to ask"
        fi
        ok "its version is that of meson.build" next_version
        ok "a newer one builds" build "$NEXT"
        [[ $SYS_FAILED -eq 0 ]] || {
                echo "Bail out! no package to test"
                exit 1
        }
}

# --- the system

prepare() {
        mkdir -p "$ROOT$DEBS" && cp "$(deb "$VERSION")" "$(deb "$NEXT")" "$ROOT$DEBS" || return 1
        # What keeps containers small and quiet: here everything is unpacked, and services are started.
        rm -f "$ROOT"/etc/dpkg/dpkg.cfg.d/* "$ROOT/usr/sbin/policy-rc.d"
        rm -rf "$ROOT/etc/netdevd"
        # Without it, man-db does not go through all pages whenever one comes or goes.
        rm -f "$ROOT/var/lib/man-db/auto-update"
}

dpkg_install() {
        sys_run dpkg --install "$DEBS/netdevd_$1_$(dpkg --print-architecture).deb"
}

# What differs from this machine's root, one path a line with what it is: the upper layer, without what was only copied
# up. Not what dpkg, logs and caches keep for themselves; users are compared in accounts().
changes() {
        local path type mode target

        (
                cd "$SYS_DIR/upper" || exit 1
                find . -mindepth 1 \( -path ./var/lib/dpkg -o -path ./var/log -o -path ./var/cache -o -path ./tmp -o \
                        -path ./run -o -path './etc/*passwd*' -o -path './etc/*group*' -o -path './etc/*shadow*' -o \
                        -name .pwd.lock \) -prune -o -printf '%y\t%m\t%P\t%l\n'
        ) | LC_ALL=C sort -t$'\t' -k3 | while IFS=$'\t' read -r type mode path target; do
                if [[ $type == d && -d /$path && $(stat -c %a "/$path") == "$mode" ]]; then
                        continue
                elif [[ $type == f && -f /$path ]] && cmp -s "$SYS_DIR/upper/$path" "/$path"; then
                        continue
                elif [[ $type == f ]]; then
                        target="$(cksum <"$SYS_DIR/upper/$path")"
                fi
                echo "$type $mode /$path $target"
        done
}

accounts() {
        sys_run sh -c 'getent passwd; getent group' | grep -v '^netdevd:'
}

enabled_links() {
        sys_run find /etc/systemd /run/systemd/system /run/systemd/generator -type l -printf '%p -> %l\n' |
                LC_ALL=C sort
}

links() {
        sys_run ip -br link
}

# same FILE CMD...: the command prints what is in the file.
same() {
        local file="$1"
        shift

        "$@" | diff "$file" -
}

fails() {
        ! "$@"
}

property() {
        sys_run systemctl show --value -p "$1" netdevd.service
}

attribute() {
        sys_run cat "/sys/class/net/tun-test/$1"
}

link_has() {
        local word="$1" link

        link="$(sys_run ip -d -o link show dev tun-test)"
        [[ " ${link//[<>,]/ } " == *" $word "* ]] && return 0
        echo "$link"
        return 1
}

address() {
        sys_run sh -c "ip -4 -br address show dev tun-test | awk '{ print \$3 }'"
}

no_process() {
        fails sys_run pgrep -x netdevd
}

# --- the tests

take_baseline() {
        BEFORE="$BUILD_TOP/before"
        mkdir "$BEFORE"
        changes >"$BEFORE/changes"
        accounts >"$BEFORE/accounts"
        enabled_links >"$BEFORE/enabled"
        links >"$BEFORE/links"
}

test_install() {
        ok "it installs" dpkg_install "$VERSION"
        ok "as it was packed" silent sys_run dpkg --verify netdevd
        ok "it is seen as a change at all" fails same "$BEFORE/changes" changes
        ok "no unit is enabled" same "$BEFORE/enabled" enabled_links
        is "netdevd.service is not" disabled sys_run systemctl is-enabled netdevd.service
        is "and does not run" inactive sys_run systemctl is-active netdevd.service
        ok "nothing else runs" no_process
        ok "nor can the bus start it" fails sys_run busctl call org.netdevd1 /org/netdevd1 org.netdevd1.Manager \
                ListDevices
        is "really not" inactive sys_run systemctl is-active netdevd.service
        ok "no device was touched" same "$BEFORE/links" links
        ok "there is a manual" sys_run test -s /usr/share/man/man8/netdevd.8.gz
        is "it is this version" "netdevd $VERSION" sys_run netdevd --version
}

# What Debian's own machines would run of it.
test_smoke() {
        cp "$BUILD/debian/tests/smoke" "$ROOT$DEBS/smoke"
        ok "its autopkgtest passes" sys_run "$DEBS/smoke"
        rm "$ROOT$DEBS/smoke"
}

test_start() {
        cat >"$ROOT/etc/netdevd/network/50-tun-test.netdev" <<'END'
[NetDev]
Name=tun-test
Kind=tun

[Tun]
MultiQueue=yes
KeepCarrier=yes
User=nobody
END
        cat >"$ROOT/etc/netdevd/network/50-tun-test.network" <<'END'
[Match]
Name=tun-test

[Network]
Address=172.31.0.1/24
END
        ok "it is enabled and started when it is asked to" sys_run systemctl enable --now "${UNITS[@]}"
        ok "the device is there, with its owner" link_has "user nobody"
        ok "with carrier" link_has LOWER_UP
        is "and its address" 172.31.0.1/24 address
        INDEX="$(attribute ifindex)"
}

# device_stays WHEN
device_stays() {
        is "$1, the device is the same" "$INDEX" attribute ifindex
        is "$1, it has its address" 172.31.0.1/24 address
        ok "$1, it has its owner" link_has "user nobody"
}

test_upgrade() {
        local pid carrier_changes enabled="$BUILD_TOP/enabled"

        pid="$(property MainPID)"
        carrier_changes="$(attribute carrier_changes)"
        enabled_links >"$enabled"

        ok "it is upgraded" dpkg_install "$NEXT"
        is "it runs" active sys_run systemctl is-active netdevd.service
        is "it is the new one" "netdevd $NEXT" sys_run sh -c "exec /proc/$(property MainPID)/exe --version"
        ok "in another process" test "$(property MainPID)" != "$pid"
        ok "what was enabled is, and no more" same "$enabled" enabled_links
        device_stays "upgraded"
        ok "upgraded, it has carrier" link_has LOWER_UP
        ok "upgraded, one queue is held" link_has "numdisabled 1"
        is "the carrier never went" "$carrier_changes" attribute carrier_changes
}

test_remove() {
        ok "it is removed" sys_run dpkg --remove netdevd
        ok "nothing of it runs" no_process
        # What enabled it stays until the purge, so that it is enabled if it comes back.
        is "no unit of it is active" '' sys_run systemctl list-units --no-legend --plain 'netdevd*'
        ok "the program is gone" fails sys_run test -e /usr/sbin/netdevd
        device_stays "removed"
        ok "the administrator's files are there" sys_run test -s /etc/netdevd/network/50-tun-test.netdev
}

test_return() {
        ok "it is installed again" dpkg_install "$NEXT"
        is "it is enabled, as it was" enabled sys_run systemctl is-enabled netdevd.service
        is "but not started" inactive sys_run systemctl is-active netdevd.service
        ok "it starts" sys_run systemctl start netdevd.service
        device_stays "started again"
        ok "started again, it has carrier" link_has LOWER_UP
}

# With all of it running.
test_purge() {
        ok "it is purged" sys_run dpkg --purge netdevd
        ok "nothing of it runs" no_process
        is "no unit of it is left" '' sys_run systemctl list-units --all --no-legend --plain 'netdevd*'
        ok "no link to one" same "$BEFORE/enabled" enabled_links
        ok "no record" fails sys_run test -e /run/netdevd
        device_stays "purged"
        ok "no user but its own came" same "$BEFORE/accounts" accounts
        is "only the administrator's files are left" "$(printf '%s\n' /etc/netdevd /etc/netdevd/network \
                /etc/netdevd/network/50-tun-test.netdev /etc/netdevd/network/50-tun-test.network)" new_paths
}

new_paths() {
        changes | diff "$BEFORE/changes" - | awk '/^[<>]/ { print $4 }'
}

test_no_trace() {
        rm -r "$ROOT/etc/netdevd"
        ok "installed once more" dpkg_install "$NEXT"
        ok "and purged" sys_run dpkg --purge netdevd
        ok "without a trace" same "$BEFORE/changes" changes
        ok "nor one in /run" fails sys_run test -e /run/netdevd
}

test_build
sys_boot prepare || {
        echo "Bail out! the system could not be prepared"
        exit 1
}
ok "the system comes up, with nothing failed" sys_wait_running
take_baseline
test_install
test_smoke
test_start
test_upgrade
test_remove
test_return
test_purge
test_no_trace
done_testing || {
        sys_run journalctl -q -b -u 'netdevd*' --no-hostname | tail -n 60 | sed 's/^/# /'
        exit 1
}
