// Options by name and text, from the one table options.def: parsing, ranges, messages, and typed reading.
// Knows what forms options have, not what any of them does.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace exo::base {

enum class OptionScope { client, reference };
enum class OptionType { text, duration, size, count, truth, choice };

enum class Option : std::size_t {
#define EXOREF_OPTION_ENTRY(name, ...) name,
#include "base/options.def"
#undef EXOREF_OPTION_ENTRY
    kCount
};

inline constexpr std::size_t kOptionCount = static_cast<std::size_t>(Option::kCount);

struct OptionEntry {
    const char *name;
    OptionScope scope;
    OptionType type;
    const char *default_text;
    const char *range;
    const char *meaning;
    const char *alias;
    const char *since;
    const char *deprecated;
    bool secret;
    const char *unsupported;
};

const OptionEntry &option_entry(Option option) noexcept;
/// By name or alias; nullopt if there is none.
std::optional<Option> find_option(std::string_view name) noexcept;
/// What the table says of the n-th option, `property` being one of the header's EXOREF_OPTION_*. Null beyond the table.
const char *option_property(std::size_t n, std::int32_t property) noexcept;

class OptionSet {
public:
    /// Of a duration that is `none`.
    static constexpr std::int64_t kNone = -1;

    /// Sets one option; `only` refuses options of the other scope. EINVAL names the option, the accepted form and the
    /// nearest name, and nothing has changed then.
    Outcome set(std::string_view name, std::string_view text, std::optional<OptionScope> only = std::nullopt);
    /// Takes over what is set in `other`: it wins.
    void merge(const OptionSet &other);

    bool is_set(Option option) const noexcept { return texts_[index(option)].has_value(); }
    /// As set, or else the default. Secrets are given as they are.
    std::string text(Option option) const;
    /// The same by name, secrets masked.
    Result<std::string> shown(std::string_view name) const;
    /// What is set, one `name=value` a line in the order of the table, secrets masked.
    std::string dump() const;

    /// Typed reading, of the default too. Asking for another type than the table's is a fault of the program.
    std::int64_t duration_ms(Option option) const;  ///< kNone for `none`
    std::size_t size(Option option) const;
    std::int64_t count(Option option) const;
    bool truth(Option option) const;

private:
    static std::size_t index(Option option) noexcept { return static_cast<std::size_t>(option); }
    std::string shown(Option option) const;

    std::array<std::optional<std::string>, kOptionCount> texts_;
};

/// "500ms", "5s", "2m", "1h", "0"; nullopt for anything else. In milliseconds.
std::optional<std::int64_t> parse_duration(std::string_view text) noexcept;
/// "4096", "64KiB", "1MiB", "2GiB", "1TiB"; nullopt for anything else. In bytes.
std::optional<std::int64_t> parse_size(std::string_view text) noexcept;

}  // namespace exo::base
