// Reading a reference's metadata: a plain command, since the script of this name only writes.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "redis/command_writer.hpp"
#include "redis/reply.hpp"
#include "store/answers.hpp"

namespace exo::store {

struct MetaSighting {
    Sighting there;  ///< as of a state, without value and version
    Attribute meta;
};

void write_read_meta(redis::CommandWriter &out, std::string_view key);

/// Of its reply, the WRONGTYPE error included.
base::Result<MetaSighting> parse_read_meta(redis::ReplyView reply);

}  // namespace exo::store
