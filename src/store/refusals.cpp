// The server's error replies, sorted.
#include "store/refusals.hpp"

#include <algorithm>
#include <array>

namespace exo::store {

namespace {

bool contains(std::string_view text, std::string_view word) noexcept { return text.find(word) != text.npos; }

template <std::size_t N>
bool contains_any(std::string_view text, const std::array<std::string_view, N> &words) noexcept {
    return std::any_of(words.begin(), words.end(), [text](std::string_view word) { return contains(text, word); });
}

constexpr std::array<std::string_view, 11> kPassing = {
    "LOADING ",  "BUSY ",        "MASTERDOWN ",           "OOM ",       "MISCONF ", "NOREPLICAS ",
    "TRYAGAIN ", "CLUSTERDOWN ", "max number of clients", "UNBLOCKED ", "NOTREADY "};
constexpr std::array<std::string_view, 4> kPermission = {
    "NOPERM", "can't run this command", "can't access at least one of the keys", "ACL failure in script"};

}  // namespace

RefusalKind refusal_kind(std::string_view text) noexcept {
    if (text.starts_with("NOSCRIPT")) return RefusalKind::no_script;
    if (contains(text, "READONLY ")) return RefusalKind::wrong_node;
    if (contains_any(text, kPassing)) return RefusalKind::passing;
    if (text.starts_with("WRONGTYPE")) return RefusalKind::wrong_type;
    return RefusalKind::final;
}

base::Status refusal_status(std::string_view text) noexcept {
    if (text.starts_with("NOAUTH") || text.starts_with("WRONGPASS")) return base::Status::EAUTH;
    if (contains_any(text, kPermission)) return base::Status::EPERMISSION;
    return base::Status::ESERVER;
}

}  // namespace exo::store
