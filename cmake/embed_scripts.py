#!/usr/bin/env python3
"""Turns the Lua scripts of src/store/scripts into C++: for each script its text with all includes, its SHA-1, a struct of
its arguments and a function that writes the whole EVALSHA command.

A script begins with its contract, in comments:
  -- @key NAME                          the one key it touches
  -- @arg NAME TYPE  [meaning]          text, text?, digits, number, number?, flag, flag? (below)
  -- @reply ...                         what it answers
  -- @resend safe|check                 may it be sent again; 'check': the answer is judged with the number of sendings
  -- @wire                              the struct is <Name>Wire: something written by hand composes it from <Name>Args
  -- @include NAME                      include/NAME.lua, each once, in this order; includes may include
Lines between '-- @guard RULE' and '-- @end' are left out if that rule is to be broken (tests only).

Types: digits and number are uint64_t in C++ and text or a number in Lua; flag is bool; '?' may be absent (nil in Lua).
"""
import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile

# type: (C++ type, how many arguments it takes, Lua for the local made of ARGV[i], C++ that writes it)
TYPES = {
    "text": ("std::string_view", 1, "ARGV[{0}]", "out.arg(args.{n});"),
    "text?": ("std::optional<std::string_view>", 2, "ARGV[{0}] == '1' and ARGV[{1}] or nil",
              "out.arg(args.{n} ? \"1\" : \"0\").arg(args.{n}.value_or(std::string_view()));"),
    "digits": ("std::uint64_t", 1, "ARGV[{0}]", "out.number(args.{n});"),
    "number": ("std::uint64_t", 1, "tonumber(ARGV[{0}])", "out.number(args.{n});"),
    "number?": ("std::optional<std::uint64_t>", 1, "tonumber(ARGV[{0}])",
                "if (args.{n}) out.number(*args.{n});\n    else out.arg(std::string_view());"),
    "flag": ("bool", 1, "ARGV[{0}] == '1'", "out.arg(args.{n} ? \"1\" : \"0\");"),
    "flag?": ("std::optional<bool>", 1, "({{['0'] = false, ['1'] = true}})[ARGV[{0}]]",
              "out.arg(!args.{n} ? \"\" : *args.{n} ? \"1\" : \"0\");"),
}
DEFAULTS = {"digits": " = 0", "number": " = 0", "flag": " = false"}
GLOBALS = {"redis", "KEYS", "ARGV", "string", "table", "math", "tonumber", "tostring", "type", "unpack", "pcall"}


class ScriptError(Exception):
    pass


class Script:
    def __init__(self, folder, name, broken):
        self.folder, self.name, self.broken = folder, name, broken
        self.key, self.args, self.resend, self.reply, self.intro = None, [], None, [], []
        self.included, self.wire = [], False
        path = os.path.join(folder, name + ".lua")
        body = self.expand(path, [])
        if not self.key or self.resend not in ("safe", "check") or not self.reply:
            raise ScriptError(f"{path}: the contract needs @key, @reply and @resend safe|check")
        self.text = "\n".join(self.locals() + body) + "\n"
        self.sha1 = hashlib.sha1(self.text.encode()).hexdigest()

    def expand(self, path, way):
        """The lines of a file with its includes before them; without comments, empty lines and guarded regions of broken rules."""
        if path in way:
            raise ScriptError("includes go in a circle: " + " -> ".join(os.path.basename(p) for p in way + [path]))
        lines, guard = [], None
        with open(path, encoding="utf-8") as file:
            source = file.read().splitlines()
        for number, line in enumerate(source, 1):
            tag = re.match(r"\s*--\s*@(\w+)\s*(.*?)\s*$", line)
            where = f"{path}:{number}"
            if tag and tag[1] == "guard":
                if guard:
                    raise ScriptError(f"{where}: guards do not nest")
                guard = tag[2]
            elif tag and tag[1] == "end":
                if not guard:
                    raise ScriptError(f"{where}: @end without @guard")
                guard = None
            elif tag and tag[1] == "include":
                lines += self.include(where, tag[2], way + [path])
            elif tag:
                self.contract(where, tag[1], tag[2], way)
            elif line.strip().startswith("--"):
                if not way and not lines and not self.key:
                    self.intro.append(line.strip()[2:].strip())
            elif line.strip() and guard not in self.broken:
                lines.append(line.rstrip())
        if guard:
            raise ScriptError(f"{path}: @guard {guard} has no @end")
        return lines

    def include(self, where, name, way):
        path = os.path.join(self.folder, "include", name + ".lua")
        if not os.path.exists(path):
            raise ScriptError(f"{where}: there is no include/{name}.lua")
        if path in way:
            raise ScriptError("includes go in a circle: " + " -> ".join(os.path.basename(p) for p in way + [path]))
        if path in self.included:
            return []
        self.included.append(path)
        return self.expand(path, way)

    def contract(self, where, tag, rest, way):
        if way:
            raise ScriptError(f"{where}: @{tag} belongs into a script, not into an include")
        if tag == "key" and not self.key:
            self.key = rest
        elif tag == "arg":
            match = re.match(r"(\w+)\s+(\S+)\s*(.*)$", rest)
            if not match or match[2] not in TYPES:
                raise ScriptError(f"{where}: not '@arg name type': {rest}")
            self.args.append((match[1], match[2], match[3]))
        elif tag == "reply":
            self.reply.append(rest)
        elif tag == "wire":
            self.wire = True
        elif tag == "resend":
            self.resend = rest
        else:
            raise ScriptError(f"{where}: unknown or repeated tag @{tag}")

    def locals(self):
        lines, at = [f"local {self.key} = KEYS[1]"], 1
        for name, kind, _ in self.args:
            width = TYPES[kind][1]
            lines.append(f"local {name} = " + TYPES[kind][2].format(at, at + 1))
            at += width
        return lines

    def struct(self):
        return camel(self.name) + ("Wire" if self.wire else "Args")

    def argc(self):
        return 4 + sum(TYPES[kind][1] for _, kind, _ in self.args)


