// Opening, closing, and the table of references.
#include "refs/client.hpp"

#include <utility>

#include "base/random.hpp"
#include "redis/local/directory.hpp"
#include "redis/url.hpp"
#include "refs/body.hpp"
#include "refs/operation.hpp"
#include "refs/sweeper.hpp"

namespace exo::refs {

using base::Option;
using base::Status;

namespace {

redis::NodeConfig node_config(const redis::ParsedUrl &url, const base::OptionSet &options) {
    redis::NodeConfig config;
    config.kind = url.kind;
    config.host = url.host;
    config.port = url.port;
    config.path = url.path;
    config.shown = url.shown;
    config.username = options.text(Option::user);
    config.password = options.text(Option::password);
    config.database = static_cast<int>(options.count(Option::database));
    config.client_name = options.text(Option::name);
    config.connect_timeout = base::Millis(options.duration_ms(Option::connect_timeout));
    config.health_interval = base::Millis(options.duration_ms(Option::health_interval));
    config.backoff_max = base::Millis(options.duration_ms(Option::backoff_max));
    config.max_pending = static_cast<std::size_t>(options.count(Option::max_pending));
    config.max_pending_bytes = options.size(Option::max_pending_bytes);
    constexpr std::size_t kAroundValue = 65536;
    config.max_reply_bytes = options.size(Option::max_value_size) + kAroundValue;
    return config;
}

Settings settings_of(const base::OptionSet &options) {
    Settings settings;
    settings.timeout_ms = options.duration_ms(Option::timeout);
    settings.prefix = options.text(Option::prefix);
    settings.max_value_size = options.size(Option::max_value_size);
    settings.ring_value_limit = options.size(Option::ring_value_limit);
    settings.message_value_limit = options.size(Option::message_value_limit);
    settings.sweep_interval = base::Millis(options.duration_ms(Option::sweep_interval));
    settings.sweep_budget = options.count(Option::sweep_budget);
    settings.database = static_cast<std::uint64_t>(options.count(Option::database));
    return settings;
}

}  // namespace

base::Result<std::shared_ptr<Client>> Client::create(const char *url, const base::OptionSet &options, Hooks hooks) {
    const auto parsed = redis::parse_url(redis::choose_url(url));
    if (!parsed) return parsed.error();
    base::OptionSet merged = options;
    merged.merge(parsed->query);
    redis::NodeConfig config = node_config(*parsed, merged);
    if (config.kind == redis::NodeConfig::Kind::local) {
        // The working directory may change later; what was meant is what it is now.
        auto directory = redis::local::resolve(config.path);
        if (!directory) return directory.error();
        config.path = std::move(*directory);
    }

    auto loop = hooks.loop != nullptr ? loop::Loop::borrowed(hooks.loop) : loop::Loop::own_thread();
    if (!loop) return loop.error();

    const std::shared_ptr<Client> client(new Client());
    client->settings_ = settings_of(merged);
    client->session_ = base::random_hex_128();
    client->dispatcher_ = loop::Dispatcher::create(merged.text(Option::events) != "take");
    client->context_.loop = *loop;
    client->futures_ =
        std::make_shared<const Future::Home>(Future::Home{*loop, client->dispatcher_, client->settings_.timeout_ms});
    client->context_.stats = std::make_shared<base::Stats>();
    client->context_.log = std::make_shared<base::Log>();
    if (hooks.log) {
        client->context_.log->set_hook(
            [hook = std::move(hooks.log)](auto level, const char *category, const auto &line) {
                const loop::WakesLater::Suspended around_the_application;
                hook(level, category, line);
            });
    }
    client->sweeper_ = std::make_unique<Sweeper>(*client);
    client->lease_keeper_ = std::make_unique<LeaseKeeper>(*client);
    client->bodies_ = std::make_unique<BodyPool>(static_cast<std::size_t>(merged.count(Option::bodies)));
    // Last: from here on there is something to be closed.
    client->context_.node = redis::Node::create(*loop, std::move(config), client->context_.stats, client->context_.log);
    return client;
}

Client::~Client() = default;

FuturePtr Client::failed_future(base::ErrorPtr error) const {
    auto future = make_future();
    future->fail(std::move(error));
    return future;
}

void Client::count_references() { stats().set(base::Stat::references, static_cast<std::int64_t>(cells_.size())); }

base::ErrorPtr Client::unusable() const {
    if (forked())
        return base::make_error(Status::EFORK,
                                "the client was opened before this process was forked; open another one here");
    if (closed()) return base::make_error(Status::ECLOSED, "the client is closed");
    return nullptr;
}

void Client::close() {
    if (forked() || closed_.exchange(true)) return;
    alive_ = shared_from_this();
    // A task of one pointer needs no memory, and closing must not fail.
    const bool taken = loop().end([this] {
        const auto keep = std::exchange(alive_, nullptr);
        shut_down();
    });
    if (!taken) alive_ = nullptr;
}

void Client::shut_down() {
    sweeper_->stop();
    // Each one stopped leaves the set, and may take others along; one that waits for another leaves with that.
    while (!live_.empty()) {
        std::vector<std::shared_ptr<Operation>> all;
        for (Operation *one : live_) all.push_back(one->shared_from_this());
        for (const auto &one : all) one->stop(Status::ECLOSED);
    }
    lease_keeper_->stop();
    for (const auto &cell : cells_.all()) cell->close();
    node().close();
    dispatcher_->end();
}

bool Client::on_own_thread() const noexcept {
    return loop().on_loop() || dispatcher_->on_lane() || bodies_->on_thread();
}

bool Client::wait_closed(base::TimePoint deadline) {
    return loop().wait_ended(deadline) && bodies_->wait_idle(deadline) && dispatcher_->wait_ended(deadline);
}

namespace {

class ConnectOperation : public Operation {
public:
    ConnectOperation(ClientLifePtr life, std::int64_t timeout_ms)
        : Operation(life->client(), Subject{"connect", "", ""}, timeout_ms), life_(std::move(life)) {}

private:
    void run() override {
        client().node().when_ready([weak = weak_from_this()](const base::ErrorPtr &error) {
            const auto operation = std::static_pointer_cast<ConnectOperation>(weak.lock());
            if (!operation) return;
            if (error) return operation->fail(error);
            Results results;
            results.client = operation->life_;
            operation->succeed(std::move(results));
        });
    }
    void ended() override { life_ = nullptr; }

    ClientLifePtr life_;
};

}  // namespace

base::Result<ClientLifePtr> ClientLife::open(const char *url, const base::OptionSet &options, Client::Hooks hooks) {
    // First what closes it, then what is to be closed.
    const auto life = std::make_shared<ClientLife>();
    auto client = Client::create(url, options, std::move(hooks));
    if (!client) return client.error();
    life->client_ = std::move(*client);
    return life;
}

FuturePtr connect(const ClientLifePtr &life, std::int64_t timeout_ms) {
    if (timeout_ms != 0) return std::make_shared<ConnectOperation>(life, timeout_ms)->start();
    auto future = life->client()->make_future();
    Results results;
    results.client = life;
    future->complete(std::move(results));
    return future;
}

}  // namespace exo::refs
