#!/bin/sh
# Every shell script as shellcheck wants it; skipped (77) where that is not installed.
set -eu
cd "$(dirname "$0")/../.."
command -v shellcheck >/dev/null || { echo "shellcheck is not installed"; exit 77; }
git ls-files 2>/dev/null | grep -q . || { echo "not a checkout: which scripts are ours is not known"; exit 77; }
git ls-files | while read -r file; do
    [ -f "$file" ] && head -n 1 "$file" | grep -aqE '^#!/bin/(ba)?sh' && printf '%s\n' "$file"
done | xargs shellcheck -S warning
