#include "store/commands.hpp"

#include "store/schema.hpp"

namespace exo::store {

void write_read_state(redis::CommandWriter &out, std::string_view key) {
    out.begin(2 + kStateFields.size()).arg("HMGET").arg(key);
    for (const std::string_view field : kStateFields) out.arg(field);
}

void write_read_identity(redis::CommandWriter &out, std::string_view key) {
    out.begin(1 + kStateFields.size()).arg("HMGET").arg(key);
    for (std::size_t i = 0; i + 1 < kStateFields.size(); ++i) out.arg(kStateFields[i]);
}

void write_type(redis::CommandWriter &out, std::string_view key) { out.begin(2).arg("TYPE").arg(key); }

void write_script_load(redis::CommandWriter &out, std::string_view source) {
    out.begin(3).arg("SCRIPT").arg("LOAD").arg(source);
}

void write_scan(redis::CommandWriter &out, std::string_view cursor, std::string_view pattern, std::uint64_t count) {
    out.begin(8).arg("SCAN").arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").number(count).arg("TYPE").arg("hash");
}

}  // namespace exo::store
