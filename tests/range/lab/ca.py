"""The lab's certificate authorities, and every kind of certificate that a server may wrongly show.

Issued on demand with the openssl command, kept for the run. Dates are relative to the cloud's
clock, which is this machine's clock plus `world` seconds: a sensor whose clock is wrong is made by
moving everybody else.
"""

import os
import time
from dataclasses import dataclass
from typing import Optional

from . import atlas
from .net import sh

DAY = 86400
CONFIG = """
[ca]
default_ca = lab
[lab]
new_certs_dir = {dir}/issued
database = {dir}/index.txt
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = none
[any]
countryName = optional
organizationName = optional
commonName = supplied
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[inter]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth,clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
{san}
[clientleaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = clientAuth
authorityKeyIdentifier = keyid
{san}
[narrow]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
nameConstraints = critical,permitted;DNS:fabrikam.com
"""


@dataclass
class Shown:
    """What a server is given: its chain and key, and a stapled OCSP answer if any."""
    chain: str
    key: str
    staple: Optional[str] = None
    leaf: Optional[str] = None


class Authority:
    # name: (subject, signed by)
    CAS = {
        "root": ("/C=US/O=Lab Trust Services/CN=Lab Global Root G2", None),
        "inter": ("/C=US/O=Lab Trust Services/CN=Lab TLS RSA CA 02", "root"),
        "old": ("/C=US/O=Lab Trust Services/CN=Lab Bridge Root G1", None),
        "stranger": ("/C=US/O=Unheard Of Ltd/CN=Unheard Root R1", None),
        "strangerinter": ("/C=US/O=Unheard Of Ltd/CN=Unheard TLS CA 1", "stranger"),
        "corp": ("/C=US/O=Contoso Plant IT/CN=Contoso TLS Inspection CA", None),
    }

    def __init__(self, directory):
        self.dir = directory
        os.makedirs(f"{directory}/issued", exist_ok=True)
        self.done = {}
        self.config = f"{directory}/ca.cnf"
        open(f"{directory}/index.txt", "w").close()
        self._write_config("")
        # A chain's CAs are valid for long, whatever the cloud's clock says in a case.
        for name, (subject, by) in self.CAS.items():
            self._key(name)
            if by is None:
                self._self_sign(name, subject, "root", -8 * 365 * DAY, 20 * 365 * DAY)
            else:
                self._sign(name, subject, by, "inter", -6 * 365 * DAY, 15 * 365 * DAY)
        for key in ("server", "proxy", "client"):
            self._key(key)
        self.trust = self.bundle("trust", "root")                   # the sensor's --ca-file
        self.trust_and_corp = self.bundle("trust-and-corp", "root", "corp")
        # Stores that nobody renewed: the root of the same key that has expired, alone or beside the renewed one.
        self._sign("root-expired", self.CAS["root"][0], "root", "root", -9 * 365 * DAY, -30 * DAY, key="root")
        self.bundle("trust-expired", "root-expired")
        self.bundle("trust-expired-and-renewed", "root-expired", "root")

    def path(self, name, suffix="pem"):
        return f"{self.dir}/{name}.{suffix}"

    def bundle(self, name, *parts):
        with open(self.path(name), "w") as out:
            for part in parts:
                with open(self.path(part)) as f:
                    out.write(f.read())
        return self.path(name)

    def show(self, kind, name, world=0):
        """Chain and key of one kind of certificate for one host name."""
        wanted = (kind, name, world)
        if wanted not in self.done:
            maker = getattr(self, "_kind_" + kind.replace("-", "_"), None)
            if maker is None:
                raise ValueError(f"no such kind of certificate: {kind}")
            label = f"{kind}-{name.replace('*', 'star')}-{world}"
            self.done[wanted] = maker(label, name, world)
        return self.done[wanted]

    # -- kinds -----------------------------------------------------------------------------

    def _leaf(self, label, name, world, by="inter", start=-40, end=320, san=None, subject=None, digest="sha256"):
        if san is None:
            san = f"DNS:{name}"
        self._sign(label, subject or f"/C=US/O=Contoso/CN={name[:60]}", by, "leaf",
                   world + start * DAY, world + end * DAY, san=san, key="server", digest=digest)
        return label

    def _show(self, label, leaf, *above, staple=None):
        chain = self.bundle("chain-" + label, leaf, *above)
        return Shown(chain, self.path("server", "key"), staple, self.path(leaf))

    def _kind_good(self, label, name, world):
        return self._show(label, self._leaf(label, name, world), "inter")

    def _revocable(self, label, name, world, *more_lists, staple=False):
        """With the addresses where its revocation can be asked for, as every public certificate has them."""
        lists = ",".join(f"URI:http://crl.lab-trust.net/{path}" for path in ("inter.crl", *more_lists))
        san = (f"DNS:{name}\nauthorityInfoAccess = OCSP;URI:http://ocsp.lab-trust.net/ocsp\n"
               f"crlDistributionPoints = {lists}")
        leaf = self._leaf(label, name, world, san=san)
        return self._show(label, leaf, "inter", staple=self._staple(leaf, world) if staple else None)

    def _kind_revocable(self, label, name, world):
        return self._revocable(label, name, world)

    def _kind_revocable_two_lists(self, label, name, world):
        return self._revocable(label, name, world, "pki/partition-2.crl")

    def _kind_revocable_many_lists(self, label, name, world):
        return self._revocable(label, name, world, *(f"pki/partition-{i}.crl" for i in range(2, 13)))

    def _kind_revocable_stapled(self, label, name, world):
        return self._revocable(label, name, world, staple=True)

    def revocation_list(self):
        """The intermediate's CRL, in DER."""
        path = self.path("inter", "crl")
        if not os.path.exists(path):
            sh("openssl", "ca", "-config", self.config, "-gencrl", "-keyfile", self.path("inter", "key"), "-cert",
               self.path("inter"), "-crldays", "30", "-out", path + ".pem")
            sh("openssl", "crl", "-in", path + ".pem", "-outform", "DER", "-out", path)
        return path

    def _kind_good_ec(self, label, name, world):
        sh("openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", self.path(label, "key"))
        self._sign(label, f"/C=US/O=Contoso/CN={name}", "inter", "leaf", world - 40 * DAY, world + 320 * DAY,
                   san=f"DNS:{name}", key=label)
        shown = self._show(label, label, "inter")
        return Shown(shown.chain, self.path(label, "key"))

    def _kind_wildcard(self, label, name, world):
        suffix = name.split(".", 1)[1]
        return self._show(label, self._leaf(label, name, world, san=f"DNS:*.{suffix},DNS:{suffix}",
                                            subject=f"/C=US/O=Contoso/CN=*.{suffix}"), "inter")

    def _kind_many_names(self, label, name, world):
        names = [f"DNS:region{i:03d}.{name.split('.', 1)[1]}" for i in range(180)] + [f"DNS:{name}"]
        return self._show(label, self._leaf(label, name, world, san=",".join(names)), "inter")

    def _kind_many_names_everywhere(self, label, name, world):
        """One certificate for all of the lab's names, as behind a shared front end."""
        san = ",".join(f"DNS:{h.name}" for h in atlas.HOSTS.values())
        return self._show(label, self._leaf(label, name, world, san=san), "inter")

    def _kind_address(self, label, name, world):
        address = next(h.v4 for h in atlas.HOSTS.values() if h.name == name)
        return self._show(label, self._leaf(label, name, world, san=f"DNS:{name},IP:{address}"), "inter")

    def _kind_root_sent(self, label, name, world):
        return self._show(label, self._leaf(label, name, world), "inter", "root")

    def _kind_chain_shuffled(self, label, name, world):
        return self._show(label, self._leaf(label, name, world), "root", "inter")

    def _kind_old_bridge(self, label, name, world):
        """The root also comes as a cross-signed certificate whose own issuer has expired."""
        if not os.path.exists(self.path("bridge")):
            self._sign("bridge", self.CAS["root"][0], "old", "root", -9 * 365 * DAY, -30 * DAY, key="root")
        return self._show(label, self._leaf(label, name, world), "inter", "bridge")

    def _kind_fresh(self, label, name, world):
        """Issued an hour ago, good for a week: short-lived certificates are normal now."""
        return self._show(label, self._leaf(label, name, world, start=-1 / 24, end=7), "inter")

    def _kind_expired(self, label, name, world):
        return self._show(label, self._leaf(label, name, world, start=-400, end=-5), "inter")

    def _kind_expired_today(self, label, name, world):
        return self._show(label, self._leaf(label, name, world, start=-90, end=-0.1), "inter")

    def _kind_not_yet_valid(self, label, name, world):
        return self._show(label, self._leaf(label, name, world, start=20, end=400), "inter")

    def _kind_expired_intermediate(self, label, name, world):
        self._sign("inter-old" + label, self.CAS["inter"][0], "root", "inter", -900 * DAY, -3 * DAY,
                   key="inter")
        return self._show(label, self._leaf(label, name, world), "inter-old" + label)

    def _kind_wrong_name(self, label, name, world):
        return self._show(label, self._leaf(label, "www.fabrikam.com", world), "inter")

    def _kind_wildcard_too_deep(self, label, name, world):
        """*.windows.net does not cover contoso.blob.core.windows.net (RFC 6125, section 6.4.3)."""
        parent = ".".join(name.split(".")[-2:])
        return self._show(label, self._leaf(label, "*." + parent, world), "inter")

    def _kind_name_only_in_cn(self, label, name, world):
        return self._show(label, self._leaf(label, name, world, san="DNS:www.fabrikam.com",
                                            subject=f"/C=US/O=Contoso/CN={name}"), "inter")

    def _kind_incomplete(self, label, name, world):
        return self._show(label, self._leaf(label, name, world))

    def _kind_untrusted(self, label, name, world):
        return self._show(label, self._leaf(label, name, world, by="strangerinter"), "strangerinter")

    def _kind_untrusted_with_root(self, label, name, world):
        return self._show(label, self._leaf(label, name, world, by="strangerinter"), "strangerinter", "stranger")

    def _kind_resigned(self, label, name, world):
        return self._show(label, self._leaf(label, name, world, by="corp"), "corp")

    def _kind_self_signed(self, label, name, world):
        self._key(label)
        self._self_sign(label, f"/C=US/O=Contoso/CN={name}", "leaf", world - 40 * DAY, world + 320 * DAY,
                        san=f"DNS:{name}")
        return Shown(self.path(label), self.path(label, "key"))

    def _kind_stapled_good(self, label, name, world):
        leaf = self._leaf(label, name, world)
        return self._show(label, leaf, "inter", staple=self._staple(leaf, world))

    def _kind_revoked(self, label, name, world):
        leaf = self._leaf(label, name, world)
        sh("openssl", "ca", "-config", self.config, "-revoke", self.path(leaf), "-crl_reason", "keyCompromise",
           "-keyfile", self.path("inter", "key"), "-cert", self.path("inter"))
        return self._show(label, leaf, "inter", staple=self._staple(leaf, world))

    def _kind_expired_wrong_name(self, label, name, world):
        return self._show(label, self._leaf(label, "www.fabrikam.com", world, start=-400, end=-5), "inter")

    def _kind_sha1(self, label, name, world):
        return self._show(label, self._leaf(label, name, world, digest="sha1"), "inter")

    def _kind_short_key(self, label, name, world):
        sh("openssl", "genrsa", "-out", self.path(label, "key"), "1024")
        self._sign(label, f"/C=US/O=Contoso/CN={name[:60]}", "inter", "leaf", world - 40 * DAY, world + 320 * DAY,
                   san=f"DNS:{name}", key=label)
        return Shown(self._show(label, label, "inter").chain, self.path(label, "key"))

    def _kind_client_only(self, label, name, world):
        """Made for clients: its extended key usage does not name servers."""
        self._sign(label, f"/C=US/O=Contoso/CN={name[:60]}", "inter", "clientleaf", world - 40 * DAY, world + 320 * DAY,
                   san=f"DNS:{name}", key="server")
        return self._show(label, label, "inter")

    def _kind_out_of_constraints(self, label, name, world):
        """The issuer may vouch for fabrikam.com only (RFC 5280 section 4.2.1.10)."""
        if not os.path.exists(self.path("narrow")):
            self._key("narrow")
            self._sign("narrow", "/C=US/O=Lab Trust Services/CN=Lab Narrow CA 01", "root", "narrow",
                       -900 * DAY, 900 * DAY)
        return self._show(label, self._leaf(label, name, world, by="narrow"), "narrow")

    def _kind_hours_early(self, label, name, world):
        """Valid from three hours from now on: somebody took local time for UTC."""
        return self._show(label, self._leaf(label, name, world, start=3 / 24, end=300), "inter")

    def _kind_device_self(self, label, name, world):
        """The certificate that a device made for itself, shown whatever it is asked for."""
        if not os.path.exists(self.path("device")):
            self._key("device")
            self._self_sign("device", "/O=Plant Gateway/CN=gateway.local", "leaf", -40 * DAY, 320 * DAY,
                            san="DNS:gateway.local")
        return Shown(self.path("device"), self.path("device", "key"))

    def _kind_staple_of_another(self, label, name, world):
        other = self._leaf("other-" + label, "www.fabrikam.com", world)
        return self._show(label, self._leaf(label, name, world), "inter", staple=self._staple(other, world))

    def _kind_must_staple(self, label, name, world):
        return self._show(label, self._leaf(label, name, world, san=f"DNS:{name}\ntlsfeature = status_request"), "inter")

    # -- openssl ---------------------------------------------------------------------------

    def _write_config(self, san):
        with open(self.config, "w") as f:
            f.write(CONFIG.format(dir=self.dir, san=f"subjectAltName = {san}" if san else ""))

    def _key(self, name):
        sh("openssl", "genrsa", "-out", self.path(name, "key"), "2048")

    @staticmethod
    def _stamp(seconds):
        return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds))

    def _request(self, name, subject, key):
        sh("openssl", "req", "-new", "-key", self.path(key, "key"), "-subj", subject, "-out", self.path(name, "csr"))

    def _self_sign(self, name, subject, section, start, end, san=None):
        self._write_config(san)
        self._request(name, subject, name)
        sh("openssl", "ca", "-config", self.config, "-batch", "-notext", "-selfsign", "-in", self.path(name, "csr"),
           "-keyfile", self.path(name, "key"), "-extensions", section, "-out", self.path(name),
           "-startdate", self._stamp(start), "-enddate", self._stamp(end))

    def _sign(self, name, subject, by, section, start, end, san=None, key=None, digest="sha256"):
        self._write_config(san)
        self._request(name, subject, key or name)
        sh("openssl", "ca", "-config", self.config, "-batch", "-notext", "-in", self.path(name, "csr"),
           "-md", digest,
           "-cert", self.path(by), "-keyfile", self.path(by, "key"), "-extensions", section,
           "-out", self.path(name), "-startdate", self._stamp(start), "-enddate", self._stamp(end))

    def _staple(self, leaf, world):
        """An OCSP answer about the leaf, signed by its issuer, for a server to staple."""
        out = self.path(leaf, "ocsp")
        sh("openssl", "ocsp", "-index", f"{self.dir}/index.txt", "-CA", self.path("inter"),
           "-rsigner", self.path("inter"), "-rkey", self.path("inter", "key"),
           "-issuer", self.path("inter"), "-cert", self.path(leaf), "-respout", out, "-ndays", "7", "-noverify")
        return out
