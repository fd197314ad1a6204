#!/usr/bin/env python3
"""A resolver that answers in ways that a real one will not.

usage: odd_dns.py SETTINGS.json with {listen: [..], records: {name: [[type, data]..]}, odd: {..}}
odd    delay_ms        every answer comes so late
       drop_first      the first N packets of every question vanish (retransmission must help)
       drop_types      questions of these types get no answer at all
       fail_types      … get SERVFAIL
       nx_types        … get NXDOMAIN, as from the servers of RFC 4074 section 4.2
       drop_edns       questions with an OPT record get no answer
       formerr_edns    … get FORMERR, as from a server of 1998
       truncate_all    every UDP answer is empty with TC set
       bogus           {name: code}: SERVFAIL with this extended error (RFC 8914), and an answer to who sets CD
       servfail        names that get SERVFAIL whatever is asked
       wrong_id_first  a forged answer with another id and a wrong address comes first
       wrong_id        every answer has another id
       wrong_question  every answer is to a question that nobody asked
       long_udp        UDP answers may have more than 512 octets, which RFC 1035 section 4.2.1 forbids
       wrong_source    UDP answers come from this address of the same machine
       case_mangle     the question comes back in lower case whatever was asked
       tcp             false: no TCP service at all (refused)
"""

import json
import socket
import struct
import sys
import threading
import time

TYPES = {"A": 1, "CNAME": 5, "AAAA": 28, "TXT": 16}
OPT = 41
CHECKING_DISABLED = 0x10


def encode_name(name):
    return b"".join(bytes([len(p)]) + p.encode() for p in name.strip(".").split(".") if p) + b"\0"


def read_question(data):
    """(name as bytes on the wire, lower-case text, type, offset behind)"""
    at, labels = 12, []
    while data[at]:
        labels.append(data[at + 1:at + 1 + data[at]])
        at += 1 + data[at]
    at += 1
    kind = struct.unpack("!H", data[at:at + 2])[0]
    return data[12:at], b".".join(labels).decode(errors="replace").lower(), kind, at + 4


def rdata(kind, data):
    if kind == "A":
        return socket.inet_pton(socket.AF_INET, data)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, data)
    if kind == "CNAME":
        return encode_name(data)
    return bytes([len(data)]) + data.encode()


