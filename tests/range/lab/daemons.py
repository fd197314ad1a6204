"""Keeps the programs inside the namespaces as wanted: what changed is restarted, the rest left alone."""

import ctypes
import hashlib
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field

from .net import LabError

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_runner(number=signal.SIGKILL):
    LIBC.prctl(PR_SET_PDEATHSIG, number)


@dataclass
class Daemon:
    """One program as it should run. `files` are written before it starts (path: text)."""
    key: str
    place: str                                    # namespace key
    argv: list
    files: dict = field(default_factory=dict)
    ready: list = field(default_factory=list)     # ("tcp"|"udp", address, port) that it must listen on
    ready_path: str = ""                          # or a file that appears when it is ready
    env: dict = field(default_factory=dict)
    fresh: int = 0                                # changes when a restart is wanted for its own sake
    after: list = field(default_factory=list)     # daemons that must listen before this one starts
    said_in: tuple = ()                           # (file, word): started well once a line with it came there

    def signature(self):
        said = repr((self.place, self.argv, sorted(self.files.items()), sorted(self.env.items()), self.fresh))
        return hashlib.sha256(said.encode()).hexdigest()


def moved_clock(world):
    """The environment of a program that shall see the clock `world` seconds ahead."""
    if not world:
        return {}
    return {"LD_PRELOAD": "libfaketime.so.1", "FAKETIME": f"{world:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "LD_LIBRARY_PATH": "/usr/lib/x86_64-linux-gnu/faketime:/usr/lib/aarch64-linux-gnu/faketime"}


class Supervisor:
    def __init__(self, net, directory):
        self.net = net
        self.dir = directory
        self.running = {}   # key: (Daemon, Popen, signature)
        self.heard = {}     # key: how long the file was in which it shall say something

    def converge(self, wanted):
        """Make exactly the wanted daemons run; returns when all of them listen."""
        wanted = {d.key: d for d in wanted}
        for key in list(self.running):
            daemon, process, signature = self.running[key]
            if key not in wanted or wanted[key].signature() != signature or process.poll() is not None:
                self.stop(key)
        todo = [d for d in wanted.values() if d.key not in self.running]
        while todo:
            # A Squid that does not reach its parent when it starts holds it for dead from then on.
            names = {d.key for d in todo}
            now = [d for d in todo if not names & set(d.after)]
            if not now:
                raise LabError(f"daemons wait for each other: {sorted(names)}")
            for daemon in now:
                self.start(daemon)
            for daemon in now:
                self.wait_ready(daemon.key)
                self._wait_said(daemon)
            todo = [d for d in todo if d not in now]

    def start(self, daemon):
        for path, text in daemon.files.items():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(text)
        if daemon.ready_path and os.path.exists(daemon.ready_path):
            os.unlink(daemon.ready_path)
        if daemon.said_in:
            path = daemon.said_in[0]
            self.heard[daemon.key] = os.path.getsize(path) if os.path.exists(path) else 0
        log = open(f"{self.dir}/{daemon.key}.log", "ab")
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": self.dir}
        env.update(daemon.env)
        process = subprocess.Popen(self.net.inside(daemon.place) + daemon.argv, stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log, cwd=self.dir, env=env, start_new_session=True,
                                   preexec_fn=die_with_runner)
        log.close()
        self.running[daemon.key] = (daemon, process, daemon.signature())

    def _wait_said(self, daemon, tries=3):
        """On a busy machine the one connection that it makes at first may be too late for it: then again."""
        if not daemon.said_in:
            return
        for _ in range(tries):
            deadline = time.monotonic() + 2
            while time.monotonic() < deadline:
                if self._has_said(daemon):
                    return
                time.sleep(0.01)
            self.stop(daemon.key)
            self.start(daemon)
            self.wait_ready(daemon.key)
        raise LabError(f"{daemon.key}: nothing of it in {daemon.said_in[0]}:\n{self.tail(daemon.key)}")

    def _has_said(self, daemon):
        path, word = daemon.said_in
        try:
            with open(path, errors="replace") as f:
                f.seek(self.heard.get(daemon.key, 0))
                return any(word in line.split() for line in f)
        except OSError:
            return False

    def wait_ready(self, key, seconds=15):
        daemon, process, _ = self.running[key]
        deadline = time.monotonic() + seconds
        missing = list(daemon.ready)
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise LabError(f"{key} ended at once with status {process.returncode}:\n{self.tail(key)}")
            missing = [m for m in missing if not listening(process.pid, *m)]
            if not missing and (not daemon.ready_path or os.path.exists(daemon.ready_path)):
                return
            time.sleep(0.01)
        raise LabError(f"{key} does not listen on {missing}:\n{self.tail(key)}")

    def tail(self, key, lines=15):
        try:
            with open(f"{self.dir}/{key}.log", errors="replace") as f:
                return "".join(f.readlines()[-lines:])
        except OSError:
            return ""

    def stop(self, key):
        _, process, _ = self.running.pop(key)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def stop_all(self):
        for key in list(self.running):
            self.stop(key)

    def dead(self):
        """Daemons that ended although nobody told them to."""
        return [k for k, (_, p, _) in self.running.items() if p.poll() is not None]


def listening(pid, kind, address, port):
    """Whether some socket in the namespace of `pid` listens there (read from /proc: no traffic)."""
    six = ":" in address
    packed = socket.inet_pton(socket.AF_INET6 if six else socket.AF_INET, address)
    words = [packed[i:i + 4][::-1].hex().upper() for i in range(0, len(packed), 4)]
    # A program may listen on one address or on all of them, of IPv6's kind too.
    wanted = {f"{''.join(words)}:{port:04X}", f"{'0' * (32 if six else 8)}:{port:04X}"}
    try:
        with open(f"/proc/{pid}/net/{kind}{'6' if six else ''}") as f:
            for line in f:
                part = line.split()
                if len(part) > 3 and part[1] in wanted and (kind == "udp" or part[3] == "0A"):
                    return True
    except OSError:
        pass
    return not six and listening(pid, kind, "::", port)
