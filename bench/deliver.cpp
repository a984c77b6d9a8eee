// From the delivery of a promise to the return of a deref that waits for it in another process, beside a plain PUBLISH and the
// message that another process waits for with hiredis; both in one run, taking turns. Once by one who has been at work until then, as who
// computes what he delivers, and once by one who has slept, with all of it gone from the caches. And what a deref of a promise that
// this process knows takes. usage: exoref_bench_deliver SOCKET ROUNDS
#include <exoref/exoref.h>
#include <hiredis/hiredis.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTimes = 2000;
constexpr std::int64_t kPauseNs = 500000;
constexpr const char *kChannel = "bench:channel";

[[noreturn]] void die(const std::string &what) {
    std::fprintf(stderr, "exoref_bench_deliver: %s\n", what.c_str());
    _exit(1);
}

/// What the two processes share: whose turn it is, and when the waiter went on.
struct Shared {
    std::atomic<int> waits{-1};  // the waiter is about to wait for this one
    std::atomic<int> got{-1};
    std::atomic<std::int64_t> at{0};
};

std::int64_t now_ns() { return Clock::now().time_since_epoch().count(); }

struct ContextFree {
    void operator()(redisContext *context) const { redisFree(context); }
};
using Context = std::unique_ptr<redisContext, ContextFree>;

Context dial(const std::string &socket) {
    Context context(redisConnectUnix(socket.c_str()));
    if (!context || context->err != 0) die("could not connect to " + socket);
    return context;
}

void done_with(void *reply) {
    if (reply == nullptr) die("the connection broke");
    freeReplyObject(reply);
}

struct Exoref {
    explicit Exoref(const std::string &socket) {
        const std::string url = "redis+unix://" + socket;
        if (exoref_client_open(url.c_str(), nullptr, 5000, &client, nullptr) != EXOREF_OK) die("could not connect");
    }
    ~Exoref() {
        exoref_client_close(client, 5000, nullptr);
        exoref_client_release(client);
    }
    Exoref(const Exoref &) = delete;
    Exoref &operator=(const Exoref &) = delete;

    exoref_promise *promise(const std::string &key) const {
        exoref_promise *one = nullptr;
        if (exoref_promise_open(client, key.data(), key.size(), nullptr, 5000, &one, nullptr, nullptr) != EXOREF_OK)
            die("open");
        return one;
    }

    exoref_client *client = nullptr;
};

std::string key_of(const std::string &round, int i) { return "bench:promise:" + round + ":" + std::to_string(i); }

void say_got(Shared &shared, int i) {
    shared.at = now_ns();
    shared.got = i;
}

void wait_with_exoref(const std::string &socket, Shared &shared, const std::string &round) {
    const Exoref exoref(socket);
    for (int i = 0; i < kTimes; ++i) {
        exoref_promise *const promise = exoref.promise(key_of(round, i));
        exoref_value *value = nullptr;
        shared.waits = i;
        if (exoref_promise_deref(promise, 10000, &value, nullptr) != EXOREF_OK) die("deref");
        say_got(shared, i);
        exoref_value_release(value);
        exoref_promise_release(promise);
    }
}

void wait_with_hiredis(const std::string &socket, Shared &shared) {
    const Context context = dial(socket);
    done_with(redisCommand(context.get(), "SUBSCRIBE %s", kChannel));
    for (int i = 0; i < kTimes; ++i) {
        void *message = nullptr;
        shared.waits = i;
        if (redisGetReply(context.get(), &message) != REDIS_OK) die("no message");
        say_got(shared, i);
        freeReplyObject(message);
    }
}

/// What the giver does until it is time to give. There are as many processors as there are processes at work then.
enum class Giver { works, sleeps };

