#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Runs a fuzz target once over each file of the given folders: corpus.sh TARGET FOLDER...

set -eu
target="$1"
shift
find "$@" -type f -print0 | sort -z | xargs -0 "$target"
