"""Case files: reading them strictly, and what they say about how hopproof is called."""

import os
import urllib.parse

import yaml

from . import atlas, faults, proxies
from .state import State

ROOT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cases")

KEYS = {"story", "proxies", "faults", "run", "expect", "needs", "before"}
RUN_KEYS = {"command", "endpoints", "via", "chain", "credentials", "args", "ca", "timeout", "env", "password", "scheme",
            "site", "files", "limits"}
EXPECT_KEYS = {"exit", "verdict", "results", "findings", "allow", "others", "complete", "info", "checklist", "words",
               "notes", "compare"}
RESULT_KEYS = {"endpoint", "route", "verdict", "cause", "cause_any", "at", "at_any", "says"}
FINDING_KEYS = {"cause", "cause_any", "at", "at_any", "owner"}


class Arrangement:
    """How hops are put together. `via` is what the sensor is told."""
    def __init__(self, use, via, setup=None, chain=None):
        self.use, self.via, self.setup, self.chain = use, via, setup, chain


def _forwarded(s):
    s.hops["hop1"].parent = s.hops["hop2"]


def _nested(s):
    s.hops["hop1"].connect_ports = [443, 3128]


def _balanced(s):
    s.nat.append(f"ip daddr {atlas.BALANCER_4} tcp dport 3128 dnat to numgen inc mod 2 map "
                 f"{{ 0: {atlas.HOP1_4}, 1: {atlas.HOP1B_4} }}")


def _three(s):
    s.hops["hop1"].parent, s.hops["hop1b"].parent = s.hops["hop1b"], s.hops["hop2"]
    s.hops["hop1b"].parent_rule += f"\ntcp_outgoing_address {s.hops['hop1b'].address}"


ARRANGEMENTS = {
    None: Arrangement([], []),
    "one": Arrangement(["hop1"], ["hop1"]),
    "forwarded": Arrangement(["hop1", "hop2"], ["hop1", "hop2"], _forwarded),
    "nested": Arrangement(["hop1", "hop2"], ["hop1", "hop2"], _nested, "nested"),
    # The middle one is hop1b, on the first one's machine.
    "three": Arrangement(["hop1", "hop1b", "hop2"], ["hop1", "hop1b", "hop2"], _three),
    "balanced": Arrangement(["hop1", "hop1b"], ["balancer"], _balanced),
}


def need(condition, where, what):
    if not condition:
        raise ValueError(f"{where}: {what}")


