#!/usr/bin/env python3
"""Offline reading: `hopproof analyze` against tshark, tcpdump and a floor program; see README.md.

All contestants read the same capture, made here out of packet stories, in turns; a ratio is the
median of the ratios within a round.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from bench import SKIP, Table, as_json, describe_machine, play, print_tables, progress
from contestants import Run

HERE = os.path.dirname(os.path.abspath(__file__))
WIRE = os.path.join(HERE, "..", "wire", "stories")

# What a sensor's interface sees, by flows. "Bulk" in the README says which packets are repeated.
MIX = (("traffic/lookup", 2), ("traffic/poll-direct", 4), ("traffic/poll-proxy", 4),
       ("traffic/upload", 1), ("connect-nested", 1), ("tls12-certificate", 1),
       ("tls13-client-rejects", 1), ("reset-injected", 1), ("refused", 1))

ANALYZE, READ, FLOOR = "hopproof analyze", "reading alone", "floor"
TCPDUMP, TSHARK = "tcpdump -r -w /dev/null", "tshark -q -z conv,tcp"
GROWTH = 4  # times the data in the same flows


class Capture:
    """A file that capture_multiply made, and what it says is in it."""

    def __init__(self, bench, megabytes, times, parts):
        self.path = os.path.join(bench.folder, f"{megabytes}x{times}.pcap")
        made = subprocess.run([bench.tool("capture_multiply"), self.path, str(megabytes),
                               str(times), *parts], check=True, capture_output=True, text=True)
        self.packets, self.octets, self.flows = map(int, re.findall(r"\d+", made.stdout))
        progress(f"{self.path}: {made.stdout.strip()}")


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.tables = []

    def tool(self, name):
        return os.path.join(self.options.build, "tests", "bench", name)

    def parts(self):
        """The stories of the mix as captures, for capture_multiply."""
        parts = []
        for name, share in MIX:
            story = os.path.join(HERE if name.startswith("traffic/") else WIRE, name + ".story")
            part = os.path.join(self.folder, os.path.basename(name))
            subprocess.run([os.path.join(self.options.build, "tests", "wire", "run_stories"), "-w",
                            part, story], check=True)
            with open(story, encoding="utf-8") as file:
                repeat = re.search(r"^# repeat: (\d+-\d+) x(\d+)$", file.read(), re.M)
            parts += [part + (f":{repeat[1]}*{repeat[2]}" if repeat else "")] * share
        return parts

    def run(self, capture, argv, count, statuses=(0,)):
        """`count` takes the output and says how many packets or flows were seen, and expected."""
        cost = os.path.join(self.folder, "cost")
        with tempfile.TemporaryFile("w+", dir=self.folder, encoding="utf-8") as out:
            subprocess.run([self.tool("bench_stopwatch"), cost, *argv], stdout=out,
                           stderr=subprocess.DEVNULL, check=True)
            out.seek(0)
            text = out.read()
        with open(cost, encoding="ascii") as file:
            costs = json.load(file)
        complaints = {}
        if costs["status"] not in statuses:
            complaints[f"exit status {costs['status']}"] = 1
        elif count is not None and count(text) is not True:
            complaints["has not seen all of it"] = 1
        costs["status"] = 0 if not complaints else costs["status"] or 1
        return Run(argv[0], capture.flows, costs, 0 if complaints else capture.flows, complaints)

    def analyze(self, capture):
        report = os.path.join(self.folder, "report.json")

        def count(_):
            with open(report, encoding="utf-8") as file:
                return json.load(file)["capture"]["packets"] == capture.packets
        # what fails in the mix makes the exit status 1
        return self.run(capture, [os.path.join(self.options.build, "hopproof"), "analyze",
                                  capture.path, "--json", report, "--quiet"], count, (0, 1))

    def counting(self, capture, name):
        """The programs that print how many packets and flows they saw."""
        return self.run(capture, [self.tool(name), capture.path], lambda text: [
            int(n) for n in re.findall(r"\d+", text)][0] == capture.packets)

    def tcpdump(self, capture):
        return self.run(capture, ["tcpdump", "-r", capture.path, "-w", os.devnull], None)

    def tshark(self, capture):
        def count(text):
            return text.count("<->") > 0
        return self.run(capture, ["tshark", "-q", "-n", "-r", capture.path, "-z", "conv,tcp"],
                        count)

    def speed(self, capture):
        rounds = self.options.rounds
        table = Table(f"{capture.octets / 1e6:.0f} MB, {capture.packets} packets, "
                      f"{capture.flows} flows")
        players = [(FLOOR, lambda: self.counting(capture, "capture_floor"), rounds),
                   (READ, lambda: self.counting(capture, "capture_read"), rounds),
                   (ANALYZE, lambda: self.analyze(capture), rounds)]
        if shutil.which("tcpdump"):
            players.append((TCPDUMP, lambda: self.tcpdump(capture), rounds))
        if shutil.which("tshark"):
            players.append((TSHARK, lambda: self.tshark(capture),
                            min(rounds, self.options.slow_rounds)))
        self.counting(capture, "capture_floor")  # the file is in the page cache now
        self.tables.append(table)
        play(table, rounds, players)
        for who in (ANALYZE, READ):
            for peer, limit in ((TCPDUMP, 3), (TSHARK, 1 / 25)):
                ratio = table.ratio(who, peer, "wall_ms")
                if ratio is None:
                    table.notes.append(f"not measured: {who} / {peer}: it is not installed")
                elif who == ANALYZE and not self.options.smoke:
                    table.goal(f"wall: {who} / {peer}", ratio, limit)
                else:
                    table.notes.append(f"wall: {who} / {peer}: {ratio:.3g}")
        if not self.options.smoke:
            table.goal(f"memory: {ANALYZE}, MiB for 190,000 flows",
                       max(run.rss_mib for run in table.runs(ANALYZE)) * 190000 / capture.flows, 256)
        for name in table.names():
            table.goal_clean(name)

    def growth(self, once, more):
        """The same flows with more data in each: what is kept must not be more."""
        table = Table(f"the same {once.flows} flows, {once.octets / 1e6:.0f} MB and "
                      f"{more.octets / 1e6:.0f} MB")
        rounds = min(self.options.rounds, 3)
        names = (f"{ANALYZE}, data x1", f"{ANALYZE}, data x{GROWTH}")
        self.tables.append(table)
        play(table, rounds, [(names[0], lambda: self.analyze(once), rounds),
                             (names[1], lambda: self.analyze(more), rounds)])
        if not self.options.smoke:
            # a run's peak differs by pages of the allocator and the kernel: 2 % is no growth
            table.goal(f"memory: data x{GROWTH} / data x1",
                       table.ratio(names[1], names[0], "rss_mib"), 1.02)
        for name in names:
            table.goal_clean(name)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=os.path.join(HERE, "../../build/release"),
                        help="build folder with hopproof and the bench programs")
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slow-rounds", type=int, default=1,
                        help="rounds that tshark takes part in (default 1)")
    parser.add_argument("--folder", default=None, metavar="DIR",
                        help="where the captures go; needs four times --megabytes of room")
    parser.add_argument("--json", metavar="FILE", help="write every run and goal; - is stdout")
    parser.add_argument("--smoke", action="store_true",
                        help="a small run without any judgement of time or memory")
    parser.add_argument("--strict", action="store_true", help="exit 1 where a goal is missed")
    options = parser.parse_args()
    if options.smoke:
        options.megabytes, options.rounds = 4, 1
    return options


def main():
    options = parse_options()
    hopproof = os.path.join(options.build, "hopproof")
    if not os.access(hopproof, os.X_OK):
        progress(f"capture_bench.py: needs {hopproof}")
        return SKIP if options.smoke else 2
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        bench = Bench(options, folder)
        parts = bench.parts()
        once = Capture(bench, options.megabytes, 1, parts)
        bench.speed(once)
        bench.growth(once, Capture(bench, options.megabytes, GROWTH, parts))
    machine = describe_machine({"hopproof": hopproof})
    if options.json:
        text = json.dumps(as_json(bench.tables, machine), indent=1)
        if options.json == "-":
            print(text)
        else:
            with open(options.json, "w", encoding="utf-8") as file:
                file.write(text + "\n")
    if options.json != "-":
        print_tables(bench.tables)
    missed = [goal for table in bench.tables for goal in table.goals if not goal[3]]
    return 1 if missed and (options.smoke or options.strict) else 0


if __name__ == "__main__":
    sys.exit(main())
