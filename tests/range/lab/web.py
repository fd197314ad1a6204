"""The cloud hosts: nginx for TLS as it should be or with wrong settings, openssl s_server where a client
certificate is demanded, odd_server.py for what no real server does."""

import json

from . import atlas
from .daemons import Daemon, moved_clock
from .dns import atlas_script

NGINX = """
daemon off;
master_process off;
worker_processes 1;
user root;
pid {dir}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {dir}/nginx-body;
  proxy_temp_path {dir}/nginx-proxy;
  fastcgi_temp_path {dir}/nginx-fastcgi;
  uwsgi_temp_path {dir}/nginx-uwsgi;
  scgi_temp_path {dir}/nginx-scgi;
  server_tokens off;
{servers}}}
"""
TLS_SERVER = """  server {{
{listen}    server_name {name};
    ssl_certificate {chain};
    ssl_certificate_key {key};
    ssl_protocols {protocols};
    ssl_ciphers {ciphers};
    ssl_session_tickets off;
{extra}    location / {{ return 200 "{name} of the lab\\n"; }}
  }}
"""
PLAIN_SERVER = """  server {{
{listen}    server_name {name};
    location / {{ return 301 https://$host$request_uri; }}
  }}
"""


class HostState:
    """How one cloud host serves: nginx by default."""

    def __init__(self, key):
        self.host = atlas.HOSTS[key]
        self.up = True
        self.http = True               # port 80 as well (its Date header tells the time)
        self.cert = "good"
        self.cert_name = None
        self.protocols = "TLSv1.2 TLSv1.3"
        self.ciphers = "DEFAULT"
        self.extra = []                # more nginx lines
        self.pki = None                # odd_pki.py on port 80: "good", or what is in its place
        self.odd = None                # behaviour for odd_server.py instead
        self.demand_client_cert = None # "tls1_2" | "tls1_3": openssl s_server instead
        self.alpn = None               # the only protocol it speaks, e.g. "h2": openssl s_server instead
        self.addresses = [self.host.v4, self.host.v6]
        self.ports = [443]

    def endpoints(self):
        return [(a, p) for a in self.addresses for p in self.ports]

    def daemons(self, directory, authority, world):
        shown = authority.show(self.cert, self.cert_name or self.host.name, world)
        key = self.host.key
        if self.demand_client_cert or self.alpn:
            wishes = (["-alpn", self.alpn] if self.alpn else
                      ["-Verify", "2", "-verify_return_error", f"-{self.demand_client_cert}"])
            out = []
            for i, address in enumerate(self.addresses):
                accept = f"[{address}]:443" if ":" in address else f"{address}:443"
                out.append(Daemon(f"sserver-{key}-{i}", "cl",
                                  ["openssl", "s_server", "-accept", accept, "-cert", shown.chain,
                                   "-cert_chain", shown.chain, "-key", shown.key, "-CAfile", authority.trust,
                                   "-quiet", "-www", *wishes],
                                  ready=[("tcp", address, 443)]))
            return out
        settings = dict(self.odd)
        settings.update(listen=self.addresses, port=self.ports[0], chain=shown.chain, key=shown.key,
                        name=self.host.name)
        path = f"{directory}/odd-{key}.json"
        return [Daemon(f"odd-{key}", "cl", ["/usr/bin/python3", atlas_script("odd_server.py"), path],
                       {path: json.dumps(settings, sort_keys=True)},
                       [("tcp", a, self.ports[0]) for a in self.addresses])]


def pki_daemon(h, directory, authority):
    path = f"{directory}/pki-{h.host.key}.json"
    settings = {"listen": h.addresses, "mode": h.pki, "crl": authority.revocation_list(),
                "index": f"{authority.dir}/index.txt", "ca": authority.path("inter"),
                "key": authority.path("inter", "key")}
    return Daemon(f"pki-{h.host.key}", "cl", ["/usr/bin/python3", atlas_script("odd_pki.py"), path],
                  {path: json.dumps(settings, sort_keys=True)}, [("tcp", a, 80) for a in h.addresses])


def bracket(address):
    return f"[{address}]" if ":" in address else address


def daemons(hosts, directory, authority, world):
    """All daemons of the cloud: one nginx for every plain host, one program for each odd one."""
    servers, ready, out = "", [], []
    for h in hosts.values():
        if not h.up:
            continue
        if h.pki:
            out.append(pki_daemon(h, directory, authority))
        elif h.http:
            listen = "".join(f"    listen {bracket(a)}:80;\n" for a in h.addresses)
            servers += PLAIN_SERVER.format(listen=listen, name=h.host.name)
            ready += [("tcp", a, 80) for a in h.addresses]
        if h.odd is not None or h.demand_client_cert or h.alpn:
            out += h.daemons(directory, authority, world)
            continue
        shown = authority.show(h.cert, h.cert_name or h.host.name, world)
        extra = list(h.extra)
        if shown.staple:
            extra += ["ssl_stapling on;", f"ssl_stapling_file {shown.staple};"]
        servers += TLS_SERVER.format(
            listen="".join(f"    listen {bracket(a)}:{p} ssl;\n" for a, p in h.endpoints()), name=h.host.name,
            chain=shown.chain, key=shown.key, protocols=h.protocols, ciphers=h.ciphers,
            extra="".join(f"    {l}\n" for l in extra))
        ready += [("tcp", a, p) for a, p in h.endpoints()]
    if ready:
        path = f"{directory}/nginx.conf"
        out.append(Daemon("nginx", "cl", ["nginx", "-c", path, "-p", directory],
                          {path: NGINX.format(dir=directory, servers=servers)}, ready, env=moved_clock(world)))
    return out
