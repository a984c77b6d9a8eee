// Members of objects that are to stand in another order than they were written in. They are noted object by object, inner
// ones first, and put in place all at once: so each byte is moved once, however deep it stands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace exo::base {

class JsonOrder {
public:
    struct Piece {
        std::uint32_t begin;
        std::uint32_t end;
    };

    /// Begins an object that reaches from its opening bracket to before its closing one; add() then takes its members in the
    /// order that they shall have.
    void begin_object(Piece object) { objects_.push_back({object, pieces_.size(), 0}); }
    void add(Piece member) {
        pieces_.push_back(member);
        ++objects_.back().count;
    }

    bool empty() const { return objects_.empty(); }

    /// The text with all members in place.
    std::string applied(std::string_view text);

private:
    struct Object {
        Piece here;
        std::size_t first;  ///< in pieces_
        std::size_t count;
    };

    std::vector<Object> objects_;
    std::vector<Piece> pieces_;
};

}  // namespace exo::base
