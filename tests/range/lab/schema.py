"""A validator for the part of JSON Schema 2020-12 that the report's schema uses. A keyword that it
does not know is an error: better no schema check than one that passes by ignorance."""

import re

IGNORED = {"$schema", "$id", "title", "description", "$comment", "$defs", "default", "examples", "deprecated"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
FORMATS = {"uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
           "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"}


class SchemaError(Exception):
    """The schema itself cannot be used."""


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool) or isinstance(value, float) and value.is_integer()
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name not in TYPES:
        raise SchemaError(f"type {name!r}")
    return isinstance(value, TYPES[name])


def same(a, b):
    """JSON equality: 1 and true differ."""
    return type(a) is type(b) and a == b or (is_type(a, "number") and is_type(b, "number") and a == b)


def validate(value, schema, root=None, path="$"):
    """A list of complaints, empty when the value is valid."""
    root = schema if root is None else root
    if schema is True:
        return []
    if schema is False:
        return [f"{path}: not allowed"]
    out = []
    for word, rule in schema.items():
        if word in IGNORED or word in ("then", "else"):
            continue
        check = CHECKS.get(word)
        if check is None:
            raise SchemaError(f"keyword {word!r} at {path}")
        out += check(value, rule, schema, root, path)
    return out


def resolve(reference, root):
    if not reference.startswith("#"):
        raise SchemaError(f"reference {reference!r}")
    node = root
    for part in reference[1:].strip("/").split("/"):
        if part:
            node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def check_type(v, rule, s, root, path):
    wanted = rule if isinstance(rule, list) else [rule]
    return [] if any(is_type(v, t) for t in wanted) else [f"{path}: {v!r:.60} is not {' or '.join(wanted)}"]


def check_properties(v, rule, s, root, path):
    if not isinstance(v, dict):
        return []
    return [c for k, sub in rule.items() if k in v for c in validate(v[k], sub, root, f"{path}.{k}")]


def check_required(v, rule, s, root, path):
    return [f"{path}: {k} is missing" for k in rule if isinstance(v, dict) and k not in v]


def check_additional(v, rule, s, root, path):
    if not isinstance(v, dict):
        return []
    known = set(s.get("properties", {}))
    patterns = list(s.get("patternProperties", {}))
    rest = [k for k in v if k not in known and not any(re.search(p, k) for p in patterns)]
    return [c for k in rest for c in validate(v[k], rule, root, f"{path}.{k}")]


def check_patterns(v, rule, s, root, path):
    if not isinstance(v, dict):
        return []
    return [c for p, sub in rule.items() for k in v if re.search(p, k)
            for c in validate(v[k], sub, root, f"{path}.{k}")]


def check_items(v, rule, s, root, path):
    if not isinstance(v, list):
        return []
    start = len(s.get("prefixItems", []))
    return [c for i, x in enumerate(v[start:], start) for c in validate(x, rule, root, f"{path}[{i}]")]


def check_prefix(v, rule, s, root, path):
    if not isinstance(v, list):
        return []
    return [c for i, (x, sub) in enumerate(zip(v, rule)) for c in validate(x, sub, root, f"{path}[{i}]")]


def check_any(v, rule, s, root, path):
    tries = [validate(v, sub, root, path) for sub in rule]
    return [] if any(not t for t in tries) else [f"{path}: fits none of {len(rule)} ({'; '.join(t[0] for t in tries)})"]


def check_one(v, rule, s, root, path):
    fits = sum(1 for sub in rule if not validate(v, sub, root, path))
    return [] if fits == 1 else [f"{path}: fits {fits} of {len(rule)}, not one"]


def check_if(v, rule, s, root, path):
    branch = "else" if validate(v, rule, root, path) else "then"
    return validate(v, s[branch], root, path) if branch in s else []


def bound(test, words):
    def check(v, rule, s, root, path):
        return [] if not is_type(v, "number") or test(v, rule) else [f"{path}: {v} is not {words} {rule}"]
    return check


def size(kind, test, words):
    def check(v, rule, s, root, path):
        return [] if not isinstance(v, kind) or test(len(v), rule) else [f"{path}: length {len(v)} is not {words} {rule}"]
    return check


CHECKS = {
    "$ref": lambda v, rule, s, root, path: validate(v, resolve(rule, root), root, path),
    "type": check_type,
    "enum": lambda v, rule, s, root, path: [] if any(same(v, x) for x in rule) else [f"{path}: {v!r:.60} is not one of {rule!r:.120}"],
    "const": lambda v, rule, s, root, path: [] if same(v, rule) else [f"{path}: {v!r:.60} is not {rule!r}"],
    "properties": check_properties,
    "required": check_required,
    "additionalProperties": check_additional,
    "patternProperties": check_patterns,
    "items": check_items,
    "prefixItems": check_prefix,
    "anyOf": check_any,
    "oneOf": check_one,
    "allOf": lambda v, rule, s, root, path: [c for sub in rule for c in validate(v, sub, root, path)],
    "not": lambda v, rule, s, root, path: [] if validate(v, rule, root, path) else [f"{path}: is what it must not be"],
    "if": check_if,
    "pattern": lambda v, rule, s, root, path: [] if not isinstance(v, str) or re.search(rule, v) else [f"{path}: {v!r:.60} does not match {rule}"],
    "format": lambda v, rule, s, root, path: [] if not isinstance(v, str) or rule not in FORMATS or re.fullmatch(FORMATS[rule], v) else [f"{path}: {v!r:.60} is no {rule}"],
    "minimum": bound(lambda a, b: a >= b, "at least"),
    "maximum": bound(lambda a, b: a <= b, "at most"),
    "exclusiveMinimum": bound(lambda a, b: a > b, "more than"),
    "minLength": size(str, lambda a, b: a >= b, "at least"),
    "maxLength": size(str, lambda a, b: a <= b, "at most"),
    "minItems": size(list, lambda a, b: a >= b, "at least"),
    "maxItems": size(list, lambda a, b: a <= b, "at most"),
    "uniqueItems": lambda v, rule, s, root, path: [] if not rule or not isinstance(v, list) or all(v[i] not in v[:i] for i in range(len(v))) else [f"{path}: repeats itself"],
    "minProperties": size(dict, lambda a, b: a >= b, "at least"),
}
