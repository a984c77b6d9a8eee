#!/usr/bin/env python3
"""The rules of docs/canonical-json.md written once more, upon Python's json and float: an oracle for exoref_json_canonical.

json_oracle.py [--seed N] [--documents N] PROGRAM...

PROGRAM is json_canonical_helper, perhaps with what launches it before it. The cases of json_cases.json are judged by both, then documents drawn at random (by the seed),
some of them damaged. Both must give the same bytes, or both an error. The last line is "json oracle: N passed, M failed".
"""
import argparse
import base64
import decimal
import json
import math
import pathlib
import random
import struct
import subprocess
import sys

NESTING = 512


class Invalid(Exception):
    pass


class Number(str):
    """The canonical text of a number, so that it is not taken for a string."""


def integer(text):
    return Number("0" if text == "-0" else text)


def double(text):
    value = float(text)
    if math.isinf(value):
        raise Invalid("beyond the largest double")
    sign = "-" if math.copysign(1, value) < 0 else ""
    if value == 0:
        return Number(sign + "0.0")
    _, digits, exponent = decimal.Decimal(repr(abs(value))).normalize().as_tuple()
    d, k = "".join(map(str, digits)), len(digits)
    n = exponent + k
    if n > 21 or n < -5:
        return Number(f"{sign}{d[0]}{'.' if k > 1 else ''}{d[1:]}e{'+' if n > 0 else '-'}{abs(n - 1)}")
    if n <= 0:
        return Number(f"{sign}0.{'0' * -n}{d}")
    if n < k:
        return Number(f"{sign}{d[:n]}.{d[n:]}")
    return Number(f"{sign}{d}{'0' * (n - k)}.0")


def constant(text):
    raise Invalid(text)


def members(pairs):
    if len({key for key, _ in pairs}) != len(pairs):
        raise Invalid("a key twice")
    return dict(pairs)


SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def string(text):
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Invalid("half of a surrogate pair") from error
    return '"' + "".join(SHORT.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text) + '"'


def written(value, depth=0):
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, (list, dict)) and depth == NESTING:
        raise Invalid("too deep")
    if isinstance(value, list):
        return "[" + ",".join(written(element, depth + 1) for element in value) + "]"
    if isinstance(value, dict):
        # Written before they are sorted: a half of a pair can't be encoded.
        named = [(string(key), key, member) for key, member in value.items()]
        named.sort(key=lambda name: name[1].encode())
        return "{" + ",".join(f"{name}:{written(member, depth + 1)}" for name, _, member in named) + "}"
    return {None: "null", True: "true", False: "false"}[value]


def canonical(text):
    """The canonical form of these bytes; None if they are no JSON."""
    try:
        value = json.loads(text.decode(), parse_int=integer, parse_float=double, parse_constant=constant,
                           object_pairs_hook=members)
        return written(value).encode()
    except (Invalid, ValueError, RecursionError):
        return None


class Library:
    def __init__(self, program):
        self.process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def canonical(self, text):
        self.process.stdin.write(b"%d\n%s" % (len(text), text))
        self.process.stdin.flush()
        sign = self.process.stdout.read(1)
        if not sign:
            sys.exit(f"the helper ended with {self.process.wait()} at {text[:200]!r}")
        answer = self.process.stdout.read(int(self.process.stdout.readline()))
        return answer if sign == b"+" else None


