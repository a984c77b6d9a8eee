// options: the table of all options, plain, in Markdown (docs/options.md is made of it) or in JSON.
#include <array>

#include "cli/json.hpp"
#include "cli/output.hpp"
#include "cli/words.hpp"

namespace exo::cli {

namespace {

struct Property {
    const char *name;
    std::int32_t number;
};

constexpr Property kProperties[] = {{"name", EXOREF_OPTION_NAME},
                                    {"scope", EXOREF_OPTION_SCOPE},
                                    {"type", EXOREF_OPTION_TYPE},
                                    {"default", EXOREF_OPTION_DEFAULT},
                                    {"range", EXOREF_OPTION_RANGE},
                                    {"meaning", EXOREF_OPTION_MEANING},
                                    {"alias", EXOREF_OPTION_ALIAS},
                                    {"since", EXOREF_OPTION_SINCE},
                                    {"deprecated", EXOREF_OPTION_DEPRECATED},
                                    {"secret", EXOREF_OPTION_SECRET},
                                    {"unsupported", EXOREF_OPTION_UNSUPPORTED}};

std::string text_of(std::size_t n, std::int32_t property) {
    const char *text = exoref_option_text(n, property);
    return text == nullptr ? "" : text;
}

std::string json() {
    JsonArray all;
    for (std::size_t n = 0; n < exoref_option_count(); ++n) {
        JsonObject option;
        for (const Property &property : kProperties) {
            const std::string text = text_of(n, property.number);
            option.add(property.name, property.number == EXOREF_OPTION_SECRET ? text : json_bytes(text));
        }
        all.add(option.text());
    }
    return all.text();
}

/// "count 2..4096, default 64".
std::string form(std::size_t n) {
    const std::string range = text_of(n, EXOREF_OPTION_RANGE);
    const std::string initial = text_of(n, EXOREF_OPTION_DEFAULT);
    std::string text = text_of(n, EXOREF_OPTION_TYPE);
    if (!range.empty()) text += " " + range;
    return text + (initial.empty() ? "" : ", default " + initial);
}

/// What is to be known besides.
std::string notes(std::size_t n) {
    std::string text;
    const std::string alias = text_of(n, EXOREF_OPTION_ALIAS);
    const std::string deprecated = text_of(n, EXOREF_OPTION_DEPRECATED);
    const std::string unsupported = text_of(n, EXOREF_OPTION_UNSUPPORTED);
    if (!alias.empty()) text += " Also called " + alias + ".";
    if (text_of(n, EXOREF_OPTION_SECRET) == "true") text += " Secret: never shown.";
    if (!deprecated.empty()) text += " Deprecated: " + deprecated + ".";
    if (!unsupported.empty()) text += " Not in this build: " + unsupported + ".";
    return text;
}

std::string plain() {
    std::string text;
    for (std::size_t n = 0; n < exoref_option_count(); ++n) {
        text += text_of(n, EXOREF_OPTION_NAME) + " (" + text_of(n, EXOREF_OPTION_SCOPE) + "): " + form(n) + "\n    " +
                text_of(n, EXOREF_OPTION_MEANING) + notes(n) + "\n";
    }
    text.pop_back();
    return text;
}

std::string code(const std::string &text) { return text.empty() ? "" : "`" + text + "`"; }

/// A bar would end the cell.
std::string cell(std::string text) {
    for (std::size_t at = text.find('|'); at != text.npos; at = text.find('|', at + 2)) text.insert(at, "\\");
    return " " + text + " |";
}

std::string markdown_table(const std::string &scope) {
    std::string text = "| Option | Type | Range | Default | Since | Meaning |\n|---|---|---|---|---|---|\n";
    for (std::size_t n = 0; n < exoref_option_count(); ++n) {
        if (text_of(n, EXOREF_OPTION_SCOPE) != scope) continue;
        text += "|" + cell(code(text_of(n, EXOREF_OPTION_NAME))) + cell(text_of(n, EXOREF_OPTION_TYPE)) +
                cell(code(text_of(n, EXOREF_OPTION_RANGE))) + cell(code(text_of(n, EXOREF_OPTION_DEFAULT))) +
                cell(text_of(n, EXOREF_OPTION_SINCE)) + cell(text_of(n, EXOREF_OPTION_MEANING) + notes(n)) + "\n";
    }
    return text;
}

std::string markdown() {
    return "# Options\n\n"
           "<!-- Made by `exoref options --markdown`; a test compares. Change src/base/options.def instead. -->\n\n"
           "Options are set by name and text: with `exoref_options_set`, or in the query of a URL\n"
           "(`redis://host/0?timeout=2s&name=worker`; what is set there wins). Durations are written `500ms`, `5s`, "
           "`2m`, `1h`,\n"
           "or `none` where the range says so; sizes `4096`, `64KiB`, `1MiB`. A wrong name or text is refused with the "
           "accepted\n"
           "form and the nearest name.\n\n"
           "## Of a client\n\n" +
           markdown_table("client") +
           "\n## Of a reference\n\n"
           "Used when a reference is opened or created; `codec`, `ttl`, `history` and `writers` are kept by a new one "
           "for good\n"
           "(`ttl` can be changed later).\n\n" +
           markdown_table("reference");
}

}  // namespace

int options(const Arguments &arguments) {
    if (arguments.json && arguments.markdown) return report(kUsage, "--json and --markdown exclude each other");
    if (arguments.json) return write_line(json());
    std::string text = arguments.markdown ? markdown() : plain();
    if (text.ends_with('\n')) text.pop_back();
    return write_line(text);
}

}  // namespace exo::cli
