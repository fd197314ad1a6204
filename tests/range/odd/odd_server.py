#!/usr/bin/env python3
"""A TLS server that misbehaves in ways that no real server can be configured to.

usage: odd_server.py SETTINGS.json with {listen: [..], port, chain, key, name, mode, ..}
Each connection is a thread of its own; the first bytes are looked at, not taken, so that a real
handshake can still follow.
"""

import base64
import hashlib
import json
import re
import socket
import ssl
import struct
import sys
import threading
import time

HELLO = 0x16
WEBSOCKET = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3


def reset(conn):
    """Close with RST instead of FIN."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()


def peek_hello(conn):
    """The client's first record as far as it has come, left in the socket."""
    conn.settimeout(20)
    data = b""
    for _ in range(400):
        data = conn.recv(16384, socket.MSG_PEEK)
        if not data or data[0] != HELLO or len(data) < 5:
            break
        if len(data) >= 5 + struct.unpack("!H", data[3:5])[0]:
            break
        time.sleep(0.005)
    return data


def take(conn, count):
    while count > 0:
        part = conn.recv(count)
        if not part:
            return
        count -= len(part)


class Server:
    def __init__(self, settings):
        self.settings = settings
        self.mode = getattr(self, "mode_" + settings["mode"].replace("-", "_"))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.set_ciphers("DEFAULT@SECLEVEL=0")  # to show what OpenSSL by itself would not
        self.context.load_cert_chain(settings["chain"], settings["key"])
        self.count = 0
        self.lock = threading.Lock()

    def number(self):
        with self.lock:
            self.count += 1
            return self.count

    def serve(self, conn, hold=2.0):
        """Behave: handshake, wait for the client to be done, close."""
        conn.settimeout(10)
        with self.context.wrap_socket(conn, server_side=True) as tls:
            tls.settimeout(hold)
            try:
                while tls.recv(4096):
                    pass
            except (OSError, ssl.SSLError):
                pass

    # -- modes -----------------------------------------------------------------------------

    def mode_behave(self, conn):
        """Nothing odd but what the certificate is."""
        self.serve(conn)

    def mode_reset_on_accept(self, conn):
        reset(conn)

    def mode_close_on_accept(self, conn):
        conn.close()

    def mode_reset_on_hello(self, conn):
        peek_hello(conn)
        reset(conn)

    def mode_close_on_hello(self, conn):
        hello = peek_hello(conn)
        take(conn, len(hello))
        conn.close()

    def mode_silence(self, conn):
        hello = peek_hello(conn)
        take(conn, len(hello))
        time.sleep(self.settings.get("seconds", 20))
        conn.close()

    def mode_half_answer(self, conn):
        """Half a record of an answer, then nothing."""
        hello = peek_hello(conn)
        take(conn, len(hello))
        conn.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(40))
        time.sleep(self.settings.get("seconds", 20))
        conn.close()

    def mode_half_answer_reset(self, conn):
        hello = peek_hello(conn)
        take(conn, len(hello))
        conn.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(40))
        time.sleep(0.1)
        reset(conn)

    def mode_alert(self, conn):
        hello = peek_hello(conn)
        take(conn, len(hello))
        conn.sendall(b"\x15\x03\x03\x00\x02\x02" + bytes([self.settings.get("number", 40)]))
        time.sleep(0.05)
        conn.close()

    def mode_plain(self, conn):
        """Answers plain text to whatever comes, as an HTTP server on the TLS port or a portal does."""
        conn.settimeout(20)
        data = conn.recv(16384)
        if data:
            conn.sendall(self.settings["text"].encode().replace(b"\n", b"\r\n"))
            time.sleep(0.05)
        conn.close()

    def mode_banner(self, conn):
        """Speaks first, like SSH or SMTP."""
        conn.sendall(self.settings["text"].encode())
        peek_hello(conn)
        time.sleep(0.2)
        conn.close()

    def mode_garbage(self, conn):
        hello = peek_hello(conn)
        take(conn, len(hello))
        conn.sendall(bytes((i * 37 + 5) % 256 for i in range(600)))
        time.sleep(0.1)
        conn.close()

    def mode_sni_reset(self, conn):
        """Dies with the host's own name, lives with any other or none."""
        hello = peek_hello(conn)
        if self.settings["name"].encode() in hello:
            take(conn, len(hello))
            reset(conn)
        else:
            self.serve(conn)

    def mode_service(self, conn):
        """Answers an HTTP request within TLS: with an upgrade where `upgrade` ({path: [protocols]}) has what is
        asked for, with `refusal` to another upgrade where that is set, else with `text`."""
        conn.settimeout(10)
        with self.context.wrap_socket(conn, server_side=True) as tls:
            request = b""
            while b"\r\n\r\n" not in request:
                part = tls.recv(4096)
                if not part:
                    return
                request += part
            key = re.search(rb"\r\nSec-WebSocket-Key: (\S+)", request, re.I)
            path = request.split()[1].decode()
            offered = re.search(rb"\r\nSec-WebSocket-Protocol: (\S+)", request, re.I)
            protocol = offered.group(1).decode() if offered else ""
            if key and protocol in self.settings.get("upgrade", {}).get(path, ()):
                accept = base64.b64encode(hashlib.sha1(key.group(1) + WEBSOCKET).digest())
                tls.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            b"Sec-WebSocket-Accept: " + accept +
                            f"\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n".encode())
                time.sleep(0.2)
            else:
                text = self.settings["refusal"] if key and "refusal" in self.settings else self.settings["text"]
                tls.sendall(text.replace("\n", "\r\n").encode())

    def mode_native(self, conn):
        """Waits for `expects` (base64) within TLS, and says `answer` to it; to anything else nothing."""
        expects = base64.b64decode(self.settings["expects"])
        conn.settimeout(10)
        with self.context.wrap_socket(conn, server_side=True) as tls:
            if tls.recv(len(expects)) == expects:
                tls.sendall(base64.b64decode(self.settings["answer"]))
                time.sleep(0.2)

    def mode_slow(self, conn):
        """Thinks before the handshake."""
        peek_hello(conn)
        time.sleep(self.settings["seconds"])
        self.serve(conn)

    def mode_sometimes(self, conn):
        """Every n-th connection is reset after the ClientHello, the others are served."""
        hello = peek_hello(conn)
        if hello and self.number() % self.settings["every"] == 0:
            take(conn, len(hello))
            reset(conn)
        else:
            self.serve(conn)

    def mode_one_byte_at_a_time(self, conn):
        """A correct handshake, in very small pieces."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.context.wrap_bio(incoming, outgoing, server_side=True)
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        conn.settimeout(10)
        done = False
        while not done:
            try:
                tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                pass
            data = outgoing.read()
            step = self.settings.get("step", 7)
            for i in range(0, len(data), step):
                conn.sendall(data[i:i + step])
            if not done:
                got = conn.recv(16384)
                if not got:
                    return
                incoming.write(got)
        conn.settimeout(2)
        try:
            while conn.recv(4096):
                pass
        except OSError:
            pass
        conn.close()

    # -- plumbing ----------------------------------------------------------------------------

    def handle(self, conn):
        try:
            self.mode(conn)
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            try:
                conn.close()
            except OSError:
                pass

    def accept(self, listener):
        while True:
            conn, _ = listener.accept()
            threading.Thread(target=self.handle, args=(conn,), daemon=True).start()


def main():
    with open(sys.argv[1]) as f:
        settings = json.load(f)
    server = Server(settings)
    for address in settings["listen"]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, settings["port"]))
        listener.listen(64)
        threading.Thread(target=server.accept, args=(listener,), daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