class Drawer:
    """Documents drawn at random, written in a form drawn at random."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *choices):
        return self.random.choice(choices)

    def space(self):
        return "".join(self.pick(" ", "\n", "\t", "\r") for _ in range(self.random.randrange(3))) if self.random.random() < 0.1 else ""

    def document(self):
        return self.space() + self.value(0) + self.space()

    def value(self, depth):
        kind = self.random.randrange(12)
        if kind < 3 and depth < 6:
            return "[" + ",".join(self.space() + self.value(depth + 1) for _ in range(self.random.randrange(5))) + self.space() + "]"
        if kind < 6 and depth < 6:
            keys = {self.characters() for _ in range(self.random.randrange(8))}
            return "{" + ",".join(self.space() + self.string(key) + self.space() + ":" + self.value(depth + 1) for key in keys) + "}"
        if kind < 8:
            return self.string(self.characters())
        return self.pick(self.integer, self.decimal, self.any_double, self.near_a_tie, lambda: self.pick("null", "true", "false"))()

    def characters(self):
        ranges = ((0x20, 0x7e), (0x61, 0x63), (0, 0x20), (0x7f, 0xff), (0x100, 0x7ff), (0x800, 0xd7ff), (0xe000, 0xffff), (0x10000, 0x10ffff), (0x22, 0x22), (0x5c, 0x5c))
        return "".join(chr(self.random.randint(*self.random.choice(ranges))) for _ in range(self.random.randrange(6)))

    def string(self, characters):
        return '"' + "".join(map(self.character, characters)) + '"'

    def character(self, c):
        if c >= " " and c not in '"\\' and self.random.random() < 0.8:
            return c
        if c in SHORT and self.random.random() < 0.5:
            return SHORT[c]
        if c == "/":
            return "\\/"
        hexadecimal = self.pick("{:04x}", "{:04X}")
        units = struct.unpack(">%dH" % (len(c.encode("utf-16-be")) // 2), c.encode("utf-16-be"))
        return "".join("\\u" + hexadecimal.format(unit) for unit in units)

    def digits(self, most):
        return "".join(self.random.choice("0123456789") for _ in range(self.random.randint(1, most)))

    def integer(self):
        digits = self.digits(self.pick(1, 3, 20, 40, 400)).lstrip("0") or "0"
        return self.pick("", "-") + digits

    def decimal(self):
        fraction = "." + self.digits(self.pick(1, 3, 17, 30, 400)) if self.random.random() < 0.8 else ""
        exponent = self.pick("e", "E") + self.pick("", "+", "-") + self.digits(self.pick(1, 2, 3)) if self.random.random() < 0.6 or not fraction else ""
        return self.integer() + fraction + exponent

    def finite(self):
        while True:
            value = struct.unpack(">d", self.random.randbytes(8))[0]
            if math.isfinite(value):
                return value

    def any_double(self):
        value = self.finite()
        return self.pick(repr(value).replace("inf", "0"), f"{value:.16e}", f"{value:.20e}")

    def near_a_tie(self):
        """Halfway between two doubles by all its digits, and the same with a bit more or less."""
        value = abs(self.finite())
        half = (decimal.Decimal(value) + decimal.Decimal(math.nextafter(value, 0))) / 2
        text = f"{half:e}"
        mantissa, exponent = text.split("e")
        mantissa += "" if "." in mantissa else ".0"
        return mantissa + self.pick("", "0", "1", "0" * 50 + "1") + "e" + exponent

    def damaged(self, text):
        text = bytearray(text)
        for _ in range(self.random.randint(1, 3)):
            at = self.random.randrange(len(text) + 1)
            kind = self.random.randrange(4)
            if kind == 0:
                text[at:at] = self.pick(b",", b"]", b"}", b"[", b"{", b'"', b"\\", b"0", b"-", b".", b"e", b"\0", b"\x80", b" ", b":")
            elif kind == 1:
                del text[at:at + self.random.randint(1, 3)]
            elif at < len(text):
                text[at] = self.random.randrange(256)
        return bytes(text)


def case_text(text):
    if isinstance(text, str):
        return text.encode()
    if "base64" in text:
        return base64.b64decode(text["base64"])
    return "".join(part * times for part, times in text["parts"]).encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs=argparse.REMAINDER)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--documents", type=int, default=4000)
    args = parser.parse_args()
    decimal.getcontext().prec = 1200
    sys.setrecursionlimit(4000)
    library = Library(args.program)
    passed = failed = valid = 0

    def judge(what, text, *others):
        nonlocal passed, failed, valid
        answers = [canonical(text), library.canonical(text), *others]
        # What is canonical already stays as it is.
        if answers[1] is not None:
            valid += 1
            answers.append(library.canonical(answers[1]))
        if all(answer == answers[0] for answer in answers):
            passed += 1
        else:
            failed += 1
            print(f"FAIL {what}: {text[:300]!r}", *(f"     {repr(answer)[:300]}" for answer in answers), sep="\n")

    cases = json.loads((pathlib.Path(__file__).parent / "json_cases.json").read_text(encoding="utf-8"))["cases"]
    for case in cases:
        judge(case["name"], case_text(case["input"]), case_text(case["canonical"]) if "canonical" in case else None)
    drawer = Drawer(args.seed)
    for number in range(args.documents):
        text = drawer.document().encode()
        judge(f"document {number}", text)
        judge(f"document {number}, damaged", drawer.damaged(text))
    library.process.stdin.close()
    if library.process.wait() != 0:
        failed += 1
        print(f"FAIL the helper ended with {library.process.returncode}")
    print(f"seed {args.seed}: {valid} of {passed + failed} texts were JSON")
    print(f"json oracle: {passed} passed, {failed} failed")
    return 1 if failed or valid < args.documents else 0


if __name__ == "__main__":
    sys.exit(main())
