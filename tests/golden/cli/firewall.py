#!/usr/bin/env python3
"""Do firewalls take the lists of `hopproof ranges`?

    firewall.py HOPPROOF

nftables: the script is checked, loaded twice and read back in a network namespace of its own (root; else
that part is passed over). Cisco and Palo Alto cannot be run here: a grammar holds what their guides say.

- ASA (CLI Book 2, "Objects for Access Control"): names up to 64 of letters, digits and .!@#$%^&()-_{};
  network-object host ADDRESS | ADDRESS MASK | IPV6/LENGTH; a description up to 200 characters. Both families
  may stand in one group.
- IOS XE ("Object Groups for ACLs", "IPv6 Object Groups for ACLs"): names up to 64; object-group network with
  host ADDRESS | ADDRESS MASK; object-group v6-network with host IPV6 | IPV6/LENGTH; empty groups vanish.
- PAN-OS ("Addresses Fields"): names up to 63 of letters, digits, spaces, hyphens, underscores, unique; ip-netmask
  ADDRESS/LENGTH without host bits.
"""
import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FILE = os.path.join(HERE, "files", "ServiceTags_Public_20251110.json")
ASA_NAME = re.compile(r"[A-Za-z0-9.!@#$%^&()\-_{}]{1,64}")
IOS_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
PAN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,62}")


def ranges(program, *words):
    done = subprocess.run([program, "ranges", FILE, *words], capture_output=True, text=True, check=True)
    return done.stdout


def network(text):
    """An address or ADDRESS/LENGTH, in the short form (RFC 5952) and without host bits."""
    net = ipaddress.ip_network(text)
    assert text in (str(net), str(net.network_address)), f"{text} is not the usual form of {net}"
    return net


def by_mask(address, mask):
    """ADDRESS MASK of IPv4; the mask is one of a network, not the inverse one of access lists."""
    bits = f"{int(ipaddress.IPv4Address(mask)):032b}"
    assert re.fullmatch("1+0*", bits), f"{mask} is no mask of a network"
    return network(f"{address}/{bits.count('1')}")


def read_asa(text):
    lines = text.splitlines()
    assert lines[0].startswith("!")
    kind, name = re.fullmatch(r"object-group (\S+) (\S+)", lines[1]).groups()
    assert kind == "network" and ASA_NAME.fullmatch(name)
    found = []
    for line in lines[2:]:
        assert line.startswith(" "), line
        words = line.split()
        if words[0] == "description":
            assert len(line) - len(" description ") <= 200 and line == lines[2]
        elif words[:2] == ["network-object", "host"] and len(words) == 3:
            found.append(network(words[2]))
            assert "/" not in words[2]
        elif words[0] == "network-object" and len(words) == 3:
            found.append(by_mask(*words[1:]))
        else:
            assert words[0] == "network-object" and len(words) == 2 and ":" in words[1] and "/" in words[1], line
            found.append(network(words[1]))
    return found


def read_ios(text):
    family, names, found = None, [], []
    for line in text.splitlines():
        words = line.split()
        if line.startswith("!"):
            continue
        if words[0] == "object-group":
            assert line == " ".join(words) and len(words) == 3 and IOS_NAME.fullmatch(words[2]), line
            family = {"network": 4, "v6-network": 6}[words[1]]
            names.append(words[2])
            continue
        assert line == " " + " ".join(words), line
        if words[0] == "host":
            net = network(words[1])
            assert len(words) == 2 and "/" not in words[1], line
        else:
            net = by_mask(*words) if family == 4 else network(words[0])
            assert len(words) == (2 if family == 4 else 1), line
        assert net.version == family, line
        found.append(net)
    assert len(set(names)) == len(names)
    return found


def read_pan(text):
    objects, members, groups = {}, [], set()
    for line in text.splitlines():
        words = line.split(" ")
        if words[1] == "address":
            name, net = re.fullmatch(r"set address (\S+) ip-netmask (\S+/\d+)", line).groups()
            assert PAN_NAME.fullmatch(name), name
            assert name not in objects, f"{name} twice"
            objects[name] = network(net)
        else:
            group, name = re.fullmatch(r"set address-group (\S+) static (\S+)", line).groups()
            assert PAN_NAME.fullmatch(group) and group not in objects, line
            assert name in objects, f"{name} is used before it is there"
            groups.add(group)
            members.append(name)
    assert len(groups) == 1 and sorted(members) == sorted(objects)
    return list(objects.values())


def nft_elements(listing, name):
    out = []
    for item in json.loads(listing)["nftables"]:
        for element in item.get("set", {}).get("elem", []) if item.get("set", {}).get("name") == name else []:
            if isinstance(element, str):
                out.append(ipaddress.ip_network(element))
            elif "prefix" in element:
                out.append(ipaddress.ip_network(f"{element['prefix']['addr']}/{element['prefix']['len']}"))
            else:
                first, last = map(ipaddress.ip_address, element["range"])
                out += ipaddress.summarize_address_range(first, last)
    return out


def merged(networks):
    return [list(ipaddress.collapse_addresses(n for n in networks if n.version == v)) for v in (4, 6)]


def check_nft(program, name, options, wanted):
    script = ranges(program, "--format", "nft", "--name", name, *options)
    run = ["unshare", "-n", "sh", "-c", "cat > $0 && nft -c -f $0 && nft -f $0 && nft -f $0 && nft -j list ruleset"]
    path = f"/tmp/hopproof-firewall-{os.getpid()}.nft"
    try:
        done = subprocess.run([*run, path], input=script, capture_output=True, text=True, check=False)
    finally:
        if os.path.exists(path):
            os.unlink(path)
    assert done.returncode == 0, done.stderr
    loaded = nft_elements(done.stdout, f"{name}_v4") + nft_elements(done.stdout, f"{name}_v6")
    assert merged(loaded) == merged(wanted), "the kernel holds other addresses"


def main():
    program = sys.argv[1]
    kernel = os.geteuid() == 0 and shutil.which("nft") and shutil.which("unshare") and \
        subprocess.run(["unshare", "-n", "nft", "list", "ruleset"], capture_output=True, check=False).returncode == 0
    for options in ([], ["--no-merge"], ["--tag", "all"], ["--tag", "all", "--no-merge"], ["--family", "4"],
                    ["--family", "6"]):
        wanted = [ipaddress.ip_network(line) for line in ranges(program, *options).split()]
        assert wanted
        for form, read, name in (("cisco", read_asa, "a" * 31), ("ios", read_ios, "a" * 28),
                                 ("paloalto", read_pan, "a" * 19)):
            found = read(ranges(program, "--format", form, "--name", name, *options))
            assert merged(found) == merged(wanted), f"{form} {options}"
        if kernel:
            check_nft(program, "a" * 31, options, wanted)
    refused = subprocess.run([program, "ranges", FILE, "--format", "paloalto", "--name", "a" * 20],
                             capture_output=True, text=True, check=False)
    assert refused.returncode == 2 and "up to 19" in refused.stderr, refused.stderr
    print("lists are in order" + ("" if kernel else "; nftables was not asked (root, nft, unshare)"))


if __name__ == "__main__":
    main()
