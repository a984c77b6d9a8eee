// Opening and creating: neither ever changes what is there (G6).
#include "refs/atom.hpp"
#include "refs/sightings.hpp"
#include "store/commands.hpp"
#include "store/create_call.hpp"

namespace exo::refs {

using base::Status;

namespace {

class OpenOperation : public Operation {
public:
    OpenOperation(ClientLifePtr life, const char *verb, std::string key, ReferenceOptions options,
                  std::int64_t timeout_ms)
        : Operation(life->client(), Subject{verb, "atom", key}, timeout_ms),
          absent_(options.absent),
          atom_(std::make_shared<Atom>(std::move(life), std::move(key), std::move(options))) {}

    const AtomPtr &atom() const noexcept { return atom_; }

protected:
    AtomCell &cell() const noexcept { return *atom_->cell(); }

    void found(const store::StatePtr &state, bool created) {
        if (const auto error = codec_mismatch(atom_->codec(), state->codec, false)) return fail_with(error);
        done(state, created);
    }

    void done(const store::StatePtr &state, bool created) {
        Results results;
        results.atom = atom_;
        results.value = state;
        results.flag = created;
        succeed(std::move(results));
    }

    /// Says what a key holds that is no atom.
    void ask_type() {
        Plan plan;
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
            store::write_type(out, cell().key());
        };
        plan.on_answer = [self = self<OpenOperation>()](redis::ReplyView reply, const store::Sending &) {
            self->type_known(std::string(reply.text()));
        };
        attempt(std::move(plan));
    }

    void wrong_type(const std::string &type) { fail_with(foreign_error(subject().noun, type)); }

private:
    class Creation;

    void run() override {
        Plan plan;
        plan.wrong_type_is_answer = true;
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
            store::write_read_state(out, cell().key());
        };
        plan.on_answer = [self = self<OpenOperation>()](redis::ReplyView reply, const store::Sending &sending) {
            const auto sighting = store::parse_read_state(reply);
            if (!sighting) return self->fail_with(sighting.error());
            const auto error = self->cell().take_sighting(*sighting, sending.peer.connection);
            if (!error) return self->found(sighting->state, false);
            const bool looks_absent = sighting->kind == store::Sighting::Kind::absent;
            // A hash that is not ours looks absent; and of another type the name is wanted.
            if (looks_absent || sighting->kind == store::Sighting::Kind::other_type) return self->ask_type();
            self->fail_with(error);
        };
        attempt(std::move(plan));
    }

    void type_known(const std::string &type);

    void ended() override {
        // Posted: the watches may be in the middle of telling this very operation.
        if (waits_) client().loop().post([cell = atom_->cell()] { cell->watches().settle(); });
    }

    const ReferenceOptions::Absent absent_;
    bool waits_ = false;
    bool asked_again_ = false;
    const AtomPtr atom_;
};

/// Waits, as a watch would, for the atom to appear.
class OpenOperation::Creation : public Watches::Visitor {
public:
    explicit Creation(const std::shared_ptr<OpenOperation> &operation) : operation_(operation) {}
    bool seen(const store::StatePtr &state) override {
        if (const auto operation = operation_.lock(); operation && state) operation->found(state, false);
        return state != nullptr;
    }
    void refused(const base::ErrorPtr &error) override {
        if (const auto operation = operation_.lock()) operation->fail_with(error);
    }
    bool gone() const override {
        const auto operation = operation_.lock();
        return !operation || operation->over();
    }

private:
    std::weak_ptr<OpenOperation> operation_;
};

void OpenOperation::type_known(const std::string &type) {
    // A hash that looked absent may have been made between the two questions.
    if (type == "hash" && !std::exchange(asked_again_, true)) return OpenOperation::run();
    if (type != "none") return wrong_type(type);
    switch (absent_) {
        case ReferenceOptions::Absent::refuse:
            return fail(Status::ENOTFOUND,
                        "there is no atom under this key; create it, or open it with absent=allow or absent=wait");
        case ReferenceOptions::Absent::allow: return done(nullptr, false);
        case ReferenceOptions::Absent::wait:
            waits_ = true;
            return cell().watches().visit(std::make_shared<Creation>(self<OpenOperation>()));
    }
}

store::CreateCall call_of(Client &client, const std::string &key, std::string initial,
                          const ReferenceOptions &options) {
    store::CreateCall::What what;
    what.key = key;
    what.kind = "atom";
    what.codec = options.codec;
    what.value = std::move(initial);
    what.ring_n = options.history;
    what.ring_limit = client.settings().ring_value_limit;
    what.rec_n = options.writers;
    if (options.ttl_ms > 0) what.ttl = static_cast<std::uint64_t>(options.ttl_ms);
    what.message_limit = client.settings().message_value_limit;
    what.db = client.settings().database;
    return {std::move(what), client.session(), client.next_counter()};
}

class CreateOperation : public OpenOperation {
public:
    CreateOperation(ClientLifePtr life, std::string key, std::string initial, const ReferenceOptions &options,
                    std::int64_t timeout_ms)
        : OpenOperation(std::move(life), "create", std::move(key), options, timeout_ms),
          call_(call_of(client(), cell().key(), std::move(initial), options)) {}

private:
    void run() override {
        Plan plan;
        plan.script = &store::kCreateScript;
        plan.write = true;
        plan.size = call_.size();
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &peer, std::uint64_t number) {
            call_.write(out, peer, number);
        };
        plan.on_answer = [self = self<CreateOperation>()](redis::ReplyView reply, const store::Sending &sending) {
            self->answered(reply, sending);
        };
        attempt(std::move(plan));
    }

    void answered(redis::ReplyView reply, const store::Sending &sending) {
        const auto answer = call_.parse(reply, sending.number);
        if (!answer) return fail_unreadable(answer.error());
        using Refused = store::Refusal::Kind;
        if (answer->refused &&
            (answer->refused->kind == Refused::foreign || answer->refused->kind == Refused::wrong_type)) {
            return wrong_type(answer->refused->redis_type);
        }
        store::Sighting there;
        if (answer->done) {
            there.kind = store::Sighting::Kind::present;
            there.state = answer->done->state;
        } else {
            there = answer->refused->there;
        }
        if (const auto error = cell().take_sighting(there, sending.peer.connection)) return fail_with(error);
        found(there.state, answer->done.has_value());
    }

    store::CreateCall call_;
};

}  // namespace

FuturePtr Atom::open(const ClientLifePtr &life, std::string key, ReferenceOptions options, std::int64_t timeout_ms) {
    return std::make_shared<OpenOperation>(life, "open", std::move(key), std::move(options), timeout_ms)->start();
}

FuturePtr Atom::create(const ClientLifePtr &life, std::string key, const std::string &initial,
                       const ReferenceOptions &options, std::int64_t timeout_ms) {
    const auto operation = std::make_shared<CreateOperation>(life, std::move(key), initial, options, timeout_ms);
    if (const auto error = operation->atom()->check(initial)) {
        return life->client()->failed_future(
            with_context(error, operation->atom()->attempted("create"), operation->atom()->key()));
    }
    return operation->start();
}

}  // namespace exo::refs
