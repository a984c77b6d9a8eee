"""Functions fit a screen, files hold one idea."""
import re

from tree import C_ENDINGS, without_comments

FUNCTION_LINES = 70
FILE_LINES = 500
FILE_LINES_LISTED = 400
OWN_LIMIT = {"include/exoref/exoref.h", "include/exoref/exoref.hpp"}  # see headers.check_length
CONTAINER = re.compile(r"^(?:\w+\s+)*?(?:namespace|class|struct|enum|union|extern)\b")


def functions(text):
    """(first line, last line, name) of each function body of a C or C++ text, lambdas counted with what holds them."""
    text = without_comments(text, keep_strings=False)
    text = re.sub(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.M)
    found = []
    scopes = []  # per open brace: None within a function, "container", or (line, name) for a function
    lead = ""
    lead_line = line = 1
    for character in text:
        if character == "\n":
            line += 1
        if character == "{":
            scopes.append(_scope(scopes, lead, lead_line))
            if scopes[-1] != "initializer":
                lead = ""
        elif character == "}":
            scope = scopes.pop() if scopes else None
            if isinstance(scope, tuple):
                found.append((scope[0], line, scope[1]))
            lead = lead + "()" if scope == "initializer" else ""
        elif scopes and scopes[-1] == "initializer":
            continue
        elif character == ";":
            lead = ""
        else:
            if not lead.strip():
                lead_line = line
            lead = (lead + character).lstrip()
    return found


def _scope(scopes, lead, lead_line):
    if any(scope != "container" for scope in scopes):
        return None
    if not lead or (CONTAINER.match(re.sub(r"^template\s*<.*?>\s*", "", lead, flags=re.S)) and not _is_call(lead)):
        return "container"
    if "(" not in lead:
        return "data"
    if re.search(r"\)\s*(?:noexcept\s*)?:[^:].*[\w>]\s*$", lead, re.S):
        return "initializer"  # member{value} in a constructor's list; the body is still to come
    name = re.search(r"([~\w:]+|operator\s*\S+)\s*\(", lead)
    return (lead_line, name.group(1) if name else "lambda")


def _is_call(lead):
    """'struct Reply read(int x)' begins like a type but is a function."""
    return re.search(r"\)\s*(?:const|noexcept|override|final|->.*)*\s*$", lead, re.S) is not None \
        and not lead.startswith("namespace")


def check_functions(tree):
    complaints = []
    for path in tree.files("src", "include", "tests/support", "bench", "examples", endings=C_ENDINGS):
        for first, last, name in functions(tree.read(path)):
            if last - first + 1 > FUNCTION_LINES:
                complaints.append(f"{path}:{first}: {name} has {last - first + 1} lines (at most {FUNCTION_LINES})")
    return complaints


def check_files(tree):
    complaints = []
    folders = ("src", "include", "tests", "bench", "examples", "cmake", "script", "bindings")
    for path in tree.files(*folders, endings=(*C_ENDINGS, ".lua", ".py", ".sh", ".cmake", ".txt", ".def")):
        lines = tree.read(path).count("\n")
        if path in OWN_LIMIT:
            continue
        if lines > FILE_LINES:
            complaints.append(f"{path}: {lines} lines (at most {FILE_LINES})")
        elif lines > FILE_LINES_LISTED:
            tree.notes.append(f"{path} has {lines} lines: still one idea?")
    return complaints


def _long(start, end):
    return start + "    work();\n" * FUNCTION_LINES + end


SAMPLES = [
    (check_functions, {"src/base/a.cpp": _long("namespace a {\nint f(int x) {\n", "}\n}\n")}, "src/base/a.cpp:2: f has 72"),
    (check_functions, {"src/base/a.cpp": _long("struct A {\n  A(int x) : b_(x), c_{1} {\n", "  }\n};\n")}, "A has 72"),
    (check_functions, {"src/base/a.cpp": _long("struct A f(\n  int x) {\nif (x) {\n", "}\n}\n")}, ":1: f has 75"),
    (check_functions, {"src/base/a.cpp": _long("template <typename T>\nauto A<T>::g() const -> int {\n", "}\n")},
     "g has 73"),
    (check_functions, {"src/base/a.cpp": "struct A {\n" + "    int f() { return 1; }\n" * 80 + "};\n"}, None),
    (check_functions, {"src/base/a.cpp": "const int kTable[] = {\n" + "    1,\n" * 80 + "};\n"}, None),
    (check_functions, {"src/base/a.cpp": 'const char *k = "{";\n// {\nchar c = \'{\';\n' + "int f();\n" * 80}, None),
    (check_files, {"src/base/a.cpp": "\n" * 501}, "501 lines"),
    (check_files, {"src/base/a.cpp": "\n" * 500}, None),
]
