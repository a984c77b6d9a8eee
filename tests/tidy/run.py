#!/usr/bin/env python3
"""The tidy checks: what can be checked about the tree without running it, is.

run.py [--build DIR] [--only NAME]   checks the tree; with --build also what needs a finished build
run.py --selftest                    shows that each check complains about a bad sample, and not about a good one

A check is a function (Tree) -> list of complaints in one of the modules below, with its samples beside it.
"""
import argparse
import pathlib
import sys

import headers
import quotes
import rooms
import rules
import selftest
import sizes
import sources
import tree
import words

CHECKS = {
    "include direction between rooms": rooms.check_direction,
    "unit tests mirror src": rooms.check_unit_folders,
    "function length": sizes.check_functions,
    "file length": sizes.check_files,
    "leftovers in the code": words.check_leftovers,
    "tests that sleep": words.check_sleeps,
    "paths of somebody's machine": words.check_paths,
    "test-only defines": words.check_breaks,
    "dead files": sources.check_dead,
    "formatting": sources.check_format,
    "header compiled alone": headers.check_alone,
    "header includes": headers.check_includes,
    "header length": headers.check_length,
    "symbols: header and list": headers.check_declared,
    "version: one number everywhere": headers.check_version,
    "rule list of the checks": rules.check_list,
    "quotes of the documents": quotes.check_quotes,
    "links of the documents": quotes.check_links,
    "tests that the guarantees name": quotes.check_named_tests,
}
CHECKS_OF_BUILD = {
    "compiled files": sources.check_compiled,
    "symbols: list and library": headers.check_exported,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--only")
    parser.add_argument("--selftest", action="store_true")
    args = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]
    passed = failed = 0

    if args.selftest:
        passed, failed = selftest.run((rooms, sizes, words, sources, headers, rules, quotes))
    else:
        there = tree.Tree(root, args.build)
        checks = dict(CHECKS, **(CHECKS_OF_BUILD if args.build else {}))
        for name, check in checks.items():
            if args.only and args.only not in name:
                continue
            complaints = check(there)
            print(f"{'FAIL' if complaints else 'ok  '} {name}")
            for complaint in complaints:
                print(f"     {complaint}")
            failed += bool(complaints)
            passed += not complaints
        for note in there.notes:
            print(f"note {note}")

    print(f"tidy: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
