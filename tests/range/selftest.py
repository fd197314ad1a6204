#!/usr/bin/python3
"""Does the runner notice a wrong report? For every case: the very report that it asks for must be accepted,
and every small lie in it must be caught. Needs neither root nor hopproof."""

import copy
import sys

from lab import case as cases, proxies, schema, verdict


def first(x):
    return verdict.as_list(x)[0]


def owner(case, cause, at):
    """As the case says; where it says nothing any likely one will do."""
    for f in case.expect.get("findings") or []:
        if "owner" in f and first(f.get("cause")) == cause and first(f.get("at")) == at:
            return f["owner"]
    return f"proxy:{at}" if at in case.hop_names() else "network"


def ideal(case):
    """A report that says exactly what the case expects."""
    route = case.required_route()
    comparison = verdict.Comparison(case, None, 0, {}, None)
    results, findings = [], []
    for (endpoint, on), want in comparison.expected_results().items():
        v = first(want.get("verdict", "fail"))
        cause = at = None
        if v != "pass" and not want.get("rest"):
            cause = first(want.get("cause") or want["cause_any"])
            at = first(want.get("at") or want.get("at_any"))
        required = on == route and endpoint in case.endpoints()  # revocation hosts join, and decide nothing
        results.append({"endpoint": endpoint, "route": on, "required": required, "verdict": v, "cause": cause,
                        "at": at, "summary": f"says {want.get('says', '')}", "remedy": "do something",
                        "steps": [{"step": "connect", "flow": 0, "started_ms": 5.0, "duration_ms": 1.0}],
                        "wire": {"flows": [{"started_ms": 5.1, "syns": 1}]}})
        if cause:
            findings.append({"cause": cause, "at": at, "owner": owner(case, cause, at),
                             "severity": "error" if required else "info", "title": "t", "explanation": "e", "remedy": "r",
                             "results": [len(results) - 1]})
    for want in case.expect.get("findings") or []:
        if not any(f["cause"] == first(want["cause"]) and f["at"] == first(want["at"]) for f in findings):
            # One that no result explains is at a place of its own, as a time server.
            findings.append(dict(findings[0] if findings else {
                "owner": want.get("owner", "network"), "severity": "warning", "title": "t", "explanation": "e",
                "remedy": "r", "results": []}, cause=first(want["cause"]), at=first(want["at"]), severity="warning"))

    words = " ".join(verdict.as_list(case.expect.get("words", [])))
    for f in findings:
        f["explanation"] += words

    def count(some):
        return {v: sum(r["verdict"] == v for r in some) for v in verdict.VERDICTS}
    mine = [r for r in results if r["required"]]
    verdicts = [r["verdict"] for r in mine]
    worst = next((v for v in ("fail", "warn") if v in verdicts), first(case.expect.get("verdict", "pass")))
    return {"schema": "hopproof.report/1", "run": {"command": "check", "complete": case.expect.get("complete", True),
                                                      "notes": verdict.as_list(case.expect.get("notes", []))},
            "hops": [{"name": n} for n in case.hop_names()],
            "routes": [{"id": r} for r in {r["route"] for r in results}],
            "endpoints": [{"id": e} for e in {r["endpoint"] for r in results}],
            "results": results,
            "findings": findings + [{"cause": f["cause"], "at": f["at"], "owner": owner(case, f["cause"], f["at"]),
                                     "severity": "info",
                                     "title": "t", "explanation": "e" + words, "remedy": "r",
                                     "results": []}
                                    for f in case.expect.get("info") or []],
            "checklist": [{"id": code, "state": state, "evidence": "e"}
                          for code, state in (case.expect.get("checklist") or {}).items()],
            "summary": {"verdict": worst, "required": count(mine), "all": count(results)}}


def complaints(case, report, status, said=None):
    return verdict.Comparison(case, report, status, said or {}, None).run()


