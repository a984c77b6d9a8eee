// A server of the test's own with all scripts loaded, and short ways to call them and to look at what they left.
// Knows the scripts as the library sends them (the generated writers), and replies by the tests' own parser.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/commit_call.hpp"
#include "store/deliver_call.hpp"
#include "store/scripts.gen.hpp"
#include "support/fatal.hpp"
#include "support/redis_client.hpp"
#include "support/redis_server.hpp"

// Last: its macros take common names.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

extern "C" {
#include <cmocka.h>
}

namespace exo::scripts_test {

using support::Reply;

inline const std::string kA(32, 'a');  // sessions of three clients
inline const std::string kB(32, 'b');
inline const std::string kC(32, 'c');
inline const std::string kEpoch(32, 'e');
inline const std::string kServer = "1111111111111111:2222222222222222";
inline const std::string kOther = "3333333333333333:4444444444444444";

inline std::string op_of(const std::string &session, unsigned counter, unsigned sending = 1) {
    return session + "-" + std::to_string(counter) + "-" + std::to_string(sending);
}

class ScriptBench {
public:
    explicit ScriptBench(support::RedisServerOptions options = {})
        : server_(std::move(options)), client_(server_.unix_socket(), support::Millis(20000)) {
        load();
    }

    support::RedisServer &server() { return server_; }
    support::RedisClient &client() { return client_; }

    void load() {
        for (const store::ScriptDef *const *script = store::kAllScripts; *script != nullptr; ++script) {
            const Reply sha = call({"SCRIPT", "LOAD", std::string((*script)->source)});
            if (sha.text != (*script)->sha1) {
                support::fatal("digest of " + std::string((*script)->name) + ": " + sha.show());
            }
        }
    }

    Reply call(const std::vector<std::string> &args) { return client_.call(args); }

    // The library sends a commit in two forms. With `known` the base's ring is known, as of any state that was read.
    Reply run(const store::CommitArgs &args) { return send<store::CommitArgs>(store::write_commit, args); }
    Reply run_known(store::CommitArgs args, std::uint64_t ring_n = 4) {
        args.ring_n = ring_n;
        return run(args);
    }
    Reply run(const store::CreateArgs &args) { return send(store::write_create, args); }
    Reply run(const store::DeliverArgs &args) { return send<store::DeliverArgs>(store::write_deliver, args); }
    Reply run(const store::DeleteArgs &args) { return send(store::write_delete, args); }
    Reply run(const store::MetaArgs &args) { return send(store::write_meta, args); }
    Reply run(const store::ExpireArgs &args) { return send(store::write_expire, args); }
    Reply run(const store::ChangesArgs &args) { return send(store::write_changes, args); }
    Reply run(const store::InspectArgs &args) { return send(store::write_inspect, args); }

    // An atom at version 1 that client A made, with the usual settings.
    void make_atom(const std::string &value = "one") {
        call({"FLUSHALL"});
        const Reply made = run(create_args(value));
        if (made.elements.size() != 12 || made.elements[1].text != "created") {
            support::fatal("create: " + made.show());
        }
    }

    // A hash written by hand, as another client or another time would have left it.
    void prepare(const std::map<std::string, std::string> &fields) {
        std::vector<std::string> command = {"HSET", "k"};
        for (const auto &[name, content] : fields) {
            command.push_back(name);
            command.push_back(content);
        }
        server_.must(command);
    }

    std::map<std::string, std::string> hash(const std::string &key = "k") {
        const Reply all = server_.must({"HGETALL", key});
        std::map<std::string, std::string> fields;
        for (std::size_t i = 0; i + 1 < all.elements.size(); i += 2) {
            fields[all.elements[i].text] = all.elements[i + 1].text;
        }
        return fields;
    }

    std::string field(const std::string &name) { return server_.cli({"HGET", "k", name}).text; }
    // Every byte of the key, for "nothing has changed".
    std::string bytes() { return server_.cli({"DUMP", "k"}).text; }

    static store::CreateArgs create_args(std::string_view value = "one") {
        store::CreateArgs args;
        args.key = "k";
        args.session = kA;
        args.counter = 1;
        args.sending = 1;
        args.kind = "atom";
        args.epoch = kEpoch;
        args.value = value;
        args.ring_n = 4;
        args.ring_limit = 4096;
        args.rec_n = 1024;
        args.server = kServer;
        args.message_limit = 16384;
        return args;
    }

    // An unconditional write of client B whose base is the atom of make_atom().
    static store::CommitArgs commit_args(std::string_view value = "two") {
        static const std::string made = op_of(kA, 1);
        static const std::string term = "1:" + kServer;
        store::CommitArgs args;
        args.key = "k";
        args.session = kB;
        args.counter = 1;
        args.sending = 1;
        args.epoch = kEpoch;
        args.base_version = 1;
        args.base_op = made;
        args.base_term = term;
        args.server = kServer;
        args.value = value;
        args.ring_limit = 4096;
        args.message_limit = 16384;
        return args;
    }

    template <typename Args>
    Reply send(void (*write)(redis::CommandWriter &, const Args &), const Args &args) {
        std::string bytes;
        redis::CommandWriter out(bytes);
        write(out, args);
        if (!client_.send_raw(bytes)) {
            support::fatal("the connection was lost while sending");
        }
        const std::optional<Reply> reply = client_.receive(support::Millis(20000));
        if (!reply) {
            support::fatal("no reply");
        }
        return *reply;
    }

private:
    support::RedisServer server_;
    support::RedisClient client_;
};

// One server for all tests of a program.
inline std::unique_ptr<ScriptBench> &shared_bench() {
    static std::unique_ptr<ScriptBench> bench;
    return bench;
}
inline ScriptBench &bench() {
    if (!shared_bench()) {
        shared_bench() = std::make_unique<ScriptBench>();
    }
    return *shared_bench();
}
inline int end_bench(void **) {
    shared_bench().reset();
    return 0;
}

// The reply's first elements; "-" stands for nil, "*" for anything.
inline void assert_begins(const Reply &reply, const std::vector<std::string> &expected, const char *file, int line) {
    if (reply.elements.size() < expected.size()) {
        print_error("%s\n", reply.show().c_str());
        _fail(file, line);
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const Reply &element = reply.elements[i];
        const std::string got = element.is_nil() ? "-" : element.text;
        if (expected[i] != "*" && got != expected[i]) {
            print_error("element %zu: '%s' instead of '%s' in %s\n", i, got.c_str(), expected[i].c_str(),
                        reply.show().c_str());
            _fail(file, line);
        }
    }
}
#define ASSERT_REPLY(reply, ...) ::exo::scripts_test::assert_begins(reply, {__VA_ARGS__}, __FILE__, __LINE__)
#define ASSERT_TEXT(got, expected) assert_string_equal(std::string(got).c_str(), std::string(expected).c_str())

}  // namespace exo::scripts_test
