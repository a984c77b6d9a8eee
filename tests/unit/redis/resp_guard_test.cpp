// What the server may say before hiredis' reader sees a byte of it; and that what it says comes through whole, however
// it is cut into pieces.
#include <string>
#include <vector>

#include "redis/reply_reader.hpp"
#include "support/resources.hpp"

#include "support/cmocka.hpp"

namespace {

using exo::redis::Reply;
using exo::redis::ReplyReader;
using exo::redis::ReplyView;
using exo::redis::RespGuard;
using exo::redis::RespLimits;

std::string shown(ReplyView reply) {
    if (reply.is_nil()) return "nil";
    if (reply.is_error()) return "-" + std::string(reply.text());
    if (reply.is_status()) return "+" + std::string(reply.text());
    if (reply.is_string()) return "'" + std::string(reply.text()) + "'";
    if (reply.is_integer()) return std::to_string(reply.integer());
    std::string text = "[";
    for (std::size_t i = 0; i < reply.size(); ++i) text += (i > 0 ? "," : "") + shown(reply[i]);
    return text + "]";
}

struct Outcome {
    std::vector<std::string> replies;
    bool broken = false;
    std::string why;
};

/// Feeds the bytes in pieces of the given size.
Outcome feed(const std::string &bytes, std::size_t piece, const RespLimits &limits = {}) {
    Outcome outcome;
    ReplyReader reader(limits);
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        const char *data = bytes.data() + at;
        std::size_t size = std::min(piece, bytes.size() - at);
        while (size > 0) {
            Reply reply;
            const auto next = reader.next(data, size, reply);
            if (next == ReplyReader::Next::broken) {
                outcome.broken = true;
                outcome.why = reader.why();
                return outcome;
            }
            if (next == ReplyReader::Next::more) break;
            outcome.replies.push_back(shown(reply.view()));
        }
    }
    return outcome;
}

std::string valid_stream() {
    return std::string(
               "+OK\r\n-ERR "
               "no\r\n:42\r\n:-9223372036854775808\r\n:9223372036854775807\r\n$-1\r\n*-1\r\n$0\r\n\r\n*0\r\n") +
           std::string("$5\r\na\r\n\0b\r\n", 11) + "*3\r\n:1\r\n*2\r\n$1\r\nx\r\n*0\r\n+y\r\n" +
           "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:7\r\n" + "+\r\n";
}

void a_stream_gives_the_same_replies_however_it_is_cut(void **) {
    const std::string bytes = valid_stream();
    const auto whole = feed(bytes, bytes.size());
    assert_false(whole.broken);
    assert_int_equal(whole.replies.size(), 13);
    assert_string_equal(whole.replies[0].c_str(), "+OK");
    assert_true(whole.replies[9] == std::string("'a\r\n\0b'", 7));
    assert_string_equal(whole.replies[10].c_str(), "[1,['x',[]],+y]");
    assert_string_equal(whole.replies[11].c_str(), "[[[[[[[7]]]]]]]");
    for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
        const auto cut = feed(bytes, piece);
        assert_false(cut.broken);
        assert_true(cut.replies == whole.replies);
    }
}

void an_unfinished_stream_waits_for_more_at_every_byte(void **) {
    const std::string bytes = valid_stream();
    const auto whole = feed(bytes, bytes.size());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto part = feed(bytes.substr(0, size), 3);
        assert_false(part.broken);
        assert_true(part.replies.size() < whole.replies.size());
    }
}

struct Hostile {
    const char *name;
    std::string bytes;
};

