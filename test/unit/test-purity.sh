#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The differ is pure: the object of plan.c may not even name what looks at the world or changes it. LIBRARY is
# the archive it is in.

set -eu

: "${LIBRARY:?must name libshared.a}"
NM="${NM:-nm}"
command -v "$NM" >/dev/null || { echo "no $NM here"; exit 77; }

# No member of the archive calls for another, so the undefined symbols of one member are all it uses.
symbols=$("$NM" -u "$LIBRARY" | awk '
        /:$/ { member = $0; sub(/:$/, "", member) }
        $1 == "U" && member ~ /plan_plan\.c\.o$/ { sub(/@.*/, "", $2); print $2 }')

# An object without any is one that could not be read (link-time optimisation).
if ! echo "$symbols" | grep -qx memcmp && ! echo "$symbols" | grep -qx strcmp; then
        echo "cannot read the symbols of plan.c in this build"
        exit 77
fi

# Files, sockets, ioctls; messages; clocks; users; logs and streams; environment; processes; bus, event loop.
impure='^(
open(at|64|at64|dir|_by_handle_at)?|f?d?opendir|fd?open(64)?|freopen|creat(64)?|close|
f?stat.*|access|faccessat|readlink.*|unlink.*|rename.*|mkdir.*|socket.*|connect|bind|ioctl|
__(read|pread|recv|recvfrom|open|openat|poll|readlink)(64)?(_2|_chk)|
p?p?(read|write)v?(64)?2?|f(read|write|gets|getc|puts|putc|printf|scanf|flush)(_unlocked)?|getline|getdelim|
send.*|recv.*|mnl_.*|rtnl_.*|tuntap_.*|
time.*|clock.*|gettimeofday|nanosleep|usleep|sleep|getrandom|rand.*|
getpw.*|getgr.*|getspn.*|get[eres]*[ug]id|getaddrinfo|gethostname|
log_.*|syslog|v?printf|puts|putc|putchar|perror|__v?f?printf_chk|vfprintf|dprintf|std(in|out|err)|
(secure_)?getenv|setenv|environ|getcwd|chdir|
fork|vfork|exec.*|system|popen|posix_spawn.*|kill|raise|signal|sigaction|pthread_.*|
sd_.*|ini_.*|config_load|owned_(read|write)
)$'
impure=$(echo "$impure" | tr -d '\n')

found=$(echo "$symbols" | grep -xE -- "$impure" || true)
if [ -n "$found" ]; then
        echo "plan.c must be pure, but uses:"
        echo "$found"
        exit 1
fi

echo "plan.c uses only:"
echo "$symbols" | grep -v '^__\(asan\|ubsan\|sanitizer\|gcov\|llvm\)' | tr '\n' ' '
echo