class Case:
    def __init__(self, path):
        self.path = path
        self.group = os.path.basename(os.path.dirname(path))
        self.name = f"{self.group}/{os.path.basename(path)[:-5]}"
        with open(path) as f:
            try:
                doc = yaml.safe_load(f)
            except yaml.YAMLError as e:
                raise ValueError(f"{path}: {e}") from None
        need(isinstance(doc, dict), path, "not a mapping")
        self._bind(doc)

    def _bind(self, doc):
        path = self.path
        need(set(doc) <= KEYS, path, f"unknown keys {set(doc) - KEYS}")
        self.story = doc.get("story")
        need(isinstance(self.story, str) and self.story, path, "no story")
        self.faults = doc.get("faults") or []
        self.run = doc.get("run") or {}
        self.expect = doc.get("expect") or {}
        self.proxies = doc.get("proxies")
        self.needs = set(doc.get("needs") or [])
        need(self.proxies in ARRANGEMENTS, path, f"no such arrangement: {self.proxies}")
        need(set(self.run) <= RUN_KEYS, path, f"unknown keys in run: {set(self.run) - RUN_KEYS}")
        need(set(self.expect) <= EXPECT_KEYS, path, f"unknown keys in expect: {set(self.expect) - EXPECT_KEYS}")
        for r in self.expect.get("results") or []:
            need(set(r) <= RESULT_KEYS, path, f"unknown keys in a result: {set(r) - RESULT_KEYS}")
        for f in self.expect.get("findings") or []:
            need(set(f) <= FINDING_KEYS, path, f"unknown keys in a finding: {set(f) - FINDING_KEYS}")
        need(self.command() in ("check", "migrate"), path, f"no such command here: {self.command()}")
        self.before = self._earlier(doc["before"]) if "before" in doc else None
        need("compare" not in self.expect or self.before, path, "nothing to compare with: no run before")
        self.state()  # a case that names a fault wrongly fails to load, not to run

    def _earlier(self, doc):
        """A run of its own before the change: its report is {before} in args, and what `hopproof compare` holds."""
        need(isinstance(doc, dict) and "before" not in doc and "story" not in doc, self.path, "before: is no run")
        case = object.__new__(Case)
        case.path, case.group, case.name = self.path, self.group, self.name + " (before)"
        case._bind({"story": self.story, **doc})
        return case

    def command(self):
        return self.run.get("command", "check")

    def state(self):
        s = State()
        arrangement = ARRANGEMENTS[self.proxies]
        s.use_hops = list(arrangement.use)
        if arrangement.setup:
            arrangement.setup(s)
        for entry in self.faults:
            try:
                faults.apply(s, entry)
            except ValueError as e:
                raise ValueError(f"{self.path}: {e}") from None
        s.needs |= self.needs
        return s

    # -- how hopproof is called -----------------------------------------------------------------

    def endpoints(self):
        return [atlas.endpoint_id(e) for e in self.run.get("endpoints", atlas.FOUR)]

    def via(self):
        return self.run.get("via", ARRANGEMENTS[self.proxies].via)

    def chain(self):
        return self.run.get("chain", ARRANGEMENTS[self.proxies].chain or "forwarded")

    def hop_names(self):
        return ["hop1" if h == "balancer" else list(h)[0] if isinstance(h, dict) else h for h in self.via()]

    def required_route(self):
        names = self.hop_names()
        args = self.run.get("args", [])
        if "--require" in args:
            return args[args.index("--require") + 1]
        if not names:
            return "direct"
        return ">".join(names) if self.chain() == "nested" else names[0]

    def argv(self, lab, json_path, scale=1.0):
        """Arguments behind `hopproof check`, and the environment they need."""
        argv, env = [], dict(self.run.get("env", {}))
        for i, entry in enumerate(self.via()):
            name = self.hop_names()[i]
            url = self._url(entry, name)
            argv += ["--proxy", f"{name}={url}"]
            if name in self._with_credentials() and self.run.get("password", "file") == "file":
                path = f"{lab.dir}/run/password-{name}"
                with open(path, "w") as f:
                    f.write(self._password() + "\n")
                os.chmod(path, 0o600)
                argv += ["--proxy-password-file", path]
            elif name in self._with_credentials():
                env["HOPPROOF_PROXY_PASSWORD"] = self._password()
        if self.run.get("chain") or ARRANGEMENTS[self.proxies].chain:
            argv += ["--chain", self.chain()]
        if self.ca_file(lab):
            argv += ["--ca-file", self.ca_file(lab)]
        timeout = float(self.run.get("timeout", 2)) * scale
        argv += ["--timeout", f"{timeout:g}", "--json", json_path]
        for name, text in (self.run.get("files") or {}).items():
            with open(f"{lab.dir}/run/{name}", "w") as f:
                f.write(text)
        argv += self._args(lab)
        if self.command() == "migrate":  # its argument is a report
            return argv + ["--endpoints", self._endpoint_list(lab)], env
        return argv + [e if "://" in e else atlas.endpoint_id(e) for e in self.run.get("endpoints", atlas.FOUR)], env

    def analyze_argv(self, lab):
        """What `hopproof analyze` has to be told of the site: what the packets do not say."""
        args = self._args(lab)
        argv = ["--ca-file", self.ca_file(lab)] if self.ca_file(lab) else []
        for option in ("--service-tags", "--site"):
            if option in args:
                argv += [option, args[args.index(option) + 1]]
        if "--site" in args:  # then it looks for the named endpoints only
            argv += ["--endpoints", self._endpoint_list(lab)]
        return argv

    def _args(self, lab):
        return [str(a).replace("{run}", f"{lab.dir}/run").replace("{before}", self.report_before(lab))
                for a in self.run.get("args", [])]

    @staticmethod
    def report_before(lab):
        return f"{lab.dir}/run/before.json"

    def _endpoint_list(self, lab):
        path = f"{lab.dir}/run/endpoints.txt"
        with open(path, "w") as f:
            f.write("\n".join(self.endpoints()) + "\n")
        return path

    def ca_file(self, lab):
        """The trust anchors that the case names; None for the system's."""
        ca = self.run.get("ca", "trust")
        return None if ca == "system" else lab.authority.path(ca)

    def _with_credentials(self):
        return self.run.get("credentials", [])

    def _password(self):
        wrong = self.run.get("password") in ("wrong", "wrong-env")
        return "not the passw0rd" if wrong else proxies.PASSWORD

    def _url(self, entry, name):
        if isinstance(entry, dict):
            return list(entry.values())[0]
        address = {"hop1": atlas.HOP1_4, "hop2": atlas.HOP2_4, "hop1b": atlas.HOP1B_4,
                   "balancer": atlas.BALANCER_4}[entry]
        user = urllib.parse.quote(proxies.USER, safe="") + "@" if name in self._with_credentials() else ""
        return f"{self.run.get('scheme', 'http')}://{user}{address}:3128"


def load_all(words=()):
    """All cases, or those whose name is or begins with (group/) or contains one of the words."""
    found = []
    for group in sorted(os.listdir(ROOT)):
        folder = os.path.join(ROOT, group)
        if os.path.isdir(folder):
            found += [Case(os.path.join(folder, f)) for f in sorted(os.listdir(folder)) if f.endswith(".yaml")]
    if not words:
        return found
    chosen = []
    for word in words:
        exact = [c for c in found if c.name == word or c.name.split("/")[1] == word or c.group == word.rstrip("/")]
        some = exact or [c for c in found if word in c.name]
        if not some:
            raise ValueError(f"no case matches {word!r}")
        chosen += [c for c in some if c not in chosen]
    return chosen
