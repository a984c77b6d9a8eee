// Options: setting with all checks, and reading. The forms themselves are read in option_text.cpp.
#include "base/options.hpp"

#include <cassert>

#include "base/option_text.hpp"

namespace exo::base {

namespace {

constexpr std::array<OptionEntry, kOptionCount> kTable{{
#define EXOREF_OPTION_ENTRY(name, scope, type, default_text, range, meaning, alias, since, deprecated, secret, \
                            unsupported)                                                                       \
    {#name, OptionScope::scope, OptionType::type, default_text, range, meaning, alias,                         \
     since, deprecated,         secret,           unsupported},
#include "base/options.def"
#undef EXOREF_OPTION_ENTRY
}};

struct Advice {
    const char *name;
    const char *advice;
};

constexpr Advice kAdvice[] = {
#define EXOREF_OPTION_ADVICE(name, advice) {#name, advice},
#include "base/options.def"
#undef EXOREF_OPTION_ADVICE
};

const char *scope_name(OptionScope scope) { return scope == OptionScope::client ? "client" : "reference"; }

const char *type_name(OptionType type) {
    switch (type) {
        case OptionType::text: return "text";
        case OptionType::duration: return "duration";
        case OptionType::size: return "size";
        case OptionType::count: return "count";
        case OptionType::truth: return "truth";
        case OptionType::choice: return "choice";
    }
    return "";
}

std::string masked(const std::string &secret) { return secret.empty() ? "" : "********"; }

ErrorPtr invalid(std::string message) { return make_error(Status::EXOREF_EINVAL, std::move(message)); }

/// "socket_timeout: use 'timeout'", or the nearest name, or where to find them all.
ErrorPtr unknown_name(std::string_view name) {
    const std::string what = "there is no option " + quoted(std::string(name));
    for (const Advice &advice : kAdvice) {
        if (name == advice.name) return invalid(what + ": " + advice.advice);
    }
    NearestName nearest(name);
    for (const OptionEntry &entry : kTable) {
        nearest.consider(entry.name, entry.name);
        if (*entry.alias != '\0') nearest.consider(entry.alias, entry.name);
    }
    if (const char *found = nearest.found()) return invalid(what + "; did you mean '" + found + "'?");
    return invalid(what + "; `exoref options` lists all of them");
}

}  // namespace

const OptionEntry &option_entry(Option option) noexcept {
    assert(option < Option::kCount);
    return kTable[static_cast<std::size_t>(option)];
}

std::optional<Option> find_option(std::string_view name) noexcept {
    if (name.empty()) return std::nullopt;
    for (std::size_t n = 0; n < kOptionCount; ++n) {
        if (name == kTable[n].name || name == kTable[n].alias) return static_cast<Option>(n);
    }
    return std::nullopt;
}

const char *option_property(std::size_t n, std::int32_t property) noexcept {
    if (n >= kOptionCount) return nullptr;
    const OptionEntry &entry = kTable[n];
    switch (property) {
        case 0: return entry.name;
        case 1: return scope_name(entry.scope);
        case 2: return type_name(entry.type);
        case 3: return entry.default_text;
        case 4: return entry.range;
        case 5: return entry.meaning;
        case 6: return entry.alias;
        case 7: return entry.since;
        case 8: return entry.deprecated;
        case 9: return entry.secret ? "true" : "false";
        case 10: return entry.unsupported;
        default: return nullptr;
    }
}

Outcome OptionSet::set(std::string_view name, std::string_view text, std::optional<OptionScope> only) {
    const std::optional<Option> option = find_option(name);
    if (!option) return unknown_name(name);
    const OptionEntry &entry = option_entry(*option);
    if (*entry.unsupported != '\0') {
        return invalid("option '" + std::string(entry.name) + "' is not in this build: " + entry.unsupported);
    }
    if (only && entry.scope != *only) {
        return invalid("option '" + std::string(entry.name) + "' belongs to a " + scope_name(entry.scope) +
                       ", not to a " + scope_name(*only));
    }
    if (!option_accepts(entry, text)) {
        const std::string given = entry.secret ? "this value" : quoted(std::string(text));
        return invalid("option '" + std::string(entry.name) + "' can not be " + given + "; it takes " +
                       accepted_form(entry));
    }
    texts_[index(*option)] = std::string(text);
    return Nothing{};
}

void OptionSet::merge(const OptionSet &other) {
    for (std::size_t n = 0; n < kOptionCount; ++n) {
        if (other.texts_[n]) texts_[n] = other.texts_[n];
    }
}

std::string OptionSet::text(Option option) const {
    return texts_[index(option)].value_or(option_entry(option).default_text);
}

std::string OptionSet::shown(Option option) const {
    return option_entry(option).secret ? masked(text(option)) : text(option);
}

Result<std::string> OptionSet::shown(std::string_view name) const {
    const std::optional<Option> option = find_option(name);
    if (!option) return unknown_name(name);
    return shown(*option);
}

std::string OptionSet::dump() const {
    std::string lines;
    for (std::size_t n = 0; n < kOptionCount; ++n) {
        if (!texts_[n]) continue;
        lines += std::string(kTable[n].name) + '=' + one_line(shown(static_cast<Option>(n))) + '\n';
    }
    return lines;
}

std::int64_t OptionSet::duration_ms(Option option) const {
    assert(option_entry(option).type == OptionType::duration);
    const std::string written = text(option);
    return written == "none" ? kNone : parse_duration(written).value_or(0);
}

std::size_t OptionSet::size(Option option) const {
    assert(option_entry(option).type == OptionType::size);
    return static_cast<std::size_t>(parse_size(text(option)).value_or(0));
}

std::int64_t OptionSet::count(Option option) const {
    assert(option_entry(option).type == OptionType::count);
    return parse_count(text(option)).value_or(0);
}

bool OptionSet::truth(Option option) const {
    assert(option_entry(option).type == OptionType::truth);
    return text(option) == "true";
}

}  // namespace exo::base
