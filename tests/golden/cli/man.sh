#!/bin/sh
# The manual page in the tree is the one that the program prints, and roff finds nothing wrong.
# man.sh HOPPROOF PAGE
set -eu
new=$(mktemp)
trap 'rm -f "$new"' EXIT
"$1" --man >"$new"
if ! diff -u "$2" "$new"; then
    echo "docs/hopproof.1 is old; run: cmake --build BUILD --target man" >&2
    exit 1
fi
if command -v groff >/dev/null; then
    complaints=$(groff -man -Tutf8 -ww -z "$new" 2>&1)
    if [ -n "$complaints" ]; then
        echo "$complaints" >&2
        exit 1
    fi
fi
