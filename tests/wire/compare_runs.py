#!/usr/bin/env python3
"""Do the packets of a run tell the same as the run? The required results of `hopproof analyze`
on the run's own recording against those of its report. `tests/range/run.py --analyze` asks after
every case of the range; by itself it compares what run.py has kept:

    tests/range/run.py --report-dir REPORTS --pcap-dir CAPTURES
    tests/wire/compare_runs.py HOPPROOF REPORTS CAPTURES [OPTION OF ANALYZE…]

A difference is allowed where the wire cannot know: certificates that TLS 1.3 hides, what is said
within TLS to a proxy, what never became a packet (no route, no resolver, a name sent to loopback),
which interface was meant, which router is the gateway, how long a step was to last, whether a socket
needed what was sent again, that a connection was left idle on purpose, a wildcard, tries of a
balanced proxy.
"""
import glob
import json
import os
import subprocess
import sys

# never a packet, or a matter of the run and not of the network
HIDDEN = {"wire-other-interface", "wire-not-seen", "no-route", "gateway-unreachable",
          "dns-sinkhole", "dns-unreachable", "wildcard-untestable", "intermittent",
          "proxy-auth-unneeded", "app-refused", "websocket-blocked",
          "dns-unexpected-address"}
# nothing was sent to the endpoint, or to a proxy for it
NO_PACKET = set()
# words that say the same with more or less knowledge
SAME = ({"tcp-reset", "tls-reset", "rst-injected", "sni-filtered", "tls-closed"},
        {"hello-size-blocked", "tls-timeout", "mtu-blackhole", "sni-filtered"},
        {"proxy-upstream-failed", "proxy-dns-failed"})


# what becomes of a connection attempt
CONNECT = {"tcp-timeout", "net-unreachable"}


def about_certificates(cause):
    return cause.startswith("cert-") or cause in ("clock-skew", "tls-intercepted")


def certificate_seen(result):
    """Was a certificate of this result in the clear?"""
    return any(s["step"] == "tls" and s["detail"]["chain"] for s in result["steps"])


def address_of_nobody(run, wire):
    """The run connected to an address of its hosts file, about which the wire has only that somebody
    tried it: to `analyze` the name has DNS's addresses, which the run asked for comparison."""
    used = [s["detail"]["addresses"] for s in run["steps"]
            if s["step"] == "resolve" and s["detail"]["source"] == "hosts-file"]
    tried = {s["address"] for s in wire["steps"] if s["step"] == "connect"}
    return any(used) and not any(address in text for text in tried for address in sum(used, []))


def first_router_spoke_of_another(run, wire):
    """Silence that follows from what the sensor's own gateway said of another address: packets do not
    name the gateway, the kernel does."""
    return (run["cause"] == "net-unreachable" and wire["cause"] == "tcp-timeout" and
            not any(s["outcome"] == "tcp-unreachable" for s in run["steps"]))


def loss_that_the_socket_did_not_feel(run, wire):
    """One or two repeats of a connection are a peer's impatience when the socket needed none of them
    (judge/wire.c); packets alone do not tell."""
    return (run["verdict"] == "pass" and wire["cause"] == "wire-loss" and
            all((flow["retransmits"] or 0) < 3 for flow in run["wire"]["flows"]))


def agree(run, wire, tls_to_proxy):
    if wire is None:
        return run["endpoint"][0] == "*" or run["cause"] in NO_PACKET
    if run["endpoint"][0] == "*" or tls_to_proxy:
        return wire["verdict"] != "fail" or run["verdict"] == "fail"
    if (run["verdict"], run["cause"]) == (wire["verdict"], wire["cause"]):
        return True
    cause = run["cause"] or ""
    if cause in HIDDEN or (about_certificates(cause) and not certificate_seen(wire)):
        return True
    if loss_that_the_socket_did_not_feel(run, wire) or first_router_spoke_of_another(run, wire):
        return True
    if cause in CONNECT and wire["cause"] in CONNECT and address_of_nobody(run, wire):
        return True
    return any(cause in words and wire["cause"] in words for words in SAME)


def is_revocation(run, result):
    """A revocation server on the required route: optional, and yet a warning."""
    services = {e["id"]: e["service"] for e in run["endpoints"]}
    return services[result["endpoint"]] == "revocation"


def differences(hopproof, run, capture, options=()):
    """Lines that say where the packets and the report `run` disagree."""
    command = [hopproof, "analyze", capture, "--json", "-", *options]
    for hop in run["hops"]:
        command += ["--proxy", f"{hop['name']}={hop['url']}"]
    for server in run["time_servers"]:
        command += ["--ntp", server["id"]]
    command += ["--timeout", str(run["run"]["timeout_ms"] / 1000)]
    if run["site"]["chain"] == "nested":
        command += ["--chain", "nested"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 3):
        return [f"exit status {done.returncode}: {done.stderr.strip()}"]
    report = json.loads(done.stdout)
    wire = {(r["endpoint"], r["route"]): r for r in report["results"]}
    secure = any(hop["url"].startswith("https") for hop in run["hops"])
    wrong = []
    for result in run["results"]:
        other = wire.get((result["endpoint"], result["route"]))
        if (result["required"] or is_revocation(run, result)) and not agree(result, other, secure):
            wrong.append(f"{result['endpoint']} {result['route']}: run {result['verdict']} "
                         f"{result['cause']}, wire {other['verdict']} {other['cause']}" if other
                         else f"{result['endpoint']} {result['route']}: run {result['verdict']} "
                         f"{result['cause']}, wire nothing")
    for server, other in zip(run["time_servers"], report["time_servers"]):
        if (server["verdict"], server["outcome"]) != (other["verdict"], other["outcome"]):
            wrong.append(f"{server['id']}: run {server['outcome']}, wire {other['outcome']}")
    return wrong


def main():
    hopproof, reports, captures, *options = sys.argv[1:]
    compared = differ = 0
    for capture in sorted(glob.glob(os.path.join(captures, "*.pcapng"))):
        name = os.path.splitext(os.path.basename(capture))[0]
        report = os.path.join(reports, name + ".json")
        if not os.path.exists(report):
            continue
        with open(report, encoding="utf-8") as file:
            wrong = differences(hopproof, json.load(file), capture, options)
        compared += 1
        differ += bool(wrong)
        for line in wrong:
            print(f"{name}: {line}")
    print(f"{compared} runs compared, {differ} differ")
    return 1 if differ or compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
