#!/usr/bin/env python3
"""Sample reports for the golden tests: make_samples.py FOLDER [--only NAME].

Each sample is written sparsely here; `golden_draw json` fills in the keys that are missing,
so that the files in reports/ are whole reports. The addresses are documentation addresses.
"""
import hashlib
import json
import sys
import uuid

GW, RES, SENSOR = "192.0.2.1", "192.0.2.53:53", "192.0.2.10"
OWNERS = {"proxy-denied": ("proxy:proxy-B", "proxy server"),
          "net-prohibited": ("network", "general connection"),
          "mtu-blackhole": ("network", "secure connection"),
          "tls-intercepted": ("network", "secure connection"),
          "slow": ("network", "general connection"),
          "dns-nxdomain": ("dns", "name resolution"),
          "clock-skew": ("sensor", "secure connection"),
          "wire-not-seen": ("sensor", "general connection"),
          "some-addresses-fail": ("network", "general connection"),
          "wildcard-untestable": ("sensor", "name resolution"),
          "tcp-timeout": ("network", "general connection"),
          "unwanted-path": ("network", "general connection"),
          "proxy-auth-unneeded": ("proxy:proxy-A", "proxy authentication"),
          "rst-injected": ("network", "general connection")}


def base(name, seed, routes, required, hops=(), **run):
    return {"schema": "hopproof.report/1",
            "tool": {"name": "hopproof", "version": "0.1.0"},
            "run": {"id": str(uuid.UUID(hashlib.md5(seed.encode()).hexdigest())),
                    "started": "2026-11-24T09:30:00.123Z", "finished": "2026-11-24T09:30:03.456Z",
                    "duration_ms": 3333.0, "command": "check", "complete": True, "notes": [],
                    "timeout_ms": 5000.0, "trust": "system store (/etc/ssl/certs)", **run},
            "site": {"name": name, "sensor": "ot-sensor-7", "interface": "eth0",
                     "chain": "forwarded", "required_route": required, "resolvers": [RES],
                     "method": "proxy" if hops else "direct"},
            "hops": [{"name": h, "url": "http://%s.plant.example:3128" % h.lower(),
                      "from_sensor": {"verdict": "pass"},
                      "from_previous": {"verdict": "pass" if i == 0 else "skip"},
                      "credentials": i == 0} for i, h in enumerate(hops)],
            "routes": [{"id": r, "hops": [] if r == "direct" else r.split(">"),
                        "required": r == required,
                        "forwarded": r != "direct" and len(hops) > 1 and r == hops[0]}
                       for r in routes],
            "endpoints": [], "results": [], "findings": [],
            "capture": {"enabled": True, "interface": "eth0", "file": "evidence.pcapng",
                        "packets": 1234, "dropped_kernel": 0, "dropped_interface": 0}}


def endpoint(report, host, service="", port=443, **more):
    e = {"id": "%s:%d" % (host, port), "host": host, "port": port, "service": service,
         "wildcard": host.startswith("*"), "source": "profile defender-iot",
         "public_name": True, **more}
    report["endpoints"].append(e)
    return e


def legs_of(report, route_id):
    route = next(r for r in report["routes"] if r["id"] == route_id)
    names = list(route["hops"])
    if route.get("forwarded"):
        all_hops = [h["name"] for h in report["hops"]]
        names += all_hops[all_hops.index(names[-1]) + 1:]
    stations = ["sensor"] + names + ["endpoint"]
    return list(zip(stations, stations[1:]))


def sock(remote, rtt=11.2, **more):
    return {"local": SENSOR + ":40112", "remote": remote, "rtt_ms": rtt, "retransmits": 0,
            "mss": 1448, "pmtu": 1500, "sent": 1812, "acked": 1812, "received": 5120, **more}


def step(kind, leg, target, address, started, duration, verdict="pass", cause=None, at=None,
         outcome="ok", probe=1, **detail):
    return {"step": kind, "leg": leg, "target": target, "address": address, "verdict": verdict,
            "cause": cause, "at": at, "started_ms": started, "duration_ms": duration,
            "outcome": outcome, "probe": probe, "attempt": 1, "detail": detail,
            "flow": None if kind == "resolve" else 0}


