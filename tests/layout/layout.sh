#!/bin/sh
# The arrows of docs/architecture.md: which folder may include what. Prints each line that breaks
# them; exit status 1 when there is any.
#
#     tests/layout/layout.sh [ROOT]
set -eu
cd "${1:-$(dirname "$0")/../..}"

rules() {
    cat <<'END'
# folder, and the project folders that it may include besides itself; diag itself includes all
arrow diag/base
arrow diag/model diag/base
arrow diag/proto diag/base
arrow diag/site diag/model diag/base
arrow diag/judge diag/model diag/base
arrow probes diag/proto diag/model diag/base
arrow capture diag/proto diag/model diag/base
arrow reports diag/model diag/base
# library by the start of its headers, and the folders that may know it; environment.c tells the
# versions of them all
library ares probes diag/environment.c
library openssl/ probes reports diag/environment.c
library event2/ probes diag/environment.c
library pcap capture diag/environment.c
library cap-ng capture diag/environment.c
library seccomp capture diag/environment.c
library jansson diag/site reports diag
library yaml diag/site diag/environment.c
library idn2 diag/site diag/environment.c
library zip reports diag/environment.c
# folders that only think: no input or output, no clock, no chance
pure diag/judge
pure diag/proto
END
}

impure='(fopen|fdopen|open|socket|connect|send|recv|clock_gettime|clock_monotonic_us|clock_wall_us|time|gettimeofday|getenv|rand|random|getrandom|system|printf|puts)'

{
    rules
    grep -rnE '^[[:space:]]*#[[:space:]]*include' --include='*.c' --include='*.h' --include='*.def' \
        diag probes capture reports | sed 's/^/include /'
    # calls outside of strings and comments
    for folder in $(rules | sed -n 's/^pure //p'); do
        [ -d "$folder" ] || continue
        find "$folder" -name '*.c' -exec grep -nE "(^|[^a-z0-9_.>\"])$impure\(" /dev/null {} + |
            grep -vE '^[^:]*:[0-9]*:[[:space:]]*(\*|/\*)' | sed 's/^/impure /' || :
    done
} | awk '
    function complain(text) { print text; broken = 1 }
    function folder_of(path) { return match(path, /\/[^\/]*$/) ? substr(path, 1, RSTART - 1) : "" }
    $1 == "arrow" { known[$2] = 1; may[$2, $2] = 1; for (i = 3; i <= NF; i++) may[$2, $i] = 1 }
    $1 == "library" { libraries[++n] = $2; who[$2] = $0; for (i = 3; i <= NF; i++) uses[$2, $i] = 1 }
    $1 == "impure" { complain(substr($0, 8) ": this folder does no I/O and knows no clock") }
    $1 == "include" {
        seen++
        split($2, at, ":")
        folder = folder_of(at[1])
        header = $0
        if (header ~ /"/) {
            sub(/^[^"]*"/, "", header); sub(/".*/, "", header)
            target = folder_of(header)
            if (target == "" || folder == "diag") next # made by the build; the top may see all
            if (!(folder in known)) complain($2 " a folder without a rule in tests/layout/layout.sh")
            else if (!((folder, target) in may)) complain(at[1] ":" at[2] ": " folder " must not include " header)
        } else {
            sub(/^[^<]*</, "", header); sub(/>.*/, "", header)
            for (i = 1; i <= n; i++)
                if (index(header, libraries[i]) == 1 && !((libraries[i], folder) in uses) &&
                    !((libraries[i], at[1]) in uses))
                    complain(at[1] ":" at[2] ": " folder " must not include <" header "> (" who[libraries[i]] ")")
        }
    }
    END { if (seen < 100) complain("only " seen + 0 " includes were seen: wrong folder?"); exit broken }'
