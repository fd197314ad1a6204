#!/usr/bin/env python3
"""Do the packets of a run tell the same as the run? The required results, the revocation servers
and the time servers of `hopproof analyze` on the run's own recording against those of its report.
`tests/range/run.py --analyze` asks after every case of the range; by itself it compares what run.py
has kept:

    tests/range/run.py --report-dir REPORTS --pcap-dir CAPTURES
    tests/wire/compare_runs.py HOPPROOF REPORTS CAPTURES [OPTION OF ANALYZE…]

A difference is allowed where packets cannot know: REASONS lists these, each with what it rests on.
"""
import glob
import json
import os
import subprocess
import sys

def steps(result, kind):
    return [s for s in result["steps"] if s["step"] == kind]


def tried_without_a_packet(run):
    """One address of the name is this machine's own (0.0.0.0), and to the others the kernel has no way."""
    return bool(steps(run, "connect")) and not any(f["proto"] == "tcp" for f in run["wire"]["flows"])


def never_a_packet(run, wire):
    """The kernel knew of no way, no resolver or no neighbour, or its own filter stopped what was to go
    out: of this result nothing but questions to a resolver was ever recorded."""
    nothing = wire is None or wire["verdict"] == "skip"
    return nothing and not any(f["proto"] == "tcp" for f in run["wire"]["flows"]) and \
        not (run["cause"] or "").startswith("dns-") or \
        nothing and run["cause"] == "dns-unreachable" and not run["wire"]["flows"] or \
        nothing and run["cause"] == "dns-sinkhole" and tried_without_a_packet(run)


def gateway_by_the_kernel(run, wire):
    """Silence of everything behind a router: which one is the gateway the kernel says, not packets."""
    return run["cause"] == "gateway-unreachable" and wire["cause"] in ("tcp-timeout", "dns-timeout")


def first_router_spoke_of_another(run, wire):
    """Silence that follows from what the sensor's own gateway said of another address."""
    return (run["cause"] == "net-unreachable" and wire["cause"] == "tcp-timeout" and
            not any(s["outcome"] == "tcp-unreachable" for s in run["steps"]))


def certificate_within_tls13(run, wire):
    """What a certificate is worth, where none of this result was in the clear."""
    cause = run["cause"] or ""
    return ((cause.startswith("cert-") or cause in ("clock-skew", "tls-intercepted")) and
            not any(s["detail"]["chain"] for s in steps(wire, "tls")))


def answer_within_tls(run, wire):
    """What the service answers to a request inside of TLS."""
    return run["cause"] in ("app-refused", "websocket-blocked") and wire["cause"] is None and \
        any(s["step"] == "app" for s in run["steps"]) and not steps(wire, "app")


def address_from_the_hosts_file(run, wire):
    """The run used an address of its hosts file, for the endpoint or the proxy. The wire has only that
    somebody tried it: to `analyze` the name has DNS's addresses, or none."""
    return any(s["detail"]["source"] == "hosts-file" for s in steps(run, "resolve"))


def loss_that_the_socket_did_not_feel(run, wire):
    """One or two repeats of a connection are a peer's impatience when the socket needed none of them
    (judge/wire.c); packets alone do not tell."""
    return (run["verdict"] == "pass" and wire["cause"] == "wire-loss" and
            all((flow["retransmits"] or 0) < 3 for flow in run["wire"]["flows"]))


def end_and_reset_at_once(run, wire):
    """The other side ended and reset the connection: which of the two a socket hears of first is a race
    within the sensor."""
    return {run["cause"], wire["cause"]} == {"tls-closed", "tls-reset"}


def reset_without_regard(run, wire):
    """That the peer resets whatever is said, an experiment shows that says nothing; on a busy machine the
    reset may come so late that the hello is out."""
    return run["cause"] == "tcp-reset" and wire["cause"] == "tls-reset" and \
        any(s["experiment"] == "silent" for s in run["steps"])


def an_address_without_a_packet(run, wire):
    """Of several addresses those to which nothing ever left, for want of a router: unknown to the wire."""
    tried = [s for s in steps(run, "connect") if not s["experiment"]]
    return run["cause"] == "some-addresses-fail" and wire["verdict"] == "pass" and \
        all(s["flow"] in (None, -1) for s in tried if s["outcome"] != "ok")


