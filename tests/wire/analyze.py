#!/usr/bin/env python3
"""hopproof analyze on the captures of stories: every line "# result: ENDPOINT ROUTE VERDICT CAUSE AT"
in a story must be a result of the report, "# note: TEXT" part of a note, "# says: TEXT" part of a
result's summary, "# finding: CAUSE AT" a finding, "# findings: N" how many, "# endpoints: N" how many there are, "# args: ..." are options.

analyze.py RUN_STORIES HOPPROOF STORY...
"""
import json
import os
import subprocess
import sys
import tempfile
import zipfile


def headers(path):
    found = {"result": [], "note": [], "says": [], "endpoints": [], "finding": [], "findings": [], "args": [], "exit": []}
    for line in open(path, encoding="utf-8"):
        if line.startswith("# ") and ": " in line:
            key, value = line[2:].split(": ", 1)
            if key in found:
                found[key].append(value.split())
    return found


def check(run_stories, hopproof, path, folder):
    wanted = headers(path)
    if not any(wanted[k] for k in ("result", "note", "finding")):
        return 0, []
    capture = os.path.join(folder, "capture")
    made = subprocess.run([run_stories, "-w", capture, path], capture_output=True, text=True)
    if made.returncode != 0:
        return 1, ["the story itself fails: " + made.stdout]
    args = [word for line in wanted["args"] for word in line]
    run = subprocess.run([hopproof, "analyze", capture, "--json", "-"] + args,
                         capture_output=True, text=True)
    if run.returncode not in (0, 1, 3):
        return 1, [f"exit status {run.returncode}: {run.stderr}"]
    report = json.loads(run.stdout)
    seen = [[str(r[k]) for k in ("endpoint", "route", "verdict", "cause", "at")]
            for r in report["results"]]
    wrong = [f"no result {' '.join(line)}" for line in wanted["result"] if line not in seen]
    notes = report["run"]["notes"] + [n for r in report["results"] if r["wire"]
                                      for n in r["wire"]["notes"]]
    wrong += [f"no note \"{' '.join(line)}\" in {notes}" for line in wanted["note"]
              if not any(" ".join(line) in note for note in notes)]
    wrong += [f"no result says \"{' '.join(line)}\"" for line in wanted["says"]
              if not any(" ".join(line) in r["summary"] for r in report["results"])]
    wrong += [f"{len(report['endpoints'])} endpoints, not {line[0]}" for line in wanted["endpoints"]
              if len(report["endpoints"]) != int(line[0])]
    found = [[f["cause"], f["at"]] for f in report["findings"]]
    wrong += [f"no finding {' '.join(line)} in {found}" for line in wanted["finding"] if line not in found]
    wrong += [f"{len(found)} findings, not {line[0]}: {found}" for line in wanted["findings"]
              if len(found) != int(line[0])]
    wrong += [f"exit status {run.returncode}, not {line[0]}" for line in wanted["exit"]
              if str(run.returncode) != line[0]]
    if report["run"]["command"] != "analyze":
        wrong.append("run.command is not analyze")
    if wrong:
        wrong += ["results: " + " | ".join(" ".join(s) for s in seen)]
    return 1, wrong


def ways(run_stories, hopproof, path, folder):
    """The same capture as a file, as standard input, and from a named pipe, which ends like a file although
    nobody writes to it again: the same results, and packets in the bundle where they can be read twice."""
    capture, pipe = os.path.join(folder, "capture"), os.path.join(folder, "pipe")
    subprocess.run([run_stories, "-w", capture, path], capture_output=True, check=True)
    os.mkfifo(pipe)
    seen = []
    for shell in (f"{hopproof} analyze {capture}", f"{hopproof} analyze - < {capture}",
                  f"cat {capture} | {hopproof} analyze -",
                  f"cat {capture} > {pipe} & {hopproof} analyze {pipe}"):
        bundle = os.path.join(folder, "bundle.zip")
        run = subprocess.run(["sh", "-c", f"{shell} --json - --bundle {bundle}"], capture_output=True,
                             text=True, timeout=30)
        with zipfile.ZipFile(bundle) as z:
            names = z.namelist()
            left_out = [x["name"] for x in json.loads(z.read("manifest.json")).get("left_out", [])]
        os.unlink(bundle)
        held = "evidence.pcapng" in names
        if held == ("evidence.pcapng" in left_out):
            return [f"{shell}: the bundle has {names} and says it left out {left_out}"]
        seen.append((held, json.loads(run.stdout)["results"]))
    wrong = [] if [held for held, _ in seen] == [True, True, False, False] else ["packets in the bundle: " + str(
        [held for held, _ in seen])]
    return wrong + (["the results differ"] if any(r != seen[0][1] for _, r in seen) else [])


def main():
    run_stories, hopproof = sys.argv[1:3]
    played = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in sys.argv[3:]:
            n, wrong = check(run_stories, hopproof, path, folder)
            played += n
            failed += bool(wrong)
            for line in wrong:
                print(f"{os.path.basename(path)}: {line}")
        for line in ways(run_stories, hopproof, sys.argv[3], folder):
            failed += 1
            print(line)
    print(f"{played} stories judged, {failed} wrong")
    return 1 if failed or played == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
