// Watches: rules C4, C5, C6, C7.
#include <thread>

#include "capi/fixture.hpp"

using namespace exo::capi_test;

namespace {

exoref_status remove_watch(const Atom &atom, const std::string &watch_key = "w") {
    return exoref_atom_remove_watch(atom, watch_key.data(), watch_key.size(), nullptr);
}
exoref_status add_watch(const Atom &atom, const std::string &watch_key, exoref_watch_fn fn, void *ctx = nullptr,
                        exoref_free_fn free_ctx = nullptr) {
    return exoref_atom_add_watch(atom, watch_key.data(), watch_key.size(), fn, ctx, free_ctx, 0, enough(), nullptr,
                                 nullptr);
}

struct Watched {
    Client client = open_client();
    std::string key = fresh_key("watched");
    Atom atom = create_atom(client, key, "1");
    ~Watched() { exoref_client_close(client, enough(), nullptr); }
};

}  // namespace

static void C4_a_watch_gets_key_reference_old_new_version_and_missed(void **) {
    Recorder recorder;
    Watched w;
    const std::string watch_key("a\0b", 3);
    recorder.watch(w.atom, watch_key);
    reset(w.atom, std::string("2\0x", 3));
    const auto changes = recorder.wait(1);
    assert_int_equal(changes.size(), 1);
    assert_true(changes[0].watch_key == watch_key);
    assert_string_equal(changes[0].key.c_str(), w.key.c_str());
    assert_true(changes[0].old_value == "1");
    assert_true(changes[0].new_value == std::string("2\0x", 3));
    assert_int_equal(changes[0].version, 2);
    assert_int_equal(changes[0].missed, 0);
    assert_int_equal(changes[0].flags, 0);
}

static void C4_the_key_is_told_without_the_prefix(void **) {
    Recorder recorder;
    const Client client = open_client({{"prefix", "app:"}});
    const std::string key = fresh_key("prefixed");
    const Atom atom = create_atom(client, key, "1");
    recorder.watch(atom);
    reset(atom, "2");
    const auto changes = recorder.wait(1);
    assert_int_equal(changes.size(), 1);
    assert_string_equal(changes[0].key.c_str(), key.c_str());
    assert_int_equal(server().must({"EXISTS", "app:" + key}).integer, 1);
    assert_ok(exoref_client_close(client, enough(), nullptr));
}

static void C4_adding_under_an_existing_key_replaces(void **) {
    Recorder first;
    Recorder second;
    Watched w;
    first.watch(w.atom);
    second.watch(w.atom);
    reset(w.atom, "2");
    assert_int_equal(second.wait(1).size(), 1);
    assert_int_equal(first.all().size(), 0);
}

static void C4_a_replaced_watch_has_its_context_freed(void **) {
    Context context;
    Watched w;
    const auto fn = [](void *ctx, const exoref_change *) -> std::int32_t {
        static_cast<Context *>(ctx)->called();
        return EXOREF_CALL_OK;
    };
    assert_ok(add_watch(w.atom, "w", fn, &context, Context::free));
    assert_int_equal(context.freed.load(), 0);
    Recorder recorder;
    recorder.watch(w.atom);
    reset(w.atom, "2");
    recorder.wait(1);
    assert_true(context.freed_once());
    assert_int_equal(context.calls.load(), 0);
    assert_ok(remove_watch(w.atom));
}

static void C4_removing_an_absent_watch_is_no_error(void **) {
    Watched w;
    assert_ok(remove_watch(w.atom, "never added"));
    Recorder recorder;
    recorder.watch(w.atom);
    assert_ok(remove_watch(w.atom));
    assert_ok(remove_watch(w.atom));
}

