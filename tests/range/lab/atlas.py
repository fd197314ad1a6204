"""The map of the range: who lives where. Facts only, no actions.

    sensor (sn) ----.                     .---- cloud hosts (cl), public-looking addresses
    resolvers (ns) --+---- router (rt) ---+---- hop2 (h2)
    hop1 (h1) ------'                     '---- (each line is a veth pair of its own)

Every leg of every route crosses the router, so that a fault can be put on one leg and no other. Two further
routers (x1, x2) stand aside: rt - x1 - x2 - cl, for cases that lead some hosts that way.
"""

import urllib.parse
from dataclasses import dataclass

# One line a namespace: its link to the router. The router's end is called to_<key>.
@dataclass(frozen=True)
class Link:
    key: str
    v4_net: str
    v6_net: str
    v4: tuple
    v6: tuple

    @property
    def gateway4(self):
        return self.v4_net.split("/")[0].rsplit(".", 1)[0] + ".1"

    @property
    def gateway6(self):
        return self.v6_net.split("/")[0] + "1"


SENSOR4, SENSOR6 = "10.20.1.10", "2a02:7b40:20:1::10"
HOP1_4, HOP1_6 = "10.20.3.10", "2a02:7b40:20:3::10"
HOP1B_4 = "10.20.3.11"        # second member behind the load balancer
BALANCER_4 = "10.20.3.100"    # the load balancer's own address
HOP2_4, HOP2_6 = "10.30.4.10", "2a02:7b40:30:4::10"

# Three resolvers: the site's, a second one of the site, and the one that the proxies ask.
RESOLVERS = {
    "lan": ("10.20.2.53", "2a02:7b40:20:2::53"),
    "lan2": ("10.20.2.54", "2a02:7b40:20:2::54"),
    "pub": ("10.20.2.55", "2a02:7b40:20:2::55"),
}


@dataclass(frozen=True)
class Host:
    key: str
    name: str
    v4: str
    v6: str


HOSTS = {h.key: h for h in (
    Host("hub", "contoso.azure-devices.net", "20.49.109.10", "2603:1030:b:3::10"),
    Host("blob", "contoso.blob.core.windows.net", "20.60.40.20", "2603:1030:c:4::20"),
    Host("bus", "contoso.servicebus.windows.net", "40.112.242.30", "2603:1030:d:5::30"),
    Host("dl", "download.microsoft.com", "23.222.126.21", "2600:1408:c400::21"),
    # A fifth domain, which the vendor's squid.conf does not allow.
    Host("table", "contoso.table.core.windows.net", "20.150.38.5", "2603:1030:e:6::50"),
    # A private name under the site's own CA: nothing that a public root would vouch for.
    # The authority's own servers, on port 80; its certificates name them where a case asks for that.
    Host("crl", "crl.lab-trust.net", "192.229.211.108", "2606:2800:220:1::108"),
    Host("ocsp", "ocsp.lab-trust.net", "192.229.221.95", "2606:2800:220:1::95"),
    Host("plant", "relay.plant.contoso-lab.com", "52.168.117.60", "2603:1030:f:7::60"),
)}
FOUR = ("hub", "blob", "bus", "dl")
# More addresses that exist in the cloud, for hosts with several.
SPARE4 = ("20.49.109.11", "20.49.109.12", "20.49.109.13")
SPARE6 = ("2603:1030:b:3::11", "2603:1030:b:3::12", "2603:1030:b:3::13")

LINKS = {l.key: l for l in (
    Link("sn", "10.20.1.0/24", "2a02:7b40:20:1::/64", (SENSOR4,), (SENSOR6,)),
    Link("ns", "10.20.2.0/24", "2a02:7b40:20:2::/64",
         tuple(v[0] for v in RESOLVERS.values()), tuple(v[1] for v in RESOLVERS.values())),
    Link("h1", "10.20.3.0/24", "2a02:7b40:20:3::/64", (HOP1_4, HOP1B_4), (HOP1_6,)),
    Link("h2", "10.30.4.0/24", "2a02:7b40:30:4::/64", (HOP2_4,), (HOP2_6,)),
    # The cloud's own link net; its hosts' addresses are routed to it.
    Link("cl", "52.100.0.0/24", "2603:1030:a:1::/64", ("52.100.0.2",), ("2603:1030:a:1::2",)),
)}

# The further routers, nearest first: the net towards the one before (it has .1, this one .2), and the cloud's end.
FAR = {"x1": ("10.99.1", "2a02:7b40:99:1"), "x2": ("10.99.2", "2a02:7b40:99:2")}
FAR_CLOUD = ("10.99.3", "2a02:7b40:99:3")

# The two ends of a leg, as sets of addresses, per family.
PLACES = {
    "sensor": ({SENSOR4}, {SENSOR6}),
    "resolver": ({v[0] for v in RESOLVERS.values()}, {v[1] for v in RESOLVERS.values()}),
    "hop1": ({HOP1_4, HOP1B_4, BALANCER_4}, {HOP1_6}),
    "hop2": ({HOP2_4}, {HOP2_6}),
}
PLACE_LINK = {"sensor": "sn", "resolver": "ns", "hop1": "h1", "hop2": "h2", "endpoint": "cl"}


def host(key):
    try:
        return HOSTS[key]
    except KeyError:
        raise ValueError(f"no such host: {key!r}; one of {', '.join(HOSTS)}") from None


def endpoint_id(word):
    """'hub' -> 'contoso.azure-devices.net:443'; anything else is taken as written."""
    if "://" in word:
        url = urllib.parse.urlsplit(word)
        return f"{url.hostname}:{url.port or {'http': 80, 'ws': 80}.get(url.scheme, 443)}"
    key, _, port = word.partition(":")
    if key in HOSTS:
        return f"{HOSTS[key].name}:{port or 443}"
    # A port is written or 443; an IPv6 literal is in brackets.
    return word if word.rpartition("]")[2].rpartition(":")[1] else word + ":443"


def name_of(word):
    return HOSTS[word].name if word in HOSTS else word
