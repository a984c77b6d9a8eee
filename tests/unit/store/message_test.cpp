// Notifications: what a script publishes is read back, and anything else is no message.
#include "store/message.hpp"

#include <random>

#include "unit/store/reply_builder.hpp"

namespace exo::store_test {
namespace {

using namespace exo::store;

const std::string kChange = "1 change 3 eeee 6 a-1-1 7 b-2-1 1:r:p v new value\n";

void G3_a_change_names_its_predecessor_and_itself(void **) {
    const auto message = parse_message(kChange);
    assert_true(message.has_value());
    assert_true(message->kind == Message::Kind::change && message->db == 3 && message->epoch == "eeee");
    assert_true(message->version_before == 6 && message->op_before == "a-1-1");
    assert_true(message->version == 7 && message->op == "b-2-1" && message->term == "1:r:p");
    assert_true(message->value == " new value\n");
}

void G3_a_value_may_be_left_out_or_hold_any_bytes(void **) {
    const auto big = parse_message("1 change 0 e 6 a 7 b - -");
    assert_true(big && !big->value && big->term.empty());
    const auto odd = parse_message(std::string_view("1 change 0 e 6 a 7 b - v\0\r\n -", 29));
    assert_true(odd && odd->value == std::string_view("\0\r\n -", 5));
    const auto empty = parse_message("1 change 0 e 6 a 7 b - v");
    assert_true(empty && empty->value == "");
}

void C10_creation_and_removal_are_read(void **) {
    const auto made = parse_message("1 create 0 e 0 - 1 a-1-1 1:r:p vx");
    assert_true(made && made->kind == Message::Kind::create && made->op_before.empty() && made->version == 1);
    const auto promise = parse_message("1 create 0 e 0 - 0 - - -");
    assert_true(promise && promise->version == 0 && promise->op.empty() && !promise->value);
    const auto removed = parse_message("1 delete 0 e 9 a-1-1 0 b-1-1 - -");
    assert_true(removed && removed->kind == Message::Kind::remove && removed->version_before == 9);
}

void G4_what_a_delay_tells_is_read(void **) {
    const auto wanted = parse_message("1 wanted 3 e 0 - 0 a-1-1 - -");
    assert_true(wanted && wanted->kind == Message::Kind::wanted && wanted->db == 3 && wanted->version == 0);
    const auto again = parse_message("1 failed 0 e 0 - 0 a-1-1 - -");
    assert_true(again && again->kind == Message::Kind::failed && again->version == 0);
    const auto kept = parse_message("1 failed 0 e 0 - 1 a-1-1 1:r:p -");
    assert_true(kept && kept->kind == Message::Kind::failed && kept->version == 1 && kept->term == "1:r:p");
}

void what_is_no_message_is_refused(void **) {
    const char *const bad[] = {"",
                               " ",
                               "1",
                               "hello",
                               "2 change 0 e 6 a 7 b - -",
                               "1 changed 0 e 6 a 7 b - -",
                               "1 change x e 6 a 7 b - -",
                               "1 change 0 e -6 a 7 b - -",
                               "1 change 0 e 6 a 8 b - -",  // not its successor
                               "1 change 0 e 6 a 6 b - -",
                               "1 change 0 e 6 a 7 - - -",
                               "1 change 0  6 a 7 b - -",
                               "1 change 0 e 6 a 7 b -",
                               "1 change 0 e 6 a 7 b - ",
                               "1 change 0 e 6 a 7 b - w",
                               "1 change 0 e 6 a 7 b - -x",
                               "1 change 0 e 99999999999999999999 a 7 b - -",
                               "1 create 0 e 1 - 1 a - -",
                               "1 create 0 e 0 - 2 a - -",
                               "1 delete 0 e 9 a 3 b - -",
                               "1 wanted 0 e 0 - 1 b - -",
                               "1 wanted 0 e 1 a 0 b - -",
                               "1 failed 0 e 0 - 2 b - -",
                               "1 failed 0 e 1 a 1 b - -",
                               "1 failed 0 e 0 - 1 - - -"};
    for (const char *text : bad) {
        if (parse_message(text)) fail_msg("was taken for a message: '%s'", text);
    }
}

void hostile_messages_never_crash(void **) {
    for (std::size_t size = 0; size < kChange.size(); ++size) {
        const std::string cut = kChange.substr(0, size);
        (void)parse_message(std::string_view(cut.data(), cut.size()));
    }
    std::mt19937 random(7);
    for (int round = 0; round < 20000; ++round) {
        std::string text = kChange;
        for (unsigned n = random() % 4 + 1; n > 0; --n) text[random() % text.size()] = static_cast<char>(random());
        (void)parse_message(text);
    }
}

}  // namespace
}  // namespace exo::store_test

int main() {
    using namespace exo::store_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(G3_a_change_names_its_predecessor_and_itself),
        cmocka_unit_test(G3_a_value_may_be_left_out_or_hold_any_bytes),
        cmocka_unit_test(C10_creation_and_removal_are_read),
        cmocka_unit_test(G4_what_a_delay_tells_is_read),
        cmocka_unit_test(what_is_no_message_is_refused),
        cmocka_unit_test(hostile_messages_never_crash),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
