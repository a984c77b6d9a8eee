// What an atom's operations are made of.
#include "refs/atom.hpp"

#include "refs/commit.hpp"
#include "refs/sightings.hpp"
#include "refs/swap.hpp"
#include "store/commands.hpp"

namespace exo::refs {

using base::Status;
using Kind = CommitOperation::Change::Kind;

namespace {

constexpr char kNoun[] = "atom";

class DerefOperation : public Operation {
public:
    DerefOperation(AtomPtr atom, const char *verb, std::int64_t timeout_ms)
        : Operation(atom->life()->client(), Subject{verb, kNoun, atom->key()}, timeout_ms), atom_(std::move(atom)) {}

protected:
    virtual void seen(const store::StatePtr &state) {
        Results results;
        results.value = state;
        succeed(std::move(results));
    }
    const AtomPtr &atom() const noexcept { return atom_; }

private:
    void run() override {
        Plan plan;
        plan.size = atom_->cell()->key().size();
        plan.wrong_type_is_answer = true;
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
            store::write_read_state(out, atom_->cell()->key());
        };
        plan.on_answer = [self = self<DerefOperation>()](redis::ReplyView reply, const store::Sending &sending) {
            const auto sighting = store::parse_read_state(reply);
            if (!sighting) return self->fail_with(sighting.error());
            AtomCell &cell = *self->atom_->cell();
            const auto error = cell.take_sighting(*sighting, sending.peer.connection);
            if (sighting->kind == store::Sighting::Kind::other_type) return self->fail_with_type(cell.key());
            if (error) return self->fail_with(error);
            if (const auto mismatch = codec_mismatch(self->atom_->codec(), sighting->state->codec, false)) {
                return self->fail_with(mismatch);
            }
            self->seen(sighting->state);
        };
        attempt(std::move(plan));
    }

    const AtomPtr atom_;
};

/// Begins a swap where nothing is known of the atom yet.
class BeginOperation : public DerefOperation {
public:
    BeginOperation(AtomPtr atom, std::int64_t timeout_ms) : DerefOperation(std::move(atom), "swap", timeout_ms) {}

private:
    void seen(const store::StatePtr &state) override {
        HeadPtr head = atom()->cell()->head();
        if (!head) head = std::make_shared<Head>(Head{state, state});
        Results results;
        results.value = head->value();
        results.swap = std::make_shared<Swap>(atom(), std::move(head));
        succeed(std::move(results));
    }
};

}  // namespace

Atom::Atom(ClientLifePtr life, std::string key, ReferenceOptions options)
    : life_(std::move(life)),
      key_(std::move(key)),
      options_(std::move(options)),
      cell_(AtomCell::of(life_->client(), client().settings().prefix + key_)),
      validator_(options_.validator) {
    cell_->add_handle();
}

Atom::~Atom() { cell_->drop_handle(); }

std::string Atom::attempted(const char *verb) const {
    return std::string("could not ") + verb + " " + kNoun + " " + base::quoted(key_) + " on " + client().server();
}

base::ErrorPtr Atom::check(const std::string &value) const {
    ValidatorPtr validator;
    {
        const std::lock_guard lock(mutex_);
        validator = validator_;
    }
    return check_value(value, client().settings().max_value_size, validator.get());
}

FuturePtr Atom::deref(std::int64_t timeout_ms) {
    return std::make_shared<DerefOperation>(shared_from_this(), "read", timeout_ms)->start();
}

namespace {

/// Validates, then puts the change into the line.
FuturePtr commit(const Atom &atom, const char *verb, CommitOperation::Change change, std::int64_t timeout_ms) {
    if (const auto error = atom.check(change.value)) {
        return atom.client().failed_future(with_context(error, atom.attempted(verb), atom.key()));
    }
    change.codec = atom.codec();
    const auto operation = std::make_shared<CommitOperation>(atom.cell(), Operation::Subject{verb, kNoun, atom.key()},
                                                             timeout_ms, std::move(change));
    atom.cell()->enqueue(operation, nullptr, operation->result());
    return operation->future();
}

}  // namespace

FuturePtr Atom::reset(std::string value, bool want_old, std::int64_t timeout_ms) {
    CommitOperation::Change change;
    change.kind = Kind::reset;
    change.value = std::move(value);
    change.want_old = want_old;
    return commit(*this, "reset", std::move(change), timeout_ms);
}

FuturePtr Atom::compare_and_set(std::string expected, std::string next, std::int64_t timeout_ms) {
    CommitOperation::Change change;
    change.kind = Kind::compare;
    change.expected = std::move(expected);
    change.value = std::move(next);
    return commit(*this, "compare and set", std::move(change), timeout_ms);
}

