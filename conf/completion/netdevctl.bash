# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion of netdevctl(1) for bash. Verbs and options come from its --help, so that they are those of the
# netdevctl that is installed. What it knows of devices needs no privilege.

_netdevctl_verbs() {
        netdevctl --help 2>/dev/null | sed -nE '/^Verbs:/,/^$/s/^  ([a-z-]+) .*/\1/p'
}

# _netdevctl_options [VERB]
_netdevctl_options() {
        netdevctl "$@" --help 2>/dev/null | sed -nE '/^Options/,/^$/s/^  (-[A-Za-z], )?(--[a-z-]+=?).*/\2/p'
}

_netdevctl_devices() {
        netdevctl list --no-legend 2>/dev/null | while read -r name _; do
                printf '%s\n' "$name"
        done
}

# _netdevctl_value OPTION WORD: what may follow OPTION=.
_netdevctl_value() {
        case $1 in
                --json) compgen -W 'short pretty off' -- "$2" ;;
                --config-dir | --state-dir) compgen -d -- "$2" ;;
                --user | --openable-by) compgen -u -- "$2" ;;
                --ignore) compgen -W "$(_netdevctl_devices)" -- "$2" ;;
                --host | -H) compgen -A hostname -- "$2" ;;
                --machine | -M) compgen -W "$(machinectl list --no-legend 2>/dev/null | cut -d' ' -f1)" -- "$2" ;;
        esac
}

# _netdevctl_argument VERB NUMBER WORD: what may be the NUMBERth argument of VERB.
_netdevctl_argument() {
        case $1 in
                verify)
                        compgen -W "$(_netdevctl_devices)" -- "$3"
                        compgen -f -- "$3"
                        ;;
                cat) compgen -W "netdevd.conf $(_netdevctl_devices)" -- "$3" ;;
                exec)
                        if [[ $2 -eq 1 ]]; then
                                compgen -W "$(_netdevctl_devices)" -- "$3"
                        else
                                compgen -c -- "$3"
                        fi
                        ;;
                explain) [[ $2 -ne 1 ]] || compgen -W "$(_netdevctl_devices)" -- "$3" ;;
                reload | prune) ;;
                *) compgen -W "$(_netdevctl_devices)" -- "$3" ;;
        esac
}

_netdevctl() {
        local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb='' n=1 i word

        # A = is a word of its own here.
        if [[ $cur == = ]]; then
                mapfile -t COMPREPLY < <(_netdevctl_value "$prev" '')
                return
        elif [[ $prev == = && $COMP_CWORD -gt 1 ]]; then
                mapfile -t COMPREPLY < <(_netdevctl_value "${COMP_WORDS[COMP_CWORD - 2]}" "$cur")
                return
        elif [[ $prev == -[HM] ]]; then
                mapfile -t COMPREPLY < <(_netdevctl_value "$prev" "$cur")
                return
        fi

        for ((i = 1; i < COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                case $word in
                        = | -[HM]) ((++i)) ;; # and its value
                        -*) ;;
                        *)
                                [[ -z $verb ]] || ((++n))
                                verb=${verb:-$word}
                                ;;
                esac
        done

        # What follows the device of exec is a command, with options of its own.
        if [[ $cur == -* && ! ($verb == exec && $n -gt 1) ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$(_netdevctl_options ${verb:+"$verb"})" -- "$cur")
                [[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace 2>/dev/null
        elif [[ -z $verb ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$(_netdevctl_verbs)" -- "$cur")
        else
                mapfile -t COMPREPLY < <(_netdevctl_argument "$verb" "$n" "$cur")
        fi
}

complete -F _netdevctl netdevctl
