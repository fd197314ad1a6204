#!/usr/bin/env python3
"""A middlebox on a leg: a TUN device that passes every packet on, but looks into TLS ClientHellos.

usage: middlebox.py SETTINGS.json with {dev, mode, ready, ..}
modes  inject-reset    ClientHellos die, and a reset in the server's name comes from here (its TTL
                       is not the server's)
       sni-reset       the same for one server name only, with the server's own TTL
       sni-drop        ClientHellos with one server name vanish, and all that follows on the flow
       long-hello-drop every segment of a ClientHello that does not fit into one segment vanishes
       tls13-drop      ClientHellos that offer TLS 1.3 vanish, and all that follows on the flow
       tls13-reset     the same with a reset to both sides, with the server's own TTL
"""

import fcntl
import json
import os
import socket
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000


def open_device(name):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        flags = struct.unpack("16sH22x", fcntl.ioctl(s, 0x8913, struct.pack("16sH22x", name.encode(), 0)))[1]
        fcntl.ioctl(s, 0x8914, struct.pack("16sH22x", name.encode(), flags | 1))
    return fd


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Segment:
    """A TCP segment of a packet, or None from parse() for everything else."""

    @classmethod
    def parse(cls, packet):
        s = cls()
        version = packet[0] >> 4
        if version == 4 and packet[9] == 6:
            s.at = (packet[0] & 15) * 4
            s.src, s.dst, s.ttl = packet[12:16], packet[16:20], packet[8]
            end = struct.unpack("!H", packet[2:4])[0]
        elif version == 6 and packet[6] == 6:
            s.at = 40
            s.src, s.dst, s.ttl = packet[8:24], packet[24:40], packet[7]
            end = 40 + struct.unpack("!H", packet[4:6])[0]
        else:
            return None
        s.version = version
        s.sport, s.dport, s.seq, s.ack = struct.unpack("!HHII", packet[s.at:s.at + 12])
        s.flags = packet[s.at + 13]
        s.data = packet[s.at + (packet[s.at + 12] >> 4) * 4:end]
        return s

    def flow(self):
        return (self.src, self.sport, self.dst, self.dport)


def forged_reset(s, ttl, towards_client=True):
    """A reset for the connection that carried s, from the other side or onwards in its own name."""
    if towards_client:
        src, dst, sport, dport, seq = s.dst, s.src, s.dport, s.sport, s.ack
        ack, flags = s.seq + len(s.data), 0x14
    else:
        src, dst, sport, dport, seq, ack, flags = s.src, s.dst, s.sport, s.dport, s.seq, 0, 0x04
    tcp = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x50, flags, 0, 0, 0)
    if s.version == 4:
        pseudo = src + dst + struct.pack("!BBH", 0, 6, len(tcp))
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0x1234, 0, ttl, 6, 0) + src + dst
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    else:
        pseudo = src + dst + struct.pack("!IHBB", len(tcp), 0, 0, 6)
        head = struct.pack("!IHBB", 6 << 28, len(tcp), 6, ttl) + src + dst
    return head + tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]


class Box:
    def __init__(self, settings):
        self.settings = settings
        self.fd = open_device(settings["dev"])
        self.decide = getattr(self, "mode_" + settings["mode"].replace("-", "_"))
        self.peer_ttl = {}   # TTL of what the server sends, to imitate it
        self.dead = set()
        self.started = {}    # flow: bytes of its first record still to come

    def is_hello(self, s):
        return s.dport == 443 and len(s.data) >= 6 and s.data[0] == 0x16 and s.data[5] == 1

    def send(self, packet):
        os.write(self.fd, packet)

    # Each mode returns True when the packet may go on.

    def mode_inject_reset(self, s):
        if not self.is_hello(s):
            return True
        self.send(forged_reset(s, self.settings.get("ttl", 200)))
        self.send(forged_reset(s, s.ttl, towards_client=False))
        return False

    def mode_sni_reset(self, s):
        if not self.is_hello(s) or self.settings["name"].encode() not in s.data:
            return True
        # + 1: the router takes one off on the way back, as it did for the server's packets.
        self.send(forged_reset(s, self.peer_ttl.get((s.dst, s.dport), 64)))
        self.send(forged_reset(s, s.ttl, towards_client=False))
        return False

    def mode_sni_drop(self, s):
        if self.is_hello(s) and self.settings["name"].encode() in s.data:
            self.dead.add(s.flow())
        return not (s.flow() in self.dead and s.data)

    def mode_long_hello_drop(self, s):
        if self.is_hello(s) and 5 + struct.unpack("!H", s.data[3:5])[0] > len(s.data):
            self.dead.add(s.flow())
        return not (s.flow() in self.dead and s.data)

    def offers_tls13(self, s):
        """supported_versions (43) with 0x0304 in it, RFC 8446 section 4.2.1."""
        at = s.data.find(b"\x00\x2b\x00")
        return at >= 0 and b"\x03\x04" in s.data[at + 5:at + 5 + s.data[at + 4]]

    def mode_tls13_drop(self, s):
        if self.is_hello(s) and self.offers_tls13(s):
            self.dead.add(s.flow())
        return not (s.flow() in self.dead and s.data)

    def mode_tls13_reset(self, s):
        if not self.is_hello(s) or not self.offers_tls13(s):
            return True
        self.send(forged_reset(s, self.peer_ttl.get((s.dst, s.dport), 64)))
        self.send(forged_reset(s, s.ttl, towards_client=False))
        return False

    def run(self):
        with open(self.settings["ready"], "w"):
            pass
        while True:
            packet = os.read(self.fd, 65536)
            s = Segment.parse(packet) if len(packet) >= 20 else None
            if s is not None:
                self.peer_ttl[(s.src, s.sport)] = s.ttl
            if s is None or self.decide(s):
                try:
                    self.send(packet)
                except OSError:
                    pass


if __name__ == "__main__":
    with open(sys.argv[1]) as f:
        Box(json.load(f)).run()
