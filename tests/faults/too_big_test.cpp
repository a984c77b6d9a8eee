// Keys and values beyond the limits: refused before anything is sent, with the option's name. And what others have written that is
// larger than this client takes: an error in time and in bounded memory, and the client is of use as before.
#include <functional>
#include <string>
#include <vector>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "faults/watch_log.hpp"
#include "support/redis_server.hpp"
#include "support/resources.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

constexpr std::size_t kLimit = 1024;

std::int64_t enough() { return scaled(Millis(10000)).count(); }

struct Call {
    const char *name;
    std::function<exoref_status(const std::string &, exoref_error **)> run;
};

std::int32_t write_context(void *ctx, const exoref_value *, exoref_sink *sink) {
    const auto *bytes = static_cast<const std::string *>(ctx);
    return exoref_sink_write(sink, bytes->data(), bytes->size()) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
}

// Everything that takes a value.
std::vector<Call> writes(const Client &client, Atom &atom) {
    return {
        {"create",
         [&client](const std::string &bytes, exoref_error **error) {
             exoref_atom *made = nullptr;
             const exoref_status status = exoref_atom_create(client.get(), "new", 3, bytes.data(), bytes.size(),
                                                             nullptr, enough(), &made, nullptr, error);
             exoref_atom_release(made);
             return status;
         }},
        {"reset",
         [&atom](const std::string &bytes, exoref_error **error) {
             return exoref_atom_reset(atom.get(), bytes.data(), bytes.size(), enough(), nullptr, error);
         }},
        {"swap",
         [&atom](const std::string &bytes, exoref_error **error) {
             std::string copy = bytes;
             return exoref_atom_swap(atom.get(), write_context, &copy, enough(), nullptr, error);
         }},
        {"compare_and_set",
         [&atom](const std::string &bytes, exoref_error **error) {
             const std::string now = atom.must_deref().bytes();
             return exoref_atom_compare_and_set(atom.get(), now.data(), now.size(), bytes.data(), bytes.size(),
                                                enough(), nullptr, nullptr, error);
         }},
        {"compare_and_set_at",
         [&atom](const std::string &bytes, exoref_error **error) {
             const Value now = atom.must_deref();
             return exoref_atom_compare_and_set_at(atom.get(), now.get(), bytes.data(), bytes.size(), enough(), nullptr,
                                                   nullptr, error);
         }},
        {"reset_meta",
         [&atom](const std::string &bytes, exoref_error **error) {
             return exoref_atom_reset_meta(atom.get(), bytes.data(), bytes.size(), enough(), error);
         }},
        {"alter_meta",
         [&atom](const std::string &bytes, exoref_error **error) {
             std::string copy = bytes;
             return exoref_atom_alter_meta(atom.get(), write_context, &copy, enough(), nullptr, error);
         }},
    };
}

}  // namespace

static void values_and_metadata_beyond_the_limit_are_refused_unsent(void **) {
    RedisServer server;
    const Client client(server.url(), {{"max_value_size", std::to_string(kLimit)}});
    Atom atom(client, "n", "0");
    const std::string before = server.must({"DUMP", "n"}).text;
    server.reset_calls();
    for (const Call &call : writes(client, atom)) {
        exoref_error *error = nullptr;
        const exoref_status status = call.run(std::string(kLimit + 1, 'x'), &error);
        const Outcome outcome = outcome_of(status, error);
        // A function's writing of so much is refused to the function, whose failure is the call's.
        const bool by_function = outcome.status == EXOREF_EFUNCTION;
        EXPECT_TRUE_SAYING(outcome.status == EXOREF_ETOOBIG || by_function, call.name + (": " + outcome.show()));
        EXPECT_TRUE_SAYING(by_function || outcome.message.find("max_value_size") != std::string::npos, outcome.message);
        EXPECT_TRUE_SAYING(outcome.message.find('\n') == std::string::npos, outcome.message);
        EXPECT_TRUE(server.must({"DUMP", "n"}).text == before);
    }
    EXPECT_EQ(server.calls("evalsha"), 0U);
    EXPECT_EQ(server.must({"DBSIZE"}).integer, 1);
    for (const Call &call : writes(client, atom)) {
        exoref_error *error = nullptr;
        const exoref_status status = call.run(std::string(kLimit, 'y'), &error);
        EXPECT_OK(outcome_of(status, error));
    }
}

