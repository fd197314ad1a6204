#!/usr/bin/env python3
"""A time server (RFC 4330) that tells the time, another one, or none.

usage: odd_ntp.py SETTINGS.json with {listen: ADDRESS, ahead: SECONDS, does: WORD}
does   answer          the time, as a server of stratum 2
       unsynchronised  an answer with the leap indicator at "alarm"
       stratum16       … with the stratum that says the same
       kiss            "go away" (stratum 0, RATE)
       babble          something that is no answer of a time server
       forge           first an answer to a question that nobody asked, a day off; then the time
"""

import json
import socket
import struct
import sys
import time

EPOCH = 2208988800


def answer(question, does, ahead):
    now = time.time() + EPOCH + ahead
    stamp = struct.pack("!II", int(now) & 0xffffffff, int(now % 1 * 2**32))
    if does == "babble":
        return b"\x00" * 24 + question[40:48] + b"\x00" * 16
    leap, stratum, reference = {"unsynchronised": (3, 2, b"\x0a\x00\x00\x01"), "kiss": (3, 0, b"RATE"),
                                 "stratum16": (0, 16, b"INIT")}.get(
        does, (0, 2, b"\x0a\x00\x00\x01"))
    return struct.pack("!BBbbII4s", leap << 6 | 4 << 3 | 4, stratum, 6, -20, 0, 0, reference) + stamp \
        + question[40:48] + stamp + stamp


def main():
    with open(sys.argv[1]) as f:
        settings = json.load(f)
    s = socket.socket(socket.AF_INET6 if ":" in settings["listen"] else socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((settings["listen"], 123))
    while True:
        question, who = s.recvfrom(512)
        if len(question) < 48:
            continue
        if settings["does"] == "forge":
            forged = answer(question, "answer", 86400)
            s.sendto(forged[:24] + b"\x01" * 8 + forged[32:], who)
        s.sendto(answer(question, settings["does"], settings["ahead"]), who)


main()
