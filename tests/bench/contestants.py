"""Who is measured, how each is started and how its answers are counted."""

import collections
import json
import os
import subprocess

import lab as world

PARALLEL = 300  # curl's own maximum
RUN_LIMIT_S = 900


class Run:
    """What one start of one contestant cost and said."""

    def __init__(self, name, count, cost, passed, complaints):
        self.name = name
        self.count = count
        self.wall_ms = cost["wall_ms"]
        self.cpu_ms = cost["user_ms"] + cost["sys_ms"]
        self.user_ms = cost["user_ms"]
        self.sys_ms = cost["sys_ms"]
        self.rss_mib = cost["rss_kib"] / 1024
        self.status = cost["status"]
        self.passed = passed
        self.complaints = complaints  # {text: how often}

    @property
    def clean(self):
        return self.passed == self.count and self.status == 0

    @property
    def unfailed(self):
        """Warnings allowed: on a starved machine the wire shows real retransmissions."""
        warned = sum(n for text, n in self.complaints.items() if text.startswith("warn "))
        return self.passed + warned == self.count and self.status == 0


class Task:
    """N endpoints on one route: None (direct) or the address of the first proxy."""

    def __init__(self, lab, count, proxy=None, parallel=PARALLEL):
        self.lab = lab
        self.count = count
        self.proxy = proxy
        self.parallel = parallel
        names = [world.endpoint_name(i) for i in range(count)]
        self.list = lab.write(f"endpoints-{count}", "".join(f"{n}:443\n" for n in names))
        self.urls = "".join(f'url = "https://{n}/"\noutput = "/dev/null"\n' for n in names)


def measure(lab, name, task, argv, judge):
    """Runs argv under the stopwatch. judge(output) returns (passed, complaints)."""
    out, err, cost = (lab.path(f"last.{kind}") for kind in ("out", "err", "cost"))
    env = {"PATH": os.environ["PATH"], "HOME": lab.dir, "LC_ALL": "C.UTF-8"}
    with open(cost, "wb"), open(out, "wb") as o, open(err, "wb") as e:
        subprocess.run([lab.tools["stopwatch"], cost, *argv], stdout=o, stderr=e,
                       stdin=subprocess.DEVNULL, env=env, check=False, timeout=RUN_LIMIT_S)
    try:
        with open(cost, encoding="ascii") as file:
            costs = json.load(file)
    except ValueError as broken:
        with open(err, encoding="utf-8", errors="replace") as file:
            raise world.LabError(f"{name} could not be run: {file.read()[-500:]}") from broken
    with open(err, encoding="utf-8", errors="replace") as file:
        words = file.read()[-500:].strip()
    with open(out, encoding="utf-8", errors="replace") as file:
        passed, complaints = judge(file.read())
    if costs["status"] != 0 and not complaints:
        complaints = {f"exit status {costs['status']}: {words}": 1}
    return Run(name, task.count, costs, passed, complaints)


def floor(task):
    argv = [task.lab.tools["floor"], "--endpoints", task.list, "--parallel", str(task.parallel)]
    if task.proxy:
        argv += ["--proxy", f"{task.proxy}:{world.PROXY_PORT}"]

    def judge(output):
        said = json.loads(output)
        return said["pass"], {"failed": said["fail"]} if said["fail"] else {}
    return measure(task.lab, "floor", task, argv, judge)


def curl(task, small_ca):
    """curl -Z cannot end after a handshake; the fleet's 204 is the smallest exchange it can do."""
    settings = [f"parallel-max = {min(task.parallel, 300)}", 'write-out = "%{http_code}\\n"',
                "parallel", "parallel-immediate", "http1.1", "silent", "show-error"]
    if small_ca:
        settings.append(f'cacert = "{task.lab.root}"')
    if task.proxy:
        settings.append(f'proxy = "http://{task.proxy}:{world.PROXY_PORT}"')
    config = task.lab.write("curl.conf", "\n".join(settings) + "\n" + task.urls)

    def judge(output):
        codes = collections.Counter(output.split())
        passed = codes.pop("204", 0)
        return passed, dict(codes)
    name = "curl, small CA file" if small_ca else "curl, system store"
    return measure(task.lab, name, task, ["curl", "--disable", "--config", config], judge)


def hopproof(task, more=()):
    report = task.lab.path("report.json")
    if os.path.exists(report):
        os.unlink(report)
    argv = [task.lab.tools["hopproof"], "check", "--endpoints", task.list,
            "--parallel", str(task.parallel), "--json", report]
    if task.proxy:
        argv += ["--proxy", f"hop1=http://{task.proxy}:{world.PROXY_PORT}"]
        if task.proxy == world.PROXY_FRONT:
            argv += ["--proxy", f"hop2=http://{world.PROXY_ALONE}:{world.PROXY_PORT}"]
        argv += ["--route", "hop1", "--require", "hop1"]

    def judge(_):
        try:
            with open(report, encoding="utf-8") as file:
                written = json.load(file)
        except (OSError, ValueError) as broken:
            return 0, {f"no report: {broken}": 1}
        verdicts = collections.Counter(
            "pass" if r["verdict"] == "pass" else f"{r['verdict']} {r['cause']} at {r['at']}"
            for r in written["results"])
        # A recording that misses packets proves nothing, and one that is not made costs nothing.
        capture = written["capture"]
        if "--no-capture" not in more and not capture["enabled"]:
            verdicts[f"nothing recorded: {capture['reason']}"] = 1
        elif capture["enabled"] and capture["dropped_kernel"] != 0:
            verdicts["packets that the kernel dropped"] = capture["dropped_kernel"] or 1
        return verdicts.pop("pass", 0), dict(verdicts)
    return measure(task.lab, "hopproof", task, argv + list(more), judge)