static void C5_watches_are_called_in_the_order_of_registration(void **) {
    Recorder recorder;  // of all three
    Watched w;
    recorder.watch(w.atom, "z");
    recorder.watch(w.atom, "m");
    recorder.watch(w.atom, "a");
    for (int i = 2; i <= 6; ++i) reset(w.atom, std::to_string(i));
    const auto changes = recorder.wait(15);
    assert_int_equal(changes.size(), 15);
    for (std::size_t i = 0; i < 15; ++i) {
        assert_int_equal(changes[i].version, 2 + i / 3);
        assert_string_equal(changes[i].watch_key.c_str(), i % 3 == 0 ? "z" : i % 3 == 1 ? "m" : "a");
    }
}

static void C5_changes_come_in_version_order_each_once(void **) {
    Recorder recorder;
    Watched w;
    recorder.watch(w.atom);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&w] {
            for (int i = 0; i < 25; ++i)
                assert_ok(exoref_atom_swap(w.atom, add_one, nullptr, enough(), nullptr, nullptr));
        });
    }
    for (std::thread &thread : threads) thread.join();
    assert_bytes("101", deref(w.atom));
    std::uint64_t told = 0;
    eventually(Millis(20000), [&] {
        const auto all = recorder.all();
        return !all.empty() && all.back().version == 101;
    });
    std::uint64_t version = 1;
    for (const Change &change : recorder.all()) {
        assert_int_equal(change.version, version + change.missed + 1);
        assert_true(change.new_value == std::to_string(change.version));
        if (change.missed == 0) assert_true(change.old_value == std::to_string(version));
        version = change.version;
        told += 1 + change.missed;
    }
    assert_int_equal(told, 100);
}

static void C5_a_watch_sees_the_changes_after_the_reported_state_and_none_before(void **) {
    Recorder recorder;
    Watched w;
    reset(w.atom, "2");
    reset(w.atom, "3");
    const Value since = recorder.watch(w.atom);
    assert_bytes("3", since);
    assert_int_equal(exoref_value_version(since), 3);
    reset(w.atom, "4");
    const auto changes = recorder.wait(1);
    assert_int_equal(changes.size(), 1);
    assert_int_equal(changes[0].version, 4);
    assert_true(changes[0].old_value == "3");
}

static void C5_a_second_watch_begins_where_it_was_added(void **) {
    Recorder first;
    Recorder second;
    Watched w;
    first.watch(w.atom, "first");
    for (int i = 2; i <= 20; ++i) reset(w.atom, std::to_string(i));
    const std::uint64_t since = exoref_value_version(second.watch(w.atom, "second"));
    assert_int_equal(since, 20);
    reset(w.atom, "21");
    assert_int_equal(first.wait(20).size(), 20);
    const auto changes = second.wait(1);
    assert_int_equal(changes.size(), 1);
    assert_int_equal(changes[0].version, 21);
}

static void C5_after_remove_watch_returns_the_watch_is_not_called(void **) {
    for (int round = 0; round < 20; ++round) {
        struct Shared {
            std::atomic<bool> removed{false};
            std::atomic<int> wrong{0};
        } shared;
        Watched w;
        const auto fn = [](void *ctx, const exoref_change *) -> std::int32_t {
            auto *self = static_cast<Shared *>(ctx);
            if (self->removed) ++self->wrong;
            return EXOREF_CALL_OK;
        };
        assert_ok(add_watch(w.atom, "w", fn, &shared));
        std::thread writer([&w] {
            for (int i = 0; i < 10; ++i) assert_ok(try_reset(w.atom, std::to_string(i)));
        });
        assert_ok(remove_watch(w.atom));
        shared.removed = true;
        writer.join();
        assert_ok(exoref_client_close(w.client, enough(), nullptr));
        assert_int_equal(shared.wrong.load(), 0);
    }
}

