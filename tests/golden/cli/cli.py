#!/usr/bin/env python3
"""Run the command lines of cases.txt and compare exit status and output with what stands there.

    cli.py HOPPROOF            run all
    cli.py HOPPROOF --update   write what the program says now into cases.txt

A case is a paragraph: a line "# what is wrong", "$ command line" (words as a shell splits them,
NAME=value in front for the environment, "< TEXT" at the end for standard input), "= status", then
the expected standard output, each line behind "| ", and standard error. Files are in files/, where the
program runs. Cases of a command that the program does not have yet are passed over, by name.
"""
import os
import re
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "cases.txt")


def parse(text):
    """The cases as (title, command line, status, standard error)."""
    for paragraph in re.split(r"\n\n+", text.strip()):
        title, command, status, *said = paragraph.split("\n")
        if not (title.startswith("# ") and command.startswith("$ ") and status.startswith("= ")):
            sys.exit(f"cases.txt: not a case:\n{paragraph}")
        yield title, command, int(status[2:]), "\n".join(said)


def run(program, command):
    """Words, exit status and what was said on one command line."""
    line, _, stdin = command[2:].partition(" < ")
    words = shlex.split(line)
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    while re.match(r"[A-Z_]+=", words[0]):
        name, _, value = words.pop(0).partition("=")
        env[name] = value
    assert words[0] == "hopproof", command
    done = subprocess.run([program] + words[1:], cwd=os.path.join(HERE, "files"), env=env,
                          input=stdin.encode().decode("unicode_escape").encode("latin-1"),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    said = ["| " + line for line in done.stdout.decode("utf-8").splitlines()]
    said += done.stderr.decode("utf-8").rstrip("\n").splitlines()
    return words, done.returncode, "\n".join(said)


def main():
    program, update = os.path.abspath(sys.argv[1]), "--update" in sys.argv[2:]
    known = subprocess.run([program, "--help"], stdout=subprocess.PIPE, check=True).stdout.decode()
    commands = re.findall(r"^  ([a-z]+) ", known, re.M)
    failed = ran = 0
    out, absent = [], set()
    with open(CASES, encoding="utf-8") as file:
        cases = list(parse(file.read()))
    for title, command, status, said in cases:
        words, got_status, got = run(program, command)
        name = words[1] if len(words) > 1 else ""
        if name in ("check", "analyze", "report", "compare", "audit", "generate") and name not in commands:
            absent.add(name)
            out.append((title, command, status, said))
            continue
        ran += 1
        out.append((title, command, got_status, got))
        if not update and (got_status, got) != (status, said):
            failed += 1
            print(f"FAILED {title[2:]}\n  {command}\n  expected {status}: {said}\n"
                  f"  got      {got_status}: {got}")
    if update:
        with open(CASES, "w", encoding="utf-8") as file:
            file.write("\n\n".join(f"{t}\n{c}\n= {s}\n{e}" for t, c, s, e in out) + "\n")
    print(f"{ran} of {len(cases)} run, {failed} failed"
          + (f"; not built yet: {', '.join(sorted(absent))}" if absent else ""))
    return 1 if failed or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
