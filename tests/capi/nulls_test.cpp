// NULL and other arguments that are none: EXOREF_EINVAL or the empty answer, never a crash. The list is complete: the test
// compares it with the header.
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "capi/atoms.hpp"
#include "capi/delay_nulls.hpp"
#include "capi/promises.hpp"

using namespace exo::capi_test;

namespace {

constexpr std::int64_t kMs = 1000;

std::int32_t no_swap(void *, const exoref_value *, exoref_sink *) { return EXOREF_CALL_DECLINED; }
std::int32_t no_watch(void *, const exoref_change *) { return EXOREF_CALL_OK; }
std::int32_t no_validator(void *, const void *, std::size_t, exoref_sink *) { return EXOREF_CALL_OK; }
void no_callback(void *, exoref_future *) {}
void no_log(void *, std::int32_t, const char *, const char *) {}

// Every fallible function with a NULL handle and good arguments else.
std::map<std::string, Fallible> fallible() {
    std::map<std::string, Fallible> all = {
        {"exoref_sink_write", [](exoref_error **) { return exoref_sink_write(nullptr, "x", 1); }},
        {"exoref_sink_set_message", [](exoref_error **) { return exoref_sink_set_message(nullptr, "x"); }},
        {"exoref_sink_set_kind", [](exoref_error **) { return exoref_sink_set_kind(nullptr, "x"); }},
        {"exoref_json_canonical", [](exoref_error **e) { return exoref_json_canonical(nullptr, 1, Value().out(), e); }},
        {"exoref_options_new", [](exoref_error **e) { return exoref_options_new(nullptr, e); }},
        {"exoref_options_set", [](exoref_error **e) { return exoref_options_set(nullptr, "timeout", "5s", e); }},
        {"exoref_options_get", [](exoref_error **e) { return exoref_options_get(nullptr, "timeout", nullptr, e); }},
        {"exoref_options_dump", [](exoref_error **e) { return exoref_options_dump(nullptr, nullptr, e); }},
        {"exoref_options_set_loop", [](exoref_error **e) { return exoref_options_set_loop(nullptr, nullptr, e); }},
        {"exoref_options_set_log",
         [](exoref_error **e) { return exoref_options_set_log(nullptr, 1, no_log, nullptr, nullptr, e); }},
        {"exoref_options_set_validator",
         [](exoref_error **e) { return exoref_options_set_validator(nullptr, no_validator, nullptr, nullptr, e); }},
        {"exoref_client_open",
         [](exoref_error **e) { return exoref_client_open("redis://x", nullptr, 0, nullptr, e); }},
        {"exoref_client_open_async",
         [](exoref_error **e) { return exoref_client_open_async("redis://x", nullptr, 0, nullptr, e); }},
        {"exoref_client_close", [](exoref_error **e) { return exoref_client_close(nullptr, kMs, e); }},
        {"exoref_client_ping", [](exoref_error **e) { return exoref_client_ping(nullptr, kMs, nullptr, nullptr, e); }},
        {"exoref_client_ping_async",
         [](exoref_error **e) { return exoref_client_ping_async(nullptr, kMs, Future().out(), e); }},
        {"exoref_client_next_event",
         [](exoref_error **e) { return exoref_client_next_event(nullptr, kMs, Event().out(), e); }},
        {"exoref_client_poll", [](exoref_error **e) { return exoref_client_poll(nullptr, 0, kMs, nullptr, e); }},
        {"exoref_client_set_event_fd", [](exoref_error **e) { return exoref_client_set_event_fd(nullptr, -1, e); }},
        {"exoref_future_wait", [](exoref_error **e) { return exoref_future_wait(nullptr, kMs, e); }},
        {"exoref_future_set_callback",
         [](exoref_error **e) { return exoref_future_set_callback(nullptr, no_callback, nullptr, nullptr, e); }},
        {"exoref_future_set_token", [](exoref_error **e) { return exoref_future_set_token(nullptr, 1, e); }},
        {"exoref_atom_open",
         [](exoref_error **e) { return exoref_atom_open(nullptr, "k", 1, nullptr, kMs, Atom().out(), e); }},
        {"exoref_atom_open_async",
         [](exoref_error **e) { return exoref_atom_open_async(nullptr, "k", 1, nullptr, kMs, Future().out(), e); }},
        {"exoref_atom_create",
         [](exoref_error **e) {
             return exoref_atom_create(nullptr, "k", 1, "v", 1, nullptr, kMs, Atom().out(), nullptr, e);
         }},
        {"exoref_atom_create_async",
         [](exoref_error **e) {
             return exoref_atom_create_async(nullptr, "k", 1, "v", 1, nullptr, kMs, Future().out(), e);
         }},
        {"exoref_atom_deref", [](exoref_error **e) { return exoref_atom_deref(nullptr, kMs, nullptr, e); }},
        {"exoref_atom_deref_async",
         [](exoref_error **e) { return exoref_atom_deref_async(nullptr, kMs, Future().out(), e); }},
        {"exoref_atom_reset", [](exoref_error **e) { return exoref_atom_reset(nullptr, "v", 1, kMs, nullptr, e); }},
        {"exoref_atom_reset_vals",
         [](exoref_error **e) { return exoref_atom_reset_vals(nullptr, "v", 1, kMs, nullptr, nullptr, e); }},
        {"exoref_atom_reset_async",
         [](exoref_error **e) { return exoref_atom_reset_async(nullptr, "v", 1, false, kMs, Future().out(), e); }},
        {"exoref_atom_compare_and_set",
         [](exoref_error **e) {
             return exoref_atom_compare_and_set(nullptr, "v", 1, "w", 1, kMs, nullptr, nullptr, e);
         }},
        {"exoref_atom_compare_and_set_async",
         [](exoref_error **e) {
             return exoref_atom_compare_and_set_async(nullptr, "v", 1, "w", 1, kMs, Future().out(), e);
         }},
        {"exoref_atom_compare_and_set_at",
         [](exoref_error **e) {
             return exoref_atom_compare_and_set_at(nullptr, nullptr, "w", 1, kMs, nullptr, nullptr, e);
         }},
        {"exoref_atom_compare_and_set_at_async",
         [](exoref_error **e) {
             return exoref_atom_compare_and_set_at_async(nullptr, nullptr, "w", 1, kMs, Future().out(), e);
         }},
        {"exoref_atom_swap",
         [](exoref_error **e) { return exoref_atom_swap(nullptr, no_swap, nullptr, kMs, nullptr, e); }},
        {"exoref_atom_swap_vals",
         [](exoref_error **e) { return exoref_atom_swap_vals(nullptr, no_swap, nullptr, kMs, nullptr, nullptr, e); }},
        {"exoref_atom_swap_async",
         [](exoref_error **e) {
             return exoref_atom_swap_async(nullptr, no_swap, nullptr, nullptr, kMs, Future().out(), e);
         }},
        {"exoref_atom_swap_begin",
         [](exoref_error **e) { return exoref_atom_swap_begin(nullptr, kMs, Swap().out(), nullptr, e); }},
        {"exoref_atom_swap_begin_async",
         [](exoref_error **e) { return exoref_atom_swap_begin_async(nullptr, kMs, Future().out(), e); }},
        {"exoref_swap_offer",
         [](exoref_error **e) { return exoref_swap_offer(nullptr, "v", 1, kMs, nullptr, nullptr, e); }},
        {"exoref_swap_offer_async",
         [](exoref_error **e) { return exoref_swap_offer_async(nullptr, "v", 1, kMs, Future().out(), e); }},
        {"exoref_swap_confirm",
         [](exoref_error **e) { return exoref_swap_confirm(nullptr, kMs, nullptr, nullptr, e); }},
        {"exoref_swap_confirm_async",
         [](exoref_error **e) { return exoref_swap_confirm_async(nullptr, kMs, Future().out(), e); }},
        {"exoref_atom_set_validator",
         [](exoref_error **e) { return exoref_atom_set_validator(nullptr, no_validator, nullptr, nullptr, kMs, e); }},
        {"exoref_atom_add_watch",
         [](exoref_error **e) {
             return exoref_atom_add_watch(nullptr, "w", 1, no_watch, nullptr, nullptr, 0, kMs, nullptr, e);
         }},
        {"exoref_atom_add_watch_async",
         [](exoref_error **e) {
             return exoref_atom_add_watch_async(nullptr, "w", 1, no_watch, nullptr, nullptr, 0, kMs, Future().out(), e);
         }},
        {"exoref_atom_remove_watch", [](exoref_error **e) { return exoref_atom_remove_watch(nullptr, "w", 1, e); }},
        {"exoref_atom_meta", [](exoref_error **e) { return exoref_atom_meta(nullptr, kMs, nullptr, e); }},
        {"exoref_atom_meta_async",
         [](exoref_error **e) { return exoref_atom_meta_async(nullptr, kMs, Future().out(), e); }},
        {"exoref_atom_reset_meta", [](exoref_error **e) { return exoref_atom_reset_meta(nullptr, "m", 1, kMs, e); }},
        {"exoref_atom_reset_meta_async",
         [](exoref_error **e) { return exoref_atom_reset_meta_async(nullptr, "m", 1, kMs, Future().out(), e); }},
        {"exoref_atom_alter_meta",
         [](exoref_error **e) { return exoref_atom_alter_meta(nullptr, no_swap, nullptr, kMs, nullptr, e); }},
        {"exoref_atom_alter_meta_async",
         [](exoref_error **e) {
             return exoref_atom_alter_meta_async(nullptr, no_swap, nullptr, nullptr, kMs, Future().out(), e);
         }},
        {"exoref_promise_open",
         [](exoref_error **e) {
             return exoref_promise_open(nullptr, "k", 1, nullptr, kMs, Promise().out(), nullptr, e);
         }},
        {"exoref_promise_open_async",
         [](exoref_error **e) { return exoref_promise_open_async(nullptr, "k", 1, nullptr, kMs, Future().out(), e); }},
        {"exoref_promise_deliver",
         [](exoref_error **e) { return exoref_promise_deliver(nullptr, "v", 1, kMs, nullptr, nullptr, e); }},
        {"exoref_promise_deliver_async",
         [](exoref_error **e) { return exoref_promise_deliver_async(nullptr, "v", 1, kMs, Future().out(), e); }},
        {"exoref_promise_deref", [](exoref_error **e) { return exoref_promise_deref(nullptr, kMs, nullptr, e); }},
        {"exoref_promise_deref_async",
         [](exoref_error **e) { return exoref_promise_deref_async(nullptr, kMs, Future().out(), e); }},
        {"exoref_promise_realized", [](exoref_error **e) { return exoref_promise_realized(nullptr, kMs, nullptr, e); }},
        {"exoref_promise_realized_async",
         [](exoref_error **e) { return exoref_promise_realized_async(nullptr, kMs, Future().out(), e); }},
        {"exoref_realized",
         [](exoref_error **e) { return exoref_realized(nullptr, "k", 1, nullptr, kMs, nullptr, e); }},
        {"exoref_realized_async",
         [](exoref_error **e) { return exoref_realized_async(nullptr, "k", 1, nullptr, kMs, Future().out(), e); }},
        {"exoref_delete", [](exoref_error **e) { return exoref_delete(nullptr, "k", 1, kMs, nullptr, e); }},
        {"exoref_delete_async",
         [](exoref_error **e) { return exoref_delete_async(nullptr, "k", 1, kMs, Future().out(), e); }},
        {"exoref_expire", [](exoref_error **e) { return exoref_expire(nullptr, "k", 1, 1000, kMs, e); }},
        {"exoref_expire_async",
         [](exoref_error **e) { return exoref_expire_async(nullptr, "k", 1, 1000, kMs, Future().out(), e); }},
        {"exoref_inspect", [](exoref_error **e) { return exoref_inspect(nullptr, "k", 1, kMs, Info().out(), e); }},
        {"exoref_inspect_async",
         [](exoref_error **e) { return exoref_inspect_async(nullptr, "k", 1, kMs, Future().out(), e); }},
        {"exoref_scan_new", [](exoref_error **e) { return exoref_scan_new(nullptr, "*", 1, "atom", Scan().out(), e); }},
        {"exoref_scan_next", [](exoref_error **e) { return exoref_scan_next(nullptr, kMs, Info().out(), e); }},
        {"exoref_scan_next_async",
         [](exoref_error **e) { return exoref_scan_next_async(nullptr, kMs, Future().out(), e); }},
        {"exoref_local_start", [](exoref_error **e) { return exoref_local_start(nullptr, kMs, e); }},
        {"exoref_local_stop", [](exoref_error **e) { return exoref_local_stop(nullptr, kMs, nullptr, e); }},
        {"exoref_local_status", [](exoref_error **e) { return exoref_local_status(nullptr, kMs, Value().out(), e); }},
    };
    all.merge(fallible_of_delays());
    return all;
}

// The others: what they answer to NULL (or to numbers that are none) is the empty answer.
std::map<std::string, std::function<bool()>> infallible() {
    const auto text = [](const char *answer) { return answer != nullptr && *answer == '\0'; };
    return {
        {"exoref_version", [] { return std::string(exoref_version()) == "1.0.0"; }},
        {"exoref_version_number", [] { return exoref_version_number() == 10000; }},
        {"exoref_status_name", [] { return std::string(exoref_status_name(-7)) == "EXOREF_E?"; }},
        {"exoref_status_text", [] { return *exoref_status_text(12345) != '\0'; }},
        {"exoref_status_class", [] { return exoref_status_class(12345) == EXOREF_CLASS_UNKNOWN; }},
        {"exoref_reason_name", [=] { return text(exoref_reason_name(-1)) && text(exoref_reason_name(0)); }},
        {"exoref_error_status", [] { return exoref_error_status(nullptr) == EXOREF_OK; }},
        {"exoref_error_message", [=] { return text(exoref_error_message(nullptr)); }},
        {"exoref_error_reason", [] { return exoref_error_reason(nullptr) == EXOREF_REASON_NONE; }},
        {"exoref_error_server_text", [=] { return text(exoref_error_server_text(nullptr)); }},
        {"exoref_error_key",
         [=] {
             std::size_t size = 7;
             return text(exoref_error_key(nullptr, &size)) && size == 0 && text(exoref_error_key(nullptr, nullptr));
         }},
        {"exoref_error_sent", [] { return !exoref_error_sent(nullptr); }},
        {"exoref_error_kind", [=] { return text(exoref_error_kind(nullptr)); }},
        {"exoref_error_payload", [=] { return text(exoref_error_payload(nullptr, nullptr)); }},
        {"exoref_error_retain", [] { return exoref_error_retain(nullptr) == nullptr; }},
        {"exoref_error_release", [] { return exoref_error_release(nullptr), true; }},
        {"exoref_value_data", [=] { return text(static_cast<const char *>(exoref_value_data(nullptr))); }},
        {"exoref_value_size", [] { return exoref_value_size(nullptr) == 0; }},
        {"exoref_value_version", [] { return exoref_value_version(nullptr) == 0; }},
        {"exoref_value_codec", [=] { return text(exoref_value_codec(nullptr)); }},
        {"exoref_value_same_state", [] { return !exoref_value_same_state(nullptr, nullptr); }},
        {"exoref_value_retain", [] { return exoref_value_retain(nullptr) == nullptr; }},
        {"exoref_value_release", [] { return exoref_value_release(nullptr), true; }},
        {"exoref_options_retain", [] { return exoref_options_retain(nullptr) == nullptr; }},
        {"exoref_options_release", [] { return exoref_options_release(nullptr), true; }},
        {"exoref_option_count", [] { return exoref_option_count() > 10; }},
        {"exoref_option_text",
         [] {
             return exoref_option_text(exoref_option_count(), EXOREF_OPTION_NAME) == nullptr &&
                    exoref_option_text(0, -1) == nullptr && exoref_option_text(0, 99) == nullptr;
         }},
        {"exoref_client_server", [=] { return text(exoref_client_server(nullptr)); }},
        {"exoref_stat_count", [] { return exoref_stat_count() > 10; }},
        {"exoref_stat_name", [] { return exoref_stat_name(exoref_stat_count()) == nullptr; }},
        {"exoref_stat_meaning", [] { return exoref_stat_meaning(SIZE_MAX) == nullptr; }},
        {"exoref_client_stat", [] { return exoref_client_stat(nullptr, 0) == 0; }},
        {"exoref_client_retain", [] { return exoref_client_retain(nullptr) == nullptr; }},
        {"exoref_client_release", [] { return exoref_client_release(nullptr), true; }},
        {"exoref_future_interrupt", [] { return exoref_future_interrupt(nullptr), true; }},
        {"exoref_future_cancel", [] { return exoref_future_cancel(nullptr), true; }},
        {"exoref_future_done", [] { return !exoref_future_done(nullptr); }},
        {"exoref_future_status", [] { return exoref_future_status(nullptr) == EXOREF_EINVAL; }},
        {"exoref_future_error", [] { return exoref_future_error(nullptr) == nullptr; }},
        {"exoref_future_value", [] { return exoref_future_value(nullptr) == nullptr; }},
        {"exoref_future_old_value", [] { return exoref_future_old_value(nullptr) == nullptr; }},
        {"exoref_future_flag", [] { return !exoref_future_flag(nullptr); }},
        {"exoref_future_number", [] { return exoref_future_number(nullptr) == 0; }},
        {"exoref_future_client", [] { return exoref_future_client(nullptr) == nullptr; }},
        {"exoref_future_atom", [] { return exoref_future_atom(nullptr) == nullptr; }},
        {"exoref_future_swap", [] { return exoref_future_swap(nullptr) == nullptr; }},
        {"exoref_future_promise", [] { return exoref_future_promise(nullptr) == nullptr; }},
        {"exoref_future_delay", [] { return exoref_future_delay(nullptr) == nullptr; }},
        {"exoref_future_lease", [] { return exoref_future_lease(nullptr) == nullptr; }},
        {"exoref_event_lease", [] { return exoref_event_lease(nullptr) == nullptr; }},
        {"exoref_future_info", [] { return exoref_future_info(nullptr) == nullptr; }},
        {"exoref_future_retain", [] { return exoref_future_retain(nullptr) == nullptr; }},
        {"exoref_future_release", [] { return exoref_future_release(nullptr), true; }},
        {"exoref_event_kind", [] { return exoref_event_kind(nullptr) == 0; }},
        {"exoref_event_token", [] { return exoref_event_token(nullptr) == 0; }},
        {"exoref_event_future", [] { return exoref_event_future(nullptr) == nullptr; }},
        {"exoref_event_change", [] { return exoref_event_change(nullptr) == nullptr; }},
        {"exoref_event_run", [] { return exoref_event_run(nullptr), true; }},
        {"exoref_event_release", [] { return exoref_event_release(nullptr), true; }},
        {"exoref_atom_key", [=] { return text(exoref_atom_key(nullptr, nullptr)); }},
        {"exoref_atom_retain", [] { return exoref_atom_retain(nullptr) == nullptr; }},
        {"exoref_atom_release", [] { return exoref_atom_release(nullptr), true; }},
        {"exoref_promise_key", [=] { return text(exoref_promise_key(nullptr, nullptr)); }},
        {"exoref_promise_retain", [] { return exoref_promise_retain(nullptr) == nullptr; }},
        {"exoref_promise_release", [] { return exoref_promise_release(nullptr), true; }},
        {"exoref_delay_key", [=] { return text(exoref_delay_key(nullptr, nullptr)); }},
        {"exoref_delay_retain", [] { return exoref_delay_retain(nullptr) == nullptr; }},
        {"exoref_delay_release", [] { return exoref_delay_release(nullptr), true; }},
        {"exoref_lease_lost", [] { return !exoref_lease_lost(nullptr); }},
        {"exoref_lease_token", [] { return exoref_lease_token(nullptr) == 0; }},
        {"exoref_lease_retain", [] { return exoref_lease_retain(nullptr) == nullptr; }},
        {"exoref_lease_release", [] { return exoref_lease_release(nullptr), true; }},
        {"exoref_swap_release", [] { return exoref_swap_release(nullptr), true; }},
        {"exoref_change_watch_key", [=] { return text(exoref_change_watch_key(nullptr, nullptr)); }},
        {"exoref_change_key", [=] { return text(exoref_change_key(nullptr, nullptr)); }},
        {"exoref_change_old_value", [] { return exoref_change_old_value(nullptr) == nullptr; }},
        {"exoref_change_new_value", [] { return exoref_change_new_value(nullptr) == nullptr; }},
        {"exoref_change_version", [] { return exoref_change_version(nullptr) == 0; }},
        {"exoref_change_missed", [] { return exoref_change_missed(nullptr) == 0; }},
        {"exoref_change_flags", [] { return exoref_change_flags(nullptr) == 0; }},
        {"exoref_info_text", [] { return exoref_info_text(nullptr, "type") == nullptr; }},
        {"exoref_info_key", [=] { return text(exoref_info_key(nullptr, nullptr)); }},
        {"exoref_info_value", [] { return exoref_info_value(nullptr) == nullptr; }},
        {"exoref_info_meta", [] { return exoref_info_meta(nullptr) == nullptr; }},
        {"exoref_info_change_count", [] { return exoref_info_change_count(nullptr) == 0; }},
        {"exoref_info_change_version", [] { return exoref_info_change_version(nullptr, 0) == 0; }},
        {"exoref_info_change_value", [] { return exoref_info_change_value(nullptr, 0) == nullptr; }},
        {"exoref_info_release", [] { return exoref_info_release(nullptr), true; }},
        {"exoref_scan_release", [] { return exoref_scan_release(nullptr), true; }},
    };
}

std::set<std::string> declared(const std::string &result_type) {
    std::ifstream file(EXOREF_TEST_SOURCE_DIR "/include/exoref/exoref.h");
    std::stringstream text;
    text << file.rdbuf();
    const std::string header = text.str();
    const std::regex declaration("EXOREF_API\\s+([a-z_0-9 ]+[ *]+)(exoref_[a-z0-9_]+)\\(");
    std::set<std::string> names;
    for (std::sregex_iterator it(header.begin(), header.end(), declaration), end; it != end; ++it) {
        const bool fallible = (*it)[1].str() == "exoref_status ";
        if (fallible == (result_type == "exoref_status")) names.insert((*it)[2].str());
    }
    return names;
}

template <class Table>
void compare_with_header(const Table &table, std::set<std::string> names) {
    for (const auto &[name, call] : table) names.erase(name);
    for (const std::string &name : names) print_error("%s is in the header, but not in this test\n", name.c_str());
    assert_int_equal(names.size(), 0);
}

}  // namespace

