#!/usr/bin/env python3
"""Every link of the README and of the pages leads to a file: in the tree, and where they are installed.

    links.py BUILD
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def dead_links(folder):
    """(links seen, [what leads nowhere]) of README.md and docs/ in this folder."""
    seen, dead = 0, []
    for page in [os.path.join(folder, "README.md")] + sorted(glob.glob(os.path.join(folder, "docs", "*.md"))):
        with open(page, encoding="utf-8") as file:
            links = re.findall(r"\]\(([^)#\s]+)", file.read())
        for link in links:
            if not link.startswith(("http://", "https://")):
                seen += 1
                if not os.path.exists(os.path.join(os.path.dirname(page), link)):
                    dead.append("%s: %s is not there" % (page, link))
    return seen, dead


def main():
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["cmake", "--install", sys.argv[1]], env=dict(os.environ, DESTDIR=root),
                       stdout=subprocess.DEVNULL, check=True)
        installed = [folder for folder, _, files in os.walk(root) if "README.md" in files]
        counts = [dead_links(folder) for folder in [TOP] + installed]
    wrong = [line for _, dead in counts for line in dead]
    if len(installed) != 1 or len({seen for seen, _ in counts}) != 1:
        wrong.append("installed are %s, with %s links" % (installed, [seen for seen, _ in counts]))
    for line in wrong:
        print(line)
    print("%d links, %d wrong" % (sum(seen for seen, _ in counts), len(wrong)))
    return 1 if wrong or counts[0][0] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
