// A server that a test scripts: what it answers to each command, byte by byte if need be, so that the library meets
// servers that are broken, hostile, too old, or no Redis at all. One thread; behaviours run on it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/net.hpp"
#include "support/temp_dir.hpp"

namespace exo::support {

// A connection as a behaviour sees it. Only to be used inside the behaviour.
class FakeConnection {
public:
    std::uint64_t id() const { return id_; }
    void send(std::string bytes);
    // One byte a packet, each after the one before has been taken by the other side.
    void drip(std::string bytes);
    // Again and again for as long as it is taken.
    void flood(std::string bytes);
    // After what is to be sent has been sent.
    void close();
    void reset();
    // Reads nothing more.
    void deafen() { deaf_ = true; }
    std::uint64_t commands_seen() const { return commands_; }

private:
    friend class FakeServer;
    std::uint64_t id_ = 0;
    Fd fd_;
    std::string inbox_;
    std::string out_;
    std::string flood_;
    bool dripping_ = false;
    bool deaf_ = false;
    bool closing_ = false;
    bool reset_ = false;
    std::uint64_t commands_ = 0;
};

using Command = std::vector<std::string>;

struct FakeBehaviour {
    std::function<void(FakeConnection &)> on_connect;
    std::function<void(FakeConnection &, const Command &)> on_command;
};

// What a real Redis says to the commands of a handshake and to PING and SUBSCRIBE.
struct Manners {
    std::string version = "7.0.15";
    std::string run_id = "0123456789abcdef0123456789abcdef01234567";
    std::string replication_id = "89abcdef0123456789abcdef0123456789abcdef";
    std::string role = "master";
    bool loading = false;
};
// Empty if it is no such command.
std::string polite_reply(const Command &command, const Manners &manners = {});

// Polite until the first other command; then `then` decides (nothing: silence).
FakeBehaviour polite_then(std::function<void(FakeConnection &, const Command &)> then, Manners manners = {});
// Polite until a script is called; that is answered with these bytes.
FakeBehaviour polite_then_bytes(std::string bytes, Manners manners = {});
// Says this on each connection and to each command: banners of other protocols.
FakeBehaviour banner(std::string bytes);
std::string http_banner();
std::string ssh_banner();
std::string tls_alert_banner();

class FakeServer {
public:
    explicit FakeServer(FakeBehaviour behaviour, bool unix_socket = false);
    ~FakeServer();
    FakeServer(FakeServer &&) = delete;
    FakeServer &operator=(FakeServer &&) = delete;

    const Endpoint &endpoint() const { return endpoint_; }
    std::string url(const std::string &user_info = "") const { return endpoint_.url(user_info); }

    void set_behaviour(FakeBehaviour behaviour);
    std::uint64_t connections();
    // Every command of every connection, in the order of arrival.
    std::vector<Command> commands();
    std::uint64_t count(const std::string &name);
    std::uint64_t bytes_sent();

private:
    void run();
    void accept_all();
    void serve(FakeConnection &connection, short events);
    void read_commands(FakeConnection &connection);
    void write_some(FakeConnection &connection);

    std::unique_ptr<TempDir> folder_;
    Endpoint endpoint_;
    Fd listener_;
    Fd wake_;
    std::mutex mutex_;
    bool stop_ = false;
    FakeBehaviour behaviour_;
    std::vector<Command> commands_;
    std::uint64_t accepted_ = 0;
    std::uint64_t bytes_sent_ = 0;
    std::map<std::uint64_t, std::unique_ptr<FakeConnection>> connections_;
    std::thread thread_;
};

}  // namespace exo::support
