#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What netdevctl shows: list, status and cat, from the daemon and without one, in a pipe, on a terminal and as JSON;
# the help of every verb; the pager; completion.
#
# $NETDEVCTL: the program.

# shellcheck source=test/kernel/lib.sh
. "$(dirname -- "$0")/lib.sh"
: "${NETDEVCTL:?}"
enter "$@"
need_root
need python3 dbus-daemon busctl
mount -t tmpfs tmpfs /run # files of our own in /run/netdevd

export LC_ALL=C.UTF-8
unset NETDEVD_COLORS NO_COLOR PAGER NETDEVD_PAGER
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$WORK/bus
NOTE="netdevctl: netdevd does not run: this is what files and kernel say"

# ctl STATUS ARGUMENTS...: its output is then in $SAID, what it says on standard error in $NOTED.
ctl() {
        local expected=$1 status=0

        shift
        "${AS[@]}" "$WORK/programs/netdevctl" "$@" >"$WORK/said" 2>"$WORK/noted" || status=$?
        SAID=$(<"$WORK/said")
        NOTED=$(<"$WORK/noted")
        [[ $status == "$expected" ]] || fail "netdevctl $*: status $status, not $expected: $SAID $NOTED"
}

# The same with the files and the record of this test.
show() {
        ctl "$@" --config-dir="$WORK/config" --state-dir="$WORK/state"
}

says() {
        [[ $SAID == *"$1"* ]] || fail "it does not say '$1': $SAID"
}

says_not() {
        [[ $SAID != *"$1"* ]] || fail "it says '$1': $SAID"
}

# line NAME: the line of the output that begins so, blanks squeezed.
line() {
        grep -E "^ *$1( |:|$)" <<<"$SAID" | tr -s ' ' | sed 's/^ //; s/ $//'
}

# on_terminal COMMAND...: runs it on a terminal of 80 columns; its output is then in $SAID.
on_terminal() {
        SAID=$(python3 -c '
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
data = b""
while True:
    try:
        got = os.read(fd, 65536)
    except OSError:
        break
    if not got:
        break
    data += got
os.waitpid(pid, 0)
sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))' "$@")
}

# fits_80: no line of the output is wider than 80 columns, without what only colours.
fits_80() {
        python3 -c '
import re, sys
for line in sys.stdin.read().split("\n"):
    line = re.sub("\x1b\\[[0-9;]*m", "", line)
    assert len(line) <= 80, (len(line), line)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", line), repr(line)' <<<"$SAID" || fail "not fit for 80 columns: $SAID"
}

# json EXPRESSION: of the output, which is d.
json() {
        python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1" <<<"$SAID" ||
                fail "no such JSON: $1: $SAID"
}

make_files() {
        local i

        # The escape sequence would turn a terminal red and set its title.
        printf '[NetDev]\nName=vpn0\nKind=tun\nDescription=The \033[31mred\033]0;x\a one\n\n[Tun]\nMultiQueue=yes\nUser=nobody\n' \
                >"$WORK/config/10-vpn0.netdev"
        printf '[Match]\nName=vpn0\n\n[Link]\nMTUBytes=1420\n\n[Network]\nLinkLocalAddressing=no\n' \
                >"$WORK/config/10-vpn0.network"
        for i in 1 2 3 4 5; do
                printf 'Address=2001:db8:aaaa:bbbb:cccc:dddd:eeee:%s/64\n' $i >>"$WORK/config/10-vpn0.network"
        done
        printf '[NetDev]\nName=vm0\nKind=tap\n\n[Tap]\nGroup=nogroup\n' >"$WORK/config/20-vm0.netdev"
        mkdir -p "$WORK/config/20-vm0.netdev.d"
        printf '# by \033[31mhand\n[Tap]\nVNetHeader=yes\n' >"$WORK/config/20-vm0.netdev.d/50-header.conf"
        printf '[NetDev]\nName=abcdefghijklmno\nKind=tap\n\n[Tap]\nUser=65534\nGroup=65534\nMultiQueue=yes\n' \
                >"$WORK/config/30-long.netdev"
        printf '[Match]\nName=v* abc*\n\n[Network]\nLinkLocalAddressing=no\n' >"$WORK/config/90-rest.network"
        chmod -R a+rX "$WORK"
}

