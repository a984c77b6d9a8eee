// Short ways to call the scripts of delays and to read their answers as the library does.
#pragma once

#include <string>

#include "store/answers.hpp"
#include "store/delay.hpp"

#include "scripts/hiredis_reply.hpp"
#include "scripts/script_bench.hpp"

namespace exo::scripts_test {

using store::DelayAnswer;
using store::LeaseId;
using Kind = store::DelayAnswer::Kind;
using Phase = store::DelayState::Phase;

// One sending of an operation.
struct Who {
    const std::string &session;
    unsigned counter = 1;
    unsigned sending = 1;

    std::string op() const { return op_of(session, counter, sending); }
};

template <typename Args>
Args delay_args(const Who &who) {
    Args args{};
    args.key = "k";
    args.session = who.session;
    args.counter = who.counter;
    args.sending = who.sending;
    args.epoch = kEpoch;
    return args;
}

// `seen`: the lease whose failure is known. In one history its number is that of the attempt, too.
template <typename Args>
Args knowing(Args args, const LeaseId &seen) {
    args.seen_attempt = seen.token;
    args.seen_token = seen.token;
    args.seen_owner = seen.owner;
    return args;
}
inline store::DelayRequestArgs request_args(const Who &who, const LeaseId &seen = {}) {
    return knowing(delay_args<store::DelayRequestArgs>(who), seen);
}
inline store::DelayClaimArgs claim_args(const Who &who, const LeaseId &seen = {}) {
    auto args = knowing(delay_args<store::DelayClaimArgs>(who), seen);
    args.forcing = true;
    return args;
}
inline store::DelayRenewArgs renew_args(const Who &who, const LeaseId &lease) {
    auto args = delay_args<store::DelayRenewArgs>(who);
    args.token = lease.token;
    args.owner = lease.owner;
    return args;
}
inline store::DelayReleaseArgs release_args(const Who &who, const LeaseId &lease) {
    auto args = delay_args<store::DelayReleaseArgs>(who);
    args.token = lease.token;
    args.owner = lease.owner;
    return args;
}
inline store::DelayDeliverArgs deliver_args(const Who &who, const LeaseId &lease, std::string_view value = "done") {
    auto args = delay_args<store::DelayDeliverArgs>(who);
    args.token = lease.token;
    args.owner = lease.owner;
    args.value = value;
    args.server = kServer;
    args.message_limit = 16384;
    return args;
}
inline store::DelayFailArgs fail_args(const Who &who, const LeaseId &lease, std::string_view message = "no disk") {
    auto args = delay_args<store::DelayFailArgs>(who);
    args.token = lease.token;
    args.owner = lease.owner;
    args.kind = "io";
    args.message = message;
    args.server = kServer;
    return args;
}

inline Reply raw(const store::DelayRequestArgs &args) { return bench().send(store::write_delay_request, args); }
inline Reply raw(const store::DelayClaimArgs &args) { return bench().send(store::write_delay_claim, args); }
inline Reply raw(const store::DelayRenewArgs &args) { return bench().send(store::write_delay_renew, args); }
inline Reply raw(const store::DelayReleaseArgs &args) { return bench().send(store::write_delay_release, args); }
inline Reply raw(const store::DelayDeliverArgs &args) { return bench().send(store::write_delay_deliver, args); }
inline Reply raw(const store::DelayFailArgs &args) { return bench().send(store::write_delay_fail, args); }

inline auto parser_of(const store::DelayRequestArgs &) { return store::parse_delay_request; }
inline auto parser_of(const store::DelayClaimArgs &) { return store::parse_delay_claim; }
inline auto parser_of(const store::DelayRenewArgs &) { return store::parse_delay_renew; }
inline auto parser_of(const store::DelayReleaseArgs &) { return store::parse_delay_release; }
inline auto parser_of(const store::DelayDeliverArgs &) { return store::parse_delay_deliver; }
inline auto parser_of(const store::DelayFailArgs &) { return store::parse_delay_fail; }

// The answer as the library reads it.
template <typename Args>
DelayAnswer ask(const Args &args) {
    const Reply shown = raw(args);
    const redis::Reply reply(to_hiredis(shown));
    const std::string op = store::op_text(args.session, args.counter, args.sending);
    auto answer = parser_of(args)(reply.view(), op);
    if (!answer) support::fatal(answer.error()->message + ": " + shown.show());
    return *answer;
}

inline store::CreateArgs create_delay_args() {
    store::CreateArgs args = ScriptBench::create_args();
    args.kind = "delay";
    args.value.reset();
    args.ring_n = 0;
    args.rec_n = 0;
    args.lease_ms = 10000;
    return args;
}

// An open delay that client A made.
inline void make_delay(bool retry = false, std::uint64_t lease_ms = 10000) {
    bench().call({"FLUSHALL"});
    store::CreateArgs args = create_delay_args();
    args.retry = retry;
    args.lease_ms = lease_ms;
    const Reply made = bench().run(args);
    if (made.elements.size() != 12 || made.elements[1].text != "created") support::fatal("create: " + made.show());
}

// The lease of a fresh claim.
inline LeaseId claimed(const Who &who, const LeaseId &seen = {}) {
    const DelayAnswer answer = ask(claim_args(who, seen));
    if (answer.kind != Kind::granted) support::fatal("not granted to " + who.op());
    return answer.delay.lease;
}

inline std::int64_t server_ms() {
    const Reply time = bench().server().must({"TIME"});
    return std::stoll(time.elements[0].text) * 1000 + std::stoll(time.elements[1].text) / 1000;
}
// As the clock would have it when the lease has `ms` left; negative: it ended so long ago.
inline void leave_lease(std::int64_t ms) { bench().prepare({{"lease_until", std::to_string(server_ms() + ms)}}); }

}  // namespace exo::scripts_test
