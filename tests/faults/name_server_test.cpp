// A name server that does not answer: the look-up hangs in getaddrinfo, which nobody can interrupt. Calls end in time all the same,
// closing waits for nobody, and an answer that comes after everything is gone does no harm.
// This program's own getaddrinfo stands before the C library's: it keeps the look-ups of one name until it is told.
#include <dlfcn.h>
#include <netdb.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "support/net.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/resources.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

constexpr const char *kName = "slow.example";

class NameServer {
public:
    // Blocks while the server is silent.
    void look_up() {
        std::unique_lock<std::mutex> lock(mutex_);
        ++asked_;
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !silent_; });
        --waiting_;
    }
    void fall_silent() {
        const std::lock_guard<std::mutex> lock(mutex_);
        silent_ = true;
        asked_ = 0;
    }
    void answer() {
        const std::lock_guard<std::mutex> lock(mutex_);
        silent_ = false;
        changed_.notify_all();
    }
    bool wait_asked(int times) {
        std::unique_lock<std::mutex> lock(mutex_);
        return changed_.wait_until(lock, Deadline(Millis(10000)).at(), [&] { return waiting_ >= times; });
    }
    int asked() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return asked_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool silent_ = false;
    int asked_ = 0;
    int waiting_ = 0;
};

NameServer &name_server() {
    static NameServer one;
    return one;
}

// Silent for the time of a test; at its end all look-ups have been answered and their threads are gone.
class Silence {
public:
    Silence() : threads_(thread_count()) { name_server().fall_silent(); }
    ~Silence() { end(); }
    Silence(const Silence &) = delete;
    Silence &operator=(const Silence &) = delete;

    void end() { name_server().answer(); }
    bool everything_gone() const {
        return eventually(Millis(10000), [this] { return thread_count() <= threads_; });
    }

private:
    std::size_t threads_;
};

std::string url_of(const RedisServer &server) {
    return std::string("redis://") + kName + ":" + std::to_string(server.tcp().port);
}

exoref_future *open_async(const std::string &url, Millis time, OptionList list = {}) {
    const Options options(list);
    exoref_future *future = nullptr;
    const exoref_status status =
        exoref_client_open_async(url.c_str(), options.get(), scaled(time).count(), &future, nullptr);
    EXPECT_EQ(status, EXOREF_OK);
    return future;
}

Millis since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begin);
}

// Far below the time that a look-up hangs here, which is until the test is over.
const Millis kAtOnce{1000};

}  // namespace

extern "C" int getaddrinfo(const char *name, const char *service, const addrinfo *hints, addrinfo **result) {
    using Function = int(const char *, const char *, const addrinfo *, addrinfo **);
    static auto *const next = reinterpret_cast<Function *>(dlsym(RTLD_NEXT, "getaddrinfo"));
    const bool numeric = hints != nullptr && (hints->ai_flags & AI_NUMERICHOST) != 0;
    if (name == nullptr || name != std::string(kName) || numeric) {
        return next(name, service, hints, result);
    }
    name_server().look_up();
    return next("127.0.0.1", service, hints, result);
}

static void G7_opening_ends_in_time_while_the_name_server_is_silent(void **) {
    RedisServer server;
    const Silence silence;
    Client client;
    const auto begin = std::chrono::steady_clock::now();
    const Outcome outcome = client.open(url_of(server), {}, Millis(300));
    const Millis took = since(begin);
    EXPECT_EQ(name_server().asked(), 1);
    EXPECT_EQ(outcome.status, EXOREF_ECONNECTION);
    EXPECT_TRUE_SAYING(took >= Millis(250) && took < scaled(Millis(300) + kAtOnce), std::to_string(took.count()));
    EXPECT_TRUE_SAYING(outcome.message.find(kName) != std::string::npos, outcome.message);
}

static void G7_closing_does_not_wait_for_the_name_server(void **) {
    RedisServer server;
    Silence silence;
    const std::string url = url_of(server);
    Client client;
    EXPECT_OK(client.open(url, {{"connect_timeout", "1h"}}, Millis(0)));
    EXPECT_TRUE(name_server().wait_asked(1));
    exoref_future *pending = nullptr;
    EXPECT_EQ(exoref_atom_open_async(client.get(), "k", 1, nullptr, EXOREF_TIMEOUT_NONE, &pending, nullptr), EXOREF_OK);

    const auto begin = std::chrono::steady_clock::now();
    const exoref_status closed = exoref_client_close(client.get(), scaled(Millis(10000)).count(), nullptr);
    const Millis took = since(begin);
    const bool done = exoref_future_done(pending);
    const exoref_status status = exoref_future_status(pending);
    exoref_future_release(pending);
    client.close();
    EXPECT_EQ(closed, EXOREF_OK);
    EXPECT_TRUE_SAYING(took < scaled(kAtOnce), std::to_string(took.count()) + " ms");
    EXPECT_TRUE(done);
    EXPECT_EQ(status, EXOREF_ECLOSED);
    // The client is gone; its look-up is still out, and its answer finds nobody.
    EXPECT_EQ(name_server().asked(), 1);
    silence.end();
    EXPECT_TRUE(silence.everything_gone());
}

