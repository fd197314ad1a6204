#!/usr/bin/env python3
"""Is the HTML report what it promises to be?

  html_check.py GOLDEN_DRAW HOPPROOF            without a browser: markup, policy, sizes, hostile strings
  html_check.py GOLDEN_DRAW HOPPROOF --browser  in Chromium: no console message, and axe-core finds no
                                                violation in light, dark and print; exit 77 where Chromium
                                                or axe-core is missing
  html_check.py --fetch                         get axe-core with npm into the cache that --browser reads

axe-core is taken from $HOPPROOF_AXE (a path to axe.min.js) or from that cache.
"""
import base64
import hashlib
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import make_samples  # noqa: E402

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "hopproof-tests"
VOID = {"meta", "br", "input", "path", "rect"}
TAGS = VOID | set("""html head title style body header div h1 h2 h3 h4 span p b nav label button main
section table caption thead tbody tr th td small a i dl dt dd ul ol li details summary figure
figcaption svg text pre textarea footer script""".split())
ATTRIBUTES = set("""lang charset http-equiv content name class id hidden aria-label aria-labelledby role
tabindex scope href data-k data-v data-q data-o data-c type autocomplete open viewbox d x y width height
text-anchor rows""".split())


class Page(html.parser.HTMLParser):
    """Every tag and attribute must be one that we write; the nesting must close."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.problems, self.scripts = [], set(), [], [], 0
        self.content = {"style": "", "script": ""}
        self.policy = None
        self.feed(text)
        self.close()
        if self.open:
            self.problems.append("left open: %s" % self.open)
        self.problems += ["no target for %s" % l for l in self.links if l[1:] not in self.ids]

    def handle_starttag(self, tag, attrs):
        if tag not in TAGS:
            self.problems.append("tag <%s>" % tag)
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.problems.append("attribute %s=%.60r in <%s>" % (name, value, tag))
            if name == "href":
                self.links.append(value)
                if not value.startswith("#"):
                    self.problems.append("link to %.60r" % value)
            if name == "id":
                if value in self.ids:
                    self.problems.append("id %s twice" % value)
                self.ids.add(value)
            if name == "http-equiv":
                self.policy = dict(attrs)["content"]
        self.scripts += tag == "script"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append("</%s> closes nothing" % tag)

    def handle_data(self, data):
        if self.open and self.open[-1] in self.content:
            self.content[self.open[-1]] += data

    def handle_comment(self, data):
        self.problems.append("comment %.40r" % data)


def source(content):
    digest = hashlib.sha256(content.encode()).digest()
    return "'sha256-%s'" % base64.b64encode(digest).decode()


def problems_of(text):
    page = Page(text)
    found = list(page.problems)
    if page.scripts != 1:
        found.append("%d scripts" % page.scripts)
    wanted = ("default-src 'none'; base-uri 'none'; form-action 'none'; style-src %s; script-src %s"
              % (source(page.content["style"]), source(page.content["script"])))
    if page.policy != wanted:
        found.append("policy %r, wanted %r" % (page.policy, wanted))
    if re.search(r"(?i)https?://|url\(|@import|\beval\b|innerHTML", re.sub(r"<pre>.*?</pre>", "", page.content["style"] + page.content["script"])):
        found.append("style or script refers to something outside")
    for number, rest in re.findall(r'<section class="f [a-z]+" id="f(\d+)"><h3>.*?</h3>(.{80})', text):
        if not re.match(r'<p( class="m")?>[a-z0-9-]+ (at|between) ', rest):
            found.append("finding %s does not begin with its cause and place: %s" % (number, rest))
    bad = [c for c in text if (ord(c) < 32 and c != "\n") or c == "\u202e"]
    if bad:
        found.append("control characters %r" % bad[:5])
    return found[:10]


def samples(program, hopproof, folder):
    """(name, text of the page) of each sample, of all as a fleet, and of two compared."""
    reports = sorted((HERE / "reports").glob("*.json"))
    for report in reports:
        yield report.stem, draw(program, report)
    page = pathlib.Path(folder) / "many.html"
    for name, arguments in (("fleet", ["report", *reports, "/dev/null"]),
                            ("compare", ["compare", reports[1], HERE / "reports/proxy-chain-denied.json"]),
                            ("compare-hostile", ["compare", reports[1], HERE / "reports/hostile.json"])):
        subprocess.run([hopproof, *map(str, arguments), "--html", str(page)], capture_output=True)
        yield name, page.read_text()
        page.unlink()


def pages(program, hopproof, folder):
    """(name, text of the page, most bytes) of the samples and of large reports."""
    for name, text in samples(program, hopproof, folder):
        yield name, text, 400_000
    for n, most in ((30, 400_000), (200, 2_000_000), (3000, 2_000_000)):
        path = pathlib.Path(folder) / ("large%d.json" % n)
        path.write_text(json.dumps(make_samples.close(make_samples.large(n))))
        yield path.stem, draw(program, path), most


def draw(program, report):
    return subprocess.run([program, "html", str(report)], check=True,
                          capture_output=True).stdout.decode()


def check_static(program, hopproof):
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for name, text, most in pages(program, hopproof, folder):
            size = len(text.encode())
            found = problems_of(text)
            if size > most:
                found.append("%d bytes, at most %d wanted" % (size, most))
            if size > 1_000_000 and "This page leaves" not in text and name != "large200":
                found.append("nothing says that something was left out")
            for problem in found:
                print("%s: %s" % (name, problem))
                good = False
            print("%s: %d bytes" % (name, size))
    return 0 if good else 1


def axe_path():
    for path in (os.environ.get("HOPPROOF_AXE"), CACHE / "node_modules/axe-core/axe.min.js"):
        if path and pathlib.Path(path).exists():
            return pathlib.Path(path)
    return None


def chromium(folder, url, *options):
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    run = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-sync", "--no-first-run", "--disable-component-update", "--disable-default-apps",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", "--v=0",
         "--user-data-dir=%s/profile" % folder, *options, url],
        capture_output=True, timeout=120)
    console = [l for l in run.stderr.decode(errors="replace").splitlines() if ":CONSOLE" in l]
    return run.stdout.decode(errors="replace"), console


RUN_AXE = """
axe.run(document, {resultTypes: ["violations"]}).then(function (r) {
  document.title = "AXE" + JSON.stringify(r.violations.map(function (v) {
    return v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(function (n) { return n.target.join(" "); }).join(" | ");
  }));
}).catch(function (e) { document.title = "AXE[\\"" + e + "\\"]"; });
"""


def with_axe(text, axe, form):
    """The page as it is in one form, everything open, with axe-core inside instead of the policy."""
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text, count=1)
    query = {"dark": "@media (prefers-color-scheme:dark)", "print": "@media print"}.get(form, "@page")
    assert query in text
    if form != "light":
        text = text.replace(query, "@media all")
    text = text.replace("<details ", "<details open ")
    return text.replace("</body>", "<script>%s</script><script>%s</script></body>" % (axe, RUN_AXE))


def check_browser(program, hopproof):
    axe = axe_path()
    if axe is None or not (shutil.which("chromium") or shutil.which("chromium-browser")
                           or shutil.which("google-chrome")):
        print("skipped: %s is missing" % ("axe-core" if axe is None else "Chromium"))
        return 77
    good = True
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "page.html"
        for name, text in samples(program, hopproof, folder):
            page.write_text(text)
            _, console = chromium(folder, "file://%s" % page, "--dump-dom")
            for line in console:
                print("%s: %s" % (name, line))
                good = False
            for form in ("light", "dark", "print"):
                page.write_text(with_axe(text, axe.read_text(), form))
                dom, _ = chromium(folder, "file://%s" % page, "--dump-dom", "--virtual-time-budget=20000")
                found = re.search(r"<title>AXE(.*?)</title>", dom, re.S)
                violations = json.loads(html.unescape(found.group(1))) if found else ["axe did not run"]
                for violation in violations:
                    print("%s (%s): %s" % (name, form, violation))
                    good = False
    return 0 if good else 1


def fetch():
    CACHE.mkdir(parents=True, exist_ok=True)
    return subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix",
                           str(CACHE), "axe-core@4"], check=False).returncode


if __name__ == "__main__":
    if "--fetch" in sys.argv:
        sys.exit(fetch())
    sys.exit((check_browser if "--browser" in sys.argv else check_static)(*sys.argv[1:3]))