static void every_fallible_function_answers_EINVAL_to_a_null_handle(void **) {
    for (const auto &[name, call] : fallible()) {
        Error error;
        const exoref_status status = call(error.out());
        if (status != EXOREF_EINVAL) print_error("%s: %s\n", name.c_str(), exoref_status_name(status));
        assert_int_equal(status, EXOREF_EINVAL);
        const bool has_error = !contains(name, "_sink_");
        assert_int_equal(exoref_error_status(error), has_error ? EXOREF_EINVAL : EXOREF_OK);
        if (has_error) assert_true(*exoref_error_message(error) != '\0');
        assert_int_equal(call(nullptr), EXOREF_EINVAL);
    }
}

static void every_other_function_gives_the_empty_answer(void **) {
    for (const auto &[name, call] : infallible()) {
        if (!call()) print_error("%s\n", name.c_str());
        assert_true(call());
    }
}

static void no_function_of_the_header_is_missing_here(void **) {
    std::set<std::string> others = declared("other");
    for (const auto &[name, call] : fallible()) assert_int_equal(others.count(name), 0);
    // Their status is the answer itself, not a failure.
    std::set<std::string> with_status = declared("exoref_status");
    for (const char *name : {"exoref_error_status", "exoref_future_status"}) {
        assert_int_equal(with_status.erase(name), 1);
        others.insert(name);
    }
    assert_true(with_status.size() > 50 && others.size() > 50);
    compare_with_header(fallible(), with_status);
    compare_with_header(infallible(), others);
}

