// Options by name: the table can be read, each can be set, secrets are masked, what is wrong is named.
#include <set>

#include "capi/atoms.hpp"

using namespace exo::capi_test;

namespace {

std::string property(std::size_t n, std::int32_t which) {
    const char *text = exoref_option_text(n, which);
    return text ? text : "(null)";
}

// A text that the option takes, other than its default.
std::string some_text(std::size_t n) {
    const std::string type = property(n, EXOREF_OPTION_TYPE);
    const std::string range = property(n, EXOREF_OPTION_RANGE);
    if (type == "duration") return "12s";
    if (type == "size") return "128KiB";
    if (type == "count") return "100";
    if (type == "truth") return property(n, EXOREF_OPTION_DEFAULT) == "true" ? "false" : "true";
    if (type == "choice") return range.substr(range.rfind('|') + 1);
    return "word";
}

std::string get(const Options &with, const std::string &name) {
    Value value;
    assert_ok(exoref_options_get(with, name.c_str(), value.out(), nullptr));
    return bytes(value);
}

std::string refusal(const char *name, const char *text) {
    const Options with = options({});
    Error error;
    assert_status_error(EXOREF_EINVAL, exoref_options_set(with, name, text, error.out()), error);
    return exoref_error_message(error);
}

}  // namespace

static void the_table_says_everything_of_each_option(void **) {
    std::set<std::string> names;
    for (std::size_t n = 0; n < exoref_option_count(); ++n) {
        for (std::int32_t which = EXOREF_OPTION_NAME; which <= EXOREF_OPTION_UNSUPPORTED; ++which) {
            assert_non_null(exoref_option_text(n, which));
        }
        const std::string name = property(n, EXOREF_OPTION_NAME);
        assert_true(names.insert(name).second);
        const std::string scope = property(n, EXOREF_OPTION_SCOPE);
        assert_true(scope == "client" || scope == "reference");
        const std::set<std::string> types = {"text", "duration", "size", "count", "truth", "choice"};
        assert_int_equal(types.count(property(n, EXOREF_OPTION_TYPE)), 1);
        assert_true(property(n, EXOREF_OPTION_MEANING).size() > 20);
        assert_true(property(n, EXOREF_OPTION_SINCE) == "1.0");
    }
}

static void every_option_can_be_set_and_read(void **) {
    for (std::size_t n = 0; n < exoref_option_count(); ++n) {
        const std::string name = property(n, EXOREF_OPTION_NAME);
        const Options with = options({});
        if (!property(n, EXOREF_OPTION_UNSUPPORTED).empty()) continue;
        if (property(n, EXOREF_OPTION_SECRET) != "true") {
            assert_string_equal(get(with, name).c_str(), property(n, EXOREF_OPTION_DEFAULT).c_str());
        }
        const std::string text = some_text(n);
        assert_ok(exoref_options_set(with, name.c_str(), text.c_str(), nullptr));
        const std::string read = get(with, name);
        if (property(n, EXOREF_OPTION_SECRET) == "true") {
            assert_false(contains(read, text));
        } else {
            assert_string_equal(read.c_str(), text.c_str());
        }
        const std::string alias = property(n, EXOREF_OPTION_ALIAS);
        if (!alias.empty()) assert_ok(exoref_options_set(with, alias.c_str(), text.c_str(), nullptr));
    }
}

static void a_client_takes_every_option_of_its_scope(void **) {
    const Options with = options({});
    for (std::size_t n = 0; n < exoref_option_count(); ++n) {
        const std::string name = property(n, EXOREF_OPTION_NAME);
        const std::set<std::string> elsewhere = {"user", "password", "database", "events"};
        if (property(n, EXOREF_OPTION_SCOPE) != "client" || elsewhere.count(name) != 0) continue;
        assert_ok(exoref_options_set(with, name.c_str(), some_text(n).c_str(), nullptr));
    }
    Client client;
    Error error;
    assert_status(EXOREF_OK,
                  exoref_client_open(server().unix_url().c_str(), with, enough(), client.out(), error.out()));
    reset(create_atom(client, fresh_key(), "1"), "2");
}

static void an_unknown_name_is_refused_with_the_nearest(void **) {
    assert_true(contains(refusal("timout", "5s"), "timeout"));
    assert_true(contains(refusal("helth_interval", "5s"), "health_interval"));
    assert_true(contains(refusal("", "5s"), "option"));
    assert_true(contains(refusal("tls", "true"), "not in this version"));
}

static void a_text_that_is_none_is_refused_with_the_accepted_form(void **) {
    for (const char *text : {"", "5", "5 s", "-5s", "5sec", "1e3s", "99999999999999999999s", "s"}) {
        assert_true(contains(refusal("timeout", text), "timeout"));
    }
    assert_true(contains(refusal("events", "loops"), "lanes"));
    assert_true(contains(refusal("history", "1"), "2"));
    assert_true(contains(refusal("max_value_size", "1TB"), "max_value_size"));
}

static void a_refused_text_changes_nothing(void **) {
    const Options with = options({{"timeout", "7s"}});
    assert_status(EXOREF_EINVAL, exoref_options_set(with, "timeout", "soon", nullptr));
    assert_string_equal(get(with, "timeout").c_str(), "7s");
}

