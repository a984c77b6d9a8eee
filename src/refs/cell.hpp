// What a client knows of one reference, whatever its type is: what all handles of it in this process share. And the table of
// these cells. What a type means stands in the derived classes.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "refs/sweeper.hpp"

namespace exo::refs {

class Client;

class Cell : public std::enable_shared_from_this<Cell> {
public:
    Cell(std::shared_ptr<Client> client, std::string key);
    virtual ~Cell();
    Cell(const Cell &) = delete;
    Cell &operator=(const Cell &) = delete;

    const std::string &key() const noexcept { return key_; }  ///< with the client's prefix
    Client &client() const noexcept { return *client_; }
    const std::shared_ptr<Client> &client_ptr() const noexcept { return client_; }

    // On the loop.

    /// A look at the server, in case that no message came. It may leave the sweeper by this.
    virtual void sweep() = 0;
    /// The client closes: nobody is told anything any more.
    virtual void close() = 0;
    Sweeper::Place &sweep_place() noexcept { return sweep_place_; }

private:
    const std::shared_ptr<Client> client_;
    const std::string key_;
    Sweeper::Place sweep_place_;
};

/// The cells of a client, by key. There may be several of one key: of an atom, and of the promise that stands there after
/// the atom was deleted. From any thread.
class CellTable {
public:
    /// The cell of this key that `is_it` takes; else the one that `make` makes.
    template <typename T>
    std::shared_ptr<T> find_or_make(const std::string &key, const std::function<bool(const T &)> &is_it,
                                    const std::function<std::shared_ptr<T>()> &make) {
        std::vector<std::shared_ptr<Cell>> others;
        if (auto found = find(key, is_it, others)) return found;
        // Made, and let go of, outside the lock, which what goes takes itself.
        auto made = make();
        const std::lock_guard lock(mutex_);
        if (auto found = find_locked(key, is_it, others)) return found;
        cells_.insert(made.get());
        return made;
    }

    /// Called by a cell that goes: nobody can get it any more.
    void remove(const Cell &cell);
    std::vector<std::shared_ptr<Cell>> all();
    std::size_t size() const;

private:
    template <typename T>
    std::shared_ptr<T> find(const std::string &key, const std::function<bool(const T &)> &is_it,
                            std::vector<std::shared_ptr<Cell>> &others) {
        const std::lock_guard lock(mutex_);
        return find_locked(key, is_it, others);
    }

    /// `others` keeps those that are not it until the lock is gone: it may be the last to hold them.
    template <typename T>
    std::shared_ptr<T> find_locked(const std::string &key, const std::function<bool(const T &)> &is_it,
                                   std::vector<std::shared_ptr<Cell>> &others) {
        const auto [begin, end] = cells_.equal_range(key);
        for (auto there = begin; there != end; ++there) {
            others.push_back((*there)->weak_from_this().lock());
            auto cell = std::dynamic_pointer_cast<T>(others.back());
            if (cell && is_it(*cell)) return cell;
        }
        return nullptr;
    }

    struct ByKey {
        using is_transparent = void;
        static std::string_view key_of(std::string_view key) noexcept { return key; }
        static std::string_view key_of(const Cell *cell) noexcept { return cell->key(); }
        template <typename One>
        std::size_t operator()(const One &one) const noexcept {
            return std::hash<std::string_view>()(key_of(one));
        }
        template <typename One, typename Other>
        bool operator()(const One &one, const Other &other) const noexcept {
            return key_of(one) == key_of(other);
        }
    };

    mutable std::mutex mutex_;
    std::unordered_multiset<Cell *, ByKey, ByKey> cells_;
};

}  // namespace exo::refs
