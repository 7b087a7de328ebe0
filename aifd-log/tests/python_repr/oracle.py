"""Says what Python makes of values, for tests/python_repr: one process answers all questions of a test over its pipes.

A question is a letter and a text, an answer a letter and three texts, each text behind its length in four bytes.
"""

import ast
import json
import re
import sys
from decimal import Decimal

HALF = re.compile("[\ud800-\udfff]")


def quoted(text):
    """A JSON string without needless escapes; halves of surrogate pairs have to be escaped."""
    return HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", json.dumps(text, ensure_ascii=False))


def number(value):
    """A float as orjson writes it."""
    if value != value or value in (float("inf"), float("-inf")):
        return "null"
    if value == 0 or 1e-5 <= abs(value) < 1e16:
        fixed = format(Decimal(repr(value)), "f")
        return fixed if "." in fixed else fixed + ".0"
    mantissa, exponent = repr(value).split("e")
    return f"{mantissa}e{exponent[0]}{exponent[1:].lstrip('0')}"


def scalar(value):
    if isinstance(value, bytes):
        return quoted(value.decode("utf-8", "surrogateescape"))
    if isinstance(value, str):
        return quoted(value)
    return number(value) if isinstance(value, float) else json.dumps(value)


def key(value):
    """Keys as orjson's OPT_NON_STR_KEYS has them; others are their repr."""
    if isinstance(value, (tuple, frozenset)):
        return quoted(repr(value))
    text = scalar(value)
    return text if text.startswith('"') else f'"{text}"'


def canonical(value):
    if isinstance(value, dict):
        return "{" + ",".join(f"{key(k)}:{canonical(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return "[" + ",".join(map(canonical, value)) + "]"
    return scalar(value)


def whole(digits):
    """A whole number of JSON as orjson reads it."""
    value = int(digits)
    return value if -(2**63) <= value < 2**64 else float(value)


class Printed(ast.NodeTransformer):
    """What `repr` prints and `ast.literal_eval` does not take."""

    def visit_Name(self, node):
        if node.id in ("inf", "nan"):
            return ast.copy_location(ast.Constant(float(node.id)), node)
        return node

    def visit_Call(self, node):
        if isinstance(node.func, ast.Name) and node.func.id == "frozenset" and not node.keywords:
            if not node.args:
                return ast.copy_location(ast.Constant(frozenset()), node)
            if len(node.args) == 1 and isinstance(node.args[0], ast.Set):
                items = ast.literal_eval(self.visit(node.args[0]))
                return ast.copy_location(ast.Constant(frozenset(items)), node)
        return self.generic_visit(node)


def literal(text):
    """The value of a literal, and whether `ast.literal_eval` takes it."""
    try:
        return ast.literal_eval(text), True
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        tree = Printed().visit(ast.parse(text.lstrip(" \t"), mode="eval"))
        return ast.literal_eval(tree), False


def several(text):
    """Whether a literal has a set whose order is not that of its text, or a dict with a key twice."""
    for node in ast.walk(ast.parse(text.lstrip(" \t"), mode="eval")):
        if isinstance(node, ast.Set) and len(node.elts) > 1:
            return True
        if isinstance(node, ast.Dict) and len(ast.literal_eval(Printed().visit(node))) < len(node.keys):
            return True
    return False


def answer(question, text):
    if question == "v":
        value, plain = eval(text, {"inf": float("inf"), "nan": float("nan")}), True
    elif question == "j":
        value, plain = json.loads(text, parse_int=whole), True
    else:
        value, plain = literal(text)
    letter = "y" if plain else "p"
    if question == "l" and several(text):
        letter = letter.upper()
    return letter, repr(value), canonical(value), "true" if value else "false"


def serve(questions, answers):
    while question := questions.read(1).decode():
        length = int.from_bytes(questions.read(4), "little")
        text = questions.read(length).decode()
        try:
            letter, *texts = answer(question, text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
            letter, *texts = "n", repr(error), "", ""
        answers.write(letter.encode())
        for text in texts:
            told = text.encode()
            answers.write(len(told).to_bytes(4, "little") + told)
        answers.flush()


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20_000)
    sys.set_int_max_str_digits(0)
    serve(sys.stdin.buffer, sys.stdout.buffer)