# What is the same with and without the daemon.
test_list() {
        show 0 list
        is "the headings" "NAME KIND STATE OPER OWNER QUEUES CONSUMER ADDRESSES" "$(head -n 1 <<<"$SAID" | tr -s ' ')"
        is "names in order" "abcdefghijklmno foreign vm0 vpn0" "$(tail -n +2 <<<"$SAID" | awk '{print $1}' | xargs)"
        is "vm0" "vm0 tap configured no-carrier :nogroup single no -" "$(line vm0)"
        is "a device of others" "foreign tap unmanaged off * single no -" "$(line foreign)"
        is "vpn0" "vpn0 tun configured no-carrier nobody 0+0 no" "$(line vpn0 | cut -d' ' -f1-7)"
        is "all its addresses" 5 "$(line vpn0 | cut -d' ' -f8 | tr , '\n' | grep -c '^2001:db8:.*:[1-5]/64$')"
        says_not $'\033'

        show 0 list --no-legend 'v*'
        is "without headings, by a pattern" "vm0 vpn0" "$(awk '{print $1}' <<<"$SAID" | xargs)"
        show 0
        says "vm0"
        show 1 list vn0 vpn0
        [[ $NOTED == *"there is no device 'vn0': did you mean 'vm0'?"* ]] || fail "a name mistyped: $NOTED"
        is "the other is listed" "vpn0" "$(tail -n +2 <<<"$SAID" | cut -d' ' -f1)"

        show 0 list --json=short
        is "names" "['abcdefghijklmno', 'foreign', 'vm0', 'vpn0']" "$(json '[x["Name"] for x in d]')"
        is "vm0" "tap configured False -1 65534 True $WORK/config/20-vm0.netdev.d/50-header.conf" "$(json \
                '" ".join(map(str, (d[2][k] for k in ("Kind", "AdministrativeState", "MultiQueue", "OwnerUID",
                "GroupGID", "VNetHeader")))) + " " + d[2]["ConfigFiles"][1]')"
        is "vpn0" "1420 5 0 6" "$(json '"%d %d %d %d" % (d[3]["MTU"], len(d[3]["Addresses"]), d[3]["LastError"]["Errno"],
                len(d[2]["HardwareAddress"].split(":")))')"
        show 0 list --json=pretty vm0
        is "several lines" True "$([[ $(wc -l <"$WORK/said") -gt 20 ]] && echo True)"

        on_terminal "$WORK/programs/netdevctl" list --config-dir="$WORK/config" --state-dir="$WORK/state"
        says "●"
        says $'\033[0;1;32m'
        says "4 devices."
        fits_80
        LC_ALL=C on_terminal "$WORK/programs/netdevctl" list --config-dir="$WORK/config" --state-dir="$WORK/state"
        grep -q '\*.* vpn0 .* 2001:~ +4$' <<<"$SAID" || fail "in the C locale: $SAID"
        on_terminal "$WORK/programs/netdevctl" list --config-dir="$WORK/config" --state-dir="$WORK/state"
        # What is cut shows it.
        grep -q 'vpn0 .* nobody  *0+0 no  *2001:… +4$' <<<"$SAID" || fail "vpn0 on a terminal: $SAID"
        grep -q 'abcdefghijklmno .* nobody:n…  *0+0' <<<"$SAID" || fail "a long owner on a terminal: $SAID"
        on_terminal "$WORK/programs/netdevctl" list 'v*' --config-dir="$WORK/config" --state-dir="$WORK/state"
        grep -q ' 2001:db8:aaaa:bbb… +4$' <<<"$SAID" || fail "short names on a terminal: $SAID"
}

