// Codec labels: rule C9.
#include "capi/fixture.hpp"

using namespace exo::capi_test;

namespace {

exoref_status try_open(const Client &client, const std::string &key, const exoref_options *with,
                       Error *error = nullptr) {
    Atom atom;
    const exoref_status status =
        exoref_atom_open(client, key.data(), key.size(), with, enough(), atom.out(), error ? error->out() : nullptr);
    assert_true((status == EXOREF_OK) == (atom.get() != nullptr));
    return status;
}

}  // namespace

static void C9_an_opener_without_codec_opens_any_and_reads_bytes(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    create_atom(client, key, "{\"a\":1}", options({{"codec", "json"}}));
    const Atom atom = open_atom(client, key);
    const Value value = deref(atom);
    assert_bytes("{\"a\":1}", value);
    assert_string_equal(exoref_value_codec(value), "json");
}

static void C9_an_opener_without_codec_may_not_write_a_labelled_reference(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom owner = create_atom(client, key, "1", options({{"codec", "json"}}));
    const Atom atom = open_atom(client, key);
    Error error;
    assert_status_error(EXOREF_ECODEC, try_reset(atom, "2", &error), error);
    assert_true(contains(exoref_error_message(error), "json"));
    assert_status(EXOREF_ECODEC, exoref_atom_swap(atom, add_one, nullptr, enough(), nullptr, nullptr));
    assert_status(EXOREF_ECODEC,
                  exoref_atom_compare_and_set(atom, "1", 1, "2", 1, enough(), nullptr, nullptr, nullptr));
    assert_bytes("1", deref(owner));
    assert_ok(try_reset(owner, "2"));
    assert_bytes("2", deref(atom));
}

static void C9_opening_with_another_label_is_an_error_that_names_both(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    create_atom(client, key, "1", options({{"codec", "json"}}));
    Error error;
    assert_status_error(EXOREF_ECODEC, try_open(client, key, options({{"codec", "msgpack"}}), &error), error);
    assert_true(contains(exoref_error_message(error), "json"));
    assert_true(contains(exoref_error_message(error), "msgpack"));
    assert_ok(try_open(client, key, options({{"codec", "json"}})));
    Atom atom;
    bool created = true;
    assert_status(EXOREF_ECODEC,
                  exoref_atom_create(client, key.data(), key.size(), "9", 1, options({{"codec", "string"}}), enough(),
                                     atom.out(), &created, nullptr));
    assert_false(created);
    assert_bytes("1", deref(open_atom(client, key)));
}

static void C9_a_reference_without_label_opens_with_any_codec(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    create_atom(client, key, "no json");
    const Atom atom = open_atom(client, key, options({{"codec", "json"}}));
    const Value value = deref(atom);
    assert_bytes("no json", value);
    assert_string_equal(exoref_value_codec(value), "");
    assert_ok(try_reset(atom, "2"));
    assert_string_equal(exoref_value_codec(deref(atom)), "");
}

static void C9_a_label_is_any_short_name(void **) {
    const Client client = open_client();
    for (const std::string label : {"json", "string", "msgpack", "app/v2+zstd", "a"}) {
        const std::string key = fresh_key();
        const Atom atom = create_atom(client, key, "1", options({{"codec", label}}));
        assert_string_equal(exoref_value_codec(deref(atom)), label.c_str());
        assert_string_equal(exoref_value_codec(reset(atom, "2")), label.c_str());
    }
    const Options with = options({});
    assert_status(EXOREF_EINVAL, exoref_options_set(with, "codec", "no spaces", nullptr));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(C9_an_opener_without_codec_opens_any_and_reads_bytes),
        cmocka_unit_test(C9_an_opener_without_codec_may_not_write_a_labelled_reference),
        cmocka_unit_test(C9_opening_with_another_label_is_an_error_that_names_both),
        cmocka_unit_test(C9_a_reference_without_label_opens_with_any_codec),
        cmocka_unit_test(C9_a_label_is_any_short_name),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
