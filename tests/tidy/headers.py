"""The public headers: clean alone in every dialect, short enough to be read, and the same as what the library exports."""
import re
import shutil
import subprocess

from tree import without_comments

C_HEADER = "include/exoref/exoref.h"
CXX_HEADER = "include/exoref/exoref.hpp"
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
LIMITS = {C_HEADER: 1500, CXX_HEADER: 600}
SYMBOLS = "abi/symbols"
DECLARED = re.compile(r"\b(exoref_[a-z0-9_]+)\s*\([^;{}]*\)\s*;", re.S)


def check_alone(tree):
    ways = [(compiler, "c", ["-std=c11"], C_HEADER) for compiler in ("gcc", "clang")]
    ways += [(compiler, "c++", ["-std=c++20"], header) for compiler in ("g++", "clang++") for header in (C_HEADER, CXX_HEADER)]
    complaints = []
    for compiler, language, options, header in ways:
        if not tree.exists(header):
            complaints.append(f"{header}: is missing")
        elif not shutil.which(compiler):
            complaints.append(f"{compiler} is missing (script/bootstrap brings it)")
        else:
            run = subprocess.run([compiler, "-x", language, *options, *STRICT, "-I", tree.root / "include", "-"],
                                 input=f"#include <{header.split('/', 1)[1]}>\nint x;\n",
                                 capture_output=True, text=True)
            if run.returncode != 0:
                complaints.append(f"{header} with {compiler} {' '.join(options)}:\n{run.stderr.strip()[:2000]}")
    return complaints


def check_includes(tree):
    allowed = {"stdint.h", "stddef.h", "stdbool.h"}
    if not tree.exists(C_HEADER):
        return [f"{C_HEADER}: is missing"]
    found = re.findall(r'#\s*include\s*[<"]([^>"]+)', without_comments(tree.read(C_HEADER)))
    return [f"{C_HEADER}: includes {name}" for name in found if name not in allowed]


def check_length(tree):
    return [f"{path}: {tree.read(path).count(chr(10))} lines (less than {limit} wanted)" for path, limit in LIMITS.items()
            if tree.exists(path) and tree.read(path).count("\n") >= limit]


def declared(tree):
    text = without_comments(tree.read(C_HEADER))
    text = re.sub(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", "", text, flags=re.M)
    text = re.sub(r"\btypedef\b[^;{}]*\(\s*\*?\s*\w+\s*\)\s*\([^;]*\)\s*;", "", text, flags=re.S)  # callback types
    text = re.sub(r"\btypedef\b[^;{}]*;", "", text, flags=re.S)
    return set(DECLARED.findall(text))


def listed(tree):
    """The list's symbols with their releases, and what is wrong with the list itself."""
    symbols, complaints = {}, []
    for number, line in enumerate(tree.read(SYMBOLS).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"(exoref_[a-z0-9_]+) (\d+\.\d+)", line)
        if not match:
            complaints.append(f"{SYMBOLS}:{number}: not 'symbol since': {line}")
        elif match.group(1) in symbols:
            complaints.append(f"{SYMBOLS}:{number}: {match.group(1)} stands there twice")
        else:
            symbols[match.group(1)] = match.group(2)
    return symbols, complaints


def check_declared(tree):
    if not tree.exists(C_HEADER):
        return [f"{C_HEADER}: is missing"]
    symbols, complaints = listed(tree)
    names = declared(tree)
    complaints += [f"{name}: in the header, not in {SYMBOLS}" for name in sorted(names - set(symbols))]
    complaints += [f"{name}: in {SYMBOLS}, not in the header" for name in sorted(set(symbols) - names)]
    if not names:
        complaints.append(f"{C_HEADER} declares nothing")
    return complaints


def check_exported(tree):
    """Exactly the listed symbols, each under the node of its release. The nodes themselves are absolute symbols."""
    library = tree.build / "lib/libexoref.so"
    out = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True)
    if out.returncode != 0:
        return [out.stderr.strip()]
    symbols, _ = listed(tree)
    expected = {f"{name}@@EXOREF_{since}" for name, since in symbols.items()}
    found = {parts[2] for parts in (line.split() for line in out.stdout.splitlines())
             if not (parts[1] == "A" and re.fullmatch(r"EXOREF_[\d.]+", parts[2]))}
    return ([f"{name}: exported, but not in {SYMBOLS}" for name in sorted(found - expected)]
            + [f"{name}: in {SYMBOLS}, but not exported" for name in sorted(expected - found)])


def check_version(tree):
    project = re.search(r"^project\(\w+ VERSION (\S+)", tree.read("CMakeLists.txt"), re.M)
    if not project or not tree.exists(C_HEADER):
        return ["no project version" if not project else f"{C_HEADER}: is missing"]
    numbers = project.group(1).split(".")
    complaints = []
    for part, number in zip(("MAJOR", "MINOR", "PATCH"), numbers):
        found = re.search(rf"\bEXOREF_VERSION_{part}\s*=?\s*(\d+)", tree.read(C_HEADER))
        if not found or found.group(1) != number:
            complaints.append(f"{C_HEADER}: EXOREF_VERSION_{part} is not {number}, as CMakeLists.txt says")
    return complaints


_HEADER = "#include <stdint.h>\ntypedef struct exoref_a exoref_a;\ntypedef int (*exoref_f_fn)(void *ctx);\n" \
          "int exoref_one(exoref_a *a,\n               exoref_f_fn fn);\n/* int exoref_gone(void); */\n"
SAMPLES = [
    (check_alone, {C_HEADER: "static inline void f(void) { int unused; }\n", CXX_HEADER: ""}, "with gcc -std=c11"),
    (check_alone, {C_HEADER: "class A;\n", CXX_HEADER: ""}, "with clang -std=c11"),
    (check_alone, {C_HEADER: _HEADER, CXX_HEADER: "#include <exoref/exoref.h>\n"}, None),
    (check_alone, {C_HEADER: _HEADER, CXX_HEADER: "std::string s;\n"}, "exoref.hpp with g++"),
    (check_includes, {C_HEADER: "#include <stdio.h>\n"}, "includes stdio.h"),
    (check_includes, {C_HEADER: _HEADER}, None),
    (check_length, {C_HEADER: "\n" * 1500}, "1500 lines"),
    (check_length, {CXX_HEADER: "\n" * 600}, "600 lines"),
    (check_length, {C_HEADER: "\n" * 1499}, None),
    (check_declared, {C_HEADER: _HEADER, SYMBOLS: "exoref_two 1.0\n"}, "exoref_one: in the header, not in"),
    (check_declared, {C_HEADER: _HEADER, SYMBOLS: "exoref_two 1.0\n"}, "exoref_two: in abi/symbols, not in"),
    (check_declared, {C_HEADER: _HEADER, SYMBOLS: "exoref_one\n"}, "not 'symbol since'"),
    (check_declared, {C_HEADER: _HEADER, SYMBOLS: "# list\nexoref_one 1.0\n"}, None),
    (check_version, {"CMakeLists.txt": "project(exoref VERSION 1.2.0)\n",
                     C_HEADER: "#define EXOREF_VERSION_MAJOR 1\n#define EXOREF_VERSION_MINOR 1\n"}, "MINOR is not 2"),
]
