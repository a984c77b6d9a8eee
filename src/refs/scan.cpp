// Listing: SCAN for the keys, then one read of each.
#include "refs/admin.hpp"
#include "refs/operation.hpp"
#include "store/answers.hpp"
#include "store/commands.hpp"

namespace exo::refs {

using base::Status;

namespace {

constexpr std::uint64_t kKeysAtOnce = 250;

/// The prefix is meant as it is, not as a pattern.
std::string escaped(const std::string &prefix) {
    std::string pattern;
    for (const char c : prefix) {
        if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\' || c == '^') pattern += '\\';
        pattern += c;
    }
    return pattern;
}

}  // namespace

class ScanOperation : public Operation {
public:
    ScanOperation(std::shared_ptr<Scan> scan, std::int64_t timeout_ms)
        : Operation(scan->life_->client(), Subject{"list references", "", ""}, timeout_ms), scan_(std::move(scan)) {}

private:
    void run() override {
        if (scan_->busy_) return fail(Status::EXOREF_EINVAL, "another call of this listing is under way");
        scan_->busy_ = mine_ = true;
        go_on();
    }

    void ended() override {
        if (mine_) scan_->busy_ = false;
    }

    void go_on() {
        if (!scan_->keys_.empty()) return read(std::exchange(scan_->keys_.back(), {}));
        if (scan_->begun_ && scan_->cursor_ == "0") return succeed({});
        Plan plan;
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
            store::write_scan(out, scan_->cursor_, scan_->pattern_, kKeysAtOnce);
        };
        plan.on_answer = [self = self<ScanOperation>()](redis::ReplyView reply, const store::Sending &) {
            if (!reply.is_array() || reply.size() != 2 || !reply[0].is_string() || !reply[1].is_array()) {
                return self->fail(Status::EPROTOCOL, "the server's answer to SCAN is not of the right shape");
            }
            self->scan_->begun_ = true;
            self->scan_->cursor_ = reply[0].text();
            for (std::size_t i = 0; i < reply[1].size(); ++i) self->scan_->keys_.emplace_back(reply[1][i].text());
            self->go_on();
        };
        attempt(std::move(plan));
    }

    void read(const std::string &key) {
        scan_->keys_.pop_back();
        Plan plan;
        plan.wrong_type_is_answer = true;
        plan.compose = [key](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
            store::write_read_identity(out, key);
        };
        plan.on_answer = [self = self<ScanOperation>(), key](redis::ReplyView reply, const store::Sending &) {
            const auto sighting = store::parse_read_state(reply);
            const bool ours = sighting && sighting->kind == store::Sighting::Kind::present;
            if (!ours || (!self->scan_->type_.empty() && sighting->state->type != self->scan_->type_))
                return self->go_on();
            self->found(key, *sighting->state);
        };
        attempt(std::move(plan));
    }

    void found(const std::string &key, const store::State &state) {
        auto info = std::make_shared<Info>();
        info->key = key.substr(client().settings().prefix.size());
        info->texts["type"] = state.type;
        info->texts["codec"] = state.codec;
        info->texts["version"] = std::to_string(state.identity.version);
        info->texts["epoch"] = state.identity.epoch;
        Results results;
        results.info = std::move(info);
        succeed(std::move(results));
    }

    const std::shared_ptr<Scan> scan_;
    bool mine_ = false;
};

Scan::Scan(ClientLifePtr life, const std::string &pattern, std::string type)
    : life_(std::move(life)), pattern_(escaped(life_->client()->settings().prefix) + pattern), type_(std::move(type)) {}

FuturePtr Scan::next(std::int64_t timeout_ms) {
    return std::make_shared<ScanOperation>(shared_from_this(), timeout_ms)->start();
}

}  // namespace exo::refs
