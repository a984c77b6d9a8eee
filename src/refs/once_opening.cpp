// The one script of opening, and what its answer means.
#include "refs/once_opening.hpp"

#include "refs/once_cell.hpp"
#include "refs/sightings.hpp"
#include "store/delay.hpp"
#include "store/scripts.gen.hpp"

namespace exo::refs {

namespace {

store::CreateCall call_of(Client &client, const char *noun, const std::string &key, const ReferenceOptions &options) {
    store::CreateCall::What what;
    what.key = client.settings().prefix + key;
    what.kind = noun;
    what.codec = options.codec;
    if (options.ttl_ms > 0) what.ttl = static_cast<std::uint64_t>(options.ttl_ms);
    what.db = client.settings().database;
    if (what.kind == "delay") {
        what.lease_ms = options.lease_ms.value_or(store::kLeaseMs);
        what.retry = options.retry.value_or(false);
    }
    return {std::move(what), client.session(), client.next_counter()};
}

}  // namespace

OnceOpening::OnceOpening(ClientLifePtr life, const char *noun, const std::string &key, ReferenceOptions options,
                         std::int64_t timeout_ms)
    : Operation(life->client(), Subject{"open", noun, key}, timeout_ms),
      life_(std::move(life)),
      options_(std::move(options)),
      call_(call_of(client(), noun, key, options_)) {}

void OnceOpening::run() {
    Plan plan;
    plan.script = &store::kCreateScript;
    plan.write = true;
    plan.compose = [this](redis::CommandWriter &out, const redis::Peer &peer, std::uint64_t number) {
        call_.write(out, peer, number);
    };
    plan.on_answer = [self = self<OnceOpening>()](redis::ReplyView reply, const store::Sending &sending) {
        self->answered(reply, sending);
    };
    attempt(std::move(plan));
}

void OnceOpening::answered(redis::ReplyView reply, const store::Sending &sending) {
    const auto answer = call_.parse(reply, sending.number);
    if (!answer) return fail_with(answer.error());
    if (answer->done) return there(answer->done->state, true);
    const store::Refusal &refused = *answer->refused;
    using Refused = store::Refusal::Kind;
    if (refused.kind == Refused::foreign || refused.kind == Refused::wrong_type)
        return fail_with(foreign_error(subject().noun, refused.redis_type));
    if (const auto error = sighting_error(refused.there, subject().noun)) return fail_with(error);
    there(refused.there.state, false);
}

void OnceOpening::there(const store::StatePtr &state, bool created) {
    if (const auto error = codec_mismatch(options_.codec, state->codec, writes())) return fail_with(error);
    warn_of_short_life(client(), subject().noun, subject().key, options_.ttl_ms);
    Results results;
    results.flag = created;
    found(*state, results);
    succeed(std::move(results));
}

}  // namespace exo::refs
