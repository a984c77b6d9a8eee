// Putting members in place: a walk over the text with a stack of what is still to come, as deep as the objects are.
#include "base/json_order.hpp"

#include <algorithm>

namespace exo::base {

std::string JsonOrder::applied(std::string_view text) {
    struct Walk {
        Piece here;        ///< what is left of the piece
        std::size_t next;  ///< the pieces that come after it in the same object
        std::size_t last;
    };
    std::sort(objects_.begin(), objects_.end(),
              [](const Object &a, const Object &b) { return a.here.begin < b.here.begin; });
    std::string out;
    out.reserve(text.size());
    std::vector<Walk> walks{{{0, static_cast<std::uint32_t>(text.size())}, 0, 0}};
    while (!walks.empty()) {
        Walk &walk = walks.back();
        const auto object =
            std::lower_bound(objects_.begin(), objects_.end(), walk.here.begin,
                             [](const Object &a, std::uint32_t offset) { return a.here.begin < offset; });
        if (object != objects_.end() && object->here.begin < walk.here.end) {
            out += text.substr(walk.here.begin, object->here.begin + 1 - walk.here.begin);
            walk.here.begin = object->here.end;
            walks.push_back({pieces_[object->first], object->first + 1, object->first + object->count});
            continue;
        }
        out += text.substr(walk.here.begin, walk.here.end - walk.here.begin);
        if (walk.next == walk.last) {
            walks.pop_back();
        } else {
            out += ',';
            walk.here = pieces_[walk.next++];
        }
    }
    return out;
}

}  // namespace exo::base
