// Clients, and what they do to any reference by its key.
#include "names.hpp"
#include "players.hpp"

namespace agent {

static void open(Step &step) {
    const auto name = step.text("client"), url = step.text("url");
    auto options = step.options();
    step.ready();
    const auto lines = the_case().lines.keep(name, std::make_shared<Log>());
    options.log(EXOREF_LOG_WARNING, [lines](std::int32_t, exoref::bytes, exoref::bytes line) { lines->add(line); });
    the_case().clients.keep(name, exoref::client::open(url, options));
}

static void close(Step &step) {
    auto &client = the_case().clients.take(step);
    step.ready();
    client.close();
}

// Waits until a line of the client's log has the text.
static void logged(Step &step) {
    const auto lines = the_case().lines.find(step.maybe_text("client").value_or("main"));
    const auto text = step.text("text");
    const auto time = step.number("timeout", 0);
    step.ready();
    step.give("logged", lines->has(text, std::chrono::milliseconds(time)));
}

static void remove(Step &step) {
    auto &client = the_case().client_of(step);
    const auto key = step.bytes("key");
    const auto t = step.timeout();
    step.ready();
    step.give("deleted", client.remove(key, t));
}

static void expire(Step &step) {
    auto &client = the_case().client_of(step);
    const auto key = step.bytes("key");
    const auto ms = step.number("ttl", 0);
    const auto t = step.timeout();
    step.ready();
    client.expire(key, ms ? exoref::client::ttl(std::chrono::milliseconds(ms)) : std::nullopt, t);
}

static void realized(Step &step) {
    auto &client = the_case().client_of(step);
    const auto key = step.bytes("key");
    const auto type = step.maybe_text("type");
    const auto t = step.timeout();
    step.ready();
    step.give("realized", client.realized(key, type ? type->c_str() : nullptr, t));
}

static void inspect(Step &step) {
    auto &client = the_case().client_of(step);
    const auto key = step.bytes("key");
    const auto t = step.timeout();
    step.ready();
    const auto info = client.inspect(key, t);
    for (const char *name : {"type", "codec", "ttl", "state", "attempt", "failure"})
        step.give(name, std::string(info.text(name)));
    step.give("version", std::stoull(std::string(info.text("version"))));
    if (const auto value = info.value()) step.give("value", to_wire(value));
    if (const auto meta = info.meta()) step.give("meta", to_wire(meta));
}

Players client_players() {
    return {{"client.open", open},      {"client.close", close},   {"client.logged", logged},
            {"client.delete", remove},  {"client.expire", expire}, {"client.realized", realized},
            {"client.inspect", inspect}};
}

}  // namespace agent
