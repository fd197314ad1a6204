#!/usr/bin/env python3
"""TLS secrets in the evidence: only with --keylog, only in the recorded packets, before the packets
that they open, and enough for tshark; credentials sent to an https:// proxy stay closed.

keylog.py HOPPROOF        needs root, tshark, openssl; exit status 77 without
"""
import json
import os
import shutil
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import socket
import zipfile

ANSWER = b"HTTP/1.1 403 Forbidden\r\nServer: keylog-test\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
LABEL = b"SERVER_HANDSHAKE_TRAFFIC_SECRET"


class Server:
    """Answers 403 to whatever is asked, over TLS of one version."""

    def __init__(self, folder, version):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = self.context.maximum_version = version
        self.context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        try:
            connection.settimeout(5)
            with self.context.wrap_socket(connection, server_side=True) as secure:
                if secure.recv(4096):
                    secure.sendall(ANSWER)
        except OSError:
            pass


def blocks(path):
    """Types of the blocks of a pcapng file, in order."""
    with open(path, "rb") as file:
        data = file.read()
    at, types = 0, []
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        types.append(kind)
        at += length
    return types


def shown(path, display, field):
    # Two processors that send at once may put segments of one flight into the file in another order.
    out = subprocess.run(["tshark", "-r", path, "-o", "tcp.reassemble_out_of_order:TRUE", "-Y", display, "-T",
                          "fields", "-e", field], capture_output=True, text=True, check=True).stdout
    return out.split()


class Test:
    def __init__(self, hopproof, folder):
        self.hopproof, self.folder, self.wrong = hopproof, folder, []

    def expect(self, what, condition):
        if not condition:
            self.wrong.append(f"{what} (of the last run: {self.seen()})")

    def seen(self):
        """What the last run says of its own recording: packets that it lost cannot be read."""
        report = json.loads(self.report())
        return {k: report["capture"][k] for k in ("packets", "dropped_kernel", "reason")}, [
            (x["verdict"], x["cause"]) for x in report["results"]]

    def check(self, *arguments):
        command = [self.hopproof, "check", "--ca-file", f"{self.folder}/cert.pem", "--json",
                   f"{self.folder}/report.json", "--timeout", "5", "--no-experiments", *arguments]
        environment = dict(os.environ, HOPPROOF_PROXY_PASSWORD="opensesame")
        return subprocess.run(command, capture_output=True, env=environment, check=False)

    def report(self):
        with open(f"{self.folder}/report.json", "rb") as file:
            return file.read()


def endpoint(t, version, name):
    server = Server(t.folder, version)
    target, pcap = f"127.0.0.1:{server.port}", f"{t.folder}/{name}.pcapng"
    done = t.check("--app", "--pcap", pcap, "--keylog", target)
    t.expect(f"{name}: the warning stands on standard error", b"--keylog" in done.stderr)
    t.expect(f"{name}: the report says that the secrets are in the packets",
             any("TLS secrets" in n for n in json.loads(t.report())["run"]["notes"]))
    kinds = blocks(pcap)
    t.expect(f"{name}: one secrets block: {kinds.count(10)}", kinds.count(10) == 1)
    t.expect(f"{name}: it stands before the packets", 10 in kinds and kinds.index(10) < kinds.index(6))
    t.expect(f"{name}: tshark reads the answer", "403" in shown(pcap, "http", "http.response.code"))
    t.expect(f"{name}: tshark reads the certificate",
             "keylog.example" in shown(pcap, "tls.handshake.type == 11", "x509ce.dNSName"))
    for place, said in (("report", t.report()), ("stdout", done.stdout), ("stderr", done.stderr)):
        t.expect(f"{name}: no secret in the {place}", b"_SECRET" not in said and b"CLIENT_RANDOM" not in said)
    t.check("--app", "--pcap", pcap, target)
    t.expect(f"{name}: without --keylog there is no secret", 10 not in blocks(pcap))
    t.expect(f"{name}: and no answer to read", not shown(pcap, "http", "http.response.code"))
    return target


def bundle(t, target):
    path, pcap = f"{t.folder}/all.zip", f"{t.folder}/beside.pcapng"
    t.check("--bundle", path, "--no-redact", "--keylog", target)
    with zipfile.ZipFile(path) as archive:
        packets = archive.read("evidence.pcapng")
        rest = b"".join(archive.read(n) for n in archive.namelist() if n != "evidence.pcapng")
    t.expect("bundle: the packets hold the secrets", LABEL in packets)
    t.expect("bundle: nothing else does", b"_SECRET" not in rest)
    t.check("--bundle", path, "--pcap", pcap, "--keylog", target)
    with zipfile.ZipFile(path) as archive:
        everything = b"".join(archive.read(n) for n in archive.namelist())
    t.expect("bundle: none in a redacted one", b"_SECRET" not in everything and "evidence.pcapng" in archive.namelist())


def secure_proxy(t):
    proxy, pcap = Server(t.folder, ssl.TLSVersion.TLSv1_3), f"{t.folder}/proxy.pcapng"
    url = f"https://user@127.0.0.1:{proxy.port}"
    for extra in ([], ["--pcap-credentials"]):
        t.check("--proxy", url, "--route", "hop1", "--pcap", pcap, "--keylog", *extra, "a.example:443")
        t.expect(f"proxy {extra}: its answer can be read", "403" in shown(pcap, "http", "http.response.code"))
        asked = shown(pcap, "http", "http.request.method")
        t.expect(f"proxy {extra}: what was asked, with the credentials: {asked}", bool(asked) == bool(extra))


def usage(t, target):
    for wrong, word in ((["--keylog"], b"--pcap FILE"), (["--keylog", "--bundle", f"{t.folder}/b.zip"], b"--no-redact"),
                        (["--keylog", "--pcap", f"{t.folder}/p", "--redact"], b"--redact"),
                        (["--keylog", "--pcap", f"{t.folder}/p", "--no-capture"], b"--no-capture")):
        done = t.check(*wrong, target)
        t.expect(f"{wrong}: exit {done.returncode}, {done.stderr}", done.returncode == 2 and word in done.stderr)


def main():
    if os.geteuid() != 0 or not all(shutil.which(p) for p in ("tshark", "openssl")):
        return 77
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem", "-days", "30", "-subj",
                        "/CN=keylog.example", "-addext", "subjectAltName=DNS:keylog.example,IP:127.0.0.1"],
                       check=True, capture_output=True)
        t = Test(sys.argv[1], folder)
        target = endpoint(t, ssl.TLSVersion.TLSv1_3, "tls13")
        endpoint(t, ssl.TLSVersion.TLSv1_2, "tls12")
        bundle(t, target)
        secure_proxy(t)
        usage(t, target)
    for line in t.wrong:
        print(line)
    return 1 if t.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