def resolve(e, addresses, started=1.2, duration=8.431, **more):
    return step("resolve", "sensor>resolver", e["host"], RES, started, duration, probe=0,
                name=e["host"], source="resolver", used=True, addresses=addresses,
                lookups=[{"type": "A", "outcome": "ok", "rcode": "NOERROR", "transport": "udp",
                          "cnames": ["waws-prod.cloudapp.example"], "addresses": addresses,
                          "ttl": 60, "duration_ms": duration}], **more)


def cert(subject, issuer, o="DigiCert Inc", sans=(), **more):
    digest = hashlib.sha256((subject + issuer).encode()).hexdigest()
    return {"subject": "CN=" + subject, "issuer": "CN=%s,O=%s" % (issuer, o),
            "subject_cn": subject, "issuer_cn": issuer, "issuer_o": o, "sans": list(sans),
            "not_before": "2026-08-01T00:00:00Z", "not_after": "2027-02-01T00:00:00Z",
            "serial": digest[:20], "sha256": digest, "spki_sha256": digest[::-1],
            "key": "RSA 2048", **more}


def chain(e):
    return [cert(e["host"], "Microsoft Azure RSA TLS Issuing CA 04", "Microsoft Corporation",
                 [e["host"], "*." + e["host"].split(".", 1)[-1]]),
            cert("Microsoft Azure RSA TLS Issuing CA 04", "DigiCert Global Root G2")]


def tls(e, leg, address, started, duration=41.7, verdict="pass", cause=None, at=None,
        outcome="ok", **more):
    facts = {"sni": e["host"], "version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384",
             "group": "x25519", "alpn": None, "reached": "finished", "hello_len": 317,
             "received": 4711, "chain": chain(e), "chain_errors": [], "trusted": True,
             "public_trust": True, "anchor": "CN=DigiCert Global Root G2",
             "sock": sock(address), **more}
    return step("tls", leg, e["id"], address, started, duration, verdict, cause, at, outcome,
                **facts)


def flow(dst, **more):
    return {"src": SENSOR + ":40112", "dst": dst, "packets": 21, "bytes": 6932,
            "syn_rtt_ms": 11.2, "retransmits": 0, "resets": 0, "mss": 1460,
            "frames": [12, 13, 14, 19], "proto": "tcp", "interface": "eth0", "state": "closed",
            "syns": 1, "packets_back": 10, "closed_by": "src", "peer_ttl": 53,
            "started_ms": 9.7, "ended_ms": 77.3, **more}


def frame(number, at, sender, what, length=0, **more):
    return {"number": number, "last": number, "times": 1, "at_ms": at, "from": sender,
            "what": what, "len": length, "lost": False, **more}


def handshake(n=12, at=9.7, rtt=11.2):
    return [frame(n, at, "src", "SYN"), frame(n + 1, at + rtt, "dst", "SYN-ACK")]


def result(report, e, route, verdict="pass", cause=None, at=None, summary=None, fail_leg=None,
           steps=(), wire=None, duration=66.2, **more):
    legs, state = [], "pass"
    for a, b in legs_of(report, route):
        if verdict == "skip":
            state = "skip"
        name = a + ">" + b
        this = state
        if state != "skip" and fail_leg == name:
            this, state = ("warn", "pass") if verdict == "warn" else ("fail", "skip")
        legs.append({"from": a, "to": b, "verdict": this})
    required = next(r for r in report["routes"] if r["id"] == route)["required"]
    report["results"].append({
        "endpoint": e["id"], "route": route, "required": required and not e.get("optional"),
        "verdict": verdict, "cause": cause, "at": at,
        "summary": summary or "%s answers over %s: TLSv1.3 in %.0f ms." % (e["id"], route, duration),
        "attempts": 1, "passed_attempts": 1 if verdict in ("pass", "warn") else 0,
        "duration_ms": duration, "legs": legs, "steps": list(steps), "wire": wire,
        "retest": "hopproof check --route '%s' %s" % (route, e["id"]), **more})
    return len(report["results"]) - 1