def undefined_names(script, luac):
    """Globals that the script reads or writes beside what Redis gives it."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua", delete=False) as file:
        file.write(script.text)
    try:
        run = subprocess.run([luac, "-l", "-p", file.name], capture_output=True, text=True, check=False)
    finally:
        os.unlink(file.name)
    if run.returncode:
        raise ScriptError(f"{script.name}.lua: {run.stderr.strip()}")
    found = set()
    for access, name in re.findall(r"\b(GETGLOBAL|SETGLOBAL)\b.*; (\S+)", run.stdout):
        if access == "SETGLOBAL" or name not in GLOBALS:
            found.add(name)
    return sorted(found)


def literal(text):
    """A raw string literal, in pieces, since compilers need not take long ones."""
    assert ')lua"' not in text
    pieces = [text[i:i + 8000] for i in range(0, len(text), 8000)]
    return "\n    ".join(f'R"lua({piece})lua"' for piece in pieces)


def camel(name):
    return "".join(part.capitalize() for part in name.split("_"))


def header(scripts):
    out = ["// Made by cmake/embed_scripts.py from src/store/scripts/*.lua: not to be edited.", "#pragma once", "",
           "#include <cstdint>", "#include <optional>", "#include <string_view>", "",
           '#include "redis/command_writer.hpp"', "", "namespace exo::store {", "",
           "struct ScriptDef {", "    std::string_view name;", "    std::string_view source;  ///< what SCRIPT LOAD takes",
           "    std::string_view sha1;    ///< 40 hex digits", "    bool resend_safe;         ///< false: judge the answer with the number of sendings",
           "};", ""]
    for s in scripts:
        out.append("\n".join("/// " + line for line in s.intro))
        out.append("/// Reply: " + "\n///        ".join(s.reply))
        out.append(f"struct {s.struct()} {{")
        for name, kind, meaning in [(s.key, "text", "the key")] + s.args:
            field = f"    {TYPES[kind][0]} {name}{DEFAULTS.get(kind, '')};"
            out.append(field + (f"  ///< {meaning}" if meaning else ""))
        out += ["};", f"extern const ScriptDef k{camel(s.name)}Script;",
                f"void write_{s.name}(redis::CommandWriter &out, const {s.struct()} &args);", ""]
    out += ["/// All of them, ended by a nameless one.", "extern const ScriptDef *const kAllScripts[];", "", "}  // namespace exo::store", ""]
    return "\n".join(out)


def source(scripts):
    out = ["// Made by cmake/embed_scripts.py from src/store/scripts/*.lua: not to be edited.", '#include "store/scripts.gen.hpp"', "",
           "namespace exo::store {", ""]
    for s in scripts:
        name = camel(s.name)
        out += [f"const ScriptDef k{name}Script = {{", f'    "{s.name}",', f"    {literal(s.text)},",
                f'    "{s.sha1}",', f"    {'true' if s.resend == 'safe' else 'false'},", "};", "",
                f"void write_{s.name}(redis::CommandWriter &out, const {s.struct()} &args) {{",
                f'    out.begin({s.argc()}).arg("EVALSHA").arg(k{name}Script.sha1).arg("1").arg(args.{s.key});']
        out += ["    " + TYPES[kind][3].format(n=arg) for arg, kind, _ in s.args]
        out += ["}", ""]
    out.append("const ScriptDef *const kAllScripts[] = {" + ", ".join(f"&k{camel(s.name)}Script" for s in scripts) + ", nullptr};")
    out += ["", "}  // namespace exo::store", ""]
    return "\n".join(out)


def write_if_changed(path, text):
    if os.path.exists(path) and open(path, encoding="utf-8").read() == text:
        os.utime(path)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scripts", required=True, help="folder of the scripts")
    parser.add_argument("--out", required=True, help="folder for scripts.gen.hpp and scripts.gen.cpp")
    parser.add_argument("--break", dest="broken", default="", help="rules to leave out, separated by commas (tests only)")
    parser.add_argument("--luac", help="luac of Lua 5.1: undefined names are errors")
    args = parser.parse_args()
    try:
        names = sorted(f[:-4] for f in os.listdir(args.scripts) if f.endswith(".lua"))
        scripts = [Script(args.scripts, name, set(filter(None, args.broken.split(",")))) for name in names]
        for script in scripts:
            unknown = undefined_names(script, args.luac) if args.luac else []
            if unknown:
                raise ScriptError(f"{script.name}.lua: undefined: {', '.join(unknown)}")
    except (ScriptError, OSError) as error:
        print(f"embed_scripts: {error}", file=sys.stderr)
        return 1
    write_if_changed(os.path.join(args.out, "scripts.gen.hpp"), header(scripts))
    write_if_changed(os.path.join(args.out, "scripts.gen.cpp"), source(scripts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