test_status() {
        show 0 status
        is "how many" "Devices: 4: 3 configured, 1 unmanaged" "$(line Devices)"
        is "the state" "State: no-carrier" "$(line State)"
        is "what is wrong" "Problems: none in the configuration files" "$(line Problems)"
        show 0 status --json=short
        is "the same as JSON" "4 no-carrier []" "$(json \
                '"%d %s %s" % (len(d["Devices"]), d["OperationalState"], d["ConfigurationProblems"])')"

        show 0 status vpn0
        is "the head" 'vpn0 - The \x1b[31mred\x1b]0;x\x07 one' "$(head -n 1 <<<"$SAID")"
        is "the state" "State: configured (no-carrier, addresses routable)" "$(line State)"
        is "the kind" "Kind: multi-queue tun, PacketInfo=no, VNetHeader=no, persistent" "$(line Kind)"
        is "the file" "Files: $WORK/config/10-vpn0.netdev" "$(line Files)"
        is "the .network file" "Network files: $WORK/config/10-vpn0.network" "$(line 'Network files')"
        is "who may attach" "May attach: user nobody (65534)" "$(line 'May attach')"
        is "the MTU" "MTU: 1420" "$(line MTU)"
        is "the carrier" "Carrier: no, no program is attached" "$(line Carrier)"
        is "the queues" "Queues: 0 attached, 0 detached" "$(line Queues)"
        is "the programs" "Programs: none attached" "$(line Programs)"
        says "Written: 0 packets"
        says_not "Last error"

        show 0 status 'v*'
        is "both, with an empty line between" 1 "$(grep -c '^$' <<<"$SAID")"
        show 1 status nosuch
        [[ $NOTED == *"there is no device 'nosuch'"* ]] || fail "an unknown device: $NOTED"

        on_terminal "$WORK/programs/netdevctl" status vpn0 --no-pager --config-dir="$WORK/config" \
                --state-dir="$WORK/state"
        says "●"
        fits_80

        show 0 status vm0 --json=short
        is "as JSON" "vm0 [] 0" "$(json 'd[0]["Name"] + " %s %d" % (d[0]["Processes"], d[0]["Statistics"]["TxBytes"])')"
}

# A program that has a queue, as root sees it and as nobody.
test_consumer() {
        local pid

        start holder vpn0
        pid=$!
        # The daemon is told by the kernel.
        until_true 5 consumer_shows || fail "no consumer: $SAID"
        is "its queues" "1+0" "$(line vpn0 | cut -d' ' -f6)"
        show 0 status vpn0
        is "the program" "Programs: holder, pid $pid, user root (0)" "$(line Programs | cut -d, -f1-3)"
        is "the carrier" "Carrier: yes, by the program attached; it goes with it" "$(line Carrier)"
        show 0 status vpn0 --json=short
        is "as JSON" "$pid holder 0 False" "$(json '"%d %s %d %s" % tuple(d[0]["Processes"][0][k] for k in ("PID",
                "Command", "UID", "Leased"))')"
        AS=(as 65534 65534)
        show 0 status vpn0
        is "as nobody" "Programs: one is attached; root would see which" "$(line Programs)"
        AS=()
        end TERM "$pid"
        until_true 5 consumer_shows_not || fail "the consumer stays: $SAID"
}

consumer_shows() {
        show 0 list vpn0
        [[ $(line vpn0 | cut -d' ' -f7) == yes ]]
}

consumer_shows_not() {
        ! consumer_shows
}

# The kernel takes nearly any byte in a name.
test_hostile_name() {
        local name=$'x\033[31m\xff'

        ip tuntap add dev "$name" mode tap
        until_true 5 name_shows || fail "the name: $SAID"
        says_not $'\033'
        on_terminal "$WORK/programs/netdevctl" status 'x*' --no-pager --config-dir="$WORK/config" \
                --state-dir="$WORK/state"
        says 'x\x1b[31m\xff'
        fits_80
        show 0 list --json=short 'x*'
        is "as JSON" 'x\x1b[31m\xff' "$(json 'd[0]["Name"]')"
        ip link delete "$name"
}

name_shows() {
        show 0 list
        [[ $(awk '{print $1}' <<<"$SAID") == *'x\x1b[31m\xff' ]]
}

