"""The table of faults that a case can ask for. Each is a function of the state and named parameters;
its name with dashes is the name in the case file, its docstring the sentence for `run.py --faults`."""

import inspect
import ipaddress

from . import atlas
from .state import State

TABLE = {}


def fault(function):
    TABLE[function.__name__.replace("_", "-")] = function
    return function


def apply(state: State, entry):
    """entry: 'name' or {'name': {parameters}}."""
    if isinstance(entry, str):
        entry = {entry: {}}
    if not isinstance(entry, dict) or len(entry) != 1:
        raise ValueError(f"a fault is a name or name: {{parameters}}, not {entry!r}")
    (name, given), = entry.items()
    if name not in TABLE:
        raise ValueError(f"no such fault: {name}; see run.py --faults")
    given = {k.replace("-", "_"): v for k, v in (given or {}).items()}
    try:
        inspect.signature(TABLE[name]).bind(state, **given)
    except TypeError as e:
        raise ValueError(f"fault {name}: {e}") from None
    TABLE[name](state, **given)


def hosts_of(host):
    if host is None:
        return list(atlas.HOSTS)
    return [host] if isinstance(host, str) else list(host)


# -- the path -------------------------------------------------------------------------------------

DIRECT = "sensor>endpoint"


@fault
def refuse(s, leg=DIRECT, host=None, family="both", port=None):
    """A firewall answers SYNs on a leg with a reset."""
    for m in s.match(leg, host, family, port):
        s.forward.append(f"{m} tcp flags & (syn|ack) == syn reject with tcp reset")


@fault
def drop(s, leg=DIRECT, host=None, family="both", port=None, proto="tcp"):
    """Everything on a leg vanishes."""
    for m in s.match(leg, host, family, port, proto):
        s.forward.append(f"{m} drop")


@fault
def drop_answers(s, leg=DIRECT, host=None, family="both", port=None):
    """A one-way path: what comes back on a leg vanishes."""
    for m in s.match(leg, host, family, port, back=True):
        s.forward.append(f"{m} drop")


@fault
def icmp(s, kind, leg=DIRECT, host=None, family="both", port=None, proto="tcp"):
    """The router answers a leg with an ICMP error: admin-prohibited, host-, net-, port-unreachable, no-route."""
    names = {"admin-prohibited": ("admin-prohibited", "admin-prohibited"),
             "host-prohibited": ("host-prohibited", "admin-prohibited"),
             "net-prohibited": ("net-prohibited", "admin-prohibited"),
             "host-unreachable": ("host-unreachable", "addr-unreachable"),
             "net-unreachable": ("net-unreachable", "no-route"),
             "no-route": ("net-unreachable", "no-route"),
             "port-unreachable": ("port-unreachable", "port-unreachable")}
    four, six = names[kind]
    for m in s.match(leg, host, family, port, proto):
        word = f"icmpv6 type {six}" if m.startswith("ip6") else f"icmp type {four}"
        s.forward.append(f"{m} reject with {word}")


@fault
def path_mtu(s, size, leg=DIRECT, towards="sensor", icmp_filtered=False):
    """The route in one direction takes only packets up to a size; ICMP "too big" may be filtered."""
    a, _, b = leg.partition(">")
    place = {"sensor": a, "cloud": b}.get(towards, towards)
    key = atlas.PLACE_LINK[place]
    link = atlas.LINKS[key]
    if place == "endpoint":
        for h in atlas.HOSTS.values():
            base = f"{h.v4}/32 via {link.v4[0]} dev to_cl"
            s.ip("rt", f"route replace {base} mtu {size}", f"route replace {base}")
            base = f"{h.v6}/128 via {link.v6[0]} dev to_cl"
            s.ip("rt", f"route replace {base} mtu {max(size, 1280)}", f"route replace {base}", 6)
    else:
        base = f"{link.v4_net} dev to_{key} proto kernel scope link src {link.gateway4}"
        s.ip("rt", f"route replace {base} mtu {size}", f"route replace {base}")
        base = f"{link.v6_net} dev to_{key} proto kernel metric 256 pref medium"
        s.ip("rt", f"route replace {base} mtu {max(size, 1280)}", f"route replace {base}", 6)
    if icmp_filtered:
        s.output += ["icmp type destination-unreachable icmp code frag-needed drop",
                     "icmpv6 type packet-too-big drop"]


@fault
def long_packets_vanish(s, over, leg=DIRECT, towards="cloud", host=None, family="both"):
    """IP packets longer than `over` bytes vanish in one direction, without any ICMP."""
    for m in s.match(leg, host, family, back=(towards == "sensor")):
        s.forward.append(f"{m} meta length > {over} drop")


