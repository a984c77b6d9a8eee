// URLs: every accepted form, every malformed one with a message that helps, and never a password in it.
#include <cstdlib>
#include <string>

#include "exoref/exoref.h"
#include "redis/url.hpp"
#include "support/cmocka.hpp"

using exo::base::Option;
using exo::redis::NodeConfig;
using exo::redis::ParsedUrl;

namespace {

ParsedUrl good(const std::string &text) {
    exo::base::Result<ParsedUrl> parsed = exo::redis::parse_url(text);
    if (!parsed) fail_msg("%s: %s", text.c_str(), parsed.error()->message.c_str());
    return *parsed;
}

std::string bad(const std::string &text) {
    const exo::base::Result<ParsedUrl> parsed = exo::redis::parse_url(text);
    if (parsed) fail_msg("taken, and should not be: %s", text.c_str());
    assert_int_equal(static_cast<int>(parsed.error()->status), EXOREF_EINVAL);
    assert_true(parsed.error()->message.find('\n') == std::string::npos);
    assert_true(parsed.error()->message.size() < 700);
    return parsed.error()->message;
}

void assert_contains(const std::string &text, const std::string &part) {
    if (text.find(part) == std::string::npos) fail_msg("'%s' is not in: %s", part.c_str(), text.c_str());
}

void assert_lacks(const std::string &text, const std::string &part) {
    if (text.find(part) != std::string::npos) fail_msg("'%s' is in: %s", part.c_str(), text.c_str());
}

void the_usual_forms(void **) {
    ParsedUrl url = good("redis://example.org");
    assert_true(url.kind == NodeConfig::Kind::tcp);
    assert_string_equal(url.host.c_str(), "example.org");
    assert_int_equal(url.port, 6379);
    assert_false(url.database.has_value());
    assert_string_equal(url.shown.c_str(), "redis://example.org:6379");

    url = good("REDIS://user:pass@10.0.0.1:7000/3?timeout=2s&prefix=a%3Ab%26");
    assert_string_equal(url.host.c_str(), "10.0.0.1");
    assert_int_equal(url.port, 7000);
    assert_string_equal(url.username.c_str(), "user");
    assert_string_equal(url.password.c_str(), "pass");
    assert_int_equal(*url.database, 3);
    assert_int_equal(url.query.duration_ms(Option::timeout), 2000);
    assert_string_equal(url.query.text(Option::prefix).c_str(), "a:b&");
    assert_string_equal(url.shown.c_str(), "redis://10.0.0.1:7000/3");
    assert_string_equal(good("redis://h/").shown.c_str(), "redis://h:6379");
    assert_string_equal(good("redis://h?").shown.c_str(), "redis://h:6379");
}

void ipv6_stands_in_brackets(void **) {
    ParsedUrl url = good("redis://:pw@[::1]:6380/1");
    assert_string_equal(url.host.c_str(), "::1");
    assert_int_equal(url.port, 6380);
    assert_string_equal(url.shown.c_str(), "redis://[::1]:6380/1");
    assert_string_equal(good("redis://[fe80::1%25eth0]").host.c_str(), "fe80::1%eth0");
    assert_contains(bad("redis://::1:6379"), "no host");
    assert_contains(bad("redis://fe80::1"), "[::1]");
    assert_contains(bad("redis://[::1"), "not closed");
    assert_contains(bad("redis://[example.org]:1"), "no IPv6 address");
    assert_contains(bad("redis://[::1]6379"), "something else than :port");
}

void user_info_is_percent_decoded(void **) {
    const ParsedUrl url = good("redis://us%40er:p%2Fw%3A%25%00x@h");
    assert_string_equal(url.username.c_str(), "us@er");
    assert_int_equal(url.password.size(), 7);
    assert_memory_equal(url.password.data(), "p/w:%\0x", 7);
    assert_string_equal(good("redis://:a@b:c@h").password.c_str(), "a@b:c");
    assert_string_equal(good("redis://@h").username.c_str(), "");
    assert_string_equal(good("redis://u:p@h").query.text(Option::user).c_str(), "u");
    assert_contains(bad("redis://secret@h"), ":password");
}

void user_password_and_database_may_be_options(void **) {
    const ParsedUrl url = good("redis://h?user=u&password=p%26q&database=4");
    assert_string_equal(url.username.c_str(), "u");
    assert_string_equal(url.password.c_str(), "p&q");
    assert_int_equal(*url.database, 4);
    assert_contains(bad("redis://u:p@h?user=v"), "twice");
    assert_contains(bad("redis://h/1?db=2"), "twice");
    assert_contains(bad("redis://h?timeout=1s&timeout=2s"), "twice");
}

void a_socket_has_an_absolute_path(void **) {
    ParsedUrl url = good("redis+unix:///run/redis%20x.sock?database=2");
    assert_true(url.kind == NodeConfig::Kind::unix_socket);
    assert_string_equal(url.path.c_str(), "/run/redis x.sock");
    assert_int_equal(*url.database, 2);
    assert_string_equal(url.shown.c_str(), "redis+unix:///run/redis x.sock");
    url = good("redis+unix://u:p@/a@b");
    assert_string_equal(url.path.c_str(), "/a@b");
    assert_string_equal(url.password.c_str(), "p");
    assert_contains(bad("redis+unix://run/redis.sock"), "begins with '/'");
    assert_contains(bad("redis+unix://"), "begins with '/'");
    assert_contains(bad("redis+unix:///" + std::string(107, 'x')), "107 bytes");
    assert_contains(bad("redis+unix:///a%00b"), "NUL");
    assert_contains(bad("unix:///run/redis.sock"), "redis+unix://");
}

void local_names_a_folder(void **) {
    ParsedUrl url = good("local:./x?timeout=3s");
    assert_true(url.kind == NodeConfig::Kind::local);
    assert_string_equal(url.path.c_str(), "./x");
    assert_int_equal(url.query.duration_ms(Option::timeout), 3000);
    assert_string_equal(url.shown.c_str(), "local:./x");
    assert_string_equal(good("local:/abs/x").path.c_str(), "/abs/x");
    assert_string_equal(good("local:///abs/x").path.c_str(), "///abs/x");
    assert_string_equal(good("local:a%3Fb").path.c_str(), "a?b");
    assert_string_equal(good("local:" + std::string(300, 'd')).path.c_str(), std::string(300, 'd').c_str());
    assert_contains(bad("local:"), "no folder");
    assert_contains(bad("local:?timeout=1s"), "no folder");
    assert_contains(bad("local://x"), "without '//'");
}

void what_this_version_can_not_do_is_said(void **) {
    assert_contains(bad("rediss://h"), "encrypted");
    assert_contains(bad("redis+sentinel://h/m"), "sentinels");
    assert_contains(bad("redis+cluster://h"), "cluster");
    for (const char *text : {"rediss://u:hunter2@h", "redis+cluster://:hunter2@h"}) assert_lacks(bad(text), "hunter2");
}

void other_schemes_are_answered_with_the_accepted_forms(void **) {
    for (const char *text : {"", "h", "h:6379", "http://h", "redis:h", "redis:/h", "://", ":", "/run/x.sock", "//h"}) {
        const std::string message = bad(text);
        assert_contains(message, "redis://[[user]:password@]host");
        assert_contains(message, "local:DIR");
    }
}

void hosts_ports_and_databases_are_checked(void **) {
    for (const char *text : {"redis://", "redis:///0", "redis://:6379", "redis://:pw@/1"}) {
        assert_contains(bad(text), "no host");
    }
    for (const char *text : {"redis://h:", "redis://h:0", "redis://h:65536", "redis://h:x", "redis://h:-1",
                             "redis://h:+1", "redis://h:99999999999999999999", "redis://h:63 79"}) {
        assert_contains(bad(text), "1 to 65535");
    }
    for (const char *text : {"redis://h/x", "redis://h/-1", "redis://h/1/2", "redis://h/1#a", "redis://h/1.0"}) {
        assert_contains(bad(text), "database");
    }
    assert_contains(bad("redis://h/99999999999"), "database");
    for (const char *text :
         {"redis://a b", "redis://a\nb", "redis://h\n", " redis://h", "redis://a%41", "redis://\xff"}) {
        bad(text);
    }
    bad(std::string("redis://h\0x", 11));
}

void options_in_the_query_are_checked(void **) {
    assert_contains(bad("redis://h?timeut=1s"), "did you mean 'timeout'?");
    assert_contains(bad("redis://h?timeout=soon"), "500ms");
    assert_contains(bad("redis://h?timeout"), "no value");
    assert_contains(bad("redis://h?history=3"), "belongs to a reference");
    assert_contains(bad("redis://h?prefix=%4"), "hexadecimal");
    assert_contains(bad("redis://h?%zz=1"), "hexadecimal");
    assert_contains(bad("redis://%%:x@h"), "hexadecimal");
    good("redis://h?&&timeout=1s&");
}

/// In whatever way a URL with a password is malformed, no message shows it.
void a_password_is_never_shown(void **) {
    for (const char *text : {"redis://u:hunter2@",
                             "redis://u:hunter2@h:x",
                             "redis://u:hunter2@h/x",
                             "redis://u:hunter2@h?x=1",
                             "redis://u:hunter2/y@h",
                             "redis://u:hunter2?y@h",
                             "redis://u:12/hunter2@h",
                             "redis://u:12?hunter2@h",
                             "redis://u:12?hunter2=1@h",
                             "redis://u:12?timeout=hunter2@h",
                             "redis://u:hunter2%@h",
                             "redis://hunter2@h",
                             "redis://:hunter2",
                             "redis://u:hunter2",
                             "redis+unix://u:hunter2@h/x",
                             "redis+unix://u:hunter2/x@/s",
                             "http://u:hunter2@h",
                             "redis:u:hunter2@h",
                             "u:hunter2@h",
                             "hunter2://h",
                             "redis://h?password=%zhunter2",
                             "redis://h?password=hunter2&password=hunter2",
                             "redis://[hunter2]@h",

                             "redis://:a@b:hunter2"}) {
        assert_lacks(bad(text), "hunter2");
    }
    assert_lacks(good("redis://u:hunter2@h?name=x").shown, "hunter2");
    assert_lacks(good("redis://h?password=hunter2").shown, "hunter2");
}

void hostile_strings_end_in_an_error_or_a_url(void **) {
    const std::string alphabet = std::string("redis:/@[]%?&=#.-09afz\n\xff", 24) + '\0';
    std::uint32_t state = 12345;
    for (int round = 0; round < 20000; ++round) {
        std::string text = round % 2 == 0 ? "redis://" : "redis+unix://";
        for (int i = 0; i < round % 40; ++i) {
            state = state * 1664525u + 1013904223u;
            text += alphabet[(state >> 16) % alphabet.size()];
        }
        const exo::base::Result<ParsedUrl> parsed = exo::redis::parse_url(text);
        if (!parsed) assert_true(parsed.error()->message.find('\n') == std::string::npos);
    }
    bad("redis://" + std::string(1 << 20, '['));
    bad("redis://h?" + std::string(1 << 20, 'a') + "=1");
    bad("redis://" + std::string(1 << 20, ':'));
}

void the_environment_is_asked_where_no_url_is_given(void **) {
    unsetenv("EXOREF_URL");
    unsetenv("REDIS_URL");
    assert_string_equal(exo::redis::choose_url(nullptr).c_str(), "redis://127.0.0.1:6379");
    setenv("REDIS_URL", "redis://b", 1);
    assert_string_equal(exo::redis::choose_url(nullptr).c_str(), "redis://b");
    setenv("EXOREF_URL", "redis://a", 1);
    assert_string_equal(exo::redis::choose_url(nullptr).c_str(), "redis://a");
    assert_string_equal(exo::redis::choose_url("redis://c").c_str(), "redis://c");
    setenv("EXOREF_URL", "", 1);
    assert_string_equal(exo::redis::choose_url(nullptr).c_str(), "redis://b");
    assert_string_equal(exo::redis::choose_url("").c_str(), "");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_usual_forms),
        cmocka_unit_test(ipv6_stands_in_brackets),
        cmocka_unit_test(user_info_is_percent_decoded),
        cmocka_unit_test(user_password_and_database_may_be_options),
        cmocka_unit_test(a_socket_has_an_absolute_path),
        cmocka_unit_test(local_names_a_folder),
        cmocka_unit_test(what_this_version_can_not_do_is_said),
        cmocka_unit_test(other_schemes_are_answered_with_the_accepted_forms),
        cmocka_unit_test(hosts_ports_and_databases_are_checked),
        cmocka_unit_test(options_in_the_query_are_checked),
        cmocka_unit_test(a_password_is_never_shown),
        cmocka_unit_test(hostile_strings_end_in_an_error_or_a_url),
        cmocka_unit_test(the_environment_is_asked_where_no_url_is_given),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
