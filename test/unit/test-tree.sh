#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Rules about the source tree that no compiler knows. SOURCE_ROOT names it.

set -u

cd "${SOURCE_ROOT:?must name the source tree}" || exit 1
failed=0

# none RULE OFFENDERS
none() {
        [ -n "$2" ] || return 0
        echo "$1:"
        echo "$2" | sed 's/^/        /'
        failed=1
}

sources() {
        echo meson.build
        find src test tools conf units man -type f 2>/dev/null |
                grep -E '(\.[ch]|\.sh|\.py|/meson\.build)$' | sort
}

# includes DIR PATTERN: the lines that include what matches.
includes() {
        [ ! -d "$1" ] || grep -rnE "^#[ ]*include[ ]+[<\"]($2)" "$1" --include='*.[ch]' || true
}

# A test that no meson.build names is never run. It may be named without its suffix, and from the folder above.
unnamed_tests() {
        find test -name 'test-*.c' -o -name 'test-*.sh' | sort | while read -r file; do
                name=$(basename "$file")
                dir=$(dirname "$file")
                cat "$dir/meson.build" "$(dirname "$dir")/meson.build" 2>/dev/null | grep -v '^ *#' |
                        grep -qE "'(${name%.*}|$name|$(basename "$dir")/$name)'" || echo "$file"
        done
}

incomplete_cases() {
        find test/plan -mindepth 1 -maxdepth 1 -type d | sort | while read -r dir; do
                [ -f "$dir/plan.txt" ] || echo "$dir"
        done
}

unlicensed_files() {
        sources | while read -r file; do
                head -n 3 "$file" | grep -q 'SPDX-License-Identifier: LGPL-2.1-or-later' || echo "$file"
        done
}

unguarded_headers() {
        find src -name '*.h' | sort | while read -r file; do
                grep -q '^#pragma once$' "$file" || echo "$file"
        done
}

# The headers of the programs, as one pattern: "apply\.h|bus\.h|…".
program_headers() {
        find src -name '*.h' ! -path 'src/shared/*' -exec basename {} \; | sort -u |
                sed 's/\./\\./g' | paste -sd '|'
}

none "tests that no meson.build names" "$(unnamed_tests)"
none "cases of test/plan without a plan.txt" "$(incomplete_cases)"
none "files without a licence line" "$(unlicensed_files)"
none "headers without #pragma once" "$(unguarded_headers)"

# The wings know each other only as far as this: base < config, kernel < plan; the programs above all.
none "src/shared includes the programs" \
        "$(includes src/shared "(\.\./)*(netdevd|netdevctl|bus)/|$(program_headers)")"
none "base/ includes a wing" "$(includes src/shared/base '(\.\./)*(config|kernel|plan)/')"
none "config/ includes kernel/ or plan/" "$(includes src/shared/config '(\.\./)*(kernel|plan)/')"
none "kernel/ includes config/ or plan/" "$(includes src/shared/kernel '(\.\./)*(config|plan)/')"
none "src/shared includes the bus or the event loop" "$(includes src/shared 'systemd/sd-(bus|event)')"
none "netdevctl includes the daemon" "$(includes src/netdevctl '(\.\./)*netdevd/|executor\.h|apply\.h')"

# One file owns one thing.
none "linux/if_tun.h outside tuntap.c" \
        "$(includes src 'linux/if_tun\.h' | grep -v '^src/shared/kernel/tuntap\.c:')"
none "inih outside ini.c" "$(grep -rn '^#include <ini\.h>' src | grep -v '^src/shared/config/ini\.c:')"

exit $failed
