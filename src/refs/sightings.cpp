// The words for what was not expected.
#include "refs/sightings.hpp"

namespace exo::refs {

using base::Status;

std::string with_article(const std::string &noun) { return (noun.starts_with('a') ? "an " : "a ") + noun; }

base::ErrorPtr sighting_error(const store::Sighting &sighting, const std::string &type) {
    using Kind = store::Sighting::Kind;
    switch (sighting.kind) {
        case Kind::absent:
            return base::make_error(Status::ENOTFOUND, "there is no " + type + " under this key; create it first");
        case Kind::newer_format:
            return base::make_error(Status::EFORMAT, "the reference is of format " + std::to_string(sighting.format) +
                                                         ", and this library knows formats up to " +
                                                         std::to_string(store::kFormat) + "; use a newer one");
        case Kind::other_type:
            return base::make_error(
                Status::ETYPE, "the key does not hold " + with_article(type) + " but something that is not of exoref");
        case Kind::present: break;
    }
    if (sighting.state->type == type) return nullptr;
    return base::make_error(
        Status::ETYPE, "the key does not hold " + with_article(type) + " but " + with_article(sighting.state->type));
}

base::ErrorPtr foreign_error(const std::string &type, const std::string &redis_type) {
    return base::make_error(Status::ETYPE, "the key does not hold " + with_article(type) + " but a " + redis_type +
                                               " that is not of exoref; choose another key");
}

base::ErrorPtr codec_mismatch(const std::string &asked, const std::string &there, bool writing) {
    if (asked == there || there.empty() || (asked.empty() && !writing)) return nullptr;
    if (asked.empty()) {
        return base::make_error(
            Status::ECODEC,
            "the reference carries the codec label '" + there +
                "', and this handle names none: it may read but not write; open it with codec=" + there);
    }
    return base::make_error(Status::ECODEC,
                            "the reference carries the codec label '" + there + "', not '" + asked + "'");
}

}  // namespace exo::refs