@fault
def clamp_mss(s, size, leg=DIRECT, of="both"):
    """The router rewrites the MSS option of SYNs (which is healthy): of the client's, the server's, or both."""
    for back in {"client": (False,), "server": (True,), "both": (False, True)}[of]:
        for m in s.match(leg, back=back):
            s.forward.append(f"{m} tcp flags & syn == syn tcp option maxseg size set {size}")


@fault
def path(s, leg=DIRECT, delay=0, jitter=0, loss=0, reorder=0, seed=1, reorder_ms=3, duplicate=0):
    """Delay (one way, ms), jitter, loss, reordering and duplication (percent) on a leg, through a TUN device."""
    # Squid counts in whole seconds: its timeout of 1 s, begun late in one, ends with that second, and
    # a healthy far-away parent would "time out" after a moment. (A case's own `squid:` behind this counts.)
    for hop in s.hops.values():
        hop.connect_timeout = max(hop.connect_timeout, 4)
        hop.peer_timeout = max(hop.peer_timeout, 4)
        hop.forward_timeout = max(hop.forward_timeout, 6)
    s.tuns.append((leg, ["--delay-ms", str(delay), "--jitter-ms", str(jitter), "--loss", str(loss),
                         "--reorder", str(reorder), "--reorder-ms", str(reorder_ms),
                         "--duplicate", str(duplicate), "--seed", str(seed)]))


@fault
def middlebox(s, mode, leg=DIRECT, host=None, ttl=200):
    """A box in the path that kills ClientHellos: inject-reset, sni-reset, sni-drop, long-hello-drop,
    tls13-drop, tls13-reset."""
    name = atlas.host(host).name if host else ""
    s.tuns.append((leg, ["middlebox", {"mode": mode, "name": name, "ttl": ttl}]))


@fault
def lose_syns(s, every, leg=DIRECT, host=None, family="both", port=None):
    """Every n-th SYN on a leg is refused by a firewall."""
    for m in s.match(leg, host, family, port):
        s.forward.append(f"{m} tcp flags & (syn|ack) == syn numgen inc mod {every} == {every - 1} reject with tcp reset")


@fault
def limit_new(s, rate, burst, leg=DIRECT, do="drop", host=None, family="both", port=None, per="second"):
    """A firewall admits so many new connections a second, after a first burst; it drops those above, or resets
    them (do: reset)."""
    action = {"drop": "drop", "reset": "reject with tcp reset"}[do]
    name = f"new{len(s.sets)}"
    s.sets.append(f"limit {name} {{ rate over {rate}/{per} burst {burst} packets; }}")
    for m in s.match(leg, host, family, port):
        s.forward.append(f'{m} tcp flags & (syn|ack) == syn limit name "{name}" {action}')


@fault
def limit_open(s, over, leg=DIRECT, do="drop", host=None, family="both", port=None):
    """A firewall admits so many connections of one source that are open at the same time; further ones it drops,
    or resets (do: reset)."""
    action = {"drop": "drop", "reset": "reject with tcp reset"}[do]
    for m in s.match(leg, host, family, port):
        word, name = m.split()[0], f"open{len(s.sets)}"
        kind = "ipv4_addr" if word == "ip" else "ipv6_addr"
        s.sets.append(f"set {name} {{ type {kind}; size 65535; flags dynamic; }}")
        s.forward.append(f"{m} ct state new add @{name} {{ {word} saddr ct count over {over} }} {action}")


@fault
def table_full(s, over, leg=DIRECT, host=None, family="both", port=None):
    """A router's table of connections is full from so many on, whosever they are: new ones vanish, known ones live."""
    for m in s.match(leg, host, family, port):
        name = f"table{len(s.sets)}"
        s.sets.append(f"set {name} {{ type inet_proto; size 16; flags dynamic; }}")
        s.forward.append(f"{m} ct state new add @{name} {{ meta l4proto ct count over {over} }} drop")


@fault
def limit_octets(s, octets, leg=DIRECT, host=None, family="both"):
    """A firewall lets so many octets of a connection through and then no more of it."""
    s.sysctl.append(("rt", "net.netfilter.nf_conntrack_acct=1"))
    for back in (False, True):
        for m in s.match(leg, host, family, back=back):
            s.forward.append(f"{m} ct bytes > {octets} drop")


@fault
def lose_packets(s, every, leg=DIRECT, host=None, family="both", port=None, towards="cloud"):
    """Every n-th packet of a leg in one direction is lost: TCP sends it again."""
    for m in s.match(leg, host, family, port, back=(towards == "sensor")):
        s.forward.append(f"{m} numgen inc mod {every} == {every - 1} drop")


