// What a program said last on stderr: the line that tells why it failed.
#pragma once

#include <string>
#include <string_view>

namespace exo::cli {

class LastLine {
public:
    void add(std::string_view bytes);
    /// The last line that is not blank, without white space around it; cut where it is very long.
    std::string text() const;

private:
    std::string last_;
    std::string current_;
};

}  // namespace exo::cli
