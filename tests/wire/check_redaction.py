#!/usr/bin/env python3
"""What a redacted bundle shows of a capture: everything that happened, and nobody's name.

check_redaction.py [--tshark] HOPPROOF PRINT_FACTS [-s RUN_STORIES STORY...] [CAPTURE...]

For each capture: `hopproof analyze CAPTURE --bundle` makes the redacted copy and its key. Then
* frames: number, times and sizes on the wire are the same, none shows more octets than before;
* facts (print_facts): the same but for texts; every flow, repeat, loss, reset, ICMP error;
* secrets: no address of the capture as octets (either order) or text, no hardware address, no name
  and nothing else that the key has a pseudonym for, anywhere in the file;
* --tshark: the same streams, flags, analysis; nothing malformed, no new bad
  checksum.
"""
import ipaddress
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import zipfile

NAMES = {"src", "dst", "sni", "connect", "host", "name", "cname", "address", "from", "client", "server", "addr", "mac"}
TEXTS = NAMES | {"via", "reason", "title", "generated_by", "challenge", "not-tls", "alpn", "auth", "path", "page-title",
                 "page-location"}
SHARK = ["frame.number", "frame.len", "frame.time_epoch", "tcp.stream", "udp.stream", "tcp.seq_raw", "tcp.ack_raw",
         "tcp.flags", "tcp.len", "tcp.window_size_value", "tcp.options.mss_val", "tcp.analysis.retransmission",
         "tcp.analysis.duplicate_ack", "tcp.analysis.out_of_order", "tcp.analysis.lost_segment", "ip.ttl", "ip.id",
         "ipv6.hlim", "icmp.type", "icmp.code", "icmpv6.type", "icmpv6.code", "arp.opcode", "dns.id",
         "dns.flags.rcode", "dns.count.answers", "tls.handshake.type", "tls.alert_message.desc"]
NAMED = ["eth.addr", "arp.src.hw_mac", "icmpv6.opt.linkaddr", "ip.addr", "ipv6.addr", "arp.src.proto_ipv4",
         "arp.dst.proto_ipv4", "icmpv6.nd.ns.target_address", "dns.a", "dns.aaaa", "dns.qry.name", "dns.resp.name",
         "dns.cname", "tls.handshake.extensions_server_name", "http.host", "x509ce.dNSName", "x509sat.uTF8String",
         "x509sat.printableString"]