static void C5_a_change_that_waits_for_its_turn_is_not_told_after_remove_watch_returned(void **) {
    Context context;
    const Client client = open_client({{"events", "take"}});
    const Atom atom = create_atom(client, fresh_key("taken"), "1");
    const auto fn = [](void *ctx, const exoref_change *) -> std::int32_t {
        static_cast<Context *>(ctx)->called();
        return EXOREF_CALL_OK;
    };
    assert_ok(exoref_atom_add_watch(atom, "w", 1, fn, &context, nullptr, 0, enough(), nullptr, nullptr));
    reset(atom, "2");
    Event event;
    assert_ok(exoref_client_next_event(client, enough(), event.out(), nullptr));
    assert_int_equal(exoref_event_kind(event), EXOREF_EVENT_WATCH);
    assert_ok(remove_watch(atom));
    exoref_event_run(event);
    assert_int_equal(context.calls.load(), 0);
}

static void C5_remove_watch_waits_for_the_call_that_runs(void **) {
    struct Shared {
        Gate entered, leave;
        std::atomic<bool> left{false};
    } shared;
    Watched w;
    const auto fn = [](void *ctx, const exoref_change *) -> std::int32_t {
        auto *self = static_cast<Shared *>(ctx);
        self->entered.open();
        self->leave.wait();
        self->left = true;
        return EXOREF_CALL_OK;
    };
    assert_ok(add_watch(w.atom, "w", fn, &shared));
    reset(w.atom, "2");
    assert_true(shared.entered.wait());
    std::atomic<bool> removed{false};
    std::atomic<bool> had_left{false};
    std::thread remover([&] {
        assert_ok(remove_watch(w.atom));
        had_left = shared.left.load();
        removed = true;
    });
    assert_false(eventually(Millis(50), [&] { return removed.load(); }));
    shared.leave.open();
    remover.join();
    assert_true(had_left.load());
}

static void C5_a_watch_may_remove_itself_from_within(void **) {
    struct Shared {
        Watched w;
        Context context;
    } shared;
    const auto fn = [](void *ctx, const exoref_change *) -> std::int32_t {
        auto *self = static_cast<Shared *>(ctx);
        self->context.called();
        assert_ok(remove_watch(self->w.atom));
        return EXOREF_CALL_OK;
    };
    const auto free = [](void *ctx) { ++static_cast<Shared *>(ctx)->context.freed; };
    assert_ok(add_watch(shared.w.atom, "w", fn, &shared, free));
    reset(shared.w.atom, "2");
    reset(shared.w.atom, "3");
    assert_true(shared.context.freed_once());
    Recorder recorder;
    recorder.watch(shared.w.atom, "other");
    reset(shared.w.atom, "4");
    recorder.wait(1);
    assert_int_equal(shared.context.calls.load(), 1);
    assert_ok(exoref_client_close(shared.w.client, enough(), nullptr));
}

static void C6_watches_are_called_for_changes_of_other_clients(void **) {
    Recorder recorder;
    Watched w;
    recorder.watch(w.atom);
    const Client other = open_client();
    reset(open_atom(other, w.key), "from elsewhere");
    const auto changes = recorder.wait(1);
    assert_int_equal(changes.size(), 1);
    assert_true(changes[0].old_value == "1");
    assert_true(changes[0].new_value == "from elsewhere");
}

static void C6_watches_are_called_also_when_old_equals_new(void **) {
    Recorder recorder;
    Watched w;
    recorder.watch(w.atom);
    reset(w.atom, "1");
    const auto changes = recorder.wait(1);
    assert_int_equal(changes.size(), 1);
    assert_true(changes[0].old_value == "1");
    assert_true(changes[0].new_value == "1");
    assert_int_equal(changes[0].version, 2);
}