static void the_dump_lists_what_is_set_with_secrets_masked(void **) {
    const Options with = options({{"timeout", "7s"}, {"password", "hunter2"}, {"prefix", "app:"}});
    Value dump;
    assert_ok(exoref_options_dump(with, dump.out(), nullptr));
    const std::string text = bytes(dump);
    assert_true(contains(text, "timeout=7s"));
    assert_true(contains(text, "prefix=app:"));
    assert_true(contains(text, "password="));
    assert_false(contains(text, "hunter2"));
    assert_false(contains(text, "history"));
    assert_false(contains(get(with, "password"), "hunter2"));
    assert_ok(exoref_options_dump(options({}), dump.out(), nullptr));
    assert_int_equal(exoref_value_size(dump), 0);
}

static void options_of_a_url_win(void **) {
    const std::string url = server().unix_url() + "?prefix=url:&timeout=9s";
    const Client client = open_client({{"prefix", "object:"}}, url);
    const std::string key = fresh_key();
    create_atom(client, key, "1");
    assert_int_equal(server().must({"EXISTS", "url:" + key}).integer, 1);
    assert_int_equal(server().must({"EXISTS", "object:" + key}).integer, 0);
}

static void an_options_object_may_change_between_calls(void **) {
    const Client client = open_client();
    const Options with = options({{"codec", "json"}});
    const Atom first = create_atom(client, fresh_key(), "1", with);
    assert_ok(exoref_options_set(with, "codec", "string", nullptr));
    const Atom second = create_atom(client, fresh_key(), "1", with);
    assert_string_equal(exoref_value_codec(deref(first)), "json");
    assert_string_equal(exoref_value_codec(deref(second)), "string");
    const Options same(exoref_options_retain(with));
    assert_string_equal(get(same, "codec").c_str(), "string");
}

static void values_above_the_limit_are_refused(void **) {
    const Client client = open_client({{"max_value_size", "1KiB"}});
    const Atom atom = create_atom(client, fresh_key(), "1");
    Error error;
    assert_ok(try_reset(atom, std::string(1024, 'x')));
    assert_status_error(EXOREF_ETOOBIG, try_reset(atom, std::string(1025, 'x'), &error), error);
    assert_true(contains(exoref_error_message(error), "max_value_size"));
    const auto grow = [](void *, const exoref_value *, exoref_sink *sink) -> std::int32_t {
        const std::string kilobyte(1000, 'y');
        if (exoref_sink_write(sink, kilobyte.data(), kilobyte.size()) != EXOREF_OK) return EXOREF_CALL_FAILED;
        return exoref_sink_write(sink, kilobyte.data(), kilobyte.size()) == EXOREF_ETOOBIG ? EXOREF_CALL_FAILED : 0;
    };
    const exoref_status status = exoref_atom_swap(atom, grow, nullptr, enough(), nullptr, nullptr);
    assert_true(status == EXOREF_EFUNCTION || status == EXOREF_ETOOBIG);
    assert_int_equal(exoref_value_size(deref(atom)), 1024);
}

// What it had written before would otherwise become the value: less than it meant.
static void a_function_that_overlooks_a_refused_write_changes_nothing(void **) {
    const Client client = open_client({{"max_value_size", "1KiB"}});
    const Atom atom = create_atom(client, fresh_key(), "1");
    assert_ok(exoref_atom_reset_meta(atom, "precious", 8, enough(), nullptr));
    const auto overlook = [](void *, const exoref_value *, exoref_sink *sink) -> std::int32_t {
        exoref_sink_write(sink, "begun ", 6);
        exoref_sink_write(sink, std::string(1024, 'y').data(), 1024);
        return EXOREF_CALL_OK;
    };
    Error error;
    assert_status_error(EXOREF_ETOOBIG, exoref_atom_swap(atom, overlook, nullptr, enough(), nullptr, error.out()),
                        error);
    assert_true(contains(exoref_error_message(error), "max_value_size"));
    assert_int_equal(exoref_atom_alter_meta(atom, overlook, nullptr, enough(), nullptr, nullptr), EXOREF_ETOOBIG);
    Future future;
    assert_ok(exoref_atom_alter_meta_async(atom, overlook, nullptr, nullptr, enough(), future.out(), nullptr));
    assert_int_equal(outcome(future), EXOREF_ETOOBIG);
    assert_bytes("1", deref(atom));
    Value meta;
    assert_ok(exoref_atom_meta(atom, enough(), meta.out(), nullptr));
    assert_bytes("precious", meta);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_table_says_everything_of_each_option),
        cmocka_unit_test(every_option_can_be_set_and_read),
        cmocka_unit_test(a_client_takes_every_option_of_its_scope),
        cmocka_unit_test(an_unknown_name_is_refused_with_the_nearest),
        cmocka_unit_test(a_text_that_is_none_is_refused_with_the_accepted_form),
        cmocka_unit_test(a_refused_text_changes_nothing),
        cmocka_unit_test(the_dump_lists_what_is_set_with_secrets_masked),
        cmocka_unit_test(options_of_a_url_win),
        cmocka_unit_test(an_options_object_may_change_between_calls),
        cmocka_unit_test(values_above_the_limit_are_refused),
        cmocka_unit_test(a_function_that_overlooks_a_refused_write_changes_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