static void bytes_that_are_none_are_refused(void **) {
    One one;
    Error error;
    Atom atom;
    assert_status_error(EXOREF_EINVAL, exoref_atom_reset(one.atom, nullptr, 3, kMs, nullptr, error.out()), error);
    assert_status(EXOREF_EINVAL,
                  exoref_atom_compare_and_set(one.atom, nullptr, 1, "x", 1, kMs, nullptr, nullptr, nullptr));
    assert_status(EXOREF_EINVAL,
                  exoref_atom_compare_and_set(one.atom, "x", 1, nullptr, 1, kMs, nullptr, nullptr, nullptr));
    assert_status(EXOREF_EINVAL,
                  exoref_atom_compare_and_set_at(one.atom, nullptr, "x", 1, kMs, nullptr, nullptr, nullptr));
    assert_status(EXOREF_EINVAL, exoref_atom_reset_meta(one.atom, nullptr, 1, kMs, nullptr));
    assert_status(EXOREF_EINVAL,
                  exoref_atom_create(one.client, "k", 1, nullptr, 1, nullptr, kMs, atom.out(), nullptr, nullptr));
    assert_status(EXOREF_EINVAL, exoref_atom_remove_watch(one.atom, nullptr, 1, nullptr));
    const Promise promise = open_promise(one.client, fresh_key("promise"));
    assert_status(EXOREF_EINVAL, exoref_promise_deliver(promise, nullptr, 1, kMs, nullptr, nullptr, nullptr));
    assert_status(EXOREF_EINVAL, exoref_promise_open(one.client, "k", 1, nullptr, kMs, nullptr, nullptr, nullptr));
    assert_status(EXOREF_EINVAL, exoref_realized(one.client, "k", 1, "atom", kMs, nullptr, nullptr));
    assert_status(EXOREF_EINVAL, exoref_promise_deref(promise, -3, nullptr, nullptr));
    assert_status(EXOREF_EINVAL, exoref_scan_new(one.client, nullptr, 1, nullptr, Scan().out(), nullptr));
    assert_status(EXOREF_EINVAL, exoref_options_set(options({}), nullptr, "x", nullptr));
    assert_status(EXOREF_EINVAL, exoref_options_set(options({}), "timeout", nullptr, nullptr));
    assert_status(EXOREF_EINVAL, exoref_options_get(options({}), nullptr, Value().out(), nullptr));
    assert_bytes("1", deref(one.atom));
}