def lies(case, report):
    """(name, report, status, said): each differs from the ideal in one thing that matters."""
    status = case.expect.get("exit", 1 if report["summary"]["verdict"] == "fail" else 0)
    yield "other exit status", report, status ^ 1, None
    yield "no report", None, status, None
    yield "leaked password", report, status, {"stdout": b"x" + proxies.PASSWORD.encode()}
    r = copy.deepcopy(report)
    r["results"] = r["results"][1:]
    yield "missing result", r, status, None
    r = copy.deepcopy(report)
    caused = {x["cause"] for x in report["results"]}
    stranger = next(c for c in ("app-refused", "cert-revoked") if c not in caused)
    r["findings"].append(dict(cause=stranger, at="endpoint", owner="cloud", severity="error", title="t",
                              explanation="e", remedy="r", results=[0]))
    yield "finding too many", r, status, None
    if not any("clock" in f for f in case.faults):
        r = copy.deepcopy(report)
        r["results"][0]["wire"]["flows"][0]["started_ms"] += 200
        yield "SYN after its step", r, status, None
    if "info" in case.expect:
        r = copy.deepcopy(report)
        r["findings"].append(dict(cause="proxy-auth-unneeded", at="nowhere", owner="proxy:nowhere", severity="info",
                                  title="t", explanation="e", remedy="r", results=[]))
        yield "information too much", r, status, None
    if case.expect.get("checklist"):
        r = copy.deepcopy(report)
        r["checklist"][0]["state"] = "met" if r["checklist"][0]["state"] != "met" else "unmet"
        yield "state of a point", r, status, None
    if case.expect.get("words"):
        r = copy.deepcopy(report)
        for f in r["findings"]:
            f["explanation"] = "e"
        yield "missing words", r, status, None
    if case.expect.get("notes"):
        r = copy.deepcopy(report)
        r["run"]["notes"] = []
        yield "missing note", r, status, None
    for i, x in enumerate(report["results"]):
        if not x["required"] or x["cause"] is None:
            continue
        for key, value in (("cause", "no-such-cause"), ("at", "nowhere")):
            r = copy.deepcopy(report)
            r["results"][i][key] = value
            yield f"result's {key}", r, status, None
        if x["verdict"] == "skip":
            continue
        r = copy.deepcopy(report)
        r["findings"] = []
        yield "no findings", r, status, None
        break


def schema_is_strict():
    """The validator must see what the words of the schema say."""
    s = {"type": "object", "required": ["a"], "additionalProperties": False,
         "properties": {"a": {"enum": [1, "x", None]}, "b": {"type": "array", "items": {"$ref": "#/$defs/n"}},
                        "c": {"anyOf": [{"type": "null"}, {"type": "string", "pattern": "^a"}]},
                        "d": {"type": ["integer", "null"], "minimum": 0}},
         "$defs": {"n": {"type": "number"}}}
    good = [{"a": 1}, {"a": None, "b": [1, 2.5]}, {"a": "x", "c": "ab"}, {"a": 1, "c": None, "d": 0}]
    bad = [{}, [], {"a": True}, {"a": 2}, {"a": 1, "z": 0}, {"a": 1, "b": ["1"]}, {"a": 1, "c": "ba"},
           {"a": 1, "d": -1}, {"a": 1, "d": 0.5}, {"a": 1, "d": True}]
    wrong = [f"accepts {b}" for b in bad if not schema.validate(b, s)]
    wrong += [f"refuses {g}" for g in good if schema.validate(g, s)]
    try:
        schema.validate(1, {"dependentSchemas": {}})
        wrong.append("passes over a keyword that it does not know")
    except schema.SchemaError:
        pass
    return wrong


def main():
    passed, failed = 0, 0

    def note(ok, name, why=""):
        nonlocal passed, failed
        passed, failed = passed + ok, failed + (not ok)
        if not ok:
            print(f"FAIL {name}: {why}")
    wrong = schema_is_strict()
    note(not wrong, "schema", wrong)
    for case in cases.load_all():
        report = ideal(case)
        status = case.expect.get("exit", 1 if report["summary"]["verdict"] == "fail" else 0)
        got = complaints(case, report, status)
        note(not got, case.name, f"the ideal report is refused: {got}")
        for name, lie, said_status, said in lies(case, report):
            note(bool(complaints(case, lie, said_status, said)), case.name, f"does not notice: {name}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
