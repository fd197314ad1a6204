"""What the range should look like for one case. Faults change it; Range makes it so."""

import ipaddress

from . import atlas, proxies
from .dns import Resolver
from .web import HostState


class State:
    def __init__(self):
        self.forward, self.input, self.output = [], [], []   # nft lines in the router
        self.nat, self.arp_input, self.arp_output = [], [], []
        self.remembered = None        # state of the router's entry in the sensor's neighbour table
        self.double = None            # settings for odd_arp.py
        self.sensor_rules = {"input": [], "output": []}  # nft lines in the sensor itself
        self.far_rules = []           # nft lines in the last of the further routers
        self.sets = []                # nft sets that the lines above use
        self.change, self.restore = [], []  # ip commands: (namespace, family, line)
        self.sysctl = []              # (namespace, KEY=VALUE), after the ip commands; of what goes with them
        self.tuns = []                # (leg, argv after the device name)
        self.resolvers = {k: Resolver(k) for k in atlas.RESOLVERS}
        self.hosts = {k: HostState(k) for k in atlas.HOSTS}
        self.hops = proxies.standard_hops()
        self.use_hops = []            # keys of hops that run
        self.world = 0                # seconds that everybody else's clock is ahead of ours
        self.resolv_conf = ["nameserver " + atlas.RESOLVERS["lan"][0]]
        self.hosts_file = []
        self.time_server = None       # settings for odd_ntp.py
        self.stub = False             # a resolver on the sensor's loopback
        self.needs = set()            # "bump", "faketime": what the machine must have
        self.flavours = []            # words for the log

    # -- addresses of a leg ------------------------------------------------------------------

    def addresses(self, place, hosts, family):
        if place == "endpoint":
            keys = list(atlas.HOSTS) if hosts is None else ([hosts] if isinstance(hosts, str) else hosts)
            found = set()
            for key in keys:
                if key in atlas.HOSTS:
                    state = self.hosts[key]
                    found |= {a for a in state.addresses if (":" in a) == (family == 6)}
                elif (":" in key) == (family == 6):
                    found.add(key)
            return found
        try:
            return atlas.PLACES[place][0 if family == 4 else 1]
        except KeyError:
            raise ValueError(f"no such place: {place!r}") from None

    def match(self, leg, host=None, family="both", port=None, proto="tcp", back=False):
        """nft match expressions for one leg: one for each address family."""
        a, _, b = leg.partition(">")
        out = []
        for f, word in ((4, "ip"), (6, "ip6")):
            if family not in ("both", f):
                continue
            src, dst = self.addresses(a, host, f), self.addresses(b, host, f)
            if not src or not dst:
                continue
            side = "dport"
            if back:
                src, dst, side = dst, src, "sport"
            said = f"{word} saddr {{ {', '.join(sorted(src))} }} {word} daddr {{ {', '.join(sorted(dst))} }}"
            if proto:
                said += f" meta l4proto {proto}"
                if port:
                    ports = port if isinstance(port, list) else [port]
                    said += f" {proto} {side} {{ {', '.join(map(str, ports))} }}"
            out.append(said)
        if not out:
            raise ValueError(f"leg {leg} has no addresses for family {family}")
        return out

    def ip(self, key, do, undo=None, family=4):
        self.change.append((key, family, do))
        if undo:
            self.restore.insert(0, (key, family, undo))

    def ruleset(self):
        """The router's complete nft ruleset: loading it replaces the last one in one step."""
        def chain(name, hook, lines, kind="filter", priority="0"):
            body = "".join(f"    {l}\n" for l in lines)
            return f"  chain {name} {{\n    type {kind} hook {hook} priority {priority}; policy accept;\n{body}  }}\n"
        text = "flush ruleset\n"
        if self.forward or self.input or self.output:
            text += ("table inet faults {\n" + "".join(f"  {l}\n" for l in self.sets) + chain("forward", "forward", self.forward)
                     + chain("input", "input", self.input) + chain("output", "output", self.output) + "}\n")
        if self.nat:
            text += "table ip vip {\n" + chain("pre", "prerouting", self.nat, "nat", "-100") + "}\n"
        if self.arp_input or self.arp_output:
            text += ("table arp faults {\n" + chain("input", "input", self.arp_input)
                     + chain("output", "output", self.arp_output) + "}\n")
        return text

    def sensor_ruleset(self):
        return self._filter("own", self.sensor_rules)

    def far_ruleset(self):
        return self._filter("far", {"forward": self.far_rules})

    @staticmethod
    def _filter(name, chains):
        text = "flush ruleset\n"
        for hook, lines in chains.items():
            if lines:
                body = "".join(f"    {l}\n" for l in lines)
                text += (f"table inet {name} {{\n  chain {hook} {{\n    type filter hook {hook} priority 0; "
                         f"policy accept;\n{body}  }}\n}}\n")
        return text


def is_address(text):
    try:
        ipaddress.ip_address(text)
        return True
    except ValueError:
        return False