static void an_empty_key_is_refused(void **) {
    const Client client = open_client();
    Atom atom;
    const char *none[] = {nullptr, ""};
    for (const char *key : none) {
        assert_status(EXOREF_EINVAL, exoref_atom_open(client, key, 0, nullptr, kMs, atom.out(), nullptr));
        assert_status(EXOREF_EINVAL,
                      exoref_atom_create(client, key, 0, "v", 1, nullptr, kMs, atom.out(), nullptr, nullptr));
        assert_status(EXOREF_EINVAL,
                      exoref_promise_open(client, key, 0, nullptr, kMs, Promise().out(), nullptr, nullptr));
        assert_status(EXOREF_EINVAL, exoref_realized(client, key, 0, nullptr, kMs, nullptr, nullptr));
        assert_status(EXOREF_EINVAL, exoref_delete(client, key, 0, kMs, nullptr, nullptr));
        assert_status(EXOREF_EINVAL, exoref_expire(client, key, 0, 1000, kMs, nullptr));
        assert_status(EXOREF_EINVAL, exoref_inspect(client, key, 0, kMs, Info().out(), nullptr));
    }
    assert_status(EXOREF_EINVAL, exoref_atom_open(client, nullptr, 5, nullptr, kMs, atom.out(), nullptr));
}

