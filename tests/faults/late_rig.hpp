// A client behind a proxy that keeps one of its commands back while the client goes on over a new connection; and the
// late arrival of that command. To be included after faults/expect.hpp's own includes: it asserts.
#pragma once

#include <algorithm>
#include <string>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

namespace exo::faults {

struct LateRig {
    support::RedisServer server;
    support::FaultProxy proxy{server.tcp()};
    Client direct{server.url()};
    Client client{proxy.url()};

    static support::FrameMatch script_on(const std::string &key) {
        return [key](const support::Frame &frame) {
            return frame.is_script() &&
                   std::find(frame.command->begin(), frame.command->end(), key) != frame.command->end();
        };
    }
    // The next script that names this key (or the nth) is kept back while its client sees a reset.
    support::RuleId hold_next(const std::string &key, std::uint64_t nth = 1) {
        support::Rule rule = support::Rule::hold_command(script_on(key));
        rule.nth = nth;
        return proxy.arm(rule);
    }
    // Lets it go and waits until the server has answered it.
    void let_it_arrive() {
        for (const support::LinkInfo &link : proxy.links()) {
            if (link.held > 0) {
                proxy.release(link.id);
                EXPECT_TRUE(proxy.wait_orphan_replies(link.id, 1));
                return;
            }
        }
        FAIL_TEST("nothing was held");
    }
};

}  // namespace exo::faults
