// Speed, side by side in one run: exoref beside the plainest hiredis client that does the same work. Prints ratios; the machine
// drifts, so absolute figures mean little. usage: exoref_bench SOCKET ROUNDS
#include <exoref/exoref.h>
#include <hiredis/hiredis.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "store/commit_call.hpp"
#include "store/schema.hpp"
#include "store/scripts.gen.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct ContextFree {
    void operator()(redisContext *context) const { redisFree(context); }
};
using Context = std::unique_ptr<redisContext, ContextFree>;
struct ReplyFree {
    void operator()(redisReply *reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, ReplyFree>;

[[noreturn]] void die(const std::string &what) {
    std::fprintf(stderr, "exoref_bench: %s\n", what.c_str());
    std::exit(1);
}

Context dial(const std::string &socket) {
    Context context(redisConnectUnix(socket.c_str()));
    if (!context || context->err != 0) die("could not connect to " + socket);
    return context;
}

Reply ask(redisContext *context, const std::vector<std::string> &words) {
    std::vector<const char *> argv;
    std::vector<std::size_t> sizes;
    for (const std::string &word : words) {
        argv.push_back(word.data());
        sizes.push_back(word.size());
    }
    Reply reply(
        static_cast<redisReply *>(redisCommandArgv(context, static_cast<int>(argv.size()), argv.data(), sizes.data())));
    if (!reply || reply->type == REDIS_REPLY_ERROR) die(words[0] + ": " + (reply ? reply->str : "no reply"));
    return reply;
}

double server_cpu_us(redisContext *context) {
    const Reply info = ask(context, {"INFO", "cpu"});
    double us = 0;
    for (const char *field : {"used_cpu_sys:", "used_cpu_user:"}) {
        const char *found = std::strstr(info->str, field);
        if (!found) die("the server does not tell its CPU time");
        us += std::strtod(found + std::strlen(field), nullptr) * 1e6;
    }
    return us;
}

double median_us(std::vector<double> &samples) {
    std::nth_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2), samples.end());
    return samples[samples.size() / 2];
}

/// The medians of both, which take turns of a hundred calls, so that both meet the same machine.
std::pair<double, double> p50_of_both(int times, const std::function<void()> &ours,
                                      const std::function<void()> &theirs) {
    constexpr int kTurn = 100;
    std::vector<double> samples[2];
    for (int i = -kTurn; i < times; i += kTurn) {
        for (int side = 0; side < 2; ++side) {
            for (int k = 0; k < kTurn; ++k) {
                const auto begin = Clock::now();
                side == 0 ? ours() : theirs();
                const std::chrono::duration<double, std::micro> took = Clock::now() - begin;
                if (i >= 0) samples[side].push_back(took.count());
            }
        }
    }
    return {median_us(samples[0]), median_us(samples[1])};
}

std::int32_t add_one(void *, const exoref_value *old_value, exoref_sink *result) {
    const auto *text = static_cast<const char *>(exoref_value_data(old_value));
    const std::string next = std::to_string(std::strtoll(text, nullptr, 10) + 1);
    return exoref_sink_write(result, next.data(), next.size()) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
}

