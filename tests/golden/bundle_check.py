#!/usr/bin/env python3
"""bundle_check.py HOPPROOF REPORTS: the ZIP file for a ticket, from a saved report and from a run.

The run goes to a closed port of the loopback interface only.
"""
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

import problems
from problems import expect

HOPPROOF, REPORTS = sys.argv[1], pathlib.Path(sys.argv[2])
NAMES = re.compile(rb"192\.0\.2|203\.0\.113|plant|ot-sensor|proxy-[ab]([^u]|$)", re.I)

def run(*arguments):
    return subprocess.run([HOPPROOF, *map(str, arguments)], capture_output=True)


def opened(path):
    """Contents by name, after the manifest was found to tell the truth."""
    archive = zipfile.ZipFile(path)
    expect(archive.testzip() is None, "%s is damaged" % path)
    content = {i.filename: archive.read(i) for i in archive.infolist()}
    manifest = json.loads(content["manifest.json"])
    listed = {f["name"]: (f["bytes"], f["sha256"]) for f in manifest["files"]}
    found = {n: (len(c), hashlib.sha256(c).hexdigest()) for n, c in content.items() if n != "manifest.json"}
    expect(listed == found, "manifest: %s, contents: %s" % (listed, found))
    return content, {f["name"] for f in manifest["left_out"]}


def from_report(folder):
    report = REPORTS / "proxy-chain-denied.json"
    one, two, real = folder / "one.zip", folder / "two.zip", folder / "real.zip"
    expect(run("report", report, "-q", "--bundle", one).returncode == 1, "status of report")
    run("report", report, "-q", "--bundle", two)
    run("report", report, "-q", "--bundle", real, "--no-redact")
    expect(one.read_bytes() == two.read_bytes(), "the same report made another bundle")
    expect(one.stat().st_mode & 0o7777 == 0o600, "mode of the bundle")
    content, _ = opened(one)
    expect({"report.json", "report.html", "report.txt"} <= set(content), "a form is missing")
    for name, data in content.items():
        expect(not NAMES.search(data), "%s betrays %s" % (name, NAMES.search(data)))
    expect("ot-sensor-7" in (folder / "one.zip.key").read_text(), "no key")
    content, _ = opened(real)
    expect(content["report.json"] == run("report", report, "--json", "-").stdout, "another report.json")
    expect(not (folder / "real.zip.key").exists(), "a key where nothing was hidden")
    full = folder / "full.zip"
    full.symlink_to("/dev/full")
    expect(run("report", report, "-q", "--bundle", full).returncode == 3, "a full disk")
    expect(not (folder / "full.zip.key").exists(), "a key to a bundle that was not written")


def from_run(folder):
    site, bundle = folder / "site.yaml", folder / "run.zip"
    site.write_text("# password: hunter2\n# Halle 3\nname: plant 7 # Halle 3\nproxies:\n"
                    "  - {name: gate, url: 'http://127.0.0.1:2'}\nresolvers: [10.20.30.40]\n"
                    "endpoints:\n  - 127.0.0.1:1\n  - \"db#1.werk.example:1\"\n".replace("db#1", "db1"))
    quotes = folder / "quotes.yaml"
    quotes.write_text(site.read_text().replace("name: plant 7 #", "name: plant 7's #") +
                      'sensor: "ot \\"8\\"s" # Halle 4\ninterface: lo # the "Halle 5\n')
    folded = folder / "folded.yaml"
    folded.write_text(site.read_text().replace("name: plant 7", "name: plant\n  nord\n  7"))
    common = ("check", "--site", site, "--no-capture", "--no-experiments", "--timeout", "1", "-q")
    done = run(*common, "--bundle", bundle, "--no-redact")
    expect(done.returncode == 1, "status of check: %d %s" % (done.returncode, done.stderr.decode()))
    content, left_out = opened(bundle)
    expect(b"OpenSSL" in content["environment.txt"] and b"\nroutes\n" in content["environment.txt"],
           "the environment is thin")
    expect(b"127.0.0.1:1" in content["site.yaml"] and b"hunter2" not in content["site.yaml"],
           "the site file")
    expect(b"Halle 3" in content["site.yaml"], "a comment is missing where nothing is hidden")
    expect(left_out == {"evidence.pcapng"}, "left out: %s" % left_out)
    run(*common[:2], quotes, *common[3:], "--bundle", bundle)
    content, left_out = opened(bundle)
    expect(left_out == {"evidence.pcapng"}, "left out: %s" % left_out)
    expect(b"name: site-1" in content["site.yaml"] and b"http://127.0.0.1:2" in content["site.yaml"] and
           b"name: hop1" in content["site.yaml"], "the redacted site file: %s" % content["site.yaml"].decode())
    expect(b"interface: lo" in content["site.yaml"], "the value in front of a comment")
    for word in (b"plant 7", b'8\\"s', b"Halle", b"hunter2", b"10.20.30.40", b"werk.example", b"gate,"):
        expect(not any(word in c for c in content.values()), "%s is left" % word.decode())
    run(*common[:2], folded, *common[3:], "--bundle", bundle)
    content, _ = opened(bundle)
    for word in (b"plant", b"nord", b"Halle"):
        expect(not any(word in c for c in content.values()), "%s is left of a folded text" % word.decode())
    expect(content["site.yaml"].count(b"over several lines") == 3 and b"name: hop1" in content["site.yaml"],
           "the folded site file: %s" % content["site.yaml"].decode())


with tempfile.TemporaryDirectory() as name:
    from_report(pathlib.Path(name))
    from_run(pathlib.Path(name))
problems.end()
