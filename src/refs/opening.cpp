// Opening and creating: neither ever changes what is there (G6).
#include "base/random.hpp"
#include "refs/atom.hpp"
#include "store/commands.hpp"
#include "store/scripts.gen.hpp"

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

    void wrong_type(const std::string &type) {
        fail(Status::ETYPE,
             "the key does not hold an atom but a " + type + " that is not of exoref; choose another key");
    }

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

    const ReferenceOptions::Absent absent_;
    const AtomPtr atom_;
};

/// Waits, as a watch would, for the atom to appear.
class OpenOperation::Creation : public Watches::Visitor {
public:
    explicit Creation(std::shared_ptr<OpenOperation> operation) : operation_(std::move(operation)) {}
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
    if (type != "none") return wrong_type(type);
    switch (absent_) {
        case ReferenceOptions::Absent::refuse:
            return fail(Status::ENOTFOUND,
                        "there is no atom under this key; create it, or open it with absent=allow or absent=wait");
        case ReferenceOptions::Absent::allow: return done(nullptr, false);
        case ReferenceOptions::Absent::wait:
            return cell().watches().visit(std::make_shared<Creation>(self<OpenOperation>()));
    }
}

class CreateOperation : public OpenOperation {
public:
    CreateOperation(ClientLifePtr life, std::string key, std::string initial, ReferenceOptions options,
                    std::int64_t timeout_ms)
        : OpenOperation(std::move(life), "create", std::move(key), options, timeout_ms),
          initial_(std::move(initial)),
          options_(std::move(options)) {}

private:
    void run() override {
        counter_ = client().next_counter();
        Plan plan;
        plan.script = &store::kCreateScript;
        plan.write = true;
        plan.size = initial_.size();
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &peer, std::uint64_t number) {
            write(out, peer, number);
        };
        plan.on_answer = [self = self<CreateOperation>()](redis::ReplyView reply, const store::Sending &sending) {
            self->answered(reply, sending);
        };
        attempt(std::move(plan));
    }

    void write(redis::CommandWriter &out, const redis::Peer &peer, std::uint64_t number) {
        if (!epoch_.empty()) earlier_ += (earlier_.empty() ? "" : " ") + epoch_;
        epoch_ = base::random_hex_128();
        const std::string server = store::server_identity(peer);
        const Settings &settings = client().settings();
        store::CreateArgs args;
        args.key = cell().key();
        args.session = client().session();
        args.counter = counter_;
        args.sending = number;
        args.kind = "atom";
        args.codec = options_.codec;
        args.epoch = epoch_;
        args.earlier = earlier_;
        args.value = initial_;
        args.ring_n = options_.history;
        args.ring_limit = settings.ring_value_limit;
        args.rec_n = options_.writers;
        if (options_.ttl_ms > 0) args.ttl = static_cast<std::uint64_t>(options_.ttl_ms);
        args.server = server;
        args.message_limit = settings.message_value_limit;
        args.db = settings.database;
        store::write_create(out, args);
    }

    void answered(redis::ReplyView reply, const store::Sending &sending) {
        const auto answer = store::parse_create(reply, store::op_text(client().session(), counter_, sending.number));
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

    const std::string initial_;
    const ReferenceOptions options_;
    std::uint64_t counter_ = 0;
    std::string epoch_;
    std::string earlier_;
};

}  // namespace

FuturePtr Atom::open(const ClientLifePtr &life, std::string key, ReferenceOptions options, std::int64_t timeout_ms) {
    return std::make_shared<OpenOperation>(life, "open", std::move(key), std::move(options), timeout_ms)->start();
}

FuturePtr Atom::create(const ClientLifePtr &life, std::string key, std::string initial, ReferenceOptions options,
                       std::int64_t timeout_ms) {
    const auto operation =
        std::make_shared<CreateOperation>(life, std::move(key), initial, std::move(options), timeout_ms);
    if (const auto error = operation->atom()->check(initial)) {
        return life->client()->failed_future(
            with_context(error, operation->atom()->attempted("create"), operation->atom()->key()));
    }
    return operation->start();
}

}  // namespace exo::refs
