// From a status of the library to an exit code and a line on stderr.
#include "cli/exit_code.hpp"

#include "cli/output.hpp"

namespace exo::cli {

ExitCode exit_code(exoref_status status) {
    switch (status) {
        case EXOREF_OK: return kDone;
        case EXOREF_EINVAL: return kUsage;
        case EXOREF_ETIMEOUT:
        case EXOREF_EBUSY: return kTimeout;
        case EXOREF_ECONNECTION:
        case EXOREF_EAUTH:
        case EXOREF_EPROTOCOL:
        case EXOREF_EVERSION:
        case EXOREF_ELOCAL: return kNoConnection;
        case EXOREF_EUNKNOWN: return kUnknown;
        default: return kError;
    }
}

ExitCode report(exoref_status status, const Error &error) {
    const std::string message = exoref_error_message(error.get());
    return report(exit_code(status), message.empty() ? exoref_status_text(status) : message);
}

ExitCode report(ExitCode code, const std::string &message) {
    write_message(message);
    return code;
}

}  // namespace exo::cli
