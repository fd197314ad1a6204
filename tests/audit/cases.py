"""The configurations of squid.py. "@" is the folder of a case; `port` says that the text has its
own http_port; `undecided` that something cannot be known offline; `finds` what must be found;
`later` has files that Squid sees and the audit does not; with `unseen` "undecided" is enough where
Squid refuses; `newer` is what this Squid refuses and newer ones take."""
import itertools
import os

import corners
import mixtures

HERE = os.path.dirname(os.path.abspath(__file__))
USE = "http_access allow x\nhttp_access deny all\n"
BASIC = "auth_param basic program /usr/lib/squid/basic_ncsa_auth @/passwd\n"
PEER = "cache_peer 127.0.0.2 parent 3129 0 no-query default name=next\n"
VALUES = {"values": "# c\nfoo.com # remark\n\n  bar.com  \n"}

# What one ACL named x does, behind `http_access allow x`.
ACLS = """
dstdomain .foo.com
dstdomain foo.com
dstdomain .foo.com a.foo.com
dstdomain a.foo.com .foo.com
dstdomain foo.com .foo.com
dstdomain .foo.com foo.com
dstdomain .foo.com .a.foo.com
dstdomain .foo.com .foo.com
dstdomain foo.com foo.com bar.com
dstdomain *.foo.com
dstdomain .FOO.com Bar.COM
dstdomain foo.com.
dstdomain foo.com # a.foo.com
dstdomain foo.com#a.foo.com
dstdomain -n 127.0.0.1 .foo.com
dstdomain -i foo.com
dstdomain -- foo.com
dstdomain
dstdomain 'foo.com'
dstdom_regex -n ^foo
dstdom_regex -n -i ^FOO
dstdom_regex -n ^FOO
dstdom_regex -n ^BAR -i ^FOO
dstdom_regex -n -i ^FOO +i ^BAR
dstdom_regex -n \\.foo\\.com$
dstdom_regex -n (foo
dstdom_regex -n *foo ^bar
url_regex ^foo.com:443$
url_regex -i ^FOO
urlpath_regex .
port 443
port 400-450 8443
port 0443
port 500-400 443
port 70000
port https
port
method CONNECT
method connect
method GET POST
proto HTTP
proto none
localport 3128
myport 3128
localport 3129
myportname 3128
src 10.100.100.1
src 10.100.100.1/24
src 10.2.3.4/255.0.0.0
src 10.0.0.0-10.50.0.0
src 10.0.0.0-10.50.0.0/16
src 10.2.9.0-10.2.1.0
src 0.0.0.0/0
src all
src 0/0
src 10.100.100.1 10.0.0.0/8
src 10.0.0.0/8 10.100.100.1
src 10.100.0.0/16 !10.100.100.1
src 10.300.0.1
src 10.100.100.1/33
src 10.2
src 2001:db8::/32 10.2.3.4
src [fe80::1]
src -n 127.0.0.1
dst -n 127.0.0.1
dst all
any-of CONNECT
any-of !CONNECT
any-of !CONNECT all
any-of nope
all-of CONNECT localhost
all-of CONNECT !localhost
banana 3128
proxy_auth REQUIRED
""".strip().split("\n")

