"""The hops: real Squids, and odd_proxy.py for what no Squid does."""

import json
import os
import pwd
from urllib.parse import quote

from . import atlas
from .daemons import Daemon, moved_clock
from .dns import atlas_script
from .net import sh

# Secrets that no report, log or capture may show. The password has every character that URLs mangle.
USER, PASSWORD = "plant sensor", "s3cr3t @:#%/ grün"
LIB = "/usr/lib/squid"
PROGRAM = "hopproof"  # that `generated` configurations come from; run.py says which

SQUID = """
visible_hostname {name}
unique_hostname {name}
pid_filename {dir}/{key}.pid
coredump_dir {dir}
cache_log {dir}/{key}.cache.log
access_log stdio:{dir}/{key}.access.log
cache_store_log none
cache_mem 8 MB
cache deny all
memory_pools off
max_filedescriptors 1024
pinger_enable off
shutdown_lifetime 0 seconds
dns_nameservers {dns}
dns_timeout {dns_timeout} seconds
dns_retransmit_interval 1 seconds
hosts_file none
connect_timeout {connect_timeout} seconds
forward_timeout {forward_timeout} seconds
negative_dns_ttl 1 seconds
{before}
{rules}
{after}
"""
# The lines of the vendor's own article, word for word.
VENDOR = """# Recommended minimum configuration:
# Squid listening port
http_port 3128
# Do not allow caching
cache deny all
# allowlist sites allowed
acl allowed_http_sites dstdomain .azure-devices.net
acl allowed_http_sites dstdomain .blob.core.windows.net
acl allowed_http_sites dstdomain .servicebus.windows.net
acl allowed_http_sites dstdomain .download.microsoft.com
http_access allow allowed_http_sites
# allowlisting
acl SSL_ports port 443
acl CONNECT method CONNECT
# Deny CONNECT to other unsecure ports
http_access deny CONNECT !SSL_ports
# default network rules
http_access allow localhost
http_access deny all
"""