static void keys_beyond_the_limit_are_refused_unsent(void **) {
    RedisServer server;
    const Client client(server.url());
    const std::string longest(std::size_t{1} << 20, 'k');
    {
        Atom atom(client, longest, "v");
        EXPECT_EQ(atom.must_deref().bytes(), std::string("v"));
    }
    const std::string key = longest + "k";
    server.reset_calls();
    exoref_atom *atom = nullptr;
    exoref_info *info = nullptr;
    EXPECT_EQ(exoref_atom_open(client.get(), key.data(), key.size(), nullptr, enough(), &atom, nullptr),
              EXOREF_ETOOBIG);
    EXPECT_EQ(
        exoref_atom_create(client.get(), key.data(), key.size(), "v", 1, nullptr, enough(), &atom, nullptr, nullptr),
        EXOREF_ETOOBIG);
    EXPECT_EQ(exoref_delete(client.get(), key.data(), key.size(), enough(), nullptr, nullptr), EXOREF_ETOOBIG);
    EXPECT_EQ(exoref_expire(client.get(), key.data(), key.size(), 1000, enough(), nullptr), EXOREF_ETOOBIG);
    EXPECT_EQ(exoref_inspect(client.get(), key.data(), key.size(), enough(), &info, nullptr), EXOREF_ETOOBIG);
    EXPECT_TRUE(atom == nullptr && info == nullptr);
    EXPECT_EQ(server.calls("evalsha") + server.calls("hmget"), 0U);
}

static void G7_a_value_that_is_larger_than_this_client_takes_is_an_error_and_not_the_end(void **) {
    RedisServer server;
    const Client large(server.url());
    Atom theirs(large, "n", "0");
    const Client client(server.url(),
                        {{"max_value_size", "1KiB"}, {"sweep_interval", "300ms"}, {"backoff_max", "50ms"}});
    Atom atom(client, "n", "0");
    Atom other(client, "other", "fine");
    WatchLog log(atom, "log");
    EXPECT_OK(theirs.reset(std::string(std::size_t{16} << 20, 'x')));
    const std::size_t before = resident_bytes();
    const std::int64_t reconnects = client.stat("reconnects");
    for (int i = 0; i < 10; ++i) {
        Value value;
        const Outcome outcome = atom.deref(&value, Millis(5000));
        EXPECT_TRUE_SAYING(!outcome.ok() && !outcome.unknown() && outcome.status != EXOREF_ETIMEOUT, outcome.show());
        EXPECT_TRUE_SAYING(outcome.message.find("max_value_size") != std::string::npos, outcome.message);
        EXPECT_EQ(other.must_deref().bytes(), std::string("fine"));
    }
    const std::int64_t again = client.stat("reconnects") - reconnects;
    EXPECT_TRUE_SAYING(again < 50, std::to_string(again) + " times connected again");
    EXPECT_TRUE_SAYING(resident_bytes() < before + (64U << 20), "memory grew");
    EXPECT_OK(theirs.reset("small again"));
    EXPECT_EQ(atom.must_deref().bytes(), std::string("small again"));
    EXPECT_TRUE(log.wait_for_value("small again"));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(values_and_metadata_beyond_the_limit_are_refused_unsent),
        cmocka_unit_test(keys_beyond_the_limit_are_refused_unsent),
        cmocka_unit_test(G7_a_value_that_is_larger_than_this_client_takes_is_an_error_and_not_the_end),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
