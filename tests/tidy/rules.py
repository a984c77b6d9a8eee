"""Every rule of docs/semantics.md that is built has a test that carries its name, ran and passed; and no test names a rule
that does not exist.

rules.py JUNIT.xml... [--trust-sources NAME_REGEX]

A test is what cmocka printed ("[       OK ] A2_compare_and_set_is_byte_for_byte"), read from what ctest recorded. A rule is
carried by a name if it is one of the parts between its underscores. --trust-sources also counts the names in the sources of
test programs that this run left out on purpose.
"""
import argparse
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

RULES = "docs/semantics.md"
BUILT = "tests/tidy/rules_built.txt"
GUARANTEES = {f"G{i}" for i in range(1, 10)}  # these stand in docs/guarantees.md
STATUS = re.compile(r"^\[ +(OK|FAILED|SKIPPED|ERROR) +\] (\w+)", re.M)


def known_rules(tree):
    return set(re.findall(r"^- ([CAPD]\d+) ", tree.read(RULES), re.M))


def built_rules(tree):
    lines = (line.split("#")[0].split() for line in tree.read(BUILT).splitlines())
    return [word for line in lines for word in line]


def named_rules(name):
    return {part for part in name.split("_") if re.fullmatch(r"[CAPDG]\d+", part)}


def check_list(tree):
    known = known_rules(tree)
    complaints = [f"{BUILT}: {RULES} has no rule {rule}" for rule in built_rules(tree) if rule not in known]
    if len(known) < 30:
        complaints.append(f"{RULES}: only {len(known)} rules found")
    for path in tree.files("tests", endings=("_test.c", "_test.cpp")):
        for name in re.findall(r"\bvoid (\w+)\(void \*\*", tree.read(path)):
            complaints += [f"{path}: {name} names {rule}, which does not exist"
                           for rule in sorted(named_rules(name) - known - GUARANTEES)]
    return complaints


def printed(junit):
    """(name, passed) of each cmocka test that a recorded run printed."""
    for case in xml.parse(junit).getroot().iter("testcase"):
        out = case.find("system-out")
        for status, name in STATUS.findall(out.text or "" if out is not None else ""):
            yield name, status == "OK" and case.get("status") == "run"


def missing(tree, junits, trusted=None):
    known = known_rules(tree) | GUARANTEES
    passed, complaints = set(), []
    for junit in junits:
        for name, good in printed(junit):
            complaints += [f"{name}: there is no rule {rule}" for rule in sorted(named_rules(name) - known)]
            if good:
                passed |= named_rules(name)
    if trusted:
        for path in tree.files("tests", endings=("_test.c", "_test.cpp")):
            if re.search(trusted, path):
                for name in re.findall(r"\bvoid (\w+)\(void \*\*", tree.read(path)):
                    passed |= named_rules(name)
    complaints += [f"rule {rule}: no test that carries its name has passed"
                   for rule in built_rules(tree) if rule not in passed]
    return complaints


def _missing_in_sample(tree):
    return missing(tree, [tree.root / "run.xml"])


def _run(*lines):
    text = "\n".join(lines)
    return f'<testsuite><testcase name="a" status="run"><system-out>{text}\n</system-out></testcase></testsuite>'


_DOC = {RULES: "".join(f"- {rule} text\n" for rule in ["A1", "A2", *(f"C{i}" for i in range(1, 30))]), BUILT: "A1 # why\nA2\n"}
SAMPLES = [
    (check_list, {**_DOC, BUILT: "A9\n"}, "has no rule A9"),
    (check_list, {**_DOC, "tests/unit/a_test.c": "static void A7_x(void **state)\n"}, "names A7"),
    (check_list, {**_DOC, "tests/unit/a_test.c": "static void x_A1_C2_G9(void **state)\n"}, None),
    (_missing_in_sample, {**_DOC, "run.xml": _run("[       OK ] A1_x", "[       OK ] then_A2")}, None),
    (_missing_in_sample, {**_DOC, "run.xml": _run("[       OK ] A1_x", "[  FAILED  ] A2_x")}, "rule A2: no test"),
    (_missing_in_sample, {**_DOC, "run.xml": _run("[       OK ] A1_x", "[  SKIPPED ] A2_x")}, "rule A2: no test"),
    (_missing_in_sample, {**_DOC, "run.xml": _run("[       OK ] A1_A2", "[ RUN      ] A7", "[       OK ] A7_x")}, "no rule A7"),
    (_missing_in_sample, {**_DOC, "run.xml": _run("[       OK ] A1_A2").replace('"run"', '"fail"')}, "rule A1: no test"),
]


def main():
    from tree import Tree
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("junit", nargs="+", type=pathlib.Path)
    parser.add_argument("--trust-sources", metavar="NAME_REGEX")
    args = parser.parse_args()
    tree = Tree(pathlib.Path(__file__).resolve().parents[2])
    complaints = missing(tree, args.junit, args.trust_sources)
    for complaint in complaints:
        print(f"FAIL {complaint}")
    print(f"rules: {len(built_rules(tree))} built, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
