#!/usr/bin/env python3
"""A CONNECT proxy that behaves in ways that no Squid can be configured to.

usage: odd_proxy.py SETTINGS.json with {listen, port, mode, dns, user, password, tls, chain, key, ..}
Modes are methods mode_*; those that are healthy end in a real tunnel.
"""

import hashlib
import json
import os
import re
import socket
import ssl
import struct
import sys
import threading
import time

HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


def reset(conn):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()


def lookup(server, name, wanted=1):
    """One A (or AAAA: 28) record, asked of the proxies' own resolver (the machine's resolver is not ours to use)."""
    ident = os.urandom(2)
    question = b"".join(bytes([len(p)]) + p.encode() for p in name.split("."))
    question += struct.pack("!BHH", 0, wanted, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(2)
        s.sendto(ident + b"\x01\0\0\x01\0\0\0\0\0\0" + question, (server, 53))
        data = s.recv(4096)
    at = 12 + len(question)
    for _ in range(struct.unpack("!H", data[6:8])[0]):
        while data[at] and data[at] < 192:
            at += 1 + data[at]
        at += 2 if data[at] >= 192 else 1
        kind, _, _, length = struct.unpack("!HHIH", data[at:at + 10])
        at += 10
        if kind == wanted:
            return socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6, data[at:at + length])
        at += length
    raise OSError(f"no address for {name}")


