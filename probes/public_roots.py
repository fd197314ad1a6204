#!/usr/bin/env python3
"""Write public_roots.def anew: the roots that the world's TLS clients believe.

    probes/public_roots.py [DIRECTORY] > probes/public_roots.def

The input is Debian's copy of Mozilla's list (package ca-certificates, by default in
/usr/share/ca-certificates/mozilla, where nothing but the package writes) and
public_roots_extra.pem beside this script. Needs the openssl program.
"""
import datetime
import pathlib
import re
import subprocess
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
MOZILLA = pathlib.Path("/usr/share/ca-certificates/mozilla")
PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.S)

# Roots behind Azure endpoints, by the vendors' own lists (azure-CA-details, ICA Rotation 2026).
# A list without them would call Azure itself an impostor, so their absence is an error.
AZURE = {
    "cb3ccbb76031e5e0138f8dd39a23f9de47ffc35e43c1144cea27d46a5ab1cb5f": "DigiCert Global Root G2",
    "31ad6648f8104138c738f39ea4320133393e3a18cc02296ef97c2ac9ef6731d0": "DigiCert Global Root G3",
    "4348a0e9444c78cb265e058d5e8944b4d84f9662bd26db257f8934a443c70161": "DigiCert Global Root CA",
    "c741f70f4b2a8d88bf2e71c14122ef53ef10eba0cfa5e64cfa20f418853073e0":
        "Microsoft RSA Root Certificate Authority 2017",
    "358df39d764af9e1b766e9c972df352ee15cfac227af6ad1d70e8e4a6edcba02":
        "Microsoft ECC Root Certificate Authority 2017",
    "6a170583db584151e1c454eeca2a64cc5d8e484a5bd1156e720b4458654ee9e5": "Microsoft TLS RSA Root G2",
}
BRIDGES = {
    "ddcd1e8a20638d4aaff7201bb1d56452acd2c759f1686bdc38f73dd15732bdc2":
        "Microsoft TLS RSA Root G2 by DigiCert Global Root G2",
}


def openssl(pem, *arguments):
    run = subprocess.run(["openssl", "x509", "-noout", *arguments], input=pem, text=True,
                         capture_output=True, check=True)
    return run.stdout.strip()


def describe(pem):
    name = openssl(pem, "-subject", "-nameopt", "RFC2253,-esc_msb,utf8").removeprefix("subject=")
    parts = dict(part.split("=", 1) for part in re.split(r"(?<!\\)[,+]", name))
    sha256 = openssl(pem, "-fingerprint", "-sha256").split("=")[1].replace(":", "").lower()
    return {
        "hash": openssl(pem, "-subject_hash"),
        "issuer": openssl(pem, "-issuer_hash"),
        "sha256": sha256,
        "name": parts.get("CN") or parts.get("OU") or parts["O"],
        "base64": "".join(PEM.search(pem).group(1).split()),
    }


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else MOZILLA
    files = sorted(folder.glob("*.crt")) + [HERE / "public_roots_extra.pem"]
    certs = {}
    for file in files:
        for match in PEM.finditer(file.read_text()):
            cert = describe(match.group(0) + "\n")
            certs[cert["sha256"]] = cert
    missing = [name for sha256, name in (AZURE | BRIDGES).items() if sha256 not in certs]
    if missing:
        sys.exit(f"{folder}: these are missing: {', '.join(missing)}")
    source = subprocess.run(["dpkg-query", "-Wf", "${Package} ${Version}", "ca-certificates"],
                            text=True, capture_output=True).stdout or str(folder)
    print(textwrap.dedent(f"""\
        /*
         * Public roots and bridges, written by public_roots.py
         * from {source}; do not edit.
         *
         * PUBLIC_ROOT(kind, hash of the subject, SHA-256, name, DER in base64), sorted by the hash,
         * which is that of X509_NAME_hash_ex(3). AZURE roots are those behind Azure's endpoints,
         * MOZILLA the rest of Mozilla's list as Debian ships it, a BRIDGE is no root but leads from
         * a root of the same name to another one.
         */
        #ifdef PUBLIC_ROOTS_DATE
        PUBLIC_ROOTS_DATE("{datetime.date.today()}")
        #endif"""))
    for cert in sorted(certs.values(), key=lambda c: (c["hash"], c["sha256"])):
        kind = "BRIDGE" if cert["sha256"] in BRIDGES else \
            "AZURE" if cert["sha256"] in AZURE else "MOZILLA"
        if kind != "BRIDGE" and cert["hash"] != cert["issuer"]:
            sys.exit(f"{cert['name']}: not self-signed, and not known as a bridge")
        name = cert["name"].replace("\\", "\\\\").replace('"', '\\"')
        print(f'PUBLIC_ROOT({kind}, 0x{cert["hash"]}, "{cert["sha256"]}", "{name}",')
        print("\n".join(f'    "{line}"' for line in textwrap.wrap(cert["base64"], 92)) + ")")


if __name__ == "__main__":
    main()
