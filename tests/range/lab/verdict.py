"""Compares one report with what its case expects, and with what every report must be."""

import base64
import json
import os
import urllib.parse

from . import atlas, proxies, schema

VERDICTS = ("pass", "warn", "fail", "skip")


def as_list(x):
    return list(x) if isinstance(x, (list, tuple)) else [x]


def find_schema():
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    path = os.path.join(top, "docs", "report.schema.json")
    if os.path.exists(path):
        with open(path) as f:
            return json.load(f)
    return None


def secrets():
    """Every spelling of the password that a report, log or capture could leak."""
    pair = f"{proxies.USER}:{proxies.PASSWORD}"
    return [s.encode() for s in (proxies.PASSWORD, urllib.parse.quote(proxies.PASSWORD, safe=""),
                                 base64.b64encode(pair.encode()).decode(), "not the passw0rd",
                                 base64.b64encode(f"{proxies.USER}:not the passw0rd".encode()).decode())]


class Comparison:
    def __init__(self, case, report, status, said, schema_doc):
        self.case, self.report, self.status, self.said = case, report, status, said
        self.wrong = []
        self.schema_doc = schema_doc

    def complain(self, text):
        self.wrong.append(text)

    def run(self):
        self.no_secrets()
        if self.report is None:
            self.complain(f"no report; exit status {self.status}")
            return self.wrong
        if self.schema_doc is not None:
            for c in schema.validate(self.report, self.schema_doc)[:5]:
                self.complain(f"schema: {c}")
        try:
            self.hangs_together()
            expected = self.expected_results()
            self.results(expected)
            self.findings(expected)
            self.overall(expected)
            self.beside()
        except (KeyError, TypeError, IndexError) as e:
            self.complain(f"report lacks what the contract promises: {type(e).__name__} {e}")
        return self.wrong

    # -- what holds for every report ----------------------------------------------------------

    def no_secrets(self):
        for place, data in self.said.items():
            for secret in secrets():
                if secret in data:
                    self.complain(f"a secret in {place}")
                    break

    def hangs_together(self):
        r = self.report
        if r["schema"] != "hopproof.report/1":
            self.complain(f"schema {r['schema']!r}")
        if r["run"]["complete"] != self.case.expect.get("complete", True):
            self.complain(f"run.complete is {r['run']['complete']}: {r['run']['notes']}")
        routes = {x["id"] for x in r["routes"]}
        ids = {x["id"] for x in r["endpoints"]}
        count = {True: dict.fromkeys(VERDICTS, 0), False: dict.fromkeys(VERDICTS, 0)}
        for i, x in enumerate(r["results"]):
            where = f"results[{i}] {x['endpoint']} {x['route']}"
            if x["endpoint"] not in ids or x["route"] not in routes:
                self.complain(f"{where}: not in the lists of endpoints and routes")
            count[bool(x["required"])][x["verdict"]] += 1
            if (x["verdict"] == "pass") != (x["cause"] is None) and x["verdict"] != "skip":
                self.complain(f"{where}: verdict {x['verdict']} with cause {x['cause']}")
            if (x["cause"] is None) != (x["at"] is None):
                self.complain(f"{where}: cause {x['cause']} at {x['at']}")
            if x["verdict"] in ("fail", "warn"):
                if not x["summary"] or not x["remedy"]:
                    self.complain(f"{where}: no summary or no remedy")
                if not any(i in f["results"] for f in r["findings"]):
                    self.complain(f"{where}: no finding explains it")
            self.one_clock(where, x)
        for word, both in (("required", [True]), ("all", [True, False])):
            sums = {v: sum(count[b][v] for b in both) for v in VERDICTS}
            if {v: r["summary"][word][v] for v in VERDICTS} != sums:
                self.complain(f"summary.{word} is {r['summary'][word]}, the results say {sums}")
        for f in r["findings"]:
            if not f["title"] or not f["explanation"] or not f["remedy"]:
                self.complain(f"finding {f['cause']}: no title, explanation or remedy")
            if any(not 0 <= i < len(r["results"]) for i in f["results"]):
                self.complain(f"finding {f['cause']}: results out of range")
            names = {h["name"] for h in r["hops"]}
            if f["at"] in names and not str(f["owner"]).startswith("proxy:") and f["cause"].startswith("proxy-"):
                self.complain(f"finding {f['cause']} at {f['at']} is owned by {f['owner']}")
        pairs = [(f["cause"], f["at"], tuple(f["results"])) for f in r["findings"]]
        if len(pairs) != len(set(pairs)):
            self.complain("the same finding twice")

    def one_clock(self, where, result):
        """Socket and packets are drawn on one axis: a SYN leaves while its connect step runs."""
        if self.report["run"]["command"] != "check" or any("clock" in f for f in self.case.faults):
            return
        slack_ms = 50 if "FAKETIME" in self.case.run.get("env", {}) else 0.2  # a clock that jumped: an estimate
        flows = (result["wire"] or {}).get("flows") or []
        for s in result["steps"]:
            number = s.get("flow")
            if s["step"] != "connect" or number is None or not 0 <= number < len(flows) or not s["duration_ms"]:
                continue
            since_ms = flows[number]["started_ms"] - s["started_ms"]
            if flows[number].get("syns") and not -slack_ms <= since_ms <= s["duration_ms"] + slack_ms:
                self.complain(f"{where}: the SYN left {since_ms:.3f} ms after its step began, which took "
                              f"{s['duration_ms']} ms")

    # -- what the case expects ----------------------------------------------------------------

    def expected_results(self):
        """(endpoint, route) -> expectation, the required rest being a pass."""
        route = self.case.required_route()
        others = self.case.expect.get("others", "pass")
        expected = {(e, route): {"verdict": others, "rest": True} for e in self.case.endpoints()}
        for r in self.case.expect.get("results") or []:
            endpoints = self.case.endpoints() if r["endpoint"] == "all" else [atlas.endpoint_id(r["endpoint"])]
            for e in endpoints:
                expected[(e, r.get("route", route))] = r
        return expected

    def results(self, expected):
        actual = {(x["endpoint"], x["route"]): x for x in self.report["results"]}
        required = {k for k, x in actual.items() if x["required"]}
        route = self.case.required_route()
        wanted = {(e, route) for e in self.case.endpoints()}
        if required != wanted:
            self.complain(f"required results are {sorted(required)}, should be {sorted(wanted)}")
        for key, want in expected.items():
            x = actual.get(key)
            name = f"{key[0]} {key[1]}"
            if x is None:
                self.complain(f"{name}: no such result")
                continue
            said = f"{x['verdict']} {x['cause'] or ''} at {x['at']}: {x['summary']}"
            if x["verdict"] not in as_list(want.get("verdict", "fail")):
                self.complain(f"{name}: should be {want.get('verdict', 'fail')} "
                              f"{want.get('cause') or want.get('cause_any') or ''}, is {said}")
                continue
            if x["verdict"] == "pass" or want.get("rest"):
                continue
            causes = as_list(want["cause"]) if "cause" in want else want.get("cause_any")
            if causes and x["cause"] not in causes:
                self.complain(f"{name}: cause should be {' or '.join(causes)}, is {said}")
            places = as_list(want["at"]) if "at" in want else want.get("at_any")
            if places and x["at"] not in places:
                self.complain(f"{name}: {x['cause']} should be at {' or '.join(places)}, is {said}")
            for word in as_list(want.get("says", [])):
                if word.lower() not in json.dumps(x, ensure_ascii=False).lower():
                    self.complain(f"{name}: nowhere says {word!r}")

    def wanted_findings(self, expected):
        """Alternatives for every finding that must be there: derived from the results, or as listed."""
        listed = self.case.expect.get("findings")
        route = self.case.required_route()
        if listed is None:
            listed = [r for (e, rt), r in expected.items()
                      if rt == route and not r.get("rest") and as_list(r.get("verdict", "fail")) in (["fail"], ["warn"])
                      and (r.get("cause") or r.get("cause_any"))]
        out = []
        for f in listed:
            alternative = (tuple(as_list(f["cause"]) if "cause" in f else f["cause_any"]),
                           tuple(as_list(f["at"]) if "at" in f else f.get("at_any", ())), f.get("owner"))
            if alternative not in out:
                out.append(alternative)
        return out

    def findings(self, expected):
        results = self.report["results"]
        # A finding that explains optional results only is information, not an accusation, unless it says so.
        actual = [f for f in self.report["findings"] if not f["results"] or f["severity"] != "info"
                  or any(results[i]["required"] for i in f["results"])]
        told = {(f["cause"], f["at"]) for f in self.case.expect.get("info") or []}
        actual = [f for f in actual if f["severity"] != "info" or (f["cause"], f["at"]) not in told]
        wanted = self.wanted_findings(expected)

        def fits(f, want):
            causes, places, owner = want
            return f["cause"] in causes and (not places or f["at"] in places) and (not owner or f["owner"] == owner)
        for want in wanted:
            if not any(fits(f, want) for f in actual):
                self.complain(f"no finding {' or '.join(want[0])} at {' or '.join(want[1]) or 'anywhere'}"
                              f"{' owned by ' + want[2] if want[2] else ''}; findings: {self.short(actual)}")
        allowed = []
        for a in self.case.expect.get("allow") or []:
            a = a if isinstance(a, dict) else {"cause": a}
            allowed.append((tuple(as_list(a["cause"])), tuple(as_list(a.get("at", []))), None))
        for (endpoint, _), x in expected.items():
            if endpoint not in self.case.endpoints():
                continue  # a revocation host: its own cause is information, and drawn as such
            # A result that may or may not be something brings its finding along.
            if not x.get("rest") and (x.get("cause") or x.get("cause_any")):
                allowed.append((tuple(as_list(x["cause"]) if "cause" in x else x["cause_any"]), (), None))
        for f in actual:
            if not any(fits(f, want) for want in wanted + allowed):
                self.complain(f"unexpected finding {f['cause']} at {f['at']} ({f['severity']}): {f['title']}")

    def beside(self):
        """What colours nothing: information findings, the checklist, words of the findings, notes of the run."""
        expect = self.case.expect
        if "info" in expect:
            got = sorted({(f["cause"], f["at"]) for f in self.report["findings"] if f["severity"] == "info"})
            wanted = sorted({(f["cause"], f["at"]) for f in expect["info"]})
            if got != wanted:
                self.complain(f"findings for information should be {wanted}, are {got}")
        states = {p["id"]: (p["state"], p["evidence"]) for p in self.report.get("checklist", [])}
        for code, state in (expect.get("checklist") or {}).items():
            if states.get(code, ("absent", ""))[0] != state:
                self.complain(f"checklist: {code} should be {state}, is {states.get(code, 'absent')}")
        for word in as_list(expect.get("notes", [])):
            if not any(word in note for note in self.report["run"]["notes"]):
                self.complain(f"no note says {word!r}: {self.report['run']['notes']}")
        for word in as_list(expect.get("words", [])):
            if not any(word in f["explanation"] + f["remedy"] for f in self.report["findings"]):
                self.complain(f"no finding says {word!r}")

    @staticmethod
    def short(findings):
        return ", ".join(f"{f['cause']}@{f['at']}/{f['owner']}" for f in findings) or "none"

    def overall(self, expected):
        route = self.case.required_route()
        mine = [as_list(x.get("verdict", "fail")) for (e, rt), x in expected.items() if rt == route]
        verdicts = self.case.expect.get("verdict")
        if verdicts is None:
            if ["fail"] in mine:
                verdicts = "fail"
            elif ["warn"] in mine:
                verdicts = "warn"
            else:
                verdicts = sorted({v for m in mine for v in m if v in ("pass", "warn", "fail")}) or ["pass"]
                # Warnings that the case allows may colour the whole.
                if self.case.expect.get("allow"):
                    verdicts = list(verdicts) + ["warn"]
        got = self.report["summary"]["verdict"]
        if got not in as_list(verdicts):
            self.complain(f"overall verdict should be {verdicts}, is {got}")
        status = self.case.expect.get("exit", 1 if got == "fail" else 0)
        if self.status != status:
            self.complain(f"exit status should be {status}, is {self.status}")
