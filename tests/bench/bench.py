#!/usr/bin/python3
"""Benchmarks of `hopproof check` as ratios against peers in the same run; see README.md."""

import argparse
import json
import os
import pickle
import shutil
import socket
import statistics
import subprocess
import sys
import time

import contestants
import lab as world

SKIP = 77  # what CTest takes for "cannot run here"
PLAIN = "hopproof --no-capture"  # what the peers do; the goals were set for it
TWO = ", two Squids"
RECORDING = "hopproof"  # as anybody runs it: with the recorder, and evidence from the wire
HERE = os.path.dirname(os.path.abspath(__file__))


class Table:
    """All runs of one scenario, in rounds, and what follows from them."""

    def __init__(self, title):
        self.title = title
        self.rounds = []  # each: {contestant: Run}
        self.goals = []  # (text, value, limit, holds)
        self.notes = []

    def names(self):
        seen = {}
        for one in self.rounds:
            seen.update(dict.fromkeys(one))
        return list(seen)

    def runs(self, name):
        return [one[name] for one in self.rounds if name in one]

    def median(self, name, figure):
        values = [getattr(run, figure) for run in self.runs(name)]
        return statistics.median(values) if values else None

    def ratio(self, name, peer, figure):
        """Median of the ratios within a round: drift of the machine hits both sides."""
        ratios = [getattr(one[name], figure) / getattr(one[peer], figure)
                  for one in self.rounds if name in one and peer in one]
        return statistics.median(ratios) if ratios else None

    def clean(self, name):
        return bool(self.runs(name)) and all(run.clean for run in self.runs(name))

    def goal(self, text, value, limit):
        if value is not None:
            self.goals.append((text, value, limit, value <= limit))

    def goal_clean(self, name):
        bad = sum(run.count - run.passed for run in self.runs(name))
        if self.runs(name):
            self.goals.append((f"{name}: results that do not pass", bad, 0, self.clean(name)))


def play(table, rounds, players):
    """A B A B ...; every other round backwards. players: (name, function, rounds it takes part)."""
    for number in range(rounds):
        todo = [player for player in players if number < player[2]]
        if number % 2:
            todo.reverse()
        one = {}
        for name, function, _ in todo:
            result = function()
            result.name = name
            one[name] = result
            progress(f"{table.title}: round {number + 1}/{rounds}: {name}: "
                     f"{result.wall_ms:.0f} ms wall, {result.cpu_ms:.0f} ms CPU, "
                     f"{result.rss_mib:.0f} MiB, {result.passed}/{result.count} pass"
                     + (f" {result.complaints}" if result.complaints else ""))
        table.rounds.append(one)


def progress(text):
    print(text, file=sys.stderr, flush=True)


