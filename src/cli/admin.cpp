// ls, inspect, ttl, rm: words for references of any type.
#include <cstdlib>
#include <utility>

#include "cli/duration.hpp"
#include "cli/json.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "cli/words.hpp"

namespace exo::cli {

namespace {

constexpr std::size_t kShownValue = 100;

/// The properties that both ls and inspect have; `number` ones are texts of digits.
struct Property {
    const char *name;
    bool number;
};
constexpr Property kProperties[] = {{"type", false},  {"version", true}, {"epoch", false}, {"size", true},
                                    {"codec", false}, {"ttl", true},     {"expires", true}};
constexpr Property kHistoryProperties[] = {{"history", true}, {"terms", true}};
constexpr Property kDelayProperties[] = {{"state", false}, {"attempt", true},  {"owner", false},
                                         {"lease", true},  {"lease_ms", true}, {"failure", false}};

std::string text_of(const Info &info, const char *name) {
    const char *text = exoref_info_text(info.get(), name);
    return text == nullptr ? "" : text;
}

std::string_view key_of(const Info &info) {
    std::size_t size = 0;
    const char *key = exoref_info_key(info.get(), &size);
    return {key, size};
}

void add_property(JsonObject &object, const Info &info, const Property &property) {
    const char *text = exoref_info_text(info.get(), property.name);
    object.add(property.name, property.number ? json_number(text) : json_text(text));
}

std::string json_entry(const Info &info) {
    JsonObject object;
    object.add("key", json_bytes(key_of(info)));
    for (const Property &property : kProperties) {
        if (exoref_info_text(info.get(), property.name) != nullptr) add_property(object, info, property);
    }
    return object.text();
}

std::string json_inspection(const Info &info) {
    JsonObject object;
    object.add("key", json_bytes(key_of(info)));
    for (const Property &property : kProperties) add_property(object, info, property);
    for (const Property &property : kHistoryProperties) add_property(object, info, property);
    for (const Property &property : kDelayProperties) {
        if (exoref_info_text(info.get(), property.name) != nullptr) add_property(object, info, property);
    }
    object.add("value", json_value(Value(exoref_info_value(info.get())).get()));
    object.add("meta", json_value(Value(exoref_info_meta(info.get())).get()));
    JsonArray changes;
    for (std::size_t n = 0; n < exoref_info_change_count(info.get()); ++n) {
        const Value value(exoref_info_change_value(info.get(), n));
        changes.add(JsonObject()
                        .add("version", exoref_info_change_version(info.get(), n))
                        .add("value", json_value(value.get()))
                        .text());
    }
    return object.add("changes", changes.text()).text();
}

/// A value on one line, cut where it is long; `absent` if there is none.
std::string shown(const exoref_value *value, const char *absent) {
    if (value == nullptr) return absent;
    const std::string_view bytes = bytes_of(value);
    if (bytes.size() <= kShownValue) return json_bytes(bytes);
    std::size_t cut = kShownValue;
    while (cut > 0 && (static_cast<unsigned char>(bytes[cut]) & 0xc0U) == 0x80U) --cut;  // not within a character
    return json_bytes(bytes.substr(0, cut)) + "... (" + std::to_string(bytes.size()) + " bytes)";
}

std::string line(std::string name, const std::string &text) {
    name.resize(10, ' ');
    return name + text + '\n';
}

std::string duration_of(const Info &info, const char *name, const char *otherwise) {
    const std::string text = text_of(info, name);
    return text.empty() ? otherwise : duration_text(std::strtoll(text.c_str(), nullptr, 10));
}

std::string plain_delay(const Info &info) {
    const std::string owner = text_of(info, "owner"), failure = text_of(info, "failure");
    std::string text = line("state", text_of(info, "state")) + line("attempt", text_of(info, "attempt"));
    text += line("owner", owner.empty() ? "nobody" : owner);
    if (!owner.empty())
        text += line("lease", duration_of(info, "lease", "") + " left of " + duration_of(info, "lease_ms", ""));
    if (!failure.empty()) text += line("failure", json_bytes(failure));
    return text;
}

std::string plain_inspection(const Info &info) {
    const std::string codec = text_of(info, "codec");
    std::string text = line("key", json_bytes(key_of(info)));
    for (const char *name : {"type", "version", "epoch", "size"}) text += line(name, text_of(info, name));
    text += line("codec", codec.empty() ? "none" : codec);
    text += line("ttl", duration_of(info, "ttl", "none"));
    text += line("expires", duration_of(info, "expires", "never"));
    text += line("history", text_of(info, "history"));
    text += line("terms", text_of(info, "terms"));
    if (exoref_info_text(info.get(), "state") != nullptr) text += plain_delay(info);
    text += line("meta", shown(Value(exoref_info_meta(info.get())).get(), "none"));
    text += line("value", shown(Value(exoref_info_value(info.get())).get(), "none"));
    text += "changes";
    for (std::size_t n = 0; n < exoref_info_change_count(info.get()); ++n) {
        const Value value(exoref_info_change_value(info.get(), n));
        text +=
            "\n  " + line(std::to_string(exoref_info_change_version(info.get(), n)), shown(value.get(), "not kept"));
        text.pop_back();
    }
    return text;
}

ExitCode inspect_key(Session &session, const std::string &key, Info &info) {
    Error error;
    const exoref_status status =
        exoref_inspect(session.client(), key.data(), key.size(), session.timeout(), into(info), into(error));
    return status == EXOREF_OK ? kDone : report(status, error);
}

}  // namespace

int list(const Arguments &arguments) {
    Session session(arguments);
    if (const ExitCode code = session.open(); code != kDone) return code;
    const std::string pattern = arguments.values.empty() ? "" : arguments.values[0];
    Scan scan;
    Error error;
    exoref_status status =
        exoref_scan_new(session.client(), arguments.values.empty() ? nullptr : pattern.data(), pattern.size(),
                        arguments.type ? arguments.type->c_str() : nullptr, into(scan), into(error));
    while (status == EXOREF_OK) {
        Info info;
        status = exoref_scan_next(scan.get(), session.timeout(), into(info), into(error));
        if (status != EXOREF_OK) break;
        if (!info) return kDone;
        const ExitCode code = write_line(arguments.json ? json_entry(info) : std::string(key_of(info)));
        if (code != kDone) return code;
    }
    return report(status, error);
}

int inspect(const Arguments &arguments) {
    Session session(arguments);
    if (const ExitCode code = session.open(); code != kDone) return code;
    Info info;
    if (const ExitCode code = inspect_key(session, arguments.values[0], info); code != kDone) return code;
    return write_line(arguments.json ? json_inspection(info) : plain_inspection(info));
}

int time_to_live(const Arguments &arguments) {
    const bool sets = arguments.values.size() > 1;
    std::int64_t ttl = EXOREF_TTL_NONE;
    if (sets) {
        if (const ExitCode code = read_duration("ttl", arguments.values[1], ttl); code != kDone) return code;
    }
    Session session(arguments);
    if (const ExitCode code = session.open(); code != kDone) return code;
    const std::string &key = arguments.values[0];
    if (sets) {
        Error error;
        const exoref_status status =
            exoref_expire(session.client(), key.data(), key.size(), ttl, session.timeout(), into(error));
        return status == EXOREF_OK ? kDone : report(status, error);
    }
    Info info;
    if (const ExitCode code = inspect_key(session, key, info); code != kDone) return code;
    return write_line(duration_of(info, "ttl", "none"));
}

int remove(const Arguments &arguments) {
    Session session(arguments);
    if (const ExitCode code = session.open(); code != kDone) return code;
    const std::string &key = arguments.values[0];
    bool deleted = false;
    Error error;
    const exoref_status status =
        exoref_delete(session.client(), key.data(), key.size(), session.timeout(), &deleted, into(error));
    if (status != EXOREF_OK) return report(status, error);
    return deleted ? kDone : report(kNo, "there is no reference '" + key + "'");
}

}  // namespace exo::cli
