#!/usr/bin/python3
"""Runs hopproof in a network of namespaces with faults put on purpose, and checks its reports.

    run.py [NAME…]          run all cases, those of a group, or those named (part of a name is enough)
    run.py --list           what there is
    run.py --faults         the faults that a case can ask for
    run.py --keep NAME      leave the network of one case standing, to look around
    run.py demo             a network with a few faults switched on, and hopproof's own report of it

Needs root. Exit status: 0 all passed, 1 some failed, 2 bad usage, 77 namespaces are not possible here.
"""

import argparse
import json
import multiprocessing
import os
import queue
import shlex
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))
import compare_runs  # noqa: E402
try:
    from lab import case as cases, daemons, faults, net, proxies, verdict, world  # noqa: E402
except ImportError as missing_module:
    sys.exit(f"run.py: {missing_module}; apt-get install python3-yaml")

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
RUN_LIMIT = 60
SANITIZER = (b"Sanitizer: ", b"runtime error: ")  # said on stderr, whatever the exit status is


def built(name, *places):
    """The newest build of a program, or None."""
    found = [os.path.join(TOP, "build", p, name) for p in places]
    found = [f for f in found if os.path.exists(f)]
    return max(found, key=os.path.getmtime) if found else None


def options():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("names", nargs="*")
    p.add_argument("--list", action="store_true")
    p.add_argument("--faults", action="store_true")
    p.add_argument("--keep", action="store_true")
    p.add_argument("-j", "--jobs", type=int, default=1)
    p.add_argument("--shard", metavar="I/N")
    p.add_argument("--repeat", type=int, default=1)
    p.add_argument("--again", action="store_true",
                   help="run up to %d bad cases once more, alone; what passes then is named as unstable" % AGAIN_MOST)
    p.add_argument("--pcap-dir")
    p.add_argument("--report-dir", help="keep every report there")
    p.add_argument("--analyze", action="store_true",
                   help="hold what `hopproof analyze` says of each run's packets against the run")
    p.add_argument("--hopproof", default=built("hopproof", "release", "debug", "asan"))
    p.add_argument("--delay-tun", default=None)
    p.add_argument("--under", default="", help="command in front of hopproof, e.g. 'valgrind -q --error-exitcode=99'")
    p.add_argument("--scale", type=float, default=None, help="multiply the cases' timeouts (for --under)")
    p.add_argument("--network-only", action="store_true", help="build the network of each case, do not run hopproof")
    p.add_argument("-v", "--verbose", action="store_true")
    return p.parse_args()


PROGRAMS = {"unbound": "unbound", "nginx": "nginx-light", "squid": "squid-openssl", "openssl": "openssl", "nft": "nftables",
            "ip": "iproute2"}


def prepare_programs(o):
    absent = sorted(package for program, package in PROGRAMS.items() if not shutil.which(program, path=world.PATH))
    if absent:
        sys.exit(f"run.py: programs are missing: apt-get install {' '.join(absent)}")
    if o.delay_tun is None:
        beside = [os.path.join(os.path.dirname(o.hopproof), "tests", "range", "delay_tun")] if o.hopproof else []
        beside += [built("tests/range/delay_tun", "release", "debug", "asan") or ""]
        o.delay_tun = next((b for b in beside if os.path.exists(b)), None)
    for word, path in (("hopproof", o.hopproof), ("delay_tun", o.delay_tun)):
        if not path or not os.path.exists(path):
            sys.exit(f"run.py: no {word}; build it first (cmake --preset release && cmake --build --preset release)")
    o.hopproof, o.delay_tun = os.path.abspath(o.hopproof), os.path.abspath(o.delay_tun)
    proxies.PROGRAM = o.hopproof
    if o.scale is None:
        o.scale = 5.0 if "valgrind" in o.under else 1.0


class Outcome:
    def __init__(self, name, status, seconds, wrong=(), note=""):
        self.name, self.status, self.seconds, self.wrong, self.note = name, status, seconds, list(wrong), note


