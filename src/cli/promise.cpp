// promise deliver, get, realized.
#include "cli/codec.hpp"
#include "cli/duration.hpp"
#include "cli/input.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "cli/words.hpp"

namespace exo::cli {

namespace {

struct Delivery {
    bool created = false;    ///< the promise
    bool delivered = false;  ///< else another value stands
    Value standing;
};

/// Opens the promise and delivers it; again if it is deleted, or expires, just in between.
ExitCode deliver(Session &session, const Options &options, const std::string &key, const std::string &value,
                 Delivery &delivery) {
    for (;;) {
        Error error;
        Promise promise;
        exoref_status status = exoref_promise_open(session.client(), key.data(), key.size(), options.get(),
                                                   session.timeout(), into(promise), &delivery.created, into(error));
        if (status != EXOREF_OK) return report(status, error);
        status = exoref_promise_deliver(promise.get(), value.data(), value.size(), session.timeout(),
                                        &delivery.delivered, into(delivery.standing), into(error));
        if (status == EXOREF_OK) return kDone;
        if (status != EXOREF_EDELETED) return report(status, error);
    }
}

}  // namespace

int promise_deliver(const Arguments &arguments) {
    std::vector<std::string> values(arguments.values.begin() + 1, arguments.values.end());
    if (const ExitCode code = read_dashes(values); code != kDone) return code;
    if (const ExitCode code = encode(arguments, "VALUE", values[0]); code != kDone) return code;
    std::int64_t ttl = EXOREF_TTL_NONE;
    Session::Settings settings;
    if (arguments.ttl) {
        if (const ExitCode code = read_duration("ttl", *arguments.ttl, ttl); code != kDone) return code;
        settings.emplace_back("ttl", *arguments.ttl);
    }
    Session session(arguments);
    if (const ExitCode code = session.open(); code != kDone) return code;
    Options options;
    if (const ExitCode code = session.reference_options(options, settings); code != kDone) return code;
    Delivery delivery;
    const ExitCode code = deliver(session, options, arguments.values[0], values[0], delivery);
    if (code != kDone) return code;
    if (!delivery.delivered) {
        const ExitCode written = write_value(bytes_of(delivery.standing));
        return written == kDone ? kNo : written;
    }
    // One that was waited for before was created without it.
    if (delivery.created || !arguments.ttl) return kDone;
    return session.set_time_to_live(arguments.values[0], ttl, "the value was delivered");
}

int promise_get(const Arguments &arguments) {
    Session session(arguments);
    if (const ExitCode code = session.open(); code != kDone) return code;
    Options options;
    if (const ExitCode code = session.reference_options(options); code != kDone) return code;
    const std::string &key = arguments.values[0];
    Promise promise;
    Value value;
    Error error;
    exoref_status status = exoref_promise_open(session.client(), key.data(), key.size(), options.get(),
                                               session.timeout(), into(promise), nullptr, into(error));
    if (status == EXOREF_OK) status = exoref_promise_deref(promise.get(), session.patience(), into(value), into(error));
    return status == EXOREF_OK ? write_value(bytes_of(value)) : report(status, error);
}

int promise_realized(const Arguments &arguments) {
    Session session(arguments);
    if (const ExitCode code = session.open(); code != kDone) return code;
    const std::string &key = arguments.values[0];
    bool realized = false;
    Error error;
    const exoref_status status =
        exoref_realized(session.client(), key.data(), key.size(), "promise", session.timeout(), &realized, into(error));
    if (status != EXOREF_OK) return report(status, error);
    const ExitCode written = write_line(realized ? "true" : "false");
    return written == kDone && !realized ? kNo : written;
}

}  // namespace exo::cli
