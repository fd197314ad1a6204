#!/usr/bin/env python3
"""Holds our facts against tshark's: flows, SYNs, resets, FINs, retransmissions, server names,
alerts. On the captures of all stories, or on those given; of a folder, on all in it.

compare_tshark.py RUN_STORIES FACTS (STORY | CAPTURE | FOLDER)...    exit status 77 without tshark

Known differences, by intention: what came out of order by less than a round trip is no
retransmission to us; a packet captured twice is counted once; tshark calls the first segment
behind a gap of the capture "previous segment not captured" and so do we ("unseen").
Two things that tshark guesses by time are put right before they are compared, by what the capture
itself holds: the same octets once more within three milliseconds are a repeat (tshark: out of
order), and a FIN without data is one only where it came by before (tshark: wherever a later
acknowledgement did). A third cannot be: what fills a gap about one round trip after it opened may
be late or sent again, and the two measure the round trip by different packets. And a server name counts where the connection's beginning was captured: of what
began before, tshark wants the whole ClientHello and we do not; and what is sent again there it
tells by acknowledgements alone.
What runs on a port that tshark gives to HTTP, or in a tunnel to such a port, tshark reads as HTTP and
nothing else: TLS to or through a proxy there we alone see, and only there may we see more of it.
"""
import collections
import concurrent.futures
import glob
import os
import shutil
import subprocess
import sys
import tempfile

FIELDS = ("tcp.stream", "ip.src", "ipv6.src", "tcp.srcport", "tcp.flags.syn", "tcp.flags.ack",
          "tcp.flags.reset", "tcp.flags.fin", "tcp.analysis.retransmission",
          "tls.handshake.extensions_server_name", "tls.alert_message.level", "tcp.len",
          "tcp.analysis.out_of_order", "tcp.analysis.fast_retransmission", "tcp.dstport",
          "icmp.type", "icmpv6.type", "tcp.seq_raw", "frame.time_epoch",
          "tcp.analysis.initial_rtt")


HTTP_PORTS = ("80", "3128", "3132", "5985", "8080", "8088", "11371", "1900", "2869", "2710")


def sent(row):
    return (row["tcp.stream"], row["tcp.srcport"], row["tcp.seq_raw"], row["tcp.len"])


def is_repeat(row, seen):
    """Was this sent before? `seen`: what came by so far."""
    before = sent(row) in seen
    length, fin = int(row["tcp.len"] or 0), row["tcp.flags.fin"] in ("1", "True")
    if length > 0 or fin:
        seen.add(sent(row))
    if row["tcp.analysis.retransmission"]:
        return before or length > 0 or not fin
    return bool(row["tcp.analysis.out_of_order"]) and before and length > 0


class Gaps:
    """When octets behind a gap came by, for each direction of each stream."""

    def __init__(self):
        self.later = collections.defaultdict(list)

    def is_unsure(self, row):
        """Does it fill a gap that opened less than two round trips ago, or that a bare
        acknowledgement alone told of, by its own number? From that we conclude nothing."""
        seq, when = int(row["tcp.seq_raw"]), float(row["frame.time_epoch"])
        side = self.later[(row["tcp.stream"], row["tcp.srcport"])]
        behind = [(t, octets) for s, t, octets in side if 0 < (s - seq) % 2**32 < 2**31]
        opened = [t for t, octets in behind if octets]
        side.append((seq, when, int(row["tcp.len"] or 0) > 0))
        if not opened:
            return bool(behind)
        return when - opened[0] < 2 * float(row["tcp.analysis.initial_rtt"] or 0)


def by_tshark(path):
    command = ["tshark", "-r", path, "-n", "-T", "fields", "-E", "separator=|", "-E",
               "occurrence=f", "-o", "tcp.analyze_sequence_numbers:TRUE",
               "-o", "tcp.reassemble_out_of_order:TRUE", "-Y", "tcp && !icmp && !icmpv6"]
    for field in FIELDS:
        command += ["-e", field]
    out = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    total = collections.Counter()
    streams, begun, seen, alerts = set(), set(), set(), set()
    ended, reborn = set(), set()
    gaps = Gaps()
    for line in out.splitlines():
        row = dict(zip(FIELDS, line.split("|")))
        streams.add(row["tcp.stream"])
        total["packets"] += 1
        syn, ack = row["tcp.flags.syn"] in ("1", "True"), row["tcp.flags.ack"] in ("1", "True")
        total["syns"] += syn and not ack
        total["synacks"] += syn and ack
        total["resets"] += row["tcp.flags.reset"] in ("1", "True")
        total["fins"] += row["tcp.flags.fin"] in ("1", "True")
        before = sent(row) in seen
        total["seen bytes"] += int(row["tcp.len"] or 0) if before else 0
        again = is_repeat(row, seen)
        total["again"] += again
        if row["tcp.flags.reset"] in ("1", "True"):
            ended.add(row["tcp.stream"])
        elif syn and not ack and row["tcp.stream"] in ended:
            reborn.add(row["tcp.stream"])
        doubt = gaps.is_unsure(row) or row["tcp.stream"] not in begun
        if row["tcp.stream"] in reborn or (int(row["tcp.len"] or 0) > 0 and doubt and not before):
            total["unsure"] += again
        total["late"] += bool(row["tcp.analysis.out_of_order"]) and not again
        total["bytes"] += int(row["tcp.len"] or 0)
        if syn and not ack:
            begun.add(row["tcp.stream"])
        if row["tls.handshake.extensions_server_name"] and row["tcp.stream"] in begun:
            total["sni " + row["tls.handshake.extensions_server_name"]] = 1
        if row["tls.alert_message.level"] == "2":
            alerts.add((row["tcp.stream"], row["tcp.srcport"]))
    total["flows"] = len(streams)
    total["reborn"] = len(reborn)
    total["alerts"] = len(alerts)
    return total