# What others changed, what cannot be, what was deleted: $1 is what to do after a change of files.
test_trouble() {
        ip link set vpn0 mtu 1300
        until_true 5 state_is vpn0 drifted || fail "no drift: $SAID"
        show 0 status vpn0
        says "Left to do: set-mtu 1420 ($WORK/config/10-vpn0.network:5)"
        says "Remedy: Changed by somebody else; 'netdevctl reconfigure' puts it right"
        ip link set vpn0 mtu 1420
        until_true 5 state_is vpn0 configured || fail "the drift stays: $SAID"

        printf '[Tap]\nMultiQueue=yes\n' >"$WORK/config/20-vm0.netdev.d/60-queues.conf"
        "$@"
        until_true 5 state_is vm0 blocked || fail "no conflict: $SAID"
        show 0 status vm0
        says "Last error: $WORK/config/20-vm0.netdev.d/60-queues.conf:2: exists as single-queue tap"
        says "netdevctl reconfigure --recreate"
        rm "$WORK/config/20-vm0.netdev.d/60-queues.conf"
        "$@"
        until_true 5 state_is vm0 configured || fail "the conflict stays: $SAID"

        printf '[NetDev]\nName=bad0\nKind=tun\nNonsense=\033[31m\n' >"$WORK/config/40-bad.netdev"
        chmod a+r "$WORK/config/40-bad.netdev"
        "$@"
        show 0 status
        says "1 in the configuration files, see 'netdevctl verify'"
        says "$WORK/config/40-bad.netdev:4: warning: "
        says_not $'\033'
        ctl 1 cat bad0 nosuch --config-dir="$WORK/config"
        says "Nonsense="
        [[ $NOTED == *"no file declares or names 'nosuch'"* ]] || fail "$NOTED"
        rm "$WORK/config/40-bad.netdev"
        "$@"
        ip link delete bad0 2>/dev/null || true
}

# What is waited for comes by itself; what is no bridge has to go, and to make the tap anew would not help.
test_master() {
        printf '[Match]\nName=vm0\n\n[Network]\nBridge=br7\n' >"$WORK/config/20-vm0.network"
        reload
        until_true 5 state_is vm0 blocked || fail "no bridge, and not blocked: $SAID"
        show 0 status vm0
        says "Last error: $WORK/config/20-vm0.network:5: the bridge br7 does not exist yet"
        says "Remedy: None is needed: it goes on by itself when that is over"
        ip tuntap add dev br7 mode tap
        until_true 5 says_no_bridge || fail "no conflict: $SAID"
        says "Remedy: Change the file or what is in the way"
        says_not "--recreate"
        ip link delete br7
        rm "$WORK/config/20-vm0.network"
        reload
        until_true 5 state_is vm0 configured || fail "the conflict stays: $SAID"
}

says_no_bridge() {
        show 0 status vm0
        [[ $SAID == *"br7 is a tun device, and no bridge; name one in Bridge="* ]]
}

state_is() {
        show 0 list "$1"
        [[ $(line "$1" | cut -d' ' -f3) == "$2" ]]
}

