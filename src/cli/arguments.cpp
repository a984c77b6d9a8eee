// Reading the command line. CLI11 knows the options, their values and the help; which tokens are options at all is
// decided here, because a VALUE may look like one: it is what stands behind KEY.
#include "cli/arguments.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/output.hpp"

namespace exo::cli {

namespace {

struct UsageError {
    std::string message;
};

bool looks_like_option(const std::string &token) { return token.size() > 1 && token.front() == '-'; }

/// Help as a list of the words, in the forms that they are typed in.
class HelpFormatter : public CLI::Formatter {
public:
    std::string make_usage(const CLI::App *app, std::string) const override {
        const CLI::App *parent = app->get_parent();
        const std::string group = parent != nullptr && parent->get_parent() != nullptr ? parent->get_name() : "";
        for (const Word &word : words()) {
            if (parent != nullptr && app->get_name() == word.name && group == word.group) {
                return "usage: exoref [GLOBAL OPTIONS] " + word.usage() + "\n";
            }
        }
        return "usage: exoref [GLOBAL OPTIONS] WORD [OPTIONS] KEY ...\n";
    }

    std::string make_subcommands(const CLI::App *app, CLI::AppFormatMode) const override {
        std::string list;
        for (const Word &word : words()) {
            if (app->get_parent() != nullptr && app->get_name() != word.group) continue;
            std::string line = "  " + word.usage();
            line.resize(std::max<std::size_t>(line.size() + 2, 62), ' ');
            list += line + word.meaning + "\n";
        }
        return list.empty() ? list : "\nWords:\n" + list;
    }
};

/// Null if there is none.
CLI::App *subcommand(CLI::App &app, const std::string &name) {
    const auto found = app.get_subcommands([&](const CLI::App *sub) { return sub->get_name() == name; });
    return found.empty() ? nullptr : found.front();
}

class Reader {
public:
    explicit Reader(Arguments &arguments) : arguments_(arguments) { declare(); }

    std::optional<int> read(std::vector<std::string> tokens) {
        tokens_ = std::move(tokens);
        try {
            split();
            std::reverse(for_cli11_.begin(), for_cli11_.end());
            app_.parse(std::move(for_cli11_));
            check_count();
        } catch (const UsageError &error) {
            return report(kUsage, error.message);
        } catch (const CLI::CallForVersion &version) {
            return write_line(version.what());
        } catch (const CLI::Success &) {
            std::string help = app_.help();
            while (help.ends_with('\n')) help.pop_back();
            return write_line(help);
        } catch (const CLI::Error &error) {
            return report(kUsage, error.what() + hint());
        }
        return std::nullopt;
    }

private:
    void declare() {
        app_.name("exoref");
        app_.description("Atoms, promises and delays shared between processes, kept on a Redis server");
        app_.formatter(std::make_shared<HelpFormatter>());
        app_.set_help_flag("-h,--help", "Print help: of everything, or of the word that it follows");
        app_.set_version_flag("--version", std::string("exoref ") + exoref_version(), "Print the version");
        CLI::Option *url =
            app_.add_option("--url", arguments_.url, "The server; else EXOREF_URL, REDIS_URL, 127.0.0.1");
        app_.add_option("--url-file", arguments_.url_file, "The first line of file F is the URL")
            ->option_text("F")
            ->excludes(url);
        app_.add_option("--prefix", arguments_.prefix, "Put before every key on the server")->option_text("P");
        app_.add_option("--timeout", arguments_.timeout,
                        "Of each request: 500ms, 5s (the default), none; of a wait too if given")
            ->option_text("D");
        app_.add_option("--codec", arguments_.codec, "The codec label of the reference; json, string: see the guide")
            ->option_text("C");
        url->option_text("U");
        app_.add_flag("--json", arguments_.json, "Print JSON: watch, ls, inspect, ping, options");
        for (const Word &word : words()) {
            CLI::App *parent = *word.group == '\0' ? &app_ : subcommand(app_, word.group);
            if (parent == nullptr)
                parent = app_.add_subcommand(word.group, std::string("Words about ") + word.group + "s");
            declare_options(word, *parent->add_subcommand(word.name, word.meaning));
        }
    }

    void declare_options(const Word &word, CLI::App &app) {
        if ((word.own & Word::kTtl) != 0)
            app.add_option("--ttl", arguments_.ttl, "Time to live after each change: 500ms, 5s, none")
                ->option_text("D");
        if ((word.own & Word::kLease) != 0)
            app.add_option("--lease", arguments_.lease, "Time until another takes over from one that died: 10s")
                ->option_text("D");
        if ((word.own & Word::kRetry) != 0)
            app.add_flag("--retry", arguments_.retry, "A failure is told to those who wait now, and not kept");
        if ((word.own & Word::kType) != 0)
            app.add_option("--type", arguments_.type, "Only references of this type: atom, promise or delay")
                ->option_text("T")
                ->check(CLI::IsMember({"atom", "promise", "delay"}));
        if ((word.own & Word::kCount) != 0) {
            app.add_option("--count", arguments_.count, "End after so many changes")
                ->option_text("N")
                ->check(CLI::Range(1UL, 1UL << 62U));
        }
        if ((word.own & Word::kCurrent) != 0)
            app.add_flag("--current", arguments_.current, "First print the state as it is");
        if ((word.own & Word::kMarkdown) != 0)
            app.add_flag("--markdown", arguments_.markdown, "As a table in Markdown");
    }

