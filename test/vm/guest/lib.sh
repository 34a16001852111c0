# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the scripts here share: all of test/kernel/lib.sh, but in the network of the guest itself, which is theirs; and
# files for netdevd, and what the kernel says, in words that compare.

# shellcheck source=test/kernel/lib.sh
. "$SOURCE_ROOT/test/kernel/lib.sh"

[[ -e /vm.env ]] || skip "it would change this machine's network; test/vm/vm runs it"
export IN_NAMESPACES=root # it starts in the one it shall have

SETTINGS=/etc/netdevd/netdevd.conf

# declare_device NAME KIND [LINE...]: the lines of [Tun] or [Tap].
declare_device() {
        local name=$1 kind=$2

        shift 2
        {
                printf '[NetDev]\nName=%s\nKind=%s\n\n[%s]\n' "$name" "$kind" "${kind^}"
                [[ $# -eq 0 ]] || printf '%s\n' "$@"
        } >"$WORK/config/$name.netdev"
}

# declare_network NAME [LINE...]: sections and their lines.
declare_network() {
        local name=$1

        shift
        printf '%s\n' '[Match]' "Name=$name" "$@" >"$WORK/config/$name.network"
}

# declare_settings [LINE...]: of [Daemon] in netdevd.conf.
declare_settings() {
        mkdir -p "${SETTINGS%/*}"
        printf '%s\n' '[Daemon]' "$@" >"$SETTINGS"
}

reload() {
        kill -HUP "$DAEMON"
}

# reload_is_quiet: nothing is left to do, and a reload does nothing.
reload_is_quiet() {
        eventually "what is left to do" 0 difference
        changes_nothing "a reload" reload
}

# difference: netdevctl's exit status.
difference() {
        local status=0

        [[ -z ${NETDEVCTL:-} ]] ||
                "$NETDEVCTL" --config-dir="$WORK/config" --state-dir="$WORK/state" diff >"$WORK/difference" 2>&1 ||
                status=$?
        echo $status
}

# eventually WHAT EXPECTED COMMAND...: the command prints it, in some seconds at the latest.
eventually() {
        local what=$1 expected=$2 actual end

        shift 2
        end=$(($(now) + 10000)) # much, for a busy machine
        while actual=$("$@" 2>&1) || :; [[ $actual != "$expected" ]]; do
                [[ $(now) -lt $end ]] || fail "$what: is '$actual', not '$expected'"
                sleep 0.05
        done
}

# changes_nothing WHAT COMMAND...: links and VLANs are what they were, and the kernel tells nothing of addresses, routes
# and queueing disciplines, of which it tells every change.
changes_nothing() {
        local what=$1 before told pid monitors=()

        shift
        before=$(listeners)
        ip monitor address route >"$WORK/told.ip" 2>&1 &
        monitors+=("$!")
        tc monitor >"$WORK/told.tc" 2>&1 &
        monitors+=("$!")
        PROCESSES+=("${monitors[@]}")
        until_true 5 listen $((before + 2)) || fail "nobody listens to the kernel"
        link_settings >"$WORK/links.before"
        "$@"
        sleep 0.3
        for pid in "${monitors[@]}"; do
                end KILL "$pid"
        done
        told=$(cat "$WORK"/told.*)
        [[ -z $told ]] || fail "$what changes something: $told"
        link_settings >"$WORK/links.after"
        diff "$WORK/links.before" "$WORK/links.after" || fail "$what changes links"
}

# Without what follows from the carrier (as a port's state does), of which the kernel hears up to a second late, and from the time of day.
link_settings() {
        ip -d -o link show | sed -E 's/ state [A-Za-z]+//g; s/NO-CARRIER,//; s/,LOWER_UP//; s/[a-z_]*timer +[0-9.]+ //g'
        bridge vlan show
}

# listeners and listen N: sockets that the kernel tells of changes.
listeners() {
        awk '$2 == 0 && $4 != "00000000"' /proc/net/netlink | wc -l
}

listen() {
        [[ $(listeners) -ge $1 ]]
}

# What follows takes the JSON of ip(8), bridge(8) and tc(8) apart by itself: every process takes its time here.

# matches TEXT PATTERN: prints the first group of each match, and the second behind a blank, if there is one; in lines.
matches() {
        local text=$1 pattern=$2

        while [[ $text =~ $pattern ]]; do
                printf '%s\n' "${BASH_REMATCH[1]}${BASH_REMATCH[2]:+ ${BASH_REMATCH[2]}}"
                text=${text#*"${BASH_REMATCH[0]}"}
        done
}

# joined LINES SEPARATOR
joined() {
        printf '%s' "${1//$'\n'/$2}"
}

# field NAME KEY: of what the kernel says of the link; nothing, if it does not say.
field() {
        local json

        json=$(ip -d -j link show dev "$1") || :
        [[ ! $json =~ \"$2\":(\"([^\"]*)\"|([^],}]*)) ]] || printf '%s' "${BASH_REMATCH[2]}${BASH_REMATCH[3]}"
}

# vlans NAME: of a port, as "10, 20 PVID Egress Untagged".
vlans() {
        local json lines

        json=$(bridge -j vlan show dev "$1")
        json=${json//'","'/ }
        lines=$(matches "$json" '\{"vlan":([0-9]+)(,"flags":\["[^]]*)?')
        joined "${lines//',"flags":["'/}" ', ' | tr -d '"'
}

# qdiscs NAME: the root's, and those below it if it has such: "mq: fq_codel".
qdiscs() {
        local json lines

        json=$(tc -j qdisc show dev "$1")
        lines=$(matches "$json" '"kind":"([^"]*)","handle":"[^"]*","(root|parent)"')
        lines=${lines// parent/}
        lines=${lines/ root/:}
        lines=$(joined "$lines" ' ')
        printf '%s' "${lines%:}"
}

# addresses NAME: those that somebody gave it.
addresses() {
        local lines

        lines=$(matches "$(ip -j addr show dev "$1" scope global)" '"local":"([^"]*)","prefixlen":([0-9]+)' | sort)
        joined "${lines// //}" ' '
}

# routes FAMILY TABLE NAME: destinations of the unicast routes through the link, link-local ones aside.
routes() {
        local lines

        lines=$(ip "-$1" route show table "$2" dev "$3" type unicast 2>/dev/null) || :
        lines=$(matches "$lines"$'\n' '([^ ]+) [^'$'\n'']*'$'\n' | grep -v '^fe80:' | sort) || :
        joined "$lines" ' '
}
