"""More configurations of squid.py: what people's files hold besides the usual, each with the same
keys as in cases.py."""
USE = "http_access allow x\nhttp_access deny all\n"
ALL = "http_access allow all\n"
PEER = "cache_peer 127.0.0.2 parent 3129 0 no-query default name=next\n"
BASIC = "auth_param basic program /usr/lib/squid/basic_ncsa_auth @/passwd\n"

# Title, text, and what else there is to say.
ACCESS = [
    ("a second list after adaptation", "acl x dstdomain -n foo.com\n" + ALL
     + "adapted_http_access deny x\n", {}),
    ("a second list that allows only some", "acl x dstdomain -n foo.com\n" + ALL
     + "adapted_http_access allow x\n", {}),
    ("the old name of the second list", "acl x dstdomain -n foo.com\n" + ALL
     + "http_access2 deny x\n", {}),
    ("the answer's list", ALL + "http_reply_access deny all\n", {}),
    ("deny to_localhost", "http_access deny to_localhost\n" + ALL, {}),
    ("deny to_linklocal", "http_access deny to_linklocal\n" + ALL,
     {"newer": True, "finds": ["acl-newer"]}),
    ("all made narrower", "acl all src 10.2.3.4\n" + ALL, {}),
    ("CONNECT made wider", "acl CONNECT method GET\nhttp_access deny !CONNECT\n" + ALL, {}),
    ("localhost made wider", "acl localhost src 10.0.0.0/8\nhttp_access allow localhost\n", {}),
    ("Safe_ports and SSL_ports as shipped", "acl SSL_ports port 443\nacl Safe_ports port 80 443 "
     "1025-65535\nhttp_access deny !Safe_ports\nhttp_access deny CONNECT !SSL_ports\n" + ALL, {}),
    ("Safe_ports without SSL_ports", "acl Safe_ports port 80 443 1025-65535\n"
     "http_access deny !Safe_ports\nhttp_access allow localhost\n", {}),
    ("a remark behind a rule", "http_access allow localhost # all\n", {}),
    ("a remark without a space", "http_access allow localhost #all\nhttp_access deny all\n", {}),
    ("a remark at the name", "http_access allow localhost#all\n", {}),
    ("names with a comma", "acl x dstdomain -n foo.com,bar.com\n" + USE, {}),
    ("a word in quotes in a rule", 'http_access allow "localhost"\n',
     {"undecided": True, "finds": ["quoted-name"]}),
    ("allow and deny of one name", "acl x dstdomain -n foo.com\nhttp_access deny x\n"
     "http_access allow x\n", {}),
    ("and, or, not", "acl x dstdomain -n .foo.com\nacl y src 10.100.100.1 10.2.3.4\n"
     "acl z port 8443\nhttp_access allow x y !z\nhttp_access allow z !y\n", {}),
    ("the same acl twice in a rule", "acl x src 10.2.3.4\nhttp_access allow x x !x\n", {}),
    ("deny ends the list", "acl x src 10.2.3.4\nhttp_access allow x\nhttp_access deny !x\n", {}),
    ("allow ends the list", "acl x src 10.2.3.4\nhttp_access deny x\nhttp_access allow !x\n", {}),
    ("miss_access that allows some", "acl x dstdomain -n foo.com\n" + ALL
     + "miss_access allow x\n", {}),
    ("miss_access by source", "acl x src 10.2.3.4\n" + ALL + "miss_access deny x\n", {}),
    ("a marker and a rule", "acl m annotate_transaction a=b\nacl x dstdomain -n foo.com\n"
     "http_access allow x m\nhttp_access deny all\n", {"undecided": True}),
    ("a deny with an own page", "acl x dstdomain -n foo.com\ndeny_info ERR_CANNOT_FORWARD x\n"
     "http_access allow !x\n", {}),
    ("a helper decides", "external_acl_type h %SRC /bin/cat\nacl x external h\n" + USE,
     {"undecided": True}),
    ("a helper that is not defined", "acl x external h\n" + USE, {}),
    ("a helper behind a name", "external_acl_type h %SRC /bin/cat\nacl x external h\n"
     "acl y dstdomain -n foo.com\nhttp_access allow y x\nhttp_access deny all\n",
     {"undecided": True}),
    ("the browser", "acl x browser curl\nhttp_access deny x\n" + ALL, {"undecided": True}),
    ("a header", "acl x req_header User-Agent -i curl\nhttp_access deny x\n" + ALL,
     {"undecided": True}),
    ("a helper with another name", "external_acl_type h %SRC /bin/cat\nacl x external g\n" + USE,
     {}),
    ("a night", "acl x time 18:00-24:00\nacl x time 00:00-08:00\n" + USE, {"undecided": True}),
    ("days and hours", "acl x time MTWHF 8:00-17:30\n" + USE, {"undecided": True}),
    ("hours without a colon", "acl x time 0800-1000\n" + USE, {}),
    ("one of three", "acl x random 1:3\n" + USE, {"undecided": True}),
    ("two of one", "acl x random 2/1\n" + USE, {}),
    ("no connections", "acl x maxconn 0\n" + USE, {}),
    ("the hour, wrongly", "acl x time 25:00-26:00\n" + USE, {}),
    ("the hour, end before begin", "acl x time 18:00-08:00\n" + USE, {}),
    ("weekdays", "acl x time MTWHFAS\n" + USE, {"undecided": True}),
    ("weekdays that are none", "acl x time XYZ\n" + USE, {"undecided": True}),
    ("connections", "acl x maxconn 5\nhttp_access deny x\n" + ALL, {"undecided": True}),
    ("connections without a number", "acl x maxconn\nhttp_access deny x\n" + ALL, {}),
    ("chance that is none", "acl x random 0\n" + USE, {}),
    ("the answer's type", "acl x rep_mime_type text/html\nhttp_access deny x\n" + ALL,
     {"undecided": True}),
    ("a source by name", "acl x src sensor.invalid\n" + USE, {"unseen": True}),
    ("the proxy's own address", "acl x localip 127.0.0.1\n" + USE, {"undecided": True}),
    ("the name of a port", "http_port 3129 name=other\nacl x myportname other\n" + USE, {}),
    ("a user by pattern", BASIC + "acl x proxy_auth_regex -i ^u\n" + USE,
     {"finds": ["undecided"]}),
    ("users of a file", BASIC + 'acl x proxy_auth "@/users"\n' + USE,
     {"files": {"users": "# c\nbob\nu\n"}}),
    ("login or address", BASIC + "acl x proxy_auth REQUIRED\nhttp_access allow localhost\n"
     "http_access allow x\nhttp_access deny all\n", {}),
    ("a login in any-of", BASIC + "acl u proxy_auth REQUIRED\nacl x any-of localhost u\n" + USE,
     {}),
    ("a login in all-of", BASIC + "acl u proxy_auth REQUIRED\nacl x all-of localhost u\n" + USE,
     {}),
    ("digest without a program", "auth_param digest realm r\nacl x proxy_auth REQUIRED\n" + USE,
     {}),
    ("a realm before the program", "auth_param basic realm r\n" + BASIC
     + "acl x proxy_auth REQUIRED\n" + USE, {}),
    ("a scheme that is none", "auth_param banana program /bin/cat\n" + ALL, {}),
]

