#!/bin/sh
# Every C file as clang-format 14 would write it; skipped (77) where that version is not installed.
set -eu
cd "$(dirname "$0")/../.."
for candidate in clang-format-14 clang-format; do
    if "$candidate" --version 2>/dev/null | grep -q 'version 14\.'; then
        find diag probes capture reports tests -name '*.[ch]' -print0 |
            xargs -0 "$candidate" --dry-run --Werror
        exit 0
    fi
done
echo "clang-format 14 is not installed"
exit 77