std::vector<Hostile> hostile_streams() {
    std::string deep;
    for (int i = 0; i < 1000000; ++i) deep += "*1\r\n";
    std::string bomb;  // 91 bytes for which hiredis 0.14 reserves 54 GB
    for (int i = 0; i < 7; ++i) bomb += "*1000000000\r\n";
    return {
        {"more elements than can be", "*4294967295\r\n"},
        {"elements beyond the limit", "*1048577\r\n"},
        {"elements beyond the limit, together", "*600000\r\n*600000\r\n"},
        {"a bulk of all memory", "$9223372036854775807\r\n"},
        {"a bulk beyond all numbers", "$99999999999999999999\r\n"},
        {"a million levels", deep},
        {"eight levels", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"},
        {"nesting bomb", bomb},
        {"an endless line", "+" + std::string(1000000, 'a')},
        {"an endless error", "-" + std::string(1000000, 'a')},
        {"an endless number", ":" + std::string(1000, '1')},
        {"a number with letters", ":12x\r\n"},
        {"an empty number", ":\r\n"},
        {"an empty length", "$\r\n"},
        {"a sign alone", ":-\r\n"},
        {"two signs", ":--1\r\n"},
        {"a bulk of negative length", "$-2\r\n"},
        {"an array of negative length", "*-2\r\n"},
        {"a bulk that is longer than it says", "$1\r\nab\r\n"},
        {"a line without its end", "+OK\rx"},
        {"a number without its end", ":1\rx"},
        {"RESP3 map", "%1\r\n+a\r\n+b\r\n"},
        {"RESP3 push", ">1\r\n+a\r\n"},
        {"RESP3 null", "_\r\n"},
        {"RESP3 double", ",1.5\r\n"},
        {"RESP3 attribute", "|1\r\n+a\r\n+b\r\n"},
        {"RESP3 set", "~1\r\n+a\r\n"},
        {"RESP3 bool", "#t\r\n"},
        {"HTTP", "HTTP/1.1 400 Bad Request\r\n"},
        {"SSH", "SSH-2.0-OpenSSH_9.2\r\n"},
        {"a TLS alert", std::string("\x15\x03\x01\x00\x02\x02\x46", 7)},
        {"nothing but zeros", std::string(16, '\0')},
        {"an empty line", "\r\n"},
    };
}

void hostile_replies_are_refused_before_memory_is_reserved(void **) {
    for (const Hostile &hostile : hostile_streams()) {
        const std::size_t before = exo::support::resident_bytes();
        for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, hostile.bytes.size()}) {
            const auto outcome = feed(hostile.bytes, piece);
            if (!outcome.broken || outcome.why.empty()) fail_msg("not refused: %s", hostile.name);
            assert_true(outcome.replies.empty());
        }
        const std::size_t after = exo::support::resident_bytes();
        if (after > before + (std::size_t{16} << 20)) fail_msg("too much memory for: %s", hostile.name);
    }
}

void limits_are_kept_to_the_byte(void **) {
    RespLimits limits;
    limits.bulk = 10;
    limits.line = 5;
    limits.elements = 3;
    limits.reply = 60;
    assert_false(feed("$10\r\n0123456789\r\n", 4, limits).broken);
    assert_true(feed("$11\r\n", 4, limits).broken);
    assert_false(feed("+12345\r\n", 4, limits).broken);
    assert_true(feed("+123456\r\n", 4, limits).broken);
    assert_false(feed("*3\r\n:1\r\n:2\r\n:3\r\n", 4, limits).broken);
    assert_false(feed("*2\r\n:1\r\n*1\r\n:3\r\n", 4, limits).broken);
    assert_true(feed("*2\r\n*2\r\n", 4, limits).broken);
    const std::string ten = "$10\r\n0123456789\r\n";
    assert_false(feed("*3\r\n" + ten + ten + ten, 4, limits).broken);
    limits.reply = 54;
    assert_true(feed("*3\r\n" + ten + ten + ten, 4, limits).broken);
    // Each reply counts anew.
    assert_false(feed(ten + ten + ten + ten + ten, 4, limits).broken);
}

void a_large_value_comes_through_whole(void **) {
    std::string value(std::size_t{8} << 20, 'v');
    for (std::size_t i = 0; i < value.size(); i += 4097) value[i] = '\r';
    const std::string bytes = "$" + std::to_string(value.size()) + "\r\n" + value + "\r\n+next\r\n";
    const auto outcome = feed(bytes, std::size_t{64} << 10);
    assert_false(outcome.broken);
    assert_int_equal(outcome.replies.size(), 2);
    assert_true(outcome.replies[0] == "'" + value + "'");
    assert_string_equal(outcome.replies[1].c_str(), "+next");
}

void random_bytes_crash_nothing(void **) {
    std::uint64_t seed = exo::support::test_seed();
    const std::string alphabet = std::string("*$:+-\r\n0123456789x\0", 19);
    for (int round = 0; round < 20000; ++round) {
        std::string bytes;
        for (int i = 0; i < 40; ++i) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            bytes += alphabet[(seed >> 33) % alphabet.size()];
        }
        const auto whole = feed(bytes, bytes.size());
        const auto dripped = feed(bytes, 1);
        assert_true(whole.replies == dripped.replies);
        assert_int_equal(whole.broken, dripped.broken);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_gives_the_same_replies_however_it_is_cut),
        cmocka_unit_test(an_unfinished_stream_waits_for_more_at_every_byte),
        cmocka_unit_test(hostile_replies_are_refused_before_memory_is_reserved),
        cmocka_unit_test(limits_are_kept_to_the_byte),
        cmocka_unit_test(a_large_value_comes_through_whole),
        cmocka_unit_test(random_bytes_crash_nothing),
    };
    return cmocka_run_group_tests_name("redis/resp_guard", tests, nullptr, nullptr);
}