CHAINS = [
    ("only a sibling", "cache_peer 127.0.0.2 sibling 3129 0 no-query name=next\n"
     "never_direct allow all\n" + ALL, {"finds": ["chain-nowhere"]}),
    ("a parent that is a server", "cache_peer 127.0.0.2 parent 3129 0 no-query originserver\n"
     "never_direct allow all\n" + ALL, {"finds": ["chain-nowhere"]}),
    ("a parent with ICP", "cache_peer 127.0.0.2 parent 3129 3130 default name=next\n"
     "never_direct allow all\n" + ALL, {}),
    ("a parent without default", "cache_peer 127.0.0.2 parent 3129 0 no-query\n"
     "never_direct allow all\n" + ALL, {}),
    ("two parents in turn", "cache_peer 127.0.0.2 parent 3129 0 no-query round-robin name=a\n"
     "cache_peer 127.0.0.2 parent 3129 0 no-query round-robin name=b\nnever_direct allow all\n"
     + ALL, {}),
    ("a parent for each name", PEER + "cache_peer 127.0.0.3 parent 3129 0 no-query name=other\n"
     "acl x dstdomain -n .foo.com\ncache_peer_access next allow x\ncache_peer_access next deny all\n"
     "cache_peer_access other deny x\ncache_peer_access other allow all\nnever_direct allow all\n"
     + ALL, {}),
    ("a parent that denies one name", PEER + "acl x dstdomain -n foo.com\n"
     "cache_peer_access next deny x\nnever_direct allow all\n" + ALL, {"finds": ["chain-nowhere"]}),
    ("a parent that allows one sensor", PEER + "acl x src 10.2.3.4\n"
     "cache_peer_access next allow x\nnever_direct allow all\n" + ALL,
     {"finds": ["chain-nowhere"]}),
    ("a parent for no method", PEER + "cache_peer_access next deny CONNECT\n"
     "never_direct allow all\n" + ALL, {"finds": ["chain-nowhere"]}),
    ("domains of a parent, of old", PEER + "cache_peer_domain next foo.com\n"
     "never_direct allow all\n" + ALL, {}),
    ("never_direct below a deny", PEER + "acl x dstdomain -n foo.com\nnever_direct deny x\n"
     "never_direct allow all\n" + ALL, {"finds": ["chain-direct"]}),
    ("never_direct ends with deny", PEER + "acl x dstdomain -n foo.com\nnever_direct deny x\n"
     + ALL, {"finds": ["chain-direct"]}),
    ("always_direct ends with deny", PEER + "acl x dstdomain -n foo.com\nalways_direct deny x\n"
     "never_direct allow all\n" + ALL, {"finds": ["chain-direct"]}),
    ("always_direct deny all", PEER + "always_direct deny all\nnever_direct allow all\n" + ALL,
     {}),
    ("never_direct by method", PEER + "never_direct allow CONNECT\n" + ALL, {}),
    ("never_direct by port", PEER + "acl x port 443\nnever_direct allow x\n" + ALL, {}),
    ("never_direct by source", PEER + "acl x src 10.0.0.0/8\nnever_direct allow x\n" + ALL, {}),
    ("never_direct by the endpoint's address", PEER + "acl x dst 192.0.2.0/24\n"
     "never_direct allow !x\n" + ALL, {}),
    ("always_direct for the site's own names", PEER + "acl x dstdomain -n .foo.com\n"
     "always_direct allow x\nnever_direct allow all\n" + ALL, {"finds": ["chain-direct"]}),
    ("prefer_direct and never_direct", PEER + "prefer_direct on\nnever_direct allow all\n" + ALL,
     {}),
    ("nonhierarchical_direct off and never_direct", PEER + "nonhierarchical_direct off\n"
     "never_direct allow all\n" + ALL, {}),
    ("nonhierarchical_direct off for some", PEER + "nonhierarchical_direct off\n"
     "acl x dstdomain -n .foo.com\nalways_direct allow x\n" + ALL, {"finds": ["chain-direct"]}),
    ("nonhierarchical_direct twice", PEER + "nonhierarchical_direct off\n"
     "nonhierarchical_direct on\n" + ALL, {"finds": ["chain-direct"]}),
    ("a parent with a login", "cache_peer 127.0.0.2 parent 3129 0 no-query default "
     "login=PASSTHRU\nnever_direct allow all\n" + ALL, {}),
    ("a parent on port 0", "cache_peer 127.0.0.2 parent 0 0 no-query\n" + ALL, {}),
    ("a parent on a named port", "cache_peer 127.0.0.2 parent https 0 no-query\n" + ALL, {}),
    ("a parent with an option that is none", "cache_peer 127.0.0.2 parent 3129 0 no-query "
     "defalt\nnever_direct allow all\n" + ALL, {}),
    ("a parent without ports", "cache_peer 127.0.0.2 parent\n" + ALL, {}),
    ("a parent of another type", "cache_peer 127.0.0.2 Parent 3129 0 no-query\n" + ALL, {}),
    ("access of a parent above it", "cache_peer_access next allow all\n" + PEER
     + "never_direct allow all\n" + ALL, {"finds": ["peer-unknown"]}),
    ("names of parents in capitals", PEER + "acl x dstdomain -n foo.com\n"
     "cache_peer_access NEXT deny x\nnever_direct allow all\n" + ALL, {}),
]

