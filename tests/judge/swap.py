#!/usr/bin/env python3
"""Write copies of the judge's sources in which neighbouring blocks can change places.

    swap.py OUTDIR SOURCE...    OUTDIR/SOURCE for each, and OUTDIR/pairs: one "FIRST / SECOND" a line

A pair is two neighbouring branches of one if/else-if chain, at least one of them a block, or two neighbouring
if statements that are both blocks: what stands first wins. (A block has BLOCK("name") in its condition; other
branches are named by their conditions.) The copies ask judge_swapped("FIRST / SECOND") whether to take a
chain in its own order or with these two exchanged, so that one build can do them all: see run_cases.c.
"""
import re
import sys
from pathlib import Path

# What is no code: comments, strings, characters, preprocessor lines.
NO_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|^[ \t]*#(?:\\\n|[^\n])*', re.S | re.M)
BLOCK = re.compile(r'BLOCK\("([a-z0-9-]+)"\)')
CLOSES = {"(": ")", "{": "}"}


def blanked(text):
    """The same text, as long as before, with nothing but code in it."""
    return NO_CODE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


class Source:
    def __init__(self, text):
        self.text, self.code = text, blanked(text)

    def skip(self, i):
        return re.compile(r"\s*").match(self.code, i).end()

    def word(self, i, word):
        """The place behind this word, if it stands here."""
        m = re.compile(word + r"\b").match(self.code, i)
        return m and self.skip(m.end())

    def closing(self, i):
        """The place behind the bracket that closes the one here."""
        opens, closes, depth = self.code[i], CLOSES[self.code[i]], 0
        for k in range(i, len(self.code)):
            depth += (self.code[k] == opens) - (self.code[k] == closes)
            if depth == 0:
                return k + 1
        raise ValueError(f"nothing closes {opens}")

    def statement(self, i):
        """The place behind the statement that begins here."""
        if self.code[i] == "{":
            return self.closing(i)
        if self.word(i, "if"):
            return self.chain(i).end
        for kind in ("for", "while", "switch"):
            if behind := self.word(i, kind):
                return self.statement(self.skip(self.closing(behind)))
        while self.code[i] != ";":
            i = self.closing(i) if self.code[i] in CLOSES else i + 1
        return i + 1

    def chain(self, i):
        chain = Chain(i)
        while True:
            condition = self.word(i, "if")
            body = self.skip(self.closing(condition))
            chain.add(self, condition, body)
            behind = self.word(self.skip(chain.end), "else")
            if not behind:
                return chain
            i = behind
            if not self.word(i, "if"):
                chain.end = self.statement(i)
                return chain


class Chain:
    """An if statement: its branches as (place of condition, behind the body), and their names."""

    def __init__(self, start):
        self.start, self.end, self.branches, self.names, self.blocks = start, start, [], [], []

    def add(self, source, condition, body):
        self.end = source.statement(body)
        words = " ".join(source.text[condition + 1:source.closing(condition) - 1].split())
        block = BLOCK.search(words)
        self.branches.append((condition, self.end))
        self.blocks.append(block is not None)
        self.names.append(block[1] if block else words)


def chains_of(source):
    """All if statements, outer ones first, those inside them too."""
    chains, inside = [], set()
    for m in re.finditer(r"\bif\b", source.code):
        if m.start() in inside:
            continue
        chain = source.chain(m.start())
        inside.update(source.code.rfind("if", 0, condition) for condition, _ in chain.branches)
        chains.append(chain)
    return chains


def swaps_of(source):
    """{(start, end) of what is rewritten as a whole: [(pair, span, span)]}"""
    chains, groups = chains_of(source), {}
    starts = {c.start: c for c in chains}
    for c in chains:
        pairs = [(f"{c.names[k]} / {c.names[k + 1]}", c.branches[k], c.branches[k + 1])
                 for k in range(len(c.branches) - 1) if c.blocks[k] or c.blocks[k + 1]]
        if pairs:
            groups[c.start, c.end] = pairs
    for c in chains:
        follows = starts.get(source.skip(c.end))
        if follows and c.blocks[0] and follows.blocks[0] and len(c.branches) == len(follows.branches) == 1:
            groups[c.start, follows.end] = [(f"{c.names[0]} / {follows.names[0]}",
                                             (c.start, c.end), (follows.start, follows.end))]
    return groups


def merged(groups):
    """Neighbouring groups that overlap (if statements A, B, C) as one."""
    out = []
    for (start, end), pairs in sorted(groups.items(), key=lambda g: (g[0][0], -g[0][1])):
        if out and out[-1][0] < start < out[-1][1] < end:
            out[-1] = (out[-1][0], end, out[-1][2] + pairs)
        else:
            out.append((start, end, pairs))
    return out


def rewritten(source, groups, start, end):
    """The text from start to end, with a switch for each pair of each group in it."""
    out, at = "", start
    for first, behind, pairs in groups:
        if first < at or behind > end:
            continue
        inner = [g for g in groups if first <= g[0] and g[1] <= behind and g[:2] != (first, behind)]
        out += source.text[at:first] + "{ "
        for name, a, b in pairs:
            quoted = name.replace("\\", "\\\\").replace('"', '\\"')
            out += f'if (judge_swapped("{quoted}")) {{ '
            out += "".join(rewritten(source, inner, *span) for span in
                           ((first, a[0]), b, (a[1], b[0]), a, (b[1], behind))) + " } else "
        out += "{ " + rewritten(source, inner, first, behind) + " } }"
        at = behind
    return out + source.text[at:end]


def main():
    out, names = Path(sys.argv[1]), []
    out.mkdir(parents=True, exist_ok=True)
    for path in map(Path, sys.argv[2:]):
        source = Source(path.read_text(encoding="utf-8"))
        groups = merged(swaps_of(source))
        names += [name for _, _, pairs in groups for name, _, _ in pairs]
        (out / path.name).write_text(rewritten(source, groups, 0, len(source.text)), encoding="utf-8")
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        sys.exit(f"swap.py: pairs with the same name: {', '.join(sorted(twice))}")
    (out / "pairs").write_text("".join(n + "\n" for n in names), encoding="utf-8")


main()
