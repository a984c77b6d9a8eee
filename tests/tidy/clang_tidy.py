#!/usr/bin/env python3
"""Runs clang-tidy over the sources of src: those changed since the last commits first, then others in an order drawn by the
seed, as many as fit into --seconds; all of them without it."""
import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

# The commands are gcc's, with warnings and ways to optimize that clang does not know.
GCCS = ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-ignored-optimization-argument"]


def changed(root):
    out = subprocess.run(["git", "-C", root, "diff", "--name-only", "HEAD~3"], capture_output=True, text=True)
    return set(out.stdout.split()) if out.returncode == 0 else set()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", default="0")
    parser.add_argument("--seconds", type=float)
    args = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]
    if not shutil.which("clang-tidy"):
        print("clang-tidy is missing (script/bootstrap brings it)")
        return 1

    database = json.loads((args.build / "compile_commands.json").read_text())
    files = sorted({str(pathlib.Path(entry["file"]).relative_to(root)) for entry in database
                    if pathlib.Path(entry["file"]).is_relative_to(root / "src")})
    random.Random(args.seed).shuffle(files)
    recent = changed(root)
    files.sort(key=lambda path: path not in recent)  # stable: the drawn order stays within each half
    began = time.monotonic()

    def look(path):
        if args.seconds and time.monotonic() - began > args.seconds:
            return path, None, ""
        run = subprocess.run(["clang-tidy", "--quiet", *GCCS, "-p", args.build, path], cwd=root, capture_output=True, text=True)
        return path, run.returncode == 0, run.stdout + (run.stderr if run.returncode else "")

    seen = bad = 0
    with ThreadPoolExecutor(args.jobs) as pool:
        for path, good, output in pool.map(look, files):
            seen += good is not None
            if good is False:
                bad += 1
                print(f"FAIL {path}\n{output.strip()}")
    print(f"clang-tidy: {seen} of {len(files)} files, {bad} with findings (seed {args.seed})")
    return 1 if bad or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
