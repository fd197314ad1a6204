#!/usr/bin/env python3
"""never_lost.py HOPPROOF: whatever ends a run, what was measured is written.

One endpoint of the loopback interface answers nothing, another refuses. The run is interrupted, and each
format must then be whole, say that the run was not, and be a file of mode 0600 that appeared by rename.
"""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile

import problems
from problems import expect

HOPPROOF = os.path.abspath(sys.argv[1])
# A format and what in it says that the run is incomplete.
FORMATS = {"json": b'"complete": false', "html": b"The run is incomplete",
           "junit": b'<property name="complete" value="false"/>', "prometheus": b"\nhopproof_run_complete 0\n",
           "bundle": None}

def command(silent, *arguments):
    return [HOPPROOF, "check", "--no-capture", "--no-experiments", "--timeout", "60", "127.0.0.1:%d" % silent,
            "127.0.0.1:1", *arguments]


def stop(silent, listener, how, *arguments, **more):
    """Run until the silent endpoint was asked, then end it; status, standard output and error."""
    limit = ["--deadline", "0.5"] if how == "deadline" else []
    run = subprocess.Popen(command(silent, *limit, *arguments), stdout=more.pop("stdout", subprocess.PIPE),
                           stderr=subprocess.PIPE, **more)
    connection, _ = listener.accept()
    connection.recv(1)  # the hello is here: a moment later the refusal of the other was seen as well
    if how != "deadline":
        time.sleep(0.2)
        run.send_signal(how)
    out, said = run.communicate(timeout=30)
    connection.close()
    return run.returncode, out or b"", said


def whole(path, mark, what):
    expect(path.exists() and path.stat().st_mode & 0o7777 == 0o600, "%s: no file of mode 0600" % what)
    if not path.exists():
        return
    if mark is None:
        archive = zipfile.ZipFile(path)
        expect(archive.testzip() is None, "%s: damaged" % what)
        data, mark = archive.read("report.json"), FORMATS["json"]
    else:
        data = path.read_bytes()
    expect(mark in data, "%s: not marked incomplete" % what)
    if data.startswith(b"{"):
        causes = [r["cause"] for r in json.loads(data)["results"]]
        expect("tcp-refused" in causes, "%s: what was measured is missing: %s" % (what, causes))


def interrupted(silent, listener, folder):
    for how in (signal.SIGINT, signal.SIGTERM, "deadline"):
        for name, mark in FORMATS.items():
            path, what = folder / ("%s.out" % name), "%s, %s" % (name, how)
            status, out, said = stop(silent, listener, how, "-q", "--" + name, str(path))
            expect(status == 3, "%s: status %d %s" % (what, status, said))
            expect(b"The run is incomplete" in out, "%s: the line says %s" % (what, out))
            whole(path, mark, what)
            path.unlink(missing_ok=True)
        status, out, _ = stop(silent, listener, how)
        expect(status == 3 and b"incomplete" in out and b"tcp-refused" in out, "text, %s: %s" % (how, out))
    left = [p.name for p in folder.iterdir() if p.name.startswith(".")]
    expect(not left, "left behind: %s" % left)


def closed(folder):
    """Somebody who reads one octet; nobody; a link to somebody else's file."""
    for name in FORMATS:
        for how in ("closed", "link"):
            path, target = folder / "link", folder / "target"
            path.unlink(missing_ok=True)
            path.symlink_to(target)
            arguments = command(2, "-q", "--" + name, "-" if how == "closed" else str(path))
            shell = ["sh", "-c", '"$@" >&-', "sh"] if how == "closed" else []
            run = subprocess.run(shell + arguments, capture_output=True, timeout=30)
            said = run.stderr.decode()
            expect(run.returncode == 3 and "not written" in said, "%s, %s: %d %s" % (name, how, run.returncode, said))
            expect(not target.exists() and path.is_symlink(), "%s: the link was followed" % name)
    reader, writer = os.pipe()
    os.close(reader)
    run = subprocess.run(command(2, "--json", "-"), stdout=writer, stderr=subprocess.PIPE, timeout=30)
    os.close(writer)
    expect(run.returncode == 3 and b"the program that reads it has ended" in run.stderr,
           "a closed pipe: %d %s" % (run.returncode, run.stderr))


def full(folder):
    """A full disk costs that file, and the others are there. A small tmpfs needs root."""
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", str(folder)],
                                           capture_output=True).returncode != 0:
        return
    try:
        for name in ("json", "html", "bundle"):
            other = folder.parent / "other.xml"
            run = subprocess.run(command(2, "-q", "--" + name, str(folder / "x"), "--junit", str(other)),
                                 capture_output=True, timeout=30)
            expect(run.returncode == 3 and b"make room, or name another place" in run.stderr,
                   "%s on a full disk: %d %s" % (name, run.returncode, run.stderr))
            expect(other.read_bytes().endswith(b"</testsuites>\n"), "%s cost another file" % name)
            left = [p.name for p in folder.iterdir() if p.name != "x.key"]
            expect(not left, "%s left on a full disk: %s" % (name, left))
            for p in [*folder.iterdir(), other]:
                p.unlink()
    finally:
        subprocess.run(["umount", str(folder)], check=False)


with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as server:
    place = pathlib.Path(name)
    (place / "outputs").mkdir()
    (place / "full").mkdir()
    interrupted(server.getsockname()[1], server, place / "outputs")
    closed(place)
    full(place / "full")
problems.end()
