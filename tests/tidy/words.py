"""Words that should not be there: things left for later, waits by the clock, paths that exist on one machine only."""
import re

from tree import C_ENDINGS, without_comments

LEFT = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
UNFINISHED = re.compile(r"not implemented|unimplemented|\bstubs?\b", re.I)
_SLEEP = "sle" "ep"  # in two, so that a search for it does not find this file
SLEEP = re.compile(rf"\b(?:u|nano|clock_nano|uv_)?{_SLEEP}(?:_for|_until)?\s*\(")
SLEEP_SHELL = re.compile(rf"^[^#\"']*\b{_SLEEP}\s+[\d$.]", re.M)
SOMEBODYS_PATH = re.compile(r"(?<![\w.~$}])/(?:home|root|work|Users|farm)/[\w.]")
BREAK = re.compile(r"\bEXOREF_BREAK_([A-Z0-9_]+)")
BREAKABLE = {"RECORDS", "FLOOR", "TERMS", "PREDECESSOR", "SWEEP", "C5", "CLOCK", "TAKEOVER"}
OURS = "tests/tidy/"  # the checks name what they look for


def _search(tree, pattern, paths, code_only=False):
    complaints = []
    for path in paths:
        if path.startswith(OURS):
            continue
        text = tree.read(path)
        if code_only:
            text = without_comments(text, keep_strings=False)
        for match in pattern.finditer(text):
            complaints.append(f"{path}:{text[:match.end()].count(chr(10)) + 1}: {match.group(0).strip()}")
    return complaints


def check_leftovers(tree):
    places = ("src", "include", "tests", "bench", "examples", "cmake", "script", "bindings")
    return (_search(tree, LEFT, tree.files(*places))
            + _search(tree, UNFINISHED, tree.files("src", "include", "bindings")))


def check_sleeps(tree):
    scripts = [p for p in tree.files("tests", "script") if p.endswith(".sh") or "." not in p.rsplit("/", 1)[-1]]
    return (_search(tree, SLEEP, tree.files("tests", endings=C_ENDINGS), code_only=True)
            + _search(tree, SLEEP, tree.files("tests", endings=(".py",)))
            + _search(tree, SLEEP_SHELL, [p for p in scripts if p.startswith("tests/")]))


def check_paths(tree):
    return _search(tree, SOMEBODYS_PATH, tree.files())


def check_breaks(tree):
    """A define that breaks a rule on purpose is one of the known ones, and never in a header: only the sources that
    name it are compiled with it."""
    complaints = [c for c in _search(tree, BREAK, tree.files("src", "tests"))
                  if c.rsplit("EXOREF_BREAK_", 1)[-1] not in BREAKABLE]
    complaints += [f"{path}: a header must not depend on EXOREF_BREAK"
                   for path in tree.files("src", "include", endings=(".h", ".hpp")) if BREAK.search(tree.read(path))]
    return complaints


SAMPLES = [
    (check_leftovers, {"src/base/a.cpp": "// TO" "DO: later\n"}, "src/base/a.cpp:1"),
    (check_leftovers, {"include/exoref/exoref.h": "/* Not implemen" "ted */\n"}, "exoref.h:1"),
    (check_leftovers, {"src/base/a.cpp": "int todo_list;\n", "docs/a.md": "TODO"}, None),
    (check_sleeps, {"tests/unit/base/a_test.cpp": f"\nvoid f() {{ u{_SLEEP} (1); }}\n"}, "a_test.cpp:2: u"),
    (check_sleeps, {"tests/unit/base/a_test.c": f"void f() {{ std::this_thread::{_SLEEP}_for(1s); }}\n"}, "_for"),
    (check_sleeps, {"tests/packaging/run.sh": f"true\n{_SLEEP} 1\n"}, "run.sh:2"),
    (check_sleeps, {"tests/model/a.py": f"time.{_SLEEP}(1)\n"}, "a.py:1"),
    (check_sleeps, {"tests/unit/base/a_test.cpp": f'// never {_SLEEP}(1)\nauto s = "{_SLEEP}(1)"; no_{_SLEEP}(2);\n'}, None),
    (check_paths, {"README.md": "see /ho" "me/me/x"}, "README.md:1"),
    (check_paths, {"README.md": "see https://host/work/x, ~/work/y, $D/work/z and /usr/share"}, None),
    (check_breaks, {"src/refs/a.cpp": "#ifdef EXOREF_BREAK_RECRODS\n"}, "RECRODS"),
    (check_breaks, {"src/refs/a.hpp": "#ifdef EXOREF_BREAK_RECORDS\n"}, "a header must not"),
    (check_breaks, {"src/refs/a.cpp": "#ifdef EXOREF_BREAK_RECORDS\n"}, None),
]