STAY = [ipaddress.ip_network(n) for n in
        ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/24", "255.255.255.255/32", "::/127", "ff02::/119")]
SHARED = re.compile(r"00:00:5e:00:0[12]|00:00:0c:(07:ac|9f)|00:05:73:a0|00:07:b4")  # capture/claim.c
PUBLIC = re.compile(r"(^|\.)(windows\.net|azure-devices\.net|microsoft\.com|azure\.com|digicert\.com|"
                    r"azure-devices-provisioning\.net|trafficmanager\.net|cloudapp\.net)\.?$", re.I)


def stays(address):
    return any(address in n for n in STAY if n.version == address.version)


def run(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, check=False)


def facts(printer, path):
    """Facts without texts, and the texts."""
    lines, texts = [], []
    for line in run(printer, path).stdout.decode(errors="replace").splitlines():
        if line.startswith(("secret ", "clock ")):  # what a time server says is not kept
            continue
        words = line.split(" ")
        kept = [w for w in words if w.split("=")[0] not in TEXTS]
        texts += [w.split("=", 1)[1] for w in words if w.split("=")[0] in NAMES and "=" in w and
                  words[0] != "interface"]
        # what is shown no longer cannot be read on; certificates and words stay unread
        lines.append(" ".join(w for w in kept if w not in ("gap", "complete", "cut", "crl", "ocsp") and
                              not w.startswith(("cut=", "fragments_lost=", "malformed=", "http=", "other=", "socks="))))
    return lines, texts


def shark(path, fields):
    command = ["tshark", "-r", path, "-n", "-T", "fields", "-o", "tcp.check_checksum:TRUE", "-o",
               "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]
    for f in fields:
        command += ["-e", f]
    return run(*command).stdout.decode(errors="replace").splitlines()


def secrets(path, key, texts):
    """Octet strings that must not be in the redacted file, with what they are."""
    found = {}
    addresses = set()
    for real in list(key.values()) + texts:
        bare = re.sub(r"^\[|\](:\d+)?$|(?<=\d)(?<!:):\d+$", "", real)
        try:
            addresses.add(ipaddress.ip_address(bare))
        except ValueError:
            if SHARED.match(real):
                continue
            if re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", real):
                found[bytes.fromhex(real.replace(":", ""))] = real
            elif len(real) >= 5 and not PUBLIC.search(re.sub(r":\d+$", "", real)) and "=" not in real:
                found[re.sub(r":\d+$", "", real).encode()] = real
    for a in addresses:
        if stays(a):
            continue
        found[a.packed] = f"{a} as octets"
        found[a.packed[::-1]] = f"{a} as octets in reverse"
        if len(str(a)) >= 7:
            found[str(a).encode()] = f"{a} as text"
    return found


def check(hopproof, printer, path, folder, tshark):
    bundle = os.path.join(folder, "b.zip")
    if os.path.exists(bundle):
        os.unlink(bundle)
    done = run(hopproof, "analyze", path, "-q", "--bundle", bundle)
    if done.returncode not in (0, 1, 3):
        return [f"exit status {done.returncode}: {done.stderr.decode()}"]
    with zipfile.ZipFile(bundle) as archive:
        if "evidence.pcapng" not in archive.namelist():
            return [f"no packets in the bundle: {archive.read('manifest.json').decode()}"]
        hidden = archive.read("evidence.pcapng")
    with open(bundle + ".key", encoding="utf-8") as f:
        key = json.load(f)
    copy = os.path.join(folder, "hidden.pcapng")
    with open(copy, "wb") as f:
        f.write(hidden)
    before, texts = facts(printer, path)
    after, _ = facts(printer, copy)
    wrong = []
    if "trouble=" not in before[-1] and [re.sub(" chain=.*", "", b) for b in before] != \
            [re.sub(" chain=.*", "", a) for a in after]:
        wrong += [f"facts: {b}\n    became {a}" for b, a in zip(before, after) if b != a] or \
                 [f"{len(before)} facts became {len(after)}"]
    if tshark: # and what somebody else finds in it
        texts += [w for line in shark(path, NAMED) for w in re.split("[\t,]", line)
                  if w and w not in ("ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00")]
    # The end of a line in front of a comment's head would read as the address 10.0.0.1.
    searched = hidden.lower().replace(b"\r\n\0\0\1\0", b"\r\r\0\0\1\0")
    for octets, what in secrets(path, key, texts).items():
        at = searched.find(octets.lower())
        if at >= 0 and not what.lower().encode().startswith(b"host_"):
            wrong.append(f"{what} is at {at}: {hidden[max(0, at - 16):at + 32]!r}")
    if tshark:
        # blocks without a packet that tshark counts as frames are not ours to keep
        one, two = ([line.split("\t", 1)[1] for line in shark(p, SHARK) if line.split("\t")[1] != "0"]
                    for p in (path, copy))
        if one != two:
            wrong += [f"tshark: {a}\n    became {b}" for a, b in zip(one, two) if a != b][:5] or ["tshark: other frames"]
        sums = ["frame.len", "ip.checksum.status", "tcp.checksum.status", "udp.checksum.status", "_ws.malformed"]
        one, two = ([line for line in shark(p, sums) if not line.startswith("0\t")] for p in (path, copy))
        for a, b in zip(one, two):
            if a != b and ("alformed" in b and "alformed" not in a or
                           b.split("\t")[1:4].count("0") > a.split("\t")[1:4].count("0")):
                wrong.append(f"tshark: checksums or sense: {a} became {b}")
    return wrong


def main():
    tshark = sys.argv[1] == "--tshark"
    hopproof, printer, *rest = sys.argv[1 + tshark:]
    if tshark and not shutil.which("tshark"):
        sys.exit(77)
    failed = played = 0
    with tempfile.TemporaryDirectory() as folder:
        captures = rest
        if rest[:1] == ["-s"]:
            captures = []
            for story in rest[2:]:
                capture = os.path.join(folder, os.path.basename(story) + ".pcap")
                if run(rest[1], "-w", capture, story).returncode == 0:
                    captures.append(capture)
        for path in captures:
            played += 1
            wrong = check(hopproof, printer, path, folder, tshark)
            if wrong:
                failed += 1
                print(f"{os.path.basename(path)}:\n  " + "\n  ".join(wrong[:12]))
    print(f"{played - failed} passed, {failed} failed")
    return 1 if failed or not played else 0


if __name__ == "__main__":
    sys.exit(main())
