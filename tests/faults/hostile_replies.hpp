// What no honest server says: wrong types, lengths, depths, and bytes that are no RESP at all.
#pragma once

#include <string>
#include <vector>

namespace exo::faults {

inline std::string repeated(const std::string &part, std::size_t times) {
    std::string result;
    for (std::size_t i = 0; i < times; ++i) {
        result += part;
    }
    return result;
}

inline std::vector<std::string> hostile_replies() {
    return {
        "*4294967295\r\n",
        "*2147483647\r\n",
        repeated("*1000000000\r\n", 7),
        "$9223372036854775807\r\n",
        "$4294967296\r\nabc",
        "*-7\r\n",
        "$-7\r\n",
        ":99999999999999999999999999\r\n",
        ":abc\r\n",
        repeated("*1\r\n", 100000),
        "%1\r\n+a\r\n+b\r\n",
        "|1\r\n+a\r\n+b\r\n+c\r\n",
        ">3\r\n$7\r\nmessage\r\n$1\r\nn\r\n$1\r\nx\r\n",
        "*3\r\n$7\r\nmessage\r\n$1\r\nn\r\n$1\r\nx\r\n",
        "!5\r\nwrong\r\n",
        "\r\n\r\n",
        std::string("\0\0\0\0", 4),
        "$3\r\nabcde\r\n",
        ":1\r\n",
        "+OK\r\n",
        "$-1\r\n",
        "*0\r\n",
        "*-1\r\n",
        "+OK\r\n+OK\r\n+OK\r\n",
    };
}

}  // namespace exo::faults
