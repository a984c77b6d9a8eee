// atom get, set, cas, meta.
#include "cli/codec.hpp"
#include "cli/duration.hpp"
#include "cli/input.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "cli/words.hpp"

namespace exo::cli {

namespace {

/// Creates it, or resets what is there; again if it is deleted just in between.
ExitCode create_or_reset(Session &session, const Options &options, const std::string &key, const std::string &value,
                         bool &created) {
    for (;;) {
        Error error;
        Atom atom;
        exoref_status status = exoref_atom_create(session.client(), key.data(), key.size(), value.data(), value.size(),
                                                  options.get(), session.timeout(), into(atom), &created, into(error));
        if (status != EXOREF_OK) return report(status, error);
        if (created) return kDone;
        status = exoref_atom_reset(atom.get(), value.data(), value.size(), session.timeout(), nullptr, into(error));
        if (status == EXOREF_OK) return kDone;
        if (status != EXOREF_ENOTFOUND) return report(status, error);
    }
}

}  // namespace

int atom_get(const Arguments &arguments) {
    Session session(arguments);
    if (const ExitCode code = session.open(); code != kDone) return code;
    Options options;
    if (const ExitCode code = session.reference_options(options); code != kDone) return code;
    // What opening reads is the value already: one request, not two.
    const std::string &key = arguments.values[0];
    Future future;
    Error error;
    exoref_status status = exoref_atom_open_async(session.client(), key.data(), key.size(), options.get(),
                                                  session.timeout(), into(future), into(error));
    if (status != EXOREF_OK) return report(status, error);
    exoref_future_wait(future.get(), EXOREF_TIMEOUT_NONE, nullptr);
    error.reset(exoref_future_error(future.get()));
    status = exoref_future_status(future.get());
    if (status != EXOREF_OK) return report(status, error);
    return write_value(bytes_of(Value(exoref_future_value(future.get()))));
}

int atom_set(const Arguments &arguments) {
    std::vector<std::string> values(arguments.values.begin() + 1, arguments.values.end());
    if (const ExitCode code = read_dashes(values); code != kDone) return code;
    if (const ExitCode code = encode(arguments, "VALUE", values[0]); code != kDone) return code;
    std::int64_t ttl = EXOREF_TTL_NONE;
    if (arguments.ttl) {
        if (const ExitCode code = read_duration("ttl", *arguments.ttl, ttl); code != kDone) return code;
    }
    Session session(arguments);
    if (const ExitCode code = session.open(); code != kDone) return code;
    Options options;
    Session::Settings settings;
    if (arguments.ttl) settings.emplace_back("ttl", *arguments.ttl);
    if (const ExitCode code = session.reference_options(options, settings); code != kDone) return code;
    bool created = false;
    const ExitCode code = create_or_reset(session, options, arguments.values[0], values[0], created);
    if (code != kDone || created || !arguments.ttl) return code;
    return session.set_time_to_live(arguments.values[0], ttl, "the value was set");
}

int atom_cas(const Arguments &arguments) {
    std::vector<std::string> values(arguments.values.begin() + 1, arguments.values.end());
    if (const ExitCode code = read_dashes(values); code != kDone) return code;
    if (const ExitCode code = encode(arguments, "OLD", values[0]); code != kDone) return code;
    if (const ExitCode code = encode(arguments, "NEW", values[1]); code != kDone) return code;
    Session session(arguments);
    if (const ExitCode code = session.open(); code != kDone) return code;
    Atom atom;
    if (const ExitCode code = session.open_atom(arguments.values[0], atom); code != kDone) return code;
    bool swapped = false;
    Value standing;
    Error error;
    const exoref_status status =
        exoref_atom_compare_and_set(atom.get(), values[0].data(), values[0].size(), values[1].data(), values[1].size(),
                                    session.timeout(), &swapped, into(standing), into(error));
    if (status != EXOREF_OK) return report(status, error);
    if (swapped) return kDone;
    const ExitCode written = write_value(bytes_of(standing));
    return written == kDone ? kNo : written;
}

int atom_meta(const Arguments &arguments) {
    std::vector<std::string> values(arguments.values.begin() + 1, arguments.values.end());
    if (const ExitCode code = read_dashes(values); code != kDone) return code;
    Session session(arguments);
    if (const ExitCode code = session.open(); code != kDone) return code;
    Atom atom;
    if (const ExitCode code = session.open_atom(arguments.values[0], atom); code != kDone) return code;
    Error error;
    Value meta;
    const exoref_status status =
        values.empty()
            ? exoref_atom_meta(atom.get(), session.timeout(), into(meta), into(error))
            : exoref_atom_reset_meta(atom.get(), values[0].data(), values[0].size(), session.timeout(), into(error));
    if (status != EXOREF_OK) return report(status, error);
    return values.empty() ? write_value(bytes_of(meta)) : kDone;
}

}  // namespace exo::cli