void idle_until(Giver giver, const std::atomic<int> &number, int wanted) {
    while (number != wanted) {
        if (giver == Giver::sleeps) std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
}

/// Time for who waits to have asked the server and to sleep.
void pause(Giver giver) {
    if (giver == Giver::sleeps) return std::this_thread::sleep_for(std::chrono::nanoseconds(kPauseNs));
    for (const std::int64_t until = now_ns() + kPauseNs; now_ns() < until;) {
    }
}

/// Forks before any thread is there; the child waits, the caller gives. The median of giving to going on, in microseconds.
template <typename Wait, typename Give>
double p50_of(Giver giver, const Wait &wait, const Give &give) {
    void *const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) die("no memory to share");
    auto *const shared = new (memory) Shared;
    const pid_t child = fork();
    if (child < 0) die("could not fork");
    if (child == 0) {
        wait(*shared);
        _exit(0);
    }
    std::vector<double> samples;
    give([&](int i, const auto &send) {
        idle_until(giver, shared->waits, i);
        pause(giver);
        const std::int64_t begin = now_ns();
        send();
        idle_until(giver, shared->got, i);
        samples.push_back(static_cast<double>(shared->at - begin) / 1000);
    });
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) die("the waiting process failed");
    munmap(memory, sizeof(Shared));
    std::nth_element(samples.begin(), samples.begin() + kTimes / 2, samples.end());
    return samples[kTimes / 2];
}

double deliver_p50(Giver giver, const std::string &socket, const std::string &round) {
    return p50_of(
        giver, [&](Shared &shared) { wait_with_exoref(socket, shared, round); },
        [&](const auto &each) {
            const Exoref exoref(socket);
            for (int i = 0; i < kTimes; ++i) {
                exoref_promise *const promise = exoref.promise(key_of(round, i));
                each(i, [&] {
                    if (exoref_promise_deliver(promise, "12345678", 8, 5000, nullptr, nullptr, nullptr) != EXOREF_OK)
                        die("deliver");
                });
                exoref_promise_release(promise);
            }
        });
}

double publish_p50(Giver giver, const std::string &socket) {
    return p50_of(
        giver, [&](Shared &shared) { wait_with_hiredis(socket, shared); },
        [&](const auto &each) {
            const Context context = dial(socket);
            for (int i = 0; i < kTimes; ++i) {
                each(i, [&] { done_with(redisCommand(context.get(), "PUBLISH %s 12345678", kChannel)); });
            }
        });
}

double known_deref_ns(const std::string &socket) {
    const Exoref exoref(socket);
    exoref_promise *const promise = exoref.promise("bench:known");
    exoref_promise_deliver(promise, "12345678", 8, 5000, nullptr, nullptr, nullptr);
    constexpr int kDerefs = 2000000;
    const std::int64_t begin = now_ns();
    for (int i = 0; i < kDerefs; ++i) {
        exoref_value *value = nullptr;
        if (exoref_promise_deref(promise, 5000, &value, nullptr) != EXOREF_OK) die("deref");
        exoref_value_release(value);
    }
    const double each = static_cast<double>(now_ns() - begin) / kDerefs;
    exoref_promise_release(promise);
    return each;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 3) die("usage: exoref_bench_deliver SOCKET ROUNDS");
    const std::string socket = argv[1];
    for (int round = 0; round < std::atoi(argv[2]); ++round) {
        done_with(redisCommand(dial(socket).get(), "FLUSHALL"));
        for (const auto &[giver, name] : {std::pair(Giver::works, "works "), std::pair(Giver::sleeps, "sleeps")}) {
            const double ours = deliver_p50(giver, socket, name + std::to_string(round));
            const double theirs = publish_p50(giver, socket);
            std::printf(
                "deliver to deref elsewhere p50, giver %s  exoref %6.1f us   hiredis PUBLISH to message %6.1f us   "
                "ratio %.2f\n",
                name, ours, theirs, ours / theirs);
        }
        std::printf("deref of a known promise       exoref %6.1f ns\n", known_deref_ns(socket));
        std::fflush(stdout);
    }
    return 0;
}
