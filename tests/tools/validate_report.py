#!/usr/bin/env python3
"""Hold JSON reports against docs/report.schema.json: validate_report.py REPORT.json...

A small validator for the part of JSON Schema 2020-12 that our schema uses, so that tests need
nothing but Python. An unknown keyword is an error: it would otherwise be ignored in silence.
"""
import json
import pathlib
import sys

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "docs" / "report.schema.json"
ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description"}


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, {"object": dict, "array": list, "string": str, "boolean": bool,
                              "null": type(None)}[name])


def same(a, b):
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def errors(value, schema, root, path="$"):
    """Yield "PATH: what is wrong"."""
    for key, rule in schema.items():
        if key in ANNOTATIONS or key in ("then",):
            continue
        if key == "$ref":
            yield from errors(value, root["$defs"][rule.rsplit("/", 1)[1]], root, path)
        elif key == "type":
            names = rule if isinstance(rule, list) else [rule]
            if not any(is_type(value, n) for n in names):
                yield "%s: %s expected, not %.60r" % (path, " or ".join(names), value)
        elif key == "enum":
            if not any(same(value, r) for r in rule):
                yield "%s: %.60r is not allowed" % (path, value)
        elif key == "const":
            if not same(value, rule):
                yield "%s: %r expected" % (path, rule)
        elif key == "required":
            for name in rule:
                if isinstance(value, dict) and name not in value:
                    yield "%s: key %s is missing" % (path, name)
        elif key == "properties":
            for name, sub in rule.items():
                if isinstance(value, dict) and name in value:
                    yield from errors(value[name], sub, root, "%s.%s" % (path, name))
        elif key == "items":
            for i, element in enumerate(value if isinstance(value, list) else ()):
                yield from errors(element, rule, root, "%s[%d]" % (path, i))
        elif key == "anyOf":
            if all(any(True for _ in errors(value, sub, root, path)) for sub in rule):
                yield "%s: fits none of %d forms: %s" % (
                    path, len(rule), next(errors(value, rule[0], root, path)))
        elif key == "allOf":
            for sub in rule:
                yield from errors(value, sub, root, path)
        elif key == "if":
            if not any(True for _ in errors(value, rule, root, path)):
                yield from errors(value, schema["then"], root, path)
        else:
            yield "schema keyword %s is not known here" % key


def validate(report):
    """The first problems of a report (a parsed JSON value), at most ten."""
    schema = json.loads(SCHEMA.read_text())
    found = []
    for problem in errors(report, schema, schema):
        found.append(problem)
        if len(found) == 10:
            break
    return found


def main():
    bad = 0
    for name in sys.argv[1:]:
        for problem in validate(json.loads(pathlib.Path(name).read_text())):
            print("%s: %s" % (name, problem))
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
