#!/usr/bin/env python3
"""docs/modules.md: every module of the program in one line, from the first sentence of its own comment.

    modules.py [--check]        print the page; or hold docs/modules.md against it

A module is what bears one name: NAME.h, NAME.c, NAME.def. What it is stands once, in the header (or in the
only file), so that the page cannot say something else.
"""
import difflib
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
FOLDERS = ("diag", "diag/base", "diag/model", "diag/proto", "diag/site", "diag/judge", "probes", "capture", "reports")
KINDS = (".h", ".def", ".c", ".py", ".css", ".js")  # in the order in which they are asked what the module is
HEAD = """# Modules

Every file of the program, from the first sentence of its own comment (made by `tests/layout/modules.py`; a
test says when it is old). [architecture.md](architecture.md) says how they work together.
"""


def first_comment(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    found = re.search(r'"""(.*?)"""' if path.endswith(".py") else r"/\*(.*?)\*/", text, re.S)
    if found is None:
        return ""
    # Only the first paragraph, its lines joined.
    lines = [re.sub(r"^\s*\* ?", "", line).strip() for line in found.group(1).strip().splitlines()]
    paragraph = re.split(r"\n\n", "\n".join(lines).strip())[0]
    return re.sub(r"\s*\n\s*", " ", paragraph)


def sentence(path, name):
    """What the file says that it is; empty where it only points to another one."""
    text = re.sub(r"^%s(\.def)?: " % re.escape(name), "", first_comment(path))
    if re.match(r"see ", text):
        return ""
    # A full stop ends the sentence when a capital letter follows, or nothing.
    end = re.search(r"[.](?=\s+[A-Z]|\s*$)|;(?= see )", text)
    text = text[:end.start()] if end else text
    return text[:1].upper() + text[1:]


def page():
    nameless, parts = [], [HEAD]
    for folder in FOLDERS:
        modules = {}
        for file in sorted(os.listdir(os.path.join(TOP, folder))):
            name, kind = os.path.splitext(file)
            if kind in KINDS:
                modules.setdefault(name, []).append(kind)
        parts.append("\n## %s/\n\n| module | what it is |\n| --- | --- |\n" % folder)
        for name, kinds in sorted(modules.items()):
            kinds.sort(key=KINDS.index)
            said = [sentence(os.path.join(TOP, folder, name + kind), name) for kind in kinds]
            what = next((text for text in said if text), "")
            if not what:
                nameless.append("%s/%s: its first comment does not say what it is" % (folder, name))
            parts.append("| `%s` (%s) | %s |\n" % (name, " ".join(kinds), what.replace("|", "\\|")))
    return "".join(parts), nameless


def main():
    text, wrong = page()
    if "--check" not in sys.argv:
        sys.stdout.write(text)
    else:
        with open(os.path.join(TOP, "docs", "modules.md"), encoding="utf-8") as file:
            wrong += difflib.unified_diff(file.read().splitlines(), text.splitlines(), "docs/modules.md", "the files",
                                          lineterm="")
        if wrong:
            wrong.append("make it anew: tests/layout/modules.py > docs/modules.md")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
