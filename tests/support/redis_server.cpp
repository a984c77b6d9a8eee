#include "support/redis_server.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/fatal.hpp"
#include "support/spawn.hpp"

namespace exo::support {

namespace {

namespace fs = std::filesystem;

constexpr Millis kStartTime{20000};
constexpr Millis kEndTime{20000};

std::string server_program() {
    const char *given = std::getenv("EXOREF_TEST_REDIS_SERVER");
    return given == nullptr ? "redis-server" : given;
}

std::string read_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<std::string> environment() {
    std::vector<std::string> result;
    for (char **entry = environ; *entry != nullptr; ++entry) {
        result.emplace_back(*entry);
    }
    return result;
}

// "calls=3,usec=4,…" -> 3
std::uint64_t calls_in(const std::string &stat) {
    const std::size_t at = stat.find("calls=");
    return at == std::string::npos ? 0 : std::strtoull(stat.c_str() + at + 6, nullptr, 10);
}

}  // namespace

RedisServer::RedisServer(RedisServerOptions options)
    : options_(std::move(options)), unix_(Endpoint::unix_socket(folder_.file("s"))), client_(unix_, Millis(10000)) {
    tcp_.host = options_.ipv6 ? "::1" : "127.0.0.1";
    tcp_.port = options_.tcp ? free_port(tcp_.host) : 0;
    if (!options_.password.empty()) {
        client_.authenticate("", options_.password);
    }
    if (options_.shifted_clock) {
        shift_clock(Millis(0));
    }
    restart();
}

RedisServer::~RedisServer() {
    if (pid_ > 0) {
        kill9();
    }
}

std::string RedisServer::url() const { return tcp_.url(options_.password.empty() ? "" : ":" + options_.password); }

std::string RedisServer::unix_url() const {
    return unix_.url(options_.password.empty() ? "" : ":" + options_.password);
}

std::string RedisServer::log() const { return read_file(folder_.file("output")) + read_file(folder_.file("log")); }

void RedisServer::write_config() const {
    std::ofstream file(folder_.file("redis.conf"));
    file << "port " << tcp_.port << "\nbind " << tcp_.host << "\nunixsocket " << unix_.socket_path
         << "\nunixsocketperm 700\ndir " << folder_.path() << "\nlogfile " << folder_.file("log")
         << "\nsave \"\"\ndaemonize no\nset-proc-title no\nappendonly " << (options_.append_only ? "yes" : "no")
         << "\nappendfsync no\nauto-aof-rewrite-percentage 0\n";  // what is acknowledged is in the file at once
    if (!options_.password.empty()) {
        file << "requirepass " << options_.password << "\n";
    }
    for (const std::string &user : options_.users) {
        file << "user " << user << "\n";
    }
    for (const std::string &line : options_.config) {
        file << line << "\n";
    }
    if (!file.flush()) {
        fatal("writing the configuration of the server in " + folder_.path());
    }
}

void RedisServer::start() {
    write_config();
    ::unlink(unix_.socket_path.c_str());
    SpawnRequest request;
    request.argv = {server_program(), folder_.file("redis.conf")};
    request.environment = environment();
    if (options_.shifted_clock) {
        request.environment.push_back("LD_PRELOAD=" EXOREF_TEST_SHIFTED_CLOCK);
        request.environment.push_back("EXOREF_TEST_CLOCK_FILE=" + folder_.file("clock"));
    }
    request.directory = folder_.path();
    const Fd output(::open(folder_.file("output").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    request.stdout_fd = output.get();
    request.stderr_fd = output.get();
    pid_ = spawn(request);
}

bool RedisServer::reaped() {
    if (pid_ > 0 && ::waitpid(pid_, &last_status_, WNOHANG) == pid_) {
        pid_ = -1;
    }
    return pid_ <= 0;
}

void RedisServer::wait_ready() {
    for (int attempt = 0; attempt < 5; ++attempt) {
        bool ready = false;
        eventually(kStartTime, [&] {
            if (reaped()) {
                return true;
            }
            const Reply pong = cli({"PING"});
            ready = pong.type == Reply::Type::kStatus && pong.text == "PONG";
            return ready;
        });
        if (ready) {
            return;
        }
        const bool port_taken = log().find("Address already in use") != std::string::npos;
        if (pid_ > 0 || !port_taken) {
            break;
        }
        fs::remove(folder_.file("log"));
        pause_for(Millis(100));
        start();
    }
    const std::string how = pid_ > 0 ? "still runs" : "ended with wait status " + std::to_string(last_status_);
    fatal("redis-server does not answer, it " + how + "; its log:\n" + log());
}

void RedisServer::restart() {
    if (pid_ > 0) {
        kill9();
    }
    start();
    wait_ready();
}

void RedisServer::kill9() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    const std::lock_guard<std::mutex> lock(client_mutex_);
    client_.close();
}

void RedisServer::terminate() {
    if (pid_ <= 0) {
        return;
    }
    ::kill(pid_, SIGCONT);
    ::kill(pid_, SIGTERM);
    if (!eventually(kEndTime, [this] { return reaped(); })) {
        fatal("redis-server did not end on SIGTERM; its log:\n" + log());
    }
    const std::lock_guard<std::mutex> lock(client_mutex_);
    client_.close();
}

void RedisServer::pause() {
    ::kill(pid_, SIGSTOP);
    const bool stopped = eventually(kEndTime, [this] {
        const std::string stat = read_file("/proc/" + std::to_string(pid_) + "/stat");
        const std::size_t name_end = stat.rfind(')');
        return name_end != std::string::npos && stat.compare(name_end, 3, ") T") == 0;
    });
    if (!stopped) {
        fatal("redis-server did not stop on SIGSTOP");
    }
}

void RedisServer::resume() { ::kill(pid_, SIGCONT); }

void RedisServer::shift_clock(Millis ahead) {
    // In place and of one length: the server reads it whenever it looks at its clock.
    char text[32];
    const int size = std::snprintf(text, sizeof text, "%+020lld\n", static_cast<long long>(ahead.count()));
    const Fd file(::open(folder_.file("clock").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!options_.shifted_clock || ::pwrite(file.get(), text, static_cast<std::size_t>(size), 0) != size) {
        fatal("setting the clock of a server");
    }
}

std::string RedisServer::incremental_aof() const {
    std::error_code error;
    std::string newest;
    long best = -1;
    for (const auto &entry : fs::directory_iterator(folder_.file("appendonlydir"), error)) {
        const std::string name = entry.path().filename().string();  // appendonly.aof.<n>.incr.aof
        const std::string head = "appendonly.aof.";
        if (name.compare(0, head.size(), head) == 0 && name.find(".incr.aof") != std::string::npos) {
            const long n = std::strtol(name.c_str() + head.size(), nullptr, 10);
            if (n > best) {
                best = n;
                newest = entry.path().string();
            }
        }
    }
    return newest.empty() ? folder_.file("appendonly.aof") : newest;  // one file before Redis 7
}

std::uint64_t RedisServer::aof_size() const {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(incremental_aof(), error);
    return error ? 0 : size;
}

std::uint64_t RedisServer::truncate_aof(std::uint64_t bytes) {
    if (!reaped()) {
        fatal("truncate_aof: the server still runs");
    }
    const std::uint64_t size = aof_size();
    const std::uint64_t cut = std::min(size, bytes);
    std::error_code error;
    fs::resize_file(incremental_aof(), size - cut, error);
    if (error) {
        fatal("truncate_aof: " + error.message());
    }
    return cut;
}

Reply RedisServer::cli(const std::vector<std::string> &args) {
    const std::lock_guard<std::mutex> lock(client_mutex_);
    return client_.call(args);
}

Reply RedisServer::must(const std::vector<std::string> &args) {
    Reply reply = cli(args);
    if (reply.is_error()) {
        fatal(args.at(0) + " was answered " + reply.text);
    }
    return reply;
}

std::map<std::string, std::string> RedisServer::info(const std::string &section) {
    return parse_info(must({"INFO", section}).text);
}

std::map<std::string, std::uint64_t> RedisServer::all_calls() {
    std::map<std::string, std::uint64_t> result;
    const std::string head = "cmdstat_";
    for (const auto &[name, value] : info("commandstats")) {
        if (name.compare(0, head.size(), head) == 0) {
            result[name.substr(head.size())] = calls_in(value);
        }
    }
    return result;
}

std::uint64_t RedisServer::calls(const std::string &command) {
    const std::map<std::string, std::uint64_t> all = all_calls();
    const auto found = all.find(command);
    return found == all.end() ? 0 : found->second;
}

void RedisServer::reset_calls() { must({"CONFIG", "RESETSTAT"}); }

std::vector<std::map<std::string, std::string>> RedisServer::clients(const std::string &type) {
    std::vector<std::string> command = {"CLIENT", "LIST"};
    if (!type.empty()) {
        command.insert(command.end(), {"TYPE", type});
    }
    const std::string own = std::to_string(must({"CLIENT", "ID"}).integer);
    std::vector<std::map<std::string, std::string>> result;
    std::istringstream lines(must(command).text);
    std::string line;
    while (std::getline(lines, line)) {
        std::map<std::string, std::string> client;
        std::istringstream words(line);
        std::string word;
        while (words >> word) {
            const std::size_t equals = word.find('=');
            client[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
        }
        if (!client.empty() && client["id"] != own) {
            result.push_back(std::move(client));
        }
    }
    return result;
}

}  // namespace exo::support
