// The steps of a commit: know a base, send, read the answer, begin again or end.
#include "refs/commit.hpp"

#include "refs/sightings.hpp"
#include "refs/watches.hpp"
#include "store/commands.hpp"
#include "store/scripts.gen.hpp"

namespace exo::refs {

using base::Reason;
using base::Stat;
using Kind = CommitOperation::Change::Kind;

CommitOperation::CommitOperation(std::shared_ptr<AtomCell> cell, Subject subject, std::int64_t timeout_ms,
                                 Change change)
    : Operation(cell->client_ptr(), std::move(subject), timeout_ms),
      cell_(std::move(cell)),
      change_(std::move(change)) {}

void CommitOperation::run() {
    ready_ = true;
    cell_->pump();
}

void CommitOperation::ended() {
    change_.basis = nullptr;
    cell_->leave(*this);
}

void CommitOperation::proceed() {
    if (over()) return;
    const store::StatePtr known = cell_->newest();
    if (!known) return read();
    if (const auto error = codec_mismatch(change_.codec, known->codec, change_.kind != Kind::confirm))
        return fail_with(error);
    const auto rests_on_known = [&] {
        return change_.basis->committed && change_.basis->committed->identity == known->identity;
    };
    switch (change_.kind) {
        case Kind::reset: return commit(known, false);
        case Kind::offer: return rests_on_known() ? commit(known, true) : again();
        case Kind::confirm:
            if (!confirmed_) return read();
            return rests_on_known() ? confirmed() : again();
        case Kind::compare:
            if (known->value == change_.expected) return commit(known, true);
            return confirmed_ ? mismatch() : read();
        case Kind::compare_at: return commit(change_.at, true);
    }
}

void CommitOperation::read() {
    Plan plan;
    plan.size = cell_->key().size();
    plan.wrong_type_is_answer = true;
    plan.compose = [this](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
        store::write_read_state(out, cell_->key());
    };
    plan.on_answer = [self = self<CommitOperation>()](redis::ReplyView reply, const store::Sending &sending) {
        const auto sighting = store::parse_read_state(reply);
        if (!sighting) return self->fail_with(sighting.error());
        const auto error = self->cell_->take_sighting(*sighting, sending.peer.connection);
        if (sighting->kind == store::Sighting::Kind::other_type) return self->fail_with_type(self->cell_->key());
        if (error) return self->fail_with(error);
        self->confirmed_ = true;
        self->proceed();
    };
    attempt(std::move(plan));
}

void CommitOperation::commit(const store::StatePtr &base, bool conditional) {
    counter_ = client().next_counter();
    Plan plan;
    plan.script = &store::kCommitScript;
    plan.write = true;
    plan.size = change_.value.size() + cell_->key().size();
    plan.compose = [this, base, conditional](redis::CommandWriter &out, const redis::Peer &peer, std::uint64_t number) {
        const std::string server = store::server_identity(peer);
        store::CommitArgs args;
        args.key = cell_->key();
        args.session = client().session();
        args.counter = counter_;
        args.sending = number;
        args.epoch = base->identity.epoch;
        args.conditional = conditional;
        args.base_version = base->identity.version;
        args.base_op = base->identity.op;
        args.base_term = base->term;
        args.fresh = number == 1 && cell_->newest_connection() == peer.connection && base == cell_->newest();
        args.server = server;
        args.want_old = change_.want_old;
        args.value = change_.value;
        args.ring_n = base->ring_n;
        args.ring_limit = client().settings().ring_value_limit;
        args.message_limit = client().settings().message_value_limit;
        args.db = client().settings().database;
        store::write_commit(out, args);
    };
    plan.on_answer = [self = self<CommitOperation>(), base, conditional](redis::ReplyView reply,
                                                                         const store::Sending &sending) {
        self->answered(reply, sending, base, conditional);
    };
    attempt(std::move(plan));
}

void CommitOperation::answered(redis::ReplyView reply, const store::Sending &sending, const store::StatePtr &base,
                               bool conditional) {
    const std::string op = store::op_text(client().session(), counter_, sending.number);
    const auto answer = store::parse_commit(reply, op, *base);
    if (!answer) return fail_unreadable(answer.error());
    if (answer->done) return applied(*answer->done, sending, base, conditional);
    refused(*answer->refused, sending);
}

void CommitOperation::applied(const store::Committed &done, const store::Sending &sending, const store::StatePtr &base,
                              bool conditional) {
    client().stats().add(Stat::commits);
    if (done.repeat) client().stats().add(Stat::resends_recorded);
    auto made = std::make_shared<store::State>();
    made->type = "atom";
    made->codec = base->codec;
    made->identity = done.made;
    made->term = done.term;
    made->ring_n = base->ring_n;
    made->value = change_.value;

    store::StatePtr before = conditional ? base : nullptr;
    if (!conditional && done.before) {
        auto state = std::make_shared<store::State>();
        state->type = "atom";
        state->codec = base->codec;
        state->identity = done.before->identity;
        state->value = done.before->value;
        before = std::move(state);
    }
    // A repeat's change may lie in the past already.
    if (done.repeat) {
        cell_->forget();
    } else {
        cell_->learn(made, sending.peer.connection);
    }
    cell_->committed(change_.result, made);
    if (before) cell_->watches().own_commit(before, made);
    if (change_.want_old && (!before || !before->value)) {
        return fail_unknown(Reason::history_dropped,
                            "it was applied, but the value before it is not in the history any more");
    }
    Results results = results_of(made);
    results.old_value = before;
    succeed(std::move(results));
}

void CommitOperation::refused(const store::Refusal &refusal, const store::Sending &sending) {
    const auto there = cell_->take_sighting(refusal.there, sending.peer.connection);
    using Refused = store::Refusal::Kind;
    if (store::verdict(refusal.kind, sending.only) == store::Verdict::unknown) {
        const bool lost = refusal.kind == Refused::gone;
        return fail_unknown(
            lost ? Reason::data_lost : Reason::history_dropped,
            lost ? "it was sent again after a lost connection, and the atom it was meant for is gone"
                 : "it was sent again after a lost connection, and the record that would tell whether it was "
                   "applied is gone; read the value before you try again");
    }
    if (there) {
        const bool taken = refusal.kind == Refused::gone && !refusal.redis_type.empty() && refusal.redis_type != "none";
        return taken && refusal.there.kind != store::Sighting::Kind::present ? fail_with_type_name(refusal.redis_type)
                                                                             : fail_with(there);
    }
    confirmed_ = true;
    if (refusal.kind == Refused::conflict) client().stats().add(Stat::conflicts);
    switch (change_.kind) {
        case Kind::offer:
        case Kind::confirm: return again();
        case Kind::compare_at:
            // Too old is final here: a record of a version above this state was dropped, so the head has passed it. To begin again
            // upon the same state would be refused for ever.
            return refusal.kind == Refused::stale ? proceed() : mismatch();
        case Kind::reset:
        case Kind::compare: return proceed();
    }
}

void CommitOperation::again() {
    // Out of the line first: its own result is no head any more.
    cell_->leave(*this);
    HeadPtr head = cell_->head();
    if (!head) head = std::make_shared<Head>(Head{cell_->newest(), cell_->newest()});
    change_.rebase(head);
    Results results;
    results.value = head->value();
    succeed(std::move(results));
}

void CommitOperation::confirmed() {
    // The swap goes on from where it is, if it wants to.
    change_.rebase(change_.basis);
    succeed(results_of(cell_->newest()));
}

void CommitOperation::mismatch() {
    Results results;
    results.value = cell_->newest();
    succeed(std::move(results));
}

Results CommitOperation::results_of(const store::StatePtr &made) const {
    Results results;
    results.flag = true;
    results.value = made;
    return results;
}

}  // namespace exo::refs