@fault
def far_routers(s, host=None, circle=False):
    """The way to a host leads through two more routers; or into a circle, where they send it to each other."""
    for key in hosts_of(host):
        h = atlas.host(key)
        for family, address in ((4, f"{h.v4}/32"), (6, f"{h.v6}/128")):
            def net(pair, end):
                return f"{pair[0]}.{end}" if family == 4 else f"{pair[1]}::{end}"
            old = f"via {atlas.LINKS['cl'].v4[0]}" if family == 4 else f"via {atlas.LINKS['cl'].v6[0]} dev to_cl"
            s.ip("rt", f"route replace {address} via {net(atlas.FAR['x1'], 2)}", f"route replace {address} {old}", family)
            s.ip("x1", f"route add {address} via {net(atlas.FAR['x2'], 2)}", f"route del {address}", family)
            back = net(atlas.FAR["x2"], 1) if circle else net(atlas.FAR_CLOUD, 2)
            s.ip("x2", f"route add {address} via {back}", f"route del {address}", family)


@fault
def router_lacks_route(s, host, family=4):
    """The router has no route to these hosts. It says so once, and is silent then, as routers limit their errors."""
    link, icmp, once = atlas.LINKS["cl"], {4: "icmp", 6: "icmpv6"}[family], {4: 100, 6: 130}[family]
    s.output += [f"{icmp} type time-exceeded drop", f"{icmp} type destination-unreachable quota over {once} bytes drop"]
    for key in hosts_of(host):
        h = atlas.host(key)
        if family == 4:
            s.ip("rt", f"route replace throw {h.v4}/32", f"route replace {h.v4}/32 via {link.v4[0]}")
        else:
            s.ip("rt", f"route del {h.v6}/128", f"route replace {h.v6}/128 via {link.v6[0]} dev to_cl", 6)


@fault
def far_drop(s, host=None, port=None):
    """The last of the further routers drops what goes to a host (see far-routers)."""
    for m in s.match(DIRECT, host, port=port):
        s.far_rules.append(f"{m} drop")


@fault
def silent_routers(s):
    """The router sends no ICMP time exceeded."""
    s.output += ["icmp type time-exceeded drop", "icmpv6 type time-exceeded drop"]


@fault
def late_word(s, octets, then="accept", leg=DIRECT, host=None, family="both", port=None):
    """So many octets of SYNs vanish (a SYN has 60, over IPv6 80); those behind are accepted, or answered with an
    ICMP error. What hears only the first hears nothing."""
    for m in s.match(leg, host, family, port):
        syn = f"{m} tcp flags & (syn|ack) == syn"
        s.forward.append(f"{syn} quota until {octets} bytes drop")
        if then == "prohibited":
            s.forward.append(f"{syn} reject with icmpx type admin-prohibited")


@fault
def only_syns_pass(s, leg=DIRECT, host=None, family="both"):
    """A one-way path behind the handshake: a stateful firewall that never sees the answers lets SYNs through, and
    nothing that follows them."""
    for m in s.match(leg, host, family):
        s.forward.append(f"{m} tcp flags & (syn|ack) != syn drop")


@fault
def forget_idle(s, after, leg=DIRECT, host=None, family="both", says="nothing"):
    """A stateful device on a leg forgets a connection without traffic after so many seconds: what comes
    then vanishes, or is answered with a reset (says: reset)."""
    action = {"nothing": "drop", "reset": "reject with tcp reset"}[says]
    for there, back in zip(s.match(leg, host, family), s.match(leg, host, family, back=True)):
        word = there.split()[0]
        name = f"alive{len(s.sets)}"
        kind = "ipv4_addr" if word == "ip" else "ipv6_addr"
        s.sets.append(f"set {name} {{ type {kind} . inet_service . {kind} . inet_service; size 65535; "
                      "flags dynamic,timeout; }")
        one = f"{word} saddr . tcp sport . {word} daddr . tcp dport"
        two = f"{word} daddr . tcp dport . {word} saddr . tcp sport"
        s.forward += [f"{there} tcp flags & (syn|ack) == syn update @{name} {{ {one} timeout {after}s }}",
                      f"{there} {one} != @{name} {action}", f"{back} {two} != @{name} drop",
                      f"{there} update @{name} {{ {one} timeout {after}s }}",
                      f"{back} update @{name} {{ {two} timeout {after}s }}"]


# -- the sensor's own side -------------------------------------------------------------------------

@fault
def gateway_dead(s, remembered=None):
    """The router no longer answers ARP and neighbour discovery on the sensor's link; the sensor's kernel may
    still remember it: reachable (heard of a moment ago), stale, delay, probe."""
    s.remembered = remembered
    s.arp_input.append('iifname "to_sn" drop')
    s.input.append('iifname "to_sn" icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } drop')
    s.output.append('oifname "to_sn" icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } drop')


