// The option table: every entry can be set, wrong names and texts are refused with advice, secrets stay hidden.
#include <string>

#include "base/options.hpp"
#include "exoref/exoref.h"
#include "support/cmocka.hpp"

using exo::base::Option;
using exo::base::OptionEntry;
using exo::base::OptionScope;
using exo::base::OptionSet;
using exo::base::OptionType;
using exo::base::Outcome;

namespace {

Option nth(std::size_t n) { return static_cast<Option>(n); }

/// A text that the option takes.
std::string sample(const OptionEntry &entry) {
    const std::string range = entry.range;
    if (entry.type == OptionType::choice) return range.substr(0, range.find('|'));
    if (entry.type == OptionType::truth) return "true";
    if (entry.type == OptionType::text) return "some.word";
    return range.substr(0, range.find(".."));
}

std::string message_of(OptionSet &set, const std::string &name, const std::string &text) {
    const Outcome outcome = set.set(name, text);
    assert_false(outcome.ok());
    assert_int_equal(static_cast<int>(outcome.error()->status), EXOREF_EINVAL);
    assert_true(outcome.error()->message.find('\n') == std::string::npos);
    return outcome.error()->message;
}

void assert_contains(const std::string &text, const std::string &part) {
    if (text.find(part) == std::string::npos) fail_msg("'%s' is not in: %s", part.c_str(), text.c_str());
}

void assert_lacks(const std::string &text, const std::string &part) {
    if (text.find(part) != std::string::npos) fail_msg("'%s' is in: %s", part.c_str(), text.c_str());
}

void every_option_of_the_table_can_be_set_and_read(void **) {
    for (std::size_t n = 0; n < exo::base::kOptionCount; ++n) {
        const OptionEntry &entry = exo::base::option_entry(nth(n));
        OptionSet set;
        assert_false(set.is_set(nth(n)));
        assert_string_equal(set.text(nth(n)).c_str(), entry.default_text);
        const Outcome outcome = set.set(entry.name, sample(entry));
        if (!outcome) fail_msg("%s", outcome.error()->message.c_str());
        assert_true(set.is_set(nth(n)));
        assert_string_equal(set.text(nth(n)).c_str(), sample(entry).c_str());
        assert_int_equal(static_cast<std::size_t>(*exo::base::find_option(entry.name)), n);
        if (*entry.alias != '\0') assert_int_equal(static_cast<std::size_t>(*exo::base::find_option(entry.alias)), n);
    }
}

void every_default_is_in_its_own_range(void **) {
    for (std::size_t n = 0; n < exo::base::kOptionCount; ++n) {
        const OptionEntry &entry = exo::base::option_entry(nth(n));
        OptionSet set;
        const Outcome outcome = set.set(entry.name, entry.default_text);
        if (!outcome) fail_msg("%s", outcome.error()->message.c_str());
    }
}

void the_defaults_are_what_the_guide_says(void **) {
    const OptionSet set;
    assert_int_equal(set.duration_ms(Option::timeout), 5000);
    assert_int_equal(set.duration_ms(Option::ttl), OptionSet::kNone);
    assert_int_equal(set.duration_ms(Option::backoff_max), 2000);
    assert_int_equal(set.size(Option::max_value_size), 64u << 20);
    assert_int_equal(set.size(Option::ring_value_limit), 4096);
    assert_int_equal(set.count(Option::history), 64);
    assert_int_equal(set.count(Option::max_pending), 100000);
    assert_string_equal(set.text(Option::absent).c_str(), "refuse");
}

void each_entry_has_all_its_texts(void **) {
    for (std::size_t n = 0; n < exo::base::kOptionCount; ++n) {
        for (std::int32_t property = EXOREF_OPTION_NAME; property <= EXOREF_OPTION_UNSUPPORTED; ++property) {
            assert_non_null(exo::base::option_property(n, property));
        }
        assert_null(exo::base::option_property(n, EXOREF_OPTION_UNSUPPORTED + 1));
        assert_null(exo::base::option_property(n, -1));
        const std::string meaning = exo::base::option_property(n, EXOREF_OPTION_MEANING);
        assert_true(meaning.ends_with('.'));
    }
    assert_null(exo::base::option_property(exo::base::kOptionCount, EXOREF_OPTION_NAME));
}

void numbers_keep_to_their_ranges(void **) {
    OptionSet set;
    assert_true(set.set("history", "2").ok());
    assert_true(set.set("history", "4096").ok());
    for (const char *text : {"1", "4097", "", "-5", "+5", " 5", "5 ", "5.0", "0x10", "99999999999999999999", "none"}) {
        const std::string message = message_of(set, "history", text);
        assert_contains(message, "'history'");
        assert_contains(message, "a whole number from 2 to 4096");
    }
    assert_int_equal(set.count(Option::history), 4096);
}

void durations_have_units(void **) {
    OptionSet set;
    const struct {
        const char *text;
        std::int64_t ms;
    } good[] = {{"0", 0}, {"0ms", 0}, {"500ms", 500}, {"5s", 5000}, {"2m", 120000}, {"1h", 3600000}, {"none", -1}};
    for (const auto &sample_text : good) {
        assert_true(set.set("timeout", sample_text.text).ok());
        assert_int_equal(set.duration_ms(Option::timeout), sample_text.ms);
    }
    for (const char *text : {"5", "5 s", "s", "1.5s", "-1s", "5S", "5sec", "9223372036854775807h", "nones", ""}) {
        const std::string message = message_of(set, "timeout", text);
        assert_contains(message, "500ms, 5s, 2m or 1h, or none");
    }
    assert_lacks(message_of(set, "connect_timeout", "none"), "or none");
}

void sizes_have_units(void **) {
    OptionSet set;
    assert_true(set.set("max_value_size", "4096").ok());
    assert_int_equal(set.size(Option::max_value_size), 4096);
    assert_true(set.set("max_value_size", "512MiB").ok());
    assert_int_equal(set.size(Option::max_value_size), std::size_t{512} << 20);
    for (const char *text : {"513MiB", "0", "64MB", "64 MiB", "MiB", "16777216TiB", "-1"}) {
        assert_contains(message_of(set, "max_value_size", text), "4096, 64KiB or 1MiB");
    }
}

void choices_are_listed(void **) {
    OptionSet set;
    assert_contains(message_of(set, "absent", "maybe"), "one of refuse, allow, wait");
    assert_contains(message_of(set, "absent", "refuse|allow"), "one of refuse, allow, wait");
    assert_contains(message_of(set, "events", ""), "one of lanes, take");
}

void labels_and_names_are_short_and_plain(void **) {
    OptionSet set;
    assert_true(set.set("codec", "json").ok());
    assert_true(set.set("codec", "").ok());
    assert_true(set.set("codec", "application/x+y-1.0_z").ok());
    message_of(set, "codec", std::string(65, 'a'));
    message_of(set, "codec", "a b");
    message_of(set, "codec", std::string("a\0b", 3));
    message_of(set, "name", "two words");
    message_of(set, "name", "a\nb");
}

void an_unknown_name_is_answered_with_the_nearest(void **) {
    OptionSet set;
    assert_contains(message_of(set, "timout", "5s"), "did you mean 'timeout'?");
    assert_contains(message_of(set, "connect-timeout", "5s"), "did you mean 'connect_timeout'?");
    assert_contains(message_of(set, "Database", "1"), "did you mean 'database'?");
    assert_contains(message_of(set, "usrname", "x"), "did you mean 'user'?");
    assert_contains(message_of(set, "xyzzy", "x"), "exoref options");
    assert_contains(message_of(set, "", "x"), "there is no option ''");
}

void names_of_other_libraries_are_answered_with_advice(void **) {
    OptionSet set;
    assert_contains(message_of(set, "socket_timeout", "5"), "use 'timeout'");
    assert_contains(message_of(set, "pool_size", "5"), "there is no pool");
    assert_contains(message_of(set, "tls", "true"), "not in this version");
}

void hostile_names_and_texts_stay_short_and_on_one_line(void **) {
    OptionSet set;
    const std::string noise = std::string("a\nb\0c\xff\x1b[31m", 11) + std::string(1 << 20, 'x');
    assert_true(message_of(set, noise, "x").size() < 500);
    assert_true(message_of(set, "timeout", noise).size() < 500);
    assert_lacks(message_of(set, noise, "x"), "\x1b");
}

void an_option_of_the_other_scope_is_refused_where_scope_matters(void **) {
    OptionSet set;
    const Outcome outcome = set.set("history", "64", OptionScope::client);
    assert_false(outcome.ok());
    assert_contains(outcome.error()->message, "belongs to a reference, not to a client");
    assert_false(set.is_set(Option::history));
    assert_true(set.set("history", "64", OptionScope::reference).ok());
}

void secrets_are_masked(void **) {
    OptionSet set;
    assert_string_equal(set.shown("password")->c_str(), "");
    assert_true(set.set("password", "hunter2").ok());
    assert_string_equal(set.text(Option::password).c_str(), "hunter2");
    assert_lacks(*set.shown("password"), "hunter2");
    assert_lacks(set.dump(), "hunter2");
    assert_contains(set.dump(), "password=***");
}

void dump_is_what_is_set_one_a_line(void **) {
    OptionSet set;
    assert_string_equal(set.dump().c_str(), "");
    assert_true(set.set("history", "128").ok());
    assert_true(set.set("prefix", std::string("a\nb:")).ok());
    assert_true(set.set("db", "3").ok());
    assert_string_equal(set.dump().c_str(), "database=3\nprefix=a\\x0ab:\nhistory=128\n");
    assert_false(set.shown("nothing").ok());
}

void merging_lets_the_other_win(void **) {
    OptionSet ours;
    OptionSet other;
    assert_true(ours.set("timeout", "1s").ok());
    assert_true(ours.set("history", "128").ok());
    assert_true(other.set("timeout", "2s").ok());
    ours.merge(other);
    assert_int_equal(ours.duration_ms(Option::timeout), 2000);
    assert_int_equal(ours.count(Option::history), 128);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_option_of_the_table_can_be_set_and_read),
        cmocka_unit_test(every_default_is_in_its_own_range),
        cmocka_unit_test(the_defaults_are_what_the_guide_says),
        cmocka_unit_test(each_entry_has_all_its_texts),
        cmocka_unit_test(numbers_keep_to_their_ranges),
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(sizes_have_units),
        cmocka_unit_test(choices_are_listed),
        cmocka_unit_test(labels_and_names_are_short_and_plain),
        cmocka_unit_test(an_unknown_name_is_answered_with_the_nearest),
        cmocka_unit_test(names_of_other_libraries_are_answered_with_advice),
        cmocka_unit_test(hostile_names_and_texts_stay_short_and_on_one_line),
        cmocka_unit_test(an_option_of_the_other_scope_is_refused_where_scope_matters),
        cmocka_unit_test(secrets_are_masked),
        cmocka_unit_test(dump_is_what_is_set_one_a_line),
        cmocka_unit_test(merging_lets_the_other_win),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
