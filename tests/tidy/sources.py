"""No file that nothing uses, and one format for all."""
import json
import re
import shutil
import subprocess

from rooms import INCLUDE
from tree import C_ENDINGS, without_comments

FORMATTER = "14"  # formats differ from release to release; script/bootstrap installs this one


def check_dead(tree):
    """Every header of ours is included by something else, every test file has a name by which it is found."""
    complaints = []
    code = [p for p in tree.files("src", "tests", "bench", "examples", "include", endings=(*C_ENDINGS, ".def"))]
    included = set()
    for path in code:
        text = without_comments(tree.read(path))
        for match in INCLUDE.finditer(text):
            name = match.group(2)
            included.add(name)
            included.add(path.rsplit("/", 1)[0] + "/" + name)
    for path in tree.files("src", "tests", "bench", endings=(".h", ".hpp", ".def")):
        short = path.split("/", 1)[1]
        if short not in included and path not in included:
            complaints.append(f"{path}: nothing includes it")
    for path in tree.files("tests", endings=(".c", ".cpp")):
        folder = path.split("/")[1]
        if folder in ("unit", "capi", "scripts", "integration", "faults"):
            if not re.search(r"_(test|helper)\.(c|cpp)$", path):
                complaints.append(f"{path}: neither *_test nor *_helper, so it is never built")
        elif folder not in ("support", "packaging") and not path.startswith("tests/conformance/agents/"):
            complaints.append(f"{path}: no test is looked for in tests/{folder}")
    return complaints


def check_compiled(tree):
    """Every source is compiled by somebody: by CMake, but for what a package's test or a language's bench compiles by itself."""
    database = tree.build / "compile_commands.json"
    compiled = {entry["file"] for entry in json.loads(database.read_text())}
    return [f"{path}: is not compiled"
            for path in tree.files("src", "tests", "bench", "examples", endings=(".c", ".cpp"))
            if str(tree.root / path) not in compiled and not re.match(r"tests/packaging/|bench/\w+/", path)]


def _formatter():
    for name in (f"clang-format-{FORMATTER}", "clang-format"):
        if shutil.which(name):
            version = subprocess.run([name, "--version"], capture_output=True, text=True, check=True).stdout
            if f"version {FORMATTER}." in version:
                return name
    return None


def check_format(tree):
    formatter = _formatter()
    if not formatter:
        return [f"clang-format {FORMATTER} is missing (script/bootstrap brings it)"]
    files = [p for p in tree.files("src", "include", "tests", "bench", "examples", endings=C_ENDINGS)]
    if not files:
        return []
    style = [] if tree.exists(".clang-format") else ["--style=Google"]
    run = subprocess.run([formatter, "--dry-run", "--Werror", *style, *files], cwd=tree.root, capture_output=True, text=True)
    wrong = sorted(set(re.findall(r"^([^:\n]+):\d+:\d+: error:", run.stderr, re.M)))
    if run.returncode != 0 and not wrong:
        return [run.stderr.strip()[:500]]
    return [f"{path}: {formatter} -i would change it" for path in wrong]


SAMPLES = [
    (check_dead, {"src/base/a.hpp": ""}, "nothing includes it"),
    (check_dead, {"src/base/a.hpp": "", "src/base/b.cpp": '#include "base/a.hpp"\n',
                  "tests/support/c.hpp": "", "tests/unit/base/c_test.cpp": '#include "support/c.hpp"\n'}, None),
    (check_dead, {"tests/unit/base/a_tset.cpp": ""}, "never built"),
    (check_dead, {"tests/units/a_test.cpp": ""}, "no test is looked for"),
    (check_dead, {"tests/conformance/a.c": ""}, "no test is looked for"),
    (check_dead, {"tests/conformance/agents/c/a.c": ""}, None),
    (check_compiled, {"bench/java/a.c": "", "build/compile_commands.json": "[]"}, None),
    (check_compiled, {"src/base/a.cpp": "", "build/compile_commands.json": "[]"}, "is not compiled"),
    (check_format, {"src/base/a.cpp": "int   f( ) {return 1 ;}\n"}, "would change it"),
    (check_format, {"src/base/a.cpp": "int f() { return 1; }\n"}, None),
]