FuturePtr Atom::compare_and_set_at(store::StatePtr state, std::string next, std::int64_t timeout_ms) {
    CommitOperation::Change change;
    change.kind = Kind::compare_at;
    change.at = std::move(state);
    change.value = std::move(next);
    return commit(*this, "compare and set", std::move(change), timeout_ms);
}

FuturePtr Atom::swap_begin(std::int64_t timeout_ms) {
    if (const auto error = client().unusable())
        return client().failed_future(with_context(error, attempted("swap"), key_));
    HeadPtr head = cell_->head();
    if (!head) return std::make_shared<BeginOperation>(shared_from_this(), timeout_ms)->start();
    Results results;
    results.value = cell_->value_of(head);
    results.swap = std::make_shared<Swap>(shared_from_this(), std::move(head));
    if (const auto error = codec_mismatch(codec(), results.value->codec, false)) {
        return client().failed_future(with_context(error, attempted("swap"), key_));
    }
    auto future = client().make_future();
    future->complete(std::move(results));
    return future;
}

base::ErrorPtr Atom::set_validator(ValidatorPtr validator, std::int64_t timeout_ms) {
    if (validator) {
        const FuturePtr read = deref(timeout_ms);
        read->wait(base::kNever);
        // An atom that does not exist has no value to refuse.
        if (read->error() && read->error()->status != Status::ENOTFOUND) return read->error();
        const store::StatePtr state = read->results().value;
        if (state && state->value) {
            if (const auto error = judged(*validator, *state->value)) {
                return with_context(error, attempted("set the validator of"), key_);
            }
        }
    }
    const std::lock_guard lock(mutex_);
    validator_.swap(validator);
    return nullptr;
}

FuturePtr Swap::offer(std::string value, std::int64_t timeout_ms) {
    if (const auto error = atom_->check(value)) {
        return atom_->client().failed_future(with_context(error, atom_->attempted("swap"), atom_->key()));
    }
    return offer_checked(std::move(value), timeout_ms);
}

FuturePtr Swap::offer_checked(std::string value, std::int64_t timeout_ms) {
    Client &client = atom_->client();
    const HeadPtr basis = take_basis();
    if (!basis) {
        return client.failed_future(with_context(
            base::make_error(Status::EXOREF_EINVAL, "this swap is over, or an offer of it is still under way"),
            atom_->attempted("swap"), atom_->key()));
    }
    const store::StatePtr from = atom_->cell()->value_of(basis);
    auto foretold = std::make_shared<store::State>();
    foretold->type = from->type;
    foretold->codec = from->codec;
    foretold->identity = {from->identity.epoch, from->identity.version + 1, ""};
    foretold->value = value;

    CommitOperation::Change change;
    change.kind = Kind::offer;
    change.value = std::move(value);
    change.basis = basis;
    change.result = std::make_shared<Head>(Head{std::move(foretold), nullptr});
    change.codec = atom_->codec();
    change.rebase = [self = shared_from_this()](const HeadPtr &head) { self->rebase(head); };
    const auto operation = std::make_shared<CommitOperation>(
        atom_->cell(), Operation::Subject{"swap", kNoun, atom_->key()}, timeout_ms, std::move(change));
    const HeadPtr other = atom_->cell()->enqueue(operation, basis, operation->result());
    if (!other) return operation->future();
    rebase(other);
    Results results;
    results.value = atom_->cell()->value_of(other);
    auto future = client.make_future();
    future->complete(std::move(results));
    return future;
}

FuturePtr Swap::confirm(std::int64_t timeout_ms) {
    const HeadPtr basis = take_basis();
    if (!basis)
        return atom_->client().failed_future(
            base::make_error(Status::EXOREF_EINVAL, "this swap is over, or an offer of it is still under way"));
    CommitOperation::Change change;
    change.kind = Kind::confirm;
    change.basis = basis;
    change.codec = atom_->codec();
    change.rebase = [self = shared_from_this()](const HeadPtr &head) { self->rebase(head); };
    const auto operation = std::make_shared<CommitOperation>(
        atom_->cell(), Operation::Subject{"swap", kNoun, atom_->key()}, timeout_ms, std::move(change));
    atom_->cell()->enqueue(operation, nullptr, nullptr);
    return operation->future();
}

HeadPtr Swap::take_basis() {
    const std::lock_guard lock(mutex_);
    return std::exchange(basis_, nullptr);
}

void Swap::rebase(HeadPtr basis) {
    const std::lock_guard lock(mutex_);
    basis_ = std::move(basis);
}

}  // namespace exo::refs