@fault
def static_neighbour(s, mac="02:00:00:00:66:66"):
    """The sensor holds the router's link-layer address by hand: a wrong one, or the right one (mac: right)."""
    if mac == "right":
        s.remembered = "permanent"
        return
    for family, gateway in ((4, atlas.LINKS["sn"].gateway4), (6, atlas.LINKS["sn"].gateway6)):
        s.ip("sn", f"neigh replace {gateway} lladdr {mac} dev eth0 nud permanent", None, family)


@fault
def same_address(s, who="router", mac="02:00:00:00:77:77"):
    """Another machine on the sensor's link has the router's address and answers for it sooner (who: router), or has
    the sensor's, and the router sends to that one (who: sensor)."""
    link = atlas.LINKS["sn"]
    s.double = {"address": link.gateway4 if who == "router" else atlas.SENSOR4, "mac": mac,
                "asks": link.gateway4 if who == "sensor" else None}
    if who == "router":
        s.arp_input.append('iifname "to_sn" arp operation request drop')
        s.arp_output.append('oifname "to_sn" drop')  # its own questions tell the sensor its address too
    else:
        s.ip("rt", f"neigh replace {atlas.SENSOR4} lladdr {mac} dev to_sn nud permanent",
             f"neigh del {atlas.SENSOR4} dev to_sn")


@fault
def sensor_routes(s, add=(), delete=(), rules=(), family=4):
    """Routes and rules that the sensor has or (delete) lacks, as in ip-route(8) and ip-rule(8)."""
    for line in delete:
        s.ip("sn", f"route del {line}", f"route add {line}", family)
    for line in add:
        s.ip("sn", f"route add {line}", f"route del {line}", family)
    for line in rules:
        s.ip("sn", f"rule add {line}", f"rule del {line}", family)


@fault
def link_local_router(s):
    """The sensor knows its IPv6 router by the link-local address, as router advertisements tell it."""
    link = atlas.LINKS["sn"]
    s.ip("rt", "addr add fe80::1/64 dev to_sn nodad", "addr del fe80::1/64 dev to_sn", 6)
    s.ip("sn", "route replace default via fe80::1 dev eth0", f"route replace default via {link.gateway6} dev eth0", 6)


@fault
def uplink_without_cable(s):
    """The sensor has a second interface with a better default route, up, and no cable in it."""
    s.ip("sn", "link add eth1 type veth peer name eth1far", "link del eth1")
    s.ip("sn", "addr add 10.20.8.10/24 dev eth1")
    s.ip("sn", "link set eth1 up")
    sensor_routes(s, delete=["default via 10.20.1.1 dev eth0"],
                  add=["default via 10.20.8.1 dev eth1 metric 50", "default via 10.20.1.1 dev eth0 metric 100"])


@fault
def own_filter(s, chain, do="drop", port=None, host=None, leg=DIRECT):
    """The sensor's own packet filter, on what goes out (output) or comes in (input): drop; reset, port-unreachable,
    admin-prohibited, host-unreachable (rejects)."""
    verdict = {"drop": "drop", "reset": "reject with tcp reset"}.get(do, f"reject with icmpx type {do}")
    for m in s.match(leg, host, port=port, back=(chain == "input")):
        s.sensor_rules[chain].append(f"{m} {verdict}")


@fault
def forward_port(s, port, to):
    """The router sends what the sensor sends to a TCP port, to one host, whoever it was for (IPv4)."""
    s.nat.append(f"ip saddr {atlas.SENSOR4} tcp dport {port} dnat to {atlas.host(to).v4}")


@fault
def few_ports(s, first, last):
    """The sensor has only these local ports for its connections."""
    s.sysctl.append(("sn", f"net.ipv4.ip_local_port_range={first} {last}"))


@fault
def cable_out(s):
    """The sensor's interface is up but has no carrier: the far end of the cable is down."""
    link = atlas.LINKS["sn"]
    s.ip("rt", "link set to_sn down", f"addr replace {link.gateway6}/64 dev to_sn nodad", 6)
    s.ip("rt", "link show to_sn", "link set to_sn up")


@fault
def interface_down(s):
    """The sensor's interface is administratively down."""
    link = atlas.LINKS["sn"]
    s.ip("sn", "link show eth0", f"route replace default via {link.gateway6} dev eth0", 6)
    s.ip("sn", "link show eth0", f"addr replace {atlas.SENSOR6}/64 dev eth0 nodad", 6)
    s.ip("sn", "link show eth0", f"route replace default via {link.gateway4}")
    s.ip("sn", "link set eth0 down", "link set eth0 up")