def passed(report, e, route, n=1, **more):
    address = "203.0.113.%d:%d" % (10 + n % 200, e["port"])
    last = ">".join(legs_of(report, route)[-1])
    steps = []
    if route == "direct":
        steps = [resolve(e, [address.rsplit(":", 1)[0]]),
                 step("connect", last, e["id"], address, 9.7, 11.204, sock=sock(address))]
    else:
        first = ">".join(legs_of(report, route)[0])
        address = "192.0.2.80:3128"
        steps = [step("connect", first, "proxy-a.plant.example:3128", address, 0.9, 1.104,
                      sock=sock(address, 1.1)),
                 step("tunnel", first, e["id"], address, 2.0, 22.4, hop=route, request=e["id"],
                      status=200, reason="Connection established", version="HTTP/1.1",
                      sock=sock(address, 1.1))]
    steps.append(tls(e, last, address, 24.5))
    return result(report, e, route, steps=steps,
                  wire={"verdict": "pass", "notes": [], "flows": [flow(address, ladder=handshake() + [
                      frame(14, 21.0, "src", "ClientHello " + e["host"], 317),
                      frame(16, 33.1, "dst", "ServerHello", 1448),
                      frame(19, 62.7, "src", "Finished", 74)])]}, **more)


def finding(report, cause, at, severity, title, explanation, remedy, results):
    owner, cls = OWNERS[cause]
    report["findings"].append({"cause": cause, "at": at, "owner": owner, "sensor_class": cls,
                               "severity": severity, "title": title, "explanation": explanation,
                               "remedy": remedy, "results": results})


def close(report):
    def counts(results):
        return {v: sum(r["verdict"] == v for r in results) for v in ("pass", "warn", "fail", "skip")}
    required = [r for r in report["results"] if r["required"]]
    c = counts(required)
    verdict = "fail" if c["fail"] else "warn" if c["warn"] else "pass" if c["pass"] else "skip"
    report["summary"] = {"verdict": verdict, "required": c, "all": counts(report["results"])}
    return report


HOSTS = [("contoso.azure-devices.net", "IoT Hub"), ("contoso-ns.servicebus.windows.net", "Event Hubs"),
         ("contosodata.blob.core.windows.net", "Storage"), ("download.microsoft.com", "updates"),
         ("mobile.events.data.example", "telemetry")]


def healthy_direct():
    r = base("plant 7", "healthy", ["direct"], "direct")
    for i, (host, service) in enumerate(HOSTS[:4]):
        passed(r, endpoint(r, host, service), "direct", i)
    w = endpoint(r, "*.azure-devices.net", "IoT Hub")
    n = result(r, w, "direct", "skip", "wildcard-untestable", "sensor",
               "*.azure-devices.net is a wildcard: nothing can be connected to.", duration=0.0)
    finding(r, "wildcard-untestable", "sensor", "info", "A wildcard cannot be tested",
            "*.azure-devices.net stands for many names; the direct route can only be tested with "
            "one of them.", "Add the exact host names from the portal's endpoint details.", [n])
    r["capture"] = {"enabled": False, "reason": "--no-capture"}
    return r


def denied(r, e, route, hop):
    address = "192.0.2.80:3128"
    s = [step("connect", "sensor>proxy-A", "proxy-a.plant.example:3128", address, 0.9, 1.104,
              sock=sock(address, 1.1)),
         step("tunnel", "sensor>proxy-A", e["id"], address, 2.0, 14.2, "fail", "proxy-denied", hop,
              "http-status", hop="proxy-A", request=e["id"], status=403, reason="Forbidden",
              version="HTTP/1.1", via="1.1 proxy-b (squid/5.7)", x_cache="MISS from proxy-b",
              x_squid_error="ERR_ACCESS_DENIED 0", server="squid/5.7", content_length=3068,
              body_len=0, body_complete=False, title="ERROR: The requested URL could not be "
              "retrieved", received=412, sock=sock(address, 1.1))]
    return result(
        r, e, route, "fail", "proxy-denied", hop,
        "proxy-B refused CONNECT %s with 403 after 14 ms (1 try), told by its Via and X-Cache."
        % e["id"], fail_leg="proxy-A>proxy-B", steps=s, duration=15.4,
        wire={"verdict": "fail", "flows": [flow(address, packets=11, bytes=690,
                                                frames=[40, 41, 43, 47],
                                                ladder=handshake(40, 0.9, 1.1) + [
                                                    frame(43, 2.0, "src", "CONNECT " + e["id"], 180),
                                                    frame(47, 16.2, "dst", "HTTP 403", 412)])],
              "notes": []},
        remedy="On proxy-B, allow CONNECT to %s." % e["id"],
        evidence=["CONNECT %s was answered with HTTP 403" % e["id"],
                  "Via and X-Cache name proxy-b, and the body is cut: relayed by proxy-A",
                  "other endpoints pass through the same hops"],
        ruled_out=["proxy-A denies: its own refusals come with a full body",
                   "credentials: no 407 was seen"])