struct Exoref {
    explicit Exoref(const std::string &socket, const char *key) {
        const std::string url = "redis+unix://" + socket;
        if (exoref_client_open(url.c_str(), nullptr, 5000, &client, nullptr) != EXOREF_OK)
            die("exoref could not connect");
        if (exoref_atom_create(client, key, std::char_traits<char>::length(key), "0", 1, nullptr, 5000, &atom, nullptr,
                               nullptr) != EXOREF_OK) {
            die("exoref could not create");
        }
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

constexpr std::uint64_t kRing = exo::store::kRingLength;

/// The commit script as a plain blocking client would call it: one EVALSHA, the value one higher, upon the state it knows.
class PlainSwap {
public:
    PlainSwap(redisContext *context, std::string key) : context_(context), key_(std::move(key)) {
        ask(context_, {"SCRIPT", "LOAD", std::string(exo::store::kCommitScript.source)});
        const Reply head = ask(context_, {"HMGET", key_, "epoch", "version", "op", "terms", "value"});
        epoch_ = head->element[0]->str;
        version_ = static_cast<std::uint64_t>(std::strtoull(head->element[1]->str, nullptr, 10));
        op_ = head->element[2]->str;
        terms_ = head->element[3]->str;
        server_ = terms_.substr(terms_.find(':') + 1);
        value_ = std::strtoll(head->element[4]->str, nullptr, 10);
    }

    void once() {
        ++counter_;
        std::string wire;
        exo::redis::CommandWriter writer(wire);
        const std::string value = std::to_string(value_ + 1);
        exo::store::CommitArgs args;
        args.key = key_;
        args.session = session_;
        args.counter = counter_;
        args.sending = 1;
        args.epoch = epoch_;
        args.conditional = true;
        args.base_version = version_;
        args.base_op = op_;
        args.base_term = terms_;
        args.server = server_;
        args.ring_n = kRing;
        args.value = value;
        args.ring_limit = 4096;
        args.message_limit = 16384;
        exo::store::write_commit(writer, args);
        redisAppendFormattedCommand(context_, wire.data(), wire.size());
        void *raw = nullptr;
        if (redisGetReply(context_, &raw) != REDIS_OK) die("no reply to EVALSHA");
        const Reply reply(static_cast<redisReply *>(raw));
        op_ = session_ + "-" + std::to_string(counter_) + "-1";
        // Applied upon the base: its operation's id alone, or, in the longer forms, with "applied" behind it.
        const bool brief = reply->type == REDIS_REPLY_STRING && op_ == reply->str;
        if (!brief && (reply->type != REDIS_REPLY_ARRAY || std::string(reply->element[1]->str) != "applied"))
            die("the plain commit was refused");
        ++value_;
        ++version_;
    }

private:
    redisContext *context_;
    std::string key_;
    std::string session_ = "0123456789abcdef0123456789abcdef";
    std::string epoch_, op_, terms_, server_;
    std::uint64_t counter_ = 0, version_ = 0;
    std::int64_t value_ = 0;
};

void swap_p50(const std::string &socket, int times) {
    Exoref exoref(socket, "bench:swap");
    const Context context = dial(socket);
    Exoref other(socket, "bench:plain");
    PlainSwap plain(context.get(), "bench:plain");
    const auto ours = [&] {
        if (exoref_atom_swap(exoref.atom, add_one, nullptr, 5000, nullptr, nullptr) != EXOREF_OK) die("swap failed");
    };
    const auto [a, b] = p50_of_both(times, ours, [&] { plain.once(); });
    std::printf(
        "swap p50, 1 thread            exoref %7.1f us   hiredis EVALSHA of the same script %7.1f us   ratio %.2f\n", a,
        b, a / b);
}

void deref_p50(const std::string &socket, int times) {
    Exoref exoref(socket, "bench:deref");
    const Context context = dial(socket);
    const auto ours = [&] {
        exoref_value *value = nullptr;
        if (exoref_atom_deref(exoref.atom, 5000, &value, nullptr) != EXOREF_OK) die("deref failed");
        exoref_value_release(value);
    };
    const auto theirs = [&] {
        ask(context.get(),
            {"HMGET", "bench:deref", "fmt", "type", "codec", "epoch", "version", "op", "terms", "value"});
    };
    const auto [a, b] = p50_of_both(times, ours, theirs);
    const auto begun = [&] {
        exoref_future *future = nullptr;
        if (exoref_atom_deref_async(exoref.atom, 5000, &future, nullptr) != EXOREF_OK) die("deref_async failed");
        if (exoref_future_wait(future, EXOREF_TIMEOUT_NONE, nullptr) != EXOREF_OK) die("wait failed");
        exoref_future_release(future);
    };
    const auto [waited, blocking] = p50_of_both(times, begun, ours);
    std::printf("deref p50, 1 thread           exoref %7.1f us   hiredis HMGET %7.1f us   ratio %.2f\n", a, b, a / b);
    std::printf("deref begun and waited for    exoref %7.1f us   the blocking form %7.1f us   ratio %.2f\n", waited,
                blocking, waited / blocking);
}

/// Adds one as a plain client does it: WATCH, GET, MULTI, SET, EXEC, and again when refused.
void watch_multi_exec(redisContext *context, const std::string &key) {
    for (;;) {
        ask(context, {"WATCH", key});
        const Reply value = ask(context, {"GET", key});
        const std::string next = std::to_string(std::strtoll(value->str, nullptr, 10) + 1);
        ask(context, {"MULTI"});
        ask(context, {"SET", key, next});
        if (ask(context, {"EXEC"})->type == REDIS_REPLY_ARRAY) return;
    }
}

double rate(int threads, Clock::duration time, const std::function<std::function<void()>(int)> &worker,
            std::int64_t &done) {
    std::atomic<bool> stop{false};
    std::atomic<std::int64_t> count{0};
    std::vector<std::thread> crew;
    for (int t = 0; t < threads; ++t) {
        crew.emplace_back([&, call = worker(t)] {
            while (!stop) {
                call();
                ++count;
            }
        });
    }
    const auto begin = Clock::now();
    std::this_thread::sleep_for(time);
    stop = true;
    for (std::thread &one : crew) one.join();
    done = count;
    return static_cast<double>(count) / std::chrono::duration<double>(Clock::now() - begin).count();
}

void contended(const std::string &socket, int threads) {
    Exoref exoref(socket, "bench:contended");
    std::vector<std::shared_ptr<redisContext>> contexts;
    for (int i = 0; i < threads; ++i) contexts.emplace_back(dial(socket).release(), ContextFree());
    ask(contexts[0].get(), {"SET", "bench:watched", "0"});
    std::int64_t ours = 0, theirs = 0;
    const double a = rate(
        threads, std::chrono::seconds(2),
        [&](int) {
            return [&] {
                if (exoref_atom_swap(exoref.atom, add_one, nullptr, 5000, nullptr, nullptr) != EXOREF_OK)
                    die("swap failed");
            };
        },
        ours);
    const double b = rate(
        threads, std::chrono::seconds(2),
        [&](int t) {
            return
                [context = contexts[static_cast<std::size_t>(t)]] { watch_multi_exec(context.get(), "bench:watched"); };
        },
        theirs);
    exoref_value *value = nullptr;
    exoref_atom_deref(exoref.atom, 5000, &value, nullptr);
    const bool exact = std::strtoll(static_cast<const char *>(exoref_value_data(value)), nullptr, 10) == ours;
    exoref_value_release(value);
    std::printf(
        "%2d threads swapping one atom  exoref %7.0f /s   WATCH/GET/MULTI/SET/EXEC %7.0f /s   ratio %.1f   %s\n",
        threads, a, b, a / b, exact ? "nothing lost" : "COUNT IS OFF");
}

/// `depth` commands in flight on one connection, composed beforehand: what is timed is the server.
struct Rate {
    double per_second = 0;
    double server_us = 0;  // the server's CPU time for one
};

/// `depth` in flight; each is composed by `append` when its turn comes, as a client does.
Rate pipelined(redisContext *context, int times, int depth, const std::function<void(int)> &append) {
    const double cpu = server_cpu_us(context);
    const auto begin = Clock::now();
    for (int i = 0; i < times; i += depth) {
        for (int k = 0; k < depth; ++k) append(i + k);
        for (int k = 0; k < depth; ++k) {
            void *raw = nullptr;
            if (redisGetReply(context, &raw) != REDIS_OK) die("no reply in the pipeline");
            const Reply reply(static_cast<redisReply *>(raw));
            if (reply->type == REDIS_REPLY_ERROR) die(reply->str);
        }
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return {times / seconds, (server_cpu_us(context) - cpu) / times};
}

constexpr char kBarest[] =
    "if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end "
    "redis.call('HSET', KEYS[1], 'version', ARGV[2], 'value', ARGV[3]) return 1";

void commits_on_the_server(const std::string &socket, int times) {
    Exoref exoref(socket, "bench:commits");
    const Context context = dial(socket);
    ask(context.get(), {"SCRIPT", "LOAD", std::string(exo::store::kCommitScript.source)});
    const Reply head = ask(context.get(), {"HMGET", "bench:commits", "epoch", "op", "terms"});
    const std::string epoch = head->element[0]->str, first_op = head->element[1]->str, terms = head->element[2]->str;
    const std::string server = terms.substr(terms.find(':') + 1);
    const std::string session = "fedcba9876543210fedcba9876543210";
    std::string wire;
    const auto ours = [&](int i) {
        wire.clear();
        exo::redis::CommandWriter writer(wire);
        const std::string base = i == 0 ? first_op : session + "-" + std::to_string(i) + "-1";
        exo::store::CommitArgs args;
        args.key = "bench:commits";
        args.session = session;
        args.counter = static_cast<std::uint64_t>(i) + 1;
        args.sending = 1;
        args.epoch = epoch;
        args.conditional = true;
        args.base_version = static_cast<std::uint64_t>(i) + 1;
        args.base_op = base;
        args.base_term = terms;
        args.server = server;
        args.ring_n = kRing;
        args.value = "12345678";
        args.ring_limit = 4096;
        args.message_limit = 16384;
        exo::store::write_commit(writer, args);
        redisAppendFormattedCommand(context.get(), wire.data(), wire.size());
    };
    ask(context.get(), {"HSET", "bench:barest", "version", "0", "value", "x"});
    const std::string sha = ask(context.get(), {"SCRIPT", "LOAD", kBarest})->str;
    const auto barest = [&](int i) {
        redisAppendCommand(context.get(), "EVALSHA %s 1 bench:barest %d %d 12345678", sha.c_str(), i, i + 1);
    };
    const Rate a = pipelined(context.get(), times, 64, ours);
    const Rate b = pipelined(context.get(), times, 64, barest);
    const Reply version = ask(context.get(), {"HGET", "bench:commits", "version"});
    if (std::strtoll(version->str, nullptr, 10) != times + 1) die("the commits were not all applied");
    std::printf(
        "commits on the server, 64 in flight  commit.lua %7.0f /s   barest compare-and-set script %7.0f /s   ratio "
        "%.2f\n",
        a.per_second, b.per_second, a.per_second / b.per_second);
    std::printf("  of it the server's CPU time        commit.lua %7.2f us   barest compare-and-set script %7.2f us\n",
                a.server_us, b.server_us);
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 3) die("usage: exoref_bench SOCKET ROUNDS");
    const std::string socket = argv[1];
    const int rounds = std::atoi(argv[2]);
    std::printf("exoref %s; each line is one run of both sides, one after the other\n", exoref_version());
    for (int round = 0; round < rounds; ++round) {
        const Context context = dial(socket);
        ask(context.get(), {"FLUSHALL"});
        swap_p50(socket, 10000);
        deref_p50(socket, 10000);
        contended(socket, 16);
        commits_on_the_server(socket, 128000);
    }
    return 0;
}