FORMS = [
    ("an acl of an include unseen", "include @/later.conf\nhttp_access allow x\n",
     {"later": {"later.conf": "acl x dstdomain -n foo.com\n"}, "undecided": True}),
    ("a user of an include unseen", "include @/later.conf\nacl x proxy_auth REQUIRED\n" + USE,
     {"later": {"later.conf": BASIC}, "undecided": True}),
    ("a helper of an include unseen", "include @/later.conf\nacl x external h\n" + USE,
     {"later": {"later.conf": "external_acl_type h %SRC /bin/cat\n"}, "undecided": True}),
    ("a parent of an include unseen", "include @/later.conf\n"
     "cache_peer_access next allow all\nnever_direct allow all\n" + ALL,
     {"later": {"later.conf": PEER}, "undecided": True}),
    ("rules above an include unseen", ALL + "include @/later.conf\n",
     {"later": {"later.conf": "http_access deny all\n"}, "undecided": True}),
    ("ports of an include unseen", "include @/later.conf\n" + ALL, {"port": True,
     "later": {"later.conf": "http_port 3128\n"}, "undecided": True}),
    ("an include that is not there", "include @/nothing.conf\n" + ALL, {"unseen": True}),
    ("includes that match nothing", "include @/nothing*.conf\n" + ALL, {"unseen": True}),
    ("an include in an include", "include @/outer.conf\n",
     {"files": {"outer.conf": "include @/inner.conf\nhttp_access deny all\n",
                "inner.conf": "acl x dstdomain -n .foo.com\nhttp_access allow x\n"}}),
    ("two includes in a line", "include @/one.conf @/two.conf\n" + USE,
     {"files": {"one.conf": "acl x dstdomain -n foo.com\n",
                "two.conf": "acl x dstdomain -n bar.com\n"}}),
    ("an acl over two includes", "include @/one.conf\nacl x dstdomain -n bar.com\n" + USE,
     {"files": {"one.conf": "acl x dstdomain -n foo.com"}}),
    ("a rule in an include with a continuation", "include @/one.conf\nhttp_access deny all\n",
     {"files": {"one.conf": "acl x dstdomain -n \\\n foo.com \\\n bar.com\n"
                "http_access \\\n allow x\n"}}),
    ("an include within if", "if false\ninclude @/nothing.conf\nendif\n" + ALL, {}),
    ("if 1 = 1", "if 1 = 1\n" + ALL + "endif\n", {}),
    ("if 1=1", "if 1=1\n" + ALL + "endif\n", {}),
    ("if without a condition", "if\n" + ALL + "endif\n", {}),
    ("if not", "if !true\n" + ALL + "endif\n", {}),
    ("endif alone", ALL + "endif\n", {}),
    ("two else", "if false\nelse\n" + ALL + "else\nendif\n", {}),
    ("a line that ends in a backslash", ALL + "acl x dstdomain foo.com \\", {}),
    ("a backslash in front of a space", "acl x dstdomain -n foo.com \\ \n" + USE, {}),
    ("no line end", "http_access allow localhost", {}),
    ("a byte order mark", "\ufeffhttp_access allow localhost\n", {}),
    ("a form feed", "http_access allow localhost\n\f\n", {}),
    ("an indented remark", "   # http_access deny all\n" + ALL, {}),
    ("carriage returns everywhere", "acl x dstdomain -n foo.com\r\nhttp_access allow x\r\n"
     "http_access deny all\r\n", {}),
    ("values of a file with carriage returns", 'acl x dstdomain -n "@/v"\n' + USE,
     {"files": {"v": "foo.com\r\n.azure-devices.net\r\n"}}),
    ("values of a file, two in a line", 'acl x dstdomain -n "@/v"\n' + USE,
     {"files": {"v": "foo.com bar.com\n"}}),
    ("values of an empty file", 'acl x dstdomain -n "@/v"\n' + USE, {"files": {"v": ""}}),
    ("sources of a file", 'acl x src "@/v"\n' + USE, {"files": {"v": "10.2.3.4 # a\n10.100.0.0/16\n"}}),
    ("patterns of a file", 'acl x dstdom_regex -n "@/v"\n' + USE,
     {"files": {"v": "^foo\n-i\n^BAR\n"}}),
    ("a file in single quotes", "acl x dstdomain -n '@/v'\n" + USE, {"files": {"v": "foo.com\n"}}),
    ("a directive of Squid 6", "cache_log_message id=1 hide\n" + ALL,
     {"newer": True, "finds": ["directive-newer"]}),
    ("another directive of Squid 6", "tls_key_log /tmp/keys\n" + ALL,
     {"newer": True, "finds": ["directive-newer"]}),
    ("a directive that is gone", "dns_v4_first on\n" + ALL, {}),
    ("directives of old", "emulate_httpd_log off\nident_timeout 3 seconds\nlog_fqdn off\n"
     "url_rewrite_concurrency 0\n" + ALL, {}),
    ("an accelerator's option alone", "http_port 3129 defaultsite=a.example\n" + ALL, {}),
    ("options of ports", "http_port 3129 name=n tcpkeepalive=60,30,3 disable-pmtu-discovery=off "
     "no-connection-auth require-proxy-header\n" + ALL, {}),
    ("a port twice", "http_port 3128\n" + ALL, {}),
    ("a port at an address", "http_port 127.0.0.1:3128\n" + ALL, {"port": True}),
    ("a port of a name", "http_port localhost:3128\n" + ALL, {"port": True}),
    ("a port in brackets", "http_port [::1]:3129\n" + ALL, {}),
    ("a port with an option that is none", "http_port 3129 banana\n" + ALL, {}),
    ("a long line", "acl x dstdomain -n " + " ".join(f"h{i}.example" for i in range(3000))
     + " foo.com\n" + USE, {}),
    ("many rules", "".join(f"acl n{i} dstdomain -n h{i}.example\nhttp_access allow n{i}\n"
                           for i in range(400)) + "http_access allow localhost\n", {}),
]

TEXTS = ACCESS + CHAINS + FORMS