class Hop:
    """One proxy as configured. Defaults: a plain Squid that lets CONNECT to 443 through."""

    def __init__(self, key, place, address, name, port=3128):
        self.key, self.place, self.address, self.name, self.port = key, place, address, name, port
        self.up = True
        self.kind = "squid"          # or an odd_proxy.py mode
        self.odd = {}
        self.parent = None           # Hop
        self.parent_auth = False     # login=PASS-like credentials of its own for the parent
        self.parent_rule = "never_direct allow all\nnonhierarchical_direct off"
        self.deny = []               # endpoints refused (names)
        self.deny_paths = []         # regular expressions of plain requests' paths
        self.allow_only = None
        self.src_denied = False
        self.connect_ports = [443]
        self.auth = None             # basic | digest | negotiate
        self.dns = atlas.RESOLVERS["pub"][0]
        self.dns_timeout = 2
        self.connect_timeout = 1
        self.forward_timeout = 3
        self.peer_timeout = 1
        self.tls = None              # kind of certificate: an HTTPS proxy
        self.tls_name = None
        self.bump = None             # certificate authority that re-signs
        self.bump_only = None
        self.vendor = False
        self.generated = None        # a kind of `hopproof generate`, for the chain of hop1 and hop2
        self.silent_about_itself = False
        self.site_clock = False      # it shares the sensor's clock, right or wrong
        self.first = []             # lines before its rules
        self.lines = []
        self.alone_ports = []

    def daemon(self, directory, authority, world, fresh):
        if self.kind != "squid":
            return self._odd(directory, authority, world)
        key = f"squid-{self.key}"
        base = f"{directory}/{key}"
        os.makedirs(directory, exist_ok=True)
        before, rules, after = [], list(self.first), list(self.lines)
        if self.vendor:
            rules.append(VENDOR)
        elif self.generated:
            rules.append(self._generated_lines(base))
        else:
            before.append(self._port_line(base, authority, world))
            self._auth_lines(base, before, rules)
            self._rule_lines(rules)
        if self.parent and not self.generated:
            # URL escapes, says squid.conf's documentation of login=.
            login = f" login={quote(USER, safe='')}:{quote(PASSWORD, safe='')}" if self.parent_auth else ""
            after.append(f"cache_peer {self.parent.address} parent {self.parent.port} 0 no-query no-digest "
                         f"default connect-timeout={self.peer_timeout}{login}")
            after.append(self.parent_rule)
        if self.silent_about_itself:
            after += ["via off", "reply_header_access X-Cache deny all", "reply_header_access X-Cache-Lookup deny all",
                      "reply_header_access X-Squid-Error deny all"]
        if self.bump:
            self._bump_lines(base, before, after, authority)
        config = SQUID.format(name=self.name, dir=directory, key=key, dns=self.dns, dns_timeout=self.dns_timeout,
                              connect_timeout=self.connect_timeout, forward_timeout=self.forward_timeout,
                              before="\n".join(before), rules="\n".join(rules), after="\n".join(after))
        # Distinct -n names: two Squids of one name fight over their shared memory.
        service = "".join(c for c in os.path.basename(os.path.dirname(directory)) + self.key if c.isalnum())
        return Daemon(key, self.place, ["squid", "-N", "-n", service, "-f", f"{base}.conf"],
                      {f"{base}.conf": config}, [("tcp", self.address, self.port)], fresh=fresh,
                      after=[f"squid-{self.parent.key}"] if self.parent else [],
                      said_in=self._first_word(directory), env=moved_clock(0 if self.site_clock else world))

    def _first_word(self, directory):
        """It looks whether its parent is there; a Squid puts down that somebody came and said nothing."""
        parent = self.parent
        if not parent or not parent.up or parent.kind != "squid":
            return ()
        return (f"{directory}/squid-{parent.key}.access.log", self.address)

    def _generated_lines(self, base):
        chain = [f"{atlas.HOP1_4}:3128"] + ([f"{atlas.HOP2_4}:3128"] if self.generated != "squid" else [])
        text = sh(PROGRAM, "generate", self.generated, "--sensor", atlas.SENSOR4,
                  *(word for hop in chain for word in ("--proxy", hop)))
        self._write_users(f"{base}.users", self._basic_line())
        return text.replace("/etc/squid/passwd", f"{base}.users")

    def _port_line(self, base, authority, world):
        listen = f"{self.address}:{self.port}"
        if self.tls:
            shown = authority.show(self.tls, self.tls_name or self.name, world)
            return f"https_port {listen} tls-cert={shown.chain} tls-key={shown.key}"
        if self.bump:
            authority.bundle("bump-" + self.bump, self.bump)
            return (f"http_port {listen} ssl-bump generate-host-certificates=on "
                    f"dynamic_cert_mem_cache_size=4MB tls-cert={authority.path(self.bump)} "
                    f"tls-key={authority.path(self.bump, 'key')}")
        return f"http_port {listen}"

    def _bump_lines(self, base, before, after, authority):
        store = f"{base}.certs"
        if not os.path.isdir(store):
            sh(f"{LIB}/security_file_certgen", "-c", "-s", store, "-M", "4MB")
            user = pwd.getpwnam("proxy")
            for top, _, files in os.walk(store):
                for path in [top] + [os.path.join(top, f) for f in files]:
                    os.chown(path, user.pw_uid, user.pw_gid)
        before += [f"sslcrtd_program {LIB}/security_file_certgen -s {store} -M 4MB",
                   "sslcrtd_children 2 startup=1 idle=1",
                   f"tls_outgoing_options cafile={authority.trust}"]
        if self.bump_only:
            before.append("acl inspected ssl::server_name " + " ".join(self.bump_only))
        before += ["acl step1 at_step SslBump1", "ssl_bump peek step1",
                   f"ssl_bump bump {'inspected' if self.bump_only else 'all'}", "ssl_bump splice all"]

    @staticmethod
    def _basic_line():
        return f"{USER}:{sh('openssl', 'passwd', '-apr1', PASSWORD).strip()}\n"

    @staticmethod
    def _write_users(path, line):
        with open(path, "w") as f:
            f.write(line)

    def _auth_lines(self, base, before, rules):
        if self.auth is None:
            return
        path = f"{base}.users"
        if self.auth == "basic":
            self._write_users(path, self._basic_line())
            before += [f"auth_param basic program {LIB}/basic_ncsa_auth {path}", "auth_param basic children 1 startup=1 idle=1",
                       "auth_param basic realm Plant proxy"]
        elif self.auth == "digest":
            import hashlib
            ha1 = hashlib.md5(f"{USER}:Plant proxy:{PASSWORD}".encode()).hexdigest()
            self._write_users(path, f"{USER}:Plant proxy:{ha1}\n")
            before += [f"auth_param digest program {LIB}/digest_file_auth -c {path}",
                       "auth_param digest children 1 startup=1 idle=1", "auth_param digest realm Plant proxy"]
        else:
            # Any helper will do: it is never asked, since the sensor cannot speak this scheme.
            before += [f"auth_param negotiate program {LIB}/negotiate_wrapper_auth --ntlm {LIB}/ntlm_fake_auth "
                       f"--kerberos {LIB}/negotiate_kerberos_auth", "auth_param negotiate children 1 startup=0 idle=1"]
            if self.auth == "ntlm":
                before += [f"auth_param ntlm program {LIB}/ntlm_fake_auth", "auth_param ntlm children 1 startup=0 idle=1"]
        rules += ["acl known proxy_auth REQUIRED"]

    def _rule_lines(self, rules):
        rules += ["acl CONNECT method CONNECT", f"acl tls_ports port {' '.join(map(str, self.connect_ports))}",
                  "http_access deny CONNECT !tls_ports"]
        if self.src_denied:
            rules += [f"acl sensor src {atlas.SENSOR4}", "http_access deny sensor"]
        if self.deny:
            rules += ["acl refused dstdomain " + " ".join(self.deny), "http_access deny refused"]
        if self.deny_paths:
            rules += ["acl refused_paths urlpath_regex " + " ".join(self.deny_paths), "http_access deny refused_paths"]
        if self.auth:
            rules += ["http_access deny !known"]
        if self.allow_only is not None:
            rules += ["acl wanted dstdomain " + " ".join(self.allow_only), "http_access allow wanted",
                      "http_access deny all"]
        rules += ["http_access allow all"]

    def _odd(self, directory, authority, world):
        shown = authority.show(self.tls or "good", self.tls_name or self.name, world)
        settings = dict(self.odd, mode=self.kind, listen=[self.address], port=self.port, name=self.name,
                        user=USER, password=PASSWORD, dns=self.dns, chain=shown.chain, key=shown.key,
                        tls=bool(self.tls))
        path = f"{directory}/oddproxy-{self.key}.json"
        return Daemon(f"oddproxy-{self.key}", self.place, ["/usr/bin/python3", atlas_script("odd_proxy.py"), path],
                      {path: json.dumps(settings, sort_keys=True)}, [("tcp", self.address, self.port)])


def standard_hops():
    return {
        "hop1": Hop("hop1", "h1", atlas.HOP1_4, "p1.plant.contoso-lab.com"),
        "hop1b": Hop("hop1b", "h1", atlas.HOP1B_4, "p1b.plant.contoso-lab.com"),
        "hop2": Hop("hop2", "h2", atlas.HOP2_4, "p2.contoso-lab.com"),
    }
