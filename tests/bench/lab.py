"""The benchmark's world: a client and a cloud namespace, a resolver, TLS servers, two Squids.

    client 10.250.0.1 -------------------- no delay -------------------- 10.250.0.2 cloud
           10.251.0.1 ---- 10.251.0.2 wire, 20 ms RTT 10.251.1.1 ------- 10.251.1.2

The wire is a router that sends everything through the test range's delay_tun first. In the cloud everything listens on local addresses of `lo`: the resolver, the proxies and, through
one local route for a whole prefix, the endpoints. The default route of the client says which of
the two links a scenario uses.
"""

import contextlib
import ctypes
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

DOMAIN = "fleet.test"
ENDPOINT_NET = "20.64.0.0/14"  # looks public, as the sensor's cloud does; lives in the namespace only
RESOLVER = "10.252.0.53"
PROXY_ALONE = "10.253.0.1"  # connects to the endpoints itself
PROXY_FRONT = "10.253.0.2"  # forwards to PROXY_ALONE
PROXY_PORT = 3128
RTT_MS = 20
LIFE_S = 3600  # no server outlives this, whatever happens to the driver

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """The lab cannot be built here; the text says what is missing."""


def endpoint_name(i):
    return f"h{i:05d}.{DOMAIN}"


def endpoint_address(i):
    high, low = divmod(i, 250)
    return f"20.{64 + high // 250}.{high % 250}.{1 + low}"


