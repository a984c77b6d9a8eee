// How this room says that a reply has not the shape that its script answers in.
#pragma once

#include <string>

#include "base/error.hpp"

namespace exo::store {

inline base::ErrorPtr protocol_error(const std::string &what) {
    return base::make_error(base::Status::EPROTOCOL,
                            "a reply of the server could not be read: " + what +
                                "; is something else than exoref writing under this key, or a proxy between?");
}

}  // namespace exo::store
