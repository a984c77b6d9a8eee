#include "redis/local/launch.hpp"

#include <string>
#include <string_view>

#include "redis/local/processes.hpp"
#include "redis/local/program.hpp"
#include "redis/local/spawn.hpp"

namespace exo::redis::local {

namespace {

constexpr off_t kLogKept = 1 << 20;

// appendfsync no: with it every change is written to the file before it is acknowledged, so that kill -9 of the server
// loses nothing. With everysec Redis holds writes back, up to two seconds, while the disk is slow with the last fsync,
// and acknowledges them all the same. What "no" leaves to the kernel is the moment at which a power failure can't take
// the data any more, and that is not what a private server for development is asked for.
std::vector<std::string> arguments_for(const Directory &directory) {
    const std::string socket = directory.short_enough() ? directory.socket_path() : kSocket;
    return {"--port",        "0",   "--unixsocket", socket, "--unixsocketperm", "700",
            "--daemonize",   "yes", "--supervised", "no",   "--appendonly",     "yes",
            "--appendfsync", "no",  "--save",       "",     "--logfile",        kLog,
            "--pidfile",     kPid,  "--dir",        "./"};
}

off_t size_of_log(const Directory &directory) {
    struct stat log {};
    return ::fstatat(directory.fd(), kLog, &log, AT_SYMLINK_NOFOLLOW) == 0 ? log.st_size : 0;
}

// Last full line that was written behind `from`, without the pid and date before its text.
std::string last_line(const Directory &directory, off_t from) {
    const Fd log(::openat(directory.fd(), kLog, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    const off_t size = size_of_log(directory);
    if (!log || size <= from) return {};
    const off_t begin = size - from > 4096 ? size - 4096 : from;
    std::string text(static_cast<std::size_t>(size - begin), '\0');
    const ssize_t got = ::pread(log.get(), text.data(), text.size(), begin);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    std::string line = text.substr(text.rfind('\n') + 1);
    for (const char *mark : {" # ", " * "}) {
        const std::size_t at = line.find(mark);
        if (at >= 50) continue;  // npos too
        line.erase(0, at + 3);
        break;
    }
    for (char &c : line) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    if (line.size() > 300) line = line.substr(0, 300) + "...";
    return line;
}

}  // namespace

base::Outcome Launch::start(const Directory &directory, Fd lock, Wait &wait) {
    const base::Result<ServerProgram> server = find_server_program(wait);
    if (!server) return server.error();
    if (server->major < 7 && directory.has("appendonlydir")) {
        return base::make_error(base::Status::EVERSION,
                                directory.shown() + " was written by a redis-server of version 7 or later, and " +
                                    base::quoted(server->path) + " is version " + server->version +
                                    "; install a newer one or name it in EXOREF_REDIS_SERVER");
    }
    if (find_on_path("flock", true).empty()) {
        return base::make_error(base::Status::ELOCAL,
                                "the program flock was not found, and local: needs it to end its server when "
                                "nobody uses it; install it (apt install util-linux)");
    }
    directory.remove(kSocket);  // of a server that was killed: the lock in our hand says that none runs
    directory.remove(kPid);
    log_before_ = size_of_log(directory);
    if (log_before_ > kLogKept) {
        ::renameat(directory.fd(), kLog, directory.fd(), "redis.log.old");
        log_before_ = 0;
    }
    Program program;
    program.path = server->path;
    program.arguments = arguments_for(directory);
    program.folder = directory.fd();
    program.output = kLog;  // what it says before it has opened its log (a refused option)
    program.lock = lock.get();
    program.lock_as = kServerLockFd;
    const base::Result<pid_t> pid = spawn_detached(program);
    if (!pid) return pid.error();
    started_ = true;
    // It detaches (daemonize) and leaves us no child to look after; then the lock is the server's alone.
    const base::Result<int> code = reap(*pid, wait, "starting the server of " + directory.shown());
    if (!code) return code.error();
    return base::Nothing{};
}

base::ErrorPtr Launch::died(const Directory &directory) const {
    const std::string line = last_line(directory, log_before_);
    base::Error error;
    error.status = base::Status::ELOCAL;
    error.message = "the private redis-server of " + directory.shown() + " was started and ended at once" +
                    (line.empty() ? std::string() : ": " + line) + "; see " + directory.path() + "/" + kLog;
    error.server_text = line;
    return base::make_error(std::move(error));
}

}  // namespace exo::redis::local