def missing(needs):
    have = {"bump": world.have_bump, "faketime": world.have_faketime, "short-hello": world.have_short_hello}
    return [n for n in needs if not have[n]()]


def packets_of(lab, case, o):
    """Where the run's packets go; None when nobody wants them, or the case records none."""
    if "--no-capture" in case.run.get("args", []):
        return None
    if o.pcap_dir:
        return os.path.join(o.pcap_dir, case.name.replace("/", "-") + ".pcapng")
    return f"{lab.dir}/run/evidence.pcapng" if o.analyze else None


def analyze(lab, case, o, report):
    """Where the packets of a run tell something else than the run itself."""
    capture = packets_of(lab, case, o)
    if report is None or not report["capture"]["file"] or not os.path.exists(capture):
        return []
    return ["the packets say otherwise: " + line for line in
            compare_runs.differences(o.hopproof, report, capture, case.analyze_argv(lab))]


def run_hopproof(lab, case, o):
    """Returns (report or None, exit status, {place: bytes} of everything it said)."""
    json_path = f"{lab.dir}/run/report.json"
    packets = packets_of(lab, case, o)
    for path in filter(None, (json_path, packets)):
        if os.path.exists(path):
            os.unlink(path)
    argv, extra = case.argv(lab, json_path, o.scale)
    if packets:
        argv = ["--pcap", packets] + argv
    env = {"PATH": world.PATH, "LANG": "C.UTF-8", "HOME": lab.dir, "TERM": "dumb"}
    env.update({k: str(v) for k, v in extra.items()})
    for word in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "GCOV_PREFIX", "GCOV_PREFIX_STRIP"):
        if word in os.environ:  # a case may have options of its own
            env[word] = ":".join(filter(None, (env.get(word), os.environ[word])))
    bounds = [f"--{word}={value}" for word, value in case.run.get("limits", {}).items()]  # prlimit(1)
    command = (["prlimit"] + bounds if bounds else []) + shlex.split(o.under) + [o.hopproof, case.command()] + argv
    if o.verbose:
        print("   ", shlex.join(command), flush=True)
    done = lab.run("sn", command, env, RUN_LIMIT * o.scale)
    said = {"stdout": done.stdout, "stderr": done.stderr, "argv": " ".join(command).encode()}
    report = None
    if os.path.exists(json_path):
        with open(json_path, "rb") as f:
            said["report"] = f.read()
        if o.report_dir:
            with open(os.path.join(o.report_dir, case.name.replace("/", "-") + ".json"), "wb") as f:
                f.write(said["report"])
        report = json.loads(said["report"])
    return report, done.returncode, said


def run_before(lab, case, o, schema_doc):
    """The run before the change, in the network as it was then; its report is kept for the run after it."""
    earlier = case.before
    state = earlier.state()
    world.rebuild_on_error(lab, lambda: lab.apply(earlier.state() if lab.rebuilds > 1 else state))
    report, status, said = run_hopproof(lab, earlier, o)
    wrong = verdict.Comparison(earlier, report, status, said, schema_doc).run()
    if report is not None:
        with open(case.report_before(lab), "wb") as f:
            f.write(said["report"])
    if not lab.undo(state):
        lab.rebuild()
    return ["before: " + w for w in wrong]


def compare_with_before(lab, case, o):
    """What `hopproof compare` says of both reports: {exit, says}."""
    expect = case.expect.get("compare")
    if expect is None:
        return []
    done = lab.run("sn", [o.hopproof, "compare", case.report_before(lab), f"{lab.dir}/run/report.json"],
                   {"PATH": world.PATH, "LANG": "C.UTF-8", "TERM": "dumb"}, RUN_LIMIT)
    text = done.stdout.decode(errors="replace")
    wrong = [f"compare does not say {w!r}: {text}" for w in verdict.as_list(expect.get("says", [])) if w not in text]
    if done.returncode != expect["exit"]:
        wrong.append(f"compare: exit status should be {expect['exit']}, is {done.returncode}: {text}")
    return wrong


