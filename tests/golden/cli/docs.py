#!/usr/bin/env python3
"""The commands of the README and of the pages of docs/ are run as they stand there, in their order.

    docs.py HOPPROOF DOCS

Run are indented lines that begin with "$ hopproof", of the README those of its list of commands; the yaml
blocks of a page whose first line is "# NAME" become the file NAME. All runs in a network namespace without a network, where a check ends at once: what is
tested is that every command, option and file is one that the program takes; and that what a page says of the
sign-off is what the reports say.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PAGES = ("method-direct.md", "method-azure-proxy.md", "method-proxy-chain.md", "method-multicloud.md", "migration.md")
ENDPOINTS = '["contoso.azure-devices.net", "contoso.blob.core.windows.net", "contoso.servicebus.windows.net"]'
# Commands whose answer may be a failure: there is no network, and the firewall's list has holes.
MAY_FAIL = {"check", "migrate", "compare", "report", "analyze", "ranges"}


def furnish(folder):
    """What a reader is told to have: the portal's file, the service tags, a firewall's list, a recording."""
    shutil.copy(os.path.join(HERE, "files", "ServiceTags_Public_20251110.json"), folder)
    shutil.copy(os.path.join(HERE, "files", "allowed.txt"), os.path.join(folder, "firewall.txt"))
    shutil.copy(os.path.join(HERE, "..", "..", "fuzz", "corpus", "wire", "connect-denied"),
                os.path.join(folder, "sensor.pcapng"))
    with open(os.path.join(folder, "endpoints.json"), "w", encoding="ascii") as file:
        file.write(ENDPOINTS)


def readme(folder, docs):
    """The README's list of commands, with what a reader would put in; the files that it speaks of are made."""
    with open(os.path.join(docs, "..", "README.md"), encoding="utf-8") as file:
        text = file.read()
    reports = os.path.join(HERE, "..", "reports")
    shutil.copy(os.path.join(reports, "warnings.json"), os.path.join(folder, "before.json"))
    shutil.copy(os.path.join(reports, "many-faults.json"), os.path.join(folder, "after.json"))
    with open(os.path.join(folder, "plant.yaml"), "w", encoding="ascii") as file:
        file.write("name: plant\nproxies: [http://10.1.0.4:3128]\nfacts: {other_cloud: false}\n")
    with open(os.path.join(folder, "squid.conf"), "w", encoding="ascii") as file:
        file.write("http_port 3128\nhttp_access deny all\n")
    for line in re.findall(r"^    (hopproof .*)$", text, re.M):
        command = re.split(r"  +", line)[0].replace("HOST…", "contoso.azure-devices.net")
        # Questions on a terminal are another test's.
        if command not in ("hopproof COMMAND --help", "hopproof advise"):
            yield command.replace("HOST", "old.azure-devices.net")


def page_commands(folder, docs, page):
    """The commands of a page; its yaml blocks become files."""
    with open(os.path.join(docs, page), encoding="utf-8") as file:
        text = file.read()
    for name, block in re.findall(r"```yaml\n# (\S+)\n(.*?)```", text, re.S):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(block)
    return re.findall(r"^    \$ (hopproof .*)$", text, re.M)


def points_of(folder, name):
    """{code: needed} of one checklist, from the reports that the page's commands wrote."""
    points = {}
    for path in glob.glob(os.path.join(folder, "*.json")):
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        for point in report.get("checklist", []) if isinstance(report, dict) else []:
            if point["list"] == name:
                points[point["id"]] = point["needed"]
    return points


def sign_off(folder, docs, page):
    """Where the page's table of the sign-off and the program's checklist differ. `ready-` stands for several."""
    with open(os.path.join(docs, page), encoding="utf-8") as file:
        text = file.read()
    table = re.search(r"^\| point \| for the sign-off.*?\n\n", text, re.M | re.S)
    points = points_of(folder, re.sub(r"^method-|\.md$", "", page))
    points = {code: needed for code, needed in points.items() if not code.startswith("ready-")}
    told = {code: row.split("|")[2].strip().startswith("needed") for row in table.group(0).split("\n")[2:] if row
            for code in re.findall(r"`([a-z-]+[a-z])`", row.split("|")[1])} if table else {}
    return ["%s: %s is %s there, and %s in the report" % (page, code, told.get(code), points.get(code))
            for code in sorted(set(told) | set(points)) if told.get(code) != points.get(code)] + (
                [] if points else ["%s: no report has its checklist" % page])


def warnings_told(docs):
    """Causes that warn by themselves, and of which docs/migration.md does not say what a WARN means for a sign-off."""
    with open(os.path.join(docs, "causes.md"), encoding="utf-8") as file:
        warning = re.findall(r"^### ([a-z-]+)\n(?:(?!^### )[\s\S])*?severity: warning", file.read(), re.M)
    with open(os.path.join(docs, "migration.md"), encoding="utf-8") as file:
        told = re.findall(r"`([a-z-]+)`", file.read().partition("## With a WARN")[2])
    return ["migration.md: `%s` warns, and the page does not say what that means for a sign-off" % code
            for code in warning if code not in told] + ([] if warning else ["causes.md has no warnings"])


def alone():
    """The words in front of a command that take the network away; None where that is not possible."""
    words = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    try:
        return words if subprocess.run(words + ["true"], stderr=subprocess.DEVNULL).returncode == 0 else None
    except OSError:
        return None


def main():
    program, docs, wrong, ran = os.path.abspath(sys.argv[1]), sys.argv[2], [], 0
    without_network = alone()
    if without_network is None:
        print("no network namespace can be made here")
        return 77
    for page in PAGES + ("README.md",):
        with tempfile.TemporaryDirectory() as folder:
            furnish(folder)
            commands = list(readme(folder, docs)) if page == "README.md" else page_commands(folder, docs, page)
            for command in commands:
                done = subprocess.run(without_network + ["sh", "-c", command.replace("hopproof", program, 1)],
                                      cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
                ran += 1
                may_fail = MAY_FAIL | {"audit"} if page == "README.md" else MAY_FAIL # its squid.conf allows nothing
                accepted = (0, 1, 3) if command.split()[1] in may_fail else (0,)
                if done.returncode not in accepted:
                    wrong.append("%s: %s\n    status %d: %s" % (page, command, done.returncode, done.stderr.decode()))
            if page != "README.md":
                wrong += sign_off(folder, docs, page)
    wrong += warnings_told(docs)
    for line in wrong:
        print(line)
    print("%d commands, %d wrong" % (ran, len(wrong)))
    return 1 if wrong or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
