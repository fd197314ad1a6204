#!/bin/sh
# report_command.sh HOPPROOF GOLDEN_DRAW FOLDER: `hopproof report` draws the very bytes of a run.
set -eu
hopproof=$1 draw=$2 here=$3
export LC_ALL=C.UTF-8
unset NO_COLOR || true
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

same() { # what expected got
    cmp -s "$2" "$3" || { echo "$1 differs"; bad=1; }
}
status() { # wanted command...
    wanted=$1; shift
    got=0; "$@" >"$work/out" 2>"$work/err" || got=$?
    [ "$got" -eq "$wanted" ] || { echo "exit $got instead of $wanted: $*"; cat "$work/err"; bad=1; }
}

for report in "$here"/reports/*.json; do
    name=$(basename "$report" .json)
    case $name in
    healthy-direct | warnings | checklist) wanted=0 ;;
    incomplete | empty) wanted=3 ;;
    *) wanted=1 ;;
    esac
    status $wanted "$hopproof" report "$report" --json "$work/j" --html "$work/h" \
        --junit "$work/x" --prometheus "$work/p"
    same "$name text" "$here/expected/$name.txt" "$work/out"
    same "$name junit" "$here/expected/$name.junit.xml" "$work/x"
    same "$name prometheus" "$here/expected/$name.prom" "$work/p"
    for format in json html; do
        "$draw" $format "$report" >"$work/wanted"
        case $format in json) cp "$work/j" "$work/got" ;; html) cp "$work/h" "$work/got" ;; esac
        same "$name $format" "$work/wanted" "$work/got"
    done
    status $wanted "$hopproof" report --quiet "$work/j"
    same "$name line" "$here/expected/$name.line.txt" "$work/out"
    status $wanted "$hopproof" report --verbose "$work/j"
    same "$name verbose" "$here/expected/$name.verbose.txt" "$work/out"
    status $wanted "$hopproof" report "$report" --json -
    same "$name json on standard output" "$work/j" "$work/out"
done
status 1 "$hopproof" report --strict "$here/reports/warnings.json"

# a fleet: broken and foreign files are listed and skipped, never fatal
echo '{"a":1}' >"$work/foreign.json"
echo '{"schema":' >"$work/broken.json"
status 1 "$hopproof" report "$here"/reports/*.json "$work/foreign.json" "$work/broken.json" \
    /nonexistent.json --html "$work/fleet.html" --json "$work/fleet.json"
python3 - "$work/fleet.json" "$here/../../docs/fleet.schema.json" <<'EOF' || bad=1
import json, sys
fleet, schema = (json.load(open(p, encoding="utf-8")) for p in sys.argv[1:])
try:
    import jsonschema
    jsonschema.validate(fleet, schema)
except ImportError:
    assert set(schema["required"]) <= set(fleet), "keys are missing"
assert fleet["schema"] == "hopproof.fleet/1" and len(fleet["skipped"]) == 3 and len(fleet["sensors"]) == 8
counted = [s for s in fleet["sensors"] if not s["superseded"]]
assert fleet["counts"]["fail"] == sum(s["verdict"] == "fail" for s in counted), fleet["counts"]
assert all(0 <= i < 8 for f in fleet["findings"] for i in f["sensors"]) and fleet["findings"]
EOF
tr -s ' \n' ' ' <"$work/out" >"$work/flat" # lines are wrapped
grep -q 'foreign.json: JSON, but no hopproof report' "$work/flat" || { echo "foreign not listed"; bad=1; }
grep -q 'broken.json:2: not JSON' "$work/flat" || { echo "broken not listed"; bad=1; }
grep -q '3 files were no reports' "$work/flat" || { echo "skipped not counted"; bad=1; }
grep -q '<h2>Files that were no reports' "$work/fleet.html" || { echo "no list in the page"; bad=1; }
status 2 "$hopproof" report "$work/foreign.json"
status 2 "$hopproof" report "$work/foreign.json" "$work/broken.json"
status 2 "$hopproof" report "$here/reports/warnings.json" "$here/reports/empty.json" --junit "$work/z"

# before and after
cd "$here" # the names of the files are in the text
status 1 "$hopproof" compare reports/healthy-direct.json reports/proxy-chain-denied.json \
    --html "$work/c.html" --json "$work/c.json"
same "compare" "$here/expected/compare.txt" "$work/out"
python3 -c 'import json, sys; assert json.load(open(sys.argv[1]))["required"]["broke"] == 2' "$work/c.json"
grep -q '<h2>Circumstances' "$work/c.html" || { echo "no circumstances in the page"; bad=1; }
status 0 "$hopproof" compare "$here/reports/proxy-chain-denied.json" "$here/reports/proxy-chain-denied.json"
status 2 "$hopproof" compare "$here/reports/warnings.json" "$work/foreign.json"
status 2 "$hopproof" compare "$here/reports/warnings.json"

# redacted: no name and no address of the site in any format, and a key beside the first file
for report in "$here"/reports/proxy-chain-denied.json "$here"/reports/many-faults.json; do
    status 1 "$hopproof" report --redact "$report" --verbose --json "$work/r" --html "$work/rh" \
        --junit "$work/rx" --prometheus "$work/rp"
    if grep -n -i -E '192\.0\.2|203\.0\.113|plant|werk|ot-sensor|proxy-[ab]([^u]|$)' "$work/r" "$work/rh" \
        "$work/rx" "$work/rp" "$work/out"; then
        echo "names are left in $report"; bad=1
    fi
    grep -q contoso-ns.servicebus.windows.net "$work/r" || { echo "the cloud's name is gone"; bad=1; }
    grep -q ot-sensor-7 "$work/r.key" || { echo "no key"; bad=1; }
    status 1 "$hopproof" report "$work/r" --quiet # links are whole
done
# the name of a file that is left out may be that of a machine
cp "$work/foreign.json" "$work/sensor-of-plant-9.json"
status 1 "$hopproof" report --redact "$here"/reports/proxy-chain-denied.json "$here"/reports/warnings.json \
    "$work/sensor-of-plant-9.json" --json "$work/rf"
! grep -q plant-9 "$work/rf" "$work/out" || { echo "the name of a skipped file was told"; bad=1; }
status 1 "$hopproof" report --redact "$here"/reports/proxy-chain-denied.json "$here"/reports/warnings.json
if grep -n -i -E 'plant|ot-sensor|proxy-[ab]([^u]|$)' "$work/out"; then echo "names are left in the fleet"; bad=1; fi

# nothing is lost when one output cannot be written
status 3 "$hopproof" report "$here/reports/warnings.json" --json /dev/full --html "$work/h2"
[ -s "$work/h2" ] || { echo "a full disk cost another output"; bad=1; }
# no command loses what it prints without a word
for command in "help" "profiles" "profiles --json" "generate site" "audit $here/cli/files/nsg-good.json" \
        "advise --site $here/cli/files/facts.yaml"; do
    status 3 sh -c '"$0" $1 >/dev/full' "$hopproof" "$command"
    grep -q '^hopproof: standard output: not written: ' "$work/err" ||
        { echo "$command: nothing is said of a full disk:"; cat "$work/err"; bad=1; }
done
# a closed standard output is none to write to, and the next file must not take its place
status 3 sh -c '"$0" report "$1" >&-' "$hopproof" "$here/reports/healthy-direct.json"
grep -q '^hopproof: standard output: not written: .*; leave it open for writing, or name a file$' "$work/err" ||
    { echo "other words of a closed standard output:"; cat "$work/err"; bad=1; }
status 3 sh -c '"$0" report "$1" --html "$2" >&-' "$hopproof" "$here/reports/healthy-direct.json" "$work/h3"
grep -q '</html>' "$work/h3" && ! grep -q 'PASS  ' "$work/h3" || { echo "the page is not a page"; bad=1; }
exit $bad