# Whole files: title, text, and what else there is to say.
TEXTS = [
    ("no rules", "", {}),
    ("all allowed", "http_access allow all\n", {"finds": ["any-port", "any-destination"]}),
    ("deny first", "http_access deny all\nhttp_access allow all\n", {"finds": ["rule-dead"]}),
    ("after the last allow comes deny", "acl x dstdomain foo.com\nhttp_access allow x\n", {}),
    ("after the last deny comes allow", "acl x dstdomain foo.com\nhttp_access deny x\n", {}),
    ("a deny that never matches", "http_access deny CONNECT !all\n", {}),
    ("rule without acl", "http_access allow\nhttp_access deny all\n", {"finds": ["no-acl"]}),
    ("rule with unknown acl", "acl x dstdomain foo.com\nhttp_access allow y\n",
     {"finds": ["acl-unknown"]}),
    ("acl below its rule", "http_access allow x\nacl x dstdomain foo.com\n", {}),
    ("SSL_ports is not built in", "http_access deny CONNECT !SSL_ports\n", {}),
    ("an action in capitals", "http_access ALLOW all\n", {"finds": ["no-action"]}),
    ("names of acls in any case", "acl Yes dstdomain foo.com\nhttp_access allow yES\n", {}),
    ("directives in one case", "HTTP_ACCESS allow all\n", {"finds": ["directive-unknown"]}),
    ("a directive with a typing error", "http_acces allow all\n",
     {"finds": ["directive-unknown"]}),
    ("double negation", "http_access allow !!all\n", {}),
    ("negation with a space", "http_access allow ! all\n", {}),
    ("two types of one name", "acl x dstdomain foo.com\nacl x src 10.2.3.4\n" + USE, {}),
    ("a built-in of another type", "acl CONNECT src 10.0.0.0/8\n", {}),
    ("built-ins repeated", "acl manager proto cache_object\nacl localhost src 127.0.0.1/32\n"
     "acl CONNECT method CONNECT\nacl all src all\nhttp_access allow localhost\n", {}),
    ("names over two lines", "acl x dstdomain .foo.com\nacl x dstdomain bar.com\n" + USE, {}),
    ("overlap over two lines", "acl x dstdomain .a.foo.com\nacl x dstdomain .foo.com\n" + USE,
     {"finds": ["domain-overlap"]}),
    ("continuation", "acl x dstdomain foo.com \\\n  a.foo.com\n" + USE, {}),
    ("continuation over a comment", "acl x dstdomain foo.com \\\n# hi\n  a.foo.com\n" + USE, {}),
    ("continuation over an empty line", "acl x dstdomain foo.com \\\n\n  a.foo.com\n" + USE, {}),
    ("white space and tabs", "  http_access   allow\tlocalhost\r\n", {}),
    ("source and name", "acl x dstdomain .foo.com\nacl y src 10.0.0.0/8\nhttp_access allow x y\n"
     "http_access deny all\n", {}),
    ("values of a file", 'acl x dstdomain "@/values"\n' + USE, {"files": VALUES}),
    ("a file, then values", 'acl x dstdomain "@/values" a.foo.com\n' + USE,
     {"files": VALUES, "finds": ["values-after-file"]}),
    ("values, then a file", 'acl x dstdomain a.foo.com "@/values"\n' + USE, {"files": VALUES}),
    ("a file that is not here", 'acl x dstdomain "@/none"\n' + USE,
     {"undecided": True, "finds": ["file-unseen"]}),
    ("parameters() without quoted values", 'acl x dstdomain parameters("@/values")\n' + USE,
     {"files": VALUES}),
    ("parameters()", 'configuration_includes_quoted_values on\n'
     'acl x dstdomain parameters("@/values")\n' + USE, {"files": VALUES}),
    ("quoted values", 'configuration_includes_quoted_values on\nacl x dstdomain "foo.com"\n' + USE,
     {}),
    ("include", "include @/inc*.conf\nhttp_access deny all\n",
     {"files": {"inc1.conf": "acl x dstdomain -n .foo.com\n", "inc2.conf": "http_access allow x\n"}}),
    ("if true", "if true\nhttp_access allow all\nelse\nhttp_access deny all\nendif\n", {}),
    ("if 0 = 1", "if 0 = 1\nhttp_access allow all\nelse\nhttp_access deny all\nendif\n", {}),
    ("if in if", "if true\nif false\nhttp_access allow all\nendif\nendif\nhttp_access deny all\n",
     {}),
    ("if true in if false", "if false\nif true\nhttp_access allow all\nendif\nendif\n", {}),
    ("else alone", "else\nhttp_access allow all\n", {"finds": ["condition"]}),
    ("if without endif", "if true\nhttp_access allow all\n", {"finds": ["condition"]}),
    ("if something", "if banana\nhttp_access allow all\nendif\n", {"finds": ["condition"]}),
    ("miss_access", "acl x dstdomain foo.com\nhttp_access allow all\nmiss_access deny x\n", {}),
    ("nested any-of", "acl q dstdomain foo.com\nacl x any-of q\nacl x any-of localhost\n" + USE,
     {}),
    ("nested all-of", "acl y dstdomain foo.com\nacl x all-of CONNECT !y\nacl x all-of localhost y\n"
     + USE, {}),
    ("the port of an allowed name", "acl SSL_ports port 443\nacl x dstdomain .foo.com\n"
     "http_access deny CONNECT !SSL_ports\nhttp_access allow x\nhttp_access deny all\n", {}),
    ("rules in the article's order", "acl SSL_ports port 443\nacl x dstdomain .foo.com\n"
     "http_access allow x\nhttp_access deny CONNECT !SSL_ports\nhttp_access deny all\n",
     {"finds": ["any-port"]}),
    ("time decides", "acl x time 00:00-24:00\n" + USE, {"undecided": True}),
    ("time does not matter", "acl x time 00:00-24:00\nhttp_access allow x\nhttp_access allow all\n",
     {}),
    ("the proxy's DNS decides", "acl x dst 192.0.2.1\n" + USE, {"undecided": True}),
    ("a random rule", "acl x random 1/2\n" + USE, {"undecided": True}),
    ("users", BASIC + "acl x proxy_auth REQUIRED\n" + USE, {}),
    ("another user", BASIC + "acl x proxy_auth bob\n" + USE, {}),
    ("the user", BASIC + "acl x proxy_auth u\n" + USE, {}),
    ("the user in capitals", BASIC + "acl x proxy_auth U\n" + USE, {}),
    ("the user in any case", BASIC + "acl x proxy_auth -i U\n" + USE, {}),
    ("deny who has no login", BASIC + "acl x proxy_auth REQUIRED\nhttp_access deny !x\n"
     "http_access allow all\n", {}),
    ("a login for some names", BASIC + "acl x proxy_auth REQUIRED\nacl y dstdomain -n .foo.com\n"
     "http_access allow y x\nhttp_access allow localhost\nhttp_access deny all\n", {}),
    ("a login that is denied", BASIC + "acl x proxy_auth REQUIRED\nacl y dstdomain -n foo.com\n"
     "http_access deny y x\nhttp_access allow all\n", {}),
    ("a login, then a name", BASIC + "acl x proxy_auth REQUIRED\nacl y dstdomain -n foo.com\n"
     "http_access deny x y\nhttp_access allow all\n", {}),
    ("users without auth_param", "acl x proxy_auth REQUIRED\n" + USE, {"finds": ["auth-missing"]}),
    ("users above auth_param", "acl x proxy_auth REQUIRED\n" + BASIC + USE,
     {"finds": ["auth-missing"]}),
    ("logins never asked for", BASIC + "http_access allow all\n", {"finds": ["auth-unused"]}),
    ("a parent, and the default", PEER + "http_access allow all\n", {"finds": ["chain-direct"]}),
    ("a parent, never_direct", PEER + "never_direct allow all\nhttp_access allow all\n", {}),
    ("a parent, nonhierarchical_direct off", PEER + "nonhierarchical_direct off\n"
     "http_access allow all\n", {"finds": ["chain-fallback"]}),
    ("a parent, prefer_direct", PEER + "nonhierarchical_direct off\nprefer_direct on\n"
     "http_access allow all\n", {"finds": ["chain-direct"]}),
    ("a parent, always_direct", PEER + "never_direct allow all\nalways_direct allow all\n"
     "http_access allow all\n", {"finds": ["chain-direct"]}),
    ("a parent for some names", PEER + "acl x dstdomain -n .foo.com\nnever_direct allow x\n"
     "http_access allow all\n", {"finds": ["chain-direct"]}),
    ("a parent that takes some", PEER + "acl x dstdomain -n .foo.com\n"
     "cache_peer_access next allow x\ncache_peer_access next deny all\nnever_direct allow all\n"
     "http_access allow all\n", {"finds": ["chain-nowhere"]}),
    ("never_direct without a parent", "never_direct allow all\nhttp_access allow all\n",
     {"finds": ["chain-nowhere"]}),
    ("a parent twice", PEER + PEER + "http_access allow all\n", {}),
    ("a parent without a type", "cache_peer 127.0.0.2\nhttp_access allow all\n", {}),
    ("access to no parent", "cache_peer_access nope allow all\nhttp_access allow all\n",
     {"finds": ["peer-unknown"]}),
    ("two ports", "http_port 3129\nacl x localport 3129\n" + USE, {}),
    ("a port out of range", "http_port 99999\nhttp_access allow all\n", {}),
    ("no port", "http_access allow all\n", {"port": True, "finds": ["no-port"]}),
    ("a switch that is none", "nonhierarchical_direct maybe\nhttp_access allow all\n", {}),
    ("an obsolete directive", "hierarchy_stoplist cgi-bin\nhttp_access allow all\n", {}),
    ("a name of 64 characters", "acl " + "x" * 64 + " src all\nhttp_access allow all\n", {}),
    ("an acl without a type", "acl x\nhttp_access allow all\n", {}),
]

