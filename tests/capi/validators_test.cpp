// Validators: rules C1, C2, C3.
#include <thread>

#include "capi/fixture.hpp"

using namespace exo::capi_test;

namespace {

// Accepts values shorter than four bytes. A ctx counts the calls.
std::int32_t short_ones(void *ctx, const void *, std::size_t size, exoref_sink *sink) {
    if (ctx != nullptr) static_cast<Context *>(ctx)->called();
    if (size < 4) return EXOREF_CALL_OK;
    exoref_sink_set_message(sink, "a value has at most three bytes");
    return EXOREF_CALL_FAILED;
}
std::int32_t strange_code(void *, const void *, std::size_t, exoref_sink *) { return 17; }
std::int32_t declines(void *, const void *, std::size_t, exoref_sink *) { return EXOREF_CALL_DECLINED; }

exoref_status set_validator(const Atom &atom, exoref_validator_fn fn, void *ctx = nullptr,
                            exoref_free_fn free_ctx = nullptr, Error *error = nullptr) {
    return exoref_atom_set_validator(atom, fn, ctx, free_ctx, enough(), error ? error->out() : nullptr);
}

struct Validated {
    Client client = open_client();
    std::string key = fresh_key("validated");
    Atom atom = create_atom(client, key, "one");
    Validated() { assert_ok(set_validator(atom, short_ones)); }
};

}  // namespace

static void C1_a_refused_value_changes_nothing_and_says_why(void **) {
    Validated v;
    Error error;
    assert_status_error(EXOREF_EVALIDATION, try_reset(v.atom, "four", &error), error);
    assert_true(contains(exoref_error_message(error), "a value has at most three bytes"));
    assert_true(contains(exoref_error_message(error), v.key));
    assert_false(exoref_error_sent(error));
    assert_int_equal(exoref_status_class(EXOREF_EVALIDATION), EXOREF_CLASS_NOT_APPLIED_FINAL);
    const Value value = deref(v.atom);
    assert_bytes("one", value);
    assert_int_equal(exoref_value_version(value), 1);
}

static void C1_a_refused_value_fires_no_watch(void **) {
    Validated v;
    Recorder recorder;
    recorder.watch(v.atom);
    assert_status(EXOREF_EVALIDATION, try_reset(v.atom, "four"));
    reset(v.atom, "two");
    const auto changes = recorder.wait(1);
    assert_int_equal(changes.size(), 1);
    assert_string_equal(changes[0].new_value->c_str(), "two");
    assert_int_equal(changes[0].version, 2);
    assert_ok(exoref_client_close(v.client, enough(), nullptr));
}

static void C1_every_way_of_changing_is_judged(void **) {
    Validated v;
    Value state = deref(v.atom);
    bool swapped = true;
    assert_status(EXOREF_EVALIDATION, exoref_atom_reset_vals(v.atom, "four", 4, enough(), nullptr, nullptr, nullptr));
    assert_status(EXOREF_EVALIDATION,
                  exoref_atom_compare_and_set(v.atom, "one", 3, "four", 4, enough(), &swapped, nullptr, nullptr));
    assert_false(swapped);
    assert_status(EXOREF_EVALIDATION,
                  exoref_atom_compare_and_set_at(v.atom, state, "four", 4, enough(), nullptr, nullptr, nullptr));
    const auto to_four = [](void *, const exoref_value *, exoref_sink *sink) {
        return exoref_sink_write(sink, "four", 4);
    };
    assert_status(EXOREF_EVALIDATION, exoref_atom_swap(v.atom, to_four, nullptr, enough(), nullptr, nullptr));
    assert_status(EXOREF_EVALIDATION,
                  exoref_atom_swap_vals(v.atom, to_four, nullptr, enough(), nullptr, nullptr, nullptr));
    Swap swap;
    bool done = true;
    assert_ok(exoref_atom_swap_begin(v.atom, enough(), swap.out(), state.out(), nullptr));
    assert_status(EXOREF_EVALIDATION, exoref_swap_offer(swap, "four", 4, enough(), &done, nullptr, nullptr));
    assert_false(done);
    Future future;
    assert_ok(exoref_atom_swap_async(v.atom, to_four, nullptr, nullptr, enough(), future.out(), nullptr));
    assert_status(EXOREF_EVALIDATION, outcome(future));
    assert_int_equal(exoref_value_version(deref(v.atom)), 1);
}

static void C1_asynchronous_forms_are_judged_too(void **) {
    Validated v;
    Future future;
    Error error;
    const exoref_status begun = exoref_atom_reset_async(v.atom, "four", 4, false, enough(), future.out(), error.out());
    if (begun == EXOREF_OK) {
        assert_status(EXOREF_EVALIDATION, outcome(future));
    } else {
        assert_status(EXOREF_EVALIDATION, begun);
    }
    assert_bytes("one", deref(v.atom));
}