def prohibited(r, e):
    address = "203.0.113.77:443"
    s = [resolve(e, ["203.0.113.77"]),
         step("connect", "sensor>endpoint", e["id"], address, 9.7, 3.311, "fail", "net-prohibited",
              "sensor>endpoint", "tcp-prohibited", error="EHOSTUNREACH",
              icmp="administratively prohibited", icmp_from=GW, icmp_type=3, icmp_code=13,
              interface="eth0", source=SENSOR, gateway=GW, syn_retransmits=0)]
    return result(
        r, e, "direct", "fail", "net-prohibited", "sensor>endpoint",
        "192.0.2.1 forbids the way to %s (203.0.113.77) after 3 ms (1 try)." % e["id"],
        fail_leg="sensor>endpoint", steps=s, duration=13.1,
        wire={"verdict": "fail", "flows": [flow(address, packets=2, bytes=0, frames=[3, 4],
                                                state="syn-sent", packets_back=0, closed_by=None,
                                                icmp="administratively prohibited", icmp_from=GW,
                                                icmp_type=3, icmp_code=13, syn_rtt_ms=None,
                                                ladder=[frame(3, 9.7, "src", "SYN"),
                                                        frame(4, 13.0, GW, "ICMP prohibited")])],
              "notes": []},
        evidence=["ICMP type 3 code 13 from 192.0.2.1 answered the SYN (frame 4)"])


def proxy_chain_denied():
    r = base("plant 7", "denied", ["direct", "proxy-A", "proxy-B"], "proxy-A",
             ["proxy-A", "proxy-B"])
    no_way, refused = [], []
    for i, (host, service) in enumerate(HOSTS):
        e = endpoint(r, host, service)
        no_way.append(prohibited(r, e))
        if "servicebus" in host or "blob" in host:
            refused.append(denied(r, e, "proxy-A", "proxy-B"))
            refused.append(denied_alone(r, e))
        else:
            passed(r, e, "proxy-A", i)
            passed(r, e, "proxy-B", i)
    finding(r, "proxy-denied", "proxy-B", "error", "The proxy's policy denies the endpoint",
            "proxy-B answers CONNECT with 403 for 2 of 5 endpoints; its allow list lacks them.",
            "On proxy-B, allow CONNECT to contoso-ns.servicebus.windows.net:443 and "
            "contosodata.blob.core.windows.net:443, above the rule that denies.", refused)
    finding(r, "net-prohibited", "sensor>endpoint", "info", "A firewall says: prohibited",
            "The direct way is closed by 192.0.2.1, as it should be where a proxy is required.",
            "Nothing to do while proxy-A is the required route.", no_way)
    finding(r, "proxy-auth-unneeded", "proxy-A", "info", "The proxy never asked for the credentials",
            "Credentials are configured for proxy-A, and it answered without asking for them.",
            "Remove user and password from the sensor's proxy settings.", [])
    r["site"].update(method="proxy-chain")
    r["checklist"] = [
        {"id": "proxy-starts", "list": "proxy-chain", "step": None, "state": "unseen", "needed": True,
         "title": "The site's proxy starts with its machine",
         "evidence": "on the proxy: systemctl is-enabled squid"}]
    return r