static void functions_that_are_none_are_refused(void **) {
    One one;
    assert_status(EXOREF_EINVAL, exoref_atom_swap(one.atom, nullptr, nullptr, kMs, nullptr, nullptr));
    assert_status(EXOREF_EINVAL, exoref_atom_swap_vals(one.atom, nullptr, nullptr, kMs, nullptr, nullptr, nullptr));
    assert_status(EXOREF_EINVAL, exoref_atom_alter_meta(one.atom, nullptr, nullptr, kMs, nullptr, nullptr));
    Context context;
    assert_status(EXOREF_EINVAL,
                  exoref_atom_swap_async(one.atom, nullptr, &context, Context::free, kMs, Future().out(), nullptr));
    assert_true(context.freed_once());
    Context of_watch;
    assert_status(EXOREF_EINVAL,
                  exoref_atom_add_watch(one.atom, "w", 1, nullptr, &of_watch, Context::free, 0, kMs, nullptr, nullptr));
    assert_true(of_watch.freed_once());
}

static void out_parameters_may_be_null(void **) {
    One one;
    assert_ok(exoref_atom_deref(one.atom, enough(), nullptr, nullptr));
    assert_ok(exoref_atom_reset(one.atom, "2", 1, enough(), nullptr, nullptr));
    assert_ok(exoref_atom_reset_vals(one.atom, "3", 1, enough(), nullptr, nullptr, nullptr));
    assert_ok(exoref_atom_swap(one.atom, add_one, nullptr, enough(), nullptr, nullptr));
    assert_ok(exoref_atom_swap_vals(one.atom, add_one, nullptr, enough(), nullptr, nullptr, nullptr));
    assert_ok(exoref_atom_compare_and_set(one.atom, "5", 1, "6", 1, enough(), nullptr, nullptr, nullptr));
    assert_ok(exoref_atom_meta(one.atom, enough(), nullptr, nullptr));
    const Promise promise = open_promise(one.client, fresh_key("promise"));
    assert_ok(exoref_promise_deliver(promise, "x", 1, enough(), nullptr, nullptr, nullptr));
    assert_ok(exoref_promise_deref(promise, enough(), nullptr, nullptr));
    assert_ok(exoref_promise_realized(promise, enough(), nullptr, nullptr));
    assert_ok(exoref_realized(one.client, "nothing", 7, nullptr, enough(), nullptr, nullptr));
    assert_ok(exoref_client_ping(one.client, enough(), nullptr, nullptr, nullptr));
    assert_ok(exoref_delete(one.client, "nothing", 7, enough(), nullptr, nullptr));
    assert_bytes("6", deref(one.atom));
}

