// delay get: the value of a delay, computed by CMD where one is given and nobody else computes it.
#include <optional>

#include "cli/body.hpp"
#include "cli/claim.hpp"
#include "cli/codec.hpp"
#include "cli/duration.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "cli/words.hpp"

namespace exo::cli {

namespace {

/// A body's failure is told in its own words: it may have failed here or anywhere, now or long ago.
ExitCode report_body(const std::string &message) {
    return report(kError, message.empty() ? "the body failed" : "the body failed: " + message);
}

ExitCode report_wait(exoref_status status, const Error &error) {
    return status == EXOREF_EBODY ? report_body(exoref_error_message(error.get())) : report(status, error);
}

/// One who says CMD: computes the value as often as it is his turn, until there is one.
class Computer {
public:
    Computer(Session &session, const Arguments &arguments, exoref_delay *delay, std::optional<std::int64_t> ttl)
        : session_(session),
          arguments_(arguments),
          name_("'" + arguments.command.front() + "'"),
          ttl_(ttl),
          claim_(session.client(), delay, session.patience()) {}

    ExitCode run() {
        for (;;) {
            Value value;
            Error error;
            const exoref_status status = claim_.wait(value, error);
            if (status != EXOREF_OK) return report_wait(status, error);
            if (value) return write_value(bytes_of(value));
            if (const std::optional<ExitCode> code = compute()) return *code;
        }
    }

private:
    /// Nothing if the lease was lost: then there is somebody else's result to be waited for.
    std::optional<ExitCode> compute() {
        const Command command{arguments_.command,
                              {"EXOREF_KEY=" + arguments_.values[0],
                               "EXOREF_TOKEN=" + std::to_string(exoref_lease_token(claim_.lease()))}};
        BodyResult result = run_body(command, [this] { return exoref_lease_lost(claim_.lease()); });
        if (result.given_up) return lost("was ended");
        if (*result.kind == '\0' && !result.failure.empty()) return report(kError, result.failure);
        if (!result.failure.empty()) return fail(result.kind, result.failure);
        const std::string refusal = codec_refusal(arguments_, result.output);
        return refusal.empty() ? deliver(result.output) : fail("codec", "the output of " + name_ + ": " + refusal);
    }

    std::optional<ExitCode> deliver(const std::string &output) {
        Value value;
        Error error;
        const exoref_status status = exoref_lease_deliver(claim_.lease(), output.data(), output.size(),
                                                          session_.patience(), into(value), into(error));
        go_on_unless_signalled();
        if (status == EXOREF_ETOOBIG) return fail("size", exoref_error_message(error.get()));
        if (status == EXOREF_ELEASE) return lost("came too late");
        if (status != EXOREF_OK) return report(status, error);
        claim_.settled();
        const ExitCode written = write_value(bytes_of(value));
        const ExitCode set = live("the value was published");
        return written == kDone ? set : written;
    }

    /// What was published lives as long as was asked for, also where somebody else had made the delay.
    ExitCode live(const char *published) {
        return ttl_ ? session_.set_time_to_live(arguments_.values[0], *ttl_, published) : kDone;
    }

    std::optional<ExitCode> fail(const char *kind, const std::string &message) {
        Error error;
        const exoref_status status =
            exoref_lease_fail(claim_.lease(), kind, message.c_str(), nullptr, 0, session_.patience(), into(error));
        go_on_unless_signalled();
        if (status == EXOREF_ELEASE) return lost("failed, and too late");
        if (status != EXOREF_OK) return report(status, error);
        claim_.settled();
        const ExitCode reported = report_body(message);
        live("the failure was published");
        return reported;
    }

    std::optional<ExitCode> lost(const char *what) {
        write_message("the lease was lost: " + name_ + " " + what);
        return std::nullopt;
    }

    Session &session_;
    const Arguments &arguments_;
    const std::string name_;
    const std::optional<std::int64_t> ttl_;
    Claim claim_;
};

}  // namespace

int delay_get(const Arguments &arguments) {
    Session session(arguments);
    Session::Settings settings;
    std::optional<std::int64_t> ttl;
    if (arguments.ttl) {
        if (const ExitCode code = read_duration("ttl", *arguments.ttl, ttl.emplace()); code != kDone) return code;
        settings.emplace_back("ttl", *arguments.ttl);
    }
    if (arguments.lease) settings.emplace_back("lease", *arguments.lease);
    if (arguments.retry) settings.emplace_back("retry", "true");
    Options options;
    if (const ExitCode code = session.reference_options(options, settings); code != kDone) return code;
    if (const ExitCode code = session.open(); code != kDone) return code;
    const std::string &key = arguments.values[0];
    Delay delay;
    bool created = false;
    Value value;
    Error error;
    exoref_status status = exoref_delay_open(session.client(), key.data(), key.size(), options.get(), session.timeout(),
                                             into(delay), &created, into(error));
    if (status != EXOREF_OK) return report(status, error);
    if (created) ttl.reset();  // it has it from its creation
    if (!arguments.command.empty()) return Computer(session, arguments, delay.get(), ttl).run();
    status = exoref_delay_deref(delay.get(), session.patience(), into(value), into(error));
    return status == EXOREF_OK ? write_value(bytes_of(value)) : report_wait(status, error);
}

}  // namespace exo::cli
