#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What goes wrong with files and with the machine, one case after the other: netdevd says which file (and
# line) it is about, what is wrong and what to do; it makes every other device all the same; and `--once`
# exits with a failure. None of it may make it hang.

# shellcheck source=test/kernel/lib.sh
. "$(dirname -- "$0")/lib.sh"
enter "$@"

ROWS=0
AS_USER=() # runs netdevd as another user, with CAP_NET_ADMIN

# The device that has to come up in spite of everything.
good_files() {
        printf '[NetDev]\nName=good\nKind=tun\n\n[Tun]\nMultiQueue=yes\n' >"$WORK/config/50-good.netdev"
        printf '[Match]\nName=good\n\n[Network]\nAddress=172.31.2.1/24\n' >"$WORK/config/50-good.network"
}

# begin WHAT: a fresh configuration, and no device.
begin() {
        WHAT=$1
        ROWS=$((ROWS + 1))
        ip link delete good 2>/dev/null || true
        ip link delete bad 2>/dev/null || true
        rm -rf "$WORK/config" "$WORK/state"
        mkdir "$WORK/config" "$WORK/state"
        chmod 0777 "$WORK/state"
        good_files
}

# file NAME TEXT
file() {
        printf '%b' "$2" >"$WORK/config/$1"
}

# run EXPECTED: netdevd --once exits with that.
run() {
        local status=0

        timeout --kill-after=1 20 "${AS_USER[@]}" "${NETDEVD_COMMAND[@]}" --once >"$WORK/rest" 2>"$LOG" ||
                status=$?
        cat "$WORK/rest" "$LOG" >"$WORK/said"
        is "$WHAT: exit status" "$1" "$status"
}

# says FILE TEXT...: one line begins with the severity, names the file, and has all of the texts.
says() {
        local line text file=$1 found

        shift
        while IFS= read -r line; do
                [[ $line == *"$WORK/config/$file:"* || $line == *"$file"* ]] || continue
                found=yes
                for text; do
                        [[ $line == *"$text"* ]] || found=no
                done
                if [[ $found == yes ]]; then
                        echo "$WHAT: ${line//$WORK\/config\//}"
                        return
                fi
        done <"$WORK/said"
        cat "$WORK/said" >&2
        fail "$WHAT: no line about '$file' has all of: $*"
}

good_is_up() {
        [[ $(link good) == *",UP"*" persist on "* ]] || fail "$WHAT: the other one is not up: $(link good)"
        [[ $(ip -o addr show dev good) == *172.31.2.1/24* ]] || fail "$WHAT: the other device has no address"
}

no_bad() {
        ! link bad >/dev/null 2>&1 || fail "$WHAT: a device was made from it"
}

test_files() {
        begin "a directory"
        mkdir "$WORK/config/10-bad.netdev"
        run 1
        says 10-bad.netdev "is a directory, not a regular file" "put a file there, or remove it"
        good_is_up

        begin "a FIFO"
        mkfifo "$WORK/config/10-bad.netdev"
        run 1
        says 10-bad.netdev "is a FIFO, not a regular file" "put a file there, or remove it"
        good_is_up

        begin "a symlink to nowhere"
        ln -s /nonexistent "$WORK/config/10-bad.netdev"
        run 0
        says 10-bad.netdev "is a symlink to a file that does not exist" "point it to /dev/null"
        good_is_up

        begin "an empty file"
        : >"$WORK/config/10-bad.netdev"
        run 0
        is "$WHAT: what is said" "" "$(grep 10-bad "$WORK/said" || true)"
        good_is_up

        begin "a symlink to /dev/null"
        ln -s /dev/null "$WORK/config/10-bad.netdev"
        run 0
        is "$WHAT: what is said" "" "$(grep 10-bad "$WORK/said" || true)"
        good_is_up
}

test_contents() {
        begin "no Name="
        file 10-bad.netdev '[NetDev]\nKind=tun\n'
        run 1
        says 10-bad.netdev "no valid Name= in [NetDev]" "no device is made" "for example Name=tun0"
        good_is_up

        begin "no Kind="
        file 10-bad.netdev '[NetDev]\nName=bad\n'
        run 1
        says 10-bad.netdev "no valid Kind= in [NetDev]" "no device is made" "write Kind=tun or Kind=tap"
        no_bad
        good_is_up

        begin "a Kind= that is none"
        file 10-bad.netdev '[NetDev]\nName=bad\nKind=tunnel\n'
        run 1
        says 10-bad.netdev:3 "'tunnel'" "tun or tap"
        no_bad
        good_is_up

        begin "a name of 16 bytes"
        file 10-bad.netdev '[NetDev]\nName=sixteen-bytes-xx\nKind=tun\n'
        run 1
        says 10-bad.netdev:2 "sixteen-bytes-xx" "15"
        says 10-bad.netdev "no device is made"
        good_is_up

        begin "a name with a slash"
        file 10-bad.netdev '[NetDev]\nName=a/b\nKind=tun\n'
        run 1
        says 10-bad.netdev:2 "a/b" "/"
        says 10-bad.netdev "no device is made"
        good_is_up

        begin "an unknown user"
        file 10-bad.netdev '[NetDev]\nName=bad\nKind=tun\n[Tun]\nUser=no-such-user\n'
        run 1
        says 10-bad.netdev:5 "user 'no-such-user' does not exist" "device bad is not made" "useradd"
        no_bad
        good_is_up

        begin "an unknown group"
        file 10-bad.netdev '[NetDev]\nName=bad\nKind=tun\n[Tun]\nGroup=no-such-group\n'
        run 1
        says 10-bad.netdev:5 "group 'no-such-group' does not exist" "device bad is not made" "groupadd"
        no_bad
        good_is_up

        begin "a line without '='"
        file 10-bad.netdev '[NetDev]\nName=bad\nKind=tun\n[Tun]\nMultiQueue\n'
        run 0
        says 10-bad.netdev:5 "="
        link bad >/dev/null || fail "$WHAT: it cost more than the line"
        good_is_up
}

