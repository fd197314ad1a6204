#!/bin/sh
# packaging/portable makes one file that can do what the installed program can: it draws every
# format of a report, the bundle too, whose library is one of those that are linked in.
#
#     portable.sh REPORT.json
set -u
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
[ "$(dpkg-query -W -f '${db:Status-Status}' libunistring-dev 2>/dev/null)" = installed ] || {
    echo "no libunistring-dev here, which the static libidn2 needs"
    exit 77
}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

"$top/packaging/portable" || exit 1
program=$top/build/portable/hopproof
"$program" report "$1" --quiet --json "$dir/json" --html "$dir/html" --junit "$dir/junit" \
    --prometheus "$dir/prometheus" --bundle "$dir/bundle" --no-redact
[ $? -le 1 ] || exit 1
for format in json html junit prometheus bundle; do
    [ -s "$dir/$format" ] || { echo "FAILED: no $format"; exit 1; }
done
python3 -m zipfile -t "$dir/bundle"
