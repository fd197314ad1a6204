"""The resolvers: unbound with the whole world as one root zone; what it will not do, odd_dns.py does."""

import functools
import json
import re
import subprocess

from . import atlas
from .daemons import Daemon

UNBOUND = """
server:
  interface: {v4}
  interface: {v6}
  port: 53
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "{dir}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 1
  num-threads: 1
  module-config: "{modules}"
  access-control: 0.0.0.0/0 allow
  access-control: ::0/0 allow
  do-not-query-localhost: no
  minimal-responses: yes
{reasons}  max-udp-size: {udp_size}
  msg-cache-size: 1m
  rrset-cache-size: 1m
  qname-minimisation: no
{local}
{anchors}
remote-control:
  control-enable: no
auth-zone:
  name: "."
  zonefile: "{zone}"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
"""
ZONE_HEAD = """$ORIGIN .
$TTL 300
. 3600 IN SOA ns.lab. admin.lab. 1 3600 900 604800 60
. 3600 IN NS ns.lab.
ns.lab. 3600 IN A 192.0.2.53
"""


@functools.cache
def gives_reasons():
    """Extended errors (RFC 8914) came with unbound 1.16; Ubuntu 22.04 has 1.13."""
    said = subprocess.run(["unbound", "-V"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"^Version (\d+)\.(\d+)", said, re.M)
    return version is not None and tuple(map(int, version.groups())) >= (1, 16)


def default_records():
    records = {}
    for h in atlas.HOSTS.values():
        records[h.name] = [("A", h.v4), ("AAAA", h.v6)]
    records["proxy1.plant.contoso-lab.com"] = [("A", atlas.HOP1_4)]
    records["proxy2.contoso-lab.com"] = [("A", atlas.HOP2_4)]
    records["proxyvip.plant.contoso-lab.com"] = [("A", atlas.BALANCER_4)]
    return records


class Resolver:
    """What one resolver says: a plain world, changed by faults."""

    def __init__(self, key):
        self.key = key
        self.up = True
        self.records = default_records()
        self.local = []        # unbound local-zone lines
        self.servfail = []     # names whose signatures are wrong
        self.udp_size = 1232
        self.dns64 = False     # AAAA records are made for names that have none (RFC 6147)
        self.odd = None        # behaviour for odd_dns.py instead of unbound

    def daemon(self, directory, where=None):
        v4, v6 = where or atlas.RESOLVERS[self.key]
        place = "sn" if where else "ns"
        key = f"dns-{self.key}"
        base = f"{directory}/{key}"
        ready = [("udp", v4, 53), ("udp", v6, 53), ("tcp", v4, 53)]
        if self.odd is not None:
            table = {"listen": [v4, v6], "records": self.records, "odd": self.odd}
            return Daemon(key, place, ["/usr/bin/python3", atlas_script("odd_dns.py"), f"{base}.json"],
                          {f"{base}.json": json.dumps(table, sort_keys=True)}, ready)
        zone = ZONE_HEAD + "".join(f"{name}. 60 IN {kind} {data}\n"
                                   for name, rrs in sorted(self.records.items()) for kind, data in rrs)
        # A name whose DNSSEC chain cannot be right: the validator answers SERVFAIL at once.
        digest = "ab" * 32
        anchors = "".join(f'  trust-anchor: "{n}. IN DS 12345 8 2 {digest}"\n' for n in self.servfail)
        modules = ["dns64"] * self.dns64 + ["validator"] * bool(self.servfail) + ["iterator"]
        config = UNBOUND.format(reasons="  ede: yes\n" * gives_reasons(), v4=v4, v6=v6, dir=directory,
                                udp_size=self.udp_size, zone=f"{base}.zone",
                                local="".join(f"  {l}\n" for l in self.local), anchors=anchors,
                                modules=" ".join(modules))
        return Daemon(key, place, ["unbound", "-d", "-c", f"{base}.conf"],
                      {f"{base}.zone": zone, f"{base}.conf": config}, ready)


def time_daemon(settings, world, directory):
    """The time server, at the first resolver's address; `world` is how far everybody else is ahead."""
    path, address = f"{directory}/ntp.json", atlas.RESOLVERS["lan"][settings["family"] == 6]
    text = json.dumps({"listen": address, "does": settings["does"], "ahead": settings["ahead"] + world})
    return Daemon("ntp", "ns", ["/usr/bin/python3", atlas_script("odd_ntp.py"), path], {path: text},
                  [("udp", address, 123)])


def atlas_script(name):
    import os
    return os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "odd", name)