@fault
def no_default_route(s, family="both"):
    """The sensor has an address but no default route."""
    link = atlas.LINKS["sn"]
    if family in ("both", 4):
        s.ip("sn", "route del default", f"route add default via {link.gateway4}")
    if family in ("both", 6):
        s.ip("sn", "route del default", f"route add default via {link.gateway6} dev eth0", 6)


@fault
def wide_netmask(s, network="10.20.3.0/24"):
    """The sensor takes a network behind its router for its own, as with a netmask that is too wide."""
    s.ip("sn", f"route add {network} dev eth0 scope link", f"route del {network} dev eth0 scope link")


@fault
def no_address(s, family="both"):
    """The sensor has lost its address (a DHCP lease that ran out)."""
    link = atlas.LINKS["sn"]
    if family in ("both", 4):
        s.ip("sn", "route flush cache", f"route replace default via {link.gateway4}")
        s.ip("sn", f"addr del {atlas.SENSOR4}/24 dev eth0", f"addr replace {atlas.SENSOR4}/24 dev eth0")
    if family in ("both", 6):
        # The default route would outlive the address, and the link-local one is no source for the cloud.
        s.ip("sn", "route del default", f"route replace default via {link.gateway6} dev eth0", 6)
        s.ip("sn", f"addr del {atlas.SENSOR6}/64 dev eth0", f"addr replace {atlas.SENSOR6}/64 dev eth0 nodad", 6)


@fault
def only_family(s, family):
    """The sensor has one address family only; its resolver is reached through that one."""
    if family == 4:
        no_address(s, 6)
    else:
        no_address(s, 4)
        s.resolv_conf = ["nameserver " + atlas.RESOLVERS["lan"][1]]


@fault
def stub_resolver(s):
    """The sensor asks a resolver on its own loopback, which answers whatever the network does."""
    s.stub = True
    s.resolv_conf = ["nameserver 127.0.0.53"]


@fault
def resolv_conf(s, servers=(), options=(), search=()):
    """The sensor's resolv.conf: resolver names (lan, lan2, pub) or addresses."""
    s.resolv_conf = ["nameserver " + (atlas.RESOLVERS[x][0] if x in atlas.RESOLVERS else x) for x in servers]
    s.resolv_conf += [f"options {o}" for o in options]
    if search:
        s.resolv_conf.insert(0, "search " + " ".join(search))


@fault
def hosts_file(s, host, address):
    """An old line in the sensor's hosts file."""
    s.hosts_file.append(f"{address} {atlas.name_of(host)}")


@fault
def second_interface(s, name="mon0"):
    """The sensor has another interface, up and without traffic: its monitoring port."""
    s.ip("sn", f"link add {name} type veth peer name {name}far", f"link del {name}")
    s.ip("sn", f"link set {name} up")
    s.ip("sn", f"link set {name}far up")


@fault
def answers_over_a_second_interface(s, host):
    """The sensor has a second interface, towards the resolvers; a router hands a host's answers to that one, where
    reverse path filtering drops them."""
    h, mac = atlas.host(host), "02:00:00:00:99:99"
    s.ip("sn", f"link add eth1 address {mac} type veth peer name to_sn2 netns @rt", "link del eth1")
    s.ip("sn", "addr add 10.20.9.10/24 dev eth1")
    s.ip("sn", "link set eth1 up")
    s.ip("rt", "addr add 10.20.9.1/24 dev to_sn2")
    s.ip("rt", "link set to_sn2 up")
    for resolver in atlas.RESOLVERS.values():
        s.ip("sn", f"route add {resolver[0]} via 10.20.9.1")
    s.ip("rt", f"neigh replace {atlas.SENSOR4} lladdr {mac} dev to_sn2")
    s.ip("rt", f"route add {atlas.SENSOR4} dev to_sn2 table 99")
    s.ip("rt", f"rule add from {h.v4} lookup 99", f"rule del from {h.v4} lookup 99")
    s.sysctl.append(("sn", "net.ipv4.conf.eth1.rp_filter=1"))


@fault
def clock(s, days):
    """The sensor's clock is wrong by so many days: negative is behind. (Everybody else's is moved.)"""
    s.world = -int(days * 86400)
    s.needs.add("faketime")


# -- names ------------------------------------------------------------------------------------------

def resolvers(s, at):
    return [s.resolvers[k] for k in ([at] if isinstance(at, str) else at)]