class Bench:
    """The scenarios. Runs inside the client's namespace."""

    def __init__(self, lab, options):
        self.lab = lab
        self.options = options
        self.tables = []

    def table(self, title):
        table = Table(title)
        self.tables.append(table)
        return table

    def players(self, task, rounds=None):
        """hopproof (where it is built, without and with its recorder) and the floor."""
        rounds = rounds or self.options.rounds
        all_of_them = [("floor", lambda: contestants.floor(task), rounds)]
        if self.lab.tools["hopproof"]:
            all_of_them += [(PLAIN, lambda: self.hopproof(task, "--no-capture"), rounds),
                            (RECORDING, lambda: self.hopproof(task), rounds)]
        return all_of_them

    def hopproof(self, task, *more):
        return contestants.hopproof(task, [*more, *self.options.hopproof_args])

    def curls(self, task):
        slow = min(self.options.rounds, self.options.slow_rounds)
        return [("curl, system store", lambda: contestants.curl(task, False), slow),
                ("curl, small CA file", lambda: contestants.curl(task, True), self.options.rounds)]

    def fleet(self):
        count = self.options.endpoints
        table = self.table(f"{count} endpoints, direct")
        self.lab.use_link(far=False)
        task = contestants.Task(self.lab, count)
        contestants.floor(task)  # warms the resolver and the fleet up
        play(table, self.options.rounds, self.players(task) + self.curls(task))
        for who in (PLAIN, RECORDING):
            table.goal(f"CPU: {who} / floor", table.ratio(who, "floor", "cpu_ms"), 1.25)
            table.goal(f"wall: {who} / curl with the system store",
                       table.ratio(who, "curl, system store", "wall_ms"), 1 / 12)
            table.goal(f"wall: {who} / curl with a small CA file",
                       table.ratio(who, "curl, small CA file", "wall_ms"), 0.7)
            table.goal_clean(who)

    def start(self):
        table = self.table(f"1 endpoint behind {world.RTT_MS} ms, start to exit")
        self.lab.use_link(far=True)
        task = contestants.Task(self.lab, 1)
        contestants.floor(task)
        rounds = self.options.rounds * 3  # a run is short, and its noise is not
        players = self.players(task) + self.curls(task)
        play(table, rounds, [(name, function, rounds) for name, function, _ in players])
        table.notes.append(f"one round trip, measured with TCP connects: {measured_rtt_ms():.2f} ms")
        sum_ms = 3 * world.RTT_MS  # DNS, TCP, TLS 1.3
        for who in (PLAIN, RECORDING):
            wall = table.median(who, "wall_ms")
            table.goal(f"wall: {who} / its three round trips ({sum_ms} ms)",
                       wall / sum_ms if wall else None, 1.6)
            table.goal_clean(who)

    def delay(self):
        self.lab.use_link(far=True)
        for count in self.options.delay_endpoints:
            table = self.table(f"{count} endpoints behind {world.RTT_MS} ms, direct")
            task = contestants.Task(self.lab, count)
            play(table, self.options.rounds, self.players(task))
            table.goal_clean(PLAIN)
            table.goal_clean(RECORDING)

    def scale(self):
        small, large = self.options.scale
        table = self.table(f"{small} and {large} endpoints, direct")
        self.lab.use_link(far=False)
        few, many = contestants.Task(self.lab, small), contestants.Task(self.lab, large)
        rounds = max(1, min(self.options.rounds, 3))
        players = [(f"{name} {task.count}", function, part)
                   for task in (few, many)
                   for name, function, part in self.players(task, rounds)]
        play(table, rounds, players)
        for who in ("floor", PLAIN, RECORDING):
            growth = table.ratio(f"{who} {large}", f"{who} {small}", "cpu_ms")
            if growth is None:
                continue
            growth *= small / large
            if who == "floor":
                table.notes.append(f"floor: CPU per result, {large} / {small}: {growth:.2f}")
                continue
            table.goal(f"CPU per result: {who}, at {large} / at {small}", growth, 1.0)
            table.goal(f"memory: {who}, at {large}, MiB",
                       max(run.rss_mib for run in table.runs(f"{who} {large}")), 96)
            table.goal_clean(f"{who} {small}")
            table.goal_clean(f"{who} {large}")

    def hops(self):
        count = self.options.endpoints
        table = self.table(f"{count} endpoints through Squid")
        self.lab.use_link(far=False)
        alone = contestants.Task(self.lab, count, world.PROXY_ALONE)
        front = contestants.Task(self.lab, count, world.PROXY_FRONT)
        contestants.floor(alone)
        contestants.floor(front)
        players = self.players(alone) + self.curls(alone)
        players += [(name + TWO, function, part) for name, function, part in self.players(front)]
        play(table, self.options.rounds, players)
        for who in (PLAIN, PLAIN + TWO, RECORDING, RECORDING + TWO):
            peer = "curl, system store"
            table.goal(f"wall: {who} / {peer}", table.ratio(who, peer, "wall_ms"), 1.0)
            table.goal(f"CPU: {who} / {peer}", table.ratio(who, peer, "cpu_ms"), 0.5)
            table.goal_clean(who)
            for figure in ("wall_ms", "cpu_ms"):
                ratio = table.ratio(who, "curl, small CA file", figure)
                if ratio is not None:
                    table.notes.append(f"{figure[:-3]}: {who} / curl, small CA file: {ratio:.2f}")

    def smoke(self):
        """Everything once and small; only what must always hold is asked."""
        count = 20
        self.lab.use_link(far=False)
        table = self.table(f"smoke: {count} endpoints, direct")
        task = contestants.Task(self.lab, count)
        play(table, 1, self.players(task, 1) + self.curls(task))
        tables = [table]
        if self.lab.proxies:
            table = self.table(f"smoke: {count} endpoints through Squid")
            for proxy, name in ((world.PROXY_ALONE, ""), (world.PROXY_FRONT, TWO)):
                through = contestants.Task(self.lab, count, proxy)
                players = [(who + name, function, 1)
                           for who, function, _ in self.players(through, 1)]
                players.append(("curl" + name, lambda t=through: contestants.curl(t, True), 1))
                play(table, 1, players)
            tables.append(table)
        self.lab.use_link(far=True)
        table = self.table(f"smoke: {count} endpoints behind {world.RTT_MS} ms")
        play(table, 1, self.players(task, 1))
        tables.append(table)
        for table in tables:
            for name in table.names():
                bad = sum(not run.unfailed for run in table.runs(name))
                table.goals.append((f"{name}: runs with a failure", bad, 0, bad == 0))


