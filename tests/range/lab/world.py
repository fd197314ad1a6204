"""One standing range: a network, its certificates and its daemons, moved from case to case."""

import glob
import json
import os
import shutil
import subprocess
import tempfile
import time

from . import atlas, dns, web
from .ca import Authority
from .daemons import Daemon, Supervisor
from .net import LabError, Net, sh
from .state import State
from .dns import atlas_script


PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
NO_RULES = "flush ruleset\n"


def have_bump():
    try:
        return "--with-openssl" in sh("squid", "-v", check=False)
    except OSError:
        return False


def have_short_hello():
    """Whether a ClientHello of the OpenSSL here fits into one segment: from 3.5 on it does not."""
    words = sh("openssl", "version", check=False).split()
    return len(words) > 1 and tuple(int(x) for x in words[1].split(".")[:2]) < (3, 5)


def have_faketime():
    return bool(glob.glob("/usr/lib/*/faketime/libfaketime.so.1"))


class Range:
    def __init__(self, prefix, delay_tun):
        self.prefix = prefix
        self.delay_tun = delay_tun
        self.dir = tempfile.mkdtemp(prefix=prefix + "-")
        os.chmod(self.dir, 0o755)
        self.authority = Authority(f"{self.dir}/ca")
        for entry in glob.glob(f"{self.dir}/ca/*.key"):
            os.chmod(entry, 0o644)   # squid reads them as its own user; they are worth nothing
        self.net = None
        self.supervisor = None
        self.squid_generation = 0
        self.before = []              # (namespace, key, value): settings as they were before this case
        self.tainted = True
        self.rebuilds = 0

    def up(self):
        if self.net is None:
            self.net = Net(self.prefix)
            self.net.build()
            self.supervisor = Supervisor(self.net, self.dir)
            self.loaded = [NO_RULES] * 3
            self.rebuilds += 1

    def down(self):
        if self.supervisor:
            self.supervisor.stop_all()
        if self.net:
            self.net.remove()
        self.net = self.supervisor = None

    def close(self):
        self.down()
        shutil.rmtree(self.dir, ignore_errors=True)
        word = "".join(c for c in os.path.basename(self.dir) if c.isalnum())
        for path in glob.glob(f"/dev/shm/{word}*"):
            os.unlink(path)

    def rebuild(self):
        self.down()
        self.up()

    # -- one case ----------------------------------------------------------------------------

    def apply(self, state, taints_squid=True):
        """Make the network as `state` says. On an exception the caller rebuilds."""
        self.up()
        self.net.forget()
        work = f"{self.dir}/run"
        os.makedirs(work, exist_ok=True)
        daemons = [r.daemon(work) for r in state.resolvers.values() if r.up]
        if state.stub:
            stub = State().resolvers["lan"] if state.stub is True else state.stub
            stub.key = "stub"
            daemons.append(stub.daemon(work, where=("127.0.0.53", "::1")))
        if state.time_server is not None:
            daemons.append(dns.time_daemon(state.time_server, state.world, work))
        if state.double is not None:
            daemons.append(self._double(state.double))
        daemons += web.daemons(state.hosts, work, self.authority, state.world)
        if state.use_hops and taints_squid:
            self.squid_generation += 1
        for key in state.use_hops:
            hop = state.hops[key]
            if hop.up:
                self._own_by_proxy(work)
                daemons.append(hop.daemon(work, self.authority, state.world, self.squid_generation))
        daemons += [self._tun(i, leg, argv) for i, (leg, argv) in enumerate(state.tuns)]
        self.supervisor.converge(daemons)
        self._load(state.ruleset(), state.sensor_ruleset(), state.far_ruleset())
        if state.double is not None:  # whom the sensor asked until now was the rightful owner
            sh("ip", "-n", self.net.ns("sn"), "neigh", "flush", "all", check=False)
        self.net.write_resolv_conf(state.resolv_conf)
        self.net.write_hosts(state.hosts_file)
        for i, (leg, _) in enumerate(state.tuns):
            self._steer(state, i, leg)
        self._commands(state.change)
        for key, setting in state.sysctl:
            self.before.append((key, setting.split("=")[0], sh(*self.net.inside(key), "sysctl", "-n", setting.split("=")[0])))
            sh(*self.net.inside(key), "sysctl", "-q", "-w", setting)
        if state.change:
            time.sleep(0.05)
        if state.remembered:
            self._remember_router(state.remembered)

    def undo(self, state):
        """Take back what is not covered by the next apply(). False: not as built, rebuild it."""
        for i in range(len(state.tuns)):
            self.supervisor.stop(f"tun{i}")
        for key, name, value in self.before:  # of an interface that is gone by now nothing is left
            sh(*self.net.inside(key), "sysctl", "-q", "-w", f"{name}={' '.join(value.split())}", check=False)
        self.before = []
        self._commands(state.restore, check=False)
        # The next case's servers must not start under this one's faults: a Squid that cannot reach its
        # parent at first holds it for dead.
        self._load(NO_RULES, NO_RULES, NO_RULES)
        if not state.change and not state.tuns:
            return not self.supervisor.dead()
        for _ in range(40):
            if self.net.fingerprint() == self.net.clean:
                return not self.supervisor.dead()
            time.sleep(0.05)
        return False

    def _load(self, router, sensor, far):
        for i, (key, rules) in enumerate((("rt", router), ("sn", sensor), ("x2", far))):
            if rules != self.loaded[i]:
                self.net.nft(key, rules)
                self.loaded[i] = rules

    def _commands(self, commands, check=True):
        for key, family, line in commands:
            sh("ip", f"-{family}", "-n", self.net.ns(key), *line.replace("@rt", self.net.ns("rt")).split(), check=check)

    def _remember_router(self, how):
        mac = json.loads(sh("ip", "-j", "-n", self.net.ns("rt"), "link", "show", "to_sn"))[0]["address"]
        for gateway in (atlas.LINKS["sn"].gateway4, atlas.LINKS["sn"].gateway6):
            sh("ip", "-n", self.net.ns("sn"), "neigh", "replace", gateway, "lladdr", mac, "dev", "eth0", "nud", how)

    def _own_by_proxy(self, work):
        shutil.chown(work, "proxy", "proxy")

    # -- devices in the path --------------------------------------------------------------------

    def _tun(self, i, leg, argv):
        ready = f"{self.dir}/run/tun{i}.ready"
        if argv[0] == "middlebox":
            settings = dict(argv[1], dev=f"tun{i}", ready=ready)
            path = f"{self.dir}/run/tun{i}.json"
            return Daemon(f"tun{i}", "rt", ["/usr/bin/python3", atlas_script("middlebox.py"), path],
                          {path: json.dumps(settings, sort_keys=True)}, ready_path=ready)
        return Daemon(f"tun{i}", "rt", [self.delay_tun, "--dev", f"tun{i}", "--ready", ready] + argv,
                      ready_path=ready)

    def _double(self, settings):
        """Another machine on the sensor's link."""
        path, ready = f"{self.dir}/run/arp.json", f"{self.dir}/run/arp.ready"
        real = json.loads(sh("ip", "-j", "-n", self.net.ns("rt"), "link", "show", "to_sn"))[0]["address"]
        text = json.dumps(dict(settings, dev="to_sn", real=real, ready=ready), sort_keys=True)
        return Daemon("arp", "rt", ["/usr/bin/python3", atlas_script("odd_arp.py"), path], {path: text}, ready_path=ready)

    def _steer(self, state, i, leg):
        """Route both directions of a leg through the device."""
        a, _, b = leg.partition(">")
        table = 100 + i
        for family in (4, 6):
            state.ip("rt", f"route add default dev tun{i} table {table}", None, family)
            for src, dst in ((a, b), (b, a)):
                for net in self._nets(dst, family):
                    rule = f"iif to_{atlas.PLACE_LINK[src]} to {net} lookup {table}"
                    state.ip("rt", f"rule add {rule}", f"rule del {rule}", family)

    @staticmethod
    def _nets(place, family):
        if place == "endpoint":
            hosts = list(atlas.HOSTS.values())
            spare = atlas.SPARE4 if family == 4 else atlas.SPARE6
            return [h.v4 if family == 4 else h.v6 for h in hosts] + list(spare)
        link = atlas.LINKS[atlas.PLACE_LINK[place]]
        return [link.v4_net if family == 4 else link.v6_net]

    # -- running something in it ------------------------------------------------------------------

    def run(self, key, argv, env, timeout):
        return subprocess.run(self.net.inside(key) + argv, capture_output=True, timeout=timeout,
                              env=env, stdin=subprocess.DEVNULL, cwd=self.dir)


def rebuild_on_error(lab, action):
    """Try twice: a broken range is rebuilt once before the error counts."""
    try:
        return action()
    except (LabError, OSError, subprocess.TimeoutExpired):
        lab.rebuild()
        return action()
