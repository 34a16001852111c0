# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034 # used by those who source it
#
# What tools/demo and tools/check share: speaking, installing what is missing, building.

TOP="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

# What a build needs; Debian 12's names.
BUILD_PACKAGES=(
        build-essential
        libcmocka-dev
        libinih-dev
        libjson-c-dev
        libmnl-dev
        libsmartcols-dev
        libsystemd-dev
        meson
        ninja-build
        pkg-config
        uthash-dev
)

# progress TEXT: one line, with the seconds since the start.
progress() {
        printf '[%4ds] %s\n' "$SECONDS" "$*"
}

die() {
        printf '%s: %s\n' "${0##*/}" "$*" >&2
        exit 1
}

# missing_packages PACKAGE...: those that are not installed.
missing_packages() {
        local package

        for package in "$@"; do
                [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
                        printf '%s\n' "$package"
        done
}

# need_packages PACKAGE...: installs what is missing, and says so. Where that is not possible it says what is missing,
# and returns 1; what needs it may still be there, by another way.
need_packages() {
        local missing

        if ! command -v dpkg-query >/dev/null; then
                progress "this is no Debian, so nothing is installed; needed are what Debian calls: $*"
                return 1
        fi
        mapfile -t missing < <(missing_packages "$@")
        [[ ${#missing[@]} -gt 0 ]] || return 0

        if [[ $EUID -ne 0 ]]; then
                progress "these packages are missing, and only root can install them: ${missing[*]}"
                return 1
        fi
        progress "installing with apt-get: ${missing[*]}"
        if ! { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } >"$APT_LOG" 2>&1; then
                tail -n 5 "$APT_LOG" >&2
                progress "apt-get could not install them"
                return 1
        fi
}

# why_no_devices: prints why TUN/TAP devices cannot be made in a namespace of our own here, or nothing.
why_no_devices() {
        if [[ $EUID -ne 0 ]]; then
                echo "this is not root"
        elif ! unshare --mount --net --pid --fork true 2>/dev/null; then
                echo "this root is not allowed to make namespaces"
        elif ! unshare --mount --net -- bash -c '
                        mount -t tmpfs tmpfs /mnt && mknod -m 600 /mnt/tun c 10 200 && exec 3<>/mnt/tun' 2>/dev/null; then
                echo "/dev/net/tun cannot be opened; is the module tun loaded, and may this container have the device?"
        fi
}
