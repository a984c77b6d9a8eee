// Writes commands as RESP arrays of bulk strings straight into an output buffer. Knows nothing of what they mean.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace exo::redis {

class CommandWriter {
public:
    explicit CommandWriter(std::string &out) : out_(out) {}

    CommandWriter &begin(std::size_t argc) {
        out_ += '*';
        append_number(argc);
        out_ += "\r\n";
        return *this;
    }

    CommandWriter &arg(std::string_view bytes) {
        out_ += '$';
        append_number(bytes.size());
        out_ += "\r\n";
        out_ += bytes;
        out_ += "\r\n";
        return *this;
    }

    CommandWriter &number(std::uint64_t value) {
        char digits[20];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        return arg(std::string_view(digits, static_cast<std::size_t>(end - digits)));
    }

private:
    void append_number(std::uint64_t value) {
        char digits[20];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        out_.append(digits, end);
    }

    std::string &out_;
};

}  // namespace exo::redis
