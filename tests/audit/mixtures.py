"""Configurations of squid.py in which several things meet: lists against patterns, negation and groups,
macros, conditions, the order of the chain's lists. The same keys as in cases.py. Conditions on
${process_number} are not among them: the Squid of these tests has no workers, so that its number is 0 and not 1."""
USE = "http_access allow x\nhttp_access deny all\n"
ALL = "http_access allow all\n"
PEER = "cache_peer 127.0.0.2 parent 3129 0 no-query default name=next\n"
OTHER = "cache_peer 127.0.0.3 parent 3129 0 no-query name=other\n"
BASIC = "auth_param basic program /usr/lib/squid/basic_ncsa_auth @/passwd\n"

NAMES = [
    ("a list and a pattern of the same names", "acl x dstdomain -n .foo.com\n"
     "acl y dstdom_regex -n ^a\\.\nhttp_access deny y\nhttp_access allow x\n", {}),
    ("a pattern inside the name", "acl x dstdom_regex -n oo\\.c\n" + USE, {}),
    ("a pattern with an alternative", "acl x dstdom_regex -n ^(foo|bar)\\.com$\n" + USE, {}),
    ("a pattern with a class and a count", "acl x dstdom_regex -n ^[a-f]{1,3}o+\\.com$\n" + USE, {"undecided": True}),
    ("a pattern for everything", "acl x dstdom_regex -n .*\n" + USE, {}),
    ("a pattern that is a domain", "acl x dstdom_regex -n .foo.com\n" + USE, {}),
    ("a pattern for an address", "acl x dstdom_regex -n ^127\\.\n" + USE, {}),
    ("a pattern of the request with its port", "acl x url_regex :8443$\n" + USE, {}),
    ("a pattern of the scheme", "acl x url_regex ^https://\n" + USE, {}),
    ("a pattern over two lines", "acl x dstdom_regex -n ^foo\nacl x dstdom_regex -n -i ^BAR\n" + USE, {}),
    ("the domain of the vendor", "acl x dstdomain -n .azure-devices.net .blob.core.windows.net "
     ".servicebus.windows.net download.microsoft.com\n" + USE, {}),
    ("the parent of all names", "acl x dstdomain -n .net .com\n" + USE, {}),
    ("a dot alone", "acl x dstdomain -n .\n" + USE, {}),
    ("a name and its port", "acl x dstdomain -n foo.com:443\n" + USE, {}),
    ("a name with a scheme", "acl x dstdomain -n https://foo.com\n" + USE, {}),
    ("an IPv6 literal as a name", "acl x dstdomain -n [::1] foo.com\n" + USE, {}),
]

LOGIC = [
    ("any-of with a negated member", "acl d dstdomain -n .foo.com\nacl x any-of !d localhost\n" + USE, {}),
    ("all-of with negated members", "acl d dstdomain -n .foo.com\nacl p port 443\nacl x all-of !d !p\n" + USE, {}),
    ("all-of over two lines is one of them", "acl d dstdomain -n foo.com\nacl e dstdomain -n bar.com\n"
     "acl x all-of CONNECT d\nacl x all-of CONNECT e\n" + USE, {}),
    ("any-of over two lines", "acl d dstdomain -n foo.com\nacl e dstdomain -n bar.com\n"
     "acl x any-of d\nacl x any-of e\n" + USE, {}),
    ("any-of within all-of", "acl d dstdomain -n foo.com\nacl e dstdomain -n bar.com\nacl o any-of d e\n"
     "acl p port 443\nacl x all-of o p\nhttp_access deny !x\n" + ALL, {}),
    ("a negated group", "acl d dstdomain -n .foo.com\nacl p port 443\nacl x all-of d p\n"
     "http_access allow !x\n", {}),
    ("a group that names itself", "acl x any-of x\n" + USE, {}),
    ("a group with an action's name", "acl allow dstdomain -n foo.com\nhttp_access allow allow\n", {}),
    ("both lists empty of rules", "http_access deny !all\nmiss_access deny !all\n", {}),
    ("the last rule names a network and denies", "acl x src 192.0.2.0/24\nhttp_access deny x\n", {}),
    ("the last rule names a network and allows", "acl x src 192.0.2.0/24\nhttp_access allow x\n", {}),
    ("allow, deny, allow", "acl x dstdomain -n foo.com\nacl y dstdomain -n .foo.com\nacl z port 443\n"
     "http_access allow x\nhttp_access deny y\nhttp_access allow z\n", {}),
    ("time in a rule that others make certain", "acl t time 00:00-24:00\nacl x src 10.2.3.4\n"
     "http_access allow x t\nhttp_access allow x !t\nhttp_access deny all\n", {"undecided": True}),
    ("a time that both ways ends in deny", "acl t time 08:00-09:00\nacl x dstdomain -n foo.com\n"
     "http_access deny x t\nhttp_access deny all\n", {}),
]

