#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `netdevd --once` makes what the files say and exits with 0; a second time it changes nothing, as strace
# tells. Then who may attach to what it made: with neither User= nor Group= only root, unless
# AllowAnyUser=yes; with User= that user; with both, who is both.

# shellcheck source=test/kernel/lib.sh
. "$(dirname -- "$0")/lib.sh"
enter "$@"

CHANGING_IOCTL='TUNSET'
READING_MESSAGE='nlmsg_type=(RTM_GET|0x12 |0x16 )' # RTM_GETLINK and RTM_GETADDR may come by number

# traced NAME: runs netdevd --once; $ioctls and $messages are how many of its calls were to change something.
traced() {
        # Its leak check does not work under ptrace.
        ASAN_OPTIONS=detect_leaks=0 strace -f -v -e trace=ioctl,sendto,sendmsg,sendmmsg -e signal=none \
                -o "$WORK/strace" "${NETDEVD_COMMAND[@]}" --once >"$WORK/rest" 2>"$LOG" ||
                fail "the $1 time it exits with $?: $(cat "$WORK/rest")"
        ioctls=$(grep -c "ioctl(.*$CHANGING_IOCTL" "$WORK/strace" || true)
        messages=$(grep -o 'nlmsg_type=[^,]*' "$WORK/strace" | grep -cvE "$READING_MESSAGE" || true)
        reads=$(grep -cE "$READING_MESSAGE" "$WORK/strace" || true)
        echo "the $1 time: $ioctls TUNSET* ioctls, $messages messages that change, $reads that read"
        [[ ! -s $WORK/rest ]] || fail "the $1 time it prints: $(cat "$WORK/rest")"
        ((reads > 0)) || fail "strace does not show what is read, so it cannot show what is changed"
}

test_twice() {
        need strace
        cp "$SOURCE_ROOT"/test/corpus/pr30504/* "$WORK/config/"

        traced first
        ((ioctls > 0 && messages > 0)) || fail "the first time it changes nothing"
        first=$(link tun-test)
        [[ $first == *" multi_queue numqueues 0 numdisabled 0 persist on user root "* ]] || fail "$first"
        [[ $first == *",UP"* ]] || fail "$first"
        [[ $(ip -o addr show dev tun-test) == *" 172.31.0.1/24 brd 172.31.0.255 scope global "* ]] ||
                fail "$(ip -o addr show dev tun-test)"

        traced second
        is "ioctls of the second time" 0 "$ioctls"
        is "messages of the second time" 0 "$messages"
        is "the device after the second time" "$first" "$(link tun-test)"
}

# declare_device NAME LINES: multiqueue.
declare_device() {
        printf '[NetDev]\nName=%s\nKind=tun\n\n[Tun]\nMultiQueue=yes\n%b' "$1" "$2" >"$WORK/config/$1.netdev"
}

# may NAME UID GID and may_not NAME UID GID: attach to the device
may() {
        start as "$2" "$3" app "$1" 1
        has "uid $2, gid $3 on $1" "$OUTPUT" "attached $1 1"
        end TERM $!
}

may_not() {
        if as "$2" "$3" app "$1" 1 >"$WORK/refused"; then
                fail "uid $2, gid $3 got a queue of $1"
        fi
        has "uid $2, gid $3 on $1" "$WORK/refused" "TUNSETIFF: EPERM"
}

# Newer kernels close devices without an owner to the unprivileged.
kernel_has_open_devices() {
        ip tuntap add dev ownerless mode tun multi_queue
        [[ $(timeout 1 as "$nobody" "$nogroup" app ownerless 1 || true) == attached* ]]
}

test_access() {
        local nobody nogroup other=60001 group=60002

        need_root
        need setpriv
        nobody=$(id -u nobody)
        nogroup=$(id -g nobody)

        rm -f "$WORK/config"/*
        declare_device closed ''
        declare_device open 'AllowAnyUser=yes\n'
        declare_device user 'User=nobody\n'
        declare_device group "Group=$group\n"
        declare_device both "User=nobody\nGroup=$group\n"
        "${NETDEVD_COMMAND[@]}" --once >"$WORK/rest" 2>"$LOG" || fail "it exits with $?: $(cat "$WORK/rest")"

        may_not closed "$nobody" "$nogroup"
        may closed 0 0

        if kernel_has_open_devices; then
                may open "$nobody" "$nogroup"
                may open $other $group
                echo "AllowAnyUser=yes: anybody gets in"
        else
                echo "AllowAnyUser=yes: not tested, this kernel closes devices without an owner"
        fi

        may user "$nobody" "$nogroup"
        may_not user $other "$nogroup"

        may group $other $group
        may_not group $other "$nogroup"

        may both "$nobody" $group
        may_not both "$nobody" "$nogroup"
        may_not both $other $group
        echo "who may attach: nobody without User=; the user; the group; with both, who is both"
}

test_twice
test_access
