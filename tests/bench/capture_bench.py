#!/usr/bin/env python3
"""Offline reading: hopproof against tcpdump, tshark and a floor program, on a capture made here.

capture_bench.py --build BUILD [--megabytes 1000] [--rounds 3] [--tshark-megabytes 100] [--smoke]

Every contestant reads the same file in turn, round by round; the best round counts. tshark gets a
smaller file (it needs minutes for the large one) and is compared per megabyte.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

STORIES = ("tls13-pass", "connect-nested", "tls13-client-rejects", "reset-injected", "refused",
           "tls12-certificate")


def run(command):
    """Wall seconds, CPU seconds, peak MiB; None when it is not installed."""
    if shutil.which(command[0]) is None:
        return None
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1, 3):
        sys.exit(f"{' '.join(command)} fails: {status}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def best(contestants, rounds):
    found = {}
    for _ in range(rounds):
        for name, command in contestants:
            result = run(command)
            if result is not None and (name not in found or result[0] < found[name][0]):
                found[name] = result
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--tshark-megabytes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--folder", default=None, help="where the captures go; needs the room")
    options = parser.parse_args()
    if options.smoke:
        options.megabytes, options.tshark_megabytes, options.rounds = 4, 1, 1
    bench = os.path.join(options.build, "tests", "bench")
    stories = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "wire", "stories")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        parts = []
        for name in STORIES:
            parts.append(os.path.join(folder, name))
            subprocess.run([os.path.join(options.build, "tests", "wire", "run_stories"), "-w",
                            parts[-1], os.path.join(stories, name + ".story")], check=True)
        files = {}
        for size in {options.megabytes, options.tshark_megabytes}:
            files[size] = os.path.join(folder, f"{size}.pcap")
            made = subprocess.run([os.path.join(bench, "capture_multiply"), files[size], str(size)]
                                  + parts, check=True, capture_output=True, text=True)
            print(f"{size} MB: {made.stdout.strip()}")
        large, small = files[options.megabytes], files[options.tshark_megabytes]
        reader = os.path.join(bench, "capture_read")
        found = best((("floor", [os.path.join(bench, "capture_floor"), large]),
                      ("wire_read", [reader, large]),
                      ("analyze", [os.path.join(options.build, "hopproof"), "analyze", large,
                                   "--json", os.devnull, "--quiet"]),
                      ("tcpdump -w", ["tcpdump", "-r", large, "-w", os.devnull])),
                     options.rounds)
        found.update(best((("wire_read, small", [reader, small]),
                           ("tshark conv,tcp, small", ["tshark", "-q", "-r", small, "-z", "conv,tcp"])),
                          1))
        for name, (wall, cpu, mib) in found.items():
            print(f"{name:24} {wall:8.3f} s wall {cpu:8.3f} s CPU {mib:8.0f} MiB")
        pairs = (("wire_read", "floor"), ("wire_read", "tcpdump -w"), ("analyze", "tcpdump -w"),
                 ("wire_read, small", "tshark conv,tcp, small"))
        for ours, theirs in pairs:
            if ours in found and theirs in found:
                wall, cpu = (found[ours][i] / max(found[theirs][i], 0.001) for i in (0, 1))
                print(f"{ours} / {theirs}: {wall:.3f} wall, {cpu:.3f} CPU")


if __name__ == "__main__":
    main()
