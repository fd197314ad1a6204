#!/usr/bin/env python3
"""hopproof migrate afterwards: the report of before is held against what is found now.

    migrate.py HOPPROOF

The endpoints are a port of this machine where nothing listens, and one where this script does, so
that the run needs no network.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile


def run(program, folder, *args):
    out = os.path.join(folder, "now.json")
    done = subprocess.run([program, "migrate", "--no-capture", "--no-experiments", "--timeout", "1", "--json", out,
                           "--endpoints", os.path.join(folder, "list.txt"), *args],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    with open(out, encoding="utf-8") as file:
        report = json.load(file)
    return done, report, {p["id"]: p for p in report["checklist"]}


def cut_off(program, folder):
    """The legacy hub, by a hub's own name, that answered before and does not now: no regression, and
    step 1 is about before."""
    wrong, hub = [], "plant7-hub.azure-devices.net"
    args = ["--legacy-hub", hub, "--resolver", "127.0.0.1:1"]  # nobody answers for it
    _, report, points = run(program, folder, *args)
    if points["present-hub"]["state"] == "met":
        wrong.append("the hub: %s" % points["present-hub"])
    for was, present, words, broke in (("pass by another route", "met", "routes: one that is tested no more", "met"),
                                       ("pass", "met", "answered before; routes: direct", "met"),
                                       ("fail", "unmet", "answered on no route before", "met"),
                                       (None, "unseen", "did not test", "met")):
        past = json.loads(json.dumps(report))
        for x in past["results"]:
            if x["endpoint"] == hub + ":443" and was == "pass by another route":
                past["routes"].append(dict(past["routes"][0], id="plant-secret", required=False))
                x.update(verdict="pass", cause=None, route="plant-secret")
            elif x["endpoint"] == hub + ":443" and was is not None:
                x.update(verdict=was, cause=None if was == "pass" else "tcp-timeout")
        if was is None:
            past.update(results=[x for x in past["results"] if x["endpoint"] != hub + ":443"], findings=[])
        path = os.path.join(folder, "hub.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(past, file)
        done, now, points = run(program, folder, path, *args)
        one, seven = points["present-hub"], points["nothing-broke"]
        if "plant-secret" in json.dumps(now):
            wrong.append("a name of the report of before, which no redaction knows: %s" % one)
        if one["state"] != present or words not in one["evidence"] or seven["state"] != broke:
            wrong.append("the hub %s before: %s, %s" % (was, one, seven))
        if was == "pass":
            compared = subprocess.run([program, "compare", path, os.path.join(folder, "now.json")],
                                      stdout=subprocess.PIPE, timeout=60)
            if compared.returncode != 0 or b"CUT OFF: the legacy IoT hub" not in compared.stdout:
                wrong.append("compare: %d, %s" % (compared.returncode, compared.stdout.decode()))
    return wrong


def main():
    program, wrong = os.path.abspath(sys.argv[1]), []
    with tempfile.TemporaryDirectory() as folder, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and never listening: refused, and nobody else's
        with open(os.path.join(folder, "list.txt"), "w", encoding="ascii") as file:
            file.write("127.0.0.1 %d\n" % closed.getsockname()[1])

        done, report, points = run(program, folder)
        if done.returncode != 1 or points["nothing-broke"]["state"] != "unseen":
            wrong.append("before: %d, %s" % (done.returncode, points["nothing-broke"]))
        if points["ready-direct"]["state"] != "unmet" or "Step 2. Ready for the method direct" not in done.stdout.decode():
            wrong.append("before: the readiness is not told")

        def before(verdict, **site):
            past = json.loads(json.dumps(report))
            past["results"][0].update(verdict=verdict, cause=None if verdict == "pass" else "tcp-refused")
            past["site"].update(site)
            path = os.path.join(folder, "before.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(past, file)
            return path

        for verdict, site, state, words in (
                ("pass", {}, "unmet", report["run"]["started"]),
                ("fail", {}, "met", "held against the report of"),
                ("fail", {"sensor": "somebody else"}, "unseen", "another sensor's"),
                ("pass", {"sensor": "somebody else"}, "unseen", "another sensor's")):
            done, _, points = run(program, folder, before(verdict, **site))
            point = points["nothing-broke"]
            if done.returncode != 1 or point["state"] != state or words not in point["evidence"]:
                wrong.append("after %s: %d, %s" % (verdict, done.returncode, point))
        # it worked on a way that decides no more
        past = json.loads(json.dumps(report))
        past["routes"].append(dict(past["routes"][0], id="old", required=False))
        past["results"].append(dict(past["results"][0], route="old", verdict="pass", cause=None, required=False))
        path = os.path.join(folder, "old.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(past, file)
        _, _, points = run(program, folder, path)
        if points["nothing-broke"]["state"] != "unmet" or "now it does on none" not in points["nothing-broke"]["evidence"]:
            wrong.append("lost on all routes: %s" % points["nothing-broke"])
        wrong += cut_off(program, folder)
    for line in wrong:
        print(line)
    print("%d wrong" % len(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