def denied_alone(r, e):
    n = denied(r, e, "proxy-B", "proxy-B")
    res = r["results"][n]
    res["legs"][0]["verdict"] = "fail"
    res["legs"][1]["verdict"] = "skip"
    return n


def many_faults():
    r = base("Werk Süd", "many", ["direct"], "direct",
             notes=["the hosts file overrides download.microsoft.com"], clock_offset_s=-86400)
    es = [endpoint(r, h, s) for h, s in HOSTS]
    e = es[0]
    a = "203.0.113.10:443"
    mtu = result(
        r, e, "direct", "fail", "mtu-blackhole", "sensor>endpoint",
        "Segments above 1348 octets vanish on the way to %s (203.0.113.10), 1 try, 5.0 s." % e["id"],
        fail_leg="sensor>endpoint", duration=5031.0,
        steps=[resolve(e, ["203.0.113.10"]),
               step("connect", "sensor>endpoint", e["id"], a, 9.7, 11.2, sock=sock(a)),
               tls(e, "sensor>endpoint", a, 21.1, 5000.0, "fail", "mtu-blackhole", "sensor>endpoint",
                   "timeout", version=None, cipher=None, group=None, reached="client-hello",
                   hello_len=1716, received=0, chain=[], trusted=None, public_trust=None,
                   anchor=None, sock=sock(a, retransmits=4, unacked=1, acked=0, received=0))],
        wire={"verdict": "fail", "flows": [flow(a, retransmits=4, lost_len=1348, passed_len=512,
                                                lost_direction="src", ended_ms=5040.0,
                                                frames=[12, 13, 14, 15, 18, 22, 31],
                                                ladder=handshake() + [
                                                    frame(14, 21.1, "src", "ClientHello, part 1",
                                                          1448, lost=True, times=5, last=31),
                                                    frame(15, 21.2, "src", "ClientHello, part 2",
                                                          268)])],
              "notes": ["segments of 1448 octets were sent five times and never acknowledged"]},
        evidence=["small-hello passed, large-hello did not", "4 retransmissions of full segments"],
        ruled_out=["tcp-timeout: the handshake took 11 ms"])
    e = es[1]
    a = "203.0.113.11:443"
    fake = [cert(e["host"], "Zscaler Intermediate Root CA (zscaler.net)", "Zscaler Inc.", [e["host"]]),
            cert("Zscaler Intermediate Root CA (zscaler.net)", "Zscaler Root CA", "Zscaler Inc.")]
    mitm = result(
        r, e, "direct", "fail", "tls-intercepted", "sensor>endpoint",
        "Zscaler Inc. re-signs the connection to %s (203.0.113.11), 1 try." % e["id"],
        fail_leg="sensor>endpoint",
        steps=[resolve(e, ["203.0.113.11"]),
               step("connect", "sensor>endpoint", e["id"], a, 9.7, 11.2, sock=sock(a)),
               tls(e, "sensor>endpoint", a, 21.1, 44.0, "fail", "tls-intercepted",
                   "sensor>endpoint", "tls-verify", chain=fake, trusted=False, public_trust=False,
                   anchor=None,
                   chain_errors=[{"depth": 1, "code": 20, "name": "unable-to-get-issuer-cert-locally",
                                  "subject": "CN=Zscaler Intermediate Root CA (zscaler.net)"}])],
        wire={"verdict": "pass", "flows": [flow(a)], "notes": []},
        evidence=["the chain ends in \"Zscaler Root CA\", which no public list holds"])
    e = es[2]
    rst = result(
        r, e, "direct", "fail", "rst-injected", "sensor>endpoint",
        "A reset that 203.0.113.12 did not send cut the handshake with %s after 2 ms." % e["id"],
        fail_leg="sensor>endpoint",
        steps=[resolve(e, ["203.0.113.12"]),
               step("connect", "sensor>endpoint", e["id"], "203.0.113.12:443", 9.7, 11.2,
                    sock=sock("203.0.113.12:443")),
               tls(e, "sensor>endpoint", "203.0.113.12:443", 21.1, 2.0, "fail", "rst-injected",
                   "sensor>endpoint", "reset", version=None, cipher=None, group=None,
                   reached="client-hello", chain=[], trusted=None, public_trust=None, anchor=None)],
        wire={"verdict": "fail", "flows": [flow("203.0.113.12:443", resets=3, reset_by="dst",
                                                reset_ttl=61, peer_ttl=53, reset_foreign=True,
                                                closed_by="dst", state="reset", ended_ms=24.0,
                                                ladder=handshake() + [
                                                    frame(14, 21.1, "src", "ClientHello", 317),
                                                    frame(15, 23.0, "dst", "RST TTL 61 (peer: 53)",
                                                          times=3, last=17)])],
              "notes": []},
        evidence=["the reset came with TTL 61, the peer's packets with TTL 53"])
    e = es[3]
    nx = result(
        r, e, "direct", "fail", "dns-nxdomain", "resolver",
        "%s says that %s does not exist (A and AAAA, 1 try, 9 ms)." % (RES, e["host"]),
        steps=[step("resolve", "sensor>resolver", e["host"], RES, 1.2, 9.0, "fail", "dns-nxdomain",
                    "resolver", "dns-nxdomain", probe=0, name=e["host"], source="resolver",
                    used=True, addresses=[],
                    lookups=[{"type": t, "outcome": "dns-nxdomain", "rcode": "NXDOMAIN",
                              "transport": "udp", "duration_ms": 9.0} for t in ("A", "AAAA")])],
        duration=9.4, wire={"verdict": "fail", "flows": [], "notes": []})
    for leg in r["results"][nx]["legs"]:
        leg["verdict"] = "skip"
    ok = passed(r, es[4], "direct", 9)
    finding(r, "mtu-blackhole", "sensor>endpoint", "error", "Large packets vanish on the way",
            "Small packets to contoso.azure-devices.net pass, full-size ones never arrive, and no "
            "ICMP tells the sender: a tunnel or VPN on the way has a smaller MTU.",
            "Clamp the TCP MSS to 1308 on the router in front of the tunnel, and let ICMP type 3 "
            "code 4 pass.", [mtu])
    finding(r, "tls-intercepted", "sensor>endpoint", "error", "Somebody re-signs the TLS connection",
            "Zscaler Inc. answers in the name of contoso-ns.servicebus.windows.net.",
            "Exempt the endpoint from TLS inspection, or upload the inspector's CA certificate to "
            "the sensor.", [mitm])
    finding(r, "rst-injected", "sensor>endpoint", "error", "Somebody on the way forges a reset",
            "The reset's TTL does not match the peer's packets.",
            "Ask the owner of the firewall for a rule on contosodata.blob.core.windows.net.", [rst])
    finding(r, "dns-nxdomain", "resolver", "error", "The name does not exist in DNS",
            "192.0.2.53 answers NXDOMAIN for download.microsoft.com.",
            "Forward the zone on 192.0.2.53, or point the sensor to a resolver that knows it.", [nx])
    return r


