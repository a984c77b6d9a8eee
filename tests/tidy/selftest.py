"""Runs each check on small trees made up for it. A module lists SAMPLES of (check, files, expected): files is {path:
text}; expected is a part of the complaint that must come, or None where none may come."""
import pathlib
import tempfile

from tree import Tree


def run(modules):
    passed = failed = 0
    for module in modules:
        for check, files, expected in module.SAMPLES:
            with tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                for path, text in files.items():
                    (root / path).parent.mkdir(parents=True, exist_ok=True)
                    (root / path).write_text(text, encoding="utf-8")
                complaints = check(Tree(root, root / "build" if "build/" in "".join(files) else None))
            good = not complaints if expected is None else any(expected in c for c in complaints)
            passed += good
            failed += not good
            if not good:
                print(f"FAIL {module.__name__}.{check.__name__} on {sorted(files)}: "
                      f"expected {expected!r}, got {complaints}")
    return passed, failed
