"""Dependencies between the rooms run downwards only, and each room keeps to what it may know."""
import re

from tree import C_ENDINGS, without_comments

ROOMS = ("base", "loop", "redis", "store", "refs", "capi")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.M)

# Headers from outside that only some rooms may see: who owns sockets, who knows the codec, who is a user of the API.
OWNED = (
    (re.compile(r"^uv\.h$"), {"loop", "redis"}),
    (re.compile(r"^hiredis/"), {"redis"}),
    (re.compile(r"^(sys/socket|netinet/.*|arpa/.*|netdb)\.h$"), {"loop", "redis"}),
    (re.compile(r"^nlohmann/"), {"base"}),
    (re.compile(r"^CLI/"), {"cli"}),
    (re.compile(r"^exoref/"), {"capi", "cli"}),
)


def check_direction(tree):
    complaints = []
    for path in tree.files("src", endings=C_ENDINGS):
        parts = path.split("/")
        if len(parts) < 3:
            complaints.append(f"{path}: lies in no room")
            continue
        room = parts[1]
        if room != "cli" and room not in ROOMS:
            complaints.append(f"{path}: '{room}' is no room")
            continue
        for match in INCLUDE.finditer(without_comments(tree.read(path))):
            why = _forbidden(room, match.group(1), match.group(2), tree)
            if why:
                line = tree.read(path)[: match.start(2)].count("\n") + 1
                complaints.append(f"{path}:{line}: {why}")
    return complaints


def _forbidden(room, quote, included, tree):
    for pattern, allowed in OWNED:
        if pattern.match(included) and room not in allowed:
            return f"<{included}> is not for room '{room}' (only {', '.join(sorted(allowed))})"
    if quote == "<":
        return None
    if included.startswith("exoref/"):
        return None
    other = included.split("/")[0]
    if other == room:
        return None
    if room == "cli":
        return f'"{included}": the command uses the public C API alone'
    if other not in ROOMS:
        return None if not tree.exists(f"src/{included}") else f'"{included}": \'{other}\' is no room'
    if ROOMS.index(other) > ROOMS.index(room):
        return f'"{included}": {room} must not know {other}'
    return None


def check_unit_folders(tree):
    known = set(ROOMS) | {"cli", "support"}
    return [f"{path}: no such room" for path in tree.files("tests/unit", endings=C_ENDINGS)
            if path.split("/")[2] not in known]


SAMPLES = [
    (check_direction, {"src/redis/a.cpp": '#include "refs/atom.hpp"\n'}, "redis must not know refs"),
    (check_direction, {"src/base/a.hpp": '\n  #  include "loop/loop.hpp"\n'}, "src/base/a.hpp:2: "),
    (check_direction, {"src/refs/a.cpp": "#include <uv.h>\n"}, "not for room 'refs'"),
    (check_direction, {"src/store/a.cpp": "#include <exoref/exoref.h>\n"}, "not for room 'store'"),
    (check_direction, {"src/cli/a.cpp": '#include "base/bytes.hpp"\n'}, "public C API alone"),
    (check_direction, {"src/extra/a.cpp": ""}, "is no room"),
    (check_direction, {"src/capi/a.cpp": '#include "refs/atom.hpp"\n#include "capi/b.hpp"\n#include <vector>\n',
                       "src/redis/a.cpp": '// #include "refs/atom.hpp"\n#include <uv.h>\n#include "base/a.hpp"\n',
                       "src/cli/a.cpp": '#include <exoref/exoref.h>\n#include "cli/b.hpp"\n'}, None),
    (check_unit_folders, {"tests/unit/bsae/a_test.cpp": ""}, "no such room"),
    (check_unit_folders, {"tests/unit/base/a_test.cpp": ""}, None),
]
