// Operations for any reference by its key: delete, time to live, inspect, list; and the ping.
#pragma once

#include <memory>
#include <string>

#include "refs/client.hpp"
#include "refs/info.hpp"

namespace exo::refs {

FuturePtr ping(const std::shared_ptr<Client> &client, std::int64_t timeout_ms);
FuturePtr delete_reference(const std::shared_ptr<Client> &client, const std::string &key, std::int64_t timeout_ms);
/// `ttl_ms` below zero: it lives for ever.
FuturePtr expire(const std::shared_ptr<Client> &client, const std::string &key, std::int64_t ttl_ms,
                 std::int64_t timeout_ms);
FuturePtr inspect(const std::shared_ptr<Client> &client, const std::string &key, std::int64_t timeout_ms);

/// A listing under way.
class Scan : public std::enable_shared_from_this<Scan> {
public:
    Scan(ClientLifePtr life, const std::string &pattern, std::string type);
    /// The future's info, or none at the end. One call at a time.
    FuturePtr next(std::int64_t timeout_ms);

private:
    friend class ScanOperation;
    const ClientLifePtr life_;
    const std::string pattern_;  ///< with the client's prefix
    const std::string type_;
    // On the loop.
    std::string cursor_ = "0";
    bool begun_ = false;
    bool busy_ = false;
    std::vector<std::string> keys_;
};

}  // namespace exo::refs
