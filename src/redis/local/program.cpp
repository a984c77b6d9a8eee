#include "redis/local/program.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <system_error>

#include "redis/local/spawn.hpp"

namespace exo::redis::local {

namespace {

using base::make_error;
using base::Status;

constexpr const char *kUsualFolders = "/usr/local/bin:/usr/bin:/bin";
constexpr const char *kVariable = "EXOREF_REDIS_SERVER";

bool is_program(const std::string &path) {
    struct stat file {};
    return ::stat(path.c_str(), &file) == 0 && S_ISREG(file.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

base::Result<std::string> find_program() {
    const char *given = ::secure_getenv(kVariable);
    if (given != nullptr && *given != '\0') {
        const std::string name(given);
        const std::string path = name.find('/') == std::string::npos ? find_on_path(name) : name;
        if (!path.empty() && path[0] == '/' && is_program(path)) return path;
        return make_error(Status::ELOCAL,
                          std::string(kVariable) + " names " + base::quoted(name) +
                              ", which is no program that can be run; give the absolute path of a redis-server");
    }
    for (const char *name : {"redis-server", "valkey-server"}) {
        std::string path = find_on_path(name);
        if (!path.empty()) return path;
    }
    return make_error(Status::ELOCAL,
                      std::string("no redis-server was found on PATH, and local: needs one; install it (apt install "
                                  "redis-server), or name it in ") +
                          kVariable + ", or give the URL of a server that runs");
}

// "Redis server v=7.0.15 sha=…", and Valkey alike.
bool read_version(const std::string &text, ServerProgram &program) {
    const std::size_t at = text.find("v=");
    if (at == std::string::npos) return false;
    program.version = text.substr(at + 2, text.find_first_of(" \n", at) - at - 2);
    const char *end = program.version.data() + program.version.size();
    const auto [dot, bad] = std::from_chars(program.version.data(), end, program.major);
    return bad == std::errc() && dot != end && *dot == '.' &&
           std::from_chars(dot + 1, end, program.minor).ec == std::errc();
}

}  // namespace

std::string find_on_path(const std::string &name, bool usual_folders_too) {
    const char *set = std::getenv("PATH");
    std::string folders = set != nullptr ? set : kUsualFolders;
    if (usual_folders_too) folders += std::string(":") + kUsualFolders;
    for (std::size_t begin = 0; begin <= folders.size();) {
        const std::size_t end = std::min(folders.find(':', begin), folders.size());
        std::string path = folders.substr(begin, end - begin) + "/" + name;
        if (end > begin && path[0] == '/' && is_program(path)) return path;
        begin = end + 1;
    }
    return {};
}

base::Result<ServerProgram> find_server_program(Wait &wait) {
    const base::Result<std::string> path = find_program();
    if (!path) return path.error();
    const base::Result<std::string> text = output_of(*path, {"--version"}, wait);
    if (!text) return text.error();
    ServerProgram program;
    program.path = *path;
    if (!read_version(*text, program)) {
        return make_error(Status::ELOCAL, base::quoted(*path) +
                                              " did not tell its version as a redis-server does; name another in " +
                                              std::string(kVariable));
    }
    if (program.major < 6 || (program.major == 6 && program.minor < 2)) {
        return make_error(Status::EVERSION,
                          base::quoted(*path) + " is version " + program.version +
                              ", and exoref needs Redis 6.2 or later; install a newer one or name it in " + kVariable);
    }
    return program;
}

}  // namespace exo::redis::local