static void C1_a_proposal_is_judged_once(void **) {
    Context context;
    Client client = open_client();
    Atom atom = create_atom(client, fresh_key("judged"), "1");
    assert_ok(set_validator(atom, short_ones, &context, Context::free));
    const int before = context.calls.load();
    assert_ok(exoref_atom_swap(atom, add_one, nullptr, enough(), nullptr, nullptr));
    assert_int_equal(context.calls.load(), before + 1);
    Future future;
    assert_ok(exoref_atom_swap_async(atom, add_one, nullptr, nullptr, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    assert_int_equal(context.calls.load(), before + 2);
    atom.reset();
    client.reset();
    assert_true(context.freed_once());
}

static void C1_a_validator_that_fails_with_any_code_refuses(void **) {
    const Client client = open_client();
    const Options with = options({});
    assert_ok(exoref_options_set_validator(with, strange_code, nullptr, nullptr, nullptr));
    const std::string key = fresh_key();
    create_atom(client, key, "one");
    const Atom atom = open_atom(client, key, with);
    assert_status(EXOREF_EVALIDATION, try_reset(atom, "two"));
    assert_bytes("one", deref(atom));
}

static void C1_a_validator_that_declines_accepts(void **) {
    Validated v;
    assert_ok(set_validator(v.atom, declines));
    assert_ok(try_reset(v.atom, "four"));
    assert_bytes("four", deref(v.atom));
}

static void C2_the_current_value_is_judged_and_the_old_validator_stays(void **) {
    Validated v;
    Context never;
    const auto refuses_all = [](void *ctx, const void *, std::size_t, exoref_sink *sink) -> std::int32_t {
        static_cast<Context *>(ctx)->called();
        exoref_sink_set_message(sink, "nothing is good enough");
        return EXOREF_CALL_FAILED;
    };
    Error error;
    assert_status_error(EXOREF_EVALIDATION, set_validator(v.atom, refuses_all, &never, Context::free, &error), error);
    assert_true(contains(exoref_error_message(error), "nothing is good enough"));
    assert_int_equal(never.calls.load(), 1);
    assert_true(never.freed_once());
    assert_ok(try_reset(v.atom, "two"));
    assert_status(EXOREF_EVALIDATION, try_reset(v.atom, "four"));
    assert_int_equal(never.calls.load(), 1);
}

static void C2_null_removes_the_validator(void **) {
    const Client client = open_client();
    const Atom atom = create_atom(client, fresh_key(), "one");
    Context context;
    assert_ok(set_validator(atom, short_ones, &context, Context::free));
    assert_int_equal(context.calls.load(), 1);
    assert_int_equal(context.freed.load(), 0);
    assert_ok(set_validator(atom, nullptr));
    assert_true(context.freed_once());
    assert_ok(try_reset(atom, "four"));
}

static void C2_a_validator_belongs_to_its_handle(void **) {
    Validated v;
    const Atom other = open_atom(v.client, v.key);
    assert_ok(try_reset(other, "three and more"));
    const Client another = open_client();
    assert_ok(try_reset(open_atom(another, v.key), "four and more"));
    assert_bytes("four and more", deref(v.atom));
    assert_status(EXOREF_EVALIDATION, try_reset(v.atom, "five and more"));
}

static void C2_a_validator_stays_until_the_last_handle_is_released(void **) {
    const Client client = open_client();
    Atom atom = create_atom(client, fresh_key(), "one");
    Context context;
    assert_ok(set_validator(atom, short_ones, &context, Context::free));
    Atom second(exoref_atom_retain(atom));
    atom.reset();
    assert_int_equal(context.freed.load(), 0);
    assert_status(EXOREF_EVALIDATION, try_reset(second, "four"));
    second.reset();
    assert_true(context.freed_once());
}

static void C3_a_refused_initial_value_creates_nothing(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Options with = options({});
    assert_ok(exoref_options_set_validator(with, short_ones, nullptr, nullptr, nullptr));
    Atom atom;
    Error error;
    bool created = true;
    assert_status_error(EXOREF_EVALIDATION,
                        exoref_atom_create(client, key.data(), key.size(), "four", 4, with, enough(), atom.out(),
                                           &created, error.out()),
                        error);
    assert_null(atom.get());
    assert_false(created);
    assert_int_equal(server().must({"EXISTS", key}).integer, 0);
}

static void C3_a_validator_of_the_options_judges_from_the_beginning(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    Context context;
    Options with = options({});
    assert_ok(exoref_options_set_validator(with, short_ones, &context, Context::free, nullptr));
    Atom atom = create_atom(client, key, "one", with);
    assert_true(context.calls.load() >= 1);
    with.reset();
    assert_int_equal(context.freed.load(), 0);
    assert_status(EXOREF_EVALIDATION, try_reset(atom, "four"));
    atom.reset();
    assert_true(context.freed_once());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(C1_a_refused_value_changes_nothing_and_says_why),
        cmocka_unit_test(C1_a_refused_value_fires_no_watch),
        cmocka_unit_test(C1_every_way_of_changing_is_judged),
        cmocka_unit_test(C1_asynchronous_forms_are_judged_too),
        cmocka_unit_test(C1_a_proposal_is_judged_once),
        cmocka_unit_test(C1_a_validator_that_fails_with_any_code_refuses),
        cmocka_unit_test(C1_a_validator_that_declines_accepts),
        cmocka_unit_test(C2_the_current_value_is_judged_and_the_old_validator_stays),
        cmocka_unit_test(C2_null_removes_the_validator),
        cmocka_unit_test(C2_a_validator_belongs_to_its_handle),
        cmocka_unit_test(C2_a_validator_stays_until_the_last_handle_is_released),
        cmocka_unit_test(C3_a_refused_initial_value_creates_nothing),
        cmocka_unit_test(C3_a_validator_of_the_options_judges_from_the_beginning),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
