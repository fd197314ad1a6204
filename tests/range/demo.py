"""The demo: two sites with a few faults each, and hopproof's own report of them."""

import os
import subprocess
import sys

from lab import faults, net, world
from lab.case import ARRANGEMENTS
from lab.state import State

SITES = [
    ("A site without a proxy: a firewall refuses one host, a blocklist swallows one name, one certificate ran out.",
     None,
     [{"refuse": {"host": "bus"}},
      {"dns-records": {"host": "blob", "records": [["A", "0.0.0.0"]]}},
      {"tls": {"host": "dl", "cert": "expired"}}],
     []),
    ("A site behind two chained proxies: the second one denies one host, and nothing goes out directly.",
     "forwarded",
     [{"squid": {"hop": "hop2", "deny": ["blob"]}},
      {"drop": {"port": 443}}],
     ["--proxy", "site=http://10.20.3.10:3128", "--proxy", "azure=http://10.30.4.10:3128"]),
]
ENDPOINTS = ["contoso.azure-devices.net", "contoso.blob.core.windows.net", "contoso.servicebus.windows.net",
             "download.microsoft.com"]


def run(o):
    lab = world.Range(f"{net.BUILT_BY}{os.getpid()}w0", o.delay_tun)
    worst = 0
    try:
        for story, arrangement, wrong, extra in SITES:
            state = State()
            chosen = ARRANGEMENTS[arrangement]
            state.use_hops = list(chosen.use)
            if chosen.setup:
                chosen.setup(state)
            for fault in wrong:
                faults.apply(state, fault)
            lab.apply(state)
            argv = [o.hopproof, "check", "--timeout", "2", "--ca-file", lab.authority.trust] + extra + ENDPOINTS
            shown = ["hopproof", "check"] + extra + ENDPOINTS
            print(f"\n=== {story}\n$ {' '.join(shown)}\n", flush=True)
            # Standard output is the caller's own: on a terminal the report has its colours.
            status = subprocess.run(lab.net.inside("sn") + argv, stdin=subprocess.DEVNULL, timeout=120,
                                    cwd=lab.dir).returncode
            print(f"\n(exit status {status})", flush=True)
            worst = max(worst, 0 if status in (0, 1) else status)
            if not lab.undo(state):
                lab.rebuild()
    except (net.LabError, subprocess.TimeoutExpired) as e:
        print(f"run.py demo: {e}", file=sys.stderr)
        worst = 3
    finally:
        lab.close()
    return worst