SCENARIOS = ("fleet", "start", "delay", "scale", "hops")


def measured_rtt_ms():
    """Median of TCP connects to an endpoint: one round trip each."""
    times = []
    for _ in range(11):
        begin = time.monotonic()
        with socket.create_connection((world.endpoint_address(0), 443), timeout=5):
            times.append((time.monotonic() - begin) * 1e3)
    return statistics.median(times)


# --- output -----------------------------------------------------------------------------------

def print_tables(tables):
    for table in tables:
        print(f"\n{table.title}")
        print(f"  {'':34} {'wall ms':>9} {'CPU ms':>9} {'CPU us/n':>9} {'MiB':>6}  pass   runs"
              "  wall min-max")
        for name in table.names():
            runs = table.runs(name)
            walls = [run.wall_ms for run in runs]
            cpu = table.median(name, "cpu_ms")
            print(f"  {name:34} {statistics.median(walls):9.1f} {cpu:9.1f} "
                  f"{1e3 * cpu / runs[0].count:9.0f} {max(run.rss_mib for run in runs):6.1f}"
                  f"  {'all' if table.clean(name) else 'NO ':5}  {len(runs):4}"
                  f"  {min(walls):.0f}-{max(walls):.0f}")
        for text, value, limit, holds in table.goals:
            print(f"  {'holds ' if holds else 'MISSED'}  {text}: {value:.3g} (goal {limit:.3g})")
        for note in table.notes:
            print(f"          {note}")


def as_json(tables, machine):
    return {
        "schema": "hopproof.bench/1",
        "machine": machine,
        "scenarios": [{
            "title": table.title,
            "rounds": [{name: vars(run) for name, run in one.items()} for one in table.rounds],
            "goals": [{"goal": text, "value": value, "limit": limit, "holds": holds}
                      for text, value, limit, holds in table.goals],
            "notes": table.notes,
        } for table in tables],
    }


def first_line(*argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return (done.stdout.splitlines() or [None])[0]


def describe_machine(tools):
    return {
        "kernel": os.uname().release,
        "cpus": os.cpu_count(),
        "load": os.getloadavg(),
        "openssl": first_line("openssl", "version"),
        "curl": first_line("curl", "--version"),
        "squid": first_line("squid", "-v"),
        "unbound": first_line("unbound", "-V"),
        "hopproof": first_line(tools["hopproof"], "--version") if tools["hopproof"] else None,
    }


# --- driver -----------------------------------------------------------------------------------

def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=os.path.join(HERE, "../../build/release"),
                        help="build folder with hopproof and the bench programs")
    parser.add_argument("--hopproof", metavar="FILE", help="another hopproof than the build's")
    parser.add_argument("--scenario", action="append", choices=SCENARIOS,
                        help="may repeat; default: all")
    parser.add_argument("--endpoints", type=int, default=1000, metavar="N",
                        help="for the scenarios fleet and hops (default 1000)")
    parser.add_argument("--scale", type=int, nargs=2, default=(100, 10000), metavar="N")
    parser.add_argument("--delay-endpoints", type=int, nargs="+", default=(10, 50, 200),
                        metavar="N", help="for the scenario delay")
    parser.add_argument("--rounds", type=int, default=5, help="A B A B ... (default 5)")
    parser.add_argument("--slow-rounds", type=int, default=1,
                        help="rounds that curl with the system store takes part in (default 1)")
    parser.add_argument("--hopproof-args", nargs=argparse.REMAINDER, default=[],
                        help="last: further arguments for hopproof check")
    parser.add_argument("--json", metavar="FILE", help="write every run and goal; - is stdout")
    parser.add_argument("--smoke", action="store_true",
                        help="a small run without any judgement of time; exit 77 if it cannot run")
    parser.add_argument("--strict", action="store_true", help="exit 1 where a goal is missed")
    options = parser.parse_args()
    if min(options.endpoints, options.rounds, *options.scale, *options.delay_endpoints) < 1:
        parser.error("numbers start at 1")
    return options


