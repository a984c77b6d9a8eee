// How late calls end after their timeout when the server does not answer (guarantee G7): 99.99 % within 10 ms, at worst 50 ms, of
// calls whose thread gets the processor. So it is to be run on an idle machine, and prints beside it how late the same
// machine wakes a thread that only waits. usage: exoref_bench_timeouts SOCKET [SECONDS [THREADS]]
#include <exoref/exoref.h>
#include <hiredis/hiredis.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Millis = std::chrono::milliseconds;

constexpr int kShortest = 5;
constexpr int kLongest = 50;

[[noreturn]] void die(const std::string &what) {
    std::fprintf(stderr, "exoref_bench_timeouts: %s\n", what.c_str());
    std::exit(1);
}

/// The server takes writes, and does not answer them, while this object lives. Reads and PING are answered.
class Silence {
public:
    explicit Silence(const std::string &socket) : context_(redisConnectUnix(socket.c_str()), redisFree) {
        if (!context_ || context_->err != 0) die("could not connect to " + socket);
        ask("CLIENT PAUSE 3600000 WRITE");
    }
    ~Silence() { ask("CLIENT UNPAUSE"); }
    Silence(const Silence &) = delete;
    Silence &operator=(const Silence &) = delete;

private:
    void ask(const char *command) {
        const std::unique_ptr<redisReply, void (*)(void *)> reply(
            static_cast<redisReply *>(redisCommand(context_.get(), command)), freeReplyObject);
        if (!reply || reply->type == REDIS_REPLY_ERROR) die(std::string(command) + " was refused");
    }

    const std::unique_ptr<redisContext, void (*)(redisContext *)> context_;
};

struct Exoref {
    explicit Exoref(const std::string &socket) {
        exoref_options *options = nullptr;
        exoref_options_new(&options, nullptr);
        exoref_options_set(options, "max_pending", "10000000", nullptr);
        const std::string url = "redis+unix://" + socket;
        const exoref_status opened = exoref_client_open(url.c_str(), options, 5000, &client, nullptr);
        exoref_options_release(options);
        if (opened != EXOREF_OK) die("exoref could not connect");
        if (exoref_atom_create(client, "bench:timeouts", 14, "0", 1, nullptr, 5000, &atom, nullptr, nullptr) !=
            EXOREF_OK)
            die("exoref could not create");
    }
    ~Exoref() {
        exoref_atom_release(atom);
        exoref_client_close(client, 5000, nullptr);
        exoref_client_release(client);
    }
    Exoref(const Exoref &) = delete;
    Exoref &operator=(const Exoref &) = delete;
    exoref_client *client = nullptr;
    exoref_atom *atom = nullptr;
};

using Samples = std::vector<double>;

double at(Samples &sorted, double q) {
    return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1) + 0.5)];
}

void print(const char *what, Samples samples) {
    if (samples.empty()) die("nothing was measured");
    std::sort(samples.begin(), samples.end());
    const auto late = std::upper_bound(samples.begin(), samples.end(), 10.0);
    const double share = static_cast<double>(late - samples.begin()) / static_cast<double>(samples.size());
    std::printf("%-24s %8zu   p50 %6.2f ms   p99 %6.2f ms   p99.9 %6.2f ms   worst %6.2f ms   within 10 ms %8.4f %%\n",
                what, samples.size(), at(samples, 0.5), at(samples, 0.99), at(samples, 0.999), samples.back(),
                100 * share);
    if (samples.front() < -1) std::printf("%-24s one came %.2f ms too early\n", what, -samples.front());
}

/// What many threads measure until the time is over; each call gets a timeout in milliseconds.
Samples measure(int threads, std::chrono::seconds time, const std::function<void(int timeout_ms)> &call) {
    std::mutex mutex;
    Samples all;
    std::vector<std::thread> crew;
    const auto end = Clock::now() + time;
    for (int t = 0; t < threads; ++t) {
        crew.emplace_back([&, t] {
            std::mt19937 random(static_cast<unsigned>(t));
            std::uniform_int_distribution<int> length(kShortest, kLongest);
            Samples mine;
            while (Clock::now() < end) {
                const int timeout = length(random);
                const auto due = Clock::now() + Millis(timeout);
                call(timeout);
                mine.push_back(std::chrono::duration<double, std::milli>(Clock::now() - due).count());
            }
            const std::lock_guard lock(mutex);
            all.insert(all.end(), mine.begin(), mine.end());
        });
    }
    for (std::thread &one : crew) one.join();
    return all;
}

void wait_only(int timeout_ms) {
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    never.wait_until(lock, Clock::now() + Millis(timeout_ms), [] { return false; });
}

void expect_no_answer(exoref_status status) {
    if (status != EXOREF_ETIMEOUT && status != EXOREF_EUNKNOWN) die(exoref_status_name(status));
}

}  // namespace

int main(int argc, char **argv) {
    if (argc < 2 || argc > 4) die("usage: exoref_bench_timeouts SOCKET [SECONDS [THREADS]]");
    const std::string socket = argv[1];
    const std::chrono::seconds time(argc > 2 ? std::atoi(argv[2]) : 10);
    const int threads = argc > 3 ? std::atoi(argv[3]) : 64;
    if (time.count() <= 0 || threads <= 0) die("SECONDS and THREADS are numbers from 1 up");
    std::printf("exoref %s; how late, %d threads, timeouts of %d to %d ms\n", exoref_version(), threads, kShortest,
                kLongest);
    const Exoref exoref(socket);
    const Silence silence(socket);
    print("a thread that only waits", measure(threads, time, wait_only));
    print("reset", measure(threads, time, [&](int timeout_ms) {
              expect_no_answer(exoref_atom_reset(exoref.atom, "x", 1, timeout_ms, nullptr, nullptr));
          }));
    exoref_future *pending = nullptr;
    if (exoref_atom_reset_async(exoref.atom, "x", 1, false, EXOREF_TIMEOUT_NONE, &pending, nullptr) != EXOREF_OK)
        die("no future");
    print("waiting for a future", measure(threads, time, [&](int timeout_ms) {
              expect_no_answer(exoref_future_wait(pending, timeout_ms, nullptr));
          }));
    exoref_future_release(pending);
    return 0;
}
