// Cells and their table.
#include "refs/cell.hpp"

#include <algorithm>

#include "refs/client.hpp"

namespace exo::refs {

Cell::Cell(std::shared_ptr<Client> client, std::string key) : client_(std::move(client)), key_(std::move(key)) {}

Cell::~Cell() {
    client_->cells().remove(*this);
    client_->count_references();
}

void CellTable::remove(const Cell &cell) {
    const std::lock_guard lock(mutex_);
    const auto [begin, end] = cells_.equal_range(cell.key());
    const auto found = std::find(begin, end, &cell);
    if (found != end) cells_.erase(found);
}

std::vector<std::shared_ptr<Cell>> CellTable::all() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Cell>> there;
    for (Cell *cell : cells_) {
        if (auto one = cell->weak_from_this().lock()) there.push_back(std::move(one));
    }
    return there;
}

std::size_t CellTable::size() const {
    const std::lock_guard lock(mutex_);
    return cells_.size();
}

}  // namespace exo::refs
