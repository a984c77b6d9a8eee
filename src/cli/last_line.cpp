// Lines end with a newline, or with a carriage return, as those of a progress bar.
#include "cli/last_line.hpp"

#include "cli/json.hpp"

namespace exo::cli {

namespace {

constexpr std::size_t kLongest = 4096;

std::string trimmed(std::string line) {
    for (char &c : line) {
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
    }
    const auto begin = line.find_first_not_of(' ');
    if (begin == line.npos) return "";
    line = line.substr(begin, line.find_last_not_of(' ') - begin + 1);
    const std::size_t whole = utf8_prefix(line);
    if (line.size() >= kLongest && line.size() - whole < 4) line.resize(whole);  // not within a character
    return line;
}

}  // namespace

void LastLine::add(std::string_view bytes) {
    for (const char c : bytes) {
        if (c == '\n' || c == '\r') {
            if (!trimmed(current_).empty()) last_ = current_;
            current_.clear();
        } else if (current_.size() < kLongest) {
            current_ += c;
        }
    }
}

std::string LastLine::text() const {
    const std::string unfinished = trimmed(current_);
    return unfinished.empty() ? trimmed(last_) : unfinished;
}

}  // namespace exo::cli