@fault
def dns_answer(s, host, rcode, at="lan"):
    """A resolver answers nxdomain, refused or servfail for a name, or nothing at all (drop)."""
    for r in resolvers(s, at):
        for key in hosts_of(host):
            name = atlas.host(key).name
            if rcode == "nxdomain":
                r.local.append(f'local-zone: "{name}." always_nxdomain')
            elif rcode == "refused":
                r.local.append(f'local-zone: "{name}." always_refuse')
            elif rcode == "drop":
                r.local.append(f'local-zone: "{name}." always_deny')
            elif rcode == "servfail":
                r.servfail.append(name)
            else:
                raise ValueError(f"rcode {rcode}")


@fault
def dns_records(s, host, records, at="lan"):
    """A resolver knows other records of a name: a list of [type, data]; none at all when empty."""
    for r in resolvers(s, at):
        name = atlas.HOSTS[host].name if host in atlas.HOSTS else host
        r.records[name] = [tuple(x) for x in records] or [("TXT", '"nothing to connect to"')]


@fault
def private_link(s, host, address, at="lan"):
    """A name has a private address only, and the host answers there (Private Link)."""
    dns_records(s, host, [["A", address]], at)
    via = atlas.LINKS["cl"].v4[0]
    s.ip("cl", f"addr add {address}/32 dev lo", f"addr del {address}/32 dev lo")
    s.ip("rt", f"route add {address}/32 via {via}", f"route del {address}/32")
    s.hosts[host].addresses = [address]


@fault
def nat64(s, works=True, at="lan"):
    """No name has an AAAA record of its own: the resolver makes them (DNS64), and a translator of 64:ff9b::/96 stands
    in the cloud's place, or nothing does."""
    via = atlas.LINKS["cl"].v6[0]
    for r in resolvers(s, at):
        r.dns64 = True
    s.ip("rt", f"route add 64:ff9b::/96 via {via} dev to_cl", "route del 64:ff9b::/96", 6)
    if not works:
        s.forward.append("ip6 daddr 64:ff9b::/96 drop")
    for key, h in atlas.HOSTS.items():
        made = "64:ff9b::" + h.v4
        for r in resolvers(s, at):
            r.records[h.name] = [("A", h.v4)]
        if works:
            s.ip("cl", f"addr add {made}/128 dev lo nodad", f"addr del {made}/128 dev lo", 6)
            s.hosts[key].addresses = [h.v4, str(ipaddress.ip_address(made))]


@fault
def dns_chain(s, host, links=3, at="lan", width=20):
    """A name is an alias of an alias …, as Azure's traffic managers make it."""
    for r in resolvers(s, at):
        name = atlas.host(host).name
        addresses = r.records[name]
        last = name
        for i in range(links):
            # Every alias under a domain of its own, so that name compression does not shorten the answer.
            label = f"{host}{i}-" + chr(ord("a") + i) * max(1, min(width, 50))
            target = f"{label}.tm{i}-{chr(ord('z') - i) * max(1, width // 2)}.trafficmanager-{i}.net"
            r.records[last] = [("CNAME", target + ".")]
            last = target
        r.records[last] = addresses


@fault
def dns_server(s, do, at="lan", udp_size=512):
    """A resolver as a whole: down (port closed), silent, icmp (router says prohibited), refuses,
    refuses-sender, refuses-strangers (by its access control: unbound then sends a bare header, or
    one with an uncounted question behind it), small-udp, no-tcp (TCP 53 dropped), tcp-refused, no-udp (UDP 53 dropped),
    no-long-answers (UDP answers of more than 512 octets dropped)."""
    for key in [at] if isinstance(at, str) else at:
        r = s.resolvers[key]
        v4, v6 = atlas.RESOLVERS[key]
        both = (f"ip daddr {v4}", f"ip6 daddr {v6}")
        if do == "down":
            r.up = False
        elif do == "silent":
            s.forward += [f"{m} th dport 53 drop" for m in both]
        elif do == "icmp":
            s.forward += [f"{both[0]} udp dport 53 reject with icmp type admin-prohibited",
                          f"{both[1]} udp dport 53 reject with icmpv6 type admin-prohibited"]
        elif do == "unreachable":
            s.forward += [f"{both[0]} udp dport 53 reject with icmp type host-unreachable",
                          f"{both[1]} udp dport 53 reject with icmpv6 type addr-unreachable"]
        elif do == "refuses":
            r.local += ['local-zone: "." refuse']
        elif do in ("refuses-sender", "refuses-strangers"):
            action = "refuse" if do == "refuses-sender" else "refuse_non_local"
            r.local += [f"access-control: {a} {action}" for a in (f"{atlas.SENSOR4}/32", f"{atlas.SENSOR6}/128")]
        elif do == "small-udp":
            r.udp_size = udp_size
        elif do == "no-long-answers":
            s.forward += [f"{m.replace('daddr', 'saddr')} udp sport 53 udp length > 520 drop" for m in both]
        elif do == "no-tcp":
            s.forward += [f"{m} tcp dport 53 drop" for m in both]
        elif do == "no-udp":
            s.forward += [f"{m} udp dport 53 drop" for m in both]
        elif do == "tcp-refused":
            s.forward += [f"{m} tcp dport 53 reject with tcp reset" for m in both]
        else:
            raise ValueError(f"dns-server: {do}")


