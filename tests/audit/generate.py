#!/usr/bin/env python3
"""What `hopproof generate` makes must pass `hopproof audit` with the same options, be accepted by
`squid -k parse` (where Squid is installed), and let the sensors and nobody else through.

    generate.py HOPPROOF
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

SENSOR = ["--sensor", "10.100.0.0/16", "--sensor", "10.101.0.7"]
CHAIN = ["--proxy", "10.20.0.5:3128", "--proxy", "10.0.0.36:3129"]
ENDPOINTS = """hub.azure-devices.net
*.azure-devices.net
azure-devices.net
*.eu.azure-devices.net
x.servicebus.windows.net:5671
x.servicebus.windows.net
download.microsoft.com
192.0.2.9:8443
"""


def run(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          timeout=60)


def main():
    program = os.path.abspath(sys.argv[1])
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        listed = os.path.join(folder, "endpoints.txt")
        with open(listed, "w", encoding="utf-8") as file:
            file.write(ENDPOINTS)

        def make(kind, *options):
            done = run(program, "generate", kind, *options)
            if done.returncode != 0:
                wrong.append(f"generate {kind}: {done.stderr.decode()}")
            path = os.path.join(folder, kind)
            with open(path, "wb") as file:
                file.write(done.stdout)
            return path

        def audit(title, paths, *options):
            """No error and no warning for the sensors; answers by sensor."""
            done = run(program, "audit", "--json", *paths, *options)
            if done.returncode not in (0, 1):
                wrong.append(f"{title}: {done.stderr.decode()}")
                return []
            report = json.loads(done.stdout)
            return [(f["severity"], f["code"], f["what"]) for file in report["files"]
                    for f in file["findings"] if f["severity"] != "info"]

        for lists in (["--endpoints", listed], ["--profile", "defender-iot"]):
            for kind, hops in (("squid", CHAIN[:2]), ("cloud-init", CHAIN[:2]),
                               ("nsg", CHAIN[:2])):
                path = make(kind, *SENSOR, *hops, *lists)
                for sensor in ("10.100.7.7", "10.101.0.7"):
                    for finding in audit(kind, [path], "--sensor", sensor, *hops, *lists):
                        wrong.append(f"{kind} from {sensor}: {finding}")
                if not audit(kind, [path], "--sensor", "10.102.0.1", *hops, *lists):
                    wrong.append(f"{kind}: an address that is no sensor's passes")
            pair = [make(kind, *SENSOR, *CHAIN, *lists) for kind in ("squid-child", "squid-parent")]
            for finding in audit("chain", pair, "--sensor", "10.101.0.7", *CHAIN, *lists):
                wrong.append(f"chain: {finding}")
            if shutil.which("squid"):
                for path in [os.path.join(folder, "squid")] + pair:
                    done = run("squid", "-k", "parse", "-f", path)
                    if done.returncode != 0 or b"ERROR" in done.stderr or b"WARNING" in done.stderr:
                        wrong.append(f"squid -k parse {path}: {done.stderr.decode()[-600:]}")
            site = make("site", *CHAIN, *lists)
            again = run(program, "generate", "squid", "--site", site, *SENSOR)
            first = run(program, "generate", "squid", *CHAIN, *lists, *SENSOR)
            if again.returncode != 0 or again.stdout != first.stdout:
                wrong.append(f"the site file says something else: {again.stderr.decode()}")
        site = make("site", "--proxy", "null=http://PLANT\\o'neil #7@proxy.example")
        if run(program, "generate", "site", "--site", site).stdout != open(site, "rb").read():
            wrong.append("a proxy that YAML would misread is another one when it is read again")
    for complaint in wrong:
        print("FAILED", complaint)
    print(f"{len(wrong)} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
