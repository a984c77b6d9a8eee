// The words and options of the command, as its own help lists them: what documents and completions are compared with.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "command.hpp"

namespace exo::cli_test {

inline RunResult bare(const Args &args) { return support::run_program(exoref(args)); }

/// One line of the help: `atom set [--ttl D] KEY VALUE`, or `--ttl D`.
inline std::vector<std::string> help_section(const std::string &section, Args path = {}) {
    path.emplace_back("--help");
    std::istringstream help(bare(path).out);
    std::vector<std::string> entries;
    bool inside = false;
    for (std::string line; std::getline(help, line);) {
        if (!line.starts_with("  ")) {
            inside = line == section + ":";
        } else if (inside) {
            entries.push_back(line.substr(2, line.find("  ", 2) - 2));
        }
    }
    return entries;
}

/// The words that an entry begins with: {"atom", "set"}.
inline Args path_of(const std::string &entry) {
    Args path;
    std::istringstream parts(entry);
    for (std::string part; parts >> part && part.front() >= 'a' && part.front() <= 'z';) path.push_back(part);
    return path;
}

}  // namespace exo::cli_test