@fault
def dns_rate_limit(s, rate, at="lan"):
    """A resolver answers so many questions of one client in a second, and drops the others (unbound, ip-ratelimit)."""
    for r in resolvers(s, at):
        r.local += [f"ip-ratelimit: {rate}", "ip-ratelimit-factor: 0"]


@fault
def more_names(s, host, n):
    """One host serves so many more names of its own domain, name1, name2, …; its certificate is for all of them."""
    h = atlas.host(host)
    domain = h.name.partition(".")[2]
    s.hosts[host].cert = "wildcard"
    for i in range(1, n + 1):
        for r in s.resolvers.values():
            r.records[f"name{i}.{domain}"] = [("A", h.v4), ("AAAA", h.v6)]


@fault
def dns_absent(s, name, at="lan"):
    """A resolver has no such name."""
    for r in resolvers(s, at):
        del r.records[name]


@fault
def dns_odd(s, at="lan", **odd):
    """A scripted resolver: {delay_ms, drop_first, drop_type, truncate_all, wrong_id, …} (see odd_dns.py)."""
    for r in resolvers(s, at):
        r.odd = odd


@fault
def time_server(s, does="answer", ahead=0, family=4):
    """A time server beside the resolver: answer, unsynchronised, stratum16, kiss, babble, forge; seconds that it is
    ahead; its address family."""
    if does not in ("answer", "unsynchronised", "stratum16", "kiss", "babble", "forge"):
        raise ValueError(f"time-server: {does}")
    s.time_server = {"does": does, "ahead": ahead, "family": family}


# -- endpoints ---------------------------------------------------------------------------------------

@fault
def tls(s, host, cert=None, cert_name=None, protocols=None, ciphers=None, extra=()):
    """nginx's TLS on a host: kind of certificate, protocols, ciphers, more lines."""
    for key in hosts_of(host):
        h = s.hosts[key]
        h.cert, h.cert_name = cert or h.cert, cert_name or h.cert_name
        h.protocols, h.ciphers = protocols or h.protocols, ciphers or h.ciphers
        h.extra = list(extra) or h.extra


@fault
def demand_client_cert(s, host, version="tls1_2"):
    """openssl s_server on a host: no handshake without a client certificate."""
    for key in hosts_of(host):
        s.hosts[key].demand_client_cert = version


@fault
def speaks_only(s, host, protocol):
    """openssl s_server on a host: offers of other protocols (ALPN) end the handshake."""
    for key in hosts_of(host):
        s.hosts[key].alpn = protocol


# What Azure's services answer to a stranger (documentation of the services; kinds of service.c).
SERVICES = {
    "hub": {"upgrade": {"/$iothub/websocket": ["mqtt", "AMQPWSB10"]},
            "refusal": "HTTP/1.1 400 Bad Request\nContent-Length: 0\nConnection: close\n\n",
            "text": "HTTP/1.1 404 Not Found\nContent-Type: text/html; charset=us-ascii\nServer: Microsoft-HTTPAPI/2.0\n"
                    "Connection: close\n\n<HTML><HEAD><TITLE>Not Found</TITLE></HEAD><BODY><h2>Not Found</h2></BODY></HTML>"},
    "bus": {"upgrade": {"/$servicebus/websocket": ["AMQPWSB10"]},
            "text": "HTTP/1.1 200 OK\nContent-Type: application/atom+xml;type=feed;charset=utf-8\nConnection: close\n\n"
                    '<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">Publicly Listed Services</title></feed>'},
    "blob": {"text": "HTTP/1.1 400 The requested URI does not represent any resource on the server.\n"
                     "Server: Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0\nx-ms-error-code: InvalidUri\n"
                     "x-ms-request-id: 0d2f\nContent-Length: 0\nConnection: close\n\n"},
}
# What the same services answer to an address that their own firewall does not admit.
NOT_ADMITTED = {
    "hub": "HTTP/1.1 401 Unauthorized\nContent-Type: application/json; charset=utf-8\nServer: Microsoft-HTTPAPI/2.0\n"
           "iothub-errorcode: IotHubUnauthorizedAccess\nConnection: close\n\n"
           '{"Message":"ErrorCode:IotHubUnauthorizedAccess;Unauthorized"}',
    "bus": "HTTP/1.1 401 Unauthorized\nContent-Type: application/xml; charset=utf-8\nConnection: close\n\n"
           "<Error><Code>401</Code><Detail>Ip has been prevented to connect to the endpoint. For more information see: "
           "TrackingId:b7c36a92_G27, SystemTracker:contoso.servicebus.windows.net:$service</Detail></Error>",
    "blob": "HTTP/1.1 403 This request is not authorized to perform this operation.\n"
            "Server: Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0\nx-ms-error-code: AuthorizationFailure\n"
            "x-ms-request-id: 0d30\nContent-Length: 0\nConnection: close\n\n",
}
BLOCK_PAGE = ("HTTP/1.1 {status}\nContent-Type: text/html\nConnection: close\n\n"
              "<html><head><title>Web page blocked</title></head><body>Category: cloud storage</body></html>")