def interface_that_was_meant(run, wire):
    """That the packets were on another interface than the user named is not in the packets."""
    return run["cause"] in ("wire-other-interface", "wire-not-seen") and wire["verdict"] == "pass"


def wait_for_an_answer_that_never_came(run, wire):
    """How long the run waited for one of two questions to a resolver, and went on without."""
    return run["cause"] == "slow" and any(
        look["outcome"] == "dns-timeout" for s in steps(wire, "resolve")
        for look in s["detail"]["lookups"])


def repetition_of_our_own(run, wire):
    """One try that fails and one that passes are `intermittent`; that the second was our own repetition,
    which makes it a warning, is not in the packets."""
    return run["cause"] == wire["cause"] == "intermittent"


def limit_that_repetitions_showed(run, wire):
    """That tries which fail or wait met a limit follows from repetitions after them on the same route, which
    the packets do not tell from tries: there it is what it looks like."""
    if any(s["experiment"] == "repeat" and s["cause"] == run["cause"] for s in run["steps"]):
        return any(s["experiment"] is None and s["cause"] == wire["cause"] for s in run["steps"])
    return run["repeats_on_route"] and (run["verdict"], run["cause"]) == ("warn", "intermittent") and \
        wire["cause"] in (None, "wire-loss", "slow", "some-addresses-fail", "intermittent")


def cut_short(run, wire):
    """The run's time was up while it waited; packets show a silence as long as that wait."""
    return run["verdict"] == "skip" and wire["cause"] in ("tcp-timeout", "dns-timeout") and \
        any(s["outcome"] == "cancelled" for s in run["steps"])


def a_wildcard(run, wire):
    """A made-up name under a wildcard is a name like others."""
    return run["endpoint"][0] == "*" and (wire is None or wire["verdict"] != "fail" or
                                          run["verdict"] == "fail")


REASONS = (gateway_by_the_kernel, first_router_spoke_of_another,
           certificate_within_tls13, answer_within_tls, address_from_the_hosts_file,
           loss_that_the_socket_did_not_feel, end_and_reset_at_once, reset_without_regard,
           an_address_without_a_packet, interface_that_was_meant, wait_for_an_answer_that_never_came, repetition_of_our_own,
           limit_that_repetitions_showed, cut_short)


def the_first_of_several_resolvers(run, wire):
    """A name that the first resolver denies, so that the system does not ask the second, which we did, and
    which knows it. Nothing was done with its answer, and which of the two is the first no packet tells."""
    asked = [s for s in steps(run, "resolve") if not s["experiment"]]
    return run["cause"] in ("dns-nxdomain", "dns-no-address") and (wire is None or wire["verdict"] == "skip") and \
        any(s["outcome"] == "ok" for s in asked)


def agree(run, wire, tls_to_proxy):
    if a_wildcard(run, wire) or never_a_packet(run, wire) or the_first_of_several_resolvers(run, wire):
        return True
    if wire is None:
        return False
    if tls_to_proxy:  # everything behind it is within TLS to the proxy
        return wire["verdict"] != "fail" or run["verdict"] == "fail"
    if all(run[k] == wire[k] for k in ("verdict", "cause", "at")):
        return True
    return any(reason(run, wire) for reason in REASONS)


def said(result):
    return f"{result['verdict']} {result['cause']} at {result['at']}"


def repeated_routes(run):
    """Routes on which something was asked for once more, by itself."""
    return {r["route"] for r in run["results"] if any(s["experiment"] == "repeat" for s in r["steps"])}


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
    repeated = repeated_routes(run)
    wrong = []
    for result in run["results"]:
        result["repeats_on_route"] = result["route"] in repeated
        other = wire.get((result["endpoint"], result["route"]))
        if (result["required"] or is_revocation(run, result)) and not agree(result, other, secure):
            wrong.append(f"{result['endpoint']} {result['route']}: run {said(result)}, "
                         f"wire {said(other) if other else 'nothing'}")
    for server, other in zip(run["time_servers"], report["time_servers"]):
        # What a time is held against, to be called wrong, is a Date within TLS.
        if server["outcome"] != other["outcome"] or \
                server["outcome"] != "ok" and server["verdict"] != other["verdict"]:
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