def warnings():
    r = base("plant 9", "warn", ["direct"], "direct")
    es = [endpoint(r, h, s) for h, s in HOSTS[:3]]
    slow = passed(r, es[0], "direct", 1, verdict="warn", cause="slow", at="sensor>endpoint",
                  fail_leg="sensor>endpoint", duration=3120.5,
                  summary="contoso.azure-devices.net:443 answers, but TLS took 3.1 s of its 5 s.")
    unseen = passed(r, es[1], "direct", 2, verdict="warn", cause="wire-not-seen", at="sensor",
                    summary="It passed, but eth0 saw no packet of it.")
    r["results"][unseen]["wire"] = {"verdict": "fail", "flows": [], "notes": ["no packets on eth0"]}
    for s in r["results"][unseen]["steps"]:
        s["flow"] = None
    part = passed(r, es[2], "direct", 3, verdict="warn", cause="some-addresses-fail", at="endpoint",
                  summary="1 of 2 addresses of contosodata.blob.core.windows.net fails: "
                  "2001:db8::12 (tcp-timeout).")
    finding(r, "slow", "sensor>endpoint", "warning", "It works, but slowly",
            "The TLS handshake took 3.1 s.", "Look for loss and for a busy proxy.", [slow])
    finding(r, "wire-not-seen", "sensor", "warning", "It passed, but no packets were seen",
            "The probe passed while eth0 recorded nothing of it.",
            "Name the management interface with --interface.", [unseen])
    finding(r, "some-addresses-fail", "endpoint", "warning", "Some of the addresses do not work",
            "IPv6 does not work, IPv4 does.", "Give the sensor an IPv6 route, or no IPv6 address.",
            [part])
    r["site"].update(method="direct")
    r["checklist"] = [
        {"id": "route", "list": "direct", "step": None, "state": "met", "needed": True,
         "title": "Every required endpoint answers on the route that the method asks for",
         "evidence": "3 of 3 endpoints answer directly"}]
    return r


