// The plain commands of this room, beside the scripts (store/scripts.gen.hpp, store/commit_call.hpp): reads that need no script.
#pragma once

#include <cstdint>
#include <string_view>

#include "redis/command_writer.hpp"
#include "store/commit_call.hpp"

namespace exo::store {

/// HMGET of the fields of a state: what a deref sends. Answer: parse_read_state.
void write_read_state(redis::CommandWriter &out, std::string_view key);

/// The same without the value (exists, type, version; the sweep). Answer: parse_read_state, `value` is none.
void write_read_identity(redis::CommandWriter &out, std::string_view key);

/// TYPE: what is under a key where no reference was found ("none", "string", ...).
void write_type(redis::CommandWriter &out, std::string_view key);

/// SCRIPT LOAD, after NOSCRIPT.
void write_script_load(redis::CommandWriter &out, std::string_view source);

/// SCAN of the hashes that match a glob pattern.
void write_scan(redis::CommandWriter &out, std::string_view cursor, std::string_view pattern, std::uint64_t count);

}  // namespace exo::store