# A carrier that netdevd keeps, and a program that has its queue from netdevd.
test_kept() {
        local pid

        printf '[NetDev]\nName=keep0\nKind=tun\n\n[Tun]\nMultiQueue=yes\nKeepCarrier=yes\n' >"$WORK/config/60-keep0.netdev"
        printf '[Match]\nName=keep0\n' >"$WORK/config/60-keep0.network"
        chmod a+r "$WORK/config"/*
        reload
        show 0 status keep0
        is "the carrier" "Carrier: yes, kept by netdevd; no program is attached" "$(line Carrier)"
        is "the queues" "Queues: 0 attached, 1 detached, one of them netdevd's" "$(line Queues)"
        is "the programs, of which netdevd is none" "Programs: none attached" "$(line Programs)"

        ctl 0 --no-legend exec keep0 echo --help -j
        is "options of the command are its own" "--help -j" "$SAID"
        netdevctl exec keep0 -- sleep 1000 >"$WORK/said" 2>&1 &
        pid=$!
        PROCESSES+=("$pid")
        until_true 10 lease_shows "$pid" || fail "no lease: $SAID $(<"$WORK/said")"
        is "the carrier" "Carrier: yes, by the program attached, and kept by netdevd when that goes" "$(line Carrier)"
        show 0 status keep0 --json=short
        is "as JSON" "True [$pid]" "$(json '"%s %s" % (d[0]["Processes"][0]["Leased"], [l["PID"] for l in d[0]["Leases"]])')"
        end TERM "$pid"
        rm "$WORK/config"/60-keep0.*
        reload
        ctl 0 prune
}

lease_shows() {
        show 0 status keep0
        [[ $(line Programs) == "Programs: sleep, pid $1, user root (0)"*", queue from netdevd" ]]
}

test_cat() {
        local dir=$WORK/config

        ctl 0 cat vm0 --config-dir="$dir"
        is "the files of vm0, and nothing changed in them" \
                "$(echo "# $dir/20-vm0.netdev" && cat "$dir/20-vm0.netdev" && echo &&
                        echo "# $dir/20-vm0.netdev.d/50-header.conf" && cat "$dir/20-vm0.netdev.d/50-header.conf" &&
                        echo && echo "# $dir/90-rest.network" && cat "$dir/90-rest.network")" "$SAID"
        ctl 0 --config-dir="$dir" cat 10-vpn0.network
        is "a file by its name" "$(echo "# $dir/10-vpn0.network" && cat "$dir/10-vpn0.network")" "$SAID"
        ctl 0 cat --config-dir="$dir"
        is "all files" 6 "$(grep -c "^# $dir/" <<<"$SAID")"
        ctl 0 cat --json=short --config-dir="$dir" 20-vm0.netdev
        is "as JSON" "$dir/20-vm0.netdev $(wc -c <"$dir/20-vm0.netdev") 2" "$(json '"%s %d %d" % (d[0]["Path"], len(d[0]["Contents"]), len(d))')"

        # On a terminal nothing but text gets through.
        on_terminal "$WORK/programs/netdevctl" cat vm0 --no-pager --config-dir="$dir"
        says '# by \x1b[31mhand'
        fits_80

        # A file that cannot be loaded is shown all the same, and named where its device is not found.
        printf '[NetDev\n' >"$dir/50-broken.netdev"
        ctl 0 cat 50-broken.netdev --config-dir="$dir"
        says "[NetDev"
        ctl 1 cat broken0 --config-dir="$dir"
        [[ $NOTED == *"50-broken.netdev could not be loaded"* ]] || fail "$NOTED"
        rm "$dir/50-broken.netdev"

        mkdir -p /run/netdevd/netdevd.conf.d
        printf '[Main]\nEnforce=no\n' >/run/netdevd/netdevd.conf
        printf '[Main]\nLogLevel=info\n' >/run/netdevd/netdevd.conf.d/10-log.conf
        ctl 0 cat netdevd.conf
        is "netdevd.conf" "# /run/netdevd/netdevd.conf
[Main]
Enforce=no

# /run/netdevd/netdevd.conf.d/10-log.conf
[Main]
LogLevel=info" "$SAID"
        rm -r /run/netdevd
}

test_usage() {
        local verb

        ctl 0 --help
        mapfile -t VERBS < <(sed -nE '/^Verbs:/,/^$/s/^  ([a-z-]+) .*/\1/p' <<<"$SAID")
        [[ ${#VERBS[@]} -ge 9 ]] || fail "only ${#VERBS[@]} verbs"
        fits_80
        for verb in "${VERBS[@]}"; do
                ctl 0 "$verb" --help
                [[ $SAID == "netdevctl [OPTIONS...] $verb"* ]] || fail "no help for $verb: $SAID"
                [[ $(sed '1d; /^Options:/,$d' <<<"$SAID" | wc -w) -ge 15 ]] || fail "little help for $verb: $SAID"
                fits_80
                ctl 2 "$verb" --nosuch
        done
        ctl 0 -h list
        says "netdevctl [OPTIONS...] list"
        ctl 2 nosuch --help
        ctl 2 lits
        [[ $NOTED == *"did you mean 'list'"* ]] || fail "$NOTED"
        ctl 2 list --strict
        [[ $NOTED == *"--strict does not go with 'list'"* ]] || fail "$NOTED"
        ctl 2 reload -H somewhere --machine=else
        ctl 2 cat -M somewhere
        ctl 2 list --json=xml
        ctl 2 list --host=
        ctl 0 list --version
        [[ $SAID == "netdevctl "[0-9]* ]] || fail "$SAID"
}

# As on another host, through a program called ssh.
test_remote() {
        ctl 1 list --host=nosuch.invalid
        [[ $NOTED == *"netdevctl: the connection to the system bus broke"* && $SAID == "" ]] ||
                fail "an unknown host: $SAID $NOTED"
        if [[ -z $(type -P systemd-stdio-bridge) ]]; then
                echo "There is no systemd-stdio-bridge here: --host= is not tested."
                return
        fi
        cat >"$WORK/programs/ssh" <<END
#!/bin/sh
echo "\$*" >"$WORK/ssh-arguments"
exec systemd-stdio-bridge --bus-path="$DBUS_SYSTEM_BUS_ADDRESS"
END
        chmod a+x "$WORK/programs/ssh"
        ctl 0 list -H me@there vm0
        is "by ssh, with ids as numbers" "vm0 tap configured no-carrier :65534 single no -" "$(line vm0)"
        [[ $(<"$WORK/ssh-arguments") == *there* ]] || fail "ssh was told $(<"$WORK/ssh-arguments")"
        ctl 0 status vm0 --host=there
        says_not "Written:"
        rm "$WORK/programs/ssh"
}

test_pager() {
        local files=(--config-dir="$WORK/config" --state-dir="$WORK/state")

        export NETDEVD_PAGER="sed s/^/paged:/"
        on_terminal "$WORK/programs/netdevctl" status "${files[@]}"
        says "paged:       Devices: 4"
        on_terminal "$WORK/programs/netdevctl" status --no-pager "${files[@]}"
        says "       Devices: 4"
        says_not paged:
        on_terminal "$WORK/programs/netdevctl" list "${files[@]}"
        says_not paged:
        show 0 status
        says_not paged:
        NETDEVD_PAGER="head -n 1"
        on_terminal "$WORK/programs/netdevctl" status "${files[@]}"
        is "a pager that has seen enough" 1 "$(wc -l <<<"$SAID")"
        NETDEVD_PAGER=""
        on_terminal "$WORK/programs/netdevctl" status "${files[@]}"
        says "       Devices: 4"
        unset NETDEVD_PAGER
}

# A journal of the test's own, with one line for us and one for somebody else.
test_journal() {
        local journald=/lib/systemd/systemd-journald pid

        if [[ ! -x $journald || ! -s /etc/machine-id ]]; then
                echo "There is no systemd-journald here: what status shows of the journal is not tested."
                return
        fi
        mount -t cgroup2 cgroup2 /sys/fs/cgroup || true # it does not start without
        mount --bind /dev/null /dev/kmsg || true
        [[ ! -d /var/log/journal ]] || mount -t tmpfs tmpfs /var/log/journal
        mkdir -p /run/systemd/journal /run/log/journal
        "$journald" 2>/dev/null &
        pid=$!
        PROCESSES+=("$pid")
        until_true 20 test -S /run/systemd/journal/socket || fail "no journal"
        python3 - <<'END'
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
for interface, text in [("vm0", "not this")] + [("vpn0", f"line {i} \x1b[31mred") for i in range(12)]:
    s.sendto(f"MESSAGE={text}\nINTERFACE={interface}\nSYSLOG_IDENTIFIER=netdevd\n".encode(),
             "/run/systemd/journal/socket")
END
        until_true 20 has_journal || fail "no line of the journal: $SAID"
        is "the last ten, oldest first" "2 3 4 5 6 7 8 9 10 11" \
                "$(sed -nE 's/.* netdevd\[[0-9]+\]: line ([0-9]+) \\x1b\[31mred$/\1/p' <<<"$SAID" | xargs)"
        says_not "not this"
        end TERM "$pid"
        rm -r /run/log/journal
        [[ ! -d /var/log/journal ]] || umount /var/log/journal
}

has_journal() {
        show 0 status vpn0
        [[ $SAID == *"line 11 "* ]]
}

# completes WORDS... EXPECTED: what bash has for the last of the words.
completes() {
        local expected=${*: -1} words=("${@:1:$#-1}")

        is "completion of ${words[*]}" "$expected" "$(bash -c '
                . "$1"
                shift
                COMP_WORDS=("$@")
                COMP_CWORD=$(($# - 1))
                _netdevctl
                printf "%s\n" "${COMPREPLY[@]}" | sort -u | xargs' bash \
                "$SOURCE_ROOT/conf/completion/netdevctl.bash" "${words[@]}")"
}

test_completion() {
        completes netdevctl sta status
        completes netdevctl list --js --json=
        completes netdevctl list --json = pr pretty
        completes netdevctl list --json = "off pretty short"
        completes netdevctl "" "$(printf '%s\n' "${VERBS[@]}" | sort | xargs)"
        completes netdevctl -M else lis list
        printf '#!/bin/sh\necho "lab7 container systemd-nspawn"\n' >"$WORK/programs/machinectl"
        chmod +x "$WORK/programs/machinectl"
        completes netdevctl -M la lab7
        completes netdevctl status v "vm0 vpn0"
        completes netdevctl --json = short status vp vpn0
        completes netdevctl cat net netdevd.conf
        completes netdevctl explain vm0 v ""
        completes netdevctl reload v ""
        completes netdevctl exec v "vm0 vpn0"
        completes netdevctl reconfigure --rec --recreate

        if [[ -z $(type -P zsh) ]]; then
                echo "There is no zsh here: its completion is not tested."
                return
        fi
        python3 - "$SOURCE_ROOT/conf/completion" <<'END' || fail "zsh completes nothing"
import os, pty, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "dumb"
    os.execvp("zsh", ["zsh", "-f", "-i"])

def until(text, seconds=20):
    data, end = b"", time.monotonic() + seconds
    while text not in data:
        if not select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"no {text} in {data}")
        data += os.read(fd, 65536)
    return data

os.write(fd, b"unsetopt beep; PS1=; fpath=(%s $fpath); autoload -U compinit; compinit -u -D; echo rea''dy\n" % sys.argv[1].encode())
until(b"ready")
for typed, whole in ((b"netdevctl stat\t", b"netdevctl status "), (b"netdevctl list --json=pr\t", b"--json=pretty"),
                     (b"netdevctl cat vp\t", b"netdevctl cat vpn0"), (b"netdevctl --no-l\t", b"--no-legend"),
                     (b"netdevctl -M la\t", b"-M lab7")):
    os.write(fd, typed)
    until(whole)
    os.write(b"\x15" and fd, b"\x15")
os.kill(pid, 9)
END
}

start_bus() {
        cat >"$WORK/bus.conf" <<END
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=$WORK/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow own="*"/><allow user="*"/><allow send_destination="*"/><allow receive_sender="*"/>
</policy></busconfig>
END
        dbus-daemon --config-file="$WORK/bus.conf" --nofork --nopidfile 2>/dev/null &
        PROCESSES+=("$!")
        until_true 10 test -S "$WORK/bus" || fail "no bus"
}

name_is_owned() {
        busctl --address="$DBUS_SYSTEM_BUS_ADDRESS" call org.netdevd1 /org/netdevd1 org.freedesktop.DBus.Peer Ping \
                >/dev/null 2>&1
}

reload() {
        ctl 0 reload
}

cp "$NETDEVCTL" "$WORK/programs/netdevctl"
chmod a+rx "$WORK/programs/netdevctl"
AS=()

show 0 list
is "nothing" "" "$SAID"
is "the note" "$NOTE" "$NOTED"
show 0 list --json=short
is "nothing as JSON" "[]" "$SAID"
make_files
show 0 list vpn0
is "before it is made" "vpn0 tun pending missing nobody - - -" "$(line vpn0)"
"${NETDEVD_COMMAND[@]}" --once >"$WORK/rest" 2>"$LOG" || fail "netdevd --once: $(<"$WORK/rest")"
ip tuntap add dev foreign mode tap

test_usage
test_list
is "the note" "$NOTE" "$NOTED"
test_status
says_not Version
test_consumer
test_hostile_name
test_trouble true
test_cat
test_journal
AS=(as 65534 65534)
test_list
AS=()

start_bus
show 0 list --json=short
is "on a bus without netdevd" "$NOTE" "$NOTED"
WITHOUT=$SAID
NETDEVD_COMMAND=("$NETDEVD" --config-dir="$WORK/config" --state-dir="$WORK/state")
start_daemon 20
until_true 10 name_is_owned || fail "netdevd takes no name"
show 0 list --json=short
is "no note" "" "$NOTED"
is "the same from the daemon as without it" "$WITHOUT" "$SAID"
test_list
test_status
is "from the daemon" True "$(show 0 status --json=short && json 'd["Version"][0].isdigit()')"
test_consumer
test_hostile_name
test_trouble reload
test_master
left_out test_kept || test_kept
test_remote
test_pager
PATH=$WORK/programs:$PATH test_completion
stop_daemon
echo "All is well."