def incomplete():
    r = base("plant 7", "incomplete", ["direct"], "direct", complete=False,
             notes=["interrupted by SIGINT after 1.2 s: 2 of 3 results were not tested"],
             finished=None)
    es = [endpoint(r, h, s) for h, s in HOSTS[:3]]
    passed(r, es[0], "direct", 1)
    for e in es[1:]:
        result(r, e, "direct", "skip", summary="%s was not tested." % e["id"], duration=None)
    r["capture"] = {"enabled": False, "reason": "no permission to open eth0; run as root"}
    return r


EVIL = "<script>alert('x')</script>\" onload=\"&lt; ]]> -->"


def hostile():
    long = "a" * 63 + "." + "b" * 63 + ".example"
    r = base(EVIL, "hostile", ["direct", "hop<1>"], "direct", notes=[EVIL, "\x1b[31mred\u202e"])
    r["routes"][1]["hops"] = ["<img src=x onerror=alert(1)>"]
    r["hops"] = [{"name": "<img src=x onerror=alert(1)>", "url": "javascript:alert(1)"}]
    r["site"].update(sensor=EVIL, interface="\x07eth0", method="</style>")
    for host in (EVIL, long):
        e = endpoint(r, host, "</td>", source="\"><b>")
        address = "203.0.113.66:443"
        n = result(r, e, "direct", "fail", "tls-intercepted", EVIL, EVIL + "\n\r" + "y" * 300,
                   fail_leg="sensor>endpoint", evidence=[EVIL, "x" * 500], ruled_out=[EVIL],
                   steps=[resolve(e, [EVIL], tags=[EVIL]),
                          step("tunnel", EVIL, EVIL, EVIL, 1, 2, "fail", "proxy-denied", EVIL,
                               "http-status", hop=EVIL, request=EVIL, status=403, reason=EVIL,
                               via=EVIL, x_cache=EVIL, x_squid_error=EVIL, body=EVIL, title=EVIL,
                               proxy_authenticate=[EVIL], server=EVIL, location=EVIL,
                               first_bytes=EVIL, error=EVIL, generated_by=EVIL, proxy_status=EVIL),
                          tls(e, EVIL, address, 3, 4, "fail", "tls-intercepted", EVIL, "tls-verify",
                              chain=[cert(EVIL, EVIL, EVIL, [EVIL])], first_bytes=EVIL,
                              chain_errors=[{"depth": 0, "code": 1, "name": EVIL, "subject": EVIL}],
                              alert=EVIL, error=EVIL, anchor=EVIL)],
                   wire={"verdict": "fail", "notes": [EVIL],
                         "flows": [flow(EVIL, src=EVIL, sni=EVIL, connect=EVIL, icmp=EVIL,
                                        icmp_from=EVIL, interface=EVIL, state=EVIL, alert=EVIL,
                                        ladder=[frame(1, 9.0, EVIL, EVIL), frame(2, 9.5, "dst", EVIL),
                                                frame(-3, -1e9, "src", EVIL)])]},
                   retest=EVIL, remedy=EVIL)
        finding(r, "tls-intercepted", EVIL, "error", EVIL, EVIL, EVIL, [n])
        result(r, e, "hop<1>", "skip", None, None, EVIL)
    r["findings"][0]["owner"] = EVIL
    r["capture"].update(file=EVIL, interface=EVIL, reason=EVIL)
    return r


def empty():
    r = base(None, "empty", ["direct"], "direct", complete=False)
    r["capture"] = {"enabled": False}
    return r


