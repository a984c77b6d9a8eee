// What a process may do with the library loaded: fork, exit with calls pending, load and unload it.
#include <thread>

#include "capi/atoms.hpp"
#include "capi/promises.hpp"
#include "support/fork.hpp"
#include "support/process.hpp"
#include "support/resources.hpp"

using namespace exo::capi_test;
using exo::support::in_forked_child;

namespace {

exo::support::RunResult run_helper(const char *name, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), std::string(EXOREF_TEST_HELPER_DIR "/") + name);
    return exo::support::run_program(std::move(arguments), "", Millis(30000));
}

}  // namespace

static void a_forked_child_gets_EFORK_from_handles_of_its_parent(void **) {
    One one;
    Swap swap;
    assert_ok(exoref_atom_swap_begin(one.atom, enough(), swap.out(), nullptr, nullptr));
    Future future;
    assert_ok(exoref_atom_deref_async(one.atom, enough(), future.out(), nullptr));
    const Promise promise = open_promise(one.client, fresh_key("promise"));
    deliver(promise, "known");
    const int answer = in_forked_child([&] {
        Error error;
        if (exoref_atom_deref(one.atom, 1000, nullptr, error.out()) != EXOREF_EFORK) return 1;
        if (exoref_error_status(error) != EXOREF_EFORK || *exoref_error_message(error) == '\0') return 2;
        if (try_reset(one.atom, "2") != EXOREF_EFORK) return 3;
        if (exoref_client_ping(one.client, 1000, nullptr, nullptr, nullptr) != EXOREF_EFORK) return 4;
        if (exoref_swap_offer(swap, "2", 1, 1000, nullptr, nullptr, nullptr) != EXOREF_EFORK) return 5;
        if (exoref_atom_open(one.client, "k", 1, nullptr, 1000, Atom().out(), nullptr) != EXOREF_EFORK) return 6;
        if (exoref_client_close(one.client, 1000, nullptr) != EXOREF_EFORK) return 7;
        if (exoref_promise_deref(promise, 1000, nullptr, nullptr) != EXOREF_EFORK) return 10;
        if (exoref_promise_deliver(promise, "x", 1, 1000, nullptr, nullptr, nullptr) != EXOREF_EFORK) return 11;
        if (exoref_atom_add_watch(
                one.atom, "w", 1, [](void *, const exoref_change *) -> std::int32_t { return 0; }, nullptr, nullptr, 0,
                1000, nullptr, nullptr) != EXOREF_EFORK)
            return 8;
        Future mine;
        const exoref_status begun = exoref_atom_deref_async(one.atom, 1000, mine.out(), nullptr);
        if ((begun == EXOREF_OK ? exoref_future_status(mine) : begun) != EXOREF_EFORK) return 9;
        return 0;
    });
    assert_int_equal(answer, 0);
    assert_ok(outcome(future));
    assert_bytes("1", deref(one.atom));
    assert_ok(try_reset(one.atom, "parent"));
}

static void releases_in_a_forked_child_are_silent(void **) {
    RedisServer own;
    Recorder recorder;
    const Client client = open_client({}, own.unix_url());
    const Atom atom = create_atom(client, "k", "1");
    const Value value = deref(atom);
    recorder.watch(atom);
    assert_int_equal(own.clients().size(), 2);
    for (int i = 0; i < 5; ++i) {
        const int answer = in_forked_child([&] {
            exoref_atom_release(atom);
            exoref_client_release(client);
            if (bytes(value) != "1") return 1;  // what is in memory can still be read
            exoref_value_release(value);
            return 0;
        });
        assert_int_equal(answer, 0);
    }
    assert_int_equal(own.clients().size(), 2);
    assert_ok(try_reset(atom, "2"));
    assert_int_equal(recorder.wait(1).size(), 1);
    assert_ok(exoref_client_close(client, enough(), nullptr));
}

static void a_forked_child_opens_a_client_of_its_own(void **) {
#if defined(__SANITIZE_THREAD__)
    skip();  // ThreadSanitizer knows no threads that begin after a fork of many
#endif
    One one;
    const int answer = in_forked_child([&] {
        Client client;
        if (exoref_client_open(server().unix_url().c_str(), nullptr, 20000, client.out(), nullptr) != EXOREF_OK)
            return 1;
        Atom atom;
        if (exoref_atom_open(client, one.key.data(), one.key.size(), nullptr, 20000, atom.out(), nullptr) != EXOREF_OK)
            return 2;
        if (exoref_atom_swap(atom, add_one, nullptr, 20000, nullptr, nullptr) != EXOREF_OK) return 3;
        if (exoref_client_close(client, 20000, nullptr) != EXOREF_OK) return 4;
        return 0;
    });
    assert_int_equal(answer, 0);
    assert_bytes("2", deref(one.atom));
}

static void forks_while_threads_work_disturb_nobody(void **) {
    One one;
    std::atomic<bool> stop{false};
    std::atomic<int> added{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&] {
            while (!stop) {
                assert_ok(exoref_atom_swap(one.atom, add_one, nullptr, enough(), nullptr, nullptr));
                ++added;
            }
        });
    }
    for (int i = 0; i < 20; ++i) {
        const int answer = in_forked_child([&] {
            exoref_atom_release(one.atom);
            exoref_client_release(one.client);
            return 0;
        });
        assert_int_equal(answer, 0);
    }
    stop = true;
    for (std::thread &thread : threads) thread.join();
    assert_string_equal(bytes(deref(one.atom)).c_str(), std::to_string(1 + added.load()).c_str());
}

static void a_process_ends_with_calls_pending(void **) {
    for (const char *way : {"return", "exit", "quick_exit", "release", "close"}) {
        for (int i = 0; i < 5; ++i) {
            const auto result = run_helper("exit_pending_helper", {server().unix_url(), way});
            if (result.status.code != 0) {
                print_error("%s: code %d, signal %d\n%s", way, result.status.code, result.status.signal,
                            result.err.c_str());
            }
            assert_int_equal(result.status.code, 0);
            assert_string_equal(result.err.c_str(), "");
            assert_string_equal(result.out.c_str(), "");
        }
    }
}

static void the_library_is_loaded_and_unloaded_again_and_again(void **) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip();  // a library that is instrumented wants a program that is
#endif
    const auto result = run_helper("load_bare_helper", {EXOREF_TEST_LIBRARY, server().unix_url(), "10"});
    if (result.status.code != 0) print_error("code %d\n%s", result.status.code, result.err.c_str());
    assert_int_equal(result.status.code, 0);
    assert_string_equal(result.err.c_str(), "");
}

static void loaded_but_never_used_it_starts_no_thread_and_opens_nothing(void **) {
#if defined(__SANITIZE_THREAD__)
    constexpr int kSanitizersOwn = 1;
#else
    constexpr int kSanitizersOwn = 0;
#endif
    const int answer = in_forked_child([] {
        if (exoref_version_number() != 10000) return 1;
        if (exo::support::thread_count() > 1 + kSanitizersOwn) return 2;
        return 0;
    });
    assert_int_equal(answer, 0);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(loaded_but_never_used_it_starts_no_thread_and_opens_nothing),
        cmocka_unit_test(a_forked_child_gets_EFORK_from_handles_of_its_parent),
        cmocka_unit_test(releases_in_a_forked_child_are_silent),
        cmocka_unit_test(a_forked_child_opens_a_client_of_its_own),
        cmocka_unit_test(forks_while_threads_work_disturb_nobody),
        cmocka_unit_test(a_process_ends_with_calls_pending),
        cmocka_unit_test(the_library_is_loaded_and_unloaded_again_and_again),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
