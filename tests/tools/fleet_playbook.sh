#!/bin/sh
# packaging/ansible/fleet.yml with two "sensors" that are both this machine, and a third whose site
# file is wrong: the page shows the first two, and Ansible names the third.
#
#     fleet_playbook.sh HOPPROOF
set -u
command -v ansible-playbook >/dev/null || {
    echo "no ansible-playbook here (apt-get install ansible-core)"
    exit 77
}
hopproof=$1
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

fail() {
    echo "FAILED: $*"
    cat "$dir/log"
    exit 1
}

mkdir "$dir/site-files" "$dir/reports"
cat >"$dir/sensors.ini" <<END
[all]
plant-a hopproof_folder=$dir/on-a
plant-b hopproof_folder=$dir/on-b
plant-c hopproof_folder=$dir/on-c
[all:vars]
ansible_connection=local
ansible_python_interpreter=$(command -v python3)
hopproof_become=false
hopproof_program=$hopproof
END
for sensor in a b; do
    # Port 1 of the loopback address refuses: a report with a failure, in no time.
    cat >"$dir/site-files/plant-$sensor.yaml" <<END
sensor: sensor-$sensor
proxies: [{url: "http://127.0.0.1:1", user: sensor, password_file: proxy.pw}]
endpoints: [hub.example]
routes: [hop1]
capture: false
END
done
printf 'endpoint: oops\n' >"$dir/site-files/plant-c.yaml"
echo '{"an": "old report"}' >"$dir/reports/plant-c.json"

export HOME="$dir" ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_NOCOLOR=1 LC_ALL=C.UTF-8
ansible-playbook -i "$dir/sensors.ini" -e hopproof_proxy_password=sesame \
    "$top/packaging/ansible/fleet.yml" >"$dir/log" 2>&1
status=$?

[ "$status" -eq 2 ] || fail "a sensor with a wrong site file is no success (exit status $status)"
grep -q 'plant-c .*failed=1' "$dir/log" || fail "the sensor with the wrong site file is not named"
[ ! -e "$dir/reports/plant-c.json" ] || fail "an old report passes for a new one"
for name in sensor-a sensor-b "2 sensors"; do
    grep -q "$name" "$dir/reports/fleet.html" || fail "$name is not on the page"
done
! grep -rq sesame "$dir" || fail "the password was left somewhere"
echo "two sensors on one page, the third named"