static void G7_a_hundred_clients_close_while_the_name_server_is_silent(void **) {
    RedisServer server;
    Silence silence;
    const std::string url = url_of(server);
    constexpr int kClients = 100;
    std::vector<exoref_future *> futures;
    for (int i = 0; i < kClients; ++i) {
        futures.push_back(open_async(url, Millis(60000)));
    }
    EXPECT_TRUE(name_server().wait_asked(kClients));
    // The future alone holds the client: letting go of it while it opens ends nothing; cancelling does.
    const auto begin = std::chrono::steady_clock::now();
    for (exoref_future *future : futures) {
        exoref_future_cancel(future);
    }
    std::vector<exoref_status> statuses;
    for (exoref_future *future : futures) {
        exoref_future_wait(future, scaled(Millis(10000)).count(), nullptr);
        statuses.push_back(exoref_future_status(future));
        exoref_future_release(future);
    }
    const Millis took = since(begin);
    for (const exoref_status status : statuses) {
        EXPECT_EQ(status, EXOREF_ECANCELLED);
    }
    EXPECT_TRUE_SAYING(took < scaled(Millis(5000)), std::to_string(took.count()) + " ms");
    silence.end();
    EXPECT_TRUE(silence.everything_gone());
}

// However often connecting is tried again meanwhile, one look-up of a client hangs, not a growing heap of threads.
static void G7_hanging_look_ups_do_not_pile_up(void **) {
    RedisServer server;
    Silence silence;
    Client client;
    EXPECT_OK(client.open(url_of(server), {{"connect_timeout", "20ms"}, {"backoff_max", "1ms"}}, Millis(0)));
    EXPECT_TRUE(eventually(Millis(20000), [&] { return client.stat("connect_failures") >= 20; }));
    EXPECT_EQ(name_server().asked(), 1);
    // And when it answers at last, the client is there.
    silence.end();
    Atom atom(client, "k", "v");
    EXPECT_EQ(atom.must_deref().bytes(), std::string("v"));
    client.close();
    EXPECT_TRUE(silence.everything_gone());
}

static void G7_opening_waits_for_a_late_answer(void **) {
    RedisServer server;
    Silence silence;
    exoref_future *future = open_async(url_of(server), Millis(20000));
    const bool asked = name_server().wait_asked(1);
    silence.end();
    exoref_future_wait(future, scaled(Millis(20000)).count(), nullptr);
    const exoref_status status = exoref_future_status(future);
    exoref_client_release(exoref_future_client(future));
    exoref_future_release(future);
    EXPECT_TRUE(asked);
    EXPECT_EQ(status, EXOREF_OK);
    EXPECT_TRUE(silence.everything_gone());
}

// The program ends with a look-up out, with and without closing first. (Built with AddressSanitizer, it also looks for leaks.)
static void G7_a_program_ends_while_its_look_up_hangs(void **) {
    for (const char *way : {"close", "release", "leave"}) {
        const auto begin = std::chrono::steady_clock::now();
        const RunResult result = run_program({EXOREF_TEST_HELPER_DIR "/hanging_name_helper", way}, "", Millis(30000));
        EXPECT_TRUE_SAYING(result.status.ok(), std::string(way) + ": " + result.out + result.err);
        EXPECT_EQ(result.out, std::string("looking up\n"));
        EXPECT_TRUE_SAYING(since(begin) < scaled(Millis(10000)), way);
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G7_opening_ends_in_time_while_the_name_server_is_silent),
        cmocka_unit_test(G7_closing_does_not_wait_for_the_name_server),
        cmocka_unit_test(G7_a_hundred_clients_close_while_the_name_server_is_silent),
        cmocka_unit_test(G7_hanging_look_ups_do_not_pile_up),
        cmocka_unit_test(G7_opening_waits_for_a_late_answer),
        cmocka_unit_test(G7_a_program_ends_while_its_look_up_hangs),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