def by_us(facts, path):
    out = subprocess.run([facts, path], capture_output=True, text=True, check=True).stdout
    total = collections.Counter()
    for line in out.splitlines():
        words = line.split(" ")
        if words[0] != "flow" or "proto=tcp" not in words:
            continue
        total["flows"] += 1
        ports = [w.rpartition(":")[2] for w in words if w.startswith(("dst=", "connect="))]
        tunnels = set(ports[1:]) & set(HTTP_PORTS)
        http = "hidden " if tunnels or ports[-1] in HTTP_PORTS else ""
        for word in words[1:]:
            key, _, value = word.partition("=")
            if key in ("packets>", "packets<"):
                total["packets"] += int(value)
            elif key in ("bytes>", "bytes<"):
                total["bytes"] += int(value)
            elif key == "syns>":
                total["syns"] += int(value)
            elif key == "syns<":
                total["synacks"] += int(value)
            elif key in ("resets>", "resets<"):
                total["resets"] += int(value)
            elif key in ("fins>", "fins<"):
                total["fins"] += int(value)
            elif key in ("again>", "again<"):
                total["again"] += int(value)
            elif key == "duplicates":
                total["twice"] += int(value)
            elif key in ("alert", "alert_sent"):
                total[http + "alerts"] += 1
            elif key == "sni" and any(w.startswith("syns>") for w in words):
                total[http + "sni " + value] = 1
    return total


def same_count(key, theirs, ours, twice, hidden, seen_bytes, late, unsure, reborn):
    """`twice`: packets that we take for another sight of one that we have, `seen_bytes` at most
    are in them; `hidden`: what we saw where tshark reads HTTP; `late`: what it takes for out of
    order because it came within three milliseconds, where we hold a round trip against it; `unsure`:
    what it takes for sent again though its gap is less than two round trips old, or without octets
    behind it, or the capture began behind it, or its SYN was sent again after a reset (RFC 9293 section 3.10.7.4, an old
    connection at the server), which is a second flow to us: `reborn`, how many."""
    if key == "bytes":
        return 0 <= theirs - ours <= (seen_bytes if twice else 0)
    if key.startswith("sni "):
        return theirs == ours or (ours == 0 and hidden > 0)
    if key == "alerts":
        return 0 <= theirs - ours <= hidden
    if key == "flows":
        return 0 <= ours - theirs <= reborn
    if key == "again":
        return -late <= theirs - ours <= twice + unsure
    if key in ("packets", "syns", "synacks", "fins"):
        return 0 <= theirs - ours <= twice
    return theirs == ours


# Stories about the very things that the two see differently; see above.
NOT_COMPARED = ("same-packet-twice", "same-ipv6-packet-twice", "two-interfaces", "file-simple-packets", "file-strange-link",
                "file-snaplen", "file-breaks-off", "file-bad-length", "ports-used-again",
                "file-pcapng-sections-ethernet-v4", "file-pcapng-sections-ethernet-v6",
                # names inside nested tunnels, and behind a lost segment, tshark does not see;
                # a repeat within three milliseconds it takes for out of order
                "connect-nested", "mtu-blackhole-out", "mtu-clamped")

# One fact of a capture, for a reason of its own.
ALLOWED = {
    # TLS that begins in the segment of the proxy's 200: tshark reads on in the next one
    ("proxy-alert-in-the-same-segment-as-the-200", "alerts"),
}


def captures(paths):
    for path in paths:
        if os.path.isdir(path):
            yield from sorted(glob.glob(os.path.join(path, "*.pcapng")))
        else:
            yield path


def compare(facts, name, capture):
    """What the two see differently, as text; empty: nothing."""
    theirs, ours = by_tshark(capture), by_us(facts, capture)
    twice = ours.pop("twice", 0)
    seen_bytes, late, unsure, reborn = (
        theirs.pop(key, 0) for key in ("seen bytes", "late", "unsure", "reborn"))
    hidden = {key[len("hidden "):]: ours.pop(key) for key in list(ours) if key.startswith("hidden ")}
    wrong = [f"{key}: tshark {theirs[key]}, we {ours[key]}"
             for key in sorted(set(theirs) | set(ours))
             if not same_count(key, theirs[key], ours[key], twice, hidden.get(key, 0),
                               seen_bytes, late, unsure, reborn)
             and (name, key) not in ALLOWED]
    return f"{name}: " + "; ".join(wrong) if wrong else ""


def main():
    if shutil.which("tshark") is None:
        return 77
    run_stories, facts = sys.argv[1:3]
    todo = []
    with tempfile.TemporaryDirectory() as folder:
        for path in captures(sys.argv[3:]):
            capture = path
            name = os.path.splitext(os.path.basename(path))[0]
            if path.endswith(".story"):
                if name in NOT_COMPARED:
                    continue
                capture = os.path.join(folder, name)
                subprocess.run([run_stories, "-w", capture, path], check=True,
                               stdout=subprocess.DEVNULL)
            todo.append((facts, name, capture))
        if not todo:
            return 77  # the range was skipped
        # Nearly all of the time tshark starts; each processor may start one.
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            differences = [text for text in pool.map(lambda args: compare(*args), todo) if text]
    for text in differences:
        print(text)
    print(f"{len(todo)} captures compared, {len(differences)} differ")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