def run(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"{' '.join(argv)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def die_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Lab:
    """Use as a context manager; what it made is gone afterwards."""

    def __init__(self, tools, count, proxies):
        self.tools = tools
        self.count = count
        self.proxies = proxies
        self.client = f"hpbench{os.getpid()}c"
        self.cloud = f"hpbench{os.getpid()}s"
        self.wire = f"hpbench{os.getpid()}w"
        self.servers = []
        self.dir = None
        self.root = None  # PEM of the fleet's root

    def __enter__(self):
        remove_stale_namespaces()
        self.dir = tempfile.mkdtemp(prefix="hpbench-")
        os.chmod(self.dir, 0o755)  # Squid drops its privileges
        try:
            self._build()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        for name, process in reversed(self.servers):
            process.terminate()
        for name, process in reversed(self.servers):
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.servers = []
        for namespace in (self.client, self.cloud, self.wire):
            subprocess.run(["ip", "netns", "del", namespace], capture_output=True, check=False)
        if self.dir:
            shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    # --- building -----------------------------------------------------------------------------

    def _build(self):
        for namespace in (self.client, self.cloud, self.wire):
            run("ip", "netns", "add", namespace)
            run("ip", "-n", namespace, "link", "set", "lo", "up")
            # A thousand connections a second to one proxy: ports must not run out in TIME_WAIT.
            run("ip", "netns", "exec", namespace, "sysctl", "-qw",
                "net.ipv4.ip_local_port_range=10000 65000", "net.ipv4.tcp_tw_reuse=1")
        self._link(self.client, "near", "10.250.0.1", self.cloud, "near", "10.250.0.2")
        self._link(self.client, "far", "10.251.0.1", self.wire, "client", "10.251.0.2")
        self._link(self.wire, "cloud", "10.251.1.1", self.cloud, "far", "10.251.1.2")
        self._make_wire()
        run("ip", "-n", self.cloud, "route", "add", "local", ENDPOINT_NET, "dev", "lo")
        for address in (RESOLVER, PROXY_ALONE, PROXY_FRONT):
            run("ip", "-n", self.cloud, "addr", "add", f"{address}/32", "dev", "lo")
        self._start_fleet()
        self._start_resolver()
        if self.proxies:
            self._start_squid("alone", PROXY_ALONE, "")
            self._start_squid("front", PROXY_FRONT,
                              f"cache_peer {PROXY_ALONE} parent {PROXY_PORT} 0 no-query no-digest\n"
                              "never_direct allow all\n")
        self._make_trust()
        self.write("resolv.conf", f"nameserver {RESOLVER}\n")

    @staticmethod
    def _link(one, device, address, other, other_device, other_address):
        run("ip", "link", "add", device, "netns", one, "type", "veth",
            "peer", "name", other_device, "netns", other)
        for space, name, ip in ((one, device, address), (other, other_device, other_address)):
            run("ip", "-n", space, "addr", "add", f"{ip}/30", "dev", name)
            run("ip", "-n", space, "link", "set", name, "txqueuelen", "10000", "up")

    def _make_wire(self):
        """Routes what comes from either side into the delay device, and what it gives back on."""
        run("ip", "netns", "exec", self.wire, "sysctl", "-qw", "net.ipv4.ip_forward=1",
            "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0")
        ready = self.path("delay.ready")
        self._start("delay", self._in(self.wire, self.tools["delay"], "--dev", "delay",
                                      "--delay-ms", str(RTT_MS / 2), "--ready", ready),
                    lambda: os.path.exists(ready))
        for line in ("rule add iif client lookup 100", "rule add iif cloud lookup 100",
                     "route add default dev delay table 100",
                     "route add default via 10.251.1.2"):
            run("ip", "-n", self.wire, *line.split())
        run("ip", "-n", self.cloud, "route", "add", "10.251.0.0/30", "via", "10.251.1.1")

    def _start(self, name, argv, ready):
        """Starts a server; `ready` is a function that returns True once it serves."""
        log = open(self.path(name + ".log"), "wb")
        process = subprocess.Popen(argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                   preexec_fn=die_with_parent)
        log.close()
        self.servers.append((name, process))
        limit = time.monotonic() + 60
        while not ready():
            if process.poll() is not None or time.monotonic() > limit:
                raise LabError(f"{name} did not start: {self._log(name)}")
            time.sleep(0.02)

    @staticmethod
    def _in(namespace, *argv):
        # timeout(1): Squid changes its user, which takes the parent-death signal away.
        return ["ip", "netns", "exec", namespace, "timeout", str(LIFE_S), *argv]

    def _log(self, name):
        with open(self.path(name + ".log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:].strip()

    def _listens(self, kind, address, port):
        def ready():
            listing = run("ip", "netns", "exec", self.cloud, "ss", "-Hnl", kind)
            return f"{address}:{port} " in listing
        return ready

    def _start_fleet(self):
        names = self.write("names", "".join(endpoint_name(i) + "\n" for i in range(self.count)))
        self.root = self.path("root.pem")
        self._start("fleet", self._in(self.cloud, self.tools["fleet"], "--names", names, "--root-out",
                                            self.root, "--life", str(LIFE_S)),
                    lambda: self._log("fleet") == "ready")

    def _start_resolver(self):
        data = "".join(f'local-data: "{endpoint_name(i)}. 300 IN A {endpoint_address(i)}"\n'
                       for i in range(self.count))
        config = self.write("unbound.conf", f"""
server:
  interface: {RESOLVER}
  access-control: 0.0.0.0/0 allow
  do-daemonize: no
  use-syslog: no
  logfile: ""
  username: ""
  chroot: ""
  pidfile: ""
  directory: "{self.dir}"
  module-config: "iterator"
  num-threads: 1
  so-rcvbuf: 4m
  so-sndbuf: 4m
  local-zone: "{DOMAIN}." static
{data}
remote-control:
  control-enable: no
""")
        self._start("unbound", self._in(self.cloud, "unbound", "-d", "-c", config),
                    self._listens("-u", RESOLVER, 53))

    def _start_squid(self, name, address, parent):
        spool = self.path("squid-" + name)
        os.mkdir(spool)
        shutil.chown(spool, "proxy", "proxy")
        config = self.write(f"squid-{name}.conf", f"""
http_port {address}:{PROXY_PORT}
visible_hostname {name}
acl SSL_ports port 443
http_access deny CONNECT !SSL_ports
http_access allow all
dns_nameservers {RESOLVER}
hosts_file none
cache deny all
cache_mem 8 MB
access_log none
cache_log {spool}/cache.log
pid_filename none
coredump_dir none
pinger_enable off
max_filedescriptors 16384
shutdown_lifetime 0 seconds
{parent}""")
        # Several Squids on one machine share memory segments unless their service names differ.
        service = f"hpb{os.getpid()}{name}"
        self._start("squid-" + name,
                    self._in(self.cloud, "squid", "-N", "-n", service, "-f", config),
                    self._listens("-t", address, PROXY_PORT))

    def _make_trust(self):
        """A copy of the system's trust store that also holds the fleet's root."""
        store = self.path("certs")
        shutil.copytree("/etc/ssl/certs", store, symlinks=True)
        name = run("openssl", "x509", "-in", self.root, "-noout", "-subject_hash").strip()
        with open(self.root, encoding="ascii") as file:
            pem = file.read()
        self.write(f"certs/{name}.0", pem)
        bundle = os.path.join(store, "ca-certificates.crt")
        if os.path.exists(bundle):
            with open(bundle, "a", encoding="ascii") as file:
                file.write(pem)

    # --- being inside -------------------------------------------------------------------------

    def enter(self):
        """Moves this process into the client's namespace, with its resolver and trust store."""
        with open(f"/run/netns/{self.client}", "rb") as space:
            if libc.setns(space.fileno(), CLONE_NEWNET) != 0 or libc.unshare(CLONE_NEWNS) != 0:
                raise LabError("cannot enter the client's namespace")
        run("mount", "--make-rprivate", "/")
        run("mount", "--bind", self.path("certs"), "/etc/ssl/certs")
        run("mount", "--bind", self.path("resolv.conf"), "/etc/resolv.conf")

    @staticmethod
    def use_link(far):
        """Inside: sends everything over the link with the delay, or the one without."""
        gateway, device = ("10.251.0.2", "far") if far else ("10.250.0.2", "near")
        run("ip", "route", "replace", "default", "via", gateway, "dev", device)


def remove_stale_namespaces():
    """Namespaces of drivers that were killed before they could clean up."""
    for line in run("ip", "netns", "list").splitlines():
        match = re.match(r"hpbench(\d+)[csw]\b", line)
        if match and not os.path.exists(f"/proc/{match[1]}"):
            with contextlib.suppress(LabError):
                run("ip", "netns", "del", line.split()[0])