    /// Sorts the tokens into what CLI11 reads, the values and CMD.
    void split() {
        while (more() && looks_like_option(token())) take_option(app_);
        if (!more()) {
            if (for_cli11_.empty() || asks_for_nothing_)
                throw UsageError{"a word is missing; `exoref --help` lists them"};
            return;
        }
        CLI::App *app = take_word(app_, "");
        const std::string group = app->get_name();
        if (!app->get_subcommands([](const CLI::App *) { return true; }).empty()) {
            while (more() && looks_like_option(token())) take_option(*app);
            if (!more() && for_cli11_.back() != group) return;  // help of the group
            app = take_word(*app, group);
        }
        for (const Word &word : words()) {
            if (app->get_name() == word.name && (*word.group == '\0' || group == word.group)) arguments_.word = &word;
        }
        split_word(*app);
    }

    CLI::App *take_word(CLI::App &app, const std::string &group) {
        if (!more()) throw UsageError{"'" + group + "' wants another word; see `exoref " + group + " --help`"};
        CLI::App *found = subcommand(app, token());
        if (found == nullptr) {
            const std::string path = group.empty() ? token() : group + " " + token();
            throw UsageError{"there is no word '" + path + "'; `exoref --help` lists them"};
        }
        for_cli11_.push_back(token());
        ++next_;
        return found;
    }

    void split_word(CLI::App &app) {
        const Word &word = *arguments_.word;
        std::vector<std::string> &values = arguments_.values;
        while (more()) {
            const bool verbatim = values.size() >= word.verbatim_from && values.size() < word.at_most;
            if (verbatim || !looks_like_option(token())) {
                if (values.size() == word.at_most)
                    throw UsageError{"'" + token() + "' is one argument too many" + hint()};
                values.push_back(token());
                ++next_;
            } else if (token() != "--") {
                take_option(app);
            } else if (values.empty() && word.at_most > 0) {
                // Behind it stands KEY, whatever it looks like.
                ++next_;
                if (more()) values.push_back(token());
                ++next_;
            } else {
                take_command();
            }
        }
    }

    void take_command() {
        if (arguments_.word->cmd == Word::Cmd::none)
            throw UsageError{"'--' is followed by a command only in swap, watch and delay get" + hint()};
        arguments_.command.assign(tokens_.begin() + static_cast<std::ptrdiff_t>(next_) + 1, tokens_.end());
        if (arguments_.command.empty()) throw UsageError{"behind '--' the command is missing" + hint()};
        next_ = tokens_.size();
    }

    void take_option(CLI::App &app) {
        const std::string whole = token();
        ++next_;
        const std::size_t equals = whole.starts_with("--") ? whole.find('=') : whole.npos;
        const std::string name = whole.substr(0, equals);
        const CLI::Option *option = app.get_option_no_throw(name);
        if (option == nullptr) throw UsageError{unknown_option(app, name)};
        for_cli11_.push_back(name);
        asks_for_nothing_ = asks_for_nothing_ && name != "--help" && name != "-h" && name != "--version";
        if (option->get_items_expected_max() == 0) {
            if (equals != whole.npos) throw UsageError{"'" + name + "' takes no value" + hint()};
        } else if (equals != whole.npos) {
            for_cli11_.push_back(whole.substr(equals + 1));
        } else {
            if (!more()) throw UsageError{"the value of '" + name + "' is missing" + hint()};
            for_cli11_.push_back(token());
            ++next_;
        }
    }

    std::string unknown_option(const CLI::App &app, const std::string &name) const {
        if (&app != &app_ && app_.get_option_no_throw(name) != nullptr) {
            return "'" + name + "' stands before the word: exoref " + name + " ..." + hint();
        }
        return "there is no option '" + name + "' here" + hint();
    }

    void check_count() const {
        const Word &word = *arguments_.word;
        if (arguments_.values.size() < word.at_least) throw UsageError{"an argument is missing" + hint()};
        if (word.cmd == Word::Cmd::must && arguments_.command.empty())
            throw UsageError{"the command is missing" + hint()};
    }

    std::string hint() const {
        if (arguments_.word == nullptr) return "; see `exoref --help`";
        return "; usage: exoref " + arguments_.word->usage();
    }

    bool more() const { return next_ < tokens_.size(); }
    const std::string &token() const { return tokens_[next_]; }

    Arguments &arguments_;
    CLI::App app_;
    std::vector<std::string> tokens_;
    std::size_t next_ = 0;
    std::vector<std::string> for_cli11_;
    bool asks_for_nothing_ = true;
};

}  // namespace

std::optional<int> read_arguments(int argc, char **argv, Arguments &arguments) {
    return Reader(arguments).read(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
}

}  // namespace exo::cli
