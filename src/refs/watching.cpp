// Adding and removing a watch.
#include "refs/atom.hpp"
#include "refs/sightings.hpp"

namespace exo::refs {

namespace {

class AddWatchOperation : public Operation {
public:
    AddWatchOperation(AtomPtr atom, WatchPtr watch, std::int64_t timeout_ms)
        : Operation(atom->life()->client(), Subject{"watch", "atom", atom->key()}, timeout_ms),
          atom_(std::move(atom)),
          watch_(std::move(watch)) {}

private:
    class Registration;

    void run() override;
    void ended() override {
        // Posted: the watches may be in the middle of telling this very operation.
        client().loop().post([cell = atom_->cell()] { cell->watches().settle(); });
        if (!added_) {
            client().dispatcher().push(loop::Dispatcher::Lane::watches,
                                       std::make_shared<ReleaseEvent>([watch = watch_] { watch->callback.reset(); }));
        }
    }

    const AtomPtr atom_;
    const WatchPtr watch_;
    bool added_ = false;
};

class AddWatchOperation::Registration : public Watches::Visitor {
public:
    explicit Registration(std::weak_ptr<AddWatchOperation> operation) : operation_(std::move(operation)) {}
    bool seen(const store::StatePtr &state) override {
        const auto operation = operation_.lock();
        if (!operation) return true;
        if (state) {
            if (const auto error = codec_mismatch(operation->atom_->codec(), state->codec, false)) {
                operation->fail_with(error);
                return true;
            }
        }
        operation->added_ = true;
        operation->atom_->cell()->watches().add(operation->watch_);
        Results results;
        results.value = state;
        operation->succeed(std::move(results));
        return true;
    }
    void refused(const base::ErrorPtr &error) override {
        if (const auto operation = operation_.lock()) operation->fail_with(error);
    }
    bool gone() const override {
        const auto operation = operation_.lock();
        return !operation || operation->over();
    }

private:
    std::weak_ptr<AddWatchOperation> operation_;
};

void AddWatchOperation::run() {
    atom_->cell()->watches().visit(std::make_shared<Registration>(self<AddWatchOperation>()));
}

}  // namespace

FuturePtr Atom::add_watch(WatchPtr watch, std::int64_t timeout_ms) {
    return std::make_shared<AddWatchOperation>(shared_from_this(), std::move(watch), timeout_ms)->start();
}

void Atom::remove_watch(const std::string &watch_key) { cell_->watches().remove(watch_key); }

}  // namespace exo::refs