NUMBERS = [
    ("ports as a range and one by one", "acl x port 1-65535\n" + USE, {}),
    ("a range that begins at 0", "acl x port 0-443\n" + USE, {}),
    ("a range with spaces", "acl x port 400 - 450\n" + USE, {}),
    ("SSL_ports narrower than an endpoint's port", "acl SSL_ports port 443\nacl x dstdomain -n .foo.com\n"
     "http_access deny CONNECT !SSL_ports\n" + USE, {}),
    ("SSL_ports over three lines", "acl SSL_ports port 443\nacl SSL_ports port 8443\nacl SSL_ports port 5671\n"
     "http_access deny CONNECT !SSL_ports\n" + ALL, {}),
    ("SSL_ports and ssl_ports are one", "acl SSL_ports port 443\nacl ssl_ports port 8443\n"
     "http_access deny CONNECT !SSL_Ports\n" + ALL, {}),
    ("a source's mask with a hole", "acl x src 10.0.3.4/255.0.255.255\n" + USE, {"undecided": True}),
    ("a range of one address", "acl x src 10.2.3.4-10.2.3.4\n" + USE, {}),
    ("a range of sources that leaves one out", "acl x src 10.2.3.5-10.255.255.255 10.0.0.0-10.2.3.3\n" + USE, {}),
    ("a network by its first octets", "acl x src 10.100.0.0/255.255.0.0\n" + USE, {}),
    ("every IPv6 source", "acl x src ::/0\n" + USE, {"undecided": True}),
    ("an IPv4 source as IPv6", "acl x src ::ffff:10.2.3.4\n" + USE, {}),
    ("methods of several", "acl x method GET CONNECT POST\n" + USE, {}),
    ("a method that is none", "acl x method BANANA\n" + USE, {}),
    ("all but tunnels", "acl x method CONNECT\nhttp_access allow !x\nhttp_access deny all\n", {}),
]

WAY = [
    ("always_direct wins over never_direct", PEER + "never_direct allow all\nalways_direct allow all\n" + ALL, {}),
    ("never_direct and always_direct for different names", PEER + "acl x dstdomain -n .foo.com\n"
     "acl y dstdomain -n bar.com\nnever_direct allow x\nalways_direct allow y\n"
     "nonhierarchical_direct off\n" + ALL, {}),
    ("two parents, the first denied for one name", PEER + OTHER + "acl x dstdomain -n foo.com\n"
     "cache_peer_access next deny x\nnever_direct allow all\n" + ALL, {}),
    ("a parent allowed last by inversion", PEER + OTHER + "acl x dstdomain -n foo.com\n"
     "cache_peer_access next allow x\ncache_peer_access other deny x\nnever_direct allow all\n" + ALL, {}),
    ("a parent by port", PEER + OTHER + "acl p port 443\ncache_peer_access next allow p\n"
     "cache_peer_access other deny p\nnever_direct allow all\n" + ALL, {}),
    ("a parent by a group", PEER + OTHER + "acl d dstdomain -n .foo.com\nacl p port 443\nacl x all-of d p\n"
     "cache_peer_access next allow x\ncache_peer_access other deny x\nnever_direct allow all\n" + ALL, {}),
    ("prefer_direct off", PEER + "prefer_direct off\nnonhierarchical_direct off\n" + ALL, {}),
    ("never_direct for all but the site", PEER + "acl x src 10.2.3.4\nnever_direct deny x\n"
     "never_direct allow all\n" + ALL, {}),
]

FORMS = [
    ("a macro in a name", "acl x dstdomain -n foo.com\nhttp_access allow x\n"
     "cache_effective_user proxy\nhttp_port 3129 name=${service_name}\n", {}),
    ("else in a nested condition", "if true\nif false\nhttp_access deny all\nelse\nhttp_access allow localhost\n"
     "endif\nendif\n", {}),
    ("a continuation in a condition", "if \\\n true\n" + ALL + "endif\n", {}),
    ("a continuation in the middle of a word", "acl x dstdomain -n foo\\\n.com\n" + USE, {}),
    ("a remark behind a continuation", "acl x dstdomain -n foo.com \\\n# bar.com\nhttp_access allow x\n", {}),
    ("a continued remark", "# http_access deny all \\\nhttp_access allow localhost\n" + ALL, {}),
    ("an empty continuation", "acl x dstdomain -n foo.com \\\n\\\n bar.com\n" + USE, {}),
    ("quoted values on", "configuration_includes_quoted_values on\nacl x dstdomain -n \"foo.com\" 'bar.com'\n" + USE,
     {}),
    ("quoted values on for a part", "configuration_includes_quoted_values on\nacl x dstdomain -n \"foo.com\"\n"
     "configuration_includes_quoted_values off\n" + USE, {}),
    ("via and forwarded_for", "via off\nforwarded_for delete\nrequest_header_access X-Forwarded-For deny all\n" + ALL,
     {}),
    ("forwarded_for that is none", "forwarded_for banana\n" + ALL, {}),
    ("descriptors", "max_filedescriptors 4096\n" + ALL, {}),
    ("descriptors by their old name", "max_filedesc 4096\n" + ALL, {}),
    ("an include between rules", "http_access allow localhost\ninclude @/middle.conf\n" + ALL,
     {"files": {"middle.conf": "http_access deny all\n"}}),
    ("an include by a glob, in order", "include @/part*.conf\n" + ALL,
     {"files": {"part1.conf": "acl x dstdomain -n foo.com\nhttp_access deny x\n",
                "part2.conf": "http_access allow localhost\nhttp_access deny all\n"}}),
]

TEXTS = NAMES + LOGIC + NUMBERS + WAY + FORMS
