// What a body does, by the word for it.
#include "body.hpp"

namespace agent {

std::shared_ptr<Body> Body::take(Step &step) {
    static const std::set<std::string> known = {"give", "fail", "decline", "wait", "fail_first"};
    const auto does = step.maybe_text("body");
    if (!does) return nullptr;
    if (!known.count(*does)) throw Fault("no body '" + *does + "'");
    auto made = std::make_shared<Body>();
    made->does_ = *does;
    made->value_ = step.maybe_bytes("value").value_or("");
    made->kind_ = step.maybe_text("kind").value_or("");
    made->message_ = step.maybe_text("message").value_or("");
    made->payload_ = step.maybe_bytes("payload").value_or("");
    made->times_ = step.number("times", 0);
    return made;
}

std::optional<std::string> Body::run(exoref::lease &lease) {
    std::unique_lock lock(mutex_);
    const auto call = ++calls_;
    running_ = lease.share();
    changed_.notify_all();
    if (does_ == "wait") changed_.wait(lock, [this] { return end_; });
    lock.unlock();
    if (does_ == "decline") return std::nullopt;
    if (does_ == "fail" || (does_ == "fail_first" && call <= times_))
        throw exoref::body_failure(kind_, message_, payload_);
    return value_;
}

std::int64_t Body::calls(std::int64_t at_least, std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [&] { return calls_ >= at_least; });
    return calls_;
}

void Body::end() {
    const std::lock_guard lock(mutex_);
    end_ = true;
    changed_.notify_all();
}

exoref::lease Body::running() {
    const std::lock_guard lock(mutex_);
    return running_.share();
}

}  // namespace agent
