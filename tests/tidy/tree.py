"""The tree that the checks look at: its files, and the build that was made of it, if any."""
import pathlib
import re
import subprocess


class Tree:
    def __init__(self, root, build=None):
        self.root = pathlib.Path(root)
        self.build = pathlib.Path(build).resolve() if build else None
        self.notes = []
        self._files = None

    def files(self, *folders, endings=None):
        """Paths relative to the root, of what git tracks or would track, below any of the folders."""
        if self._files is None:
            self._files = sorted(self._list())
        for path in self._files:
            if folders and not any(path == f or path.startswith(f + "/") for f in folders):
                continue
            if endings and not path.endswith(tuple(endings)):
                continue
            yield path

    def _list(self):
        if (self.root / ".git").exists():
            listed = subprocess.run(
                ["git", "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                check=True, capture_output=True, text=True).stdout
            return [p for p in listed.split("\0") if p and (self.root / p).is_file()]
        return [str(p.relative_to(self.root)) for p in self.root.rglob("*") if p.is_file()]

    def read(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def exists(self, path):
        return (self.root / path).exists()


_TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<raw>[^()\s\\]{0,16})\(.*?\)(?P=raw)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z])'(?:\\.|[^'\\\n])+'", re.S)


def without_comments(text, keep_strings=True):
    """C or C++ with comments (and, if asked, the insides of strings) blanked; every line keeps its number."""

    def blank(match):
        token = match.group(0)
        if token.startswith("/"):
            return re.sub(r"[^\n]", " ", token)
        return token if keep_strings else '""' + "\n" * token.count("\n")

    return _TOKENS.sub(blank, text)


C_ENDINGS = (".c", ".h", ".cpp", ".hpp")