@fault
def services(s, not_admitted=(), no_upgrade=(), no_amqp=(), blocked=(), no_upgrade_page=(), status="403 Forbidden"):
    """The cloud hosts answer as Azure's services do; not_admitted: their own firewall refuses; no_upgrade: a
    WebSocket is refused, no_amqp: one for AMQP, no_upgrade_page: with a block page of this status; blocked: that
    page to everything."""
    for key, does in SERVICES.items():
        s.hosts[key].odd = dict(does, mode="service")
    for key in not_admitted:
        s.hosts[key].odd = {"mode": "service", "text": NOT_ADMITTED[key]}
    for key in [*no_upgrade, *no_upgrade_page]:
        s.hosts[key].odd["upgrade"] = {}
    for key in no_upgrade_page:
        s.hosts[key].odd["refusal"] = BLOCK_PAGE.format(status=status)
    for key in no_amqp:
        s.hosts[key].odd["upgrade"] = {"/$iothub/websocket": ["mqtt"]}
        s.hosts[key].odd["refusal"] = "HTTP/1.1 400 Bad Request\nContent-Length: 0\nConnection: close\n\n"
    for key in blocked:
        s.hosts[key].odd = {"mode": "service", "text": BLOCK_PAGE.format(status=status)}


@fault
def odd_server(s, host, mode, **settings):
    """A scripted server on a host (see odd_server.py for the modes)."""
    for key in hosts_of(host):
        s.hosts[key].odd = dict(settings, mode=mode)


@fault
def server_down(s, host, also_http=True):
    """Nothing listens on the host: its own kernel refuses."""
    for key in hosts_of(host):
        if also_http:
            s.hosts[key].up = False
        else:
            s.hosts[key].ports = [4443]


@fault
def pki(s, crl="good", ocsp="good", host=None, cert="revocable"):
    """Certificates name an OCSP responder and a CRL (revocable-two-lists, -many-lists, -stapled); what answers
    there: good, chunked, or page, denied, login, missing, silent in their place, one-path: beside one list."""
    for key in hosts_of(host):
        s.hosts[key].cert = cert
    s.hosts["crl"].pki, s.hosts["ocsp"].pki = crl, ocsp


@fault
def portal(s, host):
    """A portal answers for these hosts on port 80, and sends everybody to its login page."""
    for key in hosts_of(host):
        s.hosts[key].pki = "login"


@fault
def listen(s, host, ports):
    """The host serves on other ports (as well)."""
    for key in hosts_of(host):
        s.hosts[key].ports = list(ports)


@fault
def no_http(s, host=None):
    """The host has nothing on port 80."""
    for key in hosts_of(host):
        s.hosts[key].http = False


# -- hops -------------------------------------------------------------------------------------------

@fault
def squid(s, hop, **settings):
    """Settings of a Squid: deny, allow_only (hosts), auth, dns, src_denied, tls, bump, vendor, generated, lines, …"""
    h = s.hops[hop]
    for key, value in settings.items():
        if not hasattr(h, key):
            raise ValueError(f"squid: no such setting: {key}")
        if key in ("deny", "allow_only", "bump_only"):
            value = [atlas.HOSTS[x].name if x in atlas.HOSTS else x for x in value]
        if key == "dns" and value in atlas.RESOLVERS:
            value = atlas.RESOLVERS[value][0]
        if key == "bump":
            s.needs.add("bump")
        setattr(h, key, value)


@fault
def odd_proxy(s, hop, mode, **settings):
    """A scripted proxy in the place of a hop (see odd_proxy.py for the modes)."""
    s.hops[hop].kind = mode
    s.hops[hop].odd = settings


@fault
def hop_down(s, hop):
    """The proxy's process is gone; its host's kernel refuses."""
    s.hops[hop].up = False