def run_case(lab, case, o, schema_doc):
    started = time.monotonic()
    state = case.state()
    lacking = missing(state.needs)
    if lacking:
        return Outcome(case.name, "skip", 0, note="needs " + ", ".join(lacking))

    def spent():
        return time.monotonic() - started
    earlier = []
    try:
        if case.before and not o.network_only:
            earlier = run_before(lab, case, o, schema_doc)
        world.rebuild_on_error(lab, lambda: lab.apply(case.state() if lab.rebuilds > 1 else state))
    except (net.LabError, OSError, ValueError) as e:
        lab.down()
        return Outcome(case.name, "error", spent(), [f"the range could not be built: {e}"])
    try:
        if o.network_only:
            wrong, said = [], {}
        else:
            report, status, said = run_hopproof(lab, case, o)
            wrong = earlier + verdict.Comparison(case, report, status, said, schema_doc).run()
            if report is not None:
                wrong += compare_with_before(lab, case, o)
            if o.analyze:
                wrong += analyze(lab, case, o, report)
            if any(words in said["stderr"] for words in SANITIZER):
                wrong.append("a sanitizer said: " + said["stderr"].decode(errors="replace")[-1500:])
            elif status not in (0, 1) and not case.expect.get("exit"):
                wrong.append("stderr: " + said["stderr"].decode(errors="replace")[-1500:])
    except subprocess.TimeoutExpired:
        wrong = [f"did not end within {RUN_LIMIT * o.scale:g} s"]
    except (ValueError, OSError) as e:
        wrong = [f"the report cannot be read: {e}"]
    if lab.supervisor.dead():
        wrong.append(f"note: a server died on the way: {lab.supervisor.dead()}")
    note = ""
    try:
        if not lab.undo(state):
            note = "the network was not as before, rebuilt"
            lab.rebuild()
    except (net.LabError, OSError) as e:
        note = f"the network could not be put right, rebuilt: {e}"
        lab.rebuild()
    return Outcome(case.name, "fail" if wrong else "ok", spent(), wrong, note)


def worker(number, o, todo, done):
    daemons.die_with_runner(signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *a: sys.exit(1))
    net_prefix = f"{net.BUILT_BY}{os.getppid()}w{number}"
    schema_doc = verdict.find_schema()
    lab = None
    try:
        lab = world.Range(net_prefix, o.delay_tun)
        lab.up()
        by_name = {c.name: c for c in cases.load_all()}
        while True:
            name = todo.get()
            if name is None:
                break
            try:
                done.put(run_case(lab, by_name[name], o, schema_doc))
            except Exception as e:  # one broken case must not take the rest along
                import traceback
                done.put(Outcome(name, "error", 0, [f"{type(e).__name__}: {e}", traceback.format_exc()]))
                lab.rebuild()
    finally:
        if lab:
            lab.close()
        done.put(None)


def show(o, outcome):
    mark = {"ok": "ok  ", "fail": "FAIL", "error": "ERR ", "skip": "skip"}[outcome.status]
    print(f"{mark} {outcome.name}  {outcome.seconds:.1f} s{'  (' + outcome.note + ')' if outcome.note else ''}", flush=True)
    for w in outcome.wrong:
        print("       " + w.replace("\n", "\n       "), flush=True)