class Responder:
    def __init__(self, settings):
        self.records = settings["records"]
        self.odd = settings["odd"]
        self.seen = {}
        self.lock = threading.Lock()
        self.other = None
        if self.odd.get("wrong_source"):
            self.other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.other.bind((self.odd["wrong_source"], 0))

    def answers(self, name, kind):
        """Records for a question, aliases followed; None when the name does not exist."""
        out = []
        for _ in range(20):
            if name not in self.records:
                return out or None
            alias = [d for t, d in self.records[name] if t == "CNAME"]
            if alias and kind != TYPES["CNAME"]:
                out.append((name, "CNAME", alias[0]))
                name = alias[0].strip(".").lower()
                continue
            out += [(name, t, d) for t, d in self.records[name] if TYPES[t] == kind]
            return out
        return out

    def over_limit(self):
        """What happens to a question above so many a second: drop, refuse, or slip: every other one is cut and the
        rest dropped, as BIND's rate-limit does (all-per-second, slip 2)."""
        limit = self.odd.get("limit")
        if limit is None:
            return None
        with self.lock:
            second = int(time.monotonic())
            self.seen[second] = self.seen.get(second, 0) + 1
            above = self.seen[second] - limit
        if above <= 0:
            return None
        if self.odd["over"] == "slip":
            return "cut" if above % 2 == 0 else "drop"
        return self.odd["over"]

    def reply(self, data, tcp):
        """A list of answers to one question, in the order of sending."""
        wire, name, kind, behind = read_question(data)
        edns = struct.unpack("!H", data[10:12])[0] > 0
        type_word = next((w for w, n in TYPES.items() if n == kind), str(kind))
        if self.odd.get("case_mangle"):
            wire = encode_name(name)
        if not tcp:
            self.seen[(name, kind)] = self.seen.get((name, kind), 0) + 1
            if self.seen[(name, kind)] <= self.odd.get("drop_first", 0):
                return []
        if name in self.odd.get("drop_names", []) or type_word in self.odd.get("drop_types", []) or (edns and self.odd.get("drop_edns")):
            return []
        over = None if tcp else self.over_limit()
        if over == "drop":
            return []
        rcode, found = 0, self.answers(name, kind)
        if found is None:
            rcode, found = 3, []
        if type_word in self.odd.get("fail_types", []):
            rcode, found = 2, []
        if type_word in self.odd.get("nx_types", []):
            rcode, found = 3, []
        if over == "refuse":
            rcode, found = 5, []
        if edns and self.odd.get("formerr_edns"):
            rcode, found = 1, []
        code = self.odd.get("bogus", {}).get(name)
        if name in self.odd.get("servfail", []) or (code is not None and not data[3] & CHECKING_DISABLED):
            rcode, found = 2, []
        else:
            code = None
        flags = 0x8180 | rcode
        if (self.odd.get("truncate_all") or over == "cut") and not tcp:
            flags, found = flags | 0x0200, []
        ident = data[:2]
        if not tcp and not self.odd.get("long_udp") and len(self.message(ident, flags, wire, kind, found)) > 512:
            flags, found = flags | 0x0200, []
        if self.odd.get("wrong_id"):
            ident = struct.pack("!H", struct.unpack("!H", ident)[0] ^ 0x5555)
        if self.odd.get("wrong_question"):
            wire = encode_name("www.fabrikam.com")
        out = []
        if self.odd.get("wrong_id_first") and not tcp:
            forged = struct.pack("!H", struct.unpack("!H", ident)[0] ^ 0x5555)
            out.append(self.message(forged, 0x8180, wire, kind, [(name, "A", "198.18.0.66")] if kind == 1 else []))
        out.append(self.message(ident, flags, wire, kind, found, code if edns else None))
        return out

    @staticmethod
    def message(ident, flags, wire, kind, found, code=None):
        body = ident + struct.pack("!HHHHH", flags, 1, len(found), 0, code is not None) + wire + struct.pack("!HH", kind, 1)
        for name, t, d in found:
            data = rdata(t, d)
            body += encode_name(name) + struct.pack("!HHIH", TYPES[t], 1, 60, len(data)) + data
        if code is not None:  # OPT with the option of RFC 8914
            body += b"\0" + struct.pack("!HHIH", OPT, 1232, 0, 6) + struct.pack("!HHH", 15, 2, code)
        return body

    def wait(self):
        time.sleep(self.odd.get("delay_ms", 0) / 1000)

    def udp(self, sock):
        while True:
            data, peer = sock.recvfrom(4096)
            threading.Thread(target=self.one_udp, args=(sock, data, peer), daemon=True).start()

    def one_udp(self, sock, data, peer):
        try:
            replies = self.reply(data, False)
            self.wait()
            for r in replies:
                (self.other or sock).sendto(r, peer)
        except (IndexError, OSError, struct.error):
            pass

    def tcp(self, sock):
        while True:
            conn, _ = sock.accept()
            threading.Thread(target=self.one_tcp, args=(conn,), daemon=True).start()

    def one_tcp(self, conn):
        try:
            with conn, conn.makefile("rb") as f:
                while True:
                    head = f.read(2)
                    if len(head) < 2:
                        return
                    data = f.read(struct.unpack("!H", head)[0])
                    self.wait()
                    for r in self.reply(data, True):
                        conn.sendall(struct.pack("!H", len(r)) + r)
        except (IndexError, OSError, struct.error):
            pass


def main():
    with open(sys.argv[1]) as f:
        settings = json.load(f)
    responder = Responder(settings)
    for address in settings["listen"]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        for kind, serve in ((socket.SOCK_DGRAM, responder.udp), (socket.SOCK_STREAM, responder.tcp)):
            sock = socket.socket(family, kind)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((address, 53))
            if kind == socket.SOCK_STREAM:
                sock.listen(64)
            threading.Thread(target=serve, args=(sock,), daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
