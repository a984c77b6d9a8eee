// Reading the cases.
#include "support/json_cases.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "support/fatal.hpp"

namespace exo::support {

namespace {

using nlohmann::json;

std::string base64_decoded(const std::string &text) {
    static const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned held = 0;
    int bits = 0;
    for (const char c : text) {
        if (c == '=') break;
        held = held << 6U | static_cast<unsigned>(digits.find(c));
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>(held >> static_cast<unsigned>(bits) & 0xffU);
    }
    return bytes;
}

std::string text_of(const json &field) {
    if (field.is_string()) return field.get<std::string>();
    if (field.contains("base64")) return base64_decoded(field.at("base64").get<std::string>());
    std::string text;
    for (const json &part : field.at("parts")) {
        for (int times = part.at(1).get<int>(); times > 0; --times) text += part.at(0).get<std::string>();
    }
    return text;
}

JsonCase case_of(const json &fields) {
    JsonCase one;
    for (const auto &[name, field] : fields.items()) {
        if (name == "name") {
            one.name = field.get<std::string>();
        } else if (name == "input") {
            one.input = text_of(field);
        } else if (name == "canonical") {
            one.canonical = text_of(field);
        } else if (name == "error") {
            one.error = field.get<std::string>();
        } else if (name == "offset") {
            one.offset = field.get<std::size_t>();
        } else {
            fatal("json_cases.json: there is no field '" + name + "'");
        }
    }
    return one;
}

}  // namespace

std::vector<JsonCase> json_cases() {
    std::vector<JsonCase> cases;
    try {
        std::ifstream file(EXOREF_TEST_SOURCE_DIR "/tests/conformance/json_cases.json");
        const json all = json::parse(file);
        for (const json &fields : all.at("cases")) cases.push_back(case_of(fields));
    } catch (const json::exception &error) {
        fatal(std::string("json_cases.json: ") + error.what());
    }
    return cases;
}

}  // namespace exo::support
