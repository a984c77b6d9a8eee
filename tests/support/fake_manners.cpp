// The ready-made behaviours of FakeServer: what a Redis 7 says in a handshake, and what speaks no Redis at all.
#include "support/fake_server.hpp"
#include "support/resp.hpp"

namespace exo::support {

namespace {

std::string info_text(const Manners &manners) {
    return "# Server\r\nredis_version:" + manners.version + "\r\nredis_mode:standalone\r\nrun_id:" + manners.run_id +
           "\r\n# Persistence\r\nloading:" + (manners.loading ? "1" : "0") +
           "\r\n# Replication\r\nrole:" + manners.role + "\r\nmaster_replid:" + manners.replication_id +
           "\r\nmaster_replid2:0000000000000000000000000000000000000000\r\n";
}

std::string subscription(const Command &command, const char *kind) {
    std::string result;
    for (std::size_t i = 1; i < command.size(); ++i) {
        result +=
            encode_array({encode_bulk(kind), encode_bulk(command[i]), encode_integer(static_cast<std::int64_t>(i))});
    }
    return result;
}

std::string client_reply(const Command &command) {
    const std::string word = command.size() > 1 ? upper(command[1]) : "";
    return word == "ID" ? encode_integer(7) : encode_status("OK");
}

}  // namespace

std::string polite_reply(const Command &command, const Manners &manners) {
    const std::string name = command.empty() ? "" : upper(command[0]);
    if (name == "AUTH" || name == "SELECT") {
        return encode_status("OK");
    }
    if (name == "PING") {
        return encode_status("PONG");
    }
    if (name == "HELLO") {
        return encode_array({encode_bulk("server"), encode_bulk("redis"), encode_bulk("version"),
                             encode_bulk(manners.version), encode_bulk("proto"), encode_integer(2), encode_bulk("role"),
                             encode_bulk(manners.role)});
    }
    if (name == "CLIENT") {
        return client_reply(command);
    }
    if (name == "INFO") {
        return encode_bulk(info_text(manners));
    }
    if (name == "SUBSCRIBE") {
        return subscription(command, "subscribe");
    }
    if (name == "UNSUBSCRIBE") {
        return subscription(command, "unsubscribe");
    }
    return "";
}

FakeBehaviour polite_then(std::function<void(FakeConnection &, const Command &)> then, Manners manners) {
    FakeBehaviour behaviour;
    behaviour.on_command = [then = std::move(then), manners = std::move(manners)](FakeConnection &connection,
                                                                                  const Command &command) {
        const std::string reply = polite_reply(command, manners);
        if (!reply.empty()) {
            connection.send(reply);
        } else if (then) {
            then(connection, command);
        }
    };
    return behaviour;
}

FakeBehaviour polite_then_bytes(std::string bytes, Manners manners) {
    return polite_then(
        [bytes = std::move(bytes)](FakeConnection &connection, const Command &) { connection.send(bytes); },
        std::move(manners));
}

FakeBehaviour banner(std::string bytes) {
    FakeBehaviour behaviour;
    behaviour.on_connect = [bytes](FakeConnection &connection) { connection.send(bytes); };
    behaviour.on_command = [bytes](FakeConnection &connection, const Command &) { connection.send(bytes); };
    return behaviour;
}

std::string http_banner() {
    return "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nnope";
}

std::string ssh_banner() { return "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"; }

std::string tls_alert_banner() { return std::string("\x15\x03\x01\x00\x02\x02\x46", 7); }

}  // namespace exo::support
