"""What a test found wrong: noted on the way, told at its end."""
import sys

found = []


def expect(truth, what):
    if not truth:
        found.append(what)


def end():
    """The last line of a test: its exit status follows from what was noted."""
    for problem in found:
        print(problem)
    sys.exit(1 if found else 0)
