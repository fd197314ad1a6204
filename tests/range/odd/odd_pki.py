#!/usr/bin/env python3
"""The authority's own servers: CRLs and OCSP over HTTP, as they should be or with something else in their
place.

usage: odd_pki.py SETTINGS.json with {listen: [..], mode, crl, index, ca, key}
"""

import base64
import http.server
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

PAGE = b"<html><head><title>Access restricted</title></head><body>This site is blocked by policy.</body></html>"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    settings = {}

    def log_message(self, *_):
        pass

    def say(self, status, body, kind="text/html", **fields):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in fields.items():
            self.send_header(name, value)
        if self.settings["mode"] == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for i in range(0, len(body), 100):
                part = body[i:i + 100]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def ocsp(self, text):
        """What openssl's responder says to a request in Base64 (RFC 6960, appendix A.1)."""
        s = self.settings
        with tempfile.NamedTemporaryFile() as request, tempfile.NamedTemporaryFile() as answer:
            request.write(base64.b64decode(urllib.parse.unquote(text)))
            request.flush()
            done = subprocess.run(["openssl", "ocsp", "-index", s["index"], "-CA", s["ca"], "-rsigner", s["ca"],
                                   "-rkey", s["key"], "-reqin", request.name, "-respout", answer.name,
                                   "-ndays", "7"], capture_output=True)
            body = answer.read()
        if done.returncode != 0 or not body:
            return self.say(400, b"no such request")
        return self.say(200, body, "application/ocsp-response")

    def do_GET(self):
        mode = self.settings["mode"]
        if mode == "silent":
            time.sleep(20)
        elif mode == "page":
            self.say(200, PAGE)
        elif mode == "denied":
            self.say(403, PAGE)
        elif mode == "login":
            self.say(302, b"", Location="http://portal.plant.contoso-lab.com/login")
        elif mode == "missing":
            self.say(404, b"nothing here")
        elif mode == "one-path" and self.path != "/inter.crl":
            self.say(403, PAGE)
        elif self.path == "/inter.crl" or self.path.startswith("/pki/partition-"):
            with open(self.settings["crl"], "rb") as f:
                self.say(200, f.read(), "application/pkix-crl")
        elif self.path.startswith("/ocsp/"):
            self.ocsp(self.path[6:])
        else:
            self.say(404, b"nothing here")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address, handler):
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)


def main():
    with open(sys.argv[1]) as f:
        Handler.settings = json.load(f)
    for address in Handler.settings["listen"]:
        threading.Thread(target=Server((address, 80), Handler).serve_forever, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
