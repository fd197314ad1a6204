"""Namespaces, links, addresses, routes: builds one range, takes it down, tells whether it is as built."""

import json
import os
import shutil
import signal
import subprocess
import time

from . import atlas

BUILT_BY = "hpr"  # every namespace of the range starts with this


class LabError(RuntimeError):
    """The range itself is broken; no verdict about the product follows from it."""


def sh(*argv, feed=None, check=True, timeout=30):
    done = subprocess.run(argv, input=feed, capture_output=True, text=True, timeout=timeout)
    if check and done.returncode != 0:
        raise LabError(f"{' '.join(argv)}: {done.stderr.strip() or done.stdout.strip()}"
                       + (f"\n{feed}" if feed else ""))
    return done.stdout


class Net:
    """One standing network. `prefix` keeps several of them, and those of other runs, apart."""

    KEYS = ("rt",) + tuple(atlas.LINKS) + tuple(atlas.FAR)

    def __init__(self, prefix):
        self.prefix = prefix
        self.clean = None

    def ns(self, key):
        return f"{self.prefix}-{key}"

    def ip(self, key, *lines, check=True):
        """Run ip commands in a namespace, all of them in one process."""
        return sh("ip", "-n", self.ns(key), "-batch", "-", feed="\n".join(lines) + "\n", check=check)

    def nft(self, key, ruleset):
        sh("ip", "netns", "exec", self.ns(key), "nft", "-f", "-", feed=ruleset)

    def inside(self, key):
        """argv prefix that runs a program in a namespace."""
        return ["ip", "netns", "exec", self.ns(key)]

    # -- building --------------------------------------------------------------------------

    def build(self):
        for key in self.KEYS:
            sh("ip", "netns", "add", self.ns(key))
        sysctl = []
        for knob in ("net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0",
                     "net.ipv6.conf.default.dad_transmits=0", "net.ipv6.conf.default.accept_ra=0",
                     "net.ipv6.conf.default.router_solicitations=0",
                     "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0",
                     "net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0",
                     "net.ipv4.tcp_syncookies=0", "net.ipv4.neigh.default.unres_qlen_bytes=65536"):
            sysctl.append(knob)
        for key in self.KEYS:
            extra = ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1",
                     "net.ipv6.conf.default.forwarding=1"] if key == "rt" or key in atlas.FAR else []
            if key == "cl":
                # The cloud answers for whole ranges; a server may listen before its address is used.
                extra = ["net.ipv4.ip_nonlocal_bind=1", "net.ipv6.ip_nonlocal_bind=1"]
            sh("ip", "netns", "exec", self.ns(key), "sysctl", "-q", "-e", "-w", *(sysctl + extra))
            # Ping is of no use here, but the loopback and plain user sockets are.
            self.ip(key, "link set lo up")
        router = []
        for key, link in atlas.LINKS.items():
            sh("ip", "link", "add", f"to_{key}", "netns", self.ns("rt"), "type", "veth",
               "peer", "name", "eth0", "netns", self.ns(key))
            bits4, bits6 = link.v4_net.split("/")[1], link.v6_net.split("/")[1]
            router += [f"addr add {link.gateway4}/{bits4} dev to_{key}",
                       f"addr add {link.gateway6}/{bits6} dev to_{key} nodad",
                       f"link set to_{key} up"]
            lines = [f"addr add {a}/{bits4} dev eth0" for a in link.v4]
            lines += [f"addr add {a}/{bits6} dev eth0 nodad" for a in link.v6]
            lines += ["link set eth0 up", f"route add default via {link.gateway4}",
                      f"-6 route add default via {link.gateway6} dev eth0"]
            if key == "cl":
                hosts4 = [h.v4 for h in atlas.HOSTS.values()] + list(atlas.SPARE4)
                hosts6 = [h.v6 for h in atlas.HOSTS.values()] + list(atlas.SPARE6)
                lines += [f"addr add {a}/32 dev lo" for a in hosts4]
                lines += [f"addr add {a}/128 dev lo nodad" for a in hosts6]
                router += [f"route add {a}/32 via {link.v4[0]}" for a in hosts4]
                router += [f"-6 route add {a}/128 via {link.v6[0]} dev to_cl" for a in hosts6]
            self.ip(key, *[l for l in lines if not l.startswith("-6")])
            self.ip6(key, lines)
        self.ip("rt", *[l for l in router if not l.startswith("-6")])
        self.ip6("rt", router)
        self._build_far_routers()
        etc = self.etc()
        os.makedirs(etc, exist_ok=True)
        self.write_resolv_conf(["nameserver " + atlas.RESOLVERS["lan"][0]])
        self.write_hosts([])
        self._wait_addresses()
        self.clean = self.fingerprint()

    def _build_far_routers(self):
        """rt - x1 - x2 - cl. Nothing is routed that way but what a case leads there; answers come over rt."""
        before = "rt"
        for key, (net4, net6) in list(atlas.FAR.items()) + [("cl", atlas.FAR_CLOUD)]:
            near = "far" if key == "cl" else "near"
            sh("ip", "link", "add", f"to_{key}far", "netns", self.ns(before), "type", "veth",
               "peer", "name", near, "netns", self.ns(key))
            self.ip(before, f"addr add {net4}.1/24 dev to_{key}far", f"addr add {net6}::1/64 dev to_{key}far nodad",
                    f"link set to_{key}far up")
            self.ip(key, f"addr add {net4}.2/24 dev {near}", f"addr add {net6}::2/64 dev {near} nodad",
                    f"link set {near} up")
            if key != "cl":
                self.ip(key, f"route add default via {net4}.1")
                self.ip6(key, [f"-6 route add default via {net6}::1 dev near"])
            before = key

    def ip6(self, key, lines):
        """`ip -batch` takes no family flag on a line; the lines marked -6 go together."""
        six = [l[3:] for l in lines if l.startswith("-6")]
        if six:
            sh("ip", "-6", "-n", self.ns(key), "-batch", "-", feed="\n".join(six) + "\n")

    def _wait_addresses(self):
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            links = json.loads(sh("ip", "-j", "-n", self.ns("rt"), "addr"))
            tentative = any(a.get("tentative") for l in links for a in l["addr_info"])
            down = any(l["operstate"] != "UP" for l in links if l["ifname"].startswith("to_"))
            if not tentative and not down:
                return
            time.sleep(0.02)
        raise LabError("the router's links did not come up")

    # -- what `ip netns exec` mounts over /etc in the sensor ----------------------------------

    def etc(self):
        return f"/etc/netns/{self.ns('sn')}"

    def write_resolv_conf(self, lines):
        with open(f"{self.etc()}/resolv.conf", "w") as f:
            f.write("\n".join(lines) + "\n" if lines else "")

    def write_hosts(self, lines):
        with open(f"{self.etc()}/hosts", "w") as f:
            f.write("127.0.0.1 localhost\n::1 localhost\n" + "".join(l + "\n" for l in lines))

    # -- forgetting, comparing, removing -------------------------------------------------------

    def forget(self):
        """Drop what the kernel remembers of the last case: connections, path MTUs, TCP metrics, neighbours."""
        for key in ("sn", "cl"):  # what one side gave up the other one would repeat for seconds
            sh("ip", "netns", "exec", self.ns(key), "ss", "-K", "-t", "state", "connected", check=False)
        for key in self.KEYS:
            for family in ("-4", "-6"):
                sh("ip", family, "-n", self.ns(key), "route", "flush", "cache", check=False)
        for key in ("sn", "h1", "h2", "cl"):
            sh("ip", "-n", self.ns(key), "tcp_metrics", "flush", "all", check=False)
        for key in ("sn", "rt") + tuple(atlas.FAR):
            sh("ip", "-n", self.ns(key), "neigh", "flush", "all", check=False)
        sh("ip", "-n", self.ns("sn"), "neigh", "flush", "nud", "permanent", check=False)

    def fingerprint(self):
        """Everything that a fault may have changed and its undoing must restore."""
        state = {}
        for key in self.KEYS:
            links = json.loads(sh("ip", "-j", "-n", self.ns(key), "addr"))
            state[key] = [sorted((l["ifname"], l["mtu"], l["operstate"], ",".join(sorted(l["flags"])),
                                  tuple(sorted(f"{a['local']}/{a['prefixlen']}" for a in l["addr_info"])))
                                 for l in links)]
            for family in ("-4", "-6"):
                routes = sh("ip", family, "-n", self.ns(key), "route", "show", "table", "all")
                state[key].append(sorted(r.strip() for r in routes.splitlines() if "cache" not in r))
                state[key].append(sh("ip", family, "-n", self.ns(key), "rule"))
        return json.dumps(state)

    def processes(self):
        """(namespace, pid) of whatever still runs inside."""
        found = []
        for key in self.KEYS:
            for pid in sh("ip", "netns", "pids", self.ns(key), check=False).split():
                found.append((key, int(pid)))
        return found

    def remove(self):
        remove_prefix(self.prefix)


