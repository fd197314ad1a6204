#!/usr/bin/env python3
"""Another machine on the sensor's link, with an address that is not its own (RFC 826, RFC 5227).

usage: odd_arp.py SETTINGS.json with {dev, address, mac, real, asks, ready}
Who asks for `address` is answered with `mac`, and a moment later with `real`, the address's rightful owner.
Where `asks` is an address, this machine asks for that one time and again, as one that talks to it does.
"""

import json
import socket
import struct
import sys
import time

ETH_P_ARP, REQUEST, REPLY = 0x0806, 1, 2
EVERYBODY = b"\xff" * 6
ASK_EVERY_S = 0.5


def octets(mac):
    return bytes.fromhex(mac.replace(":", ""))


def frame(to, operation, mac, address, target_mac, target):
    return to + mac + struct.pack("!HHHBBH", ETH_P_ARP, 1, 0x0800, 6, 4, operation) + mac + address + target_mac + target


def main():
    with open(sys.argv[1]) as f:
        settings = json.load(f)
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ARP))
    s.bind((settings["dev"], ETH_P_ARP))
    s.settimeout(ASK_EVERY_S)
    address = socket.inet_aton(settings["address"])
    mac, real = octets(settings["mac"]), octets(settings["real"])
    with open(settings["ready"], "w"):
        pass
    asked = 0.0
    while True:
        if settings["asks"] and time.monotonic() - asked >= ASK_EVERY_S:
            asked = time.monotonic()
            s.send(frame(EVERYBODY, REQUEST, mac, address, b"\0" * 6, socket.inet_aton(settings["asks"])))
        try:
            said, where = s.recvfrom(128)
        except TimeoutError:
            continue
        if where[2] == socket.PACKET_OUTGOING or len(said) < 42 or settings["asks"]:
            continue
        (operation,) = struct.unpack("!H", said[20:22])
        if operation == REQUEST and said[38:42] == address and said[28:32] != address:
            for answerer in (mac, real):
                s.send(frame(said[6:12], REPLY, answerer, address, said[22:28], said[28:32]))


main()