def large(n_endpoints=30):
    r = base("large", "large%d" % n_endpoints, ["direct", "proxy-A", "proxy-B"], "proxy-A",
             ["proxy-A", "proxy-B"])
    no_way, refused = [], []
    for i in range(n_endpoints):
        e = endpoint(r, "host-%03d.contoso.azure-devices.net" % i, "IoT Hub")
        no_way.append(prohibited(r, e))
        if i % 3 == 0:
            refused += [denied(r, e, "proxy-A", "proxy-B"), denied_alone(r, e)]
        else:
            passed(r, e, "proxy-A", i)
            passed(r, e, "proxy-B", i)
    finding(r, "proxy-denied", "proxy-B", "error", "The proxy's policy denies the endpoint",
            "proxy-B answers CONNECT with 403.", "Allow the endpoints on proxy-B.", refused)
    finding(r, "net-prohibited", "sensor>endpoint", "info", "A firewall says: prohibited",
            "The direct way is closed.", "Nothing to do.", no_way)
    return r


def checklist():
    r = base("plant 7", "checklist", ["direct", "proxy-A"], "proxy-A", ["proxy-A"])
    r["site"].update(method="azure-proxy", migration=True, legacy_hub="old.azure-devices.net:443")
    open_way = []
    for i, (host, service) in enumerate(HOSTS[:2]):
        e = endpoint(r, host, service)
        passed(r, e, "proxy-A", i)
        open_way.append(passed(r, e, "direct", i))
    finding(r, "unwanted-path", "sensor>endpoint", "info", "The direct way is open, past the proxy",
            "Both endpoints can also be reached directly, past the proxy (azure-proxy).",
            "At the site's firewall, deny TCP port 443 to all but the proxy.", open_way)
    r["time_servers"] = [
        {"id": "ntp.plant.example:123", "host": "ntp.plant.example", "port": 123, "address": "192.0.2.123:123",
         "outcome": "ok", "verdict": "pass", "offset_ms": -431.2, "delay_ms": 0.8, "stratum": 2},
        {"id": "192.0.2.124:123", "host": "192.0.2.124", "port": 123, "address": "192.0.2.124:123",
         "outcome": "timeout", "verdict": "warn"}]
    r["checklist"] = [
        {"id": "route", "list": "azure-proxy", "step": None, "state": "met", "needed": True,
         "title": "Every required endpoint answers on the route that the method asks for",
         "evidence": "2 of 2 endpoints answer over proxy-A"},
        {"id": "no-way-past", "list": "azure-proxy", "step": None, "state": "unmet", "needed": False,
         "title": "There is no way past the proxy", "evidence": "2 of 2 endpoints answer directly"},
        {"id": "azure-files", "list": "azure-proxy", "step": None, "state": "unseen", "needed": True,
         "title": "Security group, load balancer and scale set are as the article has them",
         "evidence": "hopproof audit reads them: az network nsg show, az network lb show"},
        {"id": "present-hub", "list": "migration", "step": 1, "state": "met", "needed": False,
         "title": "The legacy IoT hub answers before the migration",
         "evidence": "old.azure-devices.net:443 answers; routes: direct"},
        {"id": "new-rules", "list": "migration", "step": 4, "state": "unmet", "needed": True,
         "title": "Firewalls and proxies allow the endpoints of software 22.1 and later",
         "evidence": "1 of 2 fails over proxy-A"},
        {"id": "lab-first", "list": "migration", "step": 5, "state": "unseen",
         "needed": False, "title": "A <test> lab or a reference site was moved first", "evidence": None}]
    return r


SAMPLES = {"checklist": checklist,
           "healthy-direct": healthy_direct, "proxy-chain-denied": proxy_chain_denied,
           "many-faults": many_faults, "warnings": warnings, "incomplete": incomplete,
           "hostile": hostile, "empty": empty}


def main():
    folder = sys.argv[1]
    for name, make in SAMPLES.items():
        with open("%s/%s.json" % (folder, name), "w", encoding="ascii") as out:
            json.dump(close(make()), out)


if __name__ == "__main__":
    main()