def run_pass(o, names, jobs):
    """Run these cases in `jobs` ranges at once; how many ended how, and the names of the bad ones."""
    context = multiprocessing.get_context("fork")
    todo, done = context.Queue(), context.Queue()
    for name in names + [None] * jobs:
        todo.put(name)
    workers = [context.Process(target=worker, args=(i, o, todo, done)) for i in range(jobs)]
    count = dict.fromkeys(("ok", "fail", "error", "skip"), 0)
    bad = []
    finished = 0
    for w in workers:
        w.start()
    try:
        while finished < jobs:
            try:
                outcome = done.get(timeout=5)
            except queue.Empty:
                if not any(w.is_alive() for w in workers):
                    break
                continue
            if outcome is None:
                finished += 1
                continue
            count[outcome.status] += 1
            if outcome.status in ("fail", "error"):
                bad.append(outcome.name)
            show(o, outcome)
    except KeyboardInterrupt:
        for w in workers:
            w.terminate()
    finally:
        for w in workers:
            w.join(30)
        for i in range(jobs):
            net.remove_prefix(f"{net.BUILT_BY}{os.getpid()}w{i}")
    return count, bad


AGAIN_MOST = 3  # more bad cases than this are no accident


def run_all(o, chosen):
    names = [c.name for c in chosen] * o.repeat
    count, bad = run_pass(o, names, max(1, min(o.jobs, len(names))))
    unrun = len(names) - sum(count.values())
    if o.again and 0 < len(bad) <= AGAIN_MOST and not unrun:
        # Real servers with real timeouts share the machine with whatever else runs on it. A case
        # that passes alone on a fresh network is named, and counts as passed.
        print("once more, alone: " + " ".join(bad), flush=True)
        second, still_bad = run_pass(o, bad, 1)
        unstable = sorted(set(bad) - set(still_bad))
        if unstable:
            print("unstable: " + " ".join(unstable))
        for status in ("fail", "error"):
            count[status] = second[status]
        count["ok"] += second["ok"]
        unrun = len(bad) - sum(second.values())
        bad = still_bad
    failed = count["fail"] + count["error"] + unrun
    if bad:
        print("failed: " + " ".join(sorted(set(bad))))
    print(f"{count['ok']} passed, {failed} failed" + (f", {count['skip']} skipped" if count["skip"] else ""))
    return 1 if failed else 0


def keep(o, case):
    lab = world.Range(f"{net.BUILT_BY}{os.getpid()}w0", o.delay_tun)
    try:
        lab.apply(case.state())
        argv, env = case.argv(lab, f"{lab.dir}/run/report.json")
        print(f"{case.name}: {case.story}")
        for key in lab.net.KEYS:
            print(f"  ip netns exec {lab.net.ns(key)} bash")
        print("  " + shlex.join(lab.net.inside("sn") + [f"{k}={v}" for k, v in env.items()]
                                + [o.hopproof or "hopproof", case.command()] + argv))
        print(f"  servers' files and logs: {lab.dir}")
        input("Enter takes it all down again. ")
    except (EOFError, KeyboardInterrupt):
        pass
    finally:
        lab.close()
    return 0


def interrupted(*_):
    raise KeyboardInterrupt


def main():
    o = options()
    signal.signal(signal.SIGTERM, interrupted)
    if o.faults:
        for name, function in sorted(faults.TABLE.items()):
            print(f"{name}: {' '.join(function.__doc__.split())}")
        return 0
    demo = o.names[:1] == ["demo"]
    try:
        chosen = cases.load_all([] if demo else o.names)
    except ValueError as e:
        print(f"run.py: {e}", file=sys.stderr)
        return 2
    if o.shard:
        index, count = map(int, o.shard.split("/"))
        chosen = chosen[index - 1::count]
    if o.list:
        for c in chosen:
            print(f"{c.name}: {c.story}")
        return 0
    reason = net.possible()
    if reason:
        print(f"run.py: skipped, no network namespaces here: {reason}")
        return 77
    prepare_programs(o)
    net.remove_stale()
    for directory in (o.pcap_dir, o.report_dir):
        if directory:
            os.makedirs(directory, exist_ok=True)
    if demo:
        import demo as show_it
        return show_it.run(o)
    if o.keep:
        return keep(o, chosen[0])
    return run_all(o, chosen)


if __name__ == "__main__":
    sys.exit(main())