static void C6_watches_run_on_the_watch_lane_and_may_block_without_stopping_others(void **) {
    struct Shared {
        Gate leave, entered;
        std::thread::id lane;
    } shared;
    Watched w;
    const auto fn = [](void *ctx, const exoref_change *) -> std::int32_t {
        auto *self = static_cast<Shared *>(ctx);
        self->lane = std::this_thread::get_id();
        self->entered.open();
        self->leave.wait();
        return EXOREF_CALL_OK;
    };
    assert_ok(add_watch(w.atom, "w", fn, &shared));
    for (int i = 2; i <= 10; ++i) reset(w.atom, std::to_string(i));  // none of them waits for the watch
    assert_true(shared.entered.wait());
    assert_bytes("10", deref(w.atom));
    shared.leave.open();
    assert_true(shared.lane != std::this_thread::get_id());
    assert_ok(remove_watch(w.atom));
}

static void C7_a_watch_that_fails_is_logged_and_the_others_are_called(void **) {
    struct Log {
        std::mutex mutex;
        std::vector<std::string> lines;
        static void line(void *ctx, std::int32_t level, const char *category, const char *text) {
            auto *self = static_cast<Log *>(ctx);
            const std::lock_guard lock(self->mutex);
            if (level <= EXOREF_LOG_WARNING && std::string(category) == "watch") self->lines.push_back(text);
        }
    } log;
    const Options with = options({});
    assert_ok(exoref_options_set_log(with, EXOREF_LOG_DEBUG, Log::line, &log, nullptr, nullptr));
    Client client;
    assert_ok(exoref_client_open(server().unix_url().c_str(), with, enough(), client.out(), nullptr));
    const Atom atom = create_atom(client, fresh_key(), "1");
    const auto fails = [](void *, const exoref_change *) -> std::int32_t { return EXOREF_CALL_FAILED; };
    assert_ok(add_watch(atom, "fails", fails));
    Recorder recorder;
    recorder.watch(atom, "works");
    reset(atom, "2");
    reset(atom, "3");
    assert_int_equal(recorder.wait(2).size(), 2);
    assert_ok(exoref_client_close(client, enough(), nullptr));
    const std::lock_guard lock(log.mutex);
    assert_true(log.lines.size() >= 1);
    assert_true(contains(log.lines[0], "fails"));
}

static void C7_the_change_stands_and_its_operation_is_not_affected(void **) {
    Watched w;
    const auto fails = [](void *, const exoref_change *) -> std::int32_t { return -99; };
    assert_ok(add_watch(w.atom, "w", fails));
    const Value value = reset(w.atom, "2");
    assert_int_equal(exoref_value_version(value), 2);
    assert_bytes("2", deref(w.atom));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(C4_a_watch_gets_key_reference_old_new_version_and_missed),
        cmocka_unit_test(C4_the_key_is_told_without_the_prefix),
        cmocka_unit_test(C4_adding_under_an_existing_key_replaces),
        cmocka_unit_test(C4_a_replaced_watch_has_its_context_freed),
        cmocka_unit_test(C4_removing_an_absent_watch_is_no_error),
        cmocka_unit_test(C5_watches_are_called_in_the_order_of_registration),
        cmocka_unit_test(C5_changes_come_in_version_order_each_once),
        cmocka_unit_test(C5_a_watch_sees_the_changes_after_the_reported_state_and_none_before),
        cmocka_unit_test(C5_a_second_watch_begins_where_it_was_added),
        cmocka_unit_test(C5_after_remove_watch_returns_the_watch_is_not_called),
        cmocka_unit_test(C5_a_change_that_waits_for_its_turn_is_not_told_after_remove_watch_returned),
        cmocka_unit_test(C5_remove_watch_waits_for_the_call_that_runs),
        cmocka_unit_test(C5_a_watch_may_remove_itself_from_within),
        cmocka_unit_test(C6_watches_are_called_for_changes_of_other_clients),
        cmocka_unit_test(C6_watches_are_called_also_when_old_equals_new),
        cmocka_unit_test(C6_watches_run_on_the_watch_lane_and_may_block_without_stopping_others),
        cmocka_unit_test(C7_a_watch_that_fails_is_logged_and_the_others_are_called),
        cmocka_unit_test(C7_the_change_stands_and_its_operation_is_not_affected),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
