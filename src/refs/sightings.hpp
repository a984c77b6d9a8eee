// What a look at a key means for whoever expects a reference of one type and codec there.
#pragma once

#include <string>

#include "base/error.hpp"
#include "store/schema.hpp"

namespace exo::refs {

/// "an atom", "a promise".
std::string with_article(const std::string &noun);

/// Null if a reference of this type was seen; else ENOTFOUND, ETYPE, EFORMAT.
base::ErrorPtr sighting_error(const store::Sighting &sighting, const std::string &type);

/// The key holds something of this type of Redis' that is no reference.
base::ErrorPtr foreign_error(const std::string &type, const std::string &redis_type);

/// A codec label's rule (C9): null, or ECODEC.
base::ErrorPtr codec_mismatch(const std::string &asked, const std::string &there, bool writing);

}  // namespace exo::refs
