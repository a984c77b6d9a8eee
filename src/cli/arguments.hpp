// What was asked for on the command line. Knows the forms of the words, not what they do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/exit_code.hpp"

namespace exo::cli {

struct Word;

struct Arguments {
    // Before the word.
    std::optional<std::string> url;
    std::optional<std::string> url_file;
    std::optional<std::string> prefix;
    std::optional<std::string> timeout;
    std::optional<std::string> codec;
    bool json = false;

    const Word *word = nullptr;
    std::vector<std::string> values;   ///< KEY and what follows it
    std::vector<std::string> command;  ///< CMD and its arguments

    // The words' own.
    std::optional<std::string> ttl;
    std::optional<std::string> lease;
    bool retry = false;
    std::optional<std::string> type;
    std::optional<std::uint64_t> count;
    bool current = false;
    bool markdown = false;
};

/// One word of the command, "atom get" or "rm". The table of them is in words.cpp.
struct Word {
    enum class Cmd { none, may, must };
    enum Own : unsigned {
        kNothing = 0,
        kTtl = 1,
        kType = 2,
        kCount = 4,
        kCurrent = 8,
        kMarkdown = 16,
        kLease = 32,
        kRetry = 64
    };

    const char *group;  ///< "atom", "promise", "delay", "server" or ""
    const char *name;
    const char *form;
    const char *meaning;
    std::size_t at_least;  ///< how many arguments
    std::size_t at_most;
    std::size_t verbatim_from;  ///< arguments from this one on are taken as they are, a dash in front or not
    Cmd cmd;
    unsigned own;  ///< options, of Own
    int (*run)(const Arguments &arguments);

    std::string usage() const { return path() + (*form != '\0' ? " " : "") + form; }
    std::string path() const { return std::string(group) + (*group != '\0' ? " " : "") + name; }
};

const std::vector<Word> &words();

/// Reads the command line. nullopt: go on; a number: all is said (help, or what is wrong), end with it.
std::optional<int> read_arguments(int argc, char **argv, Arguments &arguments);

}  // namespace exo::cli
