// Metadata of an atom (C8): a compare-and-set on its own identity, no version, no watchers, no record.
#include "store/metadata.hpp"

#include "refs/atom.hpp"
#include "store/scripts.gen.hpp"

namespace exo::refs {

using base::Reason;
using base::Status;

namespace {

/// Metadata as a value: the bytes, with the id of their last write as identity.
store::StatePtr value_of(const store::Attribute &meta, const std::string &epoch) {
    auto state = std::make_shared<store::State>();
    state->identity = {epoch, 0, meta.op};
    state->value = meta.content.value_or("");
    return state;
}

class MetaOperation : public Operation {
public:
    MetaOperation(AtomPtr atom, const char *verb, std::int64_t timeout_ms)
        : Operation(atom->life()->client(), Subject{verb, "atom", atom->key()}, timeout_ms), atom_(std::move(atom)) {}

protected:
    const AtomPtr &atom() const noexcept { return atom_; }

    void read() {
        Plan plan;
        plan.wrong_type_is_answer = true;
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
            store::write_read_meta(out, atom_->cell()->key());
        };
        plan.on_answer = [self = self<MetaOperation>()](redis::ReplyView reply, const store::Sending &) {
            const auto found = store::parse_read_meta(reply);
            if (!found) return self->fail_with(found.error());
            if (found->there.kind != store::Sighting::Kind::present) return self->absent(found->there);
            self->seen(*found);
        };
        attempt(std::move(plan));
    }

    virtual void seen(const store::MetaSighting &found) = 0;

    void absent(const store::Sighting &there) {
        switch (there.kind) {
            case store::Sighting::Kind::newer_format:
                return fail(Status::EFORMAT, "the reference is of format " + std::to_string(there.format) +
                                                 ", and this library knows formats up to " +
                                                 std::to_string(store::kFormat) + "; use a newer one");
            case store::Sighting::Kind::other_type:
                return fail(Status::ETYPE, "the key does not hold an atom but something that is not of exoref");
            default: return fail(Status::ENOTFOUND, "there is no atom under this key; create it first");
        }
    }

private:
    const AtomPtr atom_;
};

class ReadMeta : public MetaOperation {
public:
    ReadMeta(AtomPtr atom, std::int64_t timeout_ms)
        : MetaOperation(std::move(atom), "read the metadata of", timeout_ms) {}

private:
    void run() override { read(); }
    void seen(const store::MetaSighting &found) override {
        Results results;
        results.value = value_of(found.meta, found.there.state->identity.epoch);
        succeed(std::move(results));
    }
};

class WriteMeta : public MetaOperation {
public:
    /// `base` null: whatever stands there. Then too it is a compare-and-set, upon what the refusals tell: a late original must not
    /// overwrite what came after its repeat.
    WriteMeta(AtomPtr atom, store::StatePtr base, std::string meta, std::int64_t timeout_ms)
        : MetaOperation(std::move(atom), "set the metadata of", timeout_ms),
          base_(std::move(base)),
          meta_(std::move(meta)) {}

private:
    void run() override {
        if (base_) return write(base_->identity.epoch);
        if (const auto known = atom()->cell()->newest()) return write(known->identity.epoch);
        read();
    }
    void seen(const store::MetaSighting &found) override { write(found.there.state->identity.epoch); }

    void write(const std::string &epoch) {
        counter_ = client().next_counter();
        Plan plan;
        plan.script = &store::kMetaScript;
        plan.write = true;
        plan.size = meta_.size();
        plan.compose = [this, epoch](redis::CommandWriter &out, const redis::Peer &, std::uint64_t number) {
            store::MetaArgs args;
            args.key = atom()->cell()->key();
            args.session = client().session();
            args.counter = counter_;
            args.sending = number;
            args.epoch = epoch;
            args.conditional = true;
            args.base_op = base_ ? base_->identity.op : base_op_;
            args.meta = meta_;
            store::write_meta(out, args);
        };
        plan.on_answer = [self = self<WriteMeta>(), epoch](redis::ReplyView reply, const store::Sending &sending) {
            self->answered(reply, sending, epoch);
        };
        attempt(std::move(plan));
    }

    void answered(redis::ReplyView reply, const store::Sending &sending, const std::string &epoch) {
        const auto answer = store::parse_attribute(reply, store::op_text(client().session(), counter_, sending.number));
        if (!answer) return fail_unreadable(answer.error());
        if (answer->done) {
            Results results;
            results.flag = true;
            results.value = value_of(*answer->done, epoch);
            return succeed(std::move(results));
        }
        using Refused = store::Refusal::Kind;
        const store::AttributeRefusal &refusal = *answer->refused;
        if (!sending.only) {
            return fail_unknown(Reason::history_dropped,
                                "it was sent again after a lost connection, and was refused then: whether the first "
                                "sending was applied can't be known");
        }
        switch (refusal.kind) {
            case Refused::conflict: {
                if (!base_) {
                    base_op_ = refusal.there.op;
                    return write(epoch);
                }
                Results results;
                results.value = value_of(refusal.there, epoch);
                return succeed(std::move(results));
            }
            case Refused::format: {
                store::Sighting there;
                there.kind = store::Sighting::Kind::newer_format;
                there.format = refusal.format;
                return absent(there);
            }
            default:
                // Gone, or created anew since we looked: then the metadata of the new one is meant.
                if (base_ || looked_again_) return absent({});
                looked_again_ = true;
                return read();
        }
    }

    const store::StatePtr base_;
    const std::string meta_;
    std::string base_op_;  ///< of the last write that we know of; at first: none
    std::uint64_t counter_ = 0;
    bool looked_again_ = false;
};

}  // namespace

FuturePtr Atom::meta(std::int64_t timeout_ms) {
    return std::make_shared<ReadMeta>(shared_from_this(), timeout_ms)->start();
}

FuturePtr Atom::reset_meta(std::string meta, std::int64_t timeout_ms) {
    return compare_and_set_meta(nullptr, std::move(meta), timeout_ms);
}

FuturePtr Atom::compare_and_set_meta(store::StatePtr base, std::string meta, std::int64_t timeout_ms) {
    const std::size_t most = client().settings().max_value_size;
    if (meta.size() > most) {
        return client().failed_future(
            with_context(base::make_error(Status::ETOOBIG, "the metadata has " + std::to_string(meta.size()) +
                                                               " bytes, and the option max_value_size allows " +
                                                               std::to_string(most)),
                         attempted("set the metadata of"), key_));
    }
    return std::make_shared<WriteMeta>(shared_from_this(), std::move(base), std::move(meta), timeout_ms)->start();
}

}  // namespace exo::refs
