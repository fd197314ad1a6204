#!/usr/bin/env python3
"""Draw every report of reports/ in every format and compare with expected/.

  golden.py GOLDEN_DRAW            compare; exit 1 and a diff where something changed
  golden.py GOLDEN_DRAW --update   accept what is drawn now (then read the git diff)
"""
import difflib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))
import validate_report  # noqa: E402

FORMATS = {"text": "txt", "verbose": "verbose.txt", "ascii": "ascii.txt", "line": "line.txt",
           "junit": "junit.xml", "prometheus": "prom"}
TERMINAL = ("text", "verbose", "ascii")
SAMPLE = re.compile(r'^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-z]+="([^"\\\n]|\\[\\"n])*"(,[a-z]+="([^"\\\n]|\\[\\"n])*")*\})? '
                    r'-?[0-9.]+$')


def draw(program, fmt, report):
    return subprocess.run([program, fmt, str(report)], check=True, capture_output=True).stdout


def compare(name, drawn, update):
    path = HERE / "expected" / name
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(drawn)
        return True
    wanted = path.read_bytes() if path.exists() else b""
    if wanted == drawn:
        return True
    print("%s differs:" % name)
    for line in list(difflib.unified_diff(wanted.decode().splitlines(),
                                          drawn.decode().splitlines(), lineterm=""))[:40]:
        print("  " + line)
    return False


def tidy(name, drawn):
    """What must hold for any terminal text."""
    text, good = drawn.decode(), True
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > 80:
            print("%s:%d: wider than 80 columns: %s" % (name, number, line))
            good = False
        if any(ord(c) < 32 or ord(c) == 127 for c in line) or "\u202e" in line:
            print("%s:%d: a control character: %r" % (name, number, line))
            good = False
    return good


def well_formed(name, fmt, drawn):
    """XML that parses and adds up; Prometheus text with every series once under its own TYPE."""
    problems = []
    if fmt == "junit":
        root = xml.etree.ElementTree.fromstring(drawn)
        for suite in [root, *root.findall("testsuite")]:
            cases = list(suite.iter("testcase"))
            counts = (len(cases), sum(c.find("failure") is not None for c in cases),
                      sum(c.find("skipped") is not None for c in cases))
            if counts != tuple(int(suite.get(k)) for k in ("tests", "failures", "skipped")):
                problems.append("counts of %s do not add up" % suite.get("name"))
    if fmt == "prometheus":
        family, series = None, set()
        for line in drawn.decode().splitlines():
            if line.startswith("# TYPE "):
                family = line.split()[2]
            elif not line.startswith("#"):
                key = line.rsplit(" ", 1)[0]
                if not SAMPLE.match(line) or key.split("{")[0] != family or key in series:
                    problems.append("bad line: " + line)
                series.add(key)
        promtool = shutil.which("promtool")
        if promtool:
            lint = subprocess.run([promtool, "check", "metrics"], input=drawn, capture_output=True)
            if lint.returncode != 0 or lint.stderr:
                problems.append("promtool: " + (lint.stdout + lint.stderr).decode())
    for problem in problems:
        print("%s: %s" % (name, problem))
    return not problems


def main():
    program, update = sys.argv[1], "--update" in sys.argv[2:]
    good = True
    reports = sorted((HERE / "reports").glob("*.json"))
    for report in reports:
        with tempfile.NamedTemporaryFile(suffix=".json") as whole:
            # The files may lack keys that are newer than they are; what we write never does.
            whole.write(draw(program, "json", report))
            whole.flush()
            for problem in validate_report.validate(json.loads(pathlib.Path(whole.name).read_text())):
                print("%s: %s" % (report.name, problem))
                good = False
            if draw(program, "json", whole.name) != pathlib.Path(whole.name).read_bytes():
                print("%s: read and written again, it is another" % report.name)
                good = False
            for fmt in (*FORMATS, "html"):
                if draw(program, fmt, whole.name) != draw(program, fmt, report):
                    print("%s: drawn again as %s, it is another" % (report.name, fmt))
                    good = False
        for fmt, suffix in FORMATS.items():
            drawn = draw(program, fmt, report)
            name = "%s.%s" % (report.stem, suffix)
            good = compare(name, drawn, update) and good
            if fmt in TERMINAL:
                good = tidy(name, drawn) and good
            good = well_formed(name, fmt, drawn) and good
            if fmt == "ascii" and not drawn.isascii():
                print("%s: not ASCII" % name)
                good = False
    print("%d reports in %d formats" % (len(reports), len(FORMATS)))
    return 0 if good and reports else 1


if __name__ == "__main__":
    sys.exit(main())
