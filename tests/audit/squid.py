#!/usr/bin/env python3
"""Start a real Squid with every configuration, ask it for every endpoint from every sensor, and
compare with what `hopproof audit` said of the file.

    squid.py HOPPROOF [TITLE...]      all cases, or those whose title contains a word

Everything happens in a network namespace of its own: one loopback with the sensors' addresses,
a sink for direct connections and a parent proxy. Exit status 77: no Squid, or not root.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import cases

HERE = os.path.dirname(os.path.abspath(__file__))
SENSORS = ["127.0.0.1", "10.100.100.1", "10.2.3.4"]
ENDPOINTS = ["foo.com:443", "a.foo.com:443", "b.a.foo.com:443", "bar.com:443", "foo.com:8443",
             "azure-devices.net:443", "*.azure-devices.net:443", "hub.azure-devices.net:443",
             "x.blob.core.windows.net:443", "*.servicebus.windows.net:443",
             "x.servicebus.windows.net:5671", "download.microsoft.com:443", "127.0.0.1:443"]
PROBE = "hopproof-probe"
LOGIN = "Proxy-Authorization: Basic dTpw\r\n"  # u:p
PASSWORDS = "u:$apr1$x1zDK.6x$8xU2PbpR/dG2vDdopCLKa/\n"
CLOUD = "192.0.2.1"  # all names are there
PARENTS = {"127.0.0.2:3129": "P", "127.0.0.3:3129": "Q"}  # and what each says


def name_of(endpoint):
    return endpoint.replace("*", PROBE)


def serve(address, talk):
    server = socket.create_server(address, backlog=64)

    def run():
        while True:
            connection, _ = server.accept()
            with connection:
                try:
                    talk(connection)
                except OSError:
                    pass
    threading.Thread(target=run, daemon=True).start()


def talk_parent(connection, word):
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(4096)
        if not more:
            return
        head += more
    connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n" + word.encode())


def ask(endpoint, source, extra=""):
    """(status, Squid's error, which of sink and parent spoke)"""
    with socket.create_connection(("127.0.0.1", 3128), timeout=10,
                                  source_address=(source, 0)) as s:
        name = name_of(endpoint)
        s.sendall(f"CONNECT {name} HTTP/1.1\r\nHost: {name}\r\n{extra}\r\n".encode())
        data = b""
        while b"\r\n\r\n" not in data:
            more = s.recv(65536)
            if not more:
                break
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status == 200 and not rest:
            rest = s.recv(1)
    error = re.search(rb"X-Squid-Error: (\S+)", head)
    return status, error.group(1).decode() if error else "", rest[:1].decode("latin-1")


class Squid:
    """One Squid with a configuration, started and stopped."""
    count = 0

    def __init__(self, folder, conf):
        Squid.count += 1
        path = os.path.join(folder, "run.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(conf + "\npid_filename none\ncache_log /dev/null\naccess_log none\n"
                       "cache_store_log none\nnetdb_filename none\npinger_enable off\n"
                       f"hosts_file {folder}/hosts\nvisible_hostname audited\n"
                       "shutdown_lifetime 0 seconds\ndns_nameservers 127.0.0.1\n"
                       "coredump_dir none\nconnect_retries 0\n")
        self.process = subprocess.Popen(
            ["squid", "-f", path, "-N", "-n", f"audit{os.getpid()}n{Squid.count}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait(self, port):
        """True once it listens; False when it ended: it refuses the file."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if self.process.poll() is not None:
                return False
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return True
            except OSError:
                time.sleep(0.01)
        raise RuntimeError("Squid neither listens nor ends")

    def stop(self):
        self.process.kill()
        self.process.wait()


def audit(program, path, folder):
    """{(sensor, endpoint): (answer, way)} and the findings"""
    command = [program, "audit", path, "--json", "--endpoints", os.path.join(folder, "endpoints"),
               "--proxy", "http://u@127.0.0.1:3128"]
    for sensor in SENSORS:
        command += ["--sensor", sensor]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"audit: status {done.returncode}: {done.stderr.decode()}")
    report = json.loads(done.stdout)
    answers = {}
    for file in report["files"]:
        for v in file["verdicts"]:
            for sensor in SENSORS if v["from"] == "every sensor" else [v["from"]]:
                answers[sensor, v["to"]] = v["answer"], v["way"]
    errors = report["summary"]["errors"]
    if (done.returncode == 1) != (errors > 0):
        raise RuntimeError(f"status {done.returncode} with {errors} errors")
    return answers, report["files"][0]["findings"]


def judge(said, way, endpoint, sensor):
    """None, or what Squid did that the audit did not say."""
    status, error, speaker = ask(endpoint, sensor)
    if said == "undecided":
        return None
    denied = error in ("ERR_ACCESS_DENIED", "ERR_FORWARDING_DENIED")
    if said == "allow":
        if denied or status in (403, 407):
            return f"said allow, Squid {status} {error}"
    elif said == "auth":
        if status != 407:
            return f"said auth, Squid {status} {error}"
        status, error, speaker = ask(endpoint, sensor, LOGIN)
        if status in (403, 407):
            return f"said auth, Squid {status} {error} after the login"
    elif said == "deny":
        if status == 407:
            status, error, speaker = ask(endpoint, sensor, LOGIN)
        if status not in (403, 407):
            return f"said deny, Squid {status} {error}"
        return None
    else:
        return f"said {said}, but Squid runs"
    if way == "nowhere":
        return None if status == 500 else f"said nowhere, Squid {status} {error}"
    if way == "direct" and speaker in PARENTS.values() or way and way.startswith("through") \
            and not way.endswith("or direct") and speaker != PARENTS[way.split()[1]]:
        return f"said {way}, Squid went {speaker or status}"
    return None


def write_files(folder, files):
    for name, content in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(content.replace("@", folder))


def run_case(program, case, folder):
    """Complaints about one case."""
    path = os.path.join(folder, "case.conf")
    text = case["conf"].replace("@", folder)
    if not case.get("port"):
        text = "http_port 3128\n" + text
    write_files(folder, case.get("files", {}))
    for name in case.get("later", {}):
        if os.path.exists(os.path.join(folder, name)):
            os.remove(os.path.join(folder, name))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    answers, findings = audit(program, path, folder)
    write_files(folder, case.get("later", {}))
    if set(answers) != {(s, e) for s in SENSORS for e in ENDPOINTS}:
        return ["not every endpoint has a verdict from every sensor"]
    squid = Squid(folder, text)
    complaints = []
    try:
        if not squid.wait(3128):
            if case.get("newer"):  # only newer ones take it; that it is said is in "finds"
                pass
            elif any(answer != "refused" and not (case.get("unseen") and
                                            answer == "undecided")
                     for answer, _ in answers.values()):
                return ["Squid refuses the file, the audit does not say so"]
        elif case.get("newer"):
            complaints.append("this Squid takes what only newer ones take")
        else:
            # A list of names without -n looks an address up backwards: only the proxy can know.
            lookup = re.search(r"dstdom\w+ (?!-n)|parameters", text)
            undecided = sum(answer == "undecided" and not (lookup and endpoint[0].isdigit())
                            for (_, endpoint), (answer, _) in answers.items())
            if undecided and not case.get("undecided"):
                complaints.append(f"{undecided} undecided for no reason")
            if case.get("undecided") and not undecided:
                complaints.append("decides what nobody can decide")
            for (sensor, endpoint), (answer, way) in answers.items():
                wrong = judge(answer, way, endpoint, sensor)
                if wrong:
                    complaints.append(f"{endpoint} from {sensor}: {wrong}")
    finally:
        squid.stop()
    codes = {f["code"] for f in findings}
    complaints += [f"no finding {code}; there are {sorted(codes)}"
                   for code in case.get("finds", []) if code not in codes]
    return complaints


def prepare(folder):
    os.chmod(folder, 0o755)
    with open(os.path.join(folder, "hosts"), "w", encoding="utf-8") as file:
        for name in sorted({name_of(e).rsplit(":", 1)[0] for e in ENDPOINTS} - {"127.0.0.1"}):
            file.write(f"{CLOUD} {name}\n")
        file.write("127.0.0.1 localhost\n")  # or Squid waits for a DNS that is not there
    with open(os.path.join(folder, "endpoints"), "w", encoding="utf-8") as file:
        file.write("\n".join(ENDPOINTS) + "\n")
    with open(os.path.join(folder, "passwd"), "w", encoding="utf-8") as file:
        file.write(PASSWORDS)
    for name in os.listdir(os.path.join(HERE, "files")):
        shutil.copy(os.path.join(HERE, "files", name), folder)
    for address in SENSORS[1:] + [CLOUD]:
        subprocess.run(["ip", "addr", "add", address + "/32", "dev", "lo"], check=True)
    for port in sorted({int(e.rsplit(":", 1)[1]) for e in ENDPOINTS}):
        for address in ("127.0.0.1", CLOUD):
            serve((address, port), lambda connection: connection.sendall(b"D"))
    for parent, word in PARENTS.items():
        host, port = parent.split(":")
        serve((host, int(port)), lambda connection, word=word: talk_parent(connection, word))


def main():
    program = os.path.abspath(sys.argv[1])
    words = sys.argv[2:]
    if os.geteuid() != 0 or shutil.which("squid") is None or shutil.which("ip") is None:
        print("needs root, squid and iproute2: skipped")
        return 77
    if os.environ.get("HOPPROOF_AUDIT_INSIDE") != "1":
        os.environ["HOPPROOF_AUDIT_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-n", sys.executable] + sys.argv)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    failed = ran = 0
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        for case in cases.all_cases():
            if words and not any(word in case["title"] for word in words):
                continue
            ran += 1
            complaints = run_case(program, case, folder)
            failed += bool(complaints)
            for complaint in complaints:
                print(f"FAILED {case['title']}: {complaint}")
    print(f"{ran} configurations, {failed} failed")
    return 1 if failed or (ran < 60 and not words) else 0


if __name__ == "__main__":
    sys.exit(main())
