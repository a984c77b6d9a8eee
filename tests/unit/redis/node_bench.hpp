// What the tests of the node share: a loop with a node on it, and requests that remember what became of them.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "redis/node.hpp"
#include "support/deadline.hpp"
#include "support/net.hpp"

namespace exo::test {

/// One command, and what came of it.
class Recorded final : public redis::Request {
public:
    explicit Recorded(std::vector<std::string> words) : words_(std::move(words)) {}

    void write(redis::CommandWriter &out, const redis::Peer &peer) override {
        const std::lock_guard lock(mutex_);
        ++writes_;
        peer_ = peer;
        out.begin(words_.size());
        for (const auto &word : words_) out.arg(word);
        changed_.notify_all();
    }

    void replied(redis::ReplyView reply, const redis::Peer &peer) override {
        const std::lock_guard lock(mutex_);
        ++ends_;
        peer_ = peer;
        replied_ = true;
        is_error_ = reply.is_error();
        integer_ = reply.integer();
        text_ = std::string(reply.text());
        changed_.notify_all();
    }

    void failed(const base::ErrorPtr &why, bool written) override {
        const std::lock_guard lock(mutex_);
        ++ends_;
        error_ = why;
        written_ = written;
        changed_.notify_all();
    }

    std::size_t size_hint() const noexcept override {
        std::size_t size = 16;
        for (const auto &word : words_) size += word.size() + 16;
        return size;
    }

    /// Until it has had its answer or its failure.
    bool wait(support::Millis time = support::Millis(10000)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_until(lock, support::Deadline(time).at(), [this] { return ends_ > 0; });
    }
    bool wait_written(support::Millis time = support::Millis(10000)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_until(lock, support::Deadline(time).at(), [this] { return writes_ > 0; });
    }

    int ends() const { return locked(ends_); }
    int writes() const { return locked(writes_); }
    bool answered() const { return locked(replied_); }
    bool is_error() const { return locked(is_error_); }
    std::int64_t integer() const { return locked(integer_); }
    std::string text() const { return locked(text_); }
    base::ErrorPtr error() const { return locked(error_); }
    bool written() const { return locked(written_); }
    redis::Peer peer() const { return locked(peer_); }

private:
    template <typename T>
    T locked(const T &value) const {
        const std::lock_guard lock(mutex_);
        return value;
    }

    const std::vector<std::string> words_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int writes_ = 0;
    int ends_ = 0;
    bool replied_ = false;
    bool is_error_ = false;
    bool written_ = false;
    std::int64_t integer_ = 0;
    std::string text_;
    base::ErrorPtr error_;
    redis::Peer peer_;
};

using RecordedPtr = std::shared_ptr<Recorded>;

/// A listener that writes down what it is told, one word an event.
class Listener final : public redis::Subscriber {
public:
    void subscribed(const redis::Peer &peer) override { note("subscribed", &peer); }
    void message(std::string_view payload) override { note("message " + std::string(payload)); }
    void unsubscribed() override { note("unsubscribed"); }
    void refused(const base::ErrorPtr &) override { note("refused"); }

    std::vector<std::string> events() const {
        const std::lock_guard lock(mutex_);
        return events_;
    }
    redis::Peer peer() const {
        const std::lock_guard lock(mutex_);
        return peer_;
    }
    bool wait_for(const std::string &event, std::size_t times = 1, support::Millis time = support::Millis(10000)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_until(lock, support::Deadline(time).at(), [&] { return count(event) >= times; });
    }
    std::size_t seen(const std::string &event) const {
        const std::lock_guard lock(mutex_);
        return count(event);
    }

private:
    std::size_t count(const std::string &event) const {
        std::size_t found = 0;
        for (const auto &each : events_) found += each == event ? 1U : 0U;
        return found;
    }
    void note(std::string event, const redis::Peer *peer = nullptr) {
        const std::lock_guard lock(mutex_);
        if (peer != nullptr) peer_ = *peer;
        events_.push_back(std::move(event));
        changed_.notify_all();
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> events_;
    redis::Peer peer_;
};

/// A loop of its own with one node; closed as a client does it.
class Bench {
public:
    explicit Bench(redis::NodeConfig config) {
        auto made = loop::Loop::own_thread();
        if (!made) std::abort();
        loop_ = *made;
        log_->set_hook([this](base::LogLevel, const char *category, const std::string &line) {
            const std::lock_guard lock(log_mutex_);
            log_lines_.push_back(std::string(category) + "|" + line);
        });
        node_ = redis::Node::create(loop_, std::move(config), stats_, log_);
    }
    ~Bench() { close(); }

