// HMGET of the metadata, beside the fields that tell whose it is.
#include "store/metadata.hpp"

#include "store/schema.hpp"

namespace exo::store {

void write_read_meta(redis::CommandWriter &out, std::string_view key) {
    out.begin(2 + kStateFields.size() - 1 + 2).arg("HMGET").arg(key);
    for (const std::string_view field : kStateFields) {
        if (field != "value") out.arg(field);
    }
    out.arg("meta").arg("meta_op");
}

base::Result<MetaSighting> parse_read_meta(redis::ReplyView reply) {
    MetaSighting read;
    if (reply.is_error()) {
        read.there.kind = Sighting::Kind::other_type;
        return read;
    }
    constexpr std::size_t kMeta = kStateFields.size() - 1;
    // The metadata stands where a state's value would: parsed as one, it is checked as one.
    auto there = parse_state(reply);
    if (!there) return there.error();
    read.there = std::move(*there);
    if (!reply[kMeta].is_nil()) read.meta.content = std::string(reply[kMeta].text());
    read.meta.op = reply[kMeta + 1].text();
    return read;
}

}  // namespace exo::store
