// Metadata: rule C8.
#include <thread>

#include "capi/fixture.hpp"

using namespace exo::capi_test;

namespace {

Value meta(const Atom &atom) {
    Value value;
    assert_ok(exoref_atom_meta(atom, enough(), value.out(), nullptr));
    return value;
}
exoref_status reset_meta(const Atom &atom, const std::string &text) {
    return exoref_atom_reset_meta(atom, text.data(), text.size(), enough(), nullptr);
}

}  // namespace

static void C8_meta_is_empty_at_first_and_shared_by_all(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1");
    const Value empty = meta(atom);
    assert_int_equal(exoref_value_size(empty), 0);
    assert_int_equal(exoref_value_version(empty), 0);
    assert_ok(reset_meta(atom, std::string("about\0it", 8)));
    const Client other = open_client();
    assert_true(bytes(meta(open_atom(other, key))) == std::string("about\0it", 8));
}

static void C8_meta_neither_validates_nor_notifies_nor_changes_the_version(void **) {
    Recorder recorder;
    const Client client = open_client();
    const Atom atom = create_atom(client, fresh_key(), "1");
    const auto never = [](void *, const void *, std::size_t size, exoref_sink *) -> std::int32_t {
        return size == 1 ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
    };
    assert_ok(exoref_atom_set_validator(atom, never, nullptr, nullptr, enough(), nullptr));
    recorder.watch(atom);
    assert_ok(reset_meta(atom, "longer than one"));
    Value altered;
    assert_ok(exoref_atom_alter_meta(
        atom, [](void *, const exoref_value *, exoref_sink *sink) { return exoref_sink_write(sink, "altered", 7); },
        nullptr, enough(), altered.out(), nullptr));
    assert_bytes("altered", altered);
    assert_int_equal(exoref_value_version(deref(atom)), 1);
    reset(atom, "2");
    const auto changes = recorder.wait(1);
    assert_int_equal(changes.size(), 1);
    assert_int_equal(changes[0].version, 2);
    assert_bytes("altered", meta(atom));
    assert_ok(exoref_client_close(client, enough(), nullptr));
}

static void C8_alter_meta_runs_its_function_again_on_a_conflict(void **) {
    struct Shared {
        const Client client = open_client();
        const std::string key = fresh_key();
        const Atom atom = create_atom(client, key, "1");
        const Client other = open_client();
        const Atom rival = open_atom(other, key);
        int calls = 0;
    } shared;
    assert_ok(reset_meta(shared.atom, "1"));
    const auto fn = [](void *ctx, const exoref_value *old_value, exoref_sink *sink) {
        auto *self = static_cast<Shared *>(ctx);
        if (++self->calls == 1) assert_ok(reset_meta(self->rival, "10"));
        return add_one(nullptr, old_value, sink);
    };
    Value out;
    assert_ok(exoref_atom_alter_meta(shared.atom, fn, &shared, enough(), out.out(), nullptr));
    assert_bytes("11", out);
    assert_int_equal(shared.calls, 2);
    assert_bytes("11", meta(shared.rival));
}

static void C8_alter_meta_of_many_threads_loses_nothing(void **) {
    const Client client = open_client();
    const Atom atom = create_atom(client, fresh_key(), "1");
    assert_ok(reset_meta(atom, "0"));
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&atom] {
            for (int i = 0; i < 20; ++i) {
                assert_ok(exoref_atom_alter_meta(atom, add_one, nullptr, enough(), nullptr, nullptr));
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    assert_bytes("80", meta(atom));
}

static void C8_a_function_that_fails_leaves_the_metadata(void **) {
    const Client client = open_client();
    const Atom atom = create_atom(client, fresh_key(), "1");
    assert_ok(reset_meta(atom, "kept"));
    Error error;
    Value out;
    char message[] = "no idea";
    assert_status_error(EXOREF_EFUNCTION,
                        exoref_atom_alter_meta(atom, fail_with_message, message, enough(), out.out(), error.out()),
                        error);
    assert_true(contains(exoref_error_message(error), "no idea"));
    assert_null(out.get());
    assert_bytes("kept", meta(atom));
    const auto declines = [](void *, const exoref_value *, exoref_sink *) -> std::int32_t {
        return EXOREF_CALL_DECLINED;
    };
    assert_ok(exoref_atom_alter_meta(atom, declines, nullptr, enough(), out.out(), nullptr));
    assert_bytes("kept", out);
}

static void C8_the_asynchronous_forms_do_the_same(void **) {
    const Client client = open_client();
    const Atom atom = create_atom(client, fresh_key(), "1");
    Future future;
    assert_ok(exoref_atom_reset_meta_async(atom, "41", 2, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    assert_ok(exoref_atom_meta_async(atom, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    assert_bytes("41", Value(exoref_future_value(future)));
    assert_ok(exoref_atom_alter_meta_async(atom, add_one, nullptr, nullptr, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    assert_bytes("42", Value(exoref_future_value(future)));
    assert_bytes("42", meta(atom));
}

static void meta_of_a_deleted_atom_is_not_found(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1");
    assert_ok(exoref_delete(client, key.data(), key.size(), enough(), nullptr, nullptr));
    Value out;
    assert_status(EXOREF_ENOTFOUND, exoref_atom_meta(atom, enough(), out.out(), nullptr));
    assert_status(EXOREF_ENOTFOUND, reset_meta(atom, "x"));
    assert_status(EXOREF_ENOTFOUND, exoref_atom_alter_meta(atom, add_one, nullptr, enough(), nullptr, nullptr));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(C8_meta_is_empty_at_first_and_shared_by_all),
        cmocka_unit_test(C8_meta_neither_validates_nor_notifies_nor_changes_the_version),
        cmocka_unit_test(C8_alter_meta_runs_its_function_again_on_a_conflict),
        cmocka_unit_test(C8_alter_meta_of_many_threads_loses_nothing),
        cmocka_unit_test(C8_a_function_that_fails_leaves_the_metadata),
        cmocka_unit_test(C8_the_asynchronous_forms_do_the_same),
        cmocka_unit_test(meta_of_a_deleted_atom_is_not_found),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
