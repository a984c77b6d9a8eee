// What a client knows of one promise (or delay) of one epoch: its result, once it has come, and who waits for it.
//
//   idle --first wait--> waiting: subscribed, looked at, swept --result, gone, or nobody left--> idle
//
// What is asked of the server while somebody waits is the derived class's for a delay; for a promise it is a look.
// Whatever the order in which the subscription comes to stand, messages come or are lost, and looks are answered: a look
// follows each confirmed subscription, and the sweep looks for what no message told (G4). Once the result is known it never changes, and
// needs neither server nor lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loop/timers.hpp"
#include "redis/node.hpp"
#include "refs/cell.hpp"
#include "refs/client.hpp"
#include "refs/future.hpp"
#include "store/attempt.hpp"
#include "store/message.hpp"
#include "store/schema.hpp"

namespace exo::refs {

struct DelayWait;

class OnceCell : public Cell, public redis::Subscriber {
public:
    OnceCell(std::shared_ptr<Client> client, std::string key, const char *type, const store::State &state);

    /// The one of this key (with prefix) and of the state's epoch that all its handles share.
    template <typename T>
    static std::shared_ptr<T> of(const std::shared_ptr<Client> &client, const std::string &key,
                                 const store::State &state) {
        auto cell = client->cells().find_or_make<T>(
            key, [&](const T &there) { return there.epoch() == state.identity.epoch; },
            [&] { return std::make_shared<T>(client, key, state); });
        client->count_references();
        return cell;
    }

    const char *type() const noexcept { return type_; }  ///< "promise", "delay"
    std::string_view codec() const noexcept { return std::string_view(epoch_and_codec_).substr(epoch_size_); }
    std::string_view epoch() const noexcept { return std::string_view(epoch_and_codec_).substr(0, epoch_size_); }
    std::string_view shown_key() const noexcept;  ///< as the application gave it

    // From any thread.

    /// Whether the result is known here: a value, or the failure of a delay that is kept.
    bool over() const noexcept { return realized_.load(std::memory_order_acquire); }
    /// The value, null while it is not known here.
    store::StatePtr result() const { return over() ? result_ : nullptr; }
    /// What is kept in its place, once it is over: a delay's.
    virtual base::ErrorPtr failure() const { return nullptr; }
    /// Waits for the result: the future's value.
    FuturePtr wait(std::int64_t timeout_ms);

    // On the loop.

    /// The server, or a message, showed the result.
    void realize(const store::StatePtr &state);
    /// What the server shows under the key: null, or why nothing more is to be waited for (EDELETED, EFORMAT).
    base::ErrorPtr take_sighting(const store::Sighting &sighting);

    void sweep() override;
    void close() override;

protected:
    struct Wait {
        FuturePtr future;
        loop::Timers::Id timer = 0;
        std::uint32_t id = 0;
        std::shared_ptr<DelayWait> of_delay;  ///< null: of a promise
    };

    FuturePtr wait_as(Wait wait, std::int64_t timeout_ms);
    std::vector<Wait> &waits() noexcept { return waits_; }
    const std::vector<Wait> &waits() const noexcept { return waits_; }
    /// Ends them, outside the list.
    void tell(const std::vector<Wait> &told, const store::StatePtr &value, const base::ErrorPtr &error);
    base::ErrorPtr describe(const base::ErrorPtr &cause) const;
    void fail_all(const base::ErrorPtr &error);

    /// The result is known: told to all, and from now on read without a lock.
    void conclude();

    /// Begins to listen if there is a reason to, or ends it if there is none any more.
    void engage();
    void settle();
    bool engaged() const noexcept { return waiting_; }
    virtual bool needed() const { return !waits_.empty(); }
    /// Asks the server what those who wait want to know.
    virtual void ask() { look(); }
    /// A message that tells no value; null: it could not be read, or is about another incarnation.
    virtual void other_message(const store::Message *) { ask(); }
    /// Nothing is to be asked any more.
    virtual void disengaged();
    void look();
    bool swept_ = false;  ///< what is asked now was caused by the sweep

private:
    std::shared_ptr<OnceCell> self() { return std::static_pointer_cast<OnceCell>(shared_from_this()); }

    void begin(Wait wait, std::int64_t timeout_ms, base::TimePoint deadline);
    void looked(const store::Sighting &sighting);
    void give_up(std::uint32_t id, base::Status why, std::int64_t timeout_ms);
    void end_waits();

    void subscribed(const redis::Peer &peer) override;
    void message(std::string_view payload) override;
    void unsubscribed() override {}
    void refused(const base::ErrorPtr &why) override;

    const char *const type_;
    const std::string epoch_and_codec_;  ///< one text: there may be very many cells
    const std::uint32_t epoch_size_;
    std::atomic<std::uint32_t> next_id_{1};

    std::atomic<bool> realized_{false};
    store::StatePtr result_;  ///< written once, before realized_

    // On the loop.
    std::vector<Wait> waits_;
    std::shared_ptr<store::Attempt> look_;
    bool waiting_ = false;
    bool look_again_ = false;
};

/// Says in the log that a promise or delay would not live for two sweeps: who misses a notification could look too late.
void warn_of_short_life(Client &client, const std::string &type, const std::string &key, std::int64_t ttl_ms);

}  // namespace exo::refs