def remove_prefix(prefix):
    """End whatever runs in the namespaces of a prefix and delete them. Never fails."""
    names = [l.split()[0] for l in sh("ip", "netns", "list", check=False).splitlines() if l.strip()]
    for name in (n for n in names if n.startswith(prefix + "-")):
        for _ in range(3):
            pids = sh("ip", "netns", "pids", name, check=False).split()
            if not pids:
                break
            for pid in pids:
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.02)
        sh("ip", "netns", "del", name, check=False)
        shutil.rmtree(f"/etc/netns/{name}", ignore_errors=True)


def remove_stale():
    """Ranges whose runner died without a chance to clean up: the runner's pid is in the prefix."""
    prefixes = set()
    for line in sh("ip", "netns", "list", check=False).splitlines():
        name = line.split()[0] if line.split() else ""
        if name.startswith(BUILT_BY) and "-" in name:
            prefixes.add(name.rsplit("-", 1)[0])
    for prefix in prefixes:
        pid = prefix[len(BUILT_BY):].split("w")[0]
        if pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
            remove_prefix(prefix)


def possible():
    """None when namespaces can be made here, else the reason why not."""
    if os.geteuid() != 0:
        return "not root"
    name = f"{BUILT_BY}{os.getpid()}probe-x"
    try:
        sh("ip", "netns", "add", name)
        sh("ip", "netns", "del", name)
    except (LabError, OSError) as e:
        return str(e)
    return None