static void on_failure_out_parameters_are_set_to_nothing(void **) {
    int something = 0;
    auto *value = reinterpret_cast<exoref_value *>(&something);
    auto *old_value = value;
    bool flag = true;
    std::int64_t number = 7;
    assert_status(EXOREF_EINVAL, exoref_atom_reset_vals(nullptr, "x", 1, kMs, &old_value, &value, nullptr));
    assert_null(value);
    assert_null(old_value);
    value = reinterpret_cast<exoref_value *>(&something);
    assert_status(EXOREF_EINVAL, exoref_atom_compare_and_set(nullptr, "x", 1, "y", 1, kMs, &flag, &value, nullptr));
    assert_false(flag);
    assert_null(value);
    assert_status(EXOREF_EINVAL, exoref_client_ping(nullptr, kMs, &number, nullptr, nullptr));
    assert_int_equal(number, 0);
    auto *promise = reinterpret_cast<exoref_promise *>(&something);
    flag = true;
    assert_status(EXOREF_EINVAL, exoref_promise_open(nullptr, "k", 1, nullptr, kMs, &promise, &flag, nullptr));
    assert_null(promise);
    assert_false(flag);
    flag = true;
    value = reinterpret_cast<exoref_value *>(&something);
    assert_status(EXOREF_EINVAL, exoref_promise_deliver(nullptr, "x", 1, kMs, &flag, &value, nullptr));
    assert_false(flag);
    assert_null(value);
    auto *atom = reinterpret_cast<exoref_atom *>(&something);
    auto *error = reinterpret_cast<exoref_error *>(&something);
    assert_status(EXOREF_EINVAL, exoref_atom_open(nullptr, "k", 1, nullptr, kMs, &atom, &error));
    assert_null(atom);
    assert_int_equal(exoref_error_status(error), EXOREF_EINVAL);
    exoref_error_release(error);
    error = reinterpret_cast<exoref_error *>(&something);
    Options made;
    assert_ok(exoref_options_new(made.out(), &error));
    assert_null(error);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_fallible_function_answers_EINVAL_to_a_null_handle),
        cmocka_unit_test(every_other_function_gives_the_empty_answer),
        cmocka_unit_test(no_function_of_the_header_is_missing_here),
        cmocka_unit_test(bytes_that_are_none_are_refused),
        cmocka_unit_test(an_empty_key_is_refused),
        cmocka_unit_test(functions_that_are_none_are_refused),
        cmocka_unit_test(out_parameters_may_be_null),
        cmocka_unit_test(on_failure_out_parameters_are_set_to_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