def find_tools(options):
    folder = os.path.join(options.build, "tests/bench")
    tools = {name: os.path.abspath(os.path.join(folder, "bench_" + name))
             for name in ("fleet", "floor", "stopwatch")}
    tools["delay"] = os.path.abspath(os.path.join(options.build, "tests/range/delay_tun"))
    hopproof = os.path.abspath(options.hopproof or os.path.join(options.build, "hopproof"))
    tools["hopproof"] = hopproof if os.access(hopproof, os.X_OK) else None
    if options.hopproof and not tools["hopproof"]:
        sys.exit(f"bench.py: {options.hopproof}: cannot be run")
    return tools


def what_is_missing(tools):
    if os.geteuid() != 0:
        return "root"
    if not os.path.exists("/dev/net/tun"):
        return "/dev/net/tun"
    for program in ("ip", "ss", "sysctl", "mount", "openssl", "unbound", "curl"):
        if not shutil.which(program):
            return program
    for name, path in tools.items():
        if path and not os.access(path, os.X_OK):
            return path
    return None


def play_inside(lab, options, pipe):
    """The forked half: enters the client's namespace, measures, hands the tables back."""
    os.umask(0o077)
    lab.enter()
    bench = Bench(lab, options)
    for scenario in ["smoke"] if options.smoke else options.scenario or SCENARIOS:
        if scenario == "hops" and not lab.proxies:
            progress("hops: skipped, there is no squid")
            continue
        getattr(bench, scenario)()
    with os.fdopen(pipe, "wb") as out:
        pickle.dump(bench.tables, out)


def play_in_child(lab, options):
    """The measuring half leaves this process's namespaces for good, so it is a child."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        status = 3
        try:
            os.close(read_end)
            world.die_with_parent()
            play_inside(lab, options, write_end)
            status = 0
        except world.LabError as error:
            progress(f"bench.py: {error}")
        except BaseException:  # os._exit prints nothing by itself
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(status)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as tables:
        data = tables.read()
    _, status = os.waitpid(child, 0)
    if status != 0:
        sys.exit(3)
    return pickle.loads(data)


def main():
    options = parse_options()
    tools = find_tools(options)
    missing = what_is_missing(tools)
    if missing:
        progress(f"bench.py: needs {missing}")
        return SKIP if options.smoke else 2
    if not tools["hopproof"]:
        progress("bench.py: no hopproof in the build folder, measuring the peers only")
    largest = 20 if options.smoke else max(options.endpoints, *options.scale,
                                           *options.delay_endpoints)
    machine = describe_machine(tools)
    try:
        with world.Lab(tools, largest, proxies=bool(shutil.which("squid"))) as lab:
            tables = play_in_child(lab, options)
    except world.LabError as error:
        progress(f"bench.py: {error}")
        return 3
    if options.json:
        text = json.dumps(as_json(tables, machine), indent=1)
        if options.json == "-":
            print(text)
        else:
            with open(options.json, "w", encoding="utf-8") as file:
                file.write(text + "\n")
    if options.json != "-":
        print_tables(tables)
    missed = [goal for table in tables for goal in table.goals if not goal[3]]
    return 1 if missed and (options.smoke or options.strict) else 0


if __name__ == "__main__":
    sys.exit(main())