    void close() {
        if (!loop_) return;
        loop_->end([node = node_] { node->close(); });
        if (!loop_->wait_ended(support::Deadline(support::Millis(10000)).at())) std::abort();
        node_.reset();
        loop_.reset();
        log_->set_hook({});
    }

    redis::Node &node() { return *node_; }
    loop::Loop &loop() { return *loop_; }
    base::Stats &stats() { return *stats_; }
    std::int64_t stat(base::Stat stat) { return stats_->get(stat); }

    RecordedPtr send(std::vector<std::string> words) {
        auto request = std::make_shared<Recorded>(std::move(words));
        if (auto refused = node_->submit(request)) request->failed(refused, false);
        return request;
    }
    /// Sends and waits.
    RecordedPtr call(std::vector<std::string> words) {
        auto request = send(std::move(words));
        request->wait();
        return request;
    }
    /// Runs on the loop and waits until it has run.
    void on_loop(const std::function<void()> &task) {
        std::mutex mutex;
        std::condition_variable done;
        bool ran = false;
        loop_->post([&] {
            task();
            const std::lock_guard lock(mutex);
            ran = true;
            done.notify_all();
        });
        std::unique_lock lock(mutex);
        done.wait(lock, [&] { return ran; });
    }
    std::shared_ptr<Listener> subscribe(const std::string &channel) {
        auto listener = std::make_shared<Listener>();
        on_loop([&] { node_->subscribe(channel, listener); });
        return listener;
    }
    /// What when_ready says: the error, or null; `told` is false at the deadline.
    base::ErrorPtr ready(bool *told = nullptr, support::Millis time = support::Millis(10000)) {
        struct Answer {
            std::mutex mutex;
            std::condition_variable changed;
            int times = 0;
            base::ErrorPtr why;
        };
        const auto answer = std::make_shared<Answer>();
        node_->when_ready([answer](const base::ErrorPtr &why) {
            const std::lock_guard lock(answer->mutex);
            ++answer->times;
            answer->why = why;
            answer->changed.notify_all();
        });
        std::unique_lock lock(answer->mutex);
        const bool came =
            answer->changed.wait_until(lock, support::Deadline(time).at(), [&] { return answer->times > 0; });
        if (told != nullptr) *told = came;
        return answer->why;
    }
    bool logged(const std::string &part) {
        const std::lock_guard lock(log_mutex_);
        for (const auto &line : log_lines_) {
            if (line.find(part) != std::string::npos) return true;
        }
        return false;
    }

private:
    std::shared_ptr<base::Stats> stats_ = std::make_shared<base::Stats>();
    std::shared_ptr<base::Log> log_ = std::make_shared<base::Log>();
    std::mutex log_mutex_;
    std::vector<std::string> log_lines_;
    std::shared_ptr<loop::Loop> loop_;
    std::shared_ptr<redis::Node> node_;
};

inline redis::NodeConfig config_for(const support::Endpoint &endpoint) {
    redis::NodeConfig config;
    if (endpoint.is_unix()) {
        config.kind = redis::NodeConfig::Kind::unix_socket;
        config.path = endpoint.socket_path;
    } else {
        config.host = endpoint.host;
        config.port = endpoint.port;
    }
    config.shown = endpoint.url();
    config.client_name = "exoref-test";
    return config;
}

}  // namespace exo::test
