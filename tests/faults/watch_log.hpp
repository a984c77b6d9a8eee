// What a watch was told, kept and judged: in order, each change once, no gap that was not said, the right old value.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "faults/api.hpp"

namespace exo::faults {

struct Change {
    std::uint64_t version = 0;
    std::uint64_t missed = 0;
    std::int32_t flags = 0;
    std::optional<std::string> old_value;
    std::optional<std::string> new_value;

    std::string show() const {
        return "version " + std::to_string(version) + " missed " + std::to_string(missed) + " flags " +
               std::to_string(flags) + " old " + old_value.value_or("(none)") + " new " + new_value.value_or("(none)");
    }
};

class WatchLog {
public:
    WatchLog(Atom &atom, const std::string &watch_key) : atom_(atom), watch_key_(watch_key) {
        Value since;
        exoref_error *error = nullptr;
        const exoref_status status =
            exoref_atom_add_watch(atom.get(), watch_key.data(), watch_key.size(), &WatchLog::told, this, nullptr, 0,
                                  support::scaled(Millis(10000)).count(), since.out(), &error);
        if (status != EXOREF_OK) {
            support::fatal("adding a watch: " + outcome_of(status, error).show());
        }
        const std::lock_guard<std::mutex> lock(mutex_);
        since_version_ = since.version();
        if (since) {
            since_value_ = since.bytes();
        }
    }
    ~WatchLog() { exoref_atom_remove_watch(atom_.get(), watch_key_.data(), watch_key_.size(), nullptr); }
    WatchLog(const WatchLog &) = delete;
    WatchLog &operator=(const WatchLog &) = delete;

    std::vector<Change> changes() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return changes_;
    }

    bool wait(const std::function<bool(const std::vector<Change> &)> &predicate, Millis time = Millis(20000)) {
        const support::Deadline deadline(time);
        std::unique_lock<std::mutex> lock(mutex_);
        return changed_.wait_until(lock, deadline.at(), [&] { return predicate(changes_); });
    }
    bool wait_for_value(const std::string &value, Millis time = Millis(20000)) {
        return wait([&](const std::vector<Change> &all) { return !all.empty() && all.back().new_value == value; },
                    time);
    }
    bool wait_for_flag(std::int32_t flag, Millis time = Millis(20000)) {
        return wait(
            [flag](const std::vector<Change> &all) {
                for (const Change &change : all) {
                    if ((change.flags & flag) != 0) {
                        return true;
                    }
                }
                return false;
            },
            time);
    }

    // How many changes it said it missed.
    std::uint64_t missed() {
        std::uint64_t sum = 0;
        for (const Change &change : changes()) {
            sum += change.missed;
        }
        return sum;
    }

    // What is wrong with the log, or "". Changes with flags begin a new line of history.
    std::string problem() {
        const std::lock_guard<std::mutex> lock(mutex_);
        std::uint64_t version = since_version_;
        std::optional<std::string> value = since_value_;
        for (const Change &change : changes_) {
            const bool plain = change.flags == 0;
            if (plain && change.version != version + change.missed + 1) {
                return "after version " + std::to_string(version) + " came " + change.show();
            }
            if (plain && change.missed == 0 && change.old_value && value && *change.old_value != *value) {
                return "the value before was " + *value + ", but " + change.show();
            }
            if (plain && !change.new_value) {
                return "no new value: " + change.show();
            }
            version = change.version;
            value = change.new_value;
        }
        return "";
    }

    std::string show() {
        std::string text;
        for (const Change &change : changes()) {
            text += change.show() + "\n";
        }
        return text;
    }

private:
    static std::optional<std::string> copy(const exoref_value *value) {
        if (value == nullptr) {
            return std::nullopt;
        }
        return std::string(static_cast<const char *>(exoref_value_data(value)), exoref_value_size(value));
    }

    static std::int32_t told(void *ctx, const exoref_change *change) {
        auto *self = static_cast<WatchLog *>(ctx);
        Change seen;
        seen.version = exoref_change_version(change);
        seen.missed = exoref_change_missed(change);
        seen.flags = exoref_change_flags(change);
        seen.old_value = copy(exoref_change_old_value(change));
        seen.new_value = copy(exoref_change_new_value(change));
        const std::lock_guard<std::mutex> lock(self->mutex_);
        self->changes_.push_back(std::move(seen));
        self->changed_.notify_all();
        return EXOREF_CALL_OK;
    }

    Atom &atom_;
    std::string watch_key_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t since_version_ = 0;
    std::optional<std::string> since_value_;
    std::vector<Change> changes_;
};

}  // namespace exo::faults
