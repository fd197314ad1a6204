#!/usr/bin/env python3
"""What the timer and the playbook run takes every site file that a check takes, with idle as long as it may be.

    unattended.py HOPPROOF PACKAGING

A mistake (exit status 2) in a run that nobody watches is a site without reports. The endpoint is a port of this
machine where nothing listens: nothing passes, so nothing idles.
"""
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile

SITE = "idle: %d\ncapture: false\nexperiments: false\nresolvers: [127.0.0.1:1]\nendpoints: [127.0.0.1:%d]\n"


def unit_options(packaging):
    """The service's command line, its files left out, and its limit in seconds."""
    with open(os.path.join(packaging, "systemd", "hopproof.service"), encoding="utf-8") as file:
        text = file.read().replace("\\\n", " ")
    words = shlex.split(re.search(r"^ExecStart=\S+ (.*)$", text, re.M).group(1))
    assert words.pop(0) == "check", words
    drop = {"--site", "--json", "--html", "--prometheus"}
    kept = [w for i, w in enumerate(words) if w not in drop and (i == 0 or words[i - 1] not in drop)]
    return kept, int(re.search(r"^TimeoutStartSec=(\d+)$", text, re.M).group(1))


def playbook_options(packaging):
    with open(os.path.join(packaging, "ansible/roles/hopproof/defaults/main.yml"), encoding="utf-8") as file:
        listed = re.search(r"^hopproof_options: \[(.*)\]$", file.read(), re.M).group(1)
    return [w.strip().strip('"') for w in listed.split(",") if w.strip()]


def main():
    program, packaging = os.path.abspath(sys.argv[1]), sys.argv[2]
    options, limit = unit_options(packaging)
    wrong = []
    with tempfile.TemporaryDirectory() as folder, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        site = os.path.join(folder, "site.yaml")
        for who, words, idle in (("the unit", options, 3600), ("the playbook", playbook_options(packaging), 3600)):
            with open(site, "w", encoding="ascii") as file:
                file.write(SITE % (idle, closed.getsockname()[1]))
            done = subprocess.run([program, "check", "--site", site, "--timeout", "1"] + words,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
            if done.returncode != 1:
                wrong.append("%s: %d, %s" % (who, done.returncode, done.stderr.decode()))
            if who == "the unit" and limit <= idle:
                wrong.append("the unit is stopped after %d s, in the middle of idling" % limit)
        with open(os.path.join(packaging, "debian", "site.yaml"), encoding="utf-8") as file:
            example = file.read()
        if not re.search(r"^deadline: \d+", example, re.M):
            wrong.append("the example's runs have no deadline")
    for line in wrong:
        print(line)
    print("%d wrong" % len(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
