"""What the documents quote from the examples stands there, line by line; what they link to in the tree is there, and so are
the tests that docs/guarantees.md names, each in the file that it names before them."""
import re

QUOTE = re.compile(r"<!-- from (?P<path>\S+) -->\n```\w*\n(?P<text>.*?)```", re.S)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)(?P<path>[^)#\s]+)(?:#[^)]*)?\)")

GUARANTEES = "docs/guarantees.md"
NAMED = re.compile(r"`(?:(?P<file>\w+/[\w/.]+)|(?P<test>\w+(?:_\w+)+))`")


def check_quotes(tree):
    complaints = []
    for path in tree.files(endings=(".md",)):
        text = tree.read(path)
        for quote in QUOTE.finditer(text):
            line = text[:quote.start()].count("\n") + 1
            source = quote.group("path")
            if not tree.exists(source):
                complaints.append(f"{path}:{line}: {source} is not there")
            elif quote.group("text") not in tree.read(source):
                complaints.append(f"{path}:{line}: {source} does not say so")
    return complaints


def check_links(tree):
    complaints = []
    for path in tree.files(endings=(".md",)):
        text = tree.read(path)
        folder = path.rpartition("/")[0]
        for link in LINK.finditer(text):
            if not (tree.root / folder / link.group("path")).exists():
                line = text[:link.start()].count("\n") + 1
                complaints.append(f"{path}:{line}: {link.group('path')} is not there")
    return complaints


def check_named_tests(tree):
    complaints = []
    for number, line in enumerate(tree.read(GUARANTEES).splitlines() if tree.exists(GUARANTEES) else [], 1):
        file = None
        for name in NAMED.finditer(line):
            if name.group("file"):
                file = None if name.group("file").startswith("script/") else "tests/" + name.group("file")
                if file and not tree.exists(file):
                    complaints.append(f"{GUARANTEES}:{number}: {file} is not there")
                    file = None
            elif file and not re.search(rf"\b{name.group('test')}\b", tree.read(file)):
                complaints.append(f"{GUARANTEES}:{number}: {file} has no {name.group('test')}")
    return complaints


_SOURCE = "int a;\n    int b;\nint c;\n"
SAMPLES = [
    (check_quotes, {"README.md": "<!-- from e/a.c -->\n```c\nint a;\n    int b;\n```\n", "e/a.c": _SOURCE}, None),
    (check_quotes, {"README.md": "\n<!-- from e/a.c -->\n```c\nint b;\nint a;\n```\n", "e/a.c": _SOURCE}, "README.md:2: e/a.c"),
    (check_quotes, {"docs/a.md": "<!-- from e/b.c -->\n```c\nint a;\n```\n"}, "e/b.c is not there"),
    (check_links, {"docs/a.md": "see [b](b.md#part), [c](../c.h) and [d](https://e/f)", "docs/b.md": "", "c.h": ""}, None),
    (check_named_tests, {"docs/guarantees.md": "| `capi/a_test.c` | `G1_it_is_so` |", "tests/capi/a_test.c": "G1_it_is_so("}, None),
    (check_named_tests, {"docs/guarantees.md": "`capi/a_test.c`: `G1_it_is`", "tests/capi/a_test.c": "G1_it_is_so("}, "has no G1_it_is"),
    (check_named_tests, {"docs/guarantees.md": "in `capi/b_test.c`"}, "b_test.c is not there"),
    (check_links, {"docs/a.md": "\nsee [b](b.md)", "b.md": ""}, "docs/a.md:2: b.md"),
]