FILES = [("article-azure.conf", ["any-port"]), ("article-chain.conf", []),
         ("factory.conf", [])]

# Parts of a rule list, in every order: rule order is what Squid's answers live on.
PARTS = ["http_access allow names", "http_access deny CONNECT !SSL_ports",
         "http_access allow sensors", "http_access deny late"]


def all_cases():
    for acl in ACLS:
        case = {"title": f"acl x {acl}", "conf": f"acl x {acl}\n{USE}",
                "undecided": "'" in acl}  # a quote begins the name of a file
        if acl.startswith("proxy_auth"):
            case["conf"] = BASIC + case["conf"]
        # Without -n a list of names asks the DNS backwards for an address.
        if acl.startswith("dstdomain") and " -n" not in acl:
            case["conf"] = case["conf"].replace("dstdomain", "dstdomain -n", 1)
        yield case
    for title, conf, more in TEXTS + corners.TEXTS + mixtures.TEXTS:
        yield {"title": title, "conf": conf, **more}
    for name, finds in FILES:
        with open(os.path.join(HERE, "files", name), encoding="utf-8") as file:
            yield {"title": name, "conf": file.read(), "port": True, "finds": finds}
    for order in itertools.permutations(PARTS):
        yield {"title": "order " + " ".join(str(PARTS.index(p)) for p in order),
               "conf": "acl names dstdomain -n .azure-devices.net foo.com\nacl SSL_ports port 443\n"
               "acl sensors src 10.100.100.1\nacl late dstdomain -n bar.com\n"
               + "\n".join(order) + "\n"}