class Proxy:
    def __init__(self, settings):
        self.settings = settings
        self.mode = getattr(self, "mode_" + settings["mode"].replace("-", "_"))
        self.count = 0
        self.lock = threading.Lock()
        self.context = None
        if settings["tls"]:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(settings["chain"], settings["key"])
            if settings.get("client_ca"):
                self.context.load_verify_locations(settings["client_ca"])
                self.context.verify_mode = ssl.CERT_REQUIRED

    # -- parts -----------------------------------------------------------------------------

    def head(self, conn):
        """The request head as text; what follows it stays in the socket."""
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            byte = conn.recv(1)
            if not byte:
                raise OSError("closed before the head's end")
            data += byte
        return data.decode("latin-1")

    def target(self, head):
        found = re.match(r"CONNECT (\[[^\]]+\]|[^: ]+):(\d+) HTTP/1\.[01]\r\n", head)
        if not found:
            raise OSError("not a CONNECT")
        return found.group(1).strip("[]"), int(found.group(2))

    def dial(self, head):
        name, port = self.target(head)
        if not re.fullmatch(r"[0-9.]+|.*:.*", name):
            name = lookup(self.settings["dns"], name)
        return socket.create_connection((name, port), 3)

    def answer(self, conn, status, headers=(), body=""):
        lines = [f"HTTP/1.1 {status}"] + list(headers)
        if body is not None:
            lines += [f"Content-Length: {len(body.encode())}"]
        conn.sendall(("\r\n".join(lines) + "\r\n\r\n" + (body or "")).encode("latin-1"))

    def page(self, conn, status, headers=(), title=None):
        self.answer(conn, status, ["Content-Type: text/html", "Connection: close"] + list(headers),
                    HTML.format(title or status))
        time.sleep(0.05)
        conn.close()

    @staticmethod
    def pump(a, b):
        try:
            while True:
                data = a.recv(65536)
                if not data:
                    break
                b.sendall(data)
        except (OSError, ssl.SSLError):
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def tunnel(self, conn, far):
        conn.settimeout(30)
        far.settimeout(30)
        other = threading.Thread(target=self.pump, args=(far, conn), daemon=True)
        other.start()
        self.pump(conn, far)
        other.join(5)

    def number(self):
        with self.lock:
            self.count += 1
            return self.count

    def connect_and(self, conn, line, headers=(), pieces=None, pause=0.0):
        """Dial, say that it worked in the given words (in pieces, if asked), tunnel."""
        far = self.dial(self.head(conn))
        text = "\r\n".join([line] + list(headers)) + "\r\n\r\n"
        data = text.encode("latin-1")
        step = pieces or len(data)
        for i in range(0, len(data), step):
            conn.sendall(data[i:i + step])
            if pause:
                time.sleep(pause)
        self.tunnel(conn, far)

    # -- healthy, though odd --------------------------------------------------------------------

    def mode_plain(self, conn):
        self.connect_and(conn, "HTTP/1.1 200 Connection established")

    def mode_http10(self, conn):
        self.connect_and(conn, "HTTP/1.0 200 OK", ["Proxy-agent: Ancient/0.9"])

    def mode_status_204(self, conn):
        self.connect_and(conn, "HTTP/1.1 204 No Content")

    def mode_no_reason(self, conn):
        self.connect_and(conn, "HTTP/1.1 200")

    def mode_length_with_2xx(self, conn):
        """RFC 9110, 9.3.6: a client must ignore Content-Length and Transfer-Encoding here."""
        self.connect_and(conn, "HTTP/1.1 200 OK", ["Content-Length: 0", "Transfer-Encoding: chunked"])

    def mode_interim_first(self, conn):
        far = self.dial(self.head(conn))
        conn.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
        time.sleep(0.1)
        conn.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        self.tunnel(conn, far)

    def mode_long_head(self, conn):
        self.connect_and(conn, "HTTP/1.1 200 OK", [f"X-Policy-{i}: {'x' * 60}" for i in range(40)])

    def mode_in_pieces(self, conn):
        self.connect_and(conn, "HTTP/1.1 200 Connection established", ["Via: 1.1 slowpoke"], 3, 0.01)

    def mode_slow(self, conn):
        head = self.head(conn)
        time.sleep(self.settings["seconds"])
        far = self.dial(head)
        conn.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.tunnel(conn, far)

    def mode_ipv6_first_and_last(self, conn):
        """It takes a name's IPv6 address and tries no other, with the patience of its kernel (as tinyproxy, Apache)."""
        head = self.head(conn)
        if not head.startswith("CONNECT "):
            return self.page(conn, "400 Bad Request")
        name, port = self.target(head)
        if not re.fullmatch(r"[0-9.]+|.*:.*", name):
            name = lookup(self.settings["dns"], name, 28)
        far = socket.create_connection((name, port), 30)
        conn.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.tunnel(conn, far)

    # -- early bytes ----------------------------------------------------------------------------

    def mode_bytes_behind_head(self, conn):
        """The proxy's answer and the endpoint's first bytes arrive in one segment.

        The endpoint speaks TLS and so waits for the ClientHello; so the proxy holds its 200 back until
        it has the client's first bytes, which some clients send without waiting. Ours waits: so the
        bytes are an alert of the endpoint's side, as from a box that refuses at once."""
        self.head(conn)
        conn.sendall(b"HTTP/1.1 200 OK\r\n\r\n\x15\x03\x03\x00\x02\x02\x28")
        time.sleep(0.2)
        conn.close()

    # -- refusals -------------------------------------------------------------------------------

    def mode_status(self, conn):
        """Any answer: status, headers, title."""
        self.head(conn)
        self.page(conn, self.settings["status"], self.settings.get("headers", ()), self.settings.get("title"))

    def mode_deny(self, conn):
        """403 for the hosts listed, a tunnel for the rest."""
        head = self.head(conn)
        self.deny_or_tunnel(conn, head, self.target(head)[0] in self.settings["hosts"])

    def deny_or_tunnel(self, conn, head, deny):
        if deny:
            self.page(conn, "403 Forbidden", ["Server: PolicyBox/3.1"])
            return
        far = self.dial(head)
        conn.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.tunnel(conn, far)

    def mode_refuse_after_200(self, conn):
        """Says yes to everything, then closes where the policy forbids: no page, no reason."""
        self.head(conn)
        conn.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        # Bytes left unread would turn the close into a reset.
        conn.settimeout(5)
        conn.recv(16384)
        reset(conn) if self.settings.get("reset") else conn.close()

    def mode_silence_after_200(self, conn):
        self.head(conn)
        conn.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        time.sleep(self.settings.get("seconds", 20))

    def mode_page_after_200(self, conn):
        """A captive portal: 200, then its own page where the endpoint's TLS should be."""
        self.head(conn)
        conn.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        conn.settimeout(10)
        conn.recv(4096)
        self.page(conn, "302 Found", ["Location: http://portal.example/login"], "Please sign in")

    # -- broken ---------------------------------------------------------------------------------

    def mode_garbage(self, conn):
        self.head(conn)
        conn.sendall(bytes((i * 73 + 11) % 256 for i in range(400)))
        time.sleep(0.1)
        conn.close()

    def mode_broken_status_line(self, conn):
        self.head(conn)
        conn.sendall(b"HTTP/1.1 2OO OK\r\n\r\n")
        time.sleep(0.1)
        conn.close()

    def mode_half_head(self, conn):
        self.head(conn)
        conn.sendall(b"HTTP/1.1 200 OK\r\nVia: 1.1 half")
        time.sleep(0.05)
        conn.close()

    def mode_endless_head(self, conn):
        self.head(conn)
        conn.sendall(b"HTTP/1.1 200 OK\r\n")
        line = b"X-Padding: " + b"y" * 1000 + b"\r\n"
        for _ in range(50000):
            conn.sendall(line)

    def mode_endless_line(self, conn):
        self.head(conn)
        conn.sendall(b"HTTP/1.1 200 ")
        for _ in range(50000):
            conn.sendall(b"z" * 1000)

    def mode_drip(self, conn):
        """One byte of a never-ending header every so often."""
        self.head(conn)
        conn.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while True:
            time.sleep(self.settings.get("pause", 0.3))
            conn.sendall(b"d")

    def mode_silence(self, conn):
        self.head(conn)
        time.sleep(self.settings.get("seconds", 20))

    def mode_close(self, conn):
        self.head(conn)
        conn.close()

    def mode_close_at_once(self, conn):
        conn.close()

    def mode_reset_at_once(self, conn):
        reset(conn)

    def mode_reset(self, conn):
        self.head(conn)
        reset(conn)

    def mode_ssh(self, conn):
        conn.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
        conn.settimeout(10)
        conn.recv(4096)
        time.sleep(0.2)
        conn.close()

    def mode_close_when_silent(self, conn):
        """Closes when it reads something that is no CONNECT: a TLS ClientHello, for instance."""
        self.head(conn)

    # -- sometimes --------------------------------------------------------------------------------

    def mode_sometimes(self, conn):
        """Every n-th CONNECT gets the given status, the others a tunnel."""
        if self.number() % self.settings["every"] == 0:
            self.mode_status(conn)
        else:
            self.mode_plain(conn)

    def mode_deny_in_turn(self, conn):
        """403 for every other CONNECT to the hosts listed, beginning with the first; a tunnel for the rest."""
        head = self.head(conn)
        self.deny_or_tunnel(conn, head, self.target(head)[0] in self.settings["hosts"] and self.number() % 2 == 1)

    def mode_once_then_fine(self, conn):
        if self.number() == 1:
            self.mode_status(conn)
        else:
            self.mode_plain(conn)

    # -- authentication ----------------------------------------------------------------------------

    def mode_digest(self, conn):
        """RFC 7616 with the algorithm of the settings (SHA-256 by default)."""
        s = self.settings
        word = s.get("algorithm", "SHA-256")
        hashed = hashlib.sha256 if word == "SHA-256" else hashlib.md5
        nonce, realm = "dcd98b7102dd2f0e8b11d0f600bfb0c093", "Plant proxy"
        while True:
            head = self.head(conn)
            given = re.search(r"(?im)^proxy-authorization: *digest (.*)\r$", head)
            if given and self.digest_is_right(given.group(1), head, hashed, nonce, realm):
                break
            offers = [f'Proxy-Authenticate: Digest realm="{realm}", qop="auth", algorithm={word}, nonce="{nonce}"']
            self.answer(conn, "407 Proxy Authentication Required", offers, "authenticate")
        far = self.dial(head)
        conn.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.tunnel(conn, far)

    def mode_closes_behind_407(self, conn):
        """Basic; the 407 closes the connection and does not say so."""
        head = self.head(conn)
        if "proxy-authorization: basic " not in head.lower():
            self.answer(conn, "407 Proxy Authentication Required", ['Proxy-Authenticate: Basic realm="plant"'], "")
            return
        far = self.dial(head)
        conn.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.tunnel(conn, far)

    def mode_close_behind_ntlm(self, conn):
        self.head(conn)
        self.answer(conn, "407 Proxy Authentication Required", ["Proxy-Authenticate: NTLM"], "")

    def digest_is_right(self, text, head, hashed, nonce, realm):
        given = {k.lower(): a or b for k, a, b in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', text)}

        def h(value):
            return hashed(value).hexdigest()
        user = given.get("username", "").encode("latin-1")
        if user != self.settings["user"].encode() or given.get("nonce") != nonce:
            return False
        ha1 = h(user + b":" + realm.encode() + b":" + self.settings["password"].encode())
        ha2 = h(b"CONNECT:" + given.get("uri", "").encode())
        line = head.split(" ")[1]
        wanted = h(f"{ha1}:{nonce}:{given.get('nc')}:{given.get('cnonce')}:auth:{ha2}".encode())
        return given.get("uri") == line and given.get("response") == wanted

    # -- plumbing ------------------------------------------------------------------------------------

    def handle(self, conn):
        try:
            conn.settimeout(30)
            if self.context:
                conn = self.context.wrap_socket(conn, server_side=True)
            self.mode(conn)
        except (OSError, ssl.SSLError, ValueError, IndexError):
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
    proxy = Proxy(settings)
    for address in settings["listen"]:
        listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, settings["port"]))
        listener.listen(64)
        threading.Thread(target=proxy.accept, args=(listener,), daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