# add_other NAME: a link that is no tun.
add_other() {
        local kind

        for kind in bridge dummy veth; do
                if ip link add name "$1" type $kind 2>/dev/null; then
                        OTHER=$kind
                        return
                fi
        done
        return 1
}

test_existing() {
        local index

        begin "a bridge of that name"
        file 10-bad.netdev '[NetDev]\nName=bad\nKind=tun\n'
        if ! add_other bad; then
                echo "$WHAT: not tested, this kernel makes neither bridges nor others"
                return
        fi
        index=$(cat /sys/class/net/bad/ifindex)
        run 1
        says 10-bad.netdev:3 "a $OTHER device of this name exists" "ip link delete bad" "another Name="
        is "$WHAT: its ifindex" "$index" "$(cat /sys/class/net/bad/ifindex)"
        good_is_up

        begin "a single-queue device of that name"
        file 10-bad.netdev '[NetDev]\nName=bad\nKind=tun\n[Tun]\nMultiQueue=yes\n'
        ip tuntap add dev bad mode tun
        run 1
        says 10-bad.netdev:5 "exists as single-queue tun; MultiQueue=yes is wanted" "netdevctl reconfigure --recreate bad"
        good_is_up
}

# The directory is bad: that is no wish to have nothing.
test_directories() {
        local before

        begin "a file as configuration directory"
        run 0
        before=$(link good)
        rm -r "$WORK/config"
        : >"$WORK/config"
        run 1
        says "$WORK/config" "cannot be listed: Not a directory" "no configuration is used" "put a directory"
        is "$WHAT: the device that is there" "$before" "$(link good)"
        rm "$WORK/config"
}

test_tun_node() {
        local before

        begin "no /dev/net/tun"
        run 0
        before=$(link good)
        file 10-bad.netdev '[NetDev]\nName=bad\nKind=tun\n'
        rm /dev/net/tun
        run 1
        says 10-bad.netdev "open /dev/net/tun: No such file or directory" "modprobe tun"
        is "$WHAT: the device that is there" "$before" "$(link good)"
        mknod -m 0666 /dev/net/tun c 10 200

        begin "/dev/net/tun of mode 0600"
        AS_USER=()
        run 0
        before=$(link good)
        file 10-bad.netdev '[NetDev]\nName=bad\nKind=tun\n'
        chmod 0600 /dev/net/tun
        as_nobody
        run 1
        says 10-bad.netdev "open /dev/net/tun: Permission denied" "it has mode 0600, owner 0" "chmod 666"
        is "$WHAT: the device that is there" "$before" "$(link good)"
        chmod 0666 /dev/net/tun
        AS_USER=()
}

as_nobody() {
        local capability=-all,+net_admin

        AS_USER=(setpriv --reuid "$(id -u nobody)" --regid "$(id -g nobody)" --clear-groups
                "--inh-caps=$capability" "--ambient-caps=$capability" "--bounding-set=$capability")
}

# As a user for whom modes count.
test_unreadable() {
        local before

        begin "an unreadable file"
        file 10-bad.netdev '[NetDev]\nName=bad\nKind=tun\n'
        chmod 0600 "$WORK/config/10-bad.netdev"
        as_nobody
        run 1
        says 10-bad.netdev "permission denied: uid $(id -u nobody) may not read it" "mode 0600" "chmod a+r"
        no_bad
        good_is_up

        begin "an unreadable directory"
        run 0
        before=$(link good)
        chmod 0700 "$WORK/config"
        run 1
        says "$WORK/config" "cannot be listed: Permission denied" "no configuration is used" "chmod a+rx"
        is "$WHAT: the device that is there" "$before" "$(link good)"
        AS_USER=()
}

test_files
test_contents
test_existing
test_directories
if [[ $IN_NAMESPACES == root ]]; then
        need setpriv
        test_tun_node
        test_unreadable
else
        echo "modes and /dev/net/tun: not tested, needs root"
fi
echo "$ROWS cases"
