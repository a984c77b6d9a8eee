#include "store/lineage.hpp"

namespace exo::store {

Lineage lies_on(const Identity &base, std::string_view base_term, const State &head,
                const std::vector<RingEntry> &ring) {
    const Identity &now = head.identity;
    if (base.epoch != now.epoch) return Lineage::no;
    if (base.version == 0) return Lineage::yes;
    if (base.version > now.version) return Lineage::no;
    if (base.version == now.version) return base.op == now.op ? Lineage::yes : Lineage::no;
    // An entry of the ring is proof in both directions; the terms reach further back.
    for (const RingEntry &entry : ring) {
        if (entry.version == base.version) return entry.op == base.op ? Lineage::yes : Lineage::no;
    }
    const std::string_view maker = term_of(head.terms, base.version);
    if (base_term.empty() || maker.empty()) return Lineage::unknown;
    return maker == base_term ? Lineage::yes : Lineage::no;
}

}  // namespace exo::store
